"""Rendering: the regions of every note that is to be written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from thesisvault.notes.links import LinkTable
from thesisvault.notes.render import Renderer
from thesisvault.notes.views import NoteView
from thesisvault.workspace import Workspace, packaged


@dataclass(frozen=True)
class RenderedNote:
    """A note as Markdown: its view, the name and body of each region in order, and the day of its data."""

    view: NoteView
    regions: tuple[tuple[str, str], ...]
    as_of: dt.date


def render_notes(
    views: Iterable[NoteView], links: LinkTable, workspace: Workspace, as_of: dt.date
) -> list[RenderedNote]:
    """Return notes rendered by the templates of a workspace, which win over the packaged ones.

    Raises:
        DefinitionError: A template is broken.
    """
    folders = [workspace.templates, packaged("templates")]
    renderer = Renderer(folders, workspace.shown, follow_links=workspace.follow_links)
    return [RenderedNote(view, renderer.render(view, links), as_of) for view in views]

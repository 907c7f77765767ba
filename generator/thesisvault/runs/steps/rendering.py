"""Rendering: the regions of every note that is to be written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from thesisvault.notes.links import LinkTable
from thesisvault.notes.render import Renderer
from thesisvault.notes.views import NoteView
from thesisvault.runs.engine.engine import Engine
from thesisvault.workspace import Workspace, packaged


@dataclass(frozen=True)
class RenderedNote:
    """A note as Markdown: its view, the name and body of each region in order, and the day of its data."""

    view: NoteView
    regions: tuple[tuple[str, str], ...]
    as_of: dt.date


def render_notes(
    views: Iterable[NoteView],
    engine: Engine,
    links: LinkTable,
    workspace: Workspace,
    as_of: dt.date,
    *,
    trusted: bool,
) -> list[RenderedNote]:
    """Return notes rendered by the templates of a workspace, which win over the packaged ones.

    Args:
        views: The notes.
        engine: Knows those that were rendered before and would be the same.
        links: How names become links.
        workspace: The workspace.
        as_of: The last day of data.
        trusted: Whether code in definitions stays as it was typed, whatever runs it.

    Raises:
        DefinitionError: A template is broken.
    """
    folders = [workspace.templates, packaged("templates")]
    renderer = Renderer(folders, workspace.shown, trusted=trusted, follow_links=workspace.follow_links)
    return [
        RenderedNote(view, tuple(regions), as_of)
        for view, regions in (engine.regions(each, links, renderer.render, lambda: renderer.used) for each in views)
    ]

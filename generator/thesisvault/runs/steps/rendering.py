"""Rendering: what turns the view of a note into its regions."""

from __future__ import annotations

from collections.abc import Callable

from thesisvault.notes.links import LinkTable
from thesisvault.notes.render import Renderer
from thesisvault.notes.views import NoteView
from thesisvault.runs.engine.engine import Engine
from thesisvault.workspace import Workspace, packaged

Regions = Callable[[], tuple[tuple[str, str], ...]]
"""Gives name and body of each region of a note, in order."""


def rendering(
    engine: Engine, links: LinkTable, workspace: Workspace, *, trusted: bool
) -> Callable[[NoteView], Regions]:
    """Return what renders notes by the templates of a workspace, which win over the packaged ones.

    It raises a DefinitionError where a template is broken.

    Args:
        engine: Knows those that were rendered before and would be the same.
        links: How names become links.
        workspace: The workspace.
        trusted: Whether code in definitions stays as it was typed, whatever runs it.
    """
    folders = [workspace.templates, packaged("templates")]
    renderer = Renderer(folders, workspace.shown, trusted=trusted, follow_links=workspace.follow_links)

    def render(view: NoteView) -> Regions:
        return engine.regions(view, links, renderer.render, lambda: renderer.used)

    return render

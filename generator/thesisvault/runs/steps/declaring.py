"""Declaring to Obsidian which type each property has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from thesisvault.errors import Finding, Place
from thesisvault.vault import obsidian
from thesisvault.vault.changes import Changes
from thesisvault.workspace import Workspace


def declare_types(types: Mapping[str, str], workspace: Workspace, changes: Changes) -> list[Finding]:
    """Have the types of properties declared to Obsidian where they are missing; return what a person should know."""
    found = obsidian.declare_types(
        workspace.vault, changes, types, own=not workspace.corner, follow=workspace.follow_links
    )
    return [each.at(_shown(Path(each.place.path), workspace)) if each.place else each for each in found]


def _shown(path: Path, workspace: Workspace) -> Place:
    return Place((Path(workspace.shown(workspace.vault)) / path.relative_to(workspace.vault)).as_posix())

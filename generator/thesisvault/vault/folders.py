"""Folders that are links: found before anything is written or moved, because what lies behind one is not the vault."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from thesisvault.errors import DiskError, Finding, Place
from thesisvault.vault.write import FOLLOW
from thesisvault.workspace import Workspace


def is_link(path: Path) -> bool:
    """Return whether a path is a symbolic link, or a junction of Windows."""
    junction = getattr(path, "is_junction", None)  # from Python 3.12 on
    return path.is_symlink() or bool(junction and junction())


def linked_folders(workspace: Workspace, paths: Iterable[str]) -> list[Finding]:
    """Return a finding for each folder of the vault that is a link and must not be followed.

    The vault itself may be reached by a link, because the settings name it. With `follow_links` only those are found
    that lead back into the vault or to a folder around it: a note behind one would lie in two places.

    Args:
        workspace: The folders, and whether links are followed.
        paths: Paths in the vault of files that are to be written or moved; those need not exist.
    """
    vault = os.path.realpath(workspace.vault)
    seen: set[str] = set()
    found = []
    for path in sorted(set(paths)):
        inner = ""
        for part in path.split("/")[:-1]:
            inner = f"{inner}/{part}" if inner else part
            if inner in seen:
                continue
            seen.add(inner)
            folder = workspace.vault / inner
            if not is_link(folder):
                continue
            place = Place(f"{workspace.shown(workspace.vault)}/{inner}")
            if not workspace.follow_links:
                said = "the folder is a link, and nothing is written or moved through it."
                found.append(Finding(said, place, f"Put a folder in its place, or {FOLLOW}", code="linked-folder"))
            elif _contains(os.path.realpath(folder), vault) or _contains(vault, os.path.realpath(folder)):
                said = "the folder is a link that leads back into the vault, so each note would lie there twice."
                found.append(Finding(said, place, "Put a folder in its place.", code="linked-folder"))
            break
    return found


def refuse_linked(workspace: Workspace, paths: Iterable[str]) -> None:
    """Make sure that no folder of some files is a link which must not be followed.

    Raises:
        DiskError: One is; the error holds a finding for each.
    """
    found = linked_folders(workspace, paths)
    if found:
        raise DiskError(found)


def _contains(outer: str, inner: str) -> bool:
    return inner == outer or inner.startswith(outer.rstrip(os.sep) + os.sep)

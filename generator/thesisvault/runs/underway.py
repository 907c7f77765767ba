"""One build on its way: everything that its steps hand to one another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from thesisvault.definitions.read import read_settings
from thesisvault.market.store.store import Store
from thesisvault.notes.views import NoteView
from thesisvault.runs.lifecycle.memory import Memory
from thesisvault.runs.opening import (
    Opened,
    workspace_of,
)
from thesisvault.runs.report import Progress, Report
from thesisvault.runs.steps.trust import Trust
from thesisvault.vault.cache import warm_scan
from thesisvault.vault.index import VaultIndex
from thesisvault.workspace import Workspace


@dataclass
class Build:
    """One build on its way.

    Attributes:
        paths: Where the note of each id lies or will lie; those whose definition is gone are in it, too.
        deleted: Ids of notes that a person deleted.
        offered: Ids of definitions without a note, each with the id of the note, its own definition gone, that seems
            to be meant for it. Links lead to that note, and nothing is written until a person decides.
        untouched: Paths of notes that must not be written.
        adopting: Path of a note that is to become the note of its definition.
    """

    opened: Opened
    store: Store
    as_of: dt.date
    report: Report
    progress: Progress
    index: VaultIndex
    memory: Memory
    views: list[NoteView] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    offered: dict[str, str] = field(default_factory=dict)
    untouched: set[str] = field(default_factory=set)
    adopting: str | None = None
    intended: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    trust: Trust = field(default_factory=Trust)

    @property
    def workspace(self) -> Workspace:
        """Where everything lies."""
        return self.opened.workspace

    @property
    def unwritten(self) -> set[str]:
        """Ids of definitions whose notes are not written."""
        return self.deleted | self.offered.keys()


def scan_vault(root: Path) -> VaultIndex:
    """Return what is in the vault of a workspace, before its definitions are read."""
    return vault_index(workspace_of(root, read_settings(root)[0]))


def vault_index(workspace: Workspace) -> VaultIndex:
    """Return what is in the vault of a workspace; notes that have not changed since the last run are not read again."""
    return warm_scan(workspace.vault, workspace.cache, workspace.corner)


def foreign_names(index: VaultIndex) -> list[str]:
    """Return names and aliases of the notes that are not the generator's."""
    return [name for note in index.notes if not note.id for name in (note.basename, *note.aliases)]

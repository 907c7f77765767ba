"""Orphans: notes whose definition is gone stay, and say so in their `status`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from functools import partial

from msgspec import Struct

from thesisvault.errors import Finding, Place
from thesisvault.notes.regions import FreshNote, orphaned
from thesisvault.notes.settling import open_conflicts, settle
from thesisvault.runs.lifecycle.memory import NoteMemory
from thesisvault.runs.steps.placing import Placed
from thesisvault.vault.changes import Changes
from thesisvault.workspace import Workspace


class Orphans(Struct, frozen=True):
    """What became of notes whose definition is gone.

    Attributes:
        memory: What is to be remembered of those that are there.
        forgotten: Ids of those that are not there any more.
        findings: What a person should know.
    """

    memory: Mapping[str, NoteMemory]
    forgotten: frozenset[str]
    findings: tuple[Finding, ...]


def mark_orphans(
    current: Collection[str], placed: Placed, workspace: Workspace, changes: Changes, as_of: dt.date
) -> Orphans:
    """Have every note whose definition is gone say so.

    Args:
        current: Ids of the notes that the definitions ask for.
        placed: The paths of notes, and what is remembered of them.
        workspace: The folders.
        changes: Takes what is to be written.
        as_of: The last day of data.

    Raises:
        DiskError: A note cannot be read.
    """
    memory: dict[str, NoteMemory] = {}
    forgotten: set[str] = set()
    findings = []
    for key, known in placed.memory.notes.items():
        if key in current or key in placed.away:
            continue
        path = placed.paths.get(key, known.path)
        target = workspace.vault / path
        disk = changes.read(target) if key in placed.paths else None
        if disk is None:
            forgotten.add(key)
            continue
        memory[key] = known.model_copy(update={"orphaned": True, "path": path})
        mark = partial(_marked, as_of)
        text = mark(disk)
        if text is not None:
            changes.put(target, text, again=mark, alone=True)
        if key not in placed.offered.values():
            problem, hint = "the definition of this note is gone; the note stays.", "Take it away: thesisvault prune"
            findings.append(Finding(problem, Place(workspace.shown(target)), hint, "warning", "orphaned-note"))
        findings += open_conflicts((text or b"").decode("utf-8", "surrogateescape") or disk, workspace.shown(target))
    return Orphans(memory, frozenset(forgotten), tuple(findings))


def _marked(as_of: dt.date, disk: str | None) -> bytes | None:
    if disk is None:
        return None
    settled = settle(disk, FreshNote({}, ()), as_of=as_of).text
    text = orphaned(settled) or settled
    return None if text == disk else text.encode("utf-8", "surrogateescape")

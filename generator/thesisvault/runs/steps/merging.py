"""Merging: each rendered note joined with its file, so that whatever a person wrote in it stays."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import PurePosixPath

from msgspec import Struct

from thesisvault import instant
from thesisvault.conflicts import conflict, hunks
from thesisvault.digests import digest_of
from thesisvault.errors import Finding
from thesisvault.notes.properties.reading import day_of
from thesisvault.notes.properties.values import Value
from thesisvault.notes.regions import FreshNote, adopt, merge
from thesisvault.notes.settling import DAMAGED_HINT, open_conflicts, settle
from thesisvault.notes.targets import Leads
from thesisvault.notes.views import NoteView
from thesisvault.patterns import regex
from thesisvault.runs.engine.engine import Engine, KeptView
from thesisvault.runs.lifecycle.memory import NoteMemory
from thesisvault.runs.steps.placing import Placed
from thesisvault.runs.steps.rendering import Regions
from thesisvault.scalars import folded
from thesisvault.vault.changes import Changes
from thesisvault.vault.index import VaultIndex
from thesisvault.vault.note import NO_STAMP
from thesisvault.vault.write import seal
from thesisvault.words import day_in_words, plural
from thesisvault.workspace import Workspace
from thesisvault.written import plain

# The property of a spread carries its window, so it is known by its pattern only.
_SPREAD_KEY = regex(r"^(spread_\w+_pp):", re.MULTILINE)


class MergedNote(Struct):
    """A note joined with its file.

    A file that somebody changes between the merge and the write is merged again, so `memory`, `findings` and `damaged`
    are final only once everything is written.

    Attributes:
        id: Its id.
        path: Its path in the vault.
        memory: What is to be remembered of it.
        findings: What a person should know.
        damaged: Whether its markers or properties are damaged, so that it was left as it is.
        before: The last day of data with which it was written before.
    """

    id: str
    path: str
    memory: NoteMemory
    findings: tuple[Finding, ...] = ()
    damaged: bool = False
    before: dt.date | None = None


def newer(merged: Sequence[MergedNote], day: dt.date, *, asked: bool) -> Iterator[Finding]:
    """Yield what is to be said where the notes were last written with later data than this run has.

    Args:
        merged: The notes.
        day: The last day of data.
        asked: Whether somebody asked for that day.
    """
    ahead = [each.before for each in merged if each.before is not None and each.before > day]
    if ahead:
        problem = (
            f"the vault is newer than this run: {plural(len(ahead), 'note')} had data up to "
            f"{day_in_words(max(ahead))}, and this run has data up to {day_in_words(day)}."
        )
        hint = "" if asked else "Fetch the newer prices here too, then build again: thesisvault refresh"
        yield Finding(problem, hint=hint, level="info" if asked else "warning", code="newer-vault")


class Merger(Struct, dict=True):
    """Joins rendered notes with their files and has the result written.

    Attributes:
        placed: The paths of the notes, and what is remembered of them.
        workspace: The folders.
        engine: Knows which files are still as an earlier merge with the same note left them.
        changes: Takes what is to be written.
        index: The vault.
        as_of: The last day of data.
        adopting: Path of a note that is to become the note of its definition.
    """

    placed: Placed
    workspace: Workspace
    engine: Engine
    changes: Changes
    index: VaultIndex
    as_of: dt.date
    adopting: str | None

    @cached_property
    def _names(self) -> _Names:
        return _Names(self.placed, self.index)

    def merged(self, view: NoteView, regions: Regions) -> MergedNote:
        """Return a note joined with its file, which is to be written if it differs.

        Raises:
            DiskError: The file cannot be read.
        """
        path = self.placed.paths[view.id]
        known = self.placed.memory.notes.get(view.id)
        kept, found = self.engine.after.notes[view.id], self.index.by_path.get(path)
        place, stamp = digest_of(path, known), found.stamp if found else NO_STAMP
        target, is_adopted = self.workspace.vault / path, path == self.adopting
        if known and isinstance(view, KeptView) and kept.merged == (place, stamp) and not is_adopted:
            self.changes.keep(target)
            return MergedNote(view.id, path, known)
        note = MergedNote(view.id, path, known or NoteMemory(path=path))
        shown = self.workspace.shown(target)
        # What waits to be written must not hold its text, nor the file of its definition.
        properties, leads = plain(view.properties), self._names.seen_from(path)
        merge_one = _Merge(
            properties, regions, view.keys, note, shown, self.as_of, known, leads, kept.left, adopting=is_adopted
        )
        disk = self.changes.read(target)
        text = merge_one(disk)
        is_same = disk is not None and text == _bytes(disk)
        if is_same:
            self.changes.keep(target)
        elif text is not None:
            self.changes.put(target, text, again=merge_one, alone=True)
        is_silent = not note.findings and (note.before or self.as_of) <= self.as_of
        is_proven = max(stamp[1], stamp[2]) < self.index.read_at - instant.TICK
        kept.left = _digest(text) if text is not None and merge_one.is_sealed else ""
        kept.merged = (place, stamp) if is_same and is_silent and is_proven and note.memory == known else None
        return note


class _Names:
    """Which note each link path leads to, whatever the note is called now or was called when it was last written."""

    def __init__(self, placed: Placed, index: VaultIndex) -> None:
        self._index = index
        self._ids = {path: key for key, path in placed.paths.items()}
        self._former: dict[str, tuple[str, ...]] = {}
        self._by_name: dict[str, str] = {}
        for key, path in (*placed.paths.items(), *((key, note.path) for key, note in placed.memory.notes.items())):
            names = (PurePosixPath(path).stem, path.removesuffix(".md"))
            self._former[key] = names  # what is remembered comes last, and is what was written
            self._by_name |= {folded(name): key for name in names}

    def seen_from(self, source: str) -> Leads:
        """Return where the links of the note at a path lead."""

        def note(target: str) -> str | None:
            path = self._index.resolve(target, source)
            # A note that is about to be made, or was deleted, is on no disk.
            return self._by_name.get(folded(target)) if path is None else self._ids.get(path, path)

        return Leads(note, lambda found: self._former.get(found, ()))


class _Merge(Struct):
    """Joins one note with its file, as often as the file is read; see `vault.write.Again`."""

    properties: Mapping[str, Value]
    regions: Regions
    keys: frozenset[str]
    note: MergedNote
    shown: str
    as_of: dt.date
    known: NoteMemory | None
    leads: Leads
    left: str
    adopting: bool
    is_sealed: bool = False
    _was_there: bool = False

    def __call__(self, disk: str | None) -> bytes | None:
        if disk is None and self._was_there:
            return None  # it was deleted or moved while this run was on; the next one will find out
        self._was_there = disk is not None
        self.is_sealed = False
        known, note, fresh, shown = self.known, self.note, FreshNote(self.properties, self.regions()), self.shown
        removed = frozenset(known.removed) if known else frozenset()
        day, adopting, path = self.as_of, self.adopting, note.path
        settled = settle(disk or "", fresh, as_of=day, removed=removed, path=shown, adopting=adopting)
        note.before = day_of(settled.text)
        if not settled.readable:
            note.findings, note.damaged, note.memory = settled.findings, True, known or NoteMemory(path=path)
            return None if settled.text == disk else _bytes(settled.text)
        # What is known of a file counts only for these very bytes; it may be changed between one look and the next.
        is_left = bool(self.left) and settled.text == disk and _digest(_bytes(disk)) == self.left
        bring_up = adopt if disk is not None and adopting else partial(merge, is_left=is_left)
        joined = bring_up(
            settled.text,
            fresh,
            as_of=day,
            removed=removed,
            known=frozenset(known.regions) if known and disk is not None else frozenset(),
            owned_keys=self.keys | frozenset(_SPREAD_KEY.findall(disk or "")),
            leads=self.leads,
            path=shown,
        )
        self.is_sealed = joined.sealed
        note.findings = (*settled.findings, *joined.findings, *open_conflicts(joined.text, shown))
        note.damaged = joined.damaged
        if joined.damaged:
            note.memory = known or NoteMemory(path=path)
            if disk is not None and settled.text != disk:  # lines of what is not written mean nothing
                note.findings = tuple(conflict(hunks(disk), shown, DAMAGED_HINT))
            return None
        gone = (removed | joined.removed) - joined.restored
        note.memory = NoteMemory(path=path, regions=joined.regions, removed=tuple(sorted(gone)))
        return _bytes(joined.text)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _digest(data: bytes) -> str:
    return (seal(data) or b"").hex()

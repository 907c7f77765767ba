"""Merging: each rendered note joined with its file, so that whatever a person wrote in it stays."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from thesisvault import instant
from thesisvault.conflicts import conflict, hunks
from thesisvault.digests import digest_of
from thesisvault.errors import Finding
from thesisvault.notes.properties.reading import split
from thesisvault.notes.regions import FreshNote, adopt, merge
from thesisvault.notes.settling import DAMAGED_HINT, open_conflicts, settle
from thesisvault.notes.targets import Leads
from thesisvault.notes.views import NoteView
from thesisvault.runs.engine.engine import Engine, KeptView
from thesisvault.runs.lifecycle.memory import NoteMemory
from thesisvault.runs.steps.placing import Placed
from thesisvault.runs.steps.rendering import RenderedNote
from thesisvault.scalars import folded
from thesisvault.vault.changes import Changes
from thesisvault.vault.index import VaultIndex
from thesisvault.vault.note import NO_STAMP
from thesisvault.words import day_in_words, plural
from thesisvault.workspace import Workspace

_AS_OF = re.compile(r"^as_of:[ \t]*[\"']?(\d{4}-\d{2}-\d{2})", re.MULTILINE)
# The property of a spread carries its window, so it is known by its pattern only.
_SPREAD_KEY = re.compile(r"^(spread_\w+_pp):", re.MULTILINE)


@dataclass
class MergedNote:
    """A note joined with its file.

    A file that somebody changes between the merge and the write is merged again, so `memory`, `findings` and `damaged`
    are final only once everything is written.

    Attributes:
        view: What the note shows.
        path: Its path in the vault.
        memory: What is to be remembered of it.
        findings: What a person should know.
        damaged: Whether its markers or properties are damaged, so that it was left as it is.
        before: The last day of data with which it was written before.
    """

    view: NoteView
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


def merge_notes(
    rendered: Sequence[RenderedNote],
    placed: Placed,
    workspace: Workspace,
    engine: Engine,
    changes: Changes,
    index: VaultIndex,
    adopting: str | None,
) -> list[MergedNote]:
    """Join every rendered note with its file and have the result written.

    Args:
        rendered: The notes.
        placed: Their paths, and what is remembered of them.
        workspace: The folders.
        engine: Knows which files are still as an earlier merge with the same note left them.
        changes: Takes what is to be written.
        index: The vault.
        adopting: Path of a note that is to become the note of its definition.

    Raises:
        DiskError: A note cannot be read.
    """
    merged, names = [], _Names(placed, index)
    for each in rendered:
        path = placed.paths[each.view.id]
        known = placed.memory.notes.get(each.view.id)
        kept, found = engine.after.notes[each.view.id], index.by_path.get(path)
        place, stamp = digest_of(path, known), found.stamp if found else NO_STAMP
        if known and isinstance(each.view, KeptView) and kept.merged == (place, stamp) and path != adopting:
            changes.keep(workspace.vault / path)
            merged.append(MergedNote(each.view, path, known))
            continue
        merge_one = _Merge(each, workspace, path, known, names.seen_from(path), adopting=path == adopting)
        target = workspace.vault / path
        disk = changes.read(target)
        text = merge_one(disk)
        if text is not None:
            changes.put(target, text, again=merge_one, alone=True)
        merged.append(merge_one.note)
        is_same = disk is not None and text == disk.encode("utf-8", "surrogateescape") and not merge_one.note.findings
        is_proven = max(stamp[1], stamp[2]) < index.read_at - instant.TICK
        kept.merged = (place, stamp) if is_same and is_proven and merge_one.note.memory == known else None
    return merged


def _day_of(text: str) -> dt.date | None:
    """Return the `as_of` of a note; None if it has none, or something else stands there."""
    found = _AS_OF.search(split(text)[0] or "") if "as_of" in text else None
    try:
        return dt.date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


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


@dataclass
class _Merge:
    """Joins one note with its file, as often as the file is read; see `vault.write.Again`."""

    rendered: RenderedNote
    workspace: Workspace
    path: str
    known: NoteMemory | None
    leads: Leads
    adopting: bool
    note: MergedNote = field(init=False)
    _was_there: bool = False

    def __post_init__(self) -> None:
        self.note = MergedNote(self.rendered.view, self.path, self.known or NoteMemory(path=self.path))

    def __call__(self, disk: str | None) -> bytes | None:
        if disk is None and self._was_there:
            return None  # it was deleted or moved while this run was on; the next one will find out
        self._was_there = disk is not None
        view, known, note = self.rendered.view, self.known, self.note
        fresh = FreshNote(view.properties, self.rendered.regions)
        shown = self.workspace.shown(self.workspace.vault / self.path)
        removed = frozenset(known.removed) if known else frozenset()
        day, adopting = self.rendered.as_of, self.adopting
        settled = settle(disk or "", fresh, as_of=day, removed=removed, path=shown, adopting=adopting)
        note.before = _day_of(settled.text)
        if not settled.readable:
            note.findings, note.damaged, note.memory = settled.findings, True, known or NoteMemory(path=self.path)
            return None if settled.text == disk else settled.text.encode("utf-8", "surrogateescape")
        joined = (adopt if disk is not None and adopting else merge)(
            settled.text,
            fresh,
            as_of=day,
            removed=removed,
            known=frozenset(known.regions) if known and disk is not None else frozenset(),
            owned_keys=view.keys | frozenset(_SPREAD_KEY.findall(disk or "")),
            leads=self.leads,
            path=shown,
        )
        note.findings = (*settled.findings, *joined.findings, *open_conflicts(joined.text, shown))
        note.damaged = joined.damaged
        if joined.damaged:
            note.memory = known or NoteMemory(path=self.path)
            if disk is not None and settled.text != disk:  # lines of what is not written mean nothing
                note.findings = tuple(conflict(hunks(disk), shown, DAMAGED_HINT))
            return None
        gone = (removed | joined.removed) - joined.restored
        note.memory = NoteMemory(path=self.path, regions=joined.regions, removed=tuple(sorted(gone)))
        return joined.text.encode("utf-8", "surrogateescape")

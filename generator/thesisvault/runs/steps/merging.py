"""Merging: each rendered note joined with its file, so that whatever a person wrote in it stays."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from thesisvault.errors import Finding
from thesisvault.notes.regions import FreshNote, adopt, merge
from thesisvault.notes.views import NoteView
from thesisvault.runs.lifecycle.memory import NoteMemory
from thesisvault.runs.steps.placing import Placed
from thesisvault.runs.steps.remembering import LISTS, Intended, digests, last_written
from thesisvault.runs.steps.rendering import RenderedNote
from thesisvault.vault.changes import Changes
from thesisvault.workspace import Workspace

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
    """

    view: NoteView
    path: str
    memory: NoteMemory
    findings: tuple[Finding, ...] = ()
    damaged: bool = False


def merge_notes(
    rendered: Sequence[RenderedNote],
    placed: Placed,
    workspace: Workspace,
    changes: Changes,
    intended: Intended,
    adopting: str | None,
) -> list[MergedNote]:
    """Join every rendered note with its file and have the result written.

    Args:
        rendered: The notes.
        placed: Their paths, and what is remembered of them.
        workspace: The folders.
        changes: Takes what is to be written.
        intended: What a run that was killed meant to write.
        adopting: Path of a note that is to become the note of its definition.

    Raises:
        DiskError: A note cannot be read.
    """
    merged = []
    for each in rendered:
        path, key = placed.paths[each.view.id], each.view.id
        known = placed.memory.notes.get(key)
        merge_one = _Merge(each, workspace, path, known, intended.get(key, {}), adopting=path == adopting)
        target = workspace.vault / path
        text = merge_one(changes.read(target))
        if text is not None:
            changes.put(target, text, again=merge_one, alone=True)
        merged.append(merge_one.note)
    return merged


@dataclass
class _Merge:
    """Joins one note with its file, as often as the file is read; see `vault.write.Again`."""

    rendered: RenderedNote
    workspace: Workspace
    path: str
    known: NoteMemory | None
    intended: Mapping[str, str]
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
        joined = (adopt if disk is not None and self.adopting else merge)(
            disk or "",
            FreshNote(view.properties, self.rendered.regions),
            as_of=self.rendered.as_of,
            removed=frozenset(known.removed) if known else frozenset(),
            known=frozenset(known.regions) if known and disk is not None else frozenset(),
            previous=last_written(disk, known, self.intended),
            owned_keys=view.keys | frozenset(_SPREAD_KEY.findall(disk or "")),
            path=self.workspace.shown(self.workspace.vault / self.path),
        )
        note.findings, note.damaged = joined.findings, joined.damaged
        if joined.damaged:
            note.memory = known or NoteMemory(path=self.path)
            return None
        gone = ((frozenset(known.removed) if known else frozenset()) | joined.removed) - joined.restored
        lists = {name: tuple(map(str, getattr(view, name))) for name in LISTS}
        note.memory = NoteMemory(
            path=self.path,
            regions=joined.regions,
            removed=tuple(sorted(gone)),
            properties=digests(view.properties),
            **lists,
        )
        return joined.text.encode("utf-8", "surrogateescape")

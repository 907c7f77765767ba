"""Merging: each rendered note joined with its file, so that whatever a person wrote in it stays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from thesisvault.errors import Finding
from thesisvault.notes.regions import FreshNote, adopt, merge
from thesisvault.notes.targets import Leads
from thesisvault.notes.views import NoteView
from thesisvault.runs.lifecycle.memory import NoteMemory
from thesisvault.runs.steps.placing import Placed
from thesisvault.runs.steps.rendering import RenderedNote
from thesisvault.scalars import folded
from thesisvault.vault.index import VaultIndex
from thesisvault.vault.write import Changes
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
    index: VaultIndex,
    adopting: str | None,
) -> list[MergedNote]:
    """Join every rendered note with its file and have the result written.

    Args:
        rendered: The notes.
        placed: Their paths, and what is remembered of them.
        workspace: The folders.
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
        merge_one = _Merge(each, workspace, path, known, names.seen_from(path), adopting=path == adopting)
        target = workspace.vault / path
        text = merge_one(changes.read(target))
        if text is not None:
            changes.put(target, text, again=merge_one)
        merged.append(merge_one.note)
    return merged


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
        joined = (adopt if disk is not None and self.adopting else merge)(
            disk or "",
            FreshNote(view.properties, self.rendered.regions),
            as_of=self.rendered.as_of,
            removed=frozenset(known.removed) if known else frozenset(),
            known=frozenset(known.regions) if known and disk is not None else frozenset(),
            owned_keys=view.keys | frozenset(_SPREAD_KEY.findall(disk or "")),
            leads=self.leads,
            path=self.workspace.shown(self.workspace.vault / self.path),
        )
        note.findings, note.damaged = joined.findings, joined.damaged
        if joined.damaged:
            note.memory = known or NoteMemory(path=self.path)
            return None
        gone = ((frozenset(known.removed) if known else frozenset()) | joined.removed) - joined.restored
        note.memory = NoteMemory(path=self.path, regions=joined.regions, removed=tuple(sorted(gone)))
        return joined.text.encode("utf-8", "surrogateescape")

"""The tool's own memory that must last: id and path of each note, its regions, and what a person removed.

The file is `data/notes.yaml`. It goes into git and is written last in a build. It is YAML so that a merge of two
branches can be resolved by hand, and is read like any other definition.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from pydantic import Field

from thesisvault.conflicts import conflict, hunks, side
from thesisvault.definitions.packing import made_of
from thesisvault.definitions.read import linked_out
from thesisvault.definitions.reading.load import Tree, parse_tree, read_text
from thesisvault.definitions.reading.validate import validate, validate_mapping
from thesisvault.digests import digest_of
from thesisvault.errors import DefinitionError, Finding
from thesisvault.fields import InnerFolder, Name, NotePath, Truth
from thesisvault.model import Model
from thesisvault.opening import read_plain
from thesisvault.sealed import read_value, write_value
from thesisvault.vault.changes import Changes
from thesisvault.workspace import Workspace
from thesisvault.written import plain

_PLACE = "/"
"""The key of the vault and folder; no definition has such an id."""
LARGEST_MEMORY = 50_000_000
"""The most bytes of the memory: that of some fifty thousand notes."""
MOST_REMEMBERED = 600_000
"""The most keys and values in it."""
FILE = "memory.kept"
"""What the file said when it was read last, among the caches."""
_KEPT_HEAD = "thesisvault memory 1"
_HEAD = "# Written by thesisvault: where each note lies and what was removed by hand. Keep it in git.\n"


class NoteMemory(Model):
    """What is remembered of one note."""

    path: NotePath
    """Its path in the vault."""
    regions: tuple[Name, ...] = ()
    """The regions that were written last."""
    removed: tuple[Name, ...] = ()
    """Regions that a person removed."""
    deleted: Truth = False
    """Whether a person deleted the note."""
    orphaned: Truth = False
    """Whether its definition is gone."""
    renaming: NotePath | None = None
    """Its path after a rename that has begun; absent once the links to it are rewritten and the file is moved."""
    # Earlier versions remembered here what a note now says itself; see `notes.properties.marks`.
    aliases: tuple[Name, ...] = Field((), exclude=True)
    tags: tuple[Name, ...] = Field((), exclude=True)
    properties: dict[Name, Name] = Field(default_factory=dict, exclude=True)


class Belonging(Model):
    """The vault and the folder of it whose notes are remembered."""

    vault: Name
    """The folder that Obsidian opens, as the settings name it."""
    folder: InnerFolder | None = None
    """The folder in it; left out, all of it."""


class Memory(Struct, frozen=True):
    """What is remembered of all notes, by their ids.

    Attributes:
        notes: What is remembered of each.
        place: The vault and the folder that they lie in; None where an older version did not say.
        findings: What is to be said of the file.
    """

    notes: dict[str, NoteMemory]
    place: Belonging | None = None
    findings: tuple[Finding, ...] = ()

    def with_notes(self, notes: Mapping[str, NoteMemory]) -> Memory:
        """Return the memory with what is remembered of all notes replaced."""
        return Memory(dict(notes), self.place, self.findings)

    def with_note(self, key: str, note: NoteMemory) -> Memory:
        """Return the memory with what is remembered of one note replaced."""
        return self.with_notes({**self.notes, key: note})

    def without(self, *keys: str) -> Memory:
        """Return the memory without some notes."""
        return self.with_notes({key: note for key, note in self.notes.items() if key not in keys})

    def text(self) -> str:
        """Return the memory as it is written to disk, sorted by id."""
        lines = [_HEAD]
        if self.place is not None:
            folder = f"\n  folder: {_quoted(self.place.folder)}" if self.place.folder else ""
            lines.append(f"{_quoted(_PLACE)}:\n  vault: {_quoted(self.place.vault)}{folder}\n")
        for key in sorted(self.notes):
            note = self.notes[key]
            fields = [f"path: {_quoted(note.path)}", f"regions: {_list(note.regions)}"]
            if note.renaming:
                fields.append(f"renaming: {_quoted(note.renaming)}")
            if note.removed:
                fields.append(f"removed: {_list(note.removed)}")
            fields += [f"{name}: true" for name in ("deleted", "orphaned") if getattr(note, name)]
            lines.append(f"{_quoted(key)}:\n" + "".join(f"  {field}\n" for field in fields))
        return "".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _list(words: tuple[str, ...]) -> str:
    return "[" + ", ".join(_quoted(word) for word in words) + "]"


def read_memory(workspace: Workspace, code: str = "") -> Memory:
    """Return the memory of a workspace; an empty one where there is none yet.

    Of a memory in a merge conflict both versions are read and what either knows is put together.

    Args:
        workspace: The workspace.
        code: Digest of the code. With it the file is not read again while it is as an earlier run has read it.

    Raises:
        DefinitionError: The file is broken. It is never guessed at, because it holds what a person removed.
    """
    if not os.path.lexists(workspace.memory):
        return Memory({})
    if findings := linked_out(workspace, workspace.memory):
        raise DefinitionError(findings)
    shown = workspace.shown(workspace.memory)
    text = _in_conflict(workspace.memory)
    found = hunks(text)
    if not found:
        return _kept_or_read(workspace, code, *read_text(workspace.memory, shown, LARGEST_MEMORY))
    try:
        versions = [_read(*parse_tree(side(text, which), shown, MOST_REMEMBERED)) for which in range(2)]
    except DefinitionError:
        raise DefinitionError(list(conflict(found, shown, "Keep the entries of both and delete the signs."))) from None
    said = tuple(conflict(found, shown, "", "warning", ": what either version remembers counts"))
    return _joined(versions[0], versions[1], workspace, said)


def _kept_or_read(workspace: Workspace, code: str, text: str | None, unread: list[Finding]) -> Memory:
    if text is None:
        raise DefinitionError(unread)
    head = f"{_KEPT_HEAD} {code} {digest_of(text)}"
    if code and (found := read_value(workspace.cache / FILE, head)):
        where, known = found
        return _made(known, where)
    memory = _read(*parse_tree(text, workspace.shown(workspace.memory), MOST_REMEMBERED))
    if code:
        notes = {key: _written(note) for key, note in memory.notes.items()}
        write_value(workspace.cache / FILE, head, (_written(memory.place) if memory.place else None, notes))
    return memory


def _in_conflict(path: Path) -> str:
    """Return the text of a memory that holds the signs of a merge; nothing of any other, or of what is no file."""
    try:
        data = read_plain(path, LARGEST_MEMORY)
    except OSError:
        return ""  # reading it says what is wrong
    return data.decode("utf-8-sig", errors="replace") if b"<<<<<<<" in data else ""


def _read(tree: Tree | None, findings: list[Finding]) -> Memory:
    if tree is not None:
        notes, findings = validate_mapping(NoteMemory, tree, besides=(_PLACE,))
        place: Belonging | None = None
        if isinstance(tree.value, dict) and _PLACE in tree.value:
            place, wrong = validate(Belonging, tree, (_PLACE,))
            findings += wrong
        if not findings:
            # Texts that know their places would hold all of the file; nobody asks where a remembered path stands.
            return _made({str(key): _written(note) for key, note in notes.items()}, _written(place) if place else None)
    raise DefinitionError(findings)


def _made(notes: Mapping[str, dict[str, Any]], place: dict[str, Any] | None) -> Memory:
    """Return the memory whose entries have these fields."""
    return Memory(
        {key: made_of(NoteMemory, each) for key, each in notes.items()}, made_of(Belonging, place) if place else None
    )


def _written(model: Model) -> dict[str, Any]:
    return {name: plain(getattr(model, name)) for name in model.model_fields_set}


def _joined(one: Memory, other: Memory, workspace: Workspace, said: tuple[Finding, ...]) -> Memory:
    """Return what either of two versions remembers: whatever a person removed or deleted stays so."""
    notes = {**other.notes, **one.notes}
    for key in one.notes.keys() & other.notes.keys():
        mine, theirs = one.notes[key], other.notes[key]
        first, second = (theirs, mine) if (workspace.vault / theirs.path).is_file() else (mine, theirs)
        if (workspace.vault / mine.path).is_file():
            first, second = mine, theirs
        notes[key] = first.model_copy(
            update={
                "regions": tuple(name for name in first.regions if name in second.regions),
                "removed": tuple(sorted({*first.removed, *second.removed})),
                "deleted": first.deleted or second.deleted,
                "orphaned": first.orphaned and second.orphaned,
                "renaming": first.renaming or second.renaming,
            }
        )
    places = [each for each in (one.place, other.place) if each is not None]
    here = [each for each in places if (each.folder or "") == workspace.corner]
    return Memory(notes, next(iter(here or places), None), said)


def write_memory(workspace: Workspace, memory: Memory) -> None:
    """Write the memory of a workspace.

    Raises:
        DiskError: It cannot be written.
    """
    changes = Changes(workspace.root)
    changes.put_last(workspace.memory, lambda: memory.text().encode())
    changes.apply()

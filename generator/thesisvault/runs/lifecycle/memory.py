"""The tool's own memory that must last: id and path of each note, its regions, and what a person removed.

The file is `data/notes.yaml`. It goes into git and is written last in a build. It is YAML so that a merge of two
branches can be resolved by hand, and is read like any other definition.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from pydantic import Field

from thesisvault.definitions.reading.load import read_tree
from thesisvault.definitions.reading.validate import validate_mapping
from thesisvault.errors import DefinitionError
from thesisvault.fields import Name, Truth
from thesisvault.model import Model
from thesisvault.vault.write import Changes
from thesisvault.workspace import Workspace

_HEAD = "# Written by thesisvault: where each note lies and what was removed by hand. Keep it in git.\n"


class NoteMemory(Model):
    """What is remembered of one note."""

    path: Name
    """Its path in the vault."""
    regions: tuple[Name, ...] = ()
    """The regions that were written last."""
    removed: tuple[Name, ...] = ()
    """Regions that a person removed."""
    deleted: Truth = False
    """Whether a person deleted the note."""
    orphaned: Truth = False
    """Whether its definition is gone."""
    renaming: Name | None = None
    """Its path after a rename that has begun; absent once the links to it are rewritten and the file is moved."""
    aliases: tuple[Name, ...] = ()
    """The aliases that were written last, so that one that left the definition can leave the note."""
    tags: tuple[Name, ...] = ()
    """The tags that were written last."""
    properties: dict[Name, Name] = Field(default_factory=dict)
    """The digest of each other property as it was written last, so that a value of a person's can be told from ours."""


@dataclass(frozen=True)
class Memory:
    """What is remembered of all notes, by their ids."""

    notes: dict[str, NoteMemory]

    def with_note(self, key: str, note: NoteMemory) -> Memory:
        """Return the memory with what is remembered of one note replaced."""
        return Memory({**self.notes, key: note})

    def without(self, *keys: str) -> Memory:
        """Return the memory without some notes."""
        return Memory({key: note for key, note in self.notes.items() if key not in keys})

    def text(self) -> str:
        """Return the memory as it is written to disk, sorted by id."""
        lines = [_HEAD]
        for key in sorted(self.notes):
            note = self.notes[key]
            fields = [f"path: {_quoted(note.path)}", f"regions: {_list(note.regions)}"]
            if note.renaming:
                fields.append(f"renaming: {_quoted(note.renaming)}")
            if note.removed:
                fields.append(f"removed: {_list(note.removed)}")
            fields += [f"{name}: {_list(getattr(note, name))}" for name in ("aliases", "tags") if getattr(note, name)]
            if note.properties:
                inner = ", ".join(f"{_quoted(name)}: {_quoted(kept)}" for name, kept in note.properties.items())
                fields.append(f"properties: {{{inner}}}")
            fields += [f"{name}: true" for name in ("deleted", "orphaned") if getattr(note, name)]
            lines.append(f"{_quoted(key)}:\n" + "".join(f"  {field}\n" for field in fields))
        return "".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _list(words: tuple[str, ...]) -> str:
    return "[" + ", ".join(_quoted(word) for word in words) + "]"


def read_memory(workspace: Workspace) -> Memory:
    """Return the memory of a workspace; an empty one where there is none yet.

    Raises:
        DefinitionError: The file is broken. It is never guessed at, because it holds what a person removed.
    """
    if not workspace.memory.is_file():
        return Memory({})
    tree, findings = read_tree(workspace.memory, workspace.shown(workspace.memory))
    if tree is not None:
        notes, more = validate_mapping(NoteMemory, tree)
        if not more:
            return Memory(dict(notes))
        findings = more
    raise DefinitionError(findings)


def write_memory(workspace: Workspace, memory: Memory) -> None:
    """Write the memory of a workspace.

    Raises:
        DiskError: It cannot be written.
    """
    changes = Changes(workspace.root)
    changes.put_last(workspace.memory, lambda: memory.text().encode())
    changes.apply()

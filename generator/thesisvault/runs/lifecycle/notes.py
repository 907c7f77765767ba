"""The notes of a workspace as a command finds them: what is defined, what is remembered, and the path of each note."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Container, Iterator
from pathlib import Path

from msgspec import Struct

from thesisvault.definitions.library import Library
from thesisvault.errors import UsageError, did_you_mean
from thesisvault.runs.lifecycle.belonging import settle
from thesisvault.runs.lifecycle.memory import Memory, read_memory
from thesisvault.runs.lifecycle.moving import finish_renames
from thesisvault.runs.report import Report
from thesisvault.runs.steps.compose.sources import SOURCES_ID, SOURCES_TITLE, asks_for_sources
from thesisvault.runs.steps.neighbors import find_neighbors
from thesisvault.runs.steps.placing import Located, kind_and_key, locate
from thesisvault.runs.steps.usage import Target, usages
from thesisvault.scalars import folded, odd_path
from thesisvault.session import Session
from thesisvault.workspace import Workspace


class Notes(Struct, frozen=True):
    """The notes of a workspace.

    Attributes:
        workspace: Where they are.
        library: The definitions.
        memory: What is remembered of every note.
        located: The path of every note.
        ids: The ids of the notes that the definitions in use ask for.
    """

    workspace: Workspace
    library: Library
    memory: Memory
    located: Located
    ids: frozenset[str]

    def is_away(self, key: str) -> bool:
        """Return whether the file of a note is there, but not its text."""
        return key not in self.located.paths and self.memory.notes[key].path in self.located.away

    def refuse_away(self, key: str) -> None:
        """Make sure that the text of a note is there, at a path that can be remembered.

        Raises:
            UsageError: It is not.
        """
        path = self.located.paths.get(key, "")
        if why := odd_path(path):
            hint = "Give the note or its folder another name in Obsidian first."
            raise UsageError(f'"{path}" is a path which {why}.', hint=hint)
        if self.is_away(key):
            path = self.memory.notes[key].path
            hint = "Have the sync client fetch it, or make it readable, and try again."
            raise UsageError(f"{path} is there, but its text is not.", hint=hint)

    def id_of(self, name: str) -> str:
        """Return the id of a note named by its id, title, alias, ticker, path or file name.

        Raises:
            UsageError: No note of that name was ever built.
        """
        library, memory = self.library, self.memory
        names = {folded(each): key for key in memory.notes for each in _more_names(library, key)}
        names |= {folded(title): key for key in memory.notes if (title := title_of(library, key))}
        names |= {folded(ticker): f"instrument/{ticker}" for ticker in library.instruments}
        for key, note in memory.notes.items():
            path = self.located.paths.get(key, note.path)
            stem = Path(path).stem
            names |= {folded(each): key for each in (key, note.path, path, Path(note.path).stem, stem, f"{stem}.md")}
        found = names.get(folded(in_vault(self.workspace, name)))
        if found is None or found not in memory.notes:
            raise UsageError(f'no note "{name}" was built here.', hint=did_you_mean(name, names))
        return found


def read_notes(session: Session, report: Report, as_of: dt.date | None = None) -> Notes:
    """Return the notes of a workspace, after finishing renames that were cut off; the lock is held.

    Raises:
        DefinitionError: A definition or the memory is broken.
    """
    memory = finish_renames(session, settle(session, read_memory(session.workspace), report), report)
    library = session.sound_library(as_of)
    index = session.index
    corner = session.workspace.corner
    ids = definition_ids(library, find_neighbors(library, index, memory, corner))
    return Notes(session.workspace, library, memory, locate(index, memory, corner), ids)


def in_vault(workspace: Workspace, name: str) -> str:
    """Return the path of a note as messages show it, or its whole path, as one in the vault; other names as they are.

    >>> from thesisvault.workspace import workspace_at
    >>> root = Path("/no/such/ws")
    >>> in_vault(workspace_at(root), "vault/Theses/One.md"), in_vault(workspace_at(root), "Theses/One.md")
    ('Theses/One.md', 'Theses/One.md')
    """
    whole = Path(os.path.normpath(workspace.root / name))
    return whole.relative_to(workspace.vault).as_posix() if workspace.vault in whole.parents else name


def _more_names(library: Library, note_id: str) -> Iterator[str]:
    """Yield the id of a note without its kind, and its aliases."""
    kind, key = kind_and_key(note_id)
    yield key
    if kind == "thesis" and key in library.definitions:
        yield from library.definitions[key].head.aliases
    elif kind == "basket" and key in library.baskets:
        yield from library.baskets[key].aliases
    elif kind == "instrument" and key in library.instruments:
        yield from library.instruments[key].aliases
    elif kind == "entity" and key in library.entities:
        yield from library.entities[key].aliases


def title_of(library: Library, note_id: str) -> str | None:
    """Return the title of the definition of a note; None if it is gone."""
    kind, key = kind_and_key(note_id)
    if note_id == "home":
        return "Home"
    if note_id == SOURCES_ID:
        return SOURCES_TITLE
    if kind == "thesis":
        return library.definitions[key].title if key in library.definitions else None
    if kind == "basket":
        return library.baskets[key].title if key in library.baskets else None
    if kind == "instrument":
        return library.instruments[key].name if key in library.instruments else None
    return library.entities[key].name if key in library.entities else None


def definition_ids(library: Library, neighbors: Container[Target]) -> frozenset[str]:
    """Return the ids of the notes that the definitions in use ask for.

    Args:
        library: The definitions.
        neighbors: What a person has a note of their own for; an entity among them gets none of ours.
    """
    used = (f"{kind}/{key}" for kind, key in usages(library) if kind != "entity" or (kind, key) not in neighbors)
    sources = (SOURCES_ID,) if asks_for_sources(library) else ()
    return frozenset({*library.definitions, *used, "home", *sources})

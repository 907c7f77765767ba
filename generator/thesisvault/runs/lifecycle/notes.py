"""The notes of a workspace as a command finds them: what is defined, what is remembered, and the path of each note."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from thesisvault.definitions.library import Library
from thesisvault.errors import UsageError, did_you_mean
from thesisvault.runs.lifecycle.belonging import settle
from thesisvault.runs.lifecycle.memory import Memory, read_memory
from thesisvault.runs.lifecycle.moving import finish_renames
from thesisvault.runs.report import Report
from thesisvault.runs.steps.composing import entities_of
from thesisvault.runs.steps.placing import Located, kind_and_key, locate
from thesisvault.runs.steps.usage import usages
from thesisvault.scalars import folded
from thesisvault.session import Session


@dataclass(frozen=True)
class Notes:
    """The notes of a workspace.

    Attributes:
        library: The definitions.
        memory: What is remembered of every note.
        located: The path of every note.
    """

    library: Library
    memory: Memory
    located: Located

    def id_of(self, name: str) -> str:
        """Return the id of a note named by its id, title, ticker, path or file name.

        Raises:
            UsageError: No note of that name was ever built.
        """
        library, memory = self.library, self.memory
        names = {folded(title): key for key in memory.notes if (title := title_of(library, key))}
        names |= {folded(ticker): f"instrument/{ticker}" for ticker in library.instruments}
        for key, note in memory.notes.items():
            path = self.located.paths.get(key, note.path)
            stem = Path(path).stem
            names |= {folded(each): key for each in (key, note.path, path, Path(note.path).stem, stem, f"{stem}.md")}
        found = names.get(folded(name))
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
    return Notes(library, memory, locate(session.index, memory, session.workspace.corner))


def title_of(library: Library, note_id: str) -> str | None:
    """Return the title of the definition of a note; None if it is gone."""
    kind, key = kind_and_key(note_id)
    if note_id == "home":
        return "Home"
    if kind == "thesis":
        return library.definitions[key].model.title if key in library.definitions else None
    if kind == "basket":
        return library.baskets[key].title if key in library.baskets else None
    if kind == "instrument":
        return library.instruments[key].name if key in library.instruments else None
    return library.entities[key].name if key in library.entities else None


def definition_ids(library: Library, persons: Iterable[str]) -> frozenset[str]:
    """Return the ids of the notes that the definitions in use ask for.

    Args:
        library: The definitions.
        persons: Names of a person's own notes, which stand for entities of those names.
    """
    theirs = entities_of(persons, library)
    used = (f"{kind}/{key}" for kind, key in usages(library) if kind != "entity" or key not in theirs)
    return frozenset({*library.definitions, *used, "home"})

"""Finding the file of a note by any of its names. Nothing is written, and no lock is taken."""

from __future__ import annotations

from thesisvault.errors import UsageError
from thesisvault.runs.lifecycle.memory import read_memory
from thesisvault.runs.lifecycle.notes import Notes, in_vault
from thesisvault.runs.steps.placing import locate
from thesisvault.scalars import folded
from thesisvault.session import Session


def find_note(session: Session, name: str) -> str:
    """Return the path of a note in the vault, with its suffix: one that was built, or one of a person's own.

    Args:
        session: The run.
        name: Title, id, ticker, file name or path of the note.

    Raises:
        UsageError: There is no such note, several of a person's own have the name, or its file is gone.
        DefinitionError: The memory of notes is broken.
    """
    workspace, index = session.workspace, session.index
    memory = read_memory(workspace)
    notes = Notes(workspace, session.library, memory, locate(index, memory, workspace.corner), frozenset())
    try:
        key = notes.id_of(name)
    except UsageError:
        wanted = folded(in_vault(workspace, name).removesuffix(".md"))
        own = [
            note.path
            for note in (*index.notes, *index.absent)
            if wanted in (folded(note.basename), folded(note.path.removesuffix(".md")))
        ]
        if len(own) > 1:
            raise UsageError(f'{len(own)} notes are called "{name}".', hint=f"Name its path: {own[0]}") from None
        if own:
            return own[0]
        raise
    if key not in notes.located.paths:
        path = memory.notes[key].path
        if notes.is_away(key):
            return path
        shown = workspace.shown(workspace.vault / path)
        raise UsageError(f"{shown} is not in the vault.", hint=f'Bring it back: thesisvault restore "{name}"')
    return notes.located.paths[key]

"""Restoring: a note that a person deleted, or a region that they removed, comes back."""

from __future__ import annotations

import datetime as dt

from thesisvault.errors import UsageError, did_you_mean
from thesisvault.runs.build import build_vault
from thesisvault.runs.lifecycle.memory import write_memory
from thesisvault.runs.lifecycle.notes import read_notes
from thesisvault.runs.report import Report
from thesisvault.session import Session


def restore(session: Session, target: str, *, as_of: dt.date | None = None) -> Report:
    """Bring back a note that a person deleted, or a region that they removed: `NOTE` or `NOTE#REGION`.

    Raises:
        UsageError: There is no such note, or it is there and nothing was removed from it.
        DefinitionError: A definition is wrong; nothing was written.
    """
    name, _, region = target.partition("#")
    with session.locked("restore"):
        begun = Report("restore")
        notes = read_notes(session, begun, as_of)
        memory, key = notes.memory, notes.id_of(name)
        note = memory.notes[key]
        notes.refuse_away(key)
        if region and region not in note.removed:
            hint = did_you_mean(region, note.removed) or f"Removed are: {', '.join(note.removed) or 'none'}."
            raise UsageError(f'no region "{region}" was removed from {note.path}.', hint=hint)
        if not region and key in notes.located.paths:
            raise UsageError(f"{notes.located.paths[key]} is there; nothing needs to be restored.")
        if region:
            kept = {field: tuple(r for r in getattr(note, field) if r != region) for field in ("regions", "removed")}
            memory = memory.with_note(key, note.model_copy(update=kept))
        else:
            memory = memory.without(key)
        write_memory(session.workspace, memory)
        report = build_vault(session, as_of=as_of, offline=True, command="restore")
        report.follow(begun)
    return report

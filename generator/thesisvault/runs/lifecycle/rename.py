"""Renaming: a note's file gets another name, or a note is given to another definition."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from thesisvault.errors import Finding, Place, UsageError
from thesisvault.notes.names import note_name
from thesisvault.runs.build import build_vault
from thesisvault.runs.engine.kept import read_kept, write_kept
from thesisvault.runs.engine.reasons import renamed
from thesisvault.runs.engine.writing import Reason, Writing
from thesisvault.runs.lifecycle.memory import Memory, NoteMemory, write_memory
from thesisvault.runs.lifecycle.moving import move_note
from thesisvault.runs.lifecycle.notes import Notes, read_notes, title_of
from thesisvault.runs.report import Report
from thesisvault.scalars import folded
from thesisvault.session import Session
from thesisvault.structs import replace
from thesisvault.vault.index import VaultIndex


def rename(session: Session, name: str, new: str | None = None, *, as_of: dt.date | None = None) -> Report:
    """Give a note's file another name, and rewrite every link to it; or give the note to another definition.

    Args:
        session: The run.
        name: Title, id, ticker, file name or path of the note.
        new: Its new name, by default the one that its title gives; or the id of a definition without a note, which the
            note gets if its own definition is gone.
        as_of: The last day of data, for the build that follows a change of definition.

    Raises:
        UsageError: There is no such note, or the name is taken or not one that is safe everywhere.
        DefinitionError: A definition is wrong; nothing was written.
        DiskError: A note that links to it cannot be written; nothing was changed then.
    """
    report = Report("rename")
    with session.locked("rename"):
        notes = read_notes(session, report, as_of)
        memory, key = notes.memory, notes.id_of(name)
        notes.refuse_away(key)
        path = notes.located.paths.get(key)
        if path is None:
            hint = f'Bring it back first: thesisvault restore "{Path(memory.notes[key].path).stem}"'
            raise UsageError(f"{memory.notes[key].path} was deleted.", hint=hint)
        known = memory.notes[key].model_copy(update={"path": path})
        if new in notes.ids and key not in notes.ids:
            write_memory(session.workspace, _given(memory, key, new, known))
            built = build_vault(session, as_of=as_of, offline=True, command="rename")
            built.follow(report)
            return built
        wanted = _new_path(notes, session.index, key, path, new)
        if wanted == path:
            place = Place(session.workspace.shown(session.workspace.vault / path))
            report.add(Finding("it has that name already.", place, level="info", code="same-name"))
        else:
            memory = move_note(session, memory.with_note(key, known), key, wanted, report)
            _account(session, memory, renamed(Path(path).stem, Path(wanted).stem), report)
    return report


def _account(session: Session, memory: Memory, reason: Reason, report: Report) -> None:
    """Keep with each note that was written why it was."""
    workspace, kept = session.workspace, read_kept(session.workspace.cache)
    for key, note in memory.notes.items():
        if key in kept.notes and workspace.shown(workspace.vault / note.path) in report.written:
            at = session.now.isoformat(timespec="seconds")
            made = kept.notes[key]
            made.body = replace(made.body, writing=Writing(at, (None, None), (reason,)))
            kept.notes.put(key, made)
    if kept.notes:
        write_kept(workspace.cache, kept)


def _given(memory: Memory, old: str, new: str, known: NoteMemory) -> Memory:
    """Return the memory in which a note belongs to another definition; the build that follows writes its `id`."""
    if new in memory.notes:
        hint = f'Take one of the notes away first; see "{memory.notes[new].path}".'
        raise UsageError(f'the definition "{new}" has a note of its own.', hint=hint)
    return memory.without(old).with_note(new, known.model_copy(update={"orphaned": False}))


def _new_path(notes: Notes, index: VaultIndex, key: str, path: str, new: str | None) -> str:
    """Return the path that a note gets."""
    if new is None:
        title = title_of(notes.library, key)
        if title is None:
            raise UsageError(f'the definition of "{path}" is gone, and its title with it.', hint="Give the new name.")
        name = note_name(title)
    else:
        name = new.removesuffix(".md")
        if note_name(name) != name:
            hint = f'Letters, digits, blanks and - _ ( ) , & \' are safe everywhere; "{note_name(name)}" would do.'
            raise UsageError(f'"{name}" cannot be the name of a note.', hint=hint)
    wanted = f"{path[: path.rfind('/') + 1]}{name}.md"
    taken = [n.path for n in index.notes if folded(n.basename) == folded(name) and n.path != path]
    if taken:
        hint = f"Give another one: thesisvault rename {json.dumps(Path(path).stem, ensure_ascii=False)} NAME"
        raise UsageError(f'the name "{name}" is taken by {taken[0]}, and links could mean either.', hint=hint)
    return wanted

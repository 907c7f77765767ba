"""The life of a note after its birth: brought back, taken away, taken in.

Each command changes what is remembered and lets an ordinary build do the writing, so that nothing is written by two
hands. What goes away goes to `.trash/`, never straight to nothing.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from generator.build.lock import held
from generator.build.memory import Memory, NoteMemory, read_memory
from generator.build.opening import open_workspace
from generator.build.report import Report
from generator.build.run import build_vault, foreign_names, scan_vault
from generator.definitions.library import Library
from generator.errors import UsageError, did_you_mean
from generator.scalars import folded
from generator.vault.write import Changes
from generator.workspace import Workspace


def restore(root: Path, target: str, *, now: dt.datetime, as_of: dt.date | None = None) -> Report:
    """Bring back a note that a person deleted, or a region that they removed: `NOTE` or `NOTE#REGION`.

    Raises:
        UsageError: There is no such note, or it is there and nothing was removed from it.
    """
    name, _, region = target.partition("#")
    workspace, memory, key = _remembered(root, name)
    note = memory.notes[key]
    if region and region not in note.removed:
        hint = did_you_mean(region, note.removed) or f"Removed are: {', '.join(note.removed) or 'none'}."
        raise UsageError(f'"{region}" is no region that was removed from {note.path}. {hint}')
    if not region and (workspace.vault / note.path).exists():
        raise UsageError(f"{note.path} is there; nothing is to be brought back.")
    notes = dict(memory.notes)
    if region:
        kept = {name: tuple(r for r in getattr(note, name) if r != region) for name in ("regions", "removed")}
        notes[key] = note.model_copy(update=kept)
    else:
        del notes[key]
    _remember(workspace, notes, "restore")
    return build_vault(root, now=now, as_of=as_of, offline=True, command="restore")


def prune(root: Path) -> Report:
    """Move notes whose definition is gone to the trash, and forget them."""
    opened = open_workspace(root, foreign_names(scan_vault(root)))
    workspace = opened.workspace
    memory = read_memory(workspace.memory, workspace.shown(workspace.memory))
    report = Report("prune")
    with held(workspace.cache, "prune"):
        changes = Changes(workspace.root)
        gone = {key: note for key, note in memory.notes.items() if note.orphaned}
        for note in gone.values():
            changes.trash(workspace.vault / note.path, workspace.vault)
        kept = Memory({key: note for key, note in memory.notes.items() if key not in gone})
        changes.put(workspace.memory, kept.text().encode(), last=True)
        done = changes.apply()
        report.removed = [workspace.shown(path) for path in done.trashed]
    return report


def adopt(root: Path, name: str, *, now: dt.datetime, as_of: dt.date | None = None) -> Report:
    """Turn a note with damaged markers, or one that a person wrote, into the note of its definition.

    All of its text stays; the generator's regions are added or refreshed.

    Raises:
        UsageError: There is no such note.
    """
    notes = {key: note.path for note in scan_vault(root).notes for key in (note.path, folded(note.basename))}
    path = notes.get(name) or notes.get(folded(Path(name).name.removesuffix(".md")))
    if path is None:
        raise UsageError(f'"{name}" is no note of the vault. {did_you_mean(name, notes)}'.rstrip())
    return build_vault(root, now=now, as_of=as_of, offline=True, command="adopt", adopting=path)


def _remembered(root: Path, name: str) -> tuple[Workspace, Memory, str]:
    """Return workspace, memory and the id of a note named by its id, title, path or file name."""
    opened = open_workspace(root, foreign_names(scan_vault(root)))
    workspace = opened.workspace
    memory = read_memory(workspace.memory, workspace.shown(workspace.memory))
    names = _names(opened.library)
    for key, note in memory.notes.items():
        names |= {folded(each): key for each in (key, note.path, Path(note.path).stem)}
    found = names.get(folded(name))
    if found is None or found not in memory.notes:
        raise UsageError(f'"{name}" is no note that was built here. {did_you_mean(name, names)}'.rstrip())
    return workspace, memory, found


def _names(library: Library) -> dict[str, str]:
    names = {folded(d.model.title): key for key, d in library.definitions.items()}
    names |= {folded(n): f"instrument/{t}" for t, i in library.instruments.items() for n in (t, i.name)}
    return names | {folded(b.title): f"basket/{key}" for key, b in library.baskets.items()}


def _remember(workspace: Workspace, notes: dict[str, NoteMemory], command: str) -> None:
    with held(workspace.cache, command):
        changes = Changes(workspace.root)
        changes.put(workspace.memory, Memory(notes).text().encode(), last=True)
        changes.apply()

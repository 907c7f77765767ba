"""The life of a note after its birth: brought back, taken away, taken in.

Each command changes what is remembered and lets an ordinary build do the writing, so that nothing is written by two
hands. What goes away goes to `.trash/`, never straight to nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.build.lock import held
from generator.build.memory import Memory, read_memory
from generator.build.opening import Opened, open_workspace, workspace_of
from generator.build.report import Report
from generator.build.run import build_vault
from generator.build.underway import foreign_names, scan_vault
from generator.definitions.library import Library, read_settings
from generator.errors import UsageError, did_you_mean
from generator.scalars import folded
from generator.vault.write import Changes


def restore(root: Path, target: str, *, now: dt.datetime, as_of: dt.date | None = None) -> Report:
    """Bring back a note that a person deleted, or a region that they removed: `NOTE` or `NOTE#REGION`.

    Raises:
        UsageError: There is no such note, or it is there and nothing was removed from it.
    """
    name, _, region = target.partition("#")
    with _memory_held(root, "restore") as (opened, memory):
        workspace, key = opened.workspace, _id_of(name, opened.library, memory)
        note = memory.notes[key]
        if region and region not in note.removed:
            hint = did_you_mean(region, note.removed) or f"Removed are: {', '.join(note.removed) or 'none'}."
            raise UsageError(f'"{region}" is no region that was removed from {note.path}. {hint}')
        if not region and (workspace.vault / note.path).exists():
            raise UsageError(f"{note.path} is there; nothing is to be brought back.")
        notes = dict(memory.notes)
        if region:
            kept = {field: tuple(r for r in getattr(note, field) if r != region) for field in ("regions", "removed")}
            notes[key] = note.model_copy(update=kept)
        else:
            del notes[key]
        changes = Changes(workspace.root)
        changes.put_last(workspace.memory, lambda: Memory(notes).text().encode())
        changes.apply()
    return build_vault(root, now=now, as_of=as_of, offline=True, command="restore")


def prune(root: Path) -> Report:
    """Move notes whose definition is gone to the trash, and forget them."""
    report = Report("prune")
    with _memory_held(root, "prune") as (opened, memory):
        workspace = opened.workspace
        gone = {key: note for key, note in memory.notes.items() if note.orphaned}
        changes = Changes(workspace.root)
        for note in gone.values():
            changes.trash(workspace.vault / note.path, workspace.vault)
        kept = Memory({key: note for key, note in memory.notes.items() if key not in gone})
        changes.put_last(workspace.memory, lambda: kept.text().encode())
        report.removed = [workspace.shown(path) for path in changes.apply().trashed]
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


@contextmanager
def _memory_held(root: Path, command: str) -> Iterator[tuple[Opened, Memory]]:
    """Give workspace and memory while the lock is held, so that no other run changes the memory between."""
    with held(workspace_of(root, read_settings(root)[0]).cache, command):
        opened = open_workspace(root, foreign_names(scan_vault(root)))
        path = opened.workspace.memory
        yield opened, read_memory(path, opened.workspace.shown(path))


def _id_of(name: str, library: Library, memory: Memory) -> str:
    """Return the id of a note named by its id, title, path or file name."""
    names = {folded(d.model.title): key for key, d in library.definitions.items()}
    names |= {folded(n): f"instrument/{t}" for t, i in library.instruments.items() for n in (t, i.name)}
    names |= {folded(b.title): f"basket/{key}" for key, b in library.baskets.items()}
    for key, note in memory.notes.items():
        names |= {folded(each): key for each in (key, note.path, Path(note.path).stem)}
    found = names.get(folded(name))
    if found is None or found not in memory.notes:
        raise UsageError(f'"{name}" is no note that was built here. {did_you_mean(name, names)}'.rstrip())
    return found

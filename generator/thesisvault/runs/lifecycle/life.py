"""The life of a note after its birth: brought back, taken away, taken in.

Each command changes what is remembered and lets an ordinary build do the writing, so that nothing is written by two
hands. What goes away goes to `.trash/`, never straight to nothing.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from thesisvault.definitions.library import Library
from thesisvault.definitions.read import read_settings
from thesisvault.errors import Finding, Place, UsageError, did_you_mean
from thesisvault.notes.names import note_name
from thesisvault.runs.build import build_vault
from thesisvault.runs.lifecycle.memory import Memory, NoteMemory, read_memory
from thesisvault.runs.lifecycle.renaming import finish_renames, move_note
from thesisvault.runs.opening import Opened, open_workspace, workspace_of
from thesisvault.runs.report import Report
from thesisvault.runs.steps.linking import key_of_note
from thesisvault.runs.steps.placing import Located, locate
from thesisvault.runs.steps.usage import usages
from thesisvault.runs.underway import foreign_names, scan_vault
from thesisvault.scalars import folded
from thesisvault.vault.index import VaultIndex
from thesisvault.vault.lock import held
from thesisvault.vault.write import Changes


def restore(root: Path, target: str, *, now: dt.datetime, as_of: dt.date | None = None) -> Report:
    """Bring back a note that a person deleted, or a region that they removed: `NOTE` or `NOTE#REGION`.

    Raises:
        UsageError: There is no such note, or it is there and nothing was removed from it.
    """
    name, _, region = target.partition("#")
    with _held(root, "restore") as held_now:
        workspace, memory = held_now.opened.workspace, held_now.memory
        key = held_now.id_of(name)
        note = memory.notes[key]
        if region and region not in note.removed:
            hint = did_you_mean(region, note.removed) or f"Removed are: {', '.join(note.removed) or 'none'}."
            raise UsageError(f'"{region}" is no region that was removed from {note.path}. {hint}')
        if not region and key in held_now.located.paths:
            raise UsageError(f"{held_now.located.paths[key]} is there; nothing is to be brought back.")
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
    """Move notes whose definition is gone to the trash, and forget them; one whose definition is back stays."""
    report = Report("prune")
    with _held(root, "prune") as held_now:
        workspace, memory = held_now.opened.workspace, held_now.memory
        back = definition_ids(held_now.opened.library, foreign_names(held_now.index))
        gone = {key: note for key, note in memory.notes.items() if note.orphaned and key not in back}
        changes = Changes(workspace.root)
        for key, note in gone.items():
            target = workspace.vault / held_now.located.paths.get(key, note.path)
            changes.trash(target, workspace.vault)
        kept = Memory({key: note for key, note in memory.notes.items() if key not in gone})
        changes.put_last(workspace.memory, lambda: kept.text().encode())
        report.removed = [workspace.shown(path) for path in changes.apply().trashed]
        for path in report.removed:
            hint = "Everything in it is in .trash, in the vault, until you empty that."
            report.add(Finding("moved to .trash.", Place(path), hint, "remark", "pruned-note"))
    return report


def adopt(root: Path, name: str, *, now: dt.datetime, as_of: dt.date | None = None) -> Report:
    """Turn a note with damaged markers, or one that a person wrote, into the note of its definition.

    All of its text stays; the generator's regions are added or refreshed.

    Raises:
        UsageError: There is no such note.
    """
    index = scan_vault(root)
    bare = folded(Path(name).name.removesuffix(".md"))
    paths = [note.path for note in index.notes if note.path in (name, f"{name}.md")]
    paths = paths or [note.path for note in index.notes if folded(note.basename) == bare]
    if not paths:
        known = [note.basename for note in index.notes]
        raise UsageError(f'"{name}" is no note of the vault. {did_you_mean(name, known)}'.rstrip())
    if len(paths) > 1:
        raise UsageError(f'"{name}" is the name of {len(paths)} notes.', hint=f"Give the path: {', '.join(paths)}.")
    return build_vault(root, now=now, as_of=as_of, offline=True, command="adopt", adopting=paths[0])


def rename(root: Path, name: str, new: str | None = None, *, now: dt.datetime, as_of: dt.date | None = None) -> Report:
    """Give a note's file another name, and rewrite every link to it; or give the note to another definition.

    Args:
        root: The workspace.
        name: Title, id, ticker, file name or path of the note.
        new: Its new name, by default the one that its title gives; or the id of a definition without a note, which the
            note gets if its own definition is gone.
        now: The moment of the run.
        as_of: The last day of data, for the build that follows a change of definition.

    Raises:
        UsageError: There is no such note, or the name is taken or not one that is safe everywhere.
        DiskError: A note that links to it cannot be written; nothing was changed then.
    """
    report = Report("rename")
    with _held(root, "rename", report) as held_now:
        opened, memory, located = held_now.opened, held_now.memory, held_now.located
        key = held_now.id_of(name)
        path = located.paths.get(key)
        if path is None:
            hint = f'Bring it back first: thesisvault restore "{Path(memory.notes[key].path).stem}"'
            raise UsageError(f"{memory.notes[key].path} was deleted.", hint=hint)
        known = memory.notes[key].model_copy(update={"path": path})
        defined = definition_ids(opened.library, foreign_names(held_now.index))
        if new in defined and key not in defined:
            changes = Changes(opened.workspace.root)
            changes.put_last(opened.workspace.memory, lambda: _given(memory, key, new, known).text().encode())
            changes.apply()
        else:
            wanted = _new_name(held_now, key, path, new)
            memory = Memory({**memory.notes, key: known})
            if wanted == path:
                place = Place(opened.workspace.shown(opened.workspace.vault / path))
                report.add(Finding("it has that name already.", place, level="remark", code="same-name"))
            else:
                move_note(opened.workspace, held_now.index, memory, key, wanted, report)
            return report
    return build_vault(root, now=now, as_of=as_of, offline=True, command="rename")


def _given(memory: Memory, old: str, new: str, known: NoteMemory) -> Memory:
    """Return the memory in which a note belongs to another definition; the build that follows writes its `id`."""
    if new in memory.notes:
        hint = f'Take one of the notes away first; see "{memory.notes[new].path}".'
        raise UsageError(f'the definition "{new}" has a note of its own.', hint=hint)
    kept = {key: note for key, note in memory.notes.items() if key != old}
    return Memory({**kept, new: known.model_copy(update={"orphaned": False})})


def _new_name(held_now: _Held, key: str, path: str, new: str | None) -> str:
    """Return the path that a note gets."""
    if new is None:
        title = title_of(held_now.opened.library, key)
        if title is None:
            raise UsageError(f'the definition of "{path}" is gone, and its title with it.', hint="Say the new name.")
        name = note_name(title)
    else:
        name = new.removesuffix(".md")
        if note_name(name) != name:
            hint = f'Letters, digits, blanks and - _ ( ) , & \' are safe everywhere; "{note_name(name)}" would do.'
            raise UsageError(f'"{name}" is no name for a note.', hint=hint)
    wanted = f"{path[: path.rfind('/') + 1]}{name}.md"
    taken = [n.path for n in held_now.index.notes if folded(n.basename) == folded(name) and n.path != path]
    if taken:
        hint = f"Say another one: thesisvault rename {json.dumps(Path(path).stem, ensure_ascii=False)} NAME"
        raise UsageError(f'the name "{name}" is taken by {taken[0]}, and links could mean either.', hint=hint)
    return wanted


@dataclass(frozen=True)
class _Held:
    """What a command knows of a workspace while no other run can change it."""

    opened: Opened
    index: VaultIndex
    memory: Memory
    located: Located

    def id_of(self, name: str) -> str:
        """Return the id of a note named by its id, title, ticker, path or file name."""
        library, memory = self.opened.library, self.memory
        names = {folded(title): key for key in memory.notes if (title := title_of(library, key))}
        names |= {folded(ticker): f"instrument/{ticker}" for ticker in library.instruments}
        for key, note in memory.notes.items():
            path = self.located.paths.get(key, note.path)
            stem = Path(path).stem
            names |= {folded(each): key for each in (key, note.path, path, Path(note.path).stem, stem, f"{stem}.md")}
        found = names.get(folded(name))
        if found is None or found not in memory.notes:
            raise UsageError(f'"{name}" is no note that was built here. {did_you_mean(name, names)}'.rstrip())
        return found


@contextmanager
def _held(root: Path, command: str, report: Report | None = None) -> Iterator[_Held]:
    """Give what is known of a workspace while the lock is held, so that no other run changes the memory between."""
    with held(workspace_of(root, read_settings(root)[0]).cache, command):
        finish_renames(root, report or Report(command))
        index = scan_vault(root)
        opened = open_workspace(root, foreign_names(index)).sound()
        path = opened.workspace.memory
        memory = read_memory(path, opened.workspace.shown(path))
        near = opened.workspace.notes.relative_to(opened.workspace.vault).as_posix()
        yield _Held(opened, index, memory, locate(index, memory, f"{near}/" if near != "." else ""))


def title_of(library: Library, note_id: str) -> str | None:
    """Return the title of the definition of a note; None if it is gone."""
    kind, key = key_of_note(note_id)
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
    known = {folded(name) for name in persons}
    own = {k for k, e in library.entities.items() if any(folded(name) in known for name in (e.name, *e.aliases))}
    used = (f"{kind}/{key}" for kind, key in usages(library) if kind != "entity" or key not in own)
    return frozenset({*library.definitions, *used, "home"})

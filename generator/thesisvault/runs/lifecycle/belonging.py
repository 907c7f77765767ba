"""Which vault and folder the memory of notes belongs to, and what happens when the settings name another.

A remembered path means something in one vault only. In another one the same path may be a person's own note.
"""

from __future__ import annotations

from collections.abc import Mapping

from thesisvault.charts.png import stamp
from thesisvault.errors import Finding, Place
from thesisvault.runs.lifecycle.memory import Belonging, Memory, NoteMemory, write_memory
from thesisvault.runs.lifecycle.relinking import lead_links
from thesisvault.runs.report import Report
from thesisvault.runs.steps.pictures import ATTACHMENTS
from thesisvault.runs.steps.placing import locate
from thesisvault.session import Session
from thesisvault.structs import replace
from thesisvault.vault.folders import refuse_linked
from thesisvault.vault.index import VaultIndex
from thesisvault.vault.write import move_file, read_bytes
from thesisvault.workspace import SETTINGS_FILE, make_folder


def settle(session: Session, memory: Memory, report: Report, *, dry: bool = False) -> Memory:
    """Return what is remembered of the notes of the vault and folder that the settings name.

    Where they name another folder of the same vault, our notes begin to move into it, with all that a person wrote in
    them. In another vault every note is made anew, and those in the old one stay as they are; what a person deleted
    stays deleted.

    Args:
        session: The run.
        memory: What is remembered.
        report: Is told of the change.
        dry: Write and move nothing; the index of the run shows the notes where they would be.

    Raises:
        DefinitionError: The settings are wrong, so they name no vault and no folder; nothing was moved.
        DiskError: A file cannot be written or moved.
    """
    if not session.has_sound_settings:
        session.sound_library()
    named = session.settings
    place = Belonging(vault=named.vault, folder=named.folder)
    report.add(*memory.findings)
    before = memory.place
    if before is None or before == place:
        return Memory(memory.notes, place)
    if before.vault == place.vault:
        memory, old = Memory(memory.notes, place), before.folder or ""
        memory = _foreseen(session, memory, old, report) if dry else _moved(session, memory, old, report)
    else:
        memory = Memory(_anew(memory, before.folder or "", session.workspace.corner), place)
    what = "" if before.vault == place.vault else f"; the notes in {_spoken(before)} stay as they are"
    problem = f"the notes now go into {_spoken(place)}; before it was {_spoken(before)}{what}."
    hint = "" if before.vault == place.vault else "What you wrote into the old notes is there; move it by hand."
    report.add(Finding(problem, Place(SETTINGS_FILE), hint, "warning", "moved-vault"))
    return memory


def _spoken(place: Belonging) -> str:
    return f"{place.folder} in {place.vault}" if place.folder else place.vault


def _anew(memory: Memory, old: str, new: str) -> dict[str, NoteMemory]:
    """Return what holds in another vault too: which notes a person deleted."""
    forgotten: dict[str, object] = {"regions": (), "removed": (), "renaming": None}
    return {
        key: note.model_copy(update={**forgotten, "path": _in_folder(note.path, old, new)})
        for key, note in memory.notes.items()
        if note.deleted
    }


def _in_folder(path: str, old: str, new: str) -> str:
    """Return a path in one folder as it is in another.

    >>> _in_folder("Theses/Oil.md", "", "Markets"), _in_folder("Markets/Home.md", "Markets", "Work/Notes")
    ('Markets/Theses/Oil.md', 'Work/Notes/Home.md')
    """
    inner = path.removeprefix(f"{old}/") if old else path
    return f"{new}/{inner}" if new else inner


def _moves(session: Session, memory: Memory, old: str) -> dict[str, tuple[str, str]]:
    """Return where each note is that goes into another folder of the vault, and its new path, by its id.

    It is where it lies now: a person may have renamed it since the last run.
    """
    index, new, prefix = session.index, session.workspace.corner, f"{old}/" if old else ""
    located, moves = locate(index, memory, old).paths, {}
    for key in memory.notes:
        path = located.get(key, "")
        found = index.by_path.get(path)
        if found is None or found.id != key or not path.startswith(prefix):
            continue
        target = _in_folder(path, old, new)
        if target not in index.by_path and target != path and not (new and path.startswith(f"{new}/")):
            moves[key] = path, target
    return moves


def _foreseen(session: Session, memory: Memory, old: str, report: Report) -> Memory:
    """Have a run that moves nothing see our notes in their new folder, and return what would be remembered.

    Raises:
        DiskError: A note cannot be read.
    """
    moves, vault = _moves(session, memory, old), session.workspace.vault
    session.foresee(
        _index_after(session.index, dict(moves.values())),
        {vault / target: vault / path for path, target in moves.values()},
    )
    report.written += (session.workspace.shown(vault / target) for _, target in moves.values())
    return memory.with_notes(
        {
            key: note.model_copy(update={"path": moves[key][1]}) if key in moves else note
            for key, note in memory.notes.items()
        }
    )


def _index_after(index: VaultIndex, moves: Mapping[str, str]) -> VaultIndex:
    """Return the index of a vault as it would be with notes moved, each with the text that it has now."""
    notes = []
    for note in index.notes:
        if note.path in moves:
            text, note = note.text, replace(note, path=moves[note.path])
            vars(note)["text"] = text
        notes.append(note)
    return replace(index, notes=tuple(sorted(notes, key=lambda each: each.path)), _memo={})


def _moved(session: Session, memory: Memory, old: str, report: Report) -> Memory:
    """Plan the move of our notes from one folder of the vault into another, and move the pictures that they show.

    Links that name the old folder are led to the new one first: a run that is cut off does it all again.
    """
    workspace, index = session.workspace, session.index
    new, prefix = workspace.corner, f"{old}/" if old else ""
    planned, moves, pictures = dict(memory.notes), {}, {}
    for key, (path, target) in _moves(session, memory, old).items():
        planned[key] = memory.notes[key].model_copy(update={"path": path, "renaming": target})
        moves[path] = target
    for path in index.attachments:
        folder, _, name = path.rpartition("/")
        if folder == f"{prefix}{ATTACHMENTS}" and name.startswith("chart-") and name.endswith(".png"):
            content, target = read_bytes(workspace.vault / path), "/".join(filter(None, (new, ATTACHMENTS, name)))
            if content is not None and stamp(content) is not None and not (workspace.vault / target).exists():
                pictures[path] = target
    refuse_linked(workspace, [*moves, *moves.values(), *pictures, *pictures.values()])
    lead_links(session, moves | pictures, report)
    for path, target in pictures.items():
        make_folder((workspace.vault / target).parent, workspace.vault)
        move_file(workspace.vault / path, workspace.vault / target)
    memory = memory.with_notes(planned)
    write_memory(workspace, memory)
    session.vault_changed()
    return memory

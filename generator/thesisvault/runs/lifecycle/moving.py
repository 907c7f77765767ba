"""Moving a note: its file gets another name, and every link to it in the vault follows, as it would in Obsidian.

What is about to happen is remembered first, then links are rewritten, then the file is moved, and the memory comes
last. A run that was cut off is finished by the next one, whatever its command.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from thesisvault.errors import Finding, Place
from thesisvault.notes.links import retarget
from thesisvault.runs.lifecycle.memory import Memory, write_memory
from thesisvault.runs.lifecycle.relinking import in_canvas
from thesisvault.runs.report import Report
from thesisvault.session import Session
from thesisvault.vault.changes import Changes
from thesisvault.vault.folders import refuse_linked
from thesisvault.vault.index import VaultIndex
from thesisvault.vault.write import move_file
from thesisvault.workspace import make_folder


def finish_renames(session: Session, memory: Memory, report: Report) -> Memory:
    """Finish the renames that a run before this one began and did not end; return what is remembered then.

    Raises:
        DiskError: A file cannot be written or moved.
    """
    workspace = session.workspace
    moving = [note for note in memory.notes.values() if note.renaming]
    refuse_linked(workspace, [path for note in moving for path in (note.path, note.renaming or note.path)])
    memory = _into_folders(session, memory, report)
    for key, note in memory.notes.items():
        if not note.renaming:
            continue
        paths = session.index.by_path
        old, new = note.path in paths, note.renaming in paths
        if old and not new:
            memory = move_note(session, memory, key, note.renaming, report)
            continue
        if old:
            problem = f'its rename to "{note.renaming}" was cut off, and now there is another note of that name.'
            place = Place(workspace.shown(workspace.vault / note.path))
            hint = "Rename one of them in Obsidian; links to that name may mean either."
            report.add(Finding(problem, place, hint, "warning", "cut-off-rename"))
        memory = _settled(session, memory, key, note.renaming if new and not old else note.path)
    return memory


def _into_folders(session: Session, memory: Memory, report: Report) -> Memory:
    """Move all notes that only change their folder; links go by the name of the file and still lead to them.

    Raises:
        DiskError: A file cannot be moved.
    """
    workspace, paths, notes = session.workspace, session.index.by_path, dict(memory.notes)
    for key, note in memory.notes.items():
        target = note.renaming
        if not target or Path(target).name != Path(note.path).name:
            continue
        if note.path in paths and target not in paths:
            make_folder((workspace.vault / target).parent, workspace.vault)
            move_file(workspace.vault / note.path, workspace.vault / target)
            report.written.append(workspace.shown(workspace.vault / target))
        elif target not in paths:
            continue
        if note.path not in paths or target not in paths:
            notes[key] = note.model_copy(update={"path": target, "renaming": None})
    if notes != memory.notes:
        memory = memory.with_notes(notes)
        write_memory(workspace, memory)
        session.vault_changed()
    return memory


def move_note(session: Session, memory: Memory, key: str, target: str, report: Report) -> Memory:
    """Move the note of an id to another path in its folder, rewrite every link to it, and return what is remembered.

    Raises:
        DiskError: A file cannot be written, which is found out before the first one is, or moved.
    """
    workspace, index = session.workspace, session.index
    old = memory.notes[key].path
    refuse_linked(workspace, (old, target))
    changes = Changes(workspace.root)
    planned = memory.with_note(key, memory.notes[key].model_copy(update={"renaming": target}))
    changes.put(workspace.memory, planned.text().encode(), first=True)
    canvases = [path for path in index.attachments if path.lower().endswith(".canvas")]
    for path in (*index.by_path, *canvases):
        text = changes.read(workspace.vault / path)
        leads_there = partial(_leads_to, index, path, old)
        if text is None:
            continue
        if path in index.by_path:
            changed = retarget(text, leads_there, Path(target).stem)
        else:
            fresh = partial(retarget, leads_there=leads_there, name=Path(target).stem)
            changed = in_canvas(text, {old: target}.get, fresh)
        if changed != text:
            changes.put(workspace.vault / path, changed.encode("utf-8", "surrogateescape"))
    done = changes.apply()
    move_file(workspace.vault / old, workspace.vault / target)
    session.vault_changed()
    report.written += [workspace.shown(path) for path in done.written if path != workspace.memory]
    report.written.append(workspace.shown(workspace.vault / target))
    return _settled(session, memory, key, target)


def _leads_to(index: VaultIndex, source: str, path: str, link: str) -> bool:
    return index.resolve(link, source) == path


def _settled(session: Session, memory: Memory, key: str, path: str) -> Memory:
    """Write down the path of a note, and return what is remembered."""
    memory = memory.with_note(key, memory.notes[key].model_copy(update={"path": path, "renaming": None}))
    write_memory(session.workspace, memory)
    return memory

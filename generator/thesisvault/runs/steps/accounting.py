"""Accounting: why each note is written, for the report of the run and for whoever asks later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from thesisvault.runs.engine.engine import Engine
from thesisvault.runs.engine.reasons import Account
from thesisvault.runs.engine.writing import Writing
from thesisvault.runs.lifecycle.memory import Memory, NoteMemory
from thesisvault.runs.steps.merging import MergedNote
from thesisvault.structs import replace
from thesisvault.vault.changes import Changes, Done
from thesisvault.vault.index import VaultIndex
from thesisvault.workspace import Workspace


def account_for(
    merged: Sequence[MergedNote],
    account: Account,
    engine: Engine,
    done: Done,
    changes: Changes,
    workspace: Workspace,
    index: VaultIndex,
    memory: Memory,
    orphans: Mapping[str, NoteMemory],
) -> tuple[dict[str, Writing], set[str]]:
    """Give account of what was written, or would be, and have it kept with each note.

    Args:
        merged: The notes that were to be written.
        account: Gives account of one note.
        engine: Keeps it.
        done: What was written.
        changes: Knows what could not be written.
        workspace: The folders.
        index: The vault before the run.
        memory: What was remembered of the notes before the run.
        orphans: The notes whose definition is gone.

    Returns:
        Why each note was written, by its path as messages show it; and the ids of the notes whose files are now as the
        run made them.
    """
    written = set(done.written)
    reasons: dict[str, Writing] = {}
    settled: set[str] = set()
    for note in merged:
        key, target = note.id, workspace.vault / note.path
        if note.damaged or target in changes.refused:
            continue
        settled.add(key)
        if target not in written and engine.is_as_before(key):
            continue
        kept = engine.after.notes[key]
        was = made = kept.body.writing
        if target in written:
            remembered = memory.notes.get(key)
            known = remembered.path if remembered else note.path
            known = known if note.path in index.by_path else ""
            made = reasons[workspace.shown(target)] = account.of(
                key, note.path, known, was_orphan=remembered is not None and remembered.orphaned
            )
        else:
            made = account.found_right(key, note.path, note.memory.removed)
        if made != was:
            kept.body = replace(kept.body, writing=made)
            engine.after.notes.put(key, kept)
    for note_memory in orphans.values():
        target = workspace.vault / note_memory.path
        if target in written:
            reasons[workspace.shown(target)] = account.of_orphan()
    return reasons, settled

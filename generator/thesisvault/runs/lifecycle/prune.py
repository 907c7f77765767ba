"""Pruning: notes whose definition is gone go to the vault's trash."""

from __future__ import annotations

from thesisvault.errors import Finding, Place
from thesisvault.runs.lifecycle.notes import read_notes
from thesisvault.runs.report import Report
from thesisvault.session import Session
from thesisvault.vault.changes import Changes
from thesisvault.vault.folders import refuse_linked
from thesisvault.vault.write import TRASH


def prune(session: Session) -> Report:
    """Move notes whose definition is gone to the trash, and forget them; one whose definition is back stays.

    Raises:
        DefinitionError: A definition is wrong; nothing was moved.
        DiskError: A note cannot be moved.
    """
    report, workspace = Report("prune"), session.workspace
    with session.locked("prune"):
        notes = read_notes(session, report)
        gone = {key: note for key, note in notes.memory.notes.items() if note.orphaned and key not in notes.ids}
        gone = {key: note for key, note in gone.items() if key in notes.located.paths or not notes.is_away(key)}
        going = [notes.located.paths[key] for key in gone if key in notes.located.paths]
        refuse_linked(workspace, [*going, *(f"{TRASH}/{path}" for path in going)])
        changes = Changes(workspace.root)
        for path in going:
            changes.trash(workspace.vault / path, workspace.vault)
        kept = notes.memory.without(*gone)
        changes.put_last(workspace.memory, lambda: kept.text().encode())
        report.removed = [workspace.shown(path) for path in changes.apply().trashed]
        for shown in report.removed:
            hint = "Everything in it is in .trash, in the vault, until you empty that."
            report.add(Finding("moved to .trash.", Place(shown), hint, "info", "pruned-note"))
    return report

"""Checking: definitions first, then the vault."""

from __future__ import annotations

from thesisvault.errors import DefinitionError, Finding
from thesisvault.runs.lifecycle.memory import read_memory
from thesisvault.runs.report import Report
from thesisvault.runs.steps.as_text import shown_as_text
from thesisvault.runs.steps.neighbors import neighbor_findings
from thesisvault.runs.steps.placing import own_places
from thesisvault.session import Session
from thesisvault.vault.audit import audit
from thesisvault.vault.folders import linked_folders


def check_workspace(session: Session) -> Report:
    """Return what is wrong with the definitions and the vault of a workspace. No lock is taken: it only looks."""
    report = Report("check")
    report.add(*session.findings, *shown_as_text(session.library))
    broken = report.count("error")
    report.figures["definitions"] = "invalid" if broken else len(session.library.definitions)
    report.add(*check_vault(session), stage="check")
    report.whole.add("check")
    return report


def check_vault(session: Session) -> list[Finding]:
    """Return what is wrong with the notes of a workspace; nothing where no vault was built yet."""
    workspace = session.workspace
    if not workspace.vault.is_dir():
        return []
    try:
        memory = read_memory(workspace, session.code)
    except DefinitionError as problem:
        return list(problem.findings)
    index, library = session.index, session.library
    generated = frozenset(note.path for note in memory.notes.values() if not note.deleted)
    linked = linked_folders(workspace, own_places(workspace, memory))
    found = audit(workspace.vault, index, generated, workspace.shown(workspace.vault)) if not linked else []
    return [*memory.findings, *linked, *neighbor_findings(library, index, memory, workspace.corner), *found]

"""What `check` looks at: definitions first, then the vault by its own last day."""

from __future__ import annotations

from pathlib import Path

from thesisvault.errors import DefinitionError, Finding
from thesisvault.runs.lifecycle.memory import read_memory
from thesisvault.runs.opening import open_workspace
from thesisvault.runs.report import Report
from thesisvault.runs.underway import foreign_names, scan_vault, vault_index
from thesisvault.vault.audit import audit
from thesisvault.vault.index import VaultIndex
from thesisvault.workspace import Workspace


def check_workspace(root: Path) -> Report:
    """Return what is wrong with the definitions and the vault of a workspace."""
    report = Report("check")
    index = scan_vault(root)
    opened = open_workspace(root, foreign_names(index))
    for finding in opened.findings:
        report.add(finding)
    report.figures["definitions"] = (
        "invalid" if any(f.level == "error" for f in opened.findings) else len(opened.library.definitions)
    )
    for finding in check_vault(opened.workspace, index):
        report.add(finding)
    return report


def check_vault(workspace: Workspace, index: VaultIndex | None = None) -> list[Finding]:
    """Return what is wrong with the notes of a workspace; nothing where no vault was built yet."""
    if not workspace.vault.is_dir():
        return []
    try:
        memory = read_memory(workspace.memory, workspace.shown(workspace.memory))
    except DefinitionError as problem:
        return list(problem.findings)
    generated = frozenset(note.path for note in memory.notes.values() if not note.deleted)
    prefix = workspace.shown(workspace.vault)
    return audit(workspace.vault, index or vault_index(workspace), generated, prefix)

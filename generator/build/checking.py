"""What `check` looks at: definitions first, then the vault by its own last day."""

from __future__ import annotations

from pathlib import Path

from generator.build.memory import read_memory
from generator.build.opening import open_workspace
from generator.build.report import Report
from generator.build.run import foreign_names
from generator.definitions.library import read_settings
from generator.errors import DefinitionError, Finding
from generator.vault.audit import audit
from generator.vault.index import scan
from generator.workspace import Workspace, workspace_at


def check_workspace(root: Path) -> Report:
    """Return what is wrong with the definitions and the vault of a workspace."""
    report = Report("check")
    settings, _ = read_settings(root)
    workspace = workspace_at(root, settings.vault, settings.folder, settings.data, settings.templates)
    opened = open_workspace(root, foreign_names(scan(workspace.vault)))
    for finding in opened.findings:
        report.add(finding)
    report.figures["definitions"] = (
        "invalid" if any(f.level == "error" for f in opened.findings) else len(opened.library.definitions)
    )
    for finding in check_vault(workspace):
        report.add(finding)
    return report


def check_vault(workspace: Workspace) -> list[Finding]:
    """Return what is wrong with the notes of a workspace; nothing where no vault was built yet."""
    if not workspace.vault.is_dir():
        return []
    try:
        memory = read_memory(workspace.memory, workspace.shown(workspace.memory))
    except DefinitionError as problem:
        return list(problem.findings)
    generated = frozenset(note.path for note in memory.notes.values() if not note.deleted)
    prefix = workspace.shown(workspace.vault)
    return audit(workspace.vault, scan(workspace.vault), generated, prefix)

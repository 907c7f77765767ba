"""Adopting: a note with damaged markers, or one that a person wrote, becomes the note of its definition."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from thesisvault.errors import UsageError, did_you_mean
from thesisvault.runs.build import build_vault
from thesisvault.runs.report import Report
from thesisvault.scalars import folded
from thesisvault.session import Session
from thesisvault.vault.index import VaultIndex
from thesisvault.words import plural


def adopt(session: Session, name: str, *, as_of: dt.date | None = None) -> Report:
    """Make a note the note of its definition. All of its text stays; the generator's regions are added or refreshed.

    The whole vault is built with it, but only what is to be said of that note is said.

    Args:
        session: The run.
        name: File name of the note, or its path in the vault.
        as_of: The last day of data.

    Raises:
        UsageError: There is no such note, there are several, or no definition has its title.
        DefinitionError: A definition is wrong; nothing was written.
    """
    with session.locked("adopt"):
        path = _path_of(session.index, name)
        report = build_vault(session, as_of=as_of, offline=True, command="adopt", adopting=path)
    shown = session.workspace.shown(session.workspace.vault / path)
    report.findings = [each for each in report.findings if each.place is not None and each.place.path == shown]
    return report


def _path_of(index: VaultIndex, name: str) -> str:
    bare = folded(Path(name).name.removesuffix(".md"))
    paths = [note.path for note in index.notes if note.path in (name, f"{name}.md")]
    paths = paths or [note.path for note in index.notes if folded(note.basename) == bare]
    if not paths:
        known = [note.basename for note in index.notes]
        raise UsageError(f'"{name}" is not a note of the vault.', hint=did_you_mean(name, known))
    if len(paths) > 1:
        problem = f'"{name}" is the name of {plural(len(paths), "note")}.'
        raise UsageError(problem, hint=f"Give the path: {', '.join(paths)}.")
    return paths[0]

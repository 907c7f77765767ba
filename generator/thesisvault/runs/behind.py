"""Proof of a run: whether the notes in the vault bear the day that it had data for, whatever it believes itself."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from thesisvault.errors import DiskError, Finding, Place
from thesisvault.notes.properties.reading import day_of
from thesisvault.runs.lifecycle.memory import read_memory
from thesisvault.runs.report import Report
from thesisvault.session import Session
from thesisvault.vault.write import read_bytes
from thesisvault.words import day_in_words

_ALWAYS = "home"
"""The note that bears the day of every run."""


def left_behind(session: Session, report: Report) -> list[Finding]:
    """Return the notes that should bear the day of a run and do not: the home note, and those of theses.

    Notes that the report explains, such as one with an edit that is kept or one that is read-only, are none of them;
    neither are deleted ones, nor those of a thesis that is closed.

    Args:
        session: The run.
        report: What it did and found; its files are read again from the disk.

    Raises:
        DefinitionError: What is remembered of notes cannot be read.
    """
    day, workspace, library = report.as_of, session.workspace, session.library
    if day is None or not workspace.vault.is_dir():
        return []
    explained = {each.place.path for each in report.findings if each.place}
    found: list[Finding] = []
    for key, note in read_memory(workspace).notes.items():
        record = library.definitions.get(key)
        is_thesis = record is not None and record.head.kind == "thesis"
        shown = workspace.shown(workspace.vault / note.path)
        if note.deleted or shown in explained or not (key == _ALWAYS or is_thesis):
            continue
        path = workspace.vault / note.path
        bears = _day_in(path)
        if not path.exists() or (bears is not None and bears != day):  # without a day there is nothing to compare
            told = f"it bears {day_in_words(bears)}" if bears else "it is not there"
            problem = f"{told} after a run with data up to {day_in_words(day)}: something undid the run."
            hint = "Look for a sync client or a program that restores files, then run again: thesisvault run"
            found.append(Finding(problem, Place(shown), hint, code="left-behind"))
    return found


def _day_in(path: Path) -> dt.date | None:
    try:
        data = read_bytes(path)
    except DiskError:
        return None
    return None if data is None else day_of(data.decode("utf-8", "replace").removeprefix("\ufeff"))

"""Answering why: why a note was last written, what it depends on, and what the next build would do.

All of it is read from what builds keep; nothing is worked out that was not kept, so nothing is guessed. No lock is
taken, except for the build that only finds out what it would do.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from thesisvault.errors import NoDataError
from thesisvault.runs.build import build_vault
from thesisvault.runs.engine.kept import KeptNote, read_kept
from thesisvault.runs.engine.leaves import ABSENT, SEPARATOR
from thesisvault.runs.engine.recipe import DAY, LONG, SETTING, TEMPLATE
from thesisvault.runs.engine.told import Told
from thesisvault.runs.engine.writing import FigureChange, Writing
from thesisvault.runs.lifecycle.memory import read_memory
from thesisvault.runs.lifecycle.notes import Notes, title_of
from thesisvault.runs.report import JSON_VERSION, Progress, Report, silent
from thesisvault.runs.steps.placing import locate
from thesisvault.session import Session
from thesisvault.words import day_in_words, plural

_MOST_REASONS, _MOST_NAMES, _MOST_FIGURES = 8, 12, 20
"""How much of each a person is shown at once; JSON holds all of it."""
_LONGEST = 100
"""The most characters of what a figure is called; JSON holds all of them."""

Inputs = dict[str, list[str]]
"""What a note depends on, by groups."""


class Answer(Struct, frozen=True):
    """What is known of a note.

    Attributes:
        note: Its id.
        title: Its title, or the name of its file where its definition is gone.
        path: Its path, as messages show it.
        writing: Its last writing; None if that is not known.
        inputs: What it depends on; None if that was not asked for, or is not known.
        said: What a person should know besides: why something is not known, or that the note is not there.
    """

    note: str
    title: str
    path: str
    writing: Writing | None = None
    inputs: Inputs | None = None
    said: str = ""

    def as_json(self) -> str:
        """Return the answer for programs."""
        body: dict[str, object] = {
            "version": JSON_VERSION,
            "command": "why",
            "note": self.note,
            "title": self.title,
            "path": self.path,
        }
        body["writing"] = self.writing.as_json() if self.writing else None
        if self.inputs is not None:
            body["inputs"] = self.inputs
        return json.dumps({**body, "said": self.said}, indent=2)

    def lines(self) -> Iterator[str]:
        """Yield the answer for a person."""
        yield f"{self.title} ({self.path})"
        if self.inputs is not None:
            for group, names in self.inputs.items():
                yield f"{group}:"
                yield from _indented(names, _MOST_NAMES)
        elif self.writing:
            yield from _told(self.writing)
        if self.said:
            yield self.said


def why_written(session: Session, name: str, *, inputs: bool = False) -> Answer:
    """Return why a note was last written, or what it depends on.

    Args:
        session: The run.
        name: Title, id, ticker, file name or path of the note.
        inputs: Whether to tell what it depends on.

    Raises:
        UsageError: No note of that name was ever built.
        DefinitionError: The memory of notes is broken.
    """
    workspace = session.workspace
    memory, library = read_memory(workspace, session.code), session.library
    notes = Notes(workspace, library, memory, locate(session.index, memory, workspace.corner), frozenset())
    key = notes.id_of(name)
    path = notes.located.paths.get(key, memory.notes[key].path)
    title = title_of(library, key)
    state = read_kept(workspace.cache)
    kept = state.notes.get(key)
    return Answer(
        note=key,
        title=title or Path(path).stem,
        path=workspace.shown(workspace.vault / path),
        writing=kept.body.writing if kept else None,
        inputs=_inputs(session, kept) if kept and inputs else None,
        said=_said(
            kept, title, Path(path).stem, is_there=key in notes.located.paths, any_kept=bool(state.notes), inputs=inputs
        ),
    )


def _said(kept: KeptNote | None, title: str | None, name: str, *, is_there: bool, any_kept: bool, inputs: bool) -> str:
    if title is None:
        return "Its definition is gone, so no build writes it any more."
    if not is_there:
        return f'Its file is not in the vault; bring it back with: thesisvault restore "{name}"'
    if not any_kept:
        return "No build of this machine is on record here; run once: thesisvault build"
    if kept is None:
        return "No build of it is on record; run once: thesisvault build"
    if kept.body.writing is None and not inputs:
        return (
            "Nothing has been written to it since builds are on record, so the reason is not known; the next build "
            f'that writes it will tell. See what it depends on: thesisvault why "{name}" --inputs'
        )
    return ""


# What a note depends on ----------------------------------------------------------------------------------------------


def _inputs(session: Session, kept: KeptNote) -> Inputs:
    """Return what a note depends on, by groups, as a person calls it."""
    workspace = session.workspace
    told = Told(session.library, workspace.shown(workspace.data))
    definitions: dict[str, None] = {}
    universes: dict[str, None] = {}
    others: dict[str, None] = {}
    for leaf, digest in kept.reads.items():
        thing = told.thing(leaf) if digest != ABSENT else None
        if thing is None:
            continue
        of = universes if leaf[0] == "universe" and thing.file else definitions if thing.file else others
        of[f"{thing.title} in {thing.file}" if thing.file else thing.title] = None
    found: Inputs = {
        "definitions": list(definitions),
        "series": [told.named(each) for each in _tickers(session, kept, told)],
        "universes": list(universes),
        "names looked up": list(_names(kept)),
        "templates": [_template(session, kept, name) for name in kept.body.templates],
        "settings": [
            name if value.startswith(LONG) else f"{name}: {value}"
            for part, value in kept.recipe.parts.items()
            if part.startswith(SETTING)
            for name in (part.removeprefix(SETTING),)
        ],
        "last day of data": [kept.recipe.parts[DAY]] if DAY in kept.recipe.parts else [],
        "other": [*others, "the version of thesisvault and of what it is installed with"],
    }
    return {group: names for group, names in found.items() if names}


def _tickers(session: Session, kept: KeptNote, told: Told) -> list[str]:
    """Return every ticker whose stored prices a note rests on; without a store, the names as they were read."""
    names = [each for each in told.tickers(kept.reads) if each not in session.library.universes]
    try:
        with session.store(create=False) as store:
            market = session.scope(store, session.last_day(store, None)).market
            return list(dict.fromkeys(ticker for name in names for ticker in market.tickers(name)))
    except NoDataError:
        return names


def _names(kept: KeptNote) -> Iterator[str]:
    """Yield the names that a note links, each with the note that it led to."""
    led: dict[str, str] = {}
    for (_, name), answer in kept.links.items():
        path, _, spelled = answer.partition(SEPARATOR)
        shown = spelled if spelled.casefold() == name.casefold() else name
        if path or shown not in led:
            led[shown] = path or led.get(shown, "")
    folded = {name.casefold() for name, path in led.items() if path}
    for name, path in led.items():
        if path:
            yield f'"{name}" leads to "{path}"' if path != name else f'"{name}"'
        elif name.casefold() not in folded:
            yield f'"{name}" leads to no note'


def _template(session: Session, kept: KeptNote, name: str) -> str:
    workspace = session.workspace
    if f"{TEMPLATE}{name}" in kept.recipe.parts:
        return workspace.shown(workspace.templates / name)
    return f"{name}, as packaged"


# The next build ------------------------------------------------------------------------------------------------------


class Next(Struct, frozen=True):
    """What the next build would do.

    Attributes:
        report: The report of a build that wrote nothing; where one note was asked about, of that alone.
        only: The path of the note that was asked about; empty for all.
    """

    report: Report
    only: str = ""

    def lines(self) -> Iterator[str]:
        """Yield what the next build would do, for a person."""
        reasons = self.report.reasons or {}
        for path in sorted(self.report.written, key=lambda each: (each not in reasons, each)):
            yield f"would write {path}"
            if path in reasons:
                yield from _indented((each.says for each in reasons[path].reasons), _MOST_REASONS)
                figures = len(reasons[path].figures)
                yield from [f"  {plural(figures, 'figure')} would change"] * bool(figures)
        yield from (f"would move to .trash {path}" for path in sorted(self.report.removed))
        if not self.report.written and not self.report.removed:
            yield f"The next build would not write {self.only}." if self.only else "The next build would write nothing."


def next_build(
    session: Session,
    name: str | None,
    *,
    as_of: dt.date | None = None,
    offline: bool = False,
    progress: Progress = silent,
) -> Next:
    """Return what the next build would do, writing no file of the vault.

    Args:
        session: The run.
        name: The note to ask about; None for all.
        as_of: The last day of data; by default that of the settings, or the last finished session.
        offline: Fetch nothing from a network.
        progress: Is told what is going on.

    Raises:
        ThesisvaultError: As building does.
    """
    only = why_written(session, name).path if name is not None else ""
    report = build_vault(session, as_of=as_of, dry=True, offline=offline, progress=progress, command="why")
    if only:
        report.reasons = {path: each for path, each in (report.reasons or {}).items() if path == only}
        report.written, report.removed = list(report.reasons), []
    return Next(report, only)


# In words ------------------------------------------------------------------------------------------------------------


def _told(writing: Writing) -> Iterator[str]:
    at = dt.datetime.fromisoformat(writing.at).astimezone(dt.UTC)
    until = f", with data up to {day_in_words(dt.date.fromisoformat(writing.as_of[1]))}" if writing.as_of[1] else ""
    yield f"Last written on {day_in_words(at.date())} at {at:%H:%M} UTC{until}."
    yield "Why:"
    yield from _indented((each.says for each in writing.reasons), _MOST_REASONS)
    if writing.figures:
        yield "Figures:"
        yield from _indented(map(_figure, writing.figures), _MOST_FIGURES)


def _figure(figure: FigureChange) -> str:
    label = figure.label if len(figure.label) <= _LONGEST else f"{figure.label[: _LONGEST - 1].rstrip()}…"
    if figure.before is None:
        return f"{label}: {figure.after} (new)"
    if figure.after is None:
        return f"{label}: no longer shown (was {figure.before})"
    because = f" ({', '.join(figure.series[:3])}{', …' if len(figure.series) > 3 else ''})" if figure.series else ""
    return f"{label}: {figure.before} → {figure.after}{because}"


def _indented(lines: Iterable[str], most: int) -> Iterator[str]:
    every = list(lines)
    yield from (f"  {line}" for line in every[:most])
    if len(every) > most:
        yield f"  and {len(every) - most} more; --json lists them all"

"""Composing all notes: a view of each note that definitions ask for, and what of its prices cannot be trusted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from thesisvault.blocks.core.context import BlockError, Context
from thesisvault.blocks.core.guard import filling
from thesisvault.definitions.library import Library
from thesisvault.errors import DefinitionError, Finding, Place
from thesisvault.market.reading.market import Market
from thesisvault.notes.views import NoteView
from thesisvault.runs.engine.engine import Engine, Make
from thesisvault.runs.engine.leaves import ALL, SEPARATOR, Leaf
from thesisvault.runs.report import Progress
from thesisvault.runs.steps.compose.asset import Asset, basket_note, instrument_note
from thesisvault.runs.steps.compose.entity import entity_note
from thesisvault.runs.steps.compose.home import home_note
from thesisvault.runs.steps.compose.thesis import thesis_note
from thesisvault.runs.steps.contradictions import contradicted
from thesisvault.runs.steps.trust import Trust
from thesisvault.runs.steps.unavailable import unavailable_descriptions, unavailable_in
from thesisvault.runs.steps.usage import Target, Usage, universes_used


@dataclass(frozen=True)
class Composed:
    """The views of all notes, the home note last, what of their prices is not to be trusted, and what is to be told."""

    views: tuple[NoteView, ...]
    trust: Trust
    findings: tuple[Finding, ...]


def compose_notes(
    engine: Engine,
    used: Mapping[Target, Usage],
    tickers: Iterable[str],
    neighbors: Mapping[Target, str],
    are_there: Callable[[str], bool],
    progress: Progress,
) -> Composed:
    """Fill the blocks of every definition and of all that definitions use, unless they are the same as before.

    Args:
        engine: Makes what is not known from an earlier run.
        used: What definitions use, and where.
        tickers: The series that they use.
        neighbors: Paths of a person's own notes, each by what it is about; an entity that has one gets none of ours.
        are_there: Whether the note of an id lies in the vault.
        progress: Is told what is going on.

    Raises:
        DefinitionError: Something typed in a definition cannot be filled; the error holds all such findings.
    """
    library = engine.library
    makers = list(makers_of(library, used, neighbors))
    views: list[NoteView] = []
    findings: list[Finding] = []
    for done, each in enumerate(makers, 1):
        progress("figures", done, len(makers))
        try:
            with filling(f'the note "{each.title}"', each.title):
                views.append(engine.view(each.id, each.make, said, each.rests_on, is_there=are_there(each.id)))
        except BlockError as problem:
            findings.append(_finding(each.source, problem))
    if findings:
        raise DefinitionError(sorted(findings, key=lambda each: each.sort_key))
    trust = _trust(engine, used, views, tickers)
    listed = [(view.id, view.title, view.folder) for view in views]
    about = [engine.leaves.tell(("notes", ALL), *listed), engine.leaves.tell(("trust", ALL), trust)]
    home = engine.view(
        "home", lambda own, base: home_note(views, trust, own, base), _silent, about, is_there=are_there("home")
    )
    described = unavailable_descriptions(library, Context(engine.scope, library, ""))
    return Composed((*views, home), trust, (*engine.findings([view.id for view in views]), *described))


@dataclass(frozen=True)
class Maker:
    """What makes a note.

    Attributes:
        id: The id of the note.
        source: The file of its definition.
        title: Its title or name.
        make: Makes its view.
        rests_on: What the view is made from besides what making it reads.
    """

    id: str
    source: str
    title: str
    make: Make
    rests_on: tuple[Leaf, ...]


def makers_of(library: Library, used: Mapping[Target, Usage], neighbors: Mapping[Target, str]) -> Iterator[Maker]:
    """Yield what makes each note, but for the home note.

    Args:
        library: The definitions.
        used: What definitions use, and where.
        neighbors: Paths of a person's own notes, each by what it is about; an entity that has one gets none of ours.
    """
    for key in library.definitions:
        yield maker_of(library, used, ("thesis", key))
    for target in used:
        if target[0] != "entity" or target not in neighbors:
            yield maker_of(library, used, target, neighbors.get(target, ""))


def maker_of(library: Library, used: Mapping[Target, Usage], target: Target, theirs: str = "") -> Maker:
    """Return what makes one note.

    Args:
        library: The definitions.
        used: What definitions use, and where.
        target: What the note is about; a concept counts as a thesis.
        theirs: Path of the person's own note about it; empty if there is none.

    Raises:
        KeyError: Nothing asks for such a note.
    """
    kind, key = target
    if kind == "thesis":
        record = library.definitions[key]
        return Maker(record.id, record.card.shown, record.title, partial(_thesis, key), (("definition", key),))
    usage, note_id = used[target], "/".join(target)
    leaves: tuple[Leaf, ...] = (("usage", note_id), ("neighbor", note_id))
    if kind == "instrument":
        name = library.instruments[key].name
        return Maker(note_id, "instruments.yaml", name, partial(_instrument, key, usage, theirs), leaves)
    if kind == "basket":
        title = library.baskets[key].title
        return Maker(note_id, f"baskets/{key}.yaml", title, partial(_basket, key, usage, theirs), leaves)
    return Maker(note_id, "entities.yaml", library.entities[key].name, partial(_entity, key, usage), leaves)


def _thesis(key: str, library: Library, base: Context) -> NoteView:
    return thesis_note(library.definitions[key], library, base)


def _instrument(key: str, usage: Usage, theirs: str, library: Library, base: Context) -> NoteView:
    return instrument_note(Asset(key, usage, library, base, theirs))


def _basket(key: str, usage: Usage, theirs: str, library: Library, base: Context) -> NoteView:
    return basket_note(Asset(key, usage, library, base, theirs))


def _entity(key: str, usage: Usage, library: Library, base: Context) -> NoteView:
    return entity_note(key, usage, library, base)


def said(view: NoteView, library: Library, base: Context) -> Iterator[Finding]:
    """Yield what is to be reported of a note: contradicted claims, and figures that are n/a where they stand first."""
    yield from contradicted([view])
    if view.id in library.definitions:
        yield from unavailable_in(library.definitions[view.id], library, base)


def _silent(_view: NoteView, _library: Library, _base: Context) -> tuple[Finding, ...]:
    return ()


def _finding(source: str, problem: BlockError) -> Finding:
    """Return what a block could not be filled with, at the place where it was typed."""
    (placed,) = problem.findings
    if placed.place is not None:
        return placed
    return Finding(f"{problem.problem} In: {problem.text[:80]}", Place(source), code="expression")


def _trust(engine: Engine, used: Iterable[Target], views: Sequence[NoteView], tickers: Iterable[str]) -> Trust:
    """Return which of the series in use end early, are in quarantine, or are known to no source any more."""
    trust, library, market = Trust(), engine.library, engine.scope.market
    for view in views:
        trust.add_stale(view.stale_series)
    for name in universes_used(library, used):
        members = library.universes[name]
        late = engine.fact(f"late {name}", [("many", SEPARATOR.join(members))], partial(_late, market, members))
        trust.late_members[name] = (len(members), {ticker: dt.date.fromisoformat(day) for ticker, day in late.items()})
    for ticker in tickers:
        if troubles := market.troubles(ticker):
            trust.troubled[ticker] = troubles
    return trust


def _late(market: Market, members: Sequence[str]) -> dict[str, str]:
    return {ticker: day.isoformat() for ticker, day in market.late(members).items()}

"""Composing: the notes that definitions ask for, the view of each, and what of its prices cannot be trusted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from msgspec import Struct

from thesisvault.blocks.core.context import BlockError, Context
from thesisvault.blocks.core.guard import filling
from thesisvault.blocks.core.records import ClaimRecord
from thesisvault.definitions.library import Library
from thesisvault.errors import DefinitionError, Finding, Place
from thesisvault.market.reading.market import Market
from thesisvault.notes.views import AssetView, BasketView, ConceptView, EntityView, HomeView, NoteView, ThesisView
from thesisvault.runs.engine.engine import Engine, Make
from thesisvault.runs.engine.leaves import ALL, SEPARATOR, Leaf
from thesisvault.runs.steps.claimed import ClaimBook
from thesisvault.runs.steps.compose.asset import Asset, basket_note, instrument_note
from thesisvault.runs.steps.compose.entity import entity_note
from thesisvault.runs.steps.compose.home import HomeParts, Members, home_note
from thesisvault.runs.steps.compose.sources import SOURCES_ID, SOURCES_TITLE, asks_for_sources, sources_note
from thesisvault.runs.steps.compose.thesis import thesis_note
from thesisvault.runs.steps.contradictions import contradicted
from thesisvault.runs.steps.trust import Trust
from thesisvault.runs.steps.unavailable import unavailable_in
from thesisvault.runs.steps.usage import Target, Usage, universes_used

HOME = "home"


class Planned(Struct, frozen=True):
    """A note that definitions ask for, before it is made.

    Attributes:
        id: Its id.
        title: Its title.
        folder: The folder of a new note of its kind, in the vault.
        source: The file of its definition.
        make: Makes its view.
        rests_on: What the view is made from besides what making it reads.
        claims: Gives the claims of other notes that it shows or counts, once all of these are made; None if it does
            neither.
    """

    id: str
    title: str
    folder: str
    source: str
    make: Make
    rests_on: tuple[Leaf, ...]
    claims: Callable[[], tuple[object, ...]] | None = None


def _no_home(_library: Library, _base: Context) -> NoteView:
    raise NotImplementedError("the home note is made from all others")


HOME_NOTE = Planned(HOME, "Home", HomeView.folder, "", _no_home, ())
"""The home note, as far as it is known before the others are made."""


def planned_notes(
    library: Library, used: Mapping[Target, Usage], neighbors: Mapping[Target, str], book: ClaimBook
) -> tuple[Planned, ...]:
    """Return the notes of every definition and of all that definitions use, but for the home note.

    Theses and concepts come first: the others may show what these have found of their claims.

    Args:
        library: The definitions.
        used: What definitions use, and where.
        neighbors: Paths of a person's own notes, each by what it is about; an entity that has one gets none of ours.
        book: Takes in the claims of theses and concepts while these are made.
    """
    return tuple(_planned(library, used, neighbors, book))


def composed(engine: Engine, note: Planned, book: ClaimBook, *, is_there: bool) -> NoteView:
    """Return the view of a note: as it was made before, or made anew.

    Args:
        engine: Makes what is not known from an earlier run.
        note: The note.
        book: Takes in the claims of the note.
        is_there: Whether it lies in the vault.

    Raises:
        DefinitionError: Something typed in its definition cannot be filled.
    """
    try:
        with filling(f'the note "{note.title}"', note.title):
            rests_on = note.rests_on
            if note.claims is not None:
                rests_on += (engine.leaves.tell(("claims", note.id), *note.claims()),)
            view = engine.view(note.id, note.make, said, rests_on, is_there=is_there)
            book.add(note.id, engine.after.notes[note.id].claims)
            return view
    except BlockError as problem:
        raise DefinitionError(_finding(note.source, problem)) from None


def composed_home(engine: Engine, parts: HomeParts, *, is_there: bool) -> NoteView:
    """Return the view of the home note.

    Args:
        engine: Makes what is not known from an earlier run.
        parts: What it is made from.
        is_there: Whether it lies in the vault.
    """
    tell = engine.leaves.tell
    about = [tell(("notes", ALL), *parts.notes), tell(("trust", ALL), parts.trust)]
    about += [tell(("breadth", ALL), parts.members), tell(("run", ALL), parts.last_run)]
    about += [tell(("brief", each.id), each) for each in parts.briefs]

    def make(library: Library, base: Context) -> NoteView:
        return home_note(parts, library, base)

    return engine.view(HOME, make, _silent, about, is_there=is_there)


def _planned(
    library: Library, used: Mapping[Target, Usage], neighbors: Mapping[Target, str], book: ClaimBook
) -> Iterator[Planned]:
    for key in library.definitions:
        yield planned_note(library, used, ("thesis", key), book)
    for target in used:
        if target[0] != "entity" or target not in neighbors:
            yield planned_note(library, used, target, book, neighbors.get(target, ""))
    if asks_for_sources(library):
        yield Planned(SOURCES_ID, SOURCES_TITLE, "", "", partial(_sources, book), (), lambda: book.standings)


def planned_note(
    library: Library, used: Mapping[Target, Usage], target: Target, book: ClaimBook, theirs: str = ""
) -> Planned:
    """Return one note, before it is made.

    Args:
        library: The definitions.
        used: What definitions use, and where.
        target: What the note is about; a concept counts as a thesis.
        book: The claims of theses and concepts.
        theirs: Path of the person's own note about it; empty if there is none.

    Raises:
        KeyError: Nothing asks for such a note.
    """
    kind, key = target
    if kind == "thesis":
        record = library.definitions[key]
        folder = (ThesisView if record.head.kind == "thesis" else ConceptView).folder
        made_from = (("definition", key),)
        return Planned(record.id, record.title, folder, record.card.shown, partial(_thesis, key), made_from)
    usage, note_id = used[target], "/".join(target)
    rests_on: tuple[Leaf, ...] = (("usage", note_id), ("neighbor", note_id))
    about = partial(book.about, key) if usage.has_claims else None
    if kind == "instrument":
        name, make = library.instruments[key].name, partial(_instrument, key, usage, theirs, about)
        return Planned(note_id, name, AssetView.folder, "instruments.yaml", make, rests_on, about)
    if kind == "basket":
        title, make = library.baskets[key].title, partial(_basket, key, usage, theirs, about)
        return Planned(note_id, title, BasketView.folder, f"baskets/{key}.yaml", make, rests_on, about)
    name, make = library.entities[key].name, partial(_entity, key, usage, book)
    by = partial(_claims_by, book, target) if usage.has_claims else None
    return Planned(note_id, name, EntityView.folder, "entities.yaml", make, rests_on, by)


def _thesis(key: str, library: Library, base: Context) -> NoteView:
    return thesis_note(library.definitions[key], library, base)


Claims = Callable[[], tuple[ClaimRecord, ...]]
"""Gives the claims about a thing, once they are known."""


def _instrument(key: str, usage: Usage, theirs: str, about: Claims | None, library: Library, base: Context) -> NoteView:
    return instrument_note(Asset(key, usage, library, base, theirs, about() if about else ()))


def _basket(key: str, usage: Usage, theirs: str, about: Claims | None, library: Library, base: Context) -> NoteView:
    return basket_note(Asset(key, usage, library, base, theirs, about() if about else ()))


def _entity(key: str, usage: Usage, book: ClaimBook, library: Library, base: Context) -> NoteView:
    if not usage.has_claims:
        return entity_note(key, usage, library, base)
    return entity_note(key, usage, library, base, book.by(("entity", key)), book.standings)


def _claims_by(book: ClaimBook, target: Target) -> tuple[object, ...]:
    """Return what the note of an author rests on: its claims, and how those of others came out, if it made any."""
    own = book.by(target)
    return (own, book.standings) if own else ()


def _sources(book: ClaimBook, _library: Library, _base: Context) -> NoteView:
    return sources_note(book.standings)


def said(view: NoteView, library: Library, base: Context) -> Iterator[Finding]:
    """Yield what is to be reported of a note: contradicted claims, and figures that are n/a where they stand first."""
    yield from contradicted(view)
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


def trust_in(engine: Engine, used: Iterable[Target], stale: Mapping[str, dt.date], tickers: Iterable[str]) -> Trust:
    """Return which of the series in use end early, are in quarantine, or are known to no source any more.

    Args:
        engine: Knows what is late of a universe from an earlier run.
        used: What definitions use.
        stale: Stale series behind figures of notes, each with the day on which it ends.
        tickers: The series that definitions use.
    """
    trust, library, market = Trust(dict(stale)), engine.library, engine.scope.market
    for name in universes_used(library, used):
        members = library.universes[name]
        late = engine.fact(f"late {name}", [("many", SEPARATOR.join(members))], partial(_late, market, members))
        trust.late_members[name] = (len(members), {ticker: dt.date.fromisoformat(day) for ticker, day in late.items()})
    for ticker in tickers:
        if troubles := market.troubles(ticker):
            trust.troubled[ticker] = troubles
    return trust


def members_that_rose(engine: Engine, used: Iterable[Target]) -> Members | None:
    """Return how many members of a universe rose on the last day; of several in use, of the one with most members.

    Args:
        engine: Knows it from an earlier run with the same prices.
        used: What definitions use.
    """
    library = engine.library
    universes = {name: library.universes[name] for name in universes_used(library, used)}
    if not universes:
        return None
    name = max(sorted(universes), key=lambda each: len(universes[each]))
    reads: list[Leaf] = [("universe", name), ("many", SEPARATOR.join(universes[name]))]
    found = engine.fact(f"rose {name}", reads, partial(_rose, engine, name))
    return None if found is None else Members(name, float(found))


def _rose(engine: Engine, universe: str) -> float | None:
    number = engine.scope.number(f"breadth(ret('{universe}', '1d') > 0)")
    return number.value if isinstance(number.value, float) and not number.stale else None


def _late(market: Market, members: Sequence[str]) -> dict[str, str]:
    return {ticker: day.isoformat() for ticker, day in market.late(members).items()}

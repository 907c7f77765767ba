"""Composing all notes: a view of each note that definitions ask for, and what of its prices cannot be trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from thesisvault.blocks.core.context import BlockError, Context
from thesisvault.blocks.core.guard import filling
from thesisvault.definitions.library import Library
from thesisvault.errors import DefinitionError, Finding, Place
from thesisvault.language.evaluate import Scope
from thesisvault.market.reading.market import Market
from thesisvault.notes.views import NoteView
from thesisvault.runs.report import Progress
from thesisvault.runs.steps.compose.asset import Asset, basket_note, instrument_note
from thesisvault.runs.steps.compose.entity import entity_note
from thesisvault.runs.steps.compose.home import home_note
from thesisvault.runs.steps.compose.thesis import thesis_note
from thesisvault.runs.steps.trust import Trust
from thesisvault.runs.steps.usage import Target, Usage, universes_used


@dataclass(frozen=True)
class Composed:
    """The views of all notes, the home note last, and what of their prices cannot be trusted."""

    views: tuple[NoteView, ...]
    trust: Trust


def compose_notes(
    library: Library,
    used: Mapping[Target, Usage],
    tickers: Iterable[str],
    scope: Scope,
    neighbors: Mapping[Target, str],
    progress: Progress,
) -> Composed:
    """Fill the blocks of every definition and of all that definitions use.

    Args:
        library: The definitions.
        used: What they use, and where.
        tickers: The series that they use.
        scope: What expressions are evaluated in.
        neighbors: Paths of a person's own notes, each by what it is about; an entity that has one gets none of ours.
        progress: Is told what is going on.

    Raises:
        DefinitionError: Something typed in a definition cannot be filled; the error holds all such findings.
    """
    base = Context(scope, library, "")
    makers = list(_makers(library, used, base, neighbors))
    views: list[NoteView] = []
    findings: list[Finding] = []
    for done, (source, title, make) in enumerate(makers, 1):
        progress("figures", done, len(makers))
        try:
            with filling(f'the note "{title}"', title):
                views.append(make())
        except BlockError as problem:
            findings.append(_finding(source, problem))
    if findings:
        raise DefinitionError(sorted(findings, key=lambda each: each.sort_key))
    trust = _trust(library, used, views, tickers, scope.market)
    return Composed((*views, home_note(views, trust, library, base)), trust)


def _makers(
    library: Library, used: Mapping[Target, Usage], base: Context, neighbors: Mapping[Target, str]
) -> Iterator[tuple[str, str, Callable[[], NoteView]]]:
    """Yield the file of each definition, its title or name, and what makes its note."""
    for record in library.definitions.values():
        yield record.tree.shown, record.model.title, partial(thesis_note, record, library, base)
    for (kind, key), usage in used.items():
        theirs = neighbors.get((kind, key), "")
        if kind == "instrument":
            name = library.instruments[key].name
            yield "instruments.yaml", name, partial(instrument_note, Asset(key, usage, library, base, theirs))
        elif kind == "basket":
            title = library.baskets[key].title
            yield f"baskets/{key}.yaml", title, partial(basket_note, Asset(key, usage, library, base, theirs))
        elif (kind, key) not in neighbors:
            yield "entities.yaml", library.entities[key].name, partial(entity_note, key, usage, library, base)


def _finding(source: str, problem: BlockError) -> Finding:
    """Return what a block could not be filled with, at the place where it was typed."""
    (placed,) = problem.findings
    if placed.place is not None:
        return placed
    return Finding(f"{problem.problem} In: {problem.text[:80]}", Place(source), code="expression")


def _trust(
    library: Library, used: Iterable[Target], views: Sequence[NoteView], tickers: Iterable[str], market: Market
) -> Trust:
    """Return which of the series in use end early, are in quarantine, or are known to no source any more."""
    trust = Trust()
    for view in views:
        trust.add_stale(view.stale_series)
    for name in universes_used(library, used):
        members = library.universes[name]
        trust.late_members[name] = (len(members), market.late(members))
    for ticker in tickers:
        if troubles := market.troubles(ticker):
            trust.troubled[ticker] = troubles
    return trust

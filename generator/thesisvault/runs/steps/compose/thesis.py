"""The view of a thesis or concept."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from thesisvault.blocks.core.block import KINDS, Block, BlockModel, fill_all, texts_of
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import (
    ChartRequest,
    Filled,
    Table,
    dated_lines,
    figures_in,
    head,
    inside,
    reason_lines,
    say,
    small_lines,
)
from thesisvault.blocks.core.guard import filling
from thesisvault.blocks.core.sides import side_text
from thesisvault.blocks.core.signals import nearest_kill
from thesisvault.definitions.library import Library
from thesisvault.definitions.models.thesis import Section
from thesisvault.definitions.theses import ThesisRecord
from thesisvault.fields import HIGHEST_CONVICTION
from thesisvault.language.text import Figure, Plain, Text, words_of
from thesisvault.notes.brief import Brief, BriefFigure
from thesisvault.notes.properties.values import Value
from thesisvault.notes.views import ConceptView, SectionView, ThesisView
from thesisvault.runs.steps.compose.brief import brief_of, next_review
from thesisvault.runs.steps.compose.parts import tidy, with_stale_line
from thesisvault.scalars import Window
from thesisvault.words import plural

_VIEWS = {view.kind: view for view in (ThesisView, ConceptView)}
_HALF_A_DIGIT = 0.0005
"""Half of the last digit in which points are shown: less is not seen."""
_STANDARD = ("signals", "scenarios", "drivers", "claims", "updates", "related", "sources")


def thesis_note(record: ThesisRecord, library: Library, base: Context) -> ThesisView:
    """Return the view of a thesis or concept, with all of its blocks filled.

    Raises:
        BlockError: An expression or name in it cannot be filled.
    """
    thesis = record.model
    context = Context(base.scope.where(**record.names), library, record.id, record)
    standard = _Standard(record, context)
    verdict, summary, against = (
        context.text(text) if text else () for text in (thesis.verdict, thesis.summary, thesis.against)
    )
    sections = tuple(_section(section, context) for section in thesis.sections)
    facts, facts_lines = _facts(record, context)
    view = _VIEWS[thesis.kind](
        id=record.id,
        title=thesis.title,
        aliases=thesis.aliases,
        tags=thesis.tags,
        further=_properties(record),
        verdict=verdict,
        summary=summary,
        against=against,
        standing=_standing(record, context, dated=True),
        sections=sections,
        facts=facts,
        facts_lines=facts_lines,
        signals=standard.fill("signals"),
        scenarios=standard.fill("scenarios"),
        drivers=standard.fill("drivers"),
        claims=standard.fill("claims"),
        updates=standard.fill("updates"),
        related=standard.fill("related"),
        sources=standard.fill("sources"),
        sources_title=plural(len(thesis.sources), "source"),
        lines=reason_lines(figures_in([verdict, summary, against]), dated=False, besides=figures_in(facts)),
    )
    is_computed = _is_computed(view)
    if not is_computed:
        view = dataclasses.replace(view, standing=_standing(record, context, dated=False))
    brief = brief_of(record, context, is_stale=bool(view.stale_series))
    further = {**view.further, **_computed(brief, context.as_of if is_computed else None)}
    return with_stale_line(dataclasses.replace(view, brief=brief, further=further), context)


def _is_computed(view: ThesisView) -> bool:
    """Return whether anything in a note comes from prices; a note of words alone bears no day."""
    return view.signals is not None or any(True for kind in (Figure, ChartRequest) for _ in inside(view.shown, kind))


class _Standard:
    """Fills the parts that a thesis shows without being asked to, unless a section of its own shows them."""

    def __init__(self, record: ThesisRecord, context: Context) -> None:
        self._thesis, self._context = record.model, context
        self._placed = _placed(record.model.sections)

    def fill(self, kind: str) -> Filled | None:
        if kind in self._placed or not getattr(self._thesis, kind):
            return None
        block = KINDS[kind]()
        assert isinstance(block, BlockModel)  # noqa: S101 - the registry holds nothing else
        first = next(texts_of(getattr(self._thesis, kind)), self._thesis.title)
        with filling(f'the part "{kind}"', first):
            return block.fill(self._context)


def _placed(sections: Sequence[Section]) -> set[str]:
    """Return the standard parts that a section shows."""
    found = set()
    stack: list[Block] = [block for section in sections for block in section.blocks]
    while stack:
        block = stack.pop()
        stack += getattr(block.body, "blocks", ())
        own = not any(getattr(block.body, name, None) for name in ("of", "check", "rows"))
        if block.kind in _STANDARD and own:
            found.add(block.kind)
    return found


def _section(section: Section, context: Context) -> SectionView:
    heading = words_of(context.text(section.heading))
    return SectionView(section.heading, heading, section.fold, fill_all(section.blocks, context))


def _standing(record: ThesisRecord, context: Context, *, dated: bool) -> Text:
    thesis = record.model
    words = [thesis.kind.capitalize(), thesis.status]
    if thesis.conviction:
        words.append(f"conviction {thesis.conviction} of {HIGHEST_CONVICTION}")
    if thesis.opened:
        words.append(f"opened {thesis.opened}")
    if thesis.closed:
        words.append(f"closed {thesis.closed}")
    if due := _review(record, context):
        words.append(due)
    if dated:
        words.append(f"as of {context.as_of}")
    return say(" · ".join(words), emphasis=True)


def _review(record: ThesisRecord, context: Context) -> str:
    due = next_review(record, context.as_of)
    return f"review {'overdue since' if due < context.as_of else 'due'} {due}" if due else ""


def _facts(record: ThesisRecord, context: Context) -> tuple[Table | None, tuple[Text, ...]]:
    """Return the table of both sides with their spread and the nearest kill signal, and the small lines below it."""
    names, windows = record.names, _windows(context)
    if "buy" not in names and "sell" not in names:
        return None, ()
    texts = [window.text for _, window in windows]
    returns: list[tuple[Text, ...]] = [
        (
            say(label),
            _holding(word, record, context),
            *((context.call("ret", names[word], w),) for w in texts),
        )
        for label, word in (("Buy", "buy"), ("Sell", "sell"), ("Benchmark", "benchmark"))
        if word in names
    ]
    if "buy" in names and "sell" in names:
        figures = [context.call("spread", names["buy"], names["sell"], w) for w in texts]
        spreads = [(replace(each, strong=True),) for each in figures]
        returns.append((say("Spread", strong=True), say("buy minus sell"), *spreads))
    apart = _measured_apart(returns, names)
    kill = tuple((*row, *(say("–") for _ in windows[1:])) for row in _kill_row(record, context))
    lines = (*small_lines(returns), *apart, *dated_lines(figures_in(kill)))
    columns = head("", "", *(label for label, _ in windows), right=range(2, len(windows) + 2))
    return Table(columns, (*returns, *kill)), lines


def _measured_apart(rows: Sequence[tuple[Text, ...]], names: Mapping[str, str]) -> tuple[Text, ...]:
    """Return the line that says of which days a spread is that is not the difference of the figures above it."""
    if not {"buy", "sell"} <= names.keys():
        return ()
    for buy, sell, spread in zip(*(tuple(figures_in(rows[n])) for n in (0, 1, len(rows) - 1)), strict=True):
        one, other, both = buy.number.value, sell.number.value, spread.number
        if not isinstance(one, float) or not isinstance(other, float) or not isinstance(both.value, float):
            continue
        if abs(one - other - both.value) > _HALF_A_DIGIT and both.bases:
            said = f"The spread is measured from {both.bases[0][1]} to {both.on}, sessions that both sides have."
            return (say(said, emphasis=True),)
    return ()


def _windows(context: Context) -> list[tuple[str, Window]]:
    """Return the windows of the table on top: since the thesis was opened, if it says when, and its main one."""
    life, main = context.life, context.main_window
    if life is None:
        return [(main.label, main)]
    label = "Since opened" if life.kind == "since" else life.label
    return [(label, life)] if life == main else [(label, life), (main.label, main)]


def _kill_row(record: ThesisRecord, context: Context) -> tuple[tuple[Text, ...], ...]:
    """Return the row of the nearest kill signal; no row if the thesis has none."""
    kill = nearest_kill(record, context)
    if not kill:
        return ()
    signal, state = kill
    away: Text = say("tripped", strong=True) if state.holds else say(state.word)
    if state.holds is False and state.margin:
        away = (state.margin, Plain(" away"))
    return ((say("Kill line"), say(signal.name), away),)


def _holding(word: str, record: ThesisRecord, context: Context) -> Text:
    name = record.names[word]
    return side_text(name, record.side_name(word) if word != "benchmark" else "", context)


def _properties(record: ThesisRecord) -> dict[str, Value]:
    thesis = record.model
    found: dict[str, Value] = {"status": thesis.status}
    if thesis.conviction:
        found["conviction"] = thesis.conviction
    if thesis.opened:
        found["opened"] = thesis.opened
    if thesis.closed:
        found["closed"] = thesis.closed
    return found


def _computed(brief: Brief, as_of: dt.date | None) -> dict[str, Value]:
    """Return the properties that a build works out, named alike in all notes; what rests on older data is left out."""
    found: dict[str, Value] = {"review_due": brief.review} if brief.review else {}
    if (spread := _fresh(brief.since_opened)) is not None:
        found["spread_since_opened_pp"] = tidy(spread * 100)
    if (spread := _fresh(brief.ytd)) is not None:
        found["spread_ytd_pp"] = tidy(spread * 100)
    if brief.exit and (moves := _fresh(brief.exit.moves)) is not None:
        found["exit_in_moves"] = tidy(moves)
    return {**found, "as_of": as_of} if as_of else found


def _fresh(figure: BriefFigure | None) -> float | None:
    return None if figure is None or figure.stale else figure.value

"""The view of a thesis or concept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from thesisvault.blocks.changes import SINCE_BEFORE, session_before, since_words
from thesisvault.blocks.core.block import KINDS, Block, BlockModel, fill_all, texts_of
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import ChartRequest, Filled, figures_in, inside, reason_lines, say
from thesisvault.blocks.core.guard import filling
from thesisvault.definitions.library import Library
from thesisvault.definitions.models.thesis import Section
from thesisvault.definitions.theses import ThesisRecord
from thesisvault.language.text import Figure, Text, words_of
from thesisvault.notes.brief import Brief, BriefFigure
from thesisvault.notes.properties.values import Value
from thesisvault.notes.views import ConceptView, SectionView, ThesisView, stale_in
from thesisvault.runs.steps.compose.brief import brief_of, next_review
from thesisvault.runs.steps.compose.parts import tidy
from thesisvault.runs.steps.compose.position import position_of, standing_of, with_standing
from thesisvault.runs.steps.compose.small import with_small_lines
from thesisvault.runs.steps.trust import stale_text
from thesisvault.structs import replace
from thesisvault.words import plural, short_day

_VIEWS = {view.kind: view for view in (ThesisView, ConceptView)}
_STANDARD = ("signals", "scenarios", "drivers", "claims", "updates", "related", "sources")


def thesis_note(record: ThesisRecord, library: Library, base: Context) -> ThesisView:
    """Return the view of a thesis or concept, with all of its blocks filled.

    Raises:
        BlockError: An expression or name in it cannot be filled.
    """
    thesis = record.model
    context = Context(base.scope.where(**record.names), library, record.id, record)
    standard = _Standard(record, context)
    summary, against = (context.text(text) if text else () for text in (thesis.summary, thesis.against))
    verdict = _verdict(record, context)
    sections = tuple(_section(section, context) for section in thesis.sections)
    facts, facts_lines = position_of(record, context)
    due = next_review(record, context.as_of)
    lines = reason_lines(figures_in([verdict, summary, against]), dated=False, besides=figures_in(facts))
    standing = standing_of(record, context, due, dated=not facts)
    if facts:
        facts_lines = with_standing(facts_lines, standing)
    else:
        lines = with_standing(lines, standing)
    view = _VIEWS[thesis.kind](
        id=record.id,
        title=thesis.title,
        aliases=thesis.aliases,
        tags=thesis.tags,
        further=_properties(record),
        verdict=verdict,
        summary=summary,
        against=against,
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
        lines=lines,
    )
    is_computed = _is_computed(view)
    if not is_computed:
        lines = with_standing(lines[1:], standing_of(record, context, due, dated=False))
        view = replace(view, lines=lines)
    brief = brief_of(record, context, is_stale=bool(view.stale_series))
    further = {**view.further, **_computed(brief, context.as_of if is_computed else None)}
    view = _with_stale_lines(replace(view, brief=brief, further=further), context)
    return with_small_lines(view, context)


def _verdict(record: ThesisRecord, context: Context) -> Text:
    """Return the verdict; of a thesis that opens after the last day of data, and so cannot be judged, that it does."""
    thesis = record.model
    verdict = context.text(thesis.verdict) if thesis.verdict else ()
    if thesis.opened and thesis.opened > context.as_of and not all(f.number.is_known for f in figures_in([verdict])):
        return say(f"Not open yet: opens {short_day(thesis.opened, context.as_of)}.")
    return verdict


def _with_stale_lines(view: ThesisView, context: Context) -> ThesisView:
    """Return the view with a line on the stale series that its first screen rests on, and one on the others."""
    first = stale_in((view.verdict, view.summary, view.facts, view.against))
    others = {name: day for name, day in view.stale_series.items() if name not in first}
    below = stale_text(others, context)
    return replace(
        view,
        stale=stale_text(first, context),
        stale_below=below,
        stale_title=f"Stale data: {len(others)} series" if others else "",
    )


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
    if section.heading is None:
        before = session_before(context)
        heading = since_words(before, context.as_of) if before else SINCE_BEFORE
    else:
        heading = words_of(context.text(section.heading))
    name = section.heading or SINCE_BEFORE
    return SectionView(name, heading, section.fold, fill_all(section.blocks, context))


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

"""The brief of a thesis or concept: what the home note and `status` say of it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator

from thesisvault.analytics.moves import USUAL, times_usual
from thesisvault.blocks.changes import session_before
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.exits import Exit, exits_of
from thesisvault.blocks.core.judging import judge, judging_day
from thesisvault.blocks.core.signals import state_of
from thesisvault.blocks.core.theses import short_title
from thesisvault.definitions.theses import ThesisRecord
from thesisvault.language.text import words_of
from thesisvault.notes.brief import (
    Ahead,
    Brief,
    BriefExit,
    BriefFigure,
    Flip,
    NewVerdict,
    SideMove,
    without_places,
)
from thesisvault.scalars import Window, parse_window

YEAR = parse_window("ytd")


def brief_of(record: ThesisRecord, context: Context, *, is_stale: bool) -> Brief:
    """Return the brief of a thesis or concept.

    Args:
        record: The thesis or concept.
        context: What its blocks may see.
        is_stale: Whether figures of its note rest on older data.

    Raises:
        BlockError: An expression in it cannot be filled.
    """
    thesis, before = record.model, session_before(context)
    exits, window = exits_of(record, context), context.main_window
    is_open = thesis.status != "closed"
    sided = {"buy", "sell"} <= record.names.keys()
    found = Brief(
        id=record.id,
        title=record.title,
        short=short_title(thesis),
        kind=thesis.kind,
        status=thesis.status,
        opened=thesis.opened,
        since_opened=_spread(record, context, context.life),
        ytd=_spread(record, context, YEAR),
        spread=_spread(record, context, window),
        window=window.label if sided else "–",
        exit=_exit(exits[0]) if exits else None,
        exits=sum(each.has_fired for each in exits),
        unknown=tuple(each.signal.name for each in exits if each.state.holds is None),
        flips=tuple(_flips(record, context, before)) if before and is_open else (),
        verdicts=tuple(new_verdicts(record, context, before)) if before and is_open else (),
        moves=tuple(_moves(record, context)) if is_open else (),
        review=next_review(record, context.as_of),
        ahead=tuple(_ahead(record, context)) if is_open else (),
        is_stale=is_stale,
    )
    return without_places(found)


def next_review(record: ThesisRecord, as_of: dt.date) -> dt.date | None:
    """Return when the next review is due, counted from the last one or the newest update; None if none is.

    Args:
        record: The thesis or concept.
        as_of: The last day of data; what was looked at later does not count.
    """
    thesis = record.model
    looked = [d for d in (thesis.opened, thesis.reviewed, *(u.on for u in thesis.updates)) if d and d <= as_of]
    if not thesis.review_every or not looked or thesis.status == "closed":
        return None
    return max(looked) + dt.timedelta(days=thesis.review_every)


def _spread(record: ThesisRecord, context: Context, window: Window | None) -> BriefFigure | None:
    names = record.names
    if window is None or not {"buy", "sell"} <= names.keys():
        return None
    return BriefFigure.of(context.call("spread", names["buy"], names["sell"], window.text))


def _exit(found: Exit) -> BriefExit:
    state, room = found.state, found.state.margin
    moves = BriefFigure.of(found.moves) if found.moves else None
    return BriefExit(found.signal.name, state.holds, state.since, BriefFigure.of(room) if room else None, moves)


def _flips(record: ThesisRecord, context: Context, before: dt.date) -> Iterator[Flip]:
    for signal in record.model.signals:
        state = state_of(signal, context)
        if state.holds is not None and state.since is not None and state.since > before:
            yield Flip(signal.name, signal.kills, state.holds)


def new_verdicts(record: ThesisRecord, context: Context, before: dt.date) -> Iterator[NewVerdict]:
    """Yield the claims whose verdict changed since a day; one that is judged at a fixed day keeps its verdict."""
    earlier = context.frozen(before)
    for claim in record.model.claims:
        if judging_day(earlier, claim.on, claim.source) == before != judging_day(context, claim.on, claim.source):
            now, then = judge(claim, context), judge(claim, earlier)
            if now.outcome != then.outcome:
                yield NewVerdict(words_of(now.says), then.outcome, now.outcome)


def _moves(record: ThesisRecord, context: Context) -> Iterator[SideMove]:
    """Yield the last day's move of each side; none of a side that ends early or is too young to have a usual one."""
    for word in ("buy", "sell"):
        series = record.names.get(word)
        view = context.series(series) if series else "no such side"
        if series is None or isinstance(view, str) or view.is_stale or view.period_days > 1 or view.basis == "value":
            continue
        values = view.levels.values[-USUAL - 2 :]
        if len(values) < USUAL + 2 or not (values > 0).all():
            continue
        moves, times = times_usual(values, 1)
        if math.isfinite(times[-1]):
            yield SideMove(series, record.side_name(word), float(moves[-1]), float(times[-1]))


def _ahead(record: ThesisRecord, context: Context) -> Iterator[Ahead]:
    for scenario in record.model.scenarios:
        if scenario.by and scenario.by > context.as_of:
            yield Ahead(scenario.key, words_of(context.text(scenario.if_)), scenario.by)

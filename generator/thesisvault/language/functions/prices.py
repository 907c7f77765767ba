"""Prices and levels, and the value on a day."""

from __future__ import annotations

import datetime as dt
import math

from thesisvault.analytics.bounds import number_of
from thesisvault.language.functions.arguments import read_day, read_text
from thesisvault.language.functions.entry import Called, Function, Param, X
from thesisvault.language.tracks.facts import Facts
from thesisvault.language.tracks.track import Constant, Missing, Stored, Track
from thesisvault.structs import replace


def close(call: Called) -> Track:
    """Return the close as traded, adjusted for splits only."""
    found = call.seen.series(read_text(call.plain("x"), "a ticker"), "price")
    # A price is no return, whatever a return of it would be.
    return found.with_facts(replace(found.facts, returns=frozenset())) if isinstance(found, Stored) else found


def _level(call: Called) -> Track:
    return call.series("x")


def _at(call: Called) -> Track:
    seen, day = call.seen, read_day(call.plain("date"))
    if day > seen.market.as_of:
        return Missing(f"{day} lies after {seen.market.as_of}", call.typed)
    now = call.value("x")
    if now.calendar is not None and now.dated is not now.calendar:
        # Known later than the period it is of: the last period that has begun by that day.
        return _held(now, int(now.dated.days.searchsorted(number_of(day), side="right")) - 1, day)
    then = seen.on(seen.until(day)).track(call.nodes["x"])
    return _held(then, then.newest_row, day)


def _held(of: Track, row: int, day: dt.date) -> Track:
    """Return a value as it was at one session, which is final."""
    if of.calendar is None or of.columns is not None:
        return of
    slack = 7 + (of.pace.period_days if of.pace.period_days > 1 else 0)
    facts = of.facts
    on = facts.settled or (of.dated.day(row) if row >= 0 else None)
    void = of.void if row == of.newest_row else ""
    value = of.at(row) if row >= 0 and not void else math.nan
    known = isinstance(value, str) or (value is not None and not math.isnan(value))
    if not known or on is None or (facts.settled is None and (day - on).days > slack):
        reason = void or of.why() or f"no value within {slack} days up to {day}"
        return Missing(reason, of.typed, Facts(sources=facts.sources))
    return Constant(value, of.typed, replace(facts, settled=on, stale=()))


def _now(call: Called) -> Track:
    return call.value("x")


FUNCTIONS = (
    Function("close", (X,), "the close as traded, adjusted for splits only", close),
    Function("level", (X,), "the total-return index; for a macro series its value", _level),
    Function("at", (Param("x", "any"), Param("date", "day")), "the value on a day", _at),
    Function("now", (Param("x", "any"),), "steps out of a frozen update", _now),
)

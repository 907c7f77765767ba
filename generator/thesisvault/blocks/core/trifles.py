"""Trifles: contradicted claims that are right but for a day, a point or a count of one.

A reader wants to know that they are wrong, and need not stop at each. A contradicted claim is a trifle where

- a day was claimed, and the real one is the session before or after it;
- a condition was claimed of a day that the claim names in `on`, and it holds at the session before or after that day;
- a count of two or more was claimed, and the real one is greater or smaller by one, and not zero;
- a figure in `%` or `pp` was claimed (of a bound or a range, its nearest end), and what came out has the same sign and
  differs by less than one percentage point and by less than half of what was claimed.

Nothing else is. In particular a claim of the sign alone, `at_least: 0pp`, never misses by a trifle.
"""

from __future__ import annotations

import datetime as dt

from thesisvault.analytics.bounds import day_of, number_of
from thesisvault.blocks.core.claims import Claim
from thesisvault.blocks.core.context import Context
from thesisvault.language.values import Number
from thesisvault.words import short_day

_POINT = 0.01


def trifle_of(claim: Claim, number: Number, context: Context) -> str:
    """Return what really was where a contradicted claim misses by a trifle; an empty text where it misses by more.

    Args:
        claim: The claim, which is contradicted.
        number: What came out.
        context: What the note sees at its own last day.
    """
    value = number.value
    if claim.date is not None and isinstance(value, dt.date):
        return _said(value, context) if value in _beside(claim.date, context) else ""
    if claim.truth is not None and claim.on is not None:
        return _other_day(claim, claim.on, context)
    if value is None or isinstance(value, str | dt.date):
        return ""
    if claim.count is not None:
        missed = claim.count > 1 and value > 0 and round(abs(value - claim.count), 9) == 1
        return f"{value:.0f}" if missed else ""
    said = min((each for each in claim.figures if each.is_fraction), key=lambda e: abs(value - e.value), default=None)
    if said is None or value * said.value <= 0:
        return ""
    difference = abs(value - said.value)
    return "a point" if difference < min(_POINT, abs(said.value) / 2) else ""


def _other_day(claim: Claim, on: dt.date, context: Context) -> str:
    """Return the session beside a day at which a condition is as was claimed, or nothing."""
    for day in _beside(on, context):
        number = context.frozen(day).number(claim.check)
        if number.is_known and not number.stale and bool(number.value) == claim.truth:
            return _said(day, context)
    return ""


def _beside(day: dt.date, context: Context) -> tuple[dt.date, ...]:
    """Return the sessions before and after a day, as far as the note sees them."""
    sessions, at = context.scope.market.sessions, number_of(day)
    before, after = sessions.searchsorted(at, "left") - 1, sessions.searchsorted(at, "right")
    return tuple(day_of(int(sessions[each])) for each in (before, after) if 0 <= each < len(sessions))


def _said(day: dt.date, context: Context) -> str:
    return short_day(day, context.as_of)

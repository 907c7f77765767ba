"""The function `fund`: fundamentals of an instrument from its dated snapshots.

Seen from a session it is the newest snapshot of that day or before; the day of the snapshot goes along with the number,
so that it is shown wherever the number is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from thesisvault.analytics.bounds import day_of, number_of
from thesisvault.errors import did_you_mean
from thesisvault.language import kinds
from thesisvault.language.functions.arguments import FLOW, read_field
from thesisvault.language.functions.entry import Called, Function, Param
from thesisvault.language.kinds import Kind, Typed
from thesisvault.language.parse import ExpressionError
from thesisvault.language.tracks.facts import Facts
from thesisvault.language.tracks.track import Missing, Stored, Track
from thesisvault.market.fundamentals import FIELDS
from thesisvault.market.reading.market import UnknownName
from thesisvault.market.store.ledger import DatedValue

FRESH_DAYS = 14
"""A snapshot that is older than this is stale, and in history it is no value any more."""
_CLOSE_DAYS = 7
"""A close for the day of a snapshot may be so many days older, over holidays."""


def fund(call: Called) -> Track:
    """Return a fundamental at every session from its first snapshot on.

    Raises:
        ExpressionError: The name is not known or is that of several series, or there is no such field.
    """
    market = call.seen.market
    name, field = call.plain("x"), read_field(call.plain("field"))
    if not isinstance(name, str):
        raise ExpressionError("fund takes a ticker in quotes, as in fund('XOM', 'forward_pe')")
    if name in call.seen.universes:
        raise ExpressionError(f'"{name}" is a universe; fund takes one ticker')
    facts = Facts(sources=(name,))
    if "|" in name or name in market.baskets:
        what = "a chain" if "|" in name else "a basket"
        called = call.seen.labels.get(name, name)
        return Missing(f"{called}: {what} has no fundamentals; name one of its members", call.typed, facts)
    if not market.knows(name):
        raise ExpressionError(str(UnknownName(name, did_you_mean(name, market.instruments))))
    known = market.snapshots(name)
    stored = [each for each in known if each.field == ("shares" if field == FLOW else field)]
    if field == FLOW:
        return _flow(call, name, stored)
    if not stored:
        why = f"no snapshot of {field} is stored; they are fetched by `thesisvault refresh` through yahoo"
        if known:
            why = f"its snapshot of {day_of(max(each.day for each in known))} has no {field}"
        return Missing(f"{name}: {why}", call.typed, facts)
    typed = call.typed
    if FIELDS[field].shape == "money":
        unit = stored[-1].currency or market.instruments[name].currency
        typed = Typed(Kind(typed.kind.name, typed.kind.family, unit))
        stored = [each for each in stored if each.currency == stored[-1].currency]
    return _seen(call, name, [(each.day, each.value) for each in stored], typed)


def _seen(
    call: Called,
    name: str,
    values: Sequence[tuple[int, float]],
    typed: Typed,
    notes: tuple[str, ...] = (),
    reason: str = "",
) -> Track:
    """Return values by the day of their snapshot as they were seen from each session while they were fresh."""
    market, newest = call.seen.market, values[-1][0]
    sessions = market.sessions_of(name, day_of(values[0][0]))
    of_days = np.array([day for day, _ in values], dtype=np.int64)
    at = of_days.searchsorted(sessions, side="right") - 1
    fresh = (at >= 0) & (sessions - of_days[np.maximum(at, 0)] <= FRESH_DAYS)
    taken = np.array([value for _, value in values], dtype=np.float64)[at[fresh]]
    stale = ((f"{name} snapshot", day_of(newest)),) if number_of(market.as_of) - newest > FRESH_DAYS else ()
    facts = Facts(stale=stale, notes=notes, sources=(name,), dated=((name, day_of(newest)),))
    calendar = call.seen.memory.calendars.of(sessions[fresh])
    return Stored(taken, calendar, typed, facts=facts, name=name, reason=reason, gaps=True)


def _flow(call: Called, name: str, stored: Sequence[DatedValue]) -> Track:
    """Return the change of shares between two snapshots, times the close of the newer one."""
    facts = Facts(sources=(name,))
    if len(stored) < 2:
        found = f"one snapshot of shares is stored, of {day_of(stored[0].day)}" if stored else "none is stored"
        return Missing(f"{name}: a flow needs two snapshots of shares; {found}", call.typed, facts)
    closes = call.seen.series(name, "price")
    if isinstance(closes, Missing) or closes.calendar is None:
        return Missing(closes.why(), call.typed, facts)
    # Stored closes are those of today's shares, so the shares of each snapshot are counted in today's too.
    splits = call.seen.market.splits(name)
    shares = [each.value * math.prod(ratio for day, ratio in splits if day > each.day) for each in stored]
    days, values = closes.calendar.days, []
    for i, each in enumerate(stored[1:]):
        row = int(days.searchsorted(each.day, side="right")) - 1
        near = row >= 0 and each.day - int(days[row]) <= _CLOSE_DAYS
        values.append((each.day, (shares[i + 1] - shares[i]) * closes.at(row) if near else math.nan))
    span = f"flow of {name} from {day_of(stored[-2].day)} to {day_of(stored[-1].day)}"
    reason = "" if math.isfinite(values[-1][1]) else f"{name}: no close on the day of its snapshot"
    return _seen(call, name, values, Typed(kinds.amount(closes.typed.kind.unit)), (span,), reason)


FUNCTIONS = (
    Function(
        "fund",
        (Param("x", "single"), Param("field", "field")),
        "a fundamental such as 'forward_pe', from the newest stored snapshot, shown with its date",
        fund,
    ),
)

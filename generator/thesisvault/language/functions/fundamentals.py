"""The function `fund`: fundamentals of an instrument from its dated snapshots.

Seen from a session it is the newest snapshot of that day or before; the day of the snapshot goes along with the number,
so that it is shown wherever the number is.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from thesisvault.errors import did_you_mean
from thesisvault.language.functions.arguments import FLOW, read_field
from thesisvault.language.functions.entry import Function, Param
from thesisvault.language.functions.scope import Scope
from thesisvault.language.parse import ExpressionError, Node
from thesisvault.language.values import Kind, Value, missing
from thesisvault.market.bars import number_day
from thesisvault.market.fundamentals import FIELDS, Shape
from thesisvault.market.reading.market import MissingSeries, UnknownName
from thesisvault.market.store.ledger import DatedValue

FRESH_DAYS = 14
"""A snapshot that is older than this is stale, and in history it is no value any more."""
_KINDS: Mapping[Shape, Kind] = {"multiple": "multiple", "money": "money", "share": "share", "count": "count"}
# A close for the day of a snapshot may be so many days older, over holidays.
_CLOSE_DAYS = dt.timedelta(days=7)


def fundamental(scope: Scope, bound: Mapping[str, Node]) -> Value:
    """Return a fundamental at every session from its first snapshot on.

    Raises:
        ExpressionError: The name is not known or is that of several series, or there is no such field.
    """
    name, field = scope.plain(bound["x"]), read_field(scope.plain(bound["field"]))
    if not isinstance(name, str):
        raise ExpressionError("fund takes a ticker in quotes, as in fund('XOM', 'forward_pe')")
    if name in scope.universes:
        raise ExpressionError(f'"{name}" is a universe; fund takes one ticker')
    if "|" in name or name in scope.market.baskets:
        what = "a chain" if "|" in name else "a basket"
        called = scope.labels.get(name, name)
        return missing(f"{called}: {what} has no fundamentals; name one of its members", sources=(name,))
    if not scope.market.knows(name):
        raise ExpressionError(str(UnknownName(name, did_you_mean(name, scope.market.instruments))))
    known = scope.market.snapshots(name)
    stored = [each for each in known if each.field == ("shares" if field == FLOW else field)]
    if field == FLOW:
        return _flow(scope, name, stored)
    shape = FIELDS[field].shape
    if not stored:
        why = f"no snapshot of {field} is stored; they are fetched by `thesisvault refresh` through yahoo"
        if known:
            why = f"its snapshot of {number_day(max(each.day for each in known))} has no {field}"
        return missing(f"{name}: {why}", _KINDS[shape], (name,))
    unit = ""
    if shape == "money":
        unit = stored[-1].currency or scope.market.instruments[name].currency
        stored = [each for each in stored if each.currency == stored[-1].currency]
    return _seen(scope, name, [(each.day, each.value) for each in stored], shape, unit)


def _seen(
    scope: Scope,
    name: str,
    values: Sequence[tuple[int, float]],
    shape: Shape,
    unit: str,
    notes: tuple[str, ...] = (),
) -> Value:
    """Return values by the day of their snapshot as they were seen from each session while they were fresh."""
    newest = number_day(values[-1][0])
    index = scope.market.sessions_of(name, number_day(values[0][0]))
    taken = pd.Series([value for _, value in values], index=pd.DatetimeIndex([number_day(d) for d, _ in values]))
    of_day = pd.Series(taken.index, index=taken.index).reindex(index, method="ffill")
    data = taken.reindex(index, method="ffill")[(index - of_day) <= pd.Timedelta(days=FRESH_DAYS)]
    stale = ((f"{name} snapshot", newest),) if (scope.market.as_of - newest).days > FRESH_DAYS else ()
    return Value(data, _KINDS[shape], unit=unit, stale=stale, notes=notes, sources=(name,), dated=((name, newest),))


def _flow(scope: Scope, name: str, stored: Sequence[DatedValue]) -> Value:
    """Return the change of shares between two snapshots, times the close of the newer one."""
    if len(stored) < 2:
        found = f"one snapshot of shares is stored, of {number_day(stored[0].day)}" if stored else "none is stored"
        return missing(f"{name}: a flow needs two snapshots of shares; {found}", "money", (name,))
    try:
        view = scope.market.series(name)
    except (MissingSeries, UnknownName) as problem:
        return missing(str(problem), "money", (name,))
    if view.close is None:
        return missing(f"{name}: only adjusted closes are known", "money", (name,))
    splits = scope.market.splits(name)
    # Stored closes are those of today's shares, so the shares of each snapshot are counted in today's too.
    shares = [each.value * math.prod(ratio for day, ratio in splits if day > each.day) for each in stored]
    values = []
    for i, each in enumerate(stored[1:]):
        day = number_day(each.day)
        near = view.close.loc[pd.Timestamp(day - _CLOSE_DAYS) : pd.Timestamp(day)]
        values.append((each.day, (shares[i + 1] - shares[i]) * float(near.iloc[-1]) if len(near) else math.nan))
    span = f"flow of {name} from {number_day(stored[-2].day)} to {number_day(stored[-1].day)}"
    flow = _seen(scope, name, values, "money", view.currency, (span,))
    return replace(flow, reason="" if math.isfinite(values[-1][1]) else f"{name}: no close on the day of its snapshot")


FUNCTIONS = (
    Function(
        "fund",
        (Param("x", "single"), Param("field", "field")),
        "a fundamental such as 'forward_pe', from the newest stored snapshot, shown with its date",
        fundamental,
    ),
)

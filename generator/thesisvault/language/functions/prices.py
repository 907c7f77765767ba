"""Prices and levels, and the value on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from thesisvault.language.functions.arguments import (
    read_day,
    read_text,
)
from thesisvault.language.functions.entry import Function, Param
from thesisvault.language.functions.scope import Scope
from thesisvault.language.functions.series import (
    X,
    close_kind,
    from_view,
    leaf,
    value_kind,
    view_of,
)
from thesisvault.language.parse import Node
from thesisvault.language.values import EPOCH, Value, missing, newest
from thesisvault.market.reading.market import MissingSeries, UnknownName


def close(scope: Scope, bound: Mapping[str, Node]) -> Value:
    """Return the close as traded, adjusted for splits only."""
    name = read_text(scope.plain(bound["x"]), "a ticker")
    if name in scope.universes:
        return leaf(scope, bound["x"], basis="price").value
    view = view_of(scope, name)
    if isinstance(view, Value):
        return view
    if view.basis == "value":
        return from_view(view, view.level, value_kind(view), view.unit)
    if view.kind == "basket":
        return missing(f"{name}: a basket has no close; show its return", "money", (name,))
    if view.close is None:
        return missing(f"{name}: only adjusted closes are known", "money", (name,))
    return from_view(view, view.close, *close_kind(view))


def _level(scope: Scope, bound: Mapping[str, Node]) -> Value:
    return leaf(scope, bound["x"]).value


def _at(scope: Scope, bound: Mapping[str, Node]) -> Value:
    day = read_day(scope.plain(bound["date"]))
    if day > scope.market.as_of:
        return missing(f"{day} lies after {scope.market.as_of}")
    value = scope.frozen(scope.market.until(day)).value(bound["x"])
    if value.is_frame:
        return value
    number = newest(value)
    slack = 7 + max((_period(scope, name) for name in value.sources), default=1)
    late = number.on is None or (value.settled is None and (day - number.on).days > slack)
    if number.value is None or late:
        return missing(number.reason or f"no value within {slack} days up to {day}", value.kind, value.sources)
    held = (number.value - EPOCH).days if isinstance(number.value, dt.date) else number.value
    return value.with_data(float(held) if not isinstance(held, str) else held, settled=number.on, reason="")


def _period(scope: Scope, name: str) -> int:
    """Return the days between two values of a series beyond daily ones, 0 for daily series and universes."""
    try:
        days = scope.market.series(name).period_days
    except (MissingSeries, UnknownName):
        return 0
    return days if days > 1 else 0


FUNCTIONS = (
    Function("close", (X,), "the close as traded, adjusted for splits only", close),
    Function("level", (X,), "the total-return index; for a macro series its value", _level),
    Function("at", (Param("x", "any"), Param("date", "day")), "the value on a day", _at),
    Function("now", (Param("x", "any"),), "steps out of a frozen update", lambda scope, bound: scope.value(bound["x"])),
)

"""Series as arguments: what a name stands for, and windows measured on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from thesisvault.analytics.windows import Spans, spans
from thesisvault.language.functions.arguments import read_basis, read_window
from thesisvault.language.functions.entry import Param
from thesisvault.language.functions.scope import Scope
from thesisvault.language.parse import Const, ExpressionError, Node, Ref
from thesisvault.language.values import Kind, Value, missing
from thesisvault.market.reading.market import MissingSeries, UnknownName
from thesisvault.market.records import PAYS_NOTHING, SeriesView
from thesisvault.scalars import Window


def view_of(scope: Scope, name: str) -> SeriesView | Value:
    """Return a series of the market, or a missing value with the reason."""
    try:
        return scope.market.series(name)
    except MissingSeries as problem:
        return missing(str(problem), sources=(name,))
    except UnknownName as problem:
        raise ExpressionError(str(problem)) from None


def from_view(view: SeriesView, data: pd.Series, kind: Kind, unit: str = "", basis: str = "") -> Value:
    """Return data of a series with its staleness, notes and source."""
    of_day = view.last if view.observed is None or not len(view.observed) else view.observed[-1].date()
    # A basket that ends early does so because of its members, which are named with their own days.
    stale = view.stale_members or (((view.name, of_day),) if view.last < view.expected else ())
    returns_kind = frozenset({basis} if basis else ())
    return Value(
        data,
        kind,
        unit=unit,
        stale=stale,
        notes=view.notes,
        sources=(view.name,),
        returns=returns_kind,
        early=view.early,
    )


@dataclass(frozen=True)
class Leaf:
    """A series argument with what is needed to measure windows on it."""

    value: Value
    period_days: int = 1
    name: str = ""
    observed: pd.DatetimeIndex | None = None

    @property
    def dated(self) -> Any:
        """Its data by the day that each value is of, which for macro series is not the day it became known."""
        if self.observed is None or not isinstance(self.value.data, pd.Series):
            return self.value.data
        return self.value.data.set_axis(self.observed)


def leaf(scope: Scope, node: Node, *, basis: str = "total", nearest: bool = False) -> Leaf:
    """Return a series argument: total-return levels, closes for `basis='price'`, or any series as it is.

    Args:
        scope: What the call sees.
        node: The argument.
        basis: What a bare name means.
        nearest: A basket, which has no closes, and a chain, whose closes are borrowed from no other, mean their level
            also where closes are wanted.
    """
    plain = scope.plain(node) if isinstance(node, Const | Ref) else None
    if not isinstance(plain, str):
        if isinstance(node, Const):
            raise ExpressionError("expected a ticker, a basket or a universe in quotes, or a series")
        value = scope.value(node)
        if value.is_constant:
            raise ExpressionError("expected a series, found a constant")
        return Leaf(value)
    if plain in scope.universes:
        return _universe(scope, plain, basis)
    view = view_of(scope, plain)
    if isinstance(view, Value):
        return Leaf(view, name=plain)
    if basis == "price" and view.basis != "value" and not (nearest and (view.kind == "basket" or "|" in plain)):
        if view.close is None:
            return Leaf(missing(f"{plain}: only adjusted closes are known", sources=(plain,)), name=plain)
        return Leaf(from_view(view, view.close, *close_kind(view), "price"), view.period_days, plain)
    if view.basis == "value":
        value = from_view(view, view.level, value_kind(view), view.unit)
    elif view.kind in PAYS_NOTHING and view.close is not None:
        value = from_view(view, view.level, *close_kind(view), view.basis)
    else:
        value = from_view(view, view.level, "index", basis=view.basis)
    return Leaf(value, view.period_days, plain, view.observed if view.basis == "value" else None)


def _universe(scope: Scope, name: str, basis: str) -> Leaf:
    """Return the members of a universe as one column each, from where at least half of them have prices.

    Before that day the few that are old enough would pass for the whole: breadth over 20 of 500 names is no breadth.
    """
    members = scope.universes[name]
    key = (scope.market.as_of, "universe", name, basis)
    if key not in scope.memory:
        frame = scope.market.levels(members) if basis == "total" else scope.market.closes(members)
        if frame.empty:
            scope.memory[key] = missing(f"no member of {name} has prices", sources=(name,))
        else:
            first_rows = np.sort(frame.notna().to_numpy().argmax(axis=0))
            frame = frame.iloc[int(first_rows[(len(first_rows) - 1) // 2]) :]
            notes = (
                f"{name}: {frame.shape[1]} of {len(members)} of today's members have prices{_late(scope, members)}",
            )
            scope.memory[key] = Value(frame, "index", notes=notes, sources=(name,), returns=frozenset({basis}))
    return Leaf(scope.memory[key], name=name)


def _late(scope: Scope, members: Sequence[str]) -> str:
    """Return the words on members that end early, which fall out of the count from then on."""
    late = scope.market.late(members)
    if not late:
        return ""
    first, last = min(late.values()), max(late.values())
    when = f"on {first}" if first == last else f"between {first} and {last}"
    s = "s" if len(late) == 1 else ""
    return f", {len(late)} of which end{s} {when} and count{s} no longer"


def close_kind(view: SeriesView) -> tuple[Kind, str]:
    """Return what the closes of a series are, and in which currency: an index has points."""
    return ("number", "") if view.kind == "index" else ("money", view.currency)


def value_kind(view: SeriesView) -> Kind:
    """Return what the values of a macro series are, by its unit."""
    if view.unit == "%":
        return "share"
    return "money" if len(view.unit) == 3 and view.unit.isupper() else "number"


def measured(of: Leaf, window: Window, data: pd.Series | pd.DataFrame, kind: Kind, found: Spans) -> Value:
    """Return a windowed result with base day, reason and the day on which a fixed window became final."""
    value, index = of.value, of.dated.index
    bases, notes, settled, reason = value.bases, value.notes, value.settled, value.reason
    if len(index):
        base, end = int(found.base[-1]), int(found.end[-1])
        if base >= 0:
            base_day = index[base].date()
            if window.kind != "sessions":
                bases = (*bases, (window.text, base_day))
            notes = reaching(value, notes, base_day)
            if window.is_fixed and end >= 0:
                settled = index[end].date()
        elif not bool(np.isnan(np.asarray(data)[-1:].astype(np.float64)).all()):
            # What counts values, not returns, needs one session less and may begin at the first of all.
            notes = reaching(value, notes, index[0].date())
        elif found.reason:
            reason = f"{of.name}: {found.reason}" if of.name and of.name not in found.reason else found.reason
    return value.with_data(data, kind, unit="", bases=bases, notes=notes, settled=settled, reason=reason)


def reaching(value: Value, notes: tuple[str, ...], begins: dt.date) -> tuple[str, ...]:
    """Return notes with what matters to a number that begins on a day."""
    return (*notes, *(text for until, text in value.early if begins < until and text not in notes))


def index_of(value: Value) -> pd.DatetimeIndex:
    """Return the sessions of a value that has some."""
    assert isinstance(value.data, pd.Series | pd.DataFrame)  # noqa: S101 - leaves are series
    assert isinstance(value.data.index, pd.DatetimeIndex)  # noqa: S101
    return value.data.index


def series_in(value: Value) -> pd.Series:
    """Return the data of a value that is one series."""
    assert isinstance(value.data, pd.Series)  # noqa: S101 - frames were refused before
    return value.data


def spans_of(scope: Scope, of: Leaf, window: Window) -> Spans:
    """Return base and end of a window at each session of an argument."""
    return spans(of.dated.index, window, of.period_days, over_until(scope, of))


def over_until(scope: Scope, of: Leaf) -> dt.date:
    """Return the day up to which nothing more can come of an argument: the earliest of all that it rests on."""
    return min((scope.market.over_until(name) for name in of.value.sources), default=scope.market.as_of)


def begun(scope: Scope, of: Leaf, window: Window, value: Value) -> Value:
    """Return a value, void where its window to date is of a year or month in which the series has no value yet."""
    if window.kind != "to_date" or not isinstance(value.data, pd.Series | pd.DataFrame) or not len(of.dated.index):
        return value
    day = scope.market.as_of
    first = day.replace(day=1) if window.text == "mtd" else day.replace(month=1, day=1)
    newest = of.dated.index[-1].date()
    if newest >= first:
        return value
    since = f"{first:%B %Y}" if window.text == "mtd" else str(first.year)
    name = f"{of.name}: " if of.name else ""
    return replace(value, void=f"{name}nothing of {since} yet, the newest value is of {newest}")


def windowed(
    kind: Kind | None, compute: Callable[..., pd.Series | pd.DataFrame], default_basis: str = "total"
) -> Callable[[Scope, Mapping[str, Node]], Value]:
    """Return a function of the table that applies a pure function of levels and window."""

    def run(scope: Scope, bound: Mapping[str, Node]) -> Value:
        basis = read_basis(scope.plain(bound["basis"])) if "basis" in bound else default_basis
        of, window = (
            leaf(scope, bound["x"], basis=basis, nearest="basis" not in bound),
            read_window(scope.plain(bound["w"])),
        )
        if of.value.is_constant or not len(index_of(of.value)):
            return of.value.with_data(of.value.data, kind or of.value.kind, unit="")
        data = compute(of.dated, window, period_days=of.period_days, as_of=over_until(scope, of))
        if of.observed is not None:
            data = data.set_axis(index_of(of.value))
        shown = kind or of.value.kind
        found = measured(of, window, data, shown, spans_of(scope, of, window))
        found = found.with_data(data, shown, unit=of.value.unit if shown == of.value.kind else "")
        return begun(scope, of, window, found)

    return run


X, W = Param("x", "series"), Param("w", "window")
A, B = Param("a", "series"), Param("b", "series")

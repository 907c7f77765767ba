"""The table of functions: their parameters, what each gives, and how it is computed.

`x` is a ticker, a basket, a chain or a series; `w` a window. A universe's id in place of a ticker gives one column a
member. Every function gives the value at each session as it could be seen from that session.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from thesisvault.analytics import baskets, breadth, relative, returns, risk
from thesisvault.analytics.baskets import BasketLevel
from thesisvault.analytics.windows import Spans, spans
from thesisvault.errors import did_you_mean
from thesisvault.language.fundamentals import fundamental
from thesisvault.language.parse import Call, Compare, Const, ExpressionError, Node, Ref
from thesisvault.language.values import EPOCH, Kind, Value, aligned, arithmetic, merged, missing, newest, truth
from thesisvault.market.reading.market import MissingSeries, UnknownName
from thesisvault.market.records import SeriesView
from thesisvault.scalars import Window, parse_date, parse_quantity, parse_window

if TYPE_CHECKING:
    from thesisvault.language.evaluate import Scope

Takes = Literal[
    "series",
    "single",
    "window",
    "universe",
    "day",
    "condition",
    "number",
    "basis",
    "target",
    "field",
    "any",
    "basket",
    "member",
]


@dataclass(frozen=True)
class Param:
    """One parameter: its name, what it takes, and whether it may be left out."""

    name: str
    takes: Takes
    optional: bool = False


@dataclass(frozen=True)
class Function:
    """One entry of the table."""

    name: str
    params: tuple[Param, ...]
    says: str
    run: Callable[[Scope, Mapping[str, Node]], Value]

    @property
    def signature(self) -> str:
        """How it is written, optional arguments in brackets."""
        inner = ", ".join(f"[{p.name}]" if p.optional else p.name for p in self.params)
        return f"{self.name}({inner})"

    def bind(self, call: Call) -> dict[str, Node]:
        """Return the arguments by name.

        Raises:
            ExpressionError: One is missing, unknown, or too many.
        """
        if len(call.args) > len(self.params):
            raise ExpressionError(
                f"{self.name} takes {len(self.params)} arguments, found {len(call.args)}: write {self.signature}"
            )
        bound: dict[str, Node] = {p.name: a for p, a in zip(self.params, call.args, strict=False)}
        for name, node in call.named:
            if name not in {p.name for p in self.params}:
                hint = did_you_mean(name, [p.name for p in self.params])
                raise ExpressionError(f"{self.name} has no argument {name}: write {self.signature}. {hint}".rstrip())
            if name in bound:
                raise ExpressionError(f"{self.name} got {name} twice")
            bound[name] = node
        absent = [p.name for p in self.params if p.name not in bound and not p.optional]
        if absent:
            raise ExpressionError(f"{self.name} lacks {' and '.join(absent)}: write {self.signature}")
        return bound

    def call(self, scope: Scope, bound: Mapping[str, Node]) -> Value:
        """Return the value of a call."""
        return self.run(scope, bound)


def only_argument(call: Call) -> Node:
    """Return the single argument of `now(x)`."""
    if len(call.args) != 1 or call.named:
        raise ExpressionError("now takes one expression: write now(ret('XLE', 'ytd'))")
    return call.args[0]


# Arguments ------------------------------------------------------------------------------------------------------


def _text(scope: Scope, node: Node, what: str) -> str:
    plain = scope._plain(node)
    if not isinstance(plain, str):
        raise ExpressionError(f"expected {what} in quotes")
    return plain


def window_of(scope: Scope, node: Node) -> Window:
    """Return the window that an argument names."""
    plain = scope._plain(node)
    if isinstance(plain, bool) or plain is None:
        raise ExpressionError("expected a window such as 'ytd', '90d' or 200")
    if isinstance(plain, float | int):
        if plain != int(plain):
            raise ExpressionError(f"{plain} is not a window; a number of sessions is whole")
        if 1900 <= plain <= 2100:
            raise ExpressionError(
                f"{int(plain)} without quotes means so many sessions; write '{int(plain)}' for the year"
            )
        return parse_window(int(plain)) if plain > 0 else _no_window(plain)
    try:
        return parse_window(plain)
    except ValueError as problem:
        raise ExpressionError(str(problem)) from None


def _no_window(plain: float) -> Window:
    raise ExpressionError(f"{plain:g} is not a window; a number of sessions is one or more")


def day_of(scope: Scope, node: Node) -> dt.date:
    """Return the day that an argument names."""
    try:
        return parse_date(_text(scope, node, "a day such as '2026-02-27'"))
    except ValueError as problem:
        raise ExpressionError(str(problem)) from None


def members_of(scope: Scope, name: str) -> tuple[str, ...]:
    """Return the tickers of a universe.

    Raises:
        ExpressionError: There is no such universe.
    """
    if name not in scope.universes:
        hint = did_you_mean(name, scope.universes)
        raise ExpressionError(f'"{name}" is not a known universe. {hint}'.rstrip())
    return scope.universes[name]


def _view(scope: Scope, name: str) -> SeriesView | Value:
    try:
        return scope.market.series(name)
    except MissingSeries as problem:
        return missing(str(problem), sources=(name,))
    except UnknownName as problem:
        raise ExpressionError(str(problem)) from None


def _from_view(view: SeriesView, data: pd.Series, kind: Kind, unit: str = "", basis: str = "") -> Value:
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


def leaf(scope: Scope, node: Node, *, basis: str = "total") -> Leaf:
    """Return a series argument: total-return levels, closes for `basis='price'`, or any series as it is."""
    plain = scope._plain(node) if isinstance(node, Const | Ref) else None
    if not isinstance(plain, str):
        if isinstance(node, Const):
            raise ExpressionError("expected a ticker, a basket or a universe in quotes, or a series")
        value = scope.value(node)
        if value.is_constant:
            raise ExpressionError("expected a series, found a constant")
        return Leaf(value)
    if plain in scope.universes:
        return _universe(scope, plain, basis)
    view = _view(scope, plain)
    if isinstance(view, Value):
        return Leaf(view, name=plain)
    if basis == "price":
        if view.close is None:
            return Leaf(missing(f"{plain}: only adjusted closes are known", sources=(plain,)), name=plain)
        return Leaf(_from_view(view, view.close, "money", view.currency, "price"), view.period_days, plain)
    if view.basis == "value":
        value = _from_view(view, view.level, _value_kind(view), view.unit)
    else:
        value = _from_view(view, view.level, "index", basis=view.basis)
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


def _value_kind(view: SeriesView) -> Kind:
    if view.unit == "%":
        return "share"
    return "money" if len(view.unit) == 3 and view.unit.isupper() else "number"


def _measured(of: Leaf, window: Window, data: pd.Series | pd.DataFrame, kind: Kind, found: Spans) -> Value:
    """Return a windowed result with base day, reason and the day on which a fixed window became final."""
    value, index = of.value, of.dated.index
    bases, notes, settled, reason = value.bases, value.notes, value.settled, value.reason
    if len(index):
        base, end = int(found.base[-1]), int(found.end[-1])
        if base >= 0:
            base_day = index[base].date()
            if window.kind != "sessions":
                bases = (*bases, (window.text, base_day))
            notes = _reaching(value, notes, base_day)
            if window.is_fixed and end >= 0:
                settled = index[end].date()
        elif not bool(np.isnan(np.asarray(data)[-1:].astype(np.float64)).all()):
            # What counts values, not returns, needs one session less and may begin at the first of all.
            notes = _reaching(value, notes, index[0].date())
        elif found.reason:
            reason = f"{of.name}: {found.reason}" if of.name and of.name not in found.reason else found.reason
    return value.with_data(data, kind, unit="", bases=bases, notes=notes, settled=settled, reason=reason)


def _reaching(value: Value, notes: tuple[str, ...], begins: dt.date) -> tuple[str, ...]:
    """Return notes with what matters to a number that begins on a day."""
    return (*notes, *(text for until, text in value.early if begins < until and text not in notes))


def _index(value: Value) -> pd.DatetimeIndex:
    assert isinstance(value.data, pd.Series | pd.DataFrame)  # noqa: S101 - leaves are series
    assert isinstance(value.data.index, pd.DatetimeIndex)  # noqa: S101
    return value.data.index


def _series(value: Value) -> pd.Series:
    assert isinstance(value.data, pd.Series)  # noqa: S101 - frames were refused before
    return value.data


def _spans(scope: Scope, of: Leaf, window: Window) -> Spans:
    return spans(of.dated.index, window, of.period_days, scope.market.as_of)


def _windowed(
    kind: Kind | None, compute: Callable[..., pd.Series | pd.DataFrame], default_basis: str = "total"
) -> Callable[[Scope, Mapping[str, Node]], Value]:
    """Return a function of the table that applies a pure function of levels and window."""

    def run(scope: Scope, bound: Mapping[str, Node]) -> Value:
        basis = default_basis
        if "basis" in bound:
            basis = _text(scope, bound["basis"], "'total' or 'price'")
            if basis not in ("total", "price"):
                raise ExpressionError(f"basis is '{basis}'; expected 'total' or 'price'")
        of, window = leaf(scope, bound["x"], basis=basis), window_of(scope, bound["w"])
        if of.value.is_constant or not len(_index(of.value)):
            return of.value.with_data(of.value.data, kind or of.value.kind, unit="")
        data = compute(of.dated, window, period_days=of.period_days, as_of=scope.market.as_of)
        if of.observed is not None:
            data = data.set_axis(_index(of.value))
        shown = kind or of.value.kind
        measured = _measured(of, window, data, shown, _spans(scope, of, window))
        return measured.with_data(data, shown, unit=of.value.unit if shown == of.value.kind else "")

    return run


# Functions ------------------------------------------------------------------------------------------------------


def _close(scope: Scope, bound: Mapping[str, Node]) -> Value:
    name = _text(scope, bound["x"], "a ticker")
    if name in scope.universes:
        return leaf(scope, bound["x"], basis="price").value
    view = _view(scope, name)
    if isinstance(view, Value):
        return view
    if view.basis == "value":
        return _from_view(view, view.level, _value_kind(view), view.unit)
    if view.kind == "basket":
        return missing(f"{name}: a basket has no close; show its return", "money", (name,))
    if view.close is None:
        return missing(f"{name}: only adjusted closes are known", "money", (name,))
    if view.kind in ("index", "crypto") and view.kind == "index":
        return _from_view(view, view.close, "number")
    return _from_view(view, view.close, "money", view.currency)


def _level(scope: Scope, bound: Mapping[str, Node]) -> Value:
    return leaf(scope, bound["x"]).value


def _ratio(scope: Scope, bound: Mapping[str, Node]) -> Value:
    a, b = leaf(scope, bound["a"]), leaf(scope, bound["b"])
    value = arithmetic("/", a.value, b.value)
    return value.with_data(value.data, "number", unit="")


def _spread(scope: Scope, bound: Mapping[str, Node]) -> Value:
    a, b, window = leaf(scope, bound["a"]), leaf(scope, bound["b"]), window_of(scope, bound["w"])
    inherited = merged(a.value, b.value)
    for each in (a, b):
        if each.value.is_frame:
            raise ExpressionError("spread takes two series; a universe has one column a member")
        if not len(_index(each.value)):
            return each.value.with_data(each.value.data, "spread", unit="")
    # Both legs are measured on the sessions they share, so that neither start nor end differs between them.
    both_levels = relative.joined(_series(a.value), _series(b.value))
    joint = Leaf(
        Value(both_levels, "index", **inherited), max(a.period_days, b.period_days), name=f"{a.name} and {b.name}"
    )
    moved = returns.window_return(both_levels, window, joint.period_days, scope.market.as_of)
    measured = _measured(joint, window, moved, "spread", _spans(scope, joint, window))
    return measured.with_data(moved.iloc[:, 0] - moved.iloc[:, 1], "spread")


def _pair(name: str) -> Callable[[Scope, Mapping[str, Node]], Value]:
    compute = {"corr": relative.correlation, "beta": relative.beta}[name]

    def run(scope: Scope, bound: Mapping[str, Node]) -> Value:
        a, b, window = leaf(scope, bound["a"]), leaf(scope, bound["b"]), window_of(scope, bound["w"])
        inherited = merged(a.value, b.value)
        for each in (a, b):
            if each.value.is_frame:
                raise ExpressionError(f"{name} takes two series; a universe has one column a member")
            if not len(_index(each.value)):
                return each.value.with_data(each.value.data, "number", unit="")
        data = compute(_series(a.value), _series(b.value), window, as_of=scope.market.as_of)
        unknown = len(data) == 0 or bool(np.isnan(data.iloc[-1]))
        reason = inherited["reason"] or (f"too few common sessions for {window.text}" if unknown else "")
        value = Value(data, "number", **{**inherited, "reason": reason})
        if unknown:
            return value
        # The returns that are correlated begin at the window's base, among the sessions that both have.
        common = _index(Value(relative.joined(_series(a.value), _series(b.value))))
        base = int(spans(common, window, max(a.period_days, b.period_days), scope.market.as_of).base[-1])
        return value.with_data(data, notes=_reaching(value, value.notes, common[max(base, 0)].date()))

    return run


def _streak(scope: Scope, bound: Mapping[str, Node]) -> Value:
    condition = truth(scope.value(bound["condition"]))
    if not isinstance(condition.data, pd.Series):
        raise ExpressionError("streak takes one condition over time, not one a member and not a constant")
    lengths = breadth.streak(condition.data)
    if not len(lengths) or np.isnan(lengths.iloc[-1]):
        return condition.with_data(lengths, "count")
    begins = lengths.index[max(len(lengths) - max(int(lengths.iloc[-1]), 1), 0)].date()
    return condition.with_data(lengths, "count", notes=_reaching(condition, condition.notes, begins))


def _across(name: str) -> Callable[[Scope, Mapping[str, Node]], Value]:
    computes: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
        "count": breadth.count_true,
        "breadth": breadth.share_true,
        "mean": lambda frame: frame.mean(axis=1),
        "median": lambda frame: frame.median(axis=1),
    }

    def run(scope: Scope, bound: Mapping[str, Node]) -> Value:
        value = scope.value(bound["x"])
        if isinstance(value.data, pd.Series) and value.data.empty:
            return value
        if not isinstance(value.data, pd.DataFrame):
            example = f"{name}(ret('sp500', '1d'){' > 0' if name in ('count', 'breadth') else ''})"
            raise ExpressionError(f"{name} works across the members of a universe; write for example {example}")
        if name in ("count", "breadth"):
            truth(value)
        kind: Kind = "count" if name == "count" else "share" if name == "breadth" else value.kind
        return value.with_data(computes[name](value.data), kind)

    return run


def _rank(scope: Scope, bound: Mapping[str, Node]) -> Value:
    members = members_of(scope, _text(scope, bound["universe"], "a universe"))
    name = scope.market.current(_text(scope, bound["x"], "a ticker"))
    run = _windowed("fraction", returns.window_return)
    frame = run(scope, {"x": bound["universe"], "w": bound["w"]})
    own = run(scope, {"x": bound["x"], "w": bound["w"]})
    if not isinstance(frame.data, pd.DataFrame) or not isinstance(own.data, pd.Series):
        return own
    data = frame.data
    if name not in members:
        common = data.index.intersection(own.data.index)
        data = data.loc[common].assign(**{name: own.data.loc[common]})
    if name not in data.columns:
        return missing(f"{name}: no prices", "count", (name,))
    return Value(breadth.rank_of(data, name), "count", **merged(own, frame))


def _member_of(scope: Scope, bound: Mapping[str, Node]) -> tuple[Leaf, str, BasketLevel | None]:
    """Return a basket as a series, the ticker of a member, and what the basket is made of, None without data.

    Raises:
        ExpressionError: There is no such basket, or it has no such member.
    """
    name = _text(scope, bound["basket"], "a basket")
    if name not in scope.market.baskets:
        hint = did_you_mean(name, scope.market.baskets)
        raise ExpressionError(f'"{name}" is not a basket of several members. {hint}'.rstrip())
    member = scope.market.current(_text(scope, bound["member"], "a member"))
    tickers = scope.market.baskets[name].tickers
    if member not in tickers:
        raise ExpressionError(no_member(name, member, tickers))
    view = _view(scope, name)
    if isinstance(view, Value):
        return Leaf(view, name=name), member, None
    built = scope.market.basket(name)
    if member not in built.gains.columns:
        return Leaf(missing(f"{member}: no prices are stored", sources=(name,)), name=name), member, None
    return Leaf(_from_view(view, view.level, "index", basis=view.basis), view.period_days, name), member, built


def no_member(basket: str, name: str, members: Collection[str]) -> str:
    """Return that a basket has no such member, and which was meant."""
    hint = did_you_mean(name, members) or f"Its members are {', '.join(list(members)[:_MANY])}{_more(len(members))}."
    return f'"{name}" is no member of {basket}. {hint}'


_MANY = 10


def _more(count: int) -> str:
    return f" and {count - _MANY} more" if count > _MANY else ""


def _contribution(scope: Scope, bound: Mapping[str, Node]) -> Value:
    of, member, built = _member_of(scope, bound)
    window = window_of(scope, bound["w"])
    if built is None:
        return of.value.with_data(of.value.data, "spread")
    data = baskets.contributions(built, [member], window, scope.market.as_of)[member]
    return _measured(of, window, data, "spread", _spans(scope, of, window))


def _weight(scope: Scope, bound: Mapping[str, Node]) -> Value:
    of, member, built = _member_of(scope, bound)
    if built is None:
        return of.value.with_data(of.value.data, "share")
    return of.value.with_data(baskets.drifted_weights(built, [member])[member], "share", returns=frozenset())


def _upside(scope: Scope, bound: Mapping[str, Node]) -> Value:
    price = _close(scope, bound)
    plain = scope._plain(bound["target"])
    if isinstance(plain, str):
        try:
            plain = parse_quantity(plain).value
        except ValueError as problem:
            raise ExpressionError(str(problem)) from None
    if plain is None or isinstance(plain, bool) or plain <= 0:
        raise ExpressionError("upside takes a target price above zero, as in upside('XOM', 150)")
    ratio = arithmetic("/", Value(float(plain)), price)
    result = arithmetic("-", ratio, Value(1.0))
    return result.with_data(result.data, "fraction", unit="")


def _peak(scope: Scope, bound: Mapping[str, Node]) -> Value:
    window = window_of(scope, bound["w"])
    plain = scope._plain(bound["x"]) if isinstance(bound["x"], Const | Ref) else None
    of = leaf(scope, bound["x"])
    if isinstance(plain, str) and of.value.kind == "index":
        of = leaf(scope, bound["x"], basis="price")
    if of.value.is_frame:
        raise ExpressionError("peak takes one series; a universe has one column a member")
    if not len(_index(of.value)):
        return of.value.with_data(of.value.data, "day")
    data = risk.peak_day(_series(of.value), window, period_days=of.period_days, as_of=scope.market.as_of)
    return _measured(of, window, data, "day", _spans(scope, of, window))


def _dispersion(scope: Scope, bound: Mapping[str, Node]) -> Value:
    members_of(scope, _text(scope, bound["universe"], "a universe"))
    frame = _windowed("fraction", returns.window_return)(scope, {"x": bound["universe"], "w": bound["w"]})
    if not isinstance(frame.data, pd.DataFrame):
        return frame
    return frame.with_data(breadth.dispersion(frame.data), "share")


def _session_kind(scope: Scope, bound: Mapping[str, Node]) -> Value:
    members_of(scope, _text(scope, bound["universe"], "a universe"))
    rising = Compare(Call("ret", (bound["universe"], Const("1d"))), ((">", Const(0)),))
    share = scope.value(Call("breadth", (rising,)))
    moved = _windowed("fraction", returns.window_return)(scope, {"x": bound["index"], "w": Const("1d")})
    if (
        not isinstance(share.data, pd.Series)
        or not isinstance(moved.data, pd.Series)
        or share.data.empty
        or moved.data.empty
    ):
        return missing(share.reason or moved.reason or "no common session", "word")
    common = share.data.index.intersection(moved.data.index)
    kinds = breadth.classify_session(moved.data.loc[common], share.data.loc[common])
    return Value(kinds, "word", **{**merged(share, moved), "bases": ()})


def _period(scope: Scope, name: str) -> int:
    """Return the days between two values of a series beyond daily ones, 0 for daily series and universes."""
    try:
        days = scope.market.series(name).period_days
    except (MissingSeries, UnknownName):
        return 0
    return days if days > 1 else 0


def _at(scope: Scope, bound: Mapping[str, Node]) -> Value:
    day = day_of(scope, bound["date"])
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


def _abs(scope: Scope, bound: Mapping[str, Node]) -> Value:
    value = scope.value(bound["x"])
    if value.kind in ("word", "truth", "day"):
        raise ExpressionError("abs takes a number")
    return value.with_data(abs(value.data))  # type: ignore[arg-type]


def _extreme(name: str) -> Callable[[Scope, Mapping[str, Node]], Value]:
    def run(scope: Scope, bound: Mapping[str, Node]) -> Value:
        a, b = scope.value(bound["a"]), scope.value(bound["b"])
        for each in (a, b):
            if each.kind in ("word", "truth"):
                raise ExpressionError(f"{name} takes two numbers")
        left, right = aligned(a, b)
        data: Any = (np.maximum if name == "max" else np.minimum)(left, right)
        if isinstance(data, np.generic):
            data = float(data)
        kind = a.kind if a.kind == b.kind or b.is_constant else b.kind
        if a.unit and b.unit and a.unit != b.unit:
            raise ExpressionError(f"{name} of {a.unit} and {b.unit} cannot be told")
        return Value(data, kind, unit=a.unit or b.unit, **merged(a, b))

    return run


_X, _W = Param("x", "series"), Param("w", "window")
_A, _B = Param("a", "series"), Param("b", "series")


def _change(scope: Scope, bound: Mapping[str, Node]) -> Value:
    value = _windowed(None, returns.window_change)(scope, bound)
    return value.with_data(value.data, "spread") if value.kind in ("share", "fraction", "spread") else value


def _zscore(levels: pd.Series, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> pd.Series:
    return risk.zscore(levels, window, period_days=period_days, as_of=as_of)


def _ema(levels: pd.Series, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> pd.Series:  # noqa: ARG001
    if window.kind != "sessions":
        raise ExpressionError(f"ema takes a number of sessions such as 50, found '{window.text}'")
    return risk.ema(levels, window.count)


def _same(compute: Callable[..., pd.Series | pd.DataFrame]) -> Callable[[Scope, Mapping[str, Node]], Value]:
    return _windowed(None, compute)


_ALL = (
    Function("close", (Param("x", "single"),), "the close as traded, adjusted for splits only", _close),
    Function("level", (_X,), "the total-return index; for a macro series its value", _level),
    Function(
        "ret",
        (_X, _W, Param("basis", "basis", optional=True)),
        "total return over a window; basis='price' leaves dividends out",
        _windowed("fraction", returns.window_return),
    ),
    Function("change", (_X, _W), "the difference over a window, for rates and macro series", _change),
    Function("ratio", (_A, _B), "one total-return index divided by another", _ratio),
    Function("spread", (_A, _B, _W), "ret(a, w) - ret(b, w)", _spread),
    Function("sma", (_X, _W), "simple moving average", _same(risk.sma)),
    Function("ema", (_X, _W), "exponential moving average of n sessions", _same(_ema)),
    Function("high", (_X, _W), "highest value in the window", _same(risk.highest)),
    Function("low", (_X, _W), "lowest value in the window", _same(risk.lowest)),
    Function(
        "zscore", (_X, _W), "distance from the window's mean in standard deviations", _windowed("number", _zscore)
    ),
    Function(
        "vol",
        (_X, _W),
        "standard deviation of daily returns, times the root of 252",
        _windowed("share", risk.volatility),
    ),
    Function("corr", (_A, _B, _W), "correlation of daily returns", _pair("corr")),
    Function("beta", (_A, _B, _W), "beta of a to b, from daily returns", _pair("beta")),
    Function("drawdown", (_X, _W), "fall from the peak within the window", _windowed("fraction", risk.drawdown)),
    Function("streak", (Param("condition", "condition"),), "sessions in a row on which a condition holds", _streak),
    Function(
        "rank",
        (Param("x", "single"), Param("universe", "universe"), _W),
        "place by return within a universe, 1 is the highest",
        _rank,
    ),
    Function(
        "contribution",
        (Param("basket", "basket"), Param("member", "member"), _W),
        "points of a basket's return that came from one member; over all members they sum to it",
        _contribution,
    ),
    Function(
        "weight",
        (Param("basket", "basket"), Param("member", "member")),
        "share of a member at the close, as prices have moved it since weights were set",
        _weight,
    ),
    Function(
        "upside",
        (Param("x", "single"), Param("target", "target")),
        "target price over the last close, minus one",
        _upside,
    ),
    Function("peak", (_X, _W), "the day of the highest close in the window", _peak),
    Function(
        "count", (Param("x", "condition"),), "how many members of a universe a condition holds for", _across("count")
    ),
    Function(
        "breadth",
        (Param("x", "condition"),),
        "the share of members with data for which a condition holds",
        _across("breadth"),
    ),
    Function("mean", (Param("x", "any"),), "the mean across the members of a universe", _across("mean")),
    Function("median", (Param("x", "any"),), "the median across the members of a universe", _across("median")),
    Function(
        "dispersion",
        (Param("universe", "universe"), _W),
        "standard deviation of returns across the members",
        _dispersion,
    ),
    Function(
        "session_kind",
        (Param("universe", "universe"), Param("index", "single")),
        "broad sell-off, rotation, healthy rally or narrow rally",
        _session_kind,
    ),
    Function("at", (Param("x", "any"), Param("date", "day")), "the value on a day", _at),
    Function("now", (Param("x", "any"),), "steps out of a frozen update", lambda scope, bound: scope.value(bound["x"])),
    Function("abs", (Param("x", "any"),), "the size of a number", _abs),
    Function("min", (Param("a", "any"), Param("b", "any")), "the smaller of two", _extreme("min")),
    Function("max", (Param("a", "any"), Param("b", "any")), "the larger of two", _extreme("max")),
    Function(
        "fund",
        (Param("x", "single"), Param("field", "field")),
        "a fundamental such as 'forward_pe', from the newest stored snapshot, shown with its date",
        fundamental,
    ),
)
TABLE: dict[str, Function] = {each.name: each for each in _ALL}

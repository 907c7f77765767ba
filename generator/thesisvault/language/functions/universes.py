"""Across the members of a universe."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from thesisvault.analytics import breadth, history, returns
from thesisvault.language.functions.arguments import (
    read_text,
    read_universe,
)
from thesisvault.language.functions.entry import Function, Param
from thesisvault.language.functions.scope import Scope
from thesisvault.language.functions.series import (
    W,
    windowed,
)
from thesisvault.language.parse import Call, Compare, Const, ExpressionError, Node
from thesisvault.language.values import Kind, Value, merged, missing, truth


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
    members = scope.universes[read_universe(scope.plain(bound["universe"]), scope.universes)]
    name = scope.market.current(read_text(scope.plain(bound["x"]), "a ticker"))
    run = windowed("fraction", returns.window_return)
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


def _dispersion(scope: Scope, bound: Mapping[str, Node]) -> Value:
    scope.universes[read_universe(scope.plain(bound["universe"]), scope.universes)]
    frame = windowed("fraction", returns.window_return)(scope, {"x": bound["universe"], "w": bound["w"]})
    if not isinstance(frame.data, pd.DataFrame):
        return frame
    return frame.with_data(breadth.dispersion(frame.data), "share")


def _session_kind(scope: Scope, bound: Mapping[str, Node]) -> Value:
    scope.universes[read_universe(scope.plain(bound["universe"]), scope.universes)]
    rising = Compare(Call("ret", (bound["universe"], Const("1d"))), ((">", Const(0)),))
    share = scope.value(Call("breadth", (rising,)))
    moved = windowed("fraction", returns.window_return)(scope, {"x": bound["index"], "w": Const("1d")})
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


def _median(scope: Scope, bound: Mapping[str, Node]) -> Value:
    over_time = windowed(None, history.middle, "price")
    return over_time(scope, bound) if "w" in bound else _across("median")(scope, bound)


FUNCTIONS = (
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
    Function(
        "median",
        (Param("x", "series"), Param("w", "window", optional=True)),
        "the median across the members of a universe; with a window the median over time",
        _median,
    ),
    Function(
        "rank",
        (Param("x", "single"), Param("universe", "universe"), W),
        "place by return within a universe, 1 is the highest",
        _rank,
    ),
    Function(
        "dispersion",
        (Param("universe", "universe"), W),
        "standard deviation of returns across the members",
        _dispersion,
    ),
    Function(
        "session_kind",
        (Param("universe", "universe"), Param("index", "single")),
        "broad sell-off, rotation, healthy rally or narrow rally",
        _session_kind,
    ),
)

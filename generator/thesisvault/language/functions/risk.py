"""Volatility, correlation, beta and drawdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from thesisvault.analytics import history, relative, risk
from thesisvault.analytics.windows import spans
from thesisvault.language.functions.arguments import (
    read_group,
    read_window,
)
from thesisvault.language.functions.entry import Function, Param
from thesisvault.language.functions.scope import Scope
from thesisvault.language.functions.series import (
    A,
    B,
    W,
    X,
    index_of,
    leaf,
    over_until,
    reaching,
    series_in,
    windowed,
)
from thesisvault.language.parse import Const, ExpressionError, Node
from thesisvault.language.values import Value, merged, missing


def _pair(name: str) -> Callable[[Scope, Mapping[str, Node]], Value]:
    compute = {"corr": relative.correlation, "beta": relative.beta}[name]

    def run(scope: Scope, bound: Mapping[str, Node]) -> Value:
        a, b, window = leaf(scope, bound["a"]), leaf(scope, bound["b"]), read_window(scope.plain(bound["w"]))
        inherited = merged(a.value, b.value)
        for each in (a, b):
            if each.value.is_frame:
                raise ExpressionError(f"{name} takes two series; a universe has one column a member")
            if not len(index_of(each.value)):
                return each.value.with_data(each.value.data, "number", unit="")
        data = compute(
            series_in(a.value), series_in(b.value), window, as_of=min(over_until(scope, a), over_until(scope, b))
        )
        unknown = len(data) == 0 or bool(np.isnan(data.iloc[-1]))
        reason = inherited["reason"] or (f"too few common sessions for {window.text}" if unknown else "")
        value = Value(data, "number", **{**inherited, "reason": reason})
        if unknown:
            return value
        # The returns that are correlated begin at the window's base, among the sessions that both have.
        common = index_of(Value(relative.joined(series_in(a.value), series_in(b.value))))
        base = int(spans(common, window, max(a.period_days, b.period_days), over_until(scope, a)).base[-1])
        return value.with_data(data, notes=reaching(value, value.notes, common[max(base, 0)].date()))

    return run


def _mean_corr(scope: Scope, bound: Mapping[str, Node]) -> Value:
    names = read_group(scope.plain(bound["of"]))
    window = read_window(scope.plain(bound["w"]))
    if len(names) == 1:
        names = scope.universes.get(names[0]) or tuple(
            scope.market.baskets[names[0]].tickers if names[0] in scope.market.baskets else ()
        )
    if not 2 <= len(names) <= MOST_IN_GROUP:
        raise ExpressionError(f"mean_corr takes 2 to {MOST_IN_GROUP} names, found {len(names)}")
    pairs = [
        _pair("corr")(scope, {"a": Const(one), "b": Const(other), "w": bound["w"]})
        for place, one in enumerate(names)
        for other in names[place + 1 :]
    ]
    known = [each for each in pairs if isinstance(each.data, pd.Series) and len(each.data)]
    if len(known) < len(pairs):
        short = next(each for each in pairs if each not in known)
        return missing(short.reason or f"not every pair is known for {window.text}", "number", short.sources)
    data = pd.concat([series_in(each) for each in known], axis=1, join="inner").mean(axis=1, skipna=False)
    found = known[0]
    for each in known[1:]:
        found = replace(found, **merged(found, each))
    return found.with_data(data, "number")


MOST_IN_GROUP = 60
"""A mean of pairwise correlations has at most so many names, and so 1,770 pairs."""

FUNCTIONS = (
    Function(
        "max_drawdown",
        (X, W),
        "the worst fall from a high to a later low in the window",
        windowed("fraction", history.worst_fall),
    ),
    Function("mean_corr", (Param("of", "group"), W), "mean correlation of all pairs of a basket or list", _mean_corr),
    Function(
        "vol",
        (X, W),
        "standard deviation of daily returns, times the root of 252",
        windowed("share", risk.volatility),
    ),
    Function("corr", (A, B, W), "correlation of daily returns", _pair("corr")),
    Function("beta", (A, B, W), "beta of a to b, from daily returns", _pair("beta")),
    Function("drawdown", (X, W), "fall from the peak within the window", windowed("fraction", risk.drawdown)),
)

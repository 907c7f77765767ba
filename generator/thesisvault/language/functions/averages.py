"""Averages, extremes and where a value stands among those of a window."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import pandas as pd

from thesisvault.analytics import risk
from thesisvault.language.functions.arguments import (
    read_window,
)
from thesisvault.language.functions.entry import Function
from thesisvault.language.functions.scope import Scope
from thesisvault.language.functions.series import (
    W,
    X,
    index_of,
    leaf,
    measured,
    series_in,
    spans_of,
    windowed,
)
from thesisvault.language.parse import Const, ExpressionError, Node, Ref
from thesisvault.language.values import Value
from thesisvault.scalars import Window


def _zscore(levels: pd.Series, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> pd.Series:
    return risk.zscore(levels, window, period_days=period_days, as_of=as_of)


def _ema(levels: pd.Series, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> pd.Series:  # noqa: ARG001
    if window.kind != "sessions":
        raise ExpressionError(f"ema takes a number of sessions such as 50, found '{window.text}'")
    return risk.ema(levels, window.count)


def _same(compute: Callable[..., pd.Series | pd.DataFrame]) -> Callable[[Scope, Mapping[str, Node]], Value]:
    return windowed(None, compute)


def _peak(scope: Scope, bound: Mapping[str, Node]) -> Value:
    window = read_window(scope.plain(bound["w"]))
    plain = scope.plain(bound["x"]) if isinstance(bound["x"], Const | Ref) else None
    of = leaf(scope, bound["x"])
    if isinstance(plain, str) and of.value.kind == "index":
        of = leaf(scope, bound["x"], basis="price")
    if of.value.is_frame:
        raise ExpressionError("peak takes one series; a universe has one column a member")
    if not len(index_of(of.value)):
        return of.value.with_data(of.value.data, "day")
    data = risk.peak_day(series_in(of.value), window, period_days=of.period_days, as_of=scope.market.as_of)
    return measured(of, window, data, "day", spans_of(scope, of, window))


FUNCTIONS = (
    Function("sma", (X, W), "simple moving average", _same(risk.sma)),
    Function("ema", (X, W), "exponential moving average of n sessions", _same(_ema)),
    Function("high", (X, W), "highest value in the window", _same(risk.highest)),
    Function("low", (X, W), "lowest value in the window", _same(risk.lowest)),
    Function("zscore", (X, W), "distance from the window's mean in standard deviations", windowed("number", _zscore)),
    Function("peak", (X, W), "the day of the highest close in the window", _peak),
)

"""Averages, extremes and where a value stands among those of a window."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd

from thesisvault.analytics import history, risk
from thesisvault.language.functions.arguments import read_periods, read_window
from thesisvault.language.functions.entry import Function, Param
from thesisvault.language.functions.scope import Scope
from thesisvault.language.functions.series import (
    W,
    X,
    index_of,
    leaf,
    measured,
    over_until,
    series_in,
    spans_of,
    windowed,
)
from thesisvault.language.parse import ExpressionError, Node
from thesisvault.language.values import Value
from thesisvault.scalars import Window


def _zscore(levels: pd.Series, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> pd.Series:
    return risk.zscore(levels, window, period_days=period_days, as_of=as_of)


def _ema(levels: pd.Series, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> pd.Series:  # noqa: ARG001
    if window.kind != "sessions":
        raise ExpressionError(f"ema takes a number of sessions such as 50, found '{window.text}'")
    return risk.ema(levels, window.count)


def _kept(compute: Callable[..., pd.Series | pd.DataFrame]) -> Callable[[Scope, Mapping[str, Node]], Value]:
    """Return a function that keeps the kind of what it is of; a bare name means its close."""
    run = windowed(None, compute, "price")

    def keeping(scope: Scope, bound: Mapping[str, Node]) -> Value:
        found = run(scope, bound)
        # The average of a condition is the share of sessions on which it held.
        return replace(found, kind="share", unit="") if found.kind == "truth" else found

    return keeping


def _day(compute: Callable[..., pd.Series]) -> Callable[[Scope, Mapping[str, Node]], Value]:
    def run(scope: Scope, bound: Mapping[str, Node]) -> Value:
        window, of = read_window(scope.plain(bound["w"])), leaf(scope, bound["x"])
        if of.value.is_frame:
            raise ExpressionError("found a universe, which has one value per member; name one series")
        if not len(index_of(of.value)):
            return of.value.with_data(of.value.data, "day")
        data = compute(series_in(of.value), window, period_days=of.period_days, as_of=over_until(scope, of))
        return measured(of, window, data, "day", spans_of(scope, of, window))

    return run


def _lag(scope: Scope, bound: Mapping[str, Node]) -> Value:
    count = read_periods(scope.plain(bound["n"]))
    value = leaf(scope, bound["x"], basis="price", nearest=True).value
    if value.is_constant or not len(index_of(value)):
        return value
    data = value.data.shift(count)  # type: ignore[union-attr]
    few = f"{count + 1} values are needed, there are {len(data)}" if len(data) <= count else value.reason
    return value.with_data(data, reason=few)


FUNCTIONS = (
    Function("sma", (X, W), "simple moving average", _kept(risk.sma)),
    Function("ema", (X, W), "exponential moving average of n sessions", _kept(_ema)),
    Function("high", (X, W), "highest value in the window", _kept(risk.highest)),
    Function("low", (X, W), "lowest value in the window", _kept(risk.lowest)),
    Function(
        "zscore", (X, W), "distance from the window's mean in standard deviations", windowed("number", _zscore, "price")
    ),
    Function("peak", (X, W), "the day of the highest total-return level in the window", _day(risk.peak_day)),
    Function("trough", (X, W), "the day of the lowest total-return level in the window", _day(history.trough_day)),
    Function(
        "pctile",
        (X, W),
        "share of the window's values that are not above the newest",
        windowed("share", history.percentile, "price"),
    ),
    Function("lag", (X, Param("n", "periods")), "the value n of the series' own periods before", _lag),
)

"""Averages, extremes and where a value stands among those of a window."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from thesisvault.analytics import kernels, single
from thesisvault.analytics.bounds import Ints
from thesisvault.analytics.kernels import Floats, Kernel
from thesisvault.analytics.single import One
from thesisvault.language.functions.arguments import NO_SESSIONS, read_periods
from thesisvault.language.functions.entry import Build, Called, Function, Param, W, X
from thesisvault.language.parse import ExpressionError
from thesisvault.language.tracks.track import Track
from thesisvault.language.tracks.windowed import Source
from thesisvault.scalars import parse_window


def _inside(kernel: Kernel, one: One) -> Build:
    """Return a function of the values inside a window; a bare name means its close."""

    def build(call: Called) -> Track:
        return call.seen.windowed(call.series("x", "price"), call.window, kernel, call.typed, "inside", one=one)

    return build


def _ema(call: Called) -> Track:
    window, of = call.window, call.series("x", "price")
    if window.kind != "sessions":
        raise ExpressionError(NO_SESSIONS.format(window.text))
    n = window.count

    def kernel(values: Floats, _base: Ints, end: Ints) -> Floats:
        # So many values back, what came before weighs less than the last bit.
        start = max(0, int(end.min()) - 20 * (n + 1))
        found: Floats = kernels.exponential(values[start : int(end.max()) + 1], n)[end - start]
        return found

    return call.seen.windowed(of, window, kernel, call.typed, "inside")


def day_of(row_of: Callable[[Floats, Ints, Ints], Ints]) -> Callable[[Source], Kernel]:
    """Return what gives the day of a row of each window, NaN where it has none."""

    def kernel(source: Source) -> Kernel:
        def run(values: Floats, base: Ints, end: Ints) -> Floats:
            rows = row_of(values, base, end)
            return np.where(rows >= 0, source.dated.days[rows].astype(np.float64), np.nan)

        return run

    return kernel


def _day(row_of: Callable[[Floats, Ints, Ints], Ints]) -> Build:
    kernel = day_of(row_of)

    def build(call: Called) -> Track:
        return call.seen.windowed(call.series("x"), call.window, kernel, call.typed, "span", per_source=True)

    return build


def _lag(call: Called) -> Track:
    count = read_periods(call.plain("n"))
    of = call.series("x", "price")
    window = parse_window(count)
    return call.seen.windowed(of, window, kernels.before, call.typed, "span", one=single.before)


FUNCTIONS = (
    Function("sma", (X, W), "simple moving average", _inside(kernels.mean, single.mean)),
    Function("ema", (X, W), "exponential moving average of n sessions", _ema),
    Function("high", (X, W), "highest value in the window", _inside(kernels.highest, single.highest)),
    Function("low", (X, W), "lowest value in the window", _inside(kernels.lowest, single.lowest)),
    Function(
        "zscore",
        (X, W),
        "distance from the window's mean in standard deviations",
        _inside(kernels.zscore, single.zscore),
    ),
    Function("peak", (X, W), "the day of the highest total-return level in the window", _day(kernels.row_of_highest)),
    Function("trough", (X, W), "the day of the lowest total-return level in the window", _day(kernels.row_of_lowest)),
    Function(
        "pctile",
        (X, W),
        "share of the window's values that are not above the newest",
        _inside(kernels.percentile, single.percentile),
    ),
    Function("lag", (X, Param("n", "periods")), "the value n of the series' own periods before", _lag),
)

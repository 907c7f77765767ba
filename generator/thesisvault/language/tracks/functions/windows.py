"""Functions of one series, or two, and a window."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from thesisvault.analytics import kernels
from thesisvault.analytics.bounds import Ints, Mode
from thesisvault.analytics.kernels import Floats, Kernel
from thesisvault.language.functions.arguments import read_basis, read_group, read_periods, read_target
from thesisvault.language.kinds import NUMBER, Typed
from thesisvault.language.parse import ExpressionError
from thesisvault.language.tracks.combined import ARITHMETIC, Combined, Rule
from thesisvault.language.tracks.functions.call import Build, Called
from thesisvault.language.tracks.functions.prices import close
from thesisvault.language.tracks.track import Missing, Track
from thesisvault.language.tracks.windowed import Source
from thesisvault.scalars import Window, parse_window

DAILY = 252
"""Sessions of an exchange in a year; what trades every day has 365."""
_YEARLY = {7: 52, 31: 12, 92: 4}


def _measured(kernel: Kernel, mode: Mode, basis: str = "total") -> Build:
    def build(call: Called) -> Track:
        return call.seen.windowed(call.series("x", basis), call.window, kernel, call.typed, mode)

    return build


def _ret(call: Called) -> Track:
    basis = read_basis(call.plain("basis")) if call.has("basis") else "total"
    of = call.series("x", basis, nearest=False)
    return call.seen.windowed(of, call.window, kernels.returned, call.typed, "span")


def yearly(of: Track) -> int:
    """Return how many values a series has in a year: by its frequency, and by whether it trades at weekends."""
    if of.pace.period_days > 1:
        return _YEARLY.get(of.pace.period_days, DAILY)
    days = of.dated.days[-60:]
    return 365 if len(days) and float(((days + 3) % 7 >= 5).mean()) > 0.1 else DAILY


def _vol(call: Called) -> Track:
    of = call.series("x")
    n = yearly(of)
    notes = [] if n == DAILY else [f"{of.name or 'volatility'}: annualized from {n} values a year"]

    def kernel(values: Floats, base: Ints, end: Ints) -> Floats:
        return kernels.volatility(values, base, end, n)

    return call.seen.windowed(of, call.window, kernel, call.typed, "span", notes=notes)


def _cagr(call: Called) -> Track:
    def kernel(source: Source) -> Kernel:
        return lambda values, base, end: kernels.annual_growth(values, source.dated.days, base, end)

    short = "a window of less than a year is not annualized"
    of = call.series("x")
    return call.seen.windowed(of, call.window, kernel, call.typed, "span", per_source=True, otherwise=short)


def _day_of(row_of: Callable[[Floats, Ints, Ints], Ints], mode: Mode) -> Callable[[Source], Kernel]:
    def kernel(source: Source) -> Kernel:
        def run(values: Floats, base: Ints, end: Ints) -> Floats:
            rows = row_of(values, base, end)
            return np.where(rows >= 0, source.dated.days[rows].astype(np.float64), np.nan)

        return run

    return kernel


def _day(row_of: Callable[[Floats, Ints, Ints], Ints]) -> Build:
    def build(call: Called) -> Track:
        kernel = _day_of(row_of, "span")
        return call.seen.windowed(call.series("x"), call.window, kernel, call.typed, "span", per_source=True)

    return build


def _held(kernel: Callable[[Source], Kernel]) -> Build:
    def build(call: Called) -> Track:
        of = call.value("condition")
        if of.calendar is None:
            raise ExpressionError("expected a condition over time, found a constant")
        never = f"it held on no session of {call.window.text}"
        return call.seen.windowed(
            of, call.window, kernel, call.typed, "inside", per_source=True, shows_base=False, otherwise=never
        )

    return build


def _lag(call: Called) -> Track:
    count = read_periods(call.plain("n"))
    of = call.series("x", "price")
    return call.seen.windowed(of, parse_window(count), lambda values, base, _: values[base], call.typed, "span")


def _ema(call: Called) -> Track:
    window, of = call.window, call.series("x", "price")
    if window.kind != "sessions":
        raise ExpressionError(f"ema takes a number of sessions such as 50, found '{window.text}'")
    return call.seen.windowed(of, window, exponential_of(window), call.typed, "inside")


def exponential_of(window: Window) -> Kernel:
    """Return the formula of the exponential mean."""
    n = window.count

    def kernel(values: Floats, base: Ints, end: Ints) -> Floats:  # noqa: ARG001 - all that came before counts a little
        low = int(end.min())
        # So many values back, what came before weighs less than the last bit.
        start = max(0, low - 20 * (n + 1))
        found: Floats = kernels.exponential(values[start : int(end.max()) + 1], n)[end - start]
        return found

    return kernel


def over_time(call: Called) -> Track:
    """Return the median over time."""
    return call.seen.windowed(call.series("x", "price"), call.window, kernels.median, call.typed, "inside")


def _change(call: Called) -> Track:
    return call.seen.windowed(call.series("x"), call.window, kernels.changed, call.typed, "span")


# Pairs -----------------------------------------------------------------------------------------------------------


def _spread_of(both: Floats, base: Ints, end: Ints) -> Floats:
    moved = kernels.returned(both, base, end)
    return moved[:, 0] - moved[:, 1]


def _pair(kernel: Kernel, *, shows_base: bool) -> Build:
    def build(call: Called) -> Track:
        left, right = call.series("a"), call.series("b")
        joint = call.seen.joint(left, right, Typed(NUMBER))
        few = "" if shows_base else f"too few common sessions for {call.window.text}"
        return call.seen.windowed(
            joint, call.window, kernel, call.typed, "span", shows_base=shows_base, otherwise=few
        )

    return build


def _ratio(call: Called) -> Track:
    sides = (call.series("a"), call.series("b"))
    return Combined(ARITHMETIC["/"], sides, call.typed, call.seen.memory.calendars)


def _upside(call: Called) -> Track:
    target = read_target(call.plain("target"))
    price = close(call)
    if isinstance(price, Missing):
        return Missing(price.reason, call.typed, price.facts, price.name)
    rule = Rule(lambda p: target / p - 1 if p else float("nan"), lambda p: target / p - 1)
    return Combined(rule, (price,), call.typed, call.seen.memory.calendars)


MOST_IN_GROUP = 60
"""A mean of pairwise correlations has at most so many names, and so 1,770 pairs."""


def _mean_correlation(call: Called) -> Track:
    names, seen = read_group(call.plain("of")), call.seen
    if len(names) == 1:
        basket = seen.market.baskets.get(names[0])
        names = seen.universes.get(names[0]) or (basket.tickers if basket else ())
    if not 2 <= len(names) <= MOST_IN_GROUP:
        raise ExpressionError(f"mean_corr takes 2 to {MOST_IN_GROUP} names, found {len(names)}")
    correlation = _pair(kernels.correlation, shows_base=False)
    pairs = [
        correlation(replace(call, plains={**call.plains, "a": one, "b": other}))
        for one, other in itertools.combinations(names, 2)
    ]
    rule = Rule(lambda *values: sum(values) / len(values), lambda *values: np.mean(np.stack(values), axis=0))
    return Combined(rule, pairs, call.typed, seen.memory.calendars)


WINDOWS: Mapping[str, Build] = {
    "ret": _ret,
    "change": _change,
    "cagr": _cagr,
    "drawdown": _measured(kernels.drawdown, "span"),
    "max_drawdown": _measured(kernels.worst_drawdown, "span"),
    "vol": _vol,
    "sma": _measured(kernels.mean, "inside", "price"),
    "ema": _ema,
    "high": _measured(kernels.highest, "inside", "price"),
    "low": _measured(kernels.lowest, "inside", "price"),
    "zscore": _measured(kernels.zscore, "inside", "price"),
    "pctile": _measured(kernels.percentile, "inside", "price"),
    "lag": _lag,
    "peak": _day(kernels.row_of_highest),
    "trough": _day(kernels.row_of_lowest),
    "first": _held(_day_of(kernels.row_of_first, "inside")),
    "last": _held(_day_of(kernels.row_of_last, "inside")),
    "sessions": _held(lambda _: kernels.total),
    "ratio": _ratio,
    "spread": _pair(_spread_of, shows_base=True),
    "corr": _pair(kernels.correlation, shows_base=False),
    "mean_corr": _mean_correlation,
    "beta": _pair(kernels.beta, shows_base=False),
    "upside": _upside,
}


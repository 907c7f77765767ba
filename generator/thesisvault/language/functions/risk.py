"""Volatility, correlation, beta and drawdown."""

from __future__ import annotations

import itertools

import numpy as np

from thesisvault.analytics import kernels, single
from thesisvault.analytics.bounds import Ints
from thesisvault.analytics.kernels import Floats, Kernel
from thesisvault.analytics.single import One
from thesisvault.language.functions.arguments import read_group
from thesisvault.language.functions.entry import A, B, Build, Called, Function, Param, W, X
from thesisvault.language.kinds import NUMBER, Typed
from thesisvault.language.parse import ExpressionError
from thesisvault.language.tracks.combined import Combined, Rule
from thesisvault.language.tracks.track import Track
from thesisvault.structs import replace

DAILY = 252
"""Sessions of an exchange in a year; what trades every day has 365."""
_YEARLY = {7: 52, 31: 12, 92: 4}
MOST_IN_GROUP = 60
"""A mean of pairwise correlations has at most so many names, and so 1,770 pairs."""


def yearly(of: Track) -> int:
    """Return how many values a series has in a year: by its frequency, and by whether it trades at weekends."""
    if of.pace.period_days > 1:
        return _YEARLY.get(of.pace.period_days, DAILY)
    return 365 if of.dated.has_weekends else DAILY


def _vol(call: Called) -> Track:
    of = call.series("x")
    n = yearly(of)
    notes = () if n == DAILY else (f"{of.name or 'volatility'}: annualized from {n} values a year",)

    def kernel(values: Floats, base: Ints, end: Ints) -> Floats:
        return kernels.volatility(values, base, end, n)

    def one(part: Floats) -> float:
        return single.volatility(part, n)

    return call.seen.windowed(of, call.window, kernel, call.typed, "span", notes=notes, one=one)


def _fall(kernel: Kernel, one: One | None = None) -> Build:
    def build(call: Called) -> Track:
        return call.seen.windowed(call.series("x"), call.window, kernel, call.typed, "span", one=one)

    return build


def _pair(kernel: Kernel, one: One) -> Build:
    def build(call: Called) -> Track:
        joint = call.seen.joint(call.series("a"), call.series("b"), Typed(NUMBER))
        few = f"too few common sessions for {call.window.text}"
        return call.seen.windowed(
            joint, call.window, kernel, call.typed, "span", shows_base=False, otherwise=few, one=one
        )

    return build


def _mean_correlation(call: Called) -> Track:
    names, seen = read_group(call.plain("of")), call.seen
    if len(names) == 1:
        basket = seen.market.baskets.get(names[0])
        names = seen.universes.get(names[0]) or (basket.tickers if basket else ())
    if not 2 <= len(names) <= MOST_IN_GROUP:
        raise ExpressionError(f"mean_corr takes 2 to {MOST_IN_GROUP} names, found {len(names)}")
    correlation = _pair(kernels.correlation, single.correlation)
    pairs = [
        correlation(replace(call, plains={**call.plains, "a": one, "b": other}))
        for one, other in itertools.combinations(names, 2)
    ]
    rule = Rule(lambda *values: sum(values) / len(values), lambda *values: np.mean(np.stack(values), axis=0))
    return Combined(rule, pairs, call.typed, seen.memory.calendars)


FUNCTIONS = (
    Function(
        "max_drawdown",
        (X, W),
        "the worst fall from a high to a later low in the window",
        _fall(kernels.worst_drawdown),
    ),
    Function(
        "mean_corr",
        (Param("of", "group"), W),
        "mean correlation of all pairs of a basket or list",
        _mean_correlation,
    ),
    Function("vol", (X, W), "standard deviation of returns, times the root of their number in a year", _vol),
    Function("corr", (A, B, W), "correlation of daily returns", _pair(kernels.correlation, single.correlation)),
    Function("beta", (A, B, W), "beta of a to b, from daily returns", _pair(kernels.beta, single.beta)),
    Function("drawdown", (X, W), "fall from the peak within the window", _fall(kernels.drawdown, single.drawdown)),
)

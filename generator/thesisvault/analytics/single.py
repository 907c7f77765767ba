"""The formulas of `kernels` for one window of one series: floats in, a float out, for the newest value of a figure.

A note asks for thousands of newest values and for a few histories. Each formula here takes the values of one window
without gaps, oldest first, and gives what the kernel of the same name gives for a window that holds just these.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from thesisvault.analytics import kernels
from thesisvault.analytics.kernels import MIN_OBSERVATIONS, STILL, Floats

One = Callable[..., float]
"""Takes the values of one window, or those of two series in it."""


def growth(end: float, base: float) -> float:
    """Return end / base - 1; NaN from nought or from below it.

    >>> growth(125.0, 100.0), growth(1.0, 0.0)
    (0.25, nan)
    """
    if not base > 0:
        return math.nan
    found = end / base - 1
    return found if math.isfinite(found) else math.nan


def returned(part: Floats) -> float:
    """Return the return from the first to the last value, as a fraction."""
    return growth(part.item(-1), part.item(0))


def changed(part: Floats) -> float:
    """Return the difference of the last value and the first, in the unit of the values."""
    return part.item(-1) - part.item(0)


def before(part: Floats) -> float:
    """Return the first value."""
    return part.item(0)


def mean(part: Floats) -> float:
    """Return the mean.

    >>> mean(np.array([1.0, 2.0, 6.0]))
    3.0
    """
    anchor = part.item(0)
    return anchor + float(np.add.reduce(part - anchor)) / len(part)


def deviation(part: Floats) -> float:
    """Return the sample deviation; NaN of fewer than two values.

    >>> round(deviation(np.array([1.0, 3.0])), 6)
    1.414214
    """
    n = len(part)
    if n < 2:
        return math.nan
    off = part - np.add.reduce(part) / n
    return math.sqrt(np.add.reduce(off * off) / (n - 1))


def highest(part: Floats) -> float:
    """Return the highest value."""
    return float(np.maximum.reduce(part))


def lowest(part: Floats) -> float:
    """Return the lowest value."""
    return float(np.minimum.reduce(part))


def drawdown(part: Floats) -> float:
    """Return how far the last value lies below the highest, as a fraction of it; 0 at the peak."""
    return growth(part.item(-1), float(np.maximum.reduce(part)))


def steps(part: Floats) -> Floats:
    """Return the return of each value on the one before; NaN from nought or from below it.

    >>> steps(np.array([100.0, 125.0, 100.0])).round(9).tolist()
    [0.25, -0.2]
    """
    if not np.minimum.reduce(part) > 0:
        return kernels.growth(part[1:], part[:-1])
    found: Floats = part[1:] / part[:-1]
    found -= 1
    return found


def volatility(part: Floats, yearly: int = 252) -> float:
    """Return the sample deviation of the returns, times the root of the periods in a year; NaN of fewer than two."""
    return deviation(steps(part)) * math.sqrt(yearly) if len(part) > 2 else math.nan


def zscore(part: Floats) -> float:
    """Return how many sample deviations the last value lies from the mean; NaN where all are equal."""
    newest, spread = part.item(-1), deviation(part)
    # What is left of equal values after rounding is no deviation.
    return (newest - mean(part)) / spread if spread > 1e-12 * abs(newest) else math.nan


def median(part: Floats) -> float:
    """Return the median."""
    return float(np.median(part))


def percentile(part: Floats) -> float:
    """Return the share of the values that are not above the last one; 1 at the high."""
    return int(np.count_nonzero(part <= part[-1])) / len(part)


def total(part: Floats) -> float:
    """Return the sum."""
    return float(np.add.reduce(part))


def spread(a: Floats, b: Floats) -> float:
    """Return the return of one series over the window minus that of the other."""
    return returned(a) - returned(b)


def _moments(a: Floats, b: Floats) -> tuple[float, float, float]:
    n = len(a) - 1
    if n < MIN_OBSERVATIONS:
        return math.nan, math.nan, math.nan
    x, y = steps(a), steps(b)
    if math.isnan(np.add.reduce(x)) or math.isnan(np.add.reduce(y)):
        x, y = np.nan_to_num(x), np.nan_to_num(y)
    off_x, off_y = x - np.add.reduce(x) / n, y - np.add.reduce(y) / n
    of_a, of_b = float(off_x.dot(off_x)), float(off_y.dot(off_y))
    if of_a <= STILL * float(x.dot(x)) or of_b <= STILL * float(y.dot(y)):
        return math.nan, math.nan, math.nan
    return of_a, of_b, float(off_x.dot(off_y))


def correlation(a: Floats, b: Floats) -> float:
    """Return Pearson's correlation of the returns of two series, see `kernels.moments`."""
    of_a, of_b, together = _moments(a, b)
    return max(-1.0, min(1.0, together / math.sqrt(of_a * of_b))) if of_a == of_a else math.nan


def beta(a: Floats, b: Floats) -> float:
    """Return the slope of the returns of the first on those of the second, see `kernels.moments`."""
    _, of_b, together = _moments(a, b)
    return together / of_b

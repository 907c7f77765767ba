"""What each window of a series gives: the formulas of the language, on plain arrays without gaps.

Every kernel takes values (sessions, or sessions x series) and the first and last row of some windows, and returns one
result per window. The same formula so gives the newest value, one window long, and a whole history.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from thesisvault.analytics.bounds import Ints

Floats = npt.NDArray[np.float64]
Kernel = Callable[[Floats, Ints, Ints], Floats]

MIN_OBSERVATIONS = 3
"""Fewer common returns than this make no correlation."""
_CHUNK = 512
STILL = 1e-13
"""Squares of returns about their mean are nought where no more than this part of them is left."""


def growth(end: Floats, base: Floats) -> Floats:
    """Return end / base - 1, cell by cell; NaN from nought or from below it, where there is no return.

    >>> growth(np.array([110.0, 1.0]), np.array([100.0, 0.0])).round(9).tolist()
    [0.1, nan]
    """
    with np.errstate(all="ignore"):
        out: Floats = np.asarray(end / base)
    out -= 1
    known = np.isfinite(out) & (base > 0)
    if not known.all():
        out[~known] = np.nan
    return out


def returned(values: Floats, base: Ints, end: Ints) -> Floats:
    """Return the return from base to end, as a fraction."""
    return growth(_picked(values, end), _picked(values, base))


def _picked(values: Floats, rows: Ints) -> Floats:
    """Return some rows of values; of many series side by side they are not copied where they follow one another."""
    if values.ndim > 1 and len(rows) > 1 and (np.diff(rows) == 1).all():
        return values[int(rows[0]) : int(rows[-1]) + 1]
    found: Floats = values[rows]
    return found


def changed(values: Floats, base: Ints, end: Ints) -> Floats:
    """Return the difference from base to end, in the unit of the values."""
    return values[end] - values[base]


def before(values: Floats, base: Ints, _end: Ints) -> Floats:
    """Return the first value of each window."""
    return values[base]


def mean(values: Floats, base: Ints, end: Ints) -> Floats:
    """Return the mean of each window.

    >>> mean(np.array([1.0, 2.0, 6.0]), np.array([0, 1]), np.array([1, 2])).tolist()
    [1.5, 4.0]
    """
    low, high = int(base.min()), int(end.max()) + 1
    region = values[low:high]
    anchor = region[0]
    sums = np.zeros((len(region) + 1, *region.shape[1:]))
    np.cumsum(region - anchor, axis=0, out=sums[1:])
    found: Floats = anchor + (sums[end - low + 1] - sums[base - low]) / _counts(values, base, end)
    return found


def mean_of_last(values: Floats, n: int) -> Floats:
    """Return the mean of the last n values at each, itself included; NaN at the first n - 1.

    Each sum is its own, so that nothing of long sums is left in it.

    >>> mean_of_last(np.array([1.0, 2.0, 6.0]), 2).tolist()
    [nan, 1.5, 4.0]
    """
    out = np.full(len(values), np.nan)
    if len(values) >= n:
        out[n - 1 :] = np.lib.stride_tricks.sliding_window_view(values, n).mean(axis=1)
    return out


def deviation(values: Floats, base: Ints, end: Ints) -> Floats:
    """Return the sample deviation of each window; NaN of fewer than two values.

    Windows are taken some hundred at a time, so that sums stay small beside what is left of them.

    >>> deviation(np.array([1.0, 3.0]), np.array([0, 0]), np.array([1, 0])).round(6).tolist()
    [1.414214, nan]
    """
    out = np.full((len(base), *values.shape[1:]), np.nan)
    if len(base) == 1:
        part = values[base[0] : end[0] + 1]
        if len(part) > 1:
            off = part - part.sum(axis=0) / len(part)
            out[0] = np.sqrt((off * off).sum(axis=0) / (len(part) - 1))
        return out
    for start in range(0, len(base), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        b, e = base[chunk], end[chunk]
        low, high = int(b.min()), int(e.max()) + 1
        region = values[low:high] - values[low:high].mean(axis=0)
        sums, squares = (np.zeros((len(region) + 1, *region.shape[1:])) for _ in range(2))
        np.cumsum(region, axis=0, out=sums[1:])
        np.cumsum(region * region, axis=0, out=squares[1:])
        n = _counts(values, b, e)
        first, second = sums[e - low + 1] - sums[b - low], squares[e - low + 1] - squares[b - low]
        spread = np.maximum(second - first * first / n, 0.0)
        np.sqrt(np.divide(spread, n - 1, out=np.full(spread.shape, np.nan), where=n > 1), out=out[chunk])
    return out


def _counts(values: Floats, base: Ints, end: Ints) -> Floats:
    n = (end - base + 1).astype(np.float64)
    return n[:, None] if values.ndim > 1 else n


def highest(values: Floats, base: Ints, end: Ints) -> Floats:
    """Return the highest value of each window.

    Doubles the width looked at, so that any window is two overlapping looks: exact, and n log n whatever the windows.

    >>> highest(np.array([5.0, 7.0, 6.0]), np.array([0, 1]), np.array([1, 2])).tolist()
    [7.0, 7.0]
    """
    if len(base) == 1:
        only: Floats = values[base[0] : end[0] + 1].max(axis=0, keepdims=True)
        return only
    lengths = end - base + 1
    out = np.full((len(base), *values.shape[1:]), np.nan)
    best, width = values, 1
    while width <= lengths.max(initial=0):
        if width > 1:
            best = np.maximum(best[: len(values) - width + 1], best[width // 2 :])
        asked = np.flatnonzero((lengths >= width) & (lengths < 2 * width))
        if asked.size:
            out[asked] = np.maximum(best[base[asked]], best[end[asked] - width + 1])
        width *= 2
    return out


def lowest(values: Floats, base: Ints, end: Ints) -> Floats:
    """Return the lowest value of each window."""
    return -highest(-values, base, end)


def row_of_highest(values: Floats, base: Ints, end: Ints) -> Ints:
    """Return the row of the highest value of each window of one series, the first of equals.

    >>> row_of_highest(np.array([5.0, 7.0, 7.0]), np.array([0, 1]), np.array([1, 2])).tolist()
    [1, 1]
    """
    if len(base) == 1:
        return base + int(values[base[0] : end[0] + 1].argmax())

    def higher(left: Ints, right: Ints) -> Ints:
        return np.where(values[right] > values[left], right, left)

    lengths = end - base + 1
    out = np.full(len(base), -1, dtype=np.int64)
    best, width = np.arange(len(values), dtype=np.int64), 1
    while width <= lengths.max(initial=0):
        if width > 1:
            best = higher(best[: len(values) - width + 1], best[width // 2 :])
        asked = np.flatnonzero((lengths >= width) & (lengths < 2 * width))
        if asked.size:
            out[asked] = higher(best[base[asked]], best[end[asked] - width + 1])
        width *= 2
    return out


def row_of_lowest(values: Floats, base: Ints, end: Ints) -> Ints:
    """Return the row of the lowest value of each window of one series, the first of equals."""
    return row_of_highest(-values, base, end)


def drawdown(values: Floats, base: Ints, end: Ints) -> Floats:
    """Return how far the last value of each window lies below its highest, as a fraction of it; 0 at the peak."""
    return growth(values[end], highest(values, base, end))


def worst_drawdown(values: Floats, base: Ints, end: Ints) -> Floats:
    """Return the deepest fall from a peak inside each window, as a fraction of that peak; 0 where it only rose.

    >>> worst_drawdown(np.array([10.0, 8.0, 9.0, 12.0]), np.array([0, 1]), np.array([3, 3])).round(9).tolist()
    [-0.2, 0.0]
    """
    out = np.full((len(base), *values.shape[1:]), np.nan)
    for i, (b, e) in enumerate(zip(base.tolist(), end.tolist(), strict=True)):
        part = values[b : e + 1]
        depth = growth(part, np.maximum.accumulate(part, axis=0))
        out[i] = np.fmin.reduce(depth, axis=0)
    return out


def annual_growth(values: Floats, days: Ints, base: Ints, end: Ints) -> Floats:
    """Return the growth per year of 365.25 days from base to end; NaN over less than a year.

    >>> year = np.array([0, 731])
    >>> annual_growth(np.array([100.0, 121.0]), year, np.array([0]), np.array([1])).round(3).tolist()
    [0.1]
    """
    years = (days[end] - days[base]) / 365.25
    whole = 1 + returned(values, base, end)
    if values.ndim > 1:
        years = years[:, None]
    out = np.full(whole.shape, np.nan)
    long = np.broadcast_to(years >= 0.99, whole.shape) & (whole > 0)
    np.power(whole, 1 / np.maximum(years, 0.5), out=out, where=long)
    return out - 1


def volatility(values: Floats, base: Ints, end: Ints, yearly: int = 252) -> Floats:
    """Return the sample deviation of the returns from base to end, times the root of the periods in a year.

    At least two returns are needed, else NaN.
    """
    low = int(base.min())
    region = values[low : int(end.max()) + 1]
    steps = growth(region[1:], region[:-1])
    out = np.full((len(base), *values.shape[1:]), np.nan)
    enough = end - base >= 2
    if enough.any():
        out[enough] = deviation(steps, base[enough] - low, end[enough] - low - 1) * math.sqrt(yearly)
    return out


def zscore(values: Floats, base: Ints, end: Ints) -> Floats:
    """Return how many sample deviations the last value of each window lies from its mean; NaN where all are equal."""
    newest = values[end]
    spread = deviation(values, base, end)
    off = newest - mean(values, base, end)
    # What is left of equal values after rounding is no deviation.
    real = (spread > 1e-12 * np.abs(newest)) & (highest(values, base, end) > lowest(values, base, end))
    found: Floats = np.divide(off, spread, out=np.full(off.shape, np.nan), where=real)
    return found


def median(values: Floats, base: Ints, end: Ints) -> Floats:
    """Return the median of each window."""
    found: Floats = np.stack([np.median(values[b : e + 1], axis=0) for b, e in zip(base, end, strict=True)])
    return found


def percentile(values: Floats, base: Ints, end: Ints) -> Floats:
    """Return the share of the values of each window that are not above its last one; 1 at the high.

    >>> percentile(np.array([1.0, 4.0, 2.0, 3.0]), np.array([0, 1]), np.array([3, 1])).tolist()
    [0.75, 1.0]
    """
    parts = [values[b : e + 1] for b, e in zip(base, end, strict=True)]
    found: Floats = np.stack([(part <= part[-1]).mean(axis=0) for part in parts])
    return found


def total(values: Floats, base: Ints, end: Ints) -> Floats:
    """Return the sum of each window.

    >>> total(np.array([1.0, 0.0, 1.0]), np.array([0, 1]), np.array([2, 1])).tolist()
    [2.0, 0.0]
    """
    sums = np.concatenate([[0.0], np.cumsum(values)])
    found: Floats = sums[end + 1] - sums[base]
    return found


def row_of_first(values: Floats, base: Ints, end: Ints) -> Ints:
    """Return the first row of each window on which a condition held, -1 where it held on none.

    >>> row_of_first(np.array([0.0, 1.0, 1.0]), np.array([0, 0]), np.array([2, 0])).tolist()
    [1, -1]
    """
    on = np.flatnonzero(values == 1.0)
    places = on.searchsorted(base)
    found = np.append(on, len(values))[places]
    return np.where(found <= end, found, -1)


def row_of_last(values: Floats, base: Ints, end: Ints) -> Ints:
    """Return the last row of each window on which a condition held, -1 where it held on none."""
    on = np.flatnonzero(values == 1.0)
    found = np.append(on, -1)[on.searchsorted(end, side="right") - 1]
    return np.where(found >= base, found, -1)


def exponential(values: Floats, n: int) -> Floats:
    """Return the exponential mean with weight 2 / (n + 1) on the newest value, started at the first one.

    The first n - 1 values are NaN: until then the start weighs too much.

    >>> exponential(np.array([1.0, 2.0, 3.0]), 3).tolist()
    [nan, nan, 2.25]
    """
    weight = 2 / (n + 1)
    columns = values.T if values.ndim > 1 else values[None, :]
    means = [list(itertools.accumulate(each.tolist(), lambda m, v: m + weight * (v - m))) for each in columns]
    out = np.array(means).T if values.ndim > 1 else np.array(means[0])
    out[: n - 1] = np.nan
    return out


def moments(both: Floats, base: Ints, end: Ints) -> tuple[Floats, Floats, Floats]:
    """Return sums of squares of the returns of two series, and of their products, about each window's means.

    Args:
        both: Levels, sessions x 2.
        base: Row that the first return of each window starts from.
        end: Row that its last return ends at.

    Returns:
        Of the first, of the second, of both together; NaN with fewer than three returns, or where one does not move.
    """
    low = int(base.min())
    region = both[low : int(end.max()) + 1]
    x, y = np.nan_to_num(growth(region[1:], region[:-1])).T
    # About their mean, squares of steady steps keep the little by which these differ.
    mean_x, mean_y = (float(each.mean()) if len(each) else 0.0 for each in (x, y))
    x, y = x - mean_x, y - mean_y
    sums = np.zeros((len(x) + 1, 5))
    # Sums of returns stay near nought, so differences of running sums lose nothing that shows.
    np.cumsum(np.column_stack([x, y, x * x, y * y, x * y]), axis=0, out=sums[1:])
    n = (end - base).astype(np.float64)
    inner = sums[end - low] - sums[base - low]
    with np.errstate(divide="ignore", invalid="ignore"):
        of_a = inner[:, 2] - inner[:, 0] ** 2 / n
        of_b = inner[:, 3] - inner[:, 1] ** 2 / n
        together = inner[:, 4] - inner[:, 0] * inner[:, 1] / n
    whole = sums[end - low]
    squares_a = whole[:, 2] + (2 * whole[:, 0] + mean_x * (end - low)) * mean_x
    squares_b = whole[:, 3] + (2 * whole[:, 1] + mean_y * (end - low)) * mean_y
    unknown = (n < MIN_OBSERVATIONS) | (of_a <= STILL * squares_a) | (of_b <= STILL * squares_b)
    for values in (of_a, of_b, together):
        values[unknown] = np.nan
    return of_a, of_b, together


def correlation(both: Floats, base: Ints, end: Ints) -> Floats:
    """Return Pearson's correlation of the returns of two series, see `moments`."""
    of_a, of_b, together = moments(both, base, end)
    with np.errstate(invalid="ignore"):
        return np.clip(together / np.sqrt(of_a * of_b), -1, 1)


def beta(both: Floats, base: Ints, end: Ints) -> Floats:
    """Return the slope of the returns of the first on those of the second, see `moments`."""
    _, of_b, together = moments(both, base, end)
    return together / of_b

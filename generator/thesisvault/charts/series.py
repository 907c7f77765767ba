"""Values by day for drawing: checked, cut to common sessions, thinned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from thesisvault.charts import style
from thesisvault.charts.specs import Values
from thesisvault.words import plural

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


class Points(NamedTuple):
    """Days since 1970-01-01 and the values on them, both as floats, without gaps."""

    days: Floats
    values: Floats


def points(line: Values, name: str, least: int = 2) -> Points:
    """Return values by day without their gaps.

    Raises:
        ValueError: Fewer than `least` values, an infinite value, or days that do not ascend.
    """
    days, values = line.days.astype(np.float64), line.values
    is_finite = bool(np.isfinite(values).all())
    if not is_finite:
        known = ~np.isnan(values)
        days, values = days[known], values[known]
    if len(values) < least:
        raise ValueError(f"{name} has {plural(len(values), 'value')} in this window; a chart needs at least {least}")
    if not is_finite and np.isinf(values).any():
        raise ValueError(f"{name} has an infinite value on {day(days[np.isinf(values)][0])}")
    if (days[1:] <= days[:-1]).any():
        raise ValueError(f"the days of {name} do not ascend")
    return Points(days, values)


def day(number: float) -> dt.date:
    """Return the date of a day number.

    >>> day(20511)
    datetime.date(2026, 2, 27)
    """
    return dt.date.fromordinal(719163 + round(number))


def number(when: dt.date) -> float:
    """Return the day number of a date.

    >>> number(dt.date(2026, 2, 27))
    20511.0
    """
    return float(when.toordinal() - 719163)


def common(lines: Sequence[tuple[str, Points]]) -> tuple[float, float]:
    """Return the first and the last day on which every line has a value.

    Raises:
        ValueError: There are not two such days.
    """
    days = lines[0][1].days
    for _, line in lines[1:]:
        if not np.array_equal(days, line.days):  # as a rule they are
            days = np.intersect1d(days, line.days, assume_unique=True)
    if len(days) < 2:
        names = ", ".join(name for name, _ in lines)
        raise ValueError(
            f"{names} have {plural(len(days), 'session')} in common in this window; a chart needs at least 2"
        )
    return float(days[0]), float(days[-1])


def cut(line: Points, first: float, last: float) -> Points:
    """Return the part of a line from one day to another, both included."""
    start, stop = np.searchsorted(line.days, first), np.searchsorted(line.days, last, side="right")
    return Points(line.days[start:stop], line.values[start:stop])


def thin(line: Points, most: int = style.POINTS_MOST) -> Points:
    """Return a line of at most `most` points that keeps its ends, its extremes and the look of its swings.

    Of every bucket of neighbors the point farthest from the chord between its neighboring buckets is kept.
    """
    count = len(line.values)
    if count <= most:
        return line
    buckets = most - 4
    edges = np.linspace(1, count - 1, buckets + 1).astype(np.int64)
    counts = np.diff(edges)
    means = np.add.reduceat(line.values[:-1], edges[:-1]) / counts
    around = np.concatenate(([line.values[0]], means, [line.values[-1]]))
    bucket = np.repeat(np.arange(buckets), counts)
    away = np.abs(line.values[1:-1] - ((around[:-2] + around[2:]) / 2).take(bucket))
    farthest = np.flatnonzero(away == np.maximum.reduceat(away, edges[:-1] - 1).take(bucket))
    of = bucket.take(farthest)
    chosen = farthest[np.append(True, of[1:] != of[:-1])] + 1  # the first of several that are as far
    keep = np.zeros(count, np.bool_)
    keep[chosen] = True
    keep[[0, int(line.values.argmin()), int(line.values.argmax()), count - 1]] = True
    return Points(line.days[keep], line.values[keep])


def cross(a: Points, b: Points) -> tuple[Floats, Floats, Floats]:
    """Return days, and both lines on them, with every day of either and every crossing added (straight between)."""
    first, last = max(a.days[0], b.days[0]), min(a.days[-1], b.days[-1])
    days = _merged(a.days, b.days)
    days = days[(days >= first) & (days <= last)]
    gap = np.interp(days, *a) - np.interp(days, *b)
    turns = np.flatnonzero(gap[:-1] * gap[1:] < 0)
    share = gap[turns] / (gap[turns] - gap[turns + 1])
    days = _merged(days, days[turns] + share * (days[turns + 1] - days[turns]))
    return days, np.interp(days, *a), np.interp(days, *b)


def _merged(some: Floats, others: Floats) -> Floats:
    """Return all days of both, each once, in their order."""
    days = np.sort(np.concatenate((some, others)))
    return np.asarray(days[np.append(True, days[1:] != days[:-1])])

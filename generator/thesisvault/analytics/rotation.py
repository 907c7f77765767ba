"""Relative-rotation coordinates: where a series stands against a benchmark, and which way it is going.

The picture, four quadrants through which sectors move clockwise, is Julius de Kempenaer's relative rotation graph; his
normalisation is not public. The formula here is our own and open, so positions resemble his charts but are not equal:

    ratio     = level / benchmark, at the last session of each ISO week
    x         = EMA over 4 weeks of 100 * ratio / SMA over 14 weeks of ratio      (relative strength)
    y         = 100 * x / SMA over 5 weeks of x                                   (its momentum)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from thesisvault.analytics.bounds import Ints
from thesisvault.analytics.kernels import Floats, exponential, mean_of_last
from thesisvault.analytics.relative import common_rows

TREND_WEEKS = 14
SMOOTHING_WEEKS = 4
MOMENTUM_WEEKS = 5
CENTER = 100.0
ACROSS = f"Relative strength, {TREND_WEEKS} weeks"
UP = f"Momentum, {MOMENTUM_WEEKS} weeks"
"""What the two axes measure, for a picture; 100 is the mean of so many weeks."""


class Path(NamedTuple):
    """Where a series stood at the last session of each week: its day, relative strength and momentum."""

    days: Ints
    x: Floats
    y: Floats

    def since(self, day: int) -> Path:
        """Return the part of it from a day on."""
        row = int(self.days.searchsorted(day))
        return Path(self.days[row:], self.x[row:], self.y[row:])


def weekly(days: Ints) -> Ints:
    """Return the row of the last session of each ISO week; the newest week may be unfinished.

    >>> weekly(np.array([3, 4, 6, 11, 18])).tolist()
    [0, 2, 3, 4]
    """
    # Day 0 of the epoch was a Thursday; ISO weeks begin on Mondays.
    week = (days + 3) // 7
    return np.flatnonzero(np.append(week[1:] != week[:-1], True)) if len(days) else np.zeros(0, dtype=np.int64)


def rotation_path(
    days: Ints,
    ratio: Floats,
    trend_weeks: int = TREND_WEEKS,
    smoothing_weeks: int = SMOOTHING_WEEKS,
    momentum_weeks: int = MOMENTUM_WEEKS,
) -> Path:
    """Return the coordinates `x` (relative strength) and `y` (its momentum) of each week that has both.

    By the last session of each ISO week; the newest week may be unfinished, and its point then moves until the week is
    over. The first point needs 14 + 3 + 4 = 21 weeks. Empty if there are fewer.

    Args:
        days: The common sessions of a series and its yardstick, ascending.
        ratio: The one over the other on each of them; NaN where that is unknown.
        trend_weeks: Weeks of the mean that relative strength is measured by.
        smoothing_weeks: Weeks of the exponential mean of that.
        momentum_weeks: Weeks of the mean that momentum is measured by.

    >>> path = rotation_path(np.arange(30) * 7, np.ones(30))
    >>> float(path.x[-1]), float(path.y[-1]), len(path.days)
    (100.0, 100.0, 10)
    """
    known = np.flatnonzero(~np.isnan(ratio))
    ends = known[weekly(days[known])]
    line, lasting = ratio[ends], trend_weeks - 1
    x = exponential((CENTER * line / mean_of_last(line, trend_weeks))[lasting:], smoothing_weeks)
    y = CENTER * x / mean_of_last(x, momentum_weeks)
    both = np.flatnonzero(~(np.isnan(x) | np.isnan(y)))
    return Path(days[ends[lasting:][both]], x[both], y[both])


def rotation_tails(
    series: Mapping[str, tuple[Ints, Floats]], benchmark: tuple[Ints, Floats], weeks: int = 4
) -> dict[str, Path]:
    """Return the last points of each series' path, oldest first; one without enough weeks has an empty path.

    Only points of the newest `weeks` weeks of the benchmark count, so a series that has ended shows no old place.

    Args:
        series: Days and levels of each, by its name.
        benchmark: Days and levels of the yardstick.
        weeks: How many weeks count.

    >>> days, flat = np.arange(30) * 7, np.ones(30)
    >>> tails = rotation_tails({"XLE": (days, flat), "NEW": (days[-5:], flat[-5:])}, (days, flat), weeks=3)
    >>> {name: len(tail.days) for name, tail in tails.items()}
    {'XLE': 3, 'NEW': 0}
    """
    yard, over = benchmark
    newest = yard[weekly(yard)][-weeks:]
    # The Monday of the oldest week: a series' own last session of it may lie before the benchmark's.
    oldest = int(newest[0]) - (int(newest[0]) + 3) % 7 if len(newest) else 0
    tails = {}
    for name, (days, levels) in series.items():
        own, other = common_rows(days, yard)
        divided = np.divide(levels[own], over[other], out=np.full(len(own), np.nan), where=over[other] != 0)
        tails[name] = rotation_path(days[own], divided).since(oldest)
    return tails

"""Relative-rotation coordinates: where a series stands against a benchmark, and which way it is going.

The picture, four quadrants through which sectors move clockwise, is Julius de Kempenaer's relative rotation graph; his
normalisation is not public. The formula here is our own and open, so positions resemble his charts but are not equal:

    ratio     = level / benchmark, at the last session of each ISO week
    x         = EMA over 4 weeks of 100 * ratio / SMA over 14 weeks of ratio      (relative strength)
    y         = 100 * x / SMA over 5 weeks of x                                   (its momentum)
"""

from __future__ import annotations

import pandas as pd

from thesisvault.analytics.relative import ratio
from thesisvault.analytics.risk import ema, sma
from thesisvault.scalars import parse_window

TREND_WEEKS = 14
SMOOTHING_WEEKS = 4
MOMENTUM_WEEKS = 5
CENTER = 100.0
ACROSS = f"Relative strength, {TREND_WEEKS} weeks"
UP = f"Momentum, {MOMENTUM_WEEKS} weeks"
"""What the two axes measure, for a picture; 100 is the mean of so many weeks."""


def weekly(levels: pd.Series) -> pd.Series:
    """Return the last known value of each ISO week, at its session; the newest week may be unfinished.

    >>> weekly(pd.Series(range(10), index=pd.bdate_range("2026-01-01", periods=10), dtype=float)).tolist()
    [1.0, 6.0, 9.0]
    """
    known = levels.dropna()
    if not len(known):
        return known
    # Day 0 of the epoch was a Thursday; ISO weeks begin on Mondays.
    week = (known.index.to_numpy().astype("datetime64[D]").astype("int64") + 3) // 7
    last = [*(week[1:] != week[:-1]), True]
    return known[last]


def rotation_path(
    level: pd.Series,
    benchmark: pd.Series,
    trend_weeks: int = TREND_WEEKS,
    smoothing_weeks: int = SMOOTHING_WEEKS,
    momentum_weeks: int = MOMENTUM_WEEKS,
) -> pd.DataFrame:
    """Return the coordinates `x` (relative strength) and `y` (its momentum) of each week that has both.

    Indexed by the last common session of each ISO week; the newest week may be unfinished, and its point then moves
    until the week is over. The first point needs 14 + 3 + 4 = 21 weeks. Empty if there are fewer.

    >>> days = pd.date_range("2025-01-03", periods=30, freq="7D")
    >>> flat = pd.Series(100.0, index=days)
    >>> rotation_path(flat, flat).iloc[-1].tolist(), len(rotation_path(flat, flat))
    ([100.0, 100.0], 10)
    """
    line = weekly(ratio(level, benchmark))
    x = ema((CENTER * line / sma(line, parse_window(trend_weeks))).dropna(), smoothing_weeks)
    y = CENTER * x / sma(x, parse_window(momentum_weeks))
    return pd.DataFrame({"x": x, "y": y}).dropna()


def rotation_tails(levels: pd.DataFrame, benchmark: pd.Series, weeks: int = 4) -> dict[str, pd.DataFrame]:
    """Return the last points of each column's path, oldest first; a column without enough weeks has an empty frame.

    Only points of the newest `weeks` weeks of the benchmark count, so a series that has ended shows no old place.

    >>> days = pd.date_range("2025-01-03", periods=30, freq="7D")
    >>> flat = pd.Series(100.0, index=days)
    >>> tails = rotation_tails(pd.DataFrame({"XLE": flat, "NEW": flat.iloc[-5:]}), flat, weeks=3)
    >>> {name: len(tail) for name, tail in tails.items()}
    {'XLE': 3, 'NEW': 0}
    """
    sessions = weekly(benchmark).index[-weeks:]
    tails = {}
    for name in levels.columns:
        path = rotation_path(levels[name], benchmark)
        # The Monday of the oldest week: a column's own last session of it may lie before the benchmark's.
        oldest = sessions[0] - pd.Timedelta(days=sessions[0].weekday()) if len(sessions) else None
        tails[str(name)] = path[path.index >= oldest] if oldest is not None else path.iloc[:0]
    return tails

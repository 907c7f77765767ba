"""Volatility, drawdown, averages, extremes and z-scores, each seen from every session and looking back only."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from thesisvault.analytics.gaps import Block, L, without_gaps
from thesisvault.analytics.returns import growth
from thesisvault.analytics.rolling import highest_inside, rolled, row_of_highest
from thesisvault.analytics.windows import Spans, inside, returns_inside, spans
from thesisvault.scalars import Window

SESSIONS_A_YEAR = 252


def volatility(levels: L, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> L:
    """Return the sample deviation of the daily returns inside the window, times the root of 252, as a fraction.

    At least two returns are needed; NaN where the window is unknown, and for a series that is not daily. Over a hole in
    the closes there is one return, from the last close before it.

    ffn 1.4.1 (`daily_vol`) gives the same. quantstats 0.0.86 (`volatility`) does for closes without holes; it drops the
    returns on both sides of a hole, and takes a series below 1 for returns. The root is of 252 whatever the calendar,
    in both and here: what trades at weekends too has 365 returns a year, and its figure is that of 252 of them. Where
    quantstats annualises growth it has counted calendar days over 252, and in 0.0.86 closes over 252, one more than
    there are returns; ffn counts years of 365.25 days. There is no annual growth here.

    >>> from thesisvault.scalars import parse_window
    >>> level = pd.Series([100.0, 101.0, 101.0], index=pd.date_range("2026-01-01", periods=3))
    >>> volatility(level, parse_window("2d")).round(4).tolist()
    [nan, nan, 0.1122]
    """

    def work(block: Block, index: pd.DatetimeIndex) -> Block:
        if period_days > 1:
            return np.full(block.shape, np.nan)
        returns = np.full(block.shape, np.nan)
        returns[1:] = growth(block[1:], block[:-1])
        found = returns_inside(index, window, period_days, as_of)
        return rolled(returns, found, "std") * math.sqrt(SESSIONS_A_YEAR)

    return without_gaps(levels, work)


def drawdown(levels: L, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> L:
    """Return how far the newest value of the window lies below its highest, as a fraction of it; 0 at the peak.

    The close that the window's return starts from is one of them (see `spans`), so a drawdown is never shallower than
    the return over the same window. Of the same closes ffn 1.4.1 and quantstats 0.0.86 give the same
    (`to_drawdown_series`). Both of those fill gaps with the last value, and quantstats takes closes that are all below
    1 for returns; here a gap stays a gap, and a level is a level.

    >>> from thesisvault.scalars import parse_window
    >>> level = pd.Series([100.0, 120.0, 90.0], index=pd.date_range("2026-01-01", periods=3))
    >>> drawdown(level, parse_window("max")).tolist(), drawdown(level, parse_window("1d")).tolist()
    ([0.0, 0.0, -0.25], [nan, 0.0, -0.25])
    """

    def work(block: Block, found: Spans) -> Block:
        peak = highest_inside(block, found)
        newest = block[np.maximum(found.end, 0)]
        return _below(newest, peak)

    return without_gaps(levels, lambda block, index: work(block, spans(index, window, period_days, as_of)))


def sma(levels: L, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> L:
    """Return the mean of the values inside the window; the last n for a bare number, the session itself included.

    >>> from thesisvault.scalars import parse_window
    >>> sma(pd.Series([1.0, 2.0, 3.0], index=pd.date_range("2026-01-01", periods=3)), parse_window(2)).tolist()
    [nan, 1.5, 2.5]
    """
    return _over(levels, window, period_days, as_of, lambda block, found: rolled(block, found, "mean"))


def ema(levels: L, n: int) -> L:
    """Return the exponential mean with weight 2 / (n + 1) on the newest value, started at the first one.

    The first n - 1 values are NaN: until then the start weighs too much. Chart programs that start from the mean of the
    first n values differ at the beginning, by 2 % of that difference after 2 n sessions.

    Raises:
        ValueError: n is less than 1.

    >>> ema(pd.Series([1.0, 2.0, 3.0], index=pd.date_range("2026-01-01", periods=3)), 3).tolist()
    [nan, nan, 2.25]
    """
    if n < 1:
        raise ValueError(f"an exponential mean over {n} sessions; expected at least 1")

    def work(block: Block, _: pd.DatetimeIndex) -> Block:
        mean = pd.DataFrame(block).ewm(span=n, adjust=False).mean().to_numpy(dtype=np.float64, copy=True)
        mean[: n - 1] = np.nan
        return np.asarray(mean)

    return without_gaps(levels, work)


def highest(levels: L, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> L:
    """Return the highest value inside the window, the session itself included.

    >>> from thesisvault.scalars import parse_window
    >>> highest(pd.Series([3.0, 2.0, 1.0], index=pd.date_range("2026-01-01", periods=3)), parse_window("2d")).tolist()
    [nan, 3.0, 2.0]
    """
    return _over(levels, window, period_days, as_of, lambda block, found: highest_inside(block, found))


def lowest(levels: L, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> L:
    """Return the lowest value inside the window, the session itself included.

    >>> from thesisvault.scalars import parse_window
    >>> lowest(pd.Series([3.0, 2.0, 1.0], index=pd.date_range("2026-01-01", periods=3)), parse_window("2d")).tolist()
    [nan, 2.0, 1.0]
    """
    return _over(levels, window, period_days, as_of, lambda block, found: -highest_inside(-block, found))


def zscore(
    levels: L, window: Window, min_observations: int = 2, period_days: int = 1, as_of: dt.date | None = None
) -> L:
    """Return how many sample deviations the newest value lies from the mean of its window, itself included.

    NaN with fewer than `min_observations` values in the window (bands and percentiles want 250), and where all values
    are equal.

    >>> from thesisvault.scalars import parse_window
    >>> level = pd.Series([1.0, 2.0, 3.0], index=pd.date_range("2026-01-01", periods=3))
    >>> zscore(level, parse_window(3)).tolist(), zscore(level, parse_window(3), min_observations=250).tolist()
    ([nan, nan, 1.0], [nan, nan, nan])
    """

    def work(block: Block, found: Spans) -> Block:
        newest = block[np.maximum(found.end, 0)]
        off, deviation = newest - rolled(block, found, "mean"), rolled(block, found, "std")
        enough = found.known & (found.end - found.base + 1 >= min_observations)
        # What is left of equal values after rounding is no deviation.
        real = deviation > 1e-12 * np.abs(newest)
        score: Block = np.divide(off, deviation, out=np.full(block.shape, np.nan), where=enough[:, None] & real)
        return score

    return _over(levels, window, period_days, as_of, work)


def peak_day(levels: L, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> L:
    """Return the day of the highest value of the window, the first of equals, as days since 1970-01-01.

    It is the peak that `drawdown` is measured from: the close that the window's return starts from may be it.

    >>> from thesisvault.scalars import parse_window
    >>> level = pd.Series([3.0, 2.0, 1.0], index=pd.date_range("1970-01-02", periods=3))
    >>> peak_day(level, parse_window("max")).tolist(), peak_day(level, parse_window("1d")).tolist()
    ([1.0, 1.0, 1.0], [nan, 1.0, 2.0])
    """

    def work(block: Block, index: pd.DatetimeIndex) -> Block:
        at = row_of_highest(block, spans(index, window, period_days, as_of))
        days = index.to_numpy().astype("datetime64[D]").astype(np.float64)
        return np.where(at >= 0, days[np.maximum(at, 0)], np.nan)

    return without_gaps(levels, work)


def _over(
    levels: L, window: Window, period_days: int, as_of: dt.date | None, work: Callable[[Block, Spans], Block]
) -> L:
    return without_gaps(levels, lambda block, index: work(block, inside(index, window, period_days, as_of)))


def _below(values: Block, peak: Block) -> Block:
    # Below nought a fall has no percentage.
    share: Block = np.divide(values, peak, out=np.full(values.shape, np.nan), where=peak > 0)
    return share - 1

"""Levels, returns and changes.

Total return is a forward index: a later dividend changes no earlier value, so an earlier `as_of` is exact truncation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from thesisvault.analytics.gaps import Block, L, without_gaps
from thesisvault.analytics.windows import spans
from thesisvault.scalars import Window

BASE_LEVEL = 100.0


def total_return_index(close: pd.Series, dividends: pd.Series | None = None) -> pd.Series:
    """Return the total-return index: 100 at the first close, times C_t / (C_{t-1} - d_t) at each later one.

    This reinvests a dividend at the close before its ex-date less the dividend (CRSP's and Yahoo's rule), so ratios of
    it equal ratios of adjusted closes.

    Args:
        close: Closes adjusted for splits only. A gap stays a gap; the index goes on from the last close.
        dividends: Cash per share on ex-dates, on the same split basis. One whose ex-date is no session counts at the
            next session; one on or before the first close changes nothing, and one after the last close not yet.

    Raises:
        ValueError: A dividend is negative, or not smaller than the close before it.

    >>> days = pd.date_range("2026-01-01", periods=3)
    >>> close = pd.Series([50.0, 51.5, 50.0], index=days)
    >>> total_return_index(close, pd.Series([1.5], index=days[2:])).tolist()
    [100.0, 103.0, 103.0]
    """
    values = close.to_numpy(dtype=np.float64, na_value=np.nan)
    rows = np.flatnonzero(~np.isnan(values))
    out = np.full(len(values), np.nan)
    if rows.size:
        days = close.index.to_numpy().astype("datetime64[D]")[rows]
        paid = pd.Series(dtype=np.float64) if dividends is None else dividends.dropna()
        on = paid.index.to_numpy().astype("datetime64[D]")
        out[rows] = total_return(days, values[rows], on, paid.to_numpy(dtype=np.float64))
    return pd.Series(out, index=close.index, name=close.name)


def total_return(
    days: npt.NDArray[np.datetime64], closes: Block, paid_on: npt.NDArray[np.datetime64], paid: Block
) -> Block:
    """Return the total-return index of closes without gaps, see `total_return_index`.

    Args:
        days: The day of each close.
        closes: Closes adjusted for splits only.
        paid_on: Ex-dates.
        paid: Cash per share on each of them.

    Raises:
        ValueError: A dividend is negative, or not smaller than the close before it.
    """
    steps = np.ones(len(closes))
    if not len(paid):
        np.divide(closes[1:], closes[:-1], out=steps[1:])
        return _compounded(steps)
    at = np.searchsorted(days, paid_on, side="left")
    counts = (at > 0) & (at < len(days))
    cash = np.zeros(len(days))
    np.add.at(cash, at[counts], paid[counts])
    wrong = np.flatnonzero((cash[1:] < 0) | ((cash[1:] > 0) & (cash[1:] >= closes[:-1])))
    if wrong.size:
        row = int(wrong[0]) + 1
        raise ValueError(
            f"the dividend of {cash[row]:g} on {days[row].astype('datetime64[D]')} is not between 0 and the close "
            f"before it, {closes[row - 1]:g}; closes and dividends must be on the same split basis"
        )
    np.divide(closes[1:], closes[:-1] - cash[1:], out=steps[1:])
    return _compounded(steps)


def _compounded(steps: Block) -> Block:
    return np.asarray(BASE_LEVEL * np.cumprod(steps), dtype=np.float64)


def window_return(levels: L, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> L:
    """Return the return over a window, as a fraction, seen from each session; NaN where the window is unknown.

    >>> from thesisvault.scalars import parse_window
    >>> level = pd.Series([100.0, 110.0, 99.0], index=pd.date_range("2026-01-01", periods=3))
    >>> window_return(level, parse_window("1d")).round(9).tolist()
    [nan, 0.1, -0.1]
    """
    return _between(levels, window, period_days, as_of, growth)


def window_change(levels: L, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> L:
    """Return the difference over a window, in the unit of the values, for rates and macro series.

    >>> from thesisvault.scalars import parse_window
    >>> rate = pd.Series([4.0, 4.25], index=pd.date_range("2026-01-01", periods=2))
    >>> window_change(rate, parse_window("1d")).tolist()
    [nan, 0.25]
    """
    return _between(levels, window, period_days, as_of, lambda end, base: end - base)


def _between(
    levels: L, window: Window, period_days: int, as_of: dt.date | None, combine: Callable[[Block, Block], Block]
) -> L:
    def work(block: Block, index: pd.DatetimeIndex) -> Block:
        found = spans(index, window, period_days, as_of)
        out = np.full(block.shape, np.nan)
        out[found.known] = combine(block[found.end[found.known]], block[found.base[found.known]])
        return out

    return without_gaps(levels, work)


def daily_returns(levels: L) -> L:
    """Return the return from each session to the next one of the same series, as a fraction; NaN at its first.

    Over a gap it is the return since the last known session.

    >>> daily_returns(pd.Series([100.0, 105.0], index=pd.date_range("2026-01-01", periods=2))).round(9).tolist()
    [nan, 0.05]
    """

    def work(block: Block, _: pd.DatetimeIndex) -> Block:
        out = np.full(block.shape, np.nan)
        out[1:] = growth(block[1:], block[:-1])
        return out

    return without_gaps(levels, work)


def rebased(levels: L, start_row: int = 0) -> L:
    """Return the return since one row, as a fraction: 0 there, for charts that let several series start together.

    Rows before it are left out. A column without a value at that row starts from its own first one after it.

    >>> rebased(pd.Series([50.0, 100.0, 110.0], index=pd.date_range("2026-01-01", periods=3)), 1).round(9).tolist()
    [0.0, 0.1]
    """
    return without_gaps(levels.iloc[start_row:], lambda block, _: growth(block, block[:1]))


def growth(end: Block, base: Block) -> Block:
    """Return end / base - 1, cell by cell; NaN from nought or from below it, where there is no return.

    >>> growth(np.array([[110.0, 1.0]]), np.array([[100.0, 0.0]])).round(9).tolist()
    [[0.1, nan]]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient: Block = end / base - 1
    return np.where((base > 0) & np.isfinite(quotient), quotient, np.nan)

"""What happened inside a window: its low, its worst fall, its middle, a place in it, and when a condition held.

Each is seen from every session and looks back only. Windows are those of `inside`, as for averages, but for what is
measured from the close that a return starts from.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

import numpy as np
import pandas as pd

from thesisvault.analytics.gaps import Block, L, without_gaps
from thesisvault.analytics.returns import window_return
from thesisvault.analytics.risk import peak_day
from thesisvault.analytics.windows import Rows, inside, spans
from thesisvault.scalars import Window

DAYS_A_YEAR = 365.25


def trough_day(levels: L, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> L:
    """Return the day of the lowest value of the window, the first of equals, as days since 1970-01-01.

    The close that the window's return starts from is one of them, as for `peak_day`.
    """
    return peak_day(-levels, window, period_days=period_days, as_of=as_of)


def worst_fall(levels: L, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> L:
    """Return the maximum drawdown inside the window: the deepest fall from a high to a later low, as a fraction.

    Both the high and the low lie in the window, the close that its return starts from included.

    >>> from thesisvault.scalars import parse_window
    >>> level = pd.Series([100.0, 50.0, 100.0, 90.0], index=pd.date_range("2026-01-01", periods=4))
    >>> worst_fall(level, parse_window("max")).tolist(), worst_fall(level, parse_window("1d")).round(9).tolist()
    ([0.0, -0.5, -0.5, -0.5], [nan, -0.5, 0.0, -0.1])
    """

    def work(block: Block, index: pd.DatetimeIndex) -> Block:
        found = spans(index, window, period_days, as_of)
        out = np.full(block.shape, np.nan)
        for row in np.flatnonzero(found.known):
            part = block[found.base[row] : found.end[row] + 1]
            highest = np.maximum.accumulate(part, axis=0)
            with np.errstate(divide="ignore", invalid="ignore"):
                out[row] = np.where(highest.min(axis=0) > 0, (part / highest - 1).min(axis=0), np.nan)
        return out

    return without_gaps(levels, work)


def middle(levels: L, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> L:
    """Return the median of the values inside the window."""
    return _rolled(levels, window, period_days, as_of, "median")


def percentile(levels: L, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> L:
    """Return the share of the values inside the window that are not above the newest, as a fraction; 1 at the high.

    >>> from thesisvault.scalars import parse_window
    >>> level = pd.Series([1.0, 4.0, 2.0, 3.0], index=pd.date_range("2026-01-01", periods=4))
    >>> percentile(level, parse_window(4)).tolist()
    [nan, nan, nan, 0.75]
    """
    return _rolled(levels, window, period_days, as_of, "percentile")


def _rolled(
    levels: L, window: Window, period_days: int, as_of: dt.date | None, how: Literal["median", "percentile"]
) -> L:
    def work(block: Block, index: pd.DatetimeIndex) -> Block:
        found = inside(index, window, period_days, as_of)
        windows = pd.DataFrame(block).rolling(Rows(found.base, found.end), min_periods=1)
        frame = windows.median() if how == "median" else windows.rank(method="max", pct=True)
        out = np.asarray(frame.to_numpy(dtype=np.float64)).copy()
        out[~found.known] = np.nan
        return out

    return without_gaps(levels, work)


def annual_growth(levels: L, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> L:
    """Return the compound annual growth rate over the window, by calendar years of 365.25 days; NaN under one year."""
    moved = window_return(levels, window, period_days=period_days, as_of=as_of)

    def years(block: Block, index: pd.DatetimeIndex) -> Block:
        found = spans(index, window, period_days, as_of)
        days = index.to_numpy().astype("datetime64[D]").astype(np.int64)
        length = np.where(found.known, (days[found.end] - days[found.base]) / DAYS_A_YEAR, np.nan)
        return np.broadcast_to(np.where(length >= 0.99, length, np.nan)[:, None], block.shape).copy()

    lasted = without_gaps(levels, years)
    return (1 + moved) ** (1 / lasted) - 1


def held_on(
    condition: pd.Series,
    window: Window,
    which: Literal["first", "last", "count"],
    period_days: int = 1,
    as_of: dt.date | None = None,
) -> pd.Series:
    """Return the first or last day inside the window on which a condition held, or on how many sessions it did.

    Days are counted from 1970-01-01; NaN where it held on none. Sessions on which it is unknown count as none.

    >>> from thesisvault.scalars import parse_window
    >>> held = pd.Series([1.0, 0.0, 1.0], index=pd.date_range("1970-01-02", periods=3))
    >>> [float(held_on(held, parse_window(3), which).iloc[-1]) for which in ("first", "last", "count")]
    [1.0, 3.0, 2.0]
    """
    index = condition.index
    assert isinstance(index, pd.DatetimeIndex)  # noqa: S101 - conditions stand on sessions
    found = inside(index, window, period_days, as_of)
    holds = condition.to_numpy() == 1.0
    total = np.concatenate([[0], np.cumsum(holds)])
    base, end = np.maximum(found.base, 0), np.maximum(found.end, 0)
    counts = (total[end + 1] - total[base]).astype(np.float64)
    if which == "count":
        values = counts
    else:
        days = index.to_numpy().astype("datetime64[D]").astype(np.float64)
        on = np.flatnonzero(holds)
        places = np.searchsorted(on, base) if which == "first" else np.searchsorted(on, end, side="right") - 1
        safe = np.clip(places, 0, max(len(on) - 1, 0))
        values = np.where(counts > 0, days[on[safe]] if len(on) else np.nan, np.nan)
    return pd.Series(np.where(found.known, values, np.nan), index=index)

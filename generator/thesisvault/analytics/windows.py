"""The rows of a window as seen from every session at once.

What a window covers is said in `bounds`. One that a series does not cover is unknown, with the reason.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from thesisvault.analytics.bounds import SLACK_DAYS, Ints, Mode, Pace, bounds, number_of, why_unknown
from thesisvault.scalars import Window

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Spans:
    """Rows at which a window begins and ends, one pair for each session.

    Attributes:
        base: Row of the first value, -1 where it is unknown.
        end: Row of the last value, -1 where it is unknown; both are unknown together.
        reason: Why the last session has no window, in plain words; empty if it has one.
    """

    base: Ints
    end: Ints
    reason: str

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Where a window exists."""
        return self.base >= 0


def spans(index: pd.DatetimeIndex, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> Spans:
    """Return the rows between which a return or a change over the window is taken, for each session.

    Args:
        index: Ascending sessions of the series.
        window: Which stretch of time.
        period_days: Days between two values of the series: 1 daily, 7 weekly, 31 monthly.
        as_of: The day up to which nothing more can come. It lets the newest session know that `2022` is over when the
            year's last session is the newest there is.

    >>> from thesisvault.scalars import parse_window
    >>> import pandas as pd
    >>> days = pd.to_datetime(["2025-12-30", "2025-12-31", "2026-01-02"])
    >>> spans(days, parse_window("ytd")).base.tolist(), spans(days, parse_window("1d")).base.tolist()
    ([-1, -1, 1], [-1, 0, 1])
    >>> spans(days, parse_window("2026")).reason
    'use ytd: 2026 is not over'
    """
    return _seen(index, window, period_days, as_of, "span")


def inside(index: pd.DatetimeIndex, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> Spans:
    """Return the first and last row that lie inside the window, for each session, for rolling statistics.

    The last n sessions for a number of sessions, the sessions after the first day for calendar windows, to-date windows
    and periods; `since` and `A..B` take the close they start from along. Unknown where the series does not reach back.

    >>> from thesisvault.scalars import parse_window
    >>> import pandas as pd
    >>> days = pd.to_datetime(["2025-12-30", "2025-12-31", "2026-01-02"])
    >>> inside(days, parse_window("2d")).base.tolist(), inside(days, parse_window("ytd")).base.tolist()
    ([-1, 0, 1], [-1, -1, 2])
    """
    return _seen(index, window, period_days, as_of, "inside")


def returns_inside(
    index: pd.DatetimeIndex, window: Window, period_days: int = 1, as_of: dt.date | None = None
) -> Spans:
    """Return the first and last row whose return, from the row before, falls into the window, for each session.

    >>> from thesisvault.scalars import parse_window
    >>> import pandas as pd
    >>> days = pd.to_datetime(["2025-12-30", "2025-12-31", "2026-01-02"])
    >>> returns_inside(days, parse_window("2d")).base.tolist()
    [-1, -1, 1]
    """
    return _seen(index, window, period_days, as_of, "returns")


def _seen(index: pd.DatetimeIndex, window: Window, period_days: int, as_of: dt.date | None, mode: Mode) -> Spans:
    days: Ints = index.to_numpy().astype("datetime64[D]").astype(np.int64)
    pace = Pace(period_days) if as_of is None else Pace(period_days, number_of(as_of))
    last = len(days) - 1
    if last < 0:
        return Spans(days, days, why_unknown(days, last, window, pace, mode))
    base, end = bounds(days, np.arange(len(days), dtype=np.int64), window, pace, mode)
    return Spans(base, end, "" if base[-1] >= 0 else why_unknown(days, last, window, pace, mode))


def slack_days(period_days: int) -> int:
    """Return how many days older than a window's first day its base may be.

    >>> slack_days(1), slack_days(31)
    (7, 38)
    """
    return SLACK_DAYS if period_days <= 1 else period_days + SLACK_DAYS

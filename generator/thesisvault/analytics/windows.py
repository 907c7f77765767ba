"""Where a window begins and ends, in rows, seen from every session at once.

`Window.first_day` says which day a window begins on; here that day becomes a row of a series, or is unknown, with the
reason. A window that a series does not cover is unknown, never a shorter window under the same name.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.indexers import BaseIndexer

from thesisvault.scalars import Window

Positions = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

SLACK_DAYS = 7
"""How much older than the first day of a window its base may be: the longest stretch of holidays, with room."""


@dataclass(frozen=True, eq=False)
class Spans:
    """Rows at which a window begins and ends, one pair for each session.

    Attributes:
        base: Row of the first value, -1 where it is unknown.
        end: Row of the last value, -1 where it is unknown; both are unknown together.
        reason: Why the last session has no window, in plain words; empty if it has one.
    """

    base: Positions
    end: Positions
    reason: str

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Where a window exists."""
        return self.base >= 0


class Rows(BaseIndexer):
    """Bounds for `rolling()`: rows `starts` to `ends`, both included; -1 is an empty window, which gives NaN.

    >>> values = pd.Series([1.0, 2.0, 3.0])
    >>> values.rolling(Rows(np.array([-1, 0, 1]), np.array([-1, 1, 2])), min_periods=1).mean().tolist()
    [nan, 1.5, 2.5]
    """

    def __init__(self, starts: Positions, ends: Positions) -> None:
        super().__init__()
        unknown = (starts < 0) | (ends < starts)
        # An empty window stands where the last one began, so that the bounds go on rising and pandas stays linear.
        floor = np.maximum.accumulate(np.where(unknown, 0, starts)) if len(starts) else starts
        self.starts: Positions = np.where(unknown, floor, starts).astype(np.int64)
        self.ends: Positions = np.where(unknown, floor, ends + 1).astype(np.int64)

    def get_window_bounds(
        self,
        num_values: int = 0,
        min_periods: int | None = None,  # noqa: ARG002
        center: bool | None = None,  # noqa: ARG002
        closed: str | None = None,  # noqa: ARG002
        step: int | None = None,
    ) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Return the bounds, the end excluded, as pandas asks for them."""
        if num_values != len(self.starts):
            raise ValueError(f"{num_values} values, but bounds for {len(self.starts)}")
        return self.starts[:: step or 1], self.ends[:: step or 1]


def spans(index: pd.DatetimeIndex, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> Spans:
    """Return the rows between which a return or a change over the window is taken, for each session.

    Args:
        index: Ascending sessions of the series.
        window: Which stretch of time.
        period_days: Days between two values of the series: 1 daily, 7 weekly, 31 monthly.
        as_of: The day up to which nothing more can come. It lets the newest session know that `2022` is over when the
            year's last session is the newest there is.

    >>> from thesisvault.scalars import parse_window
    >>> days = pd.to_datetime(["2025-12-30", "2025-12-31", "2026-01-02"])
    >>> spans(days, parse_window("ytd")).base.tolist(), spans(days, parse_window("1d")).base.tolist()
    ([-1, -1, 1], [-1, 0, 1])
    >>> spans(days, parse_window("2026")).reason
    'use ytd: 2026 is not over'
    """
    days = _days(index)
    rows = np.arange(len(days), dtype=np.int64)
    too_short = _too_short(window, period_days)
    if too_short or not len(days):
        return _unknown(len(days), too_short or "there are no closes")
    if window.kind == "max":
        return Spans(np.zeros_like(rows), rows, "")
    if window.kind == "sessions":
        base = np.maximum(rows - window.count, -1)
        if period_days > 1:
            own = _period_of(days, period_days)
            base = _standing_for(own, own - window.count)
        return _reasoned(base, rows, days, window, period_days, as_of)
    first = first_days(days, window)
    base = _last_on_or_before(days, first, period_days)
    end = rows
    if window.kind == "since":
        base = np.where(days >= first, base, -1)
    if window.is_fixed and window.end is not None:
        last = np.datetime64(window.end, "D")
        # A period is over when its last session has closed: when the next one lies beyond it.
        over = days >= last
        over[:-1] |= days[1:] > last
        over[-1] |= as_of is not None and as_of >= window.end
        end = _last_on_or_before(days, np.full(len(days), last), period_days)
        base = np.where(over & (end > base), base, -1)
    return _reasoned(base, end, days, window, period_days, as_of)


def inside(index: pd.DatetimeIndex, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> Spans:
    """Return the first and last row that lie inside the window, for each session, for rolling statistics.

    The last n sessions for a number of sessions, the sessions after the first day for calendar windows, to-date windows
    and periods; `since` and `A..B` take the close they start from along. Unknown where the series does not reach back.

    >>> from thesisvault.scalars import parse_window
    >>> days = pd.to_datetime(["2025-12-30", "2025-12-31", "2026-01-02"])
    >>> inside(days, parse_window("2d")).base.tolist(), inside(days, parse_window("ytd")).base.tolist()
    ([-1, 0, 1], [-1, -1, 2])
    """
    days = _days(index)
    if window.kind == "sessions" and len(days) and not _too_short(window, period_days):
        rows = np.arange(len(days), dtype=np.int64)
        base = np.maximum(rows - window.count + 1, -1)
        needed = window.count
        return _masked(base, rows, "" if base[-1] >= 0 else _too_few(needed, len(days), period_days))
    found = spans(index, window, period_days, as_of)
    if window.kind in ("since", "range", "max"):
        return found
    return Spans(np.where(found.known, found.base + 1, -1), found.end, found.reason)


def returns_inside(
    index: pd.DatetimeIndex, window: Window, period_days: int = 1, as_of: dt.date | None = None
) -> Spans:
    """Return the first and last row whose return, from the row before, falls into the window, for each session.

    >>> from thesisvault.scalars import parse_window
    >>> days = pd.to_datetime(["2025-12-30", "2025-12-31", "2026-01-02"])
    >>> returns_inside(days, parse_window("2d")).base.tolist()
    [-1, -1, 1]
    """
    found = spans(index, window, period_days, as_of)
    base = np.where(found.known, found.base + 1, -1)
    return _masked(np.where(base <= found.end, base, -1), found.end, found.reason)


def first_days(days: Days, window: Window) -> Days:
    """Return `Window.first_day` of every session at once; only for windows that have one.

    >>> from thesisvault.scalars import parse_window
    >>> first_days(np.array(["2026-03-31"], dtype="datetime64[D]"), parse_window("1m"))[0].item()
    datetime.date(2026, 2, 28)
    """
    if window.kind == "calendar":
        months = days.astype("datetime64[M]")
        target = months - window.months
        day_of_month = days - months.astype("datetime64[D]")
        last = (target + 1).astype("datetime64[D]") - target.astype("datetime64[D]") - 1
        clipped: Days = target.astype("datetime64[D]") + np.minimum(day_of_month, last) - window.days
        return clipped
    if window.kind == "to_date":
        unit = "datetime64[M]" if window.text == "mtd" else "datetime64[Y]"
        before: Days = days.astype(unit).astype("datetime64[D]") - 1
        return before
    fixed = window.first_day(dt.date.max)
    if fixed is None:
        raise ValueError(f'"{window.text}" counts sessions, it has no first day')
    return np.full(len(days), np.datetime64(fixed, "D"))


def slack_days(period_days: int) -> int:
    """Return how many days older than a window's first day its base may be.

    >>> slack_days(1), slack_days(31)
    (7, 38)
    """
    return SLACK_DAYS if period_days <= 1 else period_days + SLACK_DAYS


def _days(index: pd.DatetimeIndex) -> Days:
    days: Days = index.to_numpy().astype("datetime64[D]")
    return days


def _last_on_or_before(days: Days, wanted: Days, period_days: int) -> Positions:
    """Return the row of the value that stands for each wanted day, -1 where there is none.

    A daily series may be up to 7 days older. Of a weekly one the value is at most a week old; of a monthly or quarterly
    one it is that of the very month or quarter, so that an empty one in between never makes a window longer.
    """
    if period_days < _MONTH:
        found = np.searchsorted(days, wanted, side="right") - 1
        age = (wanted - days[np.maximum(found, 0)]).astype(np.int64)
        return np.where((found >= 0) & (age <= max(period_days, SLACK_DAYS)), found, -1).astype(np.int64)
    return _standing_for(_period_of(days, period_days), _period_of(wanted, period_days))


def _standing_for(own: Positions, asked: Positions) -> Positions:
    """Return the row of the value of each period that is asked for, -1 where that is empty."""
    found = np.searchsorted(own, asked, side="right") - 1
    return np.where((found >= 0) & (own[np.maximum(found, 0)] == asked), found, -1).astype(np.int64)


_MONTH = 28


def _period_of(days: Days, period_days: int) -> Positions:
    """Return the number of the week, the month or the quarter that each day lies in."""
    if period_days < _MONTH:
        return (days.astype(np.int64) + 3) // 7
    months = days.astype("datetime64[M]").astype(np.int64)
    return months if period_days < 3 * _MONTH else months // 3


def _masked(base: Positions, end: Positions, reason: str) -> Spans:
    known = (base >= 0) & (end >= 0)
    return Spans(np.where(known, base, -1).astype(np.int64), np.where(known, end, -1).astype(np.int64), reason)


def _unknown(size: int, reason: str) -> Spans:
    return Spans(np.full(size, -1, dtype=np.int64), np.full(size, -1, dtype=np.int64), reason)


def _too_short(window: Window, period_days: int) -> str:
    """Say why a series with so many days between its values cannot tell about so short a window."""
    if period_days <= 1:
        return ""
    if window.kind == "sessions":
        if window.text.endswith("d"):
            return f"{window.text} counts daily sessions: use weeks or a bare number of observations"
        return ""
    length = None
    if window.kind == "calendar":
        length = window.days + 31 * window.months
    elif window.kind == "to_date":
        length = 31 if window.text == "mtd" else 366
    elif window.start and window.end:
        # A month may have 28 days and still holds one monthly value: months count as the longest.
        months = (window.end.year - window.start.year) * 12 + window.end.month - window.start.month + 1
        length = 31 * months if window.kind == "period" else (window.end - window.start).days
    if length is None or length >= period_days:
        return ""
    return f"{window.text} is shorter than the {period_days} days between two values of this series"


def _too_few(needed: int, there_are: int, period_days: int) -> str:
    return f"{needed} {_noun(period_days)}s are needed, there are {there_are}"


def _noun(period_days: int) -> str:
    return "close" if period_days <= 1 else "value"


def _reasoned(
    base: Positions, end: Positions, days: Days, window: Window, period_days: int, as_of: dt.date | None
) -> Spans:
    known = base[-1] >= 0 and end[-1] >= 0
    return _masked(base, end, "" if known else _reason(days, window, period_days, as_of))


def _reason(days: Days, window: Window, period_days: int, as_of: dt.date | None) -> str:
    """Say why the newest session has no such window; asked only when it has none."""
    noun, oldest, newest = _noun(period_days), days[0].item(), days[-1].item()
    if window.kind == "sessions":
        return _too_few(window.count + 1, len(days), period_days)
    first: dt.date = first_days(days[-1:], window)[0].item()
    if window.kind == "since" and newest < first:
        return f"the last {noun} is {newest}, before {first}"
    if window.is_fixed and window.end and max(newest, as_of or newest) < window.end:
        return _not_over(window, first)
    if oldest > first:
        return f"the first {noun} is {oldest}, {window.text} needs one by {first}"
    for wanted in (first, window.end) if window.end else (first,):
        last: dt.date = days[np.searchsorted(days, np.datetime64(wanted, "D"), side="right") - 1].item()
        if period_days >= _MONTH and _last_on_or_before(days, np.array([wanted], "datetime64[D]"), period_days)[0] < 0:
            return f"there is no value for {wanted:%B %Y}, from which {window.text} is measured"
        if (wanted - last).days > max(period_days, SLACK_DAYS):
            return f"the last {noun} by {wanted} is {last}, more than {max(period_days, SLACK_DAYS)} days older"
    return f"no {noun} lies inside {window.text}"


def _not_over(window: Window, first: dt.date) -> str:
    if window.kind == "period" and len(window.text) == 4:
        return f"use ytd: {window.text} is not over"
    if window.kind == "period" and "-" in window.text:
        return f"use mtd: {window.text} is not over"
    return f"use since {first}: {window.text} is not over"

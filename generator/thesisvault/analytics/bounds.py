"""Where a window begins and ends, in rows of a series, seen from any of its sessions.

Plain arrays: days are counted from 1970-01-01, ascending. `Window` says which day a window begins on; here that day
becomes a row, or -1 where the series has none, and `why_unknown` says why. A window that a series does not cover is
unknown, never a shorter one under the same name.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from thesisvault.scalars import Window

Ints = npt.NDArray[np.int64]

SLACK_DAYS = 7
"""How much older than the first day of a window its base may be: the longest stretch of holidays, with room."""
MONTH_DAYS = 28
"""A series with at least so many days between two values has one for each month, or for each quarter."""
EPOCH = dt.date(1970, 1, 1)

Mode = Literal["span", "inside", "returns"]
"""What of a window is wanted: from base to end, the values inside, or the values whose step from the last is inside."""


def number_of(day: dt.date) -> int:
    """Return a day counted from 1970-01-01.

    >>> number_of(dt.date(1970, 1, 2))
    1
    """
    return (day - EPOCH).days


def day_of(number: int) -> dt.date:
    """Return the day of a number.

    >>> day_of(1)
    datetime.date(1970, 1, 2)
    """
    return EPOCH + dt.timedelta(days=int(number))


def calendar_day(number: float) -> dt.date | None:
    """Return the day of a number that was reckoned; None where a calendar has no such day.

    >>> calendar_day(1.0), calendar_day(1e17)
    (datetime.date(1970, 1, 2), None)
    """
    first, last = number_of(dt.date.min), number_of(dt.date.max)
    return day_of(int(number)) if first <= number <= last else None


def slack_days(period_days: int) -> int:
    """Return how many days older than a window's first day its base may be.

    >>> slack_days(1), slack_days(31)
    (7, 38)
    """
    return SLACK_DAYS if period_days <= 1 else period_days + SLACK_DAYS


class Pace(Struct, frozen=True):
    """How often a series has a value, and until when it is known to have no further one.

    Attributes:
        period_days: Days between two values: 1 daily, 7 weekly, 31 monthly, 92 quarterly.
        quiet_until: Number of the day up to which nothing more can come; it lets the newest value know that `2022` is
            over when the year's last session has closed.
    """

    period_days: int = 1
    quiet_until: int = -1

    @property
    def noun(self) -> str:
        """What a value of it is called."""
        return "close" if self.period_days <= 1 else "value"


def bounds(days: Ints, rows: Ints, window: Window, pace: Pace, mode: Mode = "span") -> tuple[Ints, Ints]:
    """Return first and last row of the window as seen from each of some rows; -1 for both where it is unknown.

    Args:
        days: The days of the series.
        rows: The rows that the window is seen from.
        window: Which stretch of time.
        pace: How often the series has a value.
        mode: `span`: from the value that a return starts from. `inside`: the last n values for a number of sessions,
            those after the first day for other windows; `since`, `A..B` and `max` take the value they start from along.
            `returns`: the values whose return from the one before lies in the window.

    >>> from thesisvault.scalars import parse_window
    >>> days = np.array([number_of(dt.date(*d)) for d in ((2025, 12, 30), (2025, 12, 31), (2026, 1, 2))])
    >>> bounds(days, np.arange(3), parse_window("ytd"), Pace())[0].tolist()
    [-1, -1, 1]
    >>> bounds(days, np.arange(3), parse_window("2d"), Pace(), "inside")[0].tolist()
    [-1, 0, 1]
    """
    if mode == "inside" and window.kind == "sessions" and not _too_short(window, pace):
        base = rows - window.count + 1
        return _both_known(base, rows)
    base, end = _spans(days, rows, window, pace)
    if mode == "span" or (mode == "inside" and window.kind in ("since", "range", "max")):
        return base, end
    after = np.where(base >= 0, base + 1, -1)
    return (after, end) if mode == "inside" else _both_known(np.where(after <= end, after, -1), end)


def bound(days: Ints, row: int, window: Window, pace: Pace, mode: Mode = "span") -> tuple[int, int]:
    """Return what `bounds` gives for one row; for a daily series without an array.

    >>> from thesisvault.scalars import parse_window
    >>> days = np.array([number_of(dt.date(*d)) for d in ((2025, 12, 30), (2025, 12, 31), (2026, 1, 2))])
    >>> bound(days, 2, parse_window("ytd"), Pace())
    (1, 2)
    """
    if pace.period_days > 1:
        base, end = bounds(days, np.array([row]), window, pace, mode)
        return int(base[0]), int(end[0])
    if window.kind == "sessions":
        start = row - window.count + (mode == "inside")
        found = (start, row) if start >= 0 else _NOWHERE
    else:
        found = (0, row) if window.kind == "max" else _span(days, row, window, pace)
    if found[0] < 0 or mode == "span" or (mode == "inside" and window.kind in ("sessions", "since", "range", "max")):
        return found
    return (found[0] + 1, found[1]) if mode == "inside" or found[0] < found[1] else _NOWHERE


_NOWHERE = (-1, -1)


def _span(days: Ints, row: int, window: Window, pace: Pace) -> tuple[int, int]:
    seen = int(days[row])
    first = _first_day(window, seen)
    base, end = _row_before(days, first), row
    if window.kind == "since" and seen < first:
        return _NOWHERE
    if window.is_fixed and window.end is not None:
        last = number_of(window.end)
        following = int(days[row + 1]) if row + 1 < len(days) else max(pace.quiet_until, seen) + 1
        end = _row_before(days, last)
        if following <= last or end <= base:
            return _NOWHERE
    return (base, end) if base >= 0 else _NOWHERE


@lru_cache(maxsize=512)
def _first_day(window: Window, seen: int) -> int:
    return int(first_days(np.array([seen]), window)[0])


def _row_before(days: Ints, wanted: int) -> int:
    found = int(days.searchsorted(wanted, side="right")) - 1
    return found if found >= 0 and wanted - int(days[found]) <= SLACK_DAYS else -1


def _spans(days: Ints, rows: Ints, window: Window, pace: Pace) -> tuple[Ints, Ints]:
    if _too_short(window, pace):
        return np.full(len(rows), -1), np.full(len(rows), -1)
    if window.kind == "max":
        return np.zeros_like(rows), rows
    if window.kind == "sessions":
        base = rows - window.count if pace.period_days <= 1 else _periods_before(days, rows, window.count, pace)
        return _both_known(base, rows)
    seen = days[rows]
    first = first_days(seen, window)
    base = _on_or_before(days, first, pace)
    end = rows
    if window.kind == "since":
        base = np.where(seen >= first, base, -1)
    if window.is_fixed and window.end is not None:
        last = number_of(window.end)
        end = _on_or_before(days, np.full(len(rows), last), pace)
        base = np.where((_following(days, rows, pace) > last) & (end > base), base, -1)
    return _both_known(base, end)


def first_days(seen: Ints, window: Window) -> Ints:
    """Return `Window.first_day` of many days at once; only for windows that have one.

    >>> from thesisvault.scalars import parse_window
    >>> day_of(first_days(np.array([number_of(dt.date(2026, 3, 31))]), parse_window("1m"))[0])
    datetime.date(2026, 2, 28)
    """
    days = seen.astype("datetime64[D]")
    if window.kind == "calendar":
        months = days.astype("datetime64[M]")
        target = months - window.months
        of_month = days - months.astype("datetime64[D]")
        longest = (target + 1).astype("datetime64[D]") - target.astype("datetime64[D]") - 1
        clipped: Ints = (target.astype("datetime64[D]") + np.minimum(of_month, longest) - window.days).astype(np.int64)
        return clipped
    if window.kind == "to_date":
        unit = "datetime64[M]" if window.text == "mtd" else "datetime64[Y]"
        return days.astype(unit).astype("datetime64[D]").astype(np.int64) - 1
    fixed = window.first_day(dt.date.max)
    if fixed is None:
        raise ValueError(f'"{window.text}" counts sessions, it has no first day')
    return np.full(len(seen), number_of(fixed))


def _on_or_before(days: Ints, wanted: Ints, pace: Pace) -> Ints:
    """Return the row of the value that stands for each wanted day, -1 where there is none.

    A daily series may be up to 7 days older. Of a weekly one the value is at most a week old; of a monthly or quarterly
    one it is that of the very month or quarter, so that an empty one in between never makes a window longer.
    """
    if pace.period_days < MONTH_DAYS:
        found = days.searchsorted(wanted, side="right") - 1
        age = wanted - days[np.maximum(found, 0)]
        return np.where((found >= 0) & (age <= max(pace.period_days, SLACK_DAYS)), found, -1)
    return _standing_for(periods_of(days, pace), periods_of(wanted, pace))


def _following(days: Ints, rows: Ints, pace: Pace) -> Ints:
    """Return the day on which the value after each row is due: a period is over when that lies beyond it.

    Of a daily series it is the next session, of a slower one the next period, whenever its value becomes known.
    """
    if pace.period_days <= 1:
        return np.append(days[1:], max(pace.quiet_until, int(days[-1])) + 1)[rows]
    if pace.period_days < MONTH_DAYS:
        return days[rows] + pace.period_days
    return last_days(days[rows], pace) + 1


def last_days(days: Ints, pace: Pace) -> Ints:
    """Return the last day of the period that each day lies in, by how often values come; a week ends with its own day.

    >>> day_of(last_days(np.array([number_of(dt.date(2026, 2, 3))]), Pace(92))[0])
    datetime.date(2026, 3, 31)
    """
    if pace.period_days < MONTH_DAYS:
        return days
    following = (periods_of(days, pace) + 1) * (1 if pace.period_days < 3 * MONTH_DAYS else 3)
    ends: Ints = following.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1
    return ends


def _periods_before(days: Ints, rows: Ints, count: int, pace: Pace) -> Ints:
    """Return the row of the value so many weeks, months or quarters before each of some rows, -1 where that is empty.

    A month without a value counts: twelve months before November is November, whatever lies between.
    """
    own = periods_of(days, pace)
    return _standing_for(own, own[rows] - count)


def _standing_for(own: Ints, asked: Ints) -> Ints:
    """Return the row of the value of each period that is asked for, -1 where that is empty."""
    found = own.searchsorted(asked, side="right") - 1
    return np.where((found >= 0) & (own[np.maximum(found, 0)] == asked), found, -1)


def periods_of(days: Ints, pace: Pace) -> Ints:
    """Return the number of the week, the month or the quarter that each day lies in, by how often values come.

    >>> periods_of(np.array([number_of(dt.date(1970, 1, 4)), number_of(dt.date(1970, 1, 5))]), Pace(7)).tolist()
    [0, 1]
    """
    if pace.period_days < MONTH_DAYS:
        return (days + 3) // 7
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months if pace.period_days < 3 * MONTH_DAYS else months // 3


def _both_known(base: Ints, end: Ints) -> tuple[Ints, Ints]:
    known = (base >= 0) & (end >= 0)
    return np.where(known, base, -1), np.where(known, end, -1)


def _too_short(window: Window, pace: Pace) -> str:
    """Say why a series with so many days between its values cannot tell about so short a window."""
    if pace.period_days <= 1:
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
    if length is None or length >= pace.period_days:
        return ""
    return f"{window.text} is shorter than the {pace.period_days} days between two values of this series"


def why_unknown(days: Ints, row: int, window: Window, pace: Pace, mode: Mode = "span") -> str:
    """Say why a window is unknown as seen from a row; only where it is."""
    if said := _too_short(window, pace):
        return said
    if not len(days):
        return "there are no closes"
    if window.kind == "sessions":
        needed = window.count if mode == "inside" else window.count + 1
        if row + 1 >= needed:
            return _empty_before(day_of(days[row]), window.count, pace)
        return _too_few(needed, row, pace)
    if window.kind == "max":
        return _too_few(2, row, pace)
    oldest, newest = day_of(days[0]), day_of(days[row])
    first = day_of(first_days(days[row : row + 1], window)[0])
    if window.kind == "since" and newest < first:
        return f"the last {pace.noun} is {newest}, before {first}"
    if window.is_fixed and window.end and int(_following(days, np.array([row]), pace)[0]) <= number_of(window.end):
        return _not_over(window, first)
    if oldest > first:
        return f"the first {pace.noun} is {oldest}, {window.text} needs one by {first}"
    for wanted in (first, window.end) if window.end else (first,):
        asked = number_of(wanted)
        if pace.period_days >= MONTH_DAYS and _on_or_before(days, np.array([asked]), pace)[0] < 0:
            return f"no value for {wanted:%B %Y}, the base of {window.label}"
        last = int(days[days.searchsorted(asked, side="right") - 1])
        if asked - last > (slack := max(pace.period_days, SLACK_DAYS)):
            return f"the last {pace.noun} by {wanted} is {day_of(last)}, more than {slack} days older"
    return f"no {pace.noun} lies inside {window.text}"


def _too_few(needed: int, row: int, pace: Pace) -> str:
    return f"{needed} {pace.noun}s are needed, there {'are' if row else 'is'} {row + 1}"


def _empty_before(newest: dt.date, count: int, pace: Pace) -> str:
    if pace.period_days < MONTH_DAYS:
        return f"there is no value for the week {count} before that of {newest}"
    months = newest.year * 12 + newest.month - 1 - count * (1 if pace.period_days < 3 * MONTH_DAYS else 3)
    empty = dt.date(months // 12, months % 12 + 1, 1)
    return f"there is no value for {empty:%B %Y}, from which {count} is counted"


def _not_over(window: Window, first: dt.date) -> str:
    if window.kind == "period" and len(window.text) == 4:
        return f"use ytd: {window.text} is not over"
    if window.kind == "period" and "-" in window.text:
        return f"use mtd: {window.text} is not over"
    return f"use since {first}: {window.text} is not over"

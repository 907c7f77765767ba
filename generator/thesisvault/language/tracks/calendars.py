"""Sessions as day numbers, each set of them once, with where windows begin and end on them."""

from __future__ import annotations

import datetime as dt

import numpy as np
from msgspec import Struct, field

from thesisvault.analytics.bounds import Ints, Mode, Pace, bound, bounds, day_of
from thesisvault.scalars import Window


class Calendar:
    """The sessions of a series, ascending; equal ones are the same object, see `Calendars.of`.

    Attributes:
        days: Day numbers, counted from 1970-01-01.
    """

    __slots__ = ("_every", "_newest", "_weekends", "days")

    def __init__(self, days: Ints) -> None:
        self.days = days
        self._weekends: bool | None = None
        self._newest: dict[tuple[object, ...], tuple[int, int]] = {}
        self._every: dict[tuple[object, ...], tuple[Ints, Ints, Ints]] = {}

    def __len__(self) -> int:
        return len(self.days)

    @property
    def has_weekends(self) -> bool:
        """Whether its newest sessions lie on weekends too."""
        if self._weekends is None:
            days = self.days[-60:]
            self._weekends = bool(len(days)) and float(((days + 3) % 7 >= 5).mean()) > 0.1
        return self._weekends

    def day(self, row: int) -> dt.date:
        """Return the day of a session."""
        return day_of(int(self.days[row]))

    def row(self, number: int) -> int:
        """Return the row of a session, or -1 if the day is none."""
        found = int(self.days.searchsorted(number))
        return found if found < len(self.days) and self.days[found] == number else -1

    def window(self, row: int, window: Window, pace: Pace, mode: Mode) -> tuple[int, int]:
        """Return first and last row of a window as seen from a session, -1 where unknown."""
        key = (row, window.text, window.kind, pace.period_days, pace.quiet_until, mode)
        if key not in self._newest:
            self._newest[key] = bound(self.days, row, window, pace, mode)
        return self._newest[key]

    def windows(self, window: Window, pace: Pace, mode: Mode) -> tuple[Ints, Ints, Ints]:
        """Return the sessions from which a window is known, and its first and last row as seen from each."""
        key = (window.text, window.kind, pace.period_days, pace.quiet_until, mode)
        if key not in self._every:
            base, end = bounds(self.days, np.arange(len(self.days)), window, pace, mode)
            known = np.flatnonzero(base >= 0)
            self._every[key] = known, base[known], end[known]
        return self._every[key]


class Common(Struct, frozen=True, eq=False):
    """The sessions that two calendars share, and their rows in each; None: all rows, in order."""

    calendar: Calendar
    left: Ints | None
    right: Ints | None


class Timed(Struct, frozen=True):
    """When a track has values.

    Attributes:
        calendar: The sessions from which they are known.
        dated: The days that they are of.
        pace: How often there is one.
    """

    calendar: Calendar
    dated: Calendar
    pace: Pace

    @property
    def is_published(self) -> bool:
        """Whether its values are known later than the days that they are of."""
        return self.dated is not self.calendar


class Joined(Struct, frozen=True, eq=False):
    """Two tracks together: when they have values, and the rows of each; None: all rows, in order."""

    when: Timed
    left: Ints | None
    right: Ints | None


class Calendars(Struct):
    """All calendars of a build, so that what was worked out on one serves every series that has it."""

    known: dict[tuple[int, int, int], list[Calendar]] = field(default_factory=dict)
    shared: dict[tuple[int, int], Common] = field(default_factory=dict)
    joined: dict[tuple[Timed, Timed, bool], Joined] = field(default_factory=dict)
    ends: dict[tuple[int, int], Calendar] = field(default_factory=dict)

    def of(self, days: Ints) -> Calendar:
        """Return the calendar of some days, ascending."""
        key = (len(days), int(days[0]) if len(days) else 0, int(days[-1]) if len(days) else 0)
        alike = self.known.setdefault(key, [])
        for each in alike:
            if np.array_equal(each.days, days):
                return each
        alike.append(Calendar(days))
        return alike[-1]

    def from_row(self, whole: Calendar, row: int) -> Calendar:
        """Return the calendar of the sessions of another one of these from a row on."""
        # Calendars live as long as this record does, so that their identities stay unique.
        key = (id(whole), row)
        found = self.ends.get(key)
        if found is None:
            found = self.ends[key] = self.of(whole.days[row:]) if row else whole
        return found

    def common(self, left: Calendar, right: Calendar) -> Common:
        """Return the sessions that two calendars share."""
        if left is right:
            return Common(left, None, None)
        key = (id(left), id(right))
        if key not in self.shared:
            self.shared[key] = self._suffix(left, right) or self._common(left, right)
        return self.shared[key]

    def _suffix(self, left: Calendar, right: Calendar) -> Common | None:
        """Return what two calendars share that are the same from where the later one begins; None for others."""
        if not len(left) or not len(right):
            return None
        begins = max(left.days[0], right.days[0])
        of_left, of_right = int(left.days.searchsorted(begins)), int(right.days.searchsorted(begins))
        if (of_left and of_right) or not np.array_equal(left.days[of_left:], right.days[of_right:]):
            return None
        calendar = right if of_left else left
        rows = [np.arange(n, n + len(calendar)) if n else None for n in (of_left, of_right)]
        return Common(calendar, rows[0], rows[1])

    def _common(self, left: Calendar, right: Calendar) -> Common:
        at = right.days.searchsorted(left.days)
        at[at == len(right.days)] = 0
        same = right.days[at] == left.days if len(right.days) else np.zeros(len(left.days), dtype=bool)
        rows = np.flatnonzero(same)
        whole = len(rows) == len(left.days)
        calendar = left if whole else self.of(left.days[rows])
        return Common(calendar, None if whole else rows, at[rows])

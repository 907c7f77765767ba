"""Sessions as day numbers, each set of them once, with where windows begin and end on them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from thesisvault.analytics.bounds import Ints, Mode, Pace, bounds, day_of
from thesisvault.scalars import Window

_ROW = np.zeros(1, dtype=np.int64)


class Calendar:
    """The sessions of a series, ascending; equal ones are the same object, see `Calendars.of`.

    Attributes:
        days: Day numbers, counted from 1970-01-01.
    """

    __slots__ = ("_every", "_newest", "days")

    def __init__(self, days: Ints) -> None:
        self.days = days
        self._newest: dict[tuple[object, ...], tuple[int, int]] = {}
        self._every: dict[tuple[object, ...], tuple[Ints, Ints]] = {}

    def __len__(self) -> int:
        return len(self.days)

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
            base, end = bounds(self.days, _ROW + row, window, pace, mode)
            self._newest[key] = int(base[0]), int(end[0])
        return self._newest[key]

    def windows(self, window: Window, pace: Pace, mode: Mode) -> tuple[Ints, Ints]:
        """Return first and last row of a window as seen from every session, -1 where unknown."""
        key = (window.text, window.kind, pace.period_days, pace.quiet_until, mode)
        if key not in self._every:
            self._every[key] = bounds(self.days, np.arange(len(self.days)), window, pace, mode)
        return self._every[key]


@dataclass(frozen=True, eq=False)
class Common:
    """The sessions that two calendars share, and their rows in each; None: all rows, in order."""

    calendar: Calendar
    left: Ints | None
    right: Ints | None


@dataclass
class Calendars:
    """All calendars of a build, so that what was worked out on one serves every series that has it."""

    known: dict[tuple[int, int, int], list[Calendar]] = field(default_factory=dict)
    shared: dict[tuple[int, int], Common] = field(default_factory=dict)

    def of(self, days: Ints) -> Calendar:
        """Return the calendar of some days, ascending."""
        key = (len(days), int(days[0]) if len(days) else 0, int(days[-1]) if len(days) else 0)
        alike = self.known.setdefault(key, [])
        for each in alike:
            if np.array_equal(each.days, days):
                return each
        alike.append(Calendar(days))
        return alike[-1]

    def common(self, left: Calendar, right: Calendar) -> Common:
        """Return the sessions that two calendars share."""
        if left is right:
            return Common(left, None, None)
        # Calendars live as long as this record does, so that their identities stay unique.
        key = (id(left), id(right))
        if key not in self.shared:
            at = right.days.searchsorted(left.days)
            at[at == len(right.days)] = 0
            same = right.days[at] == left.days if len(right.days) else np.zeros(len(left.days), dtype=bool)
            rows = np.flatnonzero(same)
            whole = len(rows) == len(left.days)
            calendar = left if whole else self.of(left.days[rows])
            self.shared[key] = Common(calendar, None if whole else rows, at[rows])
        return self.shared[key]

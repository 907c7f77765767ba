"""Many series side by side on all their sessions, as plain arrays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from thesisvault.analytics.bounds import number_of
from thesisvault.market.line import Line, days_of_any


class Panel:
    """Series side by side on the union of their sessions, those that begin early first.

    So what is there up to a day is a corner of it, and cut off without being copied.

    Attributes:
        names: One a column.
        days: Day numbers, counted from 1970-01-01, ascending.
        values: Sessions x series, NaN where a series has no session.
        first: The row of the first value of each column.
        gap: The first row without a value after that, the number of all rows where there is none.
    """

    __slots__ = ("days", "first", "gap", "names", "values")

    def __init__(
        self,
        names: tuple[str, ...],
        days: npt.NDArray[np.int64],
        values: npt.NDArray[np.float64],
        first: npt.NDArray[np.int64],
        gap: npt.NDArray[np.int64],
    ) -> None:
        self.names, self.days, self.values, self.first, self.gap = names, days, values, first, gap

    @classmethod
    def of(cls, lines: Mapping[str, Line]) -> Panel:
        """Return series side by side; none is empty."""
        names = sorted(lines, key=lambda name: int(lines[name].days[0]))
        every = [lines[name] for name in names]
        if not every:
            none = np.empty(0, np.int64)
            return cls((), none, np.empty((0, 0)), none, none)
        days = days_of_any(every)
        values = np.full((len(days), len(every)), np.nan)
        first, gap = np.empty((2, len(every)), dtype=np.int64)
        for column, line in enumerate(every):
            rows = days.searchsorted(line.days)
            values[rows, column] = line.values
            first[column] = rows[0]
            jumps = np.flatnonzero(np.diff(rows) > 1)
            gap[column] = (rows[jumps[0]] if jumps.size else rows[-1]) + 1
        return cls(tuple(names), days, values, first, gap)

    def until(self, day: dt.date) -> Panel:
        """Return it up to a day, without the series that begin later; a view."""
        rows = int(self.days.searchsorted(number_of(day), side="right"))
        if rows == len(self.days):
            return self
        there = int(self.first.searchsorted(rows))
        gap = np.minimum(self.gap[:there], rows)
        return Panel(self.names[:there], self.days[:rows], self.values[:rows, :there], self.first[:there], gap)

    def since(self, row: int) -> Panel:
        """Return it from a row on, a view; a gap before that row counts as one in its first."""
        first, gap = np.maximum(self.first - row, 0), np.maximum(self.gap - row, 0)
        return Panel(self.names, self.days[row:], self.values[row:], first, gap)

"""Many series side by side on all their sessions, as plain arrays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from thesisvault.analytics.bounds import number_of
from thesisvault.market.line import Line


class Panel:
    """Series side by side on the union of their sessions.

    Attributes:
        names: One a column.
        days: Day numbers, counted from 1970-01-01, ascending.
        values: Sessions x series, NaN where a series has no session.
        first: The row of the first value of each column.
    """

    __slots__ = ("days", "first", "names", "values")

    def __init__(
        self,
        names: tuple[str, ...],
        days: npt.NDArray[np.int64],
        values: npt.NDArray[np.float64],
        first: npt.NDArray[np.int64],
    ) -> None:
        self.names, self.days, self.values, self.first = names, days, values, first

    @classmethod
    def of(cls, lines: Mapping[str, Line]) -> Panel:
        """Return series side by side; none is empty."""
        every = list(lines.values())
        if not every:
            return cls((), np.empty(0, np.int64), np.empty((0, 0)), np.empty(0, np.int64))
        days = every[0].days
        if not all(np.array_equal(line.days, days) for line in every[1:]):
            days = np.unique(np.concatenate([line.days for line in every]))
        values = np.full((len(days), len(every)), np.nan)
        first = np.empty(len(every), dtype=np.int64)
        for column, line in enumerate(every):
            rows = days.searchsorted(line.days)
            values[rows, column] = line.values
            first[column] = rows[0]
        return cls(tuple(lines), days, values, first)

    def until(self, day: dt.date) -> Panel:
        """Return it up to a day, without the series that begin later; a view where all remain."""
        rows = int(self.days.searchsorted(number_of(day), side="right"))
        if rows == len(self.days):
            return self
        there = np.flatnonzero(self.first < rows)
        if len(there) == len(self.names):
            return Panel(self.names, self.days[:rows], self.values[:rows], self.first)
        names = tuple(self.names[column] for column in there)
        return Panel(names, self.days[:rows], self.values[:rows, there], self.first[there])

    def since(self, row: int) -> Panel:
        """Return it from a row on, a view."""
        return Panel(self.names, self.days[row:], self.values[row:], np.maximum(self.first - row, 0))

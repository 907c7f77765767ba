"""Values by day, as plain arrays: what is read of a series, and what the evaluator works on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from thesisvault.analytics.bounds import day_of, number_of


def days_of_any(lines: Sequence[Line]) -> npt.NDArray[np.int64]:
    """Return the days of any of some lines, at least one, each once and ascending."""
    first = lines[0].days
    if all(line.days is first or np.array_equal(line.days, first) for line in lines[1:]):
        return first
    # `np.unique` would load all of numpy's masked arrays.
    days = np.sort(np.concatenate([line.days for line in lines]), kind="stable")
    found: npt.NDArray[np.int64] = days[np.append(True, days[1:] != days[:-1])]
    return found


class Line:
    """Values by day, ascending, without gaps.

    Attributes:
        days: Day numbers, counted from 1970-01-01.
        values: One value a day.
    """

    __slots__ = ("days", "values")

    def __init__(self, days: npt.NDArray[np.int64], values: npt.NDArray[np.float64]) -> None:
        self.days, self.values = days, values

    def __len__(self) -> int:
        return len(self.days)

    @property
    def first(self) -> dt.date:
        """The first day."""
        return day_of(int(self.days[0]))

    @property
    def last(self) -> dt.date:
        """The last day."""
        return day_of(int(self.days[-1]))

    def rows_before(self, day: int) -> int:
        """Return how many values lie before a day, given as its number."""
        return int(self.days.searchsorted(day))

    def rows_until(self, day: dt.date) -> int:
        """Return how many values lie on or before a day."""
        return int(self.days.searchsorted(number_of(day), side="right"))

    def upto(self, rows: int) -> Line:
        """Return the first so many values."""
        return self if rows == len(self.days) else Line(self.days[:rows], self.values[:rows])

    def until(self, day: dt.date) -> Line:
        """Return the values on or before a day."""
        return self.upto(self.rows_until(day))

    def times(self, factor: float) -> Line:
        """Return each value times a factor."""
        return Line(self.days, self.values * factor)

    def then(self, later: Line) -> Line:
        """Return these values and those of later days after them."""
        return Line(np.concatenate([self.days, later.days]), np.concatenate([self.values, later.values]))

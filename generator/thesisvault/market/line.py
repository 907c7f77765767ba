"""Values by day, as plain arrays: what is read of a series, and what the evaluator works on."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from thesisvault.analytics.bounds import day_of, number_of

if TYPE_CHECKING:
    import pandas as pd


class Line:
    """Values by day, ascending, without gaps.

    Attributes:
        days: Day numbers, counted from 1970-01-01.
        values: One value a day.
    """

    __slots__ = ("_series", "days", "values")

    def __init__(self, days: npt.NDArray[np.int64], values: npt.NDArray[np.float64]) -> None:
        self.days, self.values = days, values
        self._series: pd.Series[float] | None = None

    @classmethod
    def of(cls, series: pd.Series[float]) -> Line:
        """Return the values of a series by session."""
        days: npt.NDArray[np.int64] = series.index.to_numpy().astype("datetime64[D]").astype(np.int64)
        line = cls(days, np.asarray(series.to_numpy(), dtype=np.float64))
        line._series = series
        return line

    @property
    def series(self) -> pd.Series[float]:
        """The same as a series of pandas, made when it is first asked for."""
        if self._series is None:
            import pandas as pd

            days = self.days.astype("datetime64[D]").astype("datetime64[ns]")
            self._series = pd.Series(self.values, index=pd.DatetimeIndex(days))
        return self._series

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

    def rows_until(self, day: dt.date) -> int:
        """Return how many values lie on or before a day."""
        return int(self.days.searchsorted(number_of(day), side="right"))

    def until(self, day: dt.date) -> Line:
        """Return the values on or before a day."""
        rows = self.rows_until(day)
        if rows == len(self.days):
            return self
        line = Line(self.days[:rows], self.values[:rows])
        if self._series is not None:
            line._series = self._series.iloc[:rows]
        return line

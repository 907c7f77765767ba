"""Made-up series for the tests of analytics, and real ones by name."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import strategies as st


def walk(size: int, seed: int = 1, start: str = "2019-06-03", freq: str = "B") -> pd.Series:
    """A level that wanders, on business days."""
    steps = np.random.default_rng(seed).normal(0.0003, 0.012, size)
    return pd.Series(100 * np.exp(np.cumsum(steps)), index=pd.date_range(start, periods=size, freq=freq))


def holed(level: pd.Series, seed: int, share: float = 0.1) -> pd.Series:
    """The same level with values missing here and there."""
    gone = np.random.default_rng(seed).random(len(level)) < share
    return level.where(~gone)


def prices(folder: Path, ticker: str) -> pd.Series:
    """The adjusted closes of a ticker."""
    frame = pd.read_csv(folder / "prices" / f"{ticker}.csv", index_col="Date", parse_dates=True)
    return frame["Close"].astype(float)


def days(text: str) -> pd.DatetimeIndex:
    """Sessions from dates with blanks between."""
    return pd.DatetimeIndex(pd.to_datetime(text.split()))


@st.composite
def indexes(draw: st.DrawFn) -> pd.DatetimeIndex:
    """Sessions with irregular gaps, some longer than the slack of a window."""
    first = draw(st.dates(dt.date(1995, 1, 1), dt.date(2024, 12, 31)))
    gaps = draw(st.lists(st.sampled_from([1, 1, 1, 2, 3, 4, 8, 31]), min_size=0, max_size=120))
    return pd.DatetimeIndex(pd.Timestamp(first) + pd.to_timedelta(np.cumsum([0, *gaps]), unit="D"))


WINDOWS = (
    "1d", "5d", "10d", "2", "20", "11d", "90d", "2w", "1m", "3m", "1y", "mtd", "ytd", "max",
    "2022", "2020Q3", "2021-02", "since 2021-03-06", "2020-02-19..2020-04-11",
)  # fmt: skip

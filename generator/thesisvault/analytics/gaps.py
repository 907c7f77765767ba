"""Columns with gaps, handled once: a value that is missing is no session of that series.

A frame of many members has gaps: listed later, delisted, halted, another exchange. Every other module here works on
blocks without gaps; this one cuts a frame into such blocks, by columns that know the same sessions, and puts them back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

Levels = pd.Series | pd.DataFrame
"""Values of one series, or of several as columns, on ascending sessions."""

L = TypeVar("L", pd.Series, pd.DataFrame)
"""A Series gives a Series, a frame a frame."""

Block = npt.NDArray[np.float64]
"""Sessions x series, no gaps."""

Work = Callable[[Block, pd.DatetimeIndex], Block]


def without_gaps(levels: L, work: Work) -> L:
    """Return what `work` makes of each column on the column's own sessions, NaN where the column has none.

    Args:
        levels: A Series, or a frame with one series a column; NaN marks a session that a series does not have.
        work: Takes a block (sessions x columns, no NaN) and its sessions, gives a block of the same shape.

    >>> level = pd.Series([1.0, np.nan, 3.0], index=pd.date_range("2026-01-01", periods=3))
    >>> without_gaps(level, lambda block, index: block - block[0]).tolist()
    [0.0, nan, 2.0]
    """
    values = np.asarray(levels.to_numpy(dtype=np.float64, na_value=np.nan))
    index = session_index(levels)
    if isinstance(levels, pd.Series):
        out = _filled(values[:, None], index, work)[:, 0]
        return cast(L, pd.Series(out, index=levels.index, name=levels.name))
    return pd.DataFrame(_filled(values, index, work), index=levels.index, columns=levels.columns)


def session_index(levels: Levels) -> pd.DatetimeIndex:
    """Return the sessions of a Series or frame.

    Raises:
        ValueError: The index holds no days.

    >>> session_index(pd.Series([1.0], index=pd.to_datetime(["2026-01-02"])))[0].date()
    datetime.date(2026, 1, 2)
    """
    if isinstance(levels.index, pd.DatetimeIndex):
        return levels.index
    if not len(levels.index):
        return pd.DatetimeIndex([])
    raise ValueError(f"the index holds {levels.index.dtype}, expected sessions (a DatetimeIndex)")


def _filled(values: Block, index: pd.DatetimeIndex, work: Work) -> Block:
    known = ~np.isnan(values)
    if known.all():
        return work(values, index) if values.size else values.copy()
    out = np.full(values.shape, np.nan)
    alike: dict[bytes, list[int]] = {}
    for column, mask in enumerate(np.ascontiguousarray(known.T)):
        alike.setdefault(mask.tobytes(), []).append(column)
    for columns in alike.values():
        rows = np.flatnonzero(known[:, columns[0]])
        if rows.size:
            cells = np.ix_(rows, np.asarray(columns))
            out[cells] = work(values[cells], index[rows])
    return out

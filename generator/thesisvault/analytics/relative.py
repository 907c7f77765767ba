"""Series against one another, on common sessions and never filled."""

from __future__ import annotations

import numpy as np

from thesisvault.analytics.bounds import Ints, Pace, bound
from thesisvault.analytics.kernels import Floats, growth
from thesisvault.scalars import Window

MIN_COMMON_RETURNS = 20
"""Fewer common returns than this make no correlation worth a cell in a matrix."""


def common_rows(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Return the rows of the days that two series share, in each of them.

    Args:
        left: Days of the one, ascending.
        right: Days of the other, ascending.

    >>> [rows.tolist() for rows in common_rows(np.array([1, 2, 4]), np.array([2, 3, 4]))]
    [[1, 2], [0, 2]]
    """
    at = right.searchsorted(left)
    there = np.flatnonzero(at < len(right))
    rows = there[right[at[there]] == left[there]]
    return rows, at[rows]


def correlation_matrix(days: Ints, levels: Floats, window: Window) -> Floats:
    """Return the correlations of the daily returns of some series inside the window, as seen from the newest session.

    NaN with fewer than 20 returns, and for a series that does not move.

    Args:
        days: The common sessions.
        levels: Sessions x series, without gaps.
        window: Which stretch of time.

    Returns:
        Series x series, from -1 to 1.

    >>> from thesisvault.scalars import parse_window
    >>> wave = 100 + np.sin(np.arange(30.0))
    >>> both = np.column_stack([wave, 10_000 / wave])
    >>> correlation_matrix(np.arange(30), both, parse_window(25)).round(2).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    unknown = np.full((levels.shape[1], levels.shape[1]), np.nan)
    if not len(days):
        return unknown
    first, last = bound(days, len(days) - 1, window, Pace(), "returns")
    if first < 0 or last - first + 1 < MIN_COMMON_RETURNS:
        return unknown
    # Sums depend on how values lie in their last digit: session by session here, however they were given.
    region = np.ascontiguousarray(levels[first - 1 : last + 1])
    returns = growth(region[1:], region[:-1])
    off = returns - returns.mean(axis=0)
    lengths = np.sqrt((off**2).sum(axis=0))
    moves = lengths > 1e-12
    scaled = np.divide(off, lengths, out=np.full(off.shape, np.nan), where=moves)
    matrix: Floats = np.clip(scaled.T @ scaled, -1, 1)
    np.fill_diagonal(matrix, np.where(moves, 1.0, np.nan))
    return matrix

"""The deepest fall of a stretch with its days, and daily moves against those that were usual before them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from thesisvault.analytics.kernels import Floats

USUAL = 60
"""How many moves before a move say what was usual."""


class Fall(Struct, frozen=True):
    """A fall from a high to a later low.

    Attributes:
        depth: How far the low lies below the high, as a fraction of the high; below zero.
        high: Row of the high, the last one where the high was reached several times.
        low: Row of the low, the first one where the low was reached several times.
    """

    depth: float
    high: int
    low: int


def deepest_fall(values: Floats) -> Fall | None:
    """Return the deepest fall inside a stretch, the first of equals; None where it never fell.

    Its depth is that of `kernels.worst_drawdown`: the low over the highest value up to it, minus one.

    Args:
        values: Levels above zero, oldest first, without gaps.

    >>> deepest_fall(np.array([10.0, 8.0, 12.0, 12.0, 9.0, 11.0]))
    Fall(depth=-0.25, high=3, low=4)
    >>> deepest_fall(np.array([1.0, 2.0])) is None
    True
    """
    if not len(values):
        return None
    peaks = np.maximum.accumulate(values)
    below = values / peaks - 1
    low = int(below.argmin())
    if not below[low] < 0:
        return None
    high = low - int((values[: low + 1][::-1] == peaks[low]).argmax())
    return Fall(float(below[low]), high, low)


def times_usual(values: Floats, count: int) -> tuple[Floats, Floats]:
    """Return the last moves of a series, and each as a multiple of what was usual the day before it.

    A move is the return from one value to the next. Usual is the sample deviation of the `USUAL` moves before it, so
    that it is known when the move comes. Of a move with fewer moves before it, or after moves that were all equal, the
    multiple is NaN.

    Args:
        values: Levels above zero, oldest first, without gaps.
        count: How many of the last moves.

    Returns:
        The moves as fractions, and their multiples with the sign of the move; fewer than `count` where there are fewer.

    >>> steps = np.array([0.01, -0.01] * (USUAL // 2) + [0.05])
    >>> moves, times = times_usual(np.cumprod(np.concatenate([[1.0], 1 + steps])), 2)
    >>> moves.round(9).tolist(), times.round(2).tolist()
    ([-0.01, 0.05], [nan, 4.96])
    """
    part = values[-(count + USUAL + 1) :]
    steps = part[1:] / part[:-1] - 1
    moves = steps[-count:] if count else steps[:0]
    times = np.full(len(moves), np.nan)
    known = len(steps) - USUAL
    if known > 0:
        before: npt.NDArray[np.float64] = np.lib.stride_tricks.sliding_window_view(steps[:-1], USUAL)
        usual = before.std(axis=1, ddof=1)[-len(moves) :]
        real = usual > _STILL * np.abs(before).max(axis=1)[-len(usual) :]
        np.divide(moves[-len(usual) :], usual, out=times[-len(usual) :], where=real)
    return moves, times


_STILL = 1e-9
"""What is left of equal moves after rounding is no deviation."""

"""Means, deviations and extremes over windows whose bounds differ from session to session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
import pandas as pd

from thesisvault.analytics.bounds import Ints
from thesisvault.analytics.gaps import Block
from thesisvault.analytics.windows import Rows, Spans


def rolled(block: Block, found: Spans, how: Literal["mean", "std"]) -> Block:
    """Return the mean or the sample deviation of each window; NaN where it is unknown or too few values are known.

    >>> found = Spans(np.array([-1, 0, 1]), np.array([-1, 1, 2]), "")
    >>> rolled(np.array([[1.0], [2.0], [4.0]]), found, "mean")[:, 0].tolist()
    [nan, 1.5, 3.0]
    """
    windows = pd.DataFrame(block).rolling(Rows(found.base, found.end), min_periods=1)
    frame = windows.mean() if how == "mean" else windows.std(ddof=1)
    return np.asarray(frame.to_numpy(dtype=np.float64))


def highest_inside(block: Block, found: Spans) -> Block:
    """Return the highest value in each window; NaN where the window is unknown.

    Doubles the width looked at, so that any window is two overlapping looks: exact, and n log n whatever the windows.

    >>> found = Spans(np.array([-1, 0, 1]), np.array([-1, 1, 2]), "")
    >>> highest_inside(np.array([[5.0], [7.0], [6.0]]), found)[:, 0].tolist()
    [nan, 7.0, 7.0]
    """
    out = np.full(block.shape, np.nan)
    best = block
    for width, asked in _looks(found):
        if width > 1:
            best = np.maximum(best[: len(block) - width + 1], best[width // 2 :])
        if asked.size:
            out[asked] = np.maximum(best[found.base[asked]], best[found.end[asked] - width + 1])
    return out


def row_of_highest(block: Block, found: Spans) -> Ints:
    """Return the row of the highest value in each window, the first of equals; -1 where the window is unknown.

    >>> found = Spans(np.array([-1, 0, 1]), np.array([-1, 1, 2]), "")
    >>> row_of_highest(np.array([[5.0], [7.0], [7.0]]), found)[:, 0].tolist()
    [-1, 1, 1]
    """
    across = np.arange(block.shape[1])

    def higher(left: Ints, right: Ints) -> Ints:
        return np.where(block[right, across] > block[left, across], right, left)

    out = np.full(block.shape, -1, dtype=np.int64)
    best = np.repeat(np.arange(len(block), dtype=np.int64)[:, None], block.shape[1], axis=1)
    for width, asked in _looks(found):
        if width > 1:
            best = higher(best[: len(block) - width + 1], best[width // 2 :])
        if asked.size:
            out[asked] = higher(best[found.base[asked]], best[found.end[asked] - width + 1])
    return out


def _looks(found: Spans) -> Iterator[tuple[int, Ints]]:
    """Yield widths 1, 2, 4, ... and the rows whose window is as wide as that, and less than twice."""
    lengths = np.where(found.known, found.end - found.base + 1, 0)
    width = 1
    while width <= lengths.max(initial=0):
        yield width, np.flatnonzero((lengths >= width) & (lengths < 2 * width))
        width *= 2

"""Means, deviations and extremes over windows whose bounds differ from session to session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.indexers import BaseIndexer

from thesisvault.analytics.bounds import Ints
from thesisvault.analytics.gaps import Block
from thesisvault.analytics.windows import Spans


class Rows(BaseIndexer):
    """Bounds for `rolling()`: rows `starts` to `ends`, both included; -1 is an empty window, which gives NaN.

    >>> values = pd.Series([1.0, 2.0, 3.0])
    >>> values.rolling(Rows(np.array([-1, 0, 1]), np.array([-1, 1, 2])), min_periods=1).mean().tolist()
    [nan, 1.5, 2.5]
    """

    def __init__(self, starts: Ints, ends: Ints) -> None:
        super().__init__()
        unknown = (starts < 0) | (ends < starts)
        # An empty window stands where the last one began, so that the bounds go on rising and pandas stays linear.
        floor = np.maximum.accumulate(np.where(unknown, 0, starts)) if len(starts) else starts
        self.starts: Ints = np.where(unknown, floor, starts).astype(np.int64)
        self.ends: Ints = np.where(unknown, floor, ends + 1).astype(np.int64)

    def get_window_bounds(
        self,
        num_values: int = 0,
        min_periods: int | None = None,  # noqa: ARG002
        center: bool | None = None,  # noqa: ARG002
        closed: str | None = None,  # noqa: ARG002
        step: int | None = None,
    ) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Return the bounds, the end excluded, as pandas asks for them."""
        if num_values != len(self.starts):
            raise ValueError(f"{num_values} values, but bounds for {len(self.starts)}")
        return self.starts[:: step or 1], self.ends[:: step or 1]


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

"""Letters, kept: where the shapes of a text stand, and their pixels, each made once in a process.

A shape is the same wherever it stands, but for the fraction of a pixel by which it is moved. Laying out a text costs
more than drawing it, so the steps between two letters are kept as well. What is kept is bounded: a run over any number
of notes holds a few megabytes.
"""

from __future__ import annotations

import string
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

from thesisvault.charts import agg
from thesisvault.charts.labels import ELLIPSIS
from thesisvault.charts.png import Bytes
from thesisvault.charts.scales import MINUS

_TEXTS_MOST = 4096
_SHAPES_MOST = 4096
_PLAIN = frozenset(string.ascii_letters + string.digits + string.punctuation + " \N{MIDDLE DOT}" + MINUS + ELLIPSIS)
"""Letters whose step to the next depends on these two only, and on whether any word stands in the text."""


class Shape(NamedTuple):
    """Rows of opacities, and the place of the first pixel: across, and up to its upper edge."""

    opacities: Bytes
    left: int
    top: int


class _Row(NamedTuple):
    """A text on one row: its width in pixels, and number and place of each shape."""

    width: float
    shapes: tuple[tuple[int, float, float], ...]


@lru_cache(maxsize=_TEXTS_MOST)
def printable(text: str, bold: bool = False) -> str:
    """Return the text in one row without what the font cannot show, such as emoji; `?` if nothing is left."""
    kept = "".join(letter for letter in " ".join(text.split()) if letter.isprintable() and _number(letter, bold))
    return " ".join(kept.split()) or ("?" if text.strip() else "")


def width(text: str, size: float, bold: bool) -> float:
    """Return how wide a text that can be printed is, in pixels."""
    return _row(text, size, bold).width


def shapes(text: str, size: float, bold: bool, x: float, y: float, upright: bool = False) -> list[Shape]:
    """Return the shapes of a text that can be printed, its base beginning at x and y, in pixels.

    `upright` turns it by 90 degrees around there.
    """
    found = []
    for number, dx, dy in _row(text, size, bold).shapes:
        across, up = (x - dy, y + dx) if upright else (x + dx, y + dy)
        left, right = divmod(round(64 * across), 64)
        floor, above = divmod(round(64 * up), 64)
        shape = _shape(number, size, bold, right, above, upright)
        found.append(Shape(shape.opacities, shape.left + left, shape.top + floor))
    return found


@lru_cache(maxsize=_TEXTS_MOST)
def _row(text: str, size: float, bold: bool) -> _Row:
    """Lay a text out by the steps between its letters, or have the font do it and learn them."""
    plain = _PLAIN.issuperset(text)
    steps = _steps(size, bold, any(map(str.isalpha, text)))
    pairs = [a + b for a, b in pairwise(text)]
    if plain and text and all(pair in steps for pair in pairs):
        places = accumulate((steps[pair] for pair in pairs), initial=0.0)
        row = tuple((_number(letter, bold), x, 0.0) for letter, x in zip(text, places, strict=True))
    else:
        row = agg.font(bold).layout(text, size)
        # Letters that are joined into one shape have no step between them.
        if plain and len(row) == len(text):
            steps.update((pair, b - a) for pair, ((_, a, _), (_, b, _)) in zip(pairs, pairwise(row), strict=True))
    return _Row(row[-1][1] + _advance(row[-1][0], size, bold) if row else 0.0, row)


@cache
def _steps(size: float, bold: bool, worded: bool) -> dict[str, float]:
    """Return the steps between two letters that are known by now, in pixels."""
    del size, bold, worded  # which steps these are
    return {}


@lru_cache(maxsize=_TEXTS_MOST)
def _number(letter: str, bold: bool) -> int:
    return agg.font(bold).number(letter)


@lru_cache(maxsize=_TEXTS_MOST)
def _advance(number: int, size: float, bold: bool) -> float:
    return agg.font(bold).advance(number, size)


@lru_cache(maxsize=_SHAPES_MOST)
def _shape(number: int, size: float, bold: bool, across: int, up: int, upright: bool) -> Shape:
    return Shape(*agg.font(bold).shape(number, size, across, up, upright))

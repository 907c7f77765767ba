"""Letters, kept: where the shapes of a text stand, and their pixels, each made once in a process.

A shape is the same wherever it stands, but for the fraction of a pixel by which it is moved. Laying out a text costs
more than drawing it, so advances and kerns are kept as well: a row of plain letters is their sum. What is kept is
bounded: a run over any number of notes holds a few megabytes.
"""

from __future__ import annotations

import math
import string
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from thesisvault.charts import agg
from thesisvault.charts.labels import ELLIPSIS
from thesisvault.charts.png import Bytes
from thesisvault.charts.scales import MINUS

_TEXTS_MOST = 4096
_SHAPES_MOST = 4096
_PLAIN = frozenset(string.ascii_letters + string.digits + string.punctuation + " \N{MIDDLE DOT}" + MINUS + ELLIPSIS)
"""Letters that move toward the next by what the two of them say, whatever else the text holds."""


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
    """Lay a text out: by advances and kerns that are kept, or by the font where letters are joined or not plain."""
    if not text:
        return _Row(0.0, ())
    font = agg.font(bold)
    kerns = _kerns_in(text, bold) if _PLAIN.issuperset(text) else [None]
    moves = [math.floor(kern * size * 64 / font.units + 0.5) / 64 for kern in kerns if kern is not None]
    if len(moves) == len(kerns):
        row = []
        x = 0.0
        for letter, move in zip(text, [*moves, 0.0], strict=True):
            number = _number(letter, bold)
            row.append((number, x, 0.0))
            x += _advance(number, size, bold) + move
        return _Row(x, tuple(row))
    placed = font.layout(text, size)
    return _Row(placed[-1][1] + _advance(placed[-1][0], size, bold), placed)


def _kerns_in(text: str, bold: bool) -> list[float | None]:
    """Return by how much each letter of a plain text moves toward the next, in parts of the font's units."""
    known = _kerns(bold)
    pairs = [a + b for a, b in pairwise(text)]
    if new := [pair for pair in dict.fromkeys(pairs) if pair not in known]:
        known.update(zip(new, agg.font(bold).kerns(new), strict=True))
    return [known[pair] for pair in pairs]


@cache
def _kerns(bold: bool) -> dict[str, float | None]:
    """Return the kerns that are known by now; None for two letters that are joined."""
    del bold  # which font's they are
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

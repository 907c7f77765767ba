"""Letters, kept: where the shapes of a text stand, and their pixels, each made once in a process.

A shape is the same wherever it stands, but for the fraction of a pixel by which it is moved. Laying out a text costs
more than drawing it, so advances are kept and kerns are known: a row of plain letters is their sum. To hand a shape to
the canvas costs more than to draw it, so the shapes of a text are joined, and those of dates, levels and small print,
which many charts share, are kept joined. What is kept is bounded: a run over any number of notes holds a few megabytes.
"""

from __future__ import annotations

import math
import string
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import numpy as np

from thesisvault.charts import fonts
from thesisvault.charts.labels import ELLIPSIS
from thesisvault.charts.png import Bytes
from thesisvault.charts.scales import MINUS
from thesisvault.charts.style import Weight

_TEXTS_MOST = 256
_SHAPES_MOST = 4096
_JOINED_MOST = 32
_SIZES_MOST = 64
_PLAIN = frozenset(string.ascii_letters + string.digits + string.punctuation + " \N{MIDDLE DOT}" + MINUS + ELLIPSIS)
"""Letters that move toward the next by what the two of them say, whatever else the text holds."""


class Shape(NamedTuple):
    """Rows of opacities, and the place of the first pixel: across, and up to its upper edge."""

    opacities: Bytes
    left: int
    top: int


class _Row(NamedTuple):
    """A text on one row: its width in pixels, and font, number and place of each shape."""

    width: float
    shapes: tuple[tuple[str, int, float, float], ...]


@lru_cache(maxsize=_TEXTS_MOST)
def printable(text: str, weight: Weight = "Regular") -> str:
    """Return the text in one row without what no font here can show, such as emoji."""
    row = " ".join(text.split())
    if _PLAIN.issuperset(row):
        return row
    kept = "".join(letter for letter in row if letter.isprintable() and fonts.key_of(letter, weight))
    return " ".join(kept.split())


def width(text: str, size: float, weight: Weight) -> float:
    """Return how wide a text that can be printed is, in pixels."""
    return _row(text, size, weight).width


@lru_cache(maxsize=_JOINED_MOST)
def shapes(text: str, size: float, weight: Weight) -> tuple[Shape, ...]:
    """Return the shapes of a text that can be printed, in pixels from the left end of its base.

    All are joined into one, but that another begins with each letter that shares pixels with those before it: what is
    laid on a pixel twice is darker than what is laid on it once.
    """
    found = []
    for key, number, dx, dy in _row(text, size, weight).shapes:
        left, right = divmod(round(64 * dx), 64)
        floor, above = divmod(round(64 * dy), 64) if dy else (0, 0)
        opacities, x, y = _shape(key, number, size, right, above)
        if opacities.size:
            rows, columns = opacities.shape
            found.append((opacities, x + left, x + left + columns, y + floor - rows, y + floor))
    return tuple(_joined(found))


def _joined(found: Sequence[tuple[Bytes, int, int, int, int]]) -> Iterator[Shape]:
    """Join shapes, each with its left, right, lower and upper edge."""
    if not found:
        return
    _, lefts, rights, bottoms, tops = zip(*found, strict=True)
    first, top = min(lefts), max(tops)
    size = top - min(bottoms), max(rights) - first
    whole = np.zeros(size, np.uint8)
    reach = first
    for opacities, left, right, bottom, upper in found:
        room = whole[top - upper : top - bottom, left - first : right - first]
        if left >= reach:
            room[:] = opacities
        elif not np.logical_and(room, opacities).any():
            np.maximum(room, opacities, out=room)
        else:
            yield Shape(whole, first, top)
            whole = np.zeros(size, np.uint8)
            whole[top - upper : top - bottom, left - first : right - first] = opacities
        reach = max(reach, right)
    yield Shape(whole, first, top)


@lru_cache(maxsize=_TEXTS_MOST)
def _row(text: str, size: float, weight: Weight) -> _Row:
    """Lay a text out: by advances and kerns that are kept, or by the font where letters are joined or not plain."""
    if not text:
        return _Row(0.0, ())
    if not _PLAIN.issuperset(text):
        return _laid_out(text, size, weight)
    units, known = fonts.face(weight).units, fonts.kerns(weight)
    letters = _letters(size, weight)
    key = str(weight)
    row = []
    x = 0.0
    for letter, after in zip(text, text[1:] + "\n", strict=True):
        number, advance = letters.get(letter) or letters.setdefault(letter, _measured(letter, size, weight))
        row.append((key, number, x, 0.0))
        kern = known.get(letter + after, 0.0)
        if kern is None:
            return _laid_out(text, size, weight)
        x += advance + (kern and math.floor(kern * size * 64 / units + 0.5) / 64)
    return _Row(x, tuple(row))


@lru_cache(maxsize=_SIZES_MOST)
def _letters(size: float, weight: Weight) -> dict[str, tuple[int, float]]:
    """Return the letters that are measured by now, with their numbers and advances."""
    del size, weight  # whose they are
    return {}


def _measured(letter: str, size: float, weight: Weight) -> tuple[int, float]:
    number = fonts.face(weight).number(letter)
    return number, _advance(weight, number, size)


def _laid_out(text: str, size: float, weight: Weight) -> _Row:
    """Lay a text out by its fonts, one after the other where it needs several."""
    row = []
    x = 0.0
    for key, letters in groupby(text, lambda letter: fonts.key_of(letter, weight) or weight):
        placed = fonts.face(key).layout("".join(letters), size)
        row += [(key, number, x + dx, dy) for number, dx, dy in placed]
        if placed:
            x += placed[-1][1] + _advance(key, placed[-1][0], size)
    return _Row(x, tuple(row))


@lru_cache(maxsize=_TEXTS_MOST)
def _advance(key: str, number: int, size: float) -> float:
    return fonts.face(key).advance(number, size)


@lru_cache(maxsize=_SHAPES_MOST)
def _shape(key: str, number: int, size: float, across: int, up: int) -> Shape:
    return Shape(*fonts.face(key).shape(number, size, across, up))

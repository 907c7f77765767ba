"""A sheet to draw on: words, strokes, areas and dots on a card.

Coordinates are pixels from the lower left corner. There are no axes and no layout engine: the caller knows where
everything stands, so nothing is measured twice and nothing moves by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Literal

import numpy as np

from thesisvault.charts import agg, letters, style
from thesisvault.charts.labels import Box
from thesisvault.charts.png import Bytes, Truths
from thesisvault.charts.series import Floats
from thesisvault.charts.style import Weight

Anchor = Literal["left", "center", "right"]
Height = Literal["base", "middle", "top"]

ASCENT = 0.73
CAPITAL = 0.66
DESCENT = 0.22
"""Of the font's size, for Source Sans Pro: tallest letter, capital, and what hangs below the baseline."""

STUDIO = threading.RLock()
"""Held while something is drawn: a font has one size at a time."""


class Sheet:
    """A card that is drawn on at once, and remembers where its words stand (`boxes`)."""

    def __init__(self, width: int = style.WIDTH, height: int = style.HEIGHT) -> None:
        self.width, self.height = width, height
        self._canvas = agg.canvas(width, height)
        self._canvas.cover(style.CARD)
        self.boxes: list[tuple[str, Box]] = []

    def width_of(self, text: str, size: float, weight: Weight = "Regular") -> float:
        """Return how wide a text is in pixels."""
        return letters.width(letters.printable(text, weight), size, weight)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        color: str = style.NOTES,
        *,
        weight: Weight = "Regular",
        anchor: Anchor = "left",
        height: Height = "base",
    ) -> Box:
        """Write a text and return its box."""
        clean = letters.printable(text, weight)
        width = letters.width(clean, size, weight)
        left = x - {"left": 0.0, "center": 0.5, "right": 1.0}[anchor] * width
        base = y - {"base": 0.0, "middle": CAPITAL / 2, "top": CAPITAL}[height] * size
        box = Box(left, base - DESCENT * size, left + width, base + ASCENT * size)
        pen = agg.pen(color, 1.0)
        for shape in letters.shapes(clean, size, weight):
            self._canvas.lay(shape.opacities, round(left) + shape.left, round(base) + shape.top, pen)
        if clean:
            self.boxes.append((clean, box))
        return box

    def line(
        self,
        xs: Floats | Sequence[float],
        ys: Floats | Sequence[float],
        color: str = style.INK,
        width: float = style.LINE,
        alpha: float = 1.0,
        dashes: tuple[float, ...] = (),
        *,
        butt: bool = False,
    ) -> None:
        """Draw a stroke through points with round joints; `butt` ends it flat."""
        pen = agg.pen(color, alpha, width, "butt" if butt or dashes else "round", dashes)
        self._canvas.stroke(agg.Outline(np.column_stack((xs, ys))), pen)

    def rule(
        self, x0: float, y0: float, x1: float, y1: float, color: str = style.INK, width: float = style.RULE
    ) -> None:
        """Draw a rule, level or upright, set sharply on whole pixels."""
        half = width / 2
        if y0 == y1:
            self.rect(x0, round(y0 - half), x1, round(y0 - half) + width, color)
        else:
            self.rect(round(x0 - half), y0, round(x0 - half) + width, y1, color)

    def rect(self, x0: float, y0: float, x1: float, y1: float, color: str, alpha: float = 1.0) -> None:
        """Fill a rectangle."""
        if alpha == 1.0:
            self._canvas.block(x0, y0, x1, y1, color)
        else:
            self.fill([x0, x1, x1, x0], [y0, y0, y1, y1], color, alpha)

    def fill(self, xs: Floats | Sequence[float], ys: Floats | Sequence[float], color: str, alpha: float = 1.0) -> None:
        """Fill a polygon."""
        self._canvas.fill(agg.Outline(np.column_stack((xs, ys))), agg.pen(color, alpha))

    def between(self, xs: Floats, tops: Floats, lows: Floats, is_there: Truths, color: str, alpha: float = 1.0) -> None:
        """Fill the gaps between two lines over the same places, from and to their points where there is one."""
        gaps = np.concatenate(([False], is_there[:-1] | is_there[1:], [False]))
        turns = np.flatnonzero(gaps[1:] != gaps[:-1])
        starts, lasts = turns[::2], turns[1::2]
        counts = lasts - starts + 1
        if not len(counts):
            return
        # Along the upper line to the last point of a gap, and back along the lower one to the first.
        begins = np.append(0, np.cumsum(2 * counts))
        steps = np.arange(begins[-1]) - np.repeat(begins[:-1], 2 * counts)
        back = steps - np.repeat(counts, 2 * counts)
        at = np.where(back < 0, np.repeat(starts, 2 * counts) + steps, np.repeat(lasts, 2 * counts) - back)
        places = np.column_stack((xs.take(at), np.where(back < 0, tops.take(at), lows.take(at))))
        self._canvas.fill(agg.Outline(places, agg.codes(begins)), agg.pen(color, alpha))

    def dot(self, x: float, y: float, radius: float, color: str, alpha: float = 1.0) -> None:
        """Fill a circle."""
        self._canvas.fill(agg.circle(x, y, radius), agg.pen(color, alpha))

    def pixels(self) -> Bytes:
        """Return what was drawn: (height, width, 4), RGBA, opaque."""
        return self._canvas.pixels()

    def give_back(self) -> None:
        """Let the next sheet have the canvas; this one, and the pixels that it gave, are of no use any more."""
        agg.keep(self._canvas)
        del self._canvas

"""A sheet of pixels to draw on: the only module that touches matplotlib, of which it uses the Agg renderer.

Coordinates are pixels from the lower left corner. There are no axes, no layout engine and no pyplot: the caller
knows where everything stands, so nothing is measured twice and nothing moves by itself. Matplotlib is imported when the
first sheet is made; a user's matplotlibrc has no say, and the font is the one that comes with matplotlib.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from thesisvault.charts import style
from thesisvault.charts.labels import Box
from thesisvault.charts.png import Bytes
from thesisvault.charts.series import Floats

if TYPE_CHECKING:
    from matplotlib.backend_bases import GraphicsContextBase
    from matplotlib.font_manager import FontProperties

Anchor = Literal["left", "center", "right"]
Height = Literal["base", "middle", "top"]

ASCENT = 0.76
CAPITAL = 0.73
DESCENT = 0.24
"""Of the font's size, for DejaVu Sans: tallest letter, capital, and what hangs below the baseline."""

_ONE_AT_A_TIME = threading.RLock()


@contextmanager
def studio() -> Iterator[None]:
    """Hold matplotlib's global settings at its defaults while something is drawn."""
    import matplotlib as mpl

    # The backend is left out: setting it would load a window toolkit.
    defaults: dict[Any, Any] = {k: v for k, v in mpl.rcParamsDefault.items() if "backend" not in k}
    with _ONE_AT_A_TIME, mpl.rc_context(defaults):
        yield


@lru_cache(maxsize=2)
def _font_file(bold: bool) -> str:
    import matplotlib as mpl

    return str(Path(mpl.get_data_path(), "fonts", "ttf", "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"))


@lru_cache(maxsize=64)
def _font(size: float, bold: bool) -> FontProperties:
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=_font_file(bold), size=size)


@lru_cache(maxsize=2)
def _letters(bold: bool) -> frozenset[int]:
    from matplotlib.font_manager import get_font

    return frozenset(get_font(_font_file(bold)).get_charmap())


@lru_cache(maxsize=1024)
def printable(text: str, bold: bool = False) -> str:
    """Return the text in one row without what the font cannot show, such as emoji; `?` if nothing is left."""
    known = _letters(bold)
    kept = "".join(letter for letter in " ".join(text.split()) if ord(letter) in known and letter.isprintable())
    return " ".join(kept.split()) or ("?" if text.strip() else "")


@lru_cache(maxsize=256)
def _rgba(color: str, alpha: float) -> tuple[float, float, float, float]:
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue, alpha


class Sheet:
    """A transparent picture that is drawn on at once, and remembers where its words stand (`boxes`)."""

    def __init__(self, width: int = style.WIDTH, height: int = style.HEIGHT) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.path import Path as Outline
        from matplotlib.transforms import IdentityTransform

        self.width, self.height = width, height
        # At 72 dots an inch a point is a pixel.
        canvas = FigureCanvasAgg(Figure(figsize=(width / 72, height / 72), dpi=72))
        # Matplotlib's own annotations stop at its renderers.
        self._renderer: Any = canvas.get_renderer()  # type: ignore[no-untyped-call]
        self._outline, self._identity = Outline, IdentityTransform()
        self._widths: dict[tuple[str, float, bool], float] = {}
        self.boxes: list[tuple[str, Box]] = []

    def width_of(self, text: str, size: float, bold: bool = False) -> float:
        """Return how wide a text is in pixels."""
        key = (text, size, bold)
        if key not in self._widths:
            clean = printable(text, bold)
            measured = self._renderer.get_text_width_height_descent(clean, _font(size, bold), False)
            self._widths[key] = float(measured[0])
        return self._widths[key]

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        color: str = style.GRAY,
        *,
        bold: bool = False,
        anchor: Anchor = "left",
        height: Height = "base",
        upright: bool = False,
        clear: bool = False,
    ) -> Box:
        """Write a text and return its box.

        `upright` turns it by 90 degrees, then x and y are its center; `clear` wipes out what lies under it.
        """
        width = self.width_of(text, size, bold)
        clean = printable(text, bold)
        gc = self._context(color, 1.0, 1.0)
        if upright:
            left, base = x - size * CAPITAL / 2, y - width / 2
            box = Box(left - DESCENT * size / 2, base, left + ASCENT * size, base + width)
            self._renderer.draw_text(gc, left + size * CAPITAL, self.height - base, clean, _font(size, bold), 90)
        else:
            left = x - {"left": 0.0, "center": 0.5, "right": 1.0}[anchor] * width
            base = y - {"base": 0.0, "middle": CAPITAL / 2, "top": CAPITAL}[height] * size
            box = Box(left, base - DESCENT * size, left + width, base + ASCENT * size)
            if clear:
                self.wipe(Box(box.x0 - 3, box.y0, box.x1 + 3, box.y1))
            self._renderer.draw_text(gc, round(left), self.height - round(base), clean, _font(size, bold), 0)
        gc.restore()
        if clean:
            self.boxes.append((clean, box))
        return box

    def line(
        self,
        xs: Floats | Sequence[float],
        ys: Floats | Sequence[float],
        color: str = style.GRAY,
        width: float = style.LINE,
        alpha: float = 1.0,
        dashes: tuple[float, ...] = (),
        *,
        butt: bool = False,
    ) -> None:
        """Draw a stroke through points with round joints; `butt` ends it flat."""
        gc = self._context(color, alpha, width)
        gc.set_joinstyle("round")
        gc.set_capstyle("butt" if butt or dashes else "round")
        if dashes:
            gc.set_dashes(0, list(dashes))
        self._renderer.draw_path(gc, self._outline(np.column_stack((xs, ys))), self._identity)
        gc.restore()

    def rule(self, x0: float, y0: float, x1: float, y1: float, alpha: float = 1.0, width: float = style.RULE) -> None:
        """Draw a gray rule, level or upright, set sharply on whole pixels."""
        half = width / 2
        if y0 == y1:
            self.rect(x0, round(y0 - half), x1, round(y0 - half) + width, style.GRAY, alpha)
        else:
            self.rect(round(x0 - half), y0, round(x0 - half) + width, y1, style.GRAY, alpha)

    def rect(self, x0: float, y0: float, x1: float, y1: float, color: str, alpha: float = 1.0) -> None:
        """Fill a rectangle."""
        self.fill([x0, x1, x1, x0], [y0, y0, y1, y1], color, alpha)

    def fill(self, xs: Floats | Sequence[float], ys: Floats | Sequence[float], color: str, alpha: float = 1.0) -> None:
        """Fill a polygon."""
        gc = self._context(color, alpha, 0.0)
        outline = self._outline(np.column_stack((xs, ys)), closed=False)
        self._renderer.draw_path(gc, outline, self._identity, _rgba(color, alpha))
        gc.restore()

    def dot(self, x: float, y: float, radius: float, color: str, alpha: float = 1.0) -> None:
        """Fill a circle."""
        gc = self._context(color, alpha, 0.0)
        circle = self._outline.circle((x, y), radius)
        self._renderer.draw_path(gc, circle, self._identity, _rgba(color, alpha))
        gc.restore()

    def pixels(self) -> Bytes:
        """Return what was drawn: (height, width, 4), RGBA, not premultiplied."""
        return np.asarray(self._renderer.buffer_rgba())

    def wipe(self, box: Box) -> None:
        """Make a rectangle transparent again."""
        rows = slice(max(0, self.height - round(box.y1)), max(0, self.height - round(box.y0)))
        self.pixels()[rows, max(0, round(box.x0)) : max(0, round(box.x1))] = 0

    def _context(self, color: str, alpha: float, width: float) -> GraphicsContextBase:
        gc: GraphicsContextBase = self._renderer.new_gc()
        gc.set_foreground(_rgba(color, alpha), isRGBA=True)
        gc.set_linewidth(width)
        return gc

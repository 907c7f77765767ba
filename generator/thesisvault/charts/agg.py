"""What of matplotlib draws: its Agg canvas and its FreeType fonts, without the package around them.

Importing the package costs several times what drawing a chart does: it reads settings, color maps and lists of fonts
that have no say here. So the two compiled modules are loaded by themselves and entered under their own names, where an
import of the package finds them. They are not a public interface; `pyproject.toml` therefore allows one minor release,
and the tests hold every letter and stroke against what the package itself draws.
"""

from __future__ import annotations

import importlib.util
import math
import sys
from functools import cache, lru_cache
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from thesisvault.charts.png import Bytes, Whole
from thesisvault.charts.series import Floats

Rgba = tuple[float, float, float, float]

DPI = 72
"""At 72 dots an inch a point is a pixel."""

_MOVE, _LINE, _CURVE, _CLOSE = 1, 2, 4, 79
_SIMPLIFIED_FROM = 128
_NO_TURN = np.array([[0x10000, 0], [0, 0x10000]])


class Pen:
    """Color and stroke, under the names by which Agg asks for them."""

    _alpha = 1.0
    _forced_alpha = False
    _antialiased = 1
    _joinstyle = "round"
    _cliprect = None

    def __init__(self, rgba: Rgba, width: float, cap: str, dashes: tuple[float, ...]) -> None:
        self._rgb, self._linewidth, self._capstyle = rgba, width, cap
        self._dashes = (0, list(dashes) or None)

    def get_dashes(self) -> tuple[float, list[float] | None]:
        """Return the offset of the dashes, and lengths of strokes and gaps in pixels."""
        return self._dashes

    def get_clip_path(self) -> tuple[None, None]:
        """Return nothing: the whole canvas is drawn on."""
        return None, None

    def get_hatch_linewidth(self) -> float:
        """Return the width of hatches, of which there are none."""
        return 1.0

    def get_snap(self) -> None:
        """Return nothing: Agg sets level and upright strokes on whole pixels, and no others."""

    get_hatch_path = get_hatch_color = get_sketch_params = get_snap


@lru_cache(maxsize=256)
def _packed(color: str) -> int:
    """Return an opaque color as one number of 32 bits, its red lowest."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return red | green << 8 | blue << 16 | 255 << 24


@lru_cache(maxsize=256)
def pen(color: str, alpha: float, width: float = 0.0, cap: str = "butt", dashes: tuple[float, ...] = ()) -> Pen:
    """Return a pen for a color such as `#007ac2` and an opacity from 0 to 1; width and dashes are in pixels."""
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return Pen((red, green, blue, alpha), width, cap, dashes)


class Outline:
    """A path, under the names by which Agg asks for it."""

    simplify_threshold = 1 / 9

    def __init__(self, vertices: Floats, codes: Bytes | None = None) -> None:
        self.vertices, self.codes = vertices, codes
        self.should_simplify = codes is None and len(vertices) >= _SIMPLIFIED_FROM


class Canvas:
    """Pixels to draw on, from the lower left corner."""

    def __init__(self, width: int, height: int) -> None:
        self.size, self._height = (width, height), height
        self._agg = _module("backends", "_backend_agg").RendererAgg(width, height, DPI)
        self._still = np.eye(3)
        self._packed = self.pixels().view("<u4")[..., 0]

    def cover(self, color: str) -> None:
        """Make all one color, nothing of what was drawn is left."""
        self._packed[:] = _packed(color)

    def block(self, x0: float, y0: float, x1: float, y1: float, color: str) -> None:
        """Fill a rectangle, set on whole pixels as Agg sets it, but without the way to it."""
        left, right = sorted((math.floor(x0 + 0.5), math.floor(x1 + 0.5)))
        top, bottom = sorted((math.floor(self._height - y1 + 0.5), math.floor(self._height - y0 + 0.5)))
        if right > 0 and bottom > 0:
            self._packed[max(top, 0) : bottom, max(left, 0) : right] = _packed(color)

    def stroke(self, outline: Outline, with_: Pen) -> None:
        """Draw along an outline."""
        self._agg.draw_path(with_, outline, self._still, None)

    def fill(self, outline: Outline, with_: Pen) -> None:
        """Fill an outline."""
        self._agg.draw_path(with_, outline, self._still, with_._rgb)

    def lay(self, shape: Bytes, left: int, top: int, with_: Pen) -> None:
        """Lay a shape (rows of opacities) on the canvas; `left` and `top` are the place of its first pixel."""
        self._agg.draw_text_image(shape, left, self._height - top + len(shape), 0, with_)

    def pixels(self) -> Bytes:
        """Return what was drawn, not a copy: (height, width, 4), RGBA, not premultiplied."""
        return np.asarray(self._agg)


_kept: dict[tuple[int, int], Canvas] = {}
_KEPT_MOST = 1


def canvas(width: int, height: int) -> Canvas:
    """Return a canvas: one that was kept, if there is one of that size, with what was drawn on it."""
    found = _kept.pop((width, height), None)
    return Canvas(width, height) if found is None else found


def keep(used: Canvas) -> None:
    """Keep a canvas that nobody looks at any more: fresh memory costs as much as a line."""
    if used.size in _kept or len(_kept) < _KEPT_MOST:
        _kept[used.size] = used


def codes(begins: Whole) -> Bytes:
    """Return the codes of an outline in parts, from where each begins and, at last, the number of all points."""
    found = np.full(begins[-1], _LINE, np.uint8)
    found[begins[:-1]] = _MOVE
    return found


def circle(x: float, y: float, radius: float) -> Outline:
    """Return a circle: eight curves, each with the handles of an eighth of a turn."""
    return Outline(_UNIT_CIRCLE * radius + (x, y), _CIRCLE_CODES)


def _unit_circle() -> tuple[Floats, Bytes]:
    reach = 0.2652031  # as long as the handles of matplotlib's own circles
    places = []
    for eighth in range(8):
        for turn, side in ((eighth, 0.0), (eighth, reach), (eighth + 1, -reach)):
            across, up = math.cos(turn * math.pi / 4), math.sin(turn * math.pi / 4)
            places.append((across - side * up, up + side * across))
    places += [places[0], places[0]]
    return np.array(places), np.array([_MOVE, *[_CURVE] * 24, _CLOSE], np.uint8)


_UNIT_CIRCLE, _CIRCLE_CODES = _unit_circle()


class Font:
    """A font file, hinted as matplotlib's text is."""

    def __init__(self, path: str) -> None:
        module = _module("", "ft2font")
        self._font = module.FT2Font(path)
        self._flags, self._smooth = module.LoadFlags.DEFAULT, module.RenderMode.NORMAL
        self.units: int = self._font.units_per_EM

    def number(self, letter: str) -> int:
        """Return the number of the shape of a letter; 0 if the font has none."""
        return int(self._font.get_char_index(ord(letter)))

    def layout(self, text: str, size: float) -> tuple[tuple[int, float, float], ...]:
        """Return number and place of each shape of a text, from the left end of its base, in pixels."""
        self._set(size)
        return tuple((item.glyph_index, item.x, item.y) for item in self._font._layout(text, flags=self._flags))

    def advance(self, number: int, size: float) -> float:
        """Return how far the next shape stands from this one, in pixels."""
        self._set(size)
        return float(self._font.load_glyph(number, flags=self._flags).horiAdvance / 64)

    def shape(self, number: int, size: float, across: int, up: int) -> tuple[Bytes, int, int]:
        """Return a shape moved by so many 64ths of a pixel: rows of opacities, and the place of its first pixel."""
        self._set(size, across, up)
        found = self._font._render_glyph(number, self._flags, self._smooth)
        return np.array(found.buffer), found.left, found.top

    def _set(self, size: float, across: int = 0, up: int = 0) -> None:
        self._font.set_size(size, DPI)
        self._font._set_transform(_NO_TURN, [across, up])


@lru_cache(maxsize=64)
def font(path: str) -> Font:
    """Return the font of a file, opened once.

    Raises:
        OSError: There is no such file.
        RuntimeError: It is no font.
    """
    return Font(path)


@cache
def _folder() -> Path:
    """Return where matplotlib lies, without importing it."""
    found = importlib.util.find_spec("matplotlib")
    if found is None or found.origin is None:
        raise ImportError("matplotlib is not installed; run: pip install matplotlib")
    return Path(found.origin).parent


@cache
def _module(folder: str, name: str) -> Any:
    """Return a compiled module of matplotlib, whether the package is loaded or not."""
    full = ".".join(filter(None, ("matplotlib", folder, name)))
    if full in sys.modules:
        return sys.modules[full]
    spec = PathFinder.find_spec(full, [str(_folder() / folder)])
    if spec is None or spec.loader is None:
        raise ImportError(f"matplotlib has no {full}; run: pip install --force-reinstall matplotlib")
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[full] = module
    return module

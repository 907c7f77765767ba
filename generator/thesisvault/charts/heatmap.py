"""A matrix as tiles: correlations above all."""

from __future__ import annotations

import numpy as np

from thesisvault.charts import frame as f
from thesisvault.charts import scales, style
from thesisvault.charts.labels import shorten
from thesisvault.charts.series import Floats
from thesisvault.charts.sheet import Sheet
from thesisvault.charts.specs import HeatmapChart

_SHADES = 40


def heatmap(chart: HeatmapChart) -> Sheet:
    """Return a matrix, drawn: opaque tiles from vermilion (-1) over pale (0) to blue (1), with their figures.

    A symmetric matrix shows its lower half without the diagonal, and the mean of that half as its number.

    Raises:
        ValueError: A value outside -1 to 1, or no value at all.
    """
    values = np.asarray(chart.values, dtype=np.float64)
    known = values[~np.isnan(values)]
    if not len(known):
        raise ValueError("the matrix has no values in this window")
    if np.abs(known).max() > 1 + 1e-9:
        raise ValueError(f"the matrix reaches {known[np.abs(known).argmax()]:g}; its values lie from -1 to 1")
    half = bool(np.allclose(values, values.T, equal_nan=True))
    count = len(chart.names)
    figure, note = _summary(chart, values) if half else ("", "")

    sheet = Sheet(style.WIDTH, _height(count - half))
    top = f.header(sheet, chart.title, figure, style.BLUE if not figure.startswith(scales.MINUS) else style.VERMILION)
    f.footer(sheet, chart.small, note)
    rows = range(1, count) if half else range(count)
    columns = range(count - 1) if half else range(count)

    def measure(text: str) -> float:
        return sheet.width_of(text, style.SMALL)

    names = [shorten(name, 250, measure) for name in chart.names]
    left = style.MARGIN + max(measure(names[i]) for i in rows) + 14
    tile_x = (sheet.width - style.MARGIN - left) / len(columns)
    flat = max(measure(names[j]) for j in columns) <= tile_x - 6
    floor = 62.0 + (style.SMALL if flat else max(measure(names[j]) for j in columns))
    tile_y = (top - 16 - floor) / len(rows)
    worded = tile_x >= measure(f"{scales.MINUS}0.88") + 6 and tile_y >= style.SMALL + 4
    for r, i in enumerate(rows):
        y = top - 16 - (r + 1) * tile_y
        sheet.text(left - 14, y + tile_y / 2, names[i], style.SMALL, anchor="right", height="middle")
        for c, j in enumerate(columns):
            if not half or j < i:
                _tile(sheet, values[i, j], (left + c * tile_x, y, tile_x, tile_y), worded)
    for c, j in enumerate(columns):
        x = left + (c + 0.5) * tile_x
        if flat:
            sheet.text(x, floor - 10, names[j], style.SMALL, anchor="center", height="top")
        else:
            sheet.text(x, floor - 8 - measure(names[j]) / 2, names[j], style.SMALL, upright=True)
    return sheet


def shade(value: float) -> str:
    """Return the color of a tile.

    >>> shade(0.0), shade(1.0), shade(-1.0)
    ('#d9dcdf', '#005f9e', '#a8430a')
    """
    share = round(abs(value) * _SHADES) / _SHADES
    ends = (style.TILE_MIDDLE, style.TILE_HIGH if value >= 0 else style.TILE_LOW)
    middle, end = ([int(color[k : k + 2], 16) for k in (1, 3, 5)] for color in ends)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(middle, end, strict=True))


def ink_on(color: str) -> str:
    """Return white or black, whichever has the greater contrast on a color."""
    # At a luminance of 0.179 both have 4.58.
    return style.TILE_TEXT[0 if luminance(color) < 0.179 else 1]


def luminance(color: str) -> float:
    """Return the relative luminance of a color, from 0 to 1 (WCAG 2.1)."""
    parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _tile(sheet: Sheet, value: float, place: tuple[float, float, float, float], worded: bool) -> None:
    x, y, width, height = place
    if np.isnan(value):
        sheet.text(
            x + width / 2, y + height / 2, "n/a" if worded else "·", style.SMALL, anchor="center", height="middle"
        )
        return
    color = shade(value)
    sheet.rect(round(x) + 1, round(y) + 1, round(x + width) - 1, round(y + height) - 1, color)
    if worded:
        ink = ink_on(color)
        text = f"{value:.2f}".replace("-", scales.MINUS)
        sheet.text(x + width / 2, y + height / 2, text, style.SMALL, ink, anchor="center", height="middle")


def _height(rows: int) -> int:
    return int(min(max(240 + rows * 62, style.HEIGHT), 1200))


def _summary(chart: HeatmapChart, values: Floats) -> tuple[str, str]:
    """The mean of all pairs, and a note that says so."""
    pairs = values[np.tril_indices(len(chart.names), -1)]
    pairs = pairs[~np.isnan(pairs)]
    if not len(pairs):
        raise ValueError("the matrix has no values beside its diagonal")
    text = f"{pairs.mean():.2f}".replace("-", scales.MINUS)
    return text, f"{text}: mean of all pairs"

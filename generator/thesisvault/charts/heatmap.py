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
_NAME_ROOM = 290.0
_TILE_LEAST = 36.0
"""The least height of a tile: names stand one per row."""
_NAME = style.LABEL_LEAST


def heatmap(chart: HeatmapChart) -> Sheet:
    """Return a matrix, drawn: opaque tiles from vermilion (-1) over pale (0) to blue (1), with their figures.

    The lower half is shown. Each name stands level on the diagonal, right of its row and above its column, and names
    that move alike stand together.

    Raises:
        ValueError: A value outside -1 to 1, no value beside the diagonal, or a matrix that is not symmetric.
    """
    values = np.asarray(chart.values, dtype=np.float64)
    known = values[~np.isnan(values)]
    if not len(known):
        raise ValueError("the matrix has no values in this window")
    if np.abs(known).max() > 1 + 1e-9:
        raise ValueError(f"the matrix reaches {known[np.abs(known).argmax()]:g}; its values lie from -1 to 1")
    if not np.allclose(values, values.T, equal_nan=True):
        raise ValueError("the matrix is not symmetric; a correlation is that of both")
    if np.isnan(values[np.tril_indices(len(values), -1)]).all():
        raise ValueError("the matrix has no values beside its diagonal")
    order = clustered(values)
    values, names = values[np.ix_(order, order)], [chart.names[i] for i in order]
    count = len(names)

    sheet = Sheet(style.WIDTH, max(style.HEIGHT, round(290 + count * _TILE_LEAST)))
    top = f.header(sheet, chart.title, chart.subtitle) - 20
    f.footer(sheet, chart.small)

    def measure(text: str) -> float:
        return sheet.width_of(text, _NAME)

    names = [shorten(name, _NAME_ROOM, measure) for name in names]
    tile_x = (sheet.width - 2 * style.MARGIN - measure(names[-1]) - 14) / (count - 1)
    tile_y = (top - 84) / count
    worded = tile_x >= sheet.width_of(f"{scales.MINUS}0.88", style.SMALL) + 4
    for i, name in enumerate(names):
        y = top - (i + 1) * tile_y
        for j in range(i):
            _tile(sheet, values[i, j], (style.MARGIN + j * tile_x, y, tile_x, tile_y), worded)
        sheet.text(
            style.MARGIN + i * tile_x + (14 if i else 0), y + tile_y / 2, name, _NAME, style.INK, height="middle"
        )
    if count > 2:
        _scale(sheet, top - tile_y * 0.5)
    return sheet


def clustered(values: Floats) -> list[int]:
    """Return an order in which what moves alike stands together: groups joined by their mean, most alike first.

    >>> clustered(np.array([[1, 0.1, 0.9], [0.1, 1, 0.2], [0.9, 0.2, 1]]))
    [0, 2, 1]
    """
    alike: Floats = np.round(np.nan_to_num(values), 10).astype(np.float64)
    groups = [[i] for i in range(len(alike))]
    while len(groups) > 1:
        pairs = [(a, b) for a in range(len(groups)) for b in range(a + 1, len(groups))]
        a, b = max(pairs, key=lambda pair: (_mean(alike, groups[pair[0]], groups[pair[1]]), -pair[0], -pair[1]))
        first, second = groups[a], groups.pop(b)
        # Turned so that those that are most alike of both meet.
        turned = [(x, y) for x in (first, first[::-1]) for y in (second, second[::-1])]
        groups[a] = [*(best := max(turned, key=lambda two: alike[two[0][-1], two[1][0]]))[0], *best[1]]
    return groups[0]


def _mean(alike: Floats, some: list[int], others: list[int]) -> float:
    return round(float(alike[np.ix_(some, others)].mean()), 9)


def shade(value: float) -> str:
    """Return the color of a tile.

    >>> shade(0.0), shade(1.0), shade(-1.0)
    ('#e6e2db', '#005f9e', '#a8430a')
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
        word = "n/a" if worded else "·"
        sheet.text(x + width / 2, y + height / 2, word, style.SMALL, anchor="center", height="middle")
        return
    color = shade(value)
    sheet.rect(round(x) + 1, round(y) + 1, round(x + width) - 1, round(y + height) - 1, color)
    if worded:
        ink = ink_on(color)
        text = f"{value:.2f}".replace("-", scales.MINUS)
        sheet.text(x + width / 2, y + height / 2, text, style.SMALL, ink, anchor="center", height="middle")


def _scale(sheet: Sheet, top: float) -> None:
    """Draw the scale of the colors from -1 to 1 in the empty corner at the right."""
    width, height = 260.0, 22.0
    right = sheet.width - style.MARGIN - 14
    left = right - width
    steps = 26
    for k in range(steps):
        value = -1 + 2 * (k + 0.5) / steps
        x = left + width * k / steps
        sheet.rect(round(x), top - height, round(x + width / steps), top, shade(value))
    for value, word in ((-1, f"{scales.MINUS}1"), (0, "0"), (1, "+1")):
        x = left + width * (value + 1) / 2
        sheet.text(x, top - height - 10, word, style.SMALL, anchor="center", height="top")

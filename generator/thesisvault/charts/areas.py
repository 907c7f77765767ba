"""Charts of filled areas over time: drawdowns, and breadth with the index above it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from thesisvault.charts import frame as f
from thesisvault.charts import scales, style
from thesisvault.charts.labels import Box
from thesisvault.charts.lines import tint
from thesisvault.charts.series import Floats, Points, cross, cut, day, points, thin
from thesisvault.charts.sheet import ASCENT, DESCENT, Anchor, Sheet
from thesisvault.charts.specs import BreadthChart, DrawdownChart, Line

PANEL = 0.36
"""Share of a breadth chart's height that the index above it takes."""
_LOWS_MOST = 4
_LOW_FROM = 0.4
"""A low is named if it lies so much of the deepest below the highs on both sides of it."""


def drawdown(chart: DrawdownChart) -> Sheet:
    """Return a drawdown chart, drawn: the first line with its lows, the second as a gray area behind it.

    Raises:
        ValueError: A line has less than two values, or one above 0.
    """
    paths = []
    for line in chart.lines:
        path = points(line.values, line.name)
        if path.values.max() > 1e-9:
            raise ValueError(f"{line.name} has a drawdown of {path.values.max():+.4g}; drawdowns are at most 0")
        paths.append(thin(path, max(style.POINTS_MOST, len(path.values) if len(path.values) < _WEEKS_MOST else 0)))
    rest = [color for color in style.PALETTE[1:] if color != style.GRAY]
    tones = [style.PALETTE[0], style.GRAY, *rest][: len(paths)]

    sheet = Sheet()
    top = f.header(sheet, chart.title, chart.subtitle)
    f.footer(sheet, chart.small)
    first, last = min(path.days[0] for path in paths), max(path.days[-1] for path in paths)
    low = min(*(float(path.values.min()) for path in paths), -0.01)
    # Room below the deepest low for its date and depth.
    ticks, step = scales.levels(low * 1.02, 0.0)
    texts = [scales.percent_levels(step)(tick) for tick in ticks]
    frame = f.Frame(f.left_of(sheet, texts), style.FLOOR, style.RIGHT, top - 32, first, low * 1.16, last, 0.0)
    if len(paths) > 1:
        xs, ys = frame.x(paths[1].days), frame.y(paths[1].values)
        sheet.fill([xs[0], *xs, xs[-1]], [frame.top, *ys, frame.top], style.AREA)
    f.draw_levels(sheet, frame, ticks, texts, 0.0)
    f.date_axis(sheet, frame)
    for n in (*range(len(paths) - 1, 1, -1), 0):
        sheet.line(frame.x(paths[n].days), frame.y(paths[n].values), tones[n], style.LINE_SECOND)
    _name_lows(sheet, frame, paths[0], tones[0])
    ends = [float(path.values[-1]) for path in paths]
    f.end_labels(
        sheet,
        frame,
        [
            f.EndLabel(float(frame.y(end)), line.name, scales.percent(end), tone)
            for line, end, tone in zip(chart.lines, ends, tones, strict=True)
        ],
    )
    return sheet


_WEEKS_MOST = 1100
"""As many points are drawn as they are: the weekly closes of twenty years."""


def lows(path: Points, most: int = _LOWS_MOST) -> list[int]:
    """Return the places of the lows that stand out: far below the highs between them and any deeper one.

    >>> days = np.arange(7.0)
    >>> lows(Points(days, np.array([0, -0.5, 0, -0.1, 0, -0.4, -0.3])))
    [1, 5]
    """
    values = path.values
    deepest = float(values.min())
    if deepest >= 0:
        return []
    inner = values[1:-1]
    local = np.flatnonzero((inner <= values[:-2]) & (inner < values[2:])) + 1
    found = []
    for i in sorted({*local.tolist(), int(values.argmin())}):
        before, after = np.flatnonzero(values[:i] < values[i]), np.flatnonzero(values[i + 1 :] < values[i])
        left = values[before[-1] : i + 1].max() if len(before) else np.inf
        right = values[i : i + after[0] + 2].max() if len(after) else np.inf
        if min(left, right) - values[i] >= -_LOW_FROM * deepest:
            found.append(i)
    found.sort(key=lambda i: values[i])
    return sorted(found[:most])


def _name_lows(sheet: Sheet, frame: f.Frame, path: Points, tone: str) -> None:
    """Write date and depth below each low, the deepest first; what has no room is left to the line."""
    size = style.LABEL_LEAST
    taken: list[Box] = []
    xs, ys = frame.x(path.days), frame.y(path.values)
    for i in sorted(lows(path), key=lambda i: path.values[i]):
        words = [scales.month_words(day(path.days[i])), scales.percent(float(path.values[i]), 0)]
        width = max(sheet.width_of(word, size, "Semibold") for word in words)
        x, y = float(xs[i]), float(ys[i])
        found = _low_box(frame, (x, y), width, size, (xs, ys), taken)
        if found is None:
            continue
        box, anchor = found
        taken.append(box)
        sheet.dot(x, y, style.DOT, tone)
        at = {"left": box.x0, "center": (box.x0 + box.x1) / 2, "right": box.x1}[anchor]
        for k, word in enumerate(words):
            base = box.y1 - ASCENT * size - k * size * f.ROW
            sheet.text(at, base, word, size, tone, weight="Semibold", anchor=anchor)


def _low_box(
    frame: f.Frame,
    spot: tuple[float, float],
    width: float,
    size: float,
    ink: tuple[Floats, Floats],
    taken: list[Box],
) -> tuple[Box, Anchor] | None:
    """Return the place near a low that covers least of the line: below it, or to one side."""
    x, y = spot
    height = (ASCENT + DESCENT + f.ROW) * size
    left = min(max(x - width / 2, frame.left + 4), frame.right - 4 - width)
    places: list[tuple[float, float, Anchor]] = [
        (left, y - 14 - height, "center"),
        (x + 18, y - height / 2, "left"),
        (x - 18 - width, y - height / 2, "right"),
    ]
    best: tuple[float, Box, Anchor] | None = None
    for k, (x0, y0, anchor) in enumerate(places):
        box = Box(x0, y0, x0 + width, y0 + height)
        inside = box.x0 >= frame.left + 2 and box.x1 <= frame.right and box.y0 >= frame.bottom - 4
        if not inside or any(box.overlaps(other, 4.0) for other in taken):
            continue
        covered = (ink[0] > box.x0 - 4) & (ink[0] < box.x1 + 4) & (ink[1] > box.y0 - 4) & (ink[1] < box.y1 + 4)
        cost = float(covered.sum()) + k * 0.5
        if best is None or cost < best[0]:
            best = cost, box, anchor
    return None if best is None else best[1:]


def breadth(chart: BreadthChart) -> Sheet:
    """Return a breadth chart, drawn.

    Raises:
        ValueError: The share has less than two values, one outside 0 to 1, or the index has none beside it.
    """
    share = points(chart.share, "the share")
    if share.values.min() < 0 or share.values.max() > 1:
        raise ValueError(
            f"the share reaches from {share.values.min():g} to {share.values.max():g}; it lies from 0 to 1"
        )
    path = thin(share)
    end = float(path.values[-1])
    tone = style.BLUE if end >= chart.level else style.VERMILION

    sheet = Sheet()
    top = f.header(sheet, chart.title, chart.subtitle)
    f.footer(sheet, chart.small)
    ceiling = top - 30
    if chart.line is not None:
        _index(sheet, chart.line, path, ceiling)
        ceiling = style.FLOOR + (ceiling - style.FLOOR) * (1 - PANEL) - 20
    frame = f.Frame(style.LEFT, style.FLOOR, style.RIGHT, ceiling, path.days[0], 0.0, path.days[-1], 1.0)
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0] if chart.line is None else [0.0, 0.5, 1.0]
    texts = [scales.percent_levels(0.25, sign=False)(tick) for tick in ticks]
    f.draw_levels(sheet, frame, ticks, texts, chart.level)
    f.date_axis(sheet, frame)
    level = Points(path.days[[0, -1]], np.full(2, chart.level))
    tint(sheet, frame, path, level, style.BLUE, style.VERMILION)
    _two_tone(sheet, frame, path, level)
    # A share has no sign, so its figure has none.
    label = f.EndLabel(float(frame.y(end)), "Latest", scales.percent(end, 0, sign=False), tone)
    f.end_labels(sheet, frame, [label])
    return sheet


def _index(sheet: Sheet, line: Line, share: Points, top: float) -> None:
    """Draw the index in a panel above the share, on the same days."""
    name = line.name
    index = cut(points(line.values, name), share.days[0], share.days[-1])
    if len(index.days) < 2:
        raise ValueError(f"{name} has no values in the window of the share")
    gain = scales.percent(float(index.values[-1] / index.values[0] - 1))
    low, high = f.padded(float(index.values.min()), float(index.values.max()), least=float(index.values.max()) * 0.01)
    bottom = style.FLOOR + (top - style.FLOOR) * (1 - PANEL) + 20
    panel = f.Frame(style.LEFT, bottom, style.RIGHT, top, share.days[0], low, share.days[-1], high)
    slim = thin(index)
    sheet.line(panel.x(slim.days), panel.y(slim.values), style.GRAY, style.LINE_SECOND)
    f.end_labels(sheet, panel, [f.EndLabel(float(panel.y(slim.values[-1])), name, gain, style.GRAY)])


def _two_tone(sheet: Sheet, frame: f.Frame, path: Points, level: Points) -> None:
    """Draw a line in blue where it is above a level and in vermilion where it is below."""
    days, values, rest = cross(path, level)
    above = (values[:-1] + values[1:]) >= (rest[:-1] + rest[1:])
    turns = np.concatenate(([0], np.flatnonzero(np.diff(above)) + 1, [len(above)]))
    xs, ys = frame.x(days), frame.y(values)
    for start, stop in pairwise(turns.tolist()):
        color = style.BLUE if above[start] else style.VERMILION
        sheet.line(xs[start : stop + 1], ys[start : stop + 1], color, style.LINE_SECOND)

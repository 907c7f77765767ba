"""Relative rotation: tails that end in a named head, in four quadrants around the center."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from thesisvault.charts import frame as f
from thesisvault.charts import scales, style
from thesisvault.charts.labels import Box, place, shorten
from thesisvault.charts.series import Floats, points
from thesisvault.charts.sheet import ASCENT, DESCENT, Anchor, Sheet
from thesisvault.charts.specs import RotationChart, Tail

HEAD = 12.0
_CENTER = 100.0
_LEVELS_ROOM = 84.0
_SPAN = 0.3
"""The least share of the plot on either side of the center, so that every quadrant can be seen and named."""


def rotation(chart: RotationChart) -> Sheet:
    """Return a rotation chart, drawn: no two names overlap, and none covers a head or the name of a quadrant.

    Raises:
        ValueError: A tail without values.
    """
    paths = [_path(tail) for tail in chart.tails]
    sheet = Sheet(style.WIDTH, style.HEIGHT_ROTATION)
    top = f.header(sheet, chart.title)
    f.footer(sheet, chart.small, chart.formula)
    room = Box(style.MARGIN + _LEVELS_ROOM, style.DATES + style.AXIS + 12, sheet.width - style.MARGIN, top - 18)
    frame = _frame(paths, room)
    _axes(sheet, frame)
    named = _quadrants(sheet, frame, room)

    places = [np.column_stack((frame.x(path[:, 0]), frame.y(path[:, 1]))) for path in paths]
    tones = [style.QUADRANTS[quadrant(*map(float, path[-1]))] for path in paths]
    for spots, tone in zip(places, tones, strict=True):
        _tail(sheet, spots, tone)
    names = [shorten(tail.name, 330, lambda text: sheet.width_of(text, style.LABEL, True)) for tail in chart.tails]
    heads = [(float(spots[-1, 0]), float(spots[-1, 1])) for spots in places]
    sizes = [(sheet.width_of(name, style.LABEL, True), style.LABEL * (ASCENT + DESCENT)) for name in names]
    taken = [*named, *(Box(x - HEAD - 2, y - HEAD - 2, x + HEAD + 2, y + HEAD + 2) for x, y in heads)]
    inner = Box(room.x0 + 6, room.y0 + 6, room.x1 - 6, room.y1 - 6)
    boxes = place(heads, sizes, inner, taken, _ink(places, frame))
    for box in boxes:
        sheet.wipe(box)
        _tint(sheet, frame, box)
    for name, tone, head, box in zip(names, tones, heads, boxes, strict=True):
        _lead(sheet, head, box, tone)
        sheet.dot(*head, HEAD, tone)
        sheet.text(box.x0, box.y0 + DESCENT * style.LABEL, name, style.LABEL, tone, bold=True)
    return sheet


def quadrant(x: float, y: float) -> str:
    """Return the quadrant of a place.

    >>> quadrant(101, 102), quadrant(101, 99), quadrant(99, 99), quadrant(99, 101)
    ('leading', 'weakening', 'lagging', 'improving')
    """
    if x >= _CENTER:
        return "leading" if y >= _CENTER else "weakening"
    return "improving" if y >= _CENTER else "lagging"


def _path(tail: Tail) -> Floats:
    """Rows of x and y on the days that both know."""
    x, y = points(tail.x, tail.name, 1), points(tail.y, tail.name, 1)
    _, first, second = np.intersect1d(x.days, y.days, assume_unique=True, return_indices=True)
    if not len(first):
        raise ValueError(f"{tail.name} has no day with both strength and momentum in this window")
    return np.column_stack((x.values[first], y.values[second]))


def _frame(paths: list[Floats], room: Box) -> f.Frame:
    every = np.vstack(paths)
    ranges = []
    for k, least in ((0, 0.1), (1, 0.1)):
        below = max(_CENTER - float(every[:, k].min()), 0.0)
        above = max(float(every[:, k].max()) - _CENTER, 0.0)
        wide = max(below + above, least)
        below, above = max(below, wide * _SPAN), max(above, wide * _SPAN)
        ranges.append((_CENTER - below - 0.1 * wide, _CENTER + above + 0.1 * wide))
    (x0, x1), (y0, y1) = ranges
    return f.Frame(room.x0, room.y0, room.x1, room.y1, x0, y0, x1, y1)


def _axes(sheet: Sheet, frame: f.Frame) -> None:
    """Write round figures below and to the left of the plot; those of the two axes are of one kind."""
    across, step = scales.levels(frame.first, frame.last, 6)
    word = scales.plain_levels(step)
    for tick in across:
        half = sheet.width_of(word(tick), style.AXIS) / 2
        x = float(frame.x(tick))
        if frame.left + half < x < frame.right - half:
            sheet.line([x, x], [frame.bottom - 8, frame.bottom], style.GRAY, style.RULE)
            sheet.text(x, style.DATES, word(tick), style.AXIS, anchor="center")
    up, step = scales.levels(frame.low, frame.high, 6)
    word = scales.plain_levels(step)
    for tick in up:
        y = float(frame.y(tick))
        if frame.bottom + style.AXIS / 2 < y < frame.top - style.AXIS / 2:
            sheet.line([frame.left - 8, frame.left], [y, y], style.GRAY, style.RULE)
            sheet.text(frame.left - 16, y, word(tick), style.AXIS, anchor="right", height="middle")


def _tint(sheet: Sheet, frame: f.Frame, part: Box) -> None:
    """Tint a part of the plot in the colors of its quadrants."""
    cx, cy = round(float(frame.x(_CENTER))), round(float(frame.y(_CENTER)))
    x0, y0, x1, y1 = map(round, part)
    for name, tone in style.QUADRANTS.items():
        left, right = (max(x0, cx), x1) if name in ("leading", "weakening") else (x0, min(x1, cx))
        low, high = (max(y0, cy), y1) if name in ("leading", "improving") else (y0, min(y1, cy))
        if left < right and low < high:
            sheet.rect(left, low, right, high, tone, style.TINT * 0.55)


def _quadrants(sheet: Sheet, frame: f.Frame, room: Box) -> list[Box]:
    """Tint and name the quadrants, draw the cross; return the boxes of the names."""
    _tint(sheet, frame, room)
    boxes = []
    for name, tone in style.QUADRANTS.items():
        right, up = name in ("leading", "weakening"), name in ("leading", "improving")
        x = room.x1 - 16 if right else room.x0 + 16
        y = room.y1 - 16 if up else room.y0 + 16
        anchor: Anchor = "right" if right else "left"
        boxes.append(
            sheet.text(x, y, name.upper(), style.AXIS, tone, bold=True, anchor=anchor, height="top" if up else "base")
        )
    cx, cy = float(frame.x(_CENTER)), float(frame.y(_CENTER))
    sheet.rule(room.x0, cy, room.x1, cy)
    sheet.rule(cx, room.y0, cx, room.y1)
    return boxes


def _tail(sheet: Sheet, spots: Floats, tone: str) -> None:
    """Draw the steps of a tail from faint to full, with a small dot for each."""
    count = len(spots)
    for k in range(count - 1):
        alpha = 0.22 + 0.68 * ((k + 1) / (count - 1)) ** 1.3
        sheet.line(spots[k : k + 2, 0], spots[k : k + 2, 1], tone, style.LINE_SECOND, alpha, butt=True)
        sheet.dot(float(spots[k, 0]), float(spots[k, 1]), 4.6, tone, alpha)


def _ink(places: list[Floats], frame: f.Frame) -> Floats:
    """Points every few pixels along the tails and the cross, which names should rather not cover."""
    cross = [
        np.array([[float(frame.x(_CENTER)), frame.bottom], [float(frame.x(_CENTER)), frame.top]]),
        np.array([[frame.left, float(frame.y(_CENTER))], [frame.right, float(frame.y(_CENTER))]]),
    ]
    found = []
    for path in [*places, *cross]:
        for a, b in pairwise(path):
            steps = max(2, int(np.hypot(*(b - a)) / 6))
            found.append(a + (b - a) * np.linspace(0, 1, steps)[:, None])
    return np.vstack(found)


def _lead(sheet: Sheet, head: tuple[float, float], box: Box, tone: str) -> None:
    """Tie a name to a head that it does not stand beside."""
    x = min(max(head[0], box.x0), box.x1)
    y = min(max(head[1], box.y0 + 4), box.y1 - 4)
    away = float(np.hypot(x - head[0], y - head[1]))
    if away > 34:
        share = (away - 5) / away
        sheet.line([head[0], head[0] + (x - head[0]) * share], [head[1], head[1] + (y - head[1]) * share], tone, 2.0)

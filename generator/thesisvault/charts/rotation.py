"""Relative rotation: heads in four quadrants around the center, and the tails of those that moved most."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import numpy as np

from thesisvault.charts import frame as f
from thesisvault.charts import scales, style
from thesisvault.charts.labels import Box, place, shorten
from thesisvault.charts.series import Floats, points
from thesisvault.charts.sheet import ASCENT, DESCENT, Anchor, Sheet
from thesisvault.charts.specs import RotationChart, Tail

HEAD = 12.0
HEAD_GRAY = 9.0
MOVERS_MOST = 4
_CENTER = 100.0
_SPAN = 0.36
"""The least share of the plot on either side of the center, so that every quadrant can be seen and named."""
QUADRANTS = {
    "leading": "Ahead and gaining",
    "improving": "Catching up",
    "lagging": "Behind and slipping",
    "weakening": "Ahead but fading",
}


def rotation(chart: RotationChart) -> Sheet:
    """Return a rotation chart, drawn: no two names overlap, and none covers a head or the name of a quadrant.

    Raises:
        ValueError: A tail without values.
    """
    paths = [_path(tail) for tail in chart.tails]
    sheet = Sheet()
    top = f.header(sheet, chart.title, chart.subtitle)
    f.footer(sheet, chart.small)
    room = Box(style.LEFT, style.FLOOR + 40, sheet.width - style.MARGIN, top - 70)
    frame = _frame(paths, room)
    _axes(sheet, frame, chart)
    named = _quadrants(sheet, frame, room)

    places = [np.column_stack((frame.x(path[:, 0]), frame.y(path[:, 1]))) for path in paths]
    moved = movers(places)
    tones = [
        style.GRAY if i not in moved else style.BLUE if path[-1, 0] >= _CENTER else style.VERMILION
        for i, path in enumerate(paths)
    ]
    for i in moved:
        _tail(sheet, places[i], tones[i])
    sizes_of = [style.LABEL - 4 if i in moved else style.LABEL_LEAST for i in range(len(paths))]
    weights: list[style.Weight] = ["Semibold" if i in moved else "Regular" for i in range(len(paths))]
    names, sizes = [], []
    for tail, size, weight in zip(chart.tails, sizes_of, weights, strict=True):
        names.append(shorten(tail.name, 330, partial(_wide, sheet, size, weight)))
        sizes.append((sheet.width_of(names[-1], size, weight), size * (ASCENT + DESCENT)))
    heads = [(float(spots[-1, 0]), float(spots[-1, 1])) for spots in places]
    taken = [*named, *(Box(x - HEAD - 2, y - HEAD - 2, x + HEAD + 2, y + HEAD + 2) for x, y in heads)]
    inner = Box(room.x0 + 6, room.y0 + 6, room.x1 - 6, room.y1 - 6)
    boxes = place(heads, sizes, inner, taken, _ink([places[i] for i in moved], frame))
    for i, (name, tone, head, box) in enumerate(zip(names, tones, heads, boxes, strict=True)):
        _lead(sheet, head, box, tone)
        sheet.dot(*head, HEAD if i in moved else HEAD_GRAY, tone)
        sheet.text(box.x0, box.y0 + DESCENT * sizes_of[i], name, sizes_of[i], tone, weight=weights[i])
    return sheet


def quadrant(x: float, y: float) -> str:
    """Return the quadrant of a place.

    >>> quadrant(101, 102), quadrant(101, 99), quadrant(99, 99), quadrant(99, 101)
    ('leading', 'weakening', 'lagging', 'improving')
    """
    if x >= _CENTER:
        return "leading" if y >= _CENTER else "weakening"
    return "improving" if y >= _CENTER else "lagging"


def movers(places: list[Floats]) -> list[int]:
    """Return which paths end farthest from where they began, on the picture; all if they are few."""
    away = [round(float(np.hypot(*(path[-1] - path[0]))), 3) for path in places]
    return sorted(sorted(range(len(places)), key=lambda i: -away[i])[:MOVERS_MOST])


def _wide(sheet: Sheet, size: float, weight: style.Weight, text: str) -> float:
    return sheet.width_of(text, size, weight)


def _path(tail: Tail) -> Floats:
    """Rows of x and y on the days that both know, without what arithmetic leaves in the last digits.

    Names find their places by comparing many costs, and a last digit must not decide between two that are alike.
    """
    x, y = points(tail.x, tail.name, 1), points(tail.y, tail.name, 1)
    _, first, second = np.intersect1d(x.days, y.days, assume_unique=True, return_indices=True)
    if not len(first):
        raise ValueError(f"{tail.name} has no day with both strength and momentum in this window")
    return np.column_stack((x.values[first], y.values[second])).round(8)


def _frame(paths: list[Floats], room: Box) -> f.Frame:
    every = np.vstack(paths)
    ranges = []
    for k, least in ((0, 0.1), (1, 0.1)):
        below = max(_CENTER - float(every[:, k].min()), 0.0)
        above = max(float(every[:, k].max()) - _CENTER, 0.0)
        wide = max(below + above, least)
        below, above = max(below, wide * _SPAN), max(above, wide * _SPAN)
        # Above and below, the names of the quadrants need more room than the heads.
        edge = (0.1, 0.14)[k] * wide
        ranges.append((_CENTER - below - edge, _CENTER + above + edge))
    (x0, x1), (y0, y1) = ranges
    return f.Frame(room.x0, room.y0, room.x1, room.y1, x0, y0, x1, y1)


def _axes(sheet: Sheet, frame: f.Frame, chart: RotationChart) -> None:
    """Write what each axis measures, with an arrow, and round figures along it."""
    up_word = f"\N{UPWARDS ARROW} {chart.up}"
    sheet.text(style.MARGIN, frame.top + 16, up_word, style.LABEL_LEAST, style.INK, weight="Semibold")
    word = f"{chart.across} \N{RIGHTWARDS ARROW}"
    sheet.text(frame.right, style.DATES, word, style.LABEL_LEAST, style.INK, weight="Semibold", anchor="right")
    across, step = scales.levels(frame.first, frame.last, 6)
    write = scales.plain_levels(step)
    for tick in across:
        half = sheet.width_of(write(tick), style.AXIS) / 2
        x = float(frame.x(tick))
        if frame.left + half < x < frame.right - half:
            sheet.rule(x, frame.bottom - 10, x, frame.bottom, style.NOTES)
            sheet.text(x, frame.bottom - 44, write(tick), style.AXIS, anchor="center")
    up, step = scales.levels(frame.low, frame.high, 6)
    write = scales.plain_levels(step)
    for tick in up:
        y = float(frame.y(tick))
        if frame.bottom + style.AXIS / 2 < y < frame.top - style.AXIS / 2:
            sheet.rule(frame.left - 10, y, frame.left, y, style.NOTES)
            sheet.text(frame.left - 14, y, write(tick), style.AXIS, anchor="right", height="middle")


def _quadrants(sheet: Sheet, frame: f.Frame, room: Box) -> list[Box]:
    """Tint the quadrants of leaders and laggards, name all four, draw the cross; return the boxes of the names."""
    cx, cy = float(frame.x(_CENTER)), float(frame.y(_CENTER))
    sheet.rect(round(cx), round(cy), room.x1, room.y1, style.BLUE, style.TINT)
    sheet.rect(room.x0, room.y0, round(cx), round(cy), style.VERMILION, style.TINT)
    boxes = []
    for name, words in QUADRANTS.items():
        right, up = name in ("leading", "weakening"), name in ("leading", "improving")
        x = room.x1 - 12 if right else room.x0 + 12
        y = room.y1 - 12 if up else room.y0 + 12
        anchor: Anchor = "right" if right else "left"
        half = (room.x1 - cx if right else cx - room.x0) - 20
        words = shorten(words, half, lambda text: sheet.width_of(text, style.LABEL_LEAST, "Semibold"))
        boxes.append(
            sheet.text(x, y, words, style.LABEL_LEAST, weight="Semibold", anchor=anchor, height="top" if up else "base")
        )
    sheet.rule(room.x0, cy, room.x1, cy)
    sheet.rule(cx, room.y0, cx, room.y1)
    return boxes


def _tail(sheet: Sheet, spots: Floats, tone: str) -> None:
    """Draw the steps of a tail, with a small dot for each week."""
    if len(spots) > 1:
        sheet.line(spots[:, 0], spots[:, 1], tone, style.LINE_SECOND, 0.75)
    for x, y in spots[:-1]:
        sheet.dot(float(x), float(y), style.SPOT, tone)


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

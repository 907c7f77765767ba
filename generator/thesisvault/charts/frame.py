"""What all charts share: the title and the number above, the small print below, and a plot with levels and dates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from thesisvault.charts import scales, style
from thesisvault.charts.labels import shorten, spread, wrap
from thesisvault.charts.series import Floats, number
from thesisvault.charts.sheet import CAPITAL, Sheet
from thesisvault.charts.specs import Mark


@dataclass(frozen=True)
class Frame:
    """A plot on a sheet: its edges in pixels and the values that stand there."""

    left: float
    bottom: float
    right: float
    top: float
    first: float
    low: float
    last: float
    high: float

    def x(self, values: Floats | float) -> Floats:
        """Return pixels across."""
        return np.asarray(self.left + (np.asarray(values) - self.first) * (self.right - self.left) / self._across)

    def y(self, values: Floats | float) -> Floats:
        """Return pixels up."""
        share = (np.asarray(values) - self.low) / (self.high - self.low)
        return np.asarray(self.bottom + share * (self.top - self.bottom))

    @property
    def _across(self) -> float:
        return (self.last - self.first) or 1.0


Words = Callable[[float], Callable[[float], str]]
"""Given the step of levels, what writes one."""


class EndLabel(NamedTuple):
    """What stands at the end of a line: its name and its figure, at a height, in a color."""

    y: float
    name: str
    figure: str
    color: str


def header(sheet: Sheet, title: str, figure: str = "", color: str = style.GRAY) -> float:
    """Write the title, on one row or two, and the number at the top right; return the lowest pixel they use."""
    edge = sheet.width - style.MARGIN
    room = edge - style.MARGIN
    top = sheet.height - style.MARGIN
    if figure:
        size = style.NUMBER
        while sheet.width_of(figure, size, True) > room * 0.45 and size > style.LABEL:
            size -= 2
        figure = shorten(figure, room * 0.45, lambda text: sheet.width_of(text, size, True))
        box = sheet.text(edge, top, figure, size, color, bold=True, anchor="right", height="top")
        room = box.x0 - style.MARGIN - 36
    # Widths go with sizes, or nearly so: a title that is far too wide is not measured at every size.
    wide = sheet.width_of(title, style.TITLE, True)
    size = min(style.TITLE, max(style.TITLE_LEAST, float(style.TITLE * room // max(wide, 1.0)) + 1))
    while size > style.TITLE_LEAST and sheet.width_of(title, size, True) > room:
        size -= 1
    rows = wrap(title, room, lambda text: sheet.width_of(text, size, True))
    base = top - style.NUMBER * CAPITAL if len(rows) == 1 else top - size * CAPITAL
    for row in rows:
        sheet.text(style.MARGIN, base, row, size, style.GRAY, bold=True)
        base -= size * 1.22
    return min(base + size * 1.22, top - style.NUMBER * CAPITAL) - 8


def footer(sheet: Sheet, small: str, note: str = "") -> None:
    """Write the small print at the bottom right and a note at the bottom left, each as far as it fits."""
    edge = sheet.width - style.MARGIN

    def measure(text: str) -> float:
        return sheet.width_of(text, style.SMALL)

    small = shorten(small, (edge - style.MARGIN) * (0.7 if note else 1.0), measure)
    box = sheet.text(edge, style.FOOT, small, style.SMALL, anchor="right")
    if note:
        note = shorten(note, box.x0 - style.MARGIN - 30, measure)
        sheet.text(style.MARGIN, style.FOOT, note, style.SMALL)


def padded(low: float, high: float, share: float = 0.05, least: float = 0.01) -> tuple[float, float]:
    """Return a range with some air, and with some width even if all values are equal."""
    width = max(high - low, least)
    extra = (width - (high - low)) / 2
    return low - extra - share * width, high + extra + share * width


def plot(
    sheet: Sheet,
    edges: tuple[float, float, float],
    across: tuple[float, float],
    values: tuple[float, float],
    words: Words,
    *,
    strong: float | None = None,
    most: int = 5,
) -> Frame:
    """Draw levels and return the plot.

    Args:
        sheet: Where to draw.
        edges: Bottom, right and top of the plot in pixels; the left edge follows from the words of the levels.
        across: First and last value across.
        values: Lowest and highest value up.
        words: Given the step of the levels, what writes one.
        strong: The level with a strong rule, such as 0.
        most: The most levels.
    """
    bottom, right, top = edges
    ticks, step = scales.levels(*values, most)
    word = words(step)
    texts = [word(tick) for tick in ticks]
    left = style.MARGIN + max((sheet.width_of(text, style.AXIS) for text in texts), default=0.0) + 16
    frame = Frame(left, bottom, right, top, across[0], values[0], across[1], values[1])
    for tick, text in zip(ticks, texts, strict=True):
        y = float(frame.y(tick))
        if strong is None or abs(tick - strong) > step / 1e6:
            sheet.rule(left, y, right, y, style.GRID)
        sheet.text(left - 16, y, text, style.AXIS, anchor="right", height="middle")
    if strong is not None and values[0] <= strong <= values[1]:
        y = float(frame.y(strong))
        sheet.rule(left, y, right, y)
    return frame


def date_axis(sheet: Sheet, frame: Frame) -> None:
    """Write the dates under a plot, kept inside the picture and apart from each other."""
    reach = -1.0
    for when, word in scales.dates(frame.first, frame.last):
        half = sheet.width_of(word, style.AXIS) / 2
        x = min(max(float(frame.x(when)), style.MARGIN + half), sheet.width - style.MARGIN - half)
        if x - half > reach:
            sheet.text(x, style.DATES, word, style.AXIS, anchor="center")
            reach = x + half + 24


def marks_room(sheet: Sheet, marks: Sequence[Mark], first: float, last: float) -> tuple[list[Mark], int]:
    """Return the marks inside the window, and how many rows their words need."""
    inside = [mark for mark in sorted(marks, key=lambda m: (m.day, m.label)) if first <= number(mark.day) <= last]
    wide = sum(sheet.width_of(mark.label, style.SMALL) + 24 for mark in inside)
    return inside, 0 if not inside else 1 if wide < 800 or len(inside) == 1 else 2


def draw_marks(sheet: Sheet, frame: Frame, marks: Sequence[Mark], rows: int) -> None:
    """Draw a thin upright rule for each mark, with its word above the plot, pushed apart within its row."""
    for row in range(rows):
        mine = marks[row::rows]
        share = (frame.right - frame.left) / len(mine)
        words = [shorten(mark.label, share - 24, lambda text: sheet.width_of(text, style.SMALL)) for mark in mine]
        sizes = [sheet.width_of(word, style.SMALL) + 22 for word in words]
        centers = [float(frame.x(number(mark.day))) for mark in mine]
        placed = spread(centers, sizes, frame.left, frame.right)
        base = frame.top + 12 + row * style.SMALL * 1.25
        for word, x, at in zip(words, placed, centers, strict=True):
            sheet.text(x, base, word, style.SMALL, anchor="center")
            sheet.line([at, at], [frame.bottom, frame.top + 4], style.GRAY, style.RULE, 0.75, (7, 6))


def label_room(sheet: Sheet, labels: Sequence[EndLabel], stacked: bool) -> tuple[float, list[list[str]]]:
    """Return the width that end labels need, and the rows of each name.

    Stacked labels have the name, on up to two rows, above the figure; others stand on one row in two columns.
    """

    def measure(text: str) -> float:
        return sheet.width_of(text, style.LABEL, True)

    figures = max(measure(label.figure) for label in labels)
    if stacked:
        room = max(style.LABEL_ROOM, figures)
        names = [wrap(label.name, room, measure) for label in labels]
        return max(figures, *(measure(row) for rows in names for row in rows)), names
    names = [[shorten(label.name, style.LABEL_ROOM, measure)] for label in labels]
    return max(measure(rows[0]) for rows in names) + 18 + figures, names


def end_labels(sheet: Sheet, frame: Frame, labels: Sequence[EndLabel], names: list[list[str]], stacked: bool) -> None:
    """Write the labels to the right of the plot, pushed apart, each tied to the end of its line."""
    row = style.LABEL * 1.2
    sizes = [row * (len(rows) + stacked) + (14 if stacked else 3) for rows in names]
    low, high = frame.bottom - 10, frame.top + 10
    middles = spread([label.y for label in labels], sizes, low, high)
    edge = sheet.width - style.MARGIN
    gap = label_gap(stacked)
    for label, rows, middle in zip(labels, names, middles, strict=True):
        if not stacked:
            sheet.line(
                [frame.right, frame.right + 10, frame.right + gap - 16, frame.right + gap - 8],
                [label.y, label.y, middle, middle],
                label.color,
                style.RULE,
            )
            sheet.text(frame.right + gap, middle, rows[0], style.LABEL, label.color, bold=True, height="middle")
            sheet.text(edge, middle, label.figure, style.LABEL, label.color, bold=True, anchor="right", height="middle")
        else:
            count = len(rows) + 1
            for k, text in enumerate([*rows, label.figure]):
                y = middle + row * ((count - 1) / 2 - k)
                sheet.text(frame.right + gap, y, text, style.LABEL, label.color, bold=True, height="middle")
        sheet.dot(frame.right, label.y, style.DOT, label.color)


def label_gap(stacked: bool) -> float:
    """Return the pixels between the plot and its end labels."""
    return 20.0 if stacked else 52.0

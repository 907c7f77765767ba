"""Days that a chart marks: a dotted rule, dots on the lines, and the words where they cover least."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from thesisvault.charts import scales, style
from thesisvault.charts.frame import ROW, Frame
from thesisvault.charts.labels import Box, shorten, spread, wrap
from thesisvault.charts.series import Floats, Points, day, number
from thesisvault.charts.sheet import ASCENT, DESCENT, Sheet
from thesisvault.charts.specs import Mark
from thesisvault.structs import replace

SIZE = style.LABEL_LEAST
_WIDEST = 250.0
_HEIGHTS = 14
_INSIDE_MOST = 4
"""More marks than this have their words above the plot."""


class Placed(NamedTuple):
    """A mark, the rows of its words, and where they stand; above the plot if `over`."""

    mark: Mark
    rows: list[str]
    box: Box
    over: bool


def plan(
    sheet: Sheet,
    frame: Frame,
    marks: Sequence[Mark],
    lines: Sequence[Points],
    levels: Sequence[float],
    taken: Sequence[Box] = (),
) -> tuple[Frame, list[Placed]]:
    """Return where the words of marks stand, and the plot, lower by what they need above it.

    Args:
        sheet: Where they will be drawn.
        frame: The plot.
        marks: The marks; those outside the plot are left out.
        lines: What they should not cover.
        levels: Heights of level rules in pixels, which they should rather not cover.
        taken: Boxes that they must not touch.
    """
    inside = [each for each in sorted(marks, key=lambda m: (m.day, m.label)) if frame.first < number(each.day)]
    inside = [each for each in inside if number(each.day) <= frame.last]
    if not inside:
        return frame, []
    ink = _ink(frame, lines)
    placed: list[Placed] = []
    for mark in inside if len(inside) <= _INSIDE_MOST else ():
        found = _beside(sheet, frame, mark, ink, levels, [*taken, *(each.box for each in placed)], inside)
        if found is None:
            break
        placed.append(found)
    if len(placed) == len(inside):
        return frame, placed
    return _above(sheet, frame, inside)


def draw(sheet: Sheet, frame: Frame, placed: Sequence[Placed], lines: Sequence[Points]) -> None:
    """Draw the rules, the dots on the lines and the words of marks."""
    for mark, rows, box, over in placed:
        when = number(mark.day)
        x = float(frame.x(when))
        spots = [float(frame.y(float(np.interp(when, *line)))) for line in lines if line.days[0] <= when]
        top = frame.top if over else max([*spots, box.y1 - SIZE * 0.2])
        sheet.line([x, x], [frame.bottom, top], style.INK, style.RULE, dashes=(4, 5))
        for y in spots:
            sheet.dot(x, y, style.SPOT, style.INK)
        for k, row in enumerate(rows):
            base = box.y1 - ASCENT * SIZE - k * SIZE * ROW
            is_left = box.x1 <= x and not over
            sheet.text(box.x1 if is_left else box.x0, base, row, SIZE, style.INK, anchor="right" if is_left else "left")


def _ink(frame: Frame, lines: Sequence[Points]) -> Floats:
    """Points every few pixels along the lines."""
    found = [np.empty((0, 2))]
    for line in lines:
        days = np.linspace(line.days[0], line.days[-1], 200)
        found.append(np.column_stack((frame.x(days), frame.y(np.interp(days, *line)))))
    return np.vstack(found)


def _beside(
    sheet: Sheet,
    frame: Frame,
    mark: Mark,
    ink: Floats,
    levels: Sequence[float],
    taken: Sequence[Box],
    others: Sequence[Mark],
) -> Placed | None:
    """Return the place beside the rule of a mark that covers least; None if there is none."""

    def measure(text: str) -> float:
        return sheet.width_of(text, SIZE)

    rows = [*wrap(mark.label, _WIDEST, measure), scales.day_words(mark.day, day(frame.last).year)]
    width, height = max(map(measure, rows)), _height(len(rows))
    x = float(frame.x(number(mark.day)))
    rules = [float(frame.x(number(other.day))) for other in others]
    best: tuple[float, Box] | None = None
    for is_left in (True, False):
        x0 = x - 14 - width if is_left else x + 14
        if x0 < frame.left + 4 or x0 + width > frame.right - 12:
            continue
        for k, y0 in enumerate(np.linspace(frame.bottom + 6, frame.top - height - 4, _HEIGHTS)):
            box = Box(x0, float(y0), x0 + width, float(y0) + height)
            if any(box.overlaps(other, 6.0) for other in taken):
                continue
            covered = (ink[:, 0] > box.x0 - 8) & (ink[:, 0] < box.x1 + 8) & (ink[:, 1] > box.y0 - 8)
            covered &= ink[:, 1] < box.y1 + 8
            crossed = sum(box.x0 - 6 < rule < box.x1 + 6 for rule in rules)
            ruled = sum(box.y0 + 4 < level < box.y1 - 4 for level in levels)
            cost = 10.0 * covered.sum() + 40 * crossed + 4 * ruled + 0.5 * k + (0 if is_left else 0.2)
            if best is None or cost < best[0]:
                best = cost, box
    return None if best is None else Placed(mark, rows, best[1], over=False)


def _above(sheet: Sheet, frame: Frame, marks: Sequence[Mark]) -> tuple[Frame, list[Placed]]:
    """Return the plot lowered by a row or two, and the words in them, pushed apart."""

    def measure(text: str) -> float:
        return sheet.width_of(text, SIZE)

    count = 1 if sum(measure(mark.label) + 24 for mark in marks) < frame.right - frame.left else 2
    lower = replace(frame, top=frame.top - count * SIZE * ROW - 6)
    placed = []
    for row in range(count):
        mine = marks[row::count]
        share = (frame.right - frame.left) / max(len(mine), 1)
        words = [shorten(mark.label, share - 20, measure) for mark in mine]
        sizes = [measure(word) + 20 for word in words]
        centers = [float(frame.x(number(mark.day))) for mark in mine]
        y0 = lower.top + 6 + row * SIZE * ROW
        for mark, word, middle in zip(mine, words, spread(centers, sizes, frame.left, frame.right), strict=True):
            wide = measure(word)
            box = Box(middle - wide / 2, y0, middle + wide / 2, y0 + (ASCENT + DESCENT) * SIZE)
            placed.append(Placed(mark, [word], box, over=True))
    return lower, placed


def _height(rows: int) -> float:
    return (rows - 1) * SIZE * ROW + (ASCENT + DESCENT) * SIZE

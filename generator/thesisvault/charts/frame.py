"""What all charts share: title and subtitle above, the small print below, and a plot with levels and dates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from thesisvault.charts import scales, style
from thesisvault.charts.labels import ELLIPSIS, shorten, spread, wrap
from thesisvault.charts.series import Floats
from thesisvault.charts.sheet import CAPITAL, DESCENT, Sheet

_FEW = 4
"""So many end labels are of full size."""
ROW = 1.06
"""Distance of two rows of one label, in parts of their size."""


class Frame(Struct, frozen=True):
    """A plot on a sheet: its edges in pixels and the values that stand there, up as logarithms if `log`."""

    left: float
    bottom: float
    right: float
    top: float
    first: float
    low: float
    last: float
    high: float
    log: bool = False

    def x(self, values: Floats | float) -> Floats:
        """Return pixels across."""
        return np.asarray(self.left + (np.asarray(values) - self.first) * (self.right - self.left) / self._across)

    def y(self, values: Floats | float) -> Floats:
        """Return pixels up."""
        share = (self._up(values) - self._up(self.low)) / (self._up(self.high) - self._up(self.low))
        return np.asarray(self.bottom + share * (self.top - self.bottom))

    def _up(self, values: Floats | float) -> Floats:
        return np.log(values) if self.log else np.asarray(values)

    @property
    def _across(self) -> float:
        return (self.last - self.first) or 1.0


Words = Callable[[float], str]
"""What writes a level."""


class EndLabel(NamedTuple):
    """What stands at the end of a line: its name and its figure, at a height, in a color."""

    y: float
    name: str
    figure: str
    color: str


def header(sheet: Sheet, title: str, subtitle: str = "") -> float:
    """Write title, on one row or two, and subtitle; return the lowest pixel they use."""
    room = sheet.width - 2 * style.MARGIN
    # Widths go with sizes, or nearly so: a title that is far too wide is not measured at every size.
    wide = sheet.width_of(title, style.TITLE, "Bold")
    size = min(style.TITLE, max(style.TITLE_LEAST, float(style.TITLE * room // max(wide, 1.0)) + 1))
    while size > style.TITLE_LEAST and sheet.width_of(title, size, "Bold") > room:
        size -= 1
    if sheet.width_of(title, size, "Bold") > room:
        size = style.TITLE  # on two rows
    base = sheet.height - style.TITLE_TOP - style.TITLE * CAPITAL
    for row in wrap(title, room, lambda text: sheet.width_of(text, size, "Bold")):
        sheet.text(style.MARGIN, base, row, size, style.INK, weight="Bold")
        base -= size * 1.12
    base += size * 1.12 - style.SUBTITLE * 1.42
    subtitle = shorten(subtitle, room, lambda text: sheet.width_of(text, style.SUBTITLE))
    sheet.text(style.MARGIN, base, subtitle, style.SUBTITLE)
    return base - DESCENT * style.SUBTITLE


def footer(sheet: Sheet, small: str, note: str = "") -> None:
    """Write the small print along the lower edge as far as it fits, a note behind it."""
    whole = ". ".join(filter(None, (small.rstrip("."), note)))
    room = sheet.width - 2 * style.MARGIN
    sheet.text(
        style.MARGIN, style.FOOT, shorten(whole, room, lambda text: sheet.width_of(text, style.SMALL)), style.SMALL
    )


def padded(low: float, high: float, share: float = 0.05, least: float = 0.01) -> tuple[float, float]:
    """Return a range with some air, and with some width even if all values are equal."""
    width = max(high - low, least)
    extra = (width - (high - low)) / 2
    return low - extra - share * width, high + extra + share * width


def padded_log(low: float, high: float, share: float = 0.05) -> tuple[float, float]:
    """Return a range of values above zero with the same air on a log scale."""
    by = (high / low) ** share
    return low / by, high * by


def left_of(sheet: Sheet, texts: Sequence[str]) -> float:
    """Return the left edge of a plot whose levels are written so: the one of all plots, if they fit."""
    return max(style.LEFT, style.MARGIN + 14 + max((sheet.width_of(text, style.AXIS) for text in texts), default=0.0))


def draw_levels(sheet: Sheet, frame: Frame, ticks: Sequence[float], texts: Sequence[str], strong: float | None) -> None:
    """Draw levels, the strong one in ink, such as zero."""
    for tick, text in zip(ticks, texts, strict=True):
        y = float(frame.y(tick))
        sheet.rule(frame.left, y, frame.right, y, style.GRID)
        sheet.text(frame.left - 14, y, text, style.AXIS, anchor="right", height="middle")
    if strong is not None and frame.low <= strong <= frame.high:
        y = float(frame.y(strong))
        sheet.rule(frame.left, y, frame.right, y, style.INK)


def date_axis(sheet: Sheet, frame: Frame) -> None:
    """Write the dates under a plot, kept inside the picture and apart from each other."""
    reach = -1.0
    for when, word in scales.dates(frame.first, frame.last):
        half = sheet.width_of(word, style.AXIS) / 2
        at = float(frame.x(when))
        x = min(max(at, style.MARGIN + half), sheet.width - style.MARGIN - half)
        if x - half > reach:
            sheet.rule(at, frame.bottom - 16, at, frame.bottom - 4, style.NOTES)
            sheet.text(x, style.DATES, word, style.AXIS, anchor="center")
            reach = x + half + 24


def end_labels(sheet: Sheet, frame: Frame, labels: Sequence[EndLabel], between: Sequence[str] = ()) -> None:
    """Write names and figures to the right of the plot, pushed apart, and between two of them what holds for both."""
    left = frame.right + style.LABEL_GAP
    room = sheet.width - style.MARGIN - left
    size = _label_size(sheet, labels, room)

    def measure(text: str) -> float:
        return sheet.width_of(text, size, "Semibold")

    low, high = frame.bottom - 22, frame.top + 22
    air = 12 if len(labels) <= _FEW else 4

    def need(texts: Sequence[Sequence[str]]) -> float:
        return sum(len(rows) * size * ROW + air for rows in (*texts, *([between] if between else [])))

    texts = [[*wrap(label.name, room, measure), label.figure] for label in labels]
    if need(texts) > high - low:
        texts = [[shorten(label.name, room, measure), label.figure] for label in labels]
    if need(texts) > high - low:
        rooms = [room - measure(f" {label.figure}") for label in labels]
        texts = [[f"{shorten(e.name, left_, measure)} {e.figure}"] for e, left_ in zip(labels, rooms, strict=True)]
    order = sorted(range(len(labels)), key=lambda i: labels[i].y)
    rows = [(labels[i].y, [row for row in texts[i] if row], labels[i].color) for i in order]
    if between:
        rows.insert(1, ((rows[0][0] + rows[1][0]) / 2, list(between), style.INK))
    heights = [len(words) * size * ROW for _, words, _ in rows]
    middles = spread([y for y, _, _ in rows], [height + air for height in heights], low, high)
    for k, ((y, words, color), middle, height) in enumerate(zip(rows, middles, heights, strict=True)):
        is_between = bool(between) and k == 1
        for n, word in enumerate(words):
            base = middle + height / 2 - (n + 0.8) * size * ROW
            shown = shorten(word, room, measure)
            sheet.text(left, base, shown, size, color, weight="Bold" if is_between else "Semibold")
        if not is_between:
            _tie(sheet, frame, y, min(max(y, middle - height / 2 + 8), middle + height / 2 - 8), color)
            sheet.dot(frame.right, y, style.DOT, color)
    if between:
        (below, middle, above), (h0, h1, h2) = middles, heights
        _arm(sheet, left + 1, above - h2 / 2 - 4, middle + h1 / 2 + 6)
        _arm(sheet, left + 1, below + h0 / 2 + 4, middle - h1 / 2 - 6)


def _label_size(sheet: Sheet, labels: Sequence[EndLabel], room: float) -> float:
    """Return the largest size at which each name fits on two rows."""
    size = style.LABEL if len(labels) <= _FEW else style.LABEL_LEAST

    def fits(name: str) -> bool:
        rows = wrap(name, room, lambda text: sheet.width_of(text, size, "Semibold"))
        return not any(row.endswith(ELLIPSIS) for row in rows)

    while size > style.LABEL_LEAST and not all(fits(label.name) for label in labels):
        size -= 2
    return size


def _tie(sheet: Sheet, frame: Frame, y: float, at: float, color: str) -> None:
    """Draw a thin stroke from the end of a line to a label that does not stand beside it."""
    if abs(at - y) > 6:
        sheet.line([frame.right, frame.right + style.LABEL_GAP - 6], [y, at], color, style.RULE)


def _arm(sheet: Sheet, x: float, outer: float, inner: float) -> None:
    """Draw one arm of a bracket, with its foot at the outer end, if there is room for one."""
    if abs(outer - inner) < 18 or (outer > inner) != (outer - inner > 0):
        return
    sheet.rule(x, min(outer, inner), x, max(outer, inner), style.INK, 3.0)
    sheet.rule(x - 10, outer, x + 11, outer, style.INK, 3.0)

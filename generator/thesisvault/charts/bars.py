"""Charts of bars: periods beside each other, and flows."""

from __future__ import annotations

from collections.abc import Sequence

from thesisvault.charts import frame as f
from thesisvault.charts import scales, style
from thesisvault.charts.labels import shorten
from thesisvault.charts.sheet import Sheet
from thesisvault.charts.specs import AnnualBarsChart, FlowBarsChart

_WHOLE_FROM = 0.0995
"""Percentages of bars have no decimals if one of them is 10 or more, and one decimal if none is."""
_WIDEST = 130.0


def annual(chart: AnnualBarsChart) -> Sheet:
    """Return bars by period, drawn: one color per group, n/a where a value is missing.

    Raises:
        ValueError: No value at all, or one that is not a finite number.
    """
    known = _finite([(name, value) for name, values in chart.groups for value in values], "bars")
    decimals = 0 if max(map(abs, known)) >= _WHOLE_FROM else 1
    texts = [["n/a" if v is None else scales.percent(v, decimals)[:-1] for v in row] for _, row in chart.groups]

    sheet = Sheet()
    tones = style.PALETTE[: len(chart.groups)]
    top = f.header(sheet, chart.title, chart.subtitle)
    top = _legend(sheet, [name for name, _ in chart.groups], tones, top) if len(chart.groups) > 1 else top
    frame = _plot(sheet, top, known, len(chart.periods), percent=True)
    slot = (frame.right - frame.left) / len(chart.periods)
    pitch = slot * 0.9 / len(chart.groups)
    loose = slot * 0.1 if len(chart.groups) == 1 else 0.0
    worded = max(sheet.width_of(text, style.SMALL) for row in texts for text in row) + 4 <= pitch + loose
    missing = [
        f"{name} {p}" for name, row in chart.groups for p, v in zip(chart.periods, row, strict=True) if v is None
    ]
    f.footer(sheet, chart.small, "" if worded else _missing(missing))
    for g, ((_, amounts), row, tone) in enumerate(zip(chart.groups, texts, tones, strict=True)):
        for p, (amount, text) in enumerate(zip(amounts, row, strict=True)):
            middle = frame.left + slot * (p + 0.05) + pitch * (g + 0.5)
            _bar(sheet, frame, amount, middle, min(pitch * 0.86, _WIDEST), tone, text if worded else "")
    _names(sheet, frame, chart.periods)
    return sheet


def flows(chart: FlowBarsChart) -> Sheet:
    """Return bars of flows, drawn: inflows blue and up, outflows vermilion and down.

    Raises:
        ValueError: No value at all, or one that is not a finite number.
    """
    known = _finite(list(zip(chart.labels, chart.values, strict=True)), "flows")
    sheet = Sheet()
    top = f.header(sheet, chart.title, chart.subtitle)
    frame = _plot(sheet, top, known, len(chart.labels), percent=False)
    slot = (frame.right - frame.left) / len(chart.labels)
    texts = ["n/a" if value is None else scales.plain(value, sign=True) for value in chart.values]
    worded = max(sheet.width_of(text, style.SMALL) for text in texts) <= slot - 4
    missing = [label for label, value in zip(chart.labels, chart.values, strict=True) if value is None]
    f.footer(sheet, chart.small, "" if worded else _missing(missing))
    for i, (value, text) in enumerate(zip(chart.values, texts, strict=True)):
        color = style.BLUE if (value or 0) >= 0 else style.VERMILION
        middle = frame.left + slot * (i + 0.5)
        _bar(sheet, frame, value, middle, min(slot * 0.74, _WIDEST), color, text if worded else "")
    _names(sheet, frame, chart.labels)
    return sheet


def _plot(sheet: Sheet, top: float, known: Sequence[float], count: int, *, percent: bool) -> f.Frame:
    """Return the plot of bars, with its levels drawn and room for figures outside the bars."""
    low, high = min(0.0, *known), max(0.0, *known)
    air = f.padded(low, high, 0.09, abs(high - low) or 0.01)
    values = (air[0] if low < 0 else 0.0), (air[1] if high > 0 or low == 0 else 0.0)
    ticks, step = scales.levels(*values)
    word = scales.percent_levels(step) if percent else scales.plain_levels(step)
    texts = [word(tick) for tick in ticks]
    left, right = f.left_of(sheet, texts), sheet.width - style.MARGIN
    frame = f.Frame(left, style.FLOOR, right, top - 30, 0.0, values[0], float(count), values[1])
    f.draw_levels(sheet, frame, ticks, texts, None)
    return frame


def _finite(values: list[tuple[str, float | None]], what: str) -> list[float]:
    known = [value for _, value in values if value is not None]
    if not known:
        raise ValueError(f"none of the {what} has a value in this window")
    for name, value in values:
        if value is not None and not abs(value) < float("inf"):
            raise ValueError(f"{name} has the value {value}; give a number, or None for n/a")
    return known


def _missing(names: list[str]) -> str:
    """A note of what has no value, for bars too narrow to say it themselves."""
    return f"n/a: {', '.join(names)}" if names else ""


def _bar(sheet: Sheet, frame: f.Frame, value: float | None, middle: float, width: float, tone: str, text: str) -> None:
    """Draw one bar with its figure outside its end, and the piece of the zero line under it."""
    zero = float(frame.y(0.0))
    # What has no direction of its own stands on the side on which there are bars: only there is room.
    up = value > 0 if value else frame.high > 0
    end = zero if value is None else float(frame.y(value))
    if value is not None:
        if abs(end - zero) < 2:
            end = zero + (2 if up else -2)
        sheet.rect(round(middle - width / 2), zero, round(middle + width / 2), end, tone)
    sheet.rule(frame.left, zero, frame.right, zero, style.INK)
    if text:
        at = end + (9 if up else -9)
        box = sheet.width_of(text, style.SMALL) / 2
        # A level under a figure would strike it through.
        sheet.rect(middle - box - 2, at - (2 if up else 22), middle + box + 2, at + (22 if up else 2), style.CARD)
        tone = style.NOTES if value is None else tone
        sheet.text(middle, at, text, style.SMALL, tone, anchor="center", height="base" if up else "top")


def _legend(sheet: Sheet, names: list[str], tones: tuple[str, ...], top: float) -> float:
    """Write the names in their colors, in the order of the bars, on rows as needed; return the lowest pixel."""
    size = style.LABEL_LEAST
    x, base = style.MARGIN, top - 22 - size
    for name, tone in zip(names, tones, strict=True):
        word = shorten(name, 420, lambda text: sheet.width_of(text, size, "Semibold"))
        if x > style.MARGIN and x + 34 + sheet.width_of(word, size, "Semibold") > sheet.width - style.MARGIN:
            x, base = style.MARGIN, base - size * 1.3
        sheet.rect(x, base, x + 22, base + 22, tone)
        x = sheet.text(x + 32, base, word, size, tone, weight="Semibold").x1 + 34
    return base + 4


def _names(sheet: Sheet, frame: f.Frame, names: tuple[str, ...]) -> None:
    """Write the names of periods under a plot: all if they fit, else every second, third, ... from the last."""
    slot = (frame.right - frame.left) / len(names)
    widest = max(sheet.width_of(name, style.AXIS) for name in names)
    every = max(1, min(len(names), -int(-(min(widest, 300) + 16) // slot)))
    reach = sheet.width - style.MARGIN
    for i in range(len(names) - 1, -1, -every):
        word = shorten(names[i], slot * every - 12, lambda text: sheet.width_of(text, style.AXIS))
        half = sheet.width_of(word, style.AXIS) / 2
        x = min(frame.left + slot * (i + 0.5), sheet.width - style.MARGIN - half)
        if x + half <= reach and x - half >= 0:
            sheet.text(x, style.DATES, word, style.AXIS, anchor="center")
            reach = x - half - 12

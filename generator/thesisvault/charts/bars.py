"""Charts of bars: periods beside each other, and flows."""

from __future__ import annotations

from thesisvault.charts import frame as f
from thesisvault.charts import scales, style
from thesisvault.charts.labels import shorten
from thesisvault.charts.sheet import Sheet
from thesisvault.charts.specs import AnnualBarsChart, FlowBarsChart


def annual(chart: AnnualBarsChart) -> Sheet:
    """Return bars by period, drawn: one color per group, n/a where a value is missing.

    Raises:
        ValueError: No value at all, or one that is not a finite number.
    """
    every = [(name, value) for name, values in chart.groups for value in values]
    known = _finite(every, "bars")
    low, high = min(0.0, *known), max(0.0, *known)

    sheet = Sheet()
    top = f.header(sheet, chart.title)
    tones = style.PALETTE[: len(chart.groups)]
    top = _legend(sheet, [name for name, _ in chart.groups], tones, top)
    values = _range(low, high)
    right = sheet.width - style.MARGIN
    frame = f.plot(
        sheet,
        (style.FLOOR, right, top - 14),
        (0.0, float(len(chart.periods))),
        values,
        scales.percent_levels,
        strong=0.0,
    )
    slot = (frame.right - frame.left) / len(chart.periods)
    pitch = slot * 0.88 / len(chart.groups)
    texts = [_short(value) for _, values_ in chart.groups for value in values_]
    worded = max(sheet.width_of(text, style.SMALL) for text in texts) <= pitch + (
        slot * 0.12 if len(chart.groups) == 1 else 0
    )
    missing = [
        f"{name} {p}" for name, row in chart.groups for p, v in zip(chart.periods, row, strict=True) if v is None
    ]
    f.footer(sheet, chart.small, "" if worded else _missing(missing))
    zero = float(frame.y(0.0))
    for g, ((_, amounts), tone) in enumerate(zip(chart.groups, tones, strict=True)):
        for p, amount in enumerate(amounts):
            left = frame.left + slot * (p + 0.06) + pitch * g
            middle = left + pitch / 2
            _bar(sheet, frame, amount, middle, min(pitch * 0.86, 130), zero, tone, _short(amount) if worded else "")
    _names(sheet, frame, chart.periods)
    return sheet


def flows(chart: FlowBarsChart) -> Sheet:
    """Return bars of flows, drawn: inflows blue and up, outflows vermilion and down, the newest as the number.

    Raises:
        ValueError: No value at all, or one that is not a finite number.
    """
    known = _finite(list(zip(chart.labels, chart.values, strict=True)), "flows")
    low, high = min(0.0, *known), max(0.0, *known)
    newest = max(i for i, value in enumerate(chart.values) if value is not None)
    amount = chart.values[newest] or 0.0
    tone = style.GRAY if amount == 0 else style.BLUE if amount > 0 else style.VERMILION
    figure = f"{scales.plain(amount, sign=True)} {chart.unit}".strip()

    sheet = Sheet()
    top = f.header(sheet, chart.title, figure, tone)
    values = _range(low, high)
    frame = f.plot(
        sheet,
        (style.FLOOR, sheet.width - style.MARGIN, top - 22),
        (0.0, float(len(chart.labels))),
        values,
        scales.plain_levels,
        strong=0.0,
    )
    slot = (frame.right - frame.left) / len(chart.labels)
    texts = ["n/a" if value is None else scales.plain(value, sign=True) for value in chart.values]
    worded = max(sheet.width_of(text, style.SMALL) for text in texts) <= slot - 4
    missing = [label for label, value in zip(chart.labels, chart.values, strict=True) if value is None]
    notes = [f"{figure}: {chart.labels[newest]}", "" if worded else _missing(missing)]
    f.footer(sheet, chart.small, "; ".join(filter(None, notes)))
    zero = float(frame.y(0.0))
    for i, (value, text) in enumerate(zip(chart.values, texts, strict=True)):
        color = style.BLUE if (value or 0) >= 0 else style.VERMILION
        middle = frame.left + slot * (i + 0.5)
        _bar(sheet, frame, value, middle, min(slot * 0.74, 130), zero, color, text if worded else "")
    _names(sheet, frame, chart.labels)
    return sheet


def _range(low: float, high: float) -> tuple[float, float]:
    """Values from lowest to highest with room for figures outside the bars, and none where there are no bars."""
    air = f.padded(low, high, 0.09, abs(high - low) or 0.01)
    return (air[0] if low < 0 else 0.0), (air[1] if high > 0 or low == 0 else 0.0)


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


def _short(value: float | None) -> str:
    """A percentage without plus and percent, which the levels carry."""
    if value is None:
        return "n/a"
    return scales.percent(value, 0 if abs(value) >= 0.0995 else 1, sign=False)[:-1]


def _bar(
    sheet: Sheet, frame: f.Frame, value: float | None, middle: float, width: float, zero: float, tone: str, text: str
) -> None:
    """Draw one bar with its figure outside its end; a missing one is only its word."""
    # What has no direction of its own stands on the side on which there are bars: only there is room.
    up = value > 0 if value else frame.high > 0
    if value is None:
        y = zero + (10 if up else -10)
        sheet.text(middle, y, text, style.SMALL, anchor="center", height="base" if up else "top", clear=True)
        return
    end = float(frame.y(value))
    if abs(end - zero) < 2:
        end = zero + (2 if up else -2)
    sheet.rect(round(middle - width / 2), zero, round(middle + width / 2), end, tone)
    if text:
        sheet.text(
            middle,
            end + (9 if up else -9),
            text,
            style.SMALL,
            tone,
            anchor="center",
            height="base" if up else "top",
            clear=True,
        )


def _legend(sheet: Sheet, names: list[str], tones: tuple[str, ...], top: float) -> float:
    """Write the names in their colors under the title, on as many rows as they need; return the lowest pixel used."""
    x, base = style.MARGIN, top - 18 - style.LABEL
    for name, tone in zip(names, tones, strict=True):
        word = shorten(name, style.LABEL_ROOM * 1.5, lambda text: sheet.width_of(text, style.LABEL, True))
        if x > style.MARGIN and x + 32 + sheet.width_of(word, style.LABEL, True) > sheet.width - style.MARGIN:
            x, base = style.MARGIN, base - style.LABEL * 1.35
        sheet.rect(x, base, x + 22, base + 22, tone)
        x = sheet.text(x + 32, base, word, style.LABEL, tone, bold=True).x1 + 30
    return base - 8


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

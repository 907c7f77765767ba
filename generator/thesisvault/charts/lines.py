"""Charts of lines over time: rebased returns, and a ratio with its average."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from thesisvault.charts import frame as f
from thesisvault.charts import scales, style
from thesisvault.charts.series import Points, common, cross, cut, day, points, thin
from thesisvault.charts.sheet import Sheet
from thesisvault.charts.specs import Line, Mark, RatioChart, RebasedChart


def colors(lines: Sequence[Line]) -> list[str]:
    """Return one color per line, all different: blue for the first buy, vermilion for the first sell."""
    taken: dict[int, str] = {}
    for side, color in (("buy", style.BUY), ("sell", style.SELL)):
        first = next((i for i, line in enumerate(lines) if line.side == side), None)
        if first is not None:
            taken[first] = color
    free = iter([color for color in style.PALETTE if color not in taken.values()])
    return [taken[i] if i in taken else next(free) for i in range(len(lines))]


def tint(sheet: Sheet, frame: f.Frame, over: Points, under: Points, above: str, below: str) -> None:
    """Fill the gap between two lines: in one color where the first is above, in the other where it is below."""
    days, a, b = cross(over, under)
    xs = frame.x(days)
    around = np.concatenate((xs, xs[::-1]))
    top = np.maximum(a, b)
    for other, color in ((b, above), (a, below)):
        if (top > other).any():
            sheet.fill(around, frame.y(np.concatenate((top, other[::-1]))), color, style.TINT)


def time_plot(
    sheet: Sheet,
    top: float,
    lines: Sequence[Points],
    labels: Sequence[tuple[str, str, str]],
    words: f.Words,
    marks: Sequence[Mark] = (),
    *,
    stacked: bool,
    strong: float | None,
    values: tuple[float, float],
) -> tuple[f.Frame, list[list[str]]]:
    """Draw dates, levels and marks of a plot that leaves room for its end labels (name, figure, color)."""
    first = min(line.days[0] for line in lines)
    last = max(line.days[-1] for line in lines)
    shown, rows = f.marks_room(sheet, marks, first, last)
    blanks = [f.EndLabel(0.0, *label) for label in labels]
    room, names = f.label_room(sheet, blanks, stacked)
    right = sheet.width - style.MARGIN - room - f.label_gap(stacked)
    ceiling = top - 22 - rows * style.SMALL * 1.25
    frame = f.plot(sheet, (style.FLOOR, right, ceiling), (first, last), values, words, strong=strong)
    f.date_axis(sheet, frame)
    f.draw_marks(sheet, frame, shown, rows)
    return frame, names


def rebased(chart: RebasedChart) -> Sheet:
    """Return a rebased chart, drawn.

    Raises:
        ValueError: The lines share less than two sessions, or a line is not above nothing throughout.
    """
    known = [(line.name, points(line.values, line.name)) for line in chart.lines]
    first, last = common(known)
    paths = []
    for name, path in known:
        inside = cut(path, first, last)
        if inside.values.min() <= 0:
            raise ValueError(f"{name} has a level of {inside.values.min():g}; a return needs levels above 0")
        paths.append(thin(Points(inside.days, inside.values / inside.values[0] - 1)))
    ends = [float(path.values[-1]) for path in paths]
    tones = [style.BUY, style.SELL] if chart.pair else colors(chart.lines)
    figure, tone, note = _spread(chart, ends, tones)

    sheet = Sheet()
    top = f.header(sheet, chart.title, figure, tone)
    f.footer(sheet, chart.small, note)
    low = min(path.values.min() for path in paths)
    high = max(path.values.max() for path in paths)
    labels = [
        (line.name, scales.percent(end), color) for line, end, color in zip(chart.lines, ends, tones, strict=True)
    ]
    stacked = len(paths) == 2
    frame, names = time_plot(
        sheet,
        top,
        paths,
        labels,
        scales.percent_levels,
        chart.marks,
        stacked=stacked,
        strong=0.0,
        values=f.padded(low, high),
    )
    if chart.pair:
        tint(sheet, frame, paths[0], paths[1], *tones)
    width = style.LINE if stacked else style.LINE_SECOND
    for path, color in reversed(list(zip(paths, tones, strict=True))):
        sheet.line(frame.x(path.days), frame.y(path.values), color, width)
    ended = [f.EndLabel(float(frame.y(end)), *label) for end, label in zip(ends, labels, strict=True)]
    f.end_labels(sheet, frame, ended, names, stacked)
    return sheet


def _spread(chart: RebasedChart, ends: Sequence[float], tones: Sequence[str]) -> tuple[str, str, str]:
    """The number, its color, and unless it is a pair, a note that says what it is."""
    if chart.pair:
        gap = ends[0] - ends[1]
        text = scales.points_text(gap)
        even = not any(digit in text for digit in "123456789")
        return text, style.GRAY if even else tones[0] if gap > 0 else tones[1], ""
    best, worst = int(np.argmax(ends)), int(np.argmin(ends))
    text = scales.points_text(ends[best] - ends[worst])
    if best == worst:
        return text, style.GRAY, ""
    return text, tones[best], f"{text}: {chart.lines[best].name} over {chart.lines[worst].name}"


def ratio(chart: RatioChart) -> Sheet:
    """Return a ratio chart, drawn.

    Raises:
        ValueError: The ratio has less than two values or is not above nothing throughout, or the average does not
            reach its last day.
    """
    whole = points(chart.values, chart.name)
    if whole.values.min() <= 0:
        raise ValueError(f"{chart.name} has a value of {whole.values.min():g}; a ratio needs values above 0")
    shown = [whole]
    if chart.average is not None:
        mean = cut(points(chart.average, chart.average_label), whole.days[0], whole.days[-1])
        if len(mean.days) < 2 or mean.days[-1] != whole.days[-1]:
            raise ValueError(
                f"{chart.average_label} does not reach {day(whole.days[-1])}, the last day of {chart.name}"
            )
        shown.append(mean)
    shown = [thin(path) for path in shown]
    ends = [float(path.values[-1]) for path in shown]
    figure, tone, note = _distance(chart, ends[0], ends[1] if len(ends) > 1 else None, float(whole.values[0]))
    words = [(chart.name, tone), (chart.average_label, style.GRAY)]
    labels = [(name, scales.plain(end), color) for (name, color), end in zip(words, ends, strict=False)]

    sheet = Sheet()
    top = f.header(sheet, chart.title, figure, tone)
    f.footer(sheet, chart.small, note)
    low, high = min(path.values.min() for path in shown), max(path.values.max() for path in shown)
    frame, names = time_plot(
        sheet,
        top,
        shown,
        labels,
        scales.plain_levels,
        chart.marks,
        stacked=True,
        strong=None,
        values=f.padded(low, high, least=abs(high) * 0.02),
    )
    if len(shown) > 1:
        tint(sheet, frame, shown[0], shown[1], style.BLUE, style.VERMILION)
        sheet.line(frame.x(shown[1].days), frame.y(shown[1].values), style.GRAY, style.LINE_SECOND)
    sheet.line(frame.x(shown[0].days), frame.y(shown[0].values), tone)
    ended = [f.EndLabel(float(frame.y(end)), *label) for end, label in zip(ends, labels, strict=True)]
    f.end_labels(sheet, frame, ended, names, True)
    return sheet


def _distance(chart: RatioChart, end: float, mean: float | None, start: float) -> tuple[str, str, str]:
    """The number of a ratio chart, its color, and a note that says what it is."""
    change = end / (start if mean is None else mean) - 1
    figure = scales.percent(change)
    even = not any(digit in figure for digit in "123456789")
    tone = style.BLUE if even or change > 0 else style.VERMILION
    if mean is None:
        return figure, tone, f"{figure}: change over the window"
    return figure, tone, f"{figure}: {'at' if even else 'above' if change > 0 else 'below'} the {chart.average_label}"

"""Charts of lines over time: rebased returns, and a ratio with its average."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from thesisvault.charts import frame as f
from thesisvault.charts import marks as m
from thesisvault.charts import scales, style
from thesisvault.charts.series import Points, common, cross, cut, day, points, thin
from thesisvault.charts.sheet import Sheet
from thesisvault.charts.specs import Line, Mark, RatioChart, RebasedChart

_LEVELS_MOST = 7
_KEPT_DAYS = 20
"""For how many days a crossing must have held to be dotted, unless it is the last."""


def colors(lines: Sequence[Line]) -> list[str]:
    """Return one color per line, all different: blue for the first buy, vermilion the first sell, gray the context."""
    taken: dict[int, str] = {}
    for side, color in (("buy", style.BUY), ("sell", style.SELL), ("context", style.GRAY)):
        first = next((i for i, line in enumerate(lines) if line.side == side), None)
        if first is not None:
            taken[first] = color
    free = iter([color for color in style.PALETTE if color not in taken.values()])
    return [taken[i] if i in taken else next(free) for i in range(len(lines))]


def tint(sheet: Sheet, frame: f.Frame, over: Points, under: Points, above: str, below: str) -> None:
    """Fill the gap between two lines: in one color where the first is above, in the other where it is below."""
    days, a, b = cross(over, under)
    xs, first, second = frame.x(days), frame.y(a), frame.y(b)
    top = np.where(a > b, first, second)
    for is_there, other, color in ((a > b, second, above), (b > a, first, below)):
        sheet.between(xs, top, other, is_there, color, style.TINT)


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
        paths.append(thin(Points(inside.days, inside.values / inside.values[0])))
    ends = [float(path.values[-1]) for path in paths]
    tones = [style.BUY, style.SELL] if chart.pair else colors(chart.lines)

    sheet = Sheet()
    low, high = min(path.values.min() for path in paths), max(path.values.max() for path in paths)
    log = scales.is_wide(low, high)
    top = f.header(sheet, chart.title, _said(chart.subtitle, log))
    f.footer(sheet, chart.small)
    values = f.padded_log(low, high) if log else f.padded(low, high)
    if log:
        ticks = scales.log_levels(*values)
        texts = [scales.percent_levels(1.0)(tick - 1) if tick >= 1 else _returned(tick) for tick in ticks]
    else:
        # Levels of a return are round, those of what it was made of are one more.
        returns, step = scales.levels(values[0] - 1, values[1] - 1, _LEVELS_MOST)
        ticks, texts = [1 + each for each in returns], [scales.percent_levels(step)(each) for each in returns]
    frame, placed = _plot(sheet, top, (first, last), values, ticks, texts, paths, chart.marks, log=log)
    f.draw_levels(sheet, frame, ticks, texts, 1.0)
    f.date_axis(sheet, frame)
    if chart.pair:
        tint(sheet, frame, paths[0], paths[1], *tones)
    width = style.LINE if chart.pair else style.LINE_SECOND
    for path, color in reversed(list(zip(paths, tones, strict=True))):
        sheet.line(frame.x(path.days), frame.y(path.values), color, width)
    m.draw(sheet, frame, placed, paths if len(paths) == 2 else ())
    labels = [
        f.EndLabel(float(frame.y(end)), line.name, scales.percent(end - 1), tone)
        for line, end, tone in zip(chart.lines, ends, tones, strict=True)
    ]
    f.end_labels(sheet, frame, labels, ("Spread", scales.points_text(ends[0] - ends[1])) if chart.pair else ())
    return sheet


def _said(subtitle: str, log: bool) -> str:
    return ", ".join(filter(None, (subtitle, "log scale" if log else "")))


def _returned(level: float) -> str:
    """Return the loss that a level below 1 stands for, with the decimals that tell it from its neighbors."""
    decimals = 0 if level >= 0.25 else 1
    return scales.percent(level - 1, decimals)[:-1]


def _plot(
    sheet: Sheet,
    top: float,
    across: tuple[float, float],
    values: tuple[float, float],
    ticks: Sequence[float],
    texts: Sequence[str],
    lines: Sequence[Points],
    marks: Sequence[Mark],
    *,
    log: bool,
) -> tuple[f.Frame, list[m.Placed]]:
    """Return the plot of lines over time and where the words of its marks stand."""
    left = f.left_of(sheet, texts)
    frame = f.Frame(left, style.FLOOR, style.RIGHT, top - 30, across[0], values[0], across[1], values[1], log)
    return m.plan(sheet, frame, marks, lines, [float(frame.y(tick)) for tick in ticks])


def ratio(chart: RatioChart) -> Sheet:
    """Return a ratio chart, drawn.

    Raises:
        ValueError: The ratio has less than two values or is not above nothing throughout, or the average does not
            reach its last day.
    """
    whole = points(chart.values, chart.name)
    if whole.values.min() <= 0:
        raise ValueError(f"{chart.name} has a value of {whole.values.min():g}; a ratio needs values above 0")
    shown, turns = [whole], []
    if chart.average is not None:
        mean = cut(points(chart.average, chart.average_label), whole.days[0], whole.days[-1])
        if len(mean.days) < 2 or mean.days[-1] != whole.days[-1]:
            raise ValueError(
                f"{chart.average_label} does not reach {day(whole.days[-1])}, the last day of {chart.name}"
            )
        shown.append(mean)
        turns = crossings(whole, mean)
    shown = [thin(path) for path in shown]
    ends = [float(path.values[-1]) for path in shown]
    low, high = min(path.values.min() for path in shown), max(path.values.max() for path in shown)
    log = scales.is_wide(low, high)

    sheet = Sheet()
    top = f.header(sheet, chart.title, _said(chart.subtitle, log))
    f.footer(sheet, chart.small)
    values = f.padded_log(low, high) if log else f.padded(low, high, least=abs(high) * 0.02)
    ticks, step = (scales.log_levels(*values), 0.0) if log else scales.levels(*values, _LEVELS_MOST)
    texts = [scales.plain(tick) for tick in ticks] if log else [scales.plain_levels(step)(tick) for tick in ticks]
    above = len(ends) > 1 and ends[0] >= ends[1]
    last = (Mark(day(turns[-1]), f"{'Above' if above else 'Below'} trend since"),) if turns else ()
    across = (whole.days[0], whole.days[-1])
    frame, placed = _plot(sheet, top, across, values, ticks, texts, shown, (*chart.marks, *last), log=log)
    f.draw_levels(sheet, frame, ticks, texts, None)
    f.date_axis(sheet, frame)
    labels = [f.EndLabel(float(frame.y(ends[0])), chart.name, scales.plain(ends[0]), style.BLUE)]
    between: tuple[str, ...] = ()
    if len(shown) > 1:
        tint(sheet, frame, shown[0], shown[1], style.BLUE, style.VERMILION)
        sheet.line(frame.x(shown[1].days), frame.y(shown[1].values), style.GRAY, style.LINE_SECOND)
        labels.append(f.EndLabel(float(frame.y(ends[1])), chart.average_label, "", style.GRAY))
        between = distance_rows(ends[0] / ends[1] - 1)
    sheet.line(frame.x(shown[0].days), frame.y(shown[0].values), style.BLUE)
    for turn in turns:
        sheet.dot(float(frame.x(turn)), float(frame.y(float(np.interp(turn, *shown[-1])))), style.SPOT, style.INK)
    m.draw(sheet, frame, placed, shown[:1])
    f.end_labels(sheet, frame, labels, between)
    return sheet


def crossings(line: Points, mean: Points) -> list[float]:
    """Return the days on which a line went through its average and stayed for weeks, and the last in any case."""
    days, a, b = (np.asarray(each) for each in _together(line, mean))
    side = np.sign(a - b)
    days, side = days[side != 0], side[side != 0]
    turns = days[1:][side[1:] != side[:-1]].tolist()
    kept = [turn for turn, after in pairwise(turns) if after - turn >= _KEPT_DAYS]
    return [*kept, *turns[-1:]]


def _together(a: Points, b: Points) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The days that two lines share, and the values of both."""
    days, first, second = np.intersect1d(a.days, b.days, assume_unique=True, return_indices=True)
    return days, a.values[first], b.values[second]


def distance_rows(distance: float) -> tuple[str, str]:
    """Return how far a ratio is from its average, on two rows.

    >>> distance_rows(0.6), distance_rows(-0.0123), distance_rows(0.0001)
    (('60% above', 'trend'), ('1.2% below', 'trend'), ('At', 'trend'))
    """
    figure = scales.percent(abs(distance), 0 if abs(distance) >= 0.0995 else 1, sign=False)
    if not any(digit in figure for digit in "123456789"):
        return "At", "trend"
    return f"{figure} {'above' if distance > 0 else 'below'}", "trend"

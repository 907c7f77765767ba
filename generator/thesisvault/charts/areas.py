"""Charts of filled areas over time: drawdowns, and breadth with the index above it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from thesisvault.charts import frame as f
from thesisvault.charts import scales, style
from thesisvault.charts.lines import colors, time_plot, tint
from thesisvault.charts.series import Points, cross, cut, day, points, thin
from thesisvault.charts.sheet import Sheet
from thesisvault.charts.specs import BreadthChart, DrawdownChart

if TYPE_CHECKING:
    import pandas as pd

PANEL = 0.36
"""Share of a breadth chart's height that the index above it takes."""


def drawdown(chart: DrawdownChart) -> Sheet:
    """Return a drawdown chart, drawn.

    Raises:
        ValueError: A line has less than two values, or one above 0.
    """
    paths = []
    for line in chart.lines:
        path = points(line.values, line.name)
        if path.values.max() > 1e-9:
            raise ValueError(f"{line.name} has a drawdown of {path.values.max():+.4g}; drawdowns are at most 0")
        paths.append(thin(path))
    tones = colors(chart.lines)
    depths = [float(path.values.min()) for path in paths]
    deepest = int(np.argmin(depths))
    trough = day(paths[deepest].days[int(paths[deepest].values.argmin())])

    sheet = Sheet()
    figure = scales.percent(depths[deepest])
    note = f"{figure}: deepest, {chart.lines[deepest].name} on {trough}" if depths[deepest] < 0 else ""
    top = f.header(sheet, chart.title, figure, tones[deepest] if depths[deepest] < 0 else style.GRAY)
    f.footer(sheet, chart.small, note)
    ends = [float(path.values[-1]) for path in paths]
    labels = [(line.name, scales.percent(end), tone) for line, end, tone in zip(chart.lines, ends, tones, strict=True)]
    stacked = len(paths) <= 2
    low = min(*depths, -0.01)
    frame, names = time_plot(
        sheet, top, paths, labels, scales.percent_levels, stacked=stacked, strong=0.0, values=(low * 1.06, -low * 0.015)
    )
    # Only the deepest is filled: overlapping tints would mix into a third color.
    worst = paths[deepest]
    xs, zero = frame.x(worst.days), float(frame.y(0.0))
    around = np.concatenate(([xs[0]], xs, [xs[-1]]))
    sheet.fill(around, np.concatenate(([zero], frame.y(worst.values), [zero])), tones[deepest], style.TINT)
    for path, tone in reversed(list(zip(paths, tones, strict=True))):
        sheet.line(frame.x(path.days), frame.y(path.values), tone, style.LINE_SECOND)
    f.end_labels(
        sheet,
        frame,
        [f.EndLabel(float(frame.y(end)), *label) for end, label in zip(ends, labels, strict=True)],
        names,
        stacked,
    )
    return sheet


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
    top = f.header(sheet, chart.title, scales.percent(end, 0, sign=False), tone)
    f.footer(sheet, chart.small, f"blue above {scales.percent(chart.level, 0, sign=False)}, orange below")
    right, floor, ceiling = sheet.width - style.MARGIN - 12, style.FLOOR, top - 22
    if chart.line is not None:
        right = _index(sheet, chart.line, path, ceiling)
        ceiling = floor + (ceiling - floor) * (1 - PANEL) - 20
    frame = f.plot(
        sheet,
        (floor, right, ceiling),
        (path.days[0], path.days[-1]),
        (0.0, 1.0),
        lambda _: lambda level: scales.percent(level, 0, sign=False),
        most=5 if chart.line is None else 3,
    )
    f.date_axis(sheet, frame)
    level = Points(path.days[[0, -1]], np.full(2, chart.level))
    tint(sheet, frame, path, level, style.BLUE, style.VERMILION)
    y = float(frame.y(chart.level))
    sheet.rule(frame.left, y, frame.right, y)
    _two_tone(sheet, frame, path, level)
    sheet.dot(frame.right, float(frame.y(end)), style.DOT, tone)
    return sheet


def _index(sheet: Sheet, line: pd.Series, share: Points, top: float) -> float:
    """Draw the index in a panel above the share, on the same days; return the right edge of both."""
    name = "index" if line.name is None else str(line.name)
    index = cut(points(line, name), share.days[0], share.days[-1])
    if len(index.days) < 2:
        raise ValueError(f"{name} has no values in the window of the share")
    gain = scales.percent(float(index.values[-1] / index.values[0] - 1))
    room, names = f.label_room(sheet, [f.EndLabel(0.0, name, gain, style.GRAY)], True)
    right = sheet.width - style.MARGIN - room - f.label_gap(True)
    left = style.MARGIN + sheet.width_of("100%", style.AXIS) + 16
    low, high = f.padded(float(index.values.min()), float(index.values.max()), least=float(index.values.max()) * 0.01)
    bottom = style.FLOOR + (top - style.FLOOR) * (1 - PANEL) + 20
    panel = f.Frame(left, bottom, right, top, share.days[0], low, share.days[-1], high)
    slim = thin(index)
    sheet.line(panel.x(slim.days), panel.y(slim.values), style.GRAY, style.LINE_SECOND)
    ended = f.EndLabel(float(panel.y(slim.values[-1])), name, gain, style.GRAY)
    f.end_labels(sheet, panel, [ended], names, True)
    return right


def _two_tone(sheet: Sheet, frame: f.Frame, path: Points, level: Points) -> None:
    """Draw a line in blue where it is above a level and in vermilion where it is below."""
    days, values, rest = cross(path, level)
    above = (values[:-1] + values[1:]) >= (rest[:-1] + rest[1:])
    turns = np.concatenate(([0], np.flatnonzero(np.diff(above)) + 1, [len(above)]))
    xs, ys = frame.x(days), frame.y(values)
    for start, stop in pairwise(turns.tolist()):
        color = style.BLUE if above[start] else style.VERMILION
        sheet.line(xs[start : stop + 1], ys[start : stop + 1], color, style.LINE_SECOND)

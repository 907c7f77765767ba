"""One chart of every kind, from numbers that are always the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from tests.unit.analytics.frames import numbers
from thesisvault.charts import specs
from thesisvault.charts.sheet import Sheet

AS_OF = dt.date(2026, 2, 27)
SMALL = "total return · to 2026-02-27"


def series(values: Sequence[float], freq: str = "B") -> pd.Series:
    return pd.Series(values, index=pd.date_range("2025-09-01", periods=len(values), freq=freq), dtype="float64")


def walk(count: int, seed: int) -> pd.Series:
    return series(list(100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.015, count)))))


def values(of: pd.Series, name: str = "") -> specs.Values:
    return specs.Values(name, numbers(of.index), of.to_numpy(dtype="float64"))


def a_line(name: str, of: pd.Series, side: specs.Side = "") -> specs.Line:
    return specs.Line(name, values(of), side)


def a_ratio(title: str, of: pd.Series, average: pd.Series | None, *words: str, **named: object) -> specs.RatioChart:
    return specs.RatioChart(title, values(of), None if average is None else values(average), *words, **named)


def a_breadth(
    title: str, share: pd.Series, small: str, level: float = 0.5, index: pd.Series | None = None
) -> specs.BreadthChart:
    return specs.BreadthChart(title, values(share), small, level, None if index is None else a_line("index", index))


def a_tail(name: str, x: pd.Series, y: pd.Series) -> specs.Tail:
    return specs.Tail(name, values(x), values(y))


def pair(**changes: object) -> specs.RebasedChart:
    lines = (a_line("XLE", walk(90, 1)), a_line("IGV", walk(90, 2)))
    fields = {"title": "Energy against software", "lines": lines, "small": SMALL, "pair": True} | changes
    return specs.RebasedChart(**fields)


def samples() -> dict[str, specs.Chart]:
    ratio, many = walk(400, 3), tuple(a_line(f"N{i}", walk(60, i)) for i in range(8))
    noise = np.random.default_rng(5)
    drops = tuple(a_line(name, walk(300, i) / walk(300, i).cummax() - 1) for i, name in enumerate("AB"))
    marks = (specs.Mark(dt.date(2025, 10, 1), "first"), specs.Mark(dt.date(2025, 10, 2), "second"))
    return {
        "pair": pair(marks=marks),
        "eight": specs.RebasedChart("Eight lines with a title that needs more than one row to be said", many, SMALL),
        "ratio": a_ratio("Ratio", ratio, ratio.rolling(50).mean(), "50-day average", "A / B", SMALL),
        "drawdown": specs.DrawdownChart("Drawdown", drops, SMALL),
        "annual": specs.AnnualBarsChart("Years", ("2024", "2025"), (("A", (0.1, -0.2)), ("B", (None, 2.5))), SMALL),
        "breadth": a_breadth("Breadth", series(list(noise.uniform(0, 1, 90))), SMALL, 0.5, walk(90, 4)),
        "flows": specs.FlowBarsChart("Flows", ("Dec", "Jan", "Feb"), (10, -1, 38), "USD m", SMALL),
        "heatmap": specs.HeatmapChart("Correlation", tuple("ABCDE"), np.corrcoef(noise.normal(size=(5, 40))), SMALL),
        "rotation": specs.RotationChart("Rotation", tuple(tail(f"Name {i}", i) for i in range(11)), SMALL),
    }


def tail(name: str, seed: int, spread: float = 1.0) -> specs.Tail:
    steps = np.random.default_rng(seed).normal(0, spread, (2, 8))
    return a_tail(name, series(list(100 + steps[0]), "W"), series(list(100 + steps[1]), "W"))


def trouble(sheet: Sheet) -> Iterator[str]:
    """Words that touch each other or leave the picture."""
    for text, box in sheet.boxes:
        if box.x0 < 0 or box.y0 < 0 or box.x1 > sheet.width or box.y1 > sheet.height:
            yield f"{text!r} leaves the picture: {box}"
    for (one, a), (other, b) in combinations(sheet.boxes, 2):
        if a.overlaps(b, -1.0):
            yield f"{one!r} and {other!r} overlap: {a} {b}"

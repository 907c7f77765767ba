"""The charts of past rotations beside their table, from the repository's own definitions and the real prices."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.facts.conftest import Facts
from thesisvault.blocks.episodes import EpisodesBlock
from thesisvault.charts.specs import RebasedChart

SHOWN = {
    "chart-sector-rotation-episode-dot-com-2000-02.png": 0.722,
    "chart-sector-rotation-episode-trump-reflation-2016.png": 0.129,
}
"""Two whose charts once showed other sides than the table, with the spread of the table."""


def test_each_chart_ends_at_the_spread_of_the_table(facts: Facts, by_hand: Callable[[str], dict[str, float]]) -> None:
    filled = EpisodesBlock().fill(facts.context("sector-rotation", "2026-02-27"))
    table = filled.parts["table"]
    known = [row[2][0].number.value for row in table.rows if hasattr(row[2][0], "number")]  # type: ignore[union-attr, attr-defined]
    assert len(known) == len(filled.charts) == 7
    for request, spread in zip(filled.charts, known, strict=True):
        chart = request.chart
        assert isinstance(chart, RebasedChart)
        assert chart.pair
        buy, sell = (line.values.values[-1] / line.values.values[0] for line in chart.lines)
        assert buy - sell == pytest.approx(spread, abs=1e-9), request.file
        assert spread == pytest.approx(SHOWN.get(request.file, spread), abs=5e-4)
    qqq = by_hand("prices/QQQ")
    sold = qqq["2002-10-09"] / qqq["2000-03-24"]
    dot_com = next(each.chart for each in filled.charts if "dot-com" in each.file)
    levels = dot_com.lines[1].values.values  # type: ignore[union-attr]
    assert levels[-1] / levels[0] == pytest.approx(sold)

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.unit.charts.samples import AS_OF, SMALL, a_breadth, a_line, a_ratio, a_tail, pair, series, walk
from thesisvault.charts import specs
from thesisvault.charts.draw import draw, sheet
from thesisvault.charts.lines import colors

EMPTY = pd.Series(dtype="float64", index=pd.DatetimeIndex([]))


@pytest.mark.parametrize("count", range(2, 9))
def test_two_to_eight_lines_are_drawn_in_colors_of_their_own(count):
    lines = tuple(a_line(f"L{i}", walk(20, i), "buy" if i % 2 else "sell") for i in range(count))
    assert draw(specs.RebasedChart("Lines", lines, SMALL), recipe="", as_of=AS_OF).startswith(b"\x89PNG")
    assert len(set(colors(lines))) == count


@pytest.mark.parametrize("count", [0, 1, 9, 20])
def test_any_other_number_of_lines_is_refused(count):
    with pytest.raises(ValueError, match=f"{count} lines given; this chart draws 2 to 8"):
        specs.RebasedChart("Lines", tuple(a_line("L", walk(9, i)) for i in range(count)), SMALL)


def test_a_pair_of_three_is_refused():
    with pytest.raises(ValueError, match="a pair has 2 lines"):
        pair(lines=tuple(a_line("L", walk(9, i)) for i in range(3)))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (EMPTY, "XLE has 0 values in this window; a chart needs at least 2"),
        (series([np.nan, 1.0, np.nan]), "XLE has 1 value"),
        (series([1.0, np.inf]), "XLE has an infinite value on 2025-09-02"),
        (series([1.0, 0.0, 2.0]), "XLE has a level of 0; a return needs levels above 0"),
        (series([1.0, 2.0, 3.0])[::-1], "the days of XLE do not ascend"),
    ],
)
def test_lines_that_cannot_be_drawn_say_why(values, reason):
    with pytest.raises(ValueError, match=reason):
        sheet(pair(lines=(a_line("XLE", values), a_line("IGV", walk(9, 1)))))


def test_lines_without_common_sessions_say_so():
    late = walk(9, 1).shift(900, freq="D")
    with pytest.raises(ValueError, match="XLE, IGV have 0 sessions in common"):
        sheet(pair(lines=(a_line("XLE", walk(9, 1)), a_line("IGV", late))))


@pytest.mark.parametrize(
    ("chart", "reason"),
    [
        (a_ratio("R", EMPTY, None, "", "A / B", SMALL), "A / B has 0 values"),
        (a_ratio("R", series([1, -1]), None, "", "A / B", SMALL), "a ratio needs values above 0"),
        (a_ratio("R", walk(9, 1), walk(8, 1), "mean", "A / B", SMALL), "mean does not reach 2025-09-11"),
        (specs.DrawdownChart("D", (a_line("A", series([0, 0.1])),), SMALL), r"A has a drawdown of \+0.1"),
        (specs.AnnualBarsChart("A", ("2025",), (("A", (None,)),), SMALL), "none of the bars has a value"),
        (specs.AnnualBarsChart("A", ("2025",), (("A", (float("nan"),)),), SMALL), "A has the value nan"),
        (specs.FlowBarsChart("F", ("Feb",), (None,), "USD", SMALL), "none of the flows has a value"),
        (a_breadth("B", series([0.1, 1.1]), SMALL), "the share reaches from 0.1 to 1.1"),
        (a_breadth("B", walk(9, 1) / 1000, SMALL, 0.5, EMPTY), "index has 0 values"),
        (specs.HeatmapChart("H", ("A", "B"), np.full((2, 2), np.nan), SMALL), "the matrix has no values"),
        (specs.HeatmapChart("H", ("A", "B"), np.full((2, 2), 7.0), SMALL), "the matrix reaches 7"),
        (specs.HeatmapChart("H", ("A", "B"), np.array([[1, 0.5], [0.2, 1]]), SMALL), "the matrix is not symmetric"),
        (specs.HeatmapChart("H", ("A", "B"), np.array([[1, np.nan], [np.nan, 1]]), SMALL), "no values beside"),
        (specs.RotationChart("R", (a_tail("A", EMPTY, EMPTY),), SMALL), "A has 0 values"),
    ],
    ids=range(14),
)
def test_data_that_cannot_be_drawn_say_why(chart, reason):
    with pytest.raises(ValueError, match=reason):
        sheet(chart)


@pytest.mark.parametrize(
    "make",
    [
        lambda: specs.AnnualBarsChart("A", ("2024", "2025"), (("A", (1.0,)),), SMALL),
        lambda: specs.FlowBarsChart("F", ("Feb",), (), "USD", SMALL),
        lambda: specs.HeatmapChart("H", ("A", "B"), np.zeros((3, 3)), SMALL),
        lambda: specs.RotationChart("R", (), SMALL),
        lambda: specs.DrawdownChart("D", (), SMALL),
        lambda: a_breadth("B", EMPTY, SMALL, 1.5),
    ],
    ids=["annual", "flows", "heatmap", "rotation", "drawdown", "breadth"],
)
def test_shapes_that_do_not_fit_are_refused(make):
    with pytest.raises(ValueError, match=r"give|given|needs|lies"):
        make()


def test_a_line_that_begins_late_is_compared_from_where_all_have_a_value():
    early, late = series([1, 2, 4, 8]), series([np.nan, 5, 5, 10])
    words = {text for text, _ in sheet(pair(lines=(a_line("A", early), a_line("B", late)))).boxes}
    assert {"+300.0%", "+100.0%", "+200.0pp"} <= words


@pytest.mark.parametrize(("buy", "sell", "number"), [(1.2, 1.0, "+20.0pp"), (1.0, 1.2, "−20.0pp"), (1.0, 1.0, "0.0pp")])
def test_the_number_of_a_pair_is_what_is_bought_less_what_is_sold(buy, sell, number):
    lines = (a_line("A", series([1, buy])), a_line("B", series([1, sell])))
    assert number in {text for text, _ in sheet(pair(lines=lines)).boxes}


@pytest.mark.parametrize("count", [2, 60])
def test_a_missing_value_is_named_however_narrow_the_bars(count):
    labels = tuple(f"day {i}" for i in range(count))
    flows = specs.FlowBarsChart("F", labels, (None, *[1.5] * (count - 1)), "USD", SMALL)
    years = specs.AnnualBarsChart(
        "A", ("2024",), tuple((f"Number {i}", (None if i else 0.1,)) for i in range(8)), SMALL
    )
    for chart in (flows, years):
        assert any("n/a" in text for text, _ in sheet(chart).boxes)

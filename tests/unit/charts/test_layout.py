from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.analytics.frames import rotation_tails
from tests.unit.charts.samples import SMALL, a_line, a_ratio, a_tail, pair, samples, series, tail, trouble, walk
from thesisvault.charts import frame, specs, style
from thesisvault.charts.draw import sheet
from thesisvault.charts.heatmap import clustered
from thesisvault.charts.lines import crossings
from thesisvault.charts.rotation import movers
from thesisvault.charts.series import Points

ENDS = st.floats(min_value=0.01, max_value=30)
NAMES = st.text(st.characters(codec="utf-8"), max_size=40)
SECTORS = {
    "XLE": "Energy", "XLB": "Materials", "XLI": "Industrials", "XLP": "Staples", "XLU": "Utilities",
    "XLRE": "Real estate", "XLF": "Financials", "XLC": "Communication", "XLV": "Health care",
    "XLY": "Discretionary", "XLK": "Technology",
}  # fmt: skip


@pytest.mark.parametrize("kind", samples())
def test_no_word_touches_another_or_leaves_the_picture(kind):
    drawn = sheet(samples()[kind])
    assert not list(trouble(drawn))
    assert len(drawn.boxes) > 3


@settings(max_examples=25)
@given(st.lists(st.tuples(ENDS, ENDS), min_size=2, max_size=8), NAMES, NAMES)
def test_end_labels_stay_apart_wherever_lines_end(ends, title, name):
    lines = tuple(a_line(f"{name}{i}", series([1, middle, end])) for i, (middle, end) in enumerate(ends))
    assert not list(trouble(sheet(specs.RebasedChart(title, lines, SMALL))))


@settings(max_examples=15)
@given(ENDS, ENDS, NAMES, NAMES, st.lists(st.integers(0, 100), max_size=8), NAMES)
def test_a_pair_with_marks_keeps_its_words_apart(buy, sell, title, name, days, label):
    lines = (a_line(name, series([1.0] * 60 + [buy])), a_line("IGV", series([1.0] * 60 + [sell])))
    marks = tuple(specs.Mark((pd.Timestamp("2025-09-01") + pd.Timedelta(days=d)).date(), label) for d in days)
    assert not list(trouble(sheet(pair(title=title, lines=lines, marks=marks))))


@settings(max_examples=15)
@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=60), NAMES)
@example(values=[None, -1.0, 0.0], label="")
@example(values=[5e-324], label="")
def test_bars_keep_their_words_apart(values, label):
    if all(value is None for value in values):
        values[0] = 1.0
    labels = tuple(f"{label}{i}" for i in range(len(values)))
    assert not list(trouble(sheet(specs.FlowBarsChart(label, labels, tuple(values), "USD m", SMALL))))


def words_of(chart):
    return dict(sheet(chart).boxes)


def frames_of(chart, monkeypatch):
    """Left and right edges of the plots that a chart draws."""
    found = []
    plain = frame.draw_levels

    def noted(sheet_, plot, *rest):
        found.append((plot.left, plot.right))
        plain(sheet_, plot, *rest)

    monkeypatch.setattr(frame, "draw_levels", noted)
    sheet(chart)
    return found


def test_charts_over_time_share_their_edges_whatever_their_names_and_levels(monkeypatch):
    lines = tuple(a_line(name, walk(90, i)) for i, name in enumerate(("A", "A very long name for a line")))
    wide = (a_line("A", series([1, 9, 3])), a_line("B", series([1, 1, 2])))
    charts = [samples()[kind] for kind in ("pair", "eight", "ratio", "drawdown", "breadth")]
    charts += [
        pair(lines=lines),
        pair(lines=wide, title="Another title, of two rows at this size and with these words"),
    ]
    edges = {edge for chart in charts for edge in frames_of(chart, monkeypatch)}
    assert edges == {(style.LEFT, style.RIGHT)}


def test_the_spread_stands_between_the_ends_and_is_named():
    words = words_of(pair(lines=(a_line("Up", series([1, 1.3])), a_line("Down", series([1, 0.8])))))
    assert words["Down"].y1 < words["+50.0pp"].y0 < words["Spread"].y0 < words["Up"].y0
    words = words_of(pair(lines=(a_line("Up", series([1, 0.8])), a_line("Down", series([1, 1.3])))))
    assert words["Up"].y1 < words["−50.0pp"].y0 < words["Spread"].y0 < words["Down"].y0


@pytest.mark.parametrize(("top", "is_log"), [(2.9, False), (3.1, True)])
def test_a_range_of_more_than_three_to_one_has_a_log_scale_and_says_so(top, is_log):
    lines = (a_line("A", series([1, top])), a_line("B", series([1, 1.1])))
    words = words_of(pair(lines=lines, subtitle="Total return, %"))
    assert ("Total return, %, log scale" in words) is is_log
    ratio = words_of(a_ratio("R", series([1, top]), None, "", "A / B", SMALL, subtitle="Ratio"))
    assert ("Ratio, log scale" in ratio) is is_log
    if is_log:
        heights = {text: words[text].y0 for text in ("0", "+50", "+100", "+200")}
        assert heights["+200"] - heights["+50"] == pytest.approx(heights["+100"] - heights["0"], abs=2)


def test_a_ratio_says_how_far_it_is_from_its_trend_and_since_when():
    ratio, mean = series([1.0] * 30 + [2.0] * 30), series([1.5] * 60)
    words = words_of(a_ratio("R", ratio, mean, "50-day average", "A / B", SMALL))
    assert {"33% above", "trend", "Above trend since", "13 Oct"} <= set(words)
    words = words_of(a_ratio("R", ratio[::-1].set_axis(ratio.index), mean, "mean", "A / B", SMALL))
    assert {"33% below", "Below trend since"} <= set(words)


def test_crossings_that_did_not_last_are_left_out_except_the_last():
    days = np.arange(100.0)
    side = np.where((days > 50) | (days == 10) | (days == 98), 1.0, -1.0)
    side[98] = -1.0
    assert crossings(Points(days, side), Points(days, np.zeros(100))) == [11.0, 51.0, 99.0]


def test_marks_carry_word_and_date_beside_their_rule_and_leave_the_lines_free():
    line = series([1 + 0.01 * i for i in range(60)])
    lines = (a_line("A", line), a_line("B", line * 0 + 1))
    words = words_of(pair(lines=lines, marks=(specs.Mark(line.index[30].date(), "Thesis opened"),)))
    assert {"Thesis opened", "13 Oct"} <= set(words)
    assert words["Thesis opened"].x0 > style.LEFT
    before = pair(lines=lines, marks=(specs.Mark(line.index[0].date(), "Thesis opened"),))
    assert "Thesis opened" not in words_of(before)


def test_lows_carry_month_and_depth():
    fallen = series([0, -0.1, -0.5, -0.2, 0, -0.05, 0, -0.3, -0.1, 0] * 9, "W")
    words = words_of(specs.DrawdownChart("D", (a_line("A", fallen), a_line("B", fallen / 2)), SMALL))
    assert "−50%" in words
    assert "−5%" not in words


def test_bars_are_rounded_alike_and_named_in_their_order():
    groups = (("Low", (0.066, -0.026)), ("High", (0.47, 0.02)))
    drawn = sheet(specs.AnnualBarsChart("Years", ("2024", "2025"), groups, SMALL)).boxes
    texts = [text for text, _ in drawn]
    assert {"+7", "−3", "+47", "+2"} <= set(texts)
    assert texts.index("Low") < texts.index("High")
    small = words_of(specs.AnnualBarsChart("Years", ("2024",), (("A", (0.066,)),), SMALL))
    assert "+6.6" in small


def test_what_moves_alike_stands_together_in_a_heat_map():
    alike = np.array([[1, 0.1, 0.9, 0.0], [0.1, 1, 0.2, 0.8], [0.9, 0.2, 1, 0.1], [0.0, 0.8, 0.1, 1]])
    order = clustered(alike)
    assert {tuple(sorted(order[:2])), tuple(sorted(order[2:]))} == {(0, 2), (1, 3)}
    words = words_of(specs.HeatmapChart("H", tuple("ABCD"), alike, SMALL))
    assert {"−1", "0", "+1", "0.90", "0.80"} <= set(words)
    heights = [words[name].y1 - words[name].y0 for name in "ABCD"]
    assert max(heights) < 40


def test_those_that_moved_most_have_color_and_a_tail():
    still = [tail(f"Still {i}", i, 0.01) for i in range(5)]
    moved = [tail(f"Moved {i}", i, 2.0) for i in range(4)]
    chart = specs.RotationChart("R", (*still, *moved), SMALL)
    paths = [np.column_stack((each.x.values, each.y.values)) for each in chart.tails]
    assert movers(paths) == [5, 6, 7, 8]
    assert {"Ahead and gaining", "Behind and slipping"} <= set(words_of(chart))


def test_the_real_sectors_keep_their_names_apart(market_folder):
    def prices(ticker):
        frame = pd.read_csv(market_folder / "prices" / f"{ticker}.csv", parse_dates=["Date"], index_col="Date")
        return frame["Close"]["2024-02-27":"2026-02-27"]

    levels = pd.DataFrame({name: prices(ticker) for ticker, name in SECTORS.items()})
    tails = rotation_tails(levels, prices("SPY"), 4)
    chart = specs.RotationChart("Sectors", tuple(a_tail(n, f.iloc[:, 0], f.iloc[:, 1]) for n, f in tails.items()), "")
    drawn = sheet(chart)
    assert not list(trouble(drawn))
    assert set(SECTORS.values()) <= {text for text, _ in drawn.boxes}


def test_the_axes_of_a_rotation_carry_figures_where_they_stand():
    around = np.linspace(0, 6, 12)
    path = a_tail("One", series(list(100 + 5 * np.cos(around))), series(list(100 + 2 * np.sin(around))))
    drawn = sheet(specs.RotationChart("Round", (path,), SMALL, "This", "That"))
    assert {"This \N{RIGHTWARDS ARROW}", "\N{UPWARDS ARROW} That"} <= {text for text, _ in drawn.boxes}
    figures = [(float(text), box) for text, box in drawn.boxes if text.replace(".", "").isdigit()]
    across = sorted((value, box.x0 + box.x1) for value, box in figures if box.y1 < style.FLOOR + 30)
    up = sorted((value, box.y0 + box.y1) for value, box in figures if box.y0 > style.FLOOR + 30 and box.x1 < 130)
    for axis in (across, up):
        assert len(axis) >= 3
        assert 100.0 in [value for value, _ in axis]
        # Equal steps stand equally far apart.
        gaps = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(axis)]
        assert max(gaps) - min(gaps) < 0.02 * max(gaps)


@pytest.mark.parametrize("seed", range(3))
def test_sixteen_heads_on_one_spot_keep_their_names_apart(seed):
    tails = tuple(tail(f"Number {i}", 16 * seed + i, 1e-9) for i in range(16))
    # A far tail sets the scale, so that all others are one spot.
    drawn = sheet(specs.RotationChart("Crowd", (*tails[:15], tail("Far", seed, 3.0)), SMALL))
    assert not list(trouble(drawn))


@pytest.mark.parametrize("kind", samples())
def test_every_word_can_be_read_on_a_phone(kind):
    drawn = sheet(samples()[kind])
    heights = [min(box.x1 - box.x0, box.y1 - box.y0) for text, box in drawn.boxes if len(text) > 1]
    assert min(heights) >= 29 * 0.9


def test_at_most_five_dates_and_five_levels_are_written():
    for sessions in (2, 3, 20, 60, 90, 130, 260, 700, 1300, 6500):
        lines = tuple(a_line(f"L{i}", series(list(np.linspace(1, 1 + i, sessions)))) for i in (1, 2))
        words = [(text, box) for text, box in sheet(pair(lines=lines, title="", small="")).boxes]
        dates = [text for text, box in words if box.y1 < style.FLOOR - 10]
        levels = [text for text, box in words if box.x1 < 200 and box.y0 > style.FLOOR - 20]
        assert 1 <= len(dates) <= 5, (sessions, dates)
        assert 2 <= len(levels) <= 5, (sessions, levels)

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.charts.samples import SMALL, pair, samples, series, tail, trouble
from thesisvault.analytics.rotation import rotation_tails
from thesisvault.charts import specs, style
from thesisvault.charts.draw import sheet

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
    lines = tuple(specs.Line(f"{name}{i}", series([1, middle, end])) for i, (middle, end) in enumerate(ends))
    assert not list(trouble(sheet(specs.RebasedChart(title, lines, SMALL))))


@settings(max_examples=15)
@given(ENDS, ENDS, NAMES, NAMES, st.lists(st.integers(0, 100), max_size=8), NAMES)
def test_a_pair_with_marks_keeps_its_words_apart(buy, sell, title, name, days, label):
    lines = (specs.Line(name, series([1.0] * 60 + [buy])), specs.Line("IGV", series([1.0] * 60 + [sell])))
    marks = tuple(specs.Mark((pd.Timestamp("2025-09-01") + pd.Timedelta(days=d)).date(), label) for d in days)
    assert not list(trouble(sheet(pair(title=title, lines=lines, marks=marks))))


@settings(max_examples=15)
@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=60), NAMES)
@example(values=[None, -1.0, 0.0], label="")
def test_bars_keep_their_words_apart(values, label):
    if all(value is None for value in values):
        values[0] = 1.0
    labels = tuple(f"{label}{i}" for i in range(len(values)))
    assert not list(trouble(sheet(specs.FlowBarsChart(label, labels, tuple(values), "USD m", SMALL))))


def test_the_real_sectors_keep_their_names_apart(market_folder):
    def prices(ticker):
        frame = pd.read_csv(market_folder / "prices" / f"{ticker}.csv", parse_dates=["Date"], index_col="Date")
        return frame["Close"]["2024-02-27":"2026-02-27"]

    levels = pd.DataFrame({name: prices(ticker) for ticker, name in SECTORS.items()})
    tails = rotation_tails(levels, prices("SPY"))
    chart = specs.RotationChart(
        "Sectors", tuple(specs.Tail(n, f.iloc[:, 0], f.iloc[:, 1]) for n, f in tails.items()), ""
    )
    drawn = sheet(chart)
    assert not list(trouble(drawn))
    assert set(SECTORS.values()) <= {text for text, _ in drawn.boxes}


def test_the_axes_of_a_rotation_carry_figures_where_they_stand():
    around = np.linspace(0, 6, 12)
    path = specs.Tail("One", series(list(100 + 5 * np.cos(around))), series(list(100 + 2 * np.sin(around))))
    drawn = sheet(specs.RotationChart("Round", (path,), SMALL, "across: this; up: that"))
    assert "across: this; up: that" in {text for text, _ in drawn.boxes}
    figures = [(float(text), box) for text, box in drawn.boxes if text.replace(".", "").isdigit()]
    across = sorted((value, box.x0 + box.x1) for value, box in figures if box.y1 < style.FLOOR)
    up = sorted((value, box.y0 + box.y1) for value, box in figures if box.y0 > style.FLOOR - 20 and box.x1 < 130)
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
    assert min(heights) >= 0.019 * drawn.width


def test_at_most_five_dates_and_five_levels_are_written():
    for sessions in (2, 3, 20, 60, 90, 130, 260, 700, 1300, 6500):
        lines = tuple(specs.Line(f"L{i}", series(list(np.linspace(1, 1 + i, sessions)))) for i in (1, 2))
        words = [(text, box) for text, box in sheet(pair(lines=lines, title="", small="")).boxes]
        dates = [text for text, box in words if box.y1 < style.FLOOR - 10]
        levels = [text for text, box in words if box.x1 < 200 and box.y0 > style.FLOOR - 20]
        assert 1 <= len(dates) <= 5, (sessions, dates)
        assert 2 <= len(levels) <= 5, (sessions, levels)

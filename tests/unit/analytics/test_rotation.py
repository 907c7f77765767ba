from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.analytics.frames import rotation_path, rotation_tails, weekly
from tests.unit.analytics.samples import holed, prices, walk


def test_a_week_is_its_last_known_session():
    level = holed(walk(200, 4), 4, 0.4)
    wanted: dict[tuple[int, int], tuple[pd.Timestamp, float]] = {}
    for day, value in level.dropna().items():
        wanted[day.isocalendar()[:2]] = (day, value)
    assert list(weekly(level).items()) == list(wanted.values())


def test_coordinates_follow_the_formula_that_is_written_down():
    a, b = walk(300, 1), walk(300, 2)
    line = [value for _, value in weekly(a / b).items()]
    raw = [100 * line[i] / (sum(line[i - 13 : i + 1]) / 14) for i in range(13, len(line))]
    smooth = [raw[0]]
    for value in raw[1:]:
        smooth.append(smooth[-1] + 2 / 5 * (value - smooth[-1]))
    smooth = smooth[3:]
    momentum = [100 * smooth[i] / (sum(smooth[i - 4 : i + 1]) / 5) for i in range(4, len(smooth))]
    path = rotation_path(a, b)
    assert path["x"].tolist() == pytest.approx(smooth[4:])
    assert path["y"].tolist() == pytest.approx(momentum)
    assert path.index[0] == weekly(a).index[20]


@given(st.integers(0, 10_000), st.integers(110, 300))
def test_finished_weeks_keep_their_place(seed, cut):
    a, b = walk(300, seed), walk(300, seed + 1)
    whole, part = rotation_path(a, b), rotation_path(a.iloc[:cut], b.iloc[:cut])
    finished = len(part) - 1
    pd.testing.assert_frame_equal(whole.iloc[:finished], part.iloc[:finished], check_freq=False, rtol=1e-9)


def test_what_grows_steadily_faster_is_to_the_right():
    index = pd.bdate_range("2024-01-01", periods=300)
    flat = pd.Series(100.0, index=index)
    fast = pd.Series(100 * 1.001 ** np.arange(300), index=index)
    assert rotation_path(fast, flat).iloc[-1]["x"] > 100
    assert rotation_path(flat, fast).iloc[-1]["x"] < 100


def test_a_series_that_has_ended_or_is_young_has_no_tail():
    level = walk(300, 1)
    frame = pd.DataFrame({"XLE": level, "GONE": walk(300, 2).iloc[:200], "NEW": walk(300, 3).iloc[-50:]})
    tails = rotation_tails(frame, walk(300, 4), weeks=8)
    assert {name: len(tail) for name, tail in tails.items()} == {"XLE": 8, "GONE": 0, "NEW": 0}


def test_energy_really_led_the_market_in_the_spring_of_2022(market_folder):
    path = rotation_path(prices(market_folder, "XLE"), prices(market_folder, "SPY"))
    assert path.loc["2022-03-01":"2022-04-30", "x"].min() > 100
    assert path.index[-1].date() == dt.date(2026, 2, 27)

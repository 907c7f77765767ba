from __future__ import annotations

import math
import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.analytics import frames
from tests.unit.analytics.samples import WINDOWS, days, holed, prices, walk
from thesisvault.analytics.relative import correlation_matrix
from thesisvault.scalars import parse_window


def common(a: pd.Series, b: pd.Series) -> list[tuple[pd.Timestamp, float, float]]:
    mine, other = dict(a.dropna().items()), dict(b.dropna().items())
    return [(day, mine[day], other[day]) for day in sorted(mine.keys() & other.keys())]


def test_series_are_joined_on_sessions_that_all_have_and_nothing_is_filled():
    a, b = holed(walk(80, 1), 1), holed(walk(80, 2, start="2019-06-20"), 2)
    got = frames.joined(a, b)
    assert list(zip(got.index, got[0], got[1], strict=True)) == common(a, b)
    back = frames.joined(b, a)
    assert list(zip(back.index, back[1], back[0], strict=True)) == common(a, b)


def test_nothing_in_common_is_an_empty_series_and_no_error():
    a, b = walk(5), walk(5, start="2024-01-01")
    for got in (
        frames.joined(a, b),
        frames.spread(a, b, parse_window("ytd")),
        frames.correlation(a, b, parse_window("90d")),
        frames.beta(a, b, parse_window("90d")),
    ):
        assert len(got) == 0


def test_both_legs_of_a_spread_run_between_the_same_two_sessions():
    a = pd.Series([100.0, 110.0, 121.0], index=days("2025-12-30 2025-12-31 2026-01-02"))
    b = pd.Series([100.0, 100.0], index=days("2025-12-30 2026-01-02"))
    assert frames.spread(a, b, parse_window("ytd")).iloc[-1] == pytest.approx(0.21)


@pytest.mark.parametrize("text", ["20", "90d", "ytd", "since 2019-09-01", "max"])
def test_correlation_and_beta_are_those_of_the_returns_inside_the_window(text):
    a = holed(walk(300, 1), 1)
    b = holed(walk(300, 1) * walk(300, 2), 2)
    window = parse_window(int(text) if text == "20" else text)
    rows = common(a, b)
    correlation, beta = frames.correlation(a, b, window), frames.beta(a, b, window)
    for row in range(5, len(rows), 23):
        today = rows[row][0]
        if window.kind == "sessions":
            first = row - window.count + 1 if row >= window.count else None
        elif window.kind == "max":
            first = 1
        else:
            start = pd.Timestamp(window.first_day(today.date()))
            before = [i for i, (day, *_) in enumerate(rows) if day <= start]
            first = before[-1] + 1 if before and today >= start else None
        x, y = (
            [rows[i][leg] / rows[i - 1][leg] - 1 for i in range(first, row + 1)] if first is not None else []
            for leg in (1, 2)
        )
        if len(x) < 3:
            assert math.isnan(correlation.iloc[row])
            continue
        assert correlation.iloc[row] == pytest.approx(statistics.correlation(x, y), abs=1e-9)
        assert beta.iloc[row] == pytest.approx(statistics.linear_regression(y, x).slope, abs=1e-9)


@given(st.integers(0, 10_000), st.sampled_from(WINDOWS), st.integers(3, 300))
def test_truncating_the_future_changes_no_earlier_value(seed, text, cut):
    a, b = holed(walk(300, seed), seed), walk(300, seed + 1)
    for function in (frames.correlation, frames.beta, frames.spread):
        whole = function(a, b, parse_window(text))
        part = function(a.iloc[:cut], b.iloc[:cut], parse_window(text))
        pd.testing.assert_series_equal(whole.iloc[: len(part)], part, check_freq=False, rtol=1e-9)


@given(st.integers(0, 10_000), st.floats(0.1, 50))
def test_a_series_correlates_fully_with_itself_whatever_its_price(seed, price):
    level = walk(60, seed)
    assert frames.correlation(level, level * price, parse_window(30)).dropna().tolist() == pytest.approx([1.0] * 30)
    assert frames.beta(level, level * price, parse_window(30)).dropna().tolist() == pytest.approx([1.0] * 30)


def test_a_series_that_does_not_move_correlates_with_nothing():
    level = walk(60)
    flat = pd.Series(100.0, index=level.index)
    assert frames.correlation(level, flat, parse_window(30)).isna().all()
    assert frames.beta(level, flat, parse_window(30)).isna().all()
    assert frames.beta(flat, level, parse_window(30)).isna().all()


def test_a_matrix_of_whole_columns_is_that_of_their_pairs():
    frame = pd.DataFrame({"A": walk(100, 1), "B": walk(100, 2), "C": walk(100, 3)})
    got = frames.correlation_matrix(frame, parse_window(60))
    returns = frame.to_numpy()[1:] / frame.to_numpy()[:-1] - 1
    np.testing.assert_allclose(got.to_numpy(), np.corrcoef(returns[-60:].T), atol=1e-12)


def test_a_member_that_does_not_move_correlates_with_nobody():
    frame = pd.DataFrame({"A": walk(100, 1), "FLAT": 100.0, "C": walk(100, 3)})
    got = frames.correlation_matrix(frame, parse_window(60))
    assert got["FLAT"].isna().all()
    pair = frames.correlation(frame["A"], frame["C"], parse_window(60)).iloc[-1]
    assert (got.loc["A", "A"], got.loc["A", "C"]) == (1, pytest.approx(pair))


def test_a_matrix_is_the_same_however_its_values_lie():
    values = np.column_stack([walk(400, seed).to_numpy() for seed in range(5)])
    days, window = frames.numbers(walk(400).index), parse_window("1y")
    one, other = (correlation_matrix(days, each, window) for each in (values, np.asfortranarray(values)))
    assert one.tobytes() == other.tobytes()


def test_a_matrix_of_a_window_with_fewer_than_twenty_returns_is_unknown():
    frame = pd.DataFrame({"A": walk(100, 1), "B": walk(100, 2)})
    assert frames.correlation_matrix(frame, parse_window(19)).isna().all(axis=None)
    assert frames.correlation_matrix(frame, parse_window(20)).notna().all(axis=None)


@pytest.mark.parametrize(("day", "points"), [("2026-02-04", 38.8), ("2026-02-05", 41.4), ("2026-02-06", 41.1)])
def test_the_real_lead_of_energy_over_software_is_what_the_tape_says(market_folder, day, points):
    xle, igv = prices(market_folder, "XLE"), prices(market_folder, "IGV")
    assert frames.spread(xle, igv, parse_window("ytd"))[day] * 100 == pytest.approx(points, abs=0.05)

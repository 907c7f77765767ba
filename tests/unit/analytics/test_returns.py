from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.analytics.frames import (
    daily_returns,
    total_return_index,
    window_change,
    window_return,
)
from tests.unit.analytics.samples import WINDOWS, days, holed, prices, walk
from thesisvault.scalars import parse_window

SIX = pd.bdate_range("2026-02-02", periods=6)


def test_the_worked_example_returns_what_reinvesting_before_the_ex_date_returns():
    close = pd.Series([50, 51, 51.5, 50, 50.5, 51], index=SIX)
    level = total_return_index(close, pd.Series([1.0], index=SIX[3:4]))
    adjusted = [49.029126213592, 50.009708737864, 50.5, 50, 50.5, 51]
    assert level.iloc[-1] / level.iloc[0] - 1 == pytest.approx(0.0401980198, abs=1e-9)
    assert (level / level.iloc[0]).tolist() == pytest.approx([one / adjusted[0] for one in adjusted])


def test_yahoos_own_example_of_adjusted_closes_is_reproduced():
    close = pd.Series([46.99 / 2, 48.30 / 2, 24.96, 24.53], index=SIX[:4])
    level = total_return_index(close, pd.Series([0.08], index=SIX[3:4]))
    adjusted = level / level.iloc[-1] * 24.53
    assert adjusted.tolist() == pytest.approx([23.42, 24.07, 24.88, 24.53], abs=0.0051)


@pytest.mark.parametrize("cash", [51.5, 60.0, -1.0])
def test_a_dividend_that_is_not_below_the_close_before_it_is_refused_with_its_day(cash):
    with pytest.raises(ValueError, match=r"2026-02-05 is not between 0 and the close before it, 51\.5"):
        total_return_index(pd.Series([50, 51, 51.5, 50], index=SIX[:4]), pd.Series([cash], index=SIX[3:4]))


def test_dividends_outside_the_sessions_wait_for_the_next_or_change_nothing():
    close = pd.Series([100.0, 100.0, 100.0], index=days("2026-01-02 2026-01-05 2026-01-06"))
    paid = pd.Series([5.0, 7.0, 1.0, 1.0, 9.0], index=days("2025-12-30 2026-01-02 2026-01-03 2026-01-05 2026-01-07"))
    assert total_return_index(close, paid).tolist() == pytest.approx([100, 100 * 100 / 98, 100 * 100 / 98])


def test_a_gap_in_closes_stays_a_gap():
    close = pd.Series([50.0, np.nan, 55.0], index=SIX[:3])
    assert total_return_index(close).tolist() == pytest.approx([100, math.nan, 110], nan_ok=True)


@given(st.lists(st.tuples(st.floats(1, 500), st.one_of(st.just(0.0), st.floats(0, 0.9))), min_size=2, max_size=40))
def test_total_return_equals_buying_more_shares_with_each_dividend(path):
    sessions = pd.bdate_range("2020-01-01", periods=len(path))
    closes = [price for price, _ in path]
    cash = [0.0, *(share * before for (_, share), before in zip(path[1:], closes, strict=False))]
    shares = 1.0
    for row in range(1, len(path)):
        shares *= 1 + cash[row] / (closes[row - 1] - cash[row])
    level = total_return_index(pd.Series(closes, index=sessions), pd.Series(cash, index=sessions))
    assert level.iloc[-1] / 100 == pytest.approx(shares * closes[-1] / closes[0])


@pytest.mark.parametrize("text", WINDOWS)
def test_a_window_return_is_the_quotient_of_two_closes_and_a_change_their_difference(text):
    level = walk(900, start="2019-06-03")
    got, change = window_return(level, parse_window(text)), window_change(level, parse_window(text))
    for row in range(0, 900, 37):
        base, end = _pair(level, row, text)
        assert got.iloc[row] == pytest.approx(end / base - 1, nan_ok=True)
        assert change.iloc[row] == pytest.approx(end - base, nan_ok=True)


def _pair(level: pd.Series, row: int, text: str) -> tuple[float, float]:
    """Base and end by slicing the series by dates, as a person would."""
    window, today = parse_window(text), level.index[row]
    seen = level.iloc[: row + 1]
    nothing = (math.nan, math.nan)
    if window.kind == "sessions":
        return (seen.iloc[-1 - window.count], seen.iloc[-1]) if row >= window.count else nothing
    if window.kind == "max":
        return seen.iloc[0], seen.iloc[-1]
    first = pd.Timestamp(window.first_day(today.date()))
    if window.kind == "since" and today < first:
        return nothing
    if window.is_fixed and today < pd.Timestamp(window.end):
        return nothing
    last = seen[: pd.Timestamp(window.end)] if window.is_fixed else seen
    before = seen[:first]
    return (before.iloc[-1], last.iloc[-1]) if len(before) else nothing


@given(st.integers(0, 10_000), st.sampled_from(WINDOWS))
def test_columns_of_a_frame_are_what_each_series_is_alone(seed, text):
    level = walk(700, seed)
    frame = pd.DataFrame(
        {"whole": level, "late": level.iloc[300:], "ended": level.iloc[:400], "holed": holed(level, seed)}
    )
    got = window_return(frame, parse_window(text))
    for name in frame:
        alone = window_return(frame[name].dropna(), parse_window(text)).reindex(frame.index)
        pd.testing.assert_series_equal(got[name], alone, check_names=False)


@given(st.integers(0, 10_000), st.sampled_from(WINDOWS), st.integers(1, 700))
def test_truncating_the_future_changes_no_earlier_return(seed, text, cut):
    level = holed(walk(700, seed), seed)
    whole, part = window_return(level, parse_window(text)), window_return(level.iloc[:cut], parse_window(text))
    pd.testing.assert_series_equal(whole.iloc[:cut], part, check_freq=False)


def test_daily_returns_step_over_gaps():
    level = pd.Series([100.0, np.nan, 110.0, 99.0], index=SIX[:4])
    assert daily_returns(level).tolist() == pytest.approx([math.nan, math.nan, 0.1, -0.1], nan_ok=True)


def test_a_return_from_nought_is_unknown_but_a_change_from_nought_is_not():
    rate = pd.Series([0.0, 0.25], index=SIX[:2])
    assert math.isnan(window_return(rate, parse_window("1d")).iloc[-1])
    assert window_change(rate, parse_window("1d")).iloc[-1] == 0.25


@pytest.mark.parametrize(("ticker", "percent"), [("XLE", 64.3), ("IWM", -20.5), ("QQQ", -32.6)])
def test_real_returns_of_2022_are_the_published_ones(market_folder, ticker, percent):
    year = window_return(prices(market_folder, ticker), parse_window("2022"))
    assert year.iloc[-1] * 100 == pytest.approx(percent, abs=0.05)
    assert math.isnan(year["2022-12-29"])
    assert year["2022-12-30"] == year["2023-01-03"] == year.iloc[-1]


def test_a_year_before_a_fund_was_listed_is_unknown(market_folder):
    assert math.isnan(window_return(prices(market_folder, "KRE"), parse_window("2022")).iloc[-1])


def test_a_year_is_known_on_its_last_saturday_when_seen_from_there(market_folder):
    closes = prices(market_folder, "XLE")[:"2022-12-31"]
    seen = window_return(closes, parse_window("2022"), as_of=dt.date(2022, 12, 31))
    assert seen.iloc[-1] * 100 == pytest.approx(64.3, abs=0.05)


@pytest.mark.parametrize("ticker", ["KO", "IBM", "JNJ", "SCHD"])
def test_total_return_from_real_dividends_agrees_with_adjusted_closes_of_another_source(market_folder, ticker):
    def read(folder: str, column: str) -> pd.Series:
        file = market_folder / folder / f"{ticker}.csv"
        return pd.read_csv(file, index_col="Date", parse_dates=True)[column].astype(float)

    level = total_return_index(read("unadjusted", "Close"), read("dividends", "Dividends"))
    ours, theirs = (window_return(one, parse_window("2024")).iloc[-1] for one in (level, prices(market_folder, ticker)))
    assert ours == pytest.approx(theirs, abs=0.002)

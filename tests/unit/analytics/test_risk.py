from __future__ import annotations

import datetime as dt
import math
import statistics

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.analytics import frames
from tests.unit.analytics.samples import WINDOWS, holed, prices, walk
from thesisvault.scalars import Window, parse_window

BY_WINDOW = {
    "volatility": frames.volatility,
    "drawdown": frames.drawdown,
    "sma": frames.sma,
    "highest": frames.highest,
    "lowest": frames.lowest,
    "zscore": frames.zscore,
    "peak_day": frames.peak_day,
}


def seen(level: pd.Series, row: int, window: Window) -> pd.Series | None:
    """The closes inside a window by slicing dates, or None where the series does not reach back."""
    today = level.index[row]
    part = level.iloc[: row + 1]
    if window.kind == "sessions":
        return part.iloc[-window.count :] if len(part) >= window.count else None
    if window.kind == "max":
        return part
    first = pd.Timestamp(window.first_day(today.date()))
    before = part[:first]
    if not len(before) or today < first or (window.is_fixed and today < pd.Timestamp(window.end)):
        return None
    if window.is_fixed:
        part = part[: pd.Timestamp(window.end)]
    if window.kind in ("since", "range"):
        return part[before.index[-1] :]
    return part[first + pd.Timedelta(days=1) :]


def with_base(level: pd.Series, row: int, window: Window) -> pd.Series | None:
    """The closes that a return over the window spans: those inside it, and the one that it starts from."""
    if window.kind == "sessions":
        return level.iloc[row - window.count : row + 1] if row >= window.count else None
    part = seen(level, row, window)
    if part is None or window.kind in ("max", "since", "range"):
        return part
    before = level[: pd.Timestamp(window.first_day(level.index[row].date()))].index[-1]
    return level[before : part.index[-1] if len(part) else before]


def expected(name: str, closes: pd.Series) -> float:
    values = closes.tolist()
    if name == "sma":
        return statistics.fmean(values)
    if name == "highest":
        return max(values)
    if name == "lowest":
        return min(values)
    if name == "drawdown":
        return values[-1] / max(values) - 1
    if name == "peak_day":
        return float((closes.index[values.index(max(values))].date() - dt.date(1970, 1, 1)).days)
    if len(values) < 2:
        return math.nan
    return (values[-1] - statistics.fmean(values)) / statistics.stdev(values)


@pytest.mark.parametrize("name", [name for name in BY_WINDOW if name != "volatility"])
@pytest.mark.parametrize("text", WINDOWS)
def test_each_statistic_is_that_of_the_closes_of_its_window(name, text):
    level, window = walk(800, 5), parse_window(text)
    got = BY_WINDOW[name](level, window)
    for row in range(0, 800, 41):
        closes = (with_base if name in ("drawdown", "peak_day") else seen)(level, row, window)
        wanted = math.nan if closes is None else expected(name, closes)
        assert got.iloc[row] == pytest.approx(wanted, nan_ok=True, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("text", ["20", "90d", "ytd", "since 2021-03-06", "2022", "max"])
def test_volatility_is_the_deviation_of_the_returns_that_end_inside_the_window(text):
    level, window = walk(800, 6), parse_window(int(text) if text == "20" else text)
    got = frames.volatility(level, window)
    closes = level.tolist()
    for row in range(0, 800, 41):
        part = seen(level, row, window)
        if part is None or (window.kind == "sessions" and row < window.count):
            assert math.isnan(got.iloc[row])
            continue
        first, last = level.index.get_loc(part.index[0]), level.index.get_loc(part.index[-1])
        # A window that takes the close it starts from along, or has no close before it, has one return fewer.
        first += 1 if window.kind in ("since", "range", "max") else 0
        moves = [closes[i] / closes[i - 1] - 1 for i in range(first, last + 1)]
        wanted = statistics.stdev(moves) * math.sqrt(252) if len(moves) > 1 else math.nan
        assert got.iloc[row] == pytest.approx(wanted, nan_ok=True, rel=1e-9)


@given(st.integers(0, 10_000), st.sampled_from(WINDOWS))
def test_a_drawdown_is_never_above_nought_and_never_below_the_deepest_of_all(seed, text):
    level = holed(walk(400, seed), seed)
    here = frames.drawdown(level, parse_window(text)).dropna()
    assert (here <= 0).all()
    whole = level.dropna()
    assert not (here < (whole / whole.cummax() - 1).min() - 1e-12).any()


@given(st.integers(0, 10_000), st.sampled_from(sorted(BY_WINDOW)), st.sampled_from(WINDOWS), st.integers(1, 400))
def test_truncating_the_future_changes_no_earlier_value(seed, name, text, cut):
    level = holed(walk(400, seed), seed)
    whole = BY_WINDOW[name](level, parse_window(text))
    part = BY_WINDOW[name](level.iloc[:cut], parse_window(text))
    pd.testing.assert_series_equal(whole.iloc[:cut], part, check_freq=False, rtol=1e-9)


@given(st.integers(0, 10_000), st.sampled_from(sorted(BY_WINDOW)))
def test_columns_of_a_frame_are_what_each_series_is_alone(seed, name):
    level = walk(300, seed)
    frame = pd.DataFrame({"whole": level, "late": level.iloc[100:], "holed": holed(level, seed)})
    got = BY_WINDOW[name](frame, parse_window(20))
    for column in frame:
        alone = BY_WINDOW[name](frame[column].dropna(), parse_window(20)).reindex(frame.index)
        pd.testing.assert_series_equal(got[column], alone, check_names=False, check_freq=False, rtol=1e-9)


def test_an_exponential_mean_follows_its_recursion_after_its_first_values():
    level, mean = walk(60, 9), 0.0
    got = frames.ema(level, 10)
    for row, close in enumerate(level):
        mean = close if row == 0 else mean + 2 / 11 * (close - mean)
        assert got.iloc[row] == pytest.approx(mean if row >= 9 else math.nan, nan_ok=True)


def test_a_zscore_wants_some_movement():
    flat = pd.Series(0.1, index=walk(300, 3).index)
    assert frames.zscore(flat, parse_window(50)).isna().all()
    assert (frames.sma(flat, parse_window(50)).dropna() == 0.1).all()


@pytest.mark.parametrize("count", [1, 2, 20, 200, 400])
def test_the_mean_of_the_last_values_is_that_of_each_window_by_itself(count):
    level = walk(300, 4) * 1e-6 + 1e6
    got = frames.mean_of_last(level, count)
    wanted = [math.nan] * 300
    for row in range(count - 1, 300):
        wanted[row] = math.fsum(level.iloc[row - count + 1 : row + 1]) / count
    assert got.tolist() == pytest.approx(wanted, rel=1e-15, nan_ok=True)


def test_the_first_of_two_equal_peaks_is_the_peak():
    level = pd.Series([1.0, 3.0, 2.0, 3.0], index=pd.date_range("1970-01-01", periods=4))
    assert frames.peak_day(level, parse_window("max")).tolist() == [0, 1, 1, 1]


def test_the_real_drawdown_of_2022_is_the_published_one(market_folder):
    qqq = prices(market_folder, "QQQ")
    assert frames.drawdown(qqq, parse_window("since 2021-11-19"))["2022-10-14"] == pytest.approx(-0.35, abs=0.02)

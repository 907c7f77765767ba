from __future__ import annotations

import math
import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.analytics import frames
from tests.unit.analytics.frames import daily_returns, joined, window_return
from tests.unit.analytics.samples import prices
from thesisvault.scalars import parse_window

NAN = float("nan")
truths = st.lists(st.sampled_from([0.0, 1.0, NAN]), min_size=1, max_size=60)


def sessions(values) -> pd.Series:
    return pd.Series(list(values), index=pd.bdate_range("2026-01-01", periods=len(values)))


@given(st.lists(st.tuples(*[st.sampled_from([0.0, 1.0, NAN])] * 4), min_size=1, max_size=30))
def test_shares_and_counts_leave_members_without_data_out(rows):
    frame = pd.DataFrame(rows, columns=list("ABCD"), index=pd.bdate_range("2026-01-01", periods=len(rows)))
    share, count = frames.share_true(frame), frames.count_true(frame)
    for place, row in enumerate(rows):
        known = [one for one in row if not math.isnan(one)]
        assert share.iloc[place] == pytest.approx(sum(known) / len(known) if known else NAN, nan_ok=True)
        assert count.iloc[place] == pytest.approx(sum(known) if known else NAN, nan_ok=True)


def test_dispersion_is_the_deviation_across_members_with_data():
    frame = pd.DataFrame({"A": [0.01, 0.01], "B": [0.04, NAN], "C": [-0.02, NAN]}, index=sessions([0, 0]).index)
    got = frames.dispersion(frame).tolist()
    assert got == pytest.approx([statistics.stdev([0.01, 0.04, -0.02]), NAN], nan_ok=True)


@given(truths)
def test_a_streak_counts_back_to_the_last_session_that_was_false(values):
    got = frames.streak(sessions(values)).tolist()
    for row in range(len(values)):
        count = 0.0
        for value in reversed(values[: row + 1]):
            if math.isnan(value):
                count = NAN
                break
            if not value:
                break
            count += 1
        assert got[row] == pytest.approx(count, nan_ok=True)


@given(truths)
def test_a_flip_is_a_change_between_one_known_state_and_the_next(values):
    got = frames.flips(sessions(values)).tolist()
    old = None
    for row, value in enumerate(values):
        if math.isnan(value):
            assert math.isnan(got[row])
            continue
        assert got[row] == float(old is not None and old != value)
        old = value


def test_small_companies_really_beat_large_ones_ten_sessions_in_a_row(market_folder):
    both = daily_returns(joined(prices(market_folder, "IWM"), prices(market_folder, "SPY")))
    ahead = (both[0] > both[1]).astype(float).where(both.notna().all(axis=1))
    assert frames.streak(ahead)["2026-01-15"] == 10


def test_most_members_of_the_index_really_rose_on_a_day_it_fell(market_folder):
    names = (market_folder / "universes" / "sp500.txt").read_text(encoding="utf-8").split()
    columns = {name: prices(market_folder, name).loc["2025-12-01":] for name in names if _has(market_folder, name)}
    moves = window_return(pd.DataFrame(columns), parse_window("1d"))
    up = (moves > 0).astype(float).where(moves.notna())
    assert (frames.count_true(up)["2026-01-14"], up.loc["2026-01-14"].notna().sum()) == (312, 501)
    assert daily_returns(prices(market_folder, "SPY"))["2026-01-14"] < 0


def _has(folder, name: str) -> bool:
    return (folder / "prices" / f"{name}.csv").is_file()


def test_unknown_members_of_a_wide_frame_are_never_counted_as_false():
    frame = pd.DataFrame(np.full((2, 3), NAN), index=sessions([0, 0]).index)
    assert frames.share_true(frame).isna().all()
    assert frames.count_true(frame).isna().all()

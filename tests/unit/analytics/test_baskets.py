from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.analytics.baskets import basket_level
from tests.unit.analytics.samples import days, holed, prices, walk

REBALANCES = ("never", "monthly", "quarterly", "yearly", (dt.date(2019, 8, 3), dt.date(2020, 1, 10)))


def slow_basket(frame, shares, rebalance, min_members=1):
    """Money in envelopes, one a member, counted each session."""
    months = {"monthly": 1, "quarterly": 3, "yearly": 12}
    sessions = [day for day in frame.index if frame.loc[day].notna().any()]
    envelopes, last, level, begun = {}, {}, {}, False
    for place, day in enumerate(sessions):
        for name in frame:
            price = frame.loc[day, name]
            if not np.isnan(price):
                if name in envelopes:
                    envelopes[name] *= price / last[name][1]
                last[name] = (day, price)
        fresh = [name for name in last if (day - last[name][0]).days <= 7 and shares[name] > 0]
        if not begun and len(fresh) < min_members:
            continue
        total = sum(envelopes.values()) if begun else 100.0
        level[day] = total
        following = sessions[place + 1] if place + 1 < len(sessions) else None
        if following is None:
            ends = False
        elif isinstance(rebalance, tuple):
            ends = any(day <= pd.Timestamp(one) < following for one in rebalance)
        elif rebalance == "never":
            ends = False
        else:
            period = [(one.year * 12 + one.month - 1) // months[rebalance] for one in (day, following)]
            ends = period[0] != period[1]
        if (not begun or ends) and fresh:
            whole = sum(shares[name] for name in fresh)
            envelopes = {name: total * shares[name] / whole for name in fresh}
        begun = True
    return pd.Series(level)


def members(seed: int, size: int = 260) -> pd.DataFrame:
    level = [walk(size, seed + shift) for shift in range(4)]
    return pd.DataFrame(
        {"A": holed(level[0], seed), "B": level[1].iloc[70:], "C": level[2].iloc[:120], "D": holed(level[3], seed + 1)}
    )


@given(st.integers(0, 10_000), st.sampled_from(REBALANCES), st.booleans(), st.integers(1, 3))
def test_a_basket_is_worth_what_its_envelopes_hold(seed, rebalance, equal, min_members):
    frame = members(seed)
    weights = None if equal else {"A": 0.5, "B": 0.3, "C": 0.2}
    shares = dict.fromkeys(frame, 1.0) if equal else {**dict.fromkeys(frame, 0.0), **weights}
    used = frame[[name for name in frame if shares[name] > 0]]
    got = basket_level(frame, weights, rebalance, min_members=min_members)
    wanted = slow_basket(used, shares, rebalance, min_members)
    pd.testing.assert_series_equal(got.level, wanted, check_freq=False, check_index_type=False, rtol=1e-9)
    np.testing.assert_allclose(got.weights.sum(axis=1), 1)
    assert got.level.iloc[0] == 100


@given(st.integers(0, 10_000), st.sampled_from(REBALANCES))
def test_a_basket_of_one_is_its_member(seed, rebalance):
    level = holed(walk(300, seed), seed)
    known = level.dropna()
    got = basket_level(level.to_frame("A"), rebalance=rebalance).level
    pd.testing.assert_series_equal(got, known / known.iloc[0] * 100, check_names=False, check_freq=False, rtol=1e-9)


@given(st.integers(0, 10_000), st.sampled_from(REBALANCES), st.integers(1, 260))
def test_truncating_the_future_changes_no_earlier_level(seed, rebalance, cut):
    frame = members(seed)
    whole, part = (
        basket_level(frame, rebalance=rebalance).level,
        basket_level(frame.iloc[:cut], rebalance=rebalance).level,
    )
    pd.testing.assert_series_equal(whole.iloc[: len(part)], part, check_freq=False, rtol=1e-9)


def test_a_member_that_is_listed_later_joins_when_weights_are_next_set():
    index = days("2026-01-29 2026-01-30 2026-02-02 2026-02-27 2026-03-02")
    frame = pd.DataFrame({"A": [10.0] * 5, "NEW": [np.nan, np.nan, 5.0, 10.0, 20.0]}, index=index)
    got = basket_level(frame)
    assert got.level.tolist() == [100, 100, 100, 100, 150]
    assert got.weights.loc["2026-01-30"].tolist() == [1, 0]
    assert got.weights.loc["2026-02-27"].tolist() == [0.5, 0.5]
    assert basket_level(frame, rebalance="never").level.tolist() == [100] * 5


def test_a_member_that_ends_keeps_its_last_value_and_leaves_when_weights_are_next_set():
    index = days("2026-01-30 2026-02-02 2026-02-27 2026-03-02 2026-03-03")
    frame = pd.DataFrame({"A": [10.0, 10.0, 10.0, 10.0, 20.0], "GONE": [10.0, 30.0] + [np.nan] * 3}, index=index)
    got = basket_level(frame)
    assert got.level.iloc[:4].tolist() == pytest.approx([100, 200, 200, 200])
    assert got.weights.loc["2026-02-27"].tolist() == [1, 0]
    assert got.level.iloc[-1] == pytest.approx(400)


def test_dated_weights_hold_from_the_last_session_on_or_before_their_date():
    index = days("2026-01-29 2026-01-30 2026-02-02 2026-02-03")
    frame = pd.DataFrame({"A": [10.0, 10.0, 20.0, 40.0], "B": [10.0, 10.0, 10.0, 10.0]}, index=index)
    dated = ((dt.date(2026, 1, 29), {"A": 1.0}), (dt.date(2026, 2, 1), {"B": 1.0}))
    assert basket_level(frame, rebalance="never", dated=dated).level.tolist() == [100, 100, 100, 100]
    assert basket_level(frame, {"A": 1.0}, rebalance="never").level.tolist() == [100, 100, 200, 400]


def test_a_base_date_and_a_least_number_of_members_put_off_the_start():
    frame = pd.DataFrame({"A": walk(50, 1), "B": walk(50, 2).iloc[20:]})
    assert basket_level(frame, min_members=2).level.index[0] == frame.index[20]
    assert basket_level(frame, base_date=dt.date(2019, 7, 6)).level.index[0] == pd.Timestamp("2019-07-08")
    assert len(basket_level(frame, min_members=3).level) == 0


def test_a_member_without_weight_neither_starts_a_basket_nor_gives_it_sessions():
    frame = pd.DataFrame({"A": [np.nan, 10.0, np.nan, 11.0], "B": [1.0, 2.0, 3.0, 4.0]}, index=walk(4).index)
    got = basket_level(frame, {"A": 1.0, "B": 0.0})
    assert got.level.index.tolist() == [frame.index[1], frame.index[3]]
    assert got.level.tolist() == pytest.approx([100, 110])


@pytest.mark.parametrize(
    ("weights", "dated", "message"),
    [
        ({"A": 0.5, "XYZ": 0.5}, (), "weights name XYZ, which the basket has no levels of"),
        ({"A": -0.5, "B": 1.5}, (), "expected shares of 0 or more"),
        ({"A": 0.0}, (), "expected shares of 0 or more that sum to more than 0"),
        (None, ((dt.date(2026, 2, 1), {"A": 1}), (dt.date(2026, 1, 1), {"A": 1})), "order of their dates"),
    ],
)
def test_weights_that_cannot_be_held_are_refused_in_words(weights, dated, message):
    with pytest.raises(ValueError, match=message):
        basket_level(pd.DataFrame({"A": walk(5), "B": walk(5)}), weights, dated=dated)


def test_no_members_and_no_sessions_give_an_empty_level():
    assert len(basket_level(pd.DataFrame({"A": []}, index=pd.DatetimeIndex([]))).level) == 0


def test_a_real_basket_of_seven_lies_between_its_best_and_its_worst(market_folder):
    names = ["AAPL", "AMZN", "GOOGL", "META", "MSFT", "NVDA", "TSLA"]
    frame = pd.DataFrame({name: prices(market_folder, name) for name in names}).loc["2024-12-31":"2025-12-31"]
    own = frame.iloc[-1] / frame.iloc[0] - 1
    still = basket_level(frame, rebalance="never").level
    assert still.iloc[-1] / 100 - 1 == pytest.approx(own.mean())
    assert own.min() < basket_level(frame).level.iloc[-1] / 100 - 1 < own.max()

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.analytics.frames import basket_level, contributions, drifted_weights
from tests.unit.analytics.samples import days, holed, prices, walk
from thesisvault.analytics.baskets import capped
from thesisvault.scalars import parse_window

REBALANCES = ("never", "monthly", "quarterly", "yearly", (dt.date(2019, 8, 3), dt.date(2020, 1, 10)))


def water_filled(shares, cap):
    """Weights of at most `cap` in proportion to shares: the factor of proportion is found by halving."""
    names = [name for name in shares if shares[name] > 0]
    if cap * len(names) <= 1:
        return dict.fromkeys(names, 1 / len(names))
    low, high = 0.0, 1e9
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(min(cap, middle * shares[n]) for n in names) < 1 else (low, middle)
    return {name: min(cap, high * shares[name]) for name in names}


def diary(frame, shares, rebalance, min_members=1, cap=1.0, dated=()):
    """Money in envelopes, one a member: for each session the total, what each envelope held and what it had gained."""
    months = {"monthly": 1, "quarterly": 3, "yearly": 12}
    table = frame.to_dict("index")
    sessions = [day for day, row in table.items() if not all(map(np.isnan, row.values()))]
    envelopes, last, pages, begun = {}, {}, [], False
    since = [day for day, _ in dated]
    for place, day in enumerate(sessions):
        following = sessions[place + 1] if place + 1 < len(sessions) else None
        for first, then in dated:
            if first <= day.date() or (following is not None and first < following.date()):
                shares = {**dict.fromkeys(frame, 0.0), **then}
        gained = {}
        for name in frame:
            price = table[day][name]
            if not np.isnan(price):
                if name in envelopes:
                    before = envelopes[name]
                    envelopes[name] *= price / last[name][1]
                    gained[name] = envelopes[name] - before
                last[name] = (day, price)
        fresh = [name for name in last if (day - last[name][0]).days <= 7 and shares[name] > 0]
        if not begun and len(fresh) < min_members:
            continue
        if not begun and since and day.date() < since[0]:
            continue
        total = sum(envelopes.values()) if begun else 100.0
        drifted = {name: held / total for name, held in envelopes.items()}
        if following is None:
            ends = False
        elif isinstance(rebalance, tuple):
            ends = any(day <= pd.Timestamp(one) < following for one in rebalance)
        elif rebalance == "never":
            ends = False
        else:
            period = [(one.year * 12 + one.month - 1) // months[rebalance] for one in (day, following)]
            ends = period[0] != period[1]
        if following is not None:
            ends = ends or any(day <= pd.Timestamp(one) < following for one in since)
        if (not begun or ends) and fresh:
            weights = water_filled({name: shares[name] for name in fresh}, cap)
            envelopes = {name: total * weight for name, weight in weights.items()}
        if not begun:
            drifted = {name: held / total for name, held in envelopes.items()}
        pages.append((day, total, drifted, gained))
        begun = True
    return pages


def slow_basket(frame, shares, rebalance, min_members=1, cap=1.0):
    return pd.Series({day: total for day, total, _, _ in diary(frame, shares, rebalance, min_members, cap)})


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
    pd.testing.assert_series_equal(
        got, known / known.iloc[0] * 100, check_names=False, check_freq=False, check_index_type=False, rtol=1e-9
    )


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


# Caps -----------------------------------------------------------------------------------------------------------------


def test_what_is_above_the_cap_goes_to_the_others_in_proportion_again_and_again():
    # 60, 25, 10, 5 under 35: the first gives 25 away to 25:10:5, which makes the second 40.6 and caps it too;
    # the remaining 30 are shared 10:5.
    assert capped(np.array([0.60, 0.25, 0.10, 0.05]), 0.35) == pytest.approx([0.35, 0.35, 0.20, 0.10])
    assert capped(np.array([6.0, 2.5, 1.0, 0.5]), 0.35) == pytest.approx([0.35, 0.35, 0.20, 0.10])
    assert capped(np.array([0.3, 0.3, 0.4]), 0.4).tolist() == pytest.approx([0.3, 0.3, 0.4])


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=12), st.floats(0.05, 1))
def test_capped_weights_are_those_that_water_finds(shares, cap):
    wanted = water_filled(dict(enumerate(shares)), cap)
    assert capped(np.array(shares), cap) == pytest.approx(list(wanted.values()), abs=1e-9)


def test_a_cap_holds_when_weights_are_set_and_drifts_between():
    index = days("2026-01-30 2026-02-02 2026-02-27 2026-03-02")
    frame = pd.DataFrame({"A": [10.0, 20.0, 20.0, 20.0], "B": [10.0] * 4, "C": [10.0] * 4}, index=index)
    got = basket_level(frame, {"A": 0.8, "B": 0.1, "C": 0.1}, cap=0.5)
    # The last session of January has a follower, so it sets weights; A is worth 100 of 150 a session later.
    assert got.weights.loc["2026-01-30"].tolist() == pytest.approx([0.5, 0.25, 0.25])
    assert got.level.tolist() == pytest.approx([100, 150, 150, 150])
    assert drifted_weights(got, ["A"])["A"].tolist() == pytest.approx([0.5, 2 / 3, 2 / 3, 0.5])


def test_a_cap_is_laid_on_those_members_that_have_data():
    index = days("2026-01-29 2026-01-30 2026-02-02 2026-02-03")
    late = [np.nan, np.nan, 1.0, 1.0]
    frame = pd.DataFrame({"A": [1.0] * 4, "B": [1.0] * 4, "C": late, "D": late}, index=index)
    shares = {"A": 0.7, "B": 0.1, "C": 0.1, "D": 0.1}
    whole = basket_level(frame, shares, (dt.date(2026, 2, 2),), cap=0.4).weights
    # Two with data cannot keep to 40 %, so they share alike; with four the first has 40 and the others 20 each.
    assert whole.iloc[0].tolist() == pytest.approx([0.5, 0.5, 0, 0])
    assert whole.iloc[1].tolist() == pytest.approx([0.4, 0.2, 0.2, 0.2])


@pytest.mark.parametrize("cap", [0.0, -0.1, 1.1])
def test_a_cap_that_is_no_share_is_refused(cap):
    with pytest.raises(ValueError, match="expected more than 0 and at most 1"):
        basket_level(pd.DataFrame({"A": walk(5)}), cap=cap)


# Contributions --------------------------------------------------------------------------------------------------------

DATED = (
    (dt.date(2019, 8, 2), {"A": 0.2, "B": 0.8}),
    (dt.date(2019, 11, 10), {"A": 0.1, "B": 0.5, "C": 0.4}),
    (dt.date(2020, 2, 3), {"D": 1.0}),
)


@given(
    st.integers(0, 10_000),
    st.sampled_from(REBALANCES),
    st.sampled_from([1.0, 0.5, 0.3]),
    st.booleans(),
    st.integers(1, 200),
)
def test_contributions_are_those_of_a_diary_of_envelopes_and_sum_to_the_return(seed, rebalance, cap, by_date, length):
    frame = members(seed)
    shares = {"A": 0.5, "B": 0.3, "C": 0.15, "D": 0.05}
    dated = DATED if by_date else ()
    got = basket_level(frame, shares, rebalance, dated, cap=cap)
    pages = diary(frame, shares, rebalance, cap=cap, dated=dated)
    assert got.level.tolist() == pytest.approx([total for _, total, _, _ in pages], rel=1e-9)
    drifted, names = drifted_weights(got, list(frame)), list(frame)
    wanted = [[weights.get(name, 0.0) for name in names] for _, _, weights, _ in pages]
    np.testing.assert_allclose(drifted, wanted, atol=1e-9)
    given_by = contributions(got, names, parse_window(length))
    assert given_by.iloc[:length].isna().all(axis=None)
    for row in range(length, len(pages), 7):
        base = pages[row - length][1]
        wanted = [sum(page[3].get(name, 0.0) for page in pages[row - length + 1 : row + 1]) / base for name in names]
        assert given_by.iloc[row].tolist() == pytest.approx(wanted, abs=1e-9)
        assert given_by.iloc[row].sum() == pytest.approx(pages[row][1] / base - 1, abs=1e-9)


def test_a_member_that_joins_or_leaves_gives_only_while_it_is_held():
    index = days("2026-01-29 2026-01-30 2026-02-02 2026-02-27 2026-03-02")
    frame = pd.DataFrame(
        {
            "A": [10.0, 12.0, 12.0, 12.0, 12.0],
            "NEW": [np.nan, 5.0, 10.0, 10.0, 11.0],
            "OLD": [8.0, 8.0, 4.0, np.nan, np.nan],
        },
        index=index,
    )
    got = basket_level(frame)
    # Until 30 January A and OLD with 50 each: A makes 10. Then all three with 110 / 3: NEW doubles, OLD halves; on 27
    # February, 25 days after its last value, OLD leaves, and A and NEW have half of 110 * 7 / 6 each: NEW adds a tenth.
    level = [100, 110, 110 * 7 / 6, 110 * 7 / 6, 110 * 7 / 6 * 1.05]
    assert got.level.tolist() == pytest.approx(level)
    given_by = contributions(got, ["A", "NEW", "OLD"], parse_window("max")).iloc[-1]
    new = 110 / 3 + 110 * 7 / 6 * 0.05
    assert given_by.tolist() == pytest.approx([0.10, new / 100, -110 / 6 / 100])
    assert contributions(got, ["OLD"], parse_window("1d"))["OLD"].iloc[-1] == 0


@given(st.integers(0, 10_000), st.sampled_from(REBALANCES), st.integers(1, 260))
def test_what_is_cut_off_changes_no_earlier_contribution_or_weight(seed, rebalance, cut):
    frame = members(seed)
    part, whole = basket_level(frame.iloc[:cut], rebalance=rebalance), basket_level(frame, rebalance=rebalance)
    rows = len(part.level)
    for early in (part, whole.until(rows)):
        for compute in (drifted_weights, lambda b, names: contributions(b, names, parse_window(5))):
            kept = compute(whole, list(frame)).iloc[:rows]
            pd.testing.assert_frame_equal(kept, compute(early, list(frame)), check_freq=False, atol=1e-12)
        np.testing.assert_allclose(early.weights, part.weights)


def test_members_held_are_those_of_the_weights_that_were_known_by_then() -> None:
    frame = pd.DataFrame({"A": walk(90), "B": walk(90, seed=2), "C": walk(90, seed=3)})
    frame.loc[frame.index[:40], "C"] = np.nan
    frame.loc[frame.index[50:], "A"] = np.nan
    whole = basket_level(frame)
    held = [whole.held_on(rows) for rows in range(1, 92)]
    assert held == [list(last.index[last > 0]) for last in (whole.until(n).weights.iloc[-1] for n in range(1, 92))]
    assert [list(each) for each in dict.fromkeys(map(tuple, held))] == [["A", "B"], ["A", "B", "C"], ["B", "C"]]


def test_dated_weights_are_set_anew_at_the_end_of_each_period():
    index = days("2026-01-29 2026-01-30 2026-02-02 2026-02-27 2026-03-02 2026-03-03")
    frame = pd.DataFrame({"A": [10.0, 20.0, 40.0, 40.0, 40.0, 80.0], "B": [10.0] * 6}, index=index)
    dated = ((dt.date(2026, 1, 29), {"A": 0.5, "B": 0.5}), (dt.date(2026, 3, 2), {"A": 0.25, "B": 0.75}))
    got = basket_level(frame, None, "monthly", dated)
    assert [str(day.date()) for day in got.weights.index] == ["2026-01-29", "2026-01-30", "2026-02-27", "2026-03-02"]
    # 100; A doubles: 150, half each; A doubles: 225; half each at the end of February; on 2 March a quarter in A,
    # which then doubles.
    assert got.level.tolist() == pytest.approx([100, 150, 225, 225, 225, 225 * 1.25])
    still = basket_level(frame, None, "never", dated)
    # Never set anew but on its dates: 50 in A become 200 and 50 in B stay.
    assert still.level.tolist() == pytest.approx([100, 150, 250, 250, 250, 250 * 1.25])

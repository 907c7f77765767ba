"""Jumps that no market made."""

import csv

import pytest

from thesisvault.market.refresh.jumps import jumps

CALM = [100.0, 101.0, 100.0, 99.5, 100.5] * 12


def test_a_hundredfold_is_odd_whether_or_not_it_is_taken_back():
    assert jumps(CALM, [101.0, 10100.0, 102.0])[0] == [1]
    assert jumps(CALM, [101.0, 1.01, 1.02, 1.03])[0] == [1, 2, 3]
    assert jumps(CALM, [101.0, 1.01, 1.02, 103.0])[0] == [1, 2]


def test_a_jump_that_the_next_bars_take_back_is_odd_and_one_that_stays_is_a_market():
    assert jumps(CALM, [100.0, 160.0, 101.0, 100.0])[0] == [1]
    assert jumps(CALM, [100.0, 160.0, 158.0, 161.0])[0] == []
    assert jumps(CALM, [100.0, 160.0, 150.0, 135.0, 120.0, 110.0, 100.0])[0] == []


def test_the_same_jump_is_usual_where_every_day_is_wild():
    wild = [100.0, 140.0] * 30
    assert jumps(wild, [100.0, 160.0, 101.0])[0] == []


def test_a_newest_bar_waits_for_the_next_if_it_is_two_and_a_half_times_the_one_before():
    assert jumps(CALM, [260.0])[0] == [0]
    assert jumps(CALM, [260.0, 255.0])[0] == []
    assert jumps(CALM, [60.0])[0] == []  # a crash by 40% is news, not a glitch


UNEASY = [100.0, 105.0] * 30  # its usual day is a move by 7%, so that ten of them double and fifteen triple a price


@pytest.mark.parametrize(("times", "odd"), [(2.0, False), (2.1, True)])
def test_a_jump_that_is_taken_back_is_odd_from_ten_usual_days_on(times, odd):
    assert jumps(UNEASY, [105.0 * times, 105.0])[0] == ([0] if odd else [])


@pytest.mark.parametrize(("times", "odd"), [(2.9, False), (3.0, True)])
def test_a_newest_bar_is_odd_from_fifteen_usual_days_on(times, odd):
    assert jumps(UNEASY, [105.0 * times])[0] == ([0] if odd else [])


@pytest.mark.parametrize(("before", "odd"), [(5, True), (10, True), (11, False), (60, False)])
def test_what_is_usual_is_known_from_ten_moves_on(before, odd):
    assert jumps(UNEASY[:before], [UNEASY[before - 1] * 1.6, UNEASY[before - 1]])[0] == ([0] if odd else [])


@pytest.mark.parametrize(("bars", "odd"), [(1, True), (5, True), (6, False)])
def test_a_jump_is_taken_back_within_five_bars_or_not_at_all(bars, odd):
    assert jumps(CALM, [160.0] * bars + [101.0])[0] == (list(range(bars)) if odd else [])


def test_a_fiftyfold_is_taken_back_however_late_and_only_up_to_then():
    assert jumps(CALM, [10_000.0] * 12 + [101.0, 100.0])[0] == list(range(12))


def test_a_fall_far_below_where_a_jump_began_takes_nothing_back():
    assert jumps(CALM, [160.0, 70.0, 71.0])[0] == []


def test_each_jump_is_judged_also_after_another_and_after_one_that_a_market_made():
    assert jumps(CALM, [160.0, 101.0, 100.0, 160.0, 101.0])[0] == [0, 3]
    assert jumps(CALM, [160.0, 158.0, 161.0, 16_100.0, 161.0])[0] == [3]
    assert jumps(CALM, [101.0, 100.0]) == ([], "")


def test_it_says_how_large_the_jump_is():
    assert jumps(CALM, [160.0, 100.0])[1] == "a jump to 1.59 times the close before"
    assert jumps(CALM, [10050.0])[1] == "a jump to 100 times the close before"
    assert jumps(CALM, [1.005])[1] == "a jump to 1/100 of the close before"


@pytest.mark.parametrize("ticker", ["CVX", "APTV", "MGM", "NOK", "PCG", "_VIX", "AAPL", "OXY", "NFLX"])
def test_real_days_of_panic_are_no_glitch(market_folder, ticker):
    path = market_folder / "prices" / f"{ticker}.csv"
    if not path.is_file():
        pytest.skip(f"no prices of {ticker}")
    with path.open() as file:
        closes = [float(row["Close"]) for row in csv.DictReader(file) if row["Close"]]
    assert jumps([], closes)[0] == []

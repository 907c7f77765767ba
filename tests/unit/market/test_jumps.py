"""Jumps that no market made."""

import csv

import pytest

from thesisvault.market.refresh.jumps import jumps

CALM = [100.0, 101.0, 100.0, 99.5, 100.5] * 12


def test_a_hundredfold_is_odd_whether_or_not_it_is_taken_back():
    assert list(jumps(CALM, [101.0, 10100.0, 102.0]).places) == [1]
    assert list(jumps(CALM, [101.0, 1.01, 1.02, 1.03]).places) == [1, 2, 3]
    assert list(jumps(CALM, [101.0, 1.01, 1.02, 103.0]).places) == [1, 2]


def test_a_jump_that_the_next_bars_take_back_is_odd_and_one_that_stays_is_a_market():
    assert list(jumps(CALM, [100.0, 160.0, 101.0, 100.0]).places) == [1]
    assert list(jumps(CALM, [100.0, 160.0, 158.0, 161.0]).places) == []
    assert list(jumps(CALM, [100.0, 160.0, 150.0, 135.0, 120.0, 110.0, 100.0]).places) == []


def test_the_same_jump_is_usual_where_every_day_is_wild():
    wild = [100.0, 140.0] * 30
    assert list(jumps(wild, [100.0, 160.0, 101.0]).places) == []


def test_a_newest_bar_waits_for_the_next_if_it_is_two_and_a_half_times_the_one_before():
    assert list(jumps(CALM, [260.0]).places) == [0]
    assert list(jumps(CALM, [260.0, 255.0]).places) == []
    assert list(jumps(CALM, [60.0]).places) == []  # a crash by 40% is news, not a glitch


def test_it_says_how_large_the_jump_is():
    assert jumps(CALM, [10050.0]).why == "a jump to 100 times the close before"
    assert jumps(CALM, [1.005]).why == "a jump to 1/100 of the close before"


@pytest.mark.parametrize("ticker", ["CVX", "APTV", "MGM", "NOK", "PCG", "_VIX", "AAPL", "OXY", "NFLX"])
def test_real_days_of_panic_are_no_glitch(market_folder, ticker):
    path = market_folder / "prices" / f"{ticker}.csv"
    if not path.is_file():
        pytest.skip(f"no prices of {ticker}")
    with path.open() as file:
        closes = [float(row["Close"]) for row in csv.DictReader(file) if row["Close"]]
    assert list(jumps([], closes).places) == []

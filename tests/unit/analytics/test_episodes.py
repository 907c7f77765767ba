from __future__ import annotations

import datetime as dt
import math

import pandas as pd
import pytest

from tests.unit.analytics.samples import holed, prices, walk
from thesisvault.analytics.episodes import episode_figures


def test_figures_are_those_of_plain_arithmetic_on_common_sessions():
    buy, sell = holed(walk(700, 1), 1), holed(walk(700, 2), 2)
    start, end = dt.date(2020, 2, 22), dt.date(2020, 9, 5)
    got = episode_figures(buy, sell, start, end, 6)
    rows = [(day.date(), x, y) for day, x, y in zip(buy.index, buy, sell, strict=True) if x == x and y == y]
    base = [row for row in rows if row[0] <= start][-1]
    during = [row for row in rows if base[0] <= row[0] <= end]
    last, after = during[-1], [row for row in rows if row[0] <= dt.date(2021, 3, 5)][-1]
    apart = [(x / base[1] - y / base[2], day) for day, x, y in during]
    assert (got.buy_return, got.sell_return) == pytest.approx((last[1] / base[1] - 1, last[2] / base[2] - 1))
    assert got.spread == pytest.approx(apart[-1][0])
    assert (got.largest_spread, got.largest_spread_day) == (pytest.approx(max(apart)[0]), max(apart)[1])
    assert (got.length_days, got.sessions) == (196, len(during) - 1)
    assert got.aftermath_spread == pytest.approx(after[1] / last[1] - after[2] / last[2])
    assert (got.first_close, got.last_close, got.reasons) == (base[0], last[0], {})


def test_an_aftermath_that_is_not_over_is_unknown_and_says_so():
    got = episode_figures(walk(300, 1), walk(300, 2), dt.date(2019, 7, 1), dt.date(2020, 2, 28), 12)
    assert math.isnan(got.aftermath_spread)
    assert got.reasons == {"aftermath_spread": "the 12 months after 2020-02-28 are not over"}
    assert not math.isnan(got.spread)


def test_an_aftermath_over_which_the_prices_end_is_unknown_and_says_so():
    figures = episode_figures(
        walk(300, 1), walk(300, 2), dt.date(2019, 7, 1), dt.date(2020, 2, 28), 12, as_of=dt.date(2026, 2, 27)
    )
    assert "the last close by 2021-02-28 is 2020-07-24" in figures.reasons["aftermath_spread"]


def test_an_episode_before_the_prices_begin_is_unknown_with_the_reason():
    got = episode_figures(walk(300, 1), walk(300, 2), dt.date(1973, 1, 11), dt.date(1974, 12, 6))
    assert math.isnan(got.spread)
    assert got.largest_spread_day is None
    assert got.reasons["spread"] == "the first close is 2019-06-03, 1973-01-11..1974-12-06 needs one by 1973-01-11"


def test_two_sides_that_never_traded_together_say_so():
    got = episode_figures(walk(9), walk(9, start="2024-01-01"), dt.date(2019, 6, 4), dt.date(2019, 6, 7))
    assert got.reasons["buy_return"] == "the two sides have no session in common"


def test_an_episode_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="ends before it begins"):
        episode_figures(walk(9), walk(9), dt.date(2020, 1, 2), dt.date(2020, 1, 2))


def test_energy_really_beat_technology_in_2022(market_folder):
    xle, qqq = prices(market_folder, "XLE"), prices(market_folder, "QQQ")
    got = episode_figures(xle, qqq, dt.date(2021, 12, 31), dt.date(2022, 12, 31))
    assert got.spread == pytest.approx(0.643 + 0.326, abs=0.001)
    assert got.aftermath_spread < 0
    assert got.last_close == dt.date(2022, 12, 30)
    assert pd.Timestamp(got.largest_spread_day) in xle.index

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from tests.unit.analytics.frames import widest_spread
from tests.unit.analytics.samples import holed, prices, walk


def test_the_widest_spread_is_that_of_plain_arithmetic_on_common_sessions():
    buy, sell = holed(walk(700, 1), 1), holed(walk(700, 2), 2)
    start, end = dt.date(2020, 2, 22), dt.date(2020, 9, 5)
    got = widest_spread(buy, sell, start, end)
    assert got is not None
    rows = [(day.date(), x, y) for day, x, y in zip(buy.index, buy, sell, strict=True) if x == x and y == y]
    base = [row for row in rows if row[0] <= start][-1]
    during = [row for row in rows if base[0] <= row[0] <= end]
    apart = [(x / base[1] - y / base[2], day) for day, x, y in during]
    assert (got.spread, got.day) == (pytest.approx(max(apart)[0]), max(apart)[1])
    assert got.last_close == during[-1][0]


def test_an_episode_before_the_prices_begin_is_unknown():
    assert widest_spread(walk(300, 1), walk(300, 2), dt.date(1973, 1, 11), dt.date(1974, 12, 6)) is None


def test_two_sides_that_never_traded_together_have_no_spread():
    assert widest_spread(walk(9), walk(9, start="2024-01-01"), dt.date(2019, 6, 4), dt.date(2019, 6, 7)) is None


def test_an_episode_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="ends before it begins"):
        widest_spread(walk(9), walk(9), dt.date(2020, 1, 2), dt.date(2020, 1, 2))


def test_energy_really_beat_technology_in_2022(market_folder):
    xle, qqq = prices(market_folder, "XLE"), prices(market_folder, "QQQ")
    got = widest_spread(xle, qqq, dt.date(2021, 12, 31), dt.date(2022, 12, 31))
    assert got is not None
    assert got.last_close == dt.date(2022, 12, 30)
    both = pd.concat([xle, qqq], axis=1, join="inner").loc["2021-12-31":"2022-12-31"]
    apart = both.iloc[:, 0] / both.iloc[0, 0] - both.iloc[:, 1] / both.iloc[0, 1]
    assert (got.spread, got.day) == (pytest.approx(apart.max()), apart.idxmax().date())

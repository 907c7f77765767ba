"""Macro series beside each other and beside prices: joined by the period that they are of, from when both are known."""

from __future__ import annotations

import csv
import datetime as dt
from functools import cache
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from thesisvault.analytics.bounds import day_of
from thesisvault.blocks.core.context import Context, Library
from thesisvault.blocks.core.levels import Levels, levels
from thesisvault.language.evaluate import Scope
from thesisvault.market.reading.market import Market
from thesisvault.market.records import Instrument
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.sources.csv_folder import folder_providers
from thesisvault.market.store.store import Store

LAST = dt.date(2026, 1, 2)
LAGS = {"FEDFUNDS": 32, "CPIAUCSL": 43, "M2SL": 55, "UNRATE": 36, "GDP": 120}
MACRO = {
    **{
        name: Instrument(name, name, "macro", frequency="quarterly" if name == "GDP" else "monthly", lag_days=lag)
        for name, lag in LAGS.items()
    },
    "WALCL": Instrument("WALCL", "Balance sheet", "macro", frequency="weekly", lag_days=1),
    "WM2NS": Instrument("WM2NS", "Money by week", "macro", frequency="weekly", lag_days=23),
    "DGS10": Instrument("DGS10", "Ten years", "macro", frequency="daily", lag_days=1),
}
PERCENT = ("FEDFUNDS", "UNRATE", "DGS10")
KNOWN = {
    "SPY": Instrument("SPY", "S&P 500", "etf"),
    **{
        name: Instrument(name, name, "macro", frequency=each.frequency, lag_days=each.lag_days, unit="%", scale=0.01)
        if name in PERCENT
        else each
        for name, each in MACRO.items()
    },
}


@pytest.fixture(scope="module")
def whole(market_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Market:
    path = tmp_path_factory.mktemp("market") / "store.sqlite"
    with Store(path) as store:
        refresh(store, KNOWN, folder_providers(market_folder), end=LAST, now=dt.datetime(2026, 1, 3, 12, tzinfo=dt.UTC))
    return Market(path, KNOWN, {}, last_day=LAST)


def on(whole: Market, day: str) -> Scope:
    return Scope(whole.until(dt.date.fromisoformat(day)))


@cache
def values(folder: Path, name: str, kind: str = "fred") -> dict[str, float]:
    with (folder / kind / f"{name}.csv").open(encoding="utf-8") as file:
        return {day: float(value) for day, value in list(csv.reader(file))[1:] if value}


def inflation(folder: Path, month: str) -> float:
    prices = values(folder, "CPIAUCSL")
    return prices[month] / prices[f"{int(month[:4]) - 1}{month[4:]}"] - 1


@pytest.mark.parametrize(
    ("day", "month"), [("2026-01-02", "2025-11-01"), ("2025-12-12", "2025-09-01"), ("2025-10-10", "2025-08-01")]
)
def test_a_real_rate_is_of_one_month_though_its_parts_are_published_apart(
    whole: Market, market_folder: Path, day: str, month: str
) -> None:
    found = on(whole, day).number("level('FEDFUNDS') - ret('CPIAUCSL', '1y')")
    rate = values(market_folder, "FEDFUNDS")[month] / 100
    assert found.value == pytest.approx(rate - inflation(market_folder, month))
    assert found.on == dt.date.fromisoformat(month)


def test_series_by_the_week_meet_in_their_week(whole: Market, market_folder: Path) -> None:
    found = on(whole, "2026-01-02").number("level('WALCL') / level('WM2NS')")
    assert found.on == dt.date(2025, 12, 3)
    wanted = values(market_folder, "WALCL")["2025-12-03"] / values(market_folder, "WM2NS")["2025-12-01"]
    assert found.value == pytest.approx(wanted)


def test_a_quarter_meets_the_newest_month_that_was_known(whole: Market, market_folder: Path) -> None:
    found = on(whole, "2026-01-02").number("level('GDP') / level('M2SL')")
    output, money = values(market_folder, "GDP")["2025-07-01"], values(market_folder, "M2SL")
    # The third quarter was known on 29 October 2025, when money of August was the newest: that of September came later.
    newest = max(day for day in money if dt.date.fromisoformat(day) + dt.timedelta(55) <= dt.date(2025, 10, 29))
    assert found.value == pytest.approx(output / money[newest])


def test_a_month_is_not_lost_to_a_holiday_of_the_daily_series(whole: Market, market_folder: Path) -> None:
    # Inflation of September was known on 14 October 2025, after a day without a yield.
    assert "2025-10-13" not in values(market_folder, "DGS10")
    found = on(whole, "2025-12-12").number("level('DGS10') - ret('CPIAUCSL', '1y')")
    assert found.on == dt.date(2025, 9, 1)
    wanted = values(market_folder, "DGS10")["2025-10-10"] / 100 - inflation(market_folder, "2025-09-01")
    assert found.value == pytest.approx(wanted)


def test_returns_of_a_year_are_of_the_same_year(whole: Market) -> None:
    scope = on(whole, "2026-01-02")
    one, other = scope.number("ret('SPY', '2024')").value, scope.number("ret('CPIAUCSL', '2024')").value
    assert isinstance(one, float)
    assert isinstance(other, float)
    assert scope.number("spread('SPY', 'CPIAUCSL', '2024')").value == pytest.approx(one - other)


@pytest.mark.parametrize(
    "expression",
    [
        "level('FEDFUNDS') - ret('CPIAUCSL', '1y')",
        "level('DGS10') - ret('CPIAUCSL', '1y')",
        "level('WALCL') / level('WM2NS')",
        "ratio('GDP', 'M2SL')",
        "spread('SPY', 'CPIAUCSL', '1y')",
        "spread('M2SL', 'GDP', '1y')",
        "lag('CPIAUCSL', 12)",
        "level('DGS10') > 0.04 and level('UNRATE') > 0.041",
        "corr('SPY', 'M2SL', '5y')",
    ],
)
def test_what_was_known_on_a_day_is_what_history_says_of_it(whole: Market, expression: str) -> None:
    history = on(whole, "2026-01-02").value(expression)
    assert history.calendar is not None
    days, known = history.calendar.days, history.whole()
    assert len(days) > 100
    for row in np.linspace(len(days) // 2, len(days) - 1, 40).astype(int):
        day = dt.date(1970, 1, 1) + dt.timedelta(int(days[row]))
        then = Scope(whole.until(day)).number(expression).value
        assert (then is None and np.isnan(known[row])) or then == pytest.approx(float(known[row])), day


def drawn(whole: Market, *names: str) -> Levels:
    return levels(names, Context(Scope(whole.until(LAST)), cast(Library, None), "chart"))[0]


def test_a_chart_of_macro_series_has_all_of_their_months(whole: Market, market_folder: Path) -> None:
    shown = drawn(whole, "CPIAUCSL", "M2SL", "SPY")
    assert [f"{day_of(int(day)):%Y-%m}" for day in shown.days[-3:]] == ["2025-08", "2025-09", "2025-11"]
    assert shown["M2SL"][-1] == values(market_folder, "M2SL")["2025-11-01"]
    prices = values(market_folder, "SPY", "prices")
    assert shown["SPY"][-1] / shown["SPY"][-2] == pytest.approx(prices["2025-11-28"] / prices["2025-09-30"])


def test_a_chart_of_weeks_and_of_quarters_has_them(whole: Market) -> None:
    assert len(drawn(whole, "WALCL", "WM2NS").days) > 1000
    assert len(drawn(whole, "GDP", "CPIAUCSL", "WALCL").days) > 80

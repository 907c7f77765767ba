"""Functions over time and the rules of days, against plain arithmetic on real prices."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import math
import statistics
from functools import cache
from pathlib import Path

import pytest

from thesisvault.language.evaluate import Scope
from thesisvault.market.reading.market import Market
from thesisvault.market.records import Basket, Instrument
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.sources.csv_folder import folder_providers
from thesisvault.market.store.store import Store

LAST = dt.date(2026, 2, 27)
NOW = dt.datetime(2026, 2, 28, 12, tzinfo=dt.UTC)
FOUR = ("NVDA", "MSFT", "GOOGL", "META")
KNOWN = {
    **{name: Instrument(name, name, "etf") for name in ("SPY", "XLE", "XOM", *FOUR)},
    "BTC-USD": Instrument("BTC-USD", "Bitcoin", "crypto", exchange="24/7"),
    "CPIAUCSL": Instrument("CPIAUCSL", "Consumer prices", "macro", frequency="monthly", lag_days=14),
    "WALCL": Instrument("WALCL", "Balance sheet", "macro", frequency="weekly", lag_days=1, unit="USD", scale=1e6),
}
BASKETS = {"four": Basket("four", "Four", tuple((name, None) for name in FOUR))}


@pytest.fixture(scope="module")
def whole(market_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Market:
    path = tmp_path_factory.mktemp("market") / "store.sqlite"
    with Store(path) as store:
        refresh(store, KNOWN, folder_providers(market_folder), end=LAST, now=NOW)
    return Market(path, KNOWN, BASKETS, last_day=LAST)


@pytest.fixture
def scope(whole: Market) -> Scope:
    return Scope(whole)


def on(whole: Market, day: str) -> Scope:
    return Scope(whole.until(dt.date.fromisoformat(day)))


@cache
def closes(folder: Path, ticker: str, kind: str = "prices") -> dict[dt.date, float]:
    with (folder / kind / f"{ticker}.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    return {dt.date.fromisoformat(day): float(value) for day, value in rows if value and day <= str(LAST)}


def inside(series: dict[dt.date, float], first: dt.date) -> list[tuple[dt.date, float]]:
    """The closes of a window, with the one that it starts from: the last on or before its first day."""
    base = max(day for day in series if day <= first)
    return [(day, value) for day, value in series.items() if day >= base]


def test_the_worst_fall_of_a_year_is_inside_that_year(scope: Scope, market_folder: Path) -> None:
    part = [value for _, value in inside(closes(market_folder, "XOM"), dt.date(2025, 2, 27))]
    worst = min(low / max(part[: place + 1]) - 1 for place, low in enumerate(part))
    assert scope.number("max_drawdown('XOM', '1y')").value == pytest.approx(worst, abs=1e-5)
    # Looking back from each day of the year reaches a second year back.
    assert scope.number("low(drawdown('XOM', '1y'), '1y')").value < worst - 0.02


def test_peak_trough_and_drawdown_follow_the_same_series(scope: Scope, market_folder: Path) -> None:
    part = inside(closes(market_folder, "XLE"), dt.date(2025, 2, 27))
    assert scope.number("trough('XLE', '1y')").value == min(part, key=lambda each: each[1])[0]
    peak, highest = max(part, key=lambda each: each[1])
    assert scope.number("peak('XLE', '1y')").value == peak
    assert scope.number("drawdown('XLE', '1y')").value == pytest.approx(part[-1][1] / highest - 1, abs=1e-6)


def test_growth_per_year_is_compounded_over_calendar_years(scope: Scope, market_folder: Path) -> None:
    series = closes(market_folder, "SPY")
    base = max(day for day in series if day <= dt.date(2016, 2, 27))
    wanted = (series[LAST] / series[base]) ** (365.25 / (LAST - base).days) - 1
    assert scope.number("cagr('SPY', '10y')").value == pytest.approx(wanted, abs=1e-6)
    short = scope.number("cagr('SPY', '90d')")
    assert (short.value, short.reason) == (None, "a window of less than a year is not annualized")


def test_a_lag_counts_the_series_own_periods(scope: Scope, market_folder: Path) -> None:
    prices = closes(market_folder, "CPIAUCSL", "fred")
    # No value of October 2025 was published: twelve months before November 2025 is November 2024 all the same.
    assert scope.number("lag('CPIAUCSL', 12)").value == pytest.approx(prices[dt.date(2024, 11, 1)])
    lost = scope.number("lag('CPIAUCSL', 1)")
    assert lost.value is None
    assert "no value for October 2025" in lost.reason
    assert scope.number("lag(close('XLE'), 1)").value == pytest.approx(
        list(closes(market_folder, "XLE", "unadjusted").values())[-2]
    )


def test_median_and_percentile_over_time(scope: Scope, market_folder: Path) -> None:
    values = [v for _, v in inside(closes(market_folder, "XLE", "unadjusted"), dt.date(2025, 2, 27))][1:]
    assert scope.number("median('XLE', '1y')").value == pytest.approx(statistics.median(values))
    assert scope.number("pctile('XLE', '1y')").value == pytest.approx(
        sum(v <= values[-1] for v in values) / len(values)
    )


def test_days_on_which_a_condition_held(scope: Scope, market_folder: Path) -> None:
    series = closes(market_folder, "SPY")
    moves = {day: value / before - 1 for (_, before), (day, value) in itertools.pairwise(series.items())}
    fell = [day for day, move in moves.items() if day.year == 2025 and move < -0.015]
    assert scope.number("sessions(ret('SPY', '1d') < -0.015, '2025')").value == len(fell)
    assert scope.number("first(ret('SPY', '1d') < -0.015, '2025')").value == fell[0]
    assert scope.number("last(ret('SPY', '1d') < -0.015, '2025')").value == fell[-1]
    never = scope.number("last(ret('SPY', '1d') < -0.5, '2025')")
    assert never.value is None
    assert "held on no session" in never.reason


def test_the_average_of_a_condition_is_the_share_of_sessions(scope: Scope) -> None:
    number = scope.number("sma(ret('SPY', '1d') < -0.015, 'ytd')")
    assert (round(number.value, 3), number.kind) == (0.051, "share")


def test_mean_correlation_of_a_list_and_of_a_basket_is_that_of_all_pairs(scope: Scope) -> None:
    pairs = [scope.number(f"corr('{a}', '{b}', '3m')").value for a, b in itertools.combinations(FOUR, 2)]
    for source in ("mean_corr('NVDA, MSFT, GOOGL, META', '3m')", "mean_corr('four', '3m')"):
        assert scope.number(source).value == pytest.approx(statistics.mean(pairs)), source


# Days ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "day", "known"),
    [
        ("ret('XLE', '2022')", "2022-12-29", False),
        ("ret('XLE', '2022')", "2022-12-30", True),  # its last session, a Friday
        ("ret('XLE', '2022')", "2023-06-01", True),
        ("ret('BTC-USD', '2022')", "2022-12-30", False),  # a coin has one more day
        ("ret('XLE', '2025-05')", "2025-05-29", False),
        ("ret('XLE', '2025-05')", "2025-06-01", True),  # a Sunday
    ],
)
def test_a_period_is_over_when_its_last_session_has_closed(whole: Market, source: str, day: str, known: bool) -> None:
    assert on(whole, day).number(source).is_known is known


def test_the_return_of_2022_is_known_on_its_last_session(whole: Market) -> None:
    assert on(whole, "2022-12-30").number("ret('XLE', '2022')").value == pytest.approx(0.643, abs=0.001)


def test_a_base_in_an_empty_month_makes_no_longer_window(whole: Market) -> None:
    number = on(whole, "2025-12-31").number("ret('CPIAUCSL', '1m')")
    assert number.value is None
    assert number.reason == "CPIAUCSL: no value for October 2025, the base of 1 month"
    assert on(whole, "2025-12-31").number("ret('CPIAUCSL', '1y')").is_known


def test_a_year_to_date_of_a_year_that_has_not_begun_is_unknown(whole: Market) -> None:
    number = on(whole, "2026-02-27").number("change('WALCL', 'ytd')")
    assert number.value is None
    assert "nothing of 2026 yet, the latest value is of 2025-12-24" in number.reason


@pytest.mark.parametrize("day", ["2026-02-27", "2026-02-28", "2025-07-06", "2024-12-29"])
@pytest.mark.parametrize("window", ["ytd", "90d", "1y", "2024", "5d"])
def test_a_difference_of_returns_is_the_spread(whole: Market, day: str, window: str) -> None:
    seen = on(whole, day)
    apart = seen.number(f"ret('BTC-USD', '{window}') - ret('SPY', '{window}')")
    spread = seen.number(f"spread('BTC-USD', 'SPY', '{window}')")
    assert (apart.value, apart.on, apart.bases) == (spread.value, spread.on, spread.bases)
    assert apart.value is None or math.isfinite(apart.value)


def test_a_52_week_high_is_of_closes(scope: Scope) -> None:
    assert scope.number("close('XLE') / high('XLE', '1y')").value == pytest.approx(1.0)
    assert scope.number("close('XLE') > sma('XLE', 200)").truth is True

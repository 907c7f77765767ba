"""The same numbers once more, from the files with plain Python: no pandas, nothing of the generator's arithmetic."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.facts.conftest import Closes, Facts

ByHand = Callable[[str], Closes]


def on_or_before(closes: Closes, day: str) -> float:
    return closes[max(d for d in closes if d <= day)]


def moved(closes: Closes, base: str, end: str) -> float:
    return on_or_before(closes, end) / on_or_before(closes, base) - 1


YEARS = {
    "2021": ("2020-12-31", "2021-12-31"),
    "2022": ("2021-12-31", "2022-12-31"),
    "2025": ("2024-12-31", "2025-12-31"),
}
RETURNS = [
    *((t, w, *YEARS[w]) for t in ("NVDA", "TSLA", "META", "GOOGL", "AAPL", "SPY") for w in YEARS),
    *((t, "ytd", "2025-12-31", "2026-02-27") for t in ("XLE", "IGV", "IWM", "QQQ", "MAGS", "RSP", "EEM", "KRE")),
    *((t, "90d", "2025-11-29", "2026-02-27") for t in ("XLE", "IGV", "XLU")),
    *((t, "1y", "2025-02-27", "2026-02-27") for t in ("XLE", "IGV")),
    *((t, "since 2025-10-29", "2025-10-29", "2026-02-27") for t in ("MAGS", "RSP")),
    *((t, "2000-05-26..2002-10-09", "2000-05-26", "2002-10-09") for t in ("IWM", "QQQ", "XLE")),
    *((t, "2018Q4", "2018-09-30", "2018-12-31") for t in ("XLE", "QQQ")),
]


@pytest.mark.parametrize(("ticker", "window", "base", "end"), RETURNS, ids=[f"{r[0]} {r[1]}" for r in RETURNS])
def test_a_return_is_what_the_file_says(
    facts: Facts, by_hand: ByHand, ticker: str, window: str, base: str, end: str
) -> None:
    number = facts.at("2026-02-27").number(f"ret('{ticker}', '{window}')")
    # Files hold six digits; total return from dividends and Yahoo's adjusted closes differ by as little.
    assert number.value == pytest.approx(moved(by_hand(f"prices/{ticker}"), base, end), abs=2e-3)


def test_the_base_day_of_90_days_is_the_half_day_before(facts: Facts) -> None:
    assert [str(d) for _, d in facts.at("2026-02-27").number("ret('XLE', '90d')").bases] == ["2025-11-28"]


def test_price_return_is_from_closes_without_dividends(facts: Facts, by_hand: ByHand) -> None:
    number = facts.at("2026-02-27").number("ret('XLE', '2022', basis='price')")
    assert number.value == pytest.approx(moved(by_hand("unadjusted/XLE"), "2021-12-31", "2022-12-31"), abs=1e-9)


def test_total_return_reinvests_every_dividend(facts: Facts, by_hand: ByHand) -> None:
    closes, paid = by_hand("unadjusted/XOM"), by_hand("dividends/XOM")
    days = sorted(d for d in closes if "2023-12-29" <= d <= "2025-12-31")
    grown = 1.0
    for before, day in itertools.pairwise(days):
        grown *= closes[day] / (closes[before] - paid.get(day, 0.0))
    number = facts.at("2026-02-27").number("ret('XOM', '2023-12-29..2025-12-31')")
    assert number.value == pytest.approx(grown - 1, abs=1e-9)
    assert grown - 1 > moved(closes, "2023-12-29", "2025-12-31") + 0.05


def newest_of(path: Path) -> Closes:
    """The last closes of a file, which reach back a few months; whole files of 500 members take seconds."""
    lines = path.read_bytes()[-4000:].decode().split("\n")[1:]
    return {day: float(close) for day, _, close in (line.partition(",") for line in lines) if close}


def test_members_up_and_movers_are_counted_from_the_files(facts: Facts, by_hand: ByHand, market_folder: Path) -> None:
    known = facts.market.store.feeds()
    files = {
        t: newest_of(market_folder / "prices" / f"{t}.csv") for t in facts.library.universes["sp500"] if t in known
    }
    day = {t: moved(c, "2026-01-13", "2026-01-14") for t, c in files.items()}
    year = {t: moved(c, "2025-12-31", "2026-02-27") for t, c in files.items()}
    spy = moved(by_hand("prices/SPY"), "2025-12-31", "2026-02-27")
    assert sum(m > 0 for m in day.values()) == 312
    assert (sum(m >= 0.2 for m in year.values()), sum(m <= -0.2 for m in year.values())) == (90, 35)
    scope = facts.at("2026-02-27")
    beat = scope.number("breadth(ret('sp500', 'ytd') > ret('SPY', 'ytd'))").value
    assert beat == pytest.approx(sum(m > spy for m in year.values()) / len(year), abs=1 / 500)
    assert scope.number("median(ret('sp500', 'ytd'))").value == pytest.approx(
        statistics.median(year.values()), abs=1e-3
    )
    assert scope.number("dispersion('sp500', 'ytd')").value == pytest.approx(statistics.stdev(year.values()), abs=1e-3)


def test_streaks_are_counted_from_the_files(facts: Facts, by_hand: ByHand) -> None:
    small, large = by_hand("prices/IWM"), by_hand("prices/SPY")
    days = sorted(set(small) & set(large))
    runs, run = {}, 0
    for before, day in itertools.pairwise(days):
        run = run + 1 if small[day] / small[before] > large[day] / large[before] else 0
        runs[day] = run
    assert (runs["2008-06-06"], runs["2026-01-15"], runs["2026-01-22"]) == (13, 10, 14)
    assert max(runs.values()) == 14
    assert max(n for day, n in runs.items() if day <= "2026-01-15") == 13
    assert facts.at("2008-06-06").number("streak(ret('IWM', '1d') > ret('SPY', '1d'))").value == runs["2008-06-06"]


def test_small_caps_led_in_three_of_eleven_months(by_hand: ByHand) -> None:
    ends = ["2025-01-31", *(f"2025-{m:02d}-31" for m in range(2, 13))]
    led = [moved(by_hand("prices/IWM"), a, b) > moved(by_hand("prices/SPY"), a, b) for a, b in itertools.pairwise(ends)]
    assert sum(led) == 3


def test_seven_of_eleven_sectors_were_up_on_26_february(facts: Facts, by_hand: ByHand) -> None:
    sectors = ("XLB", "XLC", "XLE", "XLF", "XLI", "XLK", "XLP", "XLRE", "XLU", "XLV", "XLY")
    assert sum(moved(by_hand(f"prices/{s}"), "2025-12-31", "2026-02-26") > 0 for s in sectors) == 7
    scope = facts.at("2026-02-26")
    assert sum(scope.number(f"ret('{s}', 'ytd')").value > 0 for s in sectors) == 7  # type: ignore[operator, misc]


def test_a_moving_average_is_the_mean_of_the_last_closes(facts: Facts, by_hand: ByHand) -> None:
    buy, sell = by_hand("prices/XLE"), by_hand("prices/IGV")
    days = sorted(set(buy) & set(sell))[-200:]
    line = [buy[d] / sell[d] for d in days]
    scope = facts.at("2026-02-27")
    above = scope.number("ratio('XLE', 'IGV') / sma(ratio('XLE', 'IGV'), 200)").value
    assert above == pytest.approx(line[-1] / statistics.fmean(line), abs=1e-4)


def test_volatility_is_the_deviation_of_daily_returns_of_the_year(facts: Facts, by_hand: ByHand) -> None:
    closes = by_hand("prices/QQQ")
    days = sorted(closes)
    returns = [closes[b] / closes[a] - 1 for a, b in itertools.pairwise(days) if b > "2025-02-27"]
    number = facts.at("2026-02-27").number("vol('QQQ', '1y')")
    assert number.value == pytest.approx(statistics.stdev(returns) * 252**0.5, abs=1e-4)

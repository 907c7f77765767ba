"""What the theses state in words, without an expression: each sentence stands there, and the price files bear it out.

Plain Python over the files; nothing of the generator's arithmetic. A sentence that is changed has to be checked anew.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.facts.conftest import Closes

ByHand = Callable[[str], Closes]
AS_OF = "2026-02-27"


class Files:
    """The price files."""

    def __init__(self, by_hand: ByHand) -> None:
        self.read = by_hand

    def of(self, ticker: str) -> Closes:
        """Return the closes of a ticker up to the day of the notes."""
        return {day: value for day, value in self.read(f"prices/{ticker}").items() if day <= AS_OF}

    def ratio(self, one: str, other: str) -> Closes:
        """Return one series over another on common days."""
        top, bottom = self.of(one), self.of(other)
        return {day: top[day] / bottom[day] for day in sorted(top) if day in bottom}

    def moved(self, ticker: str, base: str, end: str) -> float:
        """Return the return from close to close, each the last on or before its day."""
        closes = self.of(ticker)
        first, last = (closes[max(day for day in closes if day <= each)] for each in (base, end))
        return last / first - 1

    def ahead(self, one: str, other: str, base: str, end: str) -> float:
        """Return the difference of two returns."""
        return self.moved(one, base, end) - self.moved(other, base, end)

    def days(self, ticker: str) -> dict[str, float]:
        """Return the return of each session."""
        closes = self.of(ticker)
        return {after: closes[after] / closes[day] - 1 for day, after in itertools.pairwise(sorted(closes))}

    def years_ahead(self, one: str, other: str, years: Sequence[int]) -> list[int]:
        """Return the years in which one led the other."""
        return [y for y in years if self.ahead(one, other, f"{y - 1}-12-31", f"{y}-12-31") > 0]


def worst(closes: Closes, first: str, last: str) -> tuple[float, str, str]:
    """Return the worst fall from a high within two days, with the days of its high and low."""
    found, peak, top = (0.0, "", ""), 0.0, ""
    for day in sorted(each for each in closes if first <= each <= last):
        if closes[day] > peak:
            peak, top = closes[day], day
        found = min(found, (closes[day] / peak - 1, top, day))
    return found


@pytest.fixture(scope="module")
def files(by_hand: ByHand) -> Files:
    return Files(by_hand)


@pytest.fixture
def says(root: Path) -> Callable[[str, str], bool]:
    def stands(thesis: str, words: str) -> bool:
        text = (root / "data" / "theses" / f"{thesis}.yaml").read_text(encoding="utf-8")
        return words in " ".join(text.split())

    return stands


Says = Callable[[str, str], bool]
CYCLES = [
    ("2000-06-30", "2003-12-31"),
    ("2006-12-29", "2009-12-31"),
    ("2013-12-31", "2016-12-30"),
    ("2017-12-29", "2018-12-31"),
    ("2021-12-31", "2022-12-30"),
    ("2023-12-29", "2025-12-31"),
]


def test_value_led_in_two_years_of_ten(says: Says, files: Files) -> None:
    assert says("growth-to-value", "Value beat growth in only two of the ten years to 2025")
    assert says("growth-to-value", "Of the ten years to 2025, 2022 was value's best.")
    years = files.years_ahead("VYM", "VUG", range(2016, 2026))
    assert len(years) == 2
    assert max(years, key=lambda y: files.ahead("VYM", "VUG", f"{y - 1}-12-31", f"{y}-12-31")) == 2022


def test_2022_was_more_than_twice_as_bright(says: Says, files: Files) -> None:
    assert says("growth-to-value", "2022 was more than twice as bright")
    assert files.ahead("VYM", "VUG", "2021-12-31", "2022-12-31") > 2 * files.ahead("VYM", "VUG", "2025-12-31", AS_OF)


def test_value_crossed_its_trend_four_sessions_before(says: Says, files: Files) -> None:
    assert says("growth-to-value", "crossed its 200-session average on 8 January, four sessions before")
    ratio = files.ratio("IWD", "IWF")
    days = sorted(ratio)
    above = {
        days[i]: ratio[days[i]] > sum(ratio[day] for day in days[i - 199 : i + 1]) / 200 for i in range(199, len(days))
    }
    assert not above["2026-01-07"]
    assert all(above[day] for day in days if "2026-01-08" <= day <= "2026-01-14")
    assert days.index("2026-01-14") - days.index("2026-01-08") == 4


def test_equal_weight_trailed_in_three_years(says: Says, files: Files) -> None:
    assert says("cap-to-equal-weight", "Equal weight trailed the index in all three years to 2025")
    assert files.years_ahead("RSP", "SPY", range(2023, 2026)) == []


def test_small_caps_by_year_and_month(says: Says, files: Files) -> None:
    assert says("large-to-small", "behind the Nasdaq 100 in four of the five years to 2025")
    assert files.years_ahead("IWM", "QQQ", range(2021, 2026)) == [2022]
    assert says("large-to-small", "Only in June, August and November.")
    months = [m for m in range(2, 13) if files.ahead("IWM", "SPY", f"2025-{m - 1:02}-31", f"2025-{m:02}-31") > 0]
    assert months == [6, 8, 11]
    assert says("large-to-small", "About 12% was the gain of the whole year.")
    assert files.moved("IWM", "2024-12-31", "2025-12-31") == pytest.approx(0.12, abs=0.012)


def test_small_caps_were_low_in_2025_and_high_in_2006(says: Says, files: Files) -> None:
    assert says("large-to-small", "The low was in April 2025")
    against = {day: value for day, value in files.ratio("IWM", "SPY").items() if day >= "2023"}
    assert min(against, key=lambda day: against[day])[:7] == "2025-04"
    assert says("large-to-small", "below its high of 2006")
    high = files.ratio("IWM", "QQQ")
    assert max(high, key=lambda day: high[day])[:4] == "2006"


def test_27_february(says: Says, files: Files) -> None:
    assert says("large-to-small", "although the equal-weight S&P 500 did not fall")
    assert files.days("RSP")[AS_OF] >= 0
    assert says("large-to-small", "Regional banks, a large part of the index, fell three times as much")
    assert files.days("KRE")[AS_OF] / files.days("IWM")[AS_OF] == pytest.approx(3, abs=0.25)
    assert says(
        "mega-cap-to-regional-banks", "the worst day since October. A day earlier the lead was three times as large"
    )
    assert max(day for day, moved in files.days("KRE").items() if moved < files.days("KRE")[AS_OF])[:7] == "2025-10"
    before, after = (files.ahead("KRE", "SPY", "2025-12-31", day) for day in ("2026-02-26", AS_OF))
    assert before / after == pytest.approx(3, abs=0.25)
    assert says("mega-cap-to-regional-banks", "since their high of 6 February")
    assert worst(files.of("KRE"), "2025-11-28", AS_OF)[1:] == ("2026-02-06", AS_OF)


def test_falls_of_micron(says: Says, files: Files) -> None:
    assert says("memory-bottleneck", "fell by about half at best and by nine tenths at worst")
    falls = [worst(files.of("MU"), *cycle)[0] for cycle in CYCLES]
    assert max(falls) == pytest.approx(-0.5, abs=0.01)
    assert min(falls) == pytest.approx(-0.9, abs=0.04)
    assert says("memory-bottleneck", "in each of six past cycles Micron fell further")
    assert max(falls) < -0.25
    assert says(
        "memory-bottleneck", "From 17 March to 4 April 2025. From the high of June 2024 Micron fell by more than half"
    )
    assert worst(files.of("MU"), "2025-02-27", AS_OF)[1:] == ("2025-03-17", "2025-04-04")
    fall, high, low = worst(files.of("MU"), "2024-01-02", AS_OF)
    assert (fall < -0.5, high[:7], low) == (True, "2024-06", "2025-04-04")


def test_chips_fell_less_than_micron_in_each_cycle(says: Says, files: Files) -> None:
    assert says("memory-bottleneck", "Micron falls further than chips")
    assert all(worst(files.of("MU"), *c)[0] < worst(files.of("SMH"), *c)[0] for c in CYCLES)


def test_software_around_the_opening(says: Says, files: Files) -> None:
    assert says("software-to-energy", "Software fell another 5% on the day of publication.")
    assert files.days("IGV")["2026-02-05"] == pytest.approx(-0.05, abs=0.005)
    assert says("software-to-energy", "Reached on 5 February (−24.6%) and not held.")
    assert files.moved("IGV", "2025-12-31", "2026-02-05") == pytest.approx(-0.246, abs=0.0005)
    assert files.moved("IGV", "2025-12-31", AS_OF) > -0.246


def test_gold_and_the_balance_sheet(says: Says, files: Files) -> None:
    assert says("liquidity-paradox", "It was the worst day in the gold fund's stored history.")
    falls = files.days("GLD")
    assert min(falls, key=lambda day: falls[day]) == "2026-01-30"
    fed = files.read("fred/WALCL")
    assert says("liquidity-paradox", "It grew in each of the three weeks since its low of 3 December.")
    weeks = [fed[day] for day in sorted(fed) if day >= "2025-12-03"]
    assert len(weeks) == 4
    assert weeks == sorted(weeks)
    assert min(value for day, value in fed.items() if day >= "2025-01-01") == weeks[0]


def test_eaton_lost_and_one_gas_producer_leads(says: Says, files: Files) -> None:
    assert says("tech-to-builders", "after a year of losses for its holders")
    assert files.moved("ETN", "2024-12-31", "2025-12-31") < 0
    assert says("tech-to-builders", "EQT leads the market, Expand Energy trails")
    assert files.ahead("EQT", "SPY", "2026-01-02", AS_OF) > 0 > files.ahead("EXE", "SPY", "2026-01-02", AS_OF)
    assert says("tech-to-builders", "the nuclear generator in the basket has fallen this year")
    assert files.moved("CEG", "2025-12-31", AS_OF) < 0
    assert says("tech-to-builders", "only industrials led")
    sectors = [files.ahead(each, "SPY", "2024-12-31", "2025-12-31") > 0 for each in ("XLI", "XLB", "XLE")]
    assert sectors == [True, False, False]


def test_markets_abroad_led_in_the_first_quarter(says: Says, files: Files) -> None:
    assert says("us-to-emerging", "They led clearly in the first quarter already")
    assert files.ahead("EFA", "SPY", "2024-12-31", "2025-04-01") > 0.1
    assert says("us-to-emerging", "Of the countries that the essay names, the one that trails.")
    led = [files.ahead(each, "SPY", "2025-12-31", AS_OF) > 0 for each in ("EWZ", "EWW", "INDA")]
    assert led == [True, True, False]

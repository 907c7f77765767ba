"""One currency for a thesis, whatever the number of its holdings: both sides and benchmark are converted alike.

In euros SAP.DE gains 10% in the year while the euro falls by a tenth: in dollars it is unchanged. The fund gains 5%.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.stories.workspaces import call, sessions, shown
from thesisvault.scalars import parse_date

EURO, DOLLARS, HALF = 0.10, 1.10 * (1.00 / 1.10) - 1, 0.05
BASE, LAST = "2023-12-29", "2024-06-28"
INSTRUMENTS = """\
SAP.DE: {name: Software of Walldorf, kind: stock, currency: EUR}
SIE.DE: {name: Makers of Munich, kind: stock, currency: EUR}
FUND: {name: A dollar fund, kind: etf}
MKT: {name: Whole market, kind: etf}
DAX: {name: Forty shares, kind: index, currency: EUR}
"""
# The close of each series on the base day and on the last.
ENDS = {
    "SAP.DE": (100, 110),
    "SIE.DE": (50, 55),
    "FUND": (200, 210),
    "MKT": (400, 400),
    "DAX": (16000, 17600),
    "EURUSD=X": (1.10, 1.00),
}


def thesis(buy: str = "[SAP.DE]", more: str = "") -> str:
    return f"""\
title: Fund to software
summary: "Software {{{{ ret(buy, 'ytd') | pct }}}}, lead {{{{ spread(buy, sell, 'ytd') | pp }}}}."
buy: {{name: Software, hold: {buy}}}
sell: {{name: Fund, hold: [FUND]}}
{more}sections:
  - heading: Figures
    blocks:
      - returns: {{of: [buy, sell, benchmark], over: [ytd]}}
"""


@pytest.fixture
def euros(tmp_path: Path) -> Path:
    """A workspace with shares in euros, not yet built."""
    root = tmp_path / "ws"
    for folder in ("data/theses", "prices"):
        (root / folder).mkdir(parents=True)
    (root / "thesisvault.yaml").write_text(
        f"providers: [{{csv: {{folder: prices, closes: split_adjusted}}}}]\nbenchmark: MKT\nas_of: {LAST}\n"
    )
    (root / "data/instruments.yaml").write_text(INSTRUMENTS)
    days = list(sessions(parse_date("2023-06-01")))
    since = days.index(parse_date(BASE))
    for name, (first, last) in ENDS.items():
        rows = []
        for n, day in enumerate(days):
            part = max(0, n - since) / (len(days) - 1 - since)
            rows.append(f"{day},{first + (last - first) * part:.6f}")
        (root / f"prices/{name}.csv").write_text("\n".join(["date,close", *rows, ""]))
    return root


def note(root: Path, text: str) -> str:
    (root / "data/theses/turn.yaml").write_text(text)
    said = call("build", "-w", root)
    assert said.status == 0, said
    found = shown(root / "vault/Theses/Fund to software.md")
    assert "@" not in found
    return found


@pytest.mark.parametrize("buy", ["[SAP.DE]", "[SAP.DE, SIE.DE]", "{SAP.DE: 60%, SIE.DE: 40%}"])
def test_one_holding_is_converted_as_two_are(euros: Path, buy: str) -> None:
    found = note(euros, thesis(buy))
    assert "Software 0.0%, lead −5.0pp." in found
    assert found.count("0.0% |") >= 2
    summary = found.partition("tv:end summary")[0]
    assert summary.count("EURUSD=X") == 1  # the line below the table tells it, and no second one


def test_an_own_currency_converts_the_dollar_fund_instead(euros: Path) -> None:
    found = note(euros, thesis(more="currency: EUR\n"))
    in_euros = 1.05 * 1.10 - 1  # the fund rose, and so did the dollar
    assert f"Software +10.0%, lead −{(in_euros - EURO) * 100:.1f}pp." in found
    assert "FUND converted from USD to EUR at EURUSD=X" in found
    # The benchmark stood still in dollars, and gained a tenth in euros.
    assert "| [[Whole market\\|MKT]] | +10.0% |" in found


def test_local_leaves_all_as_quoted_and_says_so(euros: Path) -> None:
    found = note(euros, thesis(more="currency: local\n"))
    assert "Software +10.0%, lead +5.0pp." in found
    assert "EURUSD=X" not in found
    assert "each in its own currency: SAP.DE EUR, FUND USD, MKT USD" in found


def test_local_holds_for_several_names_too(euros: Path) -> None:
    found = note(euros, thesis("[SAP.DE, FUND]", more="currency: local\n"))
    # A half each, set at each month's end; in the first half year near to the mean of both.
    assert "Software +7." in found
    assert "each in its own currency: SAP.DE in EUR, FUND in USD" in found


def test_a_foreign_benchmark_is_converted(euros: Path) -> None:
    found = note(euros, thesis(more="benchmark: DAX\n"))
    row = next(line for line in found.splitlines() if line.startswith("| [[Forty shares"))
    assert row.endswith("| 0.0% |")


def test_figures_that_mix_currencies_outside_a_side_say_so(euros: Path) -> None:
    (euros / "data/theses/turn.yaml").write_text(thesis())
    assert call("build", "-w", euros).status == 0
    found = json.loads(call("eval", "-w", euros, "spread('SAP.DE', 'FUND', 'ytd')", "--json").out)
    assert found["number"] == pytest.approx(EURO - HALF)
    assert "SAP.DE in EUR, FUND in USD: not converted" in found["notes"]
    inside = json.loads(call("eval", "-w", euros, "spread(buy, sell, 'ytd')", "--in", "turn", "--json").out)
    assert inside["number"] == pytest.approx(DOLLARS - HALF, abs=1e-9)
    assert inside["sources"] == ["SAP.DE", "FUND"]
    assert "SAP.DE converted from EUR to USD at EURUSD=X" in inside["notes"]
    assert not any("not converted" in each for each in inside["notes"])


def test_a_price_of_a_side_is_in_the_currency_of_the_thesis(euros: Path) -> None:
    claim = 'claims: [{says: "It costs 110 dollars", check: "close(buy)", expect: "$110.00"}]\n'
    assert "✓ confirmed" in note(euros, thesis(more=claim))
    (euros / "data/theses/turn.yaml").write_text(thesis(more=claim.replace("$110", "€110")))
    said = call("check", "-w", euros)
    assert said.status == 2
    assert "€110.00 was claimed of a price in USD" in said.all


def test_a_rate_that_is_missing_is_named_with_what_to_do(euros: Path) -> None:
    (euros / "prices/EURUSD=X.csv").unlink()
    found = note(euros, thesis())
    assert "nothing is stored of the exchange rate EURUSD=X" in found
    assert "currency: local" in found


def test_home_and_properties_show_the_same_spread(euros: Path) -> None:
    found = note(euros, thesis())
    assert "spread_ytd_pp: -5" in found
    home = shown(euros / "vault/Home.md")
    assert "| −5.0 |" in home
    assert "@" not in home


def test_a_misspelled_currency_is_an_error_with_its_place(euros: Path) -> None:
    (euros / "data/theses/turn.yaml").write_text(thesis(more="currency: euro\n"))
    said = call("check", "-w", euros)
    assert said.status == 2
    assert "data/theses/turn.yaml:5:" in said.all


def test_episodes_are_in_the_home_currency(euros: Path) -> None:
    (euros / "data/episodes.yaml").write_text(
        f"turn: {{title: The turn, start: {BASE}, end: {LAST}, buy: {{hold: [SAP.DE]}}, sell: {{hold: [FUND]}}}}\n"
    )
    text = thesis() + "  - heading: Before\n    blocks: [{episodes: {}}]\n"
    found = note(euros, text)
    assert "| −5.0pp |" in found


PENCE = """\
claims:
  - {says: Shell closed at 3000p, check: "close('SHEL.L')", expect: 3000p}
  - {says: Shell closed at thirty pounds, check: "close('SHEL.L')", expect: £30.00}
  - {says: Shell is worth half as much again, check: "upside('SHEL.L', '4500p')", expect: +50%}
"""


def test_closes_in_pence_are_spoken_of_in_pounds_and_in_pence(euros: Path) -> None:
    instruments = euros / "data/instruments.yaml"
    instruments.write_text(INSTRUMENTS + "SHEL.L: {name: Shell, kind: stock, currency: GBp}\n")
    rows = [f"{day},{2900 if str(day) < LAST else 3000}" for day in sessions(parse_date("2023-06-01"))]
    (euros / "prices/SHEL.L.csv").write_text("\n".join(["date,close", *rows, ""]))
    found = note(euros, thesis(more=f"{PENCE}").replace('summary: "', "summary: \"{{ close('SHEL.L') }}, "))
    assert "£30.00, Software" in found
    assert found.count("| ✓ confirmed |") == 3
    assert "SHEL.L: dividends are not known, price return only" in found


def test_a_share_that_stands_beside_itself_says_in_which_money(euros: Path) -> None:
    text = thesis().replace("of: [buy, sell, benchmark]", "of: [buy, sell, SAP.DE]")
    found = note(euros, text)
    assert "The spread is measured" not in found
    assert "| [[Software of Walldorf]] in USD | 0.0% |" in found
    assert "| [[Software of Walldorf]] in EUR | +10.0% |" in found
    assert "in several currencies: SAP.DE USD and EUR, FUND USD" in found
    assert "each in its own currency" not in found


def test_a_side_is_not_called_by_a_name_that_nobody_wrote(euros: Path) -> None:
    text = thesis("[SAP.DE, SIE.DE]").replace("of: [buy, sell, benchmark]", "of: [buy, sell, DAX]")
    found = note(euros, text)
    assert "in several currencies: buy USD, FUND USD, DAX EUR" in found
    assert "turn:buy" not in found


def test_a_spread_that_is_no_difference_of_the_figures_above_it_says_of_which_days_it_is(euros: Path) -> None:
    rates = euros / "prices/EURUSD=X.csv"
    rates.write_text("\n".join(line for line in rates.read_text().split("\n") if not line.startswith(BASE)))
    fund = euros / "prices/FUND.csv"
    fund.write_text(fund.read_text().replace(f"{BASE},200.", f"{BASE},220."))
    found = note(euros, thesis())
    assert "_Spread: from 28 Dec 2023 to 28 Jun, sessions that both sides have._" in found

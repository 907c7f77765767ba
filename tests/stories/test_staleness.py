"""What a reader sees of older data, of bars in quarantine and of symbols that are gone; from real prices, cut short."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import shutil
from collections.abc import Collection
from pathlib import Path

import pytest

from tests.stories.workspaces import call
from thesisvault.market.bars import Bars, day_number
from thesisvault.market.store.entries import Status
from thesisvault.market.store.ledger import Quarantined
from thesisvault.market.store.store import Store

FRIDAY, SUNDAY = "2025-12-26", "2025-12-28"
# New York trades on 26 December; London has been closed since noon of the 24th.
LONDON_LAST = "2025-12-24"
A_WEEK_EARLY = "2025-12-19"
IN_WORDS, IN_CELLS = "19 Dec 2025", "†\N{NO-BREAK SPACE}19\N{NO-BREAK SPACE}Dec\N{NO-BREAK SPACE}2025"
UTC = dt.UTC

SETTINGS = """\
providers: [{csv: {folder: prices, closes: adjusted}}, {csv: {folder: fred, layout: fred}}]
as_of: 2025-12-26
"""
INSTRUMENTS = """\
SPY: {name: Market, kind: etf}
XLE: {name: Energy, kind: etf}
IGV: {name: Software, kind: etf}
XOM: {name: Exxon, kind: stock}
BTC-USD: {name: Bitcoin, kind: crypto}
LON: {name: London fund, kind: etf, exchange: XLON}
fred:WALCL: {name: Fed balance sheet}
fred:RRPONTSYD: {name: Reverse repo}
"""
THESIS = """\
title: Software to energy
verdict: "Energy leads by {{ spread(buy, sell, 'ytd') | pp(4) }} this year."
sell: {name: Software, hold: [IGV]}
buy: {name: Energy, hold: [XLE]}
signals:
  - {name: Energy leads, when: "ret('XLE', '60d') > ret('IGV', '60d')", means: it holds}
claims:
  - {says: Energy beat software this year, check: "spread('XLE', 'IGV', 'ytd')", at_least: 1pp}
sections:
  - heading: "The gap is {{ spread(buy, sell, 'ytd') | pp }}"
    blocks:
      - returns: {of: [XLE, IGV, LON, BTC-USD], over: [5d, ytd]}
  - heading: Money
    blocks:
      - text: "The Fed holds {{ level('fred:WALCL') | usd }}, the reverse repo {{ level('fred:RRPONTSYD') | usd }}."
      - text: "{{ count(ret('four', '1d') > 0) }} of four rose."
"""
CALM = """\
title: Nothing old
kind: concept
summary: "London {{ ret('LON', 'ytd') | pct }}, Bitcoin {{ ret('BTC-USD', 'ytd') | pct }}."
sections:
  - heading: Table
    blocks:
      - returns: {of: [XLE, LON, BTC-USD], over: [ytd], against: SPY}
"""
FILES = {
    "thesisvault.yaml": SETTINGS,
    "data/instruments.yaml": INSTRUMENTS,
    "data/theses/software-to-energy.yaml": THESIS,
    "data/theses/calm.yaml": CALM,
    "data/universes/four.txt": "SPY XLE IGV XOM\n",
}
NOTE = "vault/Theses/Software to energy.md"


def cut(source: Path, target: Path, last: str, without: Collection[str] = ()) -> None:
    """Copy a file of prices from 2023 on up to a day."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open(encoding="utf-8", newline="") as lines:
        head, *rows = csv.reader(lines)
    kept = [",".join(row) for row in rows if "2023" <= row[0] <= last and row[0] not in without]
    target.write_text("\n".join([",".join(head), *kept, ""]), encoding="utf-8")


def closes(path: Path) -> dict[str, float]:
    """Read a file of prices with nothing of the generator."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {row[0]: float(row[1]) for row in list(csv.reader(lines))[1:] if row[1]}


@pytest.fixture(scope="session")
def cut_short_built(market_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which one leg ends a week early and one macro series two weeks late; built, not to be changed."""
    root = tmp_path_factory.mktemp("stale") / "ws"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    prices = market_folder / "prices"
    for ticker in ("SPY", "XLE", "XOM", "BTC-USD"):
        cut(prices / f"{ticker}.csv", root / f"prices/{ticker}.csv", SUNDAY)
    cut(prices / "IGV.csv", root / "prices/IGV.csv", A_WEEK_EARLY)
    # The London fund has real closes of a fund on British shares, on the days on which London traded.
    cut(prices / "EWU.csv", root / "prices/LON.csv", LONDON_LAST)
    cut(market_folder / "fred/WALCL.csv", root / "fred/WALCL.csv", "2025-12-10")
    cut(market_folder / "fred/RRPONTSYD.csv", root / "fred/RRPONTSYD.csv", FRIDAY)
    said = call("build", "-w", root)
    assert said.status == 0, said
    return root


@pytest.fixture
def cut_short(cut_short_built: Path, tmp_path: Path) -> Path:
    """A copy of it of one's own."""
    return Path(shutil.copytree(cut_short_built, tmp_path / "ws"))


def test_every_figure_on_older_data_carries_its_day_and_no_other_does(cut_short_built: Path) -> None:
    note = (cut_short_built / NOTE).read_text(encoding="utf-8")
    software = next(line for line in note.splitlines() if line.startswith("| [[Software"))
    assert software.count(f"<br>{IN_CELLS}") == 2
    for fresh in ("| [[Energy", "| [[London fund", "| [[Bitcoin"):
        assert "†" not in next(line for line in note.splitlines() if line.startswith(fresh))
    assert re.search(rf"## The gap is [−+]?[\d.]+pp \(† {IN_WORDS}\)", note)
    assert re.search(r"The Fed holds \\\$[\d.]+T \(† 10 Dec 2025\), the reverse repo \\\$4\.80B\.", note)


def test_the_note_names_what_ends_early_on_top(cut_short_built: Path) -> None:
    note = (cut_short_built / NOTE).read_text(encoding="utf-8")
    top, _, below = note.partition("%% tv:end summary")
    # The first screen names what it rests on below the verdict; the rest stands at the end.
    assert "\n\n[[Software|IGV]] ends 19 Dec; figures marked † stop there.\n" in top.partition("**Energy leads")[2]
    assert "Fed balance sheet" not in top
    assert "> [[Fed balance sheet]] ends 10 Dec; figures marked † stop there." in below
    assert "**No close since 19 Dec 2025" in (cut_short_built / "vault/Assets/Software.md").read_text(encoding="utf-8")
    assert "No close since" not in (cut_short_built / "vault/Assets/Energy.md").read_text(encoding="utf-8")


def test_a_spread_takes_both_legs_on_the_last_session_that_they_share(cut_short_built: Path) -> None:
    energy, software = (closes(cut_short_built / f"prices/{ticker}.csv") for ticker in ("XLE", "IGV"))
    common = sorted(set(energy) & set(software))
    base, end = max(day for day in common if day <= "2024-12-31"), common[-1]
    assert end == A_WEEK_EARLY
    gap = (energy[end] / energy[base] - software[end] / software[base]) * 100
    mixed = (energy[max(energy)] / energy[base] - software[end] / software[base]) * 100
    assert abs(gap - mixed) > 0.1  # so that a mixture of days could not pass
    note = (cut_short_built / NOTE).read_text(encoding="utf-8")
    shown_gap = f"{gap:+.4f}".replace("-", "−")
    assert f"**Energy leads by {shown_gap}pp († {IN_WORDS}) this year.**" in note


def test_a_signal_and_a_claim_on_older_data_are_not_decided(cut_short_built: Path) -> None:
    note = (cut_short_built / NOTE).read_text(encoding="utf-8")
    assert "| Supports: Energy leads; it holds | unknown |" in note
    assert f"_Unknown: IGV ends {IN_WORDS}._" in note
    assert f"**Untested: Energy beat software this year**. IGV ends {IN_WORDS}, before 26 Dec 2025." in note
    assert "spread_ytd_pp" not in note


def test_a_universe_says_which_members_count_no_longer(cut_short_built: Path) -> None:
    note = (cut_short_built / NOTE).read_text(encoding="utf-8")
    assert f"4 of today's 4 members have prices, 1 of which ends on {IN_WORDS} and counts no longer" in note


def test_a_holiday_of_one_exchange_and_a_macro_lag_are_no_staleness(cut_short_built: Path) -> None:
    note = (cut_short_built / "vault/Concepts/Nothing old.md").read_text(encoding="utf-8")
    assert "†" not in note
    assert "Older data" not in note
    # London and New York had their last sessions on different days, which the table says.
    assert "_Total return to 24 Dec or 26 Dec 2025._" in note


def test_report_and_home_count_them_and_strict_makes_it_an_exit_status(cut_short: Path) -> None:
    said = call("build", "-w", cut_short, "--json")
    assert said.status == 0
    report = json.loads(said.out)
    assert report["stale_series"] == 2
    stale = [each["problem"] for each in report["findings"] if each["code"].startswith("stale")]
    assert [words.split()[0] for words in stale] == ["IGV", "four:", "fred:WALCL"]
    assert call("build", "-w", cut_short, "--strict").status == 1
    home = (cut_short / "vault/Home.md").read_text(encoding="utf-8")
    assert "stale_series: 2" in home
    assert re.search(r"> \[!info\]- Stale data: 2 series in \d+ notes?\n", home)
    assert "[[Fed balance sheet]] to 10 Dec 2025; [[Software|IGV]] to 19 Dec 2025. Affects [[" in home


def test_without_older_data_strict_finds_nothing(cut_short: Path) -> None:
    for name in ("data/theses/software-to-energy.yaml", "data/universes/four.txt"):
        (cut_short / name).unlink()
    said = call("build", "-w", cut_short, "--strict", "--json")
    codes = [each["code"] for each in json.loads(said.out)["findings"]]
    assert codes == ["orphaned-note"] * len(codes)
    assert "stale_series: 0" in (cut_short / "vault/Home.md").read_text(encoding="utf-8")
    call("prune", "-w", cut_short)
    assert call("build", "-w", cut_short, "--strict").status == 0


def test_at_the_weekend_shares_rest_and_crypto_does_not(cut_short: Path) -> None:
    said = call("refresh", "-w", cut_short, "--as-of", SUNDAY)
    assert said.status == 0
    assert call("build", "-w", cut_short, "--as-of", SUNDAY).status == 0
    table = (cut_short / "vault/Concepts/Nothing old.md").read_text(encoding="utf-8")
    assert "†" not in table
    assert "Total return to 24 Dec or 26 Dec or 28 Dec 2025" in table
    # The same weekend with a Bitcoin that stopped on Friday: that is two sessions too few.
    other = cut_short.parent / "friday"
    shutil.copytree(cut_short, other, ignore=shutil.ignore_patterns("market", "vault"))
    cut(cut_short / "prices/BTC-USD.csv", other / "prices/BTC-USD.csv", FRIDAY)
    assert call("build", "-w", other, "--as-of", SUNDAY).status == 0
    table = (other / "vault/Concepts/Nothing old.md").read_text(encoding="utf-8")
    assert "[[Bitcoin]] ends 26 Dec; figures marked † stop there." in table
    row = next(line for line in table.splitlines() if line.startswith("| [[Bitcoin"))
    assert row.count(IN_CELLS.replace("19", "26")) == 2
    assert "†" not in next(line for line in table.splitlines() if line.startswith("| [[London"))


# Quarantine and symbols that are gone --------------------------------------------------------------------------------


def hold_back(root: Path, days: list[str]) -> None:
    """Put a bar of XLE on each of these days into quarantine, as a refresh of 27 December would."""
    numbers = tuple(day_number(dt.date.fromisoformat(day)) for day in days)
    bars = Bars(numbers, tuple(4000.0 + n for n in range(len(days))), "adjusted", currency="USD")
    with Store(root / "data/market/store.sqlite") as store:
        store.ledger.quarantine(
            Quarantined("XLE", "yahoo", "2025-12-27T06:00:00+00:00", "the close is 100 times the last", bars)
        )


def lose(root: Path, since: str) -> None:
    """Make XOM a symbol that no source has known on three days in a row."""
    checked = dt.datetime(2025, 12, 26, 22, tzinfo=UTC)
    with Store(root / "data/market/store.sqlite") as store:
        store.set_status(
            Status("XOM", "unknown symbol", "", checked, strikes=3, unknown_since=dt.date.fromisoformat(since))
        )


def test_bars_in_quarantine_stand_on_top_of_the_note_with_what_to_do(cut_short: Path) -> None:
    hold_back(cut_short, ["2025-12-23", "2025-12-24", "2025-12-29"])
    said = call("build", "-w", cut_short, "--json")
    held = [each for each in json.loads(said.out)["findings"] if each["code"] == "quarantined"]
    assert [each["level"] for each in held] == ["warning"]
    assert json.loads(said.out)["held_series"] == 1
    note = (cut_short / "vault/Assets/Energy.md").read_text(encoding="utf-8")
    top = note.partition("| Return")[0]
    assert "> [!warning] Prices held for review" in top
    # The bar of the 29th lies after the last day of the build, and is not yet known to it.
    assert "2 bars of 2025-12-23 to 2025-12-24 from yahoo are under review since 2025-12-27" in top
    assert "the close is 100 times the last" in top
    for words in ("`thesisvault prices XLE`", "`thesisvault prices XLE --accept`", "`thesisvault prices XLE --reject`"):
        assert words in top
    home = (cut_short / "vault/Home.md").read_text(encoding="utf-8")
    assert re.search(r"> \[!info\]- Stale data: 2 series.* · Prices held for review: 1 series\n", home)
    assert "Held for review: [[Energy|XLE]]." in home


def test_bars_held_back_after_the_last_day_are_not_mentioned(cut_short: Path) -> None:
    before = (cut_short / "vault/Assets/Energy.md").read_bytes()
    hold_back(cut_short, ["2025-12-29"])
    said = call("build", "-w", cut_short, "--json")
    assert json.loads(said.out)["held_series"] == 0
    assert (cut_short / "vault/Assets/Energy.md").read_bytes() == before


@pytest.mark.parametrize(
    ("days", "waits"),
    [
        (["2025-12-22"], " (later prices are held for review)"),
        (["2025-12-18", "2025-12-22"], " (later prices are held for review)"),
        (["2025-12-17", "2025-12-18"], ""),
    ],
    ids=["one after the end", "one before and one after the end", "before the end only"],
)
def test_older_data_says_whether_later_bars_are_held_back(cut_short: Path, days: list[str], waits: str) -> None:
    numbers = tuple(day_number(dt.date.fromisoformat(day)) for day in days)
    with Store(cut_short / "data/market/store.sqlite") as store:
        bars = Bars(numbers, (1.0,) * len(days), "adjusted", currency="USD")
        store.ledger.quarantine(Quarantined("IGV", "yahoo", "2025-12-27T06:00:00+00:00", "it fell by 99%", bars))
    call("build", "-w", cut_short)
    note = (cut_short / NOTE).read_text(encoding="utf-8")
    assert f"[[Software|IGV]] ends 19 Dec{waits}; figures marked † stop there." in note
    span = f"The bar of {days[0]}" if len(days) == 1 else f"2 bars of {days[0]} to {days[1]}"
    assert f"{span} from yahoo " in (cut_short / "vault/Assets/Software.md").read_text("utf-8")


def test_a_symbol_that_no_source_knows_keeps_its_history_and_says_so(cut_short: Path) -> None:
    thesis = cut_short / "data/theses/calm.yaml"
    thesis.write_text(CALM.replace("[XLE, LON", "[XOM, LON"), encoding="utf-8")
    lose(cut_short, "2025-12-22")
    said = call("build", "-w", cut_short, "--json", "--strict")
    assert said.status == 1
    report = json.loads(said.out)
    assert report["gone_series"] == 1
    assert [each["level"] for each in report["findings"] if each["code"] == "gone"] == ["warning"]
    note = (cut_short / "vault/Assets/Exxon.md").read_text(encoding="utf-8")
    assert "> [!warning] No longer quoted" in note
    assert "No source has known XOM since 2025-12-22; its history is kept and ends 2025-12-26." in note
    assert "renamed" in note
    home = (cut_short / "vault/Home.md").read_text(encoding="utf-8")
    assert "· No longer quoted: 1 series" in home


def test_a_silence_that_began_after_the_last_day_is_not_known_to_it(cut_short: Path) -> None:
    lose(cut_short, "2025-12-29")
    assert json.loads(call("build", "-w", cut_short, "--json").out)["gone_series"] == 0


def test_the_same_store_gives_the_same_bytes_whatever_the_hour(cut_short: Path) -> None:
    hold_back(cut_short, ["2025-12-23"])
    call("build", "-w", cut_short)
    report = json.loads(call("build", "-w", cut_short, "--json").out)
    assert report["written"] == []

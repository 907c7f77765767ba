"""Fundamentals in notes: from stored snapshots, each with its date, old ones marked, none guessed."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from tests.stories.workspaces import call, price, sessions, shown
from thesisvault.language.evaluate import Scope
from thesisvault.market.bars import Bars, Snapshot, day_number
from thesisvault.market.reading.market import Market
from thesisvault.market.records import Instrument
from thesisvault.market.store.store import Store

MOMENT = dt.datetime(2024, 6, 28, 22, tzinfo=dt.UTC)
THESIS = """\
title: Valued
summary: "Aardvark trades at {{ fund('AAA', 'forward_pe') }}, as {{ fund('AAA', 'market_cap') | usd }}."
buy: {hold: [AAA]}
sell: {hold: [BBB]}
signals:
  - {name: Cheap, when: "fund('AAA', 'forward_pe') < 20", means: it is cheap}
claims:
  - {says: Aardvark trades at 20 times earnings, check: "fund('AAA', 'forward_pe')", expect: 20x, on: 2024-06-28}
sections:
  - heading: "At {{ fund(buy, 'forward_pe') | mult(1) }}"
    blocks:
      - table:
          columns: [Of, Forward P/E, Yield, Flow]
          rows:
            - - Aardvark
              - "{{ fund('AAA', 'forward_pe') }}"
              - "{{ fund('AAA', 'dividend_yield') }}"
              - "{{ fund('AAA', 'flow') }}"
  - heading: Without
    blocks:
      - text: >
          Badger at {{ fund('BBB', 'forward_pe') }}, its flow {{ fund('BBB', 'flow') }},
          the pair at {{ fund('pair', 'forward_pe') }}.
"""
NOTE = "vault/Theses/Valued.md"


def keep(root: Path, name: str, day: str, **values: float) -> None:
    with Store(root / "data/market/store.sqlite") as store:
        number = day_number(dt.date.fromisoformat(day))
        store.ledger.keep_snapshot(name, number, Snapshot(values, "USD"), "yahoo", MOMENT)


@pytest.fixture
def valued(tiny: Path) -> Path:
    """The small workspace with a thesis on fundamentals, and two snapshots of Aardvark."""
    (tiny / "data/theses/valued.yaml").write_text(THESIS, encoding="utf-8")
    keep(tiny, "AAA", "2024-06-13", forward_pe=21.0, shares=1_000_000.0)
    keep(tiny, "AAA", "2024-06-20", forward_pe=19.44, market_cap=6.5e9, dividend_yield=0.034, shares=1_250_000.0)
    return tiny


def note_of(root: Path, *words: str) -> str:
    said = call("build", "-w", root, *words)
    assert said.status == 0, said
    return shown(root / NOTE)


def test_in_text_and_headings_a_fundamental_stands_with_its_date(valued: Path) -> None:
    note = note_of(valued)
    assert "Aardvark trades at 19.4x (20 Jun 2024), as \\$6.50B (20 Jun 2024)." in note
    assert "## At 19.4x (20 Jun 2024)" in note


def test_a_table_says_below_of_which_day_its_fundamentals_are(valued: Path) -> None:
    note = note_of(valued)
    region = note.partition("## At 19.4x")[2].partition("%% tv:end")[0]
    close = price("AAA", list(sessions()).index(dt.date(2024, 6, 20)))
    row = next(line for line in region.splitlines() if line.startswith("| Aardvark"))
    assert row == f"| Aardvark | 19.4x | 3.4% | \\${250_000 * close / 1e6:.1f}M |"
    assert "_Fundamentals as of 20 Jun 2024._" in region
    assert "flow of AAA from 13 Jun 2024 to 20 Jun 2024" in region


def test_signals_and_claims_use_them_and_name_their_day(valued: Path) -> None:
    note = note_of(valued)
    assert "| Supports: Cheap; it is cheap | yes, since 20\u00a0Jun | 0.56 |" in note
    signals = note.partition("## Signals")[2].partition("%% tv:end")[0]
    assert signals.count("Supports:") == 1
    assert note.count("Fundamentals as of 20 Jun 2024.") == 1
    assert "- **Near: Aardvark trades at 20 times earnings**. Actual: 19.4x (20 Jun 2024)." in note


def test_seen_from_an_earlier_day_the_earlier_snapshot_counts(valued: Path) -> None:
    note = note_of(valued, "--as-of", "2024-06-18")
    assert "Aardvark trades at 21.0x (13 Jun 2024), as n/a." in note
    assert "Aardvark: its snapshot of 13 Jun 2024 has no market\\_cap" in note
    assert "a flow needs two snapshots of shares; one snapshot of shares is stored, of 13 Jun 2024" in note


def test_a_snapshot_older_than_two_weeks_is_marked_and_counted(valued: Path) -> None:
    keep(valued, "BBB", "2024-06-13", forward_pe=30.0)
    note = note_of(valued)
    assert "Badger at 30.0x († 13 Jun 2024)" in note
    assert "BBB snapshot ends 13 Jun; figures marked † stop there." in note
    said = call("build", "-w", valued, "--json")
    assert any("BBB snapshot ends 2024-06-13" in each["problem"] for each in json.loads(said.out)["findings"])
    # Exactly two weeks are not too old.
    keep(valued, "BBB", "2024-06-14", forward_pe=31.0)
    assert "Badger at 31.0x (14 Jun 2024)" in note_of(valued)


def test_what_is_not_stored_is_not_known_and_says_how_it_comes(valued: Path) -> None:
    note = note_of(valued)
    assert "Badger at n/a, its flow n/a, the pair at n/a." in note
    region = note.partition("## Without")[2]
    assert "Badger: no snapshot of forward\\_pe is stored; they are fetched by \\`thesisvault refresh\\`" in region
    assert "Badger: a flow needs two snapshots of shares; none is stored" in region
    assert "; The pair: a basket has no fundamentals; name one of its members" in region


def test_a_misspelt_field_is_an_error_with_its_place_and_all_that_there_are(valued: Path) -> None:
    path = valued / "data/theses/valued.yaml"
    path.write_text(THESIS.replace("'AAA', 'market_cap'", "'AAA', 'marketcap'"), encoding="utf-8")
    said = call("build", "-w", valued)
    assert said.status == 2
    assert "data/theses/valued.yaml:2:" in said.err
    assert '"marketcap" is not a fundamental; there are forward_pe, trailing_pe, market_cap,' in said.err
    assert 'Did you mean "market_cap"?' in said.err


def test_a_field_is_no_mention_of_what_is_called_like_it(valued: Path) -> None:
    entities = valued / "data/entities.yaml"
    entities.write_text(entities.read_text("utf-8") + "flow: {name: The flow, kind: idea}\n", encoding="utf-8")
    note_of(valued)
    assert not (valued / "vault/Entities/The flow.md").exists()


def test_between_snapshots_that_lie_far_apart_there_is_no_value(tiny: Path) -> None:
    keep(tiny, "AAA", "2024-01-10", forward_pe=18.0)
    keep(tiny, "AAA", "2024-06-20", forward_pe=22.0)
    ask = ["eval", "-w", tiny, "--json"]
    # Two weeks after the first it still counts, which makes 24 January the last session on which it does.
    assert json.loads(call(*ask, "at(fund('AAA', 'forward_pe'), '2024-01-24')").out)["number"] == 18.0
    held = json.loads(call(*ask, "at(streak(fund('AAA', 'forward_pe') < 20), '2024-01-24')").out)
    assert held["number"] == len(list(sessions(dt.date(2024, 1, 10), dt.date(2024, 1, 24))))
    assert json.loads(call(*ask, "at(fund('AAA', 'forward_pe'), '2024-03-15')").out)["number"] is None
    assert json.loads(call(*ask, "fund('AAA', 'forward_pe')").out)["snapshot"] == ["AAA of 2024-06-20"]


def test_a_split_between_two_snapshots_is_no_flow(tmp_path: Path) -> None:
    days = [dt.date(2024, 6, 20), dt.date(2024, 6, 21), dt.date(2024, 6, 24), dt.date(2024, 6, 25)]
    numbers = tuple(map(day_number, days))
    # Closes of today's shares: one old share has become ten on the 21st, and two on the 25th.
    bars = Bars(
        numbers, (6.0, 6.1, 6.2, 6.3), "split_adjusted", dividends=(), splits=((numbers[1], 10.0), (numbers[3], 2.0))
    )
    with Store(tmp_path / "store.sqlite") as store:
        store.merge("TEN", bars, source="test", fetched=MOMENT, currency="USD")
        store.ledger.keep_snapshot("TEN", numbers[0], Snapshot({"shares": 1000.0}), "test", MOMENT)
        store.ledger.keep_snapshot("TEN", numbers[2], Snapshot({"shares": 10_100.0}), "test", MOMENT)
        market = Market(store, {"TEN": Instrument("TEN", "Ten", "stock")}, last_day=days[3], benchmark="TEN")
        number = Scope(market).number("fund('TEN', 'flow')")
    # 1,000 old shares are 20,000 of today's, 10,100 of the 24th are 20,200; the close of the 24th is 6.20.
    assert number.value == pytest.approx(200 * 6.2)
    assert number.dated == (("TEN", days[2]),)

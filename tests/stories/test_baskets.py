"""A workspace with a foreign member, a renamed ticker and a basket by date: fetched, built and told about."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from tests.reader import read_vault
from tests.stories.workspaces import make_tiny, price, sessions, shown
from thesisvault.runs.build import build_vault
from thesisvault.runs.evaluate import evaluate_expression
from thesisvault.runs.refresh import refresh_prices
from thesisvault.session import Session

NOW = dt.datetime(2024, 7, 1, 12, tzinfo=dt.UTC)
DAYS = list(sessions())
RENAMED = 200  # sessions that BBB has under its old name

INSTRUMENTS = """\
BBB: {name: Badger, short: Badger, kind: stock, aliases: [Badger Works], what: "Digs; sells to [[Aardvark]]."}
BDG: {name: Badger Burrows, kind: stock, aliases: [The old badger], renamed_to: BBB}
LON: {name: London shop, kind: stock, currency: GBP}
"""
BASKET = """\
title: The mixture
members:
  2023-01-03: [AAA, BDG]
  2024-01-02: {AAA: 50%, BBB: 30%, LON: 20%}
cap: 50%
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = make_tiny(tmp_path)
    path = root / "data" / "instruments.yaml"
    text = path.read_text()
    start = text.index("BBB:")
    path.write_text(text[:start] + INSTRUMENTS + text[text.index("MKT:") :])
    (root / "data" / "baskets" / "mixture.yaml").write_text(BASKET)
    thesis = root / "data" / "theses" / "left-to-right.yaml"
    thesis.write_text(
        thesis.read_text().replace("Capital leaves", "[[The old badger]] and [[The mixture]]. Capital leaves")
    )
    folder = root / "prices"
    rows = (folder / "BBB.csv").read_text().splitlines()
    (folder / "BBB.csv").write_text("\n".join([rows[0], *rows[RENAMED + 1 :], ""]))
    (folder / "BDG.csv").write_text("\n".join([rows[0], *rows[1 : RENAMED + 1], ""]))
    for ticker in ("LON", "GBPUSD=X"):
        (folder / f"{ticker}.csv").write_text(
            "\n".join(["date,close", *(f"{day},{price(ticker, n)}" for n, day in enumerate(DAYS)), ""])
        )
    return root


def value(root: Path, expression: str) -> float:
    return evaluate_expression(Session(root, NOW), expression).number


def test_refresh_asks_for_the_rate_and_the_new_name_only(workspace: Path) -> None:
    refresh_prices(Session(workspace, NOW))
    with Session(workspace, NOW).store(create=False) as store:
        stored = set(store.feeds())
    assert "GBPUSD=X" in stored
    assert {"BBB", "LON", "AAA"} <= stored
    assert "BDG" not in stored


def store_both(root: Path) -> None:
    """Let the store know the old name, as one that was filled before the renaming does."""
    path = root / "data" / "instruments.yaml"
    text = path.read_text()
    path.write_text(text.replace(", renamed_to: BBB", ""))
    (root / "data" / "baskets" / "mixture.yaml").write_text("title: The mixture\nmembers: [AAA, BBB, BDG, LON]\n")
    refresh_prices(Session(root, NOW))
    path.write_text(text)
    (root / "data" / "baskets" / "mixture.yaml").write_text(BASKET)


def test_a_renamed_ticker_keeps_its_history_and_has_no_note_of_its_own(workspace: Path) -> None:
    store_both(workspace)
    build_vault(Session(workspace, NOW), offline=True)
    read = read_vault(workspace / "vault")
    assert "Badger" in read.notes
    assert "Badger Burrows" not in read.notes
    note = shown(workspace / "vault" / "Theses" / "Left to right.md")
    assert "[[Badger|The old badger]]" in note
    aliases = shown(workspace / "vault" / "Assets" / "Badger.md").split("as_of")[0]
    assert all(f'- "{name}"' in aliases for name in ("BBB", "BDG", "Badger Burrows", "The old badger"))
    whole = evaluate_expression(Session(workspace, NOW), "ret('BDG', 'max')")
    assert whole.number == pytest.approx(price("BBB", len(DAYS) - 1) / price("BBB", 0) - 1)
    assert any(f"before {DAYS[RENAMED]} under its old name BDG" in note for note in whole.notes)
    near = evaluate_expression(Session(workspace, NOW), "ret('BBB', 'ytd')")
    assert not any("old name" in note for note in near.notes)


def test_the_basket_adds_up_in_one_currency_and_its_note_says_so(workspace: Path) -> None:
    store_both(workspace)
    build_vault(Session(workspace, NOW), offline=True)
    note = shown(workspace / "vault" / "Assets" / "The mixture.md")
    assert "LON converted from GBP at GBPUSD=X" in note
    assert "Returns of LON are in their own currency, weights and contributions in USD." in note
    parts = [value(workspace, f"contribution('mixture', '{name}', 'ytd')") for name in ("AAA", "BBB", "LON")]
    assert sum(parts) == pytest.approx(value(workspace, "ret('mixture', 'ytd')"), abs=1e-12)
    # Weights were set at the end of May, the last month that is over: 50, 30 and 20 %.
    base, last = max(n for n, day in enumerate(DAYS) if day.month == 5 and day.year == 2024), len(DAYS) - 1
    moved = {name: price(name, last) / price(name, base) - 1 for name in ("AAA", "BBB", "LON", "GBPUSD=X")}
    in_dollars = (1 + moved["LON"]) * (1 + moved["GBPUSD=X"]) - 1
    wanted = 0.5 * moved["AAA"] + 0.3 * moved["BBB"] + 0.2 * in_dollars
    assert value(workspace, "ret('mixture', 'mtd')") == pytest.approx(wanted)
    assert value(workspace, "contribution('mixture', 'LON', 'mtd')") == pytest.approx(0.2 * in_dollars)
    weight = 0.2 * (1 + in_dollars) / (1 + wanted)
    assert value(workspace, "weight('mixture', 'LON')") == pytest.approx(weight)
    assert f"| [[London shop\\|LON]] | {weight * 100:.0f}% |" in note


def test_without_the_rate_the_basket_is_not_available_and_the_note_says_which(workspace: Path) -> None:
    (workspace / "prices" / "GBPUSD=X.csv").unlink()
    store_both(workspace)
    shutil.rmtree(workspace / "vault", ignore_errors=True)
    build_vault(Session(workspace, NOW), offline=True)
    found = evaluate_expression(Session(workspace, NOW), "ret('mixture', 'ytd')")
    assert found.number is None
    assert "exchange rate GBPUSD=X" in found.why
    note = shown(workspace / "vault" / "Assets" / "The mixture.md")
    assert "nothing is stored of the exchange rate GBPUSD=X" in note
    assert "| n/a |" in note

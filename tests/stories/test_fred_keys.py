"""FRED series by `fred:WALCL`: defined in one line, and named so wherever a ticker may stand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.checklist import check_vault
from tests.stories.workspaces import call, shown
from thesisvault.definitions.read import read_library, read_settings
from thesisvault.workspace import workspace_at

INSTRUMENTS = """
fred:WALCL: {name: "Fed: balance sheet"}
fred:DGS10: {name: Ten years}
fred:GFDEBTN: {name: Federal debt}
fred:WTREGEN: {name: Treasury account, unit: USD, scale: 1000000}
fred:MYOWN: {name: Known to me, unit: index, frequency: weekly, lag: 2d}
UNRATE: {name: Unemployment, kind: macro, unit: "%", frequency: monthly, lag: 36d}
"""
CONCEPT = """\
title: Money
kind: concept
summary: "The Fed holds {{ level('fred:WALCL') | usd }}; ten years pay {{ level('fred:DGS10') | share(2) }}."
sections:
  - heading: The picture
    blocks:
      - chart: {lines: [fred:WALCL, BBB], over: 90d}
      - returns: {of: [fred:WALCL, fred:UNRATE], over: [90d]}
      - text: "See [[fred:WALCL]] and [[fred:UNRATE]]; jobless {{ level('fred:UNRATE') | share(1) }}."
"""
SERIES = {
    "WALCL": ["2024-03-20,7514000", "2024-03-27,7485000", "2024-06-19,7253000", "2024-06-26,7231000"],
    "DGS10": ["2024-06-26,4.32", "2024-06-27,4.29"],
    "UNRATE": ["2024-02-01,3.9", "2024-03-01,3.8", "2024-04-01,3.9", "2024-05-01,4.0"],
}


@pytest.fixture
def fed(tiny: Path) -> Path:
    """The small workspace with macro series keyed by FRED, their values in a folder of its layout; not yet built."""
    (tiny / "fred").mkdir()
    for name, rows in SERIES.items():
        text = "\n".join([f"observation_date,{name}", *rows, ""])
        (tiny / f"fred/{name}.csv").write_text(text, encoding="utf-8")
    settings = tiny / "thesisvault.yaml"
    words = settings.read_text("utf-8").replace("}}]", "}}, {csv: {folder: fred, layout: fred}}]")
    settings.write_text(words, encoding="utf-8")
    with (tiny / "data/instruments.yaml").open("a", encoding="utf-8") as lines:
        lines.write(INSTRUMENTS)
    (tiny / "data/theses/money.yaml").write_text(CONCEPT, encoding="utf-8")
    return tiny


def test_a_name_alone_is_a_whole_definition_of_a_well_known_series(fed: Path) -> None:
    settings, _ = read_settings(fed)
    workspace = workspace_at(fed, settings.vault, settings.folder, settings.data, settings.templates)
    library = read_library(workspace, settings)
    assert library.findings == []
    records = library.records[0]
    found = {
        name: (each.kind, each.unit, each.scale, each.frequency, each.lag_days, each.symbol("fred"))
        for name in ("WALCL", "DGS10", "GFDEBTN", "WTREGEN", "MYOWN")
        for each in [records[f"fred:{name}"]]
    }
    # Millions of dollars, of Wednesday, on Thursday; per cent, kept as fractions; a quarter's debt months later.
    assert found == {
        "WALCL": ("macro", "USD", 1e6, "weekly", 1, "WALCL"),
        "DGS10": ("macro", "%", 0.01, "daily", 1, "DGS10"),
        "GFDEBTN": ("macro", "USD", 1e6, "quarterly", 160, "GFDEBTN"),
        "WTREGEN": ("macro", "USD", 1e6, "weekly", 1, "WTREGEN"),
        "MYOWN": ("macro", "index", 1.0, "weekly", 2, "MYOWN"),
    }


def test_it_is_shown_and_linked_like_any_ticker(fed: Path) -> None:
    said = call("build", "-w", fed)
    assert said.status == 0, said
    note = shown(fed / "vault/Concepts/Money.md")
    assert "The Fed holds \\$7.23T; ten years pay 4.29%." in note
    assert "jobless 4.0%" in note
    # From the Wednesday on or before 90 days earlier: 7231 / 7485 - 1 = -3.39 %.
    assert "| [[Fed - balance sheet\\|Fed: balance sheet]] | −3.4% |" in note
    # Of March 2024, known 90 days earlier, to that of May: 4.0 % less 3.9 %; a rate changes by points.
    assert "| [[Unemployment]] | +0.1pp |" in note
    assert "[[Fed - balance sheet|fred:WALCL]]" in note
    assert "[[Unemployment|fred:UNRATE]]" in note
    assert check_vault(fed / "vault", allowed_tags=frozenset({"rotation"})) == []
    for path in (fed / "vault").rglob("*"):
        assert ":" not in path.name
    assert call("check", "-w", fed).status == 0


def test_its_note_gives_the_day_that_a_value_is_of(fed: Path) -> None:
    assert call("build", "-w", fed).status == 0
    note = shown(fed / "vault/Assets/Fed - balance sheet.md")
    # The value of Wednesday 26 June was published on Thursday.
    assert "**\\$7.23T (26 Jun 2024).**" in note
    assert "| Latest | \\$7.23T |" in note.partition("| Level | 26 Jun 2024 |")[2]
    assert "The newest was published on 27 Jun 2024." in note


def test_it_can_be_refreshed_and_asked_for_by_that_name(fed: Path) -> None:
    assert call("build", "-w", fed).status == 0
    assert call("refresh", "-w", fed, "fred:WALCL", "fred:UNRATE").status == 0
    found = json.loads(call("eval", "-w", fed, "level('fred:UNRATE')", "--json").out)
    assert found["number"] == pytest.approx(0.04)
    assert found["sources"] == ["UNRATE"]


def test_one_that_nobody_defined_is_an_error_that_says_how(fed: Path) -> None:
    path = fed / "data/theses/money.yaml"
    path.write_text(CONCEPT.replace("level('fred:WALCL')", "level('fred:ICSA')"), encoding="utf-8")
    said = call("build", "-w", fed)
    assert said.status == 2
    assert '"fred:ICSA" is not a known ticker or basket.' in said.err
    assert "dd it: thesisvault add fred:ICSA --name NAME" in said.err


def test_another_kind_than_macro_is_an_error_with_its_place(fed: Path) -> None:
    with (fed / "data/instruments.yaml").open("a", encoding="utf-8") as lines:
        lines.write("fred:DFF: {name: Fed funds, kind: stock}\n")
    said = call("build", "-w", fed)
    assert said.status == 2
    number = len((fed / "data/instruments.yaml").read_text("utf-8").splitlines())
    assert f"data/instruments.yaml:{number}:" in said.err
    assert '"fred:DFF" is a series of FRED, which is of the kind macro; found stock. Leave kind out.' in said.err


def test_any_other_key_still_needs_its_kind(fed: Path) -> None:
    with (fed / "data/instruments.yaml").open("a", encoding="utf-8") as lines:
        lines.write("QQQ: {name: Hundred}\n")
    said = call("build", "-w", fed)
    assert said.status == 2
    assert '"kind" is missing' in said.err

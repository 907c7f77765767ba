"""Authors by the claims that they made: the ranking of sources, and the notes that show and count claims."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.stories.workspaces import call, make_tiny
from tests.unit.blocks.conftest import words
from thesisvault.analytics.shares import wilson_lower
from thesisvault.blocks.core.records import Tally
from thesisvault.runs.steps.claimed import Standing
from thesisvault.runs.steps.compose.entity import verdict_on
from thesisvault.runs.steps.compose.sources import by_record, sources_note

# Ranking -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hits", "cases"), [(13, 17), (1, 1), (5, 12), (0, 4), (50, 50)])
def test_the_lower_end_solves_wilsons_equation(hits: int, cases: int) -> None:
    low = wilson_lower(hits, cases)
    assert 0 <= low <= hits / cases
    # |share - p| is as far as 1.96 standard errors of p itself.
    assert hits / cases - low == pytest.approx(1.959964 * math.sqrt(low * (1 - low) / cases), abs=1e-6)


def standing(name: str, *counts: int, is_linked: bool = True) -> Standing:
    return Standing(name, ("entity", name) if is_linked else None, Tally(*counts), (name,))


def test_many_claims_of_which_most_hold_rank_above_a_single_one_that_does() -> None:
    several = [standing("one", 1), standing("many", 13, 2, 2), standing("half", 5, 0, 5), standing("none", 0, 0, 3)]
    assert [each.name for each in by_record(several)] == ["many", "half", "one", "none"]


def test_sources_counts_what_was_tested_and_lists_the_rest_below() -> None:
    found = sources_note(
        [
            standing("One", 6, 0, 6, 1),
            standing("Two", 9, 0, 1),
            standing("Three", 0, 0, 0, 2),
            standing("the press", 3, 0, 1, is_linked=False),
        ]
    )
    assert found.ranking is not None
    assert [[words(cell) for cell in row] for row in found.ranking.rows] == [
        ["Two", "9 of 10", "60%"],
        ["One", "6 of 12", "25%"],
    ]
    assert words(found.verdict) == "Two has the best record: nine of 10 tested claims confirmed."
    assert words(found.unranked) == "Without a note to link, so not ranked: the press (3 of 4 confirmed)."
    assert words(found.untested) == "Nothing tested yet: Three (2 claims)."


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ((6, 0, 6, 1), "Six of 13 claims confirmed, six contradicted, one untested."),
        ((5, 0, 7, 1), "Five of 13 claims confirmed, seven contradicted, one untested: check before use."),
        ((0, 0, 4), "None of four claims confirmed, four contradicted."),
        ((0, 5), "None of five claims confirmed, five near: check before use."),
        ((2,), "Both claims confirmed."),
    ],
)
def test_an_author_with_less_than_half_confirmed_is_to_be_checked(counts: tuple[int, ...], says: str) -> None:
    assert verdict_on(Tally(*counts)) == says


# Notes -------------------------------------------------------------------------------------------------------------

MANY = """\
title: {title}
buy: {{hold: [BBB]}}
sell: {{hold: [AAA]}}
claims:
  - {{says: Badger doubled, check: "ret(buy, 'ytd')", at_least: 100%, on: 2024-06-28, source: said}}
  - {{says: Badger rose, check: "ret('BBB', 'ytd')", at_least: 1%, on: 2024-06-28, source: said}}
sources:
  - {{id: said, title: Said, by: "{by}", on: 2024-06-28}}
"""


def made(root: Path, texts: Mapping[str, str]) -> Path:
    for name, text in texts.items():
        (root / f"data/theses/{name}.yaml").write_text(text)
    said = call("build", "--offline", "-w", root)
    assert said.status == 0, said
    return root / "vault"


def test_the_notes_count_a_claim_of_two_notes_once_and_for_both_authors(tmp_path: Path) -> None:
    root = make_tiny(tmp_path / "ws")
    two = {name: MANY.format(title=name, by="[[Central bank]], [[Badger]]") for name in ("one", "two")}
    vault = made(root, two)
    bank = (vault / "Entities/Central bank.md").read_text()
    # One more stands in the thesis of the workspace.
    assert "**One of three claims confirmed, two contradicted.**" in bank
    assert bank.count("- Badger doubled: ") == 1
    assert "- Badger doubled: +16.6% ([[one]])." in bank
    assert "**Confirmed:** Badger rose (+16.6%)." in bank
    sources = (vault / "Sources.md").read_text()
    ranked = [line.split("|")[2].strip() for line in sources.splitlines() if line.startswith("| [[")]
    assert ranked == ["1 of 2", "1 of 3"]
    # An edit of one claim is told in both notes, and nothing is left of what is gone.
    made(root, {"one": two["one"].replace("at_least: 1%", "at_least: 99%"), "two": "title: Two\nkind: concept\n"})
    assert "**None of three claims confirmed, three contradicted.**" in (vault / "Entities/Central bank.md").read_text()


def test_an_entity_without_claims_says_nothing_of_them(tmp_path: Path) -> None:
    root = make_tiny(tmp_path / "ws")
    text = (root / "data/theses/left-to-right.yaml").read_text().replace('by: "[[Central bank]]"', "by: somebody")
    vault = made(root, {"left-to-right": text})
    bank = (vault / "Entities/Central bank.md").read_text()
    assert "claim" not in bank.lower()
    assert "## Cited in" in bank
    assert not (vault / "Sources.md").exists()

"""The shipped theses and concepts may be worded anew; no claim, source, quotation, date, condition or figure goes."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.facts.kept import KEPT, THESES, definitions, facts_of, lost, read

NOW = definitions()
THEN = read(KEPT)


def test_no_definition_is_gone() -> None:
    assert set(THEN) <= set(NOW)


@pytest.mark.parametrize("name", THEN)
def test_every_fact_is_still_said(name: str) -> None:
    assert lost(THEN[name], NOW[name]) == []


def _without(definition: Any, part: str) -> Any:
    less = deepcopy(definition)
    del less[part][0]
    return less


@pytest.mark.parametrize("part", ["claims", "sources", "updates", "signals", "drivers", "scenarios"])
def test_a_part_that_goes_is_missed(part: str) -> None:
    definition = read(THESES / "software-to-energy.yaml")
    gone = lost(facts_of(definition), facts_of(_without(definition, part)))
    assert any(line.startswith(f"{part}: ") for line in gone)


@pytest.mark.parametrize(("key", "value"), [("expect", "42pp"), ("on", "2026-02-06"), ("source", "notebook")])
def test_a_claim_that_changes_is_missed(key: str, value: str) -> None:
    definition = read(THESES / "software-to-energy.yaml")
    changed = deepcopy(definition)
    claim = next(each for each in changed["claims"] if each.get("expect") == "43pp" and "on" in each)
    claim[key] = value
    assert len(lost(facts_of(definition), facts_of(changed))) == 1


def test_a_claim_in_other_words_is_not_missed() -> None:
    definition = read(THESES / "software-to-energy.yaml")
    changed = deepcopy(definition)
    for claim in changed["claims"]:
        claim["says"] = "Other words"
    assert lost(facts_of(definition), facts_of(changed)) == []


def test_figures_in_words_are_told_from_computed_ones() -> None:
    said = {"summary": "About $209 billion, 29 times, 35% to 40%, and {{ ret('XLE', 'ytd') | pct(2) }} in [[USO|oil]]"}
    assert facts_of({"title": "T", **said})["figures"] == ["209", "29", "35", "40"]

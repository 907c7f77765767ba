"""What a scenario does to a spread is one of five words where a thesis has two sides, and a few words elsewhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from thesisvault.blocks.scenarios import OUTCOMES
from thesisvault.definitions.models.thesis import Thesis
from thesisvault.runs.schemas import schemas

SIDES = {"sell": {"hold": ["IGV"]}, "buy": {"hold": ["XLE"]}}
SCHEMA = Draft202012Validator(json.loads(schemas()["thesis.json"]))


def written(then: str, **more: Any) -> dict[str, Any]:
    return {"title": "T", "scenarios": [{"if": "oil rises", "then": then}], **more}


@pytest.mark.parametrize("then", OUTCOMES)
def test_the_five_words_are_taken(then: str) -> None:
    assert Thesis.model_validate(written(then, **SIDES)).scenarios[0].then == then
    assert SCHEMA.is_valid(written(then, **SIDES))


@pytest.mark.parametrize(
    ("then", "meant"),
    [
        ("accelerates", "widens"),
        ("partly reverses", "narrows"),
        ("Mixed", "depends"),
        ("neutral", "holds"),
        ("wdens", "widens"),
    ],
)
def test_another_word_is_refused_with_the_one_that_is_meant(then: str, meant: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Thesis.model_validate(written(then, **SIDES))
    told = str(caught.value)
    assert "write widens, holds, narrows, reverses or depends" in told
    assert f'Did you mean "{meant}"?' in told
    assert not SCHEMA.is_valid(written(then, **SIDES))


@pytest.mark.parametrize("more", [{"kind": "concept"}, {"kind": "concept", **SIDES}, {"buy": {"hold": ["XLE"]}}])
def test_without_a_spread_the_words_are_free(more: dict[str, Any]) -> None:
    assert Thesis.model_validate(written("over in 2 to 4 weeks", **more)).scenarios
    assert SCHEMA.is_valid(written("over in 2 to 4 weeks", **more))

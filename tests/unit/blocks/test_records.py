"""Records of claims: what they say, which are one, and what they are about."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.unit.blocks.conftest import World
from thesisvault.blocks.core.judging import Verdict
from thesisvault.blocks.core.records import ClaimRecord, claims_by_asset, distinct, record_of
from thesisvault.structs import replace

CLAIM = {"says": "It leads.", "check": "spread(buy, 'SPY', 'ytd')", "at_least": "1pp", "source": "paper"}
RECORD = ClaimRecord("A note", "It leads", "confirmed", "+2.0pp", "", "", "[[A]]", dt.date(2026, 2, 9), ("UP",), "1")


def records(world: World, *claims: dict[str, Any]) -> list[ClaimRecord]:
    filled = world.with_thesis(claims=list(claims)).fill("claims", {})
    verdicts: tuple[Verdict, ...] = filled.parts["verdicts"]  # type: ignore[assignment]
    return [record_of("A note", each) for each in verdicts]


def test_a_record_says_who_said_what_and_what_came_out(world: World) -> None:
    (found,) = records(world, CLAIM)
    assert (found.says, found.by, found.day) == ("It leads", "[[Somebody]]", dt.date(2026, 2, 9))
    assert found.names == ("UP", "SPY", "ytd")
    assert (found.why, found.actual[-2:]) == ("", "pp")
    assert ClaimRecord.of_json(found.as_json()) == found


def test_a_claim_is_the_same_in_other_words_and_with_its_sides_written_out(world: World) -> None:
    spelled = {**CLAIM, "says": "So it is", "check": "spread('UP',   'SPY', 'ytd')", "note": "Mine"}
    others = [
        {**CLAIM, "at_least": "2pp"},
        {**CLAIM, "check": "spread(sell, 'SPY', 'ytd')"},
        {**CLAIM, "source": "undated"},
        {**CLAIM, "on": "2026-02-03"},
        {**{key: value for key, value in CLAIM.items() if key != "at_least"}, "at_most": "1pp"},
    ]
    first, same, *rest = records(world, CLAIM, spelled, *others)
    assert first.identity == same.identity
    assert len({each.identity for each in (first, *rest)}) == 1 + len(others)
    assert len(distinct([first, same, *rest])) == 1 + len(others)


def test_what_is_kept_of_a_record_is_read_with_suspicion() -> None:
    for change in ({"outcome": "off"}, {"day": "yesterday"}, {"says": 1}, {"names": [1]}):
        with pytest.raises((ValueError, TypeError)):
            ClaimRecord.of_json({**RECORD.as_json(), **change})


def test_a_claim_is_about_what_it_names_and_about_members_but_not_about_the_yardstick() -> None:
    held = {"pair": ("UP", "DN"), "thesis:buy": ("LATE",)}
    first = replace(RECORD, names=("pair", "SPY", "ytd"), outcome="contradicted")
    second = replace(RECORD, identity="2", names=("SPY", "ytd"))
    third = replace(RECORD, identity="3", names=("thesis:buy", "UP"), outcome="near")
    found = claims_by_asset([second, third, first, first], lambda name: held.get(name, ()), "SPY")
    through = {name: [(each.identity, each.through) for each in found.get(name, ())] for name in ("UP", "DN", "LATE")}
    assert through == {"UP": [("1", "pair"), ("3", "")], "DN": [("1", "pair")], "LATE": [("3", "")]}
    assert [each.identity for each in found["SPY"]] == ["2"]
    assert [each.identity for each in found["pair"]] == ["1"]


def test_a_claim_about_a_renamed_ticker_is_about_what_it_is_called_now() -> None:
    now = {"OLD": "UP", "OLDSPY": "SPY"}
    first = replace(RECORD, names=("OLD", "SPY"))
    second = replace(RECORD, identity="2", names=("pair", "OLDSPY"))
    held = {"pair": ("OLD", "DN")}
    found = claims_by_asset(
        [first, second], lambda name: held.get(name, ()), "OLDSPY", lambda name: now.get(name, name)
    )
    through = {name: [(each.identity, each.through) for each in of_one] for name, of_one in found.items()}
    assert through == {"UP": [("1", ""), ("2", "pair")], "pair": [("2", "")], "DN": [("2", "pair")]}

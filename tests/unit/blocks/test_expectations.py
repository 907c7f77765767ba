"""What may be claimed of which kind, and how a verdict says what was claimed and what came out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.blocks.conftest import World
from thesisvault.blocks.core.claims import Claim
from thesisvault.blocks.core.context import BlockError
from thesisvault.blocks.core.expectations import misfit, shown
from thesisvault.blocks.core.judging import judge
from thesisvault.language import kinds
from thesisvault.language.kinds import Kind, Typed
from thesisvault.language.tracks.newest import shown_kind
from thesisvault.language.values import Number

KINDS: dict[str, Kind] = {
    "return": kinds.RETURN,
    "points": kinds.SPREAD,
    "rate": kinds.RATE,
    "share": kinds.SHARE,
    "volatility": kinds.VOLATILITY,
    "ratio": kinds.RATIO,
    "number": kinds.NUMBER,
    "multiple": kinds.MULTIPLE,
    "correlation": kinds.CORRELATION,
    "count": kinds.COUNT,
    "dollars": kinds.price("USD"),
    "yen": kinds.price("JPY"),
    "pounds": kinds.price("GBP"),
    "moved": kinds.difference("EUR"),
    "index": kinds.POINTS,
    "amount": kinds.amount("USD"),
    "jobs": kinds.amount("jobs"),
    "level": kinds.LEVEL,
    "truth": kinds.TRUTH,
    "day": kinds.DAY,
    "word": kinds.WORD,
}
FRACTIONS = {"return", "rate", "share", "volatility"}
PLAIN = {"ratio", "number", "multiple", "correlation", "count", "index", "jobs"}
# Each way of saying something, and the kinds of which it may be said.
EXPECTATIONS: list[tuple[dict[str, Any], set[str]]] = [
    ({"expect": "+18%"}, FRACTIONS),
    ({"at_least": "0%"}, FRACTIONS),
    ({"at_least": "0pp"}, {"points"}),
    ({"expect": "43pp"}, {"points"}),
    ({"at_most": "-25bp"}, {"points"}),
    ({"between": ["1%", "2%"]}, FRACTIONS),
    ({"between": ["1pp", "2pp"]}, {"points"}),
    ({"expect": "1.3"}, PLAIN),
    ({"expect": "6,878.88"}, PLAIN),
    ({"expect": "14x"}, {"ratio", "number", "multiple"}),
    ({"at_least": "0"}, FRACTIONS | PLAIN | {"points", "dollars", "yen", "pounds", "moved", "amount"}),
    ({"count": "312"}, {"count", "number"}),
    ({"expect": "$152.50"}, {"dollars", "amount"}),
    ({"at_least": "$500B"}, {"dollars", "amount"}),
    ({"expect": "¥3,000"}, {"yen"}),
    ({"expect": "£12.50"}, {"pounds"}),
    ({"expect": "350p"}, {"pounds"}),
    ({"expect": "€1.2bn"}, {"moved"}),
    ({"expect": "CHF 80"}, set()),
    ({"expect": "HK$12"}, set()),
    ({"truth": "true"}, {"truth"}),
    ({"date": "2026-02-27"}, {"day"}),
    ({"word": "rotation"}, {"word"}),
]


def claim_with(**fields: Any) -> Claim:
    return Claim.model_validate({"says": "So it was said", "check": "ret('SPY', 'ytd')", **fields})


@pytest.mark.parametrize(("fields", "fits"), EXPECTATIONS, ids=[str(e[0]) for e in EXPECTATIONS])
def test_a_claim_is_written_in_the_notation_of_its_kind(fields: dict[str, Any], fits: set[str]) -> None:
    claim = claim_with(**fields)
    taken = {name for name, kind in KINDS.items() if not misfit(claim, Typed(kind))[0]}
    assert taken == fits
    for name in KINDS.keys() - fits:
        problem, _ = misfit(claim, Typed(KINDS[name]))
        assert str(KINDS[name]) in problem
        assert ";" in problem  # what was found, and what to write


def test_the_kind_of_a_currency_that_is_not_known_takes_any_money() -> None:
    for said in ("$12", "CHF 80", "350p"):
        assert misfit(claim_with(expect=said), Typed(kinds.price())) == ("", "")


@pytest.mark.parametrize(
    ("fields", "kind", "value", "text"),
    [
        ({"expect": "43pp"}, "points", 0.38812, "+38.8pp"),
        ({"expect": "-40bp"}, "points", -0.0044, "−44bp"),
        ({"at_least": "2500bps"}, "points", 0.249996, "+2499.96bp"),
        ({"between": ["10.5bp", "11bp"]}, "points", 0.00123, "+12.3bp"),
        ({"expect": "-0.53%"}, "return", -0.00724, "−0.72%"),
        ({"at_least": "60%"}, "share", 0.66467, "66.5%"),
        ({"at_least": "60%"}, "share", 0.599, "59.9%"),
        ({"at_least": "60%"}, "share", 0.59998, "59.998%"),
        ({"expect": "$0.5T"}, "amount", 4.802e11, "$0.48T"),
        ({"expect": "$530B"}, "amount", -1.25e9, "−$1.25B"),
        ({"expect": "350p"}, "pounds", 3.421, "342.1p"),
        ({"expect": "£12.50"}, "pounds", 3.421, "£3.42"),
        ({"expect": "¥3,000"}, "yen", 152.5, "¥152.50"),
        ({"expect": "14x"}, "multiple", 12.25, "12.2x"),
        ({"expect": "1.2"}, "ratio", 1.2534, "1.25"),
        ({"expect": "about 0.80"}, "correlation", 0.464, "0.46"),
        ({"expect": "6,878.88"}, "index", 6832.759, "6,832.76"),
        ({"count": "312"}, "count", 313.0, "313"),
        ({"at_most": "€2"}, "moved", 3.5, "+€3.50"),
        ({"at_most": "0"}, "moved", -3.5, "−€3.50"),
        ({"expect": "1.2M"}, "jobs", 1300000.0, "1.30M"),
    ],
)
def test_what_came_out_is_shown_in_the_notation_of_the_claim(
    fields: dict[str, Any], kind: str, value: float, text: str
) -> None:
    number = Number(value, shown_kind(KINDS[kind]), None, unit=KINDS[kind].unit)
    assert shown(claim_with(**fields), number, KINDS[kind], holds=False) == text


def test_a_change_of_an_amount_has_a_sign() -> None:
    kind = kinds.moved(kinds.amount("USD"))
    number = Number(28.812e9, shown_kind(kind), None, unit="USD")
    assert shown(claim_with(at_most="$0"), number, kind, holds=False) == "+$28.81B"
    assert shown(claim_with(at_most="$10B"), number, kind, holds=False) == "+$28.81B"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"expect": "43pp", "within": "300pp"}, "confirms nearly anything"),
        ({"expect": "-15%", "within": "20%"}, "confirms nearly anything"),
        ({"expect": "$152.50", "within": "$500"}, "confirms nearly anything"),
        ({"expect": "$152.50", "within": "€1"}, "different units"),
        ({"count": "10", "within": "11"}, "confirms nearly anything"),
        ({"count": "10", "within": "1.5"}, "whole number"),
        ({"count": "10", "within": "1pp"}, "whole number"),
        ({"expect": "43pp", "within": "-1pp"}, "zero or more"),
        ({"truth": "true", "within": "1"}, "goes with expect or count"),
    ],
)
def test_a_tolerance_is_bounded_and_of_the_unit_of_the_claim(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        claim_with(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"expect": "43pp", "within": "3pp"},
        {"expect": "0%", "within": "1pp"},
        {"expect": "0.5%", "within": "5pp"},
        {"expect": "$152.50", "within": "$5"},
        {"count": "10", "within": "2"},
    ],
)
def test_a_tolerance_that_leaves_something_to_be_checked_is_taken(fields: dict[str, Any]) -> None:
    claim_with(**fields)


@pytest.mark.parametrize(
    ("check", "fields", "words"),
    [
        ("max_drawdown('SPY', '1y')", {"at_most": "19%"}, "a fall from a high is zero or less; write -19%"),
        ("drawdown('SPY', '1y')", {"expect": "+5%"}, "a fall from a high is zero or less; write -5%"),
        ("breadth(ret('pair', 'ytd') > 0)", {"at_least": "120%"}, "a share lies between 0 and 1"),
        ("corr('SPY', 'UP', '1y')", {"expect": "80"}, "a correlation lies between -1 and 1"),
        ("vol('SPY', '1y')", {"between": ["-5%", "5%"]}, "it is zero or more"),
        ("count(ret('pair', 'ytd') > 0)", {"count": "-1"}, "it is zero or more"),
    ],
)
def test_what_can_never_come_out_cannot_be_claimed(
    world: World, check: str, fields: dict[str, Any], words: str
) -> None:
    with pytest.raises(BlockError, match=re.escape(words)):
        judge(Claim.model_validate({"says": "x", "check": check, **fields}), world.context())


YTD = "from 2025-12-31 to 2026-02-27"
# Sentences ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "fields", "claimed", "over"),
    [
        ("ret('SPY', 'ytd')", {"expect": "43%", "within": "3pp"}, "43% within 3pp", "from 2025-12-31 to 2026-02-27"),
        ("ret('SPY', 'ytd')", {"at_least": "43%"}, "at least 43%", "from 2025-12-31 to 2026-02-27"),
        ("ret('SPY', 'ytd')", {"between": ["8%", "9%"]}, "8% to 9%", "from 2025-12-31 to 2026-02-27"),
        ("vol('SPY', 20)", {"at_least": "90%"}, "at least 90%", "as of 2026-02-27 (20 sessions)"),
        ("min(ret('SPY', 'ytd'), ret('UP', 'ytd'))", {"at_least": "900%"}, "at least 900%", YTD),
        ("lag('SPY', 10)", {"at_most": "$1"}, "at most $1", "as of 2026-02-27 (10 days)"),
        ("sma('RATE', 3)", {"at_least": "90%"}, "at least 90%", "as of 2026-02-01 (3 months)"),
        ("change('SIZE', 4)", {"at_least": "$9T"}, "at least $9T", "as of 2026-02-25 (4 weeks)"),
        ("close('SPY')", {"at_most": "$1"}, "at most $1", "as of 2026-02-27"),
        ("ret('SPY', 'ytd') < 0", {"truth": "true"}, "yes", "from 2025-12-31 to 2026-02-27"),
        ("count(ret('pair', 'ytd') > 0)", {"count": "9"}, "9", "from 2025-12-31 to 2026-02-27"),
    ],
)
def test_a_verdict_says_what_was_claimed_and_over_which_time(
    world: World, check: str, fields: dict[str, Any], claimed: str, over: str
) -> None:
    found = judge(Claim.model_validate({"says": "x", "check": check, **fields}), world.context())
    assert found.outcome == "contradicted"
    assert (found.claimed, found.over) == (claimed, over)
    assert found.actual.startswith(found.computed.text)
    assert found.actual.endswith(over)


def test_a_condition_that_does_not_hold_shows_its_two_sides(world: World) -> None:
    found = judge(
        Claim.model_validate({"says": "x", "check": "ret('SPY', 'ytd') < -0.10", "truth": "true"}), world.context()
    )
    rose = world.context().figure("ret('SPY', 'ytd')").text
    assert found.actual == f"no ({rose} against −10.0%) from 2025-12-31 to 2026-02-27"
    assert found.sentence == (f"claimed to hold; it does not, {rose} against −10.0%, from 2025-12-31 to 2026-02-27")


@pytest.mark.parametrize(
    ("truth", "words"), [("true", "claimed to hold; it does,"), ("false", "claimed not to hold; it does,")]
)
def test_a_condition_that_holds_is_said_to(world: World, truth: str, words: str) -> None:
    claim = Claim.model_validate({"says": "x", "check": "ret('SPY', 'ytd') > -0.10", "truth": truth})
    assert judge(claim, world.context()).sentence.startswith(words)


def test_money_of_another_currency_is_an_error_where_only_prices_tell(world: World) -> None:
    with pytest.raises(BlockError, match="a price in USD"):
        judge(Claim.model_validate({"says": "x", "check": "close('SPY')", "expect": "€100"}), world.context())


@pytest.mark.parametrize(
    "check", ["level('RATE')", "abs(level('RATE') - 0.02)", "level('RATE') >= 0.01 and level('RATE') <= 0.05"]
)
def test_a_month_that_ended_before_a_day_does_not_judge_the_day(world: World, check: str) -> None:
    expected = {"truth": "true"} if "and" in check else {"at_least": "0%"}
    claim = Claim.model_validate({"says": "x", "check": check, "on": "2026-02-05", **expected})
    found = judge(claim, world.context())
    assert found.outcome == "untested"
    assert found.why == "the latest value of A rate is for January 2026"


@pytest.mark.parametrize(
    "fields",
    [
        {"check": "change('RATE', '1y')", "at_least": "-90pp", "on": "2026-02-05"},  # of months, whatever the day
        {"check": "at(level('RATE'), '2026-01-15')", "at_least": "0%", "on": "2026-02-05"},  # names its month
        {"check": "level('RATE')", "at_least": "0%"},  # as of now
    ],
)
def test_a_statement_about_months_is_judged_by_months(world: World, fields: dict[str, Any]) -> None:
    assert judge(Claim.model_validate({"says": "x", **fields}), world.context()).outcome == "confirmed"

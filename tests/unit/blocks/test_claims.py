"""Claims: every expectation, tolerances, the day of judgement, stale data, cells and tables."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.blocks.conftest import World, heads, rows, small, words
from tests.unit.language.samples import PLAIN, day
from thesisvault.blocks.core.claims import Claim
from thesisvault.blocks.core.context import BlockError
from thesisvault.blocks.core.factcheck import FactCheck
from thesisvault.blocks.core.judging import Verdict, judge
from thesisvault.language.text import Figure, Plain
from thesisvault.words import short_day

SPY_YTD = PLAIN["SPY"][day("2026-02-27")] / PLAIN["SPY"][day("2025-12-31")] - 1  # a little over 2 %


def verdict(world: World, built: str | None = None, **fields: Any) -> Verdict:
    claim = Claim.model_validate({"says": "So it was said", "check": "ret('SPY', 'ytd')", **fields})
    return judge(claim, world.context(on=built))


def pct(value: float, digits: int = 1) -> str:
    return f"{value * 100:.{digits}f}%"


EXPECTATIONS = [
    ({"expect": pct(SPY_YTD)}, "confirmed"),
    ({"check": "0.0204 + 0 * ret('SPY', '1d')", "expect": "2.0%"}, "confirmed"),
    ({"check": "0.0207 + 0 * ret('SPY', '1d')", "expect": "2.0%"}, "near"),
    ({"check": "0.0211 + 0 * ret('SPY', '1d')", "expect": "2.0%"}, "contradicted"),
    ({"check": "0.0211 + 0 * ret('SPY', '1d')", "expect": "2%"}, "confirmed"),
    ({"expect": pct(SPY_YTD + 0.03), "within": "4pp"}, "confirmed"),
    ({"expect": pct(SPY_YTD + 0.03), "within": "2pp"}, "near"),
    ({"expect": pct(SPY_YTD + 0.03), "within": "1pp"}, "contradicted"),
    ({"expect": f"about {pct(SPY_YTD * 1.09)}"}, "confirmed"),
    ({"expect": f"~{pct(SPY_YTD * 1.15)}"}, "near"),
    ({"expect": f"about {pct(SPY_YTD * 1.4)}"}, "contradicted"),
    ({"at_least": "1%"}, "confirmed"),
    ({"at_least": "9%"}, "contradicted"),
    ({"at_most": "9%"}, "confirmed"),
    ({"at_most": "1%"}, "contradicted"),
    ({"between": ["1%", "9%"]}, "confirmed"),
    ({"between": ["5%", "9%"]}, "contradicted"),
    ({"check": "ret('SPY', 'ytd') > 0", "truth": "true"}, "confirmed"),
    ({"check": "ret('SPY', 'ytd') > 0", "truth": "false"}, "contradicted"),
    ({"check": "peak('SPY', 'max')", "date": "2026-02-27"}, "contradicted"),
    ({"check": "count(ret('pair', 'ytd') > 0)", "count": "1"}, "confirmed"),
    ({"check": "count(ret('pair', 'ytd') > 0)", "count": "2"}, "contradicted"),
    ({"check": "session_kind('pair', 'SPY')", "word": "rotation"}, "contradicted"),
]


@pytest.mark.parametrize(("fields", "outcome"), EXPECTATIONS, ids=[str(e[0]) for e in EXPECTATIONS])
def test_an_expectation_is_judged(world: World, fields: dict[str, Any], outcome: str) -> None:
    assert verdict(world, **fields).outcome == outcome


def test_a_date_and_a_word_that_fit_are_confirmed(world: World) -> None:
    closes = PLAIN["SPY"]
    highest = max(closes, key=lambda d: (closes[d], -d.toordinal()))
    assert verdict(world, check="peak('SPY', 'max')", date=str(highest)).outcome == "confirmed"
    kind = world.context().number("session_kind('pair', 'SPY')").value
    assert verdict(world, check="session_kind('pair', 'SPY')", word=kind).outcome == "confirmed"


def test_a_boundary_case_lies_inside(world: World) -> None:
    for fields in ({"expect": "3%", "within": "1pp"}, {"at_least": "2%"}, {"between": ["2%", "3%"]}):
        assert verdict(world, check="at(0.02 + 0 * ret('SPY', '1d'), '2026-02-27')", **fields).outcome == "confirmed"


@pytest.mark.parametrize(
    "fields",
    [{}, {"expect": "1%", "truth": "true"}, {"at_least": "1%", "within": "1pp"}],
)
def test_a_claim_has_exactly_one_expectation(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Claim.model_validate({"says": "x", "check": "ret('SPY', 'ytd')", **fields})


@pytest.mark.parametrize(
    "fields",
    [
        {"truth": "true"},
        {"date": "2026-02-27"},
        {"check": "session_kind('pair', 'SPY')", "expect": "5%"},
        {"check": "peak('SPY', 'max')", "count": "3"},
    ],
)
def test_a_claim_that_does_not_fit_what_is_computed_is_an_error(world: World, fields: dict[str, Any]) -> None:
    with pytest.raises(BlockError):
        verdict(world, **fields)


def test_a_word_claimed_of_a_number_is_an_error(world: World) -> None:
    with pytest.raises(BlockError):
        verdict(world, word="rotation")


@pytest.mark.parametrize("fields", [{"expect": "43pp", "within": "3"}, {"expect": "12", "within": "5%"}])
def test_a_tolerance_in_another_unit_is_an_error(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Claim.model_validate({"says": "x", "check": "ret('SPY', 'ytd')", **fields})


def test_a_plain_number_claimed_of_a_return_is_an_error(world: World) -> None:
    with pytest.raises(BlockError):
        verdict(world, expect="2")


def test_between_has_the_lower_end_first() -> None:
    with pytest.raises(ValidationError):
        Claim.model_validate({"says": "x", "check": "ret('SPY', 'ytd')", "between": ["8%", "6%"]})


# Days --------------------------------------------------------------------------------------------------------------


def test_a_claim_is_judged_at_its_own_day_first(world: World) -> None:
    found = verdict(world, expect="1%", on="2026-01-30", source="paper")
    assert found.on == dt.date(2026, 1, 30)
    assert found.computed.number.value == pytest.approx(
        PLAIN["SPY"][day("2026-01-30")] / PLAIN["SPY"][day("2025-12-31")] - 1
    )


def test_else_at_the_last_close_before_its_source(world: World) -> None:
    # The paper is of Monday, 9 February: the close before is Friday's.
    assert verdict(world, expect="1%", source="paper").on == dt.date(2026, 2, 6)


def test_else_at_the_last_day_there_is(world: World) -> None:
    assert verdict(world, expect="1%", source="undated").on == dt.date(2026, 2, 27)
    assert verdict(world, expect="1%").on == dt.date(2026, 2, 27)


def test_a_day_ahead_is_untested_and_says_which(world: World) -> None:
    found = verdict(world, built="2026-01-15", expect="1%", source="paper")
    assert found.outcome == "untested"
    assert found.why == "8 Feb 2026 lies after 15 Jan 2026"
    assert found.computed.text == "n/a"


def test_data_older_than_the_claim_cannot_check_it(world: World) -> None:
    found = verdict(world, check="ret('STALE', 'ytd')", at_least="-50%")
    assert found.outcome == "untested"
    assert found.why == "STALE ends 24 Feb 2026, before 27 Feb 2026"


def test_data_that_reach_the_claims_day_can_though_they_end_later(world: World) -> None:
    found = verdict(world, check="ret('STALE', 'ytd')", at_least="-50%", on="2026-02-24")
    assert found.outcome == "confirmed"
    assert verdict(world, check="ret('ENDED', '2025')", at_most="0%").outcome == "confirmed"


def test_what_has_no_data_is_untested_with_the_reason(world: World) -> None:
    found = verdict(world, check="ret('LATE', 'ytd')", expect="5%")
    assert found.outcome == "untested"
    assert "12 Jan 2026" in found.why


def test_a_count_made_of_choices_on_stale_data_is_untested(world: World) -> None:
    check = "(1 if ret('STALE', 'ytd') > 0 else 0) + (1 if ret('UP', 'ytd') > 0 else 0)"
    assert verdict(world, check=check, count="2").outcome == "untested"


# What is shown ---------------------------------------------------------------------------------------------------


def test_a_figure_said_with_two_digits_is_answered_with_two(world: World) -> None:
    assert verdict(world, expect=pct(SPY_YTD + 0.0002, 2)).computed.text == f"+{pct(SPY_YTD, 2)}"


def test_rounding_never_hides_why_a_claim_is_wrong(world: World) -> None:
    found = verdict(world, check="1.6 + 0 * corr('UP', 'UP', '1y')", at_least="2")
    assert found.outcome == "contradicted"
    assert float(found.computed.text) == 1.6


def test_a_count_is_shown_as_a_whole_number(world: World) -> None:
    assert verdict(world, check="count(ret('pair', 'ytd') > 0)", count="2").computed.text == "1"


def told(world: World, *claims: dict[str, Any], **more: Any) -> FactCheck:
    filled = world.with_thesis(claims=[{"check": "ret('SPY', 'ytd')", **claim} for claim in claims], **more)
    return filled.fill("claims", {}).parts["check"]  # type: ignore[return-value]


def first_line(found: FactCheck) -> str:
    return " ".join(filter(None, map(words, (found.headline, found.lead))))


RIGHT: dict[str, Any] = {"says": "Right", "at_least": "1%"}
WRONG: dict[str, Any] = {"says": "Wrong.", "at_least": "9%", "note": "Far from it"}
NEAR: dict[str, Any] = {"says": "Near", "expect": pct(SPY_YTD + 0.03), "within": "2pp"}
UNKNOWN: dict[str, Any] = {"says": "Unknown", "check": "ret('NONE', 'ytd')", "at_least": "5%"}


def test_the_block_has_a_line_for_each_claim_that_is_not_confirmed(world: World) -> None:
    claims = [{"check": "ret('SPY', 'ytd')", **each} for each in (RIGHT, WRONG, NEAR, UNKNOWN)]
    filled = world.with_thesis(claims=claims).fill("claims", {})
    found: FactCheck = filled.parts["check"]  # type: ignore[assignment]
    assert first_line(found) == "One of four claims is confirmed. Contradicted: Wrong"
    (line,) = found.contradicted
    assert (words(line.said[0]), line.actual, words(line.why)) == (
        "Wrong",
        (f"Actual: +{pct(SPY_YTD)}.",),
        "Far from it",
    )
    assert [words(line.said[0]) for line in found.near] == [f"Near (claimed: {pct(SPY_YTD + 0.03)})"]
    assert [words(line.said[0]) for line in found.untested] == ["Unknown"]
    assert found.trifles is None
    assert (filled.parts["confirmed"], filled.parts["total"]) == (1, 4)
    assert rows(filled.parts["table"]) == [
        ["Wrong", f"+{pct(SPY_YTD)}", "✗ contradicted"],
        [f"Near (claimed: {pct(SPY_YTD + 0.03)})", f"+{pct(SPY_YTD)}", "≈ near"],
        ["Unknown", "n/a", "? untested"],
        ["Right", f"+{pct(SPY_YTD)}", "✓ confirmed"],
    ]


@pytest.mark.parametrize(
    ("claims", "first"),
    [
        ([RIGHT], "The one claim is confirmed."),
        ([WRONG], "The one claim is contradicted."),
        ([UNKNOWN], "The one claim is untested."),
        ([RIGHT, RIGHT], "Both claims are confirmed."),
        ([RIGHT] * 12, "All 12 claims are confirmed."),
        ([NEAR, UNKNOWN], "Neither of the two claims is confirmed."),
        ([WRONG] * 3, "None of the three claims is confirmed. Contradicted above all: Wrong"),
        ([RIGHT, RIGHT, WRONG], "Two of three claims are confirmed. Contradicted: Wrong"),
        ([RIGHT, {**NEAR, "headline": "never"}], "One of two claims is confirmed."),
        (
            [WRONG, {**WRONG, "says": "Best known", "headline": "it made {{ ret('SPY', 'ytd') | pct }}"}],
            f"Neither of the two claims is confirmed. The best-known one is not: it made +{pct(SPY_YTD)}",
        ),
    ],
)
def test_the_first_line_counts_and_names_the_one_that_matters(
    world: World, claims: list[dict[str, Any]], first: str
) -> None:
    assert first_line(told(world, *claims)) == first


def test_the_count_alone_is_bold_in_the_first_line(world: World) -> None:
    found = told(world, WRONG, {**WRONG, "says": "Best known", "headline": "it rose"})
    bold = [part.text for part in (*found.headline, *found.lead) if isinstance(part, Plain) and part.strong]
    assert bold == ["Neither of the two claims is confirmed."]


def test_a_day_that_a_claim_says_is_not_said_again(world: World) -> None:
    said = ("Lost 50% at the 6 Feb close", "Lost 50% in February", "Lost 50% at the 16 Feb close")
    claims = [{"says": each, "check": "ret('UP', '1d')", "expect": "-50%", "on": "2026-02-06"} for each in said]
    shown = [row[0] for row in rows(world.with_thesis(claims=claims).fill("claims", {}).parts["table"])]
    assert sorted(shown) == sorted([said[0], said[1], f"{said[2]}, 6 Feb"])


@pytest.mark.parametrize(
    ("check", "expected", "form"),
    [
        ("streak(close('UP') > 0)", {"count": "3"}, r"Actual: [0-9]+ days\."),
        ("corr('UP', 'SPY', 20)", {"at_most": "-0.99"}, r"Actual: correlation −?[0-9.]+\."),
        ("(1 if close('UP') > 0 else 0) + (1 if close('UP') < 0 else 0)", {"count": "4"}, r"Actual: 1 of 4\."),
    ],
)
def test_a_bare_number_bears_its_unit(world: World, check: str, expected: dict[str, object], form: str) -> None:
    (line,) = told(world, {"says": "So it was", "check": check, **expected}).contradicted
    assert re.fullmatch(form, line.actual[0])


def test_without_claims_there_is_nothing(world: World) -> None:
    assert world.with_thesis().fill("claims", {}).parts["total"] == 0


def test_what_the_author_names_comes_first(world: World) -> None:
    found = told(world, WRONG, {**WRONG, "says": "Best known", "headline": "it is not"})
    assert [words(line.said[0]) for line in found.contradicted] == ["Best known", "Wrong"]


def test_a_line_says_who_said_it_when_and_at_which_day_it_was_judged(world: World) -> None:
    found = told(world, {**WRONG, "source": "paper"}, {**WRONG, "source": "paper", "on": "2026-01-30"})
    assert [words(line.where) for line in found.contradicted] == ["([[Somebody]], 9 Feb)"] * 2
    # That of the paper is the close before it, which needs no word.
    january = PLAIN["SPY"][day("2026-01-30")] / PLAIN["SPY"][day("2025-12-31")] - 1
    assert found.contradicted[0].actual[0].startswith("Actual: ")
    assert found.contradicted[1].actual == (f"Actual on 30 Jan: {'+' if january > 0 else '−'}{pct(abs(january))}.",)


def test_what_one_cause_leaves_untested_is_told_together(world: World) -> None:
    other = {"says": "Late", "check": "ret('LATE', 'ytd')", "at_least": "5%"}
    together, alone = told(world, UNKNOWN, other, {**UNKNOWN, "says": "Another"}).untested
    assert [words(each) for each in together.said] == ["Unknown", "Another"]
    assert [words(each) for each in alone.said] == ["Late"]
    assert words(together.why) == "NONE: no prices are stored."


# Trifles -----------------------------------------------------------------------------------------------------------

TOP = max(PLAIN["SPY"], key=lambda d: (PLAIN["SPY"][d], -d.toordinal()))
DAYS = sorted(PLAIN["SPY"])


def session(of: dt.date, by: int) -> dt.date:
    return DAYS[DAYS.index(of) + by]


def constant(value: float) -> str:
    return f"{value} + 0 * ret('SPY', '1d')"


@pytest.mark.parametrize(
    ("fields", "trifle"),
    [
        ({"check": "peak('SPY', 'max')", "date": str(session(TOP, 1))}, True),
        ({"check": "peak('SPY', 'max')", "date": str(session(TOP, -1))}, True),
        ({"check": "peak('SPY', 'max')", "date": str(session(TOP, 2))}, False),
        ({"check": "close('SPY') >= high(close('SPY'), 'max')", "truth": "true", "on": str(session(TOP, 1))}, True),
        ({"check": "close('SPY') >= high(close('SPY'), 'max')", "truth": "true", "on": str(session(TOP, 2))}, False),
        ({"check": constant(0.0118), "expect": "1.88%"}, True),
        ({"check": constant(0.0092), "expect": "1.88%"}, False),  # more than half of what was said
        ({"check": constant(0.0281), "expect": "1.80%"}, False),  # more than a point
        ({"check": constant(0.0279), "expect": "1.80%"}, False),  # more than half
        ({"check": constant(-0.001), "expect": "0.3%"}, False),  # the other way
        ({"check": constant(0.095), "at_least": "10%"}, True),
        ({"check": constant(0.089), "at_least": "10%"}, False),
        ({"check": constant(-0.001), "at_least": "0%"}, False),
        ({"check": constant(0.059), "between": ["6%", "8%"]}, True),
        ({"check": constant(0.089), "between": ["6%", "8%"]}, True),
        ({"check": constant(0.091), "between": ["6%", "8%"]}, False),
        ({"check": "count(ret('pair', 'ytd') > 0)", "count": "2"}, True),
        ({"check": "count(ret('pair', 'ytd') > 0)", "count": "3"}, False),
        ({"check": "count(ret('pair', 'ytd') > 9.0)", "count": "1"}, False),  # nothing is not nearly one
        ({"check": "1.6 + 0 * corr('UP', 'UP', '1y')", "at_least": "2"}, False),  # neither points nor per cent
    ],
)
def test_a_trifle_misses_by_a_day_a_point_or_one(world: World, fields: dict[str, Any], trifle: bool) -> None:
    found = verdict(world, **fields)
    assert found.outcome == "contradicted"
    assert bool(found.trifle) == trifle


def test_trifles_are_told_together_after_what_is_wrong(world: World) -> None:
    small = {"says": "Up 1.88%", "check": constant(0.0118), "expect": "1.88%"}
    top = {"says": "A record", "check": "close('SPY') >= high(close('SPY'), 'max')", "truth": "true"}
    found = told(world, small, {**top, "on": str(session(TOP, 1))}, WRONG)
    assert [words(line.said[0]) for line in found.contradicted] == ["Wrong"]
    assert found.trifles is not None
    assert [words(each) for each in found.trifles.said] == ["Up 1.88%", "A record"]
    assert found.trifles.actual == ("+1.18%", short_day(TOP, dt.date(2026, 2, 27)))
    assert first_line(found).endswith("Contradicted above all: Wrong")


def test_a_single_trifle_is_told_in_full(world: World) -> None:
    found = told(world, {"says": "Up 1.88%", "check": constant(0.0118), "expect": "1.88%"})
    assert found.trifles is None
    assert [words(line.said[0]) for line in found.contradicted] == ["Up 1.88%"]


def test_claims_on_breadth_say_how_many_members_there_are(world: World) -> None:
    claims = [{"says": "Many", "check": "breadth(ret('five', '1d') > 0)", "at_least": "1%"}]
    assert "5 of 6 of today's members" in small(world.with_thesis(claims=claims).fill("claims", {}))


def test_a_table_of_claims_checks_row_by_column(world: World) -> None:
    said = {"UP": [pct(PLAIN["UP"][day("2026-02-27")] / PLAIN["UP"][day("2025-12-31")] - 1, 0), "90%"]}
    body = {"check": "ret(row, column)", "within": "1pp", "columns": ["ytd", "mtd"], "rows": said}
    filled = world.fill("claims", body)
    assert heads(filled.parts["table"])[1:] == ["ytd", "mtd"]
    (row,) = rows(filled.parts["table"])
    assert row[0] == "UP"
    assert row[1].startswith(said["UP"][0] + " → +6.7%")
    assert [v.outcome for v in filled.parts["verdicts"]] == ["confirmed", "contradicted"]  # type: ignore[attr-defined]
    strong = [p.strong for cell in filled.parts["table"].rows[0][1:] for p in cell if isinstance(p, Figure)]  # type: ignore[attr-defined]
    assert strong == [False, True]


@pytest.mark.parametrize(
    "body",
    [
        {"check": "ret(row, column)", "columns": ["ytd"]},
        {"columns": ["ytd"], "rows": {"UP": ["1%"]}},
        {"check": "ret(row, column)", "columns": ["ytd", "mtd"], "rows": {"UP": ["1%"]}},
    ],
)
def test_a_table_of_claims_is_whole(world: World, body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        world.fill("claims", body)


# Cells -------------------------------------------------------------------------------------------------------------


def cell(world: World, inherited: dict[str, str] | None = None, **fields: str) -> str:
    body = {"columns": ["What", "Said"], "rows": [["x", {"check": "ret('SPY', 'ytd')", **fields}]], **(inherited or {})}
    return rows(world.fill("table", body).parts["table"])[0][1]


def test_a_cell_that_is_confirmed_gets_a_mark(world: World) -> None:
    assert cell(world, says=f"+{pct(SPY_YTD)}") == f"+{pct(SPY_YTD)} ✓"
    assert cell(world, says=">1%") == ">1% ✓"
    assert cell(world, says="1%+") == "1%+ ✓"
    assert cell(world, says="true", check="ret('SPY', 'ytd') > 0") == "true ✓"


def test_a_cell_that_is_not_shows_the_computed_figure(world: World) -> None:
    assert cell(world, says="+18%") == f"+18% ✗ +{pct(SPY_YTD)}"
    assert cell(world, says="a lot", expect="+18%") == f"a lot ✗ +{pct(SPY_YTD)}"


def test_a_cell_takes_day_and_tolerance_from_its_table(world: World) -> None:
    assert cell(world, says="+18%", inherited={"within": "20pp"}) == "+18% ✓"
    assert cell(world, says="+0.5%", inherited={"on": "2026-01-05", "within": "5pp"}) == "+0.5% ✓"
    assert "untested" in cell(world, says="+18%", on="2027-01-05")


def test_a_cell_that_is_untested_says_why_below(world: World) -> None:
    body = {"columns": ["What", "Said"], "rows": [["x", {"says": "+5%", "check": "ret('LATE', 'ytd')"}]]}
    filled = world.fill("table", body)
    assert "(untested)" in rows(filled.parts["table"])[0][1]
    assert "12 Jan 2026" in small(filled)


def test_a_cell_may_say_less_than(world: World) -> None:
    assert cell(world, says="<9%") == "<9% ✓"


def test_a_cell_that_says_more_than_words_is_an_error_with_words(world: World) -> None:
    with pytest.raises(BlockError):
        cell(world, says="> half")


def test_a_cell_without_a_check_is_an_error(world: World) -> None:
    body = {"columns": ["What", "Said"], "rows": [["x", {"says": "+18%"}]]}
    with pytest.raises(BlockError, match="needs check"):
        world.fill("table", body)

"""Three-valued logic, comparisons and arithmetic on tracks, apart from any market."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.unit.language.samples import day
from thesisvault.analytics.bounds import number_of
from thesisvault.language import kinds
from thesisvault.language.kinds import NUMBER, RETURN, TRUTH, Kind, Typed
from thesisvault.language.parse import ExpressionError
from thesisvault.language.tracks.calendars import Calendars
from thesisvault.language.tracks.combined import ARITHMETIC, COMPARISONS, LOGIC, NOT, Combined, Rule
from thesisvault.language.tracks.facts import NONE, Facts
from thesisvault.language.tracks.newest import newest
from thesisvault.language.tracks.track import Constant, Missing, Stored, Track
from thesisvault.structs import replace

T, F, U = 1.0, 0.0, math.nan
AND = {(T, T): T, (T, F): F, (T, U): U, (F, T): F, (F, F): F, (F, U): F, (U, T): U, (U, F): F, (U, U): U}
OR = {(T, T): T, (T, F): T, (T, U): T, (F, T): T, (F, F): F, (F, U): U, (U, T): T, (U, F): U, (U, U): U}
CASES = [(op, a, b, table[a, b]) for op, table in (("and", AND), ("or", OR)) for a, b in table]
CALENDARS = Calendars()
MONDAY = number_of(day("2026-02-02"))


def days(*values: float | list[float], start: int = MONDAY, kind: Kind = NUMBER, facts: Facts = NONE) -> Stored:
    """Values on days in a row; a list per day is a universe of X, Y, ..."""
    calendar = CALENDARS.of(np.arange(start, start + len(values)))
    array = np.array(values, dtype=np.float64)
    columns = tuple("XYZ"[: array.shape[1]]) if array.ndim > 1 else None
    return Stored(array, calendar, Typed(kind, columns is not None), facts=facts, columns=columns, gaps=True)


def constant(value: float, kind: Kind = NUMBER, facts: Facts = NONE) -> Constant:
    return Constant(value, Typed(kind), facts)


def combined(rule: Rule, *sides: Track) -> Combined:
    return Combined(rule, sides, Typed(TRUTH), CALENDARS)


def same(found: float, wanted: float) -> bool:
    return found == wanted or (math.isnan(found) and math.isnan(wanted))


@pytest.mark.parametrize(("op", "a", "b", "wanted"), CASES)
def test_kleenes_table_holds_for_constants_series_and_universes(op: str, a: float, b: float, wanted: float) -> None:
    (one_a, series_a, wide_a), (one_b, series_b, wide_b) = (
        (constant(x), days(x, x), days([x, x], [x, x])) for x in (a, b)
    )
    assert same(combined(LOGIC[op], one_a, one_b).at(0), wanted)
    for left, right in ((series_a, series_b), (one_a, series_b), (series_a, one_b)):
        found = combined(LOGIC[op], left, right)
        assert same(found.at(0), wanted)
        assert all(same(each, wanted) for each in found.whole())
    for left, right in ((wide_a, wide_b), (one_a, wide_b), (series_a, wide_b)):
        found = combined(LOGIC[op], left, right)
        assert all(same(each, wanted) for each in found.at(1))
        assert all(same(each, wanted) for each in np.ravel(found.whole()))


@pytest.mark.parametrize(("a", "wanted"), [(T, F), (F, T), (U, U)])
def test_not_leaves_unknown_unknown(a: float, wanted: float) -> None:
    for of in (constant(a), days(a)):
        assert same(combined(NOT, of).at(0), wanted)
        assert same(combined(NOT, of).whole()[-1], wanted)


@pytest.mark.parametrize("op", ["==", "!=", "<", "<=", ">", ">="])
def test_a_comparison_with_an_unknown_side_is_neither_on_nor_off(op: str) -> None:
    known, unknown = days(1.0), days(U)
    for left, right in (
        (known, unknown),
        (unknown, known),
        (unknown, constant(1.0)),
        (constant(U), known),
        (unknown, unknown),
    ):
        found = combined(COMPARISONS[op], left, right)
        assert math.isnan(found.at(0))
        assert math.isnan(found.whole()[-1])
        assert newest(found).truth is None
    assert newest(combined(COMPARISONS[op], constant(U), constant(1.0))).truth is None


def test_series_are_joined_on_common_days_and_never_filled() -> None:
    left = days(1.0, 2.0, 3.0)
    calendar = CALENDARS.of(np.array([MONDAY, MONDAY + 2]))
    total = combined(ARITHMETIC["+"], left, Stored(np.array([10.0, 30.0]), calendar, Typed(NUMBER)))
    assert total.calendar is calendar
    assert total.whole().tolist() == [11.0, 33.0]
    assert [total.at(row) for row in (0, 1)] == [11.0, 33.0]


def test_three_series_are_joined_on_the_days_that_all_have() -> None:
    shifted = [days(*(10.0 * n + x for x in range(5)), start=MONDAY + n) for n in range(3)]
    found = Combined(Rule(lambda *v: sum(v), lambda *v: sum(v)), shifted, Typed(NUMBER), CALENDARS)
    assert found.calendar is not None
    assert found.calendar.days.tolist() == [MONDAY + 2, MONDAY + 3, MONDAY + 4]
    assert found.whole().tolist() == [33.0, 36.0, 39.0] == [found.at(row) for row in range(3)]


def test_series_without_a_common_day_have_no_newest_value() -> None:
    number = newest(combined(ARITHMETIC["-"], days(1.0), days(1.0, start=MONDAY + 30)))
    assert (number.value, number.reason) == (None, "no common session")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (constant(1.0), constant(0.0)),
        (constant(0.0), constant(0.0)),
        (days(1.0), constant(0.0)),
        (constant(1.0), days(0.0)),
        (days(2.0), days(0.0)),
    ],
)
def test_a_division_by_nought_is_unknown(left: Track, right: Track) -> None:
    quotient = combined(ARITHMETIC["/"], left, right)
    number = newest(quotient)
    assert number.value is None
    assert number.reason
    assert math.isnan(quotient.whole()[-1])


def test_nought_by_a_number_is_nought() -> None:
    assert newest(combined(ARITHMETIC["/"], constant(0.0), days(4.0))).value == 0.0


def test_a_universe_meets_a_series_member_by_member() -> None:
    above = combined(COMPARISONS[">"], days([1.0, 5.0], [3.0, U]), days(2.0, 2.0))
    assert above.whole()[:, 0].tolist() == [0.0, 1.0]
    assert above.whole()[0, 1] == 1.0
    assert math.isnan(above.whole()[1, 1])
    assert math.isnan(above.at(1)[1])


def test_two_universes_meet_in_the_members_that_both_have() -> None:
    left, right = days([1.0, 2.0, 3.0]), days([10.0, 20.0])
    right.columns = ("Z", "X")
    found = combined(ARITHMETIC["+"], left, right)
    assert found.columns == ("X", "Z")
    assert found.at(0).tolist() == found.whole()[0].tolist() == [21.0, 13.0]


def test_what_is_stale_noted_or_missing_goes_through_every_operation() -> None:
    on = day("2026-02-02")
    left = days(1.0, facts=Facts(stale=(("A", on),), notes=("a",), sources=("A",)))
    right = days(1.0, facts=Facts(stale=(("B", on),), notes=("b",), sources=("B",)))
    for rule in (ARITHMETIC["+"], COMPARISONS[">"]):
        number = newest(combined(rule, left, right))
        assert (number.stale, number.notes, number.sources) == ((("A", on), ("B", on)), ("a", "b"), ("A", "B"))
    assert newest(combined(ARITHMETIC["+"], Missing("no prices", Typed(RETURN)), left)).reason == "no prices"


def test_a_day_on_which_it_was_settled_is_that_of_the_later_side() -> None:
    early, late = day("2026-02-02"), day("2026-02-03")
    settled = [days(1.0, facts=Facts(settled=each)) for each in (early, late)]
    assert combined(ARITHMETIC["-"], *settled).facts.settled == late
    assert combined(ARITHMETIC["-"], settled[0], constant(2.0)).facts.settled == early
    assert combined(ARITHMETIC["-"], settled[0], days(1.0)).facts.settled is None
    assert combined(ARITHMETIC["-"], settled[0], constant(1.0, facts=Facts(settled=late))).facts.settled == late


def test_logic_of_what_is_no_condition_is_an_error() -> None:
    for pair in ((NUMBER, TRUTH), (TRUTH, NUMBER), (kinds.WORD, TRUTH)):
        with pytest.raises(ExpressionError, match="condition was expected"):
            kinds.logical(*(Typed(each) for each in pair))


def test_a_member_of_a_universe_is_no_number() -> None:
    with pytest.raises(ExpressionError, match=r"wrap it in count\(\), breadth\(\), mean\(\) or median\(\)"):
        newest(days([1.0, 2.0]))


def test_facts_of_one_series_are_not_told_twice() -> None:
    facts = Facts(notes=("a",), sources=("A",))
    assert facts.and_(replace(facts)) == facts

"""Three-valued logic, comparisons and arithmetic on values, apart from any market."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from thesisvault.language.parse import ExpressionError
from thesisvault.language.values import Value, arithmetic, both, compare, missing, negate, newest

T, F, U = 1.0, 0.0, math.nan
AND = {(T, T): T, (T, F): F, (T, U): U, (F, T): F, (F, F): F, (F, U): F, (U, T): U, (U, F): F, (U, U): U}
OR = {(T, T): T, (T, F): T, (T, U): T, (F, T): T, (F, F): F, (F, U): U, (U, T): T, (U, F): U, (U, U): U}
CASES = [(op, a, b, table[a, b]) for op, table in (("and", AND), ("or", OR)) for a, b in table]


def days(*values: float, start: str = "2026-02-02") -> pd.Series:
    return pd.Series(values, index=pd.bdate_range(start, periods=len(values)))


def same(found: float, wanted: float) -> bool:
    return found == wanted or (math.isnan(found) and math.isnan(wanted))


@pytest.mark.parametrize(("op", "a", "b", "wanted"), CASES)
def test_kleenes_table_holds_for_constants_series_and_frames(op: str, a: float, b: float, wanted: float) -> None:
    constant = [Value(each, "truth") for each in (a, b)]
    series = [Value(days(each, each), "truth") for each in (a, b)]
    frame = [Value(pd.DataFrame({"X": days(each), "Y": days(each)}), "truth") for each in (a, b)]
    assert same(both(op, *constant).data, wanted)  # type: ignore[arg-type]
    for left, right in (series, (constant[0], series[1]), (series[0], constant[1])):
        assert all(same(each, wanted) for each in both(op, left, right).data)  # type: ignore[union-attr]
    for left, right in (frame, (constant[0], frame[1]), (Value(days(a), "truth"), frame[1])):
        assert all(same(each, wanted) for each in np.ravel(both(op, left, right).data))


@pytest.mark.parametrize(("a", "wanted"), [(T, F), (F, T), (U, U)])
def test_not_leaves_unknown_unknown(a: float, wanted: float) -> None:
    assert same(negate(Value(a, "truth")).data, wanted)  # type: ignore[arg-type]
    assert same(negate(Value(days(a), "truth")).data.iloc[-1], wanted)  # type: ignore[union-attr]


@pytest.mark.parametrize("op", ["==", "!=", "<", "<=", ">", ">="])
def test_a_comparison_with_an_unknown_side_is_neither_on_nor_off(op: str) -> None:
    known, unknown = Value(days(1.0)), Value(days(U))
    for left, right in (
        (known, unknown),
        (unknown, known),
        (unknown, Value(1.0)),
        (Value(U), known),
        (unknown, unknown),
    ):
        assert math.isnan(compare(op, left, right).data.iloc[-1])  # type: ignore[union-attr]
        assert newest(compare(op, left, right)).truth is None
    assert math.isnan(compare(op, Value(U), Value(1.0)).data)  # type: ignore[arg-type]


def test_series_are_joined_on_common_days_and_never_filled() -> None:
    left, right = Value(days(1.0, 2.0, 3.0)), Value(days(10.0, 20.0, 30.0).drop(pd.Timestamp("2026-02-03")))
    total = arithmetic("+", left, right).data
    assert {str(k.date()): v for k, v in total.items()} == {"2026-02-02": 11.0, "2026-02-04": 33.0}  # type: ignore[union-attr]


def test_series_without_a_common_day_have_no_newest_value() -> None:
    number = newest(arithmetic("-", Value(days(1.0)), Value(days(1.0, start="2026-03-02"))))
    assert (number.value, number.reason) == (None, "no common session")


@pytest.mark.parametrize(
    ("left", "right"), [(1.0, 0.0), (0.0, 0.0), (days(1.0), 0.0), (1.0, days(0.0)), (days(2.0), days(0.0))]
)
def test_a_division_by_nought_is_unknown(left: float | pd.Series, right: float | pd.Series) -> None:
    number = newest(arithmetic("/", Value(left), Value(right)))
    assert number.value is None
    assert number.reason


def test_nought_by_a_number_is_nought() -> None:
    assert newest(arithmetic("/", Value(0.0), Value(days(4.0)))).value == 0.0


def test_a_frame_meets_a_series_member_by_member() -> None:
    frame = Value(pd.DataFrame({"X": days(1.0, 3.0), "Y": days(5.0, U)}), "fraction")
    above = compare(">", frame, Value(days(2.0, 2.0), "fraction")).data
    assert above["X"].tolist() == [0.0, 1.0]  # type: ignore[index]
    assert above["Y"].iloc[0] == 1.0  # type: ignore[index, union-attr]
    assert math.isnan(above["Y"].iloc[1])  # type: ignore[index, union-attr]


@pytest.mark.parametrize(
    ("op", "left", "right", "wanted"),
    [
        ("-", "fraction", "fraction", "spread"),
        ("-", "spread", "fraction", "spread"),
        ("+", "spread", "spread", "spread"),
        ("-", "money", "money", "money"),
        ("/", "money", "money", "number"),
        ("/", "fraction", "fraction", "number"),
        ("-", "day", "day", "count"),
        ("+", "count", "count", "count"),
    ],
)
def test_what_two_kinds_make(op: str, left: str, right: str, wanted: str) -> None:
    assert arithmetic(op, Value(days(1.0), left), Value(days(2.0), right)).kind == wanted  # type: ignore[arg-type]


@pytest.mark.parametrize(("op", "kind"), [("*", "fraction"), ("/", "fraction"), ("*", "money"), ("/", "money")])
def test_half_of_something_is_of_its_kind(op: str, kind: str) -> None:
    assert arithmetic(op, Value(days(1.0), kind, unit="USD"), Value(2.0)).kind == kind  # type: ignore[arg-type]


def test_what_is_stale_noted_or_missing_goes_through_every_operation() -> None:
    day = days(1.0).index[0].date()
    left = Value(days(1.0), stale=(("A", day),), notes=("a",), sources=("A",))
    right = Value(days(1.0), stale=(("B", day),), notes=("b",), sources=("B",))
    for result in (arithmetic("+", left, right), compare(">", left, right)):
        number = newest(result)
        assert (number.stale, number.notes, number.sources) == ((("A", day), ("B", day)), ("a", "b"), ("A", "B"))
    assert newest(arithmetic("+", missing("no prices"), left)).reason == "no prices"


def test_a_day_on_which_it_was_settled_is_that_of_the_later_side() -> None:
    early, late = days(1.0).index[0].date(), days(1.0, 1.0).index[1].date()
    settled = [Value(days(1.0), settled=each) for each in (early, late)]
    assert arithmetic("-", *settled).settled == late
    assert arithmetic("-", settled[0], Value(2.0)).settled == early
    assert arithmetic("-", settled[0], Value(days(1.0))).settled is None


@pytest.mark.parametrize("pair", [("number", "truth"), ("truth", "number"), ("word", "truth")])
def test_logic_of_what_is_no_condition_is_an_error(pair: tuple[str, str]) -> None:
    with pytest.raises(ExpressionError, match="condition was expected"):
        both("and", *(Value(1.0, kind) for kind in pair))  # type: ignore[arg-type]


def test_a_member_of_a_universe_is_no_number() -> None:
    with pytest.raises(ExpressionError, match=r"wrap it in count\(\), breadth\(\), mean\(\) or median\(\)"):
        newest(Value(pd.DataFrame({"X": days(1.0)})))

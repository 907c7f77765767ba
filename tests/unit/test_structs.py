"""What is asked of any record, whatever it is made with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pytest
from msgspec import Struct

from thesisvault.errors import Finding, Place
from thesisvault.structs import as_plain, names_of, replace


class Base(Struct, frozen=True, kw_only=True):
    first: int
    second: str = ""


class Inner(Base, frozen=True, kw_only=True):
    third: tuple[object, ...] = ()


@dataclass(frozen=True)
class Old:
    inner: Inner
    by_name: Mapping[str, object]


class MarkedChart(Struct, frozen=True):
    title: str

    def __post_init__(self) -> None:
        if not self.title:
            raise ValueError("no title")


class Pair(NamedTuple):
    left: object
    right: object


def test_the_fields_of_a_record_are_known_by_name_with_those_of_its_bases_first() -> None:
    assert names_of(Inner) == ("first", "second", "third")
    assert names_of(Old) == ("inner", "by_name")
    assert names_of(Place) == ("path", "line", "column")


@pytest.mark.parametrize("kind", [int, tuple, Pair, Struct.__class__])
def test_what_is_no_record_has_no_names_of_fields(kind: type) -> None:
    assert names_of(kind) is None


def test_a_record_is_plain_however_deep_records_lie_in_it() -> None:
    deep = Inner(first=3, third=(Pair(Place("a.yaml", 2), 1), [Base(first=4)]))
    assert as_plain(Old(Inner(first=1, second="b", third=(deep,)), {"x": Base(first=2)})) == {
        "inner": {
            "first": 1,
            "second": "b",
            "third": (
                {
                    "first": 3,
                    "second": "",
                    "third": (Pair({"path": "a.yaml", "line": 2, "column": 0}, 1), [{"first": 4, "second": ""}]),
                },
            ),
        },
        "by_name": {"x": {"first": 2, "second": ""}},
    }


def test_tuples_stay_tuples_and_named_ones_keep_their_names() -> None:
    plain = as_plain((Pair(1, 2), [3]))
    assert isinstance(plain, tuple)
    assert plain[0].left == 1


def test_a_field_of_any_record_is_replaced() -> None:
    assert replace(Inner(first=1), third=(2,)) == Inner(first=1, third=(2,))
    assert replace(Finding("x"), code="y") == Finding("x", code="y")


@pytest.mark.parametrize("thing", [Inner(first=1), Place("a"), 5])
def test_a_field_that_is_not_there_is_not_replaced(thing: object) -> None:
    with pytest.raises(TypeError):
        replace(thing, none=1)  # type: ignore[type-var]


def test_what_a_record_checks_when_it_is_made_it_checks_when_a_field_is_replaced() -> None:
    mark = MarkedChart("t")
    with pytest.raises(ValueError, match="no title"):
        replace(mark, title="")

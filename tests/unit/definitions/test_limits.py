"""Every number that a person may write has a lower and an upper bound, in its model and in the JSON Schema."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import TypeAdapter

from thesisvault.definitions import read  # noqa: F401 - fills the registries of blocks and charts
from thesisvault.definitions.models.thesis import Thesis
from thesisvault.definitions.reading.load import parse_tree
from thesisvault.definitions.reading.validate import validate
from thesisvault.fields import Between
from thesisvault.model import Model


def models() -> list[type[Model]]:
    found: list[type[Model]] = [Model]
    for model in found:
        found += [each for each in model.__subclasses__() if each.__module__.startswith("thesisvault")]
    return found[1:]


def numbers(kind: Any, metadata: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Yield every int and float inside the type of a field, with the annotations that it has."""
    if get_origin(kind) is Annotated:
        inner, *own = get_args(kind)
        yield from numbers(inner, (*own, *metadata))
    elif kind in (int, float):
        yield kind, metadata
    else:
        for each in get_args(kind):
            if isinstance(each, type) or get_args(each):
                yield from numbers(each)


FIELDS = [
    pytest.param(kind, metadata, id=f"{model.__name__}.{name}.{nth}")
    for model in dict.fromkeys(models())
    for name, field in model.model_fields.items()
    for nth, (kind, metadata) in enumerate(numbers(field.annotation, tuple(field.metadata)), 1)
]


def test_the_walk_reaches_the_numbers_of_models_of_every_layer() -> None:
    walked = {str(param.id).removesuffix(".1") for param in FIELDS}
    assert walked >= {
        *("Side.hold", "FlowsBlock.rows", "Claim.count", "RatioChart.average", "RotationChart.weeks"),
        *("Thesis.conviction", "Refresh.pause", "InstrumentDefinition.lag", "BasketDefinition.cap"),
    }


@pytest.mark.parametrize(("kind", "metadata"), FIELDS)
def test_every_number_has_bounds_that_an_editor_sees(kind: Any, metadata: tuple[Any, ...]) -> None:
    bounds = [each for each in metadata if isinstance(each, Between)]
    assert bounds, "annotate the field with Between(low, high)"
    assert all(math.isfinite(each.low) and math.isfinite(each.high) and each.low < each.high for each in bounds)
    whole: Any = kind
    for each in metadata:
        whole = Annotated[whole, each]
    schema = TypeAdapter(whole).json_schema()
    assert {"minimum", "maximum"} <= schema.keys()


HUGE = "9" * 400
BEYOND = [
    ("updates: {open: %s}", ("-1", "1001", HUGE, "9" * 5000)),
    ("changes: {top: %s}", ("-1", "101", HUGE)),
    ("breadth: {universe: u, moved: %s}", ("-1%", "101%", "20", HUGE + "%")),
    ("breadth: {universe: u, over: [%s]}", ("0d", "-5d", "99999y", HUGE, "0000Q1", "0001-01", "since 0001-01-01")),
    ("chart: {ratio: [A, B], average: %s}", ("0", "-200", HUGE)),
    ("chart: {rotation: [A, B], weeks: %s}", ("0", "-8", HUGE)),
    ("chart: {pair: [A, B], marks: [{on: %s, label: x}]}", ("0001-01-01", "9999-12-31", "-1")),
    ("flows: {title: F, unit: USD, rows: {Q1: %s}}", (HUGE, f"-{HUGE}", "1e5")),
    ("targets: {on: 2026-02-02, rows: {A: %s}}", (f"${HUGE}", f"+{HUGE}%")),
]


CASES = [
    pytest.param(block, value, id=f"{block} {value[:40]} {len(value)}") for block, values in BEYOND for value in values
]


@pytest.mark.parametrize(("block", "value"), CASES)
def test_a_value_beyond_its_bounds_is_a_finding_at_its_place(block: str, value: str) -> None:
    head = "title: T\nsections:\n  - heading: H\n    blocks:\n"
    tree, broken = parse_tree(f"{head}      - {block % value}\n", "t.yaml")
    assert tree is not None, broken
    model, findings = validate(Thesis, tree)
    assert model is None
    assert [(each.place.line, each.place.column) for each in findings if each.place] == [(5, 9 + block.index("%s"))]


def test_a_weight_without_its_sign_is_named_with_it() -> None:
    tree, _ = parse_tree("title: T\nbuy: {hold: {XOM: 60, CVX: 40}}\n", "t.yaml")
    assert tree is not None
    _, findings = validate(Thesis, tree)
    assert [str(each) for each in findings] == [
        't.yaml:2:19: XOM: "60" lacks its %. Write 60%.',
        't.yaml:2:28: CVX: "40" lacks its %. Write 40%.',
    ]

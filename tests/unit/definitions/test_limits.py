"""Every number that a person may write has a lower and an upper bound, in its model and in the JSON Schema."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import TypeAdapter

from thesisvault import fields
from thesisvault.definitions import read  # noqa: F401 - fills the registries of blocks and charts
from thesisvault.definitions.checks import check
from thesisvault.definitions.models.thesis import Thesis
from thesisvault.definitions.reading import load
from thesisvault.definitions.reading.load import MOST_MISTAKES, parse_tree
from thesisvault.definitions.reading.validate import MOST_FINDINGS, validate
from thesisvault.fields import Between
from thesisvault.language import parse
from thesisvault.model import Model
from thesisvault.scalars import LONGEST_EXPRESSION


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
        't.yaml:2:19: XOM: "60" needs %: write 60%.',
        't.yaml:2:28: CVX: "40" needs %: write 40%.',
    ]


LIMITS = {
    "A title, name, heading, key or other line": f"{fields.LONGEST_LINE:,} characters",
    "A text, such as a summary or a caption": f"{fields.LONGEST_TEXT:,} characters",
    "A number, day, window, ticker or id": f"{fields.LONGEST_SCALAR:,} characters",
    "An expression": (
        f"{LONGEST_EXPRESSION:,} characters, {parse.MOST_PARTS} parts, {parse.MOST_CALLS} calls, {parse.DEEPEST} deep"
    ),
    "Expressions in one text": f"{parse.MOST_IN_TEXT:,}",
    "Expressions and texts with some in one definition": f"{check.MOST_EXPRESSIONS:,}",
    "Rows of a table, names in a list, events": f"{fields.MOST_ROWS:,}",
    "Columns of a table, windows in a list": f"{fields.MOST_COLUMNS:,}",
    "Keys and values in one file": f"{load.MOST_VALUES:,}",
    "Nested lists and mappings": f"{load.MOST_DEPTH:,}",
    "A file of definitions": f"{load.MOST_BYTES / 1e6:.0f} MB",
}


def test_the_page_on_writing_names_every_limit(root: Path) -> None:
    page = (root / "docs/writing-theses.md").read_text("utf-8").partition("## Limits")[2].partition("## ")[0]
    rows = dict(line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| "))
    assert {what: most for what, most in rows.items() if what not in ("What", "---")} == LIMITS


TOO_MUCH = {
    "a title": (f"title: {'x' * 501}", "1:8: title: expected a line of text of 500 characters at most, found 501."),
    "a summary": (
        f"title: T\nsummary: {'x' * 20_001}",
        "2:10: summary: expected text of 20000 characters at most, found 20001.",
    ),
    "a window": (f"title: T\nover: {'1' * 201}", "2:7: over: expected a window of 200 characters at most, found 201."),
    "an expression": (
        f"title: T\nclaims: [{{says: s, check: {'x' * 2_001}, at_least: 5%}}]",
        "2:27: check: expected an expression of 2000 characters at most, found 2001.",
    ),
    "columns": (
        f"title: T\nsections: [{{heading: H, blocks: [{{returns: {{of: [A], over: {[*range(1, 32)]}}}}}]}}]",
        "2:60: over: expected 30 items at most, found 31.",
    ),
    "a key": (f"title: T\n{'k' * 501}: 1", "2:1: a key has 501 characters; 500 at most are read."),
    "keys": (
        "title: T\n" + "".join(f"k{n}: 1\n" for n in range(25_001)),
        "25000:9: the file holds more than 50000 keys and values.",
    ),
    "depth": ("title: " + "[" * 50, "1:48: nested deeper than 40 levels."),
    "braces": (
        "title: " + "{" * 40_000,
        "1:8: the value begins with {{ without quotes, so YAML takes it for a mapping.",
    ),
}


@pytest.mark.parametrize("case", TOO_MUCH)
def test_what_goes_beyond_a_limit_is_told_with_place_found_and_expected(case: str) -> None:
    text, said = TOO_MUCH[case]
    tree, findings = parse_tree(text, "t.yaml")
    if tree is not None:
        _, findings = validate(Thesis, tree)
    assert str(findings[0]).startswith(f"t.yaml:{said}")
    assert len(str(findings[0])) < 300


def test_of_very_many_mistakes_the_first_are_shown_and_the_rest_is_said_to_be_there() -> None:
    tree, _ = parse_tree("title: T\n" + "".join(f"k{n}: 1\n" for n in range(5_000)), "t.yaml")
    assert tree is not None
    _, findings = validate(Thesis, tree)
    assert len(findings) == MOST_FINDINGS + 1
    assert findings[0].problem == f"only the first {MOST_FINDINGS} mistakes of this kind in the file are shown."


@pytest.mark.parametrize("line", ["a: 1\n", "k{}: &x{} 1\n", "k{}: !tag 1\n", "k{}: *x{}\n", "- \n"])
def test_of_very_many_mistakes_in_writing_the_first_are_shown_too(line: str) -> None:
    tree, findings = parse_tree("".join(line.format(n, n) for n in range(5_000)), "t.yaml")
    assert tree is None
    assert len(findings) == MOST_MISTAKES + 1
    assert findings[0].problem == f"only the first {MOST_MISTAKES} mistakes in how the file is written are shown."

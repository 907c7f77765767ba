"""Typed text, models and objects with a single key."""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated, Any, ClassVar

import jsonschema
import pytest
from pydantic import Field, Tag, TypeAdapter, ValidationError

from thesisvault import fields, model
from thesisvault.definitions.models.schema import json_schemas
from thesisvault.quantities import Quantity
from thesisvault.scalars import Window, parse_window


def read(kind: Any, value: object) -> Any:
    return TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        (fields.Prose, " **bold** {{ x }}\n", " **bold** {{ x }}\n"),
        (fields.Name, " 2025 ", "2025"),
        (fields.Word, "ft-2026-02-05", "ft-2026-02-05"),
        (fields.Ticker, "TRUE", "TRUE"),
        (fields.Ticker, "^GSPC", "^GSPC"),
        (fields.SeriesName, "QQQ|us-tech", "QQQ | us-tech"),
        (fields.Expr, "ret('XLE', 'ytd')", "ret('XLE', 'ytd')"),
        (fields.Day, "2026-02-27", dt.date(2026, 2, 27)),
        (fields.Share, "60%", 0.6),
        (fields.Number, "1000000", 1e6),
        (fields.Integer, "007", 7),
        (fields.Truth, "true", True),
        (fields.SpanDays, "2w", 14),
        (fields.Url, "https://www.ft.com/a?b=c#d", "https://www.ft.com/a?b=c#d"),
    ],
)
def test_text_becomes_the_value_it_stands_for(kind: Any, typed: str, value: object) -> None:
    assert read(kind, typed) == value


def test_windows_and_figures_keep_what_was_typed() -> None:
    assert read(fields.WindowText, "since 2025-10-29").start == dt.date(2025, 10, 29)
    assert isinstance(read(fields.WindowText, "ytd"), Window)
    assert isinstance(read(fields.Figure, "about 43pp"), Quantity)
    assert read(fields.Figure, "about 43pp").text == "about 43pp"


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (fields.Day, ["2026-02-27"], "expected a date, found a list"),
        (fields.Day, "27.02.2026", '"27.02.2026" is not a date; write 2026-02-27'),
        (fields.Prose, {"a": "b"}, "expected text, found a mapping"),
        (fields.Prose, " \n", "the text is empty"),
        (fields.Name, "one\ntwo", 'expected one line, found the text "one two" on several lines'),
        (fields.Word, "Not-A Word", "expected an id of lower-case letters"),
        (fields.Ticker, "QQQ | us-tech", "expected a single ticker or id, found the chain"),
        (fields.Ticker, " XLE", '" XLE" has blanks around it'),
        (fields.SeriesName, "QQQ |", "is not a chain"),
        (fields.Truth, "yes", '"yes" is neither true nor false'),
        (fields.Truth, True, "expected true or false, found bool"),
        (fields.Integer, "1_000", '"1_000" is not a whole number'),
        (fields.Number, "1e6", '"1e6" is not a number'),
        (fields.Share, "sixty", '"sixty" is not a share'),
        (fields.Url, "javascript:alert(1)", "expected a web address"),
        (fields.Url, "https://a b", "expected a web address"),
        (fields.Url, "https://[", "expected a web address"),
        (Annotated[fields.Integer, fields.Between(1, 5)], "6", "expected 1 to 5, found 6"),
    ],
)
def test_anything_else_is_refused_in_words_for_the_person_who_typed_it(kind: Any, value: object, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read(kind, value)
    (error,) = caught.value.errors()
    assert message in str(error["ctx"]["error"])


KINDS: dict[str, type[model.Model]] = {}


class Part(model.OneKey, noun="part", kinds=KINDS):
    """A part."""


class Words(model.Model):
    """Words."""

    shorthand: ClassVar[str] = "says"
    says: fields.Prose
    """What is said."""
    by: fields.Name | None = None


class Fold(model.Model):
    """Parts inside a part."""

    parts: tuple[Part, ...] = ()
    hold: Annotated[
        Annotated[tuple[fields.Ticker, ...], Tag("list")]
        | Annotated[dict[fields.Ticker, fields.Share], Tag("mapping")],
        model.BY_SHAPE,
    ] = ()
    if_: fields.Name | None = Field(None, alias="if")
    over: fields.WindowText = parse_window("ytd")
    on: fields.Day | None = None
    conviction: Annotated[fields.Integer, fields.Between(1, 5)] | None = None
    done: fields.Truth = False


KINDS["words"] = Words
KINDS["fold"] = Fold


class Page(model.Model):
    """A page."""

    title: fields.Name
    parts: tuple[Part, ...] = ()


def test_an_object_with_one_key_reads_its_own_family_inside_itself() -> None:
    inner = {"fold": {"parts": [{"words": "deep"}, {"words": {"says": "a", "by": "b"}}]}}
    page = Page.model_validate({"title": "x", "parts": [{"fold": {"parts": [inner]}}]})
    (outer,) = page.parts
    assert outer.kind == "fold"
    assert isinstance(outer.body, Fold)
    (fold,) = outer.body.parts
    assert fold == Part("fold", Fold(parts=(Part("words", Words(says="deep")), Part("words", Words(says="a", by="b")))))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({}, "one_key_count"),
        ({"words": "a", "fold": {}}, "one_key_count"),
        ({"wards": "a", "x": "y"}, "one_key_count"),
        ({"wards": ["a"]}, "one_key_unknown"),
        ("words", "one_key_type"),
    ],
)
def test_anything_but_one_known_key_is_one_error(value: object, kind: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read(tuple[Part, ...], [value])
    assert [(error["type"], error["loc"]) for error in caught.value.errors()] == [(kind, (0,))]


def test_the_path_of_an_error_inside_holds_the_key() -> None:
    with pytest.raises(ValidationError) as caught:
        read(Part, {"fold": {"parts": [{"words": {"says": ["a"]}}]}})
    assert caught.value.errors()[0]["loc"] == ("fold", "parts", 0, "words", "says")


def test_one_key_makes_a_class_of_its_own() -> None:
    made = model.one_key("Thing", KINDS, noun="thing")
    assert made.__name__ == "Thing"
    assert made is not model.one_key("Thing", KINDS)
    assert read(made, {"words": "a"}).body == Words(says="a")


def test_a_model_is_frozen_and_refuses_unknown_keys() -> None:
    page = Page(title="x")
    with pytest.raises(ValidationError, match="frozen"):
        page.title = "y"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Extra"):
        Page.model_validate({"title": "x", "titel": "y"})


def schema() -> Any:
    return json.loads(json_schemas({"page": Page})["page.json"])


@pytest.mark.parametrize(
    "seen",
    [
        {"title": 2025},
        {"title": True},
        {"title": "x", "parts": [{"fold": {"hold": ["XLE", True, 700]}}]},
        {"title": "x", "parts": [{"fold": {"hold": {"XOM": "60%", "CVX": 0.4}}}]},
        {
            "title": "x",
            "parts": [{"fold": {"over": 2022, "on": "2026-02-27", "conviction": 3, "done": False, "if": 1}}],
        },
        {"title": "x", "parts": [{"words": "a"}, {"words": 1}, {"words": {"says": "a", "by": None}}]},
        {"title": "x", "parts": [{"fold": {"parts": [{"fold": {"parts": [{"words": "deep"}]}}]}}]},
    ],
)
def test_an_editor_accepts_what_the_reader_accepts(seen: object) -> None:
    jsonschema.Draft202012Validator(schema()).validate(seen)


@pytest.mark.parametrize(
    "seen",
    [
        {},
        {"title": ["x"]},
        {"title": "x", "titel": "y"},
        {"title": "x", "parts": [{}]},
        {"title": "x", "parts": [{"words": "a", "fold": {}}]},
        {"title": "x", "parts": [{"wards": "a"}]},
        {"title": "x", "parts": [{"fold": {"parts": [{"fold": {"parts": [{"words": ["deep"]}]}}]}}]},
        {"title": "x", "parts": [{"fold": {"on": "27.02.2026"}}]},
        {"title": "x", "parts": [{"fold": {"over": "90"}}, {"fold": {"over": "3q"}}]},
        {"title": "x", "parts": [{"fold": {"conviction": 6}}]},
        {"title": "x", "parts": [{"fold": {"done": "yes"}}]},
    ],
)
def test_an_editor_refuses_what_the_reader_refuses(seen: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(seen)


def test_a_schema_file_is_the_same_every_time_and_says_what_things_are() -> None:
    text = json_schemas({"page": Page})["page.json"]
    assert text == json_schemas({"page": Page})["page.json"]
    assert text.endswith("}\n")
    whole = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(whole)
    assert whole["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert (whole["title"], whole["description"]) == ("Page", "A page.")
    fold = whole["$defs"]["Fold"]["properties"]
    assert fold["over"]["default"] == "ytd"
    assert "title" not in fold["over"]
    assert "default" not in fold["hold"]
    assert sorted(whole["$defs"]["Part"]["properties"]) == ["fold", "words"]
    assert any(each.get("description") == "What is said." for each in whole["$defs"]["Words"]["anyOf"])


WINDOWS = [
    "1d",
    "200",
    "90d",
    "2w",
    "3m",
    "1y",
    "mtd",
    "ytd",
    "max",
    "2022",
    "2018Q4",
    "2025-12",
    "since 2025-10-29",
    "since opened",
]


@pytest.mark.parametrize("typed", [*WINDOWS, "2000-03-24..2002-10-09"])
def test_every_kind_of_window_that_is_read_is_accepted_by_an_editor(typed: str) -> None:
    assert read(fields.WindowText, typed).text == typed
    jsonschema.validate(typed, TypeAdapter(fields.WindowText).json_schema())

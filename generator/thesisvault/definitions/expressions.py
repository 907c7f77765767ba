"""All expressions of a definition, found by one walk: in texts, as bare conditions and checks, in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from msgspec import Struct

from thesisvault.blocks.core.block import BlockModel, leaves_of, texts_of, walk
from thesisvault.blocks.episodes import EpisodeDefinition
from thesisvault.definitions.models.thesis import Thesis
from thesisvault.fields import Expr
from thesisvault.model import Model
from thesisvault.scalars import Window


class Expressions(Struct, frozen=True):
    """One place where expressions stand.

    Attributes:
        source: What was typed, which knows its place.
        in_text: It is a text with expressions between `{{ }}`; else it is one bare expression.
        names: Names of the context that only it may use, such as `row` and `column`.
        rows: The series that `row` and `column` go through.
    """

    source: str
    in_text: bool
    names: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


def written_expressions(value: Any, key: str = "") -> Iterator[str]:
    """Yield the bare expressions of a definition as it was read, where its shape is too wrong for a model.

    Args:
        value: Text, lists and mappings.
        key: The key that the value stands under.
    """
    if isinstance(value, dict):
        for name, each in value.items():
            # What is a key in a list of blocks is a kind, and no field may be meant.
            if name not in _DATED and (key != "blocks" or not isinstance(each, str)):
                yield from written_expressions(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from written_expressions(each, key)
    elif isinstance(value, str) and key in _bare_fields():
        model = _bare_fields()[key]
        if issubclass(model, BlockModel):
            yield from (source for source, _ in model.model_construct(None, **{key: value}).expressions())
        else:
            yield value


_DATED = ("timeline", "events")
"""Keys below which `when` is said in words and is no condition."""


@cache
def _bare_fields() -> dict[str, type[Model]]:
    """Return the fields that hold a bare expression, each with a model that has it: a block's, if there is one."""
    reader = get_args(Expr)[1]
    found: dict[str, type[Model]] = {}
    models: list[type[Model]] = [Model]
    for model in models:
        models += model.__subclasses__()
        for name, field in model.model_fields.items():
            inner = [more for each in get_args(field.annotation) for more in get_args(each)[1:]]
            if reader in (*field.metadata, *inner) and (name not in found or issubclass(model, BlockModel)):
                found[name] = model
    return found


def blocks_of(thesis: Thesis) -> Iterator[tuple[str, BlockModel]]:
    """Yield every block of a thesis with its kind, those of sections first, then those of updates."""
    for section in thesis.sections:
        yield from walk(section.blocks)
    for update in thesis.updates:
        yield from walk(update.blocks)


def windows_of(thing: object) -> Iterator[Window]:
    """Yield every window of a definition that is no part of an expression, such as the columns of a table."""
    return (each for each in leaves_of(thing) if isinstance(each, Window))


def expressions_of(thing: object) -> Iterator[Expressions]:
    """Yield everything in a definition that holds expressions, the bare ones first."""
    if isinstance(thing, Thesis):
        yield from (Expressions(signal.when, in_text=False) for signal in thing.signals)
        for _, block in blocks_of(thing):
            rows = tuple(block.series())
            yield from (Expressions(source, False, names, rows) for source, names in block.expressions())
    if isinstance(thing, EpisodeDefinition) and thing.chart:
        yield from (Expressions(source, False, names) for source, names in thing.chart.expressions())
    if isinstance(thing, Thesis | EpisodeDefinition):
        yield from (Expressions(claim.check, in_text=False) for claim in thing.claims)
    for text in texts_of(thing):
        if "{" in text:
            yield Expressions(text, in_text=True)

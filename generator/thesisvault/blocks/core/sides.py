"""A side of a rotation: what is sold or bought, by name and by what it holds."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Discriminator, Field, GetJsonSchemaHandler, Tag, WithJsonSchema
from pydantic_core import CoreSchema

from thesisvault.blocks.core.context import Context
from thesisvault.fields import MOST_ROWS, Day, Name, SeriesName, Share, Ticker, typed_text
from thesisvault.language.text import Mention, Plain, Text
from thesisvault.model import BY_SHAPE, Model, PartError
from thesisvault.offers import Offers
from thesisvault.patterns import regex
from thesisvault.scalars import parse_date

Held = TypeVar("Held", dict[str, float], tuple[str, ...])


def _held(held: Held) -> Held:
    """Refuse what cannot be held: nothing, a duplicated name, weights that are not above zero or do not sum to one."""
    if not held:
        raise ValueError("nothing is held; name at least one ticker or basket")
    if isinstance(held, Mapping):
        wrong = next((name for name, weight in held.items() if weight <= 0), None)
        if wrong is not None:
            raise PartError(f"the weight of {wrong} is {held[wrong] * 100:g}%; weights are above zero", wrong)
        total = sum(held.values())
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the weights sum to {total * 100:.10g}%, not 100%")
    elif len(set(held)) != len(held):
        nth, twice = next((i, name) for i, name in enumerate(held) if name in held[:i])
        raise PartError(f"{twice} is duplicated; a mapping such as {{XOM: 60%, CVX: 40%}} gives weights", nth)
    return held


class _Described:
    """Annotation that adds to a JSON Schema what a validator holds without one."""

    def __init__(self, **more: Any) -> None:
        self._more = more

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), **self._more}


_Held = Annotated[SeriesName, Offers("held")]
_Names = Annotated[
    tuple[_Held, ...], Field(max_length=MOST_ROWS), AfterValidator(_held), _Described(minItems=1), Tag("list")
]
_Weights = Annotated[dict[Ticker, Share], AfterValidator(_held), _Described(minProperties=1), Tag("mapping")]
Holding = Annotated[_Names | _Weights, BY_SHAPE]


def _held_by_day(dated: dict[str, Any]) -> dict[str, Any]:
    for before, after in itertools.pairwise(dated):
        if after <= before:
            words = f"{after} comes after {before}; write days in ascending order, each once"
            raise PartError(words, after, on_key=True)
    return dated


_LIKE_A_DAY = regex(r"[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}")


def _read_day_key(text: str) -> str:
    if not _LIKE_A_DAY.fullmatch(text):
        raise ValueError(
            f'"{text}" is not a day, but other keys are; write either days, each with its members from then on, '
            "or tickers, each with its weight"
        )
    return parse_date(text).isoformat()


def by_day(members: object) -> bool:
    """Return whether members are written by the day from which they hold."""
    return isinstance(members, Mapping) and any(_LIKE_A_DAY.fullmatch(str(key)) for key in members)


def _members_shape(members: object) -> str:
    if by_day(members):
        return "dated"
    return "mapping" if isinstance(members, Mapping) else "text" if isinstance(members, str) else "list"


_DAYS_ONLY = _Described(additionalProperties=False)
"""Without other keys the schema of a mapping by day differs from that of one by ticker."""
_DayKey = Annotated[
    str,
    typed_text("a day", _read_day_key),
    WithJsonSchema({"pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
]
Members = Annotated[
    _Names | _Weights | Annotated[dict[_DayKey, Holding], AfterValidator(_held_by_day), _DAYS_ONLY, Tag("dated")],
    Discriminator(_members_shape),
]
Rebalance = Annotated[
    Annotated[Literal["never", "monthly", "quarterly", "yearly"], Tag("text")]
    | Annotated[tuple[Day, ...], Tag("list")],
    BY_SHAPE,
]


class Side(Model):
    """One side of a thesis or an episode."""

    name: Name | None = None
    """What the side is called."""
    hold: Holding
    """Tickers, basket ids or chains in equal parts, or a mapping with weights."""
    rebalance: Rebalance = "monthly"
    """When the weights of several names are set anew; they drift between."""

    @property
    def members(self) -> tuple[str, ...]:
        """The names it holds."""
        return tuple(self.hold)

    @property
    def single(self) -> str | None:
        """The one name it holds, or None if it is a basket of its own."""
        return self.members[0] if len(self.members) == 1 else None


def side_text(series: str, title: str, context: Context) -> Text:
    """Return a side with its title and what it holds; a single basket is shown by the title alone."""
    if series in context.library.baskets:
        return (Mention(series, title or context.label(series)),)
    members = context.library.members(series) or (series,)
    links: list[Any] = []
    for i, member in enumerate(members):
        links += [Plain(", ")] if i else []
        links.append(Mention(member, context.label(member)))
    return (Plain(f"{title} ("), *links, Plain(")")) if title else tuple(links)

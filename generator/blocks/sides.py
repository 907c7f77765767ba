"""A side of a rotation: what is sold or bought, by name and by what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Tag, model_validator

from generator.blocks.context import Context
from generator.fields import BY_SHAPE, Day, Model, Name, SeriesName, Share, Ticker
from generator.language.text import Mention, Plain
from generator.language.text import Text as Filling

Holding = Annotated[
    Annotated[tuple[SeriesName, ...], Tag("list")] | Annotated[dict[Ticker, Share], Tag("mapping")],
    BY_SHAPE,
]
Rebalance = Annotated[
    Annotated[Literal["never", "monthly", "quarterly", "yearly"], Tag("text")]
    | Annotated[tuple[Day, ...], Tag("list")],
    BY_SHAPE,
]


def check_holding(held: Mapping[str, float] | tuple[str, ...]) -> None:
    """Refuse what cannot be held: nothing at all, a name twice, weights below zero or that do not sum to one.

    Raises:
        ValueError: It is one of these.
    """
    if not held:
        raise ValueError("nothing is held; name at least one ticker or basket")
    if isinstance(held, Mapping):
        wrong = next((name for name, weight in held.items() if weight <= 0), None)
        if wrong is not None:
            raise ValueError(f"the weight of {wrong} is {held[wrong] * 100:g}%; weights are above zero")
        total = sum(held.values())
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the weights sum to {total * 100:g}%, not 100%")
    elif len(set(held)) != len(held):
        twice = next(name for i, name in enumerate(held) if name in held[:i])
        raise ValueError(f"{twice} stands twice; a mapping such as {{XOM: 60%, CVX: 40%}} gives weights")


class Side(Model):
    """One side of a thesis or an episode."""

    name: Name | None = None
    """What the side is called."""
    hold: Holding
    """Tickers, basket ids or chains in equal parts, or a mapping with weights."""
    rebalance: Rebalance = "monthly"
    """When the weights of several names are set anew; they drift between."""

    @model_validator(mode="after")
    def _whole(self) -> Side:
        check_holding(self.hold)
        return self

    @property
    def members(self) -> tuple[str, ...]:
        """The names it holds."""
        return tuple(self.hold)

    @property
    def single(self) -> str | None:
        """The one name it holds, or None if it is a basket of its own."""
        return self.members[0] if len(self.members) == 1 else None


def side_text(series: str, title: str, context: Context) -> Filling:
    """Return a side with its title and what it holds; a single basket is shown by the title alone."""
    if series in context.library.baskets:
        return (Mention(series, title or context.label(series)),)
    members = context.library.members(series) or (series,)
    links: list[Any] = []
    for i, member in enumerate(members):
        links += [Plain(", ")] if i else []
        links.append(Mention(member, context.label(member)))
    return (Plain(f"{title} ("), *links, Plain(")")) if title else tuple(links)

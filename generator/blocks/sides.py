"""A side of a rotation: what is sold or bought, by name and by what it holds."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Tag

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

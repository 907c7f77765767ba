"""A side of a rotation: what is sold or bought, by name and by what it holds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Tag

from generator.fields import BY_SHAPE, Day, Model, Name, SeriesName, Share, Ticker

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

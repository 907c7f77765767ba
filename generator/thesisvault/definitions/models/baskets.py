"""Baskets: own indices, with members and weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, model_validator

from thesisvault.blocks.core.sides import Members, Rebalance, by_day
from thesisvault.definitions.models.instruments import Currency
from thesisvault.fields import Day, Name, Prose, Share, TagName, Ticker
from thesisvault.model import Model, PartError
from thesisvault.offers import Offers


def _read_cap(cap: float) -> float:
    if not 0 < cap <= 1:
        raise ValueError(f"a cap is above 0% and at most 100%, found {cap * 100:g}%")
    return cap


class BasketDefinition(Model):
    """An index of one's own."""

    title: Name
    """Its title."""
    what: Prose | None = None
    """What it is, in a sentence or two."""
    aliases: tuple[Name, ...] = ()
    """Other names by which it is linked."""
    note: Name | None = None
    """Your own note about it: its name, or its path in the vault; left out, it is found by name or alias."""
    tags: tuple[TagName, ...] = ()
    """Tags, without #."""
    members: Members
    """Tickers in equal parts, a mapping with weights that sum to 100%, or days with either of them from each on."""
    cap: Annotated[Share, AfterValidator(_read_cap)] | None = None
    """The largest weight of one ticker when weights are set; what is above goes to the others in proportion."""
    rebalance: Rebalance = "monthly"
    """When the weights are set anew; they drift between. never: only on the days that members name."""
    base: Day | None = None
    """Day on which the index is 100."""
    chosen: Day | None = None
    """Day on which its members were chosen; figures that begin earlier are said to be with hindsight."""
    versus: Annotated[Ticker, Offers("tickers")] | None = None
    """What its returns are compared with besides the market, such as a fund of the same kind."""
    currency: Currency | None = None
    """Currency that members in others are converted to; left out, the home currency."""
    short: Name | None = None
    """A short name."""

    @property
    def dated(self) -> Mapping[str, Mapping[str, float] | tuple[str, ...]] | None:
        """What it holds from each day on, if that changes."""
        return self.members if by_day(self.members) else None  # type: ignore[return-value]

    @property
    def newest(self) -> Mapping[str, float] | tuple[str, ...]:
        """What it holds, from the last of its days on if that changes."""
        return self.dated[max(self.dated)] if self.dated else self.members  # type: ignore[return-value]

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that it holds or once did, each name once."""
        holdings = self.dated.values() if self.dated else (self.members,)
        return tuple(dict.fromkeys(name for each in holdings for name in each))

    @model_validator(mode="after")
    def _whole(self) -> BasketDefinition:
        first = min(self.dated) if self.dated else ""
        if self.base and self.base.isoformat() < first:
            raise PartError(f"base is {self.base}, and members are named from {first} on only", "base")
        return self

"""What a thesis or concept may say. Parts that belong to a kind of block are modeled beside it in `blocks`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from thesisvault.blocks.changes import SINCE_BEFORE
from thesisvault.blocks.core.block import Block
from thesisvault.blocks.core.claims import Claim
from thesisvault.blocks.core.sides import Side
from thesisvault.blocks.core.signals import Signal
from thesisvault.blocks.core.sources import Source
from thesisvault.blocks.drivers import Driver
from thesisvault.blocks.episodes import side_series
from thesisvault.blocks.related import Related
from thesisvault.blocks.scenarios import OUTCOMES, Scenario
from thesisvault.blocks.updates import Update
from thesisvault.definitions.models.instruments import Currency
from thesisvault.fields import (
    HIGHEST_CONVICTION,
    Conviction,
    Day,
    Name,
    Prose,
    SpanDays,
    TagName,
    Ticker,
    Truth,
    WindowText,
)
from thesisvault.model import Model, PartError
from thesisvault.scalars import NOT_OPENED, parse_window


class Section(Model):
    """A heading and its blocks."""

    heading: Name | None = None
    """The heading; left out above `changes`, the day since which: Since Thursday."""
    fold: Truth = False
    """Whether the section is folded under its heading."""
    blocks: tuple[Block, ...] = ()
    """Its blocks, in order."""

    @model_validator(mode="after")
    def _headed(self) -> Section:
        if self.heading is None and not (self.blocks and self.blocks[0].kind == "changes"):
            raise PartError("needs heading; only a section that begins with changes has one of its own")
        return self


_OF_TWO_SIDES: JsonDict = {
    "if": {"required": ["sell", "buy"], "properties": {"kind": {"const": "thesis"}}},
    "then": {"properties": {"scenarios": {"items": {"properties": {"then": {"enum": list(OUTCOMES)}}}}}},
}
"""What the JSON Schema says of a thesis with two sides, as `Thesis` checks it."""


class Thesis(Model):
    """A thesis or a concept."""

    model_config = ConfigDict(json_schema_extra=_OF_TWO_SIDES)

    title: Name
    """The title; the note's file name is chosen from it once."""
    kind: Literal["thesis", "concept"] = "thesis"
    """A thesis has sides and can be wrong; a concept explains."""
    aliases: tuple[Name, ...] = ()
    """Other names by which it is linked."""
    tags: tuple[TagName, ...] = ()
    """Tags, without #."""
    status: Literal["idea", "active", "watching", "closed"] = "active"
    """Where it stands."""
    conviction: Conviction | None = Field(None, description=f"From 1 to {HIGHEST_CONVICTION}.")
    opened: Day | None = None
    """The day it was opened."""
    closed: Day | None = None
    """The day it was closed."""
    review_every: SpanDays | None = None
    """How often it is to be looked at."""
    reviewed: Day | None = None
    """The day it was last looked at."""
    verdict: Prose | None = None
    """Where it stands, in one sentence."""
    summary: Prose | None = None
    """What it says, in two or three sentences."""
    against: Prose | None = None
    """The bear case."""
    sell: Side | None = None
    """What is sold."""
    buy: Side | None = None
    """What is bought."""
    benchmark: Ticker | None = None
    """What both sides are measured against."""
    currency: Currency | Literal["local"] | None = None
    """The currency that both sides and the benchmark are converted to; left out, the home currency; `local`: none."""
    over: WindowText = parse_window("ytd")
    """Its main window."""
    drivers: tuple[Driver, ...] = ()
    """What moves it."""
    scenarios: tuple[Scenario, ...] = ()
    """What would happen if."""
    signals: tuple[Signal, ...] = ()
    """Conditions to watch; those that kill prove it wrong."""
    claims: tuple[Claim, ...] = ()
    """What was said, to be checked against prices."""
    updates: tuple[Update, ...] = ()
    """The dated log."""
    sections: tuple[Section, ...] = ()
    """Free composition."""
    related: tuple[Related, ...] = ()
    """Other notes."""
    sources: tuple[Source, ...] = ()
    """What it rests on."""

    @model_validator(mode="after")
    def _whole(self) -> Thesis:
        if self.sell and self.buy and self.sell.hold == self.buy.hold:
            raise PartError("sell and buy hold the same; a thesis compared with itself shows nothing", "buy", "hold")
        if self.closed and self.opened and self.closed < self.opened:
            raise PartError(f"closed {self.closed} lies before opened {self.opened}", "closed")
        if self.kind == "thesis" and self.sell and self.buy:
            for nth, scenario in enumerate(self.scenarios):
                if refused := scenario.refused():
                    raise PartError(refused, "scenarios", nth, "then")
        if self.over.kind == "opened" and (not self.opened or self.opened == self.closed):
            raise PartError(NOT_OPENED, "over")
        _once([source.id for source in self.sources], "source", "id")
        _once([signal.name for signal in self.signals], "signal", "name")
        _once([section.heading or SINCE_BEFORE for section in self.sections], "section", "heading")
        return self


def _once(names: Sequence[str], what: str, key: str) -> None:
    """Refuse a list of things of which two have the same name, written under a key of each."""
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            raise PartError(f'the {what} "{name}" is duplicated', f"{what}s", index, key)
        seen.add(name)


def sides_of(owner: str, thing: Any) -> dict[str, str]:
    """Return the series behind `buy` and `sell` of a thesis or an episode."""
    return {word: side_series(owner, word, side) for word in ("buy", "sell") if (side := getattr(thing, word))}

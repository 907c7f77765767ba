"""What a person may write: theses and concepts, instruments, entities, baskets and settings.

Models only; reading files is `load`, checking one against the other is `library`. Parts that belong to a kind of block
(claims, signals, scenarios, ...) are modelled beside it in `thesisvault.blocks`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, Tag, WithJsonSchema, model_validator

from thesisvault.blocks.core.block import Block
from thesisvault.blocks.core.claims import Claim
from thesisvault.blocks.core.sides import Members, Rebalance, Side, by_day
from thesisvault.blocks.core.signals import Signal
from thesisvault.blocks.core.sources import Source
from thesisvault.blocks.drivers import Driver
from thesisvault.blocks.episodes import EpisodeDefinition, side_series
from thesisvault.blocks.related import Related
from thesisvault.blocks.scenarios import Scenario
from thesisvault.blocks.updates import Update
from thesisvault.fields import (
    BY_SHAPE,
    HIGHEST_CONVICTION,
    Conviction,
    Day,
    InnerFolder,
    Model,
    Name,
    Number,
    Prose,
    Seconds,
    Share,
    SpanDays,
    Ticker,
    Truth,
    WindowText,
    typed_text,
)
from thesisvault.scalars import parse_window

__all__ = ["Basket", "Entity", "EpisodeDefinition", "Instrument", "Section", "Settings", "Thesis", "by_day"]


_CURRENCY = "[A-Z]{3}|GBp|ZAc"


def _read_currency(text: str) -> str:
    if not re.fullmatch(_CURRENCY, text):
        hint = f"; write {text.upper()}" if re.fullmatch("[A-Za-z]{3}", text) else ""
        raise ValueError(f'expected a currency as its three letters, such as EUR, found "{text}"{hint}')
    return text


Currency = Annotated[
    str,
    typed_text("a currency", _read_currency),
    WithJsonSchema({"type": "string", "description": "Three letters, such as EUR.", "pattern": f"^({_CURRENCY})$"}),
]


class Section(Model):
    """A heading and its blocks."""

    heading: Name
    """The heading."""
    fold: Truth = False
    """Whether the section is folded under its heading."""
    blocks: tuple[Block, ...] = ()
    """Its blocks, in order."""


class Thesis(Model):
    """A thesis or a concept."""

    title: Name
    """The title; the note's file name is chosen from it once."""
    kind: Literal["thesis", "concept"] = "thesis"
    """A thesis has sides and can be wrong; a concept explains."""
    aliases: tuple[Name, ...] = ()
    """Other names by which it is linked."""
    tags: tuple[Name, ...] = ()
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
    verdict: Prose | None = None
    """Where it stands, in one sentence."""
    summary: Prose | None = None
    """What it says, in two or three sentences."""
    against: Prose | None = None
    """What speaks against it."""
    sell: Side | None = None
    """What is sold."""
    buy: Side | None = None
    """What is bought."""
    benchmark: Ticker | None = None
    """What both sides are measured against."""
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
            raise ValueError("sell and buy hold the same; a thesis compared with itself shows nothing")
        if self.closed and self.opened and self.closed < self.opened:
            raise ValueError(f"closed {self.closed} lies before opened {self.opened}")
        for what, ids in (("source", [s.id for s in self.sources]), ("section", [s.heading for s in self.sections])):
            seen: set[str] = set()
            for each in ids:
                if each in seen:
                    raise ValueError(f'the {what} "{each}" stands twice')
                seen.add(each)
        return self


def _without_kind(schema: dict[str, Any]) -> None:
    # Which entries may leave it out hangs on their key, which the schema of an entry does not see.
    schema["required"].remove("kind")


class Instrument(Model):
    """Something that has a price, or a macro series."""

    model_config = ConfigDict(json_schema_extra=_without_kind)

    name: Name
    """Its full name."""
    kind: Literal["stock", "etf", "index", "fund", "macro", "crypto", "currency", "commodity"]
    """What it is; an entry such as fred:WALCL is macro without it."""
    short: Name | None = None
    """A short name for crowded tables and pictures."""
    aliases: tuple[Name, ...] = ()
    """Other names by which it is linked."""
    what: Prose | None = None
    """What it is, in a sentence or two."""
    currency: Currency = "USD"
    """Currency of its prices."""
    price_of: Currency | None = None
    """For an exchange rate: the currency that it is the price of."""
    renamed_to: Ticker | None = None
    """The ticker that it goes by now; what is stored under the old one becomes its earlier history."""
    exchange: Name = "XNYS"
    """Exchange as a MIC code, or 24/7."""
    unit: Name = ""
    """Unit of a macro series: %, USD, index, points."""
    scale: Number = 1.0
    """What a stored value is multiplied by to be in that unit."""
    frequency: Literal["daily", "weekly", "monthly", "quarterly"] = "daily"
    """How often it has a value."""
    lag: SpanDays | None = None
    """How long after its day a value is known."""
    proxies: tuple[Ticker, ...] = ()
    """What continues it backwards."""
    symbols: dict[Name, Name] = Field(default_factory=dict)
    """Its symbol at a provider, where that differs."""
    providers: tuple[Literal["yahoo", "fred", "sample", "csv"], ...] = ()
    """Providers to ask, in order, if not all."""
    sector: Name | None = None
    """Its sector."""
    of: tuple[Name, ...] = ()
    """What it belongs to."""


class Entity(Model):
    """Something without a price: a person, a firm, an institution, an idea."""

    name: Name
    """Its name."""
    kind: Literal["person", "firm", "institution", "idea", "event", "place"]
    """What it is."""
    aliases: tuple[Name, ...] = ()
    """Other names by which it is linked."""
    what: Prose | None = None
    """What it is, in a sentence or two."""


def _read_cap(cap: float) -> float:
    if not 0 < cap <= 1:
        raise ValueError(f"a cap is above 0% and at most 100%, found {cap * 100:g}%")
    return cap


class Basket(Model):
    """An index of one's own."""

    title: Name
    """Its title."""
    what: Prose | None = None
    """What it is, in a sentence or two."""
    aliases: tuple[Name, ...] = ()
    """Other names by which it is linked."""
    tags: tuple[Name, ...] = ()
    """Tags, without #."""
    members: Members
    """Tickers in equal parts, a mapping with weights that sum to 100%, or days with either of them from each on."""
    cap: Annotated[Share, AfterValidator(_read_cap)] | None = None
    """The largest weight of one ticker when weights are set; what is above goes to the others in proportion."""
    rebalance: Rebalance = "monthly"
    """When the weights are set anew; they drift between. never: only on the days that members name."""
    base: Day | None = None
    """Day on which the index is 100."""
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
        """All that it holds or ever held, each once."""
        held = self.dated.values() if self.dated else (self.members,)
        return tuple(dict.fromkeys(name for each in held for name in each))

    @model_validator(mode="after")
    def _whole(self) -> Basket:
        first = min(self.dated) if self.dated else ""
        if self.base and self.base.isoformat() < first:
            raise ValueError(f"base is {self.base}, and members are named from {first} on only")
        return self


class CsvFolder(Model):
    """A folder of price files."""

    folder: Name
    """The folder, relative to the workspace."""
    closes: Literal["raw", "split_adjusted", "adjusted"] = "split_adjusted"
    """What its closes are."""
    dividends: Name | None = None
    """A folder of dividends."""
    layout: Literal["prices", "fred"] = "prices"
    """How its files are laid out."""


class CsvProvider(Model):
    """The provider `csv` with its folder."""

    csv: CsvFolder
    """The folder and what it holds."""


Provider = Annotated[
    Annotated[Literal["yahoo", "fred", "sample"], Tag("text")] | Annotated[CsvProvider, Tag("mapping")],
    BY_SHAPE,
]


class Refresh(Model):
    """How long a refresh may take; times are such as 30s, 20m or 1h."""

    time_limit: Seconds = 20 * 60.0
    """After so long no source is asked any more."""
    wait_limit: Seconds = 5 * 60.0
    """How much of it may be spent waiting for sources that refuse for now."""
    timeout: Seconds = 20.0
    """How long one answer may take."""
    pause: Seconds = 1.0
    """Time between two requests to the same source."""

    @model_validator(mode="after")
    def _whole(self) -> Refresh:
        if not self.time_limit or not self.timeout:
            raise ValueError("time_limit and timeout are above zero; without any time nothing can be fetched")
        return self


class Settings(Model):
    """The settings of a workspace; every key is optional."""

    vault: Name = "vault"
    """The folder that Obsidian opens."""
    folder: InnerFolder | None = None
    """A folder inside the vault that holds the generator's notes."""
    data: Name = "data"
    """The folder of definitions."""
    templates: Name = "templates"
    """The folder of the workspace's own templates."""
    providers: tuple[Provider, ...] = ("yahoo", "fred")
    """Where prices come from, in order."""
    benchmark: Ticker = "SPY"
    """What returns are measured against by default."""
    home_currency: Currency = "USD"
    """The currency of money, which members of baskets are converted to."""
    as_of: Day | None = None
    """The last day of data; left out, the last finished session."""
    refresh: Refresh = Field(default_factory=Refresh)
    """How long a refresh may take."""


def sides_of(owner: str, thing: Any) -> dict[str, str]:
    """Return the series behind `buy` and `sell` of a thesis or an episode."""
    return {word: side_series(owner, word, side) for word in ("buy", "sell") if (side := getattr(thing, word))}

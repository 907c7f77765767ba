"""What has a price, and what has none: instruments and entities."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from thesisvault.fields import Between, Name, Number, Prose, SpanDays, Ticker, Truth, typed_text
from thesisvault.model import Model
from thesisvault.offers import TEXT_ONLY, Offers, scalar_schema

_CURRENCY = "[A-Z]{3}|GBp|ZAc"


def _read_currency(text: str) -> str:
    if not re.fullmatch(_CURRENCY, text):
        hint = f"; write {text.upper()}" if re.fullmatch("[A-Za-z]{3}", text) else ""
        raise ValueError(f'expected a currency as its three letters, such as EUR, found "{text}"{hint}')
    return text


Currency = Annotated[
    str,
    typed_text("a currency", _read_currency),
    scalar_schema("a currency", "Three letters, such as EUR.", TEXT_ONLY, pattern=f"^({_CURRENCY})$"),
]


def _without_kind(schema: dict[str, Any]) -> None:
    # Which entries may leave it out hangs on their key, which the schema of an entry does not see.
    schema["required"].remove("kind")


class InstrumentDefinition(Model):
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
    note: Name | None = None
    """Your own note about it: its name, or its path in the vault; left out, it is found by name, alias or ticker."""
    currency: Currency = "USD"
    """Currency of its prices."""
    price_of: Currency | None = None
    """For an exchange rate: the currency that it is the price of."""
    renamed_to: Annotated[Ticker, Offers("tickers")] | None = None
    """The ticker that it goes by now; what is stored under the old one becomes its earlier history."""
    exchange: Name = "XNYS"
    """Exchange as a MIC code, or 24/7, which crypto is without it."""
    unit: Name = ""
    """Unit of a macro series: %, USD, index, points."""
    scale: Annotated[Number, Between(1e-12, 1e12)] = 1.0
    """What a stored value is multiplied by to be in that unit."""
    frequency: Literal["daily", "weekly", "monthly", "quarterly"] = "daily"
    """How often it has a value."""
    lag: SpanDays | None = None
    """How long after its day a value is known."""
    proxies: tuple[Annotated[Ticker, Offers("tickers")], ...] = ()
    """What continues it backwards."""
    symbols: dict[Name, Name] = Field(default_factory=dict)
    """Its symbol at a provider, where that differs."""
    providers: tuple[Literal["yahoo", "fred", "sample", "csv"], ...] = ()
    """Providers to ask, in order, if not all."""
    sector: Name | None = None
    """Its sector."""
    sector_fund: Truth = False
    """True for the fund that stands for its sector: what else has that sector is compared with it."""
    versus: Annotated[Ticker, Offers("tickers")] | None = None
    """What its returns are compared with besides the market; left out, the fund of its sector."""
    of: tuple[Annotated[Ticker, Offers("tickers")], ...] = ()
    """The funds that hold it: a thesis that holds one of them holds it too."""


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
    note: Name | None = None
    """Your own note about it: its name, or its path in the vault; left out, it is found by name or alias."""

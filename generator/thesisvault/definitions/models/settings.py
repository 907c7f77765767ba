"""The settings of a workspace."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag, model_validator

from thesisvault.definitions.models.instruments import Currency
from thesisvault.fields import Day, InnerFolder, Name, Seconds, Ticker
from thesisvault.model import BY_SHAPE, Model, PartError


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
    """Time between two requests to the same source at first; less while it answers, more after it refused."""

    @model_validator(mode="after")
    def _whole(self) -> Refresh:
        for name in ("time_limit", "timeout"):
            if not getattr(self, name):
                raise PartError(f"{name} is zero; without any time nothing can be fetched", name)
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

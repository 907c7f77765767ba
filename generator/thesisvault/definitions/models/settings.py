"""The settings of a workspace."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import Field, Tag, model_validator

from thesisvault.definitions.models.instruments import Currency
from thesisvault.errors import did_you_mean
from thesisvault.fields import Day, InnerFolder, Name, Seconds, Ticker, Truth
from thesisvault.model import BY_SHAPE, Model, PartError


class CsvColumns(Model):
    """The names of columns in price files, where they are not the usual ones."""

    date: Name | None = None
    """The column of days."""
    open: Name | None = None
    """The column of opening prices."""
    high: Name | None = None
    """The column of the highest prices."""
    low: Name | None = None
    """The column of the lowest prices."""
    close: Name | None = None
    """The column of closes, or of values."""
    adjusted_close: Name | None = None
    """The column of closes that are adjusted for splits and dividends."""
    volume: Name | None = None
    """The column of shares traded."""
    dividend: Name | None = None
    """The column of cash per share, on the day that it goes ex."""
    split: Name | None = None
    """The column of new shares per old one, on the first day of the new ones."""
    currency: Name | None = None
    """The column of currencies."""


class CsvFolder(Model):
    """A folder of price files; what is left out each file has to prove."""

    folder: Name
    """The folder, relative to the workspace."""
    closes: Literal["raw", "split_adjusted", "adjusted"] | None = None
    """What its closes are adjusted for: `raw` as traded, splits only, or splits and dividends."""
    dividends: Name | None = None
    """A folder of dividends, per share as of the closes."""
    layout: Literal["prices", "fred"] = "prices"
    """Whether its files hold prices, or values of macro series as FRED gives them."""
    separator: Literal[",", ";", "tab", "|"] | None = None
    """What stands between two cells."""
    decimal: Literal[".", ","] | None = None
    """The decimal sign."""
    date_format: Literal["YYYY-MM-DD", "DD/MM/YYYY", "MM/DD/YYYY"] | None = None
    """The order of day, month and year, whatever stands between them."""
    columns: CsvColumns = Field(default_factory=CsvColumns)
    """Names of columns that are called otherwise than usual."""
    timezone: Name | None = None
    """The time zone whose days are meant, where files have moments of time, such as Europe/Paris."""

    @model_validator(mode="after")
    def _known_zone(self) -> CsvFolder:
        if self.timezone is not None:
            zones = available_timezones()
            if self.timezone not in zones:
                hint = did_you_mean(self.timezone, zones) or "Such as America/New_York or Europe/Paris."
                raise PartError(f'there is no time zone "{self.timezone}". {hint.rstrip(".")}', "timezone")
        return self


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
    follow_links: Truth = False
    """Whether folders and files that are symbolic links are followed; else they are reported and left alone."""
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

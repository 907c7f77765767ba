"""The settings of a workspace."""

from __future__ import annotations

import re
import shlex
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import Field, Tag, WithJsonSchema, model_validator

from thesisvault.definitions.models.instruments import Currency
from thesisvault.errors import did_you_mean
from thesisvault.fields import Day, InnerFolder, Name, Seconds, Ticker, Truth, typed_text
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


def _word(text: str) -> str:
    if "\0" in text:
        raise ValueError("a word of a command holds no zero character")
    return text


def _words(text: str) -> tuple[str, ...]:
    line = text.strip()
    try:
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        lexer.commenters = ""
        words = tuple(lexer)
    except ValueError:
        raise ValueError("a quotation mark is not closed") from None
    if not words:
        raise ValueError("expected a command, found nothing")
    if "\n" in line or any(word and set(word) <= set("();<>|&") for word in words) or re.search(r"[$`]", line):
        quoted = "'" + line.replace("'", "''") + "'"
        raise ValueError(f"no shell reads this command; if it needs one, write [sh, -c, {quoted}]")
    return words


_LONGEST_COMMAND = 2_000
CommandText = Annotated[
    tuple[str, ...],
    typed_text("a command", _words, _LONGEST_COMMAND),
    WithJsonSchema({"type": "string", "description": "A command with its words.", "minLength": 1}),
]
CommandWord = Annotated[
    str,
    typed_text("a word of a command", _word, _LONGEST_COMMAND),
    WithJsonSchema({"type": ["string", "number", "boolean"], "description": "A word of a command."}),
]
Command = Annotated[
    Annotated[CommandText, Tag("text")]
    | Annotated[tuple[CommandWord, ...], Field(min_length=1, max_length=100), Tag("list")],
    BY_SHAPE,
]


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
    run_limit: Seconds = 60 * 60.0
    """After so long `thesisvault run` is ended, as by Ctrl-C."""
    on_failure: Command | None = None
    """A command that gets the report of a run that failed, as JSON on its standard input: a list of words, or a text
    that is split at blanks; no shell reads it. It has to be allowed on each machine: `thesisvault schedule allow`."""
    on_change: Command | None = None
    """A command that gets the report of a run that changed the vault, likewise."""
    trust: Literal["code"] | None = None
    """`code`: code in definitions stays as it was typed, also what a plugin of Obsidian runs; left out, such code is
    shown as plain text."""

    @model_validator(mode="after")
    def _can_run(self) -> Settings:
        if not self.run_limit:
            raise PartError("run_limit is zero; without any time no run can end well", "run_limit")
        for name in ("on_failure", "on_change"):
            if (words := getattr(self, name)) and not words[0].strip():
                raise PartError(f"the first word of {name} is empty; expected a command", name)
        return self

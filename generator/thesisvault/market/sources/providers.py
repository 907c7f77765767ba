"""What every provider is: a name, the basis of what it serves, and one method that returns bars or raises.

A provider never decides what to keep. It raises one of four errors, whose text is fit to be shown; anything else that
leaves `fetch` is a fault of ours.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from thesisvault.errors import UsageError, did_you_mean
from thesisvault.market.records import Basis, Instrument, MarketError

_EPOCH = dt.date(1970, 1, 1)


def day_number(day: dt.date) -> int:
    """Return the days since 1970-01-01.

    >>> day_number(dt.date(1970, 1, 11))
    10
    """
    return (day - _EPOCH).days


def number_day(number: int) -> dt.date:
    """Return the date of a number of days since 1970-01-01.

    >>> number_day(10)
    datetime.date(1970, 1, 11)
    """
    return _EPOCH + dt.timedelta(days=number)


class ProviderError(MarketError):
    """Base of what a provider raises."""


class UnknownSymbol(ProviderError):  # noqa: N818 - it reads as what happened
    """The source does not have it."""


class NothingNew(ProviderError):  # noqa: N818 - it reads as what happened
    """The source has it, and no bar in the days asked for."""


class RateLimited(ProviderError):  # noqa: N818 - it reads as what happened
    """The source refuses for now; asking on would make it worse."""


class ProviderFault(ProviderError):  # noqa: N818 - it reads as what happened
    """The source could not be reached, or what it sent cannot be used."""


@dataclass(frozen=True)
class Bars:
    """What a provider has of one series, as its source gave it.

    What comes from a provider may hold what no store keeps: a close that is no number, a day twice, days out of order.
    Judging it is not the provider's part. What comes from a store ascends, no day twice, every close a number.

    Attributes:
        days: Days since 1970-01-01.
        close: Closes or values, one a day; NaN where the source has a row and no close.
        basis: `split_adjusted` closes, `adjusted` for splits and dividends, or `value` for macro.
        open, high, low, volume: As `close`; NaN where a day has none; None where the source has none at all.
        dividends: Day and cash per share, on the basis of `close`; None: the source does not know them.
        splits: Day and new shares per old one.
        currency: ISO code of the closes, if the source says.
        quoted_in: What the source calls its own unit, where closes were converted from it: `GBp` for pence.
        exchange: What the source calls the exchange, if it says.
        unfinished: The day whose session was still open when the source answered, if it says.
    """

    days: tuple[int, ...]
    close: tuple[float, ...]
    basis: Basis
    open: tuple[float, ...] | None = None
    high: tuple[float, ...] | None = None
    low: tuple[float, ...] | None = None
    volume: tuple[float, ...] | None = None
    dividends: tuple[tuple[int, float], ...] | None = None
    splits: tuple[tuple[int, float], ...] = ()
    currency: str | None = None
    quoted_in: str | None = None
    exchange: str | None = None
    unfinished: int | None = None

    def between(self, start: int | None, end: int) -> Bars:
        """Return the bars and actions from `start` to `end`, both included; days have to ascend."""
        low = -(10**9) if start is None else start
        if not self.days or (self.days[0] >= low and self.days[-1] <= end):
            keep: slice | None = None
        else:
            first = next((i for i, d in enumerate(self.days) if d >= low), len(self.days))
            last = len(self.days) - next((i for i, d in enumerate(reversed(self.days)) if d <= end), len(self.days))
            keep = slice(first, max(first, last))

        def cut(column: tuple[float, ...] | None) -> tuple[float, ...] | None:
            return column if column is None or keep is None else column[keep]

        return Bars(
            self.days if keep is None else self.days[keep],
            self.close if keep is None else self.close[keep],
            self.basis,
            cut(self.open),
            cut(self.high),
            cut(self.low),
            cut(self.volume),
            None if self.dividends is None else tuple(a for a in self.dividends if low <= a[0] <= end),
            tuple(a for a in self.splits if low <= a[0] <= end),
            self.currency,
            self.quoted_in,
            self.exchange,
            self.unfinished,
        )


@dataclass(frozen=True)
class Snapshot:
    """Fundamentals of one instrument at one moment.

    Attributes:
        values: By the names in `fundamentals.FIELDS`; what the source does not have is left out. Shares are fractions.
        currency: ISO code of the amounts of money among them, if the source says.
    """

    values: Mapping[str, float]
    currency: str | None = None


class Provider(Protocol):
    """A source of bars."""

    @property
    def name(self) -> str:
        """The word that settings and `symbols` use for it."""

    @property
    def label(self) -> str:
        """The name under which a stored series remembers it."""

    @property
    def basis(self) -> Basis:
        """What its closes are."""

    @property
    def remote(self) -> bool:
        """Whether it touches a network."""

    def fetch(self, instrument: Instrument, start: dt.date | None, end: dt.date) -> Bars:
        """Return the bars from `start` (None: all there are) to `end`, both included, as the source gave them.

        A source that cannot be asked for days may return more; what lies outside is left out later.

        Raises:
            UnknownSymbol, NothingNew, RateLimited, ProviderFault: There are none to return.
        """
        ...


class SnapshotProvider(Provider, Protocol):
    """A source that also knows fundamentals as they are at the moment."""

    def snapshot(self, instrument: Instrument) -> Snapshot:
        """Return the fundamentals of an instrument as the source shows them now.

        Raises:
            UnknownSymbol, NothingNew, RateLimited, ProviderFault: There are none to return.
        """
        ...


NAMES = ("yahoo", "fred", "sample", "csv")


def make_providers(
    settings: Sequence[str | Mapping[str, Any]], root: Path, cache: Path, timeout: float = 20.0
) -> list[Provider]:
    """Return the providers that the settings list, in their order.

    Args:
        settings: `yahoo`, `fred`, `sample` or `{csv: {folder, closes, dividends, layout}}`.
        root: What relative folders are relative to.
        cache: A folder that may be deleted at any time.
        timeout: How many seconds one answer may take.

    Raises:
        UsageError: There is no such provider, or its settings cannot be used.
    """
    return [_make(entry, root, cache, timeout) for entry in settings]


def _make(entry: str | Mapping[str, Any], root: Path, cache: Path, timeout: float) -> Provider:
    from thesisvault.market.sources.fred import Fred
    from thesisvault.market.sources.sample import Sample
    from thesisvault.market.sources.yahoo import Yahoo

    if entry == "yahoo":
        return Yahoo(cache / "yfinance", timeout=timeout)
    if entry == "fred":
        return Fred(timeout=timeout)
    if entry == "sample":
        return Sample()
    if isinstance(entry, str):
        raise UsageError(
            f'"{entry}" is no provider; there are yahoo, fred, sample and csv',
            "A csv provider needs its folder: {csv: {folder: DIR}}." if entry == "csv" else did_you_mean(entry, NAMES),
        )
    if set(entry) != {"csv"} or not isinstance(entry["csv"], Mapping):
        raise UsageError(f"the provider {dict(entry)!r} is not understood", "Write {csv: {folder: DIR}}, or one name.")
    return _make_csv(entry["csv"], root)


def _make_csv(options: Mapping[str, Any], root: Path) -> Provider:
    from thesisvault.market.sources.csv_folder import CsvFolder

    known = {"folder": None, "closes": "split_adjusted", "dividends": None, "layout": "prices"}
    for key in options:
        if key not in known:
            raise UsageError(
                f'a csv provider has no setting "{key}"; it has {", ".join(known)}', did_you_mean(str(key), known)
            )
    chosen = {**known, **{k: v for k, v in options.items() if v is not None}}
    if not chosen["folder"]:
        raise UsageError("a csv provider needs a folder", "Write {csv: {folder: DIR}}.")
    for key, words in (("closes", ("raw", "split_adjusted", "adjusted")), ("layout", ("prices", "fred"))):
        if chosen[key] not in words:
            raise UsageError(
                f'csv: "{key}" is "{chosen[key]}"; it can be {", ".join(words)}', did_you_mean(str(chosen[key]), words)
            )
    dividends = chosen["dividends"]
    return CsvFolder(
        root / str(chosen["folder"]),
        closes=chosen["closes"],
        dividends=root / str(dividends) if dividends else None,
        layout=chosen["layout"],
    )

"""What every source is: a name, the basis of what it serves, and one method that returns bars or raises.

A provider never decides what to keep. It raises one of four errors, whose text is fit to be shown; any other exception
that leaves `fetch` is a bug.
"""

from __future__ import annotations

import datetime as dt
from typing import Protocol, runtime_checkable

from msgspec import Struct

from thesisvault.market.bars import Bars, Snapshot
from thesisvault.market.records import Basis, Instrument, MarketError


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


class Provider(Protocol):
    """A source of bars."""

    @property
    def name(self) -> str:
        """The word that settings and `symbols` use for it."""

    @property
    def label(self) -> str:
        """The name under which a stored series remembers it."""

    @property
    def basis(self) -> Basis | None:
        """What its closes are; None where each answer says it."""

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


class Listed(Struct, frozen=True):
    """What a source says of something that it has prices of; what it does not say is empty.

    Attributes:
        name: Its full name.
        kind: What it is, by our word.
        exchange: A MIC code, or 24/7.
        currency: The currency of its prices.
        said: What the source calls kind, exchange and currency, where we have no word of our own for one of them.
    """

    name: str
    kind: str
    exchange: str
    currency: str
    said: tuple[str, ...] = ()


@runtime_checkable
class Describing(Protocol):
    """A source that knows what a symbol stands for."""

    def describe(self, symbol: str) -> Listed:
        """Return what the source says of a symbol.

        Raises:
            UnknownSymbol, NothingNew, RateLimited, ProviderFault: It says nothing.
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


@runtime_checkable
class Probed(Protocol):
    """A source that can be asked for something which it is known to have."""

    def probe(self) -> object:
        """Ask for it; what is answered does not matter.

        Raises:
            ProviderError: As of any series; only a `ProviderFault` shows that the source is not there.
        """
        ...

"""What the store says of a series: what is stored on each basis, how its last refresh ended, its days and closes."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from thesisvault.market.records import Basis

STRIKES = 3
"""On so many sessions in a row no source has to know a series before it counts as gone."""


class Feed(Struct, frozen=True):
    """What is stored of one series on one basis, without the bars.

    Attributes:
        name: The series.
        basis: What its closes are.
        source: The provider of the newest bars.
        currency: ISO code of the closes.
        dividends_known: Whether dividends of the whole span are stored.
        first: The first day.
        last: The newest day.
        fetched: When the newest bars were fetched.
        quoted_in: The unit of the source, where closes were converted from it: `GBp` for pence.
        exchange: What the source calls the exchange.
        currency_known: A source named the currency; else it is what the definition said when bars were stored.
        confirmed: The day up to which bars were given again by an answer that knew a later session; None: none was.
        doubt: What is strange about the newest bar, which no later session and no other source has confirmed.
    """

    name: str
    basis: Basis
    source: str
    currency: str
    dividends_known: bool
    first: dt.date
    last: dt.date
    fetched: str
    quoted_in: str = ""
    exchange: str = ""
    currency_known: bool = False
    confirmed: dt.date | None = None
    doubt: str = ""


class Status(Struct, frozen=True):
    """How the last refresh of a series ended, and what the next one has to know.

    Attributes:
        name: The series.
        status: The result in a word; see `refresh.Result`.
        detail: Why, where a word is not enough.
        checked: When a source last answered for it, or failed.
        misses: How often in a row a source answered without the bar that was due.
        due: The day of the bar that was due then.
        again_from: The first day of which a source sent something that could not be kept; it is asked for again.
        strikes: On how many sessions in a row no source in the network knew it.
        unknown_since: The first of those days; None: it is known.
    """

    name: str
    status: str = ""
    detail: str = ""
    checked: dt.datetime | None = None
    misses: int = 0
    due: dt.date | None = None
    again_from: dt.date | None = None
    strikes: int = 0
    unknown_since: dt.date | None = None

    @property
    def is_gone(self) -> bool:
        """Whether no source has known it for so many days that it may be delisted or renamed."""
        return self.strikes >= STRIKES


class Column(Struct, frozen=True):
    """Days (int32) and closes (float64) of one series on one basis, as little-endian bytes, with its feed."""

    feed: Feed
    days: bytes
    close: bytes

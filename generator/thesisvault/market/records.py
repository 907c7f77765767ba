"""Plain records of what has a price and of what is read about it.

`Instrument` and `Basket` are declared here and produced by the definitions; `SeriesView` is what a `Market` hands out.
Nothing here touches a file or a clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

from thesisvault.errors import ThesisvaultError

if TYPE_CHECKING:
    from thesisvault.analytics.bounds import Ints
    from thesisvault.market.line import Line

Kind = Literal["stock", "etf", "index", "fund", "macro", "crypto", "currency", "commodity"]
Frequency = Literal["daily", "weekly", "monthly", "quarterly"]
Basis = Literal["split_adjusted", "adjusted", "value"]
ViewBasis = Literal["total", "price", "value"]
Weights = Literal["equal", "fixed", "dated"]
Rebalance = Literal["never", "monthly", "quarterly", "yearly"]

PERIOD_DAYS: Mapping[str, int] = MappingProxyType({"daily": 1, "weekly": 7, "monthly": 31, "quarterly": 92})

# They pay nothing, so what a source calls an adjusted close is the close itself.
PAYS_NOTHING: frozenset[str] = frozenset({"index", "crypto", "currency", "commodity"})


HUNDREDTHS: Mapping[str, str] = MappingProxyType({"GBp": "GBP", "GBX": "GBP", "ILA": "ILS", "ZAc": "ZAR"})
"""Quotes in hundredths of a currency: pence, agorot, cents; by the code of the quote."""
_IN = "@"


def major(currency: str) -> str:
    """Return the currency that a quote's unit belongs to: the one whose hundredths it may be.

    >>> major("GBp"), major("EUR")
    ('GBP', 'EUR')
    """
    return HUNDREDTHS.get(currency, currency)


def in_currency(name: str, currency: str) -> str:
    """Return the name of a series as it is in a currency; empty: as it is quoted.

    >>> in_currency("SAP.DE", "USD"), in_currency("SAP.DE", "")
    ('SAP.DE@USD', 'SAP.DE')
    """
    return f"{name}{_IN}{currency}" if currency else name


def split_currency(name: str) -> tuple[str, str]:
    """Return a series without the currency that it is wanted in, and that currency or an empty text.

    >>> split_currency("SAP.DE@USD"), split_currency("QQQ | us-tech")
    (('SAP.DE', 'USD'), ('QQQ | us-tech', ''))
    """
    base, _, currency = name.partition(_IN)
    return base, currency


def plain_name(name: str) -> str:
    """Return a series without the currency that it is wanted in."""
    return name.partition(_IN)[0]


class Instrument(Struct, frozen=True):
    """Something that has a price or a value.

    Attributes:
        ticker: The name by which definitions call it.
        name: Its full name.
        kind: What it is; `macro` has values instead of closes.
        short: A short name for columns; empty: the ticker.
        currency: ISO code of the currency of its closes.
        exchange: MIC code whose sessions it follows; `24/7` for every day, anything unknown means Monday to Friday.
        aliases: Other names under which text may mention it.
        what: One sentence that says what it is.
        unit: Unit of a macro value, for labels.
        scale: A macro value as stored times this is the value shown.
        lag_days: Days from the date of a macro observation until it is published.
        frequency: How often there is a bar or an observation.
        proxies: Series that continue it backwards, nearest first.
        symbols: What a provider calls it, by the provider's name; left out: the ticker.
        providers: Names of the providers to ask, in order; empty: all.
        price_of: For an exchange rate the currency that one unit of is priced in `currency`.
        renamed_to: The ticker under which it goes on; it is asked for no more, and its name means that one.
        formerly: Tickers whose stored bars are its own, of the time before it was renamed; nearest first.
    """

    ticker: str
    name: str
    kind: Kind
    short: str = ""
    currency: str = "USD"
    exchange: str = "XNYS"
    aliases: tuple[str, ...] = ()
    what: str = ""
    unit: str = ""
    scale: float = 1.0
    lag_days: int = 0
    frequency: Frequency = "daily"
    proxies: tuple[str, ...] = ()
    symbols: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    providers: tuple[str, ...] = ()
    price_of: str = ""
    renamed_to: str = ""
    formerly: tuple[str, ...] = ()

    @property
    def period_days(self) -> int:
        """The longest regular distance between two observations, in days: 1, 7, 31 or 92."""
        return PERIOD_DAYS[self.frequency]

    def symbol(self, provider: str) -> str:
        """Return what a provider calls it.

        >>> Instrument("BRK.B", "Berkshire Hathaway", "stock", symbols={"yahoo": "BRK-B"}).symbol("yahoo")
        'BRK-B'
        """
        return self.symbols.get(provider, self.ticker)


class Basket(Struct, frozen=True):
    """An index of one's own.

    Attributes:
        id: The name by which definitions call it.
        title: Its full name.
        members: Ticker and weight of each member; no weight where all are equal.
        weights: `equal`, `fixed`, or `dated`: as of the dates in `dated`.
        dated: Day from which weights hold, and the weights, ascending.
        rebalance: When weights are set anew; between those days they drift.
        base: First day of the index; None: the first session on which a member has a close (every member, where
            weights are never set anew). A member that is listed later joins when weights are set next.
        aliases: Other names under which text may mention it.
        what: One sentence that says what it is.
        cap: The largest weight that a member is given when weights are set; what is above it goes to the others in
            proportion. None: no limit.
        currency: ISO code of the currency that members in others are converted to.
    """

    id: str
    title: str
    members: tuple[tuple[str, float | None], ...]
    weights: Weights = "equal"
    dated: tuple[tuple[dt.date, tuple[tuple[str, float], ...]], ...] = ()
    rebalance: Rebalance | tuple[dt.date, ...] = "monthly"
    base: dt.date | None = None
    aliases: tuple[str, ...] = ()
    what: str = ""
    cap: float | None = None
    currency: str = "USD"

    @property
    def tickers(self) -> tuple[str, ...]:
        """All that it holds or ever held, each once."""
        return tuple(dict.fromkeys([*(t for t, _ in self.members), *(t for _, w in self.dated for t, _ in w)]))


class SeriesView(Struct, frozen=True):
    """A series as it is seen from the last day of a market.

    Attributes:
        name: Ticker, id of a basket, or chain as it was asked for.
        levels: Total-return index (`total`), closes (`price`) or values (`value`), by session.
        closes: Closes adjusted for splits only; None where only adjusted closes are known and for baskets and macro.
        basis: What `levels` are.
        kind: Kind of the instrument, `basket` for a basket.
        currency: ISO code.
        unit: Unit of a macro value.
        period_days: Longest regular distance between two observations.
        first: First day of `level`.
        last: Last day of `level`.
        expected: The last session that it should have at the last day of the market.
        source: The provider of the newest bars.
        notes: What a reader should know of it, a sentence each.
        early: What matters to windows that begin before a day only: the day and the sentence. Links of a chain and
            former names are told here.
        observed: For macro series the number of the day that each value of `levels` is of; windows are measured on
            these days.
        stale_members: Members of a basket that are held, and exchange rates of such, whose newest close is older than
            it should be, with the day of that close.
    """

    name: str
    levels: Line
    closes: Line | None
    basis: ViewBasis
    kind: str
    currency: str
    unit: str
    period_days: int
    first: dt.date
    last: dt.date
    expected: dt.date
    source: str
    notes: tuple[str, ...] = ()
    early: tuple[tuple[dt.date, str], ...] = ()
    observed: Ints | None = None
    stale_members: tuple[tuple[str, dt.date], ...] = ()

    @property
    def of_first(self) -> dt.date:
        """The day that its first value is of, which is earlier than the one on which it became known."""
        return self._observed(0, self.first)

    @property
    def of_last(self) -> dt.date:
        """The day that its newest value is of."""
        return self._observed(-1, self.last)

    def _observed(self, row: int, known: dt.date) -> dt.date:
        from thesisvault.analytics.bounds import day_of

        return known if self.observed is None else day_of(int(self.observed[row]))

    @property
    def is_stale(self) -> bool:
        """Its newest value, or that of a member, is older than it should be."""
        return self.last < self.expected or bool(self.stale_members)


class MarketError(ThesisvaultError):
    """Base of what the market layer raises; its text is fit to be shown."""


class UnknownName(MarketError):  # noqa: N818 - it reads as what happened
    """Nothing of that name is defined."""

    def __init__(self, name: str, hint: str = "") -> None:
        self.name, self.hint = name, hint
        super().__init__(f'"{name}" is not a known instrument, basket or universe. {hint}'.rstrip())


class MissingSeries(MarketError):  # noqa: N818 - it reads as what happened
    """It is defined, and nothing is stored for it on or before the last day of the market."""

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(f"{name}: {reason}")

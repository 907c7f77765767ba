"""Exchange rates: which instrument is one, and which of them lead from one currency to another.

A rate is an instrument of kind `currency` that says the price of one unit of a currency in another. Where none is
defined, Yahoo's ticker for the pair stands for it, such as `EURUSD=X`, without a definition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from thesisvault.analytics.relative import common_rows
from thesisvault.market.line import Line
from thesisvault.market.records import Basket, Instrument, major
from thesisvault.patterns import regex

# Some exchanges quote in hundredths. A constant factor changes no return, so for rates the unit is all that matters.
_PAIR = regex(r"([A-Z]{3})([A-Z]{3})(?:=X)?")
_PER_DOLLAR = regex(r"([A-Z]{3})=X")
_MIDDLE = "USD"
_QUOTED_FIRST = ("EUR", "GBP", "AUD", "NZD", "USD", "CAD", "CHF", "JPY")


class Step(Struct, frozen=True):
    """One exchange: a rate, and whether amounts are multiplied by it or divided."""

    rate: Instrument
    multiply: bool


def pair_in(ticker: str) -> tuple[str, str] | None:
    """Return what a ticker of Yahoo's kind is the price of, and in which currency; None if it is no such ticker.

    >>> pair_in("EURUSD=X"), pair_in("USDJPY"), pair_in("JPY=X"), pair_in("XOM")
    (('EUR', 'USD'), ('USD', 'JPY'), ('USD', 'JPY'), None)
    """
    if found := _PAIR.fullmatch(ticker):
        return found[1], found[2]
    return (_MIDDLE, found[1]) if (found := _PER_DOLLAR.fullmatch(ticker)) else None


def pair_of(instrument: Instrument) -> tuple[str, str] | None:
    """Return what an exchange rate is the price of, and in which currency; None if it is no rate."""
    if instrument.kind != "currency":
        return None
    return (instrument.price_of, instrument.currency) if instrument.price_of else pair_in(instrument.ticker)


def route(of: str, into: str, instruments: Mapping[str, Instrument]) -> tuple[Step, ...]:
    """Return how an amount in one currency becomes one in another; nothing if they are the same, or one is empty.

    By a defined rate or its inverse, through the dollar if both rates of that are defined, else by Yahoo's ticker.
    """
    of, into = major(of), major(into)
    if of == into or not of or not into:
        return ()
    known: dict[tuple[str, str], Instrument] = {}
    for instrument in instruments.values():
        if pair := pair_of(instrument):
            known.setdefault(pair, instrument)

    def direct(a: str, b: str) -> Step | None:
        if (a, b) in known:
            return Step(known[a, b], True)
        return Step(known[b, a], False) if (b, a) in known else None

    if one := direct(of, into):
        return (one,)
    first, second = direct(of, _MIDDLE), direct(_MIDDLE, into)
    if first and second:
        return first, second
    # One series serves both ways, so a pair is asked for as markets quote it: the price of a euro in dollars.
    as_quoted = _rank(of) <= _rank(into)
    base, quoted = (of, into) if as_quoted else (into, of)
    name = f"{base} in {quoted}"
    implicit = Instrument(f"{base}{quoted}=X", name, "currency", currency=quoted, exchange="weekdays", price_of=base)
    return (Step(implicit, as_quoted),)


def _rank(currency: str) -> int:
    """Return the place of a currency in the order in which markets quote pairs; all others come last."""
    return _QUOTED_FIRST.index(currency) if currency in _QUOTED_FIRST else len(_QUOTED_FIRST)


def rates_needed(instruments: Mapping[str, Instrument], baskets: Iterable[Basket]) -> tuple[Instrument, ...]:
    """Return the exchange rates that baskets need to convert their members, as their definitions tell."""
    needed: dict[str, Instrument] = {}
    for basket in baskets:
        for ticker in basket.tickers:
            member = instruments.get(ticker)
            if member is not None and member.kind != "macro":
                for step in route(member.currency, basket.currency, instruments):
                    needed[step.rate.ticker] = step.rate
    return tuple(needed.values())


def converted(line: Line, steps: Iterable[Step], rates: Mapping[str, Line]) -> Line:
    """Return a line in another currency, on the sessions on which it and every rate have a value.

    No rate of another day is used: the result has no value where a rate has none.

    Args:
        line: Closes or an index of them.
        steps: The exchanges, in order.
        rates: Closes of each rate by its ticker.
    """
    for step in steps:
        rate = rates[step.rate.ticker]
        rows, others = common_rows(line.days, rate.days)
        values, price = line.values[rows], rate.values[others]
        line = Line(line.days[rows], values * price if step.multiply else values / price)
    return line

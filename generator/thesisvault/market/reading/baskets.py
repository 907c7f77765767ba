"""Baskets as series: members brought to one currency, weighed, and told about.

The arithmetic is in `analytics.baskets`; here the members of a definition become its input.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np
from msgspec import Struct

from thesisvault.analytics.baskets import BasketLevel, basket_level
from thesisvault.analytics.bounds import day_of
from thesisvault.market.line import Line
from thesisvault.market.reading.currency import Step, converted, pair_of, route
from thesisvault.market.reading.series import FullSeries, beside, holes
from thesisvault.market.records import Basket, Instrument, MissingSeries, major

Read = Callable[[str], FullSeries | None]
Levels = Mapping[str, Line]
Ways = Mapping[str, tuple[Step, ...]]
Notes = tuple[tuple[dt.date, str], ...]


class BasketSeries(Struct, frozen=True, eq=False, dict=True):
    """A basket with all that is stored.

    Attributes:
        full: It as a series.
        rates: For each member in another currency the tickers of the exchange rates that it is converted at.
        unpack: Returns its level, weights and what its members gave, which are wanted seldom.
    """

    full: FullSeries
    rates: Mapping[str, tuple[str, ...]]
    unpack: Callable[[], BasketLevel]

    @cached_property
    def built(self) -> BasketLevel:
        """Its level, weights and what its members gave."""
        return self.unpack()


class Ingredients(Struct, frozen=True, eq=False):
    """What a basket is made of.

    Attributes:
        found: Its members of which something is stored.
        ways: How each member in another currency is converted.
        rates: The exchange rates of that, by ticker.
    """

    found: Mapping[str, FullSeries]
    ways: Ways
    rates: Mapping[str, FullSeries]


def ingredients(basket: Basket, instruments: Mapping[str, Instrument], read: Read) -> Ingredients:
    """Return what a basket is made of.

    Args:
        basket: The basket.
        instruments: The defined instruments, among them exchange rates.
        read: Gives the series of one instrument, or None if nothing is stored of it.

    Raises:
        MissingSeries: No member has data, or an exchange rate that is needed has none.
    """
    found = {ticker: series for ticker in basket.tickers if (series := read(ticker)) is not None}
    if not found:
        raise MissingSeries(basket.id, "no member of the basket has stored prices")
    ways = _ways(basket, found, instruments)
    return Ingredients(found, ways, _rates(basket, ways, instruments, read))


def build_basket(basket: Basket, instruments: Mapping[str, Instrument], made_of: Ingredients) -> BasketSeries:
    """Return a basket with all that is stored of its members.

    Args:
        basket: The basket.
        instruments: The defined instruments, among them exchange rates.
        made_of: What it is made of.

    Raises:
        MissingSeries: No member has a value on a session on which its exchange rates have one.
    """
    found, ways = made_of.found, made_of.ways
    rates = {ticker: series.levels for ticker, series in made_of.rates.items()}
    levels = {ticker: converted(series.levels, ways.get(ticker, ()), rates) for ticker, series in found.items()}
    levels = {ticker: level for ticker, level in levels.items() if len(level)}
    built = _built(basket, levels, _home(basket, levels, instruments)) if levels else None
    if built is None or not len(built.days):
        raise MissingSeries(basket.id, "its members never had prices, and exchange rates, on the sessions it needs")
    begins = min(level.first for level in levels.values())
    notes = tuple((begins, text) for text in _notes(basket, found, levels, ways))
    sources = ", ".join(sorted({series.source for series in found.values()}))
    early = (*_late(built, levels, ways), *_holes(built, levels, found))
    full = FullSeries(Line(built.days, built.level), None, "total", basket.currency, sources, notes, early)
    return BasketSeries(full, {t: tuple(step.rate.ticker for step in way) for t, way in ways.items()}, lambda: built)


def _ways(basket: Basket, found: Mapping[str, FullSeries], instruments: Mapping[str, Instrument]) -> Ways:
    """Return how each member in another currency is converted."""
    ways = {}
    for ticker, series in found.items():
        defined = instruments.get(ticker)
        # What a source said of the bars counts for more than what was written of the instrument.
        currency = series.currency or (defined.currency if defined else basket.currency)
        if series.basis != "value" and (way := route(currency, basket.currency, instruments)):
            ways[ticker] = way
    return ways


def _rates(basket: Basket, ways: Ways, instruments: Mapping[str, Instrument], read: Read) -> Mapping[str, FullSeries]:
    rates: dict[str, FullSeries] = {}
    for ticker, way in ways.items():
        for step in way:
            series = read(step.rate.ticker)
            if series is None:
                raise MissingSeries(basket.id, _without_rate(basket, ticker, way, step, instruments))
            rates[step.rate.ticker] = series
    return rates


def _without_rate(
    basket: Basket, ticker: str, way: tuple[Step, ...], missing: Step, instruments: Mapping[str, Instrument]
) -> str:
    """Return which rate a member lacks, and what mends it."""
    pair, first = pair_of(missing.rate) or ("", ""), pair_of(way[0].rate) or ("", "")
    currency = first[0 if way[0].multiply else 1]
    stated = ticker in instruments and major(instruments[ticker].currency) == currency
    # Refresh goes by what is defined, so a currency that only the source told of is asked for by nobody.
    mend = "run thesisvault refresh" if stated else f"give {ticker} currency: {currency} and run thesisvault refresh"
    return (
        f"{ticker} must be converted to {basket.currency}, and nothing is stored of the exchange rate "
        f"{missing.rate.ticker}: {mend}, or define an instrument with kind: currency, price_of: {pair[0]}, "
        f"currency: {pair[1]}"
    )


def _home(basket: Basket, levels: Levels, instruments: Mapping[str, Instrument]) -> list[str]:
    """Return the members on the exchange that most members trade on, whose sessions are those of the basket.

    Without this a coin among shares would give the basket weekends, on which all else stands still.
    """
    exchanges = {t: instruments[t].exchange if t in instruments else "XNYS" for t in basket.tickers if t in levels}
    most = max(exchanges.values(), key=list(exchanges.values()).count)
    return [ticker for ticker, exchange in exchanges.items() if exchange == most]


def _built(basket: Basket, levels: Levels, home: list[str]) -> BasketLevel:
    members = list(levels)
    days, block = beside(list(levels.values()))
    if len(home) < len(members):
        open_ = ~np.isnan(block[:, [members.index(ticker) for ticker in home]]).all(axis=1)
        days, block = days[open_], block[open_]
    asked = {t: float(w) for t, w in basket.members if w is not None and t in levels}
    dated = [(day, {t: w for t, w in shares if t in levels}) for day, shares in basket.dated]
    return basket_level(
        members,
        days,
        block,
        asked if basket.weights == "fixed" and asked else None,
        basket.rebalance,
        [(day, shares) for day, shares in dated if shares] if basket.weights == "dated" else (),
        min_members=_least_members(basket, levels),
        base_date=basket.base,
        cap=basket.cap,
    )


def _least_members(basket: Basket, levels: Levels) -> int:
    """Return how many members a basket needs to begin: all, if one that is listed later could never join."""
    if basket.rebalance != "never" or basket.weights == "dated" or basket.base is not None:
        return 1
    return sum(1 for ticker, weight in basket.members if ticker in levels and weight != 0) or 1


def _notes(basket: Basket, found: Mapping[str, FullSeries], levels: Levels, ways: Ways) -> list[str]:
    """Return what a reader should know of a basket, whatever the window."""
    notes = []
    for names, lack in (
        ([t for t in basket.tickers if t not in found], "stored prices"),
        ([t for t in found if t not in levels], "session with an exchange rate"),
    ):
        if names:
            notes.append(f"without {', '.join(names)}, which {'has' if len(names) == 1 else 'have'} no {lack}")
    if prices := [t for t in levels if found[t].basis == "price"]:
        notes.append(f"price return only for {', '.join(prices)}")
    if not basket.currency:
        own = {t: found[t].currency for t in levels if found[t].basis != "value" and found[t].currency}
        if len(set(own.values())) > 1:
            notes.append(f"each in its own currency: {', '.join(f'{t} in {c}' for t, c in own.items())}")
    groups: dict[str, list[str]] = {}
    for ticker, way in ways.items():
        if ticker in levels:
            pair = pair_of(way[0].rate) or ("", "")
            rates = " and ".join(step.rate.ticker for step in way)
            groups.setdefault(f"converted from {pair[0 if way[0].multiply else 1]} at {rates}", []).append(ticker)
    return [*notes, *(f"{', '.join(names)} {how}" for how, names in groups.items())]


def _late(built: BasketLevel, levels: Levels, ways: Ways) -> Notes:
    """Return which members a window that begins early does without."""
    start = day_of(int(built.days[0]))
    late = sorted((level.first, ticker) for ticker, level in levels.items() if level.first > start)
    return tuple(
        (first, f"{ticker} has prices{' and an exchange rate' if ticker in ways else ''} from {first} only")
        for first, ticker in late
    )


def _holes(built: BasketLevel, levels: Levels, found: Mapping[str, FullSeries]) -> Notes:
    """Return on which sessions members have no bar, so that their last one stands in."""
    start = day_of(int(built.days[0]))
    missing = {ticker: {day for day in found[ticker].missing if day > start} for ticker in levels}
    return holes(sorted(set().union(*missing.values())), missing, "the exchange")

"""What all markets on one store share: definitions, sessions, and full series as they are read.

A full series holds all that is stored, whatever the last day of the market that asks; views cut it off.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from thesisvault.market.bars import day_number
from thesisvault.market.panel import Panel
from thesisvault.market.reading.baskets import BasketSeries, build_basket
from thesisvault.market.reading.currency import rates_needed
from thesisvault.market.reading.series import Actions, FullSeries, build
from thesisvault.market.reading.troubles import Troubles, read_troubles
from thesisvault.market.records import Basis, Basket, Instrument, MissingSeries
from thesisvault.market.sessions import Sessions
from thesisvault.market.store.entries import Column
from thesisvault.market.store.ledger import DatedValue
from thesisvault.market.store.store import Store

_MANY = 8
"""So many series asked for one by one are the beginning of a build, not a question."""


class Stored:
    """What all markets on one store share: definitions, sessions, and full series as they are read."""

    def __init__(
        self,
        store: Store,
        instruments: Mapping[str, Instrument],
        baskets: Mapping[str, Basket],
        implicit: Collection[str],
    ) -> None:
        self.store = store
        # A rate that nobody defined is known by Yahoo's ticker.
        rates = {rate.ticker: rate for rate in rates_needed(instruments, baskets.values())}
        self.instruments = {**rates, **instruments}
        self.baskets = baskets
        self.implicit = frozenset(implicit)
        self.sessions = Sessions(store)
        self.read: dict[str, tuple[dict[Basis, Column], Actions]] = {}
        self.full: dict[str, FullSeries] = {}
        self.built: dict[str, BasketSeries | MissingSeries] = {}
        self.panels: dict[tuple[str, tuple[str, ...]], Panel] = {}
        self.dated: dict[str, list[DatedValue]] = {}

    @cached_property
    def troubles(self) -> dict[str, Troubles]:
        """What is known against each series, by ticker; those without are left out."""
        return read_troubles(self.store)

    def snapshots(self, name: str) -> list[DatedValue]:
        """Return all dated fundamentals of a ticker, oldest first."""
        if name not in self.dated:
            self.dated[name] = self.store.ledger.snapshots([name]).get(name, [])
        return self.dated[name]

    def instrument(self, name: str) -> Instrument:
        """Return a defined instrument; anything else, such as a member of a universe, is taken for a stock."""
        return self.instruments.get(name) or Instrument(name, name, "stock")

    def currency_of(self, name: str) -> str:
        """Return the currency in which a basket is kept or an instrument is defined to be quoted."""
        return self.baskets[name].currency if name in self.baskets else self.instrument(name).currency

    def current(self, name: str) -> str:
        """Return the ticker that a former one goes by now, any other name as it is."""
        for _ in range(len(self.instruments)):
            instrument = self.instruments.get(name)
            if instrument is None or not instrument.renamed_to:
                break
            name = instrument.renamed_to
        return name

    def preload(self, names: Iterable[str]) -> None:
        """Read what is not yet read of many series, and of their former names, in two queries."""
        known = dict.fromkeys(self.current(name) for name in names)
        every = [each for name in known for each in (name, *self.instrument(name).formerly)]
        wanted = [name for name in every if name not in self.read]
        if wanted:
            with self.store.reading():
                columns, actions = self.store.columns(wanted), self.store.actions(wanted)
            self.read.update({n: (columns.get(n, {}), actions.get(n, [])) for n in wanted})

    def own(self, name: str) -> FullSeries | None:
        """Return the series of one instrument with all that is stored, under former names too, or None."""
        from thesisvault.market.reading.chains import under_former_name

        name = self.current(name)
        if name not in self.full:
            if name not in self.read:
                # Who asks for so many one by one asks for all: two queries then serve every further one.
                self.preload([name] if len(self.full) < _MANY else [name, *self.instruments])
            full, splits, paid = None, [], {}
            for ticker in (name, *self.instrument(name).formerly):
                older = self._stored(name, ticker)
                if full is None:
                    full = older and self._renamed(older, name, ticker)
                elif older is not None:
                    begins = full.levels.first
                    full = under_former_name(full, older, ticker, splits, paid.get(day_number(begins), 0.0))
                actions = self.read[ticker][1]
                splits += [(day, ratio) for day, _, ratio in actions if ratio]
                paid.update({day: amount for day, amount, _ in actions if amount})
            if full is None:
                return None
            self.full[name] = full
        return self.full[name]

    def _stored(self, name: str, ticker: str) -> FullSeries | None:
        """Return what is stored of an instrument under one of its tickers."""
        columns, actions = self.read[ticker]
        instrument = replace(self.instrument(name), ticker=ticker)
        if instrument.kind != "macro":
            columns = {basis: c for basis, c in columns.items() if basis != "value"}
        # Where no source named the currency, it is what the definition says now.
        columns = {
            basis: c if c.feed.currency_known else replace(c, feed=replace(c.feed, currency=instrument.currency))
            for basis, c in columns.items()
        }
        return build(instrument, columns, actions, self.sessions) if columns else None

    def _renamed(self, full: FullSeries, name: str, ticker: str) -> FullSeries:
        if ticker == name:
            return full
        return replace(full, notes=(*full.notes, (full.levels.first, f"all of it under its old name {ticker}")))

    def basket(self, name: str) -> BasketSeries:
        """Return a basket with all that is stored.

        Raises:
            MissingSeries: No member has data, or an exchange rate is missing.
        """
        if name not in self.built:
            basket = self.baskets[name]
            self.preload(self.tickers_of(basket))
            try:
                self.built[name] = build_basket(basket, self.instruments, self.own)
            except MissingSeries as missing:
                self.built[name] = missing
        found = self.built[name]
        if isinstance(found, MissingSeries):
            raise found
        return found

    def tickers_of(self, basket: Basket) -> list[str]:
        """Return all series that a basket may rest on: its members and the exchange rates they need."""
        return [*basket.tickers, *(rate.ticker for rate in rates_needed(self.instruments, [basket]))]

    def any_of(self, name: str) -> FullSeries | None:
        """Return a basket or an instrument with all that is stored, or None."""
        if name not in self.baskets:
            return self.own(name)
        try:
            return self.basket(name).full
        except MissingSeries:
            return None

    def reason(self, name: str) -> str:
        """Return why there is nothing; what a provider said of it belongs to the report, not into a note."""
        return f"no {'values' if self.instrument(name).kind == 'macro' else 'prices'} are stored"

"""What all markets on one store share: definitions, sessions, and full series as they are read.

A full series holds all that is stored, whatever the last day of the market that asks; views cut it off.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice

from thesisvault.market.bars import day_number
from thesisvault.market.panel import Panel
from thesisvault.market.reading.baskets import BasketSeries, Ingredients, build_basket, ingredients
from thesisvault.market.reading.currency import pair_of, rates_needed
from thesisvault.market.reading.kept import Kept, Origin, key_of
from thesisvault.market.reading.packing import packed, packed_basket, unpacked, unpacked_basket
from thesisvault.market.reading.recent import Recent
from thesisvault.market.reading.series import Actions, FullSeries, build
from thesisvault.market.reading.troubles import Troubles, read_troubles
from thesisvault.market.records import Basis, Basket, Instrument, MissingSeries
from thesisvault.market.sessions import Sessions, calendar_version
from thesisvault.market.store.entries import Column
from thesisvault.market.store.ledger import DatedValue
from thesisvault.market.store.store import Store
from thesisvault.structs import replace

_MANY = 8
"""So many series asked for one by one are the beginning of a build, not a question."""
_AHEAD = 40
"""How many series are read at once when they are asked for one by one; ten years of one are 30 kB."""


_NOTHING = Origin("", {})


class Stored:
    """What all markets on one store share: definitions, sessions, and full series as they are read.

    Args:
        store: The market store.
        instruments: By ticker.
        baskets: By id.
        implicit: Tickers that are known without a definition.
        kept: Where series are kept once they are made; None: nowhere.
    """

    def __init__(
        self,
        store: Store,
        instruments: Mapping[str, Instrument],
        baskets: Mapping[str, Basket],
        implicit: Collection[str],
        kept: Kept | None = None,
    ) -> None:
        self.store, self.kept = store, kept
        # A rate that nobody defined is known by Yahoo's ticker.
        rates = {rate.ticker: rate for rate in rates_needed(instruments, baskets.values())}
        self.instruments = {**rates, **instruments}
        self.baskets = baskets
        self.implicit = frozenset(implicit)
        self.sessions = Sessions(store)
        self.read: dict[str, tuple[dict[Basis, Column], Actions]] = {}
        self.digests: dict[str, str] = {}
        self.actions: dict[str, Actions] = {}
        self.full: dict[str, FullSeries] = {}
        self.origins: dict[str, Origin] = {}
        self.built: Recent[BasketSeries | MissingSeries] = Recent()
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
        return str(name)  # one that knows its place would hold the file that it stands in

    def preload(self, names: Iterable[str]) -> None:
        """Read what is not kept and not yet read of many series, and of their former names, in a few queries."""
        known = dict.fromkeys(self.current(name) for name in names)
        if self.kept is not None:
            unseen = [ticker for name in known for ticker in self._tickers(name) if ticker not in self.digests]
            if unseen:
                found = self.store.digests(unseen)
                self.digests.update({ticker: found.get(ticker, "") for ticker in unseen})
            known = {name: None for name in known if name not in self.full and not self._needs_no_reading(name)}
        self._read(ticker for name in known for ticker in self._tickers(name))

    def _read(self, tickers: Iterable[str]) -> None:
        wanted = [ticker for ticker in tickers if ticker not in self.read]
        if wanted:
            with self.store.reading():
                columns, actions = self.store.columns(wanted), self.store.actions(wanted)
                # Another run may have written since the digests were read; what is kept bears that of its own bars.
                digests = {} if self.kept is None else self.store.digests(wanted)
            self.digests.update({ticker: digests.get(ticker, "") for ticker in wanted})
            self.read.update({ticker: (columns.get(ticker, {}), actions.get(ticker, [])) for ticker in wanted})

    def _tickers(self, name: str) -> tuple[str, ...]:
        """Return under which names the bars of an instrument may be stored."""
        return (name, *self.instrument(name).formerly)

    def _origin(self, name: str) -> Origin:
        """Return what the series of an instrument has to be made from, as the store is now."""
        of = self.instrument(name)
        recipe = (of.ticker, of.kind, of.currency, of.exchange, of.scale, of.lag_days, of.frequency)
        members = {ticker: self.digests[ticker] for ticker in self._tickers(name)}
        return Origin(key_of(recipe, members, calendar_version()), members)

    def _needs_no_reading(self, name: str) -> bool:
        """Whether the series of an instrument is kept, or is known to have nothing stored."""
        if self.kept is None:
            return False
        return not self._has_bars(name) or self.kept.has(f"own {name}", self._origin(name).key)

    def _has_bars(self, name: str) -> bool:
        return any(self.digests[ticker] for ticker in self._tickers(name))

    def own(self, name: str) -> FullSeries | None:
        """Return the series of one instrument with all that is stored, under former names too, or None."""
        name = self.current(name)
        if name not in self.full:
            if name not in self.read and name not in self.digests:
                # Who asks for so many one by one asks for more: a query then serves the next ones too.
                self.preload([name] if len(self.full) < _MANY else [name, *self._next_unread()])
            if self.kept is not None and not self._has_bars(name):
                return None
            full = self._found(name) or self._made(name)
            if full is None:
                return None
            self.full[name] = full
        return self.full[name]

    def _next_unread(self) -> list[str]:
        """Return some names of which nothing is known yet; what is read of them is held until it is asked for."""
        unread = (each for each in self._in_order if each not in self.read and each not in self.digests)
        return list(islice(unread, _AHEAD))

    @cached_property
    def _in_order(self) -> Iterator[str]:
        """Every instrument once: whoever goes on where it ended looks at none of thousands twice."""
        return iter(tuple(self.instruments))

    def _found(self, name: str) -> FullSeries | None:
        if self.kept is None:
            return None
        origin = self.origins[name] = self._origin(name)
        return self.kept.find(f"own {name}", origin.key, unpacked)

    def _made(self, name: str) -> FullSeries | None:
        from thesisvault.market.reading.chains import under_former_name

        self._read(self._tickers(name))
        full, splits, paid = None, [], {}
        for ticker in self._tickers(name):
            older = self._stored(name, ticker)
            if full is None:
                full = older and self._renamed(older, name, ticker)
            elif older is not None:
                begins = full.levels.first
                full = under_former_name(full, older, ticker, splits, paid.get(day_number(begins), 0.0))
            actions = self.read[ticker][1]
            splits += [(day, ratio) for day, _, ratio in actions if ratio]
            paid.update({day: amount for day, amount, _ in actions if amount})
        if full is not None:
            for ticker in self._tickers(name):
                self.read.pop(ticker, None)  # the series is made; what it was made from would double what is held
        if full is not None and self.kept is not None:
            origin = self.origins[name] = self._origin(name)
            self.kept.put(f"own {name}", origin, packed(full))
        return full

    def splits(self, name: str) -> list[tuple[int, float]]:
        """Return day and ratio of every stored split of an instrument, of its name of now."""
        if name not in self.actions:
            names = dict.fromkeys([name, *(self.full if len(self.full) >= _MANY else ())])
            found = self.store.actions(names)
            self.actions.update({each: found.get(each, []) for each in names})
        return [(day, ratio) for day, _, ratio in self.actions[name] if ratio]

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
        found = self.built.get(name)
        if found is None:
            basket = self.baskets[name]
            self.preload(self.tickers_of(basket))
            try:
                found = self._basket(basket)
            except MissingSeries as missing:
                found = missing
            self.built[name] = found
        if isinstance(found, MissingSeries):
            raise found
        return found

    def _basket(self, basket: Basket) -> BasketSeries:
        made_of = ingredients(basket, self.instruments, self.own)
        if self.kept is None:
            return build_basket(basket, self.instruments, made_of)
        name = f"basket {basket.id}"
        origin = self.origins[name] = self._origin_of_basket(basket, made_of)
        found = self.kept.find(name, origin.key, unpacked_basket)
        if found is None:
            found = build_basket(basket, self.instruments, made_of)
            self.kept.put(name, origin, packed_basket(found))
        return found

    def _origin_of_basket(self, basket: Basket, made_of: Ingredients) -> Origin:
        exchanges = [self.instrument(ticker).exchange for ticker in basket.tickers]
        ways = {
            ticker: [(step.rate.ticker, pair_of(step.rate), step.multiply) for step in way]
            for ticker, way in made_of.ways.items()
        }
        names = (*basket.tickers, *made_of.rates)
        return Origin.of(map(self.origin, names), basket, exchanges, ways, list(made_of.rates))

    def origin(self, name: str) -> Origin:
        """Return what the series of an instrument, or a basket, was made from; where there is none, of nothing."""
        if name not in self.baskets:
            name = self.current(name)
            return self.origins[name] if name in self.full else _NOTHING
        return self.origins.get(f"basket {name}", _NOTHING)

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

"""The read side: what everything above knows of prices.

A `Market` is what is stored, seen from one last day. It hands out series by ticker, basket or chain, and panels of many
series at once. Seen from an earlier day it is the same thing truncated, and shares all that was read.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import numpy as np

from thesisvault.analytics.baskets import BasketLevel
from thesisvault.analytics.bounds import Ints, day_of
from thesisvault.errors import did_you_mean
from thesisvault.market.bars import day_number
from thesisvault.market.line import Line
from thesisvault.market.panel import Panel
from thesisvault.market.reading.baskets import BasketSeries
from thesisvault.market.reading.conversions import way_of
from thesisvault.market.reading.currency import route
from thesisvault.market.reading.derived import Derived
from thesisvault.market.reading.due import Due
from thesisvault.market.reading.kept import Kept
from thesisvault.market.reading.recent import FEW, Recent
from thesisvault.market.reading.series import FullSeries, true_by
from thesisvault.market.reading.stored import Stored
from thesisvault.market.reading.troubles import Troubles, troubles_of
from thesisvault.market.records import (
    Basket,
    Instrument,
    MarketError,
    MissingSeries,
    SeriesView,
    UnknownName,
    plain_name,
    split_currency,
)
from thesisvault.market.store.ledger import DatedValue
from thesisvault.market.store.store import Store

__all__ = ["Market", "MarketError", "MissingSeries", "UnknownName"]

_SILENT = dt.timedelta(days=45)
_FIRST_SESSION = dt.date(1990, 1, 1)


class Market:
    """What is stored, as it was on one last day.

    Args:
        store: The market store, or its path.
        instruments: By ticker.
        baskets: By id.
        last_day: Nothing later is shown; series are judged fresh or stale against it.
        benchmark: Whose exchange gives `sessions`.
        implicit: Tickers that are known without a definition, such as members of universes.
        kept: The file in which series are kept once they are made; None: they are made anew each time.

    Raises:
        NoDataError: There is no store at that path.
        DiskError: The store cannot be read.
    """

    def __init__(
        self,
        store: Store | Path | str,
        instruments: Mapping[str, Instrument],
        baskets: Mapping[str, Basket] | None = None,
        *,
        last_day: dt.date,
        benchmark: str = "SPY",
        implicit: Collection[str] = (),
        kept: Path | None = None,
    ) -> None:
        opened = store if isinstance(store, Store) else Store(store, create=False)
        self._kept = None if kept is None else Kept(kept)
        self._shared = Stored(opened, instruments, baskets or {}, implicit, self._kept)
        self._last_day = last_day
        self._benchmark = benchmark
        self._views: Recent[SeriesView] = Recent()
        self._derived = Derived(self._shared, last_day, self._kept)
        self._due = Due(self._shared, last_day, benchmark)
        self._lates: dict[tuple[str, ...], dict[str, dt.date]] = {}

    @property
    def as_of(self) -> dt.date:
        """The last day of this market."""
        return self._last_day

    @property
    def store(self) -> Store:
        """The store that it reads."""
        return self._shared.store

    @property
    def benchmark(self) -> str:
        """The name that `SPY` and its like stand for where a definition names no benchmark."""
        return self._benchmark

    @property
    def sessions(self) -> Ints:
        """The sessions of the benchmark's exchange from 1990 to the last day, as day numbers."""
        return self._sessions(self._shared.instrument(self._benchmark), _FIRST_SESSION)

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """The defined instruments, by ticker."""
        return self._shared.instruments

    @property
    def baskets(self) -> Mapping[str, Basket]:
        """The defined baskets, by id."""
        return self._shared.baskets

    def until(self, day: dt.date) -> Market:
        """Return this market as it was on an earlier day, sharing what was read; a later day changes nothing."""
        if day >= self._last_day:
            return self
        earlier = object.__new__(Market)
        earlier._shared, earlier._benchmark = self._shared, self._benchmark
        earlier._last_day, earlier._views, earlier._kept = day, Recent(FEW), None
        earlier._derived = Derived(self._shared, day, None)  # it is kept as of one day alone
        earlier._due, earlier._lates = Due(self._shared, day, self._benchmark), {}
        return earlier

    def forget_kept(self) -> None:
        """Make every series anew, whatever the file of kept series says."""
        if self._kept is not None:
            self._kept.forget()

    def keep(self) -> None:
        """Write the series that were made into the file of those that are kept, if there is one and it can be."""
        if self._kept is not None and self._kept.has_news:
            self._kept.write(self.store.digests())

    def knows(self, name: str) -> bool:
        """Whether a ticker, basket or chain is defined, with data or without."""
        shared = self._shared
        return all(
            link in shared.baskets or link in shared.instruments or link in shared.implicit for link in _links(name)
        )

    def series(self, name: str) -> SeriesView:
        """Return the series of a ticker, a basket, or a chain such as `QQQ | us-tech`.

        Raises:
            UnknownName: It, or a link of the chain, is not defined.
            MissingSeries: It is defined and has no value on or before the last day.
        """
        base, currency = split_currency(name)
        if currency:
            return self._converted(name, base, currency)
        if name not in self._views:
            name = str(name)  # one that knows its place would hold the file that it stands in
            for link in _links(name):
                if not self.knows(link):
                    known = [*self._shared.instruments, *self._shared.baskets, *self._shared.implicit]
                    raise UnknownName(link, did_you_mean(link, known))
            links = [self.current(link) for link in _links(name)]
            head = self._shared.instruments.get(links[0])
            if len(links) == 1 and head is not None and links[0] not in self._shared.baskets:
                name = links[0]
                links = [name, *(p for p in map(self.current, head.proxies) if p != name)]
            view = self._single(links[0]) if len(links) == 1 else self._chain(name, links)
            self._views[name] = view
        return self._views[name]

    def canonical(self, name: str) -> str:
        """Return a name without the currency that it is wanted in, where that is the one in which it is quoted."""
        base, currency = split_currency(name)
        if not currency:
            return name
        try:
            return name if way_of(self.series(base), currency, self.instruments) else base
        except (MissingSeries, UnknownName):
            return base

    def _converted(self, name: str, base: str, currency: str) -> SeriesView:
        if name not in self._views:
            view = self.series(base)
            way = way_of(view, currency, self.instruments)
            self._views[name] = self._derived.conversion(name, view, currency, way) if way else view
        return self._views[name]

    def current(self, name: str) -> str:
        """Return the ticker that a renamed one goes by now, any other name as it is, without a currency."""
        return self._shared.current(plain_name(name))

    def levels(self, names: Iterable[str]) -> Panel:
        """Return the levels of many series side by side, on all their sessions; those without data are left out.

        Made for universes: a name that is not defined is taken for a ticker, and proxies are not followed.
        """
        return self._panel("level", tuple(dict.fromkeys(names)))

    def closes(self, names: Iterable[str]) -> Panel:
        """Return closes side by side, on all their sessions; series without closes as traded are left out."""
        return self._panel("close", tuple(dict.fromkeys(names)))

    def basket(self, name: str) -> BasketLevel:
        """Return a basket up to the last day: its level, the weights whenever they were set, what each member gave.

        Raises:
            UnknownName: There is no such basket.
            MissingSeries: No member has data, or an exchange rate is missing.
        """
        if name not in self._shared.baskets:
            raise UnknownName(name, did_you_mean(name, self._shared.baskets))
        series = self._shared.basket(name)
        built = series.built
        rows = series.full.levels.rows_until(self._all_legs(self._stale_members(series)))
        if not rows:
            raise MissingSeries(name, f"its first value is of {day_of(int(built.days[0]))}, after {self._last_day}")
        return built.until(rows)

    def troubles(self, name: str) -> Troubles:
        """Return what is known, on the last day, against an instrument: bars in quarantine, a symbol that is gone."""
        shared = self._shared
        if not shared.troubles:
            return Troubles()
        current = self.current(name)
        instrument = shared.instrument(current)
        return troubles_of(shared.troubles, instrument, (current, *instrument.formerly), self._last_day)

    def snapshots(self, name: str) -> list[DatedValue]:
        """Return the dated fundamentals of an instrument up to the last day, oldest first."""
        limit = day_number(self._last_day)
        return [each for each in self._shared.snapshots(self.current(name)) if each.day <= limit]

    def splits(self, name: str) -> list[tuple[int, float]]:
        """Return day and ratio of every stored split of an instrument, those after the last day too."""
        return self._shared.splits(self.current(name))

    def sessions_of(self, name: str, first: dt.date) -> Ints:
        """Return the sessions of an instrument's exchange from a day to the last day, as day numbers."""
        return self._sessions(self._shared.instrument(self.current(name)), first)

    def late(self, names: Iterable[str]) -> dict[str, dt.date]:
        """Return those of many tickers that end before they should, with the day on which each ends.

        Those without any value on or before the last day are left out.
        """
        asked = tuple(names)
        if asked not in self._lates:
            self._lates[asked] = dict(self._late(asked))
        return self._lates[asked]

    def _late(self, names: Iterable[str]) -> Iterator[tuple[str, dt.date]]:
        shared = self._shared
        tickers = dict.fromkeys(shared.current(plain_name(name)) for name in names)
        shared.preload(tickers)
        for ticker in tickers:
            full = shared.own(ticker)
            rows = 0 if full is None else full.levels.rows_until(self._last_day)
            if full is None or not rows:
                continue
            last = day_of(int(full.levels.days[rows - 1]))
            if last < self._due.of(shared.instrument(ticker)):
                yield ticker, last

    def data_hash(self, name: str) -> str:
        """Return a digest of all data on or before the last day that a ticker, basket or chain may rest on."""
        seal = hashlib.sha256()
        for ticker in self.tickers(name):
            seal.update(f"{ticker} {self.store.data_hash(ticker, self._last_day)}\n".encode())
        return seal.hexdigest()[:16]

    def tickers(self, name: str) -> list[str]:
        """Return every ticker whose stored bars a name may rest on."""
        found: list[str] = []
        currency = split_currency(name)[1]
        for link in map(self.current, _links(name)):
            found += [step.rate.ticker for step in route(self._shared.currency_of(link), currency, self.instruments)]
            of_link = [link, *map(self.current, self._shared.instrument(link).proxies)]
            for each in of_link if link not in self._shared.baskets else of_link[:1]:
                basket = self._shared.baskets.get(each)
                found += self._shared.tickers_of(basket) if basket else [each]
        every = [each for name in map(self.current, found) for each in (name, *self._shared.instrument(name).formerly)]
        return list(dict.fromkeys(every))

    def _sessions(self, instrument: Instrument, first: dt.date) -> Ints:
        return np.array(self._shared.sessions.day_numbers(instrument.exchange, first, self._last_day), dtype=np.int64)

    def _panel(self, what: Literal["level", "close"], names: tuple[str, ...]) -> Panel:
        key, shared = (what, names), self._shared
        if key not in shared.panels:
            shared.preload(n for n in names if n not in shared.baskets)
            found: dict[str, Line] = {}
            for name in names:
                full = shared.any_of(name)
                line = None if full is None else full.levels if what == "level" else full.closes
                if line is not None and len(line):
                    found[name] = line
            shared.panels[key] = Panel.of(found)
        return shared.panels[key].until(self._last_day)

    def _single(self, name: str) -> SeriesView:
        basket = self._shared.baskets.get(name)
        if basket is not None:
            series = self._shared.basket(name)
            stale = self._stale_members(series)
            until = self._all_legs(stale)
            return self._view(name, series.full, "basket", "", 1, self._due.of_basket(basket), stale, until)
        instrument = self._shared.instrument(name)
        full = self._shared.own(name)
        if full is None:
            raise MissingSeries(name, self._shared.reason(name))
        expected = self._due.of(instrument)
        return self._view(name, full, instrument.kind, instrument.unit, instrument.period_days, expected, ())

    def _view(
        self,
        name: str,
        full: FullSeries,
        kind: str,
        unit: str,
        period_days: int,
        expected: dt.date,
        stale_members: tuple[tuple[str, dt.date], ...],
        until: dt.date | None = None,
    ) -> SeriesView:
        levels = full.levels.until(until or self._last_day)
        if not len(levels):
            raise MissingSeries(name, f"its first value is of {full.levels.first}, after {self._last_day}")
        closes = None if full.closes is None else full.closes.until(self._last_day)
        return SeriesView(
            name=name,
            levels=levels,
            closes=closes if closes is not None and len(closes) else None,
            basis=full.basis,
            kind=kind,
            currency=full.currency,
            unit=unit,
            period_days=period_days,
            first=levels.first,
            last=levels.last,
            expected=expected,
            source=full.source,
            notes=true_by(full.notes, self._last_day),
            early=tuple((day, text) for day, text in full.early if day <= self._last_day),
            stale_members=stale_members,
            observed=None if full.observed is None else full.observed[: len(levels)],
        )

    def over_until(self, name: str) -> dt.date:
        """Return the day up to which nothing more can come of a series: the one before its exchange's next session.

        A year is over when its last session has closed, not when the calendar turns.
        """
        link = _links(name)[0]
        basket = self._shared.baskets.get(link)
        if basket is not None:
            return min((self.over_until(ticker) for ticker in basket.tickers), default=self._last_day)
        exchange = self._shared.instrument(link).exchange if self.knows(link) else ""
        return self._due.quiet_until(exchange or self._shared.instrument(self._benchmark).exchange)

    def _all_legs(self, stale: tuple[tuple[str, dt.date], ...]) -> dt.date:
        """Return the last day on which every member has a value, so that no number of a basket mixes dates.

        A member that has been silent for longer is taken for dead: its last value stands until weights are set anew.
        """
        silent = [day for _, day in stale if self._last_day - day <= _SILENT]
        return min(silent, default=self._last_day)

    def _stale_members(self, series: BasketSeries) -> tuple[tuple[str, dt.date], ...]:
        rows = series.full.levels.rows_until(self._last_day)
        if not rows:
            return ()
        stale: dict[str, dt.date] = {}
        for ticker in series.built.held_on(rows):
            for name in (ticker, *series.rates.get(ticker, ())):
                try:
                    view = self._single(name)
                except MissingSeries:
                    continue
                if view.is_stale:
                    stale[view.name] = view.last
        return tuple(stale.items())

    def _chain(self, name: str, links: list[str]) -> SeriesView:
        views: list[SeriesView] = []
        absent: list[str] = []
        for link in links:
            try:
                views.append(self._single(link))
            except MissingSeries as missing:
                absent += [] if views else [f"{link}: {missing.reason}"]
        if not views:
            raise MissingSeries(name, "; ".join(absent))
        return self._derived.chain(name, views, absent)


def _links(name: str) -> list[str]:
    return [link.strip() for link in plain_name(name).split("|")]

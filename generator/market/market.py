"""The read side: what everything above knows of prices.

A `Market` is what is stored, seen from one last day. It hands out series by ticker, basket or chain, and frames of many
series at once. Seen from an earlier day it is the same thing truncated, and shares all that was read.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Literal

import pandas as pd

from generator.analytics.baskets import basket_level
from generator.errors import did_you_mean
from generator.market.records import Basis, Basket, Instrument, MarketError, MissingSeries, SeriesView, UnknownName
from generator.market.series import Actions, FullSeries, build, continued_backwards, frame_of, rows_until, true_by
from generator.market.sessions import Sessions
from generator.market.store import Column, Store

__all__ = ["Market", "MarketError", "MissingSeries", "UnknownName"]

_FIRST_SESSION = dt.date(1990, 1, 1)
# How many days after its next period a macro value may be late, by its frequency: holidays, and the day of release.
_MACRO_SLACK = {"daily": 4, "weekly": 2, "monthly": 14, "quarterly": 30}
# The same where nobody said how long after its date a value is published.
_MACRO_SLACK_UNSAID = {"daily": 4, "weekly": 7, "monthly": 45, "quarterly": 120}


class _Shared:
    """What all markets on one store share: definitions, sessions, and full series as they are read."""

    def __init__(
        self,
        store: Store,
        instruments: Mapping[str, Instrument],
        baskets: Mapping[str, Basket],
        implicit: Collection[str],
    ) -> None:
        self.store = store
        self.instruments = instruments
        self.baskets = baskets
        self.implicit = frozenset(implicit)
        self.sessions = Sessions(store)
        self.read: dict[str, tuple[dict[Basis, Column], Actions]] = {}
        self.full: dict[str, FullSeries] = {}
        self.weights: dict[str, tuple[FullSeries, pd.DataFrame]] = {}
        self.frames: dict[tuple[str, tuple[str, ...]], pd.DataFrame] = {}

    def instrument(self, name: str) -> Instrument:
        return self.instruments.get(name) or Instrument(name, name, "stock")

    def preload(self, names: Iterable[str]) -> None:
        """Read what is not yet read of many series in two queries."""
        wanted = [n for n in names if n not in self.read]
        if wanted:
            columns, actions = self.store.columns(wanted), self.store.actions(wanted)
            self.read.update({n: (columns.get(n, {}), actions.get(n, [])) for n in wanted})

    def own(self, name: str) -> FullSeries | None:
        """Return the series of one instrument with all that is stored, or None."""
        if name not in self.full:
            self.preload([name])
            columns, actions = self.read[name]
            instrument = self.instrument(name)
            if instrument.kind != "macro":
                columns = {basis: c for basis, c in columns.items() if basis != "value"}
            if not columns:
                return None
            self.full[name] = build(instrument, columns, actions, self.sessions)
        return self.full[name]

    def basket(self, name: str) -> tuple[FullSeries, pd.DataFrame] | None:
        """Return a basket with all that is stored, and its weights whenever they were set; None without data."""
        if name not in self.weights:
            basket = self.baskets[name]
            tickers = [ticker for ticker, _ in basket.members]
            tickers += [t for _, weights in basket.dated for t, _ in weights if t not in tickers]
            self.preload(tickers)
            found = {t: series for t in dict.fromkeys(tickers) if (series := self.own(t)) is not None}
            if not found:
                return None
            built = _basket(basket, tickers, found)
            if built[0].level.empty:
                return None
            self.weights[name] = built
        return self.weights[name]

    def reason(self, name: str) -> str:
        """Return why there is nothing; what a provider said of it belongs to the report, not into a note."""
        return f"no {'values' if self.instrument(name).kind == 'macro' else 'prices'} are stored"


class Market:
    """What is stored, as it was on one last day.

    Args:
        store: The market store, or its path.
        instruments: By ticker.
        baskets: By id.
        last_day: Nothing later is shown; series are judged fresh or stale against it.
        benchmark: Whose exchange gives `sessions`.
        implicit: Tickers that are known without a definition, such as members of universes.

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
    ) -> None:
        opened = store if isinstance(store, Store) else Store(store, create=False)
        self._shared = _Shared(opened, instruments, baskets or {}, implicit)
        self._last_day = last_day
        self._benchmark = benchmark
        self._views: dict[str, SeriesView] = {}

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
    def sessions(self) -> pd.DatetimeIndex:
        """The sessions of the benchmark's exchange from 1990 to the last day."""
        exchange = self._shared.instrument(self._benchmark).exchange
        days = self._shared.sessions.sessions_between(exchange, _FIRST_SESSION, self._last_day)
        return pd.DatetimeIndex(days).as_unit("ns")

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
        earlier._last_day, earlier._views = day, {}
        return earlier

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
        if name not in self._views:
            links = _links(name)
            for link in links:
                if not self.knows(link):
                    known = [*self._shared.instruments, *self._shared.baskets, *self._shared.implicit]
                    raise UnknownName(link, did_you_mean(link, known))
            head = self._shared.instruments.get(links[0])
            if len(links) == 1 and head is not None and links[0] not in self._shared.baskets:
                links = [links[0], *(p for p in head.proxies if p != links[0])]
            view = self._single(links[0]) if len(links) == 1 else self._chain(name, links)
            self._views[name] = view
        return self._views[name]

    def levels(self, names: Iterable[str]) -> pd.DataFrame:
        """Return the levels of many series side by side, on all their sessions; those without data are left out.

        Made for universes: a name that is not defined is taken for a ticker, and proxies are not followed.
        """
        return self._frame("level", tuple(dict.fromkeys(names)))

    def closes(self, names: Iterable[str]) -> pd.DataFrame:
        """Return closes side by side, on all their sessions; series without closes as traded are left out."""
        return self._frame("close", tuple(dict.fromkeys(names)))

    def weights(self, basket: str) -> pd.DataFrame:
        """Return the weights of a basket: a row for each session on which they were set, a column a member.

        Raises:
            UnknownName: There is no such basket.
            MissingSeries: No member has data.
        """
        if basket not in self._shared.baskets:
            raise UnknownName(basket, did_you_mean(basket, self._shared.baskets))
        built = self._shared.basket(basket)
        if built is None:
            raise MissingSeries(basket, "no member of the basket has stored prices")
        return built[1].iloc[: rows_until(built[1].index, self._last_day)]

    def data_hash(self, name: str) -> str:
        """Return a digest of all data on or before the last day that a ticker, basket or chain may rest on."""
        seal = hashlib.sha256()
        for ticker in self._tickers(name):
            seal.update(f"{ticker} {self.store.data_hash(ticker, self._last_day)}\n".encode())
        return seal.hexdigest()[:16]

    def _tickers(self, name: str) -> list[str]:
        found: list[str] = []
        for link in _links(name):
            basket = self._shared.baskets.get(link)
            if basket is not None:
                found += [t for t, _ in basket.members] + [t for _, w in basket.dated for t, _ in w]
            else:
                proxies = self._shared.instrument(link).proxies
                found += [link, *(t for p in proxies if p != link for t in self._tickers_of_proxy(p))]
        return list(dict.fromkeys(found))

    def _tickers_of_proxy(self, name: str) -> list[str]:
        basket = self._shared.baskets.get(name)
        return [name] if basket is None else [t for t, _ in basket.members] + [t for _, w in basket.dated for t, _ in w]

    def _frame(self, what: Literal["level", "close"], names: tuple[str, ...]) -> pd.DataFrame:
        key = (what, names)
        if key not in self._shared.frames:
            self._shared.preload(n for n in names if n not in self._shared.baskets)
            found: dict[str, pd.Series[float]] = {}
            for name in names:
                built = self._shared.basket(name) if name in self._shared.baskets else None
                full = built[0] if built else None if name in self._shared.baskets else self._shared.own(name)
                series = None if full is None else full.level if what == "level" else full.close
                if series is not None:
                    found[name] = series
            self._shared.frames[key] = frame_of(found)
        frame = self._shared.frames[key]
        kept = frame.iloc[: rows_until(frame.index, self._last_day)]
        return kept if len(kept) == len(frame) else kept.dropna(axis="columns", how="all")

    def _single(self, name: str) -> SeriesView:
        basket = self._shared.baskets.get(name)
        if basket is not None:
            built = self._shared.basket(name)
            if built is None:
                raise MissingSeries(name, "no member of the basket has stored prices")
            members = self._stale_members(built[1])
            unit, kind, period = "", "basket", 1
            return self._view(name, built[0], kind, unit, period, self._expected_of_basket(basket), members)
        instrument = self._shared.instrument(name)
        full = self._shared.own(name)
        if full is None:
            raise MissingSeries(name, self._shared.reason(name))
        expected = self._expected(instrument)
        return self._view(name, full, instrument.kind, instrument.unit, instrument.period_days, expected, ())

    def _view(
        self,
        name: str,
        full: FullSeries,
        kind: str,
        unit: str,
        period_days: int,
        expected: dt.date,
        stale_members: tuple[str, ...],
    ) -> SeriesView:
        level = full.level.iloc[: rows_until(full.level.index, self._last_day)]
        if level.empty:
            raise MissingSeries(name, f"its first value is of {full.level.index[0].date()}, after {self._last_day}")
        close = None if full.close is None else full.close.iloc[: rows_until(full.close.index, self._last_day)]
        return SeriesView(
            name=name,
            level=level,
            close=None if close is None or close.empty else close,
            basis=full.basis,
            kind=kind,
            currency=full.currency,
            unit=unit,
            period_days=period_days,
            first=level.index[0].date(),
            last=level.index[-1].date(),
            expected=expected,
            source=full.source,
            notes=true_by(full.notes, self._last_day),
            early=tuple((day, text) for day, text in full.early if day <= self._last_day),
            stale_members=stale_members,
            observed=None if full.observed is None else full.observed[: len(level)],
        )

    def _expected(self, instrument: Instrument) -> dt.date:
        if instrument.kind != "macro":
            due = self._shared.sessions.last_session(instrument.exchange, self._last_day)
            return due - dt.timedelta(days=instrument.period_days - 1)
        slack = (_MACRO_SLACK if instrument.lag_days else _MACRO_SLACK_UNSAID)[instrument.frequency]
        return self._last_day - dt.timedelta(days=instrument.period_days + slack)

    def _expected_of_basket(self, basket: Basket) -> dt.date:
        exchanges = {self._shared.instrument(ticker).exchange for ticker, _ in basket.members} or {"XNYS"}
        return min(self._shared.sessions.last_session(exchange, self._last_day) for exchange in exchanges)

    def _stale_members(self, weights: pd.DataFrame) -> tuple[str, ...]:
        held = weights.iloc[: rows_until(weights.index, self._last_day)]
        if held.empty:
            return ()
        newest = held.iloc[-1]
        stale = []
        for ticker in newest.index[newest.to_numpy() > 0]:
            try:
                if self._single(str(ticker)).is_stale:
                    stale.append(str(ticker))
            except MissingSeries:
                continue
        return tuple(stale)

    def _chain(self, name: str, links: list[str]) -> SeriesView:
        views: list[SeriesView] = []
        reasons: list[str] = []
        for link in links:
            try:
                views.append(self._single(link))
            except MissingSeries as missing:
                reasons.append(f"{link}: {missing.reason}")
        if not views:
            raise MissingSeries(name, "; ".join(reasons))
        head = views[0]
        level, borrowed, notes = head.level, None, list(head.notes)
        if head.name != links[0]:
            borrowed = head.last + dt.timedelta(days=1)
            notes.append(f"all of it is {head.name}, as {'; '.join(reasons)}")
        for older in views[1:]:
            joined, own_from = continued_backwards(level, older.level, keep_scale=head.basis != "total")
            if own_from is None:
                continue
            level, borrowed = joined, borrowed or own_from
            kind = ", price return only" if older.basis == "price" and head.basis == "total" else ""
            notes += [f"before {own_from}: {older.name}{kind}", *older.notes]
        return SeriesView(
            **{
                **vars(head),
                "name": name,
                "level": level,
                "first": level.index[0].date(),
                "notes": tuple(dict.fromkeys(notes)),
                "borrowed_until": borrowed,
            }
        )


def _links(name: str) -> list[str]:
    return [link.strip() for link in name.split("|")]


def _basket(basket: Basket, tickers: list[str], found: Mapping[str, FullSeries]) -> tuple[FullSeries, pd.DataFrame]:
    levels = frame_of({ticker: series.level for ticker, series in found.items()})
    asked = {t: float(w) for t, w in basket.members if w is not None and t in found}
    fixed = asked if basket.weights == "fixed" and asked else None
    dated = [(day, {t: w for t, w in shares if t in found}) for day, shares in basket.dated]
    built = basket_level(
        levels,
        fixed,
        basket.rebalance,
        [(day, shares) for day, shares in dated if shares] if basket.weights == "dated" else (),
        min_members=_least_members(basket, found),
        base_date=basket.base,
    )
    currencies = {series.currency for series in found.values()}
    begins = levels.index[0].date()
    notes: list[tuple[dt.date, str]] = []
    early: list[tuple[dt.date, str]] = []
    if absent := [t for t in dict.fromkeys(tickers) if t not in found]:
        notes.append((begins, f"without {', '.join(absent)}, which {_has(absent)} no stored prices"))
    if prices := [t for t, series in found.items() if series.basis == "price"]:
        notes.append((begins, f"price return only for {', '.join(prices)}"))
    if len(currencies) > 1:
        notes.append((begins, f"members are in {', '.join(sorted(currencies))}; each counts in its own currency"))
    if len(built.level):
        start = built.level.index[0]
        late = {t: s.level.index[0] for t, s in found.items() if s.level.index[0] > start}
        for ticker, first in sorted(late.items(), key=lambda item: (item[1], item[0])):
            early.append((first.date(), f"{ticker} has prices from {first.date()} only"))
    sources = ", ".join(sorted({series.source for series in found.values()}))
    currency = currencies.pop() if len(currencies) == 1 else ""
    return FullSeries(built.level, None, "total", currency, sources, tuple(notes), tuple(early)), built.weights


def _least_members(basket: Basket, found: Mapping[str, FullSeries]) -> int:
    """Return how many members a basket needs to begin: all, if one that is listed later could never join."""
    if basket.rebalance != "never" or basket.weights == "dated" or basket.base is not None:
        return 1
    return sum(1 for ticker, weight in basket.members if ticker in found and weight != 0) or 1


def _has(names: list[str]) -> str:
    return "has" if len(names) == 1 else "have"

"""Refresh: ask each provider for what is missing, and keep what agrees with history.

A provider returns bars and never decides what to keep; this module decides, by series and basis, and writes in batches,
so that an interrupted run keeps its work. One failing ticker fails alone.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from generator.market.join import Suspect, joined, with_older
from generator.market.providers import (
    Bars,
    NothingNew,
    Provider,
    ProviderFault,
    RateLimited,
    UnknownSymbol,
    day_number,
    number_day,
)
from generator.market.records import PAYS_NOTHING, Basis, Instrument
from generator.market.sessions import Sessions
from generator.market.store import Feed, Store

OVERLAP = 10
GIVE_UP = 3
"""After so many faults in a row, without an answer between, a provider is left alone for the rest of the run."""
_BATCH = 25

Result = Literal["added", "up to date", "unknown symbol", "stale", "suspect", "failed"]


@dataclass(frozen=True)
class Outcome:
    """How the refresh of one series ended.

    Attributes:
        name: Its ticker.
        result: In a word. `stale`: the sources have it, but not up to the last finished session.
        added: How many days are new.
        detail: Why, where a word is not enough.
        last: The newest day stored, if any.
    """

    name: str
    result: Result
    added: int = 0
    detail: str = ""
    last: dt.date | None = None


@dataclass(frozen=True)
class RefreshReport:
    """How a refresh ended, a series at a time, in the order asked for."""

    outcomes: tuple[Outcome, ...]

    @property
    def added(self) -> int:
        """How many days are new over all series."""
        return sum(outcome.added for outcome in self.outcomes)

    def of(self, *results: Result) -> tuple[Outcome, ...]:
        """Return the outcomes that ended in one of some words."""
        return tuple(outcome for outcome in self.outcomes if outcome.result in results)

    @property
    def summary(self) -> str:
        """One line: how many series ended how.

        >>> RefreshReport((Outcome("SPY", "added", 2), Outcome("XLE", "up to date"))).summary
        '2 new bars; 1 added, 1 up to date'
        """
        counts = Counter(outcome.result for outcome in self.outcomes)
        return f"{self.added} new bars; " + ", ".join(f"{n} {result}" for result, n in counts.items())


Progress = Callable[[Outcome, int, int], None]


def refresh(
    store: Store,
    instruments: Mapping[str, Instrument] | Iterable[Instrument],
    providers: Sequence[Provider],
    *,
    end: dt.date,
    now: dt.datetime,
    only_missing: bool = False,
    progress: Progress | None = None,
) -> RefreshReport:
    """Return how the refresh of each series ended, after storing what is new.

    Args:
        store: Where bars are kept.
        instruments: What to refresh.
        providers: Whom to ask, in order.
        end: No bar after this day is stored.
        now: The moment, with a zone; a session that has not closed by then brings no bar.
        only_missing: Ask only for series of which nothing is stored.
        progress: Called after each series with its outcome, how many are done and how many there are.
    """
    wanted = list(instruments.values() if isinstance(instruments, Mapping) else instruments)
    feeds = store.feeds([i.ticker for i in wanted])
    if only_missing:
        wanted = [i for i in wanted if i.ticker not in feeds]
    run = _Run(store, providers, Sessions(store), end, now)
    outcomes: list[Outcome] = []
    try:
        for number, instrument in enumerate(wanted, 1):
            outcome = run.one(instrument, feeds.get(instrument.ticker, {}))
            outcomes.append(outcome)
            if number % _BATCH == 0:
                run.flush()
            if progress is not None:
                progress(outcome, number, len(wanted))
    finally:
        run.flush()
    report = RefreshReport(tuple(outcomes))
    store.log_run(now, now, report.summary)
    return report


@dataclass
class _Run:
    """One refresh under way."""

    store: Store
    providers: Sequence[Provider]
    sessions: Sessions
    end: dt.date
    now: dt.datetime
    refusing: dict[int, str] = field(default_factory=dict)
    failing: Counter[int] = field(default_factory=Counter)
    pending: list[Callable[[], object]] = field(default_factory=list)

    def flush(self) -> None:
        """Write what has been gathered, all of it or nothing."""
        pending, self.pending = self.pending, []
        if pending:
            with self.store.writing():
                for write in pending:
                    write()

    def one(self, instrument: Instrument, feeds: Mapping[Basis, Feed]) -> Outcome:
        """Refresh one series and return how it ended."""
        series = _Series(self, instrument, dict(feeds))
        for provider in self._asked(instrument):
            if series.is_complete:
                break
            series.ask(provider)
        outcome = series.outcome()
        self.pending.append(lambda: self.store.set_status(outcome.name, outcome.result, outcome.detail, self.now))
        return outcome

    def _asked(self, instrument: Instrument) -> list[Provider]:
        named = instrument.providers
        able = [p for p in self.providers if not named or p.name in named]
        able.sort(key=lambda p: named.index(p.name) if named else 0)
        if instrument.kind != "macro":
            return [p for p in able if p.basis != "value"]
        # A rate that Yahoo quotes is macro as well, for those who say so.
        return [p for p in able if p.basis == "value" or p.name in (*named, *instrument.symbols)]

    def due(self, instrument: Instrument) -> dt.date:
        """Return the last session of which there can be a bar."""
        if instrument.kind == "macro":
            return self.end
        finished = self.sessions.last_finished_session(instrument.exchange, self.now)
        return self.sessions.last_session(instrument.exchange, min(self.end, finished))


class _Series:
    """One series under way: what is stored of it, what was added, and what went wrong."""

    def __init__(self, run: _Run, instrument: Instrument, feeds: dict[Basis, Feed]) -> None:
        self.run, self.instrument, self.feeds = run, instrument, feeds
        self.due = run.due(instrument)
        self.held: dict[Basis, Bars] = {}
        self.added = 0
        self.unknown: list[str] = []
        self.faults: list[str] = []
        self.suspects: list[str] = []
        self.asked = False

    @property
    def is_complete(self) -> bool:
        """Closes with dividends are stored up to the last session, so that no other source has to be asked."""
        feed = self.feeds.get("split_adjusted")
        return feed is not None and feed.dividends_known and feed.last >= self.due

    def ask(self, provider: Provider) -> None:
        """Ask one provider and keep what agrees."""
        basis: Basis = "value" if self.instrument.kind == "macro" else provider.basis
        feed = self.feeds.get(basis)
        if feed is not None and feed.last >= self.due and (basis != "split_adjusted" or feed.dividends_known):
            return
        self.asked = True
        start = None if feed is None else self._start(feed)
        bars = self._fetched(provider, start)
        if bars is None or self._loses_dividends(feed, bars):
            return
        try:
            merged = None
            if start is None or not self._learns_dividends(feed, bars):
                merged = self._joined(basis, bars, whole=start is None)
            if merged is None:
                bars = self._fetched(provider, None)
                if bars is None:
                    return
                merged = self._joined(basis, bars, whole=True)
            self._refuse_other_currency(feed, bars)
        except Suspect as suspect:
            self.suspects.append(f"{provider.label}: {suspect}")
            return
        if merged is not None:
            self._keep(provider, basis, feed, bars, merged)

    def _joined(self, basis: Basis, bars: Bars, *, whole: bool) -> Bars | None:
        pays = self.instrument.kind not in PAYS_NOTHING
        return joined(self._held(basis), bars, whole=whole, keeps_level=basis == "adjusted" and pays)

    @staticmethod
    def _loses_dividends(feed: Feed | None, bars: Bars) -> bool:
        return feed is not None and feed.dividends_known and bars.basis == "split_adjusted" and bars.dividends is None

    @staticmethod
    def _learns_dividends(feed: Feed | None, bars: Bars) -> bool:
        # Then those of all earlier bars are wanted as well.
        return feed is not None and not feed.dividends_known and bars.dividends is not None

    def _start(self, feed: Feed) -> dt.date:
        if self.instrument.kind == "macro":
            return feed.last - dt.timedelta(days=OVERLAP * self.instrument.period_days)
        before = feed.last - dt.timedelta(days=OVERLAP * 3)
        recent = self.run.sessions.day_numbers(self.instrument.exchange, before, feed.last)
        return number_day(recent[-OVERLAP]) if len(recent) >= OVERLAP else before

    def _held(self, basis: Basis) -> Bars | None:
        if basis not in self.held and basis in self.feeds:
            stored = self.run.store.bars(self.instrument.ticker, basis)
            if stored is not None:
                self.held[basis] = stored
        return self.held.get(basis)

    def _fetched(self, provider: Provider, start: dt.date | None) -> Bars | None:
        key = id(provider)
        if key in self.run.refusing:
            self.faults.append(self.run.refusing[key])
            return None
        try:
            bars = provider.fetch(self.instrument, start, self.due)
        except UnknownSymbol as error:
            self.run.failing[key] = 0
            self.unknown.append(str(error))
        except NothingNew:
            pass
        except RateLimited as error:
            # Asking on for the other series would make it worse.
            self.run.refusing[key] = str(error)
            self.faults.append(str(error))
        except ProviderFault as error:
            self.faults.append(str(error))
            self.run.failing[key] += 1
            if self.run.failing[key] >= GIVE_UP:
                # A source that fails for one series after another is not there; asking on would only cost time.
                self.run.refusing[key] = f"not asked, {provider.label} failed {GIVE_UP} times in a row: {error}"
        else:
            self.run.failing[key] = 0
            kept = bars.between(None, day_number(self.due))
            return replace(kept, basis="value") if self.instrument.kind == "macro" else kept
        return None

    def _refuse_other_currency(self, feed: Feed | None, bars: Bars) -> None:
        if feed is not None and bars.currency is not None and bars.currency != feed.currency:
            raise Suspect(f"the currency changed from {feed.currency} to {bars.currency}; nothing was stored")

    def _keep(self, provider: Provider, basis: Basis, feed: Feed | None, bars: Bars, merged: Bars) -> None:
        held = self._held(basis)
        known = bars.dividends is not None and (
            feed is None or feed.dividends_known or (held is not None and bars.days[0] <= held.days[0])
        )
        currency = bars.currency or (feed.currency if feed else self.instrument.currency)
        stored = set(held.days) if held else set()
        self.added += sum(1 for day in merged.days if day not in stored)
        name, store, now = self.instrument.ticker, self.run.store, self.run.now
        days = sorted(stored | set(merged.days))
        if days:
            self.feeds[basis] = Feed(
                name, basis, provider.label, currency, known, number_day(days[0]), number_day(days[-1]), now.isoformat()
            )
        # Not yet written, and another provider may serve the same basis.
        self.held[basis] = merged if held is None else with_older(held, merged)
        self.run.pending.append(
            lambda: store.merge(
                name, merged, source=provider.label, fetched=now, currency=currency, dividends_known=known
            )
        )

    def outcome(self) -> Outcome:
        """Return how it ended."""
        name = self.instrument.ticker
        last = max((feed.last for feed in self.feeds.values()), default=None)
        if self.suspects:
            return Outcome(name, "suspect", self.added, "; ".join(self.suspects), last)
        behind = last is None or (last < self.due and self.instrument.kind != "macro")
        if not behind:
            return Outcome(name, "added" if self.added else "up to date", self.added, "; ".join(self.faults), last)
        if self.faults:
            return Outcome(name, "failed", self.added, "; ".join(dict.fromkeys(self.faults)), last)
        if last is None and self.unknown:
            return Outcome(name, "unknown symbol", 0, "; ".join(self.unknown), last)
        if last is None:
            why = f"no source has a bar up to {self.due}" if self.asked else "no provider serves it"
            return Outcome(name, "failed", 0, why, last)
        return Outcome(name, "stale", self.added, f"the newest bar is of {last}, expected {self.due}", last)

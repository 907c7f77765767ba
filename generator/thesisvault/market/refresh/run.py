"""One refresh under way: which sources a series is asked of, and when what was gathered is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from thesisvault.market.records import Basis, Instrument
from thesisvault.market.refresh.outcome import Outcome
from thesisvault.market.refresh.pace import Pace
from thesisvault.market.refresh.plan import planned
from thesisvault.market.refresh.series_run import SeriesRun
from thesisvault.market.refresh.strikes import Lost, Strikes
from thesisvault.market.sessions import Sessions
from thesisvault.market.sources.provider import Provider
from thesisvault.market.store.decisions import Decision
from thesisvault.market.store.entries import Feed, Status
from thesisvault.market.store.ledger import Quarantined, Rejected
from thesisvault.market.store.store import Store


@dataclass
class Run:
    """One refresh under way."""

    store: Store
    providers: Sequence[Provider]
    sessions: Sessions
    end: dt.date
    now: dt.datetime
    pace: Pace
    rejected: Mapping[tuple[str, Basis], Rejected]
    quarantined: Mapping[tuple[str, Basis, str], Quarantined]
    insist: bool = False
    pending: list[tuple[str, list[Callable[[], object]]]] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    strikes: Strikes = field(default_factory=Strikes)
    again: list[Instrument] = field(default_factory=list)
    unlisted: Mapping[tuple[str, str], Mapping[int, int]] = field(init=False)
    decisions: Mapping[str, Sequence[Decision]] = field(init=False)

    def __post_init__(self) -> None:
        self.unlisted, self.decisions = self.store.ledger.unlisted(), self.store.decisions.made()

    def flush(self) -> None:
        """Write what has been gathered, each series whole or not at all; one that fails takes no other with it."""
        pending, self.pending = self.pending, []
        if pending:
            with self.store.writing():
                for name, writes in pending:
                    try:
                        with self.store.attempt():
                            for write in writes:
                                write()
                    except ValueError as problem:
                        self.failed[name] = f"nothing of it was stored: {problem}"

    def one(self, instrument: Instrument, feeds: Mapping[Basis, Feed], status: Status | None) -> Outcome:
        """Refresh one series and return how it ended."""
        plan = planned(instrument, feeds, status, self.sessions, end=self.end, now=self.now)
        series = SeriesRun(self, instrument, dict(feeds), status, plan.due)
        providers = self._asked(instrument)
        waits = plan.waits and not self.insist and any(p.remote for p in providers)
        self.pending.append((instrument.ticker, series.writes))  # also if Ctrl-C ends it half-way
        for provider in providers:
            # A folder that somebody names is read whole, whatever is stored.
            wanted = not series.is_complete or series.is_doubted(provider.basis) or self._rereads(provider)
            if not wanted or (waits and provider.remote):
                continue
            series.ask(provider)
        outcome, ended = series.outcome(waits=waits)
        if outcome.result == "failed" and series.may_pass:
            self.again.append(instrument)
        if ended is not None:
            series.writes.append(partial(self.store.set_status, ended))
            if series.lost:
                before, has_bars = status or Status(instrument.ticker), outcome.last is not None
                self.strikes.lost[instrument.ticker] = Lost(instrument, before, ended, series.lost, has_bars=has_bars)
        return outcome

    def _rereads(self, provider: Provider) -> bool:
        return self.insist and not provider.remote

    def _asked(self, instrument: Instrument) -> list[Provider]:
        named = instrument.providers
        able = [p for p in self.providers if not named or p.name in named]
        able.sort(key=lambda p: named.index(p.name) if named else 0)
        if instrument.kind != "macro":
            return [p for p in able if p.basis != "value"]
        # A rate that Yahoo quotes is macro as well, for those who say so.
        return [p for p in able if p.basis == "value" or p.name in (*named, *instrument.symbols)]

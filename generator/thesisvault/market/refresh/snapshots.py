"""Fetches fundamentals: a dated snapshot of each instrument that asks for one, once a week.

A source shows fundamentals as they are now and knows no history, so each snapshot is kept with the day it is of, and
none is ever changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Literal, cast

from msgspec import Struct

from thesisvault.market.bars import day_number
from thesisvault.market.records import Instrument
from thesisvault.market.refresh.pace import NotAsked, Pace
from thesisvault.market.refresh.step import Progress, Steps
from thesisvault.market.sessions import Sessions
from thesisvault.market.sources.provider import (
    NothingNew,
    Provider,
    ProviderError,
    RateLimited,
    SnapshotProvider,
    UnknownSymbol,
)
from thesisvault.market.store.store import Store

WEEK = dt.timedelta(days=7)
# What is found now is put down for the last session of a run, over a long weekend at most; for an earlier last day the
# source would have shown something else.
_LONGEST_WEEKEND = dt.timedelta(days=4)

SnapshotResult = Literal["added", "up to date", "failed", "rate limited", "not asked"]


class SnapshotOutcome(Struct, frozen=True):
    """How it ended for one instrument.

    Attributes:
        name: Its ticker.
        result: In a word.
        day: The day of its newest snapshot, or of the newest answer without one.
        detail: Why, where a word is not enough.
    """

    name: str
    result: SnapshotResult
    day: dt.date | None = None
    detail: str = ""


def snapshots_due(
    store: Store,
    instruments: Iterable[Instrument],
    providers: Sequence[Provider],
    *,
    end: dt.date,
    now: dt.datetime,
    every: dt.timedelta = WEEK,
) -> list[Instrument]:
    """Return the instruments whose fundamentals a run would ask for; see `refresh_snapshots`."""
    wanted = list(instruments)
    asked = store.ledger.snapshots_asked([each.ticker for each in wanted])
    sessions = Sessions(store)
    days = ((each, asked.get(each.ticker)) for each in wanted if _first(each, providers) is not None)
    return [each for each, newest in days if _day(sessions, each, newest, end, now, every) is not None]


def refresh_snapshots(
    store: Store,
    instruments: Iterable[Instrument],
    providers: Sequence[Provider],
    *,
    end: dt.date,
    now: dt.datetime,
    pace: Pace,
    every: dt.timedelta = WEEK,
    progress: Progress | None = None,
) -> tuple[SnapshotOutcome, ...]:
    """Return how it ended for each instrument, after storing the fundamentals that are new.

    Only the first provider of an instrument that knows fundamentals is asked, and only where the newest snapshot is
    missing or so old. A last day well before `now` asks for nothing, because what is found now is not of that day.

    Args:
        store: Where snapshots are kept.
        instruments: Whose fundamentals are wanted.
        providers: Whom to ask, in order.
        end: The last day of the run.
        now: The moment, with a zone.
        pace: The patience of the run.
        every: How old the newest snapshot must be to ask for another.
        progress: Is told where the refresh stands.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed; all that had been fetched is stored.
    """
    wanted = list(instruments)
    asked = store.ledger.snapshots_asked([each.ticker for each in wanted])
    sessions = Sessions(store)
    steps = Steps(progress or (lambda _step: None), pace.clock, lambda: pace.left, len(wanted))
    pace.waits = steps.wait

    def one(instrument: Instrument) -> SnapshotOutcome:
        newest = asked.get(instrument.ticker)
        day = _day(sessions, instrument, newest, end, now, every)
        if day is None:
            return SnapshotOutcome(instrument.ticker, "up to date" if newest else "not asked", newest)
        provider = _first(instrument, providers)
        if provider is None:
            return SnapshotOutcome(instrument.ticker, "not asked", newest, "no provider knows fundamentals")
        return _ask(store, instrument, provider, day, newest, now, pace)

    outcomes = []
    with pace.interrupts:
        for instrument in wanted:
            steps.begin(instrument.ticker)
            outcomes.append(one(instrument))
            steps.end()
            pace.interrupts.check()
    return tuple(outcomes)


def _day(
    sessions: Sessions,
    instrument: Instrument,
    newest: dt.date | None,
    end: dt.date,
    now: dt.datetime,
    every: dt.timedelta,
) -> dt.date | None:
    """Return the day that fundamentals found now are put down for, None where none are due."""
    finished = sessions.last_finished_session(instrument.exchange, now)
    day = min(finished, end)
    is_due = finished - end <= _LONGEST_WEEKEND and (newest is None or day - newest >= every)
    return day if is_due else None


def _first(instrument: Instrument, providers: Sequence[Provider]) -> SnapshotProvider | None:
    named = instrument.providers
    able = [p for p in providers if hasattr(p, "snapshot") and (not named or p.name in named)]
    able.sort(key=lambda p: named.index(p.name) if named else 0)
    return cast(SnapshotProvider, able[0]) if able else None


def _ask(
    store: Store,
    instrument: Instrument,
    provider: SnapshotProvider,
    day: dt.date,
    newest: dt.date | None,
    now: dt.datetime,
    pace: Pace,
) -> SnapshotOutcome:
    name = instrument.ticker
    try:
        # Prices that arrive say nothing of fundamentals.
        found = pace.ask(provider, partial(provider.snapshot, instrument), is_sample=False)
    except RateLimited as problem:
        return SnapshotOutcome(name, "rate limited", newest, str(problem))
    except NotAsked as problem:
        return SnapshotOutcome(name, "not asked", newest, str(problem))
    except (UnknownSymbol, NothingNew) as problem:
        store.ledger.no_snapshot(name, day_number(day), provider.label, now)
        return SnapshotOutcome(name, "failed", newest, str(problem))
    except ProviderError as problem:
        return SnapshotOutcome(name, "failed", newest, str(problem))
    if not found.values:
        store.ledger.no_snapshot(name, day_number(day), provider.label, now)
        return SnapshotOutcome(name, "failed", newest, f"{provider.label} has no fundamentals of {name}")
    store.ledger.keep_snapshot(name, day_number(day), found, provider.label, now)
    return SnapshotOutcome(name, "added", day)

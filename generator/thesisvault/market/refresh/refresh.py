"""Refresh: ask each provider for what is missing, judge what comes back, and keep what agrees with history.

A provider returns bars and never decides what to keep; `judge` decides, by series and basis, and this module writes in
batches in which each series is whole, so that an interrupted run keeps its work and the next one goes on where it
stopped. What has waited longest is asked for first, and what failed once more at the end. One failing ticker fails
alone.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable, Mapping, Sequence

from thesisvault.market.records import Instrument
from thesisvault.market.refresh.outcome import Outcome, RefreshReport
from thesisvault.market.refresh.pace import Pace
from thesisvault.market.refresh.plan import in_turn
from thesisvault.market.refresh.run import Run
from thesisvault.market.refresh.step import Progress, Steps
from thesisvault.market.sessions import Sessions
from thesisvault.market.sources.provider import Provider
from thesisvault.market.store.store import Store
from thesisvault.structs import replace

_BATCH = 25


def refresh(
    store: Store,
    instruments: Mapping[str, Instrument] | Iterable[Instrument],
    providers: Sequence[Provider],
    *,
    end: dt.date,
    now: dt.datetime,
    only_missing: bool = False,
    insist: bool = False,
    pace: Pace | None = None,
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
        insist: Ask sources again that answered a short while ago without the bar that is due.
        pace: The patience of the run.
        progress: Is told where the refresh stands: before each series and after it, and of each wait.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed; all that had been fetched is stored.
    """
    wanted = list(instruments.values() if isinstance(instruments, Mapping) else instruments)
    names = [i.ticker for i in wanted]
    feeds, statuses = store.feeds(names), store.statuses(names)
    if only_missing:
        wanted = [i for i in wanted if i.ticker not in feeds]
    quarantined = {(each.name, each.bars.basis, each.source): each for each in store.ledger.quarantined(names)}
    pace = pace or Pace()
    run = Run(store, providers, Sessions(store), end, now, pace, store.ledger.rejected(names), quarantined, insist)
    began = time.monotonic()
    ended: dict[str, Outcome] = {}
    steps = Steps(progress or (lambda _step: None), pace.clock, lambda: pace.left, len(wanted))
    pace.waits = steps.wait

    def ask(instruments: Iterable[Instrument]) -> None:
        for instrument in instruments:
            name = instrument.ticker
            steps.begin(name)
            outcome = run.one(instrument, feeds.get(name, {}), statuses.get(name))
            ended[name] = _together(ended[name], outcome) if name in ended else outcome
            if len(run.pending) >= _BATCH:
                run.flush()
            steps.end()
            pace.interrupts.check()

    with pace.interrupts:
        try:
            ask(in_turn(wanted, feeds, statuses))
            run.flush()
            # What failed may have been a moment's trouble. It is asked for once more, as it is stored by now.
            failed, run.again = run.again, []
            feeds = store.feeds([instrument.ticker for instrument in failed])
            # The first attempt counts: where time runs out before the second, it is known all the same.
            statuses = store.statuses([instrument.ticker for instrument in failed])
            steps.total += len(failed)
            ask(failed)
        finally:
            run.flush()
    outcomes = [ended[instrument.ticker] for instrument in wanted]
    with store.writing():
        for status in run.strikes.counted(run.sessions, now):
            store.set_status(status)
    doubted = run.strikes.out_of_order()
    for place, outcome in enumerate(outcomes):
        if outcome.name in run.failed:
            outcomes[place] = replace(outcome, result="failed", added=0, detail=run.failed[outcome.name])
        elif outcome.name in doubted:
            outcomes[place] = replace(outcome, result="failed", detail=doubted[outcome.name])
    report = RefreshReport(tuple(outcomes))
    store.log_run(now, now + dt.timedelta(seconds=time.monotonic() - began), report.summary)
    return report


def _together(first: Outcome, second: Outcome) -> Outcome:
    """Return how two attempts ended together."""
    if second.result == "not asked":
        return first
    return replace(
        second,
        added=first.added + second.added,
        corrected=(*first.corrected, *second.corrected),
        refused=tuple(dict.fromkeys((*first.refused, *second.refused))),
        remarks=tuple(dict.fromkeys((*first.remarks, *second.remarks))),
    )

"""Refreshing: the missing prices of a workspace, fetched and stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from thesisvault.runs.report import Progress, Report, silent
from thesisvault.runs.steps.clock import doubts
from thesisvault.runs.steps.fetching import fetch
from thesisvault.runs.steps.needing import need_prices
from thesisvault.session import Session


def refresh_prices(
    session: Session,
    *,
    as_of: dt.date | None = None,
    tickers: Sequence[str] = (),
    csv: Path | None = None,
    offline: bool = False,
    progress: Progress = silent,
) -> Report:
    """Fetch missing prices of all series that definitions use, or of the tickers named.

    Args:
        session: The run.
        as_of: No bar after this day is stored.
        tickers: Series to refresh; by default all.
        csv: A folder of price files to read in place of the providers in the settings.
        offline: Ask no provider that touches a network.
        progress: Is told what is going on.

    Raises:
        DefinitionError: A definition is wrong; nothing was fetched.
        UsageError: A ticker is not known, or there is no such folder; nothing was fetched.
        NoDataError: No provider gave anything, and nothing is stored.
        LockedError: Another run holds the workspace.
    """
    with session.locked("refresh"):
        report = Report("refresh")
        session.sound_library(as_of)
        with session.store(create=True) as store:
            report.add(*doubts(session, store, as_of), stage="prices")
            end = session.now.date() if csv and not as_of else session.last_day(store, as_of)
            fetched = fetch(session, store, end, progress, tickers=tickers, csv=csv, offline=offline)
            need_prices(session, store, fetched)
            report.as_of = min(end, session.last_day(store, as_of))
        report.add(*fetched.findings, stage="prices")
        if fetched.nothing_new:
            report.nothing_new = True
            report.add(fetched.nothing_new, stage="prices")
        if not tickers:
            report.whole.add("prices")
        report.figures |= fetched.figures
    return report

"""Refresh, build and check in one: what a scheduler calls."""

from __future__ import annotations

import datetime as dt

from thesisvault.blocks.core.context import Context
from thesisvault.definitions.library import Library
from thesisvault.runs.behind import left_behind
from thesisvault.runs.build import SAID_BETTER, build_vault
from thesisvault.runs.check import check_vault
from thesisvault.runs.events import carried, events_between, standing_of
from thesisvault.runs.executors.choice import INLINE
from thesisvault.runs.log import log_cut
from thesisvault.runs.refresh import refresh_prices
from thesisvault.runs.report import Progress, Report, silent
from thesisvault.runs.result import Event, Standing, begin, recall
from thesisvault.runs.steps.needing import has_local
from thesisvault.session import Session


def run_workspace(
    session: Session,
    *,
    as_of: dt.date | None,
    offline: bool,
    progress: Progress = silent,
    command: str = "run",
    executor: str = INLINE,
    is_run: bool = False,
) -> Report:
    """Refresh prices, build the vault and check it, under one lock and on one store.

    Args:
        session: The run.
        as_of: The last day of data; by default that of the settings, or the last finished session.
        offline: Fetch nothing from a network.
        progress: Is told what is going on.
        command: What the report calls the run.
        executor: Who makes the notes: see `executors.choice`.
        is_run: Whether its end is remembered and told in the home note; one that is cut off is known by the lack of it.

    Raises:
        ThesisvaultError: As refreshing and building do.
    """
    with session.locked(command):
        if is_run and (cut := begin(session.workspace, session.now)):
            log_cut(session.workspace.cache, cut)
        before, seen = recall(session.workspace).standing, list[Standing]()
        events: list[Event] = []

        def look(library: Library, base: Context, changed: bool) -> None:
            # Where no note was made anew, everything stands as it stood.
            if changed or not before:
                now = standing_of(library, base)
                titles = {key: record.title for key, record in library.definitions.items()}
                events.extend(events_between(before, now, titles))
                seen.append(carried(before, now))

        fetching = not offline or has_local(session.settings)
        with session.store(create=fetching):
            fetched = Report("refresh")
            if fetching:
                fetched = refresh_prices(session, as_of=as_of, offline=offline, progress=progress)
            report = build_vault(
                session,
                as_of=as_of,
                offline=True,
                progress=progress,
                command=command,
                executor=executor,
                look=look,
                is_run=is_run,
            )
        report.events, report.standing = tuple(events), seen[0] if seen else None
        # The build fetches, too, what the refresh did not get; the figures are those of the refresh.
        report.figures = {**fetched.figures, **report.figures, **fetched.figures}
        report.add(*(each for each in fetched.findings if each.code not in SAID_BETTER), stage="prices")
        report.add(*check_vault(session), stage="check")
        late = left_behind(session, report)
        report.behind = bool(late)
        report.add(*late, stage="check")
        report.nothing_new = fetched.nothing_new
        report.whole |= {*fetched.whole, "check"}
    return report

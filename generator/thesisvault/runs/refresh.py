"""Fetching prices for a workspace: what its definitions use, from the providers of its settings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from thesisvault.definitions.models.settings import Settings
from thesisvault.errors import Finding, NoDataError, Place, UsageError, did_you_mean
from thesisvault.market.reading.currency import rates_needed
from thesisvault.market.refresh.outcome import Outcome
from thesisvault.market.refresh.pace import Pace
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.refresh.snapshots import SnapshotOutcome, refresh_snapshots
from thesisvault.market.sources.csv_folder import folder_providers
from thesisvault.market.sources.providers import make_providers
from thesisvault.market.store.store import Store
from thesisvault.runs.opening import (
    Opened,
    last_day,
    limits_of,
    open_store,
    open_workspace,
    provider_settings,
)
from thesisvault.runs.report import Progress, Report, silent
from thesisvault.runs.steps.usage import fundamentals_used, universes_used, usages
from thesisvault.runs.underway import foreign_names, scan_vault
from thesisvault.vault.lock import held

_ALIKE = 5


def refresh_prices(
    root: Path,
    *,
    now: dt.datetime,
    as_of: dt.date | None = None,
    tickers: Sequence[str] = (),
    csv: Path | None = None,
    offline: bool = False,
    progress: Progress = silent,
) -> Report:
    """Fetch what is missing of all series that definitions use, or of the tickers named.

    Args:
        root: The workspace.
        now: The moment of the run, which decides the last finished session.
        as_of: No bar after this day is stored.
        tickers: Series to refresh; by default all.
        csv: A folder of price files to read in place of the providers in the settings.
        offline: Ask no provider that touches a network.
        progress: Is told what is going on.

    Raises:
        DefinitionError: A definition is wrong; nothing was fetched.
        NoDataError: No provider gave anything, and nothing is stored.
    """
    opened = open_workspace(root, foreign_names(scan_vault(root))).sound()
    with held(opened.workspace.cache, "refresh"):
        report = Report("refresh")
        store = open_store(opened.workspace, create=True)
        try:
            end = last_day(opened, store, as_of, now) if not csv or as_of else now.date()
            _fetch(opened, store, end, now, report, progress, tickers=tickers, csv=csv, offline=offline)
            need_something(opened, store, report)
        finally:
            store.discard()
    return report


def has_local(settings: Settings) -> bool:
    """Return whether a provider of the settings can be asked without a network."""
    return any(provider not in ("yahoo", "fred") for provider in settings.providers)


def fetch_unseen(
    opened: Opened, store: Store, day: dt.date, now: dt.datetime, report: Report, progress: Progress, *, offline: bool
) -> None:
    """Fetch series that definitions use and the store has never seen; with none at all, say so and stop."""
    stored = set(store.feeds())
    unseen = [ticker for ticker in tickers_of(opened) if ticker not in stored]
    if unseen and not (offline and not has_local(opened.settings)):
        _fetch(opened, store, day, now, report, progress, tickers=unseen, offline=offline)
    need_something(opened, store, report)


def need_something(opened: Opened, store: Store, report: Report) -> None:
    """Stop where definitions want prices and none are stored.

    Raises:
        NoDataError: That is so.
    """
    if opened.library.definitions and not store.feeds():
        why = report.findings[:2]
        raise NoDataError(
            [
                Finding(
                    "no prices are stored, and none could be fetched.",
                    Place(opened.workspace.shown(opened.workspace.store)),
                    "Check the network and the providers in thesisvault.yaml, or name a folder of price files: "
                    "thesisvault refresh --csv DIR",
                    code="no-data",
                ),
                *why,
            ]
        )


def not_before_data(opened: Opened, store: Store, day: dt.date) -> None:
    """Refuse a last day before the first stored value, which would empty every note."""
    first = min((feed.first for feeds in store.feeds().values() for feed in feeds.values()), default=None)
    if opened.library.definitions and first is not None and day < first:
        raise NoDataError(f"{day} lies before the first stored prices, which begin {first}.", hint="Name a later day.")


def tickers_of(opened: Opened) -> list[str]:
    """Return the tickers that definitions use, and the members of universes that they use."""
    library = opened.library
    instruments, baskets = library.records
    wanted: dict[str, None] = {library.current(opened.settings.benchmark): None}
    for kind, key in usages(library):
        if kind == "instrument":
            wanted[key] = None
        elif kind == "basket":
            wanted.update(dict.fromkeys(baskets[key].tickers))
    quarantined = [basket for basket in baskets.values() if not wanted.keys().isdisjoint(basket.tickers)]
    wanted.update((rate.ticker, None) for rate in rates_needed(instruments, quarantined))
    for name in universes_used(library):
        wanted.update(dict.fromkeys(library.universes[name]))
    return [ticker for ticker in wanted if ticker in instruments]


def _fetch(
    opened: Opened,
    store: Store,
    end: dt.date,
    now: dt.datetime,
    report: Report,
    progress: Progress,
    *,
    tickers: Sequence[str] = (),
    csv: Path | None = None,
    offline: bool = False,
) -> None:
    instruments, _ = opened.library.records
    for ticker in tickers:
        if ticker not in instruments:
            raise UsageError(f'"{ticker}" is not a known ticker. {did_you_mean(ticker, instruments)}'.rstrip())
    asked = [opened.library.current(ticker) for ticker in tickers] or tickers_of(opened)
    wanted = [instruments[ticker] for ticker in dict.fromkeys(asked)]
    if csv is not None and not csv.is_dir():
        raise UsageError(f"--csv: {csv} is no folder.")
    providers = (
        folder_providers(csv)
        if csv
        else make_providers(
            provider_settings(opened.settings),
            opened.workspace.root,
            opened.workspace.cache,
            timeout=opened.settings.refresh.timeout,
        )
    )
    providers = [p for p in providers if not (offline and p.remote)]
    pace = Pace(limits_of(opened.settings))
    found = refresh(
        store,
        wanted,
        providers,
        end=end,
        now=now,
        insist=bool(tickers),
        pace=pace,
        progress=lambda _outcome, done, total: progress("prices", done, total),
    )
    report.figures["series"] = len(found.outcomes)
    report.figures["new_bars"] = found.added
    ended: dict[str, list[str]] = {}
    for outcome in found.outcomes:
        ended.setdefault(outcome.result, []).append(outcome.name)
    report.figures["ended"] = ended
    for each in _findings(found.outcomes):
        report.add(each)
    if not csv:
        known = {each.ticker for each in wanted}
        shown = [instruments[name] for name in fundamentals_used(opened.library) if name in known]
        for each in _snapshot_findings(refresh_snapshots(store, shown, providers, end=end, now=now, pace=pace)):
            report.add(each)


def _findings(outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    """Yield what a report says of a refresh; series that ended alike for the same reason share a line."""
    alike: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        for reason in outcome.corrected:
            yield Finding(f"{outcome.name}: stored bars were corrected: {reason}.", level="remark", code="corrected")
        for what in outcome.refused:
            yield Finding(f"{outcome.name}: {what} was refused.", level="remark", code="refused-bars")
        if outcome.result not in ("added", "up to date"):
            alike.setdefault((outcome.result, outcome.detail), []).append(outcome)
    for (result, detail), group in alike.items():
        code, hint = result.replace(" ", "-"), ""
        if len(group) > _ALIKE:
            names = ", ".join(each.name for each in group[:_ALIKE])
            yield Finding(f"{names} and {len(group) - _ALIKE} more: {detail}.", level="warning", code=code)
            continue
        for each in group:
            problem = f"{each.name}: {detail or result}"
            if each.last and result != "stale":
                problem += f"; the newest stored day is {each.last}"
            if result == "quarantined":
                problem += ". The new bars wait in quarantine"
                hint = f"Look at them: thesisvault prices {each.name}; take or drop them with --accept or --reject."
            yield Finding(f"{problem}.", hint=hint, level="warning", code=code)


def _snapshot_findings(outcomes: Sequence[SnapshotOutcome]) -> Iterator[Finding]:
    """Yield what a report says of fundamentals that did not come; those for the same reason share a line."""
    alike: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.detail:
            alike.setdefault(outcome.detail, []).append(outcome.name)
    for detail, group in alike.items():
        more = f" and {len(group) - _ALIKE} more" if len(group) > _ALIKE else ""
        problem = f"{', '.join(group[:_ALIKE])}{more}: no new fundamentals: {detail}."
        yield Finding(problem, level="remark", code="no-fundamentals")

"""Fetching prices: the series that definitions use, from the providers of the settings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from thesisvault.definitions.library import Library
from thesisvault.definitions.models.settings import CsvProvider
from thesisvault.errors import Finding, UsageError, did_you_mean
from thesisvault.market.records import Instrument
from thesisvault.market.refresh.pace import Limits, Pace
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.refresh.snapshots import refresh_snapshots, snapshots_due
from thesisvault.market.sources.csv_folder import CsvFolder, folder_providers
from thesisvault.market.sources.files.columns import Role
from thesisvault.market.sources.files.form import Form
from thesisvault.market.sources.provider import Provider
from thesisvault.market.sources.providers import CsvFiles, make_providers
from thesisvault.market.store.store import Store
from thesisvault.runs.report import Figure, Progress
from thesisvault.runs.steps.needing import Fetched, tickers_used
from thesisvault.runs.steps.outcomes import nothing_new, outcome_findings, snapshot_findings
from thesisvault.runs.steps.usage import fundamentals_used, usages
from thesisvault.session import Session

_SHARE = 0.2
"""So much of the time of a run is kept for fundamentals at most."""
_EACH = 10.0
"""So many seconds one answer with fundamentals may need, which is of several requests."""


def fetch(
    session: Session,
    store: Store,
    end: dt.date,
    progress: Progress,
    *,
    tickers: Sequence[str] = (),
    csv: Path | None = None,
    offline: bool = False,
) -> Fetched:
    """Fetch the missing prices and fundamentals of series, and store them.

    Args:
        session: The run.
        store: Where they go.
        end: No bar after this day is stored.
        progress: Is told what is going on.
        tickers: The series, which are asked for even if nothing new is due; left out, all that definitions use.
        csv: A folder of price files to read instead of asking the providers of the settings.
        offline: Ask no provider that touches a network.

    Raises:
        UsageError: A ticker is not known, or there is no such folder; nothing was fetched.
    """
    library = session.library
    wanted = _instruments(library, tickers)
    providers = [p for p in providers_of(session, csv) if not (offline and p.remote)]
    limits = session.settings.refresh
    pace = Pace(Limits(limits.time_limit, wait=limits.wait_limit, timeout=limits.timeout, pause=limits.pause))
    asked = {each.ticker: each for each in wanted}
    shown = [] if csv else [asked[name] for name in fundamentals_used(library) if name in asked]
    due = snapshots_due(store, shown, providers, end=end, now=session.now)
    # Fundamentals come last, and would never come where prices alone use up the time of every run.
    pace.reserved = min(_SHARE * limits.time_limit, _EACH * len(due))
    found = refresh(
        store,
        wanted,
        providers,
        end=end,
        now=session.now,
        insist=bool(tickers),
        pace=pace,
        progress=lambda step: progress("prices", step.done, step.total, step.text),
    )
    pace.reserved = 0.0
    ended: dict[str, list[str]] = {}
    for outcome in found.outcomes:
        ended.setdefault(outcome.result, []).append(outcome.name)
    missing = [each.missing for each in providers if isinstance(each, CsvFolder) and each.missing]
    known = set(store.feeds())
    findings = [*_missing_folders(missing), *outcome_findings(found.outcomes, known, set(missing))]
    if shown:
        snapshots = refresh_snapshots(
            store,
            shown,
            providers,
            end=end,
            now=session.now,
            pace=pace,
            progress=lambda step: progress("fundamentals", step.done, step.total, step.text),
        )
        findings += snapshot_findings(snapshots)
    figures: dict[str, Figure] = {"series": len(found.outcomes), "new_bars": found.added, "ended": ended}
    return Fetched(tuple(findings), figures, nothing_new(found.outcomes))


def _instruments(library: Library, tickers: Sequence[str]) -> list[Instrument]:
    """Return the instruments of tickers, each by its current name; of all that definitions use if none is named."""
    instruments, _ = library.records
    for ticker in tickers:
        if ticker not in instruments:
            raise UsageError(f'"{ticker}" is not a known ticker.', hint=did_you_mean(ticker, instruments))
    asked = [library.current(ticker) for ticker in tickers] or tickers_used(library, usages(library))
    return [instruments[ticker] for ticker in dict.fromkeys(asked)]


def providers_of(session: Session, csv: Path | None = None, timeout: float | None = None) -> Sequence[Provider]:
    """Return the sources of the settings, or those of a folder of price files.

    Args:
        session: The run.
        csv: A folder of price files.
        timeout: How many seconds one answer may take; left out, as many as the settings say.

    Raises:
        UsageError: The folder is none.
    """
    if csv is None:
        settings, workspace = session.settings, session.workspace
        named = [_provider(each) for each in settings.providers]
        times, follow = timeout or settings.refresh.timeout, workspace.follow_links
        return make_providers(named, workspace.root, workspace.cache, timeout=times, follow_links=follow)
    if not csv.is_dir():
        raise UsageError(f"--csv: {csv} is not a folder.")
    return folder_providers(csv, follow_links=session.workspace.follow_links)


def _provider(named: str | CsvProvider) -> str | CsvFiles:
    """Return a provider of the settings as the market takes it."""
    if isinstance(named, str):
        return named
    csv = named.csv
    columns = {role: getattr(csv.columns, role.value, None) for role in Role}
    form = Form(
        csv.closes,
        "\t" if csv.separator == "tab" else csv.separator,
        csv.decimal,
        csv.date_format,
        {role: name for role, name in columns.items() if name},
        csv.timezone,
    )
    return CsvFiles(csv.folder, form, csv.dividends, csv.layout)


def _missing_folders(missing: Iterable[str]) -> Iterator[Finding]:
    """Yield why no price file can be read, whether one is due or not."""
    for problem in missing:
        hint = "Make it, or correct `folder` or `dividends` at the provider csv in thesisvault.yaml."
        yield Finding(f"{problem}.", hint=hint, level="error", code="no-folder")

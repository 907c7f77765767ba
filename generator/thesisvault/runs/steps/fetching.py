"""Fetching prices: the series that definitions use, from the providers of the settings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from thesisvault.definitions.library import Library
from thesisvault.definitions.models.settings import CsvProvider, Settings
from thesisvault.errors import Finding, NoDataError, Place, UsageError, did_you_mean
from thesisvault.market.reading.currency import rates_needed
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
from thesisvault.runs.steps.outcomes import nothing_new, outcome_findings, snapshot_findings
from thesisvault.runs.steps.usage import Target, fundamentals_used, universes_used, usages
from thesisvault.session import Session

_SHARE = 0.2
"""So much of the time of a run is kept for fundamentals at most."""
_CAUSES = 5
"""The most reasons that a run without any price names."""
_EACH = 10.0
"""So many seconds one answer with fundamentals may need, which is of several requests."""


@dataclass(frozen=True)
class Fetched:
    """What came of a fetch: findings, figures for the report, and what to say where nothing came that was due."""

    findings: tuple[Finding, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)
    nothing_new: Finding | None = None


def has_local(settings: Settings) -> bool:
    """Return whether a provider of the settings can be asked without a network."""
    return any(provider not in ("yahoo", "fred") for provider in settings.providers)


def tickers_used(library: Library, used: Iterable[Target]) -> list[str]:
    """Return the tickers that definitions use, members of baskets and universes and exchange rates among them.

    Args:
        library: The definitions.
        used: The instruments, baskets and entities that they use.
    """
    instruments, baskets = library.records
    wanted: dict[str, None] = {library.current(library.settings.benchmark): None}
    used = tuple(used)
    for kind, key in used:
        if kind == "instrument":
            wanted[key] = None
        elif kind == "basket":
            wanted.update(dict.fromkeys(baskets[key].tickers))
    in_use = [basket for basket in baskets.values() if not wanted.keys().isdisjoint(basket.tickers)]
    wanted.update((rate.ticker, None) for rate in rates_needed(instruments, in_use))
    for name in [ticker for ticker in library.rates if ticker in wanted or ticker in baskets]:
        wanted.update((rate.ticker, None) for rate in library.rates[name])
    for name in universes_used(library, used):
        wanted.update(dict.fromkeys(library.universes[name]))
    return [ticker for ticker in wanted if ticker in instruments]


def fetch_unseen(
    session: Session, store: Store, tickers: Iterable[str], end: dt.date, progress: Progress, *, offline: bool
) -> Fetched:
    """Fetch those of some series that the store has never seen.

    Raises:
        NoDataError: Nothing at all is stored, and none of it could be fetched.
    """
    stored = set(store.feeds())
    unseen = [ticker for ticker in tickers if ticker not in stored]
    fetched = Fetched()
    if unseen and not (offline and not has_local(session.settings)):
        fetched = fetch(session, store, end, progress, tickers=unseen, offline=offline)
    need_prices(session, store, fetched)
    return fetched


def need_prices(session: Session, store: Store, fetched: Fetched) -> None:
    """Stop a run where definitions want prices and none are stored.

    Raises:
        NoDataError: That is so; the error says what came of the fetch.
    """
    if session.library.definitions and not store.feeds():
        place = Place(session.workspace.shown(session.workspace.store))
        hint = (
            "Check the network and the providers in thesisvault.yaml, or name a folder of price files: "
            "thesisvault refresh --csv DIR"
        )
        if fetched.findings and not any(each.remote for each in providers_of(session)):
            hint = "Fix that, or name another folder of price files: thesisvault refresh --csv DIR"
        problem = "no prices are stored, and none could be fetched."
        causes = fetched.findings[:_CAUSES]
        raise NoDataError([*causes, Finding(problem, place, hint, code="no-data")])


def not_before_prices(library: Library, store: Store, day: dt.date) -> None:
    """Refuse a last day before the first stored value, on which every figure would be missing.

    Raises:
        NoDataError: The day is before the first stored value.
    """
    first = min((feed.first for feeds in store.feeds().values() for feed in feeds.values()), default=None)
    if library.definitions and first is not None and day < first:
        raise NoDataError(f"{day} is before the first stored prices, which begin {first}.", hint="Name a later day.")


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

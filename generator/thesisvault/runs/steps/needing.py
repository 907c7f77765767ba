"""Needed prices: the series that definitions use, those that were never fetched, and what there is without them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from thesisvault.definitions.library import Library
from thesisvault.definitions.models.settings import Settings
from thesisvault.errors import Finding, NoDataError, Place
from thesisvault.market.reading.currency import rates_needed
from thesisvault.market.store.store import Store
from thesisvault.runs.report import Figure, Progress
from thesisvault.runs.steps.usage import Target, universes_used
from thesisvault.session import Session

_CAUSES = 5
"""The most reasons that a run without any price names."""


class Fetched(Struct, frozen=True):
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
        from thesisvault.runs.steps.fetching import fetch  # most builds fetch nothing

        fetched = fetch(session, store, end, progress, tickers=unseen, offline=offline)
    need_prices(session, store, fetched)
    return fetched


def need_prices(session: Session, store: Store, fetched: Fetched) -> None:
    """Stop a run where definitions want prices and none are stored.

    Raises:
        NoDataError: That is so; the error says what came of the fetch.
    """
    if session.library.definitions and not store.feeds():
        from thesisvault.runs.steps.fetching import providers_of

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

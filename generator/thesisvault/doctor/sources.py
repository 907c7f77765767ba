"""Checks of where prices come from: the network, each provider, calendars, and what is stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

from thesisvault.doctor.checked import Checked
from thesisvault.errors import NoDataError
from thesisvault.market.sessions import Sessions, calendar_version
from thesisvault.market.sources.csv_folder import CsvFolder
from thesisvault.market.sources.provider import Probed, Provider, ProviderError, ProviderFault, RateLimited
from thesisvault.runs.steps.fetching import providers_of
from thesisvault.session import Session
from thesisvault.words import day_in_words, plural

PATIENCE = 8.0
"""Seconds that a provider has for its answer."""
_SOON = dt.timedelta(days=60)
_OLD = dt.timedelta(days=550)


def providers(session: Session, *, offline: bool) -> Iterator[Checked]:
    """Yield what is known of the network and of each provider of the settings.

    Args:
        session: The run.
        offline: Whether no provider is asked that touches a network.
    """
    made = providers_of(session, timeout=PATIENCE)
    remote = [each for each in made if each.remote]
    if not remote:
        yield Checked("Network", "not needed; the providers of the settings are local.")
    elif offline:
        yield Checked("Network", "not asked, because of --offline.")
    asked = {} if offline else {each.label: _asked(each) for each in remote}
    if asked:
        yield _network([reached for reached, _ in asked.values()])
        yield from (outcome for _, outcome in asked.values())
    yield from (_local(each, session) for each in made if not each.remote)


def _network(reached: list[bool]) -> Checked:
    if any(reached):
        return Checked("Network", "reached.")
    hint = "Check the connection, the proxy in HTTPS_PROXY, or a firewall; or leave it out: --offline"
    return Checked("Network", "no provider was reached.", hint)


def _asked(provider: Provider) -> tuple[bool, Checked]:
    """Return whether a provider was reached, and what it answered."""
    about = f"Provider {provider.label}"
    if not isinstance(provider, Probed):
        return True, Checked(about, "cannot be asked for a sample.")
    try:
        provider.probe()
    except RateLimited as problem:
        return True, Checked(about, f"{problem}.", "Wait an hour; a refresh tries again by itself.")
    except ProviderFault as problem:
        return False, Checked(about, f"{problem}.", "Try again later, or list another one in thesisvault.yaml.")
    except ProviderError as problem:  # it is there, and has not what it had for decades
        return True, Checked(about, f"{problem}.", "Try again later.")
    return True, Checked(about, "answers.")


def _local(provider: Provider, session: Session) -> Checked:
    about = f"Provider {provider.label}"
    if not isinstance(provider, CsvFolder):
        return Checked(about, "comes with the package.")
    shown = session.workspace.shown(provider.folder)
    if not provider.folder.is_dir():
        return Checked(about, f"the folder {shown} is not there.", "Make it, or correct folder in thesisvault.yaml.")
    count = sum(1 for each in provider.folder.iterdir() if each.suffix.lower() == ".csv")
    hint = "" if count else f"Put a file of prices into it, as in {shown}/SPY.csv"
    return Checked(about, f"{plural(count, 'file')} in {shown}.", hint)


def calendars(session: Session) -> Checked:
    """Return how old the library of calendars is, and how far it knows the sessions of the benchmark's exchange."""
    benchmark = session.library.instruments.get(session.settings.benchmark)
    exchange, about = benchmark.exchange if benchmark else "XNYS", "Calendars"
    today = session.now.date()
    installed = _installed()
    said = f"exchange_calendars {calendar_version()}"
    said += f", installed {day_in_words(installed)}" if installed else ""
    renew = "Renew it: python -m pip install --upgrade exchange_calendars"
    try:
        with session.store(create=False) as store:
            reach = Sessions(store).reach(exchange, today)
    except NoDataError:
        reach = Sessions().reach(exchange, today)
    if reach is None:
        return Checked(about, f"{said}; none for {exchange}, so each Monday to Friday counts as a session.")
    known = f"{said}; sessions of {exchange} are known to {day_in_words(reach)}."
    is_late = reach - today < _SOON or (installed is not None and today - installed > _OLD)
    return Checked(about, known, renew if is_late else "")


def _installed() -> dt.date | None:
    """Return the day on which the library of calendars was installed, by the date of its record."""
    for each in distribution("exchange_calendars").files or ():
        path = Path(str(each.locate()))
        if each.name == "RECORD" and path.is_file():
            return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).date()
    return None


def prices(session: Session) -> Checked:
    """Return how old the stored prices are, by those of the benchmark."""
    library, about = session.library, "Prices"
    with session.store(create=False) as store:
        feeds = store.feeds()
        expected = session.last_day(store, None)
        name = library.current(session.settings.benchmark)
        last = max((feed.last for feed in feeds.get(name, {}).values()), default=None)
        benchmark = library.instruments.get(name)
        if benchmark:  # a day of the settings need not be one of a session
            expected = Sessions(store).last_session(benchmark.exchange, expected)
    said, fetch = f"{plural(len(feeds), 'series')}", "Fetch them: thesisvault refresh"
    if last is None:
        return Checked(about, f"{said}, and nothing of the benchmark {name}.", fetch)
    if last < expected:
        return Checked(about, f"{said}; {name} ends {day_in_words(last)}, expected {day_in_words(expected)}.", fetch)
    return Checked(about, f"{said}; {name} ends {day_in_words(last)}, as expected.")

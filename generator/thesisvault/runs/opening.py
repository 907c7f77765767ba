"""Opens a workspace: settings, definitions, last day, prices. What every command does first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thesisvault.definitions.checks.crosscheck import crosscheck
from thesisvault.definitions.library import Library
from thesisvault.definitions.models.settings import CsvProvider, Settings
from thesisvault.definitions.read import read_library, read_settings
from thesisvault.errors import DefinitionError, DiskError, Finding, NoDataError, Place
from thesisvault.language.evaluate import Scope
from thesisvault.market.reading.market import Market
from thesisvault.market.refresh.pace import Limits
from thesisvault.market.sessions import Sessions
from thesisvault.market.store.store import Store
from thesisvault.workspace import SETTINGS_FILE, Workspace, workspace_at


@dataclass(frozen=True)
class Opened:
    """A workspace with all definitions read; they may hold mistakes."""

    workspace: Workspace
    settings: Settings
    library: Library
    findings: tuple[Finding, ...]

    def sound(self) -> Opened:
        """Return it if no definition is wrong.

        Raises:
            DefinitionError: At least one is; all findings of all files are in it.
        """
        broken = [f for f in self.findings if f.level == "error"]
        if broken:
            raise DefinitionError(broken)
        return self


def workspace_of(root: Path, settings: Settings) -> Workspace:
    """Return the folders of a workspace as its settings name them."""
    return workspace_at(root, settings.vault, settings.folder, settings.data, settings.templates)


def open_workspace(root: Path, notes: Iterable[str] = ()) -> Opened:
    """Return a workspace with everything in it read and checked against one another.

    Args:
        root: The folder of the workspace.
        notes: Names of further notes in the vault, which links may reach.
    """
    settings, findings = read_settings(root)
    workspace = workspace_of(root, settings)
    library = read_library(workspace, settings)
    if findings:
        library.unread.add(SETTINGS_FILE)
    found = [*findings, *library.findings, *crosscheck(library, frozenset(notes))]
    return Opened(workspace, settings, library, tuple(sorted(dict.fromkeys(found), key=lambda f: f.sort_key)))


def open_store(workspace: Workspace, *, create: bool) -> Store:
    """Return the market store of a workspace.

    Raises:
        NoDataError: There is none, and none is to be made.
        DiskError: It cannot be opened.
    """
    path = workspace.store
    if not create and not path.is_file():
        raise NoDataError(
            Finding(
                "no prices are stored.", Place(workspace.shown(path)), "Fetch them: thesisvault refresh", code="no-data"
            )
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise DiskError(
            Finding(f"the folder cannot be made: {problem.strerror}.", Place(workspace.shown(path.parent)))
        ) from None
    return Store(path)


def last_day(opened: Opened, store: Store, as_of: dt.date | None, now: dt.datetime) -> dt.date:
    """Return the last day of data: the one given, else that of the settings, else the last finished session."""
    if as_of:
        return as_of
    if opened.settings.as_of:
        return opened.settings.as_of
    benchmark = opened.library.instruments.get(opened.settings.benchmark)
    exchange = benchmark.exchange if benchmark else "XNYS"
    return Sessions(store).last_finished_session(exchange, now)


def scope_of(opened: Opened, store: Store, as_of: dt.date) -> Scope:
    """Return the scope of expressions on the market up to a day."""
    instruments, baskets = opened.library.records
    market = Market(
        store,
        instruments,
        baskets,
        last_day=as_of,
        benchmark=opened.settings.benchmark,
    )
    return Scope(
        market,
        opened.library.universes,
        {"benchmark": opened.settings.benchmark, "over": "ytd"},
        opened.library.labels,
    )


def provider_settings(settings: Settings) -> list[str | Mapping[str, Any]]:
    """Return the providers of the settings as the market layer takes them."""
    found: list[str | Mapping[str, Any]] = []
    for each in settings.providers:
        if isinstance(each, CsvProvider):
            csv = each.csv
            found.append(
                {"csv": {"folder": csv.folder, "closes": csv.closes, "dividends": csv.dividends, "layout": csv.layout}}
            )
        else:
            found.append(each)
    return found


def limits_of(settings: Settings) -> Limits:
    """Return how long a refresh may take."""
    asked = settings.refresh
    return Limits(time=asked.time_limit, wait=asked.wait_limit, timeout=asked.timeout, pause=asked.pause)

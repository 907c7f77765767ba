"""One store for all facts, filled from the folder of real prices for what the repository's own definitions name."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from thesisvault.blocks.core.context import Context
from thesisvault.definitions.library import Library
from thesisvault.definitions.read import read_library, read_settings
from thesisvault.language.evaluate import Scope
from thesisvault.market.reading.market import Market
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.sources.csv_folder import folder_providers
from thesisvault.market.store.store import Store
from thesisvault.workspace import workspace_at

LAST = dt.date(2026, 2, 27)
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Facts:
    """The repository's definitions over the real prices."""

    library: Library
    market: Market

    def at(self, day: str) -> Scope:
        """What expressions see on a day."""
        base = {"benchmark": "SPY", "over": "ytd"}
        return Scope(self.market.until(dt.date.fromisoformat(day)), self.library.universes, base, self.library.labels)

    def context(self, definition: str, day: str) -> Context:
        """What the blocks of a definition see on a day."""
        record = self.library.definitions[definition]
        return Context(self.at(day), self.library, definition).for_definition(record)


@pytest.fixture(scope="session")
def facts(root: Path, market_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    settings, _ = read_settings(root)
    library = read_library(workspace_at(root, settings.vault, settings.folder, settings.data), settings)
    instruments, baskets = library.records
    wanted = {*library.instruments, *library.universes["sp500"]}
    store = Store(tmp_path_factory.mktemp("facts") / "market.db")
    chosen = {ticker: each for ticker, each in instruments.items() if ticker in wanted}
    refresh(store, chosen, folder_providers(market_folder), end=LAST, now=NOW)
    return Facts(library, Market(store, instruments, baskets, last_day=LAST))


Closes = dict[str, float]


@pytest.fixture(scope="session")
def by_hand(market_folder: Path) -> Callable[[str], Closes]:
    """Closes by day of one file, read with nothing of the generator: `prices/XLE`, `unadjusted/XLE`."""

    @cache
    def read(name: str) -> Closes:
        with (market_folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines))[1:]
        return {row[0]: float(row[1]) for row in rows if row[1]}

    return read

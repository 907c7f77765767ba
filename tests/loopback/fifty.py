"""A workspace of fifty symbols whose prices come from the imitation of Yahoo, refreshed by the command line."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.loopback.exchange import Exchange, Listing, single, walk
from tests.stories.workspaces import HOLIDAYS, spawn
from thesisvault.market.bars import number_day
from thesisvault.market.records import Basis
from thesisvault.market.store.ledger import Correction, Quarantined
from thesisvault.market.store.store import Store

SYMBOLS = [f"T{n:02}" for n in range(50)]
# Trading days of New York up to Friday, 2026-02-27.
_CLOSED = {*HOLIDAYS, "2025-11-27", "2025-12-25", "2026-01-01", "2026-01-19", "2026-02-16"}
DAYS = [
    day
    for day in (dt.date(2025, 9, 2) + dt.timedelta(n) for n in range(179))
    if day.weekday() < 5 and day.isoformat() not in _CLOSED
]
BEFORE, LAST = DAYS[-4], DAYS[-1]
NEW = DAYS[-3:]
SETTINGS = {
    "providers": "[yahoo]",
    "benchmark": "T00",
    "pause": "0s",
    "timeout": "1s",
    "wait_limit": "4s",
    "time_limit": "30s",
}
THESIS = """\
title: Fifty
opened: 2026-02-02
summary: All of them.
buy: {name: All, hold: [%s]}
"""


def evening(day: dt.date) -> dt.datetime:
    """Return a moment on a day when New York has closed."""
    return dt.datetime.combine(day, dt.time(23), dt.UTC)


def market() -> dict[str, Listing]:
    """Return fifty listings; every fifth pays a dividend, on one of the new days too."""
    found = {}
    for n, symbol in enumerate(SYMBOLS):
        paid = {DAYS[20 + n]: 0.25, NEW[1]: 0.5} if n % 5 == 0 else {}
        found[symbol] = Listing(symbol, walk(40 + n, DAYS, n), dividends=paid)
    return found


def make(folder: Path) -> Path:
    """Make the workspace, with nothing stored yet, and return it."""
    (folder / "data" / "theses").mkdir(parents=True)
    change(folder)
    instruments = "".join(f"{symbol}: {{name: Company {symbol}, kind: stock}}\n" for symbol in SYMBOLS)
    (folder / "data" / "instruments.yaml").write_text(instruments)
    (folder / "data" / "theses" / "fifty.yaml").write_text(THESIS % ", ".join(SYMBOLS))
    return folder


def change(folder: Path, **more: str) -> None:
    """Write the settings of the tests anew, some of them changed."""
    asked = SETTINGS | more
    top = "".join(f"{name}: {asked.pop(name)}\n" for name in ("providers", "benchmark"))
    limits = ", ".join(f"{name}: {value}" for name, value in asked.items())
    (folder / "thesisvault.yaml").write_text(f"{top}refresh: {{{limits}}}\n")


@dataclass
class Refreshed:
    """How a refresh ended."""

    status: int
    report: dict[str, Any]
    said: str

    def findings(self, symbol: str) -> dict[str, str]:
        """Return what is reported of a symbol by its name: text by code."""
        return {f["code"]: f["problem"] for f in self._findings() if symbol in _names(f["problem"])[0]}

    @property
    def reported(self) -> set[str]:
        """The symbols of which something is reported by name."""
        return {name for f in self._findings() for name in _names(f["problem"])[0]}

    @property
    def count(self) -> int:
        """Of how many symbols something is reported, by name or as one of several more, findings added up."""
        return sum(len(names) + more for names, more in (_names(f["problem"]) for f in self._findings()))

    def _findings(self) -> list[dict[str, str]]:
        return list(self.report.get("findings", ()))


def _names(problem: str) -> tuple[list[str], int]:
    """Return the names before the colon of a finding such as "A, B and 3 more: why", and the number of the others."""
    listed, _, more = problem.partition(":")[0].partition(" and ")
    return listed.split(", "), int(more.split()[0]) if more else 0


def refresh(folder: Path, *words: str, day: dt.date | None = LAST) -> Refreshed:
    """Refresh the workspace up to a day, in a process of its own."""
    until = ("--as-of", day.isoformat()) if day else ()
    said = spawn("refresh", "--workspace", folder, "--json", *until, *words)
    assert "Traceback" not in said.all, said
    return Refreshed(said.status, json.loads(said.out) if said.out.startswith("{") else {}, str(said))


def stored(folder: Path, symbol: str, basis: Basis = "split_adjusted") -> dict[dt.date, float]:
    """Return the stored closes or values of a symbol."""
    with Store(folder / "data" / "market" / "store.sqlite", create=False) as store:
        bars = store.bars(symbol, basis)
    return {} if bars is None else dict(zip(map(number_day, bars.days), bars.close, strict=True))


def actions(folder: Path, symbol: str) -> list[tuple[dt.date, float, float]]:
    """Return the stored days, dividends and splits of a symbol."""
    with Store(folder / "data" / "market" / "store.sqlite", create=False) as store:
        return [(number_day(day), paid, split) for day, paid, split in store.actions([symbol]).get(symbol, [])]


def held(folder: Path, symbol: str) -> list[Quarantined]:
    """Return what waits in quarantine of a symbol."""
    with Store(folder / "data" / "market" / "store.sqlite", create=False) as store:
        return store.ledger.quarantined([symbol])


def corrections(folder: Path, symbol: str) -> list[Correction]:
    """Return the recorded corrections of a symbol."""
    with Store(folder / "data" / "market" / "store.sqlite", create=False) as store:
        return store.ledger.corrections([symbol])


def true_closes(listing: Listing, until: dt.date = LAST) -> dict[dt.date, float]:
    """Return the closes that a store should hold of a listing, as Yahoo sends them."""
    moment = int(evening(until).timestamp())
    return {
        day: single(price * listing.split_factor(day, moment)) for day, price in listing.raw.items() if day <= until
    }


def assert_whole(folder: Path, exchange: Exchange, symbols: Iterable[str], until: dt.date = LAST) -> None:
    """Fail unless closes and dividends of some symbols are stored as they are, up to a day and no further."""
    for symbol in symbols:
        listing = exchange.listings[symbol]
        assert stored(folder, symbol) == true_closes(listing, until), symbol
        paid = [(day, amount, 0.0) for day, amount in sorted(listing.dividends.items()) if day <= until]
        assert actions(folder, symbol) == paid, symbol


def is_sound(folder: Path) -> bool:
    """Return whether SQLite finds nothing wrong with the store."""
    with sqlite3.connect(folder / "data" / "market" / "store.sqlite") as database:
        (answer,) = database.execute("PRAGMA integrity_check").fetchone()
    database.close()
    return bool(answer == "ok")

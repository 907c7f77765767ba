"""The market store: what reading and refreshing cost, against one long SQLite table.

    python bench/store.py [--rounds N] [--series N] [--years N]

The yardstick is what most programs keep prices in: one row a bar, `PRIMARY KEY (sid, d) WITHOUT ROWID`, WAL, every
commit on the disk (synchronous=FULL). Both sides hold the same walks, open the file, do the work and close it again,
and take turns in one process so that a noisy machine hits both alike. Figures are medians of elapsed milliseconds,
imports left out; the ratio is the one to set goals by.
"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from thesisvault.market.bars import Bars, day_number, number_day
from thesisvault.market.panel import Panel
from thesisvault.market.reading.market import Market
from thesisvault.market.records import Instrument
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.sessions import Sessions
from thesisvault.market.sources.provider import NothingNew
from thesisvault.market.store.store import Store

NAMES = ("long", "ours")
LAST = dt.date(2026, 2, 27)
NOW = dt.datetime(2026, 2, 28, 12, tzinfo=dt.UTC)
NEW = 250
OVERLAP = 30
READ = 50
SCHEMA = """CREATE TABLE bar (sid INTEGER, d INTEGER, open REAL, high REAL, low REAL, close REAL, volume REAL,
    PRIMARY KEY (sid, d)) WITHOUT ROWID"""
Row = tuple[int, int, float, float, float, float, float]


def walk(number: int, days: list[int]) -> Bars:
    """Return bars of one series, always the same for its number."""
    rng = np.random.default_rng(number)
    close = 50 * np.exp(np.cumsum(rng.normal(0.0003, 0.012, len(days))))
    opened = close * np.exp(rng.normal(0, 0.003, len(days)))
    high, low = np.maximum(opened, close) * 1.004, np.minimum(opened, close) * 0.996
    volume = np.rint(rng.lognormal(14, 0.5, len(days)))
    prices = [tuple(column.round(4).tolist()) for column in (close, opened, high, low)]
    return Bars(
        tuple(days), prices[0], "split_adjusted", *prices[1:], tuple(volume.tolist()), dividends=(), currency="USD"
    )


def part(bars: Bars, start: int, end: int | None = None) -> Bars:
    """Return some rows of bars."""
    rows = slice(start, end)
    columns = [column and column[rows] for column in (bars.open, bars.high, bars.low, bars.volume)]
    return Bars(bars.days[rows], bars.close[rows], bars.basis, *columns, dividends=(), currency="USD")


def rows_of(number: int, bars: Bars) -> list[Row]:
    """Return bars as rows of the long table."""
    columns = (bars.days, bars.open, bars.high, bars.low, bars.close, bars.volume)
    return [(number, *row) for row in zip(*columns, strict=True)]


class Memory:
    """A provider that has the newest bars of every series at hand, and counts how often it is asked."""

    name = label = "memory"
    basis = "split_adjusted"
    remote = False

    def __init__(self, newest: dict[str, Bars]) -> None:
        self.newest, self.asked = newest, 0

    def fetch(self, instrument: Instrument, start: dt.date | None, end: dt.date) -> Bars:
        """Return the bars from a day on; a bench in which more is wanted than the newest measures the wrong thing."""
        self.asked += 1
        has = self.newest[instrument.ticker]
        if start is None or day_number(start) < has.days[0] or day_number(end) < has.days[-1]:
            raise AssertionError(f"{instrument.ticker}: asked for bars from {start} to {end}")
        place = bisect_left(has.days, day_number(start))
        if place == len(has.days):
            raise NothingNew("nothing")
        return part(has, place)


class Files:
    """Both files with all but the newest bars in them, and the newest bars."""

    def __init__(self, folder: Path, series: int, years: int) -> None:
        self.folder = folder
        self.names = [f"S{number:03}" for number in range(series)]
        self.instruments = {name: Instrument(name, name, "stock") for name in self.names}
        self.newest: dict[str, Bars] = {}
        self.rows: list[Row] = []
        with Store(folder / "ours.sqlite") as store, long_table(folder / "long.sqlite", create=True) as table:
            days = Sessions(store).day_numbers("XNYS", dt.date(LAST.year - years - 2, 1, 1), LAST)
            days = days[-(years * 252 + NEW) :]
            for number, name in enumerate(self.names):
                bars = walk(number, days)
                stored = part(bars, 0, -NEW)
                store.merge(name, stored, source="memory", fetched=NOW, currency="USD")
                table.executemany("INSERT INTO bar VALUES (?, ?, ?, ?, ?, ?, ?)", rows_of(number, stored))
                self.newest[name] = part(bars, -NEW - OVERLAP)
                self.rows += rows_of(number, part(bars, -NEW))
        self.stored_until = number_day(days[-NEW - 1])

    def copies(self) -> tuple[Path, Path]:
        """Return both files anew, as they were filled."""
        plain, ours = (shutil.copy(self.folder / f"{n}.sqlite", self.folder / f"{n}-copy.sqlite") for n in NAMES)
        return Path(plain), Path(ours)


@contextmanager
def long_table(path: Path, *, create: bool = False) -> Iterator[sqlite3.Connection]:
    """Open the long table, and commit what was done to it."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    if create:
        connection.execute(SCHEMA)
    connection.execute("BEGIN IMMEDIATE")
    yield connection
    connection.execute("COMMIT")
    connection.close()


def read_long(files: Files) -> pd.DataFrame:
    """Return closes side by side from the long table, by the quickest way known."""
    columns = []
    with long_table(files.folder / "long.sqlite") as table:
        for sid in range(READ):
            found = table.execute("SELECT d, close FROM bar WHERE sid = ?", (sid,))
            columns.append(np.fromiter(chain.from_iterable(found), dtype=np.float64).reshape(-1, 2))
    union = np.unique(np.concatenate([column[:, 0] for column in columns]))
    block = np.full((len(union), READ), np.nan)
    for place, column in enumerate(columns):
        block[np.searchsorted(union, column[:, 0]), place] = column[:, 1]
    index = pd.DatetimeIndex(union.astype(np.int64).astype("datetime64[D]").astype("datetime64[ns]"))
    return pd.DataFrame(block, index=index, columns=files.names[:READ])


def read_ours(files: Files) -> Panel:
    """Return the same from the store."""
    with Store(files.folder / "ours.sqlite") as store:
        return Market(store, files.instruments, last_day=LAST).closes(files.names[:READ])


def write_long(path: Path, files: Files) -> None:
    """Insert the new bars in one transaction."""
    with long_table(path) as table:
        table.executemany("INSERT INTO bar VALUES (?, ?, ?, ?, ?, ?, ?)", files.rows)


def write_ours(path: Path, files: Files, *, asks: bool = True) -> None:
    """Refresh every series; without `asks` there must be nothing to ask for."""
    provider = Memory(files.newest)
    with Store(path) as store:
        report = refresh(store, files.instruments, [provider], end=LAST, now=NOW)
    added = len(files.rows) if asks else 0
    if report.added != added or provider.asked != (len(files.names) if asks else 0):
        raise AssertionError(f"{report.summary}; expected {added} new bars; {provider.asked} times asked")


def elapsed(work: Callable[[], object]) -> float:
    """Return milliseconds."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def bench_reading(files: Files, rounds: int) -> tuple[float, float]:
    """Return milliseconds of both readings."""
    long, ours = read_long(files), read_ours(files)
    np.testing.assert_array_equal(long[list(ours.names)].to_numpy(), ours.values)
    np.testing.assert_array_equal(long.index.to_numpy().astype("datetime64[D]").astype(np.int64), ours.days)
    turns = [(elapsed(lambda: read_long(files)), elapsed(lambda: read_ours(files))) for _ in range(rounds * 3)]
    return medians(turns)


def bench_refresh(files: Files, rounds: int) -> tuple[tuple[float, float], float]:
    """Return milliseconds of both ways to write, and of a refresh with nothing to do."""
    turns, idle = [], []
    for _ in range(rounds):
        plain, ours = files.copies()
        turns.append((elapsed(lambda: write_long(plain, files)), elapsed(lambda: write_ours(ours, files))))  # noqa: B023
        idle += [elapsed(lambda: write_ours(ours, files, asks=False)) for _ in range(3)]  # noqa: B023
    return medians(turns), statistics.median(idle)


def medians(turns: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the median of each side."""
    plain, ours = zip(*turns, strict=True)
    return statistics.median(plain), statistics.median(ours)


def main() -> None:
    """Print one row a case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="refreshes of each kind (5); three readings for each")
    parser.add_argument("--series", type=int, default=500, help="how many series (500)")
    parser.add_argument("--years", type=int, default=20, help="of so many years each (20)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(folder), chosen.series, chosen.years)
        sizes = [(Path(folder) / f"{name}.sqlite").stat().st_size / 1e6 for name in NAMES]
        reading = bench_reading(files, chosen.rounds)
        writing, idle = bench_refresh(files, chosen.rounds)
    print(f"{chosen.series} series of {chosen.years} years: {sizes[0]:.0f} MB long, {sizes[1]:.0f} MB ours")
    print(f"{'case':<44}{'long ms':>10}{'ours ms':>10}{'ratio':>8}{'aim':>8}")
    for name, (plain, ours), aim in (
        (f"closes of {READ} series into a frame", reading, 0.25),
        (f"{chosen.series} series, {NEW} new bars each", writing, 2.0),
    ):
        print(f"{name:<44}{plain:>10.1f}{ours:>10.1f}{ours / plain:>8.2f}{aim:>8.2f}")
    print(f"{f'refresh of {chosen.series} series, nothing to do':<44}{'':>10}{idle:>10.1f}")


if __name__ == "__main__":
    main()

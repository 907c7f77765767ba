"""The market store: one SQLite file, many readers, one writer, and no bar ever deleted.

Closes lie packed by series, basis and year: a blob of little-endian int32 days since 1970 and a blob of float64 closes,
which reads fourteen times faster than a row a bar. What a primary key would have ensured, ascending days without a
repetition, is checked on every write. Each pack keeps a digest, so that what changed is known without reading it.
This module imports neither numpy nor pandas, so that a run with nothing to do stays quick.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import sqlite3
import sys
import threading
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.errors import DiskError, LockedError, NoDataError
from generator.market.providers import Bars, day_number, number_day
from generator.market.records import Basis

VERSION = 1
_BUSY_SECONDS = 5.0
_BATCH = 500  # well below the number of variables that any SQLite allows in one statement
_SCHEMA = """
CREATE TABLE series (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, status TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '', checked TEXT NOT NULL DEFAULT '');
CREATE TABLE feed (series INTEGER NOT NULL REFERENCES series(id), basis TEXT NOT NULL, source TEXT NOT NULL,
    currency TEXT NOT NULL, dividends_known INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    fetched TEXT NOT NULL, PRIMARY KEY (series, basis));
CREATE TABLE pack (series INTEGER NOT NULL REFERENCES series(id), basis TEXT NOT NULL, year INTEGER NOT NULL,
    days BLOB NOT NULL, close BLOB NOT NULL, open BLOB, high BLOB, low BLOB, volume BLOB, digest TEXT NOT NULL,
    PRIMARY KEY (series, basis, year));
CREATE TABLE action (series INTEGER NOT NULL REFERENCES series(id), day INTEGER NOT NULL, dividend REAL, split REAL,
    PRIMARY KEY (series, day)) WITHOUT ROWID;
CREATE TABLE session (exchange TEXT NOT NULL, year INTEGER NOT NULL, days BLOB NOT NULL, closes BLOB NOT NULL,
    PRIMARY KEY (exchange, year));
CREATE TABLE run (id INTEGER PRIMARY KEY, started TEXT NOT NULL, ended TEXT NOT NULL, summary TEXT NOT NULL);
"""
_ACTIONS = "SELECT s.name, a.day, a.dividend, a.split FROM action a JOIN series s ON s.id = a.series"


@dataclass(frozen=True)
class Feed:
    """What is stored of one series on one basis, without the bars."""

    name: str
    basis: Basis
    source: str
    currency: str
    dividends_known: bool
    first: dt.date
    last: dt.date
    fetched: str


@dataclass(frozen=True)
class Status:
    """How the last refresh of a series ended."""

    name: str
    status: str
    detail: str
    checked: str


@dataclass(frozen=True)
class Column:
    """Days (int32) and closes (float64) of one series on one basis, as little-endian bytes, with its feed."""

    feed: Feed
    days: bytes
    close: bytes


class Store:
    """An open market store.

    Args:
        path: The SQLite file.
        create: Make it if it is not there.

    Raises:
        NoDataError: It is not there, and `create` is False.
        DiskError: It is no market store, damaged, of a newer version, or cannot be read or written.
        LockedError: Another run is writing for longer than five seconds.
    """

    def __init__(self, path: Path | str, *, create: bool = True) -> None:
        self.path = Path(path)
        self._lock = threading.RLock()
        self._depth = 0
        if not self.path.exists() and not create:
            raise NoDataError(f"no prices are stored: {self._shown} is not there", "Run `thesisvault refresh` first.")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DiskError(f"the folder {self._shown} cannot be made: {error.strerror}") from error
        with self._translated():
            self._db = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    @property
    def _shown(self) -> str:
        """How messages call it: as it lies in a workspace, without the way to there."""
        return "/".join(self.path.parts[-3:])

    def _prepare(self) -> None:
        with self._translated():
            # Before anything is written: a file that is not ours must stay as it is.
            version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
            foreign = version == 0 and self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if version > VERSION:
                raise DiskError(
                    f"{self._shown} has format {version} of a newer version; this one reads {VERSION}.",
                    "Update thesisvault; the store was not touched.",
                )
            if foreign:
                raise DiskError(
                    f"{self._shown} is a database, but no market store.", "Move it aside; it was not touched."
                )
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("PRAGMA foreign_keys=ON")
            if version == 0:
                self._db.execute("PRAGMA journal_mode=WAL")
                with self.writing():
                    # Another run may have made the tables while this one waited for the lock.
                    if not int(self._db.execute("PRAGMA user_version").fetchone()[0]):
                        for statement in _SCHEMA.split(";"):
                            self._db.execute(statement)
                        self._db.execute(f"PRAGMA user_version={VERSION}")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            text = str(error)
            if "locked" in text or "busy" in text:
                raise LockedError(f"another run is writing {self._shown}.", "Try again when it is done.") from error
            raise DiskError(
                f"{self._shown} cannot be used: {text}.", "Free it, or make its folder writable, and run again."
            ) from error
        except sqlite3.DatabaseError as error:
            raise DiskError(
                f"the market store {self._shown} is damaged: {error}.",
                "Move it aside, or bring back a copy, and run `thesisvault refresh`.",
            ) from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the one right to write; all that is written inside becomes visible at once, or not at all."""
        with self._lock, self._translated():
            if self._depth == 0:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
                if self._depth == 1:
                    self._db.execute("COMMIT")
            except BaseException:
                if self._depth == 1 and self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            finally:
                self._depth -= 1

    def _query(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._lock, self._translated():
            return self._db.execute(statement, tuple(values)).fetchall()

    # --- reading ---------------------------------------------------------------------------------------------------

    def feeds(self, names: Iterable[str] | None = None) -> dict[str, dict[Basis, Feed]]:
        """Return what is stored, by name and basis; of all series, or of those named."""
        head = "SELECT s.name, f.basis, f.source, f.currency, f.dividends_known, f.first, f.last, f.fetched"
        rows = self._by_name(f"{head} FROM feed f JOIN series s ON s.id = f.series", names)
        found: dict[str, dict[Basis, Feed]] = {}
        for row in rows:
            feed = _feed(row)
            found.setdefault(feed.name, {})[feed.basis] = feed
        return found

    def statuses(self) -> dict[str, Status]:
        """Return how the last refresh of each series ended."""
        rows = self._query("SELECT name, status, detail, checked FROM series")
        return {str(r[0]): Status(str(r[0]), str(r[1]), str(r[2]), str(r[3])) for r in rows}

    def columns(self, names: Iterable[str]) -> dict[str, dict[Basis, Column]]:
        """Return days and closes of many series at once, by name and basis; those without a bar are left out."""
        wanted = list(names)
        feeds = self.feeds(wanted)
        statement = "SELECT s.name, p.basis, p.days, p.close FROM pack p JOIN series s ON s.id = p.series"
        parts: dict[tuple[str, str], tuple[list[bytes], list[bytes]]] = {}
        for name, basis, days, close in self._by_name(statement, wanted, " ORDER BY p.series, p.basis, p.year"):
            blobs = parts.setdefault((str(name), str(basis)), ([], []))
            blobs[0].append(days)
            blobs[1].append(close)
        found: dict[str, dict[Basis, Column]] = {}
        for name, by_basis in feeds.items():
            for basis, feed in by_basis.items():
                if (name, basis) in parts:
                    days_parts, close_parts = parts[name, basis]
                    found.setdefault(name, {})[basis] = Column(feed, b"".join(days_parts), b"".join(close_parts))
        return found

    def actions(self, names: Iterable[str]) -> dict[str, list[tuple[int, float, float]]]:
        """Return day, dividend and split (0 where there is none) of each series, oldest first."""
        rows = self._by_name(_ACTIONS, names, " ORDER BY a.series, a.day")
        found: dict[str, list[tuple[int, float, float]]] = {}
        for name, day, dividend, split in rows:
            found.setdefault(str(name), []).append((int(day), float(dividend or 0), float(split or 0)))
        return found

    def bars(self, name: str, basis: Basis) -> Bars | None:
        """Return all that is stored of one series on one basis, or None."""
        feed = self.feeds([name]).get(name, {}).get(basis)
        if feed is None:
            return None
        packs = self._packs(name, basis, None)
        days: list[int] = []
        columns: list[list[float]] = [[], [], [], [], []]
        for year in sorted(packs):
            for day, row in packs[year].items():
                days.append(day)
                for column, value in zip(columns, row, strict=True):
                    column.append(value)
        given = [tuple(c) if any(not math.isnan(v) for v in c) else None for c in columns[1:]]
        actions = self.actions([name]).get(name, []) if basis == "split_adjusted" else []
        return Bars(
            tuple(days),
            tuple(columns[0]),
            basis,
            open=given[0],
            high=given[1],
            low=given[2],
            volume=given[3],
            dividends=tuple((d, a) for d, a, _ in actions if a) if feed.dividends_known else None,
            splits=tuple((d, s) for d, _, s in actions if s),
            currency=feed.currency,
        )

    def data_hash(self, name: str, until: dt.date) -> str:
        """Return a digest of the days, closes and actions of a series up to a day; closes count to 10 digits.

        The same bars give the same digest, whatever came after that day; a series without a bar gives an empty text.
        """
        limit = day_number(until)
        seal = hashlib.sha256()
        rows = self._query(
            "SELECT p.basis, p.year, p.digest, p.days, p.close FROM pack p JOIN series s ON s.id = p.series "
            "WHERE s.name = ? AND p.year <= ? ORDER BY p.basis, p.year",
            (name, until.year),
        )
        some = False
        for basis, year, digest, days_blob, close_blob in rows:
            days = _ints(days_blob)
            if days[0] > limit:
                continue
            if days[-1] > limit:
                kept = sum(1 for d in days if d <= limit)
                digest = _digest(days[:kept], _floats(close_blob)[:kept])
            seal.update(f"{basis} {year} {digest}\n".encode())
            some = True
        for day, dividend, split in self.actions([name]).get(name, []):
            if day <= limit:
                seal.update(f"{day} {dividend:.10g} {split:.10g}\n".encode())
        return seal.hexdigest()[:16] if some else ""

    def data_version(self, names: Iterable[str] | None = None) -> str:
        """Return a digest of everything stored of the named series, or of all; it changes when any bar does."""
        seal = hashlib.sha256()
        for name, basis, year, digest in sorted(
            self._by_name(
                "SELECT s.name, p.basis, p.year, p.digest FROM pack p JOIN series s ON s.id = p.series", names
            ),
            key=str,
        ):
            seal.update(f"{name}\t{basis} {year} {digest}\n".encode())
        for name, day, dividend, split in sorted(
            self._by_name(_ACTIONS, names),
            key=str,
        ):
            seal.update(f"{name}\t{day} {dividend or 0:.10g} {split or 0:.10g}\n".encode())
        return seal.hexdigest()[:16]

    def _by_name(self, statement: str, names: Iterable[str] | None, tail: str = "") -> list[tuple[Any, ...]]:
        if names is None:
            return self._query(statement + tail)
        wanted = list(dict.fromkeys(names))
        rows: list[tuple[Any, ...]] = []
        for start in range(0, len(wanted), _BATCH):
            part = wanted[start : start + _BATCH]
            rows += self._query(f"{statement} WHERE s.name IN ({','.join('?' * len(part))}){tail}", part)
        return rows

    # --- writing ---------------------------------------------------------------------------------------------------

    def merge(
        self,
        name: str,
        bars: Bars,
        *,
        source: str,
        fetched: dt.datetime,
        currency: str,
        dividends_known: bool | None = None,
    ) -> int:
        """Store bars by day and return how many days are new; what is stored and not in `bars` stays.

        Args:
            name: The series.
            bars: A bar replaces the stored bar of its day. Its actions likewise.
            source: What is remembered as the origin of the newest bars.
            fetched: When it was fetched.
            currency: ISO code of the closes.
            dividends_known: Whether dividends of the whole stored span are known; None: as `bars` says.

        Raises:
            ValueError: The days do not ascend, or a close cannot be one.
        """
        _check(name, bars)
        if not bars.days:
            return 0
        with self.writing():
            key = self._series_id(name)
            years = {number_day(d).year for d in (bars.days[0], bars.days[-1])}
            stored = self._packs(name, bars.basis, (min(years), max(years)))
            added = 0
            for year, rows in _by_year(bars).items():
                old = stored.get(year, {})
                merged = {**old, **rows}
                added += len(merged) - len(old)
                if merged != old:
                    self._write_pack(key, bars.basis, year, merged)
            for day, dividend, split in _actions(bars):
                self._db.execute(
                    "INSERT INTO action VALUES (?, ?, ?, ?) ON CONFLICT (series, day) DO UPDATE SET "
                    "dividend = coalesce(excluded.dividend, dividend), split = coalesce(excluded.split, split)",
                    (key, day, dividend, split),
                )
            known = bars.dividends is not None if dividends_known is None else dividends_known
            self._db.execute(
                "INSERT INTO feed VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (series, basis) DO UPDATE SET "
                "source = excluded.source, currency = excluded.currency, dividends_known = excluded.dividends_known, "
                "first = min(first, excluded.first), last = max(last, excluded.last), fetched = excluded.fetched",
                (key, bars.basis, source, currency, int(known), bars.days[0], bars.days[-1], _stamp(fetched)),
            )
        return added

    def set_status(self, name: str, status: str, detail: str, checked: dt.datetime) -> None:
        """Remember how the refresh of a series ended."""
        with self.writing():
            self._db.execute(
                "UPDATE series SET status = ?, detail = ?, checked = ? WHERE id = ?",
                (status, detail, _stamp(checked), self._series_id(name)),
            )

    def log_run(self, started: dt.datetime, ended: dt.datetime, summary: str) -> None:
        """Remember that a refresh took place."""
        with self.writing():
            self._db.execute(
                "INSERT INTO run (started, ended, summary) VALUES (?, ?, ?)", (_stamp(started), _stamp(ended), summary)
            )

    def runs(self) -> list[tuple[str, str, str]]:
        """Return start, end and summary of every refresh, oldest first."""
        rows = self._query("SELECT started, ended, summary FROM run ORDER BY id")
        return [(str(started), str(ended), str(summary)) for started, ended, summary in rows]

    def _series_id(self, name: str) -> int:
        self._db.execute("INSERT OR IGNORE INTO series (name) VALUES (?)", (name,))
        return int(self._db.execute("SELECT id FROM series WHERE name = ?", (name,)).fetchone()[0])

    def _packs(self, name: str, basis: Basis, years: tuple[int, int] | None) -> dict[int, dict[int, tuple[float, ...]]]:
        first, last = years or (-(10**6), 10**6)
        rows = self._query(
            "SELECT p.year, p.days, p.close, p.open, p.high, p.low, p.volume FROM pack p "
            "JOIN series s ON s.id = p.series WHERE s.name = ? AND p.basis = ? AND p.year BETWEEN ? AND ?",
            (name, basis, first, last),
        )
        found: dict[int, dict[int, tuple[float, ...]]] = {}
        for year, blob, *blobs in rows:
            days = _ints(blob)
            columns = [array("d", [math.nan]) * len(days) if b is None else _floats(b) for b in blobs]
            found[int(year)] = dict(zip(days, zip(*columns, strict=True), strict=True))
        return found

    def _write_pack(self, key: int, basis: Basis, year: int, rows: dict[int, tuple[float, ...]]) -> None:
        days = sorted(rows)
        columns = [array("d", column) for column in zip(*(rows[d] for d in days), strict=True)]
        blobs = [_blob(columns[0])] + [None if all(map(math.isnan, c)) else _blob(c) for c in columns[1:]]
        self._db.execute(
            "INSERT OR REPLACE INTO pack VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (key, basis, year, _blob(array("i", days)), *blobs, _digest(days, columns[0])),
        )

    # --- sessions of exchanges -------------------------------------------------------------------------------------

    def sessions(self, exchange: str) -> tuple[list[int], list[int]] | None:
        """Return the stored sessions of an exchange, oldest first: their days, and their closes in minutes UTC.

        None: nothing is stored. Two empty lists: it is known that the exchange has no calendar.
        """
        days: list[int] = []
        closes: list[int] = []
        rows = self._query("SELECT days, closes FROM session WHERE exchange = ? ORDER BY year", (exchange,))
        if not rows:
            return None
        for day_blob, close_blob in rows:
            days += _ints(day_blob)
            closes += _ints(close_blob)
        return days, closes

    def write_sessions(self, exchange: str, days: Sequence[int], closes: Sequence[int]) -> None:
        """Replace the stored sessions of an exchange; closes are minutes since 1970 in UTC."""
        years: dict[int, tuple[list[int], list[int]]] = {} if days else {0: ([], [])}
        for day, close in zip(days, closes, strict=True):
            one = years.setdefault(number_day(day).year, ([], []))
            one[0].append(day)
            one[1].append(close)
        with self.writing():
            self._db.execute("DELETE FROM session WHERE exchange = ?", (exchange,))
            self._db.executemany(
                "INSERT INTO session VALUES (?, ?, ?, ?)",
                [(exchange, y, _blob(array("i", d)), _blob(array("i", c))) for y, (d, c) in years.items()],
            )


def _feed(row: tuple[Any, ...]) -> Feed:
    name, basis, source, currency, known, first, last, fetched = row
    return Feed(
        str(name),
        basis,
        str(source),
        str(currency),
        bool(known),
        number_day(first),
        number_day(last),
        str(fetched),
    )


def _stamp(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")


def _blob(values: array[int] | array[float]) -> bytes:
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values.tobytes()


def _ints(blob: bytes) -> array[int]:
    values = array("i")
    values.frombytes(blob)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def _floats(blob: bytes) -> array[float]:
    values = array("d")
    values.frombytes(blob)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def _digest(days: Sequence[int], closes: Sequence[float]) -> str:
    # Sources send float32 noise in the last digits; ten significant digits are the same on every machine.
    text = "\n".join(map("%d %.10g".__mod__, zip(days, closes, strict=True)))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _check(name: str, bars: Bars) -> None:
    if len(bars.days) != len(bars.close):
        raise ValueError(f"{name}: {len(bars.days)} days, but {len(bars.close)} closes")
    for before, after in zip(bars.days, bars.days[1:], strict=False):
        if after <= before:
            raise ValueError(f"{name}: the day {number_day(after)} does not come after {number_day(before)}")
    for day, close in zip(bars.days, bars.close, strict=True):
        if not math.isfinite(close) or (close <= 0 and bars.basis != "value"):
            raise ValueError(f"{name}: {close} on {number_day(day)} is no close")


def _by_year(bars: Bars) -> dict[int, dict[int, tuple[float, ...]]]:
    nothing = (math.nan,) * len(bars.days)
    columns = [bars.close, *(c if c is not None else nothing for c in (bars.open, bars.high, bars.low, bars.volume))]
    years: dict[int, dict[int, tuple[float, ...]]] = {}
    limit, rows = -(10**9), {}
    for day, row in zip(bars.days, zip(*columns, strict=True), strict=True):
        if day > limit:
            year = number_day(day).year
            limit, rows = day_number(dt.date(year, 12, 31)), years.setdefault(year, {})
        rows[day] = row
    return years


def _actions(bars: Bars) -> list[tuple[int, float | None, float | None]]:
    dividends, splits = dict(bars.dividends or ()), dict(bars.splits)
    return [(d, dividends.get(d), splits.get(d)) for d in sorted({*dividends, *splits})]

"""The file of the market store: opening it, its tables and their versions, and the one right to write.

Nothing here knows what a bar is.
"""

from __future__ import annotations

import datetime as dt
import functools
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from thesisvault.errors import DiskError, Finding, LockedError, NoDataError
from thesisvault.market.store.packs import digest, floats, ints
from thesisvault.market.store.seals import COLUMNS, covered, first_seals, prepare, seal, sealing
from thesisvault.opening import other_kind

VERSION = 5
_BUSY_SECONDS = 5.0

_SCHEMA_1 = """
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
# Version 2 remembers what was corrected, held back and decided, how often a series was not to be had, and snapshots of
# fundamentals.
_SCHEMA_2 = """
ALTER TABLE series ADD COLUMN misses INTEGER NOT NULL DEFAULT 0;
ALTER TABLE series ADD COLUMN due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE series ADD COLUMN again_from INTEGER;
ALTER TABLE series ADD COLUMN strikes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE series ADD COLUMN unknown_since TEXT NOT NULL DEFAULT '';
ALTER TABLE feed ADD COLUMN quoted_in TEXT NOT NULL DEFAULT '';
ALTER TABLE feed ADD COLUMN exchange TEXT NOT NULL DEFAULT '';
ALTER TABLE feed ADD COLUMN currency_known INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN library TEXT NOT NULL DEFAULT '';
CREATE TABLE correction (id INTEGER PRIMARY KEY, series INTEGER NOT NULL REFERENCES series(id), basis TEXT NOT NULL,
    made TEXT NOT NULL, source TEXT NOT NULL, reason TEXT NOT NULL, days BLOB NOT NULL, close BLOB NOT NULL, open BLOB,
    high BLOB, low BLOB, volume BLOB, actions TEXT NOT NULL);
CREATE INDEX correction_of ON correction (series);
CREATE TABLE held (series INTEGER NOT NULL REFERENCES series(id), basis TEXT NOT NULL, source TEXT NOT NULL,
    since TEXT NOT NULL, reason TEXT NOT NULL, currency TEXT NOT NULL, dividends_known INTEGER NOT NULL,
    wrong TEXT NOT NULL, days BLOB NOT NULL, close BLOB NOT NULL, open BLOB, high BLOB, low BLOB, volume BLOB,
    actions TEXT NOT NULL,
    PRIMARY KEY (series, basis, source));
CREATE TABLE rejected (series INTEGER NOT NULL REFERENCES series(id), basis TEXT NOT NULL, what TEXT NOT NULL,
    day INTEGER NOT NULL, value REAL NOT NULL, made TEXT NOT NULL, PRIMARY KEY (series, basis, what, day, value))
    WITHOUT ROWID;
CREATE TABLE snapshot (series INTEGER NOT NULL REFERENCES series(id), field TEXT NOT NULL, day INTEGER NOT NULL,
    value REAL NOT NULL, currency TEXT NOT NULL, source TEXT NOT NULL, fetched TEXT NOT NULL,
    PRIMARY KEY (series, field, day)) WITHOUT ROWID;
"""
# Version 3 knows up to which day later answers confirmed the bars, which move is doubted, which dividends an answer no
# longer listed, and what a person decided of dividends and splits.
_SCHEMA_3 = """
ALTER TABLE feed ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feed ADD COLUMN doubt TEXT NOT NULL DEFAULT '';
UPDATE feed SET confirmed = last - 1;
CREATE TABLE unlisted (series INTEGER NOT NULL REFERENCES series(id), source TEXT NOT NULL, day INTEGER NOT NULL,
    due INTEGER NOT NULL, PRIMARY KEY (series, source, day)) WITHOUT ROWID;
CREATE TABLE decision (series INTEGER NOT NULL REFERENCES series(id), what TEXT NOT NULL, day INTEGER NOT NULL,
    value REAL NOT NULL, reason TEXT NOT NULL, made TEXT NOT NULL, PRIMARY KEY (series, what, day)) WITHOUT ROWID;
"""
# Version 5 has the seals and digests of packs at hand without their bars.
_SCHEMA_5 = "CREATE INDEX pack_digest ON pack (series, basis, year, seal, digest)"
# Version 4 seals each row that a build reads.
_STEPS = (*(step.split(";") for step in (_SCHEMA_1, _SCHEMA_2, _SCHEMA_3)), tuple(first_seals()), (_SCHEMA_5,))
_BATCH = 500  # well below the number of variables that any SQLite allows in one statement


P = ParamSpec("P")
S = TypeVar("S")
R = TypeVar("R")
_NOT_UNDERSTOOD = (ValueError, TypeError, OverflowError, LookupError)


def understood(read: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Make a method that reads tell of a damaged store where what is stored cannot be what was written.

    Args:
        read: A method of a database, or of something that has one as `_database`.
    """

    @functools.wraps(read)
    def reads(self: S, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return read(self, *args, **kwargs)
        except _NOT_UNDERSTOOD as error:
            database: Database = self if isinstance(self, Database) else self._database  # type: ignore[attr-defined]
            raise database.damaged(f"{type(error).__name__}, {error}") from error

    return reads  # type: ignore[return-value]


class Database:
    """An open SQLite file with the tables of the newest version.

    Args:
        path: The file.
        create: Make it if it is not there.

    Raises:
        NoDataError: It is not there, and `create` is False.
        DiskError: It is no market store, damaged, of a newer version, or cannot be read or written.
        LockedError: Another run is writing for longer than five seconds.
    """

    def __init__(self, path: Path | str, *, create: bool = True) -> None:
        self.path = Path(path)
        self.is_new = not self.path.exists()
        self._lock = threading.RLock()
        self._depth = 0
        for suffix in ("", "-wal", "-shm"):
            if said := other_kind(self.path.with_name(self.path.name + suffix)):
                raise DiskError(f"{self._shown}{suffix} cannot be used: {said}.", "Move it away.")
        if self.is_new and not create:
            raise NoDataError(f"no prices are stored: {self._shown} is not there", "Run `thesisvault refresh` first.")
        try:
            self.path.parent.mkdir(exist_ok=True)
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
            version = self._version()
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
            self._db.execute("PRAGMA cache_size=-256")
            self._db.execute("PRAGMA cell_size_check=ON")
            prepare(self._db)
            self._db.create_function("tv_digest", 2, lambda days, close: digest(ints(days), floats(close)))
            if version < VERSION:
                if version == 0:
                    self._db.execute("PRAGMA journal_mode=WAL")
                with self.writing():
                    # Another run may have made the tables while this one waited for the lock.
                    for number in range(self._version(), VERSION):
                        for statement in _STEPS[number]:
                            self._db.execute(statement)
                        self._db.execute(f"PRAGMA user_version={number + 1}")
            sealing(self._db)

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            text = str(error)
            if "decode" in text:
                raise self.damaged(text) from error
            if "locked" in text or "busy" in text:
                raise LockedError(f"another run is writing {self._shown}.", "Try again when it is done.") from error
            raise DiskError(
                f"{self._shown} cannot be used: {text}.", "Free it, or make its folder writable, and run again."
            ) from error
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # its messages may quote what is damaged
            raise self.damaged(str(error)) from error

    def damaged(self, what: str) -> DiskError:
        """Return the error for a store that does not hold what was written."""
        said = f"the market store {self._shown} is damaged: {what.rstrip('.')}. It was not used."
        hint = "Move it aside, or bring back a copy, and run `thesisvault refresh`, which fetches what is missing."
        return DiskError(Finding(said, hint=hint, code="damaged-store"))

    def sealed(self, table: str, name: str, row: Sequence[Any]) -> None:
        """Refuse a row that is not as it was written.

        Args:
            table: Its table.
            name: The series that it belongs to, or the exchange.
            row: What `seals.covered` had read.

        Raises:
            DiskError: A bit of it has flipped.
        """
        if row[0] != seal(*row[1:]):
            raise self.damaged(self._broken(table, name, row))

    @staticmethod
    def _broken(table: str, name: str, row: Sequence[Any]) -> str:
        values = dict(zip(COLUMNS[table], row[1:], strict=True))
        when = f" of {values['year']}" if "year" in values else ""
        what = {"pack": "closes", "action": "a dividend or split", "session": "sessions", "snapshot": "a fundamental"}
        what["held"] = "what is held for review"
        return f"{name or 'a series'}: {what.get(table, 'what is known of it')}{when} is not what was written"

    def unsealed(self) -> list[str]:
        """Return which rows are not as they were written."""
        names = {key: str(name) for key, name in self.query("SELECT id, name FROM series")}
        found = []
        for table in COLUMNS:
            for row in self.query(f"SELECT {covered(table, 't')} FROM {table} t"):  # noqa: S608 - names of our own
                if row[0] != seal(*row[1:]):
                    name = str(row[1]) if table == "session" else names.get(row[1], "")
                    found.append(self._broken(table, name, row))
        return found

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def discard(self) -> None:
        """Close the file and take it away again, if it was made now and nothing of any series was stored."""
        empty = self.is_new and not self.query("SELECT 1 FROM feed LIMIT 1")
        self.close()
        if empty:
            for suffix in ("", "-wal", "-shm"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

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

    @property
    def is_reading(self) -> bool:
        """Whether this is inside `reading`, where nothing can be written."""
        return self._db.in_transaction and not self._depth

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See one state of the file in all that is read inside, whatever somebody else writes meanwhile."""
        with self._lock, self._translated():
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN")
            try:
                yield
            finally:
                self._db.execute("COMMIT")

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo all that is written inside if it fails, and nothing else of the transaction around it."""
        self._db.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK TO attempt")
            raise
        finally:
            self._db.execute("RELEASE attempt")

    def query(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a statement that reads."""
        with self._lock, self._translated():
            return self._db.execute(statement, tuple(values)).fetchall()

    def by_name(self, statement: str, names: Sequence[str] | None, tail: str = "") -> list[tuple[Any, ...]]:
        """Return the rows of a statement over `series s`, of all series or of those named."""
        if names is None:
            return self.query(statement + tail)
        rows: list[tuple[Any, ...]] = []
        wanted = list(dict.fromkeys(names))
        for start in range(0, len(wanted), _BATCH):
            part = wanted[start : start + _BATCH]
            rows += self.query(f"{statement} WHERE s.name IN ({','.join('?' * len(part))}){tail}", part)
        return rows

    def version(self) -> tuple[int, int] | None:
        """Return what changes with every write, of this process and of others; None while one may still be undone."""
        if self._db.in_transaction:
            return None
        return self._db.total_changes, int(self.query("PRAGMA data_version")[0][0])

    def write(self, statement: str, values: Sequence[object] = ()) -> None:
        """Run a statement that writes; only inside `writing`."""
        self._db.execute(statement, tuple(values))

    def write_many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement that writes once a row; only inside `writing`."""
        self._db.executemany(statement, rows)

    def series_id(self, name: str) -> int:
        """Return the number of a series, which it gets now if it has none; only inside `writing`."""
        row = self._db.execute("SELECT id FROM series WHERE name = ?", (name,)).fetchone()
        if row is None:
            return int(self._db.execute("INSERT INTO series (name) VALUES (?)", (name,)).lastrowid or 0)
        return int(row[0])

    def check_structure(self) -> None:
        """Refuse a file in which rows may be missing: of pages that are not what SQLite wrote.

        Raises:
            DiskError: It is damaged.
        """
        said = str(self.query("PRAGMA integrity_check(1)")[0][0])
        if said != "ok":
            raise self.damaged(" ".join(said.split()))

    def faults(self) -> list[str]:
        """Return what SQLite finds wrong with the file, rows that are not as they were written or point nowhere."""
        try:
            found = [str(row[0]) for row in self.query("PRAGMA integrity_check") if row[0] != "ok"]
            found += self.unsealed()
            return found + [f"a row of {row[0]} belongs to no series" for row in self.query("PRAGMA foreign_key_check")]
        except DiskError as error:
            return [str(error)]


def stamp(moment: dt.datetime) -> str:
    """Return a moment as it is stored: in UTC, to the second."""
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")

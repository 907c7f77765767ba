"""Seals: each row that a build reads bears a checksum of what was written, so that a flipped bit is found in time.

SQLite keeps no checksums of its own: a bit that a failing disk turns over is another price, and nobody notices. A seal
is made by triggers of the connection that writes, so no statement can forget it, and is compared by whoever reads.
"""

from __future__ import annotations

import sqlite3
import struct
import zlib
from collections.abc import Iterator

COLUMNS = {
    "series": (
        *("id", "name", "status", "detail", "checked", "misses", "due", "again_from", "strikes"),
        "unknown_since",
    ),
    "feed": (
        *("series", "basis", "source", "currency", "dividends_known", "first", "last", "fetched"),
        *("quoted_in", "exchange", "currency_known", "confirmed", "doubt"),
    ),
    "pack": ("series", "basis", "year", "days", "close"),
    "action": ("series", "day", "dividend", "split"),
    "session": ("exchange", "year", "days", "closes", "library"),
    "snapshot": ("series", "field", "day", "value", "currency", "source", "fetched"),
    "held": (
        *("series", "basis", "source", "since", "reason", "currency", "dividends_known", "wrong", "days", "close"),
        *("open", "high", "low", "volume", "actions"),
    ),
}
"""What a seal covers, by table."""
_KEYS = {
    "series": ("id",),
    "feed": ("series", "basis"),
    "pack": ("series", "basis", "year"),
    "action": ("series", "day"),
    "session": ("exchange", "year"),
    "snapshot": ("series", "field", "day"),
    "held": ("series", "basis", "source"),
}
Stored = int | float | str | bytes | None
_SHORT = 64
_LENGTHS = [length.to_bytes(8, "little") for length in range(_SHORT)]


def seal(*values: Stored) -> int:
    """Return the checksum of the values of a row.

    >>> seal(1, "AAA") == seal(1, "AAB"), seal(1, "1") == seal("1", 1)
    (False, False)
    """
    parts: list[bytes] = []
    for value in values:
        if isinstance(value, str):
            head, data = b"t", value.encode("utf-8", "surrogatepass")
        elif value is None:
            head, data = b"n", b"None"
        elif isinstance(value, bytes):
            head, data = b"b", value
        elif isinstance(value, float):
            head, data = b"r", struct.pack("<d", value)
        else:
            head, data = b"i", str(value).encode()
        parts += head, _LENGTHS[len(data)] if len(data) < _SHORT else len(data).to_bytes(8, "little"), data
    return zlib.crc32(b"".join(parts))


def covered(table: str, alias: str) -> str:
    """Return what a statement has to read to compare the seals of a table: its seal, then what it covers."""
    return ", ".join(f"{alias}.{column}" for column in ("seal", *COLUMNS[table]))


def prepare(db: sqlite3.Connection) -> None:
    """Let a connection make seals; before its tables may be written."""
    db.create_function("tv_seal", -1, seal, deterministic=True)


def sealing(db: sqlite3.Connection) -> None:
    """Have every row that this connection writes sealed."""
    for table, columns in COLUMNS.items():
        values = ", ".join(f"NEW.{column}" for column in columns)
        where = " AND ".join(f"{key} = NEW.{key}" for key in _KEYS[table])
        for event in ("INSERT", f"UPDATE OF {', '.join(columns)}"):
            head = f"CREATE TEMP TRIGGER IF NOT EXISTS seal_{table}_{event[:6]} AFTER {event} ON main.{table}"
            db.execute(f"{head} BEGIN UPDATE {table} SET seal = tv_seal({values}) WHERE {where}; END")  # noqa: S608


def first_seals() -> Iterator[str]:
    """Yield the statements that give a store of an earlier version its seals.

    Bars whose digest is not theirs any more get none, and are found to be damaged when they are read.
    """
    for table, columns in COLUMNS.items():
        yield f"ALTER TABLE {table} ADD COLUMN seal INTEGER"
        only = " WHERE tv_digest(days, close) = digest" if table == "pack" else ""
        yield f"UPDATE {table} SET seal = tv_seal({', '.join(columns)}){only}"  # noqa: S608 - names of our own

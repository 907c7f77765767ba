"""Digests of whole series, made from the seals of their rows and so without reading a bar."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from thesisvault.market.store.database import Database

_ROWS = {
    # What changes with each fetch although nothing has come of it does not count.
    "feed": "basis, source, currency, dividends_known, first, last, quoted_in, exchange, currency_known, doubt",
    "pack": "basis, year, seal",
    "action": "day, seal",
    "snapshot": "field, day, value, currency, source",
}
"""What counts of each table, in the order of its key."""


def digests(database: Database) -> Mapping[str, str]:
    """Return a digest of all that is stored of each series: bars, actions, what they are, fundamentals."""
    with database.reading():
        names = dict(database.query("SELECT id, name FROM series"))
        rows: dict[int, list[str]] = {}
        for table, columns in _ROWS.items():
            statement = f"SELECT series, '{table}', {columns} FROM {table} ORDER BY series, {columns}"  # noqa: S608
            for series, *row in database.query(statement):
                rows.setdefault(series, []).append(repr(row))
    return {
        names[series]: hashlib.blake2b("\n".join(of).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
        for series, of in rows.items()
        if series in names
    }

"""The sessions of exchanges as they are stored, so that calendars are computed once."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from thesisvault.market.bars import number_day
from thesisvault.market.store.database import Database, understood
from thesisvault.market.store.packs import blob, ints
from thesisvault.market.store.seals import covered, seal


class Exchanges(Database):
    """A database that keeps the sessions of exchanges."""

    @understood
    def sessions(self, exchange: str, library: str = "") -> tuple[list[int], list[int]] | None:
        """Return the stored sessions of an exchange, oldest first: their days, and their closes in minutes UTC.

        None: nothing is stored, or not by this version of the library that computes them. Two empty lists: it is known
        that the exchange has no calendar.
        """
        days: list[int] = []
        closes: list[int] = []
        rows = self.query(
            f"SELECT {covered('session', 's')} FROM session s WHERE exchange = ? AND library = ? ORDER BY year",  # noqa: S608
            (exchange, library),
        )
        if not rows or any(row[0] != seal(*row[1:]) for row in rows):
            return None  # what is damaged is computed anew
        for _, _, _, day_blob, close_blob, _ in rows:
            days += ints(day_blob)
            closes += ints(close_blob)
        return days, closes

    def write_sessions(self, exchange: str, days: Sequence[int], closes: Sequence[int], library: str = "") -> None:
        """Replace the stored sessions of an exchange; closes are minutes since 1970 in UTC."""
        years: dict[int, tuple[list[int], list[int]]] = {} if days else {0: ([], [])}
        for day, close in zip(days, closes, strict=True):
            one = years.setdefault(number_day(day).year, ([], []))
            one[0].append(day)
            one[1].append(close)
        with self.writing():
            self.write("DELETE FROM session WHERE exchange = ?", (exchange,))
            self.write_many(
                "INSERT INTO session VALUES (?, ?, ?, ?, ?, NULL)",
                [(exchange, y, blob(array("i", d)), blob(array("i", c)), library) for y, (d, c) in years.items()],
            )

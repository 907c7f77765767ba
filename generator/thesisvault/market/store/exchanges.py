"""The sessions of exchanges as they are stored, so that calendars are computed once."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import cached_property

from thesisvault.market.bars import number_day
from thesisvault.market.store.database import Database, understood
from thesisvault.market.store.packs import blob, ints
from thesisvault.market.store.seals import covered, seal


class Exchanges(Database):
    """A database that keeps the sessions of exchanges."""

    @cached_property
    def _sessions_are_right(self) -> bool:
        rows = self.query(f"SELECT {covered('session', 's')} FROM session s")  # noqa: S608 - names of our own
        return all(row[0] == seal(*row[1:]) for row in rows)

    @understood
    def sessions(self, exchange: str, library: str = "") -> tuple[list[int], list[int]] | None:
        """Return the stored sessions of an exchange, oldest first: their days, and their closes in minutes UTC.

        None: nothing is stored, or not by this version of the library that computes them. Two empty lists: it is known
        that the exchange has no calendar.
        """
        days: list[int] = []
        closes: list[int] = []
        if not self._sessions_are_right:
            return None  # what is damaged is computed anew
        rows = self.query(
            "SELECT days, closes FROM session WHERE exchange = ? AND library = ? ORDER BY year", (exchange, library)
        )
        if not rows:
            return None
        for day_blob, close_blob in rows:
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
            if not self._sessions_are_right:
                self.write("DELETE FROM session")
                self._sessions_are_right = True
            self.write("DELETE FROM session WHERE exchange = ?", (exchange,))
            self.write_many(
                "INSERT INTO session VALUES (?, ?, ?, ?, ?, NULL)",
                [(exchange, y, blob(array("i", d)), blob(array("i", c)), library) for y, (d, c) in years.items()],
            )

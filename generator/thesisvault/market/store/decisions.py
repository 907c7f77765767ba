"""What a person decided of the dividends and splits of a series, which no refresh undoes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from thesisvault.market.bars import number_day
from thesisvault.market.store.database import Database, stamp, understood

What = Literal["dividend", "split"]


class Decision(Struct, frozen=True):
    """One decision.

    Attributes:
        name: The series.
        what: What it is about.
        day: The day from which shares trade without the dividend, or on the new basis.
        value: Cash a share, or new shares per old one; of a split that was dropped its negative, of a dividend nought.
        reason: Why, in the person's words.
        made: When.
    """

    name: str
    what: What
    day: int
    value: float
    reason: str
    made: str

    @property
    def says(self) -> str:
        """What was decided, in one sentence without its stop."""
        if self.what == "split":
            done = f"the split of {abs(self.value):g} for 1 on {number_day(self.day)} was "
        elif self.value:
            done = f"the dividend of {self.value:g} on {number_day(self.day)} was "
        else:
            done = f"the dividend on {number_day(self.day)} was "
        verb = "added" if self.value > 0 else "dropped"
        return f"{done}{verb} by hand on {self.made[:10]}: {self.reason}"


class Decisions(Struct):
    """All decisions of a store."""

    _database: Database

    def decide(self, name: str, what: What, day: int, value: float, reason: str, made: dt.datetime) -> None:
        """Keep a decision in place of an earlier one about the same; only inside `writing`."""
        self._database.write(
            "INSERT OR REPLACE INTO decision VALUES (?, ?, ?, ?, ?, ?)",
            (self._database.series_id(name), what, day, value, reason, stamp(made)),
        )

    @understood
    def made(self, names: Iterable[str] | None = None) -> dict[str, list[Decision]]:
        """Return the decisions on each series, by day; of all series, or of those named."""
        rows = self._database.by_name(
            "SELECT s.name, d.what, d.day, d.value, d.reason, d.made FROM decision d JOIN series s ON s.id = d.series",
            None if names is None else list(names),
        )
        found: dict[str, list[Decision]] = {}
        for row in sorted(rows, key=lambda row: (row[0], row[2], row[1])):
            found.setdefault(str(row[0]), []).append(Decision(*row))
        return found

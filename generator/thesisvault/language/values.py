"""The newest value of an expression, with all that a reader must know beside it."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from msgspec import Struct, field

Kind = Literal[
    "fraction",
    "share",
    "spread",
    "number",
    "multiple",
    "money",
    "difference",
    "index",
    "count",
    "truth",
    "day",
    "word",
]
"""How a value is shown where no filter says so."""


class Number(Struct, frozen=True):
    """The newest value of an expression.

    Attributes:
        value: A float, a word or a day; None where unknown.
        kind: What it is.
        on: The session of the newest value, or the day on which it became final.
        reason: Why it is unknown, where it is.
        settled: It became final on that day and cannot grow stale.
        dated: The series whose fundamentals it rests on, with the day of the snapshot.
        currencies: The currency of the prices of each series it rests on.
    """

    value: float | str | dt.date | None
    kind: Kind
    on: dt.date | None
    reason: str = ""
    unit: str = ""
    stale: tuple[tuple[str, dt.date], ...] = ()
    notes: tuple[str, ...] = ()
    bases: tuple[tuple[str, dt.date], ...] = ()
    sources: tuple[str, ...] = ()
    returns: frozenset[str] = field(default_factory=frozenset)
    settled: bool = False
    dated: tuple[tuple[str, dt.date], ...] = ()
    currencies: tuple[tuple[str, str], ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    @property
    def truth(self) -> bool | None:
        """True, False, or None where unknown; for conditions."""
        return None if self.value is None else bool(self.value)

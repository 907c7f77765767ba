"""How a refresh ended: one outcome per series, and the report of all."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Literal

from msgspec import Struct

from thesisvault.market.bars import Remark

Result = Literal["added", "up to date", "unknown symbol", "stale", "quarantined", "failed", "rate limited", "not asked"]


class Outcome(Struct, frozen=True):
    """How the refresh of one series ended.

    Attributes:
        name: Its ticker.
        result: In a word. `stale`: the sources have it, but not up to the last finished session. `quarantined`:
            bars wait in quarantine.
        added: How many days are new.
        detail: Why, where a word is not enough.
        last: The newest day stored, if any.
        corrected: Why stored bars changed, a sentence a source.
        refused: Bars that can never be stored, by what is wrong with them.
        doubts: What is strange about a newest bar that was stored, and that nothing has confirmed yet.
        remarks: What sources have to say of their answers.
    """

    name: str
    result: Result
    added: int = 0
    detail: str = ""
    last: dt.date | None = None
    corrected: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()


class RefreshReport(Struct, frozen=True):
    """How a refresh ended, a series at a time, in the order asked for."""

    outcomes: tuple[Outcome, ...]

    @property
    def added(self) -> int:
        """How many days are new over all series."""
        return sum(outcome.added for outcome in self.outcomes)

    def of(self, *results: Result) -> tuple[Outcome, ...]:
        """Return the outcomes that ended in one of some words."""
        return tuple(outcome for outcome in self.outcomes if outcome.result in results)

    @property
    def summary(self) -> str:
        """One line: how many series ended how.

        >>> RefreshReport((Outcome("SPY", "added", 2), Outcome("XLE", "up to date"))).summary
        '2 new bars; 1 added, 1 up to date'
        """
        counts = Counter(outcome.result for outcome in self.outcomes)
        return f"{self.added} new bars; " + ", ".join(f"{n} {result}" for result, n in counts.items())

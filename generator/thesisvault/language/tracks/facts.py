"""What a reader must know beside a number: where it comes from, how old it is, and from when it is measured."""

from __future__ import annotations

import datetime as dt
from typing import TypeVar

from msgspec import Struct

from thesisvault.structs import replace

Dated = tuple[tuple[str, dt.date], ...]
T = TypeVar("T")


class Facts(Struct, frozen=True):
    """What goes with a value besides the number.

    Attributes:
        stale: Series it rests on that end before they should, with the day they end.
        notes: What a reader must know of it, such as where a chain was borrowed.
        bases: The base day of each window in use, by the window's text.
        sources: The series it rests on.
        returns: Which kinds of return it holds: `total`, `price`.
        early: What a reader must know of windows that begin before a day: the day and the sentence.
        dated: The series whose fundamentals it rests on, with the day of the snapshot; shown wherever the number is.
        currencies: The currency of the prices of each series it rests on.
        settled: The day on which the value became final (fixed windows, `at`), so that it cannot grow stale.
    """

    stale: Dated = ()
    notes: tuple[str, ...] = ()
    bases: Dated = ()
    sources: tuple[str, ...] = ()
    returns: frozenset[str] = frozenset()
    early: tuple[tuple[dt.date, str], ...] = ()
    dated: Dated = ()
    settled: dt.date | None = None
    currencies: tuple[tuple[str, str], ...] = ()

    def and_(self, other: Facts) -> Facts:
        """Return what goes with a result of two values, whatever is final."""
        if other is self or other is NONE:
            return self
        if self is NONE:
            return other
        return Facts(
            _joined(self.stale, other.stale),
            _joined(self.notes, other.notes),
            _joined(self.bases, other.bases),
            _joined(self.sources, other.sources),
            self.returns | other.returns,
            _joined(self.early, other.early),
            _joined(self.dated, other.dated),
            max(self.settled, other.settled) if self.settled and other.settled else None,
            _joined(self.currencies, other.currencies),
        )

    def noted(self, *texts: str) -> Facts:
        """Return them with further notes."""
        return replace(self, notes=_joined(self.notes, texts)) if texts else self

    def reaching(self, begins: dt.date) -> Facts:
        """Return them with what matters to a number that begins on a day."""
        return self.noted(*(text for until, text in self.early if begins < until))


NONE = Facts()


def _joined(left: tuple[T, ...], right: tuple[T, ...]) -> tuple[T, ...]:
    if not right or right == left:
        return left
    return tuple(dict.fromkeys(left + right)) if left else right

"""Tracks: constants, series that were read, and what is unknown."""

from __future__ import annotations

import copy
import datetime as dt
import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from thesisvault.analytics.bounds import Ints, Pace
from thesisvault.language.kinds import Typed
from thesisvault.language.tracks.calendars import Calendar, Timed
from thesisvault.language.tracks.facts import NONE, Facts
from thesisvault.language.values import Number

Floats = npt.NDArray[np.float64]
One = Any
"""A value at one session: a float, a word or None, and for a universe an array with one float per member."""
Every = npt.NDArray[Any]
"""Values at all sessions: floats, words, or sessions x members."""

EMPTY = Calendar(np.zeros(0, dtype=np.int64))
EMPTY_PAIRS = np.zeros((0, 2))


class Spot(Struct, frozen=True):
    """The newest window of a track.

    Attributes:
        base: Its first row, -1 where it is unknown.
        end: Its last row.
        facts: What a reader must know beside what was measured over it.
        void: Why that says nothing about today.
        on: The day that it is dated by; None where there is no session at all.
    """

    base: int
    end: int
    facts: Facts
    void: str
    on: dt.date | None


class Track(ABC):
    """What a part of an expression is worth over time.

    Truths are 1.0, 0.0 and NaN, days are counted from 1970-01-01, what is unknown is NaN, and None among words.

    Attributes:
        typed: Its kind.
        calendar: Its sessions; None for a constant.
        dated: The days that its values are of: its sessions, but for macro series, which are known later.
        pace: How often it has a value.
        columns: The members of a universe, one column each; None for a single series.
        facts: What a reader must know beside its newest value.
        name: What a bare name stood for, to name it in reasons.
        void: Why its newest value says nothing about today, though it was true of its own session.
        number: Its newest value, once it was asked for.
        spots: What was found of its newest windows.
    """

    typed: Typed
    calendar: Calendar | None = None
    dated: Calendar = EMPTY
    pace: Pace = Pace()
    columns: tuple[str, ...] | None = None
    facts: Facts = NONE
    name: str = ""
    void: str = ""
    number: Number | None = None
    spots: dict[object, Spot] | None = None
    _whole: Every | None = None

    def at(self, row: int) -> One:
        """Return the value at one session."""
        if self._whole is not None:
            found = self._whole[row]
            return float(found) if isinstance(found, np.floating) else found
        return self._at(row)

    def whole(self) -> Every:
        """Return the values at all sessions."""
        if self._whole is None:
            self._whole = self._every()
        return self._whole

    def latest(self) -> One:
        """Return the value at its newest session, of which there is one."""
        return self.at(self.newest_row)

    @property
    def size(self) -> int:
        """How many bytes its values at all sessions take, once they are worked out."""
        return 0 if self._whole is None else int(self._whole.nbytes)

    @property
    def spot(self) -> Spot:
        """Its newest session with what goes with the value there."""
        facts, row = self.facts, self.newest_row
        on = facts.settled or (self.dated.day(row) if row >= 0 else None)
        return Spot(row, row, facts, self.void, on)

    @property
    def timed(self) -> Timed | None:
        """When it has values; None for a constant."""
        return None if self.calendar is None else Timed(self.calendar, self.dated, self.pace)

    @property
    def newest_row(self) -> int:
        """The row of its newest session; -1 if it has none, or is constant."""
        return len(self.calendar) - 1 if self.calendar is not None else -1

    @abstractmethod
    def _at(self, row: int) -> One: ...

    @abstractmethod
    def _every(self) -> Every: ...

    def why(self) -> str:
        """Return why its newest value is unknown, if it has a reason of its own."""
        return ""

    @property
    def is_empty(self) -> bool:
        """Whether it has no session at all."""
        return self.calendar is not None and not len(self.calendar)


class Constant(Track):
    """The same at every session."""

    def __init__(self, value: float | str, typed: Typed, facts: Facts = NONE, reason: str = "") -> None:
        self.value, self.typed, self.facts, self.reason = value, typed, facts, reason

    def at(self, row: int) -> One:  # noqa: ARG002 - the same at every row
        """Return the value, whatever the session."""
        return self.value

    def _at(self, row: int) -> One:  # noqa: ARG002
        return self.value

    def _every(self) -> Every:
        return np.array([self.value], dtype=object if isinstance(self.value, str) else np.float64)

    def why(self) -> str:
        """Return why it is unknown."""
        return self.reason


class Missing(Track):
    """Unknown at every session, with the reason."""

    calendar = EMPTY

    def __init__(self, reason: str, typed: Typed, facts: Facts = NONE, name: str = "") -> None:
        self.reason, self.typed, self.facts, self.name = reason, typed, facts, name

    def _at(self, row: int) -> One:  # noqa: ARG002
        return math.nan

    def _every(self) -> Every:
        return np.zeros(0)

    def why(self) -> str:
        """Return why it is unknown."""
        return self.reason


def taken(values: Every, rows: Ints | None, base: int, end: int) -> Every:
    """Return the values from one row to another, where `rows` are those that count; None: all, in order."""
    if rows is None:
        return values[base : end + 1]
    first, last = int(rows[base]), int(rows[end])
    # Rows ascend, so that so many of them without a gap are all that lie between.
    return values[first : last + 1] if last - first == end - base else values[rows[base : end + 1]]


class Stored(Track):
    """Values that were read or worked out before, without gaps unless it is a universe or `gaps` says so.

    Attributes:
        gaps: Some values are unknown.
        sides: The tracks that it was made of.
        begins: The row of the first value of each column that has one at every session from there on, -1 for another;
            None where that is not known.
    """

    def __init__(
        self,
        values: Every,
        calendar: Calendar,
        typed: Typed,
        *,
        dated: Calendar | None = None,
        pace: Pace | None = None,
        facts: Facts = NONE,
        name: str = "",
        columns: tuple[str, ...] | None = None,
        reason: str = "",
        gaps: bool = False,
        sides: tuple[Track, ...] = (),
        begins: Ints | None = None,
    ) -> None:
        self._whole, self.calendar, self.typed = values, calendar, typed
        self.dated, self.pace, self.facts = dated or calendar, pace or Pace(), facts
        self.name, self.columns, self.reason = name, columns, reason
        self.gaps = gaps or columns is not None
        self.sides, self.begins = sides, begins

    def cut(self, base: int, end: int) -> tuple[Every, ...]:
        """Return the values from one session to another, as a formula for one window takes them."""
        return (self.whole()[base : end + 1],)

    def with_facts(self, facts: Facts) -> Stored:
        """Return the same values with other facts."""
        found = copy.copy(self)
        found.facts, found.number, found.spots = facts, None, None
        return found

    def _at(self, row: int) -> One:
        return self.whole()[row]

    def _every(self) -> Every:
        raise NotImplementedError  # its values were given to it

    def why(self) -> str:
        """Return why its newest value is unknown."""
        return self.reason


class Paired(Stored):
    """Two single series without gaps side by side, on the sessions that both have."""

    def __init__(
        self,
        left: Stored,
        right: Stored,
        rows: tuple[Ints | None, Ints | None],
        calendar: Calendar,
        typed: Typed,
        *,
        dated: Calendar,
        pace: Pace,
        facts: Facts,
        name: str,
    ) -> None:
        super().__init__(EMPTY_PAIRS, calendar, typed, dated=dated, pace=pace, facts=facts, name=name)
        # The sides are kept with it, so that their identities stay unique.
        self.sides, self.rows, self._whole = (left, right), rows, None

    def cut(self, base: int, end: int) -> tuple[Every, ...]:
        """Return the values of each of both from one session to another."""
        (left, right), (one, other) = self.sides, self.rows
        return taken(left.whole(), one, base, end), taken(right.whole(), other, base, end)

    def _every(self) -> Every:
        sides = zip(self.sides, self.rows, strict=True)
        return np.column_stack([side.whole() if rows is None else side.whole()[rows] for side, rows in sides])

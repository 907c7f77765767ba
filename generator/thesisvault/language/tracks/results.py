"""Tracks made of one other: across the members of a universe, in a row, and on a day."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property

import numpy as np

from thesisvault.analytics.kernels import Floats
from thesisvault.language.kinds import Typed
from thesisvault.language.tracks.calendars import Calendars
from thesisvault.language.tracks.facts import Facts
from thesisvault.language.tracks.track import Every, One, Track


class Reduced(Track):
    """One value per session from those of all members."""

    def __init__(self, of: Track, reduce: Callable[[Floats], Floats], typed: Typed) -> None:
        self.of, self.reduce, self.typed = of, reduce, typed
        self.calendar, self.dated, self.pace, self.facts, self.name = of.calendar, of.dated, of.pace, of.facts, of.name
        self.void = of.void

    def _at(self, row: int) -> One:
        return float(self.reduce(np.asarray(self.of.at(row))[None, :])[0])

    def _every(self) -> Every:
        return self.reduce(self.of.whole())

    def why(self) -> str:
        """Return the reason of what it is made of."""
        return self.of.why()


class Worked(Track):
    """A whole history worked out from that of another, session by session."""

    def __init__(self, of: Track, work: Callable[[Floats], Floats], typed: Typed) -> None:
        self.of, self.work, self.typed = of, work, typed
        self.calendar, self.dated, self.pace, self.name = of.calendar, of.dated, of.pace, of.name
        self.columns, self.void = of.columns, of.void

    def _at(self, row: int) -> One:
        return self.whole()[row]

    def _every(self) -> Every:
        return self.work(self.of.whole())

    @property
    def facts(self) -> Facts:  # type: ignore[override]
        """What goes with its newest value."""
        return self.of.facts

    def why(self) -> str:
        """Return the reason of what it is made of."""
        return self.of.why()


class Streak(Worked):
    """Sessions in a row on which a condition has held; its data reach back to where the run began."""

    @cached_property
    def facts(self) -> Facts:  # type: ignore[override]
        """What goes with its newest value."""
        found = self.of.facts
        if self.is_empty or math.isnan(length := float(self.whole()[-1])):
            return found
        return found.reaching(self.dated.day(max(len(self.dated) - max(int(length), 1), 0)))


class Ranked(Track):
    """The place of one series among the members of a universe: 1 is the highest, equals share the better."""

    def __init__(self, own: Track, members: Track, name: str, typed: Typed, calendars: Calendars) -> None:
        assert own.calendar is not None  # noqa: S101 - a series
        assert members.calendar is not None  # noqa: S101
        assert members.columns is not None  # noqa: S101
        self.own, self.members, self.typed, self.name = own, members, typed, name
        self.column = members.columns.index(name) if name in members.columns else -1
        self.common = calendars.common(members.calendar, own.calendar)
        self.calendar = self.dated = members.calendar if self.column >= 0 else self.common.calendar
        self.pace, self.void = members.pace, own.void or members.void

    def _at(self, row: int) -> One:
        return self.whole()[row] if self.column < 0 else self._one(row)

    def _one(self, row: int) -> float:
        values = np.asarray(self.members.at(row))
        own = float(values[self.column])
        return math.nan if math.isnan(own) else float((values > own).sum()) + 1.0

    def _every(self) -> Every:
        values = self.members.whole()
        if self.column >= 0:
            own = values[:, self.column]
        else:
            values = values if self.common.left is None else values[self.common.left]
            own = self.own.whole() if self.common.right is None else self.own.whole()[self.common.right]
        above = (values > own[:, None]).sum(axis=1)
        return np.where(np.isnan(own), np.nan, above + 1.0)

    @cached_property
    def facts(self) -> Facts:  # type: ignore[override]
        """What goes with its newest value."""
        return self.own.facts.and_(self.members.facts)

    def why(self) -> str:
        """Return why its newest value is unknown."""
        return self.own.why() or self.members.why()

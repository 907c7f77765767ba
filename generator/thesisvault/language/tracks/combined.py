"""Operators: tracks joined on the sessions that they share, never filled; unknown stays unknown."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from msgspec import Struct

from thesisvault.analytics.bounds import Ints
from thesisvault.language.kinds import Typed
from thesisvault.language.tracks.calendars import Calendars
from thesisvault.language.tracks.facts import Facts
from thesisvault.language.tracks.joining import meet
from thesisvault.language.tracks.track import Every, One, Track
from thesisvault.structs import replace


class Rule(Struct, frozen=True):
    """How values are combined: at one session, where all are single, and over arrays of any shape."""

    one: Callable[..., One]
    every: Callable[..., Every]


class Combined(Track):
    """Several tracks combined session by session, on the sessions that all of them have."""

    def __init__(self, rule: Rule, sides: Sequence[Track], typed: Typed, calendars: Calendars) -> None:
        self.rule, self.sides, self.typed = rule, tuple(sides), typed
        when, self.rows = meet([side.timed for side in self.sides], calendars)
        self.columns, self.places = _columns(self.sides)
        if when is not None:
            self.calendar, self.dated, self.pace = when.calendar, when.dated, when.pace

    def _at(self, row: int) -> One:
        values = []
        for side, rows, places in zip(self.sides, self.rows, self.places, strict=True):
            value = side.at(row if rows is None else int(rows[row]))
            values.append(value if places is None else value[places])
        if self.columns is None:
            return self.rule.one(*values)
        return self.rule.every(*(np.asarray(value) for value in values))

    def _every(self) -> Every:
        values = []
        for side, rows, places in zip(self.sides, self.rows, self.places, strict=True):
            value = side.whole()
            if side.calendar is not None and rows is not None:
                value = value[rows]
            if places is not None:
                value = value[:, places]
            if self.columns is not None and value.ndim == 1:
                value = value[:, None]
            values.append(value)
        return self.rule.every(*values)

    @cached_property
    def facts(self) -> Facts:  # type: ignore[override]
        """What goes with its newest value."""
        return facts_of(self.sides)

    @cached_property
    def void(self) -> str:  # type: ignore[override]
        """Why its newest value says nothing about today."""
        return next((side.void for side in self.sides if side.void), "")

    def why(self) -> str:
        """Return the reason of the first side that has one."""
        return next((said for side in self.sides if (said := side.why())), "")


def _columns(sides: Sequence[Track]) -> tuple[tuple[str, ...] | None, list[Ints | None]]:
    """Return the members that all wide sides have, and their columns in each; None: all, in order."""
    wide = [side.columns for side in sides if side.columns is not None]
    if not wide:
        return None, [None] * len(sides)
    kept = tuple(name for name in wide[0] if all(name in other for other in wide[1:]))
    places: list[Ints | None] = []
    for side in sides:
        if side.columns is None or side.columns == kept:
            places.append(None)
        else:
            places.append(np.array([side.columns.index(name) for name in kept], dtype=np.int64))
    return kept, places


def facts_of(sides: Sequence[Track]) -> Facts:
    """Return what goes with a result of some tracks; it is final if all that can change are."""
    found = sides[0].facts
    for side in sides[1:]:
        found = found.and_(side.facts)
    moving = [side.facts.settled for side in sides if side.calendar is not None or side.facts.settled is not None]
    settled = [day for day in moving if day is not None]
    final = max(settled) if settled and len(settled) == len(moving) else None
    return found if found.settled == final else replace(found, settled=final)


# Rules -----------------------------------------------------------------------------------------------------------


def _finite(value: float) -> float:
    return value if math.isfinite(value) else math.nan


def _divided(a: float, b: float) -> float:
    return _finite(a / b) if b else math.nan


def _all_finite(values: Every) -> Every:
    known = np.isfinite(values)
    if not known.all():
        values[~known] = np.nan
    return values


def _quiet(work: Callable[[Every, Every], Every]) -> Callable[[Every, Every], Every]:
    def run(a: Every, b: Every) -> Every:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return _all_finite(np.asarray(work(a, b), dtype=np.float64))

    return run


ARITHMETIC = {
    "+": Rule(lambda a, b: _finite(a + b), _quiet(np.add)),
    "-": Rule(lambda a, b: _finite(a - b), _quiet(np.subtract)),
    "*": Rule(lambda a, b: _finite(a * b), _quiet(np.multiply)),
    "/": Rule(_divided, _quiet(np.divide)),
}


def _compare(op: Callable[[One, One], One]) -> Rule:
    def one(a: float, b: float) -> float:
        return math.nan if a != a or b != b else float(op(a, b))

    def every(a: Every, b: Every) -> Every:
        held = np.asarray(op(a, b), dtype=np.float64)
        unknown = np.isnan(a) | np.isnan(b)
        if unknown.any():
            held[np.broadcast_to(unknown, held.shape)] = np.nan
        return held

    return Rule(one, every)


_OPERATORS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
COMPARISONS = {op: _compare(work) for op, work in _OPERATORS.items()}


def _words(equal: bool) -> Rule:
    def one(a: str | None, b: str | None) -> float:
        return float((a == b) == equal) if isinstance(a, str) and isinstance(b, str) else math.nan

    def every(a: Every, b: Every) -> Every:
        a, b = np.broadcast_arrays(a, b)
        return np.array([one(x, y) for x, y in zip(a.tolist(), b.tolist(), strict=True)], dtype=np.float64)

    return Rule(one, every)


WORDS = {"==": _words(True), "!=": _words(False)}


def _kleene(decided: float) -> Rule:
    def one(a: float, b: float) -> float:
        if decided in (a, b):
            return decided
        return math.nan if a != a or b != b else 1.0 - decided

    def every(a: Every, b: Every) -> Every:
        unknown = np.isnan(a) | np.isnan(b)
        return np.where((a == decided) | (b == decided), decided, np.where(unknown, np.nan, 1.0 - decided))

    return Rule(one, every)


LOGIC = {"and": _kleene(0.0), "or": _kleene(1.0)}
NEGATE = Rule(lambda a: -a, np.negative)
NOT = Rule(lambda a: 1.0 - a, lambda a: 1.0 - a)
ABS = Rule(abs, np.abs)
EXTREMES = {
    "min": Rule(lambda a, b: math.nan if a != a or b != b else min(a, b), np.minimum),
    "max": Rule(lambda a, b: math.nan if a != a or b != b else max(a, b), np.maximum),
}


def _chosen(condition: float, then: One, otherwise: One) -> One:
    if condition != condition:
        return None if isinstance(then, str) else math.nan
    return then if condition else otherwise


def _chosen_all(condition: Every, then: Every, otherwise: Every) -> Every:
    found = np.where(condition == 1.0, then, otherwise)
    found[np.broadcast_to(np.isnan(condition), found.shape)] = None if found.dtype == object else np.nan
    return found


CHOICE = Rule(_chosen, _chosen_all)

"""Briefs: what the home note and `status` say of a thesis or concept, worked out while its own note is made.

A brief is small and plain, so that those of a thousand notes are held at once and kept from one run to the next.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from msgspec import Struct

from thesisvault.language.formats import MINUS
from thesisvault.language.text import Figure
from thesisvault.language.values import Number


class BriefFigure(Struct, frozen=True):
    """A figure without what it was worked out from.

    Attributes:
        text: As it is shown.
        value: What it is; None where it is not known.
        label: What was asked for.
        reason: Why it is not known, where it is not.
        stale: Stale series behind it, each with the day on which it ends.
        sources: The series behind it.
        returns: The kinds of return that it is made of.
    """

    text: str
    value: float | None
    label: str = ""
    reason: str = ""
    stale: tuple[tuple[str, dt.date], ...] = ()
    sources: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()

    @classmethod
    def of(cls, figure: Figure) -> BriefFigure:
        """Return a figure as a brief has it."""
        number = figure.number
        value = number.value if isinstance(number.value, float) else None
        returns = tuple(sorted(number.returns))
        return cls(figure.text, value, figure.label, number.reason, number.stale, number.sources, returns)

    def figure(self, text: str = "", *, strong: bool = False) -> Figure:
        """Return it as a note shows it.

        Args:
            text: Other words for it than its own.
            strong: Whether it is to stand out.
        """
        number = Number(self.value, "number", None, self.reason, stale=self.stale, sources=self.sources)
        return Figure(text or self.text, number, strong, self.label)

    @property
    def plain(self) -> str:
        """The text with its mark, in characters that every terminal has."""
        return self.figure().shown.replace(MINUS, "-")


class BriefExit(Struct, frozen=True):
    """The nearest exit signal.

    Attributes:
        name: What it is called.
        holds: Whether it has fired; None where that is unknown.
        since: The session on which its state began, where that is known.
        room: How far it is, in its own unit; None where it has no single line to cross.
        moves: The room in usual daily moves; None where that is unknown.
    """

    name: str
    holds: bool | None
    since: dt.date | None
    room: BriefFigure | None
    moves: BriefFigure | None

    @property
    def distance(self) -> float:
        """The room in usual daily moves, zero where it has fired; infinite where that is unknown."""
        return math.inf if self.moves is None or self.moves.value is None else self.moves.value


class Flip(Struct, frozen=True):
    """A signal that changed since the session before.

    Attributes:
        name: What it is called.
        is_exit: Whether it would end the thesis.
        holds: Whether it holds now.
    """

    name: str
    is_exit: bool
    holds: bool


class NewVerdict(Struct, frozen=True):
    """A claim whose verdict is another than a session before.

    Attributes:
        says: The claim, in a person's Markdown.
        before: The verdict a session before.
        now: The verdict.
    """

    says: str
    before: str
    now: str


class SideMove(Struct, frozen=True):
    """The last day's move of a side.

    Attributes:
        series: What the side holds.
        name: What the side is called; empty where it is called as the series.
        move: The day's return, as a fraction.
        times: How many usual daily moves that is, with its sign.
    """

    series: str
    name: str
    move: float
    times: float


class Ahead(Struct, frozen=True):
    """A scenario with a day.

    Attributes:
        key: What joins it with that of other theses.
        what: What happens, in a person's Markdown.
        by: The day by which it is due.
    """

    key: str
    what: str
    by: dt.date


class Brief(Struct, frozen=True):
    """What others say of a thesis or concept.

    Attributes:
        id: Its id.
        title: Its title.
        short: Its title as a narrow cell shows it.
        kind: `thesis` or `concept`.
        status: `idea`, `active`, `watching` or `closed`.
        opened: The day on which it was opened.
        since_opened: Long minus short since then.
        ytd: Long minus short this year.
        spread: Long minus short over its main window.
        window: The main window in words; a dash without two sides.
        exit: Its nearest exit signal; None if it has none.
        exits: How many of its exit signals have fired.
        unknown: The names of its exit signals that cannot be computed.
        flips: Signals that changed since the session before.
        verdicts: Claims whose verdict changed since then.
        moves: The last day's moves of its sides, as far as they are known.
        review: When the next review is due.
        ahead: Scenarios that are still to come, by day.
        is_stale: Whether figures of its note rest on older data.
    """

    id: str
    title: str
    short: str
    kind: str
    status: str
    opened: dt.date | None = None
    since_opened: BriefFigure | None = None
    ytd: BriefFigure | None = None
    spread: BriefFigure | None = None
    window: str = "–"
    exit: BriefExit | None = None
    exits: int = 0
    unknown: tuple[str, ...] = ()
    flips: tuple[Flip, ...] = ()
    verdicts: tuple[NewVerdict, ...] = ()
    moves: tuple[SideMove, ...] = ()
    review: dt.date | None = None
    ahead: tuple[Ahead, ...] = ()
    is_stale: bool = False

    @property
    def nearness(self) -> tuple[bool, float, str]:
        """By which briefs are ordered: open ones first, then the nearest exit, then the title."""
        return self.status == "closed", self.exit.distance if self.exit else math.inf, self.title.casefold()


_RECORDS = {each.__name__: each for each in (Brief, BriefFigure, BriefExit, Flip, NewVerdict, SideMove, Ahead)}


def without_places(brief: Brief) -> Brief:
    """Return a brief whose texts know no places in a file, which they would hold."""
    found: Brief = _of_json(_as_json(brief))
    return found


def brief_as_json(brief: Brief | None) -> Any:
    """Return a brief as values that JSON can hold."""
    return _as_json(brief)


def _as_json(value: Any) -> Any:
    kind = type(value).__name__
    if kind in _RECORDS:
        return {"of": kind, **{name: _as_json(getattr(value, name)) for name in value.__struct_fields__}}
    if isinstance(value, dt.date):
        return {"of": "day", "day": value.isoformat()}
    if isinstance(value, str):
        return str(value)
    return [_as_json(each) for each in value] if isinstance(value, tuple) else value


def brief_of_json(kept: Any) -> Brief | None:
    """Return a brief that was kept.

    Raises:
        ValueError, TypeError, KeyError: It is something else.
    """
    found = _of_json(kept)
    if found is not None and not isinstance(found, Brief):
        raise TypeError(kept)
    return found


def _of_json(value: Any) -> Any:
    if isinstance(value, dict):
        if value["of"] == "day":
            return dt.date.fromisoformat(value["day"])
        return _RECORDS[value["of"]](**{name: _of_json(each) for name, each in value.items() if name != "of"})
    return tuple(map(_of_json, value)) if isinstance(value, list) else value

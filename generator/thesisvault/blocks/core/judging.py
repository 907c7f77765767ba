"""Judging claims: the verdict on what was said, from stored prices.

A claim is judged at a day, on data that reach that day, with a tolerance that is named. The verdict is `confirmed`,
`off` (outside the tolerance by less than the tolerance again), `contradicted`, or `cannot be checked`.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any, Literal

from thesisvault.blocks.core.claims import CellClaim, Claim, expectation
from thesisvault.blocks.core.context import BlockError, Context
from thesisvault.blocks.core.sources import source_of
from thesisvault.language import formats
from thesisvault.language.text import Figure, Text
from thesisvault.language.values import Number
from thesisvault.scalars import Quantity

Outcome = Literal["confirmed", "off", "contradicted", "cannot be checked"]
_MARKS: dict[Outcome, str] = {"confirmed": "✓", "off": "≈", "contradicted": "✗", "cannot be checked": "?"}
_FILTERS = {"%": "pct", "pp": "pp", "x": "mult", "$": "usd"}


@dataclass(frozen=True)
class Verdict:
    """What became of a claim.

    Attributes:
        says: The claim as it is shown.
        outcome: The verdict.
        computed: What the data say, formatted like the claim.
        on: The day at which it was judged.
        tolerance: The tolerance in words, where one was written.
        why: Why it cannot be checked, if so.
        note: What the author makes of it.
        label: Row and column of a cell of a table of claims.
    """

    says: Text
    outcome: Outcome
    computed: Figure
    on: dt.date
    tolerance: str = ""
    why: str = ""
    note: Text = ()
    label: Text = ()

    @property
    def said(self) -> str:
        """What the data say, as the end of a sentence."""
        if self.computed.number.kind == "truth":
            return f"the data do not bear it out as of {self.on}"
        return f"the data say {self.computed.shown} as of {self.on}"

    @property
    def mark(self) -> str:
        """A mark that is read without color."""
        return _MARKS[self.outcome]


@dataclass(frozen=True)
class CellDefaults:
    """What the claims in the cells of a table take from it: day, source and tolerance."""

    on: dt.date | None = None
    source: str | None = None
    within: Quantity | None = None


def judging_day(context: Context, on: dt.date | None, source: str | None) -> dt.date:
    """Return the day at which a claim is judged: its own, else the last close before its source's day, else now."""
    if on:
        return on
    found = source_of(context, source)
    return found.on - dt.timedelta(days=1) if found and found.on else context.as_of


def judge(claim: Claim, context: Context, label: Text = ()) -> Verdict:
    """Return the verdict on a claim.

    Raises:
        BlockError: What was claimed does not fit what is computed.
    """
    day = judging_day(context, claim.on, claim.source)
    note = context.text(claim.note) if claim.note else ()
    says = context.text(claim.says)
    if day > context.as_of:
        ahead = Figure(formats.NOT_AVAILABLE, Number(None, "number", None, f"{day} lies ahead"))
        why = f"{day} lies after {context.as_of}"
        return Verdict(says, "cannot be checked", ahead, day, why=why, note=note, label=label)
    number = context.frozen(day).number(claim.check)
    computed, on = _shown(claim, number), number.on or day
    if number.value is None:
        return Verdict(says, "cannot be checked", computed, on, why=number.reason, note=note, label=label)
    outcome = _outcome(claim, number)
    tolerance = claim.within.text if claim.within else ""
    if number.stale:
        name, last = number.stale[0]
        why = f"{name} ends {last}, before {day}"
        return Verdict(says, "cannot be checked", computed, on, tolerance, why, note, label)
    return Verdict(says, outcome, computed, on, tolerance, note=note, label=label)


def judge_cell(cell: CellClaim, context: Context, table: CellDefaults) -> Verdict:
    """Return the verdict on a table cell; what it leaves out comes from its table.

    Raises:
        BlockError: Nothing computes the cell, or what it says does not fit what is computed.
    """
    if cell.check is None:
        raise BlockError("a claim in a cell needs check, the expression that computes it", cell.says)
    name, expected = ("expect", cell.expect) if cell.expect else expectation(cell.says)
    said: dict[str, Any] = {name: expected}
    claim = Claim.model_construct(
        says=cell.says,
        check=cell.check,
        within=(cell.within or table.within) if name == "expect" else None,
        on=cell.on or table.on,
        source=cell.source or table.source,
        **said,
    )
    return judge(claim, context)


def _outcome(claim: Claim, number: Number) -> Outcome:
    """Return the verdict on a claim whose number is known."""
    said = claim.said
    relative = number.kind in ("fraction", "share", "spread")
    if said is not None and relative and said.unit not in ("%", "pp") and said.value:
        raise BlockError(f"{said.text} was claimed of a return; write it with % or pp", claim.check)
    if claim.truth is not None:
        if number.kind != "truth":
            problem = "truth was claimed of something that is not a condition; write a comparison such as x > 0"
            raise BlockError(problem, claim.check)
        return _yes(bool(number.value) == claim.truth)
    if claim.date is not None:
        if not isinstance(number.value, dt.date):
            raise BlockError("a date was claimed of something that is not a day; peak() gives one", claim.check)
        return _yes(number.value == claim.date)
    if claim.word is not None:
        if number.kind != "word":
            raise BlockError(f'"{claim.word}" was claimed of a {number.kind}; say a figure, as in +18%', claim.says)
        return _yes(str(number.value) == claim.word)
    if number.value is None or isinstance(number.value, str | dt.date):
        raise BlockError("a figure was claimed of something that is not a number", claim.check)
    return _compared(claim, number.value)


def _compared(claim: Claim, value: float) -> Outcome:
    """Return the verdict on a claim of a figure, compared without rounding."""
    if claim.expect is not None:
        return _near(value, claim.expect, claim.within)
    if claim.at_least is not None:
        return _yes(value >= claim.at_least.value)
    if claim.at_most is not None:
        return _yes(value <= claim.at_most.value)
    if claim.between is not None:
        low, high = claim.between
        return _yes(low.value <= value <= high.value)
    return _yes(round(value) == claim.count)


def _yes(holds: bool) -> Outcome:
    return "confirmed" if holds else "contradicted"


def _near(value: float, expect: Quantity, within: Quantity | None) -> Outcome:
    tolerance = within.value if within else expect.tolerance
    # The margin only keeps a boundary case on its side of float noise.
    difference = abs(value - expect.value) - 1e-12
    return "confirmed" if difference <= tolerance else "off" if difference < 2 * tolerance else "contradicted"


def _shown(claim: Claim, number: Number) -> Figure:
    """Return what the data say, with one digit more than the claim where rounding would hide the difference."""
    return Figure(_formatted(claim, number), number, label=claim.says)


def _formatted(claim: Claim, number: Number) -> str:
    said = claim.said
    if not isinstance(number.value, float) or number.kind == "truth":
        return formats.formatted(number)
    name = _FILTERS.get(said.unit) if said else None
    if name == "pct" and number.kind == "share":
        name = "share"
    if said is not None and name in ("pct", "pp", "share"):
        return formats.formatted(number, name, (max(1, round(-math.log10(said.step)) - 2),))
    if name == "mult":
        return formats.formatted(number, name, (1,))
    if claim.count is not None:
        return formats.formatted(number, "int")
    if said is not None and name is None and number.kind in ("number", "count"):
        return formats.formatted(number, "num", (_decimals(number.value, said),))
    return formats.formatted(number, name)


def _decimals(value: float, said: Quantity) -> int:
    """Return as many decimals as were said, and at least two for what is not a whole number: 5 of 7, but 0.61."""
    spoken = max(0, round(-math.log10(said.step))) if said.step < 1 else 0
    return spoken if value == round(value) else max(2, spoken)

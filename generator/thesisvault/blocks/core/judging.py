"""Judging claims: the verdict on what was said, from stored prices.

A claim is judged at a day, on data that reach that day, with a tolerance that is named. The verdict is `confirmed`,
`near` (outside the tolerance by less than the tolerance again), `contradicted`, or `untested`.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Literal

from msgspec import Struct

from thesisvault.blocks.core.claims import CellClaim, Claim, expectation
from thesisvault.blocks.core.context import BlockError, Context
from thesisvault.blocks.core.expectations import claimed, misfit, shown
from thesisvault.blocks.core.sources import Source, source_of
from thesisvault.blocks.core.trifles import trifle_of
from thesisvault.language import formats
from thesisvault.language.asked import levels_in, sides_of, windows_in
from thesisvault.language.text import Figure, Text, words_of
from thesisvault.language.tracks.newest import newest
from thesisvault.language.values import Number
from thesisvault.patterns import regex
from thesisvault.quantities import Quantity
from thesisvault.scalars import SINCE_OPENED, Window, parse_window, period_of
from thesisvault.structs import replace
from thesisvault.words import day_in_words, days_in_words, plural

_NOISE = 1e-12
"""Keeps a boundary case on its side of float noise."""
_MONTH, _FEW = 31, 3
_PERIODS = {7: "week", 31: "month", 92: "quarter"}
_EXPRESSION = regex(r"\{\{.*?\}\}", re.DOTALL)
_CORRELATION = "correlation"
_UNITS = (
    (regex(r"\s*(?:\w+\()?(?:streak|sessions)\("), "days"),
    (regex(r"\s*count\("), "members"),
    (regex(r"\s*(?:mean_)?corr\("), _CORRELATION),
)
"""Units of the functions whose numbers bear none."""
_MINUS_IN = regex(r"(?<![\w-])-(?=[0-9$])")
_ONE_DAY = parse_window("1d").label
Outcome = Literal["confirmed", "near", "contradicted", "untested"]
MARKS: dict[Outcome, str] = {"contradicted": "✗", "near": "≈", "untested": "?", "confirmed": "✓"}
"""The verdicts, worst first, each with a mark that is read without color."""


class Verdict(Struct, frozen=True):
    """What became of a claim.

    Attributes:
        says: The claim as it is shown.
        outcome: The verdict.
        computed: What the data say, formatted like the claim.
        on: The day at which it was judged.
        claimed: What was claimed, in words: `43pp within 3pp`, `at least 60%`.
        over: The time that it is about: `from 2025-12-31 to 2026-02-04`, `as of 2026-02-04`.
        beside: The two sides of a condition, where they can be shown.
        why: Why it is untested, if so.
        note: What the author makes of it.
        label: Row and column of a cell of a table of claims.
        trifle: What really was, where it is contradicted by next to nothing; see `trifle_of`.
        expected: The figure that was claimed, as it was typed, unless it is zero; empty where no single figure was.
        source: Its source; like what follows, known of claims that other notes count: see `records.recorded`.
        names: The quoted words of its check, in order, with the names of its definition filled in.
        unit: What a bare number counts, in the plural, or that it is a correlation; empty where neither is known.
        identity: The same for one claim in several notes; empty of a claim that no other note counts.
    """

    says: Text
    outcome: Outcome
    computed: Figure
    on: dt.date
    claimed: str = ""
    over: str = ""
    beside: str = ""
    why: str = ""
    note: Text = ()
    label: Text = ()
    trifle: str = ""
    expected: str = ""
    source: Source | None = None
    names: tuple[str, ...] = ()
    identity: str = ""
    unit: str = ""

    @property
    def shown(self) -> str:
        """What the data say, with the two sides of a condition and the unit: `+38.8pp`, `no (62.1% against 63.0%)`."""
        said = self.computed.shown
        if self.unit and self.computed.number.is_known and self.computed.number.kind in ("count", "number"):
            said = _with_unit(said, self.unit, words_of(self.says))
        return f"{said}{f' ({self.beside})' if self.beside else ''}"

    @property
    def actual(self) -> str:
        """What the data say, over which time: `+38.8pp from 2025-12-31 to 2026-02-04`."""
        return f"{self.shown} {self.over}"

    @property
    def sentence(self) -> str:
        """What was claimed and what came out, in the same unit, as the end of a sentence."""
        if self.computed.number.kind != "truth":
            return f"claimed {self.claimed}; actual {self.actual}"
        wanted = "to hold" if self.claimed == "yes" else "not to hold"
        found = "does" if self.computed.number.truth else "does not"
        return f"claimed {wanted}; it {found}{f', {self.beside},' if self.beside else ''} {self.over}"

    @property
    def told(self) -> str:
        """The same as people write it: days in words, a true minus before what is below zero."""
        return _MINUS_IN.sub(formats.MINUS, days_in_words(self.sentence))

    @property
    def mark(self) -> str:
        """A mark that is read without color."""
        return MARKS[self.outcome]


def _with_unit(figure: str, unit: str, says: str) -> str:
    """Return a bare number with its unit, unless a correlation is called so already.

    >>> _with_unit("1", "days", ""), _with_unit("0.36", "correlation", "Copper"), _with_unit("3", "of 11", "")
    ('1 day', 'correlation 0.36', '3 of 11')
    """
    if unit == _CORRELATION:
        return figure if unit in says else f"{unit} {figure}"
    return f"{figure} {unit.removesuffix('s') if figure == '1' else unit}"


class CellDefaults(Struct, frozen=True):
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
    called = f'claim "{words_of(label) or _EXPRESSION.sub("…", claim.says).strip()}"'
    note = context.text(claim.note) if claim.note else ()
    verdict = Verdict(
        context.text(claim.says),
        "untested",
        Figure(formats.NOT_AVAILABLE, Number(None, "number", None, f"{day} lies ahead"), label=called),
        day,
        claimed(claim),
        f"as of {day}",
        note=note,
        label=label,
        expected=claim.expect.text if claim.expect and claim.expect.value else "",
        unit=next((unit for pattern, unit in _UNITS if pattern.match(claim.check)), ""),
    )
    if day > context.as_of:
        return replace(verdict, why=f"{day_in_words(day)} lies after {day_in_words(context.as_of)}")
    then = context.frozen(day)
    track = then.value(claim.check)
    number = then.number(claim.check)
    problem, blamed = misfit(claim, track.typed)
    if problem:
        raise BlockError(problem, blamed)
    if number.value is None:
        computed = Figure(formats.formatted(number), number, label=called)
        return replace(verdict, computed=computed, on=number.on or day, why=days_in_words(context.named(number.reason)))
    outcome = _outcome(claim, number)
    text = shown(claim, number, track.typed.kind, holds=outcome == "confirmed")
    verdict = replace(
        verdict,
        computed=Figure(text, number, label=called),
        on=number.on or day,
        over=_over(claim, number, day, then),
        beside=_beside(claim, number, then),
    )
    if why := _too_old(claim, number, day, then):
        return replace(verdict, why=why)
    if claim.count and outcome != "confirmed" and not verdict.unit and _is_fewer(number, claim.count):
        verdict = replace(verdict, unit=f"of {claim.count}")
    trifle = trifle_of(claim, number, context) if outcome == "contradicted" else ""
    return replace(verdict, outcome=outcome, trifle=trifle)


def _is_fewer(number: Number, count: int) -> bool:
    return isinstance(number.value, int | float) and number.value <= count


def _too_old(claim: Claim, number: Number, day: dt.date, context: Context) -> str:
    """Return that the newest data are older than what was said, or nothing."""
    if number.stale:
        name, last = number.stale[0]
        return f"{context.label(name)} ends {day_in_words(last)}, before {day_in_words(day)}"
    if claim.on is None or number.settled:
        return ""
    # A statement about a day is not settled by the average of a month that ended before it.
    for name in levels_in(claim.check):
        view = context.series(name)
        if isinstance(view, str) or view.period_days < _MONTH:
            continue
        period, end = period_of(view.of_last, quarterly=view.period_days > _MONTH)
        if end < day:
            return f"the latest value of {context.label(name)} is for {period}"
    return ""


def _over(claim: Claim, number: Number, day: dt.date, context: Context) -> str:
    """Return the time that a number is about, in words."""
    on = number.on or day
    asked = [(_window(window, context), of) for window, of in windows_in(claim.check)]
    bases, written = {base for _, base in number.bases}, {window.text for window, _ in asked}
    if len(bases) == 1 and len(written) == 1:
        return f"from {bases.pop()} to {on}"
    if len(written) == 1 and asked[0][0].is_fixed:
        return f"over {asked[0][0].label}"
    labels = list(dict.fromkeys(_label(window, of, context) for window, of in asked))
    if labels == [_ONE_DAY]:
        return f"on {on}"
    if len(labels) > _FEW:
        labels = [*labels[: _FEW - 1], f"{len(labels) - _FEW + 1} more"]
    return f"as of {on} ({', '.join(labels)})" if labels else f"as of {on}"


def _window(written: str, context: Context) -> Window:
    """Return a window of an expression, as it was written or by its name, as it is here."""
    if written == "over":
        return context.main_window
    return context.window(parse_window(written if written == SINCE_OPENED else context.resolve(written)))


def _label(window: Window, of: str, context: Context) -> str:
    """Return a window in words: a number of sessions, and of a macro series of weeks, months or quarters."""
    if window.kind == "sessions" and of:
        view = context.series(context.scope.names.get(of, of))
        if not isinstance(view, str) and view.period_days > 1:
            return plural(window.count, _PERIODS.get(view.period_days, "value"))
    return window.label


def _beside(claim: Claim, number: Number, context: Context) -> str:
    """Return the two sides of a condition, where both can be shown."""
    sides = sides_of(claim.check) if number.kind == "truth" else None
    if sides is None:
        return ""
    tracks = [context.scope.track(side) for side in sides]
    numbers = [newest(track) for track in tracks]
    # A written number is of the unit of what it stands beside.
    like = numbers[1] if tracks[0].typed.written else numbers[0]
    texts = [formats.formatted(replace(each, kind=like.kind, unit=like.unit)) for each in numbers]
    if like.kind == "index" or formats.NOT_AVAILABLE in texts or texts[0] == texts[1]:
        return ""
    return f"{texts[0]} against {texts[1]}"


def claim_of(cell: CellClaim, table: CellDefaults) -> Claim:
    """Return a table cell as a claim; what it leaves out comes from its table."""
    name, expected = ("expect", cell.expect) if cell.expect else expectation(cell.says)
    said: dict[str, Any] = {name: expected}
    return Claim.model_construct(
        says=cell.says,
        check=cell.check or "",
        within=(cell.within or table.within) if name == "expect" else None,
        on=cell.on or table.on,
        source=cell.source or table.source,
        **said,
    )


def judge_cell(cell: CellClaim, context: Context, table: CellDefaults) -> Verdict:
    """Return the verdict on a table cell; what it leaves out comes from its table.

    Raises:
        BlockError: Nothing computes the cell, or what it says does not fit what is computed.
    """
    if cell.check is None:
        raise BlockError("a claim in a cell needs check, the expression that computes it", cell.says)
    return judge(claim_of(cell, table), context)


def _outcome(claim: Claim, number: Number) -> Outcome:
    """Return the verdict on a claim whose number is known."""
    if claim.truth is not None:
        return _yes(bool(number.value) == claim.truth)
    if claim.date is not None:
        return _yes(number.value == claim.date)
    if claim.word is not None:
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
    return _counted(value, claim.count or 0, claim.within)


def _yes(holds: bool) -> Outcome:
    return "confirmed" if holds else "contradicted"


def _counted(value: float, count: int, within: Quantity | None) -> Outcome:
    """Return the verdict on a count: confirmed within what was allowed, near by one more or by as much again."""
    allowed = within.value if within else 0.0
    difference = abs(value - count)
    if difference <= allowed + _NOISE:
        return "confirmed"
    # Ten are nearly eleven; one is not nearly none, nor nearly two.
    near = max(2 * allowed, 1.0 if count > _FEW - 1 else 0.0)
    return "near" if difference <= near + _NOISE else "contradicted"


def _near(value: float, expect: Quantity, within: Quantity | None) -> Outcome:
    tolerance = within.value if within else expect.tolerance
    difference = abs(value - expect.value) - _NOISE
    return "confirmed" if difference <= tolerance else "near" if difference < 2 * tolerance else "contradicted"

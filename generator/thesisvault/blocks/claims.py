"""The kind `claims`: what was said, held against stored prices; and the model of one claim.

A claim is judged at a day, on data that reach that day, with a tolerance that is named. The verdict is `confirmed`,
`off` (outside the tolerance but by less than twice that), `contradicted`, or `cannot be checked`.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import Field, model_validator

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import BlockError, Context
from thesisvault.blocks.core.filled import Filled, Table, head, reason_lines, say
from thesisvault.fields import Day, Expr, Integer, Model, Name, Prose, SeriesName, Truth, Word
from thesisvault.fields import Figure as FigureText
from thesisvault.language import formats
from thesisvault.language.text import Figure, Mention, Plain, Text
from thesisvault.language.values import Number
from thesisvault.scalars import Quantity, parse_date, parse_quantity, parse_truth

Outcome = Literal["confirmed", "off", "contradicted", "cannot be checked"]
EXPECTATIONS = ("expect", "at_least", "at_most", "between", "truth", "date", "count", "word")


class Claim(Model):
    """One claim and how it is checked."""

    says: Prose
    """The claim in words."""
    check: Expr
    """The expression that computes what is claimed."""
    expect: FigureText | None = None
    """The figure that was said."""
    within: FigureText | None = None
    """Tolerance; left out, it follows from the precision of what was said."""
    at_least: FigureText | None = None
    """The figure is this or more."""
    at_most: FigureText | None = None
    """The figure is this or less."""
    between: tuple[FigureText, FigureText] | None = None
    """The figure lies between two, both included."""
    truth: Truth | None = None
    """The condition holds, or does not."""
    date: Day | None = None
    """The day that was said."""
    count: Integer | None = None
    """The whole number that was said."""
    word: Name | None = None
    """The word that was said, such as rotation."""
    on: Day | None = None
    """The day at which it is judged; left out, the last close before the source's day."""
    source: Word | None = None
    """The id of a source of this definition."""
    note: Prose | None = None
    """What to make of it, in words."""

    @model_validator(mode="after")
    def _one_expectation(self) -> Claim:
        given = [name for name in EXPECTATIONS if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise ValueError(f"a claim has one of {', '.join(EXPECTATIONS)}; found {found}")
        if self.within is not None and self.expect is None:
            raise ValueError("within goes with expect")
        _same_unit(self.expect, self.within)
        if self.within is not None and self.within.value < 0:
            raise ValueError(f"within is {self.within.text}; a tolerance is zero or more")
        if self.between is not None:
            low, high = self.between
            _same_unit(low, high)
            if low.value > high.value:
                raise ValueError(f"between {low.text} and {high.text} is empty; write the smaller one first")
        return self


def _same_unit(said: Quantity | None, other: Quantity | None) -> None:
    """Refuse figures that cannot be compared: 43pp within 3 would allow three hundred points."""
    relative = ("%", "pp")
    if said is None or other is None or said.unit == other.unit or (said.unit in relative and other.unit in relative):
        return
    raise ValueError(f"{said.text} and {other.text} have different units; write both alike, as in 43pp and 3pp")


class CellClaim(Model):
    """A table cell that is a claim; what it leaves out comes from its table."""

    says: Prose
    """What was said, as it is shown."""
    check: Expr | None = None
    """The expression that computes it."""
    expect: FigureText | None = None
    """The figure that was said, if `says` is not just that figure."""
    within: FigureText | None = None
    """Tolerance."""
    on: Day | None = None
    """The day at which it is judged."""
    source: Word | None = None
    """The id of a source of this definition."""


@dataclass(frozen=True)
class Verdict:
    """What became of a claim.

    Attributes:
        says: The claim as it is shown.
        outcome: The verdict.
        computed: What the data say, formatted like the claim.
        on: The day at which it was judged.
        tolerance: The tolerance in words, where one was used.
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
        """A mark that is read without colour."""
        return {"confirmed": "✓", "off": "≈", "contradicted": "✗", "cannot be checked": "?"}[self.outcome]


def judging_day(context: Context, on: dt.date | None, source: str | None) -> dt.date:
    """Return the day at which a claim is judged: its own, else the last close before its source's day, else now."""
    if on:
        return on
    sources = {s.id: s for s in (context.definition.model.sources if context.definition else ())}
    found = sources.get(source) if source else None
    return found.on - dt.timedelta(days=1) if found and found.on else context.as_of


def judge(claim: Claim, context: Context, label: Text = ()) -> Verdict:
    """Return the verdict on a claim."""
    day = judging_day(context, claim.on, claim.source)
    note = context.text(claim.note) if claim.note else ()
    says = context.text(claim.says)
    if day > context.as_of:
        empty = Figure(formats.NOT_AVAILABLE, Number(None, "number", None, f"{day} lies ahead"))
        return Verdict(
            says, "cannot be checked", empty, day, why=f"{day} lies after {context.as_of}", note=note, label=label
        )
    number = context.frozen(day).number(claim.check)
    outcome, tolerance, why = _outcome(claim, number)
    if number.stale and outcome != "cannot be checked":
        name, last = number.stale[0]
        outcome, why = "cannot be checked", f"{name} ends {last}, before {day}"
    return Verdict(says, outcome, _shown(claim, number), number.on or day, tolerance, why, note, label)


def _outcome(claim: Claim, number: Number) -> tuple[Outcome, str, str]:
    value = number.value
    if value is None:
        return "cannot be checked", "", number.reason
    said = claim.expect or claim.at_least or claim.at_most or (claim.between[0] if claim.between else None)
    if (
        said is not None
        and number.kind in ("fraction", "share", "spread")
        and said.unit not in ("%", "pp")
        and said.value
    ):
        raise BlockError(f"{said.text} was claimed of a return; write it with % or pp", claim.check)
    if claim.expect is not None:
        return _against(float(_numeric(value, claim)), claim.expect, claim.within)
    if claim.at_least is not None:
        return _yes(_numeric(value, claim) >= claim.at_least.value), "", ""
    if claim.at_most is not None:
        return _yes(_numeric(value, claim) <= claim.at_most.value), "", ""
    if claim.between is not None:
        low, high = claim.between
        return _yes(low.value <= _numeric(value, claim) <= high.value), "", ""
    if claim.truth is not None:
        if number.kind != "truth":
            raise BlockError(
                "truth was claimed of something that is no condition; write for example x > 0", claim.check
            )
        return _yes(bool(value) == claim.truth), "", ""
    if claim.date is not None:
        if not isinstance(value, dt.date):
            raise BlockError("a date was claimed of something that is no day; peak() gives one", claim.check)
        return _yes(value == claim.date), "", ""
    if claim.word is not None:
        if number.kind != "word":
            raise BlockError(f'"{claim.word}" was claimed of a {number.kind}; say a figure, as in +18%', claim.says)
        return _yes(str(value) == claim.word), "", ""
    return _yes(round(_numeric(value, claim)) == claim.count), "", ""


def _numeric(value: float | str | dt.date, claim: Claim) -> float:
    if isinstance(value, str | dt.date):
        raise BlockError("a figure was claimed of something that is no number", claim.check)
    return value


def _yes(holds: bool) -> Outcome:
    return "confirmed" if holds else "contradicted"


def _against(value: float, expect: Quantity, within: Quantity | None) -> tuple[Outcome, str, str]:
    tolerance = within.value if within else expect.tolerance
    # Unrounded values are compared; the margin only keeps a boundary case on its side of float noise.
    difference = abs(value - expect.value) - 1e-12
    outcome: Outcome = (
        "confirmed" if difference <= tolerance else "off" if difference < 2 * tolerance else "contradicted"
    )
    return outcome, within.text if within else "", ""


def _shown(claim: Claim, number: Number) -> Figure:
    """Return what the data say, with one digit more than the claim where rounding would hide the difference."""
    said = claim.expect or claim.at_least or claim.at_most or (claim.between[0] if claim.between else None)
    if not isinstance(number.value, float):
        return Figure(formats.formatted(number), number, label=claim.says)
    if number.kind == "truth":
        return Figure(formats.formatted(number), number, label=claim.says)
    unit = said.unit if said else ""
    name = {"%": "pct", "pp": "pp", "x": "mult", "$": "usd"}.get(unit)
    if name == "pct" and number.kind == "share":
        name = "share"
    if name in ("pct", "pp", "share") and said is not None:
        digits = max(1, round(-math.log10(said.step)) - 2)
        return Figure(formats.formatted(number, name, (digits,)), number, label=claim.says)
    if name == "mult":
        return Figure(formats.formatted(number, name, (1,)), number, label=claim.says)
    if claim.count is not None:
        name = "int"
    elif name is None and said is not None and number.kind in ("number", "count"):
        return Figure(formats.formatted(number, "num", (_decimals(number.value, said),)), number, label=claim.says)
    return Figure(formats.formatted(number, name), number, label=claim.says)


def _decimals(value: float, said: Quantity) -> int:
    """Return as many decimals as were said, and at least two for what is no whole number: 5 of 7, but 0.61."""
    spoken = max(0, round(-math.log10(said.step))) if said.step < 1 else 0
    return spoken if value == round(value) else max(2, spoken)


def cell_claim(cell: CellClaim, context: Context, table: Mapping[str, Any], check: str | None = None) -> Verdict:
    """Return the verdict on a table cell; `on`, `source` and `within` come from its table where it has none.

    Raises:
        BlockError: The cell says no figure, or nothing computes it.
    """
    source = check or cell.check
    if source is None:
        raise BlockError("a claim in a cell lacks check, the expression that computes it", cell.says)
    return judge(claim_of_cell(cell, table, source), context)


def claim_of_cell(cell: CellClaim, table: Mapping[str, Any], check: str) -> Claim:
    """Return a cell as a full claim."""
    said: dict[str, Any] = {"expect": cell.expect} if cell.expect else expectation(cell.says)
    return Claim.model_construct(
        **{**dict.fromkeys(EXPECTATIONS), **said},
        says=cell.says,
        check=check,
        within=(cell.within or table.get("within")) if said.get("expect") else None,
        on=cell.on or table.get("on"),
        source=cell.source or table.get("source"),
        note=None,
    )


def expectation(text: str) -> dict[str, Any]:
    """Return what a bare cell text expects: a figure, a date, a truth, or a word.

    >>> expectation("+18%")["expect"].value
    0.18
    >>> expectation(">20%")["at_least"].value
    0.2
    """
    plain = text.strip().strip("*").strip()
    for sign, name in ((">", "at_least"), ("<", "at_most")):
        if plain.startswith(sign):
            try:
                return {name: parse_quantity(plain.lstrip(f"{sign}= "))}
            except ValueError:
                return {"word": plain}
    if plain.endswith("+") and plain[:-1]:
        try:
            return {"at_least": parse_quantity(plain[:-1])}
        except ValueError:
            pass
    readers: tuple[tuple[str, Callable[[str], Any]], ...] = (
        ("expect", parse_quantity),
        ("date", parse_date),
        ("truth", parse_truth),
    )
    for name, read in readers:
        try:
            return {name: read(plain)}
        except ValueError:
            continue
    return {"word": plain}


@register("claims")
class ClaimsBlock(BlockModel):
    """The claims of this definition (`{}`), or a table of claims that one expression checks cell by cell."""

    check: Expr | None = None
    """Expression with `row` and `column`."""
    within: FigureText | None = None
    """Tolerance of all cells."""
    on: Day | None = None
    """The day at which all cells are judged."""
    source: Word | None = None
    """The id of a source of this definition."""
    columns: tuple[Name, ...] = ()
    """What `column` stands for, one a column."""
    rows: dict[SeriesName, tuple[FigureText, ...]] = Field(default_factory=dict)
    """What `row` stands for, with the figures that were said."""

    @model_validator(mode="after")
    def _whole(self) -> ClaimsBlock:
        if (self.check is None) != (not self.rows) or (self.check is None) != (not self.columns):
            raise ValueError(
                "a table of claims has check, columns and rows together; {} shows the definition's own claims"
            )
        for name, cells in self.rows.items():
            if len(cells) != len(self.columns):
                raise ValueError(f"row {name} has {len(cells)} cells for {len(self.columns)} columns")
        return self

    def expressions(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the expression of the table."""
        if self.check:
            yield self.check, ("row", "column")

    def series(self) -> Iterator[str]:
        """Yield the rows."""
        yield from self.rows

    def sources(self) -> Iterator[str]:
        """Yield the source that is named."""
        if self.source:
            yield self.source

    def fill(self, context: Context) -> Filled:
        """Return the verdicts: contradictions in words first, then the count of the rest, the table folded."""
        if self.check is None:
            verdicts = [judge(c, context) for c in (context.definition.model.claims if context.definition else ())]
            table = claims_table(verdicts)
        else:
            verdicts, table = self._grid(context)
        block = verdict_block(verdicts, table)
        if not self.within:
            return block
        words = say(f"A cell holds if it is within {self.within.text} of what was said.", emphasis=True)
        return replace(block, lines=(words, *block.lines))

    def _grid(self, context: Context) -> tuple[list[Verdict], Table]:
        verdicts, rows = [], []
        for name, cells in self.rows.items():
            row: list[Text] = [(Mention(name, context.label(name)),)]
            for column, said in zip(self.columns, cells, strict=True):
                fields: dict[str, Any] = {**dict.fromkeys(EXPECTATIONS), "expect": said, "check": self.check}
                claim = Claim.model_construct(
                    **fields, says=said.text, within=self.within, on=self.on, source=self.source, note=None
                )
                verdict = judge(
                    claim,
                    context.where(row=name, column=column),
                    (Mention(name, context.label(name)), Plain(f" {column}")),
                )
                verdicts.append(verdict)
                row.append(grid_cell(verdict))
            rows.append(tuple(row))
        return verdicts, Table(
            head("Said → computed", *self.columns, right=range(1, len(self.columns) + 1)), tuple(rows)
        )


def grid_cell(verdict: Verdict) -> Text:
    """Return a cell that shows what was said beside what was computed; a disagreement stands out."""
    said = Plain(_joined(verdict.says))
    arrow = Plain(" → ")
    computed = Figure(verdict.computed.text, verdict.computed.number, strong=verdict.outcome in ("off", "contradicted"))
    return (said, arrow, computed)


def _joined(text: Text) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in text)


def claims_table(verdicts: Sequence[Verdict]) -> Table:
    """Return the table of claims: what was said, what the data say, the verdict, the day."""
    order = {"contradicted": 0, "off": 1, "cannot be checked": 2, "confirmed": 3}
    rows = tuple(
        (
            v.says,
            (v.computed,),
            say(
                f"{v.mark} {v.outcome}"
                + (f" (within {v.tolerance})" if v.tolerance and v.outcome in ("confirmed", "off") else "")
            ),
            say(str(v.on)),
        )
        for v in sorted(verdicts, key=lambda v: order[v.outcome])
    )
    return Table(head("Claim", "Computed", "Verdict", "Judged at", right=[1]), rows)


def verdict_block(verdicts: Sequence[Verdict], table: Table) -> Filled:
    """Return verdicts as a block: sentences for what is wrong, one line with the count of the rest."""
    wrong = [v for v in verdicts if v.outcome in ("contradicted", "off")]
    unchecked = [v for v in verdicts if v.outcome == "cannot be checked"]
    confirmed = [v for v in verdicts if v.outcome == "confirmed"]
    parts = {
        "wrong": tuple(wrong),
        "unchecked": tuple(unchecked),
        "confirmed": len(confirmed),
        "total": len(verdicts),
        "table": table,
        "verdicts": tuple(verdicts),
    }
    return Filled("claims", parts, lines=reason_lines(v.computed for v in verdicts if v.computed.number.is_known))

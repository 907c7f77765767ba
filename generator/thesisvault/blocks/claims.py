"""The kind `claims`: what was said, checked against stored prices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import ConfigDict, Field, model_validator

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.claims import Claim, check_tolerance
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.factcheck import claims_table, fact_check, folded_title
from thesisvault.blocks.core.filled import Filled, Table, head, reason_lines, say
from thesisvault.blocks.core.judging import Verdict, judge
from thesisvault.blocks.core.records import recorded
from thesisvault.blocks.core.sources import source_of
from thesisvault.fields import MOST_COLUMNS, MOST_ROWS, Day, Expr, Name, SeriesName, Word
from thesisvault.fields import Figure as FigureText
from thesisvault.language.text import Mention, Plain, Text
from thesisvault.model import PartError
from thesisvault.quantities import Quantity
from thesisvault.structs import replace
from thesisvault.words import plural

_Cells = Annotated[tuple[FigureText, ...], Field(max_length=MOST_COLUMNS)]


@register("claims")
class ClaimsBlock(BlockModel):
    """The claims of this definition (`{}`), or a table of claims that one expression checks cell by cell."""

    model_config = ConfigDict(
        json_schema_extra={
            "dependentRequired": {
                "check": ["columns", "rows"],
                "columns": ["check", "rows"],
                "rows": ["check", "columns"],
            }
        }
    )
    check: Expr | None = None
    """Expression with `row` and `column`."""
    within: FigureText | None = None
    """Tolerance of all cells."""
    on: Day | None = None
    """The day at which all cells are judged."""
    source: Word | None = None
    """The id of a source of this definition."""
    columns: tuple[Name, ...] = ()
    """What `column` stands for, one for each column."""
    rows: Annotated[dict[SeriesName, _Cells], Field(max_length=MOST_ROWS)] = Field(default_factory=dict)
    """What `row` stands for, with the figures that were said."""

    @model_validator(mode="after")
    def _whole(self) -> ClaimsBlock:
        if (self.check is None) != (not self.rows) or (self.check is None) != (not self.columns):
            raise ValueError(
                "a table of claims has check, columns and rows together; {} shows the definition's own claims"
            )
        for name, cells in self.rows.items():
            if len(cells) != len(self.columns):
                found = f"{plural(len(cells), 'cell')} for {plural(len(self.columns), 'column')}"
                raise PartError(f"row {name} has {found}", "rows", name)
        if self.within:
            check_tolerance(self.within, [cell for cells in self.rows.values() for cell in cells])
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
        """Return the verdicts: the count and the claim that matters most, what is not confirmed, the table folded."""
        if self.check is None:
            claims = context.definition.model.claims if context.definition else ()
            verdicts = [recorded(judge(claim, context), claim, context) for claim in claims]
            found = fact_check(verdicts, context, [claim.headline for claim in claims])
            table, noun = claims_table(verdicts, context), "claim"
        else:
            verdicts, table = self._grid(context)
            found, noun = fact_check(verdicts, context, noun="figure"), "figure"
        lines = reason_lines(v.computed for v in verdicts if v.computed.number.is_known)
        if self.within:
            words = f"A figure is confirmed if it is within {self.within.text} of what was said."
            lines = (say(words, emphasis=True), *lines)
        parts = {
            "check": found,
            "confirmed": found.counts.confirmed,
            "total": found.counts.total,
            "title": folded_title(len(verdicts), noun),
            "source": source_of(context, self.source),
            "table": table,
            "verdicts": tuple(verdicts),
        }
        return Filled("claims", parts, lines=lines)

    def claims(self) -> Iterator[tuple[Claim, dict[str, str]]]:
        """Yield each cell of the table as a claim, with what `row` and `column` stand for in it."""
        for name, cells in self.rows.items():
            for column, said in zip(self.columns, cells, strict=True):
                yield self._claim(said), {"row": name, "column": column}

    def _claim(self, said: Quantity) -> Claim:
        return Claim.model_construct(
            says=said.text, check=self.check or "", expect=said, within=self.within, on=self.on, source=self.source
        )

    def _grid(self, context: Context) -> tuple[list[Verdict], Table]:
        """Return the verdicts of a table of claims, and the table itself."""
        verdicts, rows = [], []
        for name, cells in self.rows.items():
            row: list[Text] = [(Mention(name, context.label(name)),)]
            for column, said in zip(self.columns, cells, strict=True):
                claim = self._claim(said)
                label = (Mention(name, context.label(name)), Plain(f" {column}"))
                verdict = judge(claim, context.where(row=name, column=column), label)
                verdicts.append(verdict)
                row.append(_cell(said.text, verdict))
            rows.append(tuple(row))
        columns = head("Claimed → actual", *self.columns, right=range(1, len(self.columns) + 1))
        return verdicts, Table(columns, tuple(rows))


def _cell(said: str, verdict: Verdict) -> Text:
    """Return a cell that shows what was said beside what was computed; a disagreement stands out."""
    disagrees = verdict.outcome in ("near", "contradicted")
    return Plain(said), Plain(" → "), replace(verdict.computed, strong=disagrees)

"""The kind `table`: words, live figures and claims in one table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, Tag, model_validator

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.claims import CellClaim, Claim
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Filled, Table, head, is_reason, say, small_lines
from thesisvault.blocks.core.judging import CellDefaults, claim_of, judge_cell
from thesisvault.blocks.core.sources import source_of
from thesisvault.fields import MOST_COLUMNS, MOST_ROWS, Day, Figure, Name, Prose, Word
from thesisvault.language.text import Part, Plain, Text
from thesisvault.model import BY_SHAPE, PartError
from thesisvault.structs import replace
from thesisvault.words import plural, short_day

Cell = Annotated[Annotated[Prose, Tag("text")] | Annotated[CellClaim, Tag("mapping")], BY_SHAPE]


@register("table")
class TableBlock(BlockModel):
    """A table typed by hand; any cell may hold live expressions or be a claim."""

    columns: Annotated[tuple[Name, ...], Field(max_length=MOST_COLUMNS)]
    """The heads of the columns."""
    rows: Annotated[tuple[tuple[Cell, ...], ...], Field(max_length=MOST_ROWS)]
    """Rows of cells: text, or `{says: +18%, check: ...}`."""
    on: Day | None = None
    """The day at which claims in cells are judged."""
    source: Word | None = None
    """The id of the source of all cells."""
    within: Figure | None = None
    """Tolerance of all claims in cells."""
    caption: Prose | None = None
    """Words below the table."""

    @model_validator(mode="after")
    def _even(self) -> TableBlock:
        for number, row in enumerate(self.rows, 1):
            if len(row) != len(self.columns):
                found = f"{plural(len(row), 'cell')} for {plural(len(self.columns), 'column')}"
                raise PartError(f"row {number} has {found}", "rows", number - 1)
        return self

    def expressions(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the checks of cells."""
        for row in self.rows:
            for cell in row:
                if isinstance(cell, CellClaim) and cell.check:
                    yield cell.check, ()

    def claims(self) -> Iterator[tuple[Claim, dict[str, str]]]:
        """Yield the cells that are claims."""
        for row in self.rows:
            for cell in row:
                if isinstance(cell, CellClaim) and cell.check:
                    yield claim_of(cell, CellDefaults(self.on, self.source, self.within)), {}

    def sources(self) -> Iterator[str]:
        """Yield the sources that are named."""
        cells = (cell.source for row in self.rows for cell in row if isinstance(cell, CellClaim))
        yield from filter(None, [self.source, *cells])

    def fill(self, context: Context) -> Filled:
        """Return the table with figures filled in and claims judged."""
        unchecked: dict[str, None] = {}
        rows = tuple(tuple(self._cell(cell, context, unchecked) for cell in row) for row in self.rows)
        numeric = [i for i in range(1, len(self.columns)) if all(_is_short(row[i]) for row in rows)]
        table = Table(head(*(context.text(c) for c in self.columns), right=numeric), rows)
        reasons = (say(f"Untested: {'; '.join(unchecked)}.", emphasis=True),) if unchecked else ()
        days, *lines = (*small_lines(rows), ())
        if days and is_reason(days):
            days, lines = (), [days, *lines]
        caption = context.text(self.caption) if self.caption else ()
        parts: dict[str, object] = {"table": table, "caption": _joined(caption, days, self._origin(context))}
        return Filled("table", parts, lines=(*filter(None, lines), *reasons))

    def _origin(self, context: Context) -> Text:
        """Return who published the source of the table and when; nothing where it names none."""
        source = source_of(context, self.source)
        if source is None:
            return ()
        by = context.text(source.by) if source.by else say(source.title)
        day: Text = (Plain(f", {short_day(source.on, context.as_of)}"),) if source.on else ()
        return (Plain("Source: "), *by, *day, Plain("."))

    def _cell(self, cell: str | CellClaim, context: Context, unchecked: dict[str, None]) -> Text:
        if isinstance(cell, str):
            return context.text(cell)
        verdict = judge_cell(cell, context, CellDefaults(self.on, self.source, self.within))
        if verdict.outcome == "confirmed":
            return (*verdict.says, Plain(" ✓"))
        if verdict.outcome == "untested":
            unchecked[verdict.why] = None
            return (*verdict.says, Plain(" (untested)"))
        return (*verdict.says, Plain(f" {verdict.mark} "), verdict.computed)


def _joined(*sentences: Text) -> Text:
    """Return small lines as one, without their emphasis: the template sets it around all of them."""
    parts: list[Part] = []
    for sentence in filter(None, sentences):
        parts += [Plain(" ")] if parts else []
        parts += (replace(part, emphasis=False) if isinstance(part, Plain) else part for part in sentence)
    return tuple(parts)


def _is_short(cell: Text) -> bool:
    words = "".join(part if isinstance(part, str) else part.text for part in cell)
    return (len(words) <= 14 and any(c.isdigit() for c in words)) or words in ("n/a", "–", "—", "")

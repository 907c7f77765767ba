"""The kind `targets`: analysts' targets against what the price did since."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field, model_validator

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Filled, Table, captioned, head, say, small_lines
from thesisvault.fields import Day, Figure, Prose, SeriesName, Word
from thesisvault.language.formats import MINUS, pct
from thesisvault.language.text import Mention, Text
from thesisvault.model import PartError
from thesisvault.words import short_day


@register("targets")
class TargetsBlock(BlockModel):
    """Targets as they were said on a day, as an upside in percent or as a price."""

    on: Day
    """The day at whose close they were said."""
    rows: dict[SeriesName, Figure]
    """Ticker and target: +39% above the price of that day, or $253."""
    notes: dict[SeriesName, Prose] = Field(default_factory=dict)
    """A remark on a ticker."""
    source: Word | None = None
    """The id of a source of this definition."""

    @model_validator(mode="after")
    def _units(self) -> TargetsBlock:
        for name, said in self.rows.items():
            if said.unit != "%" and not said.is_money:
                raise PartError(f"the target of {name} is {said.text}; write it as +39% or $253", "rows", name)
        for name in self.notes:
            if name not in self.rows:
                problem = f'notes names "{name}", which is not a row; rows are {", ".join(self.rows)}'
                raise PartError(problem, "notes", name, on_key=True)
        return self

    def series(self) -> Iterator[str]:
        """Yield the tickers."""
        yield from self.rows

    def sources(self) -> Iterator[str]:
        """Yield the source that is named."""
        if self.source:
            yield self.source

    def fill(self, context: Context) -> Filled:
        """Return the table: what was said, what happened since, what is left."""
        rows = []
        for name, said in self.rows.items():
            moved = context.call("ret", name, f"since {self.on}")
            left: Text
            if said.is_money:
                left = (context.call("upside", name, said.text),)
            elif isinstance(moved.number.value, float):
                left = say(pct((1 + said.value) / (1 + moved.number.value) - 1, 0))
            else:
                left = say("n/a")
            remark = context.text(self.notes[name]) if name in self.notes else ()
            rows.append(
                ((Mention(name, context.label(name)),), say(said.text.replace("-", MINUS)), (moved,), left, remark)
            )
        columns = head("Stock", "Target", "Since", "Left", "Remark", right=[1, 2, 3])
        noted = bool(self.notes)
        table = Table(columns if noted else columns[:4], tuple(tuple(row if noted else row[:4]) for row in rows))
        day = short_day(self.on, context.as_of)
        caption = f"Targets of {day}. Left: gain still needed to reach the target, dividends counted."
        return Filled("targets", {"table": table}, lines=captioned(caption, small_lines(rows)))

"""The kind `flows`: a person's own numbers by period, as a table and as bars."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, model_validator

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.chart import file_words, request
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import ChartRequest, Filled, Table, head, say
from thesisvault.blocks.core.sources import source_of
from thesisvault.charts import specs
from thesisvault.fields import Between, Name, Number, Prose, Truth, Word
from thesisvault.language.formats import MINUS
from thesisvault.model import PartError
from thesisvault.words import short_day


@register("flows")
class FlowsBlock(BlockModel):
    """Flows as somebody reported them; nothing here is computed from prices."""

    title: Name
    """What flows."""
    unit: Name
    """Unit of the numbers, such as USD m."""
    rows: dict[Name, Annotated[Number, Between(-1e15, 1e15)]]
    """Period and number."""
    notes: dict[Name, Prose] = Field(default_factory=dict)
    """A remark on a period."""
    chart: Truth = True
    """Whether bars are drawn."""
    table: Truth = True
    """Whether the table is shown."""
    source: Word | None = None
    """The id of a source of this definition."""

    @model_validator(mode="after")
    def _whole(self) -> FlowsBlock:
        for period in self.notes:
            if period not in self.rows:
                problem = f'notes names "{period}", which is not a row; rows are {", ".join(self.rows)}'
                raise PartError(problem, "notes", period, on_key=True)
        if self.chart and len(self.rows) > specs.FLOWS_MOST:
            problem = f"bars show at most {specs.FLOWS_MOST} rows, found {len(self.rows)}; write chart: false"
            raise PartError(problem, "rows")
        return self

    def sources(self) -> Iterator[str]:
        """Yield the source that is named."""
        if self.source:
            yield self.source

    def fill(self, context: Context) -> Filled:
        """Return the numbers as a table and bars."""
        rows = tuple(
            (say(period), say(_signed(value)), context.text(self.notes[period]) if period in self.notes else ())
            for period, value in self.rows.items()
        )
        noted = bool(self.notes)
        columns = head("Period", self.unit, *(["Remark"] if noted else []), right=[1])
        table = Table(columns, rows if noted else tuple(row[:2] for row in rows))
        charts: tuple[ChartRequest, ...] = ()
        if self.chart and len(self.rows) > 1:
            spec = specs.FlowBarsChart(
                self.title,
                tuple(self.rows),
                tuple(self.rows.values()),
                self.unit,
                "As reported, not computed from prices",
                self.unit,
            )
            recipe = {"flows": self.title, "unit": self.unit, "rows": dict(self.rows)}
            charts = (request(context, spec, recipe, f"flows-{file_words(self.title)}"),)
        source = source_of(context, self.source)
        return Filled(
            "flows",
            {
                "table": table if self.table else None,
                "source": source,
                "source_on": short_day(source.on, context.as_of) if source and source.on else "",
                "title": context.text(self.title),
            },
            charts=charts,
        )


def _signed(value: float) -> str:
    """Return a number with its sign, thousands grouped, and no more decimals than it has."""
    text = f"{value:+,.6f}".rstrip("0").rstrip(".")
    return text.lstrip("+-") if value == 0 else text.replace("-", MINUS)

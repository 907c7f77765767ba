"""The kind `annual_returns`: calendar years side by side, as a table and as bars."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import model_validator

from thesisvault.blocks.chart_kinds.annual import annual_bars
from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.chart import request
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import ChartRequest, Filled, Table, head, small_lines
from thesisvault.blocks.core.levels import Unavailable
from thesisvault.charts.specs import LINES_MOST, PERIODS_MOST
from thesisvault.fields import Name, SeriesNames, Truth, Windows
from thesisvault.language.text import Mention, Text


@register("annual_returns")
class AnnualReturnsBlock(BlockModel):
    """Total returns by calendar year."""

    of: SeriesNames
    """Tickers, baskets or chains."""
    years: Windows
    """Years, such as 2024; `ytd` for the one that runs."""
    chart: Truth = False
    """Whether bars are drawn below the table."""
    caption: Name | None = None
    """Words below the bars."""

    @model_validator(mode="after")
    def _drawable(self) -> AnnualReturnsBlock:
        if self.chart and (len(self.of) > LINES_MOST or len(self.years) > PERIODS_MOST):
            problem = f"bars show at most {LINES_MOST} names and {PERIODS_MOST} years, found"
            raise ValueError(f"{problem} {len(self.of)} and {len(self.years)}; write chart: false")
        return self

    def fill(self, context: Context) -> Filled:
        """Return the table of years, with bars if asked for."""
        names = [context.resolve(name) for name in self.of]
        rows: tuple[tuple[Text, ...], ...] = tuple(
            ((Mention(name, context.label(name)),), *((context.call("ret", name, year.text),) for year in self.years))
            for name in names
        )
        table = Table(head("Return", *(year.label for year in self.years), right=range(1, len(self.years) + 1)), rows)
        charts = self._bars(names, context) if self.chart else ()
        return Filled("annual_returns", {"table": table}, charts=charts, lines=small_lines(rows, bases=not charts))

    def _bars(self, names: list[str], context: Context) -> tuple[ChartRequest, ...]:
        try:
            spec = annual_bars(names, self.years, context)
        except Unavailable:
            return ()  # the table above says why each cell is n/a
        recipe = {"annual": names, "years": [year.text for year in self.years]}
        caption = context.text(self.caption) if self.caption else ()
        return (request(context, spec, recipe, "annual-returns", caption),)

    def series(self) -> Iterator[str]:
        """Yield the names in the table."""
        yield from self.of

"""The kind `annual_returns`: calendar years side by side, as a table and as bars."""

from __future__ import annotations

from collections.abc import Iterator

from thesisvault.blocks.chart import Unavailable, annual_chart
from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import ChartRequest, Filled, Table, head, small_lines
from thesisvault.fields import Name, SeriesName, Truth, WindowText
from thesisvault.language.text import Mention, Text


@register("annual_returns")
class AnnualReturnsBlock(BlockModel):
    """Total returns by calendar year."""

    of: tuple[SeriesName, ...]
    """Tickers, baskets or chains."""
    years: tuple[WindowText, ...]
    """Years, such as 2024; `ytd` for the one that runs."""
    chart: Truth = False
    """Whether bars are drawn below the table."""
    caption: Name | None = None
    """Words below the bars."""

    def fill(self, context: Context) -> Filled:
        """Return the table of years, with bars if asked for."""
        names = [context.resolve(name) for name in self.of]
        rows: tuple[tuple[Text, ...], ...] = tuple(
            ((Mention(name, context.label(name)),), *((context.call("ret", name, year.text),) for year in self.years))
            for name in names
        )
        table = Table(head("", *(year.label for year in self.years), right=range(1, len(self.years) + 1)), rows)
        charts: tuple[ChartRequest, ...] = ()
        if self.chart:
            try:
                charts = (annual_chart(context, names, self.years, caption=self.caption),)
            except Unavailable:
                charts = ()  # the table above says why each cell is n/a
        return Filled("annual_returns", {"table": table}, charts=charts, lines=small_lines(rows))

    def series(self) -> Iterator[str]:
        """Yield the names in the table."""
        yield from self.of

"""The kind `charts`: several charts, one below another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.chart import ChartModel, missing_line
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import ChartRequest, Filled
from thesisvault.blocks.core.levels import note_line

_MOST = 4


@register("charts")
class ChartsBlock(BlockModel):
    """Charts one below another, each the width of the page."""

    shorthand: ClassVar[str] = "charts"
    charts: Annotated[tuple[ChartModel, ...], Field(min_length=1, max_length=_MOST)]
    """The charts, from top to bottom."""

    def fill(self, context: Context) -> Filled:
        """Return the charts that can be drawn, and the reasons for the others."""
        found = [chart.request(context) for chart in self.charts]
        drawn = tuple(each for each in found if isinstance(each, ChartRequest))
        lines = tuple(missing_line(each) for each in found if isinstance(each, str))
        lines += tuple(dict.fromkeys(line for chart in self.charts for line in note_line(chart.notes(context))))
        return Filled("charts", {"charts": drawn}, charts=drawn, lines=lines)

    def expressions(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the expressions of the charts."""
        for chart in self.charts:
            yield from chart.expressions()

    def series(self) -> Iterator[str]:
        """Yield the names in the charts."""
        for chart in self.charts:
            yield from chart.series()

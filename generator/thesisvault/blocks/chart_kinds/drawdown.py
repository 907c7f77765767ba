"""The chart `drawdown`: how far series are below their peaks."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from thesisvault.blocks.core.chart import WindowChart, chart_kind, last_day, line
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.levels import above_zero, levels, sliced
from thesisvault.charts.specs import LINES_MOST
from thesisvault.charts.specs import DrawdownChart as DrawdownSpec
from thesisvault.fields import SeriesName


@chart_kind("drawdown")
class DrawdownChart(WindowChart):
    """Falls from the peak within the window."""

    drawdown: Annotated[tuple[SeriesName, ...], Field(min_length=1, max_length=LINES_MOST)]
    """The names, one line each."""

    def spec(self, context: Context) -> DrawdownSpec:
        """Return the drawdowns over the window."""
        window = self.window(context)
        frame, kind = levels(self.drawdown, context)
        frame = above_zero(sliced(frame, window, context))
        fallen = frame / frame.cummax() - 1
        lines = tuple(line(name, fallen, context) for name in self.drawdown)
        title = self.headline(context, f"Fall from the peak, {window.label}")
        return DrawdownSpec(title, lines, last_day(kind, frame.index[-1].date()))

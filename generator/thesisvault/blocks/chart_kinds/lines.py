"""The chart `lines`: several series, set to zero at the start."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from thesisvault.blocks.core.chart import Marks, WindowChart, chart_kind, last_day, line, marked
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.levels import above_zero, levels, sliced
from thesisvault.charts.specs import LINES_LEAST, LINES_MOST, RebasedChart
from thesisvault.fields import SeriesName

_NAMED_IN_TITLE = 3


@chart_kind("lines")
class LinesChart(WindowChart):
    """Several lines, set to zero at the start."""

    lines: Annotated[tuple[SeriesName, ...], Field(min_length=LINES_LEAST, max_length=LINES_MOST)]
    """The names, one line each."""
    marks: Marks = ()
    """Days to mark."""

    def spec(self, context: Context) -> RebasedChart:
        """Return the lines over the window."""
        window = self.window(context)
        frame, kind = levels(self.lines, context)
        frame = above_zero(sliced(frame, window, context))
        lines = tuple(line(name, frame, context) for name in self.lines)
        default = f"{_listed([each.name for each in lines])}, {window.label}"
        small = last_day(kind, frame.index[-1].date())
        return RebasedChart(self.headline(context, default), lines, small, marked(self.marks))


def _listed(names: list[str]) -> str:
    if len(names) > _NAMED_IN_TITLE:
        return f"{names[0]} and {len(names) - 1} others"
    return f"{', '.join(names[:-1])} and {names[-1]}"

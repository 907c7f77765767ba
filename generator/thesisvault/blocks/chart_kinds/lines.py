"""The chart `lines`: several series, set to zero at the start."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from thesisvault.blocks.core.chart import Marks, SignedChart, chart_kind, lines_of, marked
from thesisvault.blocks.core.chart_words import is_even, is_plural, measure_of, since, small_print
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.levels import above_zero, levels, sliced
from thesisvault.charts.specs import LINES_LEAST, LINES_MOST, RebasedChart
from thesisvault.fields import SeriesName


@chart_kind("lines")
class LinesChart(SignedChart):
    """Several lines, set to zero at the start."""

    lines: Annotated[tuple[SeriesName, ...], Field(min_length=LINES_LEAST, max_length=LINES_MOST)]
    """The names, one line each."""
    marks: Marks = ()
    """Days to mark."""

    def spec(self, context: Context) -> RebasedChart:
        """Return the lines over the window."""
        window = self.window(context)
        found, kind = levels(self.lines, context)
        shown = above_zero(sliced(found, window, context))
        lines = lines_of(self.lines, shown, context)
        gains = [float(shown[name][-1] / shown[name][0]) for name in self.lines]
        best, worst = gains.index(max(gains)), gains.index(min(gains))
        verbs = ["lead" if is_plural(lines[best].name) else "leads", "lag" if is_plural(lines[worst].name) else "lags"]
        default = f"{lines[best].name} {verbs[0]}, {lines[worst].name} {verbs[1]}"
        if is_even(gains[best] - gains[worst]):
            default = f"{lines[0].name} and the others are level"
        return RebasedChart(
            self.found(context, gains[0] - gains[1], default),
            lines,
            small_print(self.lines, kind, shown.last, context),
            marked(self.marks),
            subtitle=since(measure_of(kind), shown.first, shown.last, context),
        )

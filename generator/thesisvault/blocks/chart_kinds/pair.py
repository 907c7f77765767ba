"""The chart `pair`: one side against the other."""

from __future__ import annotations

from pydantic import model_validator

from thesisvault.blocks.core.chart import Marks, WindowChart, called, chart_kind, last_day, line, marked
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.levels import Unavailable, above_zero, levels, sliced
from thesisvault.charts.specs import RebasedChart
from thesisvault.fields import SeriesName
from thesisvault.model import PartError


@chart_kind("pair")
class PairChart(WindowChart):
    """Two lines, set to zero at the start; the gap between them is tinted."""

    pair: tuple[SeriesName, SeriesName]
    """The two names, the side that is bought first."""
    marks: Marks = ()
    """Days to mark."""

    @model_validator(mode="after")
    def _different(self) -> PairChart:
        if self.pair[0] == self.pair[1]:
            raise PartError(f"a pair of {self.pair[0]} with itself shows nothing", "pair", 1)
        return self

    def spec(self, context: Context) -> RebasedChart:
        """Return both lines over the window."""
        buy, sell = self.pair
        if context.resolve(buy) == context.resolve(sell):
            raise Unavailable(f"{context.resolve(buy)} against itself shows nothing")
        window = self.window(context)
        frame, kind = levels(self.pair, context)
        frame = above_zero(sliced(frame, window, context))
        default = f"{called(buy, context)} against {called(sell, context)}, {window.label}"
        lines = (line(buy, frame, context, "buy"), line(sell, frame, context, "sell"))
        small = last_day(kind, frame.index[-1].date())
        return RebasedChart(self.headline(context, default), lines, small, marked(self.marks), pair=True)

    def slug_words(self, context: Context) -> list[str]:
        """Return the words of the file name; the commonest kind goes without its own."""
        return super().slug_words(context)[1:]

"""The chart `pair`: one side against the other."""

from __future__ import annotations

from pydantic import model_validator

from thesisvault.blocks.core.chart import Marks, SignedChart, chart_kind, lines_of, marked
from thesisvault.blocks.core.chart_words import leads, measure_of, since, small_print
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.levels import Unavailable, above_zero, levels, sliced
from thesisvault.charts import specs
from thesisvault.fields import SeriesName
from thesisvault.model import PartError
from thesisvault.scalars import SINCE_OPENED, parse_window


@chart_kind("pair")
class PairChart(SignedChart):
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

    def spec(self, context: Context) -> specs.RebasedChart:
        """Return both lines over the window."""
        buy, sell = self.pair
        if context.resolve(buy) == context.resolve(sell):
            raise Unavailable(f"{context.resolve(buy)} against itself shows nothing")
        window = self.window(context)
        found, kind = levels(self.pair, context)
        shown = above_zero(sliced(found, window, context))
        lines = lines_of(self.pair, shown, context, pair=True)
        ahead = float(shown[buy][-1] / shown[buy][0] - shown[sell][-1] / shown[sell][0])
        return specs.RebasedChart(
            self.found(context, ahead, leads(lines[0].name, lines[1].name, ahead)),
            lines,
            small_print(self.pair, kind, shown.last, context),
            (*marked(self.marks), *_opened(buy, sell, context)),
            pair=True,
            subtitle=since(measure_of(kind), shown.first, shown.last, context),
        )

    def slug_words(self, context: Context) -> list[str]:
        """Return the words of the file name; the commonest kind goes without its own."""
        return super().slug_words(context)[1:]


def _opened(buy: str, sell: str, context: Context) -> tuple[specs.Mark, ...]:
    """Return the day on which the thesis was opened that holds these two sides, as a mark; nothing if there is none."""
    wanted = (context.resolve(buy), context.resolve(sell))
    own = () if context.definition is None else (context.definition,)
    for each in (*own, *context.library.definitions.values()):
        names = each.names
        if (names.get("buy"), names.get("sell")) == wanted and (life := names.get(SINCE_OPENED)):
            opened = parse_window(life).start
            return (specs.Mark(opened, "Thesis opened"),) if opened else ()
    return ()

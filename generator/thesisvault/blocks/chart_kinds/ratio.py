"""The chart `ratio`: one series divided by another, with a moving average."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import model_validator

from thesisvault.analytics.kernels import mean_of_last
from thesisvault.blocks.core.chart import Marks, SignedChart, chart_kind, marked
from thesisvault.blocks.core.chart_words import is_even, leads, measure_of, names_on, since, small_print
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.levels import above_zero, levels, sliced
from thesisvault.charts.specs import RatioChart as RatioSpec
from thesisvault.fields import Between, Integer, SeriesName
from thesisvault.model import PartError
from thesisvault.scalars import MOST_SESSIONS
from thesisvault.structs import replace


@chart_kind("ratio")
class RatioChart(SignedChart):
    """One total-return index divided by another, with a moving average."""

    ratio: tuple[SeriesName, SeriesName]
    """The two names, the one that is divided first."""
    average: Annotated[Integer, Between(1, MOST_SESSIONS)] = 200
    """Sessions of the moving average."""
    marks: Marks = ()
    """Days to mark."""

    @model_validator(mode="after")
    def _different(self) -> RatioChart:
        if self.ratio[0] == self.ratio[1]:
            raise PartError(f"the ratio of {self.ratio[0]} to itself is one", "ratio", 1)
        return self

    @property
    def lookback(self) -> int:
        """How many sessions before the window the average at its first one begins."""
        return self.average - 1

    def spec(self, context: Context) -> RatioSpec:
        """Return the ratio over the window, set to one at its start, and its average as far as it is known."""
        first, second = self.ratio
        window = self.window(context)
        found, kind = levels(self.ratio, context)
        above_zero(found)
        ratio = found[first] / found[second]
        ratio /= ratio[0]
        average = mean_of_last(ratio, self.average)
        both = sliced(replace(found, columns={"ratio": ratio, "average": average}), window, context)
        base = both["ratio"][0]
        names = names_on(self.ratio, context)
        columns = {name: values / base for name, values in both.columns.items()}
        shown, known = replace(both, columns=columns), not np.isnan(columns["average"]).all()
        gain = float(shown["ratio"][-1]) - 1
        default = leads(names[0], names[1], gain)
        distance = float(shown["ratio"][-1] / shown["average"][-1]) - 1 if known else gain
        if known and not is_even(distance):
            default += ", above trend" if (distance > 0) == (gain > 0) else ", but has turned"
        words = {"Total return": "Ratio of total returns", "Price return": "Ratio of price returns"}
        measure = since(words.get(measure_of(kind), "Ratio of values"), both.first, both.last, context, "start = 1")
        return RatioSpec(
            self.found(context, 0.0 if is_even(distance) else distance, default),
            shown.drawn("ratio"),
            shown.drawn("average") if known else None,
            f"{self.average}-day average",
            f"{names[0]} / {names[1]}",
            small_print(self.ratio, kind, both.last, context),
            marked(self.marks),
            subtitle=measure,
        )

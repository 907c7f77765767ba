"""The chart `ratio`: one series divided by another, with a moving average."""

from __future__ import annotations

from typing import Annotated

from pydantic import model_validator

from thesisvault.blocks.core.chart import Marks, WindowChart, called, chart_kind, last_day, marked
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.levels import above_zero, levels, sliced
from thesisvault.charts.specs import RatioChart as RatioSpec
from thesisvault.fields import Between, Integer, SeriesName
from thesisvault.model import PartError
from thesisvault.scalars import MOST_SESSIONS, parse_window


@chart_kind("ratio")
class RatioChart(WindowChart):
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
        import pandas as pd

        from thesisvault.analytics import relative, risk

        first, second = self.ratio
        window = self.window(context)
        frame, kind = levels(self.ratio, context)
        above_zero(frame)
        ratio = relative.relative_strength(frame[first], frame[second])
        whole = pd.DataFrame({"ratio": ratio, "average": risk.sma(ratio, parse_window(self.average))})
        whole.attrs.update(frame.attrs)
        both = sliced(whole, window, context)
        base = both["ratio"].iloc[0]
        name = f"{called(first, context)} / {called(second, context)}"
        return RatioSpec(
            self.headline(context, f"{name}, {window.label}"),
            both["ratio"] / base,
            both["average"] / base if both["average"].notna().any() else None,
            f"{self.average}-session average",
            name,
            last_day(f"ratio of {kind}", both.index[-1].date()),
            marked(self.marks),
        )

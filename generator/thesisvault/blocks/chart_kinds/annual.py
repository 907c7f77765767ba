"""The chart `annual`: returns of calendar years as bars."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import Field

from thesisvault.blocks.core.chart import ChartModel, chart_kind, last_day
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.levels import Unavailable
from thesisvault.charts.specs import LINES_MOST, PERIODS_MOST, AnnualBarsChart
from thesisvault.fields import SeriesName, WindowText
from thesisvault.scalars import Window

TITLE = "Total return by year"


@chart_kind("annual")
class AnnualChart(ChartModel):
    """Bars of calendar years."""

    annual: Annotated[tuple[SeriesName, ...], Field(min_length=1, max_length=LINES_MOST)]
    """The names, one group of bars each."""
    years: Annotated[tuple[WindowText, ...], Field(min_length=1, max_length=PERIODS_MOST)]
    """The years, such as [2021, 2022, 2023]; `ytd` for the one that runs."""

    def spec(self, context: Context) -> AnnualBarsChart:
        """Return one bar per name and year."""
        names = [context.resolve(name) for name in self.annual]
        return annual_bars(names, self.years, self.headline(context, TITLE), context)

    def notes(self, context: Context) -> Iterable[str]:
        """Return what a reader must know of the years that are shown."""
        figures = [context.call("ret", context.resolve(name), year.text) for name in self.annual for year in self.years]
        return [note for figure in figures if figure.number.is_known for note in figure.number.notes]


def annual_bars(names: Sequence[str], years: Sequence[Window], title: str, context: Context) -> AnnualBarsChart:
    """Return bars of calendar years; a year that is not covered has no bar.

    Raises:
        Unavailable: No year is covered, or there are more names or years than one chart can show.
    """
    for what, count, most in (("names", len(names), LINES_MOST), ("years", len(years), PERIODS_MOST)):
        if count > most:
            raise Unavailable(f"{count} {what}, and bars show at most {most}")
    groups = []
    for name in names:
        values = [context.call("ret", name, year.text).number.value for year in years]
        groups.append((context.label(name), tuple(value if isinstance(value, float) else None for value in values)))
    if all(value is None for _, row in groups for value in row):
        raise Unavailable(f"{', '.join(names)}: no year is covered")
    return AnnualBarsChart(
        title, tuple(year.label for year in years), tuple(groups), last_day("total return", context.as_of)
    )

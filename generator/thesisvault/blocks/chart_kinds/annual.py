"""The chart `annual`: returns of calendar years as bars."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import Field

from thesisvault.blocks.core.chart import ChartModel, chart_kind
from thesisvault.blocks.core.chart_words import begins, names_on, small_print, within
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.levels import Unavailable
from thesisvault.charts.specs import LINES_MOST, PERIODS_MOST, AnnualBarsChart
from thesisvault.fields import SeriesName, WindowText
from thesisvault.scalars import Window
from thesisvault.words import plural


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
        return annual_bars(names, self.years, context, self.finding(context, ""))

    def notes(self, context: Context) -> Iterable[str]:
        """Return what a reader must know of the years that are shown."""
        figures = [context.call("ret", context.resolve(name), year.text) for name in self.annual for year in self.years]
        return [note for figure in figures if figure.number.is_known for note in figure.number.notes]


def annual_bars(names: Sequence[str], years: Sequence[Window], context: Context, title: str = "") -> AnnualBarsChart:
    """Return bars of calendar years, with a finding if no title is given; a year that is not covered has no bar.

    Raises:
        Unavailable: No year is covered, or there are more names or years than one chart can show.
    """
    for what, count, most in (("names", len(names), LINES_MOST), ("years", len(years), PERIODS_MOST)):
        if count > most:
            raise Unavailable(f"{count} {what}, and bars show at most {most}")
    groups: list[tuple[str, tuple[float | None, ...]]] = []
    for name, words in zip(names, names_on(names, context), strict=True):
        values = [context.call("ret", name, year.text).number.value for year in years]
        groups.append((words, tuple(value if isinstance(value, float) else None for value in values)))
    if all(value is None for _, row in groups for value in row):
        raise Unavailable(f"{', '.join(names)}: no year is covered")
    return AnnualBarsChart(
        title or _finding(groups),
        tuple(year.label for year in years),
        tuple(groups),
        small_print(names, "total return", context.as_of, context),
        "Total return by year, %",
    )


def _finding(groups: Sequence[tuple[str, tuple[float | None, ...]]]) -> str:
    """Return in how many years the first led the second, or rose.

    >>> _finding([("Small caps", (0.2, None, 0.1)), ("Large caps", (0.1, 0.1, 0.3))]), _finding([("Gold", (0.2, -0.1))])
    ('Small caps led large caps in 1 of 2 years', 'Gold rose in 1 of 2 years')
    """
    first, values = groups[0]
    if len(groups) == 1:
        known = [value > 0 for value in values if value is not None]
        return f"{first} rose in {sum(known)} of {plural(len(known), 'year')}"
    second, others = groups[1]
    led = [a > b for a, b in zip(values, others, strict=True) if a is not None and b is not None]
    return f"{begins(first)} led {within(second)} in {sum(led)} of {plural(len(led), 'year')}"

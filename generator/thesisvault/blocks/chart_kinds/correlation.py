"""The chart `correlation`: how several series move together, as a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field, Tag

from thesisvault.analytics import relative
from thesisvault.analytics.kernels import Floats
from thesisvault.blocks.core.chart import WindowChart, chart_kind
from thesisvault.blocks.core.chart_words import begins, names_on, small_print, within
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.levels import Unavailable, levels, sliced
from thesisvault.charts.specs import TILES_LEAST, TILES_MOST, HeatmapChart
from thesisvault.fields import SeriesName, Ticker
from thesisvault.model import BY_SHAPE
from thesisvault.scalars import Window

Names = Annotated[
    Annotated[Ticker, Tag("text")] | Annotated[tuple[SeriesName, ...], Field(min_length=TILES_LEAST), Tag("list")],
    BY_SHAPE,
]


@chart_kind("correlation")
class CorrelationChart(WindowChart):
    """Correlations of daily returns as a heat map."""

    correlation: Names
    """The id of a basket, or a list of names."""

    def members(self, context: Context) -> list[str]:
        """Return the series that are correlated, the members of a basket in its place."""
        return members_of(self.correlation, context)

    def spec(self, context: Context) -> HeatmapChart:
        """Return the correlations over the window."""
        window = self.window(context)
        names = self.members(context)
        return heatmap(names, correlation_matrix(names, window, context), window, context, self.finding(context, ""))


def members_of(names: str | Sequence[str], context: Context) -> list[str]:
    """Return the series behind the id of a basket or a list of names."""
    if not isinstance(names, str):
        return [context.resolve(name) for name in names]
    name = context.resolve(names)
    return list(context.library.members(name) or (name,))


def correlation_matrix(names: Sequence[str], window: Window, context: Context) -> Floats:
    """Return correlations of daily returns over a window on common sessions, one row and one column per name.

    Raises:
        Unavailable: There are too few names, one is duplicated or has no prices, the window is not covered, or no pair
            has enough common sessions in it.
    """
    if len(names) < TILES_LEAST:
        raise Unavailable(f"a correlation takes {TILES_LEAST} names or more")
    if twice := [name for i, name in enumerate(names) if name in names[:i]]:
        raise Unavailable(f"{twice[0]} is duplicated")
    found, _ = levels(names, context)
    sliced(found, window, context)
    matrix = relative.correlation_matrix(found.days, np.column_stack([found[name] for name in names]), window)
    if np.isnan(matrix[np.triu_indices(len(names), 1)]).all():
        raise Unavailable(f"{', '.join(names)} have too few common sessions over {window.label}")
    return matrix


def heatmap(names: Sequence[str], matrix: Floats, window: Window, context: Context, title: str = "") -> HeatmapChart:
    """Return the heat map of a matrix of correlations, with a finding if no title is given.

    Raises:
        Unavailable: There are more names than one chart can show.
    """
    if len(names) > TILES_MOST:
        raise Unavailable(f"{len(names)} names, and a heat map shows at most {TILES_MOST}")
    shown = tuple(names_on(names, context))
    below = np.where(np.tril(np.ones_like(matrix), -1) > 0, matrix, np.nan)
    row, column = np.unravel_index(int(np.nanargmax(np.round(below, 9))), below.shape)
    default = f"{begins(shown[column])} and {within(shown[row])} move most alike"
    small = small_print(names, "total return", context.as_of, context)
    subtitle = f"Correlation of daily returns, {window.label}"
    return HeatmapChart(title or default, shown, matrix, small, subtitle)

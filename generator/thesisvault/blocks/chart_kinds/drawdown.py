"""The chart `drawdown`: how far series are below their peaks."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from thesisvault.analytics.bounds import Pace, periods_of
from thesisvault.blocks.core.chart import WindowChart, chart_kind, lines_of
from thesisvault.blocks.core.chart_words import is_even, is_plural, since, small_print
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.levels import above_zero, levels, sliced
from thesisvault.charts.specs import LINES_MOST
from thesisvault.charts.specs import DrawdownChart as DrawdownSpec
from thesisvault.fields import SeriesName
from thesisvault.structs import replace

_WEEKLY_FROM = 750
"""Sessions from which weekly closes are drawn: three years."""
_WEEK = 7


@chart_kind("drawdown")
class DrawdownChart(WindowChart):
    """Falls from the high within the window; the first name carries its lows, the second is a gray area behind it."""

    drawdown: Annotated[tuple[SeriesName, ...], Field(min_length=1, max_length=LINES_MOST)]
    """The names, one line each."""

    def spec(self, context: Context) -> DrawdownSpec:
        """Return the drawdowns over the window."""
        window = self.window(context)
        found, kind = levels(self.drawdown, context)
        shown = above_zero(sliced(found, window, context))
        first, last = shown.first, shown.last
        fallen = replace(
            shown, columns={name: values / np.maximum.accumulate(values) - 1 for name, values in shown.columns.items()}
        )
        weekly = len(shown.days) > _WEEKLY_FROM
        if weekly:
            weeks = periods_of(shown.days, Pace(_WEEK))
            fallen = fallen.rows(np.flatnonzero(np.append(weeks[1:] != weeks[:-1], True)))
        lines = lines_of(self.drawdown, fallen, context)
        now, verb = float(fallen[self.drawdown[0]][-1]), "are" if is_plural(lines[0].name) else "is"
        below = (
            "at" if is_even(now) else f"{abs(now) * 100:.0f}% below" if now <= -0.0995 else f"{-now * 100:.1f}% below"
        )
        return DrawdownSpec(
            self.finding(context, f"{lines[0].name} {verb} {below} {'their' if verb == 'are' else 'its'} high"),
            lines,
            small_print(self.drawdown, kind, last, context),
            since("Fall from the high", first, last, context, "weekly closes, %" if weekly else "%"),
        )

"""The chart `breadth`: for what share of a universe a condition holds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from thesisvault.analytics.across import MOST
from thesisvault.blocks.core.chart import SignedChart, chart_kind
from thesisvault.blocks.core.chart_words import since
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.levels import Levels, Unavailable, sliced
from thesisvault.charts.specs import BreadthChart as BreadthSpec
from thesisvault.fields import Expr
from thesisvault.words import day_in_words
from thesisvault.written import like


@chart_kind("breadth")
class BreadthChart(SignedChart):
    """The share of a universe for which a condition holds, as an area."""

    breadth: Expr
    """A condition over a universe, such as ret('sp500', '1d') > 0."""

    def expressions(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the share that the condition stands for."""
        yield like(self.breadth, f"breadth({self.breadth})"), ()

    def series(self) -> Iterator[str]:
        """Yield nothing: a condition names its own series."""
        yield from ()

    def slug_words(self, context: Context) -> list[str]:  # noqa: ARG002 - a condition makes no file name
        """Return the words of the file name: the kind, and the window if it was written."""
        return [self.kind, *([self.over.text] if self.over else [])]

    def spec(self, context: Context) -> BreadthSpec:
        """Return the share at each session of the window."""
        value = context.value(like(self.breadth, f"breadth({self.breadth})"))
        if value.is_empty or value.calendar is None:
            raise Unavailable(value.why() or "no data")
        shares = value.whole()
        known = ~np.isnan(shares)
        shown = sliced(Levels(value.calendar.days[known], {"share": shares[known]}), self.window(context), context)
        share = float(shown["share"][-1])
        default = f"Breadth is {'broad' if share > MOST else 'narrow'}: {share * 100:.0f}% of members"
        return BreadthSpec(
            self.found(context, share - MOST, default),
            shown.drawn("share"),
            f"Today's members, to {day_in_words(shown.last)}",
            MOST,
            subtitle=since("Share of members", shown.first, shown.last, context),
        )

"""The kind `correlation`: how the members of a basket move together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from thesisvault.analytics.kernels import Floats
from thesisvault.blocks.chart_kinds.correlation import Names, correlation_matrix, heatmap, members_of
from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.chart import file_words, missing_line, request
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import ChartRequest, Filled, Table, head, say
from thesisvault.blocks.core.levels import Unavailable, begins, early_notes, note_line
from thesisvault.fields import Prose, Truth, WindowText
from thesisvault.language.text import Mention
from thesisvault.scalars import parse_window


@register("correlation")
class CorrelationBlock(BlockModel):
    """Correlations of daily returns on common sessions."""

    of: Names
    """The id of a basket, or a list of names."""
    over: WindowText = parse_window("1y")
    """The window."""
    chart: Truth = True
    """A heat map; else a table."""
    caption: Prose | None = None
    """Words below the chart."""

    def fill(self, context: Context) -> Filled:
        """Return the average correlation in words, with a heat map or a table."""
        names, over = members_of(self.of, context), context.window(self.over)
        try:
            matrix = correlation_matrix(names, over, context)
        except Unavailable as problem:
            reason = say(f"n/a: {problem}.", emphasis=True)
            return Filled("correlation", {"summary": (), "table": None}, lines=(reason,))
        upper = matrix[np.triu_indices(len(names), 1)]
        summary = say(f"The average pair has a correlation of {np.nanmean(upper):.2f} over {self.over.label}.")
        lines = note_line(early_notes(names, begins(names, over, context), context))
        if not self.chart:
            parts = {"summary": summary, "table": _table(names, matrix, context)}
            return Filled("correlation", parts, lines=lines)
        found = self._heatmap(names, matrix, context)
        parts = {"summary": summary, "table": None}
        if isinstance(found, str):
            return Filled("correlation", parts, lines=(missing_line(found), *lines))
        return Filled("correlation", parts, charts=(found,), lines=lines)

    def _heatmap(self, names: list[str], matrix: Floats, context: Context) -> ChartRequest | str:
        """Return the heat map, or the reason why there is none."""
        try:
            spec = heatmap(names, matrix, context.window(self.over), context)
        except Unavailable as problem:
            return str(problem)
        recipe = {"correlation": names, "over": self.over.text}
        caption = context.text(self.caption) if self.caption else ()
        return request(context, spec, recipe, file_words(f"correlation {self.over.text}"), caption)

    def series(self) -> Iterator[str]:
        """Yield what is correlated."""
        if isinstance(self.of, str):
            yield self.of
        else:
            yield from self.of


def _table(names: list[str], numbers: Floats, context: Context) -> Table:
    """Return the matrix as a table, with a dash for each name against itself."""
    rows = tuple(
        (
            (Mention(a, context.label(a)),),
            *(say("–" if i == j else f"{numbers[i, j]:.2f}") for j in range(len(names))),
        )
        for i, a in enumerate(names)
    )
    return Table(head("Pair", *(context.short(n) for n in names), right=range(1, len(names) + 1)), rows)

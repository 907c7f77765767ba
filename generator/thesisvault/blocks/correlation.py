"""The kind `correlation`: how the members of a basket move together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from thesisvault.blocks.chart import (
    Names,
    Unavailable,
    correlation_matrix,
    correlation_reach,
    correlation_spec,
    file_words,
    request,
)
from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import ChartRequest, Filled, Table, head, say
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
    """Words below the picture."""

    def names(self, context: Context) -> tuple[str, ...]:
        """Return the names that are correlated."""
        if isinstance(self.of, str):
            return context.library.members(context.resolve(self.of)) or (self.of,)
        return tuple(context.resolve(name) for name in self.of)

    def fill(self, context: Context) -> Filled:
        """Return the average correlation in words, with a heat map or a table."""
        names = self.names(context)
        try:
            matrix = correlation_matrix(names, self.over, context)
        except Unavailable as problem:
            return Filled(
                "correlation", {"summary": (), "table": None}, lines=(say(f"n/a: {problem}.", emphasis=True),)
            )
        numbers = np.asarray(matrix, dtype="float64")
        upper = numbers[np.triu_indices(len(names), 1)]
        if np.isnan(upper).all():
            reason = f"n/a: {', '.join(names)} have too few common sessions over {self.over.label}."
            return Filled("correlation", {"summary": (), "table": None}, lines=(say(reason, emphasis=True),))
        summary = say(f"The average pair has a correlation of {np.nanmean(upper):.2f} over {self.over.label}.")
        charts: tuple[ChartRequest, ...] = ()
        table = None
        if self.chart:
            title = f"Correlation of daily returns, {self.over.label}"
            spec = correlation_spec(names, self.over, context, title)
            caption = context.text(self.caption) if self.caption else ()
            charts = (
                request(
                    context,
                    spec,
                    {"correlation": list(names), "over": self.over.text},
                    file_words(f"correlation {self.over.text}"),
                    caption,
                ),
            )
        else:
            rows = tuple(
                (
                    (Mention(a, context.label(a)),),
                    *(say("–" if i == j else f"{numbers[i, j]:.2f}") for j in range(len(names))),
                )
                for i, a in enumerate(names)
            )
            table = Table(head("", *(context.short(n) for n in names), right=range(1, len(names) + 1)), rows)
        lines = correlation_reach(names, self.over, context)
        return Filled("correlation", {"summary": summary, "table": table}, charts=charts, lines=lines)

    def series(self) -> Iterator[str]:
        """Yield what is correlated."""
        if isinstance(self.of, str):
            yield self.of
        else:
            yield from self.of

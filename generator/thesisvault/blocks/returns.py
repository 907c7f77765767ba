"""The kind `returns`: total returns of several names over several windows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Filled, Table, head, say, small_lines
from thesisvault.fields import SeriesName, SeriesNames, Windows
from thesisvault.language.text import Mention, Text


@register("returns")
class ReturnsBlock(BlockModel):
    """A table of returns, one row per name, one column per window; of a rate, such as a yield, its change in points."""

    of: SeriesNames
    """Tickers, baskets, chains, or `buy` and `sell`."""
    over: Windows
    """Windows, one column each."""
    against: SeriesName | None = None
    """A name whose returns are subtracted in a second figure of each cell's row."""
    basis: Literal["total", "price"] = "total"
    """`total` with dividends, `price` without."""

    def fill(self, context: Context) -> Filled:
        """Return the table of returns."""
        against = context.resolve(self.against) if self.against else None
        titles: list[str | Text] = [""]
        for window in self.over:
            titles.append(window.label)
            if against:
                titles.append(f"vs {context.label(against)}")
        rows = []
        called = Counter(context.label(context.resolve(name)) for name in self.of)
        for name in self.of:
            resolved = context.resolve(name)
            label, view = context.label(resolved), context.series(resolved)
            # One and the same share may stand here twice, once as a side that is converted.
            money = "" if called[label] < 2 or isinstance(view, str) else view.currency
            cells: list[Text] = [(Mention(resolved, label), *say(f" in {money}" if money else ""))]
            for window in self.over:
                cells.append((context.figure(self._call(resolved, window.text, context)),))
                if against:
                    comparable = resolved != against and context.is_rate(resolved) == context.is_rate(against)
                    spread = self._spread(resolved, against, window.text, context) if comparable else ""
                    cells.append((context.figure(spread),) if spread else say("–"))
            rows.append(tuple(cells))
        table = Table(head(*titles, right=range(1, len(titles))), tuple(rows))
        return Filled("returns", {"table": table}, lines=small_lines(rows))

    def _call(self, name: str, window: str, context: Context) -> str:
        """Return the expression of a cell; a rate has no return, it changes by points."""
        if context.is_rate(name):
            return f"change('{name}', '{window}')"
        return f"ret('{name}', '{window}', basis='{self.basis}')"

    def _spread(self, name: str, against: str, window: str, context: Context) -> str:
        if self.basis == "total" and not context.is_rate(name):
            return f"spread('{name}', '{against}', '{window}')"
        return f"{self._call(name, window, context)} - {self._call(against, window, context)}"

    def series(self) -> Iterator[str]:
        """Yield the names in the table."""
        yield from self.of
        if self.against:
            yield self.against

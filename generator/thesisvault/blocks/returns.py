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
        """Return the table of returns; beside each name, or below it where there are several windows, its lead."""
        against = context.resolve(self.against) if self.against else None
        called = Counter(context.label(context.resolve(name)) for name in self.of)
        beside = against is not None and len(self.over) == 1
        heads = [window.head(context.as_of) for window in self.over]
        titles = ["Return", *heads, *([f"vs {context.label(against)}"] if against and beside else [])]
        rows: list[tuple[Text, ...]] = []
        for name in self.of:
            resolved = context.resolve(name)
            label, view = context.label(resolved), context.series(resolved)
            # One and the same share may stand here twice, once as a side that is converted.
            money = "" if called[label] < 2 or isinstance(view, str) else view.currency
            first: Text = (Mention(resolved, label), *say(f" in {money}" if money else ""))
            made = [(context.figure(self._call(resolved, window.text, context)),) for window in self.over]
            leads = [self._lead(resolved, against, window.text, context) for window in self.over] if against else []
            rows.append((first, *made, *(leads if beside else [])))
            if against and leads and not beside and resolved != against:
                rows.append((say(f"vs {context.label(against)}"), *leads))
        table = Table(head(*titles, right=range(1, len(titles))), tuple(rows))
        return Filled("returns", {"table": table}, lines=small_lines(rows))

    def _lead(self, name: str, against: str, window: str, context: Context) -> Text:
        """Return by how much a name leads another, or a dash where the two cannot be compared."""
        comparable = name != against and context.is_rate(name) == context.is_rate(against)
        return (context.figure(self._spread(name, against, window, context)),) if comparable else say("–")

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

"""The kind `constituents`: the members of a basket with weights and returns."""

from __future__ import annotations

from collections.abc import Iterator

from generator.blocks.block import BlockModel, register
from generator.blocks.context import Context
from generator.blocks.filled import Filled, Table, head, say, small_lines
from generator.fields import Ticker, WindowText
from generator.language.text import Mention, Text
from generator.scalars import parse_window


@register("constituents")
class ConstituentsBlock(BlockModel):
    """A table of a basket's members."""

    of: Ticker
    """The id of a basket."""
    over: tuple[WindowText, ...] = (parse_window("1d"), parse_window("ytd"), parse_window("1y"))
    """Windows, one column each."""

    def fill(self, context: Context) -> Filled:
        """Return the table of members, the basket itself last."""
        name = context.resolve(self.of)
        members = context.library.members(name) or (name,)
        rows: list[tuple[Text, ...]] = [
            ((Mention(m, context.label(m)),), *((context.call("ret", m, w.text),) for w in self.over)) for m in members
        ]
        if len(members) > 1:
            rows.append(
                (
                    (Mention(name, context.label(name), strong=True),),
                    *((context.call("ret", name, w.text),) for w in self.over),
                )
            )
        table = Table(head("", *(w.label for w in self.over), right=range(1, len(self.over) + 1)), tuple(rows))
        lines = small_lines(rows)
        return Filled("constituents", {"table": table, "count": say(str(len(members)))}, lines=lines)

    def series(self) -> Iterator[str]:
        """Yield the basket."""
        yield self.of

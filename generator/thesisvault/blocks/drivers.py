"""The kind `drivers`: what moves the thesis, and the model of one driver."""

from __future__ import annotations

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Filled, Table, head, say, small_lines
from thesisvault.blocks.core.sources import source_of
from thesisvault.fields import Name, Prose, Word
from thesisvault.language.text import Plain, Text
from thesisvault.model import Model
from thesisvault.words import short_day


class Driver(Model):
    """One driver."""

    name: Name
    """What it is called."""
    detail: Prose
    """Why it matters, in a sentence."""
    source: Word | None = None
    """The id of a source of this definition."""


def _attribution(driver: Driver, context: Context) -> Text:
    """Return who says so, in parentheses."""
    source = source_of(context, driver.source)
    if source is None:
        return ()
    when = f", {short_day(source.on, context.as_of)}" if source.on else ""
    return (Plain(" ("), *context.text(source.by or source.title), Plain(f"{when})"))


@register("drivers")
class DriversBlock(BlockModel):
    """The drivers of this definition as a table."""

    def fill(self, context: Context) -> Filled:
        """Return the table of drivers."""
        found = context.definition.model.drivers if context.definition else ()
        rows = tuple((say(d.name, strong=True), (*context.text(d.detail), *_attribution(d, context))) for d in found)
        table = Table(head("Driver", "Why it matters"), rows)
        return Filled("drivers", {"table": table}, lines=small_lines(rows, bases=False))

"""The kind `updates`: the dated log of a definition, and the model of one update.

An update is a record: its expressions are evaluated at its data day and stay so in every later build.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Struct

from thesisvault.blocks.core.block import Block, BlockModel, fill_all, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Filled
from thesisvault.fields import Between, Day, Integer, Name, Word
from thesisvault.language.text import Text
from thesisvault.model import Model
from thesisvault.words import short_day


class Update(Model):
    """One dated update."""

    on: Day
    """The day of the update."""
    data: Day | None = None
    """The day whose closes it rests on; left out, `on`."""
    title: Name
    """What it says, in a line."""
    source: Word | None = None
    """The id of a source of this definition."""
    blocks: tuple[Block, ...] = ()
    """Its blocks."""


class UpdateRow(Struct, frozen=True):
    """One update as it is shown: its day, that of its data if it is another, title, blocks, and whether it is open."""

    on: str
    data: str
    title: Text
    blocks: tuple[Filled, ...]
    open: bool


@register("updates")
class UpdatesBlock(BlockModel):
    """The log: newest first, the newest open, the others folded."""

    open: Annotated[Integer, Between(0, 1_000)] = 1
    """How many of the newest stand open."""

    def fill(self, context: Context) -> Filled:
        """Return the updates that are not in the future, each frozen at its data day."""
        found = context.definition.model.updates if context.definition else ()
        rows: list[UpdateRow] = []
        for update in sorted(found, key=lambda u: u.on, reverse=True):
            if update.on > context.as_of:
                continue
            frozen = context.frozen(update.data or update.on)
            title, blocks = frozen.text(update.title), fill_all(update.blocks, frozen)
            on = short_day(update.on, context.as_of)
            data = short_day(update.data, context.as_of) if update.data and update.data != update.on else ""
            rows.append(UpdateRow(on, data, title, blocks, open=len(rows) < self.open))
        return Filled("updates", {"rows": tuple(rows)})

"""The kind `fold`: other blocks inside a folded callout."""

from __future__ import annotations

from generator.blocks.block import Block, BlockModel, fill_all, register
from generator.blocks.context import Context
from generator.blocks.filled import Filled
from generator.fields import Name


@register("fold")
class FoldBlock(BlockModel):
    """Blocks that a reader opens when wanted."""

    title: Name
    """The line that stays visible."""
    blocks: tuple[Block, ...]
    """The blocks inside."""

    def fill(self, context: Context) -> Filled:
        """Return the inner blocks filled."""
        return Filled("fold", {"title": context.text(self.title), "blocks": fill_all(self.blocks, context)})

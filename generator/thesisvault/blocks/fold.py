"""The kind `fold`: other blocks inside a folded callout."""

from __future__ import annotations

from thesisvault.blocks.core.block import Block, BlockModel, fill_all, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Filled
from thesisvault.fields import Name


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

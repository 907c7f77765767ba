"""The kind `text`: Markdown with live expressions."""

from __future__ import annotations

from typing import ClassVar

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Filled, reason_lines
from thesisvault.fields import Prose
from thesisvault.language.text import figures


@register("text")
class TextBlock(BlockModel):
    """Markdown; paragraphs and lists are kept, live expressions are filled in."""

    shorthand: ClassVar[str] = "says"
    says: Prose
    """The text."""

    def fill(self, context: Context) -> Filled:
        """Return the text filled."""
        text = context.text(self.says)
        return Filled("text", {"text": text}, lines=reason_lines(figures(text), dated=False))

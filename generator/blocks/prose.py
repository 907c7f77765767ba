"""The kind `text`: Markdown with live expressions."""

from __future__ import annotations

from typing import ClassVar

from generator.blocks.block import BlockModel, register
from generator.blocks.context import Context
from generator.blocks.filled import Filled, reason_lines
from generator.fields import Text
from generator.language.text import figures


@register("text")
class TextBlock(BlockModel):
    """Markdown; paragraphs and lists are kept, live expressions are filled in."""

    shorthand: ClassVar[str] = "says"
    says: Text
    """The text."""

    def fill(self, context: Context) -> Filled:
        """Return the text filled."""
        text = context.text(self.says)
        return Filled("text", {"text": text}, lines=reason_lines(figures(text), dated=False))

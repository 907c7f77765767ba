"""The kind `quote`: what somebody said, with name, day and source."""

from __future__ import annotations

from collections.abc import Iterator

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Filled, say
from thesisvault.fields import Day, Name, Prose, Word
from thesisvault.language.text import Text
from thesisvault.words import short_day


@register("quote")
class QuoteBlock(BlockModel):
    """Spoken words, attributed."""

    says: Prose
    """The words, without quotation marks."""
    by: Name
    """Who said them; may be a link."""
    on: Day | None = None
    """When."""
    source: Word | None = None
    """The id of a source of this definition."""

    def fill(self, context: Context) -> Filled:
        """Return the quotation with its attribution."""
        when: Text = say(f", {short_day(self.on, context.as_of)}") if self.on else ()
        return Filled("quote", {"says": context.text(self.says), "by": (*context.text(self.by), *when)})

    def sources(self) -> Iterator[str]:
        """Yield the source that is named."""
        if self.source:
            yield self.source

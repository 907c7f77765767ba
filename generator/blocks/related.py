"""The kind `related`: links to other notes, each with why."""

from __future__ import annotations

from generator.blocks.block import BlockModel, register
from generator.blocks.context import Context
from generator.blocks.filled import Filled
from generator.fields import Model, Name, Text
from generator.language.text import Mention


class Related(Model):
    """One related note."""

    note: Name
    """Title, id, name or alias of the note."""
    why: Text | None = None
    """What joins the two."""


@register("related")
class RelatedBlock(BlockModel):
    """The related notes of this definition."""

    def fill(self, context: Context) -> Filled:
        """Return the list of related notes."""
        found = context.definition.model.related if context.definition else ()
        rows = [{"note": (Mention(r.note),), "why": context.text(r.why) if r.why else ()} for r in found]
        return Filled("related", {"rows": rows})

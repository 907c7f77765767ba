"""The kind `related`: links to other notes, each with why."""

from __future__ import annotations

from typing import Annotated

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Filled
from thesisvault.fields import Name, Prose
from thesisvault.language.text import Mention
from thesisvault.model import Model
from thesisvault.offers import Offers


class Related(Model):
    """One related note."""

    note: Annotated[Name, Offers("notes")]
    """Title, id, name or alias of the note."""
    why: Prose | None = None
    """What joins the two."""


@register("related")
class RelatedBlock(BlockModel):
    """The related notes of this definition."""

    def fill(self, context: Context) -> Filled:
        """Return the list of related notes."""
        found = context.definition.model.related if context.definition else ()
        rows = [{"note": (Mention(r.note),), "why": context.text(r.why) if r.why else ()} for r in found]
        return Filled("related", {"rows": rows})

"""The kind `sources`: what the definition rests on, and the model of one source."""

from __future__ import annotations

import datetime as dt

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Filled
from thesisvault.fields import Day, Model, Name, Url, Word


class Source(Model):
    """One source: an article, a report, a page."""

    id: Word
    """Short id by which claims and quotes name it."""
    title: Name
    """Its title."""
    by: Name | None = None
    """Author or publisher; may be a link."""
    url: Url | None = None
    """Where it can be read."""
    on: Day | None = None
    """When it was published; left out where the source states none."""


@register("sources")
class SourcesBlock(BlockModel):
    """The sources of this definition, newest first."""

    def fill(self, context: Context) -> Filled:
        """Return the list of sources."""
        found = context.definition.model.sources if context.definition else ()
        ordered = sorted(found, key=lambda s: (s.on or dt.date.min, s.id), reverse=True)
        rows = [{"source": s, "by": context.text(s.by) if s.by else ()} for s in ordered]
        return Filled("sources", {"rows": rows})

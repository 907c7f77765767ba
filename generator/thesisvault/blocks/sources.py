"""The kind `sources`: what the definition rests on."""

from __future__ import annotations

import datetime as dt

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Filled
from thesisvault.blocks.core.sources import sources_of
from thesisvault.words import short_day


@register("sources")
class SourcesBlock(BlockModel):
    """The sources of this definition, newest first."""

    def fill(self, context: Context) -> Filled:
        """Return the list of sources."""
        ordered = sorted(sources_of(context), key=lambda s: (s.on or dt.date.min, s.id), reverse=True)
        rows = [
            {
                "source": s,
                "by": context.text(s.by) if s.by else (),
                "on": short_day(s.on, context.as_of) if s.on else "undated",
            }
            for s in ordered
        ]
        return Filled("sources", {"rows": rows})

"""The model of a source, and how a block finds the one it names."""

from __future__ import annotations

from thesisvault.blocks.core.context import Context
from thesisvault.fields import Day, Name, Url, Word
from thesisvault.model import Model


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


def sources_of(context: Context) -> tuple[Source, ...]:
    """Return the sources of the definition that the block stands in."""
    found: tuple[Source, ...] = context.definition.model.sources if context.definition else ()
    return found


def source_of(context: Context, source: str | None) -> Source | None:
    """Return the source of an id among those of the definition, or None."""
    return next((each for each in sources_of(context) if each.id == source), None)

"""The view of an entity."""

from __future__ import annotations

from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import say
from thesisvault.definitions.library import Library
from thesisvault.notes.views import EntityView
from thesisvault.runs.steps.compose.parts import where_text, with_stale_line
from thesisvault.runs.steps.usage import Usage


def entity_note(key: str, usage: Usage, library: Library, base: Context) -> EntityView:
    """Return the view of an entity: what it is, and which notes name it.

    Raises:
        BlockError: An expression in its description cannot be filled.
    """
    entity = library.entities[key]
    context = Context(base.scope, library, f"entity-{key}")
    view = EntityView(
        id=f"entity/{key}",
        title=entity.name,
        aliases=entity.aliases,
        further={"entity_kind": entity.kind},
        what=context.text(entity.what) if entity.what else (),
        standing=say(entity.kind.capitalize(), emphasis=True),
        where=where_text(usage),
    )
    return with_stale_line(view, context)

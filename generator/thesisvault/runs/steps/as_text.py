"""What of all definitions is shown as text and does nothing."""

from __future__ import annotations

from collections.abc import Iterator

from thesisvault.definitions.library import Library
from thesisvault.errors import Finding
from thesisvault.notes.typed.as_text import CODE, as_text


def shown_as_text(library: Library) -> Iterator[Finding]:
    """Yield a warning, at its place, for everything in the definitions that is shown as text and does nothing."""
    trusted = library.settings.trust == "code"
    found = [each for record in library.definitions.values() for each in record.card.says]
    for things in (library.instruments, library.baskets, library.entities, library.episodes):
        found += [each for thing in things.values() for each in as_text(thing)]
    yield from (each for each in found if not (trusted and each.code == CODE))

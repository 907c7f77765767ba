"""Names that no font here can write: charts show the ticker in their place, and a report says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from thesisvault.charts.fonts import can_write
from thesisvault.definitions.library import Library
from thesisvault.errors import Finding, Place
from thesisvault.written import place_of


def unlettered(library: Library) -> Iterator[Finding]:
    """Yield a warning for every name on charts that holds a letter which no font of this machine has."""
    for words, instead in _names(library):
        if words and not can_write(words):
            hint = "Install a font that has them, or write a short name in Latin letters."
            yield Finding(
                f'no font here has the letters of "{words}"; charts show {instead}.',
                place_of(words) or Place(""),
                hint,
                level="warning",
                code="no-letters",
            )


def _names(library: Library) -> Iterator[tuple[str, str]]:
    """The names that charts show, each with what stands in its place."""
    yield from ((each.short or "", ticker) for ticker, each in library.instruments.items())
    yield from ((each.short or each.title, basket) for basket, each in library.baskets.items())
    sided: list[Any] = [*(each.head for each in library.definitions.values()), *library.episodes.values()]
    for thing in sided:
        for side in (thing.buy, thing.sell):
            if side and side.name:
                yield side.name, side.single or "its tickers"

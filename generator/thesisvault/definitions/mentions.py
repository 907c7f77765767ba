"""What the texts and expressions of a definition name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from thesisvault.definitions.expressions import expressions_of
from thesisvault.language.check import names_in
from thesisvault.patterns import regex

_LINK = regex(r"\[\[([^\[\]\n|#]+)")


def in_expressions(thing: object) -> Iterator[str]:
    """Yield every text in quotes of the expressions of a definition; chains link by link."""
    for each in expressions_of(thing):
        yield from names_in(each.source, bare=not each.in_text)


def links_in(texts: Iterable[str]) -> Iterator[str]:
    """Yield the name in each link of some texts."""
    for text in texts:
        if "[[" in text:
            yield from (found[1].strip().removesuffix("\\") for found in _LINK.finditer(text))

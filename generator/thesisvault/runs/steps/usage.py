"""Who uses what: which definitions buy, sell, show or name each instrument, basket and entity.

It decides which of them get a note, and what that note says of where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from thesisvault.blocks.core.block import texts_of
from thesisvault.definitions.expressions import Expressions, blocks_of, expressions_of
from thesisvault.definitions.library import Library, ThesisRecord, link_names
from thesisvault.language.check import funds_in, names_in
from thesisvault.scalars import folded

Relation = Literal["bought", "sold", "held", "shown", "named"]
Target = tuple[str, str]
_LINK = re.compile(r"\[\[([^\[\]\n|#]+)")


@dataclass
class Usage:
    """Uses of one target: for each relation the titles of the notes, in the order found."""

    by: dict[Relation, dict[str, None]] = field(default_factory=dict)

    def add(self, relation: Relation, title: str) -> None:
        """Remember a use."""
        self.by.setdefault(relation, {})[title] = None

    def titles(self, relation: Relation) -> list[str]:
        """Return who uses it so."""
        return list(self.by.get(relation, {}))


def usages(library: Library) -> dict[Target, Usage]:
    """Return the uses of every instrument, basket and entity that is in use, by kind and id."""
    targets: dict[str, Target] = {}
    for name, kind, key in link_names(library):
        targets.setdefault(folded(name), (kind, key))
    found: dict[Target, Usage] = {}

    def use(name: str, relation: Relation, title: str) -> None:
        target = _series(library, name) or targets.get(folded(name))
        if target and target[0] != "thesis":
            found.setdefault(target, Usage()).add(relation, title)

    for record in library.definitions.values():
        for name, relation in _uses(library, record):
            use(name, relation, record.model.title)
    for basket in library.baskets.values():
        for member in basket.names:
            use(member, "held", basket.title)
        for name in _links(texts_of(basket)):
            use(name, "named", basket.title)
    _spread(library, found, targets)
    return found


def _series(library: Library, name: str) -> Target | None:
    if name in library.instruments:
        return ("instrument", library.current(name))
    return ("basket", name) if name in library.baskets else None


def _uses(library: Library, record: ThesisRecord) -> Iterator[tuple[str, Relation]]:
    thesis = record.model
    for side, relation in ((thesis.buy, "bought"), (thesis.sell, "sold")):
        for member in side.members if side else ():
            for link in member.split("|"):
                yield link.strip(), relation  # type: ignore[misc]
    yield record.benchmark_name, "shown"
    for kind, block in blocks_of(thesis):
        for name in block.series():
            yield from ((link.strip(), "shown") for link in name.split("|"))
        if kind == "episodes":
            yield from _episode_uses(library, tuple(block.episodes()))
    for each in expressions_of(thesis):
        yield from ((name, "shown") for name in names_in(each.source, bare=not each.in_text))
    yield from ((name, "named") for name in _links(texts_of(thesis)))
    yield from ((related.note, "named") for related in thesis.related)


def _episode_uses(library: Library, named: tuple[str, ...]) -> Iterator[tuple[str, Relation]]:
    for key, episode in library.episodes.items():
        if named and key not in named and set(named) <= set(library.episodes) and len(named) > 1:
            continue
        for side in (episode.buy, episode.sell):
            for member in side.members if side else ():
                yield from ((link.strip(), "shown") for link in member.split("|"))
        yield from ((name, "named") for name in _links(texts_of(episode)))


def _links(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if "[[" in text:
            yield from (found[1].strip().removesuffix("\\") for found in _LINK.finditer(text))


def _spread(library: Library, found: dict[Target, Usage], targets: dict[str, Target]) -> None:
    """Follow the links that the texts of used instruments, baskets and entities make themselves."""
    queue = list(found)
    while queue:
        kind, key = queue.pop(0)
        thing = {"instrument": library.instruments, "basket": library.baskets, "entity": library.entities}[kind][key]  # type: ignore[index]
        title = thing.title if kind == "basket" else thing.name
        names = list(_links(texts_of(thing)))
        if kind == "basket":
            names += list(thing.names)
        for name in names:
            target = _series(library, name) or targets.get(folded(name))
            if not target or target[0] == "thesis" or target == (kind, key):
                continue
            if target not in found:
                queue.append(target)
            relation: Relation = "held" if kind == "basket" and name in thing.names else "named"
            found.setdefault(target, Usage()).add(relation, title)


def universes_used(library: Library) -> list[str]:
    """Return the ids of the universes that definitions use."""
    used: dict[str, None] = {}
    for record in library.definitions.values():
        names = [name for _, block in blocks_of(record.model) for name in block.universes()]
        names += [name for e in expressions_of(record.model) for name in names_in(e.source, bare=not e.in_text)]
        used.update((name, None) for name in names if name in library.universes)
    return list(used)


def fundamentals_used(library: Library) -> tuple[str, ...]:
    """Return the tickers whose fundamentals some definition uses, each once, in the order found."""
    found: dict[str, None] = {}
    for record in library.definitions.values():
        # In a comparison the sides are those of each column.
        columns = [library.definitions[key] for _, block in blocks_of(record.model) for key in block.definitions()]
        names = [each.names for each in (record, *columns)]
        for each in expressions_of(record.model):
            found.update(_funds(each, names))
    for things in (library.instruments, library.baskets, library.entities, library.episodes):
        for thing in things.values():
            for each in expressions_of(thing):
                found.update(_funds(each, ()))
    tickers = dict.fromkeys(map(library.current, found))
    return tuple(ticker for ticker in tickers if ticker in library.records[0])


def _funds(expressions: Expressions, names: Iterable[Mapping[str, str]]) -> dict[str, None]:
    found: dict[str, None] = {}
    for word in funds_in(expressions.source, bare=not expressions.in_text) if "fund" in expressions.source else ():
        if word in ("row", "column"):
            found.update(dict.fromkeys(expressions.rows))
        else:
            found.update((known[word], None) for known in names if word in known)
            found.setdefault(word)
    return found

"""Who uses what: which definitions hold, show, compare or name each instrument, basket and entity.

It decides which of them get a note, and what that note says of the theses that hold them and of other notes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct, field

from thesisvault.blocks.core.block import texts_of
from thesisvault.blocks.episodes import EpisodeDefinition
from thesisvault.definitions.cards import Fund, funds_of
from thesisvault.definitions.library import Library, link_names
from thesisvault.definitions.mentions import in_expressions, links_in
from thesisvault.definitions.theses import ThesisRecord
from thesisvault.market.records import plain_name
from thesisvault.scalars import folded

Relation = Literal["bought", "sold", "held", "shown", "named"]
Target = tuple[str, str]


class Position(Struct, frozen=True):
    """A place in a side of a thesis.

    Attributes:
        thesis: Id of the thesis or concept.
        side: `buy` or `sell`.
        through: The basket or fund by way of which the side holds it; empty if the side names it.
    """

    thesis: str
    side: str
    through: str = ""


class Usage(Struct):
    """Uses of one target.

    Attributes:
        by: For each relation the titles of the notes, in the order found.
        positions: The sides of theses that hold it, directly or through something, in the order of the theses.
        baskets: Ids of the baskets that hold it.
        has_claims: Whether there may be claims by it or about it.
    """

    by: dict[Relation, dict[str, None]] = field(default_factory=dict)
    positions: dict[Position, None] = field(default_factory=dict)
    baskets: dict[str, None] = field(default_factory=dict)
    has_claims: bool = False

    def add(self, relation: Relation, title: str) -> None:
        """Remember a use."""
        self.by.setdefault(relation, {})[title] = None

    def titles(self, relation: Relation) -> list[str]:
        """Return who uses it so."""
        return list(self.by.get(relation, {}))


def usages(library: Library) -> dict[Target, Usage]:
    """Return the uses of every instrument, basket and entity that is in use, by kind and id."""
    targets = targets_of(library)
    found: dict[Target, Usage] = {}

    def use(name: str, relation: Relation, title: str) -> None:
        target = _series(library, name) or targets.get(folded(name))
        if target and target[0] != "thesis":
            found.setdefault(target, Usage()).add(relation, title)

    for record in library.definitions.values():
        for name, relation in _uses(library, record):
            use(name, relation, record.title)
    for basket in library.baskets.values():
        for member in basket.names:
            use(member, "held", basket.title)
        for name in links_in(texts_of(basket)):
            use(name, "named", basket.title)
    _spread(library, found, targets)
    _compare(library, found)
    _hold(library, found)
    for record in library.definitions.values():
        for target in _of_claims(library, record, targets):
            if target in found:
                found[target].has_claims = True
    return found


def _compare(library: Library, found: dict[Target, Usage]) -> None:
    """Add what the instruments and baskets in use are compared with."""
    queue = list(found)
    while queue:
        kind, key = queue.pop(0)
        target = _series(library, versus(library, key)) if kind in ("instrument", "basket") else None
        if target and target not in found:
            found[target] = Usage()
            queue.append(target)


def versus(library: Library, key: str) -> str:
    """Return what an instrument or a basket is compared with besides the market; empty if that is nothing.

    It is what its definition names, else the fund of its sector.

    Args:
        library: The definitions.
        key: A ticker, or the id of a basket.
    """
    if key in library.baskets:
        return library.baskets[key].versus or ""
    instrument = library.instruments[key]
    other = instrument.versus or library.sector_funds.get(instrument.sector or "", "")
    return "" if other == key else other


def _hold(library: Library, found: Mapping[Target, Usage]) -> None:
    """Add which baskets hold each target, and which sides of theses, directly or through a basket or a fund."""
    holders: dict[str, dict[str, None]] = {}
    for key, basket in library.baskets.items():
        for name in basket.names:
            if target := _series(library, name):
                holders.setdefault(target[1], {})[key] = None
                if target in found:
                    found[target].baskets[key] = None
    for ticker, instrument in library.instruments.items():
        for fund in instrument.of:
            holders.setdefault(library.current(ticker), {})[library.current(fund)] = None
    sides: dict[str, list[Position]] = {}
    for record in library.definitions.values():
        for word in ("buy", "sell"):
            side = getattr(record.head, word)
            for link in (link.strip() for name in (side.members if side else ()) for link in name.split("|")):
                if target := _series(library, link):
                    sides.setdefault(target[1], []).append(Position(record.id, word))
    for target, usage in found.items():
        if target[0] not in ("instrument", "basket"):
            continue
        usage.positions.update(dict.fromkeys(sides.get(target[1], ())))
        direct = {(each.thesis, each.side) for each in usage.positions}
        # The way to a holder of a holder is named by the one that the side names.
        queue, seen = list(holders.get(target[1], ())), {target[1]}
        while queue:
            holder = queue.pop(0)
            if holder in seen:
                continue
            seen.add(holder)
            queue += holders.get(holder, ())
            for each in sides.get(holder, ()):
                if (each.thesis, each.side) not in direct:
                    usage.positions[Position(each.thesis, each.side, holder)] = None


def targets_of(library: Library) -> dict[str, Target]:
    """Return what each name that a link may use stands for, by the name as it is looked up."""
    targets: dict[str, Target] = {}
    for name, kind, key in link_names(library):
        targets.setdefault(folded(name), (kind, key))
    return targets


def _of_claims(library: Library, record: ThesisRecord, targets: Mapping[str, Target]) -> Iterator[Target]:
    """Yield what the claims of a thesis or concept may be about, and who made them."""
    for claimed in record.card.claimed:
        name = plain_name(record.names.get(claimed, claimed))
        about = (_series(library, each) for each in (name, *library.members(name)))
        yield from (target for target in about if target)
    yield from (targets[folded(name)] for name in record.card.claimants if folded(name) in targets)


def _series(library: Library, name: str) -> Target | None:
    if name in library.instruments:
        return ("instrument", library.current(name))
    return ("basket", name) if name in library.baskets else None


def _uses(library: Library, record: ThesisRecord) -> Iterator[tuple[str, Relation]]:
    thesis = record.head
    for side, relation in ((thesis.buy, "bought"), (thesis.sell, "sold")):
        for member in side.members if side else ():
            for link in member.split("|"):
                yield link.strip(), relation  # type: ignore[misc]
    yield record.benchmark_name, "shown"
    for how, name in record.card.mentions:
        if how == "episodes":
            yield from _episode_uses(library, name.split())
        else:
            yield name, "named" if how == "named" else "shown"


def _episode_uses(library: Library, ids: Sequence[str]) -> Iterator[tuple[str, Relation]]:
    for episode in _episodes(library, ids):
        series = [name for side in (episode.buy, episode.sell) if side for name in side.members]
        series += episode.chart.series() if episode.chart else ()
        for name in series:
            yield from ((link.strip(), "shown") for link in name.split("|"))
        yield from ((name, "shown") for name in in_expressions(episode))
        yield from ((name, "named") for name in links_in(texts_of(episode)))


def _episodes(library: Library, ids: Sequence[str]) -> list[EpisodeDefinition]:
    """Return the episodes that a block shows: those that it names, or all."""
    return [library.episodes[key] for key in ids or library.episodes if key in library.episodes]


def _spread(library: Library, found: dict[Target, Usage], targets: dict[str, Target]) -> None:
    """Follow what the texts of used instruments, baskets and entities link and show themselves."""
    queue = list(found)
    while queue:
        kind, key = queue.pop(0)
        thing = _thing(library, (kind, key))
        title = thing.title if kind == "basket" else thing.name
        names: list[tuple[str, Relation]] = [(name, "named") for name in links_in(texts_of(thing))]
        names += [(name, "held") for name in thing.names] if kind == "basket" else []
        names += [(name, "shown") for name in in_expressions(thing)]
        for name, relation in names:
            target = _series(library, name) or targets.get(folded(name))
            if not target or target[0] == "thesis" or target == (kind, key):
                continue
            if target not in found:
                queue.append(target)
            found.setdefault(target, Usage()).add(relation, title)


def _thing(library: Library, target: Target) -> Any:
    """Return the definition of an instrument, a basket or an entity."""
    kind, key = target
    if kind == "instrument":
        return library.instruments[key]
    return library.baskets[key] if kind == "basket" else library.entities[key]


def universes_used(library: Library, used: Iterable[Target]) -> list[str]:
    """Return the ids of the universes that definitions in use show, each once.

    Args:
        library: The definitions.
        used: The instruments, baskets and entities that are in use.
    """
    things: list[Any] = []
    names: list[str] = []
    for record in library.definitions.values():
        names += record.card.universes
        for how, name in record.card.mentions:
            if how == "expression":
                names.append(name)
            elif how == "episodes":
                things += _episodes(library, name.split())
    for thing in (*things, *(_thing(library, target) for target in used)):
        names += in_expressions(thing)
    return [name for name in dict.fromkeys(names) if name in library.universes]


def fundamentals_used(library: Library) -> tuple[str, ...]:
    """Return the tickers whose fundamentals some definition uses, each once, in the order found."""
    found: dict[str, None] = {}
    for record in library.definitions.values():
        # In a comparison the sides are those of each column.
        columns = [library.definitions[key] for key in record.card.columns]
        names = [each.names for each in (record, *columns)]
        for each in record.card.funds:
            found.update(_funds(each, names))
    for things in (library.instruments, library.baskets, library.entities, library.episodes):
        for thing in things.values():
            for each in funds_of(thing):
                found.update(_funds(each, ()))
    tickers = dict.fromkeys(map(library.current, found))
    return tuple(ticker for ticker in tickers if ticker in library.records[0])


def _funds(shown: Fund, names: Iterable[Mapping[str, str]]) -> dict[str, None]:
    found: dict[str, None] = {}
    for word in shown.words:
        if word in ("row", "column"):
            found.update(dict.fromkeys(shown.rows))
        else:
            found.update((known[word], None) for known in names if word in known)
            found.setdefault(word)
    return found

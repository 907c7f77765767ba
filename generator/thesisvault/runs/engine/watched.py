"""Watched things: definitions, names, prices and links that write down what is read of them."""

# ruff: noqa: D102 - what a watched method does is what the method that it watches does

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from thesisvault.analytics.baskets import BasketLevel
from thesisvault.analytics.bounds import Ints
from thesisvault.blocks.core.context import Context
from thesisvault.definitions.cards import HEAD
from thesisvault.definitions.library import Library
from thesisvault.definitions.theses import ThesisRecord
from thesisvault.language.evaluate import Scope
from thesisvault.language.tracks.seen import Memory
from thesisvault.market.panel import Panel
from thesisvault.market.reading.market import Market
from thesisvault.market.reading.troubles import Troubles
from thesisvault.market.records import Basket, Instrument, SeriesView
from thesisvault.market.store.ledger import DatedValue
from thesisvault.notes.links import LinkTable, Target
from thesisvault.runs.engine.leaves import ALL, SEPARATOR, Leaf, field_of, mappings
from thesisvault.structs import replace

V = TypeVar("V")
NOWHERE = ""
"""What a name led to that no note has."""
Reads = dict[Leaf, None]
"""What was read, in order."""


class Watched(Mapping[str, V]):
    """A mapping that writes down which of its names were looked up, found or not.

    Args:
        of: The mapping.
        kind: The kind of its leaves.
        reads: Takes what is read.
    """

    def __init__(self, of: Mapping[str, V], kind: str, reads: Reads) -> None:
        self._of, self._kind, self._reads = of, kind, reads

    def __getitem__(self, name: str) -> V:
        self._reads[self._kind, name] = None
        return self._of[name]

    def __contains__(self, name: object) -> bool:
        self._reads[self._kind, str(name)] = None
        return name in self._of

    def __iter__(self) -> Iterator[str]:
        self._reads[self._kind, ALL] = None
        return iter(self._of)

    def __len__(self) -> int:
        self._reads[self._kind, ALL] = None
        return len(self._of)


class WatchedDefinitions(Watched[ThesisRecord]):
    """Theses and concepts that write down which fields of which of them were read.

    Args:
        of: Theses and concepts by id.
        reads: Takes what is read.
        own: Id of the one that is read as a whole, because the note is its own.
    """

    def __init__(self, of: Mapping[str, ThesisRecord], reads: Reads, own: str) -> None:
        super().__init__(of, "defined", reads)
        self._own = own

    def __getitem__(self, name: str) -> ThesisRecord:
        if name == self._own:
            self._reads["definition", name] = None
            return self._of[name]
        return WatchedRecord(super().__getitem__(name), self._reads)  # type: ignore[return-value]


class WatchedRecord:
    """A thesis or concept that writes down which of its fields were read; what it does not offer cannot be read."""

    def __init__(self, record: ThesisRecord, reads: Reads) -> None:
        self.id, self._record, self._reads = record.id, record, reads

    @property
    def model(self) -> WatchedModel:
        return WatchedModel(self._record, self._reads)

    @property
    def names(self) -> Mapping[str, str]:
        self._reads["names", self.id] = None
        return self._record.names

    def side_name(self, side: str) -> str:
        self._reads[field_of(self.id, side)] = None
        return self._record.side_name(side)


class WatchedModel:
    """What was written in a thesis or concept; it writes down which fields were read."""

    def __init__(self, record: ThesisRecord, reads: Reads) -> None:
        self._record, self._reads = record, reads

    def __getattr__(self, name: str) -> Any:
        self._reads[field_of(self._record.id, name)] = None
        return getattr(self._record.head if name in HEAD else self._record.model, name)


class WatchedLibrary(Library):
    """Definitions that write down which of them were read.

    Args:
        library: The definitions.
        market: The market, which knows some of them by other records.
        reads: Takes what is read.
        own: Id of the thesis or concept that is read as a whole.
    """

    def __init__(self, library: Library, market: Market, reads: Reads, own: str = "") -> None:
        found = mappings(library, market)
        self._of, self._reads = library, reads
        self.settings = library.settings
        watched: dict[str, Any] = {
            "definitions": WatchedDefinitions(library.definitions, reads, own),
            "instruments": Watched(found["instrument"], "instrument", reads),
            "entities": Watched(found["entity"], "entity", reads),
            "baskets": Watched(found["basket"], "basket", reads),
            "episodes": Watched(found["episode"], "episode", reads),
            "universes": Watched(found["universe"], "universe", reads),
            "labels": Watched(found["label"], "label", reads),
            "shorts": Watched(found["short"], "short", reads),
            "sector_funds": Watched(found["sector-fund"], "sector-fund", reads),
        }
        vars(self).update(watched)

    def episode_names(self, episode: str) -> Mapping[str, str]:
        self._reads["episode-names", episode] = None
        return self._of.episode_names(episode)

    def members(self, basket: str) -> tuple[str, ...]:
        self._reads["members", basket] = None
        return self._of.members(basket)

    def former_names(self, ticker: str) -> Iterator[str]:
        self._reads["series", ticker] = None
        for old in self._of.records[0][ticker].formerly:
            self._reads["instrument", old] = None
        return self._of.former_names(ticker)


class WatchedMarket(Market):
    """A market that writes down which series were read.

    Args:
        market: The market.
        reads: Takes what is read.
        earlier: The markets of earlier days, shared by all that watch the same one.
    """

    def __init__(self, market: Market, reads: Reads, earlier: dict[dt.date, Market]) -> None:
        vars(self).update(vars(market))
        self._market, self._reads, self._earlier = market, reads, earlier

    def _read(self, name: str) -> None:
        self._reads["series", name] = None

    def _read_all(self, names: Iterable[str]) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(names))
        self._reads["many", SEPARATOR.join(found)] = None
        return found

    def until(self, day: dt.date) -> Market:
        if day >= self.as_of:
            return self
        if day not in self._earlier:
            self._earlier[day] = self._market.until(day)
        return WatchedMarket(self._earlier[day], self._reads, self._earlier)

    @property
    def sessions(self) -> Ints:
        self._read(self.benchmark)
        return self._market.sessions

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        return Watched(self._market.instruments, "known-instrument", self._reads)

    @property
    def baskets(self) -> Mapping[str, Basket]:
        return Watched(self._market.baskets, "known-basket", self._reads)

    def knows(self, name: str) -> bool:
        self._read(name)
        return self._market.knows(name)

    def series(self, name: str) -> SeriesView:
        self._read(name)
        return self._market.series(name)

    def current(self, name: str) -> str:
        self._read(name)
        return self._market.current(name)

    def levels(self, names: Iterable[str]) -> Panel:
        return self._market.levels(self._read_all(names))

    def closes(self, names: Iterable[str]) -> Panel:
        return self._market.closes(self._read_all(names))

    def late(self, names: Iterable[str]) -> dict[str, dt.date]:
        return self._market.late(self._read_all(names))

    def basket(self, name: str) -> BasketLevel:
        self._read(name)
        return self._market.basket(name)

    def troubles(self, name: str) -> Troubles:
        self._read(name)
        return self._market.troubles(name)

    def snapshots(self, name: str) -> list[DatedValue]:
        self._read(name)
        return self._market.snapshots(name)

    def splits(self, name: str) -> list[tuple[int, float]]:
        self._read(name)
        return self._market.splits(name)

    def sessions_of(self, name: str, first: dt.date) -> Ints:
        self._read(name)
        return self._market.sessions_of(name, first)

    def data_hash(self, name: str) -> str:
        self._read(name)
        return self._market.data_hash(name)

    def over_until(self, name: str) -> dt.date:
        self._read(name)
        return self._market.over_until(name)


class Watch:
    """What one note sees while it is made, and what it has read.

    Args:
        library: The definitions.
        scope: What expressions are evaluated in.
        earlier: The markets of earlier days, shared by all notes.
        own: Id of the thesis or concept that the note is about; all of it counts as read where any of it is.
    """

    def __init__(self, library: Library, scope: Scope, earlier: dict[dt.date, Market], own: str = "") -> None:
        self.reads: Reads = {}
        reads = self.reads
        self.library = WatchedLibrary(library, scope.market, reads, own)
        watched = replace(
            scope,
            market=WatchedMarket(scope.market, reads, earlier),
            universes=Watched(scope.universes, "universe", reads),
            labels=Watched(scope.labels, "label", reads),
            # What another note has worked out would hide what it was worked out from.
            memory=Memory(calendars=scope.memory.calendars),
        )
        self.base = Context(watched, self.library, "")


class WatchedLinks:
    """A table of links that writes down which names were looked up, and what each of them led to.

    Args:
        table: The table.
    """

    def __init__(self, table: LinkTable) -> None:
        self.looked_up: dict[Leaf, str] = {}
        self._table = table
        self.table = replace(
            table,
            entries=_Answers(table.entries, "name", self.looked_up),
            persons=_Answers(table.persons, "persons", self.looked_up),
            series=_Answers(table.series, "series", self.looked_up),
            titles=_Answers(table.titles, "title", self.looked_up),
            paths=_Answers(table.paths, "path", self.looked_up),
            far=self._far,
        )

    def _far(self, name: str) -> Target | None:
        found = self._table.far(name)
        self.looked_up["far", name] = _answer(found)
        return found


class _Answers(Mapping[str, V]):
    """A mapping that writes down each name that was looked up, with what was found."""

    def __init__(self, of: Mapping[str, V], kind: str, looked_up: dict[Leaf, str]) -> None:
        self._of, self._kind, self._looked_up = of, kind, looked_up

    def __getitem__(self, name: str) -> V:
        self._looked_up[self._kind, name] = _answer(self._of.get(name))
        return self._of[name]

    def __iter__(self) -> Iterator[str]:
        raise NotImplementedError("a table of links is only ever asked for single names")

    def __len__(self) -> int:
        raise NotImplementedError("a table of links is only ever asked for single names")


def led_to(table: LinkTable, leaf: Leaf) -> str:
    """Return what a name leads to in a table, as it was written down."""
    kind, name = leaf
    if kind == "far":
        return _answer(table.far(name))
    of: Mapping[str, Mapping[str, object]] = {
        "name": table.entries,
        "persons": table.persons,
        "series": table.series,
        "title": table.titles,
        "path": table.paths,
    }
    return _answer(of[kind].get(name)) if kind in of else NOWHERE


def _answer(found: object) -> str:
    """Return what a name led to as a text: the link path of a note, then how the name is spelled."""
    if found is None:
        return NOWHERE
    return SEPARATOR.join(found) if isinstance(found, Target) else str(found)


def link_path(answer: str) -> str:
    """Return the link path in an answer; an empty text where a name led nowhere."""
    return answer.partition(SEPARATOR)[0]

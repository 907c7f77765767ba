"""Leaves in words: what a person calls the thing that a leaf stands for, and which file it is written in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from thesisvault.definitions.library import Library
from thesisvault.market.records import split_currency
from thesisvault.runs.engine.leaves import ALL, SEPARATOR, Leaf
from thesisvault.runs.engine.writing import Cause

_EPISODE = "episode:"
_OF_NAMES = ("instrument", "known-instrument", "label", "short", "basket", "known-basket", "members")
"""Kinds of leaves whose names are those of series: tickers, baskets and sides of theses."""
WRITTEN = ("definition", "defined", "field", "instrument", "entity", "basket", "episode", "universe")
"""Kinds of leaves that are as they are written in a file; all others follow from several files, or from settings."""
_AS_LISTED = {"defined": "definition", **dict.fromkeys(("label", "short", "known-instrument"), "instrument")}
_MANY: dict[str, str] = {
    "definition": "the list of theses and concepts",
    "instrument": "the list of instruments",
    "basket": "the list of baskets",
    "entity": "the list of entities",
    "episode": "the list of episodes",
    "universe": "the list of universes",
}


class Thing(Struct, frozen=True):
    """What a leaf stands for.

    Attributes:
        kind: What kind of thing it is.
        name: Names it for programs; empty for all of a kind.
        title: What a person calls it.
        file: The file that it is written in; empty where it is written in none.
    """

    kind: Cause
    name: str
    title: str
    file: str = ""


class Told:
    """The words for leaves.

    Args:
        library: The definitions.
        data: The folder of definitions, as messages show it.
    """

    def __init__(self, library: Library, data: str) -> None:
        self._library, self._data = library, data

    def thing(self, leaf: Leaf) -> Thing | None:
        """Return the thing that a leaf stands for; None for a series, and for what is no thing of its own."""
        kind, name = leaf
        if kind == "brief":
            record = self._library.definitions.get(name)
            return Thing("notes", name, f'what is told of "{record.title if record else name}"')
        if kind in _OF_NOTES:
            return Thing("notes", kind, _OF_NOTES[kind])
        if name == ALL:
            of = _AS_LISTED.get(kind, kind.removeprefix("known-"))
            return Thing(of, "", _MANY[of]) if of in _MANY else None  # type: ignore[arg-type]
        if kind in _OF_NAMES:
            return self._series(kind, name)
        if kind in ("definition", "defined", "names", "field"):
            return self._definition(name.partition(SEPARATOR)[0])
        if kind == "entity":
            known = self._library.entities.get(name)
            return Thing("entity", name, f'"{known.name if known else name}"', f"{self._data}/entities.yaml")
        if kind in ("episode", "episode-names"):
            return self._episode(name)
        if kind == "universe":
            return Thing("universe", name, f'the universe "{name}"', f"{self._data}/universes/{name}.txt")
        return None

    def series(self, name: str) -> Thing:
        """Return what the name of a series stands for: an instrument, a basket, a thesis or an episode."""
        return self._series("known-basket" if name in self._library.baskets else "instrument", split_currency(name)[0])

    def named(self, ticker: str) -> str:
        """Return a ticker with its name, as in `XOM (Exxon Mobil)`."""
        plain = split_currency(ticker)[0]
        known = self._library.records[0].get(plain)
        return f"{ticker} ({known.name})" if known and known.name != plain else ticker

    def tickers(self, leaves: Iterable[Leaf]) -> Iterator[str]:
        """Yield the names of series in leaves, each once."""
        names = (name for kind, name in leaves if kind in ("series", "many"))
        yield from dict.fromkeys(each for name in names for each in name.split(SEPARATOR))

    def _definition(self, key: str) -> Thing:
        record = self._library.definitions.get(key)
        title, file = (record.title, record.card.shown) if record else (key, f"{self._data}/theses/{key}.yaml")
        return Thing("definition", key, f'"{title}"', file)

    def _episode(self, key: str) -> Thing:
        known = self._library.episodes.get(key)
        return Thing("episode", key, f'"{known.title if known else key}"', f"{self._data}/episodes.yaml")

    def _series(self, kind: str, name: str) -> Thing:
        owner, colon, _ = name.rpartition(":")
        if colon and owner.startswith(_EPISODE):
            return self._episode(owner.removeprefix(_EPISODE))
        if colon and owner in self._library.definitions:
            return self._definition(owner)
        if name in self._library.baskets or (
            kind in ("basket", "known-basket") and name not in self._library.instruments
        ):
            basket = self._library.baskets.get(name)
            return Thing("basket", name, f'"{basket.title if basket else name}"', f"{self._data}/baskets/{name}.yaml")
        return Thing("instrument", name, self.named(name), f"{self._data}/instruments.yaml")


_OF_NOTES = {
    "usage": "the list of notes that show or mention it",
    "neighbor": "your own note on it",
    "notes": "the list of notes",
    "claims": "the list of claims that it shows or counts",
    "trust": "the list of stale series and of those under review",
    "breadth": "how many members of a universe rose",
    "run": "what became of the last run",
}

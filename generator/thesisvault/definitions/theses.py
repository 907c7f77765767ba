"""Theses and concepts as all definitions together know them: what others need of each, the rest when it is asked for.

What a thesis is called, what it holds and what it names is at hand for each; its whole model is read from its file when
something wants it, and the last few are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct, field

from thesisvault.definitions.cards import Card
from thesisvault.definitions.models.thesis import Thesis, sides_of
from thesisvault.definitions.packing import unpack
from thesisvault.definitions.reading.load import DefinitionFile
from thesisvault.definitions.reading.tree import PlacedByTree, Tree
from thesisvault.market.records import in_currency, major
from thesisvault.scalars import SINCE_OPENED, Window, parse_window

MOST_KEPT = 40
"""How many whole theses are kept at once."""
FEW = 15
"""How many of them stay although their own notes are done: others may read them too."""


def converted_name(name: str, currency: str, quoted: Mapping[str, str]) -> str:
    """Return the name of a series as it is in a currency, where it is quoted in another one.

    >>> quoted = {"SAP.DE": "EUR", "XLE": "USD", "VOD.L": "GBp"}
    >>> [converted_name(name, "USD", quoted) for name in ("SAP.DE", "XLE", "DGS10")]
    ['SAP.DE@USD', 'XLE', 'DGS10']
    >>> converted_name("VOD.L", "GBP", quoted), converted_name("SAP.DE", "", quoted)
    ('VOD.L', 'SAP.DE')
    """
    own = quoted.get(name.split("|")[0].strip(), "")
    return in_currency(name, currency) if own and currency and major(own) != major(currency) else name


class Whole(Struct, frozen=True):
    """A thesis or concept as a whole.

    Attributes:
        model: What was written.
        file: Its file.
    """

    model: Thesis
    file: DefinitionFile


class Shelf:
    """The whole theses that are kept: those that were asked for last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Whole] = OrderedDict()

    def put(self, key: str, whole: Whole) -> Whole:
        """Keep a thesis, in the place of the one that was asked for longest ago."""
        self._kept[key] = whole
        self._kept.move_to_end(key)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return whole

    def let_go(self, key: str) -> None:
        """Keep a thesis no longer that is probably not asked for again, where more than a few are kept."""
        if len(self._kept) > FEW:
            self._kept.pop(key, None)

    def get(self, key: str, read: Callable[[], Whole]) -> Whole:
        """Return a thesis; it is read if it is not kept."""
        found = self._kept.get(key)
        return self.put(key, read() if found is None else found)


class ThesisRecord(PlacedByTree, Struct, frozen=True, eq=False, dict=True):
    """A thesis or concept with its id and the file it stands in, which says where the texts of its head stand.

    Attributes:
        id: Its id.
        card: What is known of it without reading it whole.
        read: Reads it whole.
        usual_benchmark: What both sides are measured against where it names nothing else.
        home_currency: What both sides and the benchmark are converted to where it names nothing else.
        quoted: The currency in which each ticker and basket is quoted.
        shelf: Keeps it whole.
    """

    id: str
    card: Card
    read: Callable[[], Whole]
    usual_benchmark: str
    home_currency: str = "local"
    quoted: Mapping[str, str] = field(default_factory=dict)
    shelf: Shelf = field(default_factory=Shelf)

    @property
    def model(self) -> Thesis:
        """What was written."""
        return self.shelf.get(self.id, self.read).model

    @property
    def tree(self) -> Tree:
        """Its file, as it was read."""
        return self.shelf.get(self.id, self.read).file.tree

    @cached_property
    def head(self) -> Thesis:
        """What it is called, what it holds and when: the fields of `cards.HEAD` alone, all others are left out."""
        return unpack(Thesis, self.card.head, self)

    @property
    def benchmark_name(self) -> str:
        """What both sides are measured against."""
        return self.head.benchmark or self.usual_benchmark

    @property
    def currency(self) -> str:
        """What both sides and the benchmark are converted to; empty where each series stays in its own."""
        currency = self.head.currency or self.home_currency
        return "" if currency == "local" else currency

    @property
    def title(self) -> str:
        """Its title."""
        return self.head.title

    @property
    def life(self) -> Window | None:
        """The window since it was opened, to the day on which it was closed; None if it does not say when."""
        opened, closed = self.head.opened, self.head.closed
        if opened is None or opened == closed:
            return None
        return parse_window(f"{opened}..{closed}" if closed else f"since {opened}")

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What `buy`, `sell`, `benchmark`, `over` and the window `since opened` stand for."""
        found = {**sides_of(self.id, self.head), "benchmark": self.benchmark_name}
        converted = {word: converted_name(name, self.currency, self.quoted) for word, name in found.items()}
        over = self.life or self.head.over if self.head.over.kind == "opened" else self.head.over
        opened = {SINCE_OPENED: self.life.text} if self.life else {}
        return {**converted, **opened, "over": over.text}

    def side_name(self, side: str) -> str:
        """Return the name of a side in words, or an empty text."""
        found: Any = getattr(self.head, side)
        return found.name if found and found.name else ""

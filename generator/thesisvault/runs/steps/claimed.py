"""The claims of all theses and concepts, for the notes on their authors and on what they are about.

The book fills while theses are made, which comes first. A note that shows claims of others is made after them, and
rests on what the book says of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from msgspec import Struct, field

from thesisvault.blocks.core.records import ClaimRecord, Tally, claims_by_asset, distinct, tally
from thesisvault.definitions.library import Library
from thesisvault.definitions.mentions import links_in
from thesisvault.runs.steps.usage import Target, targets_of
from thesisvault.scalars import folded

NO_CLAIMS: tuple[ClaimRecord, ...] = ()


class Standing(Struct, frozen=True):
    """How the claims of one author came out.

    Attributes:
        name: The author, as a link or a title names it.
        target: What the author is; None if no note is about it.
        counts: How its claims came out.
        claims: The identities of its claims, sorted.
    """

    name: str
    target: Target | None
    counts: Tally
    claims: tuple[str, ...] = ()


class ClaimBook(Struct, dict=True):
    """The claims of all theses and concepts; it is read once it is full.

    Attributes:
        library: The definitions.
        records: The claims of each thesis and concept, by its id.
    """

    library: Library
    records: dict[str, tuple[ClaimRecord, ...]] = field(default_factory=dict)

    def add(self, key: str, records: tuple[ClaimRecord, ...]) -> None:
        """Take in the claims of a thesis or concept."""
        if records:
            self.records[key] = records

    def about(self, name: str) -> tuple[ClaimRecord, ...]:
        """Return the claims about a ticker or a basket, each once, worst first."""
        return self._about.get(name, NO_CLAIMS)

    def by(self, target: Target) -> tuple[ClaimRecord, ...]:
        """Return the claims that an author made, alone or with others, each once, worst first."""
        return self._by.get(target, NO_CLAIMS)

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """How the claims of every author came out; of those that no note is about, under the words that name them."""
        found = [_standing(self._title(target), target, records) for target, records in self._by.items()]
        unlinked: dict[str, list[ClaimRecord]] = {}
        for record in self._all:
            if record.by and not any(self._authors(record)):
                unlinked.setdefault(record.by, []).append(record)
        return (*found, *(_standing(by, None, records) for by, records in unlinked.items()))

    @cached_property
    def _all(self) -> tuple[ClaimRecord, ...]:
        return distinct(record for key in self.library.definitions for record in self.records.get(key, ()))

    @cached_property
    def _about(self) -> dict[str, tuple[ClaimRecord, ...]]:
        library = self.library
        return claims_by_asset(self._all, library.members, library.settings.benchmark, library.current)

    @cached_property
    def _by(self) -> dict[Target, tuple[ClaimRecord, ...]]:
        found: dict[Target, list[ClaimRecord]] = {}
        for record in self._all:
            for target in dict.fromkeys(self._authors(record)):
                found.setdefault(target, []).append(record)
        return {target: tuple(records) for target, records in found.items()}

    @cached_property
    def _targets(self) -> dict[str, Target]:
        return targets_of(self.library)

    def _authors(self, record: ClaimRecord) -> Iterator[Target]:
        names = (folded(name) for name in links_in([record.by]))
        return (self._targets[name] for name in names if name in self._targets)

    def _title(self, target: Target) -> str:
        kind, key = target
        if kind == "thesis":
            return self.library.definitions[key].title
        if kind == "basket":
            return self.library.baskets[key].title
        return self.library.instruments[key].name if kind == "instrument" else self.library.entities[key].name


def _standing(name: str, target: Target | None, records: Iterable[ClaimRecord]) -> Standing:
    records = list(records)
    counts = tally(record.outcome for record in records)
    return Standing(name, target, counts, tuple(sorted(record.identity for record in records)))

"""Cards: what the other definitions and the run need to know of a thesis or concept, kept from one run to the next.

A card follows from the file alone, and is kept by the digest of the file: a definition that has not changed is neither
parsed nor validated again. Only one with which nothing is wrong gets a card.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from thesisvault.blocks.core.block import texts_of
from thesisvault.blocks.episodes import EpisodesBlock
from thesisvault.definitions.expressions import blocks_of, expressions_of
from thesisvault.definitions.mentions import in_expressions, links_in
from thesisvault.definitions.models.thesis import Thesis
from thesisvault.digests import digest_of
from thesisvault.errors import Finding
from thesisvault.language.check import funds_in, names_in
from thesisvault.sealed import read_sealed, write_sealed
from thesisvault.written import Source, Written, plain

HEAD = ("title", "kind", "aliases", "status", "opened", "closed", "buy", "sell", "benchmark", "currency", "over")
"""The fields of a thesis that others need to know."""
FILE = "definitions.json"
_HEAD_LINE = "thesisvault definitions 2"
"""The number goes up with every change in what is kept."""

_SIDE = re.compile(r"(?<![\w'\"])(?:buy|sell|benchmark)(?![\w'\"])")

Mention = tuple[Literal["series", "expression", "named", "episodes"], str]
"""How something is named: as a series of a block, in an expression, by a link, or as the episodes of a block, which are
ids with blanks between them, none for all of them; and its name."""


@dataclass(frozen=True)
class Fund:
    """An expression that shows fundamentals.

    Attributes:
        words: What it names.
        rows: What `row` and `column` go through in it.
    """

    words: tuple[str, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    """What is known of a thesis or concept without reading it whole.

    Attributes:
        digest: Digest of its file.
        shown: The path under which findings name the file.
        head: What was typed under the keys of `HEAD`.
        fields: The digest of what was typed under each key.
        mentions: What it names besides its sides and its benchmark, in order.
        universes: Ids that its blocks may name a universe by.
        funds: Its expressions that show fundamentals.
        columns: Ids of the theses that stand in columns of its comparisons.
        claimed: What its claims are about: names in their checks, `buy`, `sell` and `benchmark` among them.
        claimants: Links in the authors of the sources of its claims.
        says: What is to be said of its texts, as `KeptCards.look` finds it.
    """

    digest: str
    shown: str
    head: Mapping[str, Any]
    fields: Mapping[str, str] = field(default_factory=dict)
    mentions: tuple[Mention, ...] = ()
    universes: tuple[str, ...] = ()
    funds: tuple[Fund, ...] = ()
    columns: tuple[str, ...] = ()
    claimed: tuple[str, ...] = ()
    claimants: tuple[str, ...] = ()
    says: tuple[Finding, ...] = ()


def card_of(model: Thesis, value: Any, digest: str, shown: str, says: Iterable[Finding] = ()) -> Card:
    """Return the card of a thesis or concept.

    Args:
        model: What was written.
        value: The same as it was read from the file: texts, lists and mappings.
        digest: Digest of the file.
        shown: The path under which findings name the file.
        says: What is to be said of its texts.
    """
    blocks = [block for _, block in blocks_of(model)]
    return Card(
        digest,
        shown,
        {key: plain(value[key]) for key in HEAD if key in value},
        {str(key): digest_of(json.dumps(each)) for key, each in value.items()},
        tuple({(how, str(name)): None for how, name in _mentions(model)}),
        tuple(str(name) for block in blocks for name in block.universes()),
        tuple(funds_of(model)),
        tuple(str(key) for block in blocks for key in block.definitions()),
        tuple(dict.fromkeys(_claimed(model))),
        tuple(dict.fromkeys(_claimants(model))),
        tuple(says),
    )


def _mentions(model: Thesis) -> Iterator[Mention]:
    for _, block in blocks_of(model):
        for name in block.series():
            yield from (("series", link.strip()) for link in name.split("|"))
        if isinstance(block, EpisodesBlock):
            yield "episodes", " ".join(block.of)
    yield from (("expression", name) for name in in_expressions(model))
    yield from (("named", name) for name in links_in(texts_of(model)))
    yield from (("named", str(related.note)) for related in model.related)


def _claimed(model: Thesis) -> Iterator[str]:
    for claim in model.claims:
        yield from names_in(claim.check, bare=True)
        yield from _SIDE.findall(claim.check)


def _claimants(model: Thesis) -> Iterator[str]:
    used = {claim.source for claim in model.claims}
    yield from links_in(str(source.by) for source in model.sources if source.by and source.id in used)


def funds_of(thing: object) -> Iterator[Fund]:
    """Yield the expressions of a definition that show fundamentals."""
    for each in expressions_of(thing):
        if "fund" in each.source:
            yield Fund(tuple(funds_in(each.source, bare=not each.in_text)), tuple(map(str, each.rows)))


def with_places(value: Any, source: Source, trail: tuple[str | int, ...] = ()) -> Any:
    """Return what was typed at a trail of a file with texts and keys that know their places."""
    if isinstance(value, str):
        return Written.at(value, source, trail)
    if isinstance(value, Mapping):
        return {
            Written.at(key, source, (*trail, key), is_key=True): with_places(each, source, (*trail, key))
            for key, each in value.items()
        }
    return [with_places(each, source, (*trail, nth)) for nth, each in enumerate(value)]


# Keeping ------------------------------------------------------------------------------------------------------------


@dataclass
class KeptCards:
    """The cards of earlier runs, and those of this one.

    Attributes:
        look: Finds what is to be said of the texts of a definition.
        code: Digest of the code; empty where nothing can be kept.
        before: The cards of earlier runs, each by the digest of its file, as JSON has them.
        after: Those of this run.
    """

    look: Callable[[object], Iterable[Finding]] = lambda _thing: ()
    code: str = ""
    before: dict[str, list[Any]] = field(default_factory=dict)
    after: dict[str, list[Any]] = field(default_factory=dict)

    def find(self, digest: str, shown: str) -> Card | None:
        """Return the card of a file, or None: it has to be read."""
        known = self.before.get(digest)
        if known is None:
            return None
        try:
            head, fields, mentions, universes, funds, columns, claimed, claimants, says = known
            card = Card(
                digest,
                shown,
                head,
                fields,
                tuple((how, name) for how, name in mentions),
                tuple(universes),
                tuple(Fund(tuple(words), tuple(rows)) for words, rows in funds),
                tuple(columns),
                tuple(claimed),
                tuple(claimants),
                tuple(map(Finding.of_json, says)),
            )
        except (ValueError, TypeError, KeyError):
            return None
        self.after[digest] = known
        return card

    def keep(self, card: Card) -> None:
        """Keep a card."""
        funds = [(each.words, each.rows) for each in card.funds]
        says = [asdict(each) for each in card.says]
        names = card.columns, card.claimed, card.claimants
        self.after[card.digest] = [card.head, card.fields, card.mentions, card.universes, funds, *names, says]


def read_cards(
    folder: Path, code: str, look: Callable[[object], Iterable[Finding]], *, clean: bool = False
) -> KeptCards:
    """Return the cards that earlier runs kept under the same code; none where they cannot be had.

    Args:
        folder: The folder of caches.
        code: Digest of the code, as `digests.digest_of_code` gives it.
        look: Finds what is to be said of the texts of a definition.
        clean: Take none, whatever is kept.
    """
    if clean:
        return KeptCards(look, code)
    body = read_sealed(folder / FILE, f"{_HEAD_LINE} {code}") if code else None
    try:
        found = {} if body is None else json.loads(body)
        return KeptCards(look, code, found if isinstance(found, dict) else {})
    except (ValueError, RecursionError):
        return KeptCards(look, code)


def write_cards(folder: Path, kept: KeptCards) -> None:
    """Write the cards, where they have changed; where that is not possible, the next run reads every definition."""
    if kept.code and kept.after.keys() != kept.before.keys():
        body = json.dumps(kept.after, separators=(",", ":")).encode()
        write_sealed(folder / FILE, f"{_HEAD_LINE} {kept.code}", body)

"""What is kept of definitions from one run to the next: cards of theses and concepts, and other files as they are.

A card is what the other definitions and the run need to know of a thesis or concept. All that is kept follows from a
file alone, and is kept by the digest of the file: a definition that has not changed is neither parsed nor validated
again. Nothing is kept of a file with which something is wrong.
"""

from __future__ import annotations

import json
import marshal
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from msgspec import Struct, field

from thesisvault.blocks.core.block import texts_of
from thesisvault.blocks.episodes import EpisodesBlock
from thesisvault.definitions.expressions import blocks_of, expressions_of
from thesisvault.definitions.mentions import in_expressions, links_in
from thesisvault.definitions.models.thesis import Thesis
from thesisvault.definitions.packing import Packed, UnpackableError, pack, unpack
from thesisvault.digests import digest_of
from thesisvault.errors import Finding
from thesisvault.language.check import funds_in, names_in
from thesisvault.model import Model
from thesisvault.patterns import regex
from thesisvault.sealed import read_value, write_value
from thesisvault.structs import as_plain
from thesisvault.written import Source, Written, plain

M = TypeVar("M", bound=Model)

HEAD = ("title", "kind", "aliases", "status", "opened", "closed", "buy", "sell", "benchmark", "currency", "over")
"""The fields of a thesis that others need to know."""
FILE = "definitions.kept"
_HEAD_LINE = "thesisvault definitions 4"
"""The number goes up with every change in what is kept."""

_SHORT = 40
"""The most letters of a text that others are likely to hold too, such as a ticker or a key."""
_SIDE = regex(r"(?<![\w'\"])(?:buy|sell|benchmark)(?![\w'\"])")

Mention = tuple[Literal["series", "expression", "named", "episodes"], str]
"""How something is named: as a series of a block, in an expression, by a link, or as the episodes of a block, which are
ids with blanks between them, none for all of them; and its name."""


class Fund(Struct, frozen=True):
    """An expression that shows fundamentals.

    Attributes:
        words: What it names.
        rows: What `row` and `column` go through in it.
    """

    words: tuple[str, ...]
    rows: tuple[str, ...]


class Card(Struct, frozen=True):
    """What is known of a thesis or concept without reading it whole.

    Attributes:
        digest: Digest of its file.
        shown: The path under which findings name the file.
        head: What was typed under the keys of `HEAD`, packed.
        keys: The digest of what was typed under each key, packed: few of them are ever asked for.
        mentions: What it names besides its sides and its benchmark, in order.
        universes: Ids that its blocks may name a universe by.
        funds: Its expressions that show fundamentals.
        columns: Ids of the theses that stand in columns of its comparisons.
        claimed: What its claims are about: names in their checks, `buy`, `sell` and `benchmark` among them.
        claimants: Links in the authors of the sources of its claims.
        says: What is to be said of its texts, as `KeptDefinitions.look` finds it.
    """

    digest: str
    shown: str
    head: Packed
    keys: bytes = marshal.dumps({})
    mentions: tuple[Mention, ...] = ()
    universes: tuple[str, ...] = ()
    funds: tuple[Fund, ...] = ()
    columns: tuple[str, ...] = ()
    claimed: tuple[str, ...] = ()
    claimants: tuple[str, ...] = ()
    says: tuple[Finding, ...] = ()

    @property
    def fields(self) -> Mapping[str, str]:
        """The digest of what was typed under each key."""
        return marshal.loads(self.keys)  # type: ignore[no-any-return]  # noqa: S302 - made here


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
        pack(model, only=HEAD),
        marshal.dumps({str(key): digest_of(json.dumps(each)) for key, each in value.items()}),
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


# Keeping ------------------------------------------------------------------------------------------------------------


Kept = tuple[bytes, bytes]
"""What is kept of a file: the card, empty if it has none, and its models, packed."""


class KeptDefinitions(Struct):
    """What earlier runs kept of definitions, and what this one keeps.

    Attributes:
        look: Finds what is to be said of the texts of a definition.
        code: Digest of the code; empty where nothing can be kept.
        before: What earlier runs kept, each by the digest of its file.
        after: What this run keeps.
    """

    look: Callable[[object], Iterable[Finding]] = lambda _thing: ()
    code: str = ""
    before: dict[str, Kept] = field(default_factory=dict)
    after: dict[str, Kept] = field(default_factory=dict)

    def find(self, digest: str, shown: str) -> Card | None:
        """Return the card of a file, or None: it has to be read."""
        known = self.before.get(digest)
        if known is None or not known[0]:
            return None
        head, keys, mentions, universes, funds, columns, claimed, claimants, says = _opened(known[0])
        self.after[digest] = known
        return Card(
            digest,
            shown,
            head,
            keys,
            mentions,
            universes,
            tuple(Fund(*each) for each in funds),
            columns,
            claimed,
            claimants,
            tuple(map(Finding.of_json, says)),
        )

    def find_models(self, digest: str, model: type[M], source: Source) -> dict[str, M] | None:
        """Return the models that a file defines, each by its key, or None: it has to be read.

        Args:
            digest: Digest of the file.
            model: The class of the models.
            source: The file.
        """
        known = self.after.get(digest) or self.before.get(digest)
        if known is None or not known[1]:
            return None
        found: dict[str, M] = {}
        for key, is_written, packed in _opened(known[1]):
            trail = (key,) if is_written else ()
            found[Written.at(key, source, trail, is_key=True) if is_written else key] = unpack(
                model, packed, source, trail
            )
        self.after[digest] = known
        return found

    def keep(self, digest: str, models: Mapping[str, Model], card: Card | None = None) -> None:
        """Keep what a file defines; nothing is kept where a model would not come back as it is.

        Args:
            digest: Digest of the file.
            models: The models by their keys; under an empty key the one that the whole file is.
            card: The card of the file, if it is a thesis or concept.
        """
        try:
            packed = [(str(key), bool(key), pack(each, (str(key),) if key else ())) for key, each in models.items()]
        except UnpackableError:
            packed = []
        told = () if card is None else _told(card)
        self.after[digest] = (_closed(told) if told else b"", _closed(packed) if packed or not models else b"")


def _told(card: Card) -> tuple[object, ...]:
    funds = tuple((each.words, each.rows) for each in card.funds)
    says = tuple(as_plain(each) for each in card.says)
    names = card.columns, card.claimed, card.claimants
    return plain((card.head, card.keys, card.mentions, card.universes, funds, *names, says), _shared)


def _shared(text: str) -> str:
    """Return a short text as Python knows it by its letters, so that all who hold one hold the same."""
    return sys.intern(str(text)) if len(text) <= _SHORT else str(text)


def _closed(value: Any) -> bytes:
    return zlib.compress(marshal.dumps(value), 1)


def _opened(packed: bytes) -> Any:
    return marshal.loads(zlib.decompress(packed))  # noqa: S302 - sealed: this machine wrote it


def read_kept(
    folder: Path, code: str, look: Callable[[object], Iterable[Finding]], *, clean: bool = False
) -> KeptDefinitions:
    """Return what earlier runs kept of definitions under the same code; nothing where it cannot be had.

    Args:
        folder: The folder of caches.
        code: Digest of the code, as `digests.digest_of_code` gives it.
        look: Finds what is to be said of the texts of a definition.
        clean: Take nothing, whatever is kept.
    """
    found = None if clean or not code else read_value(folder / FILE, f"{_HEAD_LINE} {code}")
    return KeptDefinitions(look, code, found or {})


def write_kept(folder: Path, kept: KeptDefinitions) -> None:
    """Write what is kept, where it has changed; where that is not possible, the next run reads every definition.

    All definitions have been read by then: what is held from here on are the models alone.
    """
    if kept.code and kept.after.keys() != kept.before.keys():
        write_value(folder / FILE, f"{_HEAD_LINE} {kept.code}", kept.after)
    kept.before = kept.after = {digest: (b"", models) for digest, (_, models) in kept.after.items()}

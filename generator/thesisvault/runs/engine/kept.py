"""What is kept of notes from one run to the next, and the file that it is kept in.

The file is a cache: if it is missing, cut off or not to be understood, every note is made anew, and so is one that was
made by another recipe.
What it says goes into notes, so it counts only where this machine wrote it.

Most notes of a run come out as before, and of those little is asked: whether anything that they were made from has
changed, and what other notes say of them. So a note lies there in parts. What it was made from are numbers of pairs of
a leaf and its digest, which all notes share; its body stays packed until somebody asks for it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import zlib
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from msgspec import Struct, field

from thesisvault.blocks.core.records import ClaimRecord
from thesisvault.errors import DiskError, Finding
from thesisvault.notes.brief import Brief, brief_as_json, brief_of_json
from thesisvault.notes.properties.values import Scalar, Value
from thesisvault.runs.engine.leaves import Leaf, Stored
from thesisvault.runs.engine.recipe import Recipe
from thesisvault.runs.engine.writing import KeptFigure, Writing
from thesisvault.sealed import Lying, Spool, read_with_more, write_with_more
from thesisvault.structs import as_plain
from thesisvault.vault.note import Stamp

FILE = "made.notes"
_HEAD = "thesisvault made 10"
"""The number goes up with every change in what is kept."""

Answers = Mapping[Leaf, str]
"""Leaves with their digests, or with what they led to."""
Pair = tuple[Leaf, str]
"""A leaf with its digest, or with what it led to."""


class Pairs:
    """Leaves with their digests, each pair once, known by its number.

    Args:
        pairs: Those that have numbers already.

    Attributes:
        known: The pairs, by their numbers.
    """

    def __init__(self, pairs: Iterable[Pair] = ()) -> None:
        self.known = list(pairs)

    @cached_property
    def _numbers(self) -> dict[Pair, int]:
        return {pair: number for number, pair in enumerate(self.known)}

    def __getitem__(self, number: int) -> Pair:
        """Return the pair of a number."""
        return self.known[number]

    def __len__(self) -> int:
        return len(self.known)

    def numbered(self, answers: Answers) -> Numbered:
        """Return leaves with their digests as numbers of pairs."""
        if isinstance(answers, Numbered) and answers.pairs is self:
            return answers
        numbers = array("I")
        for pair in answers.items():
            number = self._numbers.get(pair)
            if number is None:
                (kind, name), answer = pair  # a name may know where it was written, and is held as a text alone
                number = self._numbers[(kind, str(name)), answer] = len(self.known)
                self.known.append(((kind, str(name)), answer))
            numbers.append(number)
        return Numbered(self, numbers.tobytes())


class Numbered(Mapping[Leaf, str]):
    """Leaves with their digests, held as numbers of pairs until one is asked for.

    Args:
        pairs: The pairs.
        packed: Their numbers, as four bytes each.
    """

    def __init__(self, pairs: Pairs, packed: bytes) -> None:
        self.pairs, self.packed = pairs, packed

    @property
    def numbers(self) -> array[int]:
        """The numbers of the pairs, in order."""
        return array("I", self.packed)

    @cached_property
    def _of(self) -> dict[Leaf, str]:
        return dict(self.pairs[number] for number in self.numbers)

    def __getitem__(self, leaf: Leaf) -> str:
        return self._of[leaf]

    def __iter__(self) -> Iterator[Leaf]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)


class Body(Struct, frozen=True):
    """What is asked of a note only where it is written, made anew, or asked about.

    Attributes:
        regions: Name and body of each region.
        figures: Its figures as shown, in order.
        templates: The templates that it was rendered by.
        writing: The last writing of its file; None if that is not known.
    """

    regions: tuple[tuple[str, str], ...] = ()
    figures: tuple[KeptFigure, ...] = ()
    templates: tuple[str, ...] = ()
    writing: Writing | None = None


@dataclasses.dataclass(kw_only=True)
class KeptNote:
    """A note as it was made.

    Attributes:
        kind: Names its kind.
        title: Its title.
        aliases: Its names, as its definition gives them.
        tags: Its tags.
        further: Its further properties, in order.
        stale: Stale series behind its figures, each with the day on which it ends.
        pictures: The pictures that it embeds: file and fingerprint of each.
        reads: What its view was made from.
        findings: What is said of its claims and figures.
        free: Its names less those that lead to other notes, with which it was rendered; None if it was not.
        links: What names it links led to when it was rendered.
        claims: The records of its claims, for the notes that show and count those of others.
        merged: Where its file lies that a merge left as it was: digest of path and memory, and the stamp of the file.
        left: Digest of its file as a merge left it; empty where the next merge has to look at each region all the same.
        recipe: The recipe of the run that made it.
        brief: What the home note says of it.
        packed_body: Its body, packed.
        taken: How it lay in the file, and what of it may have changed since; None if it was made by this run.
    """

    kind: str
    title: str
    aliases: tuple[str, ...]
    tags: tuple[str, ...]
    further: Mapping[str, Value]
    stale: Mapping[str, dt.date]
    pictures: tuple[tuple[str, str], ...] = ()
    reads: Answers
    findings: tuple[Finding, ...] = ()
    free: tuple[str, ...] | None = None
    links: Answers = dataclasses.field(default_factory=dict)
    claims: tuple[ClaimRecord, ...] = ()
    merged: tuple[str, Stamp] | None = None
    left: str = ""
    recipe: Recipe = Recipe()
    brief: Brief | None = None
    packed_body: bytes | Lying
    taken: tuple[bytes | Lying, object] | None = dataclasses.field(default=None, repr=False, compare=False)

    @property
    def may_change(self) -> object:
        """What may become another while a note is taken as it was made."""
        return self.pictures, self.free, self.merged, self.left

    @property
    def body(self) -> Body:
        """What is rarely asked of it.

        Raises:
            DiskError: It lies in a file that can no longer be read.
            ValueError, TypeError, KeyError, IndexError, zlib.error: It is not to be understood.
        """
        return body_of(self.packed_body)

    @body.setter
    def body(self, body: Body) -> None:
        self.packed_body = packed_body(body)


def packed_body(body: Body) -> bytes:
    """Return the body of a note packed."""
    figures = tuple((each.label, each.shown, each.series) for each in body.figures)
    writing = body.writing.as_json() if body.writing else None
    plain = json.dumps((body.regions, figures, body.templates, writing), separators=(",", ":"))
    return zlib.compress(plain.encode(), 1)


def body_of(packed: bytes | Lying) -> Body:
    """Return a body that was packed.

    Raises:
        DiskError: It lies in a file that can no longer be read.
        ValueError, TypeError, KeyError, IndexError, zlib.error: It is not to be understood.
    """
    regions, figures, templates, writing = json.loads(zlib.decompress(bytes(packed)))
    shown = tuple(KeptFigure(label, text, tuple(series)) for label, text, series in figures)
    return Body(_pairs(regions), shown, tuple(templates), Writing.of_json(writing) if writing else None)


class Packed(NamedTuple):
    """A note as it lies in the file.

    Attributes:
        recipe: The name of its recipe.
        reads: The numbers of the pairs that its view was made from.
        links: Those of the names that it links.
        is_rendered: Whether it was rendered.
        face: All else but the body; in the file that was read, or in one of this run, until somebody asks for it.
        body: The body, as well.
    """

    recipe: str
    reads: bytes
    links: bytes
    is_rendered: bool
    face: bytes | Lying
    body: bytes | Lying


class KeptNotes(Mapping[str, KeptNote]):
    """Notes by their ids, packed: of a vault of thousands, the notes at work alone are held as records.

    What is taken out of a packed note is a record of its own. A change of it counts once it is put back, see `put`.

    Args:
        pairs: The pairs of leaves and digests that the notes share.
        spool: Where bodies wait; by default they are held.
    """

    def __init__(self, pairs: Pairs | None = None, spool: Spool | None = None) -> None:
        self._at_work: dict[str, KeptNote] = {}
        self._packed: dict[str, Packed] = {}
        self.pairs, self.spool = Pairs() if pairs is None else pairs, spool
        self.recipes: dict[str, Recipe] = {}

    def __getitem__(self, key: str) -> KeptNote:
        """Return a note.

        Raises:
            KeyError: There is none.
        """
        found = self._at_work.get(key)
        if found is None:
            packed = self._packed[key]
            try:
                found = self._note(packed)
            except (*_NOT_UNDERSTOOD, DiskError):
                raise KeyError(key) from None
        return found

    def __contains__(self, key: object) -> bool:
        return key in self._at_work or key in self._packed

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._packed, *self._at_work)))

    def __len__(self) -> int:
        return len(self._packed.keys() | self._at_work.keys())

    def __setitem__(self, key: str, note: KeptNote) -> None:
        """Have a note at work."""
        self._at_work[key] = note

    def put(self, key: str, note: KeptNote | None = None) -> None:
        """Pack a note: the one given, else the one at work."""
        made = self._at_work.pop(key, None)
        if (note := note or made) is None:
            return
        name = note.recipe.name
        self.recipes.setdefault(name, note.recipe)
        reads, links = (self.pairs.numbered(each).packed for each in (note.reads, note.links))
        is_same = note.taken is not None and note.taken[1] == note.may_change
        face = note.taken[0] if note.taken is not None and is_same else _face(note)
        self._packed[key] = Packed(
            name, reads, links, note.free is not None, self._kept(face), self._kept(note.packed_body)
        )

    def _kept(self, part: bytes | Lying) -> bytes | Lying:
        return self.spool.keep(part) if self.spool and isinstance(part, bytes) else part

    def take(self, key: str, others: KeptNotes) -> None:
        """Take over a note as others, of the same pairs, have it."""
        others.put(key)
        packed = others._packed[key]
        self.recipes.setdefault(packed.recipe, others.recipes[packed.recipe])
        self._packed[key] = packed

    def packed(self) -> Mapping[str, Packed]:
        """Return every note packed."""
        for key in tuple(self._at_work):
            self.put(key)
        return self._packed

    def fill(self, packed: Mapping[str, Packed], recipes: Mapping[str, Recipe]) -> KeptNotes:
        """Return these notes, with packed ones among them."""
        self._packed.update(packed)
        self.recipes.update(recipes)
        return self

    def has_body_of(self, key: str, others: KeptNotes) -> bool:
        """Return whether the body of a note is the same as with others."""
        mine, theirs = (each._at_work.get(key) for each in (self, others))
        one = mine.packed_body if mine else self._packed[key].body
        other = theirs.packed_body if theirs else others._packed[key].body if key in others._packed else None
        return one == other

    def _note(self, packed: Packed) -> KeptNote:
        plain = json.loads(zlib.decompress(bytes(packed.face)))
        kind, title, aliases, tags, further, stale, pictures, findings, free, claims, merged, left, brief = plain
        note = KeptNote(
            kind=kind,
            title=title,
            aliases=tuple(aliases),
            tags=tuple(tags),
            further={key: _of_value(value) for key, value in further},
            stale={name: dt.date.fromordinal(day) for name, day in stale},
            pictures=_pairs(pictures),
            reads=Numbered(self.pairs, packed.reads),
            findings=tuple(map(Finding.of_json, findings)),
            free=None if free is None else tuple(free),
            links=Numbered(self.pairs, packed.links),
            claims=tuple(map(ClaimRecord.of_json, claims)),
            merged=(merged[0], tuple(merged[1])) if merged else None,
            left=left,
            recipe=self.recipes[packed.recipe],
            brief=brief_of_json(brief),
            packed_body=packed.body,
        )
        note.taken = packed.face, note.may_change
        return note

    def glance(self, key: str) -> tuple[Recipe, Answers, bool] | None:
        """Return by which recipe a note was made, from what, and whether it was rendered; None if it is not kept."""
        if (note := self._at_work.get(key)) is not None:
            return note.recipe, note.reads, note.free is not None
        packed = self._packed.get(key)
        if packed is None:
            return None
        return self.recipes[packed.recipe], Numbered(self.pairs, packed.reads), packed.is_rendered

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, KeptNotes)
            and [*self] == [*other]
            and (self.packed() == other.packed() if self.pairs is other.pairs else dict(self) == dict(other))
        )

    __hash__ = None  # type: ignore[assignment]


_NOT_UNDERSTOOD = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, EOFError, zlib.error)


def _face(note: KeptNote) -> bytes:
    plain = json.dumps(
        (
            note.kind,
            note.title,
            tuple(note.aliases),
            tuple(note.tags),
            tuple((key, _value(value)) for key, value in note.further.items()),
            tuple((name, day.toordinal()) for name, day in note.stale.items()),
            note.pictures,
            tuple(map(as_plain, note.findings)),
            note.free,
            tuple(each.as_json() for each in note.claims),
            note.merged,
            note.left,
            brief_as_json(note.brief),
        ),
        separators=(",", ":"),
    )
    return zlib.compress(plain.encode(), 1)


def _pairs(values: Iterable[Iterable[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((one, other) for one, other in values)


class Kept(Struct):
    """All that is kept.

    Attributes:
        recipe: The recipe by which `facts` were found.
        notes: The notes, by their ids.
        facts: Further answers that cost time to find, each with what it was found from.
        prices: What was stored of each ticker.
    """

    recipe: Recipe = Recipe()
    notes: KeptNotes = field(default_factory=KeptNotes)
    facts: dict[str, tuple[Answers, Any]] = field(default_factory=dict)
    prices: dict[str, Stored] = field(default_factory=dict)


def read_kept(folder: Path) -> Kept:
    """Return what earlier runs kept; nothing where that cannot be had.

    Args:
        folder: The folder of caches.
    """
    spool = Spool(folder)
    try:
        if found := read_with_more(folder / FILE, _HEAD):
            (recipe, recipes, pairs, notes, facts, prices), lying = found
            known = {name: Recipe(parts, is_clear, exact) for name, (is_clear, exact, parts) in recipes.items()}
            packed = {
                key: Packed(by, reads, links, is_rendered, lying(place, face), lying(place + face, body))
                for key, by, reads, links, is_rendered, place, face, body in notes
            }
            return Kept(known[recipe], KeptNotes(Pairs(pairs), spool).fill(packed, known), facts, prices)
    except _NOT_UNDERSTOOD:
        pass
    return Kept(notes=KeptNotes(spool=spool))


def write_kept(folder: Path, kept: Kept) -> None:
    """Write what is kept; where that is not possible, the next run makes everything anew."""
    packed, recipes = kept.notes.packed(), kept.notes.recipes | {kept.recipe.name: kept.recipe}
    used = {each.recipe for each in packed.values()} | {kept.recipe.name}
    pairs, renumbered = _in_use(kept.notes.pairs, packed.values())
    notes, place = [], 0
    for key, each in packed.items():
        reads, links, face, body = renumbered(each.reads), renumbered(each.links), len(each.face), len(each.body)
        notes.append((key, each.recipe, reads, links, each.is_rendered, place, face, body))
        place += face + body
    found = (
        kept.recipe.name,
        {name: (each.is_clear, each.exact, dict(each.parts)) for name, each in recipes.items() if name in used},
        pairs,
        notes,
        {
            key: ({(kind, str(n)): told for (kind, n), told in reads.items()}, v)
            for key, (reads, v) in kept.facts.items()
        },
        {str(ticker): each for ticker, each in kept.prices.items()},
    )
    with contextlib.suppress(DiskError):  # a part lies in a file that was cut off meanwhile
        write_with_more(
            folder / FILE,
            _HEAD,
            found,
            lambda: (bytes(part) for each in packed.values() for part in (each.face, each.body)),
        )


def _in_use(pairs: Pairs, packed: Collection[Packed]) -> tuple[list[Pair], Callable[[bytes], bytes]]:
    """Return the pairs that notes rest on, and what gives their numbers among these."""
    is_used = np.zeros(len(pairs), bool)
    for each in packed:
        for numbers in (each.reads, each.links):
            is_used[np.frombuffer(numbers, np.uint32)] = True
    if is_used.all():
        return pairs.known, bytes
    anew = (np.cumsum(is_used) - 1).astype(np.uint32)

    def renumbered(old: bytes) -> bytes:
        return anew[np.frombuffer(old, np.uint32)].tobytes()

    return [pairs.known[number] for number in np.flatnonzero(is_used).tolist()], renumbered


# Dates are the only values of properties that JSON does not know.


def _value(value: Value) -> object:
    if isinstance(value, dt.date):
        return {"day": value.isoformat()}
    if value is None or isinstance(value, str | int | float):
        return value
    return [_value(each) for each in value]


def _of_value(value: Any) -> Value:
    if isinstance(value, dict):
        return dt.date.fromisoformat(value["day"])
    if isinstance(value, list):
        found: list[Scalar] = []
        for each in map(_of_value, value):
            if each is None or not isinstance(each, str | int | float | dt.date):
                raise TypeError(value)
            found.append(each)
        return found
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(value)

"""What is kept of notes from one run to the next, and the file that it is kept in.

The file is a cache: if it is missing, cut off or not to be understood, every note is made anew, and so is one that was
made by another recipe.
What it says goes into notes, so it counts only where this machine wrote it.
"""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from thesisvault.blocks.core.records import ClaimRecord
from thesisvault.errors import Finding
from thesisvault.notes.brief import Brief, brief_as_json, brief_of_json
from thesisvault.notes.properties.values import Scalar, Value
from thesisvault.runs.engine.leaves import Leaf, Stored
from thesisvault.runs.engine.recipe import Recipe
from thesisvault.runs.engine.writing import KeptFigure, Writing
from thesisvault.sealed import read_sealed, write_sealed
from thesisvault.vault.note import Stamp

FILE = "made.notes"
_HEAD = "thesisvault made 5"
"""The number goes up with every change in what is kept."""

Answers = Mapping[Leaf, str]
"""Leaves with their digests, or with what they led to."""


@dataclass
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
        regions: Name and body of each region.
        figures: Its figures as shown, in order.
        claims: The records of its claims, for the notes that show and count those of others.
        merged: Where its file lies that a merge left as it was: digest of path and memory, and the stamp of the file.
        recipe: The recipe of the run that made it.
        templates: The templates that it was rendered by.
        writing: The last writing of its file; None if that is not known.
        brief: What the home note says of it.
    """

    kind: str
    title: str
    aliases: tuple[str, ...]
    tags: tuple[str, ...]
    further: Mapping[str, Value]
    stale: Mapping[str, dt.date]
    pictures: tuple[tuple[str, str], ...]
    reads: Answers
    findings: tuple[Finding, ...] = ()
    free: tuple[str, ...] | None = None
    links: Answers = field(default_factory=dict)
    regions: tuple[tuple[str, str], ...] = ()
    figures: tuple[KeptFigure, ...] = ()
    claims: tuple[ClaimRecord, ...] = ()
    merged: tuple[str, Stamp] | None = None
    recipe: Recipe = Recipe()
    templates: tuple[str, ...] = ()
    writing: Writing | None = None
    brief: Brief | None = None


class KeptNotes(Mapping[str, KeptNote]):
    """Notes by their ids, packed: of a vault of thousands, the notes at work alone are held as records.

    What is taken out of a packed note is a record of its own. A change of it counts once it is put back, see `put`.
    """

    def __init__(self) -> None:
        self._at_work: dict[str, KeptNote] = {}
        self._packed: dict[str, Packed] = {}
        self.recipes: dict[str, Recipe] = {}

    def __getitem__(self, key: str) -> KeptNote:
        """Return a note.

        Raises:
            KeyError: There is none.
        """
        found = self._at_work.get(key)
        if found is None:
            recipe, data = self._packed[key]
            try:
                found = _note(json.loads(zlib.decompress(data)), self.recipes[recipe])
            except _NOT_UNDERSTOOD:
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
        self._packed[key] = name, zlib.compress(json.dumps(_plain(note), separators=(",", ":")).encode(), 1)

    def take(self, key: str, others: KeptNotes) -> None:
        """Take over a note as others have it."""
        others.put(key)
        recipe, data = others._packed[key]
        self.recipes.setdefault(recipe, others.recipes[recipe])
        self._packed[key] = recipe, data

    def packed(self) -> Mapping[str, Packed]:
        """Return every note packed: the name of its recipe, and all else as bytes."""
        for key in tuple(self._at_work):
            self.put(key)
        return self._packed

    def fill(self, packed: Mapping[str, Packed], recipes: Mapping[str, Recipe]) -> KeptNotes:
        """Return these notes, with packed ones among them."""
        self._packed.update(packed)
        self.recipes.update(recipes)
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KeptNotes) and self.packed() == other.packed()

    __hash__ = None  # type: ignore[assignment]


Packed = tuple[str, bytes]
"""The name of the recipe of a note, and all else that is kept of it."""
_NOT_UNDERSTOOD = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, zlib.error)


@dataclass
class Kept:
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
    try:
        body = read_sealed(folder / FILE, _HEAD)
        if body is None:
            return Kept()
        head, _, data = body.partition(b"\n")
        found = json.loads(head)
        recipes = {
            name: Recipe({_text(n): _text(part) for n, part in each.items()}, is_clear, _text(exact))
            for name, (is_clear, exact, each) in found["recipes"].items()
        }
        packed: dict[str, Packed] = {}
        start = 0
        for key, recipe, length in found["notes"]:
            packed[_text(key)] = _text(recipe), data[start : start + length]
            start += length
            assert recipe in recipes  # noqa: S101 - names what is below
        facts = {key: (_answers(reads), value) for key, (reads, value) in found["facts"].items()}
        prices = {_text(ticker): (_text(day), _text(digest)) for ticker, (day, digest) in found["prices"].items()}
        return Kept(recipes[found["recipe"]], KeptNotes().fill(packed, recipes), facts, prices)
    except (*_NOT_UNDERSTOOD, AssertionError):
        return Kept()


def write_kept(folder: Path, kept: Kept) -> None:
    """Write what is kept; where that is not possible, the next run makes everything anew."""
    packed, recipes = kept.notes.packed(), kept.notes.recipes | {kept.recipe.name: kept.recipe}
    used = {recipe for recipe, _ in packed.values()} | {kept.recipe.name}
    found = {
        "notes": [(key, recipe, len(data)) for key, (recipe, data) in packed.items()],
        "facts": {key: [_named(reads), value] for key, (reads, value) in kept.facts.items()},
        "recipe": kept.recipe.name,
        "recipes": {name: [each.is_clear, each.exact, each.parts] for name, each in recipes.items() if name in used},
        "prices": kept.prices,
    }
    head = json.dumps(found, separators=(",", ":")).encode()
    write_sealed(folder / FILE, _HEAD, b"\n".join((head, b"".join(data for _, data in packed.values()))))


def _named(answers: Answers) -> list[tuple[str, str, str]]:
    return [(kind, name, digest) for (kind, name), digest in answers.items()]


def _plain(note: KeptNote) -> dict[str, object]:
    return {
        **vars(note),
        "recipe": None,
        "further": [[key, _value(value)] for key, value in note.further.items()],
        "stale": {name: day.isoformat() for name, day in note.stale.items()},
        "reads": _named(note.reads),
        "links": _named(note.links),
        "findings": [asdict(each) for each in note.findings],
        "figures": [[each.label, each.shown, each.series] for each in note.figures],
        "claims": [each.as_json() for each in note.claims],
        "writing": note.writing.as_json() if note.writing else None,
        "brief": brief_as_json(note.brief),
    }


def _note(kept: Mapping[str, Any], recipe: Recipe) -> KeptNote:
    return KeptNote(
        kind=_text(kept["kind"]),
        title=_text(kept["title"]),
        aliases=_texts(kept["aliases"]),
        tags=_texts(kept["tags"]),
        further={_text(key): _of_value(value) for key, value in kept["further"]},
        stale={_text(name): dt.date.fromisoformat(day) for name, day in kept["stale"].items()},
        pictures=_pairs(kept["pictures"]),
        reads=_answers(kept["reads"]),
        findings=tuple(Finding.of_json(each) for each in kept["findings"]),
        free=None if kept["free"] is None else _texts(kept["free"]),
        links=_answers(kept["links"]),
        regions=_pairs(kept["regions"]),
        figures=tuple(KeptFigure(_text(label), _text(shown), _texts(of)) for label, shown, of in kept["figures"]),
        claims=tuple(map(ClaimRecord.of_json, kept["claims"])),
        merged=None if kept["merged"] is None else _merged(*kept["merged"]),
        recipe=recipe,
        templates=_texts(kept["templates"]),
        writing=None if kept["writing"] is None else Writing.of_json(kept["writing"]),
        brief=brief_of_json(kept["brief"]),
    )


def _answers(named: Iterable[Sequence[object]]) -> Answers:
    return {(_text(kind), _text(name)): _text(digest) for kind, name, digest in named}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _texts(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(map(_text, values))


def _pairs(values: Iterable[Sequence[object]]) -> tuple[tuple[str, str], ...]:
    return tuple((_text(one), _text(other)) for one, other in values)


def _merged(digest: object, stamp: Iterable[int]) -> tuple[str, Stamp]:
    size, written, changed, number = stamp
    return _text(digest), (int(size), int(written), int(changed), int(number))


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

"""What is kept of notes from one run to the next, and the file that it is kept in.

The file is a cache: if it is missing, cut off or not to be understood, every note is made anew, and so is one that was
made by another recipe.
What it says goes into notes, so it counts only where this machine wrote it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from thesisvault.errors import Finding
from thesisvault.notes.properties.values import Scalar, Value
from thesisvault.runs.engine.leaves import Leaf, Stored
from thesisvault.runs.engine.recipe import Recipe
from thesisvault.runs.engine.writing import KeptFigure, Writing
from thesisvault.sealed import read_sealed, write_sealed
from thesisvault.vault.note import Stamp

FILE = "made.json"
_HEAD = "thesisvault made 2"
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
        merged: Where its file lies that a merge left as it was: digest of path and memory, and the stamp of the file.
        recipe: The recipe of the run that made it.
        templates: The templates that it was rendered by.
        writing: The last writing of its file; None if that is not known.
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
    merged: tuple[str, Stamp] | None = None
    recipe: Recipe = Recipe()
    templates: tuple[str, ...] = ()
    writing: Writing | None = None


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
    notes: dict[str, KeptNote] = field(default_factory=dict)
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
        found = json.loads(body)
        leaves = [(kind, name) for kind, name in found["leaves"]]
        recipes = [
            Recipe({_text(n): _text(part) for n, part in each.items()}, is_clear, _text(exact))
            for is_clear, exact, each in found["recipes"]
        ]
        notes = {key: _note(each, leaves, recipes) for key, each in found["notes"].items()}
        facts = {key: (_answers(reads, leaves), value) for key, (reads, value) in found["facts"].items()}
        prices = {_text(ticker): (_text(day), _text(digest)) for ticker, (day, digest) in found["prices"].items()}
        return Kept(recipes[0], notes, facts, prices)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return Kept()


def write_kept(folder: Path, kept: Kept) -> None:
    """Write what is kept; where that is not possible, the next run makes everything anew."""
    places: dict[Leaf, int] = {}
    recipes = list({id(each): each for each in (kept.recipe, *(note.recipe for note in kept.notes.values()))}.values())
    numbers = {id(each): number for number, each in enumerate(recipes)}

    def numbered(answers: Answers) -> list[list[object]]:
        return [[places.setdefault(leaf, len(places)), digest] for leaf, digest in answers.items()]

    found = {
        "notes": {key: _plain(note, numbered, numbers[id(note.recipe)]) for key, note in kept.notes.items()},
        "facts": {key: [numbered(reads), value] for key, (reads, value) in kept.facts.items()},
        "leaves": list(places),
        "recipes": [[each.is_clear, each.exact, each.parts] for each in recipes],
        "prices": kept.prices,
    }
    write_sealed(folder / FILE, _HEAD, json.dumps(found, separators=(",", ":")).encode())


def _plain(note: KeptNote, numbered: Callable[[Answers], list[list[object]]], recipe: int) -> dict[str, object]:
    return {
        **vars(note),
        "recipe": recipe,
        "further": [[key, _value(value)] for key, value in note.further.items()],
        "stale": {name: day.isoformat() for name, day in note.stale.items()},
        "reads": numbered(note.reads),
        "links": numbered(note.links),
        "findings": [asdict(each) for each in note.findings],
        "figures": [[each.label, each.shown, each.series] for each in note.figures],
        "writing": note.writing.as_json() if note.writing else None,
    }


def _note(kept: Mapping[str, Any], leaves: Sequence[Leaf], recipes: Sequence[Recipe]) -> KeptNote:
    return KeptNote(
        kind=_text(kept["kind"]),
        title=_text(kept["title"]),
        aliases=_texts(kept["aliases"]),
        tags=_texts(kept["tags"]),
        further={_text(key): _of_value(value) for key, value in kept["further"]},
        stale={_text(name): dt.date.fromisoformat(day) for name, day in kept["stale"].items()},
        pictures=_pairs(kept["pictures"]),
        reads=_answers(kept["reads"], leaves),
        findings=tuple(Finding.of_json(each) for each in kept["findings"]),
        free=None if kept["free"] is None else _texts(kept["free"]),
        links=_answers(kept["links"], leaves),
        regions=_pairs(kept["regions"]),
        figures=tuple(KeptFigure(_text(label), _text(shown), _texts(of)) for label, shown, of in kept["figures"]),
        merged=None if kept["merged"] is None else _merged(*kept["merged"]),
        recipe=recipes[kept["recipe"]],
        templates=_texts(kept["templates"]),
        writing=None if kept["writing"] is None else Writing.of_json(kept["writing"]),
    )


def _answers(numbered: Iterable[Sequence[Any]], leaves: Sequence[Leaf]) -> Answers:
    return {leaves[number]: _text(digest) for number, digest in numbered}


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

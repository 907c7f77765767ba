"""What is kept of notes from one run to the next, and the file that it is kept in.

The file is a cache: if it is missing, cut off, of another recipe or not to be understood, every note is made anew.
What it says goes into notes, so it counts only where this machine wrote it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from thesisvault.errors import Finding, Place
from thesisvault.notes.properties.values import Scalar, Value
from thesisvault.runs.engine.leaves import Leaf
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
        figures: Its figures as shown, in order, each with what it was asked for.
        merged: Where its file lies that a merge left as it was: digest of path and memory, and the stamp of the file.
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
    figures: tuple[tuple[str, str], ...] = ()
    merged: tuple[str, Stamp] | None = None


@dataclass
class Kept:
    """All that is kept.

    Attributes:
        recipe: Digest of all that every note is made from: code, templates, settings, the day.
        notes: The notes, by their ids.
        facts: Further answers that cost time to find, each with what it was found from.
    """

    recipe: str
    notes: dict[str, KeptNote] = field(default_factory=dict)
    facts: dict[str, tuple[Answers, Any]] = field(default_factory=dict)


def read_kept(folder: Path, recipe: str) -> Kept:
    """Return what an earlier run kept under the same recipe; nothing where that cannot be had.

    Args:
        folder: The folder of caches.
        recipe: That of this run.
    """
    try:
        body = read_sealed(folder / FILE, f"{_HEAD} {recipe}")
        if body is None:
            return Kept(recipe)
        found = json.loads(body)
        leaves = [(kind, name) for kind, name in found["leaves"]]
        notes = {key: _note(each, leaves) for key, each in found["notes"].items()}
        facts = {key: (_answers(reads, leaves), value) for key, (reads, value) in found["facts"].items()}
        return Kept(recipe, notes, facts)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return Kept(recipe)


def write_kept(folder: Path, kept: Kept) -> None:
    """Write what is kept; where that is not possible, the next run makes everything anew."""
    places: dict[Leaf, int] = {}

    def numbered(answers: Answers) -> list[list[object]]:
        return [[places.setdefault(leaf, len(places)), digest] for leaf, digest in answers.items()]

    notes = {key: _plain(note, numbered) for key, note in kept.notes.items()}
    facts = {key: [numbered(reads), value] for key, (reads, value) in kept.facts.items()}
    body = json.dumps({"leaves": list(places), "notes": notes, "facts": facts}, separators=(",", ":")).encode()
    write_sealed(folder / FILE, f"{_HEAD} {kept.recipe}", body)


def _plain(note: KeptNote, numbered: Callable[[Answers], list[list[object]]]) -> dict[str, object]:
    return {
        **vars(note),
        "further": [[key, _value(value)] for key, value in note.further.items()],
        "stale": {name: day.isoformat() for name, day in note.stale.items()},
        "reads": numbered(note.reads),
        "links": numbered(note.links),
        "findings": [asdict(each) for each in note.findings],
    }


def _note(kept: Mapping[str, Any], leaves: Sequence[Leaf]) -> KeptNote:
    return KeptNote(
        kind=_text(kept["kind"]),
        title=_text(kept["title"]),
        aliases=_texts(kept["aliases"]),
        tags=_texts(kept["tags"]),
        further={_text(key): _of_value(value) for key, value in kept["further"]},
        stale={_text(name): dt.date.fromisoformat(day) for name, day in kept["stale"].items()},
        pictures=_pairs(kept["pictures"]),
        reads=_answers(kept["reads"], leaves),
        findings=tuple(_finding(each) for each in kept["findings"]),
        free=None if kept["free"] is None else _texts(kept["free"]),
        links=_answers(kept["links"], leaves),
        regions=_pairs(kept["regions"]),
        figures=_pairs(kept["figures"]),
        merged=None if kept["merged"] is None else _merged(*kept["merged"]),
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


def _finding(kept: Mapping[str, Any]) -> Finding:
    place = kept["place"]
    return Finding(**{**kept, "place": None if place is None else Place(**place)})


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

"""Marks: what a note itself says of the properties that were written into it last.

A mark is a short digest of a key and its value. The marks stand in a region's end marker, so they are written, synced,
copied and merged together with the properties that they speak of. A value that has no mark is a person's, whatever any
memory beside the vault knows or has forgotten.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from thesisvault.notes.properties.values import Value, meaning
from thesisvault.patterns import regex

JOINED = ("tags", "aliases", "cssclasses")
"""Lists to which a person may add."""

_COMPUTED = regex(r"as_of|stale_series|return_\w+_pct|spread_\w+_pp")
_FIGURE = regex(r"\d{4}-\d{2}-\d{2}|n/a|")


def computed(key: str) -> bool:
    """Return whether the values of a key come out of data alone, so that none of them is ever a person's.

    >>> computed("spread_since_opened_pp"), computed("conviction")
    (True, False)
    """
    return _COMPUTED.fullmatch(key) is not None


def figure(value: object) -> bool:
    """Return whether a value has the form of a computed one; words in its place are a person's."""
    if isinstance(value, str):
        return _FIGURE.fullmatch(value.strip()) is not None
    return value is None or isinstance(value, (int, float, dt.date))


def marks(properties: Mapping[str, Value]) -> tuple[str, ...]:
    """Return the marks of properties, in order; of a list one for each item, of a computed key one for all values."""
    return tuple(dict.fromkeys(_marks(properties)))


def _marks(properties: Mapping[str, Value]) -> Iterator[str]:
    for key, value in properties.items():
        if value is None:
            continue
        if computed(key):
            yield mark(key)
        elif key in JOINED and isinstance(value, (list, tuple)):
            yield from (mark(key, item) for item in value)
        else:
            yield mark(key, value)


def mark(key: str, value: object = None) -> str:
    """Return the mark of a key and a value of it: six hex digits."""
    value = meaning(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = json.dumps([key, value], default=str, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]


def ours(key: str, value: object, written: AbstractSet[str]) -> bool:
    """Return whether a value is one that was written, or cannot be a person's.

    Args:
        key: A key that may be ours.
        value: Its value in a note.
        written: The marks in that note.
    """
    if computed(key):
        return figure(value)
    return mark(key, value) in written

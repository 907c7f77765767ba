"""Values of properties: how they are written, which type Obsidian gives them, and when two mean the same."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence

from thesisvault.notes.escape import yaml_string

Scalar = str | int | float | bool | dt.date
Value = Scalar | Sequence[Scalar] | None

SAFE_INTEGER = 2**53


def render(values: Mapping[str, Value]) -> str:
    """Return the lines of a block without the rules around it; a key whose value is None is left out.

    Raises:
        ValueError: A number is infinite, not a number, or too large to be exact everywhere.

    >>> print(render({"status": "active", "tags": ["a", "b"], "spread": 47.9, "aliases": []}), end="")
    status: "active"
    tags:
      - "a"
      - "b"
    spread: 47.9
    aliases: []
    """
    return "".join(entry(key, value) for key, value in values.items() if value is not None)


def entry(key: str, value: Value) -> str:
    """Return one key with its value, on one or more lines."""
    if isinstance(value, (str, int, float, dt.date)) or value is None:
        return f"{key}: {_scalar(value)}\n"
    if not value:
        return f"{key}: []\n"
    return "".join([f"{key}:\n", *(f"  - {_scalar(item)}\n" for item in value)])


def _scalar(value: Scalar | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return yaml_string(value)
    if isinstance(value, dt.datetime):
        return value.replace(microsecond=0, tzinfo=None).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if value is None:
        return ""
    if not math.isfinite(value) or abs(value) > SAFE_INTEGER:
        raise ValueError(f"a property cannot hold the number {value}")
    return repr(value + 0)


def property_types(values: Mapping[str, Value]) -> dict[str, str]:
    """Return the type of each key in Obsidian, for `.obsidian/types.json`.

    >>> property_types({"tags": [], "as_of": dt.date(2026, 2, 27), "spread": 4.5, "open": True, "notes": ["a"]})
    {'tags': 'tags', 'as_of': 'date', 'spread': 'number', 'open': 'checkbox', 'notes': 'multitext'}
    """
    return {key: _type(key, value) for key, value in values.items() if value is not None}


def _type(key: str, value: Value) -> str:
    if key in ("tags", "aliases"):
        return key
    if isinstance(value, bool):
        return "checkbox"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, dt.datetime):
        return "datetime"
    if isinstance(value, dt.date):
        return "date"
    return "text" if isinstance(value, str) else "multitext"


def meaning(value: object) -> object:
    """Return a value as YAML 1.2 reads it back after `render`: dates are texts, texts are one clean line."""
    if isinstance(value, dt.datetime):
        return value.replace(microsecond=0, tzinfo=None).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        return json.loads(yaml_string(value))
    if isinstance(value, (list, tuple)):
        return [meaning(item) for item in value]
    return value


def same(one: object, other: object) -> bool:
    """Return whether two values mean the same; a text or truth value never equals a number.

    >>> same(dt.date(2026, 1, 2), "2026-01-02"), same(1, 1.0), same(True, 1), same(["a"], ["a"])
    (True, True, False, True)
    """
    one, other = meaning(one), meaning(other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, (str, bool)) or isinstance(other, (str, bool)):
        return type(one) is type(other) and one == other
    return bool(one == other)

"""Properties: the YAML block on top of a note, written, read and merged.

Obsidian reads YAML 1.2 and so does this module: `ON`, `no` and `1:30` are texts. What is written is the part of YAML
that every reader agrees on: one key a line, strings in JSON's double quotes, block lists. What is read is anything a
person or Obsidian's own editor may have made of it. Merging edits lines and never rewrites a key of a person's.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from generator.errors import Finding, Place
from generator.notes.code import lines_of
from generator.notes.escape import yaml_string

Scalar = str | int | float | bool | dt.date
Value = Scalar | Sequence[Scalar] | None

PROPERTY_TYPES = ("aliases", "checkbox", "date", "datetime", "multitext", "number", "tags", "text")
"""The types that `.obsidian/types.json` may name."""

_JOINED = ("tags", "aliases", "cssclasses")
_RULE = re.compile(r"---[ \t]*\r?\n?")
_KEY = re.compile(r"(?P<key>[^\W\d](?:[\w .-]*[\w.-])?|\"[^\"\\\n]+\"|'[^'\n]+'):(?:[ \t]+(?P<value>[^\n]*?))?[ \t]*")
_ITEM = re.compile(r"[ ]*-[ \t]+(?P<value>\S[^\n]*?)[ \t]*")
_PLAIN = re.compile(r"(?![-?:](?:\s|$)|[\[\]{},&*!|>'\"%@`#]|---|\.\.\.)(?:[^:#\n]|:(?=\S)|(?<=\S)#)*")
_NUMBER = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SAFE_INTEGER = 2**53


@dataclass(frozen=True)
class Properties:
    """A block as read.

    Attributes:
        values: Meaning of each key; dates are texts, as YAML 1.2 has no others.
        findings: Why it cannot be used, with line and column; `values` is then empty.
        lines: For each key the index, counted from 0, of its first line in the block.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)


def split(text: str) -> tuple[str | None, str]:
    """Return the lines between the rules on top of a note, and all that follows; None if there is no such block.

    >>> split("---\\na: 1\\n---\\nbody")
    ('a: 1\\n', 'body')
    >>> split("body")
    (None, 'body')
    """
    if not text.startswith("---"):
        return None, text
    first = _RULE.match(text)
    if not first or not first[0].endswith("\n"):
        return None, text
    offset = first.end()
    for line in lines_of(text[offset:]):
        if line.startswith("---") and _RULE.fullmatch(line):
            return text[first.end() : offset], text[offset + len(line) :]
        offset += len(line)
    return None, text


def render(values: Mapping[str, Value]) -> str:
    """Return the lines of a block, each with its end, without the rules around it; a key whose value is None is left out.

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
    return "".join(_entry(key, value) for key, value in values.items() if value is not None)


def _entry(key: str, value: Value) -> str:
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
    if not math.isfinite(value) or abs(value) > _SAFE_INTEGER:
        raise ValueError(f"{value} is no number that a property can hold")
    return repr(value + 0)


def property_types(values: Mapping[str, Value]) -> dict[str, str]:
    """Return for each key the type that Obsidian shows it with, for `.obsidian/types.json`.

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


def meaning(value: Any) -> Any:
    """Return a value as YAML 1.2 would give it back after `render`: dates are texts, texts are one clean line."""
    if isinstance(value, dt.datetime):
        return value.replace(microsecond=0, tzinfo=None).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        return json.loads(yaml_string(value))
    if isinstance(value, (list, tuple)):
        return [meaning(item) for item in value]
    return value


def same(one: Any, other: Any) -> bool:
    """Return whether two values mean the same; text and truth are never numbers.

    >>> same(dt.date(2026, 1, 2), "2026-01-02"), same(1, 1.0), same(True, 1), same(["a"], ["a"])
    (True, True, False, True)
    """
    one, other = meaning(one), meaning(other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, (str, bool)) or isinstance(other, (str, bool)):
        return type(one) is type(other) and one == other
    return bool(one == other)


def read(block: str, *, path: str = "", first_line: int = 2) -> Properties:
    """Return what a block means, by YAML 1.2.

    Args:
        block: The lines between the rules.
        path: Of the note, for findings.
        first_line: Number of the block's first line in the note.

    >>> read("ticker: ON\\ncode: 007\\naliases: [a, b]\\n").values
    {'ticker': 'ON', 'code': 7, 'aliases': ['a', 'b']}
    """
    return _read_simple(block) or _read_any(block, path, first_line)


def _read_simple(block: str) -> Properties | None:
    """Read what this module and Obsidian write, without a YAML library; None if there is anything else in it."""
    values: dict[str, Any] = {}
    places: dict[str, int] = {}
    key = None
    for number, raw in enumerate(block.split("\n")):
        line = raw.removesuffix("\r")
        if not line or line.isspace():
            continue
        if key is not None and (item := _ITEM.fullmatch(line)):
            known, value = _read_scalar(item["value"])
            if not known or not (values[key] is None or isinstance(values[key], _Items)):
                return None
            values[key] = _Items([*(values[key] or ()), value])
            continue
        found = _KEY.fullmatch(line)
        if not found:
            return None
        key = found["key"].strip("\"'")
        text = found["value"] or ""
        known, value = _read_flow(text) if text.startswith("[") else _read_scalar(text) if text else (True, None)
        if not known or key in values or "\t" in line:
            return None
        values[key], places[key] = value, number
        if text in ("~", "null", "Null", "NULL"):
            key = None  # nothing may follow a null that was written out
    return Properties({k: list(v) if isinstance(v, _Items) else v for k, v in values.items()}, (), places)


class _Items(list[Any]):
    """Items of a block list, which may grow, unlike those of a flow list."""


def _read_scalar(text: str) -> tuple[bool, Any]:
    """Return whether a scalar is simple, and its value."""
    if text.startswith('"'):
        try:
            value = json.loads(text)
        except ValueError:
            return False, None
        return isinstance(value, str), value
    if text.startswith("'"):
        inner = text[1:-1]
        whole = len(text) > 1 and text.endswith("'") and "'" not in inner.replace("''", "")
        return whole, inner.replace("''", "'")
    return _PLAIN.fullmatch(text) is not None and not text.endswith(":"), _plain(text)


def _read_flow(text: str) -> tuple[bool, Any]:
    inner = text[1:-1].strip()
    if not text.endswith("]") or re.search(r"[\[\]{}\"'#&*!|>%@`]|: |:$|:,", inner):
        return False, None
    parts = [part.strip() for part in inner.split(",")] if inner else []
    if not all(parts) or any(part[0] in "-?:" and part[1:2] in ("", " ") for part in parts):
        return False, None
    return True, [_plain(part) for part in parts]


def _plain(text: str) -> Any:
    """Return what an unquoted scalar means in the core schema of YAML 1.2."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text[0] in "tT"
    if text[0] not in "-+.0123456789":
        return text
    if re.fullmatch(r"[-+]?\d+", text) and len(text) < 400:
        return int(text)
    if re.fullmatch(r"0x[0-9a-fA-F]+|0o[0-7]+", text):
        return int(text, 0)
    if _NUMBER.fullmatch(text):
        return float(text)
    if re.fullmatch(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", text):
        return float(text.replace(".", ""))
    return text


def _read_any(block: str, path: str, first_line: int) -> Properties:
    """Read a block with a full YAML 1.2 parser, as nodes."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.nodes import MappingNode, ScalarNode

    def broken(what: str, line: int = 0, column: int = 0) -> Properties:
        where = Place(path, line + first_line, column + 1)
        hint = "Mend the properties on top of the note; until then it is left as it is."
        return Properties(findings=(Finding(what, where, hint, code="broken-properties"),))

    if not block.strip():
        return Properties()
    try:
        root = YAML(typ="rt", pure=True).compose(block)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(str(error.problem or error.context or "it cannot be read").split())
        return broken(f"the properties are no valid YAML: {what}.", *((mark.line, mark.column) if mark else ()))
    except (YAMLError, ValueError, RecursionError) as error:
        return broken(f"the properties are no valid YAML: {' '.join(str(error).split())[:200]}.")
    if root is None or (isinstance(root, ScalarNode) and not root.value):
        return Properties()
    if not isinstance(root, MappingNode) or root.flow_style:
        return broken("the properties are not a list of keys, each on a line of its own.")
    values: dict[str, Any] = {}
    places: dict[str, int] = {}
    for key, value in root.value:
        at = key.start_mark
        if not isinstance(key, ScalarNode) or at.column or block.split("\n")[at.line].startswith("?"):
            return broken("a key that is no plain word at the start of a line.", at.line, at.column)
        if key.value in values:
            return broken(f'the key "{key.value}" stands there twice.', at.line, at.column)
        values[key.value], places[key.value] = _construct(value, 0), at.line
    return Properties(values, (), places)


def _construct(node: Any, depth: int) -> Any:
    if depth > 20:
        return None  # a list that holds itself
    if isinstance(node.value, str):
        bare = node.style is None and not str(node.tag).endswith(":str")
        return _plain(node.value) if bare else node.value
    if node.id == "mapping":
        return {str(_construct(k, depth + 1)): _construct(v, depth + 1) for k, v in node.value}
    return [_construct(item, depth + 1) for item in node.value]


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
import warnings
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from thesisvault.errors import Finding, Place
from thesisvault.notes.code import lines_of
from thesisvault.notes.escape import yaml_string

Scalar = str | int | float | bool | dt.date
Value = Scalar | Sequence[Scalar] | None

PROPERTY_TYPES = ("aliases", "checkbox", "date", "datetime", "multitext", "number", "tags", "text")
"""The types that `.obsidian/types.json` may name."""

_JOINED = ("tags", "aliases", "cssclasses")
_RULE = re.compile(r"---[ \t]*\r?\n?")
_CLOSING = re.compile(r"^---[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
_KEY = re.compile(r"(?P<key>[^\W\d](?:[\w .-]*[\w.-])?|\"[^\"\\\n]+\"|'[^'\n]+'):(?:[ \t]+(?P<value>[^\n]*?))?[ \t]*")
_ITEM = re.compile(r"[ ]*-[ \t]+(?P<value>\S[^\n]*?)[ \t]*")
_PLAIN = re.compile(r"(?![-?:](?:\s|$)|[\[\]{},&*!|>'\"%@`#]|---|\.\.\.)(?:[^:#\n]|:(?=\S)|(?<=\S)#)*")
_NUMBER = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SPELLED = re.compile(r"^(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|[^:]*(?::(?=\S)[^:]*)*)[ \t]*:")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_COMMENT = re.compile(
    r"""(?:\s*(?:-\s+)?|[^\s:#][^:\n]*:[ \t]*)                      # an indent, a dash, or a key
    (?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#'"](?:[^#\n]|(?<=\S)\#)*)?  # a value
    (?:(?<=\s)|^|(?<=["'])\s+)(?P<comment>\#.*)""",
    re.VERBOSE,
)
# Line ends of YAML 1.1 are none in 1.2, but the parser takes them for such.
_NO_BREAKS = {0x85: 0xF0085, 0x2028: 0xF2028, 0x2029: 0xF2029}
_BREAKS = {there: here for here, there in _NO_BREAKS.items()}
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
    r"""Return the lines between the rules on top of a note, and all that follows; None if there is no such block.

    >>> split("---\na: 1\n---\nbody")
    ('a: 1\n', 'body')
    >>> split("body")
    (None, 'body')
    """
    if not text.startswith("---"):
        return None, text
    first = _RULE.match(text)
    if not first or not first[0].endswith("\n"):
        return None, text
    last = _CLOSING.search(text, first.end())
    return (text[first.end() : last.start()], text[last.end() :]) if last else (None, text)


def render(values: Mapping[str, Value]) -> str:
    """Return the lines of a block, each with its end, without the rules around it; a value of None leaves its key out.

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
    r"""Return what a block means, by YAML 1.2.

    Args:
        block: The lines between the rules.
        path: Of the note, for findings.
        first_line: Number of the block's first line in the note.

    >>> read("ticker: ON\ncode: 007\naliases: [a, b]\n").values
    {'ticker': 'ON', 'code': 7, 'aliases': ['a', 'b']}
    """
    return _read_simple(block) or _read_any(block, path, first_line)


def _read_simple(block: str) -> Properties | None:
    """Read what this module and Obsidian write, without a YAML library; None if there is anything else in it."""
    if _UNPRINTABLE.search(block):
        return None
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
    if re.search(r"\r(?!\n)", block):
        return broken("the properties hold a carriage return that ends no line.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an anchor used twice, which is the person's own affair
            root = YAML(typ="rt", pure=True).compose(block.translate(_NO_BREAKS))
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
        return _plain(node.value) if bare else node.value.translate(_BREAKS)
    if node.id == "mapping":
        return {str(_construct(k, depth + 1)): _construct(v, depth + 1) for k, v in node.value}
    return [_construct(item, depth + 1) for item in node.value]


def merge(
    existing_block: str | None,
    ours: Mapping[str, Value],
    owned: AbstractSet[str],
    previous: Mapping[str, Any] | None = None,
    *,
    path: str = "",
) -> tuple[str, tuple[Finding, ...]]:
    """Return the block with our keys brought up to date, and what a person should know.

    A key that already means what it should keeps its bytes, and every key keeps its place. A new key goes behind the
    nearest of ours that comes before it; a key that is no longer produced goes. A person's keys are not touched. Where
    a person changed a value of ours, theirs is kept as `NAME_mine`; what they added to a list of tags or aliases stays
    in the list.

    Args:
        existing_block: The lines between the rules as they are on disk; None if there are none.
        ours: What the keys shall hold, in order; None for a key that shall not be there.
        owned: Every key that may be ours, besides those of `ours`.
        previous: What `ours` was when the block was last written, if that is known, fresh from JSON or not. Without
            it nobody can tell an old value of ours from a person's, and only additions to lists survive.
        path: Of the note, for findings.

    If a finding is an error the block comes back as it was.
    """
    if existing_block is None or not existing_block.strip():
        return render(ours), ()
    found = read(existing_block, path=path)
    if found.findings:
        return existing_block, found.findings
    editor = _Editor(existing_block, found, path)
    before = None if previous is None else {key: value for key, value in previous.items() if value is not None}
    wanted: dict[str, Value] = {key: value for key, value in ours.items() if value is not None}
    folded = {key.casefold(): key for key in [*owned, *wanted]}
    for spelled, value in found.values.items():
        key = folded.get(spelled.casefold())
        if key is None or (key != spelled and key in found.values):
            continue
        if key not in wanted and before is not None and key not in before:
            continue
        theirs = value is not None and before is not None and not same(value, before.get(key))
        if key in _JOINED:
            wanted, theirs = _join(wanted, key, value, before), False
        if key in wanted and same(value, wanted[key]) and key == spelled:
            continue
        if theirs and not (key in wanted and same(value, wanted[key])):
            editor.keep(spelled, key, value, wanted)
        editor.put(spelled, key, wanted.get(key))
    editor.add(wanted, [key for key in wanted if key not in editor.present()])
    return editor.result(wanted)


def _join(wanted: dict[str, Value], key: str, value: Any, before: Mapping[str, Any] | None) -> dict[str, Value]:
    """Return what is wanted, with the items that a person added to a list of ours behind ours."""
    disk = list(value) if isinstance(value, list) else [] if value is None else [value]
    own = [*_items(wanted.get(key)), *_items((before or {}).get(key))]
    added = [item for item in disk if not any(same(item, known) for known in own)]
    produced = [*_items(wanted.get(key)), *added]
    if not produced and key not in wanted:
        return wanted
    kept_order = len(disk) == len(produced) and all(any(same(item, other) for other in disk) for item in produced)
    return {**wanted, key: disk if kept_order else produced}


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]


class _Editor:
    """The lines of a block, cut at its keys; pieces without a key are comments and blank lines."""

    def __init__(self, block: str, found: Properties, path: str) -> None:
        self.block, self.found, self.path = block, found, path
        self.newline = "\r\n" if "\r\n" in block else "\n"
        self.findings: list[Finding] = []
        lines = lines_of(block if block.endswith("\n") else block + self.newline)
        starts = sorted((number, key) for key, number in found.lines.items())
        first = starts[0][0] if starts else len(lines)
        self.pieces: list[tuple[str | None, list[str]]] = [(None, lines[:first])] if first else []
        ends = [number for number, _ in starts[1:]] + [len(lines)]
        for (number, key), after in zip(starts, ends, strict=False):
            end = after
            while end > number + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
                end -= 1
            self.pieces += [(key, lines[number:end]), (None, lines[end:after])]

    def present(self) -> list[str]:
        return [key for key, _ in self.pieces if key is not None]

    def _at(self, key: str) -> int:
        return next(k for k, piece in enumerate(self.pieces) if piece[0] == key)

    def _lines(self, key: str, value: Value) -> list[str]:
        return lines_of(_entry(key, value).replace("\n", self.newline))

    def put(self, spelled: str, key: str, value: Value) -> None:
        """Write one key anew in its place, or take it away; comments on its lines stay."""
        at = self._at(spelled)
        found = (_COMMENT.match(line.rstrip("\r\n")) for line in self.pieces[at][1])
        texts = [item for item in _items(self.found.values.get(spelled)) if isinstance(item, str)]
        # A text of several lines may hold what looks like a comment, and is written whole.
        comments = [m["comment"].rstrip() for m in found if m]
        comments = [comment for comment in comments if not any(comment.rstrip("\"'") in text for text in texts)]
        fresh = [] if value is None else self._lines(key, value)
        if len(fresh) == 1 and len(comments) == 1 and not self.pieces[at][1][0].lstrip().startswith("#"):
            fresh, comments = [f"{fresh[0].rstrip()} {comments[0]}{self.newline}"], []
        loose = [comment + self.newline for comment in comments]
        self.pieces[at : at + 1] = [(key if fresh else None, fresh), (None, loose)]

    def keep(self, spelled: str, key: str, value: Any, wanted: Mapping[str, Value]) -> None:
        """Keep a person's value of a key of ours under a name of its own, right below."""
        names = [f"{key}_mine", *(f"{key}_mine_{n}" for n in range(2, 1000))]
        for name in names:
            if name in self.found.values and same(self.found.values[name], value):
                return
            if name not in self.present() and name not in wanted:
                break
        at = self._at(spelled)
        first, *rest = self.pieces[at][1]
        bare = f"{name}:" + _SPELLED.sub("", first, count=1)
        self.pieces.insert(at + 1, (name, [bare, *rest]))
        self.pieces[at] = (spelled, [first.split(" #")[0].rstrip() + self.newline])
        problem = f'the property "{key}" is the generator\'s and was changed by hand; your value is kept as "{name}".'
        where = Place(self.path, self.found.lines[spelled] + 2)
        self.findings.append(Finding(problem, where, "Change it in the YAML file.", "warning", "kept-property"))

    def add(self, wanted: Mapping[str, Value], missing: list[str]) -> None:
        """Write keys that are not there yet, each behind the nearest of ours before it."""
        order = list(wanted)
        for key in missing:
            present = self.present()
            earlier = [name for name in order[: order.index(key)] if name in present]
            later = [name for name in order[order.index(key) + 1 :] if name in present]
            at = self._at(earlier[-1]) + 1 if earlier else self._at(later[0]) if later else len(self.pieces)
            self.pieces.insert(at, (key, self._lines(key, wanted[key])))

    def result(self, wanted: Mapping[str, Value]) -> tuple[str, tuple[Finding, ...]]:
        """Return the edited block, or the old one with an error if an edit would change what a person's key means."""
        block = "".join(line for _, lines in self.pieces for line in lines)
        if block == self.block:
            return block, tuple(self.findings)
        now = read(block)
        kept = (key for key in self.present() if key not in wanted and key in self.found.values)
        safe = not now.findings and all(key in now.values and same(now.values[key], wanted[key]) for key in wanted)
        if safe and all(key in now.values and same(now.values[key], self.found.values[key]) for key in kept):
            return block, tuple(self.findings)
        problem = "the properties are written in a way that cannot be edited without changing their meaning."
        hint = "Write each key on lines of its own, without anchors; until then the note is left as it is."
        return self.block, (Finding(problem, Place(self.path, 2), hint, code="broken-properties"),)

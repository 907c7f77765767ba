"""Reading properties by YAML 1.2: quickly where they are written plainly, with a full parser elsewhere."""

from __future__ import annotations

import datetime as dt
import json
import re
import warnings
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from thesisvault.errors import Finding, Place
from thesisvault.patterns import regex

_RULE = regex(r"---[ \t]*\r?\n?")
_CLOSING = regex(r"^---[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
_KEY = regex(r"(?P<key>[^\W\d](?:[\w .-]*[\w.-])?|\"[^\"\\\n]+\"|'[^'\n]+'):(?:[ \t]+(?P<value>[^\n]*?))?[ \t]*")
_ITEM = regex(r"[ ]*-[ \t]+(?P<value>\S[^\n]*?)[ \t]*")
_PLAIN = regex(r"(?![-?:](?:\s|$)|[\[\]{},&*!|>'\"%@`#]|---|\.\.\.)(?:[^:#\n]|:(?=\S)|(?<=\S)#)*")
_NUMBER = regex(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?")
_AS_OF = regex(r"^as_of:[ \t]*[\"']?(\d{4}-\d{2}-\d{2})", re.MULTILINE)
_UNPRINTABLE = regex("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
LARGEST_UNUSUAL = 20_000
"""The most characters of properties that only the full parser can read, which takes a second for so many."""
MOST_BRACKETS = 200
"""The most brackets and braces in them: the time that the full parser takes grows with their square."""
# These end a line in YAML 1.1 but not in 1.2; the parser still takes them for line ends.
_NO_BREAKS = {0x85: 0xF0085, 0x2028: 0xF2028, 0x2029: 0xF2029}
_BREAKS = {there: here for here, there in _NO_BREAKS.items()}


class Properties(Struct, frozen=True):
    """A block as read.

    Attributes:
        values: Value of each key; dates are texts, as YAML 1.2 has no type for them.
        findings: Why the block cannot be used, with line and column; `values` is then empty.
        lines: Index of the first line of each key in the block, counted from 0.
    """

    values: Mapping[str, object] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)


def split(text: str) -> tuple[str | None, str]:
    r"""Return the lines between the rules at the top of a note, and the rest; None for the lines if there are no rules.

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


def day_of(text: str) -> dt.date | None:
    """Return the `as_of` of a note; None if it has none, or something else stands there."""
    found = _AS_OF.search(split(text)[0] or "") if "as_of" in text else None
    try:
        return dt.date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def read(block: str, *, path: str = "", first_line: int = 2) -> Properties:
    r"""Return the values in a block, by the rules of YAML 1.2.

    Args:
        block: The lines between the rules.
        path: Path of the note, for findings.
        first_line: Number of the first line of the block in the note.

    >>> read("ticker: ON\ncode: 007\naliases: [a, b]\n").values
    {'ticker': 'ON', 'code': 7, 'aliases': ['a', 'b']}
    """
    return _read_simple(block) or _read_any(block, path, first_line)


def _read_simple(block: str) -> Properties | None:
    """Return the values in a block as this package and Obsidian write it; None if it needs a full YAML parser."""
    if _UNPRINTABLE.search(block):
        return None
    values: dict[str, object] = {}
    places: dict[str, int] = {}
    key = None
    for number, raw in enumerate(block.split("\n")):
        line = raw.removesuffix("\r")
        if not line or line.isspace():
            continue
        if key is not None and (item := _ITEM.fullmatch(line)):
            known, value = _read_scalar(item["value"])
            before = values[key]
            if not known or not (before is None or isinstance(before, _Items)):
                return None
            values[key] = _Items([*(before or ()), value])
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


class _Items(list[object]):
    """Items of a block list, which may grow line by line, unlike a flow list."""


def _read_scalar(text: str) -> tuple[bool, object]:
    """Return whether a scalar is written plainly, and its value."""
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


def _read_flow(text: str) -> tuple[bool, object]:
    inner = text[1:-1].strip()
    if not text.endswith("]") or re.search(r"[\[\]{}\"'#&*!|>%@`]|: |:$|:,", inner):
        return False, None
    parts = [part.strip() for part in inner.split(",")] if inner else []
    if not all(parts) or any(part[0] in "-?:" and part[1:2] in ("", " ") for part in parts):
        return False, None
    return True, [_plain(part) for part in parts]


def _plain(text: str) -> object:
    """Return the value of an unquoted scalar in the core schema of YAML 1.2."""
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
    """Return the values in any block, read as nodes by a full YAML 1.2 parser."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.nodes import MappingNode, ScalarNode

    def broken(what: str, line: int = 0, column: int = 0) -> Properties:
        where = Place(path, line + first_line, column + 1)
        hint = "Fix the properties at the top of the note; until then the note is left as it is."
        return Properties(findings=(Finding(what, where, hint, code="broken-properties"),))

    if not block.strip():
        return Properties()
    if len(block) > LARGEST_UNUSUAL:
        return broken(f"the properties are written unusually, and have more than {LARGEST_UNUSUAL} characters.")
    if (brackets := block.count("[") + block.count("{")) > MOST_BRACKETS:
        return broken(f"the properties hold {brackets} brackets and braces; {MOST_BRACKETS} at most are read.")
    if re.search(r"\r(?!\n)", block):
        return broken("the properties hold a carriage return within a line.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about an anchor used twice, which is up to the person
            root = YAML(typ="rt", pure=True).compose(block.translate(_NO_BREAKS))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(str(error.problem or error.context or "unreadable").split())
        return broken(f"the properties are not valid YAML: {what}.", *((mark.line, mark.column) if mark else ()))
    except (YAMLError, ValueError, RecursionError) as error:
        return broken(f"the properties are not valid YAML: {' '.join(str(error).split())[:200]}.")
    if root is None or (isinstance(root, ScalarNode) and not root.value):
        return Properties()
    if not isinstance(root, MappingNode) or root.flow_style:
        return broken("the properties are not a list of keys, each on a line of its own.")
    values: dict[str, object] = {}
    places: dict[str, int] = {}
    for key, value in root.value:
        at = key.start_mark
        if not isinstance(key, ScalarNode) or at.column or block.split("\n")[at.line].startswith("?"):
            return broken("a key is not a plain word at the start of a line.", at.line, at.column)
        if key.value in values:
            return broken(f'the key "{key.value}" is duplicated.', at.line, at.column)
        values[key.value], places[key.value] = _construct(value, 0), at.line
    return Properties(values, (), places)


def _construct(node: Any, depth: int) -> object:
    if depth > 20:
        return None  # a list that holds itself
    if isinstance(node.value, str):
        bare = node.style is None and not str(node.tag).endswith(":str")
        return _plain(node.value) if bare else node.value.translate(_BREAKS)
    if node.id == "mapping":
        return {str(_construct(k, depth + 1)): _construct(v, depth + 1) for k, v in node.value}
    return [_construct(item, depth + 1) for item in node.value]

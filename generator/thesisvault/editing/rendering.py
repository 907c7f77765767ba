"""Values as the YAML that a person would write: plain where that is safe, else in quotes, long texts in lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from thesisvault.definitions.reading.tree import Value
from thesisvault.errors import UsageError
from thesisvault.patterns import regex

Node: TypeAlias = "str | bool | Sequence[Node] | Mapping[str, Node]"
"""What is written: text, true or false, a list, or a mapping."""

_PLAIN = regex(r"(?:[^\W_]|[+-](?=\d)|\^(?=[^\W_]))[\w .()/%+'^=;!?$€£¥°~<>–—…’−-]*")
_WORDS_OF_YAML = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf"})
_CONTROL = regex(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


def typed(text: str, what: str) -> str:
    """Return a text as it was typed at the command line, with line ends as they are everywhere else.

    Raises:
        UsageError: It is empty, or holds a character that no definition may hold.
    """
    text = text.replace("\r\n", "\n")
    if not text.strip():
        raise UsageError(f"{what} is empty.")
    if control := _CONTROL.search(text):
        raise UsageError(f"{what} holds the control character U+{ord(control[0]):04X}.", hint="Leave it out.")
    return text


def as_read(node: Node) -> Value:
    """Return what the reader makes of a node: text, lists and mappings.

    >>> as_read({"kills": True, "hold": ("XLE",)})
    {'kills': 'true', 'hold': ['XLE']}
    """
    if isinstance(node, bool):
        return str(node).lower()
    if isinstance(node, str):
        return str(node)
    if isinstance(node, Mapping):
        return {str(key): as_read(value) for key, value in node.items()}
    return [as_read(each) for each in node]


def scalar(value: str | bool) -> str:
    r"""Return a text as it stands in YAML, on one line.

    >>> scalar("2026-02-27"), scalar("Energy leads, again"), scalar("a: b"), scalar("no"), scalar(True)
    ('2026-02-27', '"Energy leads, again"', '"a: b"', '"no"', 'true')
    >>> print(scalar("one\ntwo \u202e"))
    "one\ntwo \u202E"
    """
    if isinstance(value, bool):
        return str(value).lower()
    if _is_plain(value):
        return value
    return f'"{"".join(map(_escaped, value))}"'


def _is_plain(text: str) -> bool:
    return (
        bool(_PLAIN.fullmatch(text))
        and text == text.strip()
        and text.casefold() not in _WORDS_OF_YAML
        and all(_is_seen(char) for char in text)
    )


def _is_seen(char: str) -> bool:
    return char == " " or (char.isprintable() and unicodedata.category(char) not in ("Mn", "Zs"))


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    # What joins letters or emoji is part of what a person sees; a break of lines that YAML knows is not.
    if char.isprintable() or char == "\u200d" or unicodedata.category(char) == "Zs":
        return char
    return f"\\u{ord(char):04X}" if ord(char) < 0x10000 else f"\\U{ord(char):08X}"


def key_of(text: str) -> str:
    """Return a key as it stands in YAML; keys of models are plain even where they are words of YAML, such as `on`.

    >>> key_of("on"), key_of("ON"), key_of("BRK-B")
    ('on', '"ON"', 'BRK-B')
    """
    return text if text.isascii() and text.isalpha() and text.islower() else scalar(text)


def flow(node: Node) -> str:
    """Return a node on one line.

    >>> flow({"name": "Energy", "hold": ["XLE", "a, b"]})
    '{name: Energy, hold: [XLE, "a, b"]}'
    """
    if isinstance(node, str | bool):
        return scalar(node)
    if isinstance(node, Mapping):
        return "{" + ", ".join(f"{key_of(key)}: {flow(value)}" for key, value in node.items()) + "}"
    return "[" + ", ".join(map(flow, node)) + "]"


def entry(key: str, node: Node, column: int) -> list[str]:
    """Return the lines of a key with its value, from a column on; short lists and mappings stay on one line."""
    pad = " " * column
    if isinstance(node, str) and _fits_lines(node):
        return [f"{pad}{key_of(key)}: |-", *(f"{pad}  {line}".rstrip() for line in node.split("\n"))]
    if isinstance(node, str | bool) or _is_short(node):
        return [f"{pad}{key_of(key)}: {flow(node)}"]
    if isinstance(node, Mapping):
        return [f"{pad}{key_of(key)}:", *(line for k, v in node.items() for line in entry(k, v, column + 2))]
    return [f"{pad}{key_of(key)}:", *(line for each in node for line in item(each, column + 2))]


def item(node: Node, column: int, *, short: bool = False) -> list[str]:
    """Return the lines of an item of a list whose dashes stand in a column.

    Args:
        node: The item.
        column: Where the dash stands, counted from 0.
        short: Whether to write it on one line.
    """
    pad = " " * column
    if short or not isinstance(node, Mapping):
        return [f"{pad}- {flow(node)}"]
    lines = [line for key, value in node.items() for line in entry(key, value, column + 2)]
    return [f"{pad}- {lines[0].lstrip(' ')}", *lines[1:]]


_LONGEST_SHORT = 80


def _is_short(node: Node) -> bool:
    """Return whether a list or mapping fits on a line: short, and no list of mappings."""
    return not _holds_mappings(node) and "\\n" not in flow(node) and len(flow(node)) <= _LONGEST_SHORT


def _holds_mappings(node: Node) -> bool:
    if isinstance(node, str | bool):
        return False
    if isinstance(node, Mapping):
        return any(map(_holds_mappings, node.values()))
    return any(isinstance(each, Mapping) or _holds_mappings(each) for each in node)


def _fits_lines(text: str) -> bool:
    """Return whether a text of several lines can be written as such, and is read as the same."""
    lines = text.split("\n")
    return (
        len(lines) > 1
        and not lines[0][:1].isspace()
        and bool(lines[0].strip())
        and bool(lines[-1].strip())
        and all(line == line.rstrip() and (not line or bool(line.strip())) for line in lines)
        and all(char.isprintable() or char in "\n\u200d" for char in text)
    )

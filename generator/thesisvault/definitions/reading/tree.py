"""A file as it was read: text, lists and mappings, and where each of them stood."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct

from thesisvault.errors import Place
from thesisvault.patterns import regex
from thesisvault.written import Trail

Value: TypeAlias = "str | list[Any] | dict[str, Any]"

_LINE_END = regex(r"\r\n|\n|\r")


class Lines:
    """The lines of a text, for turning an offset into a place."""

    def __init__(self, text: str, shown: str) -> None:
        self.shown = shown
        self._starts = [0, *(end.end() for end in _LINE_END.finditer(text))]

    def place(self, offset: int) -> Place:
        """Return the place of a character; line and column count characters from 1."""
        line = bisect_right(self._starts, offset)
        return Place(self.shown, line, offset - self._starts[line - 1] + 1)


class Tree(Struct, frozen=True, dict=True):
    """A file as it was read.

    Attributes:
        value: Text, lists and mappings; an empty file is an empty mapping.
        text: The source, without a byte order mark.
        shown: The path under which findings name the file.
        spans: Where each value begins and ends in the source, by its trail of keys and list positions.
        keys: Where each key begins in the source, by the trail of its value.
        empty: Where each key stands that has no value and is therefore absent from `value`.
    """

    value: Value
    text: str
    shown: str
    spans: Mapping[Trail, tuple[int, int]]
    keys: Mapping[Trail, int]
    empty: Mapping[Trail, int]

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.text, self.shown)

    @cached_property
    def empty_in(self) -> Mapping[Trail, tuple[str, ...]]:
        """The keys without a value, by the trail of the mapping that they stand in."""
        found: dict[Trail, list[str]] = {}
        for *above, key in self.empty:
            found.setdefault(tuple(above), []).append(str(key))
        return {trail: tuple(keys) for trail, keys in found.items()}

    def at(self, trail: Trail) -> Any:
        """Return the value at a trail, or None if there is none.

        >>> Tree({"a": ["x", "y"]}, "a: [x, y]", "a.yaml", {}, {}, {}).at(("a", 1))
        'y'
        """
        node: Any = self.value
        for step in trail:
            if (isinstance(node, dict) and step in node) or (isinstance(node, list) and _is_position(step, node)):
                node = node[step]  # type: ignore[index]
            else:
                return None
        return node

    def raw(self, trail: Trail) -> str:
        """Return the source of a value as it was typed, quotes included; empty if there is no such value."""
        start, end = self.spans.get(trail, (0, 0))
        return self.text[start:end]

    def key_place(self, trail: Trail) -> Place:
        """Return the place of the key whose value stands at a trail; of the value where it has no key."""
        for known in (self.keys, self.empty):
            if trail in known:
                return self._lines.place(known[trail])
        return self.place_of(trail)

    def place_of(self, trail: Trail, nth_braces: int | None = None) -> Place:
        """Return the place of a value, or of the nearest value around it if there is none at the trail.

        Args:
            trail: Keys and list positions that lead to the value.
            nth_braces: Which `{{` inside a text, counted from 0 as they stand in the text without overlap.
        """
        if nth_braces is None:
            while trail not in self.spans and trail:
                trail = trail[:-1]
            return self._lines.place(self.spans.get(trail, (0, 0))[0])
        value = self.at(trail)
        offsets = [found.start() for found in re.finditer(r"\{\{", value)] if isinstance(value, str) else []
        return self.place_at(trail, offsets[nth_braces]) if nth_braces < len(offsets) else self.place_of(trail)

    def place_at(self, trail: Trail, offset: int) -> Place:
        """Return the place in the file of one character of a text, whatever style the text was written in.

        YAML folds nothing but white space, so the n-th other character of the value is the n-th of the source.
        """
        value = self.at(trail)
        if not isinstance(value, str) or trail not in self.spans:
            return self.place_of(trail)
        before = sum(not char.isspace() for char in value[:offset])
        solid = (index for char, index in _characters(self.raw(trail)) if not char.isspace())
        start = self.spans[trail][0]
        for count, index in enumerate(solid):
            if count == before:
                return self._lines.place(start + index)
        return self.place_of(trail)


class PlacedByTree:
    """What knows the places of texts by the tree of their file."""

    if TYPE_CHECKING:

        @property
        def tree(self) -> Tree:
            """The file, as it was read."""

    def place_of(self, trail: Trail, nth_braces: int | None = None) -> Place:
        """Return the place of the value at a trail, or of its n-th `{{`."""
        return self.tree.place_of(trail, nth_braces)

    def place_at(self, trail: Trail, offset: int) -> Place:
        """Return the place of one character of the value at a trail."""
        return self.tree.place_at(trail, offset)

    def key_place(self, trail: Trail) -> Place:
        """Return the place of the key whose value stands at a trail."""
        return self.tree.key_place(trail)


def _is_position(step: str | int, items: list[Any]) -> bool:
    return isinstance(step, int) and 0 <= step < len(items)


_ESCAPE = regex(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(\r\n|.))", re.DOTALL)
_BLANKS = set("tnvfr_NLP \t\r\n") | {"\r\n", "\x85", "\u2028", "\u2029"}


def _characters(raw: str) -> Iterator[tuple[str, int]]:
    """Yield the characters of a scalar's source with their offsets; escapes as what they stand for."""
    style = raw[:1]
    if style in ("|", ">"):
        header = _LINE_END.search(raw)
        start = header.end() if header else len(raw)
        yield from ((raw[index], index) for index in range(start, len(raw)))
    elif style == "'":
        for found in re.finditer("''|.", raw[1:-1], re.DOTALL):
            yield found[0][0], found.start() + 1
    elif style == '"':
        index, last = 1, len(raw) - 1
        while index < last:
            escape = _ESCAPE.match(raw, index, last) if raw[index] == "\\" else None
            if escape:
                digits = escape[1] or escape[2] or escape[3]
                yield chr(int(digits, 16)) if digits else " " if escape[4] in _BLANKS else escape[4], index
                index = escape.end()
            else:
                yield raw[index], index
                index += 1
    else:
        yield from ((char, index) for index, char in enumerate(raw))

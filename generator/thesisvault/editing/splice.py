"""A change put into the text of a YAML file: where it goes, and the proof that nothing else has changed.

The reader says where each value stands. A change is a piece of text in one place, all other text stays as it is, and
the new text is read again: unless it holds exactly what was there before and the change, it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from thesisvault.definitions.reading.load import parse_tree
from thesisvault.definitions.reading.tree import Tree
from thesisvault.editing.rendering import Node, as_read, entry, flow, item, key_of, scalar
from thesisvault.errors import DefinitionError, Finding, Place
from thesisvault.patterns import regex
from thesisvault.written import Trail

_LINE_END = regex(r"\r\n|\n|\r")
_KEY = regex(r""""(?:[^"\\\n]|\\.)*"\s*:|'(?:[^'\n]|'')*'\s*:|[^\s"'#][^\n]*?:(?=\s|$)""")
_COMMENT = regex(r"( *)#[^\r\n]*(?:\r\n|\n|\r|$)")


class Put(Struct, frozen=True):
    """A key of the file with its new value, in the place of an old one if there is one."""

    key: str
    value: str


class Add(Struct, frozen=True):
    """An item for the list at a key of the file, before the item at a position; None: at the end."""

    key: str
    item: Node
    position: int | None = None


class Enter(Struct, frozen=True):
    """A new key at the end of the file, with its value."""

    key: str
    value: Node


Change = Put | Add | Enter


def by_hand(changes: Sequence[Change]) -> str:
    """Return what a person would put into the file."""
    lines: list[str] = []
    for each in changes:
        if isinstance(each, Add):
            lines += [f"{each.key}:", *item(each.item, 2)]
        elif isinstance(each, Put):
            lines += entry(each.key, each.value, 0)
        else:
            lines.append(f"{key_of(each.key)}: {flow(each.value)}")
    return "\n".join(lines)


class Sheet:
    """The text of a file of definitions while it is being changed.

    Args:
        text: The text, without a byte order mark.
        shown: The path under which findings name the file.
        order: The keys of the file in the order in which a new one takes its place; empty: at the end.

    Raises:
        DefinitionError: It cannot be read.
    """

    def __init__(self, text: str, shown: str, order: Sequence[str] = ()) -> None:
        tree, findings = parse_tree(text, shown)
        if tree is None:
            raise DefinitionError(findings)
        self.tree: Tree = tree
        self._order = list(order)
        first = _LINE_END.search(text)
        self._end = first[0] if first else "\n"

    @property
    def text(self) -> str:
        """The text as it is now."""
        return self.tree.text

    def make(self, change: Change) -> None:
        """Make a change.

        Raises:
            DefinitionError: There is no place where it can be made safely; the text is as it was.
        """
        if not isinstance(self.tree.value, dict) or (self.tree.text.strip() and not self._is_plain_root()):
            raise self._refused(Place(self.tree.shown), "a mapping was expected")
        wanted = _plain(self.tree.value)
        if isinstance(change, Put):
            wanted[change.key] = change.value
            texts = self._put(change)
        elif isinstance(change, Add):
            items = list(wanted.get(change.key) or [])
            at = len(items) if change.position is None else change.position
            wanted[change.key] = [*items[:at], as_read(change.item), *items[at:]]
            texts = self._add(change.key, change.item, at)
        else:
            wanted[change.key] = as_read(change.value)
            texts = self._enter(change.key, change.value)
        for text in texts:
            tree, findings = parse_tree(text, self.tree.shown)
            if tree is not None and not findings and _plain(tree.value) == wanted:
                self.tree = tree
                return
        raise self._refused(self.tree.key_place((change.key,)), "how it is laid out is not one that can be kept")

    def _is_plain_root(self) -> bool:
        """Return whether what is there is a mapping, or nothing but comments."""
        return () in self.tree.spans or not self.tree.value

    def _refused(self, place: Place, why: str) -> DefinitionError:
        return DefinitionError(Finding(f"no safe place for the change: {why}.", place, code="not-editable"))

    # Where a change goes --------------------------------------------------------------------------------------------

    def _put(self, change: Put) -> Iterator[str]:
        tree, trail = self.tree, (change.key,)
        if trail in tree.spans:
            start, end = tree.spans[trail]
            old = tree.text[start:end]
            if isinstance(tree.value, dict) and isinstance(tree.value.get(change.key), str) and old[:1] not in "|>":
                kept = old[0] if old[:1] in "\"'" and not re.search(r"[\"'\\]", change.value) else ""
                yield self._with(start, end, f"{kept}{change.value}{kept}" if kept else scalar(change.value))
        elif trail in tree.empty:
            if found := _KEY.match(tree.text, tree.empty[trail]):
                yield self._with(found.end(), found.end(), f" {scalar(change.value)}")
        else:
            yield from self._new_key(change.key, change.value)

    def _add(self, key: str, node: Node, at: int) -> Iterator[str]:
        tree = self.tree
        found = tree.at((key,))
        if (key,) in tree.empty:
            if not self._is_flow(()):
                where = self._below((), tree.empty[key,], self._column(()))
                yield self._lines(where, item(node, self._list_column(), short=self._is_short(key)))
        elif found is None:
            yield from self._new_key(key, [node])
        elif not isinstance(found, list):
            return
        elif self._is_flow((key,)):
            yield from self._add_in_flow(key, node, at, len(found))
        else:
            column = self._column((key,))
            lines = item(node, column, short=self._is_short(key))
            if at == 0:
                yield self._lines(self._line_after(tree.keys[key,]), lines)
            else:
                yield self._lines(self._below((key, at - 1), None, column), lines)

    def _add_in_flow(self, key: str, node: Node, at: int, count: int) -> Iterator[str]:
        tree = self.tree
        start, end = tree.spans[key,]
        if not count:
            if not self._is_flow(()) and not _LINE_END.search(tree.text, start, end):
                before = tree.text[:start].rstrip(" ")
                stop = self._line_after(end)
                rest, lines = tree.text[end:stop].rstrip("\r\n"), item(node, self._list_column())
                closing = self._end if stop < len(tree.text) or tree.text[stop - 1 : stop] in ("\n", "\r") else ""
                yield before + rest + self._end + self._end.join(lines) + closing + tree.text[stop:]
            yield self._with(start + 1, start + 1, flow(node))
        elif at == 0:
            first = tree.spans[key, 0][0]
            yield self._with(first, first, f"{flow(node)}, ")
        else:
            last = tree.spans[key, at - 1][1]
            yield self._with(last, last, f", {flow(node)}")

    def _enter(self, key: str, node: Node) -> Iterator[str]:
        tree = self.tree
        if self._is_flow(()):
            yield from self._new_key(key, node)
            return
        children = [trail for trail in tree.spans if len(trail) == 1]
        column = self._column(()) if children else 0
        short = not children or tree.raw(children[-1])[:1] == "{"
        lines = [f"{' ' * column}{key_of(key)}: {flow(node)}"] if short else entry_of(key, node, column)
        if len(children) > 1 and self._is_apart(children[-1]):
            lines = ["", *lines]
        yield self._lines(len(tree.text), lines)
        if children:
            yield self._lines(self._below((), None, column), lines)

    def _is_apart(self, trail: Trail) -> bool:
        """Return whether there is a blank line right above a key."""
        above = _LINE_END.split(self.tree.text[: self.tree.keys[trail]])[:-1]
        return bool(above) and not above[-1].strip()

    def _new_key(self, key: str, node: Node) -> Iterator[str]:
        """Yield texts with a new key, in its place among the others."""
        tree = self.tree
        if self._is_flow(()):
            ends = [end for trail, (_, end) in tree.spans.items() if trail]
            start = tree.spans[()][0] + 1
            piece = f"{key_of(key)}: {flow(node)}"
            yield self._with(max(ends), max(ends), f", {piece}") if ends else self._with(start, start, piece)
            return
        column = self._column(())
        lines = entry(key, node, column)
        if not isinstance(node, str | bool | Mapping):
            lines = [f"{' ' * column}{key}:", *(line for each in node for line in item(each, self._list_column()))]
        present = [trail[0] for trail in (*tree.keys, *tree.empty) if len(trail) == 1]
        rank = self._order.index(key) if key in self._order else len(self._order)
        before = [each for each in present if each in self._order and self._order.index(str(each)) < rank]
        if before:
            last = max(before, key=lambda each: self._order.index(str(each)))
            yield self._lines(self._below((last,), tree.empty.get((last,)), column), lines)
        yield self._lines(len(tree.text), lines)

    # The text around a place ----------------------------------------------------------------------------------------

    def _with(self, start: int, end: int, piece: str) -> str:
        return self.tree.text[:start] + piece + self.tree.text[end:]

    def _lines(self, at: int, lines: Sequence[str]) -> str:
        """Return the text with lines put in at the beginning of a line, or at the end of the file."""
        text, piece = self.tree.text, self._end.join(lines)
        if at == len(text) and text and text[-1] not in "\n\r":
            return text + self._end + piece
        return text[:at] + piece + self._end + text[at:]

    def _line_after(self, offset: int) -> int:
        """Return where the next line begins, or the end of the file."""
        found = _LINE_END.search(self.tree.text, offset)
        return found.end() if found else len(self.tree.text)

    def _below(self, trail: Trail, empty_at: int | None, column: int) -> int:
        """Return the beginning of the line below a value and the comments that belong to it.

        Args:
            trail: The value.
            empty_at: Where its key stands, if it has no value.
            column: Comments that stand deeper than this belong to it.
        """
        text = self.tree.text
        at = self._end_of(trail) if empty_at is None else empty_at
        if not at or text[at - 1] not in "\n\r" or empty_at is not None:
            at = self._line_after(at)
        while (found := _COMMENT.match(text, at)) and len(found[1]) > column and found.end() > at:
            at = found.end()
        return at

    def _end_of(self, trail: Trail) -> int:
        """Return where a value really ends: blank lines and comments behind it are not part of it."""
        tree, depth = self.tree, len(trail)
        ends = [0]
        for each, (start, end) in tree.spans.items():
            if each[:depth] != trail:
                continue
            first = tree.text[start : start + 1]
            if isinstance(tree.at(each), str):
                raw = tree.text[start:end]
                keeps = first in ("|", ">") and "+" in raw.split("\n", 1)[0]
                ends.append(end if keeps or first not in ("|", ">") else start + len(raw.rstrip()))
            elif first in ("[", "{"):
                ends.append(end)
        ends += [at for each, at in tree.empty.items() if each[:depth] == trail]
        return max(ends)

    def _is_flow(self, trail: Trail) -> bool:
        return trail in self.tree.spans and self.tree.raw(trail)[:1] in ("{", "[")

    def _column(self, trail: Trail) -> int:
        """Return the column, counted from 0, in which the keys of a mapping or the dashes of a list stand."""
        return self.tree.place_of(trail).column - 1 if trail in self.tree.spans else 0

    def _list_column(self) -> int:
        """Return where dashes of lists at the top stand in this file: below their key, or two further."""
        for trail in self.tree.spans:
            if len(trail) == 1 and isinstance(self.tree.at(trail), list) and not self._is_flow(trail):
                return self._column(trail)
        return self._column(()) + 2

    def _is_short(self, key: str) -> bool:
        """Return whether the items of a list are written on one line each."""
        return self.tree.raw((key, 0))[:1] == "{"


def entry_of(key: str, node: Node, column: int) -> list[str]:
    """Return the lines of a key whose mapping stands below it, a key a line."""
    if not isinstance(node, Mapping):
        return entry(key, node, column)
    below = [line for each, value in node.items() for line in entry(each, value, column + 2)]
    return [f"{' ' * column}{key_of(key)}:", *below]


def _plain(value: Any) -> Any:
    """Return a value without the places of its texts."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return str(value)

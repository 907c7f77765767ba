"""Code in Markdown: fenced blocks and inline spans.

Links, tags, dollar signs and region markers mean nothing inside code, so every scanner of this package asks here first.
Fences follow CommonMark; lists and quotes are followed just closely enough to know where a fence inside them ends.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from thesisvault.patterns import regex

MASK = "\ufdd0"
"""Replaces each character of code in `masked`; a code point that stands for no character."""

_FENCE = regex(r"( {0,3})(`{3,}|~{3,})([^\n]*)")
_ITEM = regex(r"( *)(?:[-*+]|\d{1,9}[.)])(?:([ \t]+)|$)")
_TICKS = regex(r"`+")
_BLANK_LINE = regex(r"\n[ \t>]*\r?\n")


def lines_of(text: str) -> list[str]:
    r"""Return the lines of a text with their ends; only a line feed ends a line, so joining gives the text back.

    >>> lines_of("a\r\nb\x0bc")
    ['a\r\n', 'b\x0bc']
    """
    parts = text.split("\n")
    lines = [part + "\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines


def may_have_fences(text: str) -> bool:
    """Return whether a line of a text may be fenced code; where none can be, no line has to be fed to `Fences`."""
    return "```" in text or "~~~" in text


class Fences:
    """Follows a text line by line and tells which lines belong to fenced code.

    Attributes:
        opened: Number of the line that began the open fence, counted from 1; 0 if no fence is open.
    """

    def __init__(self) -> None:
        self.opened = 0
        self._line = 0
        self._run = ""
        self._indent = 0
        self._list = 0
        self._after_blank = True

    @property
    def closing(self) -> str:
        """The line that would close the open fence; empty if none is open."""
        return " " * self._indent + self._run if self.opened else ""

    def feed(self, line: str) -> bool:
        """Take the next line of the text, and return whether it is code or a fence around code."""
        self._line += 1
        line = line.rstrip("\r\n")
        if line[:1].isalpha() and not self.opened and not self._after_blank:
            return False  # the paragraph goes on
        bare = line.strip(" \t")
        if self.opened:
            if bare and self._indent and _indent(line) < self._indent:
                self.opened = 0  # the list item that held the fence has ended, and the fence with it
            else:
                self._close(line)
                return True
        code = self._open(line)
        self._follow_lists(line, bare)
        return code

    def feed_all(self, lines: str) -> bool:
        """Take several lines, and return whether the first is code."""
        return [self.feed(line) for line in lines_of(lines)][:1] == [True]

    def _close(self, line: str) -> None:
        bare = line.strip(" \t")
        whole = len(bare) >= len(self._run) and not bare.strip(self._run[0])
        if whole and _indent(line) - self._indent <= 3:
            self.opened = 0
            self._after_blank = False

    def _open(self, line: str) -> bool:
        offset = 0
        while item := _ITEM.match(line, offset):
            offset = item.end()
        inside = self._list and _indent(line) >= self._list
        start = offset or (self._list if inside else 0)
        found = _FENCE.match(line, start)
        if not found or (found[2][0] == "`" and "`" in found[3]):
            return False
        self._run, self._indent, self.opened = found[2], start, self._line
        return True

    def _follow_lists(self, line: str, bare: str) -> None:
        if not bare:
            self._after_blank = True
            return
        item = _ITEM.match(line)
        if item and len(item[1]) < self._list + 4:
            self._list = item.end() if item[2] and len(item[2]) <= 4 else len(item[1]) + 2
        elif self._after_blank and _indent(line) < self._list:
            self._list = 0
        self._after_blank = False


def _indent(line: str) -> int:
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip(" "))


class Piece(NamedTuple):
    """Code in a text.

    Attributes:
        start: Offset of its first character.
        end: Offset after its last character, with the line end of a fenced block.
        fenced: Whether it is a whole fenced block; else it is inline code.
    """

    start: int
    end: int
    fenced: bool


def code_pieces(text: str) -> Iterator[Piece]:
    """Yield each fenced block and each inline code span of a text, in order.

    >>> [tuple(piece) for piece in code_pieces("a `b` c")]
    [(2, 5, False)]
    """
    if "`" not in text and "~~~" not in text:
        return
    if not may_have_fences(text):
        yield from _spans(text, 0, len(text))
        return
    fences, quoted, offset, prose, block, depth = Fences(), Fences(), 0, 0, -1, 0
    for line in lines_of(text):
        in_quote = not fences.opened and line.lstrip(" ").startswith(">")
        marks = line[: len(line) - len(line.lstrip("> "))].count(">")
        if in_quote and quoted.opened and marks < depth:
            quoted = Fences()  # it stood in a deeper quote, which has ended
        reader, bare = (quoted, line[len(line) - len(line.lstrip("> ")) :]) if in_quote else (fences, line)
        before = reader.opened
        code = reader.feed(bare)
        # One that opens where another has just ended is a block of its own.
        begins = code and (block < 0 or (reader.opened != before and reader.opened != 0) or not before)
        if block >= 0 and (begins or not code):
            yield Piece(block, offset, True)
            block, prose = -1, offset
        if begins:
            yield from _spans(text, prose, offset)
            block, depth = offset, marks
        if not in_quote:
            quoted = quoted if code else Fences()  # a fence in a quote ends with the quote
        offset += len(line)
    if block >= 0:
        yield Piece(block, offset, True)
    else:
        yield from _spans(text, prose, len(text))


def code_ranges(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each fenced block and each inline code span, in order.

    >>> list(code_ranges("a `b` c"))
    [(2, 5)]
    """
    return ((start, end) for start, end, _ in code_pieces(text))


def _spans(text: str, start: int, end: int) -> Iterator[Piece]:
    """Yield inline code between two offsets: equal runs of backticks within one paragraph."""
    runs = [(m.start(), m.end()) for m in _TICKS.finditer(text, start, end)]
    as_long: dict[int, list[int]] = {}
    for number, (at, after) in enumerate(runs):
        as_long.setdefault(after - at, []).append(number)
    k = 0
    while k < len(runs):
        at, after = runs[k]
        k += 1
        if is_escaped(text, at):
            at += 1  # an escaped backtick opens nothing; the rest of its run may
            if at == after:
                continue
        alike = as_long.get(after - at, ())
        later = bisect_left(alike, k)
        if later < len(alike) and not _BLANK_LINE.search(text, after, runs[alike[later]][0]):
            yield Piece(at, runs[alike[later]][1], False)
            k = alike[later] + 1


def is_escaped(text: str, at: int) -> bool:
    """Return whether an odd number of backslashes stands before a character."""
    first = at
    while first and text[first - 1] == "\\":
        first -= 1
    return (at - first) % 2 == 1


def masked(text: str) -> str:
    """Return the text at its old length, with every character of code but line feeds masked.

    >>> masked("a `$` b").replace(MASK, ".")
    'a ... b'
    """
    parts: list[str] = []
    last = 0
    for start, end in code_ranges(text):
        piece = text[start:end]
        hidden = MASK * len(piece) if "\n" not in piece else "\n".join(MASK * len(part) for part in piece.split("\n"))
        parts += (text[last:start], hidden)
        last = end
    if not last:
        return text
    return "".join([*parts, text[last:]])

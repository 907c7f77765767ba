"""Conflicts: the places in a text that a merge of two versions left to a person, as git writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from thesisvault.errors import Finding, Level, Place
from thesisvault.patterns import regex

_BEGIN = regex(r"<{7}(?: [^\n]*)?\r?\n")
_BASE = regex(r"\|{7}(?: [^\n]*)?\r?\n")
_MIDDLE = regex(r"={7}\r?\n")
_END = regex(r">{7}(?: [^\n]*)?\r?\n?")


class Hunk(Struct, frozen=True):
    """One place on which two versions differ.

    Attributes:
        first: Number of its first line, `<<<<<<<`.
        last: Number of its last line, `>>>>>>>`.
        sides: The lines of either version.
        signs: The lines `<<<<<<<`, `=======` and `>>>>>>>` as they are.
        text: All of its lines.
    """

    first: int
    last: int
    sides: tuple[tuple[str, ...], tuple[str, ...]]
    signs: tuple[str, str, str]
    text: str

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


def pieces(text: str) -> list[str | Hunk]:
    r"""Return the lines of a text, each with its end, and its hunks in their places.

    >>> [str(each) for each in pieces("a\n<<<<<<< ours\nb\n=======\n>>>>>>> theirs\nc")]
    ['a\n', '2 to 5', 'c']
    """
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    if "<<<<<<<" not in text:
        return list(lines)
    found: list[str | Hunk] = []
    at = 0
    while at < len(lines):
        hunk = _hunk(lines, at) if _BEGIN.fullmatch(lines[at]) else None
        found.append(hunk or lines[at])
        at = hunk.last if hunk else at + 1
    return found


def _hunk(lines: list[str], start: int) -> Hunk | None:
    """Return the hunk that begins with a line; None if it is not a whole one."""
    base = middle = 0
    for at in range(start + 1, len(lines)):
        line = lines[at]
        if _BEGIN.fullmatch(line):
            return None
        if not middle and not base and _BASE.fullmatch(line):
            base = at
        elif not middle and _MIDDLE.fullmatch(line):
            middle = at
        elif middle and _END.fullmatch(line):
            sides = (tuple(lines[start + 1 : base or middle]), tuple(lines[middle + 1 : at]))
            signs = (lines[start], lines[middle], line)
            return Hunk(start + 1, at + 1, sides, signs, "".join(lines[start : at + 1]))
    return None


def hunks(text: str) -> list[Hunk]:
    """Return the hunks of a text, in order."""
    return [each for each in pieces(text) if isinstance(each, Hunk)] if "<<<<<<<" in text else []


def side(text: str, which: int) -> str:
    """Return a text as one of the two versions has it: 0 for the one that was merged into, 1 for the other."""
    if "<<<<<<<" not in text:
        return text
    return "".join("".join(each.sides[which]) if isinstance(each, Hunk) else each for each in pieces(text))


def conflict(found: list[Hunk], path: str, hint: str, level: Level = "error", said: str = "") -> Iterator[Finding]:
    """Yield the finding for hunks of a file; nothing if there are none.

    Args:
        found: The hunks.
        path: The file.
        hint: What to do.
        level: How grave it is.
        said: What became of them.
    """
    if found:
        problem = f"merge conflict, lines {', '.join(map(str, found))}{said}."
        yield Finding(problem, Place(path, found[0].first), hint, level, "merge-conflict")

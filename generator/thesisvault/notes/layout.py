"""Layout: the blanks of a region as Prettier sets them, so that it has nothing to change."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from thesisvault.notes.code import Fences
from thesisvault.patterns import regex

_ROW = regex(r"((?:> ?)*)\|(.*)\|")
_CELL = regex(r"(?<!\\)\|")
_RULE = regex(r":?-+:?")
_TITLE = regex(r"((?:> ?)*)> ?\[![^\]\n]+\][-+]?.*")
_BLOCK = regex(r"\||[-*+] |\d+[.)] |#{1,6} |>|`{3}|~{3}")


def laid_out(body: str) -> str:
    r"""Return a text with the cells of its tables padded, and a blank line between a callout's title and a block.

    A line of a paragraph follows the title as it is; code is left alone.

    >>> print(laid_out("> [!info] Oil\n> | a | b |\n> | --- | --: |\n> | long | 1 |"))
    > [!info] Oil
    >
    > | a    |   b |
    > | ---- | --: |
    > | long |   1 |
    """
    out: list[str] = []
    table: list[str] = []
    fences, quoted = Fences(), Fences()
    for line in body.split("\n"):
        bare = line.lstrip("> ")
        code = fences.feed(line) or quoted.feed(bare)
        if not code and _ROW.fullmatch(line):
            if not table:
                _open(out, line)
            table.append(line)
            continue
        out += _padded(table)
        table = []
        _open(out, line)
        out.append(line)
    return "\n".join([*out, *_padded(table)])


def _open(out: list[str], line: str) -> None:
    """Put an empty line between the title of a callout and a block that begins with a line."""
    title = _TITLE.fullmatch(out[-1]) if out else None
    if title and line.startswith(f"{title[1]}> ") and _BLOCK.match(line[len(title[1]) + 2 :]):
        out.append(f"{title[1]}>")


def _padded(lines: list[str]) -> list[str]:
    """Return the lines of a table with cells of equal width; other lines as they are."""
    found = [_ROW.fullmatch(line) for line in lines]
    rows = [[cell.strip() for cell in _CELL.split(row[2])] for row in found if row]
    if len(rows) < 2 or not all(map(_RULE.fullmatch, rows[1])) or {len(row) for row in rows} != {len(rows[0])}:
        return lines
    rules = [(cell[0] == ":", cell[-1] == ":") for cell in rows[1]]
    body = [rows[0], *rows[2:]]
    taken = [list(map(_width, row)) for row in body]
    widths = [max(3, *each) for each in zip(*taken, strict=True)]
    prefix = found[0][1] if found[0] else ""
    filled = [
        [_cell(cell, width - own, rule) for cell, own, width, rule in zip(row, owns, widths, rules, strict=True)]
        for row, owns in zip(body, taken, strict=True)
    ]
    line = [
        ":" * left + "-" * (width - left - right) + ":" * right
        for width, (left, right) in zip(widths, rules, strict=True)
    ]
    return [f"{prefix}| {' | '.join(row)} |" for row in (filled[0], line, *filled[1:])]


def _cell(text: str, free: int, rule: tuple[bool, bool]) -> str:
    before = {(False, True): free, (True, True): free // 2}.get(rule, 0)
    return " " * before + text + " " * (free - before)


def _width(text: str) -> int:
    """Return how many columns a text takes in a fixed font."""
    if text.isascii():
        return len(text)
    return sum(map(_width_of, text))


@cache
def _width_of(sign: str) -> int:
    return 0 if unicodedata.combining(sign) else 1 + (unicodedata.east_asian_width(sign) in "WF")


def target(address: str) -> str:
    """Return the address of a link as it stands in its round brackets.

    >>> target("https://a.com/b"), target("https://a.com/b c")
    ('https://a.com/b', '<https://a.com/b c>')
    """
    return address if re.fullmatch(r"[^\s<>()\\]+", address) else f"<{address}>"

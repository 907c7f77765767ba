"""Spelling: a text without the blanks, line ends and padding that do not change how Markdown is read.

This is cheap, so it is asked before `meaning`, which parses.
"""

from __future__ import annotations

from thesisvault.notes.code import Fences, may_have_fences
from thesisvault.patterns import regex

_CELL = regex(r"(?<!\\)\|")
_DASHES = regex(r"(:?)-+(:?)")
_EMBED = regex(r"!\[\[(?:[^\[\]\n|]*/)?([^\[\]\n|/]*?)\\?(?=\||\]\])")
_SHOWN = regex(r"(?<!!)\[\[[^\[\]\n|]*?\\?\|")
_BARE = regex(r"(?<!!)\[\[[^\[\]\n|]+\]\]")
_LOCAL = regex(r"\]\((?![a-zA-Z][\w+.-]*:|//)(?:<[^<>\n]*>|[^()\s]*)\)")


def normal(body: str, *, links: bool) -> str:
    """Return the text without blanks that do not count; with `links`, targets of links are kept."""
    fences = Fences() if may_have_fences(body) else None
    lines: list[str] = []
    for raw in body.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = raw.rstrip()
        code = fences is not None and fences.feed(raw)
        if not code:
            line = line if links else without_targets(line)
            line = _squeezed_row(line) if "|" in line else line
        if line or code or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip("\n")


def without_targets(line: str) -> str:
    """Return a line without what Obsidian rewrites in its links when a note is renamed or moved."""
    if "[[" in line:
        line = _BARE.sub("[[]]", _SHOWN.sub("[[|", _EMBED.sub(r"![[\1", line)))
    return _LOCAL.sub("]()", line) if "](" in line else line


def _squeezed_row(line: str) -> str:
    start = len(line) - len(line.lstrip("> \t"))
    if line[start : start + 1] != "|":
        return line
    cells = [cell.strip() for cell in _CELL.split(line[start:])]
    if all(_DASHES.fullmatch(cell) for cell in cells if cell):
        cells = [_DASHES.sub(r"\1-\2", cell) for cell in cells]
    return line[:start] + "|".join(cells)

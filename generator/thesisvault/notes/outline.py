"""Outline: the blocks of a text in which every line says by its first letters what it is.

Nearly all that this program writes is made of paragraphs and tables, headings, short lists and callouts, none of them
indented. Of such a text a few patterns tell what the parser of CommonMark would say, in a tenth of its time and without
loading it. Where a line might be anything else, the answer is None, and the parser is asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from thesisvault.patterns import regex

SIGN = "\0"
"""Begins what stands for a block; CommonMark reads no text that holds it."""
_INDENTS = regex(r"[\t\r\0]")
_WORDS = r"(?:[^\s`~>*_+#<=\-\d]|\*{1,2}[^\s*]|_{1,2}[^\s_]|[+-][^\s+-]|\d++(?![.)](?: |\Z)))"
"""Begins a line that is no block of its own, so that it goes on with a paragraph or begins one."""
_LINE = regex(_WORDS)
_HEADING = regex(r"(#{1,6}) ([^\s#]|[^\s#].*[^\s#])")
_ITEM = regex(rf"- ({_WORDS}.*(?<!\s))")
_DEEPEST = 3
"""How deep a quote in quotes is looked into."""


def outline(text: str) -> list[str] | None:
    r"""Return what a text is made of, in order; None if it is not plain.

    Words are as they stand, without the blanks around them, and define no link. Between them are signs of blocks, those
    that `meaning` uses.

    >>> outline("a\nb\n\n> c")
    ['a\nb', '\x00blockquote_openblockquote', 'c', '\x00blockquote_closeblockquote']
    >>> outline("- a\n  more") is None
    True
    """
    return None if _INDENTS.search(text) else _blocks(text.split("\n"), 0)


def _blocks(lines: Sequence[str], depth: int) -> list[str] | None:
    found: list[str] = []
    at, last = 0, len(lines)
    while at < last:
        start, line = at, lines[at]
        at += 1
        if not line.strip(" "):
            continue
        if _LINE.match(line):
            while at < last and _LINE.match(lines[at]):
                at += 1
            words = "\n".join(lines[start:at]).rstrip(" ")
            if words[-1].isspace() or _defines(words):
                return None
            found.append(words)
        elif heading := _HEADING.fullmatch(line):
            level = f"h{len(heading[1])}"
            found += [f"{SIGN}heading_open{level}", heading[2], f"{SIGN}heading_close{level}"]
        elif item := _ITEM.fullmatch(line):
            if _defines(item[1]) or (at < last and lines[at].strip(" ") and not _ITEM.fullmatch(lines[at])):
                return None  # the item may go on
            found += [f"{SIGN}-", item[1], f"{SIGN}list_item_closeli"]
        elif line[0] == ">" and depth < _DEEPEST:
            while at < last and lines[at][:1] == ">":
                at += 1
            inner = _blocks([each[1:].removeprefix(" ") for each in lines[start:at]], depth + 1)
            if inner is None or (at < last and lines[at].strip(" ")):
                return None  # a paragraph in the quote may go on
            found += [f"{SIGN}blockquote_openblockquote", *inner, f"{SIGN}blockquote_closeblockquote"]
        else:
            return None
    return found


def _defines(words: str) -> bool:
    """Return whether a paragraph may define a link."""
    return words[0] == "[" and "]:" in words

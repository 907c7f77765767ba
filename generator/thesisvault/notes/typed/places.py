"""Places in a text for what comes into it later: figures, names, and code that is put back when all else is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from thesisvault.patterns import regex

# Code points that stand for no character, and that `clean` lets through in no text.
FIGURE, CODE = "\ufdd1", "\ufddd"
_DIGITS, _END = "\ufdd2\ufdd3\ufdd4\ufdd5\ufdd6\ufdd7\ufdd8\ufdd9\ufdda\ufddb", "\ufddc"
HELD = f"{FIGURE}-{_END}"
"""What a place for a figure is made of, for a class of characters in a regular expression."""

_PLACE = regex(f"[{FIGURE}{CODE}]([{_DIGITS}]+){_END}")
_TO_DIGITS = str.maketrans("0123456789", _DIGITS)
_FROM_DIGITS = str.maketrans(_DIGITS, "0123456789")
_JOINS = frozenset(("%%", "<%", "::", "==", "{{", "{%", "](", "]:", "][", "![", ":/", "//"))
"""Two characters that act together."""


class Held(Struct, frozen=True):
    """Something that comes into a text.

    Attributes:
        markdown: How it stands in a note, escaped.
        words: It in plain words, for a place in code.
    """

    markdown: str
    words: str = ""


def place_for(number: int, sign: str = FIGURE) -> str:
    """Return the place of what comes in under a number, counted from 0; the sign tells figures from code."""
    return f"{sign}{str(number).translate(_TO_DIGITS)}{_END}"


def holds_figure(text: str) -> bool:
    """Return whether a text has a place for a figure or for code."""
    return any(FIGURE <= char <= CODE for char in text)


def fill(text: str, coming: Sequence[Held]) -> str:
    """Return a text with what comes into it, a backslash wherever two characters would act together."""
    return join_parts(_parts(text, coming))


def fill_with_words(text: str, coming: Sequence[Held], ends: str) -> str:
    """Return a text with what comes into it in plain words, an apostrophe for each character of a class in them."""
    return _PLACE.sub(lambda found: re.sub(ends, "'", coming[_number(found)].words), text)


def _parts(text: str, coming: Sequence[Held]) -> Iterator[str]:
    last = 0
    for found in _PLACE.finditer(text):
        yield text[last : found.start()]
        yield coming[_number(found)].markdown
        last = found.end()
    yield text[last:]


def _number(found: re.Match[str]) -> int:
    return int(found[1].translate(_FROM_DIGITS))


def join_parts(parts: Iterable[str]) -> str:
    r"""Return parts of Markdown, each safe alone, as one; a backslash keeps two characters from acting together.

    >>> join_parts(["5%", "%"])
    '5%\\%'
    """
    written: list[str] = []
    tail = ""
    for part in parts:
        if part:
            # After a wikilink a colon defines nothing, and an escaped exclamation mark makes no picture of a link.
            alone = part[0] == ":" and tail.endswith("]]") and not tail.endswith(r"\]]")
            alone = alone or (part[0] == "[" and tail.endswith(r"\!"))
            written += ["\\"] if tail[-1:] + part[0] in _JOINS and not alone else []
            written.append(part)
            tail = (tail + part)[-3:] if len(part) < 3 else part[-3:]
    return "".join(written)

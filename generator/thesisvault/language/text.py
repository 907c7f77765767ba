"""Filled text: pieces of a person's Markdown, figures and mentions, before anything is escaped or linked.

A block hands these on; the notes layer alone turns them into Markdown.
"""

from __future__ import annotations

from msgspec import Struct

from thesisvault.language.values import Number
from thesisvault.words import day_in_words

STALE = "†"
"""What marks a number that rests on older data."""


class Figure(Struct, frozen=True):
    """A number as it is to be shown.

    Attributes:
        text: The formatted number, or `n/a`.
        number: What it was made from: value, date, staleness, reason.
        strong: It is to stand out.
        label: What was asked for, in words, to name it where it is told why a note changed.
        silent: It bears no mark: what stands beside it says of which day it is.
    """

    text: str
    number: Number
    strong: bool = False
    label: str = ""
    silent: bool = False

    def mark(self, *, dated: bool = True) -> str:
        """Return what has to stand beside the number, or nothing.

        The day of the oldest fundamental in it (unless `dated` is False, where a line below says so), and a † with the
        day on which the oldest of its series ends, where one ends too early.
        """
        number, words = self.number, []
        if self.silent or not number.is_known:
            return ""
        ends = {day for _, day in number.stale}
        oldest = min((day for _, day in number.dated), default=None)
        if dated and oldest is not None and oldest not in ends:
            words.append(day_in_words(oldest))
        if ends:
            words.append(f"{STALE} {day_in_words(min(ends))}")
        return "; ".join(words)

    @property
    def shown(self) -> str:
        """The number with its mark, for words that go where no writer adds it."""
        mark = self.mark()
        return f"{self.text} ({mark})" if mark else self.text


class Mention(Struct, frozen=True):
    """A name that a table shows and that links to its note, if it has one.

    Attributes:
        name: A ticker, the id of a basket, or a title.
        text: Words to show; left empty, the name.
        strong: It is to stand out.
        title: Whether the name is a title, which another thing's ticker may equal.
    """

    name: str
    text: str = ""
    strong: bool = False
    title: bool = False


class Plain(Struct, frozen=True):
    """Words of the generator's own: shown as they stand, every special character escaped."""

    text: str
    strong: bool = False
    emphasis: bool = False


Part = str | Figure | Mention | Plain
Text = tuple[Part, ...]


def words_of(text: Text) -> str:
    """Return a filled text as plain words, each number with its mark: for headings and titles of pictures."""
    return "".join(p if isinstance(p, str) else p.shown if isinstance(p, Figure) else p.text for p in text)


def figures(text: Text) -> tuple[Figure, ...]:
    """Return the figures of a text, in order."""
    return tuple(part for part in text if isinstance(part, Figure))

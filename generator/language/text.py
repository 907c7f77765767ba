"""Filled text: pieces of a person's Markdown, figures and mentions, before anything is escaped or linked.

A block hands these on; the notes layer alone turns them into Markdown.
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.language.values import Number


@dataclass(frozen=True)
class Figure:
    """A number as it is to be shown.

    Attributes:
        text: The formatted number, or `n/a`.
        number: What it was made from: value, date, staleness, reason.
        strong: It is to stand out.
        label: What was asked for, in words or as the expression, to name it in a footnote.
    """

    text: str
    number: Number
    strong: bool = False
    label: str = ""


@dataclass(frozen=True)
class Mention:
    """A name that a table shows and that links to its note, if it has one."""

    name: str
    text: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Plain:
    """Words of the generator's own: shown as they stand, every special character escaped."""

    text: str
    strong: bool = False
    emphasis: bool = False


Part = str | Figure | Mention | Plain
Text = tuple[Part, ...]


def figures(text: Text) -> tuple[Figure, ...]:
    """Return the figures of a text, in order."""
    return tuple(part for part in text if isinstance(part, Figure))

"""What several kinds of note show in the same way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TypeVar

from thesisvault.blocks.core.context import Context
from thesisvault.language.text import Figure, Mention, Part, Plain, Text
from thesisvault.notes.views import NoteView
from thesisvault.runs.steps.trust import stale_text
from thesisvault.structs import replace

V = TypeVar("V", bound=NoteView)


def with_stale_line(view: V, context: Context) -> V:
    """Return the view with the line that names the stale series behind its figures."""
    return replace(view, stale=stale_text(view.stale_series, context))


def day_of(figures: Iterable[Figure]) -> dt.date | None:
    """Return the day of the newest data that figures rest on; None if none of them has a value.

    It is the day that a note about one series bears, so that the note changes when its figures do.
    """
    days = [max((day for _, day in each.number.stale), default=each.number.on) for each in figures]
    return max((day for day in days if day is not None), default=None)


def mentions(titles: Iterable[str], separator: str) -> Text:
    """Return links to the notes of these titles, with a separator between them."""
    parts: list[Part] = []
    for title in titles:
        parts += [Plain(separator)] if parts else []
        parts.append(Mention(title, title=True))
    return tuple(parts)


def tidy(value: float, digits: int = 1) -> float:
    """Return a rounded number, never a negative zero.

    >>> tidy(-0.04), tidy(47.86)
    (0.0, 47.9)
    """
    return round(value, digits) + 0.0

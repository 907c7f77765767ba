"""What is coming up: reviews and dated scenarios of all theses and concepts, joined by their days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from msgspec import Struct, field

from thesisvault.blocks.core.filled import Table, head, say
from thesisvault.language.text import Mention, Part, Plain, Text
from thesisvault.notes.brief import Brief
from thesisvault.words import plural, short_day, unbroken

_MOST_DAYS = 7
"""So many days are shown."""
_FEW = 3
"""So many notes are named; of more, some and how many others."""


class _Day(Struct):
    reviews: list[Brief] = field(default_factory=list)
    scenarios: dict[str, tuple[str, list[Brief]]] = field(default_factory=dict)


def coming_up(briefs: Sequence[Brief], as_of: dt.date) -> Table | None:
    """Return the table of what comes next, by day; None if nothing does.

    A scenario that several theses have is one row.

    Args:
        briefs: What is said of each thesis and concept.
        as_of: The last day of data; what is due on it or before it is not ahead.
    """
    days: dict[dt.date, _Day] = {}
    for brief in briefs:
        if brief.review and brief.review > as_of:
            days.setdefault(brief.review, _Day()).reviews.append(brief)
        for each in brief.ahead:
            scenarios = days.setdefault(each.by, _Day()).scenarios
            scenarios.setdefault(each.key, (each.what, []))[1].append(brief)
    rows: list[tuple[Text, ...]] = []
    for day in sorted(days)[:_MOST_DAYS]:
        when, found = say(unbroken(short_day(day, as_of))), days[day]
        if found.reviews:
            rows.append(
                (when, (Plain(f"{'Reviews' if len(found.reviews) > 1 else 'Review'}: "), *_named(found.reviews)))
            )
        for what, owners in found.scenarios.values():
            rows.append((when, (Plain("Scenario: "), what, Plain(" ("), *_counted(owners), Plain(")"))))
    return Table(head("Date", "What"), tuple(rows)) if rows else None


def overdue(briefs: Sequence[Brief], as_of: dt.date) -> Text:
    """Return which reviews are overdue, the oldest first, as a sentence; empty if none is."""
    late = sorted((each for each in briefs if each.review and each.review <= as_of), key=lambda each: str(each.review))
    if not late:
        return ()
    oldest = late[0].review
    the_oldest = "the oldest " if oldest != late[-1].review else ""
    since = f", {the_oldest}since {short_day(oldest, as_of)}" if oldest else ""
    word = "Reviews overdue" if len(late) > 1 else "Review overdue"
    return (Plain(word, strong=True), Plain(f"{since}: "), *_named(late), Plain("."))


def _named(briefs: Sequence[Brief]) -> list[Part]:
    """Return the notes by name; of more than a few the first, and how many others there are."""
    shown = briefs if len(briefs) <= _FEW + 1 else briefs[:_FEW]
    parts: list[Part] = []
    for nth, brief in enumerate(shown):
        parts += [Plain(", " if nth else ""), Mention(brief.title, title=True)]
    more = len(briefs) - len(shown)
    return [*parts, Plain(f" and {more} more")] if more else parts


def _counted(briefs: Sequence[Brief]) -> list[Part]:
    if len(briefs) <= _FEW:
        return _named(briefs)
    kinds = {each.kind for each in briefs}
    return [Plain(plural(len(briefs), "thesis", "theses") if kinds == {"thesis"} else plural(len(briefs), "note"))]

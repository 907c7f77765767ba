"""Days and sentences as the notes on assets say them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from thesisvault.words import day_in_words, days_in_words

_MONTH, _QUARTER = 31, 92
"""Days between two values of a monthly and of a quarterly series."""


def stretch_in_words(first: dt.date, last: dt.date) -> str:
    """Return two days as a stretch of time, with the year that they share said once.

    A month that they share is said twice: a narrow screen would break `1–10 Apr` behind the dash.

    >>> stretch_in_words(dt.date(2025, 4, 1), dt.date(2025, 4, 10))
    '1 Apr – 10 Apr 2025'
    >>> stretch_in_words(dt.date(2025, 2, 19), dt.date(2025, 4, 8))
    '19 Feb – 8 Apr 2025'
    >>> stretch_in_words(dt.date(2025, 12, 4), dt.date(2026, 1, 8))
    '4 Dec 2025 – 8 Jan 2026'
    """
    if first.year == last.year:
        return f"{first.day} {first:%b} – {day_in_words(last)}"
    return f"{day_in_words(first)} – {day_in_words(last)}"


def period_in_words(day: dt.date, period_days: int) -> str:
    """Return what a value is of: its day, or its month or quarter by the day on which that begins.

    >>> [period_in_words(dt.date(2025, 10, 1), days) for days in (1, 7, 31, 92)]
    ['1 Oct 2025', '1 Oct 2025', 'Oct 2025', 'Q4 2025']
    """
    if period_days >= _QUARTER:
        return f"Q{(day.month + 2) // 3} {day.year}"
    return f"{day:%b %Y}" if period_days >= _MONTH else day_in_words(day)


def sentences(several: Iterable[str]) -> str:
    """Return remarks as sentences, each with its capital and its full stop, and with days as people write them.

    >>> sentences(["closes from 2006-08-15", "Nothing held."])
    'Closes from 15 Aug 2006. Nothing held.'
    """
    return " ".join(days_in_words(f"{each[:1].upper()}{each[1:].rstrip('.')}.") for each in several if each)

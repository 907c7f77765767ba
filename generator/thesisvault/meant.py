"""What people write for a window or a day elsewhere, and how it is written here.

Nothing here is read as what it seems to mean: a message names it, so that the one who wrote it decides.
"""

from __future__ import annotations

import datetime as dt
import re

_UNITS = {
    letter: letter[0]
    for letter in (
        *("d", "day", "days", "session", "sessions", "bar", "bars"),
        *("w", "wk", "wks", "week", "weeks"),
        *("m", "mo", "mos", "mon", "mth", "mths", "month", "months"),
        *("y", "yr", "yrs", "year", "years"),
    )
} | {"session": "", "sessions": "", "bar": "", "bars": ""}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WHOLE = {
    **dict.fromkeys(("ttm", "ltm", "trailing twelve months", "last year", "past year", "one year", "annual"), "1y"),
    **dict.fromkeys(("all", "all time", "alltime", "inception", "since inception", "ever", "full", "maximum"), "max"),
    **dict.fromkeys(("year to date", "year-to-date", "this year", "y2d"), "ytd"),
    **dict.fromkeys(("month to date", "month-to-date", "this month", "m2d"), "mtd"),
    **dict.fromkeys(("daily", "day", "today", "1 session"), "1d"),
    **dict.fromkeys(("weekly", "week"), "1w"),
    **dict.fromkeys(("monthly", "month"), "1m"),
    **dict.fromkeys(("yearly", "year"), "1y"),
    "quarter": "3m",
    "quarterly": "3m",
}
_TO_DATE = {"qtd": "quarter", "quarter to date": "quarter", "wtd": "week", "week to date": "week"}
_DAY = r"\d{4}-\d{2}-\d{2}"
_APART = rf"({_DAY})\s*(?:\.{{2,}}|…|to|until|till|through|-|–|—|/|:|,)\s*({_DAY})"


def window_meant(text: str) -> str:
    """Return how a window that was written in another way is written here; an empty text where that is not clear.

    >>> window_meant("12 months"), window_meant("YTD"), window_meant("Q4 2025"), window_meant("soon")
    ('write 12m', 'write ytd', 'write 2025Q4', '')
    """
    words = " ".join(text.casefold().split())
    if words in _TO_DATE:
        return f"there is no {_TO_DATE[words]} to date; write since and the last day before it, as in since 2025-12-31"
    found = _window(words)
    return f"write {found}" if found else ""


def _window(words: str) -> str:
    if words in ("ytd", "mtd", "max", "since opened"):
        return words
    if words in _WHOLE:
        return _WHOLE[words]
    if found := re.fullmatch(r"(?:last |past |trailing |the last )?(\d{1,5})\s*-?([a-z]+)", words):
        return f"{int(found[1])}{_UNITS[found[2]]}" if found[2] in _UNITS and int(found[1]) else ""
    if (found := re.fullmatch(r"(\d+)\.5\s*(y|yr|yrs|year|years)", words)) is not None:
        return f"{int(found[1]) * 12 + 6}m"
    for pattern in (r"q(?P<q>[1-4])[ -/']*(?P<y>\d{4}|\d\d)", r"(?P<q>[1-4])q[ -/']*(?P<y>\d{4}|\d\d)"):
        if found := re.fullmatch(pattern, words):
            return f"{_year(found['y'])}Q{found['q']}"
    if found := re.fullmatch(r"(\d{4})[ -/]*q([1-4])", words):
        return f"{found[1]}Q{found[2]}"
    if found := re.fullmatch(r"(?:fy|cy|year|in|the year)\s*(\d{4})", words):
        return found[1]
    if month := _month(words):
        return month
    if found := re.fullmatch(rf"(?:from |after |since |on )?({_DAY})(?: on| onwards?| to (?:now|today))?", words):
        return f"since {found[1]}"
    if found := re.fullmatch(r"(?:since |from |after |on )?(.+)", words):
        first = _month(found[1]) or (found[1] if re.fullmatch(r"\d{4}", found[1]) else "")
        if day := day_meant(found[1]):
            return f"since {day}"
        if first:
            return f"since {first}{'-01' * (3 - len(first.split('-')))}"
    if found := re.fullmatch(_APART, words):
        return f"{found[1]}..{found[2]}"
    return ""


def _year(digits: str) -> str:
    return digits if len(digits) == 4 else f"20{digits}"


def _month(words: str) -> str:
    """Return a month as YYYY-MM where one is written in words, or with one digit."""
    if found := re.fullmatch(r"(\d{4})[-/](\d{1,2})", words):
        return f"{found[1]}-{int(found[2]):02}" if 1 <= int(found[2]) <= 12 else ""
    if found := re.fullmatch(r"([a-z]{3,9})\.?\s*(\d{4})", words):
        number = _month_number(found[1])
        return f"{found[2]}-{number:02}" if number else ""
    return ""


def _month_number(word: str) -> int:
    return _MONTHS.index(word[:3]) + 1 if word[:3] in _MONTHS else 0


def day_meant(text: str) -> str:
    """Return how a day that was written in another way is written here; an empty text where that is not clear.

    >>> day_meant("2 Jan 2026"), day_meant("2026/1/2"), day_meant("1/2/2026"), day_meant("soon")
    ('2026-01-02', '2026-01-02', '2026-01-02 or 2026-02-01, whichever you mean', '')
    """
    words = " ".join(text.casefold().replace(",", " ").split())
    if found := re.fullmatch(r"(\d{4})[-/. ]?(\d{1,2})[-/. ]?(\d{1,2})(?:[t ][\d:.z+]+)?", words):
        return _day(found[1], found[2], found[3])
    if found := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?[ -]([a-z]{3,9})\.?[ -](\d{4})", words):
        return _day(found[3], str(_month_number(found[2])), found[1])
    if found := re.fullmatch(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)? (\d{4})", words):
        return _day(found[3], str(_month_number(found[1])), found[2])
    if found := re.fullmatch(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d\d)", words):
        year = _year(found[4])
        by_day, by_month = _day(year, found[3], found[1]), _day(year, found[1], found[3])
        if found[2] == "." or by_day == by_month or not (by_day and by_month):
            return by_day or by_month
        return f"{by_month} or {by_day}, whichever you mean"
    return ""


def _day(year: str, month: str, day: str) -> str:
    try:
        return dt.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""

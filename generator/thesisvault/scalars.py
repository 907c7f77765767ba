"""Scalars that a person types: dates, windows, plain numbers.

Lowest layer. Every scalar of a definition arrives as the text that was typed and is turned into a value here, strictly:
what is not understood is a ValueError that says what was expected. Nothing here knows YAML, prices or notes.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from thesisvault.meant import day_meant, window_meant
from thesisvault.patterns import regex
from thesisvault.words import day_in_words, plural, short_day, spelled, unbroken
from thesisvault.written import kept_by_text

YEARS = range(1700, 2200)
"""The years of which something may be said; far enough from both ends of the calendar for any sum of days."""
LONGEST_EXPRESSION = 2_000
"""The longest expression, in characters."""
_DATE = regex(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_MOST_DIGITS = 300
_NUMBER = regex(r"[+-]?\d+(?:\.\d+)?", re.ASCII)


def parse_date(text: str) -> dt.date:
    """Return the day written as YYYY-MM-DD.

    Raises:
        ValueError: It is not written so, or there is no such day.

    >>> parse_date("2026-02-27")
    datetime.date(2026, 2, 27)
    """
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError(f'"{text}" is not a date; write {day_meant(text) or "it as YYYY-MM-DD"}')
    try:
        day = dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise ValueError(f'"{text}" is not in the calendar; write a date as YYYY-MM-DD') from None
    if day.year not in YEARS:
        raise ValueError(f'"{text}" lies outside of the years {YEARS[0]} to {YEARS[-1]}')
    return day


def parse_number(text: str) -> float:
    """Return a plain decimal number; no thousands separators, exponents or special values.

    >>> parse_number("-1.5")
    -1.5
    """
    if not _NUMBER.fullmatch(text):
        raise ValueError(f'"{text}" is not a number; write digits, with a point for decimals')
    return float(text)


def parse_integer(text: str) -> int:
    """Return a whole number.

    >>> parse_integer("42")
    42
    """
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise ValueError(f'"{text}" is not a whole number')
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"found a number of {len(text)} digits; {_MOST_DIGITS} at most are read")
    return int(text)


def parse_truth(text: str) -> bool:
    """Return True for `true` and False for `false`, and nothing else.

    >>> parse_truth("true")
    True
    """
    if text not in ("true", "false"):
        raise ValueError(f'"{text}" is neither true nor false')
    return text == "true"


def parse_share(text: str) -> float:
    """Return a fraction from a percentage (`60%`) or a plain fraction (`0.6`).

    >>> parse_share("60%"), parse_share("0.25")
    (0.6, 0.25)
    """
    body = text[:-1].rstrip() if text.endswith("%") else text
    if not _NUMBER.fullmatch(body):
        raise ValueError(f'"{text}" is not a share; write it as 60% or 0.6')
    return _exact_percent(body) if text.endswith("%") else float(body)


def _exact_percent(body: str) -> float:
    # 0.07 rather than 7.000000000000001e-02: the decimal point is moved in the text, not by a division.
    return float(f"{body}e-2")


WindowKind = Literal["sessions", "calendar", "to_date", "period", "since", "range", "max", "opened"]
SINCE_OPENED = "since opened"
"""The window that begins when a thesis was opened; among the names that expressions know, what it stands for there."""
NOT_OPENED = (
    f'"{SINCE_OPENED}" needs opened: in the thesis, the day from which it counts, and a later one in closed: if it is '
    "there"
)


@dataclass(frozen=True)
class Window:
    """A stretch of time over which something is measured, as it is written in definitions.

    Kinds:
        sessions: `1d` to `10d` or a bare integer; `count` sessions of the series.
        calendar: `11d` and longer, `2w`, `3m`, `1y`; `months` or `days` back from the session, month ends clipped.
        to_date: `mtd`, `ytd`; from the last close before the month or year began.
        period: `2022`, `2018Q4`, `2025-12`; `start` to `end`, from the last close before `start`.
        since: `since 2025-10-29`; from the last close on or before `start`.
        range: `2000-03-24..2002-10-09`; from the last close on or before `start` to that on or before `end`.
        max: everything there is.
        opened: `since opened`; since the day on which the thesis was opened, which only its scope knows.
    """

    text: str
    kind: WindowKind
    count: int = 0
    months: int = 0
    days: int = 0
    start: dt.date | None = None
    end: dt.date | None = None

    @property
    def is_fixed(self) -> bool:
        """Both ends are named days: unknown before the last of them, the same for ever after."""
        return self.kind in ("period", "range")

    def first_day(self, session: dt.date) -> dt.date | None:
        """Return the day on or before which the base close lies, seen from a session; None for sessions and max.

        For `mtd`, `ytd` and periods this is the last day before the window.

        >>> parse_window("ytd").first_day(dt.date(2026, 2, 27))
        datetime.date(2025, 12, 31)
        >>> parse_window("1m").first_day(dt.date(2026, 3, 31))
        datetime.date(2026, 2, 28)
        >>> parse_window("90d").first_day(dt.date(2026, 2, 27))
        datetime.date(2025, 11, 29)
        """
        one = dt.timedelta(days=1)
        if self.kind == "calendar":
            return months_before(session, self.months) - dt.timedelta(days=self.days)
        if self.kind == "to_date":
            return session.replace(day=1) - one if self.text == "mtd" else session.replace(month=1, day=1) - one
        if self.kind == "period" and self.start:
            return self.start - one
        return self.start if self.kind in ("since", "range") else None

    @property
    def label(self) -> str:
        """The window in words, for a sentence or the head of a column.

        >>> [parse_window(w).label for w in ("90d", "5d", "200", "ytd", "2022", "since 2025-10-29", "3m")]
        ['90 days', '5 days', '200 sessions', 'YTD', '2022', 'since 29 Oct 2025', '3 months']
        """
        if self.kind == "sessions":
            return plural(self.count, "day" if self.count <= _DAYS_AS_SESSIONS else "session")
        if self.kind == "calendar":
            number, unit = int(self.text[:-1]), {"d": "day", "w": "week", "m": "month", "y": "year"}[self.text[-1]]
            return plural(number, unit)
        if self.kind == "to_date":
            return self.text.upper()
        if self.kind == "max":
            return "all history"
        if self.kind == "since" and self.start:
            return f"since {day_in_words(self.start)}"
        if self.kind == "range" and self.start and self.end:
            return f"{day_in_words(self.start)} to {day_in_words(self.end)}"
        return self.text

    def head(self, now: dt.date) -> str:
        r"""Return the window as the head of a column, without the year that runs.

        >>> parse_window("since 2026-02-05").head(dt.date(2026, 2, 27))
        'Since 5\xa0Feb'
        """
        if self.kind == "since" and self.start:
            return f"Since {unbroken(short_day(self.start, now))}"
        return self.label[0].upper() + self.label[1:]


def months_before(day: dt.date, months: int) -> dt.date:
    """Return the day `months` earlier, clipped to the end of its month.

    >>> months_before(dt.date(2026, 3, 31), 1), months_before(dt.date(2024, 2, 29), 12)
    (datetime.date(2026, 2, 28), datetime.date(2023, 2, 28))
    """
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    if year < 1:
        raise ValueError("a window reaches back before the calendar begins")
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


MOST_SESSIONS = 99_999
"""The longest window in sessions."""
MOST_YEARS = 200
"""The longest window by the calendar."""
_DAYS_AS_SESSIONS = 10
"""Up to so many days, as in `5d`, sessions are meant."""
_EXPECTED_WINDOW = (
    "write for example 5d, 90d, 3m, 1y, ytd, since opened, 2022, 2018Q4, 2025-12, since 2025-10-29 or "
    "2000-03-24..2002-10-09"
)


@kept_by_text(256)
def parse_window(text: str | int) -> Window:
    """Return the window that a text or a bare integer names.

    Raises:
        ValueError: There is no such window.

    >>> parse_window("10d").kind, parse_window("11d").kind, parse_window(200).count
    ('sessions', 'calendar', 200)
    >>> parse_window("2018Q4").start, parse_window("2018Q4").end
    (datetime.date(2018, 10, 1), datetime.date(2018, 12, 31))
    """
    words = str(text).strip()
    if isinstance(text, int) and text > 0:
        if text > MOST_SESSIONS:
            raise ValueError(f"found {text} sessions; {MOST_SESSIONS} at most are looked at")
        return Window(words, "sessions", count=text)
    found = re.fullmatch(r"([0-9]{1,5})([dwmy])?", words)
    year_only = re.fullmatch(r"(1[89]|20|21)[0-9]{2}", words)
    if isinstance(text, str) and year_only:
        year = int(words)
        return Window(words, "period", start=dt.date(year, 1, 1), end=dt.date(year, 12, 31))
    if found:
        number, unit = int(found[1]), found[2]
        if number == 0:
            raise ValueError(f'"{words}" is an empty window; {_EXPECTED_WINDOW}')
        if unit is None or (unit == "d" and number <= _DAYS_AS_SESSIONS):
            return Window(words, "sessions", count=number)
        if number * {"d": 1, "w": 7, "m": 31, "y": 366}[unit] > 366 * MOST_YEARS:
            raise ValueError(f'"{words}" is longer than {MOST_YEARS} years')
        if unit in "dw":
            return Window(words, "calendar", days=number * (7 if unit == "w" else 1))
        return Window(words, "calendar", months=number * (12 if unit == "y" else 1))
    if words in ("mtd", "ytd"):
        return Window(words, "to_date")
    if words == "max":
        return Window(words, "max")
    if (found := re.fullmatch(r"([0-9]{4})Q([1-4])", words)) and int(found[1]) in YEARS:
        year, month = int(found[1]), int(found[2]) * 3
        return Window(words, "period", start=dt.date(year, month - 2, 1), end=_month_end(year, month))
    if (found := re.fullmatch(r"([0-9]{4})-([0-9]{2})", words)) and int(found[1]) in YEARS and 1 <= int(found[2]) <= 12:
        year, month = int(found[1]), int(found[2])
        return Window(words, "period", start=dt.date(year, month, 1), end=_month_end(year, month))
    if words == SINCE_OPENED:
        return Window(words, "opened")
    if found := re.fullmatch(r"since (\d{4}-\d\d-\d\d)", words):
        return Window(words, "since", start=parse_date(found[1]))
    if found := re.fullmatch(r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)", words):
        start, end = parse_date(found[1]), parse_date(found[2])
        if end <= start:
            turned = f"; write {end}..{start}" if end < start else ""
            raise ValueError(f'"{words}" ends before it begins{turned}')
        return Window(words, "range", start=start, end=end)
    raise ValueError(f'"{words}" is not a window; {window_meant(words) or _EXPECTED_WINDOW}')


def period_of(day: dt.date, *, quarterly: bool) -> tuple[str, dt.date]:
    """Return the name and the last day of the month or quarter in which a day lies.

    >>> period_of(dt.date(2025, 11, 1), quarterly=False), period_of(dt.date(2025, 7, 1), quarterly=True)[0]
    (('November 2025', datetime.date(2025, 11, 30)), '2025 Q3')
    """
    if quarterly:
        quarter = (day.month + 2) // 3
        return f"{day.year} Q{quarter}", _month_end(day.year, quarter * 3)
    return f"{day:%B %Y}", _month_end(day.year, day.month)


def _month_end(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def parse_span(text: str) -> int:
    """Return a number of days from `30d`, `2w` or `3m` (a month counts 30), for review periods.

    >>> parse_span("30d"), parse_span("2w"), parse_span("3m")
    (30, 14, 90)
    """
    found = re.fullmatch(r"([0-9]{1,4})([dwm])", text)
    if not found or not int(found[1]):
        raise ValueError(f'"{text}" is not a length of time; write for example 30d, 2w or 3m')
    return int(found[1]) * {"d": 1, "w": 7, "m": 30}[found[2]]


def folded(name: str) -> str:
    """Return a name as names are compared: NFC, without regard to case and to runs of blanks.

    >>> folded("  Société  Générale ")
    'société générale'
    """
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


LONGEST_PATH = 500
"""The most characters of the path of a note in its vault."""
_NO_CHARACTER = regex("[\ufdd0-\ufdef\ufffe\uffff]")


def odd_path(path: str) -> str:
    r"""Return why a path in a vault is not one to remember or to lead to, as `which ...` goes on; empty where it is.

    A person may well have moved a note there, so what asks has to have an answer.

    >>> odd_path("Work/Oil.md"), odd_path("a\\b/Oil.md"), odd_path("Oil\u202e.md")
    ('', 'holds a backslash, which parts folders elsewhere', 'holds a character that nobody sees')
    """
    if len(path) > LONGEST_PATH:
        return f"has more than {LONGEST_PATH} characters"
    if "\\" in path:
        return "holds a backslash, which parts folders elsewhere"
    hidden = spelled(path) != path or any(char in path for char in "\t\n") or _NO_CHARACTER.search(path)
    return "holds a character that nobody sees" if hidden else ""

"""Words for messages: a count with its noun, and a day.

Lowest layer. Every message that counts something says it through here, so that none ever says "1 files".
"""

from __future__ import annotations

import datetime as dt
import unicodedata

from thesisvault.patterns import regex

_CONSONANT_AND_Y = regex(r"[^aeiou]y$")


def plural(count: int, noun: str, many: str = "") -> str:
    """Return a count with its noun in the number that fits.

    Args:
        count: How many there are.
        noun: What it is called if there is one.
        many: What it is called otherwise; left out, the regular plural. A noun that ends in `s` has its own already.

    >>> plural(1, "file"), plural(0, "file"), plural(2, "entry"), plural(3, "series"), plural(2, "child", "children")
    ('1 file', '0 files', '2 entries', '3 series', '2 children')
    >>> plural(2_393_927, "bar")
    '2,393,927 bars'
    """
    if count == 1 or (not many and noun.endswith("s")):
        return f"{count:,} {noun}"
    regular = f"{noun[:-1]}ies" if _CONSONANT_AND_Y.search(noun) else f"{noun}s"
    return f"{count:,} {many or regular}"


def day_in_words(day: dt.date) -> str:
    """Return a day as people write it.

    >>> day_in_words(dt.date(2025, 12, 4))
    '4 Dec 2025'
    """
    return f"{day.day} {day:%b %Y}"


def short_day(day: dt.date, now: dt.date) -> str:
    """Return a day as people write it, without the year where it is this year's.

    >>> short_day(dt.date(2026, 1, 15), dt.date(2026, 2, 27)), short_day(dt.date(2025, 12, 4), dt.date(2026, 2, 27))
    ('15 Jan', '4 Dec 2025')
    """
    return f"{day.day} {day:%b}" if day.year == now.year else day_in_words(day)


_ISO = regex(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")


def days_in_words(text: str) -> str:
    """Return a text with its days as people write them.

    >>> days_in_words("from 2000-03-24 to 2002-10-09")
    'from 24 Mar 2000 to 9 Oct 2002'
    """
    return _ISO.sub(lambda found: day_in_words(dt.date.fromisoformat(found[0])), text)


_UP_TO_NINE = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def in_words(count: int) -> str:
    """Return a count as a sentence has it: up to nine in letters.

    >>> in_words(0), in_words(6), in_words(13), in_words(1234)
    ('no', 'six', '13', '1,234')
    """
    return _UP_TO_NINE[count] if 0 <= count < len(_UP_TO_NINE) else f"{count:,}"


NO_BREAK = "\N{NO-BREAK SPACE}"
"""Holds together, in a cell of a table, what a narrow screen would part: `27 Feb`."""


def unbroken(text: str) -> str:
    """Return a text whose words stay on one line.

    >>> unbroken("5 Feb") == f"5{NO_BREAK}Feb"
    True
    """
    return text.replace(" ", NO_BREAK)


HIDDEN = regex(
    "[\u200b\u2060-\u2064\ufeff\u180e\ufff9-\ufffb"  # joins, breaks and notes that nobody sees
    "\u202a-\u202e\u2066-\u206f"  # what turns the order of other characters
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f]"  # letters that nobody sees
)
"""A character that nobody sees, or that turns the order of others."""


def spelled(text: str) -> str:
    r"""Return a text with an escape for each character that moves a cursor, hides, or turns the order of others.

    >>> spelled("a\x1b[31mb\u202ec")
    'a\\x1b[31mb\\u202ec'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(char) for char in text)


def _spelled(char: str) -> str:
    acts = unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs") or HIDDEN.match(char)
    return ascii(char)[1:-1] if acts and char not in "\n\t" else char

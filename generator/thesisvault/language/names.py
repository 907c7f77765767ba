"""The names that definitions know, and what is said of a word that is none of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace

from thesisvault.errors import did_you_mean
from thesisvault.language.natures import ANYTHING, Nature, converted_nature
from thesisvault.language.parse import unknown
from thesisvault.market.records import split_currency
from thesisvault.scalars import Window


@dataclass(frozen=True)
class Vocabulary:
    """The names that definitions know.

    Attributes:
        series: Tickers and basket ids.
        universes: Ids of universes.
        names: Names of the context, such as `buy`; their values are not known here.
        baskets: Members of each basket by its id; none where they are not known.
        natures: What each series has; one that is not among them may be anything.
        stands_for: The series that names of the context stand for, where that is known.
        day: The last day of data, where that is known; nothing can be known of what comes after it.
    """

    series: Set[str]
    universes: Set[str]
    names: Set[str] = field(default_factory=frozenset)
    baskets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    natures: Mapping[str, Nature] = field(default_factory=dict)
    stands_for: Mapping[str, str] = field(default_factory=dict)
    day: dt.date | None = None

    def with_names(self, *names: str) -> Vocabulary:
        """Return the vocabulary with further context names."""
        return replace(self, names=self.names | frozenset(names))

    def where(self, stands_for: Mapping[str, str]) -> Vocabulary:
        """Return the vocabulary with context names and the series that they stand for."""
        return replace(self, names=self.names | stands_for.keys(), stands_for={**self.stands_for, **stands_for})

    def nature(self, name: str) -> Nature:
        """Return what a series, a chain or a universe has; anything where that is not known."""
        base, currency = split_currency(name)
        found = self.natures.get(base.split("|")[0].strip(), ANYTHING)
        return converted_nature(found, currency) if currency else found


def check_series(name: str, vocabulary: Vocabulary) -> str:
    """Return what is wrong with the name of a series or chain, or an empty text."""
    for link in name.split("|"):
        word = link.strip()
        if not word:
            return f'"{name}" is a chain with an empty link'
        if word in CONTEXT_NAMES and word not in vocabulary.series:
            return quoted_name(word, vocabulary)
        if word not in vocabulary.series:
            hint = did_you_mean(word, vocabulary.series | vocabulary.universes)
            line = f"add to data/instruments.yaml: {_instrument_line(word)}"
            if word.islower() and not word.startswith("fred:"):
                hint = hint or f"A universe of that name would be data/universes/{word}.txt."
            else:
                hint = f"{hint} Or {line}" if hint else f"A{line[1:]}"
            return f'"{word}" is not a known ticker or basket. {hint}'.rstrip()
    return ""


CONTEXT_NAMES = ("buy", "sell", "benchmark", "over", "row", "column")
"""Names that a context may give; they stand without quotes."""
_KINDS = (("fred:", ""), ("-USD", "crypto"), ("=X", "currency"), ("=F", "commodity"), ("^", "index"))


def _instrument_line(ticker: str) -> str:
    """Return the line that makes a ticker known.

    >>> _instrument_line("XYZ"), _instrument_line("^VIX")
    ('XYZ: {name: ..., kind: stock}', '^VIX: {name: ..., kind: index}')
    """
    kind = next((kind for mark, kind in _KINDS if ticker.startswith(mark) or ticker.endswith(mark)), "stock")
    return f"{ticker}: {{name: ...{f', kind: {kind}' if kind else ''}}}"


def quoted_name(word: str, vocabulary: Vocabulary) -> str:
    """Return that a name of the context stands in quotes."""
    if word in vocabulary.names:
        return f"found '{word}' in quotes; {word} is a name of this definition: write {word} without quotes"
    known = sorted(filter(str.isidentifier, vocabulary.names))
    others = f"; names here are {', '.join(known)}" if known else ""
    return f"found '{word}' in quotes, and there is no {word} here{others}. Write a ticker, as in 'XLE'"


def unknown_name(name: str, vocabulary: Vocabulary) -> str:
    """Return that a word without quotes is none of the names, and what it seems to be."""
    said = unknown("name", name, sorted(vocabulary.names))
    if name.casefold() in ("ytd", "mtd", "max"):
        return f"{name} stands without quotes; write '{name.casefold()}'"
    if name in vocabulary.series | vocabulary.universes:
        return f"{said} Put tickers in quotes: '{name}'."
    if name.casefold() in ("true", "false", "yes", "no"):
        return f"{said} Write a condition, such as ret('XLE', 'ytd') > 0."
    return f"{said} Put tickers in quotes, as in 'XLE'."


_SLACK = dt.timedelta(days=4)
"""A period may have had its last session so long before its last day."""


def not_yet(window: Window, day: dt.date | None) -> str:
    """Return why a window cannot be known on a day, and what to write instead; an empty text if it can.

    >>> from thesisvault.scalars import parse_window
    >>> not_yet(parse_window("2026"), dt.date(2026, 2, 27))
    "2026 is not over on 2026-02-27; write 'ytd'"
    >>> not_yet(parse_window("2025"), dt.date(2026, 2, 27))
    ''
    """
    if day is None or window.start is None:
        return ""
    if window.start > day:
        return f"{window.text} lies ahead of {day}, the last day of data; write a window that has begun"
    if window.end is None or window.end <= day + (_SLACK if window.kind == "period" else dt.timedelta()):
        return ""
    if window.kind == "range" or "Q" in window.text:
        first = window.start if window.kind == "range" else window.first_day(day)
        return f"{window.text} is not over on {day}; write 'since {first}'"
    return f"{window.text} is not over on {day}; write '{'ytd' if len(window.text) == 4 else 'mtd'}'"

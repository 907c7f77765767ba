"""The names that definitions know, and what is said of a word that is none of them."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Mapping, Set

from msgspec import Struct, field

from thesisvault.errors import did_you_mean
from thesisvault.language.natures import ANYTHING, Nature, converted_nature
from thesisvault.language.parse import unknown
from thesisvault.market.records import split_currency
from thesisvault.patterns import regex
from thesisvault.scalars import Window, folded
from thesisvault.structs import replace


class Vocabulary(Struct, frozen=True):
    """The names that definitions know.

    Attributes:
        series: Tickers and basket ids.
        universes: Ids of universes.
        names: Names of the context, such as `buy`; their values are not known here.
        baskets: Members of each basket by its id; none where they are not known.
        natures: What each series has; one that is not among them may be anything.
        stands_for: The series that names of the context stand for, where that is known.
        day: The last day of data, where that is known; nothing can be known of what comes after it.
        called: The ticker or basket behind each other name that it goes by, such as an alias, folded.
    """

    series: Set[str]
    universes: Set[str]
    names: Set[str] = field(default_factory=frozenset)
    baskets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    natures: Mapping[str, Nature] = field(default_factory=dict)
    stands_for: Mapping[str, str] = field(default_factory=dict)
    day: dt.date | None = None
    called: Mapping[str, str] = field(default_factory=dict)

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
            said = f'"{word}" is not a known ticker or basket.'
            if meant := _meant(word, vocabulary):
                return f"{said} Write {meant}."
            ticker = _bare(word)
            hint = did_you_mean(word, vocabulary.series | vocabulary.universes)
            line = f"add it: {_adding(ticker.upper() if _BLANKS.search(word) else ticker)}"
            if word.islower() and not word.startswith("fred:"):
                hint = hint or f"A universe of that name would be data/universes/{word}.txt."
            elif _TICKER.fullmatch(ticker):
                hint = f"{hint} Or {line}" if hint else f"A{line[1:]}"
            return f"{said} {hint}".rstrip()
    return ""


_BLANKS = regex(r"\s")
_TICKER = regex(r"[A-Za-z0-9^][A-Za-z0-9^.:=/-]{0,24}")
_EXCHANGE = regex(
    r"(?:NYSE|NASDAQ|NYSEARCA|AMEX|ARCA|BATS|CBOE|CBOEEU|TVC|SP|INDEX|FX|OTC|XNYS|XNAS|ARCX|LSE|XETR):(?=.)"
)
_YELLOW_KEY = regex(r"(?:\s+[A-Z]{2})?(?:\s+(?i:equity|index|curncy|comdty|corp|govt))?$")
_APART = regex(r"\s*(?:/|,|-|:|\bvs\.?|\bversus\b)\s*")


def _bare(word: str) -> str:
    """Return a ticker without what other programs write around it.

    >>> _bare("XLE US Equity"), _bare("NYSEARCA:XLE"), _bare("$XLE")
    ('XLE', 'XLE', 'XLE')
    """
    return _YELLOW_KEY.sub("", _EXCHANGE.sub("", word.strip().lstrip("$"))).strip() or word


def _meant(word: str, vocabulary: Vocabulary) -> str:
    """Return what to write for a ticker that is known by another spelling or name; an empty text if there is none."""
    known = vocabulary.series | vocabulary.universes
    bare = _bare(word)
    upper = bare.upper()
    dashed = re.sub(r"[./ ]", "-", upper)
    spelled = (
        bare,
        upper,
        bare.lower(),
        dashed,
        f"^{upper}",
        f"{upper}-USD",
        re.sub("USD$", "-USD", upper),
        f"{upper}=X",
    )
    for each in (*spelled, vocabulary.called.get(folded(word), ""), vocabulary.called.get(folded(bare), "")):
        if each and each in known:
            return f"'{each}'"
    parts = _APART.split(word)
    if len(parts) == 2 and all(part in vocabulary.series for part in parts):
        return f"ratio('{parts[0]}', '{parts[1]}') or spread('{parts[0]}', '{parts[1]}', 'ytd')"
    return ""


CONTEXT_NAMES = ("buy", "sell", "benchmark", "over", "row", "column")
"""Names that a context may give; they stand without quotes."""


def _adding(ticker: str) -> str:
    """Return the command that makes a ticker known; of a series of FRED a person has to say the name.

    >>> _adding("XYZ"), _adding("^VIX"), _adding("fred:ICSA")
    ('thesisvault add XYZ', "thesisvault add '^VIX'", 'thesisvault add fred:ICSA --name NAME')
    """
    return f"thesisvault add {shlex.quote(ticker)}{' --name NAME' if ticker.startswith('fred:') else ''}"


def quoted_name(word: str, vocabulary: Vocabulary) -> str:
    """Return that a name of the context stands in quotes."""
    if word in vocabulary.names:
        return f"found '{word}' in quotes; {word} is a name of this definition: write {word} without quotes"
    known = sorted(filter(str.isidentifier, vocabulary.names))
    others = f"; names here are {', '.join(known)}" if known else ""
    return f"found '{word}' in quotes, and there is no {word} here{others}. Write a ticker, as in 'XLE'"


_LIKE_SIDES = {
    **dict.fromkeys(("long", "longs", "bought", "winner", "buys"), "buy"),
    **dict.fromkeys(("short", "shorts", "sold", "loser", "sells"), "sell"),
    **dict.fromkeys(("index", "market", "bench", "bm"), "benchmark"),
    **dict.fromkeys(("window", "period"), "over"),
}
_GIVES_NAME = {
    **{
        side: f"write {side}: with what it holds into this thesis, or a ticker in quotes, as in 'XLE'"
        for side in ("buy", "sell")
    },
    "benchmark": "write benchmark: into this thesis, or a ticker in quotes, as in 'SPY'",
    "over": "write a window in quotes, as in 'ytd'",
    "row": "only a table of claims has rows; write a ticker in quotes, as in 'XLE'",
    "column": "only a table of claims has columns; write a window in quotes, as in 'ytd'",
}


def unknown_name(name: str, vocabulary: Vocabulary) -> str:
    """Return that a word without quotes is none of the names, and what it seems to be."""
    said = unknown("name", name, sorted(vocabulary.names))
    if name.casefold() in ("ytd", "mtd", "max"):
        return f"{name} is not in quotes; write '{name.casefold()}'"
    if name in vocabulary.series | vocabulary.universes:
        return f"{said} Put tickers in quotes: '{name}'."
    side = _LIKE_SIDES.get(name.casefold(), "")
    if side in vocabulary.names:
        return f"{name} is not a known name; write {side}"
    if name in CONTEXT_NAMES:
        return f"there is no {name} here; {_GIVES_NAME[name]}"
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

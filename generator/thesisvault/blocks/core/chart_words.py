"""The words of a chart: what its lines are called, its finding, its subtitle and its small print."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence

from thesisvault.blocks.core.context import Context
from thesisvault.charts.fonts import can_write
from thesisvault.market.records import plain_name
from thesisvault.patterns import regex
from thesisvault.words import day_in_words, plural

_RECENT = dt.timedelta(days=10)
"""Data that end so long before a note's day are of a past window."""
_NAMED_MOST = 4
_LINE = 88
"""Letters of small print that fit on a picture."""
_KINDS = {
    "total return": ("Total return", "dividends reinvested"),
    "price return": ("Price return", "without dividends"),
    "value": ("Change", ""),
}
_SOURCES = {"yahoo": "Yahoo Finance", "fred": "FRED", "csv": "price files", "sample": "sample data"}


def called(name: str, context: Context) -> str:
    """Return how a series is called on a chart: a side by its name in words, any other by its short name.

    A name in letters that no font here has gives way to the ticker.
    """
    words = context.called.get(name, "")
    if not words and name in ("buy", "sell") and context.definition is not None:
        words = context.definition.side_name(name)
    series = plain_name(context.resolve(name))
    words = words or context.short(series)
    return words if can_write(words) else ticker(name, context)


def names_on(names: Sequence[str], context: Context) -> list[str]:
    """Return how several series are called on one chart, with the ticker where two would be called alike."""
    found = [called(name, context) for name in names]
    return [
        f"{words} ({context.resolve(name)})" if found.count(words) > 1 else words
        for name, words in zip(names, found, strict=True)
    ]


def is_plural(name: str) -> bool:
    """Return whether a name takes a verb in the plural.

    >>> [is_plural(name) for name in ("Energy", "Long Treasuries", "Grid builders", "S&P 500", "Business")]
    [False, True, True, False, False]
    """
    return name.endswith("s") and not name.endswith(("ss", "us", "is"))


_COMMON = regex(
    "banks?|bonds|builders|cash|chips|communication|consumer|copper|cyclicals|defensives|developed|emerging|energy|"
    "equal|everything|financials|gold|grid|growth|health|high|industrials|infrastructure|large|long|low|materials|"
    "memory|mid|oil|real|regional|semiconductors|short|silver|small|software|staples|tech|technology|utilities|value",
    re.IGNORECASE,
)
"""First words of names that are no names of their own: small inside of a sentence."""
_NUMBERED = regex(r"(?!the ).* [0-9]{2,4}", re.IGNORECASE)


def within(name: str) -> str:
    """Return a name as it stands inside of a sentence.

    >>> [within(name) for name in ("Energy", "Long Treasuries", "Nasdaq 100", "South Korea", "AI spenders", "Mag 7")]
    ['energy', 'long Treasuries', 'the Nasdaq 100', 'South Korea', 'AI spenders', 'Mag 7']
    """
    if _NUMBERED.fullmatch(name):
        return f"the {name}"
    return f"{name[:1].lower()}{name[1:]}" if _COMMON.fullmatch(name.partition(" ")[0]) else name


def begins(name: str) -> str:
    """Return a name as it begins a sentence.

    >>> begins("Energy"), begins("Russell 2000")
    ('Energy', 'The Russell 2000')
    """
    return f"The {name}" if _NUMBERED.fullmatch(name) else name


def leads(first: str, second: str, lead: float) -> str:
    """Return the finding of two sides: which leads, or that they are level.

    >>> leads("Energy", "Software", 0.2), leads("Energy", "Grid builders", -0.2), leads("Gold", "Bonds", 0.0001)
    ('Energy leads software', 'Grid builders lead energy', 'Gold and bonds are level')
    """
    if is_even(lead):
        return f"{begins(first)} and {within(second)} are level"
    ahead, behind = (first, second) if lead > 0 else (second, first)
    return f"{begins(ahead)} {'lead' if is_plural(ahead) else 'leads'} {within(behind)}"


def is_even(difference: float) -> bool:
    """Return whether a difference of returns is shown as zero."""
    return abs(difference) < 0.0005


def since(measure: str, first: dt.date, last: dt.date, context: Context, unit: str = "%") -> str:
    """Return a subtitle: what is measured, over which days, and in which unit."""
    period = (
        f" since {day_in_words(first)}"
        if last + _RECENT >= context.as_of
        else f", {day_in_words(first)} to {day_in_words(last)}"
    )
    return f"{measure}{period}, {unit}" if unit else f"{measure}{period}"


def measure_of(kind: str) -> str:
    """Return what a chart measures by the kind of its levels, see `levels`.

    >>> measure_of("total return"), measure_of("total return and value")
    ('Total return', 'Return or change')
    """
    return _KINDS[kind][0] if kind in _KINDS else "Return or change"


def small_print(names: Sequence[str], kind: str, day: dt.date, context: Context) -> str:
    """Return the small print: tickers, kind of return, last day, source."""
    shown = list(dict.fromkeys(ticker(name, context) for name in names))
    listed = f"{', '.join(shown[:-1])} and {shown[-1]}" if 1 < len(shown) <= _NAMED_MOST else shown[0]
    counted = plural(len(shown), "series")
    how = _KINDS[kind][1] if kind in _KINDS else "total or price return" if "return" in kind else ""
    told = [", ".join(filter(None, (who, how, f"to {day_in_words(day)}"))) for who in (listed, counted)]
    found = [f"{said}. {source_words(names, context)}".strip() for said in told]
    # What would be cut at the edge counts its series in place of naming them.
    return found[len(shown) > _NAMED_MOST or len(found[0]) > _LINE]


def source_words(names: Iterable[str], context: Context) -> str:
    """Return where the newest prices of series come from, as a sentence, or nothing."""
    tickers = [t for name in names for t in context.library.members(context.resolve(name)) or (context.resolve(name),)]
    views = [context.series(each) for each in tickers]
    kinds = [view.source.partition(":")[0] for view in views if not isinstance(view, str)]
    found = dict.fromkeys(_SOURCES[kind] for kind in kinds if kind in _SOURCES)
    return f"Source: {' and '.join(found)}" if found else ""


def ticker(name: str, context: Context) -> str:
    """Return a series as the small print says it: its ticker, the title of a basket, or what a side holds."""
    series = plain_name(context.resolve(name))
    if series in context.library.baskets:
        return context.label(series)
    members = context.library.members(series)
    if not members:
        return series
    return "+".join(members) if len(members) <= _NAMED_MOST else plural(len(members), "stock")

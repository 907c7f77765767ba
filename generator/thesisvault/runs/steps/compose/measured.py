"""What the note of a priced asset says of its prices: where it stands, returns, chart, risk, unusual days, data."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from thesisvault.analytics.bounds import Pace, bound, day_of
from thesisvault.analytics.moves import deepest_fall, times_usual
from thesisvault.blocks.chart_kinds.drawdown import DrawdownChart
from thesisvault.blocks.chart_kinds.lines import LinesChart
from thesisvault.blocks.core.chart_words import begins, within
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import ChartRequest, Table, head, say
from thesisvault.language.formats import pct, pp
from thesisvault.language.text import Figure, Mention, Part, Plain, Text
from thesisvault.market.records import PAYS_NOTHING, SeriesView
from thesisvault.runs.steps.compose.wording import sentences, stretch_in_words
from thesisvault.scalars import parse_window
from thesisvault.structs import replace
from thesisvault.words import day_in_words, plural

YEAR = "1y"
"""The window of risk, of unusual days and of the chart."""
LONG = "5y"
"""The window of the long view below the returns."""
_NO_BREAK = "\u00a0"
_UNUSUAL = 2.0
"""From how many times the usual move a day is called unusual."""
_SHOWN_DAYS = 3
_LEVEL = 0.0005
"""Half of the last digit in which points are shown: a smaller lead is none."""
_RETURNS = {"total": "Total return", "price": "Price return"}


class Priced(Struct, frozen=True):
    """An instrument or a basket with prices.

    Attributes:
        key: Its ticker or id.
        view: Its prices.
        context: What its note may see.
        market: The benchmark of the workspace; empty where it cannot be compared with it.
        versus: What else it is compared with; empty if that is nothing.
        is_sector: Whether that is the fund of its sector.
    """

    key: str
    view: SeriesView
    context: Context
    market: str = ""
    versus: str = ""
    is_sector: bool = False

    @property
    def others(self) -> list[str]:
        """What it is compared with."""
        return list(filter(None, (self.market, self.versus)))

    @property
    def is_behind(self) -> bool:
        """Whether its own newest close is older than it should be."""
        return self.view.last < self.view.expected


def priced(key: str, view: SeriesView, versus: str, context: Context, *, is_sector: bool = False) -> Priced:
    """Return an asset with what it can be compared with.

    An index without its dividends is not compared with what has them: it would always seem to lag.
    """

    def comparable(name: str) -> bool:
        other = context.series(name) if name and name != key else ""
        if isinstance(other, str) or other.basis == "value":
            return False
        return view.kind != "index" or other.basis == view.basis

    stored = context.scope.market
    market, versus = stored.current(stored.benchmark), stored.current(versus) if versus else ""
    market = market if comparable(market) else ""
    fits = versus != market and comparable(versus)
    return Priced(key, view, context, market, versus if fits else "", is_sector)


# Where it stands --------------------------------------------------------------------------------------------------


def price_line(asset: Priced) -> Text:
    """Return one sentence: the newest close, how far it lies below the year's high, and the year beside the market.

    Where no closes as traded are stored, it is the high of the total return, and the close is left out.
    """
    key, context = asset.key, asset.context
    if asset.is_behind:
        close = context.figure(f"close('{key}')")
        day = day_in_words(asset.view.last)
        was = (Plain(", when it was "), bare(close)) if close.number.is_known else ()
        return (Plain(f"No close since {day}"), *was, Plain("."))
    parts: list[Part] = []
    if asset.view.closes is not None:
        parts += [context.figure(f"close('{key}')"), Plain(", ")]
        high, what = f"close('{key}') / high('{key}', '{YEAR}')", "52-week high"
    else:
        high, what = f"1 + drawdown('{key}', '{YEAR}')", "1-year high"
    below = context.figure(f"(1 - ({high})) | share(1)")
    if isinstance(below.number.value, float):
        parts += under_high(below, below.number.value, what, begins=not parts)
    elif parts:
        parts.pop()
    if not parts:
        return say(f"Prices to {day_in_words(asset.view.last)}, from {day_in_words(asset.view.first)} only.")
    parts += [Plain("; "), *year] if (year := _year(asset)) else []
    return (*parts, Plain("."))


def under_high(below: Figure, value: float, what: str, *, begins: bool) -> Text:
    """Return how far a close lies below a high: at it only where it is the high itself.

    Args:
        below: The distance as it is shown.
        value: The distance as a fraction.
        what: The high in words.
        begins: Whether it begins the sentence.
    """
    if value >= _LEVEL:
        return (below, Plain(f" below its {what}"))
    said = f"at its {what}" if value <= 0 else f"less than 0.1% below its {what}"
    return say(said[:1].upper() + said[1:] if begins else said)


def basket_line(asset: Priced) -> Text:
    """Return one sentence: the year of a basket, and the year beside what it is compared with."""
    key, context = asset.key, asset.context
    rise = context.figure(f"ret('{key}', 'ytd') | up")
    if not rise.number.is_known:
        return say(sentences([rise.number.reason or "The year's return is not known"]))
    rise = replace(rise, text=rise.text[:1].upper() + rise.text[1:])
    other = asset.versus or asset.market
    lead = context.figure(f"spread('{key}', '{other}', 'ytd') | ahead") if other else None
    if lead is None or not lead.number.is_known:
        return (rise, Plain(" this year."))
    short = within(context.short(other))
    name = f"{short} ({other})" if asset.versus and short != other else "the market" if not asset.versus else short
    return (rise, Plain(" this year, "), lead, Plain(" "), Mention(other, name), Plain("."))


def _year(asset: Priced) -> Text:
    key, context = asset.key, asset.context
    if asset.market:
        lead = context.figure(f"spread('{key}', '{asset.market}', 'ytd') | ahead")
        return (lead, Plain(" the market this year")) if lead.number.is_known else ()
    rise = context.figure(f"ret('{key}', 'ytd') | up")
    return (rise, Plain(" this year")) if rise.number.is_known else ()


def bare(figure: Figure) -> Figure:
    """Return a figure without its marks: the words beside it say of which day it is."""
    return replace(figure, number=replace(figure.number, stale=()))


# Returns ----------------------------------------------------------------------------------------------------------


def performance(asset: Priced, windows: Sequence[str]) -> Table:
    """Return the table of returns: its own, then against the market and what else it is compared with."""
    key, context = asset.key, asset.context
    own = (say(context.label(key), strong=True), *((_sized(context.call("ret", key, w), pct),) for w in windows))
    rows = [
        (
            (Plain("vs "), Mention(other, context.label(other))),
            *((_sized(context.call("spread", key, other, w), pp),) for w in windows),
        )
        for other in asset.others
    ]
    titles = ("Return", *("1 day" if w == "1d" else parse_window(w).label for w in windows))
    return Table(head(*titles, right=range(1, len(titles))), (own, *rows))


def _sized(figure: Figure, form: Callable[[float, int], str]) -> Figure:
    """Return a figure with one decimal below a hundred, and none from there on."""
    value = figure.number.value
    is_large = isinstance(value, float) and round(abs(value), 3) >= 1
    return replace(figure, text=form(value, 0)) if is_large else figure  # type: ignore[arg-type]


def performance_caption(asset: Priced, *, long: bool) -> Text:
    """Return the line below the returns: their kind and last day, and the long view where there is one.

    Args:
        asset: The asset.
        long: Whether the long view is to be told.
    """
    key, context = asset.key, asset.context
    bare_of = [context.label(other) for other in asset.others if _is_bare(asset, other)]
    without = f"; {' and '.join(bare_of)} without dividends" if bare_of else ""
    parts: list[Part] = [
        Plain(f"{_RETURNS.get(asset.view.basis, 'Change')} to {day_in_words(asset.view.last)}{without}.")
    ]
    whole = context.figure(f"ret('{key}', '{LONG}') | pct(0)") if long else None
    if whole is None or not whole.number.is_known:
        return tuple(parts)
    parts += [Plain(" Five years: "), whole]
    if asset.market:
        lead = context.figure(f"spread('{key}', '{asset.market}', '{LONG}') | ahead(0)")
        parts += [Plain(", "), lead, Plain(f" {context.label(asset.market)}")] if lead.number.is_known else []
    return (*parts, Plain("."))


def _is_bare(asset: Priced, other: str) -> bool:
    """Return whether the returns of another series leave out dividends that those of the asset have."""
    series = asset.context.series(other)
    return asset.view.basis == "total" and not isinstance(series, str) and series.basis == "price"


def chart(asset: Priced) -> ChartRequest | None:
    """Return the picture of its year beside what it is compared with, of the market its falls; else None."""
    context, names = asset.context, [asset.key, *filter(None, (asset.versus, asset.market))]
    if len(names) > 1:
        body = {"lines": names, "over": YEAR, "title": _finding(asset)}
        found = LinesChart.model_validate(body).request(context)
    elif asset.key == context.scope.market.benchmark:
        found = DrawdownChart.model_validate({"drawdown": names, "over": YEAR}).request(context)
    else:
        return None
    return None if isinstance(found, str) else found


def _finding(asset: Priced) -> str:
    """Return what the picture shows, in words for either sign."""
    context = asset.context
    told: dict[str, list[str]] = {}
    for other in (asset.versus, asset.market):
        lead = context.call("spread", asset.key, other, YEAR).number.value if other else None
        if not isinstance(lead, float):
            continue
        verb = "beat" if lead >= _LEVEL else "lagged" if lead <= -_LEVEL else "kept pace with"
        what = (
            "the market" if other == asset.market else "its sector" if asset.is_sector else within(context.short(other))
        )
        told.setdefault(verb, []).append(what)
    found = " and ".join(f"{verb} {' and '.join(each)}" for verb, each in told.items())
    return f"{begins(context.short(asset.key))} {found or 'over a year'}"


# Risk -------------------------------------------------------------------------------------------------------------


def risk(asset: Priced) -> Table | None:
    """Return the table of the year's range, worst fall, volatility and beta; None where none of them is known."""
    key, context = asset.key, asset.context
    rows: list[tuple[Text, ...]] = []
    if asset.view.closes is not None:
        low, high = (context.figure(f"{each}(close('{key}'), '{YEAR}')") for each in ("low", "high"))
        rows.append((say("52-week range (close)"), (low, Plain(" – "), high) if low.number.is_known else (low,)))
    else:
        below = context.figure(f"(0 - drawdown('{key}', '{YEAR}')) | share(1)")
        rows.append((say("Below 1-year high"), (replace(below, text="at the high") if _is_zero(below) else below,)))
    fall = context.call("max_drawdown", key, YEAR)
    rows.append((say("Worst fall"), (fall, *_days_of_fall(asset))))
    deviation = context.figure(f"vol('{key}', '{YEAR}') | share(0)")
    beta = context.figure(f"beta('{key}', '{asset.market}', '{YEAR}') | num(2)") if asset.market else None
    if beta is None:
        rows.append((say("Volatility"), (deviation,)))
    else:
        rows.append((say(f"Volatility · beta to {context.label(asset.market)}"), (deviation, Plain(" · "), beta)))
    if not any(part.number.is_known for row in rows for part in row[1] if isinstance(part, Figure)):
        return None
    if asset.is_behind:
        # The first line says when the prices end; what is marked everywhere is read nowhere.
        rows = [
            (label, tuple(bare(part) if isinstance(part, Figure) else part for part in cell)) for label, cell in rows
        ]
    return Table(head("Risk, 1 year", "", right=[1]), tuple(rows))


def _is_zero(figure: Figure) -> bool:
    return isinstance(figure.number.value, float) and abs(figure.number.value) < _LEVEL


def _year_of(asset: Priced) -> tuple[int, int]:
    """Return first and last row of the year, -1 where the prices do not cover it."""
    line = asset.view.levels
    return bound(line.days, len(line) - 1, parse_window(YEAR), Pace(asset.view.period_days))


def _days_of_fall(asset: Priced) -> Iterator[Part]:
    line, (base, end) = asset.view.levels, _year_of(asset)
    fall = deepest_fall(line.values[base : end + 1]) if base >= 0 else None
    if fall:
        high, low = (day_of(int(line.days[base + row])) for row in (fall.high, fall.low))
        # A narrow screen breaks a cell between the days, not inside of them.
        first, dash, last = stretch_in_words(high, low).partition(" – ")
        yield Plain(", " + dash.join(each.replace(" ", _NO_BREAK) for each in filter(None, (first, last))))


def unusual(asset: Priced) -> Text:
    """Return the year's days with the largest moves for their time, as multiples of what was usual the day before."""
    line, (base, end) = asset.view.levels, _year_of(asset)
    if base < 0:
        return ()
    moves, times = times_usual(line.values, end - base)
    days = line.days[-len(moves) :]
    known = [(abs(t), int(day), move) for t, day, move in zip(times, days, moves, strict=True) if not math.isnan(t)]
    known.sort(key=lambda each: (-each[0], -each[1]))
    found = [
        f"{day_in_words(day_of(day))} {pct(move)} ({multiple:.1f} ×{'' if nth else ' usual'})"
        for nth, (multiple, day, move) in enumerate(known[:_SHOWN_DAYS])
        if multiple >= _UNUSUAL
    ]
    if not known:
        return ()
    return say(" · ".join(found)) if found else say(f"None: no day moved {_UNUSUAL:.0f} times as far as usual.")


# Data -------------------------------------------------------------------------------------------------------------


def data_title(view: SeriesView, last: str) -> str:
    """Return how complete the data are, in a line.

    Args:
        view: The series.
        last: What its newest value is of.
    """
    return f"Data: ends {last}, newer is due" if view.last < view.expected else f"Data: complete to {last}"


def data(asset: Priced) -> Text:
    """Return what is stored, from which day, and how many prices are held for review."""
    view, context = asset.view, asset.context
    said = []
    if view.kind == "basket":
        said.append(f"Index from {day_in_words(view.first)}, made from the prices of its members")
    elif view.closes is None:
        said.append(f"Adjusted closes from {day_in_words(view.first)}, no closes as traded")
    else:
        pays = view.basis == "total" and view.kind not in PAYS_NOTHING
        closes = f"Closes{' and dividends' if pays else ''} from {day_in_words(view.closes.first)}"
        early = view.first < view.closes.first
        said.append(f"{closes}, adjusted closes from {day_in_words(view.first)}" if early else closes)
    said += [note.removeprefix(f"{asset.key}: ") for note in (*view.notes, *(early for _, early in view.early))]
    said.append(held(asset.key, context))
    return say(sentences(said))


def held(key: str, context: Context) -> str:
    """Return how many prices of an asset are held for review, in words."""
    waiting = context.scope.market.troubles(key).quarantined
    days = sum(len(each.days) for each in waiting)
    return f"{plural(days, 'price')} held for review" if days else "Nothing held for review"

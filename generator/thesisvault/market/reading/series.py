"""Stored bars turned into series: what a level is, and where its closes come from.

Each function takes what is stored of one instrument and returns a `FullSeries`, all of it, whatever the last day: every
value depends on earlier data alone, so the view from an earlier day is exact truncation.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from thesisvault.analytics.bounds import SLACK_DAYS, Ints
from thesisvault.analytics.kernels import Floats
from thesisvault.analytics.relative import common_rows
from thesisvault.analytics.returns import BASE_LEVEL, total_return
from thesisvault.market.bars import number_day
from thesisvault.market.line import Line, days_of_any
from thesisvault.market.records import PAYS_NOTHING, Basis, Instrument, ViewBasis
from thesisvault.structs import replace
from thesisvault.words import plural

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from thesisvault.market.sessions import Sessions
    from thesisvault.market.store.entries import Column

Actions = list[tuple[int, float, float]]
ONE_DAY = dt.timedelta(days=1)
_HOLES_SHOWN = 3
_NAMES_SHOWN = 5


class FullSeries(Struct, frozen=True, eq=False):
    """One series with all that is stored.

    Attributes:
        levels: See `SeriesView`.
        closes: See `SeriesView`.
        basis: See `SeriesView`.
        currency: ISO code.
        source: The provider of the newest bars.
        notes: A sentence, and the first day from which it is true.
        early: A sentence that matters to windows that begin before its day only, and that day.
        observed: For macro series the day that each value is of; `levels` has the day on which it was to be had.
        missing: Sessions without a bar, oldest first.
    """

    levels: Line
    closes: Line | None
    basis: ViewBasis
    currency: str
    source: str
    notes: tuple[tuple[dt.date, str], ...] = ()
    early: tuple[tuple[dt.date, str], ...] = ()
    observed: Ints | None = None
    missing: tuple[dt.date, ...] = ()


def build(instrument: Instrument, columns: Mapping[Basis, Column], actions: Actions, sessions: Sessions) -> FullSeries:
    """Return the series of an instrument of which something is stored."""
    if instrument.kind == "macro":
        return _macro(instrument, columns.get("value") or next(iter(columns.values())), sessions)
    full = _prices(instrument, columns, actions)
    doubted = [(c.feed.last, f"{instrument.ticker}: {c.feed.doubt}") for c in columns.values() if c.feed.doubt]
    missing = _missing(instrument, full.levels, sessions)
    early = (*full.early, *holes(missing, {instrument.ticker: missing}, instrument.exchange))
    return replace(full, notes=(*full.notes, *doubted), early=early, missing=missing)


def _prices(instrument: Instrument, columns: Mapping[Basis, Column], actions: Actions) -> FullSeries:
    plain, adjusted = columns.get("split_adjusted"), columns.get("adjusted")
    if instrument.kind in PAYS_NOTHING:
        return _paying_nothing(instrument, [c for c in (plain, adjusted) if c is not None])
    if plain is None:
        only = columns["adjusted"]
        return FullSeries(_rescaled(line_of(only)), None, "total", only.feed.currency, only.feed.source)
    close = line_of(plain)
    level, notes, early = _total_return(
        instrument.ticker, close, actions if plain.feed.dividends_known else None, adjusted
    )
    source = plain.feed.source if adjusted is None or plain.feed.last >= adjusted.feed.last else adjusted.feed.source
    if level is None:
        return FullSeries(close, close, "price", plain.feed.currency, source, notes)
    return FullSeries(level, close, "total", plain.feed.currency, source, notes, early)


def _missing(instrument: Instrument, level: Line, sessions: Sessions) -> tuple[dt.date, ...]:
    if instrument.frequency != "daily":
        return ()
    return tuple(number_day(day) for day in sessions.without_bar(instrument.exchange, level.days))


def holes(
    days: Sequence[dt.date], missing: Mapping[str, Collection[dt.date]], exchange: str
) -> tuple[tuple[dt.date, str], ...]:
    """Return what a reader must know of figures that span sessions without a bar, with the day after each.

    The oldest of many share a sentence.

    Args:
        days: The sessions, oldest first.
        missing: Those on which each of some series has no bar.
        exchange: What was open on them.
    """
    shown = days[-_HOLES_SHOWN:]
    said = []
    for day in shown:
        names = [name for name, without in missing.items() if day in without]
        said.append((day + ONE_DAY, f"{_listed(names)}: no bar on {day}, though {exchange} was open"))
    if older := days[: -len(shown)] if shown else ():
        names = [name for name, without in missing.items() if not set(older).isdisjoint(without)]
        many = f"{_listed(names)}: {plural(len(older), 'session')} of {exchange} up to {older[-1]} without a bar"
        said.insert(0, (older[-1] + ONE_DAY, many))
    return tuple(said)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return f"{', '.join(names[:_NAMES_SHOWN])}{more}"


def line_of(column: Column) -> Line:
    """Return stored closes by session."""
    return Line(_days_of(column.days), np.frombuffer(column.close, dtype="<f8").astype(np.float64))


@lru_cache(maxsize=16)
def _days_of(stored: bytes) -> Ints:
    """Return stored days; what trades on one exchange has the same ones, and shares them."""
    days = np.frombuffer(stored, dtype="<i4").astype(np.int64)
    days.flags.writeable = False
    return days


def _rescaled(level: Line) -> Line:
    return level.times(BASE_LEVEL / level.values[0])


def _total_return(
    name: str, close: Line, actions: Actions | None, adjusted: Column | None
) -> tuple[Line | None, tuple[tuple[dt.date, str], ...], tuple[tuple[dt.date, str], ...]]:
    """Return the total return from dividends, continued with the index where closes do not reach, else the index."""
    begins = close.first
    if actions is None:
        if adjusted is not None:
            return _rescaled(line_of(adjusted)), (), ()
        return None, ((begins, f"{name}: dividends are not known, price return only"),), ()
    paid = [(day, amount) for day, amount, _ in actions if amount]
    on = np.array([d for d, _ in paid], dtype=np.int64)
    amounts = np.array([a for _, a in paid], dtype=np.float64)
    try:
        level = Line(close.days, total_return(close.days, close.values, on, amounts))
    except ValueError as error:
        index = None if adjusted is None else _rescaled(line_of(adjusted))
        return index, ((begins, f"{name}: stored dividends cannot be used: {error}"),), ()
    if adjusted is None or np.frombuffer(adjusted.days, dtype="<i4", count=1)[0] >= level.days[0]:
        return level, (), ()
    joined, join = continued_backwards(level, _rescaled(line_of(adjusted)))
    if join is None:
        return level, (), ()
    return joined, (), ((begins, f"total return before {begins} is from adjusted closes"),)


def continued_backwards(
    level: Line, older: Line, keep_scale: bool = False, slack: int = SLACK_DAYS
) -> tuple[Line, dt.date | None]:
    """Return a level that the returns of another continue backwards from their first common session.

    Args:
        level: The series itself; its returns stay as they are.
        older: What continues it; only its values before the first of `level` are used.
        keep_scale: Scale the older part to the newer one, not the other way round.
        slack: So many days the first common session may lie after the first of `level`, and the last earlier value
            before it. What happened over a longer gap is unknown, and would pass for the return of one session.

    Returns:
        The joined level, and the day from which it is its own; None if they have no common session near the first, if
        there is nothing older, or if the sign of the values does not allow it.
    """
    begins = int(level.days[0])
    earlier = older.upto(older.rows_before(begins))
    rows, others = common_rows(level.days, older.days)
    if not len(earlier) or not len(rows):
        return level, None
    new, old = float(level.values[rows[0]]), float(older.values[others[0]])
    if new <= 0 or old <= 0 or max(level.days[rows[0]] - begins, begins - earlier.days[-1]) > slack:
        return level, None
    factor = new / old
    if keep_scale:
        return earlier.times(factor).then(level), level.first
    return earlier.then(Line(level.days, level.values / factor)), level.first


def _paying_nothing(instrument: Instrument, columns: Sequence[Column]) -> FullSeries:
    # Both bases are closes here. The one that starts first is the older part where the other does not reach.
    newest = columns[0].feed
    close = line_of(columns[0])
    for other in columns[1:]:
        more = line_of(other)
        before, after = more.days < close.days[0], more.days > close.days[-1]
        close = Line(
            np.concatenate([more.days[before], close.days, more.days[after]]),
            np.concatenate([more.values[before], close.values, more.values[after]]),
        )
    basis: ViewBasis = "price" if instrument.kind == "index" else "total"
    return FullSeries(close, close, basis, newest.currency, newest.source)


def _macro(instrument: Instrument, column: Column, sessions: Sessions) -> FullSeries:
    """Return values on the session on which they were to be had: the first one on or after the day of publication."""
    values = line_of(column).times(instrument.scale)
    seen = values.days + instrument.lag_days
    last = column.feed.last + (instrument.lag_days + 14) * ONE_DAY
    known = np.array(sessions.day_numbers(instrument.exchange, column.feed.first, last), dtype=np.int64)
    on = known[np.searchsorted(known, seen)]
    # A weekend's values are seen on Monday; the newest of them counts.
    newest = np.append(on[1:] != on[:-1], True)
    shown = Line(on[newest], values.values[newest])
    return FullSeries(shown, None, "value", column.feed.currency, column.feed.source, observed=values.days[newest])


def beside(lines: Sequence[Line]) -> tuple[Ints, Floats]:
    """Return the days of any of some lines, and their values on them: days x lines, NaN where one has none."""
    days = days_of_any(lines)
    block = np.full((len(days), len(lines)), np.nan)
    for place, line in enumerate(lines):
        block[days.searchsorted(line.days), place] = line.values
    return days, block


def true_by(notes: Iterable[tuple[dt.date, str]], day: dt.date) -> tuple[str, ...]:
    """Return the notes that hold on a day."""
    return tuple(text for begins, text in notes if begins <= day)

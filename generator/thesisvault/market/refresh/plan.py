"""What is missing of a series at a moment: the newest bar that there can be, and from which day on to ask.

Prices follow the sessions of their exchange, macro series the dates on which their values are published.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Iterable, Mapping

from msgspec import Struct

from thesisvault.market.bars import number_day
from thesisvault.market.records import Basis, Instrument
from thesisvault.market.sessions import Sessions
from thesisvault.market.store.entries import Feed, Status

OVERLAP = 10
"""So many stored sessions, or observations, are asked for again, to see whether history still agrees."""

_PUBLISHED = dt.time(22)  # UTC; the day's figures of US institutions are out by then
_BACK_OFF = (dt.timedelta(minutes=15), dt.timedelta(hours=1), dt.timedelta(hours=4))
_UNKNOWN_AGAIN = dt.timedelta(days=7)
# A fund's value of a day is known after midnight.
_FUND_LAG_MINUTES = 14 * 60


class Plan(Struct, frozen=True):
    """What a refresh has to know of one series.

    Attributes:
        due: The day of the newest bar or observation that there can be.
        waits: Sources in the network are not asked now, because they answered a short while ago without it.
    """

    due: dt.date
    waits: bool = False


def planned(
    instrument: Instrument,
    feeds: Mapping[Basis, Feed],
    status: Status | None,
    sessions: Sessions,
    *,
    end: dt.date,
    now: dt.datetime,
) -> Plan:
    """Return what is missing of a series.

    Args:
        instrument: The series.
        feeds: What is stored of it.
        status: How its last refresh ended.
        sessions: The sessions of exchanges.
        end: No bar after this day is wanted.
        now: The moment, with a zone.
    """
    if instrument.kind == "macro":
        due = published(instrument, feeds.get("value"), end=end, now=now)
    else:
        lag = _FUND_LAG_MINUTES if instrument.kind == "fund" else None
        finished = sessions.last_finished_session(instrument.exchange, now, lag)
        due = sessions.last_session(instrument.exchange, min(end, finished))
    return Plan(due, status is not None and _waits(status, due, now))


def in_turn(
    instruments: Iterable[Instrument], feeds: Mapping[str, Mapping[Basis, Feed]], statuses: Mapping[str, Status]
) -> list[Instrument]:
    """Return series in the order in which a run asks for them: what was never fetched, then what has waited longest.

    A series has waited since its newest bar, or since a source was last asked for it, so that no run spends its time on
    those that fail while others get none. Of those that have waited equally long the one with the older bars is first.
    """

    def waiting(instrument: Instrument) -> tuple[dt.datetime, dt.date]:
        of = feeds.get(instrument.ticker, {})
        newest = max((feed.last for feed in of.values()), default=dt.date.min)
        since = dt.datetime.combine(newest, dt.time(), dt.UTC)
        status = statuses.get(instrument.ticker)
        return (max(since, status.checked) if status is not None and status.checked else since), newest

    return sorted(instruments, key=waiting)


def _waits(status: Status, due: dt.date, now: dt.datetime) -> bool:
    if status.checked is None or now < status.checked:
        return False
    if status.is_gone:
        return now - status.checked < _UNKNOWN_AGAIN
    if not status.misses or status.due != due:
        return False
    # After a day's attempts the next session is waited for.
    return status.misses > len(_BACK_OFF) or now - status.checked < _BACK_OFF[status.misses - 1]


def start_of(instrument: Instrument, feed: Feed, status: Status | None, sessions: Sessions) -> dt.date:
    """Return the first day to ask for, so that it overlaps what is stored and takes in what could not be kept."""
    begin = feed.last
    if status is not None and status.again_from is not None:
        begin = max(feed.first, min(begin, status.again_from))
    if instrument.kind == "macro":
        return begin - dt.timedelta(days=OVERLAP * instrument.period_days)
    before = begin - dt.timedelta(days=OVERLAP * 3)
    recent = sessions.day_numbers(instrument.exchange, before, begin)
    return number_day(recent[-OVERLAP]) if len(recent) >= OVERLAP else before


def published(instrument: Instrument, feed: Feed | None, *, end: dt.date, now: dt.datetime) -> dt.date:
    """Return the day of the newest observation of a macro series that has been published, by frequency and lag."""
    if feed is None:
        return end
    newest = feed.last
    while True:
        following = _next(newest, instrument.frequency)
        if following > end or _published(following, instrument.lag_days) > now:
            return newest
        newest = following


def _next(day: dt.date, frequency: str) -> dt.date:
    if frequency == "daily":
        return day + dt.timedelta(days=3 if day.weekday() == 4 else 2 if day.weekday() == 5 else 1)
    if frequency == "weekly":
        return day + dt.timedelta(days=7)
    months = day.month - 1 + (1 if frequency == "monthly" else 3)
    year, month = day.year + months // 12, months % 12 + 1
    return dt.date(year, month, min(day.day, monthrange(year, month)[1]))


def _published(observed: dt.date, lag_days: int) -> dt.datetime:
    day = observed + dt.timedelta(days=lag_days)
    day += dt.timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
    return dt.datetime.combine(day, _PUBLISHED, dt.UTC)

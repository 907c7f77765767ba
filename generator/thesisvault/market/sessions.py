"""The sessions of exchanges: when there was one, and which was the last to have closed.

They come from `exchange_calendars`, are computed once per exchange for many years, and are kept in the store: importing
that library costs more than all else that a run with nothing to do does. An exchange that it does not know has a
session every Monday to Friday; `24/7` has one every day.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

from thesisvault.errors import LockedError
from thesisvault.market.bars import day_number, number_day
from thesisvault.market.store.store import Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Days = NDArray[np.int64]

_FIRST = dt.date(1990, 1, 1)
_YEARS_AHEAD = 2
_LAG_MINUTES = {"XNYS": 45, "24/7": 0}
_OTHER_LAG_MINUTES = 90
_DAY = 24 * 60


class Sessions:
    """Answers about sessions, from the store where it has them.

    Args:
        store: Where computed calendars are kept; None keeps them in memory alone.
    """

    def __init__(self, store: Store | None = None) -> None:
        self._store = store
        self._known: dict[str, tuple[list[int], list[int]]] = {}
        self._arrays: dict[str, tuple[list[int], Days]] = {}

    def last_session(self, exchange: str, on_or_before: dt.date) -> dt.date:
        """Return the last session on or before a day."""
        day = day_number(on_or_before)
        days, _ = self._table(exchange, on_or_before)
        place = bisect_right(days, day)
        # Days that the table does not reach, before 1990 above all, follow the week alone.
        if place == 0 or day > _reach(days):
            return number_day(_last_weekday(day) if exchange != "24/7" else day)
        return number_day(days[place - 1])

    def last_finished_session(self, exchange: str, now: dt.datetime, lag_minutes: int | None = None) -> dt.date:
        """Return the last session whose close, and the time that sources need after it, has passed.

        Args:
            exchange: Its MIC code.
            now: A moment with a zone.
            lag_minutes: The time that sources need; None: what is usual for the exchange.
        """
        lag = lag_of(exchange) if lag_minutes is None else lag_minutes
        minute = int(now.timestamp() // 60) - lag
        days, closes = self._table(exchange, now.astimezone(dt.UTC).date())
        place = bisect_right(closes, minute)
        if place and days and minute <= closes[-1]:
            return number_day(days[place - 1])
        day = minute // _DAY
        if exchange == "24/7":
            return number_day(day - 1)
        return number_day(_last_weekday(day if minute >= _plain_close(day) else day - 1))

    def close_minute(self, exchange: str, session: dt.date) -> int:
        """Return when a session closes, in minutes since 1970 in UTC."""
        day = day_number(session)
        if exchange == "24/7":
            return (day + 1) * _DAY
        days, closes = self._table(exchange, session)
        place = bisect_left(days, day)
        return closes[place] if place < len(days) and days[place] == day else _plain_close(day)

    def reach(self, exchange: str, today: dt.date) -> dt.date | None:
        """Return the last day for which the sessions of an exchange are known; None if it has no calendar.

        Args:
            exchange: Its MIC code.
            today: A day that its calendar should reach.
        """
        days, _ = self._table(exchange, today)
        return number_day(_reach(days)) if days else None

    def sessions_between(self, exchange: str, start: dt.date, end: dt.date) -> list[dt.date]:
        """Return the sessions from `start` to `end`, both included, oldest first."""
        return [number_day(n) for n in self.day_numbers(exchange, start, end)]

    def day_numbers(self, exchange: str, start: dt.date, end: dt.date) -> list[int]:
        """Return the sessions from `start` to `end`, both included, as days since 1970."""
        first, last = day_number(start), day_number(end)
        if exchange == "24/7":
            return list(range(first, last + 1))
        days, _ = self._table(exchange, end)
        if not days:
            return [d for d in range(first, last + 1) if _is_weekday(d)]
        begin = day_number(number_day(days[0]).replace(month=1, day=1))
        early = [d for d in range(first, min(last + 1, begin)) if _is_weekday(d)]
        late = [d for d in range(max(first, _reach(days) + 1), last + 1) if _is_weekday(d)]
        return early + days[bisect_left(days, first) : bisect_right(days, last)] + late

    def without_bar(self, exchange: str, days: Sequence[int] | Days) -> list[int]:
        """Return the sessions between the first and the last of some days that are not among them.

        Only sessions that are known count: none before 1990, and none of an exchange that follows the week alone.

        Args:
            exchange: Its MIC code.
            days: Days with a bar, oldest first; an array of them is not copied.
        """
        import numpy as np

        there = np.asarray(days)
        if not there.size:
            return []
        first, last = int(there[0]), int(there[-1])
        if exchange == "24/7":
            known = np.arange(first, last + 1)
        else:
            table = self._array(exchange, number_day(last))
            known = table[table.searchsorted(first) : table.searchsorted(last, side="right")]
        if known.size == there.size and np.array_equal(known, there):
            return []
        found: list[int] = np.setdiff1d(known, there, assume_unique=True).tolist()
        return found

    def _array(self, exchange: str, needed: dt.date) -> Days:
        import numpy as np

        table, _ = self._table(exchange, needed)
        held = self._arrays.get(exchange)
        if held is None or held[0] is not table:
            held = self._arrays[exchange] = table, np.array(table, dtype=np.int64)
        return held[1]

    def _table(self, exchange: str, needed: dt.date) -> tuple[list[int], list[int]]:
        if exchange == "24/7":
            return [], []
        held = self._known.get(exchange)
        if held is None and self._store is not None:
            held = self._store.sessions(exchange, calendar_version())
        if held is None or (held[0] and number_day(held[0][-1]).year < needed.year):
            computed = _compute(exchange, needed)
            held = computed
            if self._store is not None and not self._store.is_reading:
                # While another run is writing, the answer holds without being kept.
                with contextlib.suppress(LockedError):
                    self._store.write_sessions(exchange, *computed, library=calendar_version())
        self._known[exchange] = held
        return held


def lag_of(exchange: str) -> int:
    """Return how many minutes after a close sources have it, as is usual for an exchange."""
    return _LAG_MINUTES.get(exchange, _OTHER_LAG_MINUTES)


@functools.cache
def zone_of(exchange: str) -> str:
    """Return the name of the time zone in which an exchange sets its hours; UTC for one that is not known."""
    import exchange_calendars as library
    from exchange_calendars.errors import CalendarError

    try:
        return str(library.get_calendar(exchange).tz) if exchange != "24/7" else "UTC"
    except (CalendarError, ValueError):
        return "UTC"


@functools.cache
def calendar_version() -> str:
    """Return the version of the library that computes sessions; its next one may know of one more closure."""
    from importlib.metadata import version

    return version("exchange_calendars")


def _compute(exchange: str, needed: dt.date) -> tuple[list[int], list[int]]:
    """Return sessions and closes from 1990 to two years ahead; nothing for an exchange that is not known."""
    import exchange_calendars as library
    from exchange_calendars.errors import CalendarError

    for years_ahead in (_YEARS_AHEAD, 1, 0):
        try:
            end = f"{max(needed.year, _FIRST.year) + years_ahead}-12-31"
            calendar = library.get_calendar(exchange, start=_FIRST.isoformat(), end=end)
            break
        except CalendarError:
            return [], []
        except ValueError:
            continue  # some calendars are known for fewer years ahead
    else:
        try:
            calendar = library.get_calendar(exchange)
        except (CalendarError, ValueError):
            return [], []
    closes = calendar.closes
    return (
        [int(n) for n in closes.index.to_numpy().astype("datetime64[D]").astype("int64")],
        [int(n) for n in closes.dt.tz_localize(None).to_numpy().astype("datetime64[m]").astype("int64")],
    )


def _reach(days: list[int]) -> int:
    return day_number(number_day(days[-1]).replace(month=12, day=31))


def _is_weekday(day: int) -> bool:
    return (day + 3) % 7 < 5  # 1970-01-01 was a Thursday


def _last_weekday(day: int) -> int:
    return day - max(0, (day + 3) % 7 - 4)


def _plain_close(day: int) -> int:
    return day * _DAY + 22 * 60

"""The times of day at which a scheduler has to call, given the sessions of an exchange and the scheduler's time zone.

A scheduler that knows time zones is told those of the exchange, one for usual closes and one for half days. One that
knows its own zone alone is told each time that a close has there in two years: where the two zones change their clocks
on other days there are two, an hour apart. Which of them counts today is decided when they come, by `due`.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from msgspec import Struct

from thesisvault.market.sessions import Sessions, lag_of, zone_of
from thesisvault.schedule.due import AfterClose, AtTime, Calendar, Rule, moments

_AGAIN = (30, 60, 120, 240, 480)
"""Minutes after a due time at which a scheduler calls again: each lies after the moment to which a refusal at the call
before it puts the next try off (a quarter of an hour, then half an hour, one hour and two)."""
_DAY = 24 * 60


class Exchange(Struct, frozen=True):
    """The sessions of one exchange, as a calendar.

    Attributes:
        code: Its MIC code.
        sessions: Where its sessions come from.
    """

    code: str
    sessions: Sessions

    @property
    def lag(self) -> int:
        """How long sources need after a close, in minutes."""
        return lag_of(self.code)

    @property
    def zone(self) -> str:
        """The name of the time zone in which the exchange sets its hours."""
        return zone_of(self.code)

    def closes(self, start: dt.date, end: dt.date) -> list[tuple[dt.date, dt.datetime]]:
        """Return the sessions from `start` to `end` with the moments in UTC at which they close, oldest first."""
        return [
            (day, dt.datetime.fromtimestamp(self.sessions.close_minute(self.code, day) * 60, dt.UTC))
            for day in self.sessions.sessions_between(self.code, start, end)
        ]


class Timing(Struct, frozen=True):
    """When runs are wanted, by the sessions of which exchange, as seen in which year.

    Attributes:
        rule: When runs are wanted.
        exchange: The exchange of the benchmark.
        year: The year in which the schedule is written.
    """

    rule: Rule
    exchange: Exchange
    year: int

    @property
    def own_zone(self) -> str:
        """The time zone in which the rule names few and steady times; empty: that of the machine."""
        return self.rule.zone if isinstance(self.rule, AtTime) else self.exchange.zone

    def own_times(self) -> tuple[dt.time, ...]:
        """Return the times of day at which to call, in `own_zone`."""
        if isinstance(self.rule, AtTime):
            return (self.rule.time,)
        return self.times_in(ZoneInfo(self.own_zone))

    def own_calls(self) -> tuple[dt.time, ...]:
        """Return the times of `own_times`, and those at which a run that a source refused is tried again."""
        return _with_later(self.own_times())

    def calls_in(self, *zones: dt.tzinfo | None) -> tuple[dt.time, ...]:
        """Return the times of `times_in` in each zone, and those at which what a source refused is tried again."""
        return _with_later(tuple({time for zone in zones for time in self.times_in(zone)}))

    def times_in(self, zone: dt.tzinfo | None) -> tuple[dt.time, ...]:
        """Return the times of day at which the machine calls.

        Args:
            zone: The time zone of the machine; None: as the system tells it.
        """
        if isinstance(self.rule, AtTime) and not self.rule.zone:
            return (self.rule.time,)
        return times_of_day(self.rule, self.exchange, self.year, zone)


def _with_later(times: tuple[dt.time, ...]) -> tuple[dt.time, ...]:
    minutes = {time.hour * 60 + time.minute for time in times}
    minutes |= {(each + later) % _DAY for each in minutes for later in _AGAIN}
    return tuple(dt.time(*divmod(each, 60)) for each in sorted(minutes))


def times_of_day(rule: Rule, calendar: Calendar, year: int, zone: dt.tzinfo | None) -> tuple[dt.time, ...]:
    """Return each time of day, in a zone, at which a session of a year or of the next becomes due, earliest first."""
    first, last = dt.date(year, 1, 1), dt.date(year + 1, 12, 31)
    found = {moment.astimezone(zone).time() for _, moment in moments(rule, calendar, first, last)}
    return tuple(sorted(found))


def in_words(timing: Timing) -> str:
    """Return when runs are wanted, as a person says it."""
    rule, code = timing.rule, timing.exchange.code
    if isinstance(rule, AfterClose):
        hours, minutes = divmod(rule.minutes, 60)
        told = " ".join([f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes or not hours))
        return f"{told} after each close of {code}"
    return f"at {rule.time:%H:%M} {rule.zone or 'local time'} after each session of {code}"

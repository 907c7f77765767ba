"""When a run is due: a rule and the sessions of an exchange in, moments out. Nothing here reads a clock or a disk.

Each session has one due moment. After a rule of the market's words it lies a time after the session's close, on half
days too; after a rule by the clock it is the first such time of day at which sources have the close. A run is due once
such a moment has passed since the last good run began, whether the machine slept or a source refused in between. A
scheduler may therefore call too often, and never builds a session twice.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Protocol
from zoneinfo import ZoneInfo, available_timezones

from msgspec import Struct

from thesisvault.errors import UsageError, did_you_mean
from thesisvault.patterns import regex

_SOON = dt.timedelta(days=1)
_FAR = dt.timedelta(days=60)
"""Farther apart than any two sessions of an exchange that is open at all."""
_AFTER = regex(r"close(?:\+(?=\d)(?:(\d{1,2})h)?(?:(\d{1,4})m)?)?", re.ASCII)
_AT = regex(r"(\d{1,2}):(\d{2})(?: (\S+))?", re.ASCII)
_DAY = 24 * 60


class AfterClose(Struct, frozen=True):
    """A number of minutes after the close of each session."""

    minutes: int

    def __str__(self) -> str:
        hours, minutes = divmod(self.minutes, 60)
        return "close+" + (f"{hours}h" if hours else "") + (f"{minutes}m" if minutes or not hours else "")


class AtTime(Struct, frozen=True):
    """A time of day.

    Attributes:
        time: The time, to the minute.
        zone: The name of its time zone; empty: that of the machine.
    """

    time: dt.time
    zone: str = ""

    def __str__(self) -> str:
        return f"{self.time:%H:%M} {self.zone}".rstrip()


Rule = AfterClose | AtTime


class Calendar(Protocol):
    """The sessions of one exchange.

    Attributes:
        lag: How long sources need after a close, in minutes.
    """

    @property
    def lag(self) -> int:
        """How long sources need after a close, in minutes."""

    def closes(self, start: dt.date, end: dt.date) -> list[tuple[dt.date, dt.datetime]]:
        """Return the sessions from `start` to `end` with the moments in UTC at which they close, oldest first."""


class Due(Struct, frozen=True):
    """Whether a run is due.

    Attributes:
        since: Since when, for the newest session; None: it is not.
        session: The newest session whose moment has passed; None: there is none yet.
        next: The next moment at which a session becomes due; None: the exchange has none within two months.
        next_session: The session that becomes due then.
    """

    since: dt.datetime | None
    session: dt.date | None
    next: dt.datetime | None
    next_session: dt.date | None


def parse_rule(text: str) -> Rule:
    """Return the rule that a text names.

    Raises:
        UsageError: It names none.

    >>> str(parse_rule("close+105m")), str(parse_rule("17:30 America/New_York"))
    ('close+1h45m', '17:30 America/New_York')
    """
    if found := _AFTER.fullmatch(text):
        minutes = int(found[1] or 0) * 60 + int(found[2] or 0)
        if minutes > _DAY:
            raise UsageError(f'"{text}" is more than a day after the close.', hint="Use close+24h at most.")
        return AfterClose(minutes)
    if found := _AT.fullmatch(text):
        hours, minutes = int(found[1]), int(found[2])
        if hours < 24 and minutes < 60:
            return AtTime(dt.time(hours, minutes), known_zone(found[3]) if found[3] else "")
        raise UsageError(f'"{found[1]}:{found[2]}" is not a time of day.', hint="Use one as in: --at 17:30")
    raise UsageError(
        f'"{text}" is not a time for a run; expected a time after the close or a time of day.',
        hint="Use one as in: --after close+45m, or: --at 17:30 --tz America/New_York",
    )


def known_zone(name: str) -> str:
    """Return the name of a time zone as it is spelled.

    Raises:
        UsageError: There is no such time zone.
    """
    known = available_timezones()
    if name in known:
        return name
    near = did_you_mean(name, known) or "Use a name as in: America/New_York"
    raise UsageError(f'"{name}" is not a time zone.', hint=near)


def due_moment(rule: Rule, close: dt.datetime, lag: int) -> dt.datetime:
    """Return the moment in UTC at which a session becomes due.

    Args:
        rule: When runs are wanted.
        close: When the session closes.
        lag: How long sources need after it, in minutes; nothing is due before.
    """
    ready = close + dt.timedelta(minutes=lag)
    if isinstance(rule, AfterClose):
        return max(ready, close + dt.timedelta(minutes=rule.minutes)).astimezone(dt.UTC)
    day = ready.astimezone(ZoneInfo(rule.zone) if rule.zone else None).date()
    moment = _at(rule, day)
    return moment if moment >= ready else _at(rule, day + dt.timedelta(days=1))


def moments(rule: Rule, calendar: Calendar, start: dt.date, end: dt.date) -> Iterator[tuple[dt.date, dt.datetime]]:
    """Yield the sessions from `start` to `end`, each with the moment at which it becomes due."""
    for session, close in calendar.closes(start, end):
        yield session, due_moment(rule, close, calendar.lag)


def find_due(
    rule: Rule,
    calendar: Calendar,
    last_good: dt.datetime | None,
    now: dt.datetime,
    again_at: dt.datetime | None = None,
) -> Due:
    """Return whether a run is due, and when the next one will be.

    Args:
        rule: When runs are wanted.
        calendar: The sessions of the exchange.
        last_good: When the last good run began; None: there was none. A moment in the future, which a clock that went
            wrong has left behind, counts as none.
        now: The moment of the question.
        again_at: From when on sources that refused the last run may be asked again; None: none did. No run is due
            before, and one is from then on. A moment more than a day ahead, of a clock that went wrong, counts as none.
    """
    today = now.astimezone(dt.UTC).date()
    before: tuple[dt.date, dt.datetime] | None = None
    after: tuple[dt.date, dt.datetime] | None = None
    for each in moments(rule, calendar, today - _FAR, today + _FAR):
        if each[1] > now:
            after = each
            break
        before = each
    is_due = before is not None and (last_good is None or last_good > now or last_good < before[1])
    since = before[1] if before and is_due else None
    if again_at and again_at - now <= _SOON:
        since = None if again_at > now else since or again_at
        if again_at > now and before:
            after = (before[0], again_at)
    return Due(
        since=since,
        session=before[0] if before else None,
        next=after[1] if after else None,
        next_session=after[0] if after else None,
    )


def _at(rule: AtTime, day: dt.date) -> dt.datetime:
    plain = dt.datetime.combine(day, rule.time)
    return (plain.replace(tzinfo=ZoneInfo(rule.zone)) if rule.zone else plain).astimezone(dt.UTC)

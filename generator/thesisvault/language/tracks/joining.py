"""Which sessions of two tracks belong together.

Prices meet on the sessions that both have, and nothing is filled. Values of a macro series are published on days of
their own, on which hardly anything else has a value: a month's inflation, a month's rate and a quarter's output never
share one. They meet by the period that they are of, from the day on which both are known.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from thesisvault.analytics.bounds import SLACK_DAYS, Ints, Pace, last_days, periods_of
from thesisvault.language.tracks.calendars import Calendars, Joined, Timed


def meet(
    sides: Sequence[Timed | None], calendars: Calendars, *, at_the_end: bool = False
) -> tuple[Timed | None, list[Ints | None]]:
    """Return where several tracks meet and the rows of each there; None: a constant, or all rows in order.

    Args:
        sides: When each has values; None for a constant.
        calendars: Those of the build.
        at_the_end: See `joined`.
    """
    when: Timed | None = None
    rows: list[Ints | None] = []
    for own in sides:
        if own is None or when is None:
            rows.append(None)
            when = when or own
            continue
        both = joined(when, own, calendars, at_the_end=at_the_end)
        if both.left is not None:
            for i, (old, other) in enumerate(zip(rows, sides, strict=False)):
                if other is not None:
                    rows[i] = both.left if old is None else old[both.left]
        when = both.when
        rows.append(both.right)
    return when, rows


def joined(left: Timed, right: Timed, calendars: Calendars, *, at_the_end: bool = False) -> Joined:
    """Return where two tracks meet, which is worked out once a build.

    Args:
        left: The first.
        right: The second.
        calendars: Those of the build.
        at_the_end: A value of the faster one is that of the end of the slower one's period, as for returns, which are
            measured over the same time; else the newest on the day of publication.
    """
    if left.calendar is right.calendar:
        return _joined(left, right, calendars, at_the_end)
    # Calendars are compared by identity, and live as long as the build's.
    key = (left, right, at_the_end)
    if key not in calendars.joined:
        calendars.joined[key] = _joined(left, right, calendars, at_the_end)
    return calendars.joined[key]


def _joined(left: Timed, right: Timed, calendars: Calendars, at_the_end: bool) -> Joined:
    one, other = left.pace.period_days, right.pace.period_days
    pace = Pace(max(one, other), min(left.pace.quiet_until, right.pace.quiet_until))
    apart = left.calendar is not right.calendar and (left.is_published or right.is_published)
    if not apart or pace.period_days == 1:
        return _common(left, right, calendars, pace)
    if one == other:
        return _of_one_period(left, right, calendars, pace)
    fast, slow = (left, right) if one < other else (right, left)
    of_fast, of_slow = _newest_at(fast, slow, at_the_end)
    when = Timed(calendars.of(slow.calendar.days[of_slow]), calendars.of(slow.dated.days[of_slow]), pace)
    return Joined(when, of_fast, of_slow) if fast is left else Joined(when, of_slow, of_fast)


def _common(left: Timed, right: Timed, calendars: Calendars, pace: Pace) -> Joined:
    both = calendars.common(left.calendar, right.calendar)
    slow, rows = (left, both.left) if left.pace.period_days >= right.pace.period_days else (right, both.right)
    dated = both.calendar
    if slow.is_published:
        dated = slow.dated if rows is None else calendars.of(slow.dated.days[rows])
    return Joined(Timed(both.calendar, dated, pace), both.left, both.right)


def _of_one_period(left: Timed, right: Timed, calendars: Calendars, pace: Pace) -> Joined:
    (one, of_left), (other, of_right) = _last_of_each(left, pace), _last_of_each(right, pace)
    _, rows, others = np.intersect1d(one, other, assume_unique=True, return_indices=True)
    of_left, of_right = of_left[rows], of_right[others]
    known = np.maximum(left.calendar.days[of_left], right.calendar.days[of_right])
    dated = np.maximum(left.dated.days[of_left], right.dated.days[of_right])
    return Joined(Timed(calendars.of(known), calendars.of(dated), pace), of_left, of_right)


def _last_of_each(of: Timed, pace: Pace) -> tuple[Ints, Ints]:
    """Return each week, month or quarter that has a value, and the row of its last one."""
    periods = periods_of(of.dated.days, pace)
    rows = np.flatnonzero(np.append(periods[1:] != periods[:-1], True)) if len(periods) else np.zeros(0, np.int64)
    return periods[rows], rows


def _newest_at(fast: Timed, slow: Timed, at_the_end: bool) -> tuple[Ints, Ints]:
    """Return the row of the faster track that goes with each of the slower one's, and those rows of the slower one."""
    known = slow.calendar.days
    found = fast.calendar.days.searchsorted(known, side="right") - 1
    wanted, days = known, fast.calendar.days
    if at_the_end:
        wanted, days = np.minimum(known, last_days(slow.dated.days, slow.pace)), fast.dated.days
        found = np.minimum(found, days.searchsorted(wanted, side="right") - 1)
    slack = SLACK_DAYS + (fast.pace.period_days if fast.pace.period_days > 1 else 0)
    near = (found >= 0) & (wanted - days[np.maximum(found, 0)] <= slack) if len(days) else np.zeros(len(known), bool)
    rows = np.flatnonzero(near)
    return found[rows], rows

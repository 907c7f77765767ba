"""When the two sides of a historical rotation were furthest apart."""

from __future__ import annotations

import datetime as dt

import numpy as np
from msgspec import Struct

from thesisvault.analytics.bounds import Ints, Pace, bound, day_of, number_of
from thesisvault.analytics.kernels import Floats
from thesisvault.scalars import Window


class WidestSpread(Struct, frozen=True):
    """The largest lead of one side over the other between two dates.

    Attributes:
        spread: Return of the side that was bought less that of the side that was sold, both from the last common close
            on or before the start, as a fraction: 0.15 is 15 percentage points.
        day: The first session with it.
        last_close: The last common close on or before the end.
    """

    spread: float
    day: dt.date
    last_close: dt.date


def widest_spread(
    days: Ints, buy: Floats, sell: Floats, start: dt.date, end: dt.date, as_of: dt.date | None = None
) -> WidestSpread | None:
    """Return the widest spread of the rotation from `sell` to `buy`; None where it is unknown.

    Args:
        days: Their common sessions, ascending.
        buy: Level of the side that was bought.
        sell: Level of the side that was sold.
        start: Returns start from the last close on or before this day, at most 7 days older.
        end: The last day that counts.
        as_of: The day up to which nothing more can come, see `Pace.quiet_until`; None: the newest session.

    Raises:
        ValueError: The end is not after the start.

    >>> days = np.array([number_of(dt.date(2000, 3, day)) for day in (24, 27, 28)])
    >>> buy, sell = np.array([100.0, 110.0, 108.0]), np.array([100.0, 95.0, 100.0])
    >>> found = widest_spread(days, buy, sell, dt.date(2000, 3, 24), dt.date(2000, 3, 28))
    >>> round(found.spread, 9), found.day
    (0.15, datetime.date(2000, 3, 27))
    """
    if end <= start:
        raise ValueError(f"an episode from {start} to {end} ends before it begins")
    if not len(days):
        return None
    pace = Pace() if as_of is None else Pace(quiet_until=number_of(as_of))
    window = Window(f"{start}..{end}", "range", start=start, end=end)
    base, last = bound(days, len(days) - 1, window, pace)
    if base < 0:
        return None
    apart = buy[base : last + 1] / buy[base] - sell[base : last + 1] / sell[base]
    top = int(np.argmax(apart))
    return WidestSpread(float(apart[top]), day_of(int(days[base + top])), day_of(int(days[last])))

"""When the two sides of a historical rotation were furthest apart."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from thesisvault.analytics.gaps import session_index
from thesisvault.analytics.relative import joined
from thesisvault.analytics.windows import spans
from thesisvault.scalars import Window


@dataclass(frozen=True)
class WidestSpread:
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
    buy: pd.Series, sell: pd.Series, start: dt.date, end: dt.date, as_of: dt.date | None = None
) -> WidestSpread | None:
    """Return the widest spread of the rotation from `sell` to `buy`, on their common sessions; None where unknown.

    Args:
        buy: Level of the side that was bought.
        sell: Level of the side that was sold.
        start: Returns start from the last close on or before this day, at most 7 days older.
        end: The last day that counts.
        as_of: The day the data are seen from, as in `spans`.

    Raises:
        ValueError: The end is not after the start.

    >>> days = pd.to_datetime(["2000-03-24", "2000-03-27", "2000-03-28"])
    >>> buy, sell = pd.Series([100.0, 110.0, 108.0], index=days), pd.Series([100.0, 95.0, 100.0], index=days)
    >>> found = widest_spread(buy, sell, dt.date(2000, 3, 24), dt.date(2000, 3, 28))
    >>> round(found.spread, 9), found.day
    (0.15, datetime.date(2000, 3, 27))
    """
    if end <= start:
        raise ValueError(f"an episode from {start} to {end} ends before it begins")
    both = joined(buy, sell)
    index = session_index(both)
    found = spans(index, Window(f"{start}..{end}", "range", start=start, end=end), as_of=as_of)
    if found.reason:
        return None
    base, last = int(found.base[-1]), int(found.end[-1])
    growth = both.to_numpy(dtype=np.float64)[base : last + 1]
    apart = growth[:, 0] / growth[0, 0] - growth[:, 1] / growth[0, 1]
    top = int(np.argmax(apart))
    days = index.to_numpy().astype("datetime64[D]")
    return WidestSpread(float(apart[top]), days[base + top].item(), days[last].item())

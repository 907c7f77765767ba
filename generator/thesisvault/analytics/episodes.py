"""The figures of one historical rotation: what both sides did, when they were furthest apart, and what followed."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from thesisvault.analytics.gaps import Block, session_index
from thesisvault.analytics.relative import joined
from thesisvault.analytics.windows import Days, slack_days, spans
from thesisvault.scalars import Window, months_before

UNKNOWN = float("nan")


@dataclass(frozen=True)
class EpisodeFigures:
    """Figures of a rotation between two dates; NaN and None where unknown.

    Attributes:
        buy_return: Return of the side that was bought, from the last common close on or before the start to that on or
            before the end, as a fraction.
        sell_return: The same of the side that was sold.
        spread: `buy_return` less `sell_return`.
        largest_spread: The highest that this difference was at any common session from start to end.
        largest_spread_day: The first session with it.
        length_days: Calendar days from start to end, as given.
        sessions: Common sessions after the first close, up to the last.
        aftermath_spread: The spread over the months after the end; unknown until they are over.
        first_close: The day of the close that the figures start from.
        last_close: The day of the close that they end with.
        reasons: Why a figure is unknown, by its name.
    """

    buy_return: float = UNKNOWN
    sell_return: float = UNKNOWN
    spread: float = UNKNOWN
    largest_spread: float = UNKNOWN
    largest_spread_day: dt.date | None = None
    length_days: int = 0
    sessions: int | None = None
    aftermath_spread: float = UNKNOWN
    first_close: dt.date | None = None
    last_close: dt.date | None = None
    reasons: dict[str, str] = field(default_factory=dict)


def episode_figures(
    buy: pd.Series,
    sell: pd.Series,
    start: dt.date,
    end: dt.date,
    aftermath_months: int = 12,
    as_of: dt.date | None = None,
) -> EpisodeFigures:
    """Return the figures of the rotation from `sell` to `buy` between two dates, on their common sessions.

    Args:
        buy: Level of the side that was bought.
        sell: Level of the side that was sold.
        start: The figures start from the last close on or before this day, at most 7 days older.
        end: They end with the last close on or before this day, at most 7 days older.
        aftermath_months: How many months after the end the aftermath lasts.
        as_of: The day the data are seen from, as in `spans`.

    Raises:
        ValueError: The end is not after the start.

    >>> days = pd.to_datetime(["2000-03-24", "2000-03-27", "2000-03-28"])
    >>> buy, sell = pd.Series([100.0, 110.0, 108.0], index=days), pd.Series([100.0, 95.0, 100.0], index=days)
    >>> figures = episode_figures(buy, sell, dt.date(2000, 3, 24), dt.date(2000, 3, 28))
    >>> round(figures.spread, 9), round(figures.largest_spread, 9), figures.largest_spread_day
    (0.08, 0.15, datetime.date(2000, 3, 27))
    >>> figures.reasons["aftermath_spread"]
    'the 12 months after 2000-03-28 are not over'
    """
    if end <= start:
        raise ValueError(f"an episode from {start} to {end} ends before it begins")
    both = joined(buy, sell)
    index = session_index(both)
    window = Window(f"{start}..{end}", "range", start=start, end=end)
    found = spans(index, window, as_of=as_of)
    length = (end - start).days
    if found.reason:
        names = ("buy_return", "sell_return", "spread", "largest_spread", "sessions", "aftermath_spread")
        reason = found.reason if len(both) else "the two sides have no session in common"
        return EpisodeFigures(length_days=length, reasons=dict.fromkeys(names, reason))
    base, last = int(found.base[-1]), int(found.end[-1])
    values = both.to_numpy(dtype=np.float64)
    days = index.to_numpy().astype("datetime64[D]")
    apart = _apart(values, base, last)
    top = int(np.argmax(apart))
    aftermath, reason = _aftermath(values, days, last, end, aftermath_months, as_of)
    return EpisodeFigures(
        buy_return=float(values[last, 0] / values[base, 0] - 1),
        sell_return=float(values[last, 1] / values[base, 1] - 1),
        spread=float(apart[-1]),
        largest_spread=float(apart[top]),
        largest_spread_day=days[base + top].item(),
        length_days=length,
        sessions=last - base,
        aftermath_spread=aftermath,
        first_close=days[base].item(),
        last_close=days[last].item(),
        reasons={"aftermath_spread": reason} if math.isnan(aftermath) else {},
    )


def _apart(values: Block, base: int, last: int) -> Block:
    """Return the spread since the base, at each row up to the last."""
    growth = values[base : last + 1] / values[base]
    return np.asarray(growth[:, 0] - growth[:, 1])


def _aftermath(
    values: Block, days: Days, last: int, end: dt.date, months: int, as_of: dt.date | None
) -> tuple[float, str]:
    until = months_before(end, -months)
    newest: dt.date = days[-1].item()
    if max(newest, as_of or newest) < until:
        return UNKNOWN, f"the {months} months after {end} are not over"
    row = int(np.searchsorted(days, np.datetime64(until, "D"), side="right")) - 1
    found: dt.date = days[row].item()
    if (until - found).days > slack_days(1):
        return UNKNOWN, f"the last close by {until} is {found}, more than {slack_days(1)} days older"
    return float(_apart(values, last, row)[-1]), ""

"""Closes that were stored as adjusted for splits only, and are adjusted for dividends too, so that these count twice.

Pure functions on `Bars`; earlier versions took an export of yfinance so.
"""

from __future__ import annotations

from bisect import bisect_left

from thesisvault.market.bars import Bars
from thesisvault.market.sources.files.closes import off_grid

_SAME = 1e-4  # of a ratio, as sources round
_LEAST = 3  # so many closes on each side of a dividend show something
_NEAR = 60


def is_copy(stored: Bars, adjusted: Bars) -> bool:
    """Return whether stored closes are adjusted ones times one factor, across a stored dividend at least.

    Of closes as traded the factor changes with each dividend.

    Args:
        stored: Closes that are said to be adjusted for splits only, with dividends.
        adjusted: Closes of the same source that are adjusted for both.
    """
    given = dict(zip(adjusted.days, adjusted.close, strict=True))
    both = [(day, given[day] / close) for day, close in zip(stored.days, stored.close, strict=True) if day in given]
    paid = [day for day, amount in stored.dividends or () if amount and both and both[0][0] < day <= both[-1][0]]
    return bool(paid) and max(ratio for _, ratio in both) <= (1 + _SAME) * min(ratio for _, ratio in both)


def suspected_from(stored: Bars) -> int | None:
    """Return the day of the newest dividend if closes are whole cents from it on and mostly none before it; else None.

    Closes as traded are whole cents on both sides of a dividend, or on neither.
    """
    paid = [day for day, amount in stored.dividends or () if amount and day <= stored.days[-1]]
    if not paid:
        return None
    place = bisect_left(stored.days, paid[-1])
    before, after = stored.close[max(0, place - _NEAR) : place], stored.close[place:]
    if min(len(before), len(after)) < _LEAST or off_grid(after, {}) is not None:
        return None
    broken = sum(off_grid([close], {}) is not None for close in before)
    return paid[-1] if 2 * broken > len(before) else None

"""Total return of closes and dividends.

It is a forward index: a later dividend changes no earlier value, so an earlier `as_of` is exact truncation.
"""

from __future__ import annotations

import numpy as np

from thesisvault.analytics.bounds import Ints, day_of
from thesisvault.analytics.kernels import Floats

BASE_LEVEL = 100.0


def total_return(days: Ints, closes: Floats, paid_on: Ints, paid: Floats) -> Floats:
    """Return the total-return index: 100 at the first close, times C_t / (C_{t-1} - d_t) at each later one.

    This reinvests a dividend at the close before its ex-date less the dividend (CRSP's and Yahoo's rule), so ratios of
    it equal ratios of adjusted closes.

    Args:
        days: The day of each close, ascending.
        closes: Closes adjusted for splits only, without gaps.
        paid_on: Ex-dates. A dividend whose ex-date is no session counts at the next session; one on or before the first
            close changes nothing, and one after the last close not yet.
        paid: Cash per share on each of them, on the same split basis.

    Raises:
        ValueError: A dividend is negative, or not smaller than the close before it.

    >>> total_return(np.arange(3), np.array([50.0, 51.5, 50.0]), np.array([2]), np.array([1.5])).tolist()
    [100.0, 103.0, 103.0]
    """
    steps = np.ones(len(closes))
    if not len(paid):
        np.divide(closes[1:], closes[:-1], out=steps[1:])
        return _compounded(steps)
    at = np.searchsorted(days, paid_on, side="left")
    counts = (at > 0) & (at < len(days))
    cash = np.zeros(len(days))
    np.add.at(cash, at[counts], paid[counts])
    wrong = np.flatnonzero((cash[1:] < 0) | ((cash[1:] > 0) & (cash[1:] >= closes[:-1])))
    if wrong.size:
        row = int(wrong[0]) + 1
        raise ValueError(
            f"the dividend of {cash[row]:g} on {day_of(int(days[row]))} is not between 0 and the close "
            f"before it, {closes[row - 1]:g}; closes and dividends must be on the same split basis"
        )
    np.divide(closes[1:], closes[:-1] - cash[1:], out=steps[1:])
    return _compounded(steps)


def _compounded(steps: Floats) -> Floats:
    return np.asarray(BASE_LEVEL * np.cumprod(steps), dtype=np.float64)

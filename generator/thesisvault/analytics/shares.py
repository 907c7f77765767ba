"""Shares of counts: how sure one may be of a share that rests on few cases."""

from __future__ import annotations

import math

Z_95 = 1.959963984540054
"""The 97.5% quantile of the normal distribution: 95% lie between it and its negative."""


def wilson_lower(hits: int, cases: int, z: float = Z_95) -> float:
    """Return the lower end of Wilson's interval of a share, from 0 to 1; 0 without cases.

    It ranks 13 of 17 above 1 of 1: the fewer the cases, the further it lies below the share itself.

    Args:
        hits: How many cases count, from 0 to `cases`.
        cases: How many there are.
        z: How many standard deviations of the normal distribution the interval spans to each side.

    Source:
        E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of the American
        Statistical Association 22 (1927), 209-212: the smaller root p of (hits/cases - p)^2 = z^2 p (1 - p) / cases.

    >>> [round(wilson_lower(*each), 3) for each in ((1, 1), (5, 10), (13, 17), (0, 4), (0, 0))]
    [0.207, 0.237, 0.527, 0.0, 0.0]
    """
    if not cases:
        return 0.0
    share, square = hits / cases, z * z / cases
    middle = share + square / 2
    spread = math.sqrt(square * (share * (1 - share) + square / 4))
    return max(0.0, (middle - spread) / (1 + square))

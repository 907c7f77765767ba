"""One number per session from many: across the members of a universe, in a row, and of a basket's member.

Plain arrays. Conditions are 1.0 for true, 0.0 for false and NaN for unknown; members are the last axis.
"""

from __future__ import annotations

import numpy as np

from thesisvault.analytics.bounds import Ints
from thesisvault.analytics.kernels import Floats

BROAD_SELL_OFF = "broad sell-off"
ROTATION = "rotation"
HEALTHY_RALLY = "healthy rally"
NARROW_RALLY = "narrow rally"
SESSION_KINDS = (BROAD_SELL_OFF, ROTATION, HEALTHY_RALLY, NARROW_RALLY)
MOST = 0.5
"""More than this share of members up is most of them."""


def streak(values: Floats) -> Floats:
    """Return for how many sessions in a row, up to each, a condition has held; 0 where it does not.

    An unknown makes the count unknown until the next session that is known to be false: the run may have begun before
    it, or with it.

    >>> streak(np.array([1.0, 1.0, np.nan, 1.0, 0.0, 1.0])).tolist()
    [1.0, 2.0, nan, nan, 0.0, 1.0]
    """
    rows = np.arange(len(values))
    last_false = np.maximum.accumulate(np.where(values == 0, rows, -1))
    last_unknown = np.maximum.accumulate(np.where(np.isnan(values), rows, -1))
    return np.where(last_unknown > last_false, np.nan, rows - last_false)


def flips(values: Floats) -> Floats:
    """Return 1.0 at sessions whose known state differs from the last known one before, else 0.0; NaN where unknown.

    The first known state is no flip.

    >>> flips(np.array([np.nan, 1.0, np.nan, 0.0, 0.0])).tolist()
    [nan, 0.0, nan, 1.0, 0.0]
    """
    known = np.flatnonzero(~np.isnan(values))
    out = np.full(len(values), np.nan)
    if known.size:
        states = values[known] != 0
        out[known] = np.concatenate([[False], states[1:] != states[:-1]])
    return out


def count_true(values: Floats) -> Floats:
    """Return for how many members a condition holds; NaN where no member has data.

    >>> count_true(np.array([[1.0, np.nan], [np.nan, np.nan]])).tolist()
    [1.0, nan]
    """
    known = ~np.isnan(values)
    return np.where(known.any(axis=-1), ((values != 0) & known).sum(axis=-1), np.nan)


def share_true(values: Floats) -> Floats:
    """Return the share of members with data for which a condition holds; NaN where none has data.

    >>> share_true(np.array([[1.0, 0.0], [np.nan, np.nan]])).tolist()
    [0.5, nan]
    """
    members = (~np.isnan(values)).sum(axis=-1)
    true = ((values != 0) & ~np.isnan(values)).sum(axis=-1)
    found: Floats = np.divide(true, members, out=np.full(np.shape(members), np.nan), where=members > 0)
    return found


def mean_across(values: Floats) -> Floats:
    """Return the mean of the members with data; NaN where none has data."""
    members = (~np.isnan(values)).sum(axis=-1)
    out = np.full(np.shape(members), np.nan)
    found: Floats = np.divide(np.nansum(values, axis=-1), members, out=out, where=members > 0)
    return found


def median_across(values: Floats) -> Floats:
    """Return the median of the members with data; NaN where none has data.

    >>> median_across(np.array([[1.0, 5.0, np.nan], [np.nan, np.nan, np.nan]])).tolist()
    [3.0, nan]
    """
    ordered = np.sort(values, axis=-1)
    members = (~np.isnan(values)).sum(axis=-1)
    low, high = np.maximum((members - 1) // 2, 0), np.maximum(members // 2, 0)
    pick = np.minimum(np.stack([low, high], axis=-1), values.shape[-1] - 1)
    return np.where(members > 0, np.take_along_axis(ordered, pick, axis=-1).mean(axis=-1), np.nan)


def dispersion(values: Floats) -> Floats:
    """Return the sample deviation across members with data; NaN with fewer than two of them.

    >>> dispersion(np.array([[0.01, 0.03, np.nan], [0.01, np.nan, np.nan]])).round(6).tolist()
    [0.014142, nan]
    """
    known = ~np.isnan(values)
    members = known.sum(axis=-1)
    off = np.where(known, values - mean_across(values)[..., None], 0.0)
    squares = (off * off).sum(axis=-1)
    out = np.full(np.shape(members), np.nan)
    found: Floats = np.sqrt(np.divide(squares, members - 1, out=out, where=members > 1))
    return found


def drifted(level: Floats, gains: Floats, settings: Ints, chosen: Floats) -> Floats:
    """Return the weight of a member of a basket at the close of each session, as prices have moved it.

    On a session at whose close weights are set anew it is the weight before that, which is what could be known then;
    at the first session it is the weight that was set.

    Args:
        level: Level of the basket.
        gains: Points of the level that came from the member since the first session.
        settings: Rows at which weights were set.
        chosen: The member's weight at each of them.
    """
    rows = np.arange(len(level))
    latest = np.maximum(settings.searchsorted(rows, side="left") - 1, 0)
    set_on = settings[latest]
    found: Floats = (chosen[latest] * level[set_on] + gains - gains[set_on]) / level
    return found

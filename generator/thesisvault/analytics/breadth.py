"""How many: shares and counts of members, dispersion, classes of sessions, streaks, flips and ranks.

Conditions are 1.0 for true, 0.0 for false and NaN for unknown.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from thesisvault.analytics.across import BROAD_SELL_OFF, HEALTHY_RALLY, MOST, NARROW_RALLY, ROTATION
from thesisvault.analytics.gaps import Block, L
from thesisvault.analytics.relative import joined


def share_true(conditions: pd.DataFrame) -> pd.Series:
    """Return the share of members with data for which the condition holds, at each session; NaN where none has data.

    >>> days = pd.date_range("2026-01-01", periods=2)
    >>> share_true(pd.DataFrame({"A": [1.0, np.nan], "B": [0.0, np.nan]}, index=days)).tolist()
    [0.5, nan]
    """
    values = _values(conditions)
    known = ~np.isnan(values)
    members = known.sum(axis=1)
    true = ((values != 0) & known).sum(axis=1)
    share = np.divide(true, members, out=np.full(len(members), np.nan), where=members > 0)
    return pd.Series(share, index=conditions.index)


def count_true(conditions: pd.DataFrame) -> pd.Series:
    """Return for how many members the condition holds, at each session; NaN where no member has data.

    >>> count_true(pd.DataFrame({"A": [1.0], "B": [np.nan]}, index=pd.date_range("2026-01-01", periods=1))).tolist()
    [1.0]
    """
    values = _values(conditions)
    known = ~np.isnan(values)
    count = ((values != 0) & known).sum(axis=1).astype(np.float64)
    return pd.Series(np.where(known.any(axis=1), count, np.nan), index=conditions.index)


def dispersion(returns: pd.DataFrame) -> pd.Series:
    """Return the sample deviation across members with data, at each session; NaN with fewer than two of them.

    >>> days = pd.date_range("2026-01-01", periods=2)
    >>> dispersion(pd.DataFrame({"A": [0.01, 0.01], "B": [0.03, np.nan]}, index=days)).round(6).tolist()
    [0.014142, nan]
    """
    return returns.std(axis=1, ddof=1)


def classify_session(index_return: pd.Series, share_up: pd.Series) -> pd.Series:
    """Return the kind of each common session; None where the index did not move or one of the two is unknown.

    An index that fell while more than half of the members rose is a `rotation`, else a `broad sell-off`; one that rose
    with more than half of them is a `healthy rally`, else a `narrow rally`.

    Args:
        index_return: Daily return of the index.
        share_up: Share of members with data that rose.

    >>> days = pd.date_range("2026-01-01", periods=3)
    >>> classify_session(pd.Series([-0.01, 0.01, 0.0], index=days), pd.Series([0.6, 0.6, 0.6], index=days)).tolist()
    ['rotation', 'healthy rally', None]
    """
    index = index_return.index.intersection(share_up.index)
    both = joined(index_return, share_up).reindex(index)
    move, most = both[0].to_numpy(), both[1].to_numpy() > MOST
    kinds = np.full(len(index), None, dtype=object)
    kinds[(move < 0) & most] = ROTATION
    kinds[(move < 0) & ~most] = BROAD_SELL_OFF
    kinds[(move > 0) & most] = HEALTHY_RALLY
    kinds[(move > 0) & ~most] = NARROW_RALLY
    return pd.Series(kinds, index=index, dtype=object)


def streak(condition: L) -> L:
    """Return for how many sessions in a row, up to each, the condition has held; 0 where it does not.

    An unknown makes the count unknown until the next session that is known to be false: the run may have begun before
    it, or with it.

    >>> streak(pd.Series([1.0, 1.0, np.nan, 1.0, 0.0, 1.0], index=pd.date_range("2026-01-01", periods=6))).tolist()
    [1.0, 2.0, nan, nan, 0.0, 1.0]
    """
    values = _values(condition)
    rows = np.arange(len(values)).reshape(-1, *[1] * (values.ndim - 1))
    last_false = np.maximum.accumulate(np.where(values == 0, rows, -1), axis=0)
    last_unknown = np.maximum.accumulate(np.where(np.isnan(values), rows, -1), axis=0)
    return _like(condition, np.where(last_unknown > last_false, np.nan, rows - last_false))


def flips(condition: L) -> L:
    """Return 1.0 at sessions whose known state differs from the last known one before, else 0.0; NaN where unknown.

    The first known state is no flip.

    >>> flips(pd.Series([np.nan, 1.0, np.nan, 0.0, 0.0], index=pd.date_range("2026-01-01", periods=5))).tolist()
    [nan, 0.0, nan, 1.0, 0.0]
    """
    values = _values(condition)
    old = _values(condition.ffill().shift())
    changed = (~np.isnan(old) & ((values != 0) != (old != 0))).astype(np.float64)
    return _like(condition, np.where(np.isnan(values), np.nan, changed))


def rank_of(values: pd.DataFrame, column: str) -> pd.Series:
    """Return the place of one member among those with data, at each session: 1 is the highest, equals share the better.

    NaN where the member itself has no data.

    >>> frame = pd.DataFrame({"A": [1.0, 3.0], "B": [2.0, 2.0]}, index=pd.date_range("2026-01-01", periods=2))
    >>> rank_of(frame, "A").tolist()
    [2.0, 1.0]
    """
    own = values[column].to_numpy(dtype=np.float64)
    above = (_values(values) > own[:, None]).sum(axis=1)
    return pd.Series(np.where(np.isnan(own), np.nan, above + 1.0), index=values.index)


def _values(levels: pd.Series | pd.DataFrame) -> Block:
    return np.asarray(levels.to_numpy(dtype=np.float64, na_value=np.nan))


def _like(levels: L, values: Block) -> L:
    if isinstance(levels, pd.Series):
        return pd.Series(values, index=levels.index, name=levels.name)
    return pd.DataFrame(values, index=levels.index, columns=levels.columns)

"""A basket as one level: weights set on some sessions, drifting with prices between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from generator.analytics.gaps import Block, session_index
from generator.analytics.returns import BASE_LEVEL
from generator.analytics.windows import SLACK_DAYS, Days, Positions

Rebalance = Literal["never", "monthly", "quarterly", "yearly"] | tuple[dt.date, ...]
DatedWeights = Sequence[tuple[dt.date, Mapping[str, float]]]

_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}


@dataclass(frozen=True, eq=False)
class BasketLevel:
    """What a basket was worth, and what it was made of.

    Attributes:
        level: 100 at the first session.
        weights: One row for each session on which weights were set, one column a member; a row sums to 1, and a member
            that is not held has 0. They hold from the close of that session.
    """

    level: pd.Series
    weights: pd.DataFrame


def basket_level(
    levels: pd.DataFrame,
    weights: Mapping[str, float] | None = None,
    rebalance: Rebalance = "monthly",
    dated: DatedWeights = (),
    min_members: int = 1,
    base_date: dt.date | None = None,
) -> BasketLevel:
    """Return the level of a basket, and its weights whenever they were set.

    Weights are set at the first session, then at the last session of each month, quarter or year, or at the last
    session on or before each given date, and drift between. A member that is listed later joins when weights are set
    next (never, if they are not). A member without a value keeps its last one; at the next setting it leaves if that is
    more than 7 days old. If nobody is left who could be held, the old holdings stay.

    Args:
        levels: Total-return levels, one member a column. Every row on which a member has a value is a session; pass the
            rows of one exchange where members trade on several.
        weights: A share for each member, scaled to sum to 1 over those with data. None: equal.
        rebalance: When weights are set anew.
        dated: Weights in force from each date on, set at the last session on or before it, in place of `weights`.
        min_members: The basket begins where at least so many members have data.
        base_date: The basket begins no earlier than this.

    Raises:
        ValueError: Weights name a member that has no column, are negative or sum to nothing, or dates do not ascend.

    >>> days = pd.to_datetime(["2026-01-30", "2026-02-02", "2026-02-27", "2026-03-02"])
    >>> levels = pd.DataFrame({"A": [10.0, 20.0, 20.0, 20.0], "B": [10.0, 10.0, 10.0, 20.0]}, index=days)
    >>> basket_level(levels).level.tolist(), basket_level(levels, rebalance="never").level.tolist()
    ([100.0, 150.0, 150.0, 225.0], [100.0, 150.0, 150.0, 200.0])
    """
    _checked(levels, weights, dated)
    values = np.asarray(levels.to_numpy(dtype=np.float64, na_value=np.nan))
    all_days = session_index(levels).to_numpy().astype("datetime64[D]")
    asked = _asked(levels, weights, dated, all_days)
    alive = (~np.isnan(values) & (asked > 0).any(axis=0)).any(axis=1)
    held, fresh = _carried(values[alive], all_days[alive])
    asked, index, days = asked[alive], session_index(levels)[alive], all_days[alive]
    no_earlier = max(day for day in (base_date, dated[0][0] if dated else None, dt.date.min) if day is not None)
    enough = ((fresh & (asked > 0)).sum(axis=1) >= max(min_members, 1)) & (days >= np.datetime64(no_earlier, "D"))
    if not enough.any():
        return BasketLevel(pd.Series(dtype=np.float64, index=index[:0]), levels.iloc[:0])
    rows = slice(int(np.argmax(enough)), None)
    settings = [0, *_setting_rows(days[rows], rebalance, dated)]
    level, taken = _drifted(held[rows], np.where(fresh, asked, 0.0)[rows], settings)
    index = index[rows]
    weights_set = pd.DataFrame(list(taken.values()), index=index[list(taken)], columns=levels.columns, dtype=np.float64)
    return BasketLevel(pd.Series(level, index=index), weights_set)


def _drifted(held: Block, asked: Block, settings: list[int]) -> tuple[Block, dict[int, Block]]:
    """Return the level at each row, and the weights by the row at which they were set."""
    level = np.full(len(held), np.nan)
    level[0] = BASE_LEVEL
    units = np.zeros(held.shape[1])
    taken: dict[int, Block] = {}
    for row, until in zip(settings, [*settings[1:], len(held) - 1], strict=True):
        total = asked[row].sum()
        if total > 0:
            taken[row] = asked[row] / total
            units = np.divide(taken[row], held[row], out=np.zeros_like(units), where=asked[row] > 0) * level[row]
        owned = units > 0
        level[row + 1 : until + 1] = held[row + 1 : until + 1, owned] @ units[owned]
    return level, taken


def _checked(levels: pd.DataFrame, weights: Mapping[str, float] | None, dated: DatedWeights) -> None:
    for one in [weights, *(given for _, given in dated)]:
        if one is None:
            continue
        missing = [name for name in one if name not in levels.columns]
        if missing:
            raise ValueError(f"weights name {', '.join(missing)}, which the basket has no levels of")
        if any(not np.isfinite(share) or share < 0 for share in one.values()) or sum(one.values()) <= 0:
            raise ValueError(f"weights are {dict(one)}; expected shares of 0 or more that sum to more than 0")
    days = [day for day, _ in dated]
    if days != sorted(set(days)):
        raise ValueError("dated weights must stand in the order of their dates, each date once")


def _carried(values: Block, days: Days) -> tuple[Block, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
    """Return the last known value of each member at each row, and whether it is fresh enough to be bought at."""
    rows = np.arange(len(values))[:, None]
    last = np.maximum.accumulate(np.where(np.isnan(values), -1, rows), axis=0)
    at = np.maximum(last, 0)
    held = np.where(last >= 0, np.take_along_axis(values, at, axis=0), np.nan)
    age = (days[:, None] - days[at]).astype(np.int64) if len(days) else np.zeros(values.shape, dtype=np.int64)
    return held, (last >= 0) & (age <= SLACK_DAYS) & (held > 0)


def _asked(levels: pd.DataFrame, weights: Mapping[str, float] | None, dated: DatedWeights, days: Days) -> Block:
    """Return the shares asked for at each row, before those without data are left out."""
    plain = [1.0 if weights is None else float(weights.get(name, 0.0)) for name in levels.columns]
    asked = np.tile(np.asarray(plain), (len(days), 1))
    for day, shares in dated:
        begins = max(_row_of(days, day), 0)
        asked[begins:] = [float(shares.get(name, 0.0)) for name in levels.columns]
    return asked


def _setting_rows(days: Days, rebalance: Rebalance, dated: DatedWeights) -> list[int]:
    """Return the rows after the first at which weights are set and a session follows."""
    if isinstance(rebalance, tuple):
        ends: Positions = np.asarray([_row_of(days, day) for day in rebalance], dtype=np.int64)
    elif rebalance == "never":
        ends = np.zeros(0, dtype=np.int64)
    else:
        period = days.astype("datetime64[M]").astype(np.int64) // _MONTHS[rebalance]
        ends = np.flatnonzero(np.diff(period)).astype(np.int64)
    rows = {*ends.tolist(), *(_row_of(days, day) for day, _ in dated)}
    # Whether the newest session is the last of its period is known only when the next has come.
    return sorted(row for row in rows if 0 < row < len(days) - 1)


def _row_of(days: Days, day: dt.date) -> int:
    return int(np.searchsorted(days, np.datetime64(day, "D"), side="right")) - 1

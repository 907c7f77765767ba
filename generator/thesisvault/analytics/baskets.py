"""A basket as one level: weights set on some sessions, drifting with prices between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from thesisvault.analytics.bounds import SLACK_DAYS, Ints
from thesisvault.analytics.gaps import Block, session_index
from thesisvault.analytics.returns import BASE_LEVEL
from thesisvault.analytics.windows import spans
from thesisvault.scalars import Window

Rebalance = Literal["never", "monthly", "quarterly", "yearly"] | tuple[dt.date, ...]
Days = npt.NDArray[np.datetime64]
DatedWeights = Sequence[tuple[dt.date, Mapping[str, float]]]

_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}


@dataclass(frozen=True, eq=False)
class BasketLevel:
    """What a basket was worth, what it was made of, and what each member gave to it.

    Attributes:
        level: 100 at the first session.
        weights: One row for each session on which weights were set, one column a member; a row sums to 1, and a member
            that is not held has 0. They hold from the close of that session.
        gains: One row a session, one column a member: the points of the level that came from the member since the first
            session. A row sums to the level less 100, so what a member gave over any span is a difference of two rows.
    """

    level: pd.Series
    weights: pd.DataFrame
    gains: pd.DataFrame

    def until(self, rows: int) -> BasketLevel:
        """Return its first sessions: what was known of it on the last of them."""
        if rows >= len(self.level):
            return self
        return BasketLevel(self.level.iloc[:rows], self.weights.iloc[: self._set_by(rows)], self.gains.iloc[:rows])

    def held_on(self, rows: int) -> list[str]:
        """Return the members that weigh anything after its first sessions, at least one, by the weights known then."""
        weights = self.weights.to_numpy()[self._set_by(rows) - 1]
        return [str(name) for name in self.weights.columns[weights > 0]]

    def _set_by(self, rows: int) -> int:
        """Return how often weights were set by the last of its first sessions."""
        if rows >= len(self.level):
            return len(self.weights)
        # Weights are set at a session's close only once another has followed; the first session's stand at once.
        known = int(self.weights.index.searchsorted(self.level.index[rows - 1])) if rows else 0
        return max(known, min(rows, 1))


def basket_level(
    levels: pd.DataFrame,
    weights: Mapping[str, float] | None = None,
    rebalance: Rebalance = "monthly",
    dated: DatedWeights = (),
    min_members: int = 1,
    base_date: dt.date | None = None,
    cap: float | None = None,
) -> BasketLevel:
    """Return the level of a basket, its weights whenever they were set, and what each member gave.

    Weights are set at the first session, then at the last session of each month, quarter or year, or at the last
    session on or before each given date, and drift between. A member that is listed later joins when weights are set
    next (never, if they are not). A member without a value keeps its last one; at the next setting it leaves if that is
    more than 7 days old. If nobody is left who could be held, the old holdings stay.

    A cap holds when weights are set, after shares are scaled to the members with data: what is above it goes to the
    others in proportion. Where the members with data are too few for it, they weigh the same.

    Args:
        levels: Total-return levels, one member a column. Every row on which a member has a value is a session; pass the
            rows of one exchange where members trade on several.
        weights: A share for each member, scaled to sum to 1 over those with data. None: equal.
        rebalance: When weights are set anew.
        dated: Weights in force from each date on, set at the last session on or before it, in place of `weights`.
        min_members: The basket begins where at least so many members have data.
        base_date: The basket begins no earlier than this.
        cap: The largest weight that a member is given, as a fraction.

    Raises:
        ValueError: Weights name a member that has no column, are negative or sum to nothing, dates do not ascend, or
            the cap is not above 0 and at most 1.

    >>> days = pd.to_datetime(["2026-01-30", "2026-02-02", "2026-02-27", "2026-03-02"])
    >>> levels = pd.DataFrame({"A": [10.0, 20.0, 20.0, 20.0], "B": [10.0, 10.0, 10.0, 20.0]}, index=days)
    >>> basket_level(levels).level.tolist(), basket_level(levels, rebalance="never").level.tolist()
    ([100.0, 150.0, 150.0, 225.0], [100.0, 150.0, 150.0, 200.0])
    """
    _checked(levels, weights, dated)
    if cap is not None and not 0 < cap <= 1:
        raise ValueError(f"the cap is {cap:g}; expected more than 0 and at most 1")
    values = np.asarray(levels.to_numpy(dtype=np.float64, na_value=np.nan))
    all_days = session_index(levels).to_numpy().astype("datetime64[D]")
    asked = _asked(levels, weights, dated, all_days)
    alive = (~np.isnan(values) & (asked > 0).any(axis=0)).any(axis=1)
    held, fresh = _carried(values[alive], all_days[alive])
    asked, index, days = asked[alive], session_index(levels)[alive], all_days[alive]
    no_earlier = max(day for day in (base_date, dated[0][0] if dated else None, dt.date.min) if day is not None)
    enough = ((fresh & (asked > 0)).sum(axis=1) >= max(min_members, 1)) & (days >= np.datetime64(no_earlier, "D"))
    if not enough.any():
        return BasketLevel(pd.Series(dtype=np.float64, index=index[:0]), levels.iloc[:0], levels.iloc[:0])
    rows = slice(int(np.argmax(enough)), None)
    settings = [0, *_setting_rows(days[rows], rebalance, dated)]
    level, gains, taken = _drifted(held[rows], np.where(fresh, asked, 0.0)[rows], settings, cap)
    index = index[rows]
    weights_set = pd.DataFrame(list(taken.values()), index=index[list(taken)], columns=levels.columns, dtype=np.float64)
    gained = pd.DataFrame(gains, index=index, columns=levels.columns)
    return BasketLevel(pd.Series(level, index=index), weights_set, gained)


def contributions(
    basket: BasketLevel, members: Sequence[str], window: Window, as_of: dt.date | None = None
) -> pd.DataFrame:
    """Return what members gave to the return of a basket over a window, as fractions, seen from each session.

    A member's gains inside the window, in points of the level, over the level at the window's base. Over all members
    they sum to the return of the basket exactly, through rebalancings, late listings and ends; a member that was not
    held gave 0. NaN where the window is unknown.

    Args:
        basket: The basket.
        members: Whose contribution; a column each.
        window: Which stretch of time.
        as_of: The day the data are seen from, see `windows.spans`.

    >>> days = pd.to_datetime(["2026-02-25", "2026-02-26", "2026-02-27"])
    >>> levels = pd.DataFrame({"A": [10.0, 20.0, 30.0], "B": [10.0, 10.0, 5.0]}, index=days)
    >>> from thesisvault.scalars import parse_window
    >>> contributions(basket_level(levels), ["A", "B"], parse_window(2)).iloc[-1].tolist()
    [1.0, -0.25]
    """
    found = spans(session_index(basket.level), window, 1, as_of)
    level, gains = basket.level.to_numpy(), basket.gains[list(members)].to_numpy()
    out = np.full(gains.shape, np.nan)
    base, end = found.base[found.known], found.end[found.known]
    out[found.known] = (gains[end] - gains[base]) / level[base][:, None]
    return pd.DataFrame(out, index=basket.level.index, columns=list(members))


def drifted_weights(basket: BasketLevel, members: Sequence[str]) -> pd.DataFrame:
    """Return the weight of members at the close of each session, as prices have moved it since weights were set.

    On a session at whose close weights are set anew it is the weight before that, which is what could be known then;
    at the first session it is the weight that was set.

    >>> days = pd.to_datetime(["2026-02-26", "2026-02-27"])
    >>> levels = pd.DataFrame({"A": [10.0, 30.0], "B": [10.0, 10.0]}, index=days)
    >>> drifted_weights(basket_level(levels), ["A", "B"]).to_numpy().tolist()
    [[0.5, 0.5], [0.75, 0.25]]
    """
    names = list(members)
    if basket.level.empty:
        return pd.DataFrame(columns=names, index=basket.level.index, dtype=np.float64)
    level, gains, chosen = basket.level.to_numpy(), basket.gains[names].to_numpy(), basket.weights[names].to_numpy()
    settings = basket.level.index.get_indexer(basket.weights.index)
    rows = np.arange(len(level))
    latest = np.maximum(np.searchsorted(settings, rows, side="left") - 1, 0)
    set_on = settings[latest]
    worth = chosen[latest] * level[set_on][:, None] + gains - gains[set_on]
    return pd.DataFrame(worth / level[:, None], index=basket.level.index, columns=names)


def capped(shares: Block, cap: float) -> Block:
    """Return shares that sum to 1 with none above the cap; what is above goes to the others in proportion.

    Where the cap cannot hold, those that are above 0 share alike.

    >>> capped(np.array([0.6, 0.3, 0.1]), 0.5).round(9).tolist()
    [0.5, 0.375, 0.125]
    >>> capped(np.array([0.7, 0.2, 0.1]), 0.4).round(9).tolist()
    [0.4, 0.4, 0.2]
    >>> capped(np.array([0.9, 0.1, 0.0]), 0.3).tolist()
    [0.5, 0.5, 0.0]
    """
    shares = shares / shares.sum()
    held = shares > 0
    if cap * held.sum() <= 1 + 1e-12:
        return np.where(held, 1 / held.sum(), 0.0)
    full = np.zeros(shares.shape, dtype=bool)
    # One that is capped stays so: the others only grow, and each round caps one more at least.
    while (over := ~full & (shares > cap)).any():
        full |= over
        free = np.where(full, 0.0, shares)
        shares = np.where(full, cap, free * (1 - cap * full.sum()) / free.sum())
    return shares


def _drifted(
    held: Block, asked: Block, settings: list[int], cap: float | None
) -> tuple[Block, Block, dict[int, Block]]:
    """Return level and gains at each row, and the weights by the row at which they were set."""
    level, gains = np.full(len(held), np.nan), np.zeros(held.shape)
    level[0] = BASE_LEVEL
    units = np.zeros(held.shape[1])
    taken: dict[int, Block] = {}
    for row, until in zip(settings, [*settings[1:], len(held) - 1], strict=True):
        total = asked[row].sum()
        if total > 0:
            taken[row] = asked[row] / total if cap is None else capped(asked[row], cap)
            units = np.divide(taken[row], held[row], out=np.zeros_like(units), where=asked[row] > 0) * level[row]
        owned, span = units > 0, slice(row + 1, until + 1)
        own, shares = held[span][:, owned], units[owned]
        gained = (own - held[row, owned]) * shares
        if owned.all():
            np.add(gains[row], gained, out=gains[span])
        else:
            gains[span] = gains[row]
            gains[span, owned] += gained
        level[span] = own @ shares
    return level, gains, taken


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
        ends: Ints = np.asarray([_row_of(days, day) for day in rebalance], dtype=np.int64)
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

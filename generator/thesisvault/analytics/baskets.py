"""A basket as one level: weights set on some sessions, drifting with prices between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from thesisvault.analytics.bounds import SLACK_DAYS, Ints, number_of
from thesisvault.analytics.kernels import Floats
from thesisvault.analytics.returns import BASE_LEVEL

Rebalance = Literal["never", "monthly", "quarterly", "yearly"] | tuple[dt.date, ...]
DatedWeights = Sequence[tuple[dt.date, Mapping[str, float]]]

_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}


class BasketLevel(Struct, frozen=True, eq=False):
    """What a basket was worth, what it was made of, and what each member gave to it.

    Attributes:
        members: The members that have data, in their order.
        days: Its sessions, ascending.
        level: 100 at the first session.
        set_on: The days on which weights were set.
        weights: One row for each of them, one column a member; a row sums to 1, and a member that is not held has 0.
            They hold from the close of that session.
        gains: One row a session, one column a member: the points of the level that came from the member since the first
            session. A row sums to the level less 100, so what a member gave over any span is a difference of two rows.
    """

    members: tuple[str, ...]
    days: Ints
    level: Floats
    set_on: Ints
    weights: Floats
    gains: Floats

    def until(self, rows: int) -> BasketLevel:
        """Return its first sessions: what was known of it on the last of them."""
        if rows >= len(self.days):
            return self
        days, set_by = self.days[:rows], self._set_by(rows)
        return BasketLevel(
            self.members, days, self.level[:rows], self.set_on[:set_by], self.weights[:set_by], self.gains[:rows]
        )

    def held_on(self, rows: int) -> list[str]:
        """Return the members that weigh anything after its first sessions, at least one, by the weights known then."""
        weights = self.weights[self._set_by(rows) - 1]
        return [name for name, weight in zip(self.members, weights.tolist(), strict=True) if weight > 0]

    def _set_by(self, rows: int) -> int:
        """Return how often weights were set by the last of its first sessions."""
        if rows >= len(self.level):
            return len(self.weights)
        # Weights are set at a session's close only once another has followed; the first session's stand at once.
        known = int(self.set_on.searchsorted(self.days[rows - 1])) if rows else 0
        return max(known, min(rows, 1))


def basket_level(
    members: Sequence[str],
    days: Ints,
    levels: Floats,
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
        members: One a column.
        days: The day of each row, ascending.
        levels: Total-return levels, days x members, NaN where a member has none. Every row on which a member has a
            value is a session; pass the rows of one exchange where members trade on several.
        weights: A share for each member, scaled to sum to 1 over those with data. None: equal.
        rebalance: When weights are set anew.
        dated: Weights in force from each date on, set at the last session on or before it, in place of `weights`.
        min_members: The basket begins where at least so many members have data.
        base_date: The basket begins no earlier than this.
        cap: The largest weight that a member is given, as a fraction.

    Raises:
        ValueError: Weights name a member that has no column, are negative or sum to nothing, dates do not ascend, or
            the cap is not above 0 and at most 1.

    >>> days = np.array(["2026-01-30", "2026-02-02", "2026-02-27", "2026-03-02"], "datetime64[D]").astype(np.int64)
    >>> levels = np.array([[10.0, 10.0], [20.0, 10.0], [20.0, 10.0], [20.0, 20.0]])
    >>> [basket_level(["A", "B"], days, levels, rebalance=when).level.tolist() for when in ("monthly", "never")]
    [[100.0, 150.0, 150.0, 225.0], [100.0, 150.0, 150.0, 200.0]]
    """
    _checked(members, weights, dated)
    if cap is not None and not 0 < cap <= 1:
        raise ValueError(f"the cap is {cap:g}; expected more than 0 and at most 1")
    asked = _asked(members, weights, dated, days)
    alive = (~np.isnan(levels) & (asked > 0).any(axis=0)).any(axis=1)
    asked, days = asked[alive], days[alive]
    held, fresh = _carried(levels[alive], days)
    no_earlier = max(day for day in (base_date, dated[0][0] if dated else None, dt.date.min) if day is not None)
    enough = ((fresh & (asked > 0)).sum(axis=1) >= max(min_members, 1)) & (days >= number_of(no_earlier))
    if not enough.any():
        none, nobody = np.zeros(0, dtype=np.int64), np.zeros((0, len(members)))
        return BasketLevel(tuple(members), none, np.zeros(0), none, nobody, nobody)
    rows = slice(int(np.argmax(enough)), None)
    settings = [0, *_setting_rows(days[rows], rebalance, dated)]
    level, gains, taken = _drifted(held[rows], np.where(fresh, asked, 0.0)[rows], settings, cap)
    days = days[rows]
    return BasketLevel(tuple(members), days, level, days[list(taken)], np.array(list(taken.values())), gains)


def capped(shares: Floats, cap: float) -> Floats:
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
    held: Floats, asked: Floats, settings: list[int], cap: float | None
) -> tuple[Floats, Floats, dict[int, Floats]]:
    """Return level and gains at each row, and the weights by the row at which they were set."""
    level, gains = np.full(len(held), np.nan), np.zeros(held.shape)
    level[0] = BASE_LEVEL
    units = np.zeros(held.shape[1])
    taken: dict[int, Floats] = {}
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


def _checked(members: Sequence[str], weights: Mapping[str, float] | None, dated: DatedWeights) -> None:
    for one in [weights, *(given for _, given in dated)]:
        if one is None:
            continue
        missing = [name for name in one if name not in members]
        if missing:
            raise ValueError(f"weights name {', '.join(missing)}, which the basket has no levels of")
        if any(not np.isfinite(share) or share < 0 for share in one.values()) or sum(one.values()) <= 0:
            raise ValueError(f"weights are {dict(one)}; expected shares of 0 or more that sum to more than 0")
    days = [day for day, _ in dated]
    if days != sorted(set(days)):
        raise ValueError("dated weights must stand in the order of their dates, each date once")


def _carried(values: Floats, days: Ints) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the last known value of each member at each row, and whether it is fresh enough to be bought at."""
    rows = np.arange(len(values))[:, None]
    last = np.maximum.accumulate(np.where(np.isnan(values), -1, rows), axis=0)
    at = np.maximum(last, 0)
    held = np.where(last >= 0, np.take_along_axis(values, at, axis=0), np.nan)
    age = days[:, None] - days[at] if len(days) else np.zeros(values.shape, dtype=np.int64)
    return held, (last >= 0) & (age <= SLACK_DAYS) & (held > 0)


def _asked(members: Sequence[str], weights: Mapping[str, float] | None, dated: DatedWeights, days: Ints) -> Floats:
    """Return the shares asked for at each row, before those without data are left out."""
    plain = [1.0 if weights is None else float(weights.get(name, 0.0)) for name in members]
    asked = np.tile(np.asarray(plain), (len(days), 1))
    for day, shares in dated:
        begins = max(_row_of(days, day), 0)
        asked[begins:] = [float(shares.get(name, 0.0)) for name in members]
    return asked


def _setting_rows(days: Ints, rebalance: Rebalance, dated: DatedWeights) -> list[int]:
    """Return the rows after the first at which weights are set and a session follows."""
    if isinstance(rebalance, tuple):
        ends: Ints = np.asarray([_row_of(days, day) for day in rebalance], dtype=np.int64)
    elif rebalance == "never":
        ends = np.zeros(0, dtype=np.int64)
    else:
        period = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) // _MONTHS[rebalance]
        ends = np.flatnonzero(np.diff(period)).astype(np.int64)
    rows = {*ends.tolist(), *(_row_of(days, day) for day, _ in dated)}
    # Whether the newest session is the last of its period is known only when the next has come.
    return sorted(row for row in rows if 0 < row < len(days) - 1)


def _row_of(days: Ints, day: dt.date) -> int:
    return int(days.searchsorted(number_of(day), side="right")) - 1

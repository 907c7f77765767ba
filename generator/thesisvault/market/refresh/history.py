"""Bars on another basis, side by side, or in part: what judging makes of a history.

Pure functions on `Bars`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from thesisvault.market.bars import Bars
from thesisvault.market.refresh.screen import at
from thesisvault.structs import replace


def has_split(splits: tuple[tuple[int, float], ...], split: tuple[int, float]) -> bool:
    """Return whether a split is among some."""
    return any(day == split[0] and math.isclose(ratio, split[1], rel_tol=1e-6) for day, ratio in splits)


def united(old: Bars, new: Bars) -> Bars:
    """Return the union of both, oldest first; of a day that both have, the new bar."""
    known = set(new.days)
    older = only(old, lambda day: day not in known)
    paid = {**dict(old.dividends or ()), **dict(new.dividends or ())}
    splits = {**dict(old.splits), **dict(new.splits)}
    order = sorted(range(len(older.days) + len(new.days)), key=(older.days + new.days).__getitem__)

    def both(one: tuple[float, ...] | None, other: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if one is None and other is None:
            return None
        nothing = (math.nan,)
        all_of_it = (one or nothing * len(older.days)) + (other or nothing * len(new.days))
        return tuple(all_of_it[i] for i in order)

    days = older.days + new.days
    return replace(
        new,
        days=tuple(days[i] for i in order),
        close=both(older.close, new.close) or (),
        open=both(older.open, new.open),
        high=both(older.high, new.high),
        low=both(older.low, new.low),
        volume=both(older.volume, new.volume),
        dividends=None if new.dividends is None else tuple(sorted(paid.items())),
        splits=tuple(sorted(splits.items())),
    )


def only(bars: Bars, wanted: Callable[[int], bool]) -> Bars:
    """Return the bars of the days that are wanted, with all actions."""
    return at(bars, [i for i, day in enumerate(bars.days) if wanted(day)])

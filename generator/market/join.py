"""How newly fetched bars are joined to stored ones: what agrees is kept, what disagrees is refused.

Pure functions on `Bars`; nothing here reads or writes.
"""

from __future__ import annotations

import math
from dataclasses import replace

from generator.market.providers import Bars, number_day
from generator.market.records import MarketError

TOLERANCE = 1e-4
# After a split the source divides and rounds anew.
_SPLIT_TOLERANCE = 2e-3


class Suspect(MarketError):  # noqa: N818 - it reads as what happened
    """New bars contradict stored ones, and no split explains it."""


def joined(old: Bars | None, new: Bars, *, whole: bool, keeps_level: bool) -> Bars | None:
    """Return the bars to store, or None if the whole history has to be fetched before that can be said.

    Args:
        old: All that is stored; None: nothing.
        new: What was fetched, with an overlap.
        whole: `new` is all that the source has.
        keeps_level: Only ratios mean anything (adjusted closes of something that pays): stored values stay, and new
            ones are scaled to them, so that a later dividend changes no earlier value.

    Raises:
        Suspect: The overlap disagrees.
    """
    if old is None or not old.days or new.basis == "value":
        return new
    stored = dict(zip(old.days, old.close, strict=True))
    common = [(day, close, stored[day]) for day, close in zip(new.days, new.close, strict=True) if day in stored]
    if not common:
        if not whole:
            return None
        raise Suspect(
            f"its bars from {number_day(new.days[0])} have no day in common with those stored, which end on "
            f"{number_day(old.days[-1])}; nothing was stored"
        )
    if keeps_level:
        return _continued(old, new, common)
    fresh = [split for split in new.splits if split[0] > old.days[0] and not _has(old.splits, split)]
    if not fresh:
        _compare(common, TOLERANCE)
        return new
    if not whole:
        return None
    _compare([(day, close, before * _factor(fresh, day)) for day, close, before in common], _SPLIT_TOLERANCE)
    return with_older(_rescaled(old, fresh), new)


def _compare(pairs: list[tuple[int, float, float]], tolerance: float) -> None:
    for day, close, expected in pairs:
        if abs(close / expected - 1) > tolerance:
            raise Suspect(
                f"the close of {number_day(day)} is {close:.6g} now and {expected:.6g} as stored, and no split "
                "explains it; the stored bars were kept"
            )


def _continued(old: Bars, new: Bars, common: list[tuple[int, float, float]]) -> Bars:
    _, close, before = common[-1]
    factor = before / close
    _compare([(day, value * factor, stored) for day, value, stored in common[-10:]], TOLERANCE)
    if abs(factor - 1) <= TOLERANCE:
        factor = 1.0
    known = set(old.days)
    kept = [(day, value * factor) for day, value in zip(new.days, new.close, strict=True) if day not in known]
    return Bars(tuple(day for day, _ in kept), tuple(value for _, value in kept), new.basis, currency=new.currency)


def _has(splits: tuple[tuple[int, float], ...], split: tuple[int, float]) -> bool:
    return any(day == split[0] and math.isclose(ratio, split[1], rel_tol=1e-6) for day, ratio in splits)


def _factor(splits: list[tuple[int, float]], day: int) -> float:
    return math.prod(1 / ratio for ex, ratio in splits if ex > day)


def _rescaled(bars: Bars, splits: list[tuple[int, float]]) -> Bars:
    """Return stored bars on the basis after some splits."""
    factors = [_factor(splits, day) for day in bars.days]

    def times(column: tuple[float, ...] | None) -> tuple[float, ...] | None:
        return None if column is None else tuple(v * f for v, f in zip(column, factors, strict=True))

    volume = bars.volume
    paid = bars.dividends
    return replace(
        bars,
        close=times(bars.close) or (),
        open=times(bars.open),
        high=times(bars.high),
        low=times(bars.low),
        volume=None if volume is None else tuple(v / f for v, f in zip(volume, factors, strict=True)),
        dividends=None if paid is None else tuple((d, a * _factor(splits, d)) for d, a in paid),
    )


def with_older(old: Bars, new: Bars) -> Bars:
    """Return the union of both; of a day that both have, the new bar."""
    nothing = (math.nan,)

    def rows(bars: Bars) -> dict[int, tuple[float, ...]]:
        columns = [
            c if c is not None else nothing * len(bars.days)
            for c in (bars.close, bars.open, bars.high, bars.low, bars.volume)
        ]
        return dict(zip(bars.days, zip(*columns, strict=True), strict=True))

    union = {**rows(old), **rows(new)}
    days = tuple(sorted(union))
    close, opened, high, low, volume = zip(*(union[d] for d in days), strict=True)
    paid = {**dict(old.dividends or ()), **dict(new.dividends or ())}
    splits = {**dict(old.splits), **dict(new.splits)}
    return replace(
        new,
        days=days,
        close=close,
        open=opened,
        high=high,
        low=low,
        volume=volume,
        dividends=None if new.dividends is None else tuple(sorted(paid.items())),
        splits=tuple(sorted(splits.items())),
    )

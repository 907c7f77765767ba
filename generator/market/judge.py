"""Judging new bars against what is stored.

What agrees is kept, what a split explains corrects history, and everything else is held back. Pure functions on `Bars`
that passed `screen`; nothing here reads or writes.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from generator.market.jumps import MEMORY, jumps
from generator.market.providers import Bars, number_day
from generator.market.records import PAYS_NOTHING, Instrument
from generator.market.screen import at

TOLERANCE = 1e-4
"""Closes of the same day that differ by less, as a share of them, agree; sources send them as float32."""
_CENT = 0.0051  # two sources that round to cents
_SPLIT_TOLERANCE = 2e-3  # after a split the source divides and rounds anew
_RESTATED = 0.005
_LARGE_DIVIDEND = 0.25
_OTHER_UNIT = 50.0
_NEAR = 14  # days between a dividend's first ex-date and the one that it turned out to have


@dataclass(frozen=True)
class Judgement:
    """What becomes of the bars of one answer.

    Attributes:
        bars: What to store; None: nothing.
        reason: Why bars that are stored change with it; empty: none does.
        held: What is held back; None: nothing.
        why: Why it is.
        needs_whole: Nothing can be said before the whole history has been fetched.
    """

    bars: Bars | None = None
    reason: str = ""
    held: Bars | None = None
    why: str = ""
    needs_whole: bool = False


def judged(
    instrument: Instrument,
    old: Bars | None,
    new: Bars,
    *,
    whole: bool,
    first: int = 0,
    other_source: bool = False,
    unsettled: int | None = None,
    rejected: Collection[tuple[int, float]] = (),
) -> Judgement:
    """Return what becomes of new bars.

    Args:
        instrument: Whose bars they are.
        old: What is stored from some day on, with actions, or all of it where `whole`; None: nothing is stored.
        new: Bars that passed `screened`.
        whole: `new` is all that the source has.
        first: The first stored day.
        other_source: What is stored came from another source.
        unsettled: The day of a stored bar that was fetched so soon that its source may still restate it.
        rejected: Days and closes that a person rejected; bars that repeat them are left out.
    """
    if rejected:
        wrong = {(day, f"{close:.8g}") for day, close in rejected}
        new = at(
            new, [i for i, (d, c) in enumerate(zip(new.days, new.close, strict=True)) if (d, f"{c:.8g}") not in wrong]
        )
    if old is None or not old.days:
        return _without_jumps(None, new, "") if new.basis != "value" else Judgement(new)
    stored = dict(zip(old.days, old.close, strict=True))
    common = [(day, close, stored[day]) for day, close in zip(new.days, new.close, strict=True) if day in stored]
    if not common:
        if not whole:
            return Judgement(needs_whole=True)
        return Judgement(
            held=new,
            why=f"its bars from {number_day(new.days[0])} have no day in common with those stored, which end on "
            f"{number_day(old.days[-1])}",
        )
    if new.basis == "value":
        return _revised(common, new)
    if new.basis == "adjusted" and instrument.kind not in PAYS_NOTHING:
        return _continued(old, new, common, stored)
    fresh = [split for split in new.splits if split[0] > first and not _has(old.splits, split)]
    if fresh:
        return _split(old, new, common, fresh) if whole else Judgement(needs_whole=True)
    off = [pair for pair in common if not _agrees(*pair[1:], cents=other_source)]
    new, late = _late_dividends(old, new)
    if not off:
        return _without_jumps(old, _only(new, lambda day: day not in stored), late, actions=new)
    day, close, before = off[-1]
    if len(off) == 1 and day == unsettled and abs(close / before - 1) <= _RESTATED:
        wanted = _only(new, lambda each: each not in stored or each == day)
        reason = f"the close of {number_day(day)} was restated" + (f"; {late}" if late else "")
        return _without_jumps(old, wanted, reason, actions=new)
    wrong_days = {pair[0] for pair in off}
    return Judgement(
        held=_only(new, lambda each: each not in stored or each in wrong_days), why=_differs(off, len(common))
    )


def _agrees(close: float, expected: float, *, tolerance: float = TOLERANCE, cents: bool = False) -> bool:
    return abs(close / expected - 1) <= tolerance or (cents and expected >= 1 and abs(close - expected) <= _CENT)


def _late_dividends(old: Bars, new: Bars) -> tuple[Bars, str]:
    """Return which dividends of stored days are new, different or of another day, in words, and the bars with them.

    A stored dividend that an answer lacks stays, unless the answer has the same amount on another day close by.
    """
    if old.dividends is None or new.dividends is None or not new.days:
        return new, ""
    known, given = dict(old.dividends), dict(new.dividends)
    said, moved = [], []
    for day, amount in new.dividends:
        if not old.days[0] <= day <= old.days[-1] or math.isclose(known.get(day, 0.0), amount, rel_tol=TOLERANCE):
            continue
        from_day = next(
            (
                other
                for other, paid in known.items()
                if other not in given
                and new.days[0] <= other
                and abs(other - day) <= _NEAR
                and math.isclose(paid, amount, rel_tol=TOLERANCE)
            ),
            None,
        )
        if day in known:
            said.append(f"the dividend of {number_day(day)} is {amount:g}, and was {known[day]:g}")
        elif from_day is not None:
            moved.append((from_day, 0.0))
            said.append(f"the dividend of {amount:g} on {number_day(from_day)} is now of {number_day(day)}")
        else:
            said.append(f"a dividend of {amount:g} on {number_day(day)} was listed late")
    return replace(new, dividends=tuple(sorted([*new.dividends, *moved]))), "; ".join(said)


def _differs(off: Sequence[tuple[int, float, float]], common: int) -> str:
    day, close, before = off[-1]
    others = f"; {len(off)} of {common} days differ" if len(off) > 1 else ""
    found = f"the close of {number_day(day)} is {close:.6g} now and {before:.6g} as stored"
    return f"{found}, and no split explains it{others}"


def _split(old: Bars, new: Bars, common: list[tuple[int, float, float]], fresh: list[tuple[int, float]]) -> Judgement:
    """Judge a whole history that lists splits which are not stored."""
    listed = " and ".join(f"a split of {ratio:g} for 1 on {number_day(day)}" for day, ratio in fresh)
    off = [
        (day, close, before)
        for day, close, before in common
        if not _agrees(close, before * _factor(fresh, day), tolerance=_SPLIT_TOLERANCE)
    ]
    if not off:
        rescaled, known = _rescaled(old, fresh), set(old.days)
        added = _without_jumps(rescaled, _only(new, lambda day: day not in known), listed, actions=new)
        waiting = set(added.held.days) if added.held else set()
        return replace(added, bars=united(rescaled, _only(new, lambda day: day not in waiting)))
    if all(_agrees(close, before) for _, close, before in off):
        return Judgement(held=new, why=f"{listed} is listed, and the closes before are not rescaled")
    day, close, before = off[-1]
    expected = before * _factor(fresh, day)
    return Judgement(
        held=new, why=f"the close of {number_day(day)} is {close:.6g} now; {listed} would make it {expected:.6g}"
    )


def _revised(common: list[tuple[int, float, float]], new: Bars) -> Judgement:
    """Judge values of a macro series, which its publisher revises as a matter of course."""
    ratios = [close / before for _, close, before in common if before and close]
    low, high = (min(ratios), max(ratios)) if ratios else (1.0, 1.0)
    if len(ratios) >= 3 and low > 0 and high / low < 1.01 and not 1 / _OTHER_UNIT < high < _OTHER_UNIT:
        return Judgement(held=new, why=f"every value is {high:g} times what is stored: its unit seems to have changed")
    changed = [day for day, close, before in common if not math.isclose(close, before, rel_tol=1e-9, abs_tol=1e-12)]
    days = (
        f"{number_day(changed[0])}" + (f" and {len(changed) - 1} more" if len(changed) > 1 else "") if changed else ""
    )
    return Judgement(new, f"the value of {days} was revised" if changed else "")


def _continued(old: Bars, new: Bars, common: list[tuple[int, float, float]], stored: Mapping[int, float]) -> Judgement:
    """Continue an index of total return: stored values stay, new ones are scaled to them."""
    _, close, before = common[-1]
    factor = before / close
    off = [
        (day, value * factor, kept) for day, value, kept in common[-10:] if abs(value * factor / kept - 1) > TOLERANCE
    ]
    if off:
        return Judgement(held=_only(new, lambda day: day not in stored or day == off[-1][0]), why=_differs(off, 10))
    if abs(factor - 1) <= TOLERANCE:
        factor = 1.0
    added = _only(new, lambda day: day not in stored)
    scaled = replace(added, close=tuple(c * factor for c in added.close), open=None, high=None, low=None, volume=None)
    return _without_jumps(old, scaled, "")


def _has(splits: tuple[tuple[int, float], ...], split: tuple[int, float]) -> bool:
    return any(day == split[0] and math.isclose(ratio, split[1], rel_tol=1e-6) for day, ratio in splits)


def _factor(splits: Sequence[tuple[int, float]], day: int) -> float:
    return math.prod(1 / ratio for ex, ratio in splits if ex > day)


def _rescaled(bars: Bars, splits: Sequence[tuple[int, float]]) -> Bars:
    """Return stored bars on the basis after some splits."""
    factors = [_factor(splits, day) for day in bars.days]

    def times(column: tuple[float, ...] | None) -> tuple[float, ...] | None:
        return None if column is None else tuple(v * f for v, f in zip(column, factors, strict=True))

    volume, paid = bars.volume, bars.dividends
    return replace(
        bars,
        close=times(bars.close) or (),
        open=times(bars.open),
        high=times(bars.high),
        low=times(bars.low),
        volume=None if volume is None else tuple(v / f for v, f in zip(volume, factors, strict=True)),
        dividends=None if paid is None else tuple((d, a * _factor(splits, d)) for d, a in paid),
    )


def united(old: Bars, new: Bars) -> Bars:
    """Return the union of both, oldest first; of a day that both have, the new bar."""
    known = set(new.days)
    older = _only(old, lambda day: day not in known)
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


def _without_jumps(old: Bars | None, new: Bars, reason: str, actions: Bars | None = None) -> Judgement:
    """Hold back bars that jump as prices do not, and all from a dividend on that is too large to be taken unseen."""
    source = actions or new
    bars = replace(new, dividends=source.dividends, splits=source.splits)
    if not bars.days:
        return Judgement(bars, reason)
    known = () if old is None else old.days
    cut = len(known) if old is None else bisect_right(known, bars.days[0])
    context = [] if old is None else list(old.close[max(0, cut - MEMORY) : cut])
    wrong, why = jumps(context, bars.close)
    if old is not None and not wrong:
        wrong, why = _large_dividend(old, bars)
    if not wrong:
        return Judgement(bars, reason)
    places = set(wrong)
    kept = at(bars, [i for i in range(len(bars.days)) if i not in places])
    held_from = bars.days[wrong[0]]
    held = at(bars, wrong)
    if len(wrong) == len(bars.days) - wrong[0]:  # all from some day on: its actions wait with it
        kept = replace(
            kept,
            dividends=None if kept.dividends is None else tuple(a for a in kept.dividends if a[0] < held_from),
            splits=tuple(a for a in kept.splits if a[0] < held_from),
        )
    return Judgement(kept, reason, held, f"{why} on {number_day(held_from)}")


def _large_dividend(old: Bars, bars: Bars) -> tuple[list[int], str]:
    known = dict(old.dividends or ())
    closes = dict(zip(old.days, old.close, strict=True)) | dict(zip(bars.days, bars.close, strict=True))
    days = sorted(closes)
    for day, amount in bars.dividends or ():
        place = bisect_right(days, day - 1) - 1
        if day in known or day <= old.days[-1] or place < 0 or amount <= _LARGE_DIVIDEND * closes[days[place]]:
            continue
        share = amount / closes[days[place]]
        return [i for i, each in enumerate(bars.days) if each >= day], f"a dividend of {share:.0%} of the close before"
    return [], ""


def _only(bars: Bars, wanted: Callable[[int], bool]) -> Bars:
    return at(bars, [i for i, day in enumerate(bars.days) if wanted(day)])

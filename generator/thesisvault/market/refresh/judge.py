"""Judging new bars against what is stored.

What agrees is kept, what a split explains corrects history, and everything else is held back. Pure functions on `Bars`
that passed `screen`; nothing here reads or writes.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from thesisvault.market.bars import Bars, number_day, times
from thesisvault.market.records import PAYS_NOTHING, Instrument
from thesisvault.market.refresh.jumps import MEMORY, jumps
from thesisvault.market.refresh.screen import at
from thesisvault.market.store.ledger import Rejected

TOLERANCE = 1e-4
"""Closes of the same day that differ by less, as a share of them, agree; sources send them as float32."""
_CENT = 0.0051  # two sources that round to cents
_SPLIT_TOLERANCE = 2e-3  # after a split the source divides and rounds anew
_RESTATED = 0.005
_LARGE_DIVIDEND = 0.25
_OTHER_UNIT = 50.0
_NOTHING_REJECTED = Rejected()
_NEAR = 14  # days between a dividend's first ex-date and the one that it turned out to have


@dataclass(frozen=True)
class Judgement:
    """What becomes of the bars of one answer.

    Attributes:
        bars: What to store; None: nothing.
        reason: Why bars that are stored change with it; empty: none does.
        quarantined: What is held back; None: nothing.
        why: Why it is.
        wrong_days: The days among them whose closes are doubted; the others only wait.
        wrong_dividends: Day and amount of the dividends among them that are doubted.
        needs_whole: Nothing can be said before the whole history has been fetched.
        rebased: Stored bars are on the basis of other shares now.
    """

    bars: Bars | None = None
    reason: str = ""
    quarantined: Bars | None = None
    why: str = ""
    wrong_days: tuple[int, ...] = ()
    wrong_dividends: tuple[tuple[int, float], ...] = ()
    needs_whole: bool = False
    rebased: bool = False


def judged(
    instrument: Instrument,
    old: Bars | None,
    new: Bars,
    *,
    whole: bool,
    first: int = 0,
    unsettled: int | None = None,
    rejected: Rejected = _NOTHING_REJECTED,
) -> Judgement:
    """Return what becomes of new bars.

    Args:
        instrument: Whose bars they are.
        old: What is stored from some day on, with actions, or all of it where `whole`; None: nothing is stored.
        new: Bars that passed `screened`.
        whole: `new` is all that the source has.
        first: The first stored day.
        unsettled: The day of a stored bar that was fetched so soon that its source may still restate it.
        rejected: Closes and dividends that a person rejected; what repeats them is left out.
    """
    new = _without_rejected(new, rejected)
    if old is not None and old.days and new.days and (doubted := _large_dividends(old, new)):
        return _without_large(instrument, old, new, doubted, whole=whole, first=first, unsettled=unsettled)
    return _judged(instrument, old, new, whole=whole, first=first, unsettled=unsettled)


def _judged(
    instrument: Instrument, old: Bars | None, new: Bars, *, whole: bool, first: int, unsettled: int | None
) -> Judgement:
    if not new.days and not new.dividends:
        return Judgement()
    if old is None or not old.days:
        return _without_jumps(None, new, "") if new.basis != "value" else Judgement(new)
    stored = dict(zip(old.days, old.close, strict=True))
    common = [(day, close, stored[day]) for day, close in zip(new.days, new.close, strict=True) if day in stored]
    if not common:
        if not whole:
            return Judgement(needs_whole=True)
        return Judgement(
            quarantined=new,
            why=f"its bars from {number_day(new.days[0])} have no day in common with those stored, which end on "
            f"{number_day(old.days[-1])}",
        )
    if new.basis == "value":
        return _revised(common, new)
    if new.basis == "adjusted" and instrument.kind not in PAYS_NOTHING:
        return _continued(old, new, common, stored, whole=whole)
    fresh = [split for split in new.splits if split[0] > first and not _has(old.splits, split)]
    if fresh:
        return _split(old, new, common, fresh) if whole else Judgement(needs_whole=True)
    off = [pair for pair in common if not _agrees(*pair[1:], cents=True)]
    new, late = _late_dividends(old, new)
    if not off:
        return _without_jumps(old, _only(new, lambda day: day not in stored), late, actions=new)
    day, close, before = off[-1]
    if len(off) == 1 and day == unsettled and abs(close / before - 1) <= _RESTATED:
        wanted = _only(new, lambda each: each not in stored or each == day)
        reason = f"the close of {number_day(day)} was restated" + (f"; {late}" if late else "")
        return _without_jumps(old, wanted, reason, actions=new)
    if len(off) > 1 and not whole:
        return Judgement(needs_whole=True)  # how much of history differs decides what may ever be taken of it
    wrong_days = {pair[0] for pair in off}
    all_of_it = len(off) * 2 > len(common)
    quarantined = new if all_of_it else _only(new, lambda each: each not in stored or each in wrong_days)
    return Judgement(
        quarantined=quarantined, why=_differs(off, len(common)), wrong_days=() if all_of_it else tuple(wrong_days)
    )


def _without_rejected(new: Bars, rejected: Rejected) -> Bars:
    if rejected.closes:
        wrong = {(day, f"{close:.8g}") for day, close in rejected.closes}
        closes = zip(new.days, new.close, strict=True)
        new = at(new, [i for i, (day, close) in enumerate(closes) if (day, f"{close:.8g}") not in wrong])
    if rejected.dividends and new.dividends:
        gone = {(day, f"{amount:.8g}") for day, amount in rejected.dividends}
        new = replace(new, dividends=tuple(a for a in new.dividends if (a[0], f"{a[1]:.8g}") not in gone))
    return new


def _large_dividends(old: Bars, new: Bars) -> list[tuple[int, float, float]]:
    """Return day, amount and share of the close before of new dividends that are too large to be taken unseen."""
    if old.dividends is None or not new.dividends:
        return []
    known = dict(old.dividends)
    closes = dict(zip(new.days, new.close, strict=True)) | dict(zip(old.days, old.close, strict=True))
    fresh = [s for s in new.splits if not _has(old.splits, s)]
    days, found = sorted(closes), []
    for day, amount in new.dividends:
        place = bisect_right(days, day - 1) - 1
        if day in known or place < 0 or day < old.days[0]:
            continue
        # Stored closes may still be on the basis before a split.
        before = closes[days[place]] * (_factor(fresh, days[place]) if days[place] <= old.days[-1] else 1.0)
        if amount > _LARGE_DIVIDEND * before:
            found.append((day, amount, amount / before))
    return found


def _without_large(
    instrument: Instrument,
    old: Bars,
    new: Bars,
    doubted: list[tuple[int, float, float]],
    *,
    whole: bool,
    first: int,
    unsettled: int | None,
) -> Judgement:
    """Judge what is left without doubted dividends, and the bars from them on."""
    begins, last = doubted[0][0], old.days[-1]
    known = {(day, amount) for day, amount, _ in doubted}
    paid = tuple(action for action in new.dividends or () if action not in known)
    cut = begins if begins > last else last + 1
    # Splits stay, also later ones: the closes before them are on the basis of the new shares already.
    rest = replace(_only(new, lambda day: day < cut), dividends=tuple(a for a in paid if a[0] < cut))
    found = _judged(instrument, old, rest, whole=whole, first=first, unsettled=unsettled)
    if found.needs_whole or found.quarantined is not None:
        return found
    day, _, share = doubted[0]
    late = _only(new, lambda each: each >= cut or each in {d for d, *_ in doubted})
    quarantined = late if late.days else _only(new, lambda each: each == new.days[-1])
    why = f"a dividend of {share:.0%} of the close before on {number_day(day)}"
    quarantined = replace(quarantined, dividends=tuple(a for a in new.dividends or () if a[0] >= min(begins, cut)))
    return replace(found, quarantined=quarantined, why=why, wrong_dividends=tuple(sorted(known)))


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
        waiting = set(added.quarantined.days) if added.quarantined else set()
        return replace(added, bars=united(rescaled, _only(new, lambda day: day not in waiting)), rebased=True)
    if all(_agrees(close, before) for _, close, before in off):
        return Judgement(quarantined=new, why=f"{listed} is listed, and the closes before are not rescaled")
    day, close, before = off[-1]
    expected = before * _factor(fresh, day)
    return Judgement(
        quarantined=new, why=f"the close of {number_day(day)} is {close:.6g} now; {listed} would make it {expected:.6g}"
    )


def _revised(common: list[tuple[int, float, float]], new: Bars) -> Judgement:
    """Judge values of a macro series, which its publisher revises as a matter of course."""
    ratios = [close / before for _, close, before in common if before and close]
    low, high = (min(ratios), max(ratios)) if ratios else (1.0, 1.0)
    if len(ratios) >= 3 and low > 0 and high / low < 1.01 and not 1 / _OTHER_UNIT < high < _OTHER_UNIT:
        return Judgement(
            quarantined=new, why=f"every value is {high:g} times what is stored: its unit seems to have changed"
        )
    changed = [day for day, close, before in common if not math.isclose(close, before, rel_tol=1e-9, abs_tol=1e-12)]
    days = (
        f"{number_day(changed[0])}" + (f" and {len(changed) - 1} more" if len(changed) > 1 else "") if changed else ""
    )
    return Judgement(new, f"the value of {days} was revised" if changed else "")


def _continued(
    old: Bars, new: Bars, common: list[tuple[int, float, float]], stored: Mapping[int, float], *, whole: bool
) -> Judgement:
    """Continue an index of total return: stored values stay, new ones are scaled to them."""
    recent = common[-10:]
    factor = median(before / close for _, close, before in recent)
    if abs(factor - 1) <= TOLERANCE:
        factor = 1.0
    scaled = replace(new, close=tuple(c * factor for c in new.close), open=None, high=None, low=None, volume=None)
    off = [(day, value * factor, kept) for day, value, kept in recent if not _agrees(value * factor, kept)]
    if len(off) > 1 and not whole:
        return Judgement(needs_whole=True)
    if off:
        wrong = {day for day, *_ in off}
        quarantined = _only(scaled, lambda day: day not in stored or day in wrong)
        return Judgement(quarantined=quarantined, why=_differs(off, len(recent)), wrong_days=tuple(sorted(wrong)))
    return _without_jumps(old, _only(scaled, lambda day: day not in stored), "")


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
    """Hold back bars that jump as prices do not."""
    source = actions or new
    bars = replace(new, dividends=source.dividends, splits=source.splits)
    if not bars.days:
        return Judgement(bars, reason)
    known = () if old is None else old.days
    cut = bisect_right(known, bars.days[0])
    context = [] if old is None else list(old.close[max(0, cut - MEMORY) : cut])
    wrong, why = jumps(context, bars.close)
    unlisted = next(((day, ratio) for day, ratio in bars.doubted if day in bars.days), None)
    if unlisted is not None and not (wrong and bars.days[wrong[0]] < unlisted[0]):
        wrong = list(range(bars.days.index(unlisted[0]), len(bars.days)))
        why = f"the closes move to {times(unlisted[1])} for good, as at a split, and none is listed,"
    if not wrong:
        return Judgement(bars, reason)
    places = set(wrong)
    kept = at(bars, [i for i in range(len(bars.days)) if i not in places])
    held_from = bars.days[wrong[0]]
    if len(wrong) == len(bars.days) - wrong[0]:  # all from some day on: its actions wait with it
        kept = replace(
            kept,
            dividends=None if kept.dividends is None else tuple(a for a in kept.dividends if a[0] < held_from),
            splits=tuple(a for a in kept.splits if a[0] < held_from),
        )
    quarantined = at(bars, wrong)
    return Judgement(kept, reason, quarantined, f"{why} on {number_day(held_from)}", wrong_days=quarantined.days)


def _only(bars: Bars, wanted: Callable[[int], bool]) -> Bars:
    return at(bars, [i for i, day in enumerate(bars.days) if wanted(day)])

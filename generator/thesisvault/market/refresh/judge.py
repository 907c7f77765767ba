"""Judging new bars against what is stored.

What agrees is kept, what a split explains corrects history, and everything else is held back. Pure functions on `Bars`
that passed `screen`; nothing here reads or writes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from statistics import median

from thesisvault.market.bars import Bars, number_day, rescaled, split_factor
from thesisvault.market.records import PAYS_NOTHING, Instrument
from thesisvault.market.refresh.history import has_split, only, united
from thesisvault.market.refresh.judgement import ALL, NEIGHBORS, About, Judgement, without_jumps
from thesisvault.market.refresh.jumps import MEMORY, strange_move
from thesisvault.market.refresh.paid import Doubted, doubted_dividends, late_dividends, unlisted_dividends
from thesisvault.market.refresh.remembered import Remembered, as_decided, borne_out, of_days, without_rejected
from thesisvault.structs import replace

TOLERANCE = 1e-4
"""Closes of the same day that differ by less, as a share of them, agree; sources send them as float32."""
_CENT = 0.0051  # two sources that round to cents
_SPLIT_TOLERANCE = 2e-3  # after a split the source divides and rounds anew
_RESTATED = 0.005
_YOUNG = 3  # stored bars, none of which has been confirmed
_OTHER_SCALE = 2.5
_OTHER_UNIT = 50.0
_ALONE = 5
"""One of so many days may differ, and the newest three may not, for new bars not to wait with it."""
_NOTHING = Remembered()


def judged(
    instrument: Instrument,
    old: Bars | None,
    new: Bars,
    *,
    whole: bool,
    first: int = 0,
    confirmed: int = ALL,
    is_other: bool = False,
    remembered: Remembered = _NOTHING,
) -> Judgement:
    """Return what becomes of new bars.

    Args:
        instrument: Whose bars they are.
        old: What is stored from some day on, with actions, or all of it where `whole`; None: nothing is stored.
        new: Bars that passed `screened`.
        whole: `new` is all that the source has.
        first: The first stored day.
        confirmed: Stored bars after this day are provisional: no later answer has given them again.
        is_other: `new` is from another source than the newest stored bar, which it can confirm by itself.
        remembered: What earlier answers and a person said.
    """
    about = About(instrument, whole, first, confirmed, is_other)
    given, again = without_rejected(as_decided(new, old, remembered), remembered.rejected)
    if old is None or not old.days or not given.days or given.basis != "split_adjusted":
        found = _judged(about, old, given)
    else:
        found = _with_dividends(about, old, given, remembered)
    if again.days and not found.needs_whole:
        found = _asking_again(found, old, again, about.gap)
    return replace(found, doubt=_doubt(old, found.bars))


def _with_dividends(about: About, old: Bars, new: Bars, remembered: Remembered) -> Judgement:
    """Judge an answer, and its dividends apart: the unusual wait, those that it lists no longer go."""
    doubted = doubted_dividends(old, new, remembered.repeated)
    unusual = {(each.day, each.amount) for each in doubted if not each.is_large}
    missing = [] if about.is_other else [d for d in unlisted_dividends(old, new) if d not in remembered.decided]
    gone = [(day, 0.0) for day in missing if day in remembered.unlisted]
    taken = new
    if unusual or gone:
        paid = [a for a in new.dividends or () if a not in unusual]
        taken = replace(new, dividends=tuple(sorted([*paid, *gone])))
    large = [each for each in doubted if each.is_large]
    found = _without_large(about, old, taken, large) if large else _judged(about, old, taken)
    if found.needs_whole:
        return found
    left = [day for day in missing if found.bars is None or (day, 0.0) not in gone]
    found = replace(found, unlisted=tuple(left))
    if not unusual:
        return found
    waiting = found.quarantined or of_days(new, {day for day, _ in unusual})
    paid = sorted({*(waiting.dividends or () if found.quarantined else ()), *unusual})
    said = [f"{each.why} on {number_day(each.day)}" for each in doubted if not each.is_large]
    return replace(
        found,
        quarantined=replace(waiting, dividends=tuple(paid)),
        why="; ".join([*([found.why] if found.why else []), *said]),
        wrong_dividends=tuple(sorted({*found.wrong_dividends, *unusual})),
        bars_wait=found.quarantined is not None,
    )


def _asking_again(found: Judgement, old: Bars | None, again: Bars, gap: int) -> Judgement:
    """Ask again about rejected bars that their source still gives and that the bars after them bear out."""
    stored = [] if old is None else zip(old.days, old.close, strict=True)
    kept = [] if found.bars is None else zip(found.bars.days, found.bars.close, strict=True)
    asked = borne_out(again, [*stored, *kept], gap)
    if not asked.days:
        return found
    day = number_day(asked.days[0])
    more = f" and {len(asked.days) - 1} more" if len(asked.days) > 1 else ""
    why = f"the close of {day}{more} was rejected; its source still gives it, and the bars after it agree with it"
    held = asked if found.quarantined is None else united(asked, found.quarantined)
    return replace(
        found,
        quarantined=held,
        why="; ".join([*([found.why] if found.why else []), why]),
        wrong_days=tuple(sorted({*found.wrong_days, *asked.days})),
        bars_wait=True,
    )


def _doubt(old: Bars | None, kept: Bars | None) -> str | None:
    """Return what is strange about the newest bar if it is a new one."""
    if kept is None or not kept.days or (old is not None and old.days and old.days[-1] > kept.days[-1]):
        return None
    if kept.basis == "value":
        return ""
    recent = dict(zip(kept.days[-MEMORY - 2 :], kept.close[-MEMORY - 2 :], strict=True))
    before = {} if old is None else dict(zip(old.days[-MEMORY - 2 :], old.close[-MEMORY - 2 :], strict=True))
    tail = sorted((before | recent).items())[-MEMORY - 2 :]
    if len(tail) < 2 or tail[-1][0] - tail[-2][0] > NEIGHBORS or not (said := strange_move([c for _, c in tail])):
        return ""
    return f"the close of {number_day(tail[-1][0])} is {said} and no other source and no later session has confirmed it"


def _judged(about: About, old: Bars | None, new: Bars) -> Judgement:
    instrument, whole, first = about.instrument, about.whole, about.first
    if not new.days and not new.dividends:
        return Judgement()
    if old is None or not old.days:
        return without_jumps(about, None, new) if new.basis != "value" else Judgement(new)
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
        return _continued(about, old, new, common, stored)
    fresh = [split for split in new.splits if split[0] > first and not has_split(old.splits, split)]
    if fresh:
        return _split(about, old, new, common, fresh) if whole else Judgement(needs_whole=True)
    off = [pair for pair in common if not _agrees(*pair[1:], cents=True)]
    new, late = late_dividends(old, new)
    if not off:
        found = without_jumps(about, old, only(new, lambda day: day not in stored), late, new)
        return replace(found, confirmed=about.confirms(old, new))
    if (restated := _restated(about, old, new, common, off, late)) is not None:
        return restated
    if len(off) > 1 and not whole:
        return Judgement(needs_whole=True)  # how much of history differs decides what may ever be taken of it
    wrong_days = {pair[0] for pair in off}
    if _stand_alone(wrong_days, common):
        found = without_jumps(about, old, only(new, lambda day: day not in stored), late, new)
        return _asking(replace(found, confirmed=about.confirms(old, new)), new, off, len(common))
    all_of_it = len(off) * 2 > len(common)
    quarantined = new if all_of_it else only(new, lambda each: each not in stored or each in wrong_days)
    return Judgement(
        quarantined=quarantined, why=_differs(off, len(common)), wrong_days=() if all_of_it else tuple(wrong_days)
    )


def _restated(
    about: About,
    old: Bars,
    new: Bars,
    common: Sequence[tuple[int, float, float]],
    off: Sequence[tuple[int, float, float]],
    late: str,
) -> Judgement | None:
    """Take provisional closes as they are given now, those that jump left out; None if others differ or too many do."""
    if off[0][0] <= about.confirmed:
        return None
    is_young = len(common) <= _YOUNG and all(
        1 / _OTHER_SCALE < close / before < _OTHER_SCALE for _, close, before in off
    )
    if len(off) * 2 > len(common) and not is_young:
        return None
    wrong, stored = {day for day, *_ in off}, {day for day, *_ in common}
    found = without_jumps(about, old, only(new, lambda day: day not in stored or day in wrong), late, new)
    held = set(found.quarantined.days) if found.quarantined is not None else set()
    said = [_took_back(*pair) for pair in off if pair[0] not in held]
    reason = "; ".join([*said, *([late] if late else [])])
    return replace(found, reason=reason, confirmed=about.confirms(old, new, wrong))


def _took_back(day: int, close: float, before: float) -> str:
    if abs(close / before - 1) <= _RESTATED:
        return f"the close of {number_day(day)} was restated"
    return f"the close of {number_day(day)} was taken back: it is {close:.6g} now, and was {before:.6g}"


def _without_large(about: About, old: Bars, new: Bars, doubted: Sequence[Doubted]) -> Judgement:
    """Judge what is left without doubted dividends, and the bars from them on."""
    begins, last = doubted[0].day, old.days[-1]
    known = {(each.day, each.amount) for each in doubted}
    paid = tuple(action for action in new.dividends or () if action not in known)
    cut = begins if begins > last else last + 1
    # Splits stay, also later ones: the closes before them are on the basis of the new shares already.
    rest = replace(only(new, lambda day: day < cut), dividends=tuple(a for a in paid if a[0] < cut))
    found = _judged(about, old, rest)
    if found.needs_whole or found.quarantined is not None:
        return found
    late = only(new, lambda each: each >= cut or each in {d for d, _ in known})
    quarantined = late if late.days else only(new, lambda each: each == new.days[-1])
    why = f"{doubted[0].why} on {number_day(begins)}"
    quarantined = replace(quarantined, dividends=tuple(a for a in new.dividends or () if a[0] >= min(begins, cut)))
    return replace(found, quarantined=quarantined, why=why, wrong_dividends=tuple(sorted(known)))


def _stand_alone(wrong: Set[int], common: Sequence[tuple[int, float, float]]) -> bool:
    """Return whether days that differ say nothing of others: they are few, and newer days agree."""
    newest = [day for day, *_ in common[-3:]]
    return len(wrong) * _ALONE <= len(common) and wrong.isdisjoint(newest)


def _asking(found: Judgement, new: Bars, off: Sequence[tuple[int, float, float]], common: int) -> Judgement:
    """Ask about settled closes that the answer gives differently, besides what is judged of the others."""
    wrong = {day for day, *_ in off}
    asked = replace(only(new, lambda day: day in wrong), dividends=None, splits=())
    held = asked if found.quarantined is None else united(asked, found.quarantined)
    why = "; ".join([*([found.why] if found.why else []), _differs(off, common)])
    return replace(found, quarantined=held, why=why, wrong_days=tuple(sorted({*found.wrong_days, *wrong})))


def _agrees(close: float, expected: float, *, tolerance: float = TOLERANCE, cents: bool = False) -> bool:
    return abs(close / expected - 1) <= tolerance or (cents and expected >= 1 and abs(close - expected) <= _CENT)


def _differs(off: Sequence[tuple[int, float, float]], common: int) -> str:
    day, close, before = off[-1]
    others = f"; {len(off)} of {common} days differ" if len(off) > 1 else ""
    found = f"the close of {number_day(day)} is {close:.6g} now and {before:.6g} as stored"
    return f"{found}, and no split explains it{others}"


def _split(
    about: About,
    old: Bars,
    new: Bars,
    common: list[tuple[int, float, float]],
    fresh: list[tuple[int, float]],
) -> Judgement:
    """Judge a whole history that lists splits which are not stored."""
    listed = " and ".join(f"a split of {ratio:g} for 1 on {number_day(day)}" for day, ratio in fresh)
    off = [
        (day, close, before)
        for day, close, before in common
        if not _agrees(close, before * split_factor(fresh, day), tolerance=_SPLIT_TOLERANCE)
    ]
    settled = [pair for pair in off if pair[0] <= about.confirmed]
    if settled and _stand_alone({day for day, *_ in settled}, common):
        # Those that differ stay as they are on the new basis.
        on_new = {day: before * split_factor(fresh, day) for day, _, before in settled}
        taken = replace(new, close=tuple(on_new.get(d, c) for d, c in zip(new.days, new.close, strict=True)))
        rest = [(day, on_new.get(day, close), before) for day, close, before in common]
        found = _split(about, old, taken, rest, fresh)
        asked = [(day, close, on_new[day]) for day, close, _ in settled]
        return _asking(found, new, asked, len(common)) if found.bars is not None else found
    provisional = {day for day, *_ in off if day > about.confirmed}
    if len(provisional) == len(off) <= len(common) / 2:
        on_new_basis, known = rescaled(old, fresh), set(old.days) - provisional
        reason = "; ".join([listed, *(_took_back(d, c, before * split_factor(fresh, d)) for d, c, before in off)])
        added = without_jumps(about, on_new_basis, only(new, lambda day: day not in known), reason, new)
        waiting = set(added.quarantined.days) if added.quarantined else set()
        taken = only(new, lambda day: day not in waiting)
        paid = added.bars.dividends if added.bars is not None else new.dividends
        bars = united(on_new_basis, replace(taken, dividends=paid))
        return replace(added, bars=bars, rebased=True, confirmed=about.confirms(old, new, provisional))
    if all(_agrees(close, before) for _, close, before in off):
        return Judgement(quarantined=new, why=f"{listed} is listed, and the closes before are not rescaled")
    day, close, before = off[-1]
    expected = before * split_factor(fresh, day)
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
    about: About, old: Bars, new: Bars, common: list[tuple[int, float, float]], stored: Mapping[int, float]
) -> Judgement:
    """Continue an index of total return: stored values stay, new ones are scaled to them."""
    recent = common[-10:]
    factor = median(before / close for _, close, before in recent)
    if abs(factor - 1) <= TOLERANCE:
        factor = 1.0
    scaled = replace(new, close=tuple(c * factor for c in new.close), open=None, high=None, low=None, volume=None)
    off = [(day, value * factor, kept) for day, value, kept in recent if not _agrees(value * factor, kept)]
    if off and (restated := _restated(about, old, scaled, recent, off, "")) is not None:
        return restated
    if len(off) > 1 and not about.whole:
        return Judgement(needs_whole=True)
    wrong = {day for day, *_ in off}
    if off and not _stand_alone(wrong, recent):
        quarantined = only(scaled, lambda day: day not in stored or day in wrong)
        return Judgement(quarantined=quarantined, why=_differs(off, len(recent)), wrong_days=tuple(sorted(wrong)))
    found = without_jumps(about, old, only(scaled, lambda day: day not in stored))
    found = replace(found, confirmed=about.confirms(old, new))
    return _asking(found, scaled, off, len(recent)) if off else found

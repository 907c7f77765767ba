"""What becomes of the dividends of an answer: late, moved, too large to be believed at once, or listed no longer.

Pure functions on `Bars`.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection
from statistics import median

from msgspec import Struct

from thesisvault.market.bars import Bars, number_day, split_factor
from thesisvault.market.refresh.history import has_split
from thesisvault.structs import replace

_LARGE = 0.25  # of the close before
_UNUSUAL = 3.0  # times what is usually paid
_FEW = 4  # so many dividends tell what is usual, the newest eight at most
_NEAR = 14  # days between a dividend's first ex-date and the one that it turned out to have
_SAME = 1e-4  # of an amount, which sources round


class Doubted(Struct, frozen=True):
    """A dividend that is too large to be taken unseen.

    Attributes:
        day: Its ex-date.
        amount: Cash a share.
        why: What is odd about it, without the day.
        is_large: It is a quarter of the close before at least, which only a person decides.
    """

    day: int
    amount: float
    why: str
    is_large: bool


def doubted_dividends(old: Bars, new: Bars, repeated: Collection[tuple[int, float]] = ()) -> list[Doubted]:
    """Return new dividends of a quarter of the close before, and those of several times the usual one.

    Args:
        old: What is stored.
        new: The answer.
        repeated: Dividends that an earlier answer gave already; of these only the size of the price is a question.
    """
    if old.dividends is None or not new.dividends:
        return []
    known = dict(old.dividends)
    closes = dict(zip(new.days, new.close, strict=True)) | dict(zip(old.days, old.close, strict=True))
    # Stored closes and amounts may still be on the basis before a split.
    fresh = [s for s in new.splits if not has_split(old.splits, s)]
    days, found = sorted(closes), []
    for day, amount in new.dividends:
        place = bisect_right(days, day - 1) - 1
        if is_same(known.get(day, 0.0) * split_factor(fresh, day), amount) or place < 0 or day < old.days[0]:
            continue
        before = closes[days[place]] * (split_factor(fresh, days[place]) if days[place] <= old.days[-1] else 1.0)
        if day not in known and amount > _LARGE * before:
            found.append(
                Doubted(day, amount, f"a dividend of {amount / before:.0%} of the close before", is_large=True)
            )
            continue
        paid = [(d, a * split_factor(fresh, d)) for d, a in old.dividends if a and d != day]
        usual = median(a for _, a in paid[-8:]) if len(paid) >= _FEW else math.inf
        seen = any(d == day and is_same(a, amount) for d, a in repeated)
        if amount > _UNUSUAL * usual and not seen:
            why = f"a dividend of {amount:g}, {amount / usual:.3g} times the usual one,"
            found.append(Doubted(day, amount, why, is_large=False))
    return found


def unlisted_dividends(old: Bars, new: Bars) -> list[int]:
    """Return the days of stored dividends that an answer which covers them does not list, nor on a day close by.

    An answer that lists none at all where it should list several was given without them.
    """
    if not old.dividends or new.dividends is None or not new.days:
        return []
    known, given = dict(old.dividends), dict(new.dividends)
    inside = [d for d, amount in old.dividends if amount and new.days[0] < d <= new.days[-1]]
    missing = [d for d in inside if d not in given]
    if len(missing) == len(inside) and len(missing) >= _FEW - 1:
        return []
    return [d for d in missing if not any(_moved(known, d, day, amount) for day, amount in given.items())]


def _moved(known: dict[int, float], start: int, day: int, amount: float) -> bool:
    return day not in known and abs(day - start) <= _NEAR and is_same(known[start], amount)


def late_dividends(old: Bars, new: Bars) -> tuple[Bars, str]:
    """Return which dividends of stored days are new, different, of another day or gone, in words; and the bars with it.

    One that has another day now is nought on its first one.
    """
    if old.dividends is None or new.dividends is None or not new.days:
        return new, ""
    known, given = dict(old.dividends), dict(new.dividends)
    said, moved = [], []
    for day, amount in new.dividends:
        if not old.days[0] <= day <= old.days[-1] or is_same(known.get(day, 0.0), amount):
            continue
        from_day = next(
            (d for d in known if d not in given and new.days[0] <= d and _moved(known, d, day, amount)),
            None,
        )
        if day in known:
            now = f"is {amount:g}, and was {known[day]:g}" if amount else f"of {known[day]:g} is listed no longer"
            said.append(f"the dividend of {number_day(day)} {now}")
        elif from_day is not None:
            moved.append((from_day, 0.0))
            said.append(f"the dividend of {amount:g} on {number_day(from_day)} is now of {number_day(day)}")
        else:
            said.append(f"a dividend of {amount:g} on {number_day(day)} was listed late")
    return replace(new, dividends=tuple(sorted([*new.dividends, *moved]))), "; ".join(said)


def is_same(one: float, other: float) -> bool:
    """Return whether two amounts are those of one dividend."""
    return math.isclose(one, other, rel_tol=_SAME)

"""What can be told of a bar by itself: whether any store may ever hold it.

Pure functions on `Bars` as a source gave them.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from operator import lt

from msgspec import Struct

from thesisvault.market.bars import Bars, number_day
from thesisvault.structs import replace
from thesisvault.words import plural

_LARGE = "a dividend as large as the close"
_WEEKEND = {2, 3}  # of a number of days since 1970-01-01, a Thursday, over 7


class Refusal(Struct, frozen=True):
    """Bars of one answer that can never be stored, with what is wrong with them.

    >>> str(Refusal("a close of 0", (20486, 20487, 20488)))
    'a close of 0 on 2026-02-02 and 2 more days'
    """

    what: str
    days: tuple[int, ...]

    def __str__(self) -> str:
        more = len(self.days) - 1
        return f"{self.what} on {number_day(self.days[0])}" + (f" and {plural(more, 'more day')}" if more else "")


def screened(
    bars: Bars, *, due: int, today: int, is_session: Callable[[int], bool]
) -> tuple[Bars, tuple[Refusal, ...]]:
    """Return the bars that can be stored, oldest first, and what was refused of the others.

    Args:
        bars: As the source gave them.
        due: The newest session that has closed; a later bar is not there yet.
        today: The day of the refresh; what lies beyond the next one is from the future.
        is_session: Whether there may be a bar on a Saturday or Sunday.
    """
    if _is_plain(bars, due):
        bars, large = _without_large_dividends(bars, due)
        return bars, (Refusal(_LARGE, tuple(large)),) if large else ()
    refused: dict[str, list[int]] = {}
    keep: list[int] = []
    newest = -(10**9)
    plain = bars.basis == "value"
    counts: dict[int, list[int]] = {}
    for place, day in enumerate(bars.days):
        counts.setdefault(day, []).append(place)
    for place, (day, close) in enumerate(zip(bars.days, bars.close, strict=True)):
        what = ""
        if day > today + 1:
            what = "a bar from the future"
        elif day > due or day == bars.unfinished:
            continue
        elif not math.isfinite(close):
            what = "no close"
        elif close <= 0 and not plain:
            what = f"a close of {close:g}"
        elif day % 7 in _WEEKEND and not plain and not is_session(day):
            what = "a bar of a weekend"
        elif len(counts[day]) > 1 and place != counts[day][0]:
            what = "a second bar"
        elif len(counts[day]) > 1 and any(not _close_to(bars.close[p], close) for p in counts[day]):
            what = "two different bars"
        elif day < newest:
            what = "a bar out of order"
        if what:
            refused.setdefault(what, []).append(day)
        else:
            newest = day
            keep.append(place)
    bars, large = _without_large_dividends(bars if len(keep) == len(bars.days) else at(bars, keep), due)
    if large:
        refused[_LARGE] = large
    return bars, tuple(Refusal(what, tuple(days)) for what, days in refused.items())


def _is_plain(bars: Bars, due: int) -> bool:
    """Return whether nothing is to be refused, as in nearly every answer."""
    return (
        all(map(lt, bars.days, bars.days[1:]))
        and bool(bars.days)
        and bars.days[-1] <= due
        and (bars.unfinished is None or bars.unfinished > bars.days[-1])
        and all(map(math.isfinite, bars.close))
        and (bars.basis == "value" or (min(bars.close) > 0 and not _WEEKEND & {day % 7 for day in bars.days}))
    )


def _close_to(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9) or (math.isnan(one) and math.isnan(other))


def _without_large_dividends(bars: Bars, due: int) -> tuple[Bars, list[int]]:
    """Leave out actions of days to come, and dividends that leave nothing of the close before."""
    splits = tuple(s for s in bars.splits if s[0] <= due)
    if not bars.dividends:
        return (bars if splits == bars.splits else replace(bars, splits=splits)), []
    kept, large = [], []
    for day, amount in bars.dividends:
        before = bisect_right(bars.days, day - 1) - 1
        if day <= due and before >= 0 and amount >= bars.close[before]:
            large.append(day)
        elif day <= due:
            kept.append((day, amount))
    return replace(bars, dividends=tuple(kept), splits=splits), large


def at(bars: Bars, places: Sequence[int]) -> Bars:
    """Return the bars at some places, with all actions."""
    if len(places) == len(bars.days):
        return bars

    def cut(column: tuple[float, ...] | None) -> tuple[float, ...] | None:
        return None if column is None else tuple(map(column.__getitem__, places))

    return replace(
        bars,
        days=tuple(map(bars.days.__getitem__, places)),
        close=cut(bars.close) or (),
        open=cut(bars.open),
        high=cut(bars.high),
        low=cut(bars.low),
        volume=cut(bars.volume),
    )

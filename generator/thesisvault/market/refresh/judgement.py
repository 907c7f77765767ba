"""What a judgement is, what has to be known of an answer for it, and which bars jump as prices do not.

Pure functions on `Bars`.
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from thesisvault.market.bars import Bars, number_day, times
from thesisvault.market.records import Instrument
from thesisvault.market.refresh.history import only
from thesisvault.market.refresh.jumps import Jumps, odd_bars
from thesisvault.market.refresh.screen import at
from thesisvault.structs import replace

ALL = 10**9
NEIGHBORS = 14
"""So many days two bars may be apart and still be judged by one another."""


class Judgement(Struct, frozen=True):
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
        confirmed: The day up to which stored bars were given again as they are; None: none was.
        doubt: What is strange about the newest bar; None: it is none of the new ones.
        unlisted: Days of stored dividends that the answer does not list; another such answer takes them away.
        bars_wait: Quarantined bars are not stored; else only dividends wait.
    """

    bars: Bars | None = None
    reason: str = ""
    quarantined: Bars | None = None
    why: str = ""
    wrong_days: tuple[int, ...] = ()
    wrong_dividends: tuple[tuple[int, float], ...] = ()
    needs_whole: bool = False
    rebased: bool = False
    confirmed: int | None = None
    doubt: str | None = None
    unlisted: tuple[int, ...] = ()
    bars_wait: bool = True


class About(Struct, frozen=True):
    """What has to be known of an answer to judge it; see `judged`."""

    instrument: Instrument
    whole: bool
    first: int
    confirmed: int
    is_other: bool

    @property
    def gap(self) -> int:
        """So many days two bars may be apart and still be neighbours."""
        return max(NEIGHBORS, 3 * self.instrument.period_days)

    def confirms(self, old: Bars, new: Bars, off: Collection[int] = ()) -> int | None:
        """Return the day up to which an answer gives stored bars again as they are, knowing a later session.

        Args:
            old: What is stored.
            new: The answer.
            off: Days whose closes differ.
        """
        given = set(new.days)
        open_from = max(self.confirmed, new.days[0] - 1)
        open_days = (day for day in old.days if day > open_from and (day not in given or day in off))
        wrong = next(open_days, ALL)
        until = new.days[-1] if self.is_other else new.days[-1] - 1
        return max((day for day in old.days if day in given and day < wrong and day <= until), default=None)


def without_jumps(
    about: About, old: Bars | None, new: Bars, reason: str = "", actions: Bars | None = None
) -> Judgement:
    """Hold back bars that jump as prices do not.

    Args:
        about: What has to be known of the answer.
        old: What is stored.
        new: The bars of the answer that are to be stored.
        reason: Why bars that are stored change with them.
        actions: The answer whose dividends and splits come along; None: `new`.
    """
    source = actions or new
    bars = replace(new, dividends=source.dividends, splits=source.splits)
    if not bars.days:
        return Judgement(bars, reason)
    fresh = set(bars.days)
    known = None if old is None else only(old, lambda day: day not in fresh)
    found = odd_bars(bars.days, bars.close, known.days if known else (), known.close if known else (), about.gap)
    remedy = ""
    unlisted = next(((day, ratio) for day, ratio in bars.doubted if day in fresh), None)
    if unlisted is not None and not (found and bars.days[found.places[0]] < unlisted[0]):
        why = f"the closes move to {times(unlisted[1])} for good, as at a split, and none is listed,"
        ratio = f"{unlisted[1]:g}:1" if unlisted[1] >= 1 else f"1:{1 / unlisted[1]:g}"
        listing = f"thesisvault prices {about.instrument.ticker} --add-split {number_day(unlisted[0])} {ratio}"
        remedy = f"; if there was one: {listing}"
        found = Jumps(tuple(range(bars.days.index(unlisted[0]), len(bars.days))), (), why)
    if not found:
        return Judgement(bars, reason)
    places = set(found.places)
    kept = at(bars, [i for i in range(len(bars.days)) if i not in places])
    quarantined, held_from = at(bars, found.places), bars.days[found.places[0]]
    tail = next(i for i in range(len(bars.days), -1, -1) if i - 1 not in places)
    if tail < len(bars.days) and (known is None or not known.days or known.days[-1] < bars.days[tail]):
        # All from some day on: its actions wait with it.
        kept = replace(
            kept,
            dividends=None if kept.dividends is None else tuple(a for a in kept.dividends if a[0] < bars.days[tail]),
            splits=tuple(a for a in kept.splits if a[0] < bars.days[tail]),
        )
    doubted = tuple(bars.days[place] for place in found.doubted)
    return Judgement(kept, reason, quarantined, f"{found.why} on {number_day(held_from)}{remedy}", wrong_days=doubted)

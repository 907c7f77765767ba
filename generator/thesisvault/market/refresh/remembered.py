"""What is remembered of earlier answers and of a person's decisions when a new answer is judged.

Pure functions on `Bars`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct, field

from thesisvault.market.bars import Bars, rescaled
from thesisvault.market.refresh.history import has_split, only
from thesisvault.market.refresh.jumps import odd_bars
from thesisvault.market.refresh.screen import at
from thesisvault.market.store.decisions import Decision
from thesisvault.market.store.ledger import Quarantined, Rejected
from thesisvault.structs import replace

_AGREES = 2e-3  # of a close, after a split was divided out and rounded anew


class Remembered(Struct, frozen=True):
    """What is remembered of one series on one basis.

    Attributes:
        rejected: Closes and dividends that a person rejected.
        repeated: Dividends that an answer of an earlier session gave and that were held back.
        unlisted: Days of stored dividends that the source did not list in an answer of an earlier session.
        decided: Days whose dividends a person decided.
        added: Splits that a person added.
        dropped: Splits that a person dropped.
    """

    rejected: Rejected = field(default_factory=Rejected)
    repeated: frozenset[tuple[int, float]] = frozenset()
    unlisted: frozenset[int] = frozenset()
    decided: frozenset[int] = frozenset()
    added: tuple[tuple[int, float], ...] = ()
    dropped: tuple[tuple[int, float], ...] = ()

    @classmethod
    def of(
        cls,
        rejected: Rejected,
        waiting: Quarantined | None,
        unlisted: Mapping[int, int],
        decisions: Iterable[Decision],
        *,
        due: int,
        now: dt.datetime,
    ) -> Remembered:
        """Return what the store remembers that was said before the session that is due.

        Args:
            rejected: What a person rejected.
            waiting: What the source gave that waits in quarantine.
            unlisted: Ex-dates of dividends, and the session of the first answer without them.
            decisions: What a person decided.
            due: The newest session that an answer can know.
            now: The moment of it.
        """
        made = list(decisions)
        splits = [(each.day, each.value) for each in made if each.what == "split"]
        is_earlier = waiting is not None and waiting.since[:10] < now.astimezone(dt.UTC).date().isoformat()
        return cls(
            rejected,
            frozenset(waiting.wrong_dividends if waiting is not None and is_earlier else ()),
            frozenset(day for day, since in unlisted.items() if since < due),
            frozenset(each.day for each in made if each.what == "dividend"),
            tuple((day, ratio) for day, ratio in splits if ratio > 0),
            tuple((day, -ratio) for day, ratio in splits if ratio < 0),
        )


def without_rejected(new: Bars, rejected: Rejected) -> tuple[Bars, Bars]:
    """Return the bars without what a person rejected, and the bars that were: those not rejected a second time."""
    nothing = at(new, []) if new.days else new
    if rejected.dividends and new.dividends:
        gone = {(day, f"{amount:.8g}") for day, amount in rejected.dividends}
        new = replace(new, dividends=tuple(a for a in new.dividends if (a[0], f"{a[1]:.8g}") not in gone))
    if not rejected.closes:
        return new, nothing
    wrong = {(day, f"{close:.8g}") for day, close in rejected.closes}
    final = {(day, f"{close:.8g}") for day, close in rejected.final}
    keys = [(day, f"{close:.8g}") for day, close in zip(new.days, new.close, strict=True)]
    again = [i for i, key in enumerate(keys) if key in wrong and key not in final]
    kept = [i for i, key in enumerate(keys) if key not in wrong]
    return at(new, kept), replace(at(new, again), dividends=None, splits=())


def borne_out(rejected: Bars, known: Collection[tuple[int, float]], gap: int) -> Bars:
    """Return those of rejected bars that stand at the level of the bars around them, later ones among them.

    Args:
        rejected: Bars that a source gives again.
        known: Day and close of all other bars, stored or new.
        gap: So many days two bars may be apart and still be neighbours.
    """
    around = dict(known)
    days = sorted(around)
    closes = [around[day] for day in days]
    found = []
    for place, (day, close) in enumerate(zip(rejected.days, rejected.close, strict=True)):
        is_followed = any(day < later <= day + gap for later in days)
        if day not in around and is_followed and not odd_bars([day], [close], days, closes, gap):
            found.append(place)
    return at(rejected, found)


def as_decided(new: Bars, old: Bars | None, known: Remembered) -> Bars:
    """Return an answer with what a person decided of its dividends and splits.

    Of the days that were decided the store knows best. Where a split was added or dropped, the closes before it are
    taken on the basis on which they agree with those that are stored.
    """
    if known.decided and new.dividends is not None:
        new = replace(new, dividends=tuple(a for a in new.dividends if a[0] not in known.decided))
    if old is None or not (known.added or known.dropped):
        return new
    gone, settled = {day for day, _ in known.dropped}, {day for day, _ in (*known.added, *known.dropped)}
    new = replace(
        new,
        splits=tuple(s for s in new.splits if s[0] not in gone),
        doubted=tuple(s for s in new.doubted if s[0] not in settled),
    )
    listed = {day for day, _ in new.splits}
    old = rescaled(old, [s for s in new.splits if not has_split(old.splits, s)])
    undone = [(day, 1 / ratio) for day, ratio in known.dropped]
    for split in [*(s for s in known.added if s[0] not in listed), *undone]:
        other = rescaled(new, [split])
        new = other if _agreeing(other, old) > _agreeing(new, old) else new
    return new


def _agreeing(bars: Bars, old: Bars) -> int:
    stored = dict(zip(old.days, old.close, strict=True))
    both = [(close, stored[day]) for day, close in zip(bars.days, bars.close, strict=True) if day in stored]
    return sum(abs(close / before - 1) <= _AGREES for close, before in both)


def of_days(bars: Bars, days: Collection[int]) -> Bars:
    """Return the bars of some days; the newest one where there is none, so that something can wait with it."""
    found = only(bars, lambda day: day in days)
    return found if found.days else at(bars, [len(bars.days) - 1])

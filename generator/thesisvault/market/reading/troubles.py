"""What keeps a series from being trusted whole: bars that wait in quarantine, a symbol that no source knows any more.

Both lie in the store. They are shown as they were on the last day of a market, and never with the time of a run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from msgspec import Struct

from thesisvault.market.bars import number_day
from thesisvault.market.records import Instrument
from thesisvault.market.store.store import Store
from thesisvault.structs import replace


class QuarantinedBars(Struct, frozen=True):
    """Bars of a series that wait in quarantine.

    Attributes:
        source: The provider that gave them.
        days: Their days, oldest first.
        since: The day from which some of them are held back.
        reason: Why.
        dividend: What waits if only a dividend does, in words; the bars are then stored.
    """

    source: str
    days: tuple[dt.date, ...]
    since: dt.date
    reason: str
    dividend: str = ""


class Troubles(Struct, frozen=True):
    """What is known against one series; false where nothing is.

    Attributes:
        quarantined: Bars in quarantine, one entry a source and basis.
        unknown_since: The first of the days on which no source knew it, where those are three or more; else None.
        last: The newest day stored of it; None: nothing is.
    """

    quarantined: tuple[QuarantinedBars, ...] = ()
    unknown_since: dt.date | None = None
    last: dt.date | None = None

    def __bool__(self) -> bool:
        return bool(self.quarantined) or self.unknown_since is not None

    def until(self, day: dt.date) -> Troubles:
        """Return what was known against it on an earlier day: bars of later days and a later silence do not count."""
        quarantined = []
        for each in self.quarantined:
            days = tuple(d for d in each.days if d <= day)
            if days:
                quarantined.append(replace(each, days=days))
        unknown = self.unknown_since if self.unknown_since is not None and self.unknown_since <= day else None
        last = None if self.last is None else min(self.last, day)
        return Troubles(tuple(quarantined), unknown, last)


def read_troubles(store: Store) -> dict[str, Troubles]:
    """Return what is known against each series of a store, by its ticker; those without are left out."""
    quarantined: dict[str, list[QuarantinedBars]] = {}
    for each in store.ledger.quarantined():
        days = tuple(number_day(day) for day in each.bars.days)
        quarantined.setdefault(each.name, []).append(
            QuarantinedBars(
                each.source,
                days,
                dt.date.fromisoformat(each.since[:10]),
                each.reason,
                "" if each.bars_wait else each.what,
            )
        )
    gone = {name: status.unknown_since for name, status in store.statuses().items() if status.is_gone}
    named = {*quarantined, *gone}
    feeds = store.feeds(named) if named else {}
    return {
        name: Troubles(
            tuple(quarantined.get(name, ())),
            gone.get(name),
            max((feed.last for feed in feeds.get(name, {}).values()), default=None),
        )
        for name in sorted(named)
    }


def troubles_of(
    known: Mapping[str, Troubles], instrument: Instrument | None, tickers: Iterable[str], day: dt.date
) -> Troubles:
    """Return what is known on a day against a series and its former names.

    Args:
        known: What `read_troubles` gave.
        instrument: Its record, if it is defined. That no source knows a name which was given up says nothing.
        tickers: Its ticker, then its former ones.
        day: The last day that counts.
    """
    found = [known[ticker].until(day) for ticker in tickers if ticker in known]
    if not found:
        return Troubles()
    own = known.get(next(iter(tickers)), Troubles()).until(day)
    renamed = instrument is not None and bool(instrument.renamed_to)
    return Troubles(
        tuple(quarantined for each in found for quarantined in each.quarantined),
        None if renamed else own.unknown_since,
        own.last,
    )

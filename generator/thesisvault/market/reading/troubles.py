"""What keeps a series from being trusted whole: bars that wait in quarantine, a symbol that no source knows any more.

Both lie in the store. They are shown as they were on the last day of a market, and never with the time of a run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from thesisvault.market.records import Instrument
from thesisvault.market.refresh.plan import is_gone
from thesisvault.market.sources.providers import number_day
from thesisvault.market.store.store import Store


@dataclass(frozen=True)
class HeldBars:
    """Bars of a series that wait in quarantine.

    Attributes:
        source: The provider that gave them.
        days: Their days, oldest first.
        since: The day from which some of them are held back.
        reason: Why.
    """

    source: str
    days: tuple[dt.date, ...]
    since: dt.date
    reason: str


@dataclass(frozen=True)
class Troubles:
    """What is known against one series; false where nothing is.

    Attributes:
        held: Bars in quarantine, one entry a source and basis.
        unknown_since: The first of the days on which no source knew it, where those are three or more; else None.
        last: The newest day stored of it; None: nothing is.
    """

    held: tuple[HeldBars, ...] = ()
    unknown_since: dt.date | None = None
    last: dt.date | None = None

    def __bool__(self) -> bool:
        return bool(self.held) or self.unknown_since is not None

    def until(self, day: dt.date) -> Troubles:
        """Return what was known against it on an earlier day: bars of later days and a later silence do not count."""
        held = []
        for each in self.held:
            days = tuple(d for d in each.days if d <= day)
            if days:
                held.append(HeldBars(each.source, days, each.since, each.reason))
        unknown = self.unknown_since if self.unknown_since is not None and self.unknown_since <= day else None
        last = None if self.last is None else min(self.last, day)
        return Troubles(tuple(held), unknown, last)


def read_troubles(store: Store) -> dict[str, Troubles]:
    """Return what is known against each series of a store, by its ticker; those without are left out."""
    held: dict[str, list[HeldBars]] = {}
    for each in store.ledger.held():
        days = tuple(number_day(day) for day in each.bars.days)
        held.setdefault(each.name, []).append(
            HeldBars(each.source, days, dt.date.fromisoformat(each.since[:10]), each.reason)
        )
    gone = {name: status.unknown_since for name, status in store.statuses().items() if is_gone(status)}
    named = {*held, *gone}
    feeds = store.feeds(named) if named else {}
    return {
        name: Troubles(
            tuple(held.get(name, ())),
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
        tuple(held for each in found for held in each.held), None if renamed else own.unknown_since, own.last
    )

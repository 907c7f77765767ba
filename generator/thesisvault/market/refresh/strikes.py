"""Symbols that no source knows: on how many sessions in a row, and whether a source that says so is to be believed.

A symbol may be delisted or renamed, or the source may be out of order and know nothing at all. What a run is told of
one symbol is therefore counted when the run is over, in the light of what the sources knew of the others.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from msgspec import Struct, field

from thesisvault.market.records import Instrument
from thesisvault.market.sessions import Sessions
from thesisvault.market.store.entries import Status
from thesisvault.structs import replace

_FOR_EACH_KNOWN = 4
"""A source that does not know more than so many symbols for each that it knows is out of order."""
_SEVERAL = 5
"""From so many series of which bars are stored, and which a source knows no more, a report calls it out of order."""


class Lost(Struct, frozen=True):
    """A series that none of the sources in the network knew.

    Attributes:
        instrument: The series.
        before: How its last refresh had ended.
        after: How this one did, without the strike.
        sources: Those that did not know it.
        has_bars: Whether any bar of it is stored.
    """

    instrument: Instrument
    before: Status
    after: Status
    sources: tuple[str, ...]
    has_bars: bool


class Strikes(Struct):
    """What the sources in the network knew in one run, and what they did not.

    Attributes:
        known: How many series each source answered for.
        lost: The series that no source knew, by name.
    """

    known: Counter[str] = field(default_factory=Counter)
    lost: dict[str, Lost] = field(default_factory=dict)

    def is_believed(self, sources: Iterable[str]) -> bool:
        """Return whether each of some sources knew enough of the other series to be believed about one."""
        unknown = Counter(source for each in self.lost.values() for source in each.sources)
        return all(0 < self.known[source] * _FOR_EACH_KNOWN >= unknown[source] for source in sources)

    def counted(self, sessions: Sessions, now: dt.datetime) -> list[Status]:
        """Return how the refresh of each lost series ended that is to be believed, with its strike."""
        return [
            replace(each.after, checked=now, strikes=count, unknown_since=since)
            for each in self.lost.values()
            if self.is_believed(each.sources)
            for count, since in (strikes(each.before, each.instrument, sessions, now),)
        ]

    def out_of_order(self) -> dict[str, str]:
        """Return a sentence for each lost series whose bars are stored and whose sources seem to know nothing now."""
        doubted = [each for each in self.lost.values() if each.has_bars and not self.is_believed(each.sources)]
        if len(doubted) < _SEVERAL:
            return {}
        unknown = Counter(source for each in self.lost.values() for source in each.sources)
        return {
            each.instrument.ticker: "; ".join(
                f"{source} does not know {unknown[source]} of {unknown[source] + self.known[source]} symbols now, "
                "so it is out of order, and no symbol is taken for gone"
                for source in each.sources
            )
            for each in doubted
        }


def strikes(before: Status, instrument: Instrument, sessions: Sessions, now: dt.datetime) -> tuple[int, dt.date]:
    """Return on how many sessions in a row no source knew a series, this one included, and the first of the days."""
    today = now.astimezone(dt.UTC).date()
    if not before.strikes or before.unknown_since is None or before.checked is None:
        return 1, today
    then, this = (sessions.last_finished_session(instrument.exchange, moment) for moment in (before.checked, now))
    if before.is_gone or then == this:
        return before.strikes, before.unknown_since
    if sessions.last_session(instrument.exchange, this - dt.timedelta(days=1)) == then:
        return before.strikes + 1, before.unknown_since
    return 1, today  # whatever the sources knew between, nobody asked them


def without_strike(
    after: Status, before: Status, instrument: Instrument, sessions: Sessions, now: dt.datetime
) -> Status:
    """Return how a refresh ended that does not tell whether the series is still known.

    What was counted for the same session stays, and what counts as gone stays so and is asked for in the next run; else
    the sessions in a row are over.
    """
    if before.is_gone:
        return replace(after, checked=before.checked, strikes=before.strikes, unknown_since=before.unknown_since)
    if before.checked is not None:
        then, this = (sessions.last_finished_session(instrument.exchange, moment) for moment in (before.checked, now))
        if then == this:
            return replace(after, strikes=before.strikes, unknown_since=before.unknown_since)
    return replace(after, strikes=0, unknown_since=None)

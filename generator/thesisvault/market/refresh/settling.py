"""What is written of one answer after it was judged: bars, what waits in quarantine, what is confirmed or doubted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from msgspec import Struct

from thesisvault.market.bars import Bars, day_number, number_day
from thesisvault.market.records import Basis, Instrument
from thesisvault.market.refresh.judgement import Judgement
from thesisvault.market.store.entries import Feed
from thesisvault.market.store.ledger import Quarantined
from thesisvault.market.store.store import Store
from thesisvault.structs import replace

Write = Callable[[], object]
Waiting = Mapping[tuple[str, Basis, str], Quarantined]


class Answer(Struct, frozen=True):
    """One answer of one source about one series, judged.

    Attributes:
        instrument: The series.
        source: Who gave it.
        basis: What its closes are.
        feed: What was stored on that basis before; None: nothing.
        bars: All of it that could be stored.
        judgement: What becomes of it.
        start: The day from which it was asked for; None: all of it.
        now: The moment.
        due: The newest session that it could know.
    """

    instrument: Instrument
    source: str
    basis: Basis
    feed: Feed | None
    bars: Bars
    judgement: Judgement
    start: dt.date | None
    now: dt.datetime
    due: dt.date

    @property
    def knows_dividends(self) -> bool:
        """Whether all dividends of the stored span are known with it."""
        feed = self.feed
        return self.bars.dividends is not None and (
            feed is None or feed.dividends_known or day_number(feed.first) >= self.bars.days[0]
        )

    @property
    def currency(self) -> str:
        """The currency of its closes."""
        feed = self.feed
        said = feed.currency if feed is not None and feed.currency_known else self.instrument.currency
        return self.bars.currency or said

    @property
    def confirmed(self) -> int | None:
        """The day up to which stored bars are settled with it, if it settles any.

        What a source has given for long is settled: of a first answer the newest bar alone may still change.
        """
        kept = self.judgement.bars
        if self.feed is None:
            return kept.days[-2] if kept is not None and len(kept.days) > 1 else None
        return self.judgement.confirmed

    @property
    def stored(self) -> Feed | None:
        """What is stored once it is written."""
        feed, kept = self.feed, self.judgement.bars
        settled = [day for day in (feed and feed.confirmed, self.confirmed and number_day(self.confirmed)) if day]
        if kept is None or not kept.days:
            return feed and replace(feed, confirmed=max(settled, default=None))
        first, last = number_day(kept.days[0]), number_day(kept.days[-1])
        return Feed(
            self.instrument.ticker,
            self.basis,
            self.source,
            self.currency,
            self.knows_dividends,
            min(first, feed.first) if feed else first,
            max(last, feed.last) if feed else last,
            self.now.isoformat(),
            confirmed=max(settled, default=None),
        )

    def writes(self, store: Store, waiting: Waiting) -> Iterator[Write]:
        """Yield what is to be written.

        Args:
            store: Where.
            waiting: What was in quarantine before, by series, basis and source.
        """
        name, judgement = self.instrument.ticker, self.judgement
        yield from self._quarantine(store, waiting)
        if judgement.rebased:
            for each in waiting.values():
                # What it holds is on the basis of other shares.
                if (each.name, each.bars.basis) == (name, self.basis) and each.source != self.source:
                    yield partial(store.ledger.release, name, self.basis, each.source)
        if judgement.bars is not None:
            yield partial(
                store.merge,
                name,
                judgement.bars,
                source=self.source,
                fetched=self.now,
                currency=self.currency,
                dividends_known=self.knows_dividends,
                reason=judgement.reason,
            )
        if self.bars.dividends is not None and (judgement.bars is not None or judgement.unlisted):
            first, due = self.bars.days[0] + 1, day_number(self.due)
            yield partial(store.ledger.set_unlisted, name, self.source, first, judgement.unlisted, due)
        if judgement.doubt is not None:
            yield partial(store.doubt, name, self.basis, judgement.doubt)
        if self.confirmed is not None:
            yield partial(store.confirm, name, self.basis, self.confirmed)

    def _quarantine(self, store: Store, waiting: Waiting) -> Iterator[Write]:
        name, judgement = self.instrument.ticker, self.judgement
        if judgement.quarantined is not None and judgement.quarantined.days:
            held = Quarantined(
                name,
                self.source,
                self.now.astimezone(dt.UTC).isoformat(timespec="seconds"),
                judgement.why,
                judgement.quarantined,
                self.knows_dividends,
                judgement.wrong_days,
                judgement.wrong_dividends,
                judgement.bars_wait,
            )
            yield partial(store.ledger.quarantine, held)
            return
        before = waiting.get((name, self.basis, self.source))
        # An answer that does not reach back to what is quarantined says nothing of it.
        if before is not None and (self.start is None or self.start <= before.days[0]):
            yield partial(store.ledger.release, name, self.basis, self.source)

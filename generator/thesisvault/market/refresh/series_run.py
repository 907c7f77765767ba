"""One series in a refresh under way: what is asked for, what is gathered of the answers, and how it ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from thesisvault.market.bars import Bars, Remark, day_number, number_day
from thesisvault.market.records import Basis, Instrument
from thesisvault.market.refresh.history import united
from thesisvault.market.refresh.holes import first_hole
from thesisvault.market.refresh.judge import judged
from thesisvault.market.refresh.judgement import Judgement
from thesisvault.market.refresh.mislabeled import is_copy
from thesisvault.market.refresh.outcome import Outcome, Result
from thesisvault.market.refresh.pace import NotAsked
from thesisvault.market.refresh.plan import published, start_of
from thesisvault.market.refresh.remembered import Remembered
from thesisvault.market.refresh.screen import Refusal, screened
from thesisvault.market.refresh.settling import Answer
from thesisvault.market.refresh.strikes import without_strike
from thesisvault.market.sources.provider import NothingNew, Provider, ProviderError, RateLimited, UnknownSymbol
from thesisvault.market.store.entries import Feed, Status
from thesisvault.market.store.ledger import Rejected
from thesisvault.structs import replace

if TYPE_CHECKING:
    from thesisvault.market.refresh.run import Run

# So many days of stored closes are read to judge new ones, besides those that are asked for again.
_CONTEXT = dt.timedelta(days=100)
_YOUNG = 45  # days in which a source withdraws or corrects a dividend
_BEFORE = 7  # an answer covers an ex-date if it begins so many days before


class SeriesRun:
    """One series under way: what is stored of it, what was added, and what went wrong."""

    def __init__(
        self, run: Run, instrument: Instrument, feeds: dict[Basis, Feed], status: Status | None, due: dt.date
    ) -> None:
        self.run, self.instrument, self.feeds, self.status, self.due = run, instrument, feeds, status, due
        self.added = 0
        self.unknown: list[str] = []
        self.unknown_to: list[str] = []
        self.faults: list[str] = []
        self.limited: list[str] = []
        self.quarantined: list[str] = []
        self.corrected: list[str] = []
        self.refusals: list[Refusal] = []
        self.unfinished: list[str] = []
        self.remarks: list[Remark] = []
        self.unusable: list[Remark] = []
        self.again: list[int] = []
        self.not_asked: list[str] = []
        self.asked = self.answered = self.may_pass = False
        self.kept: dict[Basis, Bars] = {}
        self.doubts: dict[Basis, str] = {}
        self.writes: list[Callable[[], object]] = []
        self.known: frozenset[int] = frozenset()

    @property
    def is_complete(self) -> bool:
        """Nothing is missing that another source could give."""
        if self.run.insist and self.status is not None and self.status.again_from is not None and not self.answered:
            return False
        if self.instrument.kind == "macro":
            value = self.feeds.get("value")
            return value is not None and value.last >= self.due
        feed = self.feeds.get("split_adjusted")
        return feed is not None and feed.dividends_known and feed.last >= self.due

    def is_doubted(self, basis: Basis | None) -> bool:
        """Whether the newest bar on a basis is strange, so that another source is asked about it."""
        return basis is not None and bool(self.doubts.get(basis))

    def ask(self, provider: Provider) -> None:
        """Ask one provider, and keep of its answer what agrees with history."""
        first: Bars | None = None
        basis: Basis | None = "value" if self.instrument.kind == "macro" else provider.basis
        if basis is None:
            # Each of its answers says what it is, so that one is needed before anything else can be told.
            self.asked = True
            first = self._fetched(provider, None, None)
            if first is None:
                return
            basis = first.basis
        feed = self.feeds.get(basis)
        has_all = feed is not None and feed.last >= self.due and (basis != "split_adjusted" or feed.dividends_known)
        is_wanted = self.is_doubted(basis) or (self.run.insist and not provider.remote)
        if has_all and self.is_complete and not is_wanted:
            return
        self.asked = True
        # Only what is sent over a network is worth cutting short.
        start = self._start(feed, provider.label) if feed is not None and provider.remote and first is None else None
        bars = self._fetched(provider, basis, start) if first is None else first
        if bars is not None and start is not None and self._learns_dividends(feed, bars):
            # Then those of all earlier bars are wanted as well.
            start, bars = None, self._fetched(provider, basis, None)
        if bars is None or self._loses_dividends(feed, bars):
            return
        if basis == "adjusted":
            self._take_back(provider.label, bars)
        judgement = self._judged(feed, bars, start, provider.label)
        if judgement.needs_whole:
            bars = self._fetched(provider, basis, None)
            if bars is None:
                return
            start, judgement = None, self._judged(feed, bars, None, provider.label)
        self._settle(provider, basis, feed, bars, judgement, start)

    def _take_back(self, source: str, bars: Bars) -> None:
        """Give up closes of a source that were taken for adjusted for splits only, and are what it gives now."""
        feed, name = self.feeds.get("split_adjusted"), self.instrument.ticker
        if feed is None or feed.source != source or not feed.dividends_known:
            return
        stored = self.run.store.bars(name, "split_adjusted")
        if stored is not None and is_copy(stored, bars):
            why = "its closes are adjusted for dividends, which counted twice"
            self.writes.append(partial(self.run.store.retract, name, "split_adjusted", why, source, self.run.now))
            self.corrected.append(f"{source}: {why}")
            del self.feeds["split_adjusted"]

    def _start(self, feed: Feed, source: str) -> dt.date:
        """Return the first day to ask for; what waits in quarantine and what is missing is asked for again."""
        starts = [start_of(self.instrument, feed, self.status, self.run.sessions)]
        starts += [] if feed.confirmed is None else [feed.confirmed]  # what is provisional is looked at again
        quarantined = self.run.quarantined.get((feed.name, feed.basis, source))
        hole = first_hole(self.run.store, self.run.sessions, self.instrument, feed)
        starts += [] if quarantined is None else quarantined.days[:1]
        unsure = [*self.run.unlisted.get((feed.name, source), ()), *self._young_actions(feed)]
        starts += [number_day(max(day_number(feed.first), day - _BEFORE)) for day in unsure]
        return min(starts if hole is None else [*starts, hole])

    def _young_actions(self, feed: Feed) -> list[int]:
        """Return the days of stored dividends and splits so young that their source may still change its mind."""
        if feed.basis != "split_adjusted":
            return []
        stored = self.run.store.actions([feed.name]).get(feed.name, [])
        return [day for day, *_ in stored if day > day_number(feed.last) - _YOUNG]

    def _judged(self, feed: Feed | None, bars: Bars, start: dt.date | None, source: str) -> Judgement:
        self.known = frozenset()
        if feed is None:
            return judged(self.instrument, None, bars, whole=True, remembered=self._remembered(bars.basis, source))
        if bars.currency is not None and feed.currency_known and bars.currency != feed.currency:
            why = f"the currency is {bars.currency} now and {feed.currency} as stored"
            # A person can only take all of it, as one series has one currency.
            return Judgement(quarantined=bars, why=why) if start is None else Judgement(needs_whole=True)
        stored = self._stored(bars.basis, None if start is None else start - _CONTEXT)
        self.known = frozenset(stored.days) if stored else frozenset()
        return judged(
            self.instrument,
            stored,
            bars,
            whole=start is None,
            first=day_number(feed.first),
            confirmed=day_number(feed.confirmed) if feed.confirmed else 0,
            is_other=feed.source != source,
            remembered=self._remembered(bars.basis, source),
        )

    def _stored(self, basis: Basis, start: dt.date | None) -> Bars | None:
        """Return what is stored from a day on, or all of it, with what another source of this run gave."""
        name, store = self.instrument.ticker, self.run.store
        if start is None:
            stored = store.bars(name, basis)
        else:
            days, closes = store.closes(name, basis, start)
            actions = store.actions([name]).get(name, []) if basis == "split_adjusted" else []
            stored = Bars(
                tuple(days),
                tuple(closes),
                basis,
                dividends=tuple((d, a) for d, a, _ in actions if a) if self.feeds[basis].dividends_known else None,
                splits=tuple((d, s) for d, _, s in actions if s),
            )
        kept = self.kept.get(basis)
        return kept if stored is None else stored if kept is None else united(stored, kept)

    def _remembered(self, basis: Basis, source: str) -> Remembered:
        run, name = self.run, self.instrument.ticker
        rejected = run.rejected.get((name, basis), Rejected())
        if basis != "split_adjusted":
            return Remembered(rejected)
        waiting, unlisted = run.quarantined.get((name, basis, source)), run.unlisted.get((name, source), {})
        due = day_number(self.due)
        return Remembered.of(rejected, waiting, unlisted, run.decisions.get(name, ()), due=due, now=run.now)

    @staticmethod
    def _loses_dividends(feed: Feed | None, bars: Bars) -> bool:
        return feed is not None and feed.dividends_known and bars.basis == "split_adjusted" and bars.dividends is None

    @staticmethod
    def _learns_dividends(feed: Feed | None, bars: Bars) -> bool:
        return feed is not None and not feed.dividends_known and bars.dividends is not None

    def _fetched(self, provider: Provider, basis: Basis | None, start: dt.date | None) -> Bars | None:
        """Return the bars of one answer that can be stored, or None; no basis: the answer says its own."""
        try:
            question = partial(provider.fetch, self.instrument, start, min(self.due, self.run.end))
            if self.instrument.kind == "macro":
                question = partial(provider.fetch, self.instrument, start, self.run.end)
            bars = self.run.pace.ask(provider, question)
        except UnknownSymbol as error:
            self.unknown.append(str(error))
            if provider.remote:
                self.unknown_to.append(provider.label)
        except NothingNew:
            self._answered_by(provider)
        except RateLimited as error:
            self.limited.append(str(error))
        except NotAsked as error:
            self.not_asked.append(str(error))
        except ProviderError as error:
            self.faults.append(str(error))
            self.may_pass |= provider.remote  # what is wrong with a file stays so
            self.unusable += [] if provider.remote else [Remark(str(error), "unusable-file", "warning")]
        else:
            self._answered_by(provider)
            exchange, sessions = self.instrument.exchange, self.run.sessions
            if bars.unfinished == day_number(self.due):
                self.unfinished.append(provider.label)
            kept, refused = screened(
                replace(bars, basis=basis or bars.basis),
                due=day_number(self.run.end if basis == "value" else self.due),
                today=day_number(self.run.now.astimezone(dt.UTC).date()),
                is_session=lambda day: bool(sessions.day_numbers(exchange, number_day(day), number_day(day))),
            )
            self.refusals += [r for r in refused if r not in self.refusals]
            self.again += [day for r in refused for day in r.days if day <= day_number(self.due)]
            # How closes were understood is told once.
            new = [r for r in bars.remarks if r.code != "read-as" or kept.basis not in self.feeds]
            self.remarks += [r for r in new if r not in self.remarks]
            return kept if kept.days else None
        return None

    def _settle(
        self,
        provider: Provider,
        basis: Basis,
        feed: Feed | None,
        bars: Bars,
        judgement: Judgement,
        start: dt.date | None,
    ) -> None:
        """Gather what is to be written of one judgement."""
        answer = Answer(self.instrument, provider.label, basis, feed, bars, judgement, start, self.run.now, self.due)
        self.writes += answer.writes(self.run.store, self.run.quarantined)
        self._release_others(provider.label, basis, judgement)
        if judgement.quarantined is not None and judgement.quarantined.days:
            self.quarantined.append(f"{provider.label}: {judgement.why}")
        kept, stored = judgement.bars, answer.stored
        if kept is None or stored is None:
            return
        if judgement.reason:
            self.corrected.append(f"{provider.label}: {judgement.reason}")
        self.feeds[basis] = stored
        if stored.confirmed == stored.last:
            self.doubts.pop(basis, None)
        elif judgement.doubt is not None:
            self.doubts[basis] = judgement.doubt
        if kept.days:
            self.kept[basis] = kept if basis not in self.kept else united(self.kept[basis], kept)
            self.added += sum(1 for day in kept.days if day not in self.known)

    def _release_others(self, source: str, basis: Basis, judgement: Judgement) -> None:
        """Release bars of another source once this one has given and confirmed all days for which they wait."""
        store, name, until = self.run.store, self.instrument.ticker, judgement.confirmed
        for each in self.run.quarantined.values():
            is_other = (each.name, each.bars.basis) == (name, basis) and each.source != source
            if not is_other or each.wrong_dividends or until is None or each.bars.days[-1] > until:
                continue
            if set(each.bars.days) <= set(store.closes(name, basis, number_day(each.bars.days[0]))[0]):
                self.writes.append(partial(store.ledger.release, name, basis, each.source))

    def _answered_by(self, provider: Provider) -> None:
        if not self.answered and provider.remote:
            self.run.strikes.known[provider.label] += 1
        self.answered = True

    @property
    def lost(self) -> tuple[str, ...]:
        """The sources in the network that do not know it, if no other could be asked, nor any file has it."""
        is_open = self.answered or self.faults or self.limited or self.not_asked
        return () if is_open else tuple(self.unknown_to)

    def outcome(self, *, waits: bool) -> tuple[Outcome, Status | None]:
        """Return how it ended, and what the next refresh has to know of it; None: nothing new."""
        run, name, status = self.run, self.instrument.ticker, self.status or Status(self.instrument.ticker)
        last = max((feed.last for feed in self.feeds.values()), default=None)
        result, detail = self._result(last, waits=waits)
        outcome = Outcome(
            name,
            result,
            self.added,
            detail,
            last,
            tuple(self.corrected),
            tuple(map(str, self.refusals)),
            tuple(filter(None, self.doubts.values())),
            # A file of one's own that cannot be used is told though other sources have the series.
            (*self.remarks, *(self.unusable if result in ("added", "up to date") else ())),
        )
        if not self.asked:
            return outcome, None
        if not self.answered and not self.lost:  # nobody said anything of it, so what is known stays known
            ended = replace(status, status=result, detail=detail)
            if self.faults or self.limited:
                ended = replace(ended, checked=run.now, misses=0)
                ended = without_strike(ended, status, self.instrument, run.sessions, run.now)
            return outcome, ended
        missing = result not in ("added", "up to date")
        again = min((day for day in self.again), default=None)
        ended = Status(
            name,
            result,
            detail,
            self.run.now,
            (status.misses + 1 if status.due == self.due else 1) if missing else 0,
            self.due,
            None if again is None else number_day(again),
        )
        return outcome, ended if self.answered else without_strike(
            ended, status, self.instrument, run.sessions, run.now
        )

    def _result(self, last: dt.date | None, *, waits: bool) -> tuple[Result, str]:
        if self.instrument.kind == "macro" and "value" in self.feeds:
            # Of a series that was never stored only its first answer tells on which days it has values.
            self.due = published(self.instrument, self.feeds["value"], end=self.run.end, now=self.run.now)
        trouble = list(dict.fromkeys([*self.limited, *self.faults, *self.not_asked]))
        if self.quarantined:
            return "quarantined", "; ".join(self.quarantined)
        if last is not None and last >= self.due:
            return ("added" if self.added else "up to date"), "; ".join(trouble)
        if trouble:
            result: Result = "rate limited" if self.limited else "failed" if self.faults else "not asked"
            return result, "; ".join(trouble)
        if self.unknown and not self.answered:
            gone = ""
            if last is not None and self.status is not None and self.status.is_gone:
                gone = "; it may be delisted, or renamed (`renamed_to` joins both names)"
            return "unknown symbol", "; ".join(self.unknown) + gone
        if last is None and self.status is not None and self.status.is_gone:
            return "unknown symbol", self.status.detail  # it is not asked for each day, and no better known for that
        if last is None:
            why = f"no source has a bar up to {self.due}" if self.asked or waits else "no provider serves it"
            return "failed", why
        kept = "; its sources are asked again later" if waits else ""
        if self.unfinished:
            kept += f"; {' and '.join(self.unfinished)} did not yet call that session finished"
        return "stale", f"ends {last} (expected {self.due}){kept}"

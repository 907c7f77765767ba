"""A large universe: at what pace a source is asked, and that in the end every series has its turn."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from tests.unit.market.samples import bars
from thesisvault.market.records import Instrument
from thesisvault.market.refresh.pace import Limits, Pace
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.sources.provider import NothingNew, ProviderFault, RateLimited, UnknownSymbol
from thesisvault.market.store.store import Store

SIZE = 2000


class Clock:
    """Seconds that pass only when somebody waits or answers."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class Source:
    """A source in the network that takes some seconds for an answer and remembers when it was asked.

    Of the universe, every fiftieth symbol always fails, and every hundredth is not known.
    """

    name = label = "source"
    basis = "split_adjusted"
    remote = True

    def __init__(self, clock, seconds=0.0):
        self.clock, self.seconds, self.asked, self.begun = clock, seconds, [], []

    def fetch(self, instrument, start, end):
        self.asked.append(instrument.ticker)
        self.begun.append(self.clock.now)
        self.clock.now += self.seconds
        number = int(instrument.ticker)
        if number % 100 == 99:
            raise UnknownSymbol("no such symbol")
        if number % 50 == 49:
            raise ProviderFault("cut short")
        first = start or end - dt.timedelta(days=3)
        days = [first + dt.timedelta(n) for n in range((end - first).days + 1)]
        if not (weekdays := [day for day in days if day.weekday() < 5]):
            raise NothingNew("nothing")
        return bars(dict.fromkeys(weekdays, 10.0), dividends=())


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store.sqlite") as opened:
        yield opened


def evening(store, source, day, seconds, count=SIZE):
    """Refresh the universe with so much time; each evening has a patience of its own."""
    now = dt.datetime.combine(day, dt.time(23), dt.UTC)
    pace = Pace(Limits(time=seconds), clock=source.clock, sleep=source.clock.sleep, chance=lambda: 0.5)
    wanted = [Instrument(f"{n:04}", f"Company {n}", "stock") for n in range(count)]
    return refresh(store, wanted, [source], end=day, now=now, pace=pace)


def test_over_successive_evenings_no_series_of_two_thousand_is_left_out(store):
    clock = Clock()
    source = Source(clock, seconds=0.4)
    days = [day for n in range(9) if (day := dt.date(2026, 3, 2) + dt.timedelta(n)).weekday() < 5]
    turns = {f"{n:04}": [] for n in range(SIZE)}
    for number, day in enumerate(days):
        source.asked.clear()
        evening(store, source, day, seconds=300)
        assert len(source.asked) < SIZE / 3 + 60
        for name in source.asked:
            turns[name].append(number)
    least = -(-SIZE // 600)
    assert max(asked[0] for asked in turns.values()) < least
    for name, asked in turns.items():
        gaps = [later - earlier for earlier, later in zip(asked, [*asked[1:], len(days)], strict=True)]
        # What no source knows any more may wait for a week; all others have their turn.
        assert max(gaps) <= least + 1 or int(name) % 100 == 99, name
    fetched = {name for name, of in store.feeds().items() if of["split_adjusted"].last >= days[-least - 1]}
    assert fetched == {name for name in turns if int(name) % 50 != 49}


def test_a_universe_that_fits_into_one_evening_is_done_in_one(store):
    clock = Clock()
    report = evening(store, Source(clock, seconds=0.1), dt.date(2026, 3, 2), seconds=1200)
    assert not report.of("not asked", "rate limited")
    assert clock.now < SIZE / 2


def distances(begun):
    return [round(later - earlier, 6) for earlier, later in itertools.pairwise(begun)]


def test_the_pace_rises_while_a_source_answers_down_to_a_quarter_of_the_pause(store):
    source = Source(Clock())
    evening(store, source, dt.date(2026, 3, 2), seconds=1200, count=49)
    found = distances(source.begun)
    assert found[:9] == [1.0] * 9
    assert found[9:] == sorted(found[9:], reverse=True)
    source = Source(Clock())
    evening(store, source, dt.date(2026, 3, 3), seconds=1200, count=149)
    assert distances(source.begun)[-20:] == [0.25] * 20


class Strict(Source):
    """A source that refuses whoever asks twice within less than so many seconds."""

    def __init__(self, clock, least):
        super().__init__(clock)
        self.least, self.refused = least, []

    def fetch(self, instrument, start, end):
        if self.begun and self.clock.now - self.begun[-1] < self.least - 1e-9:
            self.begun.append(self.clock.now)
            self.refused.append(len(self.begun))
            raise RateLimited("too many requests")
        return super().fetch(instrument, start, end)


@pytest.mark.parametrize("least", [0.3, 0.6, 1.2, 3.0])
def test_a_source_that_refuses_is_asked_more_slowly_until_it_refuses_no_more(store, least):
    source = Strict(Clock(), least)
    report = evening(store, source, dt.date(2026, 3, 2), seconds=3600, count=400)
    assert not report.of("rate limited", "not asked")
    assert 1 <= len(source.refused) <= 4
    # Once it has learnt what is too fast, it keeps below that.
    assert max(source.refused) < 100
    assert min(distances(source.begun)[-100:]) >= least
    assert max(distances(source.begun)[-100:]) <= 4 * max(least, 0.25)

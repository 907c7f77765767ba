"""What is due, and when a source is asked."""

import datetime as dt

import pytest

from tests.unit.market.samples import bars
from thesisvault.market.records import Instrument
from thesisvault.market.refresh.pace import Limits, NotAsked, Pace
from thesisvault.market.refresh.plan import planned
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.sessions import Sessions
from thesisvault.market.sources.provider import NothingNew, ProviderFault, RateLimited
from thesisvault.market.store.entries import Feed
from thesisvault.market.store.store import Store

SESSIONS = Sessions()


def at(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def due(instrument, now, feeds=None, end="2030-01-01"):
    found = planned(instrument, feeds or {}, None, SESSIONS, end=dt.date.fromisoformat(end), now=at(now))
    return found.due.isoformat()


def share(exchange="XNYS", kind="stock"):
    return Instrument("A", "A", kind, exchange=exchange)


@pytest.mark.parametrize(
    ("now", "exchange", "expected"),
    [
        ("2026-02-26T21:30", "XNYS", "2026-02-25"),  # closed at 21:00 UTC, and 45 minutes are not over
        ("2026-02-26T21:46", "XNYS", "2026-02-26"),
        ("2026-11-27T18:46", "XNYS", "2026-11-27"),  # half a day: closed at 18:00 UTC
        ("2026-11-26T23:00", "XNYS", "2026-11-25"),  # Thanksgiving
        ("2026-02-28T12:00", "XNYS", "2026-02-27"),  # a Saturday
        ("2026-02-27T08:00", "XTKS", "2026-02-27"),  # Tokyo closed at 06:30 UTC
        ("2026-02-27T07:00", "XTKS", "2026-02-26"),
        ("2026-03-01T00:01", "24/7", "2026-02-28"),  # crypto, also on a Saturday
    ],
)
def test_the_newest_bar_is_that_of_the_last_session_that_has_closed(now, exchange, expected):
    assert due(share(exchange), now) == expected


def test_a_fund_is_known_the_next_morning():
    assert due(share(kind="fund"), "2026-02-26T23:00") == "2026-02-25"
    assert due(share(kind="fund"), "2026-02-27T11:30") == "2026-02-26"


def test_no_bar_is_due_after_the_day_asked_for():
    assert due(share(), "2026-02-27T23:00", end="2026-02-21") == "2026-02-20"


def macro(frequency, lag):
    return Instrument("M", "M", "macro", frequency=frequency, lag_days=lag)


def stored(last):
    day = dt.date.fromisoformat(last)
    return {"value": Feed("M", "value", "fred", "USD", False, day, day, "2026-01-01T00:00:00+00:00")}


@pytest.mark.parametrize(
    ("frequency", "lag", "last", "now", "expected"),
    [
        # of Wednesday, out on Thursday evening
        ("weekly", 1, "2026-02-18", "2026-02-26T12:00", "2026-02-18"),
        ("weekly", 1, "2026-02-18", "2026-02-26T22:30", "2026-02-25"),
        ("daily", 1, "2026-02-26", "2026-02-28T12:00", "2026-02-26"),  # Friday's is out on Monday
        ("daily", 1, "2026-02-26", "2026-03-02T22:30", "2026-02-27"),
        ("monthly", 44, "2026-01-01", "2026-03-10T12:00", "2026-01-01"),
        ("monthly", 44, "2026-01-01", "2026-03-18T12:00", "2026-02-01"),
        ("quarterly", 60, "2025-10-01", "2026-03-18T12:00", "2026-01-01"),
    ],
)
def test_a_macro_value_is_due_when_it_is_published(frequency, lag, last, now, expected):
    assert due(macro(frequency, lag), now, stored(last)) == expected


class Source:
    """A source in the network, for the plan at least, that answers what a test tells it to."""

    name = label = "source"
    basis = "split_adjusted"
    remote = True

    def __init__(self, closes=None, error=None):
        self.closes, self.error, self.asked = closes or {}, error, []

    def fetch(self, instrument, start, end):
        self.asked.append(instrument.ticker)
        if self.error:
            raise self.error
        kept = {d: c for d, c in self.closes.items() if (start is None or d >= start) and d <= end}
        if not kept:
            raise NothingNew("nothing")
        return bars(kept, dividends=())


FRIDAY = dt.date(2026, 2, 27)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store.sqlite") as opened:
        yield opened


def run(store, source, now, names=("A",), **more):
    more.setdefault("pace", Pace(Limits(pause=0)))
    wanted = [Instrument(n, n, "stock") for n in names]
    return refresh(store, wanted, [source], end=at(now).date(), now=at(now), **more)


def test_a_refresh_at_the_weekend_asks_for_nothing(store):
    source = Source({FRIDAY - dt.timedelta(days=1): 10.0, FRIDAY: 11.0})
    run(store, source, "2026-02-27T22:00")
    asked = list(source.asked)
    for moment in ("2026-02-28T10:00", "2026-03-01T20:00", "2026-03-02T14:00"):
        assert [o.result for o in run(store, source, moment).outcomes] == ["up to date"]
    assert source.asked == asked
    run(store, source, "2026-03-02T22:00")
    assert len(source.asked) == len(asked) + 1


def test_a_source_without_the_bar_that_is_due_is_asked_again_later_and_later(store):
    source = Source({FRIDAY - dt.timedelta(days=1): 10.0})
    moments = ["22:00", "22:10", "22:20", "22:50", "23:30"]
    for moment in moments:
        assert run(store, source, f"2026-02-27T{moment}").outcomes[0].result == "stale"
    # at once, not after ten minutes, after twenty, not after thirty more, after seventy more
    assert len(source.asked) == 3
    run(store, source, "2026-02-27T23:31", insist=True)
    assert len(source.asked) == 4


class Clock:
    """Seconds that pass only when somebody waits."""

    def __init__(self):
        self.now, self.waits = 0.0, []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.waits.append(round(seconds, 6))
        self.now += seconds


def test_a_refusal_is_waited_for_longer_each_time_within_one_budget_for_the_run(store):
    clock = Clock()
    pace = Pace(Limits(wait=60, pause=0), clock=clock, sleep=clock.sleep, chance=lambda: 0.5)
    source = Source(error=RateLimited("429"))
    report = run(store, source, "2026-02-27T22:00", names="ABC", pace=pace)
    assert clock.waits == [2.0, 4.0, 8.0, 16.0]  # 32 more would be above 60
    assert [o.result for o in report.outcomes] == ["rate limited", "not asked", "not asked"]
    assert source.asked == ["A"] * 5


def test_a_refusal_that_ends_costs_nothing_but_the_wait(store):
    clock = Clock()

    class Busy(Source):
        def fetch(self, instrument, start, end):
            if len(self.asked) == 1:
                self.asked.append("again")
                return super().fetch(instrument, start, end)
            self.asked.append("refused")
            raise RateLimited("429")

    pace = Pace(Limits(pause=0), clock=clock, sleep=clock.sleep, chance=lambda: 0.0)
    report = run(store, Busy({FRIDAY: 1.0}), "2026-02-27T22:00", pace=pace)
    assert [o.result for o in report.outcomes] == ["added"]
    assert clock.waits == [1.0]


def test_requests_keep_their_distance(store):
    clock = Clock()
    pace = Pace(Limits(pause=2), clock=clock, sleep=clock.sleep, chance=lambda: 0.5)
    run(store, Source({FRIDAY: 1.0}), "2026-02-27T22:00", names="ABC", pace=pace)
    assert clock.waits == [2.0, 2.0]


def test_a_run_out_of_time_asks_no_more_and_the_next_one_goes_on(store):
    clock = Clock()
    pace = Pace(Limits(time=5, pause=2), clock=clock, sleep=clock.sleep, chance=lambda: 0.5)
    source = Source({FRIDAY: 1.0})
    report = run(store, source, "2026-02-27T22:00", names="ABCDE", pace=pace)
    assert [o.result for o in report.outcomes] == ["added"] * 3 + ["not asked"] * 2
    assert "the time_limit of 5s is over" in report.outcomes[3].detail
    assert "`refresh: {time_limit: 10s}`" in report.outcomes[3].detail
    report = run(store, source, "2026-02-27T22:01", names="ABCDE")
    assert [o.result for o in report.outcomes] == ["up to date"] * 3 + ["added"] * 2
    assert source.asked == list("ABCDE")


def test_a_source_that_hangs_is_left_behind_and_the_run_ends(store):
    import threading

    let_go = threading.Event()

    class Hanging(Source):
        def fetch(self, instrument, *_):
            self.asked.append(instrument.ticker)
            let_go.wait(20)
            raise NothingNew("late")

    source = Hanging()
    report = run(store, source, "2026-02-27T22:00", names="ABCDE", pace=Pace(Limits(timeout=0.02, pause=0)))
    let_go.set()
    assert [o.result for o in report.outcomes] == ["failed"] * 3 + ["not asked"] * 2
    assert "did not answer" in report.outcomes[0].detail


def test_a_fault_of_one_series_does_not_touch_the_others(store):
    class Broken(Source):
        def fetch(self, instrument, start, end):
            if instrument.ticker == "B":
                raise ProviderFault("cut short")
            return super().fetch(instrument, start, end)

    report = run(store, Broken({FRIDAY: 1.0}), "2026-02-27T22:00", names="ABC")
    assert [o.result for o in report.outcomes] == ["added", "failed", "added"]


def test_a_closed_source_says_why():
    pace = Pace(Limits(wait=0, pause=0))
    source = Source()
    with pytest.raises(RateLimited):
        pace.ask(source, lambda: (_ for _ in ()).throw(RateLimited("too many requests")))
    with pytest.raises(NotAsked, match="refuses for now"):
        pace.ask(source, lambda: None)

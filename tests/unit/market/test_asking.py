"""Whom a refresh asks first, whom again, and when it gives a source up."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.unit.market.samples import bars, put
from thesisvault.market.records import Instrument
from thesisvault.market.refresh.pace import GIVE_UP, Limits, NotAsked, Pace
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.sources.provider import ProviderFault, RateLimited, UnknownSymbol
from thesisvault.market.store.store import Store

FRIDAY = dt.date(2026, 2, 27)
EVENING = dt.datetime(2026, 2, 27, 22, tzinfo=dt.UTC)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store.sqlite") as opened:
        yield opened


class Source:
    """A source in the network whose answers fail as often as a test says, a symbol at a time."""

    name = label = "source"
    basis = "split_adjusted"
    remote = True

    def __init__(self, **failing):
        self.failing, self.asked = failing, []

    def fetch(self, instrument, _, end):
        self.asked.append(instrument.ticker)
        if self.failing.get(instrument.ticker, 0) > 0:
            self.failing[instrument.ticker] -= 1
            raise ProviderFault("cut short")
        return bars({day: 10.0 for n in range(40) if (day := end - dt.timedelta(n)).weekday() < 5}, dividends=())


class Probed(Source):
    """One that can be asked for something it is known to have."""

    error = None

    def probe(self):
        self.asked.append("probe")
        if self.error:
            raise self.error


def run(store, source, names, now=EVENING, **more):
    more.setdefault("pace", Pace(Limits(pause=0)))
    return refresh(store, [Instrument(n, n, "stock") for n in names], [source], end=now.date(), now=now, **more)


def results(report):
    return {outcome.name: outcome.result for outcome in report.outcomes}


FOREVER = 10**6


# --- the order -------------------------------------------------------------------------------------------------------


def test_what_was_never_fetched_and_what_is_stalest_is_asked_for_first(store):
    for name, last in (("NEW", None), ("OLD", 9), ("MID", 18), ("FRESH", 26)):
        if last:
            put(store, name, {dt.date(2026, 2, 6): 10.0, dt.date(2026, 2, last): 10.0}, dividends=())
    source = Source()
    report = run(store, source, ["FRESH", "MID", "NEW", "OLD"])
    assert source.asked == ["NEW", "OLD", "MID", "FRESH"]
    assert [outcome.name for outcome in report.outcomes] == ["FRESH", "MID", "NEW", "OLD"]


def test_what_failed_yesterday_lets_those_go_first_whom_nobody_asked(store):
    put(store, "WAITED", {dt.date(2026, 2, 25): 10.0}, dividends=())
    source = Source(FAILS=FOREVER)
    run(store, source, ["FAILS"], now=EVENING - dt.timedelta(days=1))
    source.asked.clear()
    run(store, source, ["FAILS", "WAITED", "NEVER"])
    assert source.asked[:3] == ["NEVER", "WAITED", "FAILS"]


# --- the second round ------------------------------------------------------------------------------------------------


def test_what_failed_is_asked_for_again_in_the_same_run(store):
    source = Source(B=1)
    report = run(store, source, "ABC")
    assert results(report) == dict.fromkeys("ABC", "added")
    assert source.asked == ["A", "B", "C", "B"]
    assert report.added == len(store.bars("A", "split_adjusted").days) * 3
    assert run(store, source, "ABC").added == 0


def test_what_fails_twice_is_not_asked_for_a_third_time(store):
    source = Source(B=FOREVER)
    report = run(store, source, "ABC")
    assert results(report)["B"] == "failed"
    assert source.asked == ["A", "B", "C", "B"]


def test_a_file_that_cannot_be_read_is_read_once(store):
    source = Source(B=FOREVER)
    source.remote = False
    run(store, source, "ABC")
    assert source.asked == ["A", "B", "C"]


def test_a_second_round_that_time_does_not_allow_leaves_the_first_failure_to_be_told(store):
    clock = iter(range(1000))
    source = Source(A=FOREVER)
    report = run(store, source, "AB", pace=Pace(Limits(time=4.5, pause=0), clock=lambda: float(next(clock))))
    assert (results(report)["A"], report.outcomes[0].detail) == ("failed", "cut short")
    assert source.asked.count("A") == 1


# --- giving up -------------------------------------------------------------------------------------------------------

EIGHTEEN = "ABCDEFGHIJKLMNOPQR"


@pytest.mark.parametrize("place", [0, 7, 15])
def test_three_broken_answers_in_a_row_do_not_stop_the_others(store, place):
    broken = EIGHTEEN[place : place + 3]
    source = Probed(**dict.fromkeys(broken, FOREVER))
    found = results(run(store, source, EIGHTEEN))
    assert {name for name, result in found.items() if result == "failed"} == set(broken)
    assert {name for name, result in found.items() if result == "added"} == set(EIGHTEEN) - set(broken)
    # Where something was answered in this run, that is asked for; else what the source is known to have.
    again = "probe" if place == 0 else EIGHTEEN[place - 1]
    assert source.asked[place + GIVE_UP] == again


def test_a_source_that_fails_for_what_it_is_known_to_have_is_left_alone(store):
    source = Probed(**dict.fromkeys(EIGHTEEN, FOREVER))
    source.error = ProviderFault("no way there")
    report = run(store, source, EIGHTEEN)
    assert source.asked == ["A", "B", "C", "probe"]
    assert [outcome.result for outcome in report.outcomes] == ["failed"] * 3 + ["not asked"] * 15
    assert "and then for a symbol that it has: no way there" in report.outcomes[-1].detail


@pytest.mark.parametrize("answer", [UnknownSymbol("never heard of it"), RateLimited("later")])
def test_any_answer_shows_that_a_source_is_there(store, answer):
    source = Probed(**dict.fromkeys("ABC", FOREVER))
    source.error = answer
    assert results(run(store, source, EIGHTEEN))["R"] == "added"


def test_without_anything_known_a_source_is_left_alone_after_three_faults(store):
    source = Source(**dict.fromkeys(EIGHTEEN, FOREVER))
    run(store, source, EIGHTEEN)
    assert source.asked == ["A", "B", "C"]


def test_prices_that_arrive_do_not_keep_questions_for_something_else_alive():
    pace, source = Pace(Limits(pause=0)), Probed(B=FOREVER)
    pace.ask(source, lambda: source.fetch(Instrument("A", "A", "stock"), None, FRIDAY))
    for _ in range(GIVE_UP):
        with pytest.raises(ProviderFault):
            pace.ask(source, lambda: source.fetch(Instrument("B", "B", "stock"), None, FRIDAY), is_sample=False)
    with pytest.raises(NotAsked):
        pace.ask(source, lambda: None, is_sample=False)
    assert source.asked == ["A", "B", "B", "B"]


# --- what somebody sees who waits ------------------------------------------------------------------------------------


class Clock:
    """Seconds that pass only when somebody waits."""

    now = 0.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def test_progress_names_the_ticker_how_many_are_left_and_for_how_long(store):
    clock, told = Clock(), []
    pace = Pace(Limits(pause=100, time=1150), clock=clock, sleep=clock.sleep, chance=lambda: 0.5)
    run(store, Source(), EIGHTEEN, pace=pace, progress=lambda step: told.append(step.text))
    shown = [text for text in told if text and "waiting" not in text]
    assert shown[:3] == ["A, 18 left", "B, 17 left, less than a minute", "C, 16 left, about 13 min"]
    # No longer than the run may take.
    assert shown[3] == "D, 15 left, about 16 min"


def test_a_wait_says_for_what_and_a_short_pause_says_nothing(store):
    clock, told = Clock(), []

    class Busy(Source):
        def fetch(self, instrument, start, end):
            if self.asked == ["A"]:
                self.asked.append("refused")
                raise RateLimited("Yahoo refuses for now")
            return super().fetch(instrument, start, end)

    pace = Pace(Limits(pause=1), clock=clock, sleep=clock.sleep, chance=lambda: 0.5)
    run(store, Busy(), "AB", pace=pace, progress=lambda step: told.append(step.text))
    assert told[:3] == ["A, 2 left", "", "B, 1 left, less than a minute"]
    assert told[3] == "B, 1 left, less than a minute; waiting 2 s: Yahoo refuses for now"
    assert not [text for text in told if "pause" in text]


def test_a_long_pause_between_two_requests_is_said_to_be_one(store):
    clock, told = Clock(), []
    pace = Pace(Limits(pause=5), clock=clock, sleep=clock.sleep, chance=lambda: 0.5)
    run(store, Source(), "AB", pace=pace, progress=lambda step: told.append(step.text))
    assert "waiting 5 s: the pause between two requests to source" in told[3]

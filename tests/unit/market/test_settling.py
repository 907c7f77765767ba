"""A bar is provisional until a later answer gives it again; what is strange about it is told meanwhile."""

import datetime as dt
import math
from types import MappingProxyType

import pytest

from tests.unit.market.exchange import Exchange, Listing
from tests.unit.market.samples import stock
from thesisvault.market.bars import day_number, number_day
from thesisvault.market.reading.market import Market
from thesisvault.market.refresh.jumps import strange_move
from thesisvault.market.refresh.pace import Limits, Pace
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.sessions import Sessions
from thesisvault.market.store.store import Store
from thesisvault.structs import replace

A = stock("A")
SESSIONS = Sessions().sessions_between("XNYS", dt.date(2025, 9, 2), dt.date(2026, 2, 27))
CLOSES = {
    day: round(40 * math.exp(0.05 * math.sin(n / 9) + 0.006 * math.sin(2.3 * n)), 2) for n, day in enumerate(SESSIONS)
}
GLITCH = SESSIONS[-3]


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store.sqlite") as opened:
        yield opened


class Spoilt(Exchange):
    """A source that multiplies some closes, by day."""

    wrong = MappingProxyType({})

    def fetch(self, instrument, start, end):
        bars = super().fetch(instrument, start, end)
        pairs = zip(bars.days, bars.close, strict=True)
        return replace(bars, close=tuple(close * self.wrong.get(number_day(day), 1.0) for day, close in pairs))


def source():
    return Spoilt({"A": Listing(dict(CLOSES))})


def run(store, day, *sources):
    for each in sources:
        each.today = day
    now = dt.datetime.combine(day, dt.time(23, 30), dt.UTC)
    return refresh(store, [A], sources, end=day, now=now, insist=True, pace=Pace(Limits(pause=0))).outcomes[0]


def stored(store):
    found = store.bars("A", "split_adjusted")
    return {number_day(d): c for d, c in zip(found.days, found.close, strict=True)}


def notes(store, last=SESSIONS[-1]):
    return Market(store, {"A": A}, last_day=last, benchmark="A").series("A").notes


def feed(store):
    return store.feeds(["A"])["A"]["split_adjusted"]


@pytest.mark.parametrize("factor", [0.5, 0.9, 1.4])
def test_a_glitch_on_the_newest_day_is_marked_and_the_next_answer_takes_it_back(store, factor):
    yahoo = source()
    run(store, SESSIONS[-4], yahoo)
    yahoo.wrong = {GLITCH: factor}
    outcome = run(store, GLITCH, yahoo)
    assert outcome.result == "added"
    (doubt,) = outcome.doubts
    assert f"the close of {GLITCH} is " in doubt
    assert notes(store) == (f"A: {doubt}",)
    assert notes(store, SESSIONS[-4]) == ()
    yahoo.wrong = {}
    outcome = run(store, SESSIONS[-2], yahoo)
    assert (outcome.result, outcome.doubts) == ("added", ())
    assert f"the close of {GLITCH} was taken back" in outcome.corrected[0]
    assert stored(store) == {day: CLOSES[day] for day in SESSIONS[:-1]}
    assert notes(store) == ()
    (correction,) = store.ledger.corrections()
    assert list(correction.bars.days) == [day_number(GLITCH)]


def test_a_true_move_is_marked_until_the_next_session_confirms_it(store):
    fallen = {day: close * (0.7 if day >= GLITCH else 1.0) for day, close in CLOSES.items()}
    yahoo = source()
    yahoo.listings["A"].closes = fallen
    run(store, SESSIONS[-4], yahoo)
    assert run(store, GLITCH, yahoo).doubts
    outcome = run(store, SESSIONS[-2], yahoo)
    assert (outcome.result, outcome.doubts, outcome.corrected) == ("added", (), ())
    assert notes(store) == ()
    assert stored(store) == {day: fallen[day] for day in SESSIONS[:-1]}


def test_a_second_source_confirms_a_move_at_once(store):
    fallen = {day: close * (0.7 if day >= GLITCH else 1.0) for day, close in CLOSES.items()}
    yahoo, second = source(), source()
    second.name = second.label = "second"
    yahoo.listings["A"].closes = second.listings["A"].closes = fallen
    run(store, SESSIONS[-4], yahoo)
    outcome = run(store, GLITCH, yahoo, second)
    assert (outcome.result, outcome.doubts) == ("added", ())
    assert feed(store).confirmed == GLITCH
    assert run(store, SESSIONS[-2], yahoo, second).result == "added"
    assert len(second.asked) == 1


def test_a_second_source_that_knows_no_such_move_takes_it_back_at_once(store):
    yahoo, second = source(), source()
    second.name = second.label = "second"
    run(store, SESSIONS[-4], yahoo)
    yahoo.wrong = {GLITCH: 0.5}
    outcome = run(store, GLITCH, yahoo, second)
    assert outcome.doubts == ()
    assert stored(store)[GLITCH] == CLOSES[GLITCH]


def test_a_glitch_in_the_middle_of_new_bars_is_taken_back_too(store):
    yahoo = source()
    run(store, SESSIONS[-8], yahoo)
    yahoo.wrong = {SESSIONS[-6]: 0.9}
    run(store, SESSIONS[-4], yahoo)
    yahoo.wrong = {}
    assert run(store, SESSIONS[-3], yahoo).result == "added"
    assert stored(store) == {day: CLOSES[day] for day in SESSIONS[:-2]}


def test_a_wrong_correction_is_taken_back_by_the_next_answer(store):
    yahoo = source()
    run(store, SESSIONS[-4], yahoo)
    run(store, GLITCH, yahoo)
    yahoo.wrong = {GLITCH: 0.93}
    run(store, SESSIONS[-2], yahoo)
    assert stored(store)[GLITCH] != CLOSES[GLITCH]
    yahoo.wrong = {}
    run(store, SESSIONS[-1], yahoo)
    assert stored(store) == CLOSES


def test_a_bar_that_was_confirmed_is_settled(store):
    yahoo = source()
    run(store, SESSIONS[-4], yahoo)
    run(store, GLITCH, yahoo)
    run(store, SESSIONS[-2], yahoo)
    assert feed(store).confirmed == GLITCH
    yahoo.wrong = {GLITCH: 0.93}
    assert run(store, SESSIONS[-1], yahoo).result == "quarantined"
    assert stored(store)[GLITCH] == CLOSES[GLITCH]


def test_a_second_answer_of_the_same_evening_confirms_nothing(store):
    yahoo = source()
    run(store, SESSIONS[-4], yahoo)
    yahoo.wrong = {GLITCH: 0.5}
    run(store, GLITCH, yahoo)
    assert store.feeds(["A"])["A"]["split_adjusted"].confirmed == SESSIONS[-4]
    assert notes(store)


def test_only_a_move_of_many_usual_days_is_strange():
    calm = [100.0, 101.0, 100.0, 99.5, 100.5] * 12
    assert strange_move([*calm, 93.0]) == ""
    assert strange_move([*calm, 85.0]) == "-15.4% from the close before, 11 times a usual day,"
    wild = [100.0, 140.0] * 30
    assert strange_move([*wild, 70.0]) == ""
    assert strange_move([100.0]) == ""


def test_bars_of_a_second_source_leave_quarantine_once_the_first_has_given_and_confirmed_their_days(store):
    first, second = source(), source()
    second.name = second.label = "second"
    second.wrong = dict.fromkeys(SESSIONS, 1.02)
    run(store, SESSIONS[-6], first, second)
    late = first.listings["A"].closes.pop(SESSIONS[-5])
    assert run(store, SESSIONS[-5], first, second).result == "quarantined"
    run(store, SESSIONS[-4], first, second)
    assert [each.source for each in store.ledger.quarantined()] == ["second"]  # the day is still missing
    first.listings["A"].closes[SESSIONS[-5]] = late
    for day in SESSIONS[-3:-1]:
        outcome = run(store, day, first, second)
    assert (outcome.result, store.ledger.quarantined()) == ("added", [])
    assert stored(store) == {day: CLOSES[day] for day in SESSIONS[:-1]}

"""Sessions without a bar: asked for again, and told beside the figures that span them."""

import datetime as dt

import pytest

from tests.unit.market.exchange import Exchange, Listing
from tests.unit.market.samples import put, stock
from thesisvault.market.bars import day_number, number_day
from thesisvault.market.reading.market import Market
from thesisvault.market.records import Basket
from thesisvault.market.refresh.pace import Limits, Pace
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.sessions import Sessions
from thesisvault.market.store.store import Store
from thesisvault.structs import replace

A = stock("A")
SESSIONS = Sessions().sessions_between("XNYS", dt.date(2025, 6, 2), dt.date(2026, 2, 27))
CLOSES = {day: 100.0 + n % 7 for n, day in enumerate(SESSIONS)}


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store.sqlite") as opened:
        yield opened


class Holed(Exchange):
    """A source that leaves some days out."""

    lacks = frozenset()

    def fetch(self, instrument, start, end):
        bars = super().fetch(instrument, start, end)
        places = [i for i, day in enumerate(bars.days) if number_day(day) not in self.lacks]
        return replace(
            bars,
            days=tuple(bars.days[i] for i in places),
            close=tuple(bars.close[i] for i in places),
            open=None,
            volume=None,
        )


def run(store, source, day):
    source.today = day
    now = dt.datetime.combine(day, dt.time(23, 30), dt.UTC)
    return refresh(store, [A], [source], end=day, now=now, insist=True, pace=Pace(Limits(pause=0))).outcomes[0]


def days(store):
    return [number_day(d) for d in store.bars("A", "split_adjusted").days]


def test_a_hole_older_than_the_overlap_is_asked_for_until_the_source_has_it(store):
    source = Holed({"A": Listing(dict(CLOSES))})
    source.lacks = {SESSIONS[-40]}
    run(store, source, SESSIONS[-20])
    run(store, source, SESSIONS[-2])
    assert SESSIONS[-40] not in days(store)
    assert source.asked[-1] == ("A", SESSIONS[-40])
    source.lacks = frozenset()
    outcome = run(store, source, SESSIONS[-1])
    assert (outcome.result, outcome.added) == ("added", 2)
    assert days(store) == SESSIONS


def test_a_hole_that_nobody_filled_for_three_months_is_not_asked_for_any_more(store):
    source = Holed({"A": Listing(dict(CLOSES))})
    source.lacks = {SESSIONS[30]}
    run(store, source, SESSIONS[-2])
    run(store, source, SESSIONS[-1])
    assert source.asked[-1][1] > SESSIONS[-15]


def early(store, instrument=A, last=SESSIONS[-1]):
    return Market(store, {"A": instrument}, last_day=last, benchmark="A").series("A").early


def test_figures_that_begin_before_a_hole_are_marked_and_later_ones_are_not(store):
    hole = SESSIONS[50]
    put(store, "A", {day: close for day, close in CLOSES.items() if day != hole}, dividends=())
    assert early(store) == ((hole + dt.timedelta(days=1), f"A: no bar on {hole}, though XNYS was open"),)
    assert early(store, last=SESSIONS[49]) == ()


def test_holidays_weekends_and_exchanges_that_nobody_knows_are_no_holes(store):
    put(store, "A", CLOSES, dividends=())
    assert early(store) == ()
    put(store, "A", {SESSIONS[0] - dt.timedelta(days=40): 100.0}, dividends=())
    assert early(store, replace(A, exchange="NOWHERE")) == ()
    assert len(early(store)) == 4  # many old ones share a sentence
    assert early(store)[0][1] == f"A: 23 sessions of XNYS up to {dt.date(2025, 5, 27)} without a bar"


def test_sessions_without_a_bar_lie_between_the_first_and_the_last():
    inside = [day_number(day) for day in SESSIONS[3:9]]
    assert Sessions().without_bar("XNYS", [inside[0], *inside[2:]]) == [inside[1]]
    assert Sessions().without_bar("XNYS", []) == []
    assert Sessions().without_bar("24/7", [10, 12]) == [11]


def test_figures_of_a_basket_are_marked_for_the_holes_of_its_members(store):
    both, alone = SESSIONS[60], SESSIONS[70]
    put(store, "A", {day: close for day, close in CLOSES.items() if day not in (both, alone)}, dividends=())
    put(store, "B", {day: close for day, close in CLOSES.items() if day != both}, dividends=())
    basket = Basket("b", "B", (("A", None), ("B", None)))
    market = Market(store, {"A": A, "B": stock("B")}, {"b": basket}, last_day=SESSIONS[-1], benchmark="A")
    assert market.series("b").early == (
        (both + dt.timedelta(days=1), f"A, B: no bar on {both}, though the exchange was open"),
        (alone + dt.timedelta(days=1), f"A: no bar on {alone}, though the exchange was open"),
    )

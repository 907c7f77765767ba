"""When a symbol that no source knows counts as gone."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.unit.market.samples import bars
from thesisvault.market.records import Instrument
from thesisvault.market.refresh.pace import Limits, Pace
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.sources.provider import NothingNew, ProviderFault, UnknownSymbol
from thesisvault.market.store.store import Store

FRIDAY = dt.date(2026, 2, 27)
# Three sessions of the week after.
THREE = ("2026-03-02", "2026-03-03", "2026-03-04")


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store.sqlite") as opened:
        yield opened


class Source:
    """A source with a close on every weekday of what it knows."""

    basis = "split_adjusted"

    def __init__(self, name="source", remote=True):
        self.name = self.label = name
        self.remote, self.asked = remote, []
        self.unknown, self.failing = set(), set()

    def fetch(self, instrument, start, end):
        self.asked.append(instrument.ticker)
        if instrument.ticker in self.failing:
            raise ProviderFault("cut short")
        if instrument.ticker in self.unknown:
            raise UnknownSymbol(f"no such symbol as {instrument.ticker}")
        days = [d for n in range(40) if (d := end - dt.timedelta(days=n)).weekday() < 5]
        kept = {day: 10.0 for day in days if day >= (start or FRIDAY)}
        if not kept:
            raise NothingNew("nothing")
        return bars(kept, dividends=())


def run(store, *sources, day, names="AB", time="22:00"):
    now = dt.datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=dt.UTC)
    wanted = [Instrument(n, n, "stock") for n in names]
    report = refresh(store, wanted, sources, end=now.date(), now=now, pace=Pace(Limits(pause=0)))
    return {outcome.name: outcome for outcome in report.outcomes}


@pytest.fixture
def source(store):
    """A source from which A and B are stored up to Friday."""
    made = Source()
    run(store, made, day=FRIDAY)
    made.asked.clear()
    return made


def strikes(store, name="A"):
    status = store.statuses()[name]
    return status.strikes, status.unknown_since


def test_a_symbol_unknown_on_three_sessions_in_a_row_is_asked_for_once_a_week(store, source):
    source.unknown = {"A"}
    for day in (*THREE, "2026-03-05", "2026-03-06", "2026-03-09"):
        outcome = run(store, source, day=day)["A"]
    assert source.asked.count("A") == 3
    assert strikes(store) == (3, dt.date(2026, 3, 2))
    assert store.statuses()["A"].is_gone
    assert (outcome.result, outcome.last) == ("stale", FRIDAY)
    run(store, source, day="2026-03-11", time="22:30")
    assert (source.asked.count("A"), strikes(store)) == (4, (3, dt.date(2026, 3, 2)))
    source.unknown = set()
    assert run(store, source, day="2026-03-19", time="22:30")["A"].result == "added"
    assert strikes(store) == (0, None)


def test_the_weekend_between_two_sessions_does_not_part_them(store, source):
    source.unknown = {"A"}
    for day in ("2026-03-05", "2026-03-06", "2026-03-09"):
        run(store, source, day=day)
    assert strikes(store) == (3, dt.date(2026, 3, 5))


def test_several_runs_after_one_session_are_one_strike(store, source):
    source.unknown = {"A"}
    for day, time in (("2026-03-06", "22:00"), ("2026-03-07", "10:00"), ("2026-03-08", "10:00")):
        run(store, source, day=day, time=time)
    assert source.asked.count("A") == 3
    assert strikes(store) == (1, dt.date(2026, 3, 6))


@pytest.mark.parametrize("between", ["nobody ran", "the source failed", "it was known"])
def test_a_session_between_begins_the_count_again(store, source, between):
    source.unknown = {"A"}
    run(store, source, day=THREE[0])
    if between == "the source failed":
        source.failing = {"A"}
    elif between == "it was known":
        source.unknown = set()
    if between != "nobody ran":
        run(store, source, day=THREE[1])
    source.unknown, source.failing = {"A"}, set()
    run(store, source, day=THREE[2])
    assert strikes(store) == (1, dt.date(2026, 3, 4))


def test_a_file_that_is_not_there_is_no_strike(store, source):
    folder = Source("folder", remote=False)
    folder.unknown = {"A"}
    for day in THREE:
        outcome = run(store, folder, day=day)["A"]
    assert (outcome.result, strikes(store)) == ("unknown symbol", (0, None))


def test_a_symbol_of_which_one_source_says_nothing_is_not_unknown(store, source):
    other = Source("other")
    source.unknown, other.failing = {"A"}, {"A"}
    for day in THREE:
        outcome = run(store, source, other, day=day)["A"]
    assert (outcome.result, strikes(store)) == ("failed", (0, None))


def test_no_strike_is_counted_while_nothing_else_is_known(store, source):
    source.unknown = {"A"}
    for day in THREE:
        assert run(store, source, day=day, names="A")["A"].result == "unknown symbol"
    assert strikes(store) == (0, None)


TWENTY = "ABCDEFGHIJKLMNOPQRST"


@pytest.mark.parametrize(("gone", "is_believed"), [(16, True), (17, False), (20, False)])
def test_a_source_that_suddenly_knows_nearly_nothing_is_out_of_order(store, gone, is_believed):
    source = Source()
    run(store, source, day=FRIDAY, names=TWENTY)
    source.unknown = set(TWENTY[:gone])
    for day in THREE:
        found = run(store, source, day=day, names=TWENTY)
    assert store.statuses()["A"].is_gone == is_believed
    if is_believed:
        assert (found["A"].result, found["A"].detail) == ("unknown symbol", "no such symbol as A")
    else:
        assert found["A"].result == "failed"
        assert f"source does not know {gone} of 20 symbols now" in found["A"].detail


def test_mistyped_symbols_of_a_new_workspace_are_named_each(store):
    source = Source()
    source.unknown = set(TWENTY)
    found = run(store, source, day=FRIDAY, names=TWENTY)
    assert {outcome.result for outcome in found.values()} == {"unknown symbol"}
    assert found["C"].detail == "no such symbol as C"


def test_a_symbol_that_is_gone_stays_so_while_its_source_is_out_of_order(store, source):
    source.unknown = {"A"}
    for day in THREE:
        run(store, source, day=day)
    source.unknown = {"A", "B"}
    run(store, source, day="2026-03-12")
    assert strikes(store) == (3, dt.date(2026, 3, 2))
    source.asked.clear()
    source.unknown = set()
    assert run(store, source, day="2026-03-13")["A"].result == "added"
    assert "A" in source.asked


def test_a_run_that_breaks_off_forgets_no_strike(store, source):
    source.unknown = {"A"}
    for day in THREE:
        run(store, source, day=day)
    plain = source.fetch

    def breaking(instrument, start, end):
        if instrument.ticker == "B":
            raise KeyboardInterrupt
        return plain(instrument, start, end)

    source.fetch = breaking
    with pytest.raises(KeyboardInterrupt):
        run(store, source, day="2026-03-12")
    assert source.asked.count("A") == 4
    assert strikes(store) == (3, dt.date(2026, 3, 2))

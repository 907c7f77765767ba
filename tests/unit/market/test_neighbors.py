"""New bars are judged beside the bars next to them: gaps of decades, histories before what is stored, young series."""

import datetime as dt
import math

import pytest

from tests.unit.market.exchange import Exchange, Listing
from tests.unit.market.samples import bars, stock
from thesisvault.market.bars import day_number, number_day
from thesisvault.market.refresh.judge import judged
from thesisvault.market.refresh.jumps import jumps, odd_bars
from thesisvault.market.refresh.pace import Limits, Pace
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.sources.csv_folder import CsvFolder
from thesisvault.market.store.store import Store

A = stock("A", exchange="WEEKDAYS")
CALM = [100.0, 101.0, 100.0, 99.5, 100.5] * 12


def weekdays(first, last):
    return [d for n in range((last - first).days + 1) if (d := first + dt.timedelta(days=n)).weekday() < 5]


def wandering(days, start=100.0, growth=0.0):
    return {day: start * math.exp(growth * n + 0.03 * math.sin(n / 9)) for n, day in enumerate(days)}


def evening(day):
    return dt.datetime.combine(day, dt.time(23, 30), dt.UTC)


def run(store, source, day, instrument=A):
    source.today = day
    return refresh(
        store, [instrument], [source], end=day, now=evening(day), insist=True, pace=Pace(Limits(pause=0))
    ).outcomes[0]


def stored(store):
    found = store.bars("A", "split_adjusted")
    return {number_day(d): c for d, c in zip(found.days, found.close, strict=True)}


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store.sqlite") as opened:
        yield opened


# A folder of files since 2015, and a source since 1985 whose closes of then are a thousandth of today's
LONG = wandering(weekdays(dt.date(1995, 1, 2), dt.date(2026, 2, 20)), 0.1, math.log(1000) / 8100)


def shelf(tmp_path, since):
    lines = [f"{day},{close!r}" for day, close in LONG.items() if since <= day <= dt.date(2026, 2, 13)]
    (tmp_path / "A.csv").write_text("\n".join(["Date,Close", *lines]) + "\n")
    return CsvFolder(tmp_path)


def test_a_longer_history_and_the_newest_bars_arrive_around_what_a_folder_gave(store, tmp_path):
    folder = shelf(tmp_path, dt.date(2015, 1, 1))
    last = dt.date(2026, 2, 13)
    refresh(store, [A], [folder], end=last, now=evening(last), insist=True)
    outcome = run(store, Exchange({"A": Listing(dict(LONG))}), dt.date(2026, 2, 20))
    assert (outcome.result, outcome.detail) == ("added", "")
    assert stored(store) == pytest.approx(LONG)


def test_a_split_on_top_of_that_is_no_jump_either(store, tmp_path):
    folder = shelf(tmp_path, dt.date(2015, 1, 1))
    last = dt.date(2026, 2, 13)
    refresh(store, [A], [folder], end=last, now=evening(last), insist=True)
    split = dt.date(2026, 2, 18)
    raw = {day: close if day < split else close / 4 for day, close in LONG.items()}
    outcome = run(store, Exchange({"A": Listing(raw, {}, {split: 4.0})}), dt.date(2026, 2, 20))
    assert (outcome.result, outcome.detail) == ("added", "")
    assert stored(store) == pytest.approx({day: close / 4 for day, close in LONG.items()})


def test_a_young_series_is_not_frozen_by_its_own_first_bars(store):
    days = weekdays(dt.date(2026, 1, 5), dt.date(2026, 2, 20))
    closes = wandering(days)
    closes |= {day: close / 100 for day, close in list(closes.items())[:9]}
    source = Exchange({"A": Listing(closes)})
    first = run(store, source, days[25])
    assert first.result == "quarantined"
    assert "1/" in first.detail
    assert str(days[0]) in first.detail
    assert min(stored(store)) == days[9]
    for day in days[26:]:
        run(store, source, day)
        assert max(stored(store)) == day
    (waiting,) = store.ledger.quarantined()
    assert [number_day(d) for d in waiting.bars.days] == days[:9]


def test_bars_on_both_sides_of_a_gap_of_years_are_not_compared():
    days = [*range(40), *range(9000, 9040)]
    closes = [1.0 + n / 1000 for n in range(40)] + [90.0 + n / 10 for n in range(40)]
    assert not odd_bars(days, closes)


def test_a_glitch_between_stored_bars_is_seen_by_those_after_it():
    known, stored_closes = [*range(30), *range(31, 60)], CALM[:59]
    assert odd_bars([30], [1.7], known, stored_closes).places == (0,)
    assert odd_bars([30], [101.0], known, stored_closes).places == ()


def test_bars_that_agree_with_the_stored_ones_after_them_are_believed():
    # Then the jump lies in history already, where somebody took it.
    assert not jumps([1.0, 1.01, 1.0] * 10, [100.0, 101.0], [100.5, 99.0])


def test_of_a_lasting_jump_the_longer_side_is_believed_where_nothing_is_known():
    assert jumps([], [1.0, 1.01, *CALM]).places == (0, 1)
    assert jumps([], [*CALM, 1.0]).places == (60,)
    assert jumps([], [1.0, *CALM]).why == "1/100 of the later closes"


def test_what_only_waits_beside_a_jump_is_not_doubted():
    found = jumps(CALM, [10_000.0, 290.0, 295.0])
    assert (found.places, found.doubted) == ((0, 1, 2), (0,))


def test_actions_of_stored_days_do_not_wait_with_odd_bars_of_the_past():
    days = weekdays(dt.date(2025, 1, 1), dt.date(2026, 1, 30))
    closes = wandering(days)
    old = bars({day: closes[day] for day in days[100:]}, dividends=())
    paid = ((day_number(days[50]), 0.1), (day_number(days[150]), 0.5))
    spoiled = {day: close / (100 if n < 60 else 1) for n, (day, close) in enumerate(closes.items())}
    found = judged(A, old, bars(spoiled, dividends=paid), whole=True, first=old.days[0])
    assert [number_day(d) for d in found.quarantined.days] == days[:60]
    assert found.bars.dividends == paid

"""Limits of the market rooms at their exact edge: one day, one hour or one session more changes the answer."""

import datetime as dt

import pytest

from tests.unit.analytics.frames import level_of
from tests.unit.market.samples import bars, put, stock
from thesisvault.market.bars import day_number
from thesisvault.market.reading.market import Market
from thesisvault.market.records import Instrument
from thesisvault.market.refresh.judge import judged
from thesisvault.market.refresh.plan import planned, published, start_of
from thesisvault.market.sessions import Sessions
from thesisvault.market.store.entries import Feed, Status
from thesisvault.market.store.store import Store

WEEKDAYS = [d for n in range(120) if (d := dt.date(2025, 9, 1) + dt.timedelta(days=n)).weekday() < 5]
FRIDAY = dt.date(2026, 2, 27)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store.sqlite") as opened:
        yield opened


@pytest.mark.parametrize(("days_later", "moved"), [(14, True), (15, False)])
def test_a_dividend_is_the_same_one_on_another_day_up_to_fourteen_days_apart(days_later, moved):
    closes = dict.fromkeys(WEEKDAYS, 100.0)
    first = dt.date(2025, 10, 6)
    later = first + dt.timedelta(days=days_later)
    old = bars(closes, dividends=((day_number(first), 0.5),))
    new = bars(closes, dividends=((day_number(later), 0.5),))
    found = judged(stock("A"), old, new, whole=True, first=old.days[0])
    assert found.bars is not None
    paid = {day: amount for day, amount in found.bars.dividends if amount}
    # The stored one is taken back only where it has become the new one.
    taken_back = (day_number(first), 0.0) in found.bars.dividends
    assert (paid, taken_back) == ({day_number(later): 0.5}, moved)


@pytest.mark.parametrize(
    ("misses", "minutes", "waits"),
    [(1, 14, True), (1, 15, False), (2, 59, True), (2, 60, False), (3, 239, True), (3, 240, False), (4, 2000, True)],
)
def test_a_source_that_missed_is_asked_again_when_its_time_is_over_and_three_times_at_most(misses, minutes, waits):
    checked = dt.datetime(2026, 2, 27, 22, tzinfo=dt.UTC)
    status = Status("A", "stale", checked=checked, misses=misses, due=FRIDAY)
    now = checked + dt.timedelta(minutes=minutes)
    plan = planned(stock("A"), {}, status, Sessions(None), end=FRIDAY, now=now)
    assert (plan.due, plan.waits) == (FRIDAY, waits)


@pytest.mark.parametrize(
    ("lag", "last", "now", "expected"),
    [
        # Thursday's value with a lag of two days would be out on Saturday: it is out on Monday evening.
        (2, "2026-02-25", "2026-02-28T23:00", "2026-02-25"),
        (2, "2026-02-25", "2026-03-01T23:00", "2026-02-25"),
        (2, "2026-02-25", "2026-03-02T23:00", "2026-02-27"),  # and so is Friday's
    ],
)
def test_what_would_be_published_at_a_weekend_is_published_on_monday(lag, last, now, expected):
    instrument = Instrument("M", "M", "macro", frequency="daily", lag_days=lag)
    day = dt.date.fromisoformat(last)
    feed = Feed("M", "value", "fred", "USD", False, day, day, "2026-01-01T00:00:00+00:00")
    moment = dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)
    assert published(instrument, feed, end=moment.date(), now=moment) == dt.date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("frequency", "last", "end", "now", "expected"),
    [
        ("weekly", "2026-02-18", "2026-02-25", "2026-03-01T12:00", "2026-02-25"),
        ("weekly", "2026-02-18", "2026-02-24", "2026-03-01T12:00", "2026-02-18"),
        ("weekly", "2026-02-18", "2026-03-01", "2026-02-26T21:59", "2026-02-18"),
        ("weekly", "2026-02-18", "2026-03-01", "2026-02-26T22:00", "2026-02-25"),
        ("daily", "2026-02-27", "2026-03-02", "2026-03-04T12:00", "2026-03-02"),  # after Friday comes Monday
        ("daily", "2026-02-28", "2026-03-02", "2026-03-04T12:00", "2026-03-02"),  # and after Saturday
        ("daily", "2026-03-01", "2026-03-02", "2026-03-04T12:00", "2026-03-02"),
        ("monthly", "2025-11-30", "2026-03-30", "2026-04-01T12:00", "2026-03-28"),  # by way of 28 February
        ("quarterly", "2025-10-01", "2025-12-31", "2026-03-01T12:00", "2025-10-01"),
        ("quarterly", "2025-10-01", "2026-01-01", "2026-03-01T12:00", "2026-01-01"),
    ],
)
def test_the_next_value_is_a_period_later_and_known_on_its_evening(frequency, last, end, now, expected):
    instrument = Instrument("M", "M", "macro", frequency=frequency, lag_days=1)
    moment = dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)
    found = published(instrument, fed(last), end=dt.date.fromisoformat(end), now=moment)
    assert found == dt.date.fromisoformat(expected)


def fed(last, first="2026-01-05"):
    """What is stored of a series up to a day."""
    days = (dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    return Feed("A", "split_adjusted", "source", "USD", False, *days, "2026-01-01T00:00:00+00:00")


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        (None, "2026-02-13"),  # ten sessions with the stored one, Presidents' Day between them
        ("2026-03-09", "2026-02-13"),
        ("2026-02-20", "2026-02-06"),
        ("2025-12-01", "2025-12-19"),  # nothing is asked for again from before the first day
    ],
)
def test_an_answer_overlaps_ten_sessions_from_the_first_day_that_is_lacking(again, expected):
    status = Status("A", again_from=dt.date.fromisoformat(again) if again else None)
    assert str(start_of(stock("A"), fed("2026-02-27"), status, Sessions(None))) == expected
    if again is None:
        assert str(start_of(stock("A"), fed("2026-02-27"), None, Sessions(None))) == expected


def test_a_monthly_series_overlaps_ten_of_its_periods():
    monthly = Instrument("M", "M", "macro", frequency="monthly")
    found = start_of(monthly, fed("2026-02-01"), None, Sessions(None))
    assert found == dt.date(2026, 2, 1) - dt.timedelta(days=10 * monthly.period_days)


def test_values_of_a_weekend_are_one_value_of_monday_and_the_newest_of_them(store):
    put(store, "SPY", dict.fromkeys(WEEKDAYS, 100.0), dividends=())
    values = {dt.date(2025, 10, day): float(day) for day in (3, 4, 5, 6, 7)}  # Friday to Tuesday
    put(store, "M", values, "value")
    known = {"SPY": stock("SPY"), "M": Instrument("M", "M", "macro", frequency="daily", lag_days=1)}
    level = level_of(Market(store, known, {}, last_day=dt.date(2025, 10, 8)).series("M"))
    assert level.index.is_unique
    assert {str(day)[:10]: value for day, value in level.items()} == {
        "2025-10-06": 5.0,  # of Friday, Saturday and Sunday
        "2025-10-07": 6.0,
        "2025-10-08": 7.0,
    }


@pytest.mark.parametrize(
    ("frequency", "lag", "days_old", "stale"),
    [
        ("monthly", 20, 45, False),
        ("monthly", 20, 46, True),
        ("quarterly", 30, 122, False),
        ("quarterly", 30, 123, True),
        ("weekly", 1, 9, False),
        ("weekly", 1, 10, True),
    ],
)
def test_a_macro_series_is_stale_a_period_and_its_slack_after_the_day_it_was_known(
    store, frequency, lag, days_old, stale
):
    # The day on which a value is known is its observation plus the lag, and it has to be a session.
    known_on = dt.date(2026, 2, 2)
    put(store, "SPY", {known_on: 100.0, dt.date(2026, 6, 30): 100.0}, dividends=())
    put(store, "M", {known_on - dt.timedelta(days=lag): 1.0}, "value")
    known = {"SPY": stock("SPY"), "M": Instrument("M", "M", "macro", frequency=frequency, lag_days=lag)}
    last_day = known_on + dt.timedelta(days=days_old)
    assert Market(store, known, {}, last_day=last_day).series("M").is_stale is stale


def test_an_exchange_that_closes_with_the_benchmark_is_due_on_the_same_day(store):
    days = [dt.date(2026, 2, day) for day in (25, 26, 27)]
    put(store, "SPY", dict.fromkeys(days, 100.0), dividends=())
    put(store, "QQQ", dict.fromkeys(days[:2], 100.0), dividends=())
    known = {"SPY": stock("SPY"), "QQQ": stock("QQQ", exchange="XNAS")}
    assert Market(store, known, {}, last_day=days[2]).series("QQQ").is_stale
    put(store, "QQQ", {days[2]: 100.0}, dividends=())
    assert not Market(store, known, {}, last_day=days[2]).series("QQQ").is_stale

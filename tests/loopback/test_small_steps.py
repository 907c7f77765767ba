"""A day at a time through dividends, splits and faults, by the real yfinance: the store ends as after one fetch."""

import datetime as dt
from math import prod

import pytest

from tests.loopback import faults
from tests.loopback.exchange import Listing, walk
from tests.loopback.fifty import DAYS, evening
from thesisvault.market.reading.market import Market
from thesisvault.market.records import Instrument
from thesisvault.market.refresh.pace import Limits, Pace
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.sources.yahoo import Yahoo
from thesisvault.market.store.store import Store

pytestmark = pytest.mark.usefixtures("new_client")

NAME = "STEP"
STEP = Instrument(NAME, "Step", "stock")
FIRST = 25  # so many sessions are there when the first refresh comes


def listing():
    """Return a listing that pays, splits seven for one, pays in a fund's manner, and is joined one for ten."""
    splits = {DAYS[41]: 7.0, DAYS[58]: 0.1, DAYS[60]: 1.5}
    whole = walk(300.0, DAYS)
    raw = {day: round(price / prod(s for ex, s in splits.items() if ex <= day), 2) for day, price in whole.items()}
    return Listing(
        NAME,
        raw,
        type="ETF",
        dividends={DAYS[n]: amount for n, amount in ((10, 1.1), (30, 0.37), (44, 0.9), (60, 0.21), (61, 0.05))},
        gains={DAYS[44]: 1.3, DAYS[61]: 0.05},
        splits=splits,
    )


def seen(folder, name):
    """Return all that a store holds of the series, and its total return, as of the last day."""
    with Store(folder / f"{name}.sqlite") as store:
        bars = store.bars(NAME, "split_adjusted")
        levels = Market(store, {NAME: STEP}, {}, last_day=DAYS[-1], benchmark=NAME).series(NAME).levels
        return bars.days, bars.close, store.actions([NAME])[NAME], levels.days.tolist(), levels.values.tolist()


def step(folder, name, yahoo, day, now=None):
    """Refresh on the evening of a day."""
    with Store(folder / f"{name}.sqlite") as store:
        return refresh(
            store,
            [STEP],
            [yahoo],
            end=day,
            now=now or evening(day),
            insist=True,
            pace=Pace(Limits(pause=0, wait=0, time=60)),
        ).outcomes[0]


@pytest.fixture
def yahoo(exchange, tmp_path):
    return Yahoo(tmp_path / "yfinance", timeout=2)


@pytest.mark.parametrize("stride", [1, 3, 8, 30], ids="every{}".format)
def test_any_number_of_steps_ends_as_one_fetch_does(exchange, yahoo, tmp_path, stride):
    exchange.admit(listing())
    for day in [*DAYS[FIRST:-1:stride], DAYS[-1]]:
        exchange.moment = evening(day)
        assert step(tmp_path, "steps", yahoo, day).result == "added"
    step(tmp_path, "once", yahoo, DAYS[-1])
    assert seen(tmp_path, "steps") == seen(tmp_path, "once")


def test_faults_on_the_way_leave_no_trace_once_the_source_is_sound(exchange, yahoo, tmp_path):
    exchange.admit(listing())
    spoils = [
        faults.nulls(1),
        lambda result: faults.scaled(day, 100)(result),
        faults.empty,
        faults.disordered,
        lambda result: faults.missing(day)(result),
        lambda result: faults.replaced(day, 0.0)(result),
        faults.quoted_in("GBp"),
        faults.nulls(3),
    ]
    for number, day in enumerate(DAYS[FIRST:]):
        exchange.moment = evening(day)
        exchange.mend()
        if number % 3 == 1 and day != DAYS[-1]:
            exchange.tamper(spoils[number // 3 % len(spoils)])
        step(tmp_path, "steps", yahoo, day)
    step(tmp_path, "once", yahoo, DAYS[-1])
    assert seen(tmp_path, "steps") == seen(tmp_path, "once")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda day: faults.scaled(day, 0.5),
        lambda day: faults.scaled(day, 0.93),
        lambda day: faults.paid(day, 0.4),
        lambda day: faults.paid(day, 40.0),
        lambda day: faults.missing(DAYS[DAYS.index(day) - 4]),
    ],
    ids=["halved", "a little off", "never paid", "paid tenfold", "hole"],
)
def test_an_error_of_one_evening_that_nothing_tells_from_the_truth_heals_by_itself(exchange, yahoo, tmp_path, spoil):
    exchange.admit(listing())
    step_to(exchange, tmp_path, yahoo, DAYS[47])
    exchange.tamper(spoil(DAYS[50]))
    step_to(exchange, tmp_path, yahoo, DAYS[50])
    exchange.mend()
    for day in [*DAYS[51:53], DAYS[-1]]:
        step_to(exchange, tmp_path, yahoo, day)
    step(tmp_path, "once", yahoo, DAYS[-1])
    assert seen(tmp_path, "steps") == seen(tmp_path, "once")


def step_to(exchange, folder, yahoo, day):
    """Refresh on the evening of a day, and of the market."""
    exchange.moment = evening(day)
    return step(folder, "steps", yahoo, day)


def test_the_partial_bar_of_each_day_leaves_no_trace(exchange, yahoo, tmp_path):
    listed = listing()
    exchange.admit(listed)
    half = {dt.date(2025, 7, 3), dt.date(2025, 11, 28), dt.date(2025, 12, 24)}  # over at 18:00 UTC in truth
    for day in sorted({*DAYS[FIRST:]} - half):
        # Asked in the middle of the session, as if it had just closed, and in the evening.
        exchange.moment = dt.datetime.combine(day, dt.time(18), dt.UTC)
        step(tmp_path, "steps", yahoo, day, dt.datetime.fromtimestamp(listed.closing(day) + 50 * 60, dt.UTC))
        exchange.moment = evening(day)
        step(tmp_path, "steps", yahoo, day)
    step(tmp_path, "once", yahoo, DAYS[-1])
    assert seen(tmp_path, "steps") == seen(tmp_path, "once")

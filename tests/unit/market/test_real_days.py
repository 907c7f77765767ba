"""Real closes and dividends, some weeks at a time: no series stops, and in the end each is whole."""

import csv
import datetime as dt

import pytest

from tests.unit.market.exchange import Exchange, Listing
from tests.unit.market.samples import stock
from thesisvault.market.bars import number_day
from thesisvault.market.refresh.pace import Limits, Pace
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.store.store import Store

FIRST, WEEKS = dt.date(2024, 2, 1), dt.timedelta(days=31)


def column(path):
    """Return the last column of a file by day."""
    if not path.is_file():
        return {}
    with path.open() as file:
        return {dt.date.fromisoformat(row[0]): float(row[-1]) for row in list(csv.reader(file))[1:] if row[-1]}


@pytest.fixture
def source(market_folder):
    """Every seventh series that has closes as traded, with its dividends."""
    listings = {}
    for path in sorted((market_folder / "unadjusted").glob("*.csv"))[::7]:
        listings[path.stem] = Listing(column(path), column(market_folder / "dividends" / path.name))
    if not listings:
        pytest.skip("no real closes")
    return Exchange(listings)


def test_no_real_series_stops_on_its_way_through_two_years(source, tmp_path):
    last = max(max(listing.closes) for listing in source.listings.values())
    day = FIRST
    with Store(tmp_path / "store.sqlite") as store:
        while day < last + 2 * WEEKS:
            source.today = min(day, last)
            begun = [stock(name) for name, listing in source.listings.items() if min(listing.closes) <= source.today]
            now = dt.datetime.combine(source.today, dt.time(23, 30), dt.UTC)
            report = refresh(
                store, begun, [source], end=source.today, now=now, insist=True, pace=Pace(Limits(pause=0, time=10**6))
            )
            for outcome in report.of("quarantined"):
                assert "times the usual one" in outcome.detail, outcome  # a special dividend, till the next answer
                assert outcome.last == max(d for d in source.listings[outcome.name].closes if d <= source.today)
            day += WEEKS
        for name, listing in source.listings.items():
            stored = store.bars(name, "split_adjusted")
            assert {number_day(d) for d in stored.days} == set(listing.closes), name
            assert {number_day(d) for d, _ in stored.dividends} == set(listing.dividends), name

"""Adjusted closes that an earlier version stored as closes as traded: found by an audit, healed by the next fetch."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.unit.analytics.frames import level_of
from tests.unit.market.samples import DAYS, bars, stock
from thesisvault.market.bars import day_number, number_day
from thesisvault.market.reading.market import Market
from thesisvault.market.refresh.audit import audit
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.sources.csv_folder import CsvFolder
from thesisvault.market.store.store import Store

A = stock("A")
EX = DAYS[5]
TRADED = dict(zip(DAYS, (50.0, 51.0, 50.5, 52.25, 51.75, 51.0, 51.5, 52.0, 52.5, 53.0), strict=True))
KEPT = 1 - 0.75 / TRADED[DAYS[4]]
ADJUSTED = {day: close * (KEPT if day < EX else 1.0) for day, close in TRADED.items()}
PAID = ((day_number(EX), 0.75),)
NOW = dt.datetime(2026, 2, 13, 23, tzinfo=dt.UTC)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store.sqlite") as opened:
        yield opened


def stored(store, closes, dividends=PAID):
    store.merge("A", bars(closes, dividends=dividends), source="csv:prices", fetched=NOW, currency="USD")


def read(store, folder, factor=1.0):
    """Read what yfinance wrote of the share, after later dividends moved all of it by a factor."""
    folder = folder / "prices"
    folder.mkdir(exist_ok=True)
    rows = (f"{day},{close * factor!r},{0.75 if day == EX else 0.0},0.0\n" for day, close in ADJUSTED.items())
    (folder / "A.csv").write_text("Date,Close,Dividends,Stock Splits\n" + "".join(rows))
    return refresh(store, [A], [CsvFolder(folder)], end=DAYS[-1], now=NOW, insist=True).outcomes[0]


def total_return(store):
    level = level_of(Market(store, {"A": A}, {}, last_day=DAYS[-1], benchmark="A").series("A"))
    return level.iloc[-1] / level.iloc[0]


def suspects(store):
    return [
        fault for fault in audit(store, {"A": A}).faults if "count twice" in fault.text and fault.level == "warning"
    ]


RIGHT = ADJUSTED[DAYS[-1]] / ADJUSTED[DAYS[0]]


@pytest.mark.parametrize("factor", [1.0, 0.9871])
def test_dividends_that_counted_twice_are_found_and_healed_by_the_next_fetch(store, tmp_path, factor):
    stored(store, ADJUSTED)
    assert total_return(store) > RIGHT + 0.01
    assert [fault.text.rpartition(": ")[2] for fault in suspects(store)] == ["thesisvault refresh A"]
    outcome = read(store, tmp_path, factor)
    assert outcome.corrected == ("csv:prices: its closes are adjusted for dividends, which counted twice",)
    assert total_return(store) == pytest.approx(RIGHT)
    assert list(store.feeds()["A"]) == ["adjusted"]
    assert suspects(store) == []
    (kept,) = store.ledger.corrections(["A"])
    assert dict(zip(map(number_day, kept.bars.days), kept.bars.close, strict=True)) == ADJUSTED


def test_closes_as_traded_stay_beside_adjusted_ones(store, tmp_path):
    stored(store, TRADED)
    assert suspects(store) == []
    read(store, tmp_path)
    assert sorted(store.feeds()["A"]) == ["adjusted", "split_adjusted"]
    assert total_return(store) == pytest.approx(RIGHT)


def test_closes_that_are_no_whole_cents_anywhere_are_no_suspects(store):
    stored(store, {day: close * 0.912345 for day, close in TRADED.items()})
    assert suspects(store) == []

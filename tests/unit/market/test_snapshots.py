"""Fundamentals are fetched once a week, dated by the last session, and never changed once they are kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from thesisvault.market.bars import Bars, Snapshot, day_number, number_day
from thesisvault.market.records import Basis, Instrument
from thesisvault.market.refresh.pace import Limits, Pace
from thesisvault.market.refresh.snapshots import SnapshotOutcome, refresh_snapshots
from thesisvault.market.sources.provider import NothingNew, ProviderError, ProviderFault, RateLimited, UnknownSymbol
from thesisvault.market.store.store import Store

FRIDAY = dt.date(2026, 2, 27)
EVENING = dt.datetime(2026, 2, 27, 23, tzinfo=dt.UTC)
XOM, CVX = Instrument("XOM", "Exxon", "stock"), Instrument("CVX", "Chevron", "stock")


class Prices:
    """A source that has prices and nothing else."""

    name = label = "prices"
    remote = False
    basis: Basis = "split_adjusted"

    def fetch(self, instrument: Instrument, start: dt.date | None, end: dt.date) -> Bars:
        raise NothingNew(f"nothing of {instrument.ticker} from {start} to {end}")


class Fundamentals(Prices):
    """A source with fundamentals in memory: a snapshot, or what it raises, by ticker."""

    name = label = "memory"

    def __init__(self, answers: dict[str, Snapshot | ProviderError]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def snapshot(self, instrument: Instrument) -> Snapshot:
        self.asked.append(instrument.ticker)
        answer = self.answers[instrument.ticker]
        if isinstance(answer, ProviderError):
            raise answer
        return answer


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "store.sqlite") as opened:
        yield opened


def ask(
    store: Store, source: Prices, *, now: dt.datetime = EVENING, end: dt.date | None = None, of: tuple[Instrument, ...]
) -> tuple[SnapshotOutcome, ...]:
    quick = Pace(Limits(pause=0.0, wait=0.0))
    return refresh_snapshots(store, of, [Prices(), source], end=end or now.date(), now=now, pace=quick)


def kept(store: Store, name: str = "XOM") -> list[tuple[str, dt.date, float]]:
    return [(each.field, number_day(each.day), each.value) for each in store.ledger.snapshots([name]).get(name, [])]


def test_a_snapshot_is_kept_with_the_day_of_the_last_finished_session(store: Store) -> None:
    source = Fundamentals({"XOM": Snapshot({"forward_pe": 14.2, "shares": 4.3e9}, "USD")})
    saturday = dt.datetime(2026, 2, 28, 12, tzinfo=dt.UTC)
    (outcome,) = ask(store, source, now=saturday, of=(XOM,))
    assert (outcome.result, outcome.day) == ("added", FRIDAY)
    assert kept(store) == [("forward_pe", FRIDAY, 14.2), ("shares", FRIDAY, 4.3e9)]


def test_during_a_session_it_is_of_the_day_before(store: Store) -> None:
    source = Fundamentals({"XOM": Snapshot({"forward_pe": 14.2})})
    at_noon = dt.datetime(2026, 2, 27, 17, tzinfo=dt.UTC)
    (outcome,) = ask(store, source, now=at_noon, of=(XOM,))
    assert outcome.day == dt.date(2026, 2, 26)


def test_within_a_week_nobody_is_asked_again_and_then_the_history_grows(store: Store) -> None:
    source = Fundamentals({"XOM": Snapshot({"forward_pe": 14.2})})
    ask(store, source, of=(XOM,))
    for later in (1, 2, 6):
        (outcome,) = ask(store, source, now=EVENING + dt.timedelta(days=later), of=(XOM,))
        assert (outcome.result, outcome.day) == ("up to date", FRIDAY)
    assert source.asked == ["XOM"]
    source.answers["XOM"] = Snapshot({"forward_pe": 15.0})
    ask(store, source, now=EVENING + dt.timedelta(days=7), of=(XOM,))
    assert kept(store) == [("forward_pe", FRIDAY, 14.2), ("forward_pe", dt.date(2026, 3, 6), 15.0)]


def test_what_is_kept_of_a_day_stays(store: Store) -> None:
    store.ledger.keep_snapshot("XOM", day_number(FRIDAY), Snapshot({"forward_pe": 14.2}), "memory", EVENING)
    store.ledger.keep_snapshot("XOM", day_number(FRIDAY), Snapshot({"forward_pe": 99.0}), "memory", EVENING)
    assert kept(store) == [("forward_pe", FRIDAY, 14.2)]


def test_todays_fundamentals_are_not_put_down_for_a_day_long_past(store: Store) -> None:
    source = Fundamentals({"XOM": Snapshot({"forward_pe": 14.2})})
    (outcome,) = ask(store, source, end=dt.date(2025, 12, 31), of=(XOM,))
    assert (outcome.result, outcome.detail) == ("not asked", "")
    assert source.asked == []
    assert kept(store) == []


@pytest.mark.parametrize(
    ("problem", "result"),
    [
        (UnknownSymbol("does not know XOM"), "failed"),
        (NothingNew("has no fundamentals of XOM"), "failed"),
        (ProviderFault("cannot be read"), "failed"),
        (RateLimited("refuses for now"), "rate limited"),
    ],
)
def test_one_that_fails_fails_alone(store: Store, problem: ProviderError, result: str) -> None:
    source = Fundamentals({"XOM": problem, "CVX": Snapshot({"forward_pe": 13.0})})
    first, second = ask(store, source, of=(XOM, CVX))
    assert (first.result, first.detail) == (result, str(problem))
    assert second.result == "added"
    assert kept(store) == []


def test_a_snapshot_that_holds_nothing_is_not_kept(store: Store) -> None:
    (outcome,) = ask(store, Fundamentals({"XOM": Snapshot({})}), of=(XOM,))
    assert (outcome.result, outcome.detail) == ("failed", "memory has no fundamentals of XOM")


def test_a_source_without_fundamentals_is_asked_again_after_a_week(store: Store) -> None:
    source = Fundamentals({"XOM": NothingNew("none of XOM")})
    for days in (0, 1, 2, 7):
        ask(store, source, now=EVENING + dt.timedelta(days=days), of=(XOM,))
    assert source.asked == ["XOM", "XOM"]
    assert store.ledger.snapshots(["XOM"]) == {}


def test_an_instrument_is_asked_of_its_own_providers_only(store: Store) -> None:
    source = Fundamentals({"XOM": Snapshot({"forward_pe": 14.2})})
    elsewhere = Instrument("XOM", "Exxon", "stock", providers=("prices",))
    (outcome,) = ask(store, source, of=(elsewhere,))
    assert outcome.detail == "no provider knows fundamentals"
    assert source.asked == []

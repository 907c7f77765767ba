"""One security under two names: one series, joined as closes, and never by a guess."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from tests.unit.analytics.frames import close_of, level_of
from tests.unit.market.samples import DAYS, NOW, bars, put, stock
from thesisvault.market.bars import day_number
from thesisvault.market.reading.market import Market
from thesisvault.market.records import Basket, Instrument
from thesisvault.market.store.store import Store

LAST = DAYS[-1]
META = stock("META", formerly=("FB",))
FB = stock("FB", renamed_to="META")


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store.sqlite") as opened:
        yield opened


def market(store, *instruments, baskets=(), last_day=LAST):
    known = {i.ticker: i for i in instruments or (META, FB)}
    return Market(store, known, {b.id: b for b in baskets}, last_day=last_day, benchmark="META")


def closes(values, first=0):
    return dict(zip(DAYS[first:], values, strict=False))


def listed(series):
    return [float(value) for value in series]


def test_an_old_name_continues_the_new_one_backwards_by_closes(store):
    put(store, "FB", closes([100.0, 110.0, 121.0]), dividends=())
    put(store, "META", closes([133.1, 133.1], 3), dividends=())
    view = market(store).series("META")
    assert listed(close_of(view)) == pytest.approx([100.0, 110.0, 121.0, 133.1, 133.1])
    assert listed(level_of(view)) == pytest.approx([100.0, 110.0, 121.0, 133.1, 133.1])
    assert view.early == ((DAYS[3], f"before {DAYS[3]} under its old name FB"),)
    assert view.notes == ()


def test_the_old_name_means_the_new_one(store):
    put(store, "FB", closes([100.0, 110.0]), dividends=())
    put(store, "META", closes([121.0], 2), dividends=())
    basket = Basket("b", "B", (("FB", None),))
    known = market(store, baskets=[basket])
    assert known.series("FB") is known.series("META")
    assert known.series("FB").name == "META"
    assert known.knows("FB")
    assert known.levels(["FB"]).values[:, 0].tolist() == listed(level_of(known.series("META")))
    assert listed(level_of(known.series("b"))) == pytest.approx([100.0, 110.0, 121.0])


def test_a_split_after_the_renaming_divides_the_old_closes_and_dividends(store):
    # Four for one on the second session of the new name: its closes are divided already, those of the old name not.
    put(store, "FB", closes([400.0, 404.0]), dividends=((day_number(DAYS[1]), 4.0),))
    put(store, "META", closes([101.0, 102.0], 2), dividends=(), splits=((day_number(DAYS[3]), 4.0),))
    view = market(store).series("META")
    assert listed(close_of(view)) == pytest.approx([100.0, 101.0, 101.0, 102.0])
    # 404 after a dividend of 4 from 400: 404 / 396.
    assert listed(level_of(view)) == pytest.approx(
        [100.0, 100 * 404 / 396, 100 * 404 / 396, 100 * 404 / 396 * 102 / 101]
    )


def test_a_dividend_on_the_first_session_of_the_new_name_counts(store):
    put(store, "FB", closes([100.0, 100.0]), dividends=())
    put(store, "META", closes([98.0], 2), dividends=((day_number(DAYS[2]), 2.0),))
    assert listed(level_of(market(store).series("META"))) == pytest.approx([100.0, 100.0, 100.0])


def test_common_sessions_give_the_scale(store):
    # Both names have the third session, at 60 and 20: what lies between is a split that nobody stored.
    put(store, "FB", closes([30.0, 45.0, 60.0, 63.0]), dividends=())
    put(store, "META", closes([20.0, 22.0], 2), dividends=())
    view = market(store).series("META")
    assert listed(close_of(view)) == pytest.approx([10.0, 15.0, 20.0, 22.0])
    assert listed(level_of(view).pct_change().dropna()) == pytest.approx([0.5, 1 / 3, 0.1])


def test_names_that_lived_on_beside_each_other_are_joined_at_the_first_of_the_new_one(store):
    # The old name went on; both have the last session only, at 30 and 15.
    put(store, "FB", {**closes([10.0, 20.0]), DAYS[9]: 30.0}, dividends=())
    put(store, "META", {DAYS[2]: 11.0, DAYS[3]: 12.0, DAYS[9]: 15.0}, dividends=())
    view = market(store).series("META")
    assert listed(close_of(view)) == pytest.approx([5.0, 10.0, 11.0, 12.0, 15.0])
    assert listed(level_of(view).pct_change().dropna()) == pytest.approx([1.0, 0.1, 1 / 11, 0.25])


def test_a_source_that_knows_all_under_the_new_name_needs_the_old_one_no_more(store):
    put(store, "FB", closes([1.0, 2.0]), dividends=())
    put(store, "META", closes([10.0, 11.0, 12.0]), dividends=())
    view = market(store).series("META")
    assert listed(close_of(view)) == [10.0, 11.0, 12.0]
    assert view.early == ()


def test_an_old_name_that_ended_long_before_is_not_joined_and_says_so(store):
    old = {dt.date(2026, 1, 5) + dt.timedelta(days=n): 50.0 + n for n in range(5)}
    put(store, "FB", old, dividends=())
    put(store, "META", closes([10.0, 11.0], 2), dividends=())
    view = market(store).series("META")
    assert listed(close_of(view)) == [10.0, 11.0]
    assert "without its prices under the old name FB: they end 2026-01-09" in view.notes[0]


def test_another_currency_is_another_matter(store):
    put(store, "FB", closes([1.0, 2.0]), dividends=())
    store.merge(
        "META", bars(closes([10.0], 2), dividends=(), currency="EUR"), source="test", fetched=NOW, currency="EUR"
    )
    view = market(store).series("META")
    assert listed(close_of(view)) == [10.0]
    assert "in another currency" in view.notes[0]


def test_adjusted_closes_are_joined_only_where_both_have_a_session(store):
    put(store, "FB", closes([40.0, 44.0]), "adjusted")
    put(store, "META", closes([10.0, 11.0], 2), "adjusted")
    apart = market(store).series("META")
    assert len(level_of(apart)) == 2
    assert "without its prices under the old name FB" in apart.notes[0]
    put(store, "FB", closes([40.0, 44.0, 55.0]), "adjusted")
    view = market(store).series("META")
    assert listed(level_of(view).pct_change().dropna()) == pytest.approx([0.1, 0.25, 0.1])
    assert close_of(view) is None


def test_what_is_known_of_dividends_may_differ(store):
    put(store, "FB", closes([100.0, 110.0]))  # unknown
    put(store, "META", closes([121.0, 121.0], 2), dividends=((day_number(DAYS[3]), 11.0),))
    view = market(store).series("META")
    assert view.basis == "total"
    assert listed(level_of(view).pct_change().dropna()) == pytest.approx([0.1, 0.1, 0.1])
    assert any("old name FB, price return only" in text for _, text in view.early)


def test_names_follow_one_another(store):
    three = [stock("C", formerly=("B", "A")), stock("B", renamed_to="C", formerly=("A",)), stock("A", renamed_to="B")]
    put(store, "A", closes([10.0]), dividends=())
    put(store, "B", closes([22.0], 1), dividends=(), splits=())
    put(store, "C", closes([12.0, 12.0], 2), dividends=(), splits=((day_number(DAYS[2]), 2.0),))
    known = market(store, *three)
    assert known.current("A") == "C"
    # The split of the newest name halves the closes under both older ones.
    assert listed(close_of(known.series("A"))) == pytest.approx([5.0, 11.0, 12.0, 12.0])


def test_before_anything_is_stored_under_the_new_name_the_old_one_is_all(store):
    put(store, "FB", closes([100.0, 110.0]), dividends=())
    view = market(store).series("META")
    assert listed(close_of(view)) == [100.0, 110.0]
    assert view.notes == ("all of it under its old name FB",)
    assert view.is_stale


def test_seen_from_before_the_renaming_the_series_is_the_same_cut_off(store):
    put(store, "FB", closes([100.0, 110.0, 121.0]), dividends=())
    put(store, "META", closes([133.1], 3), dividends=())
    known = market(store)
    earlier = known.until(DAYS[1]).series("META")
    pd.testing.assert_series_equal(level_of(earlier), level_of(known.series("META")).iloc[:2])
    assert earlier.early == ()


def test_the_hash_of_the_new_name_holds_the_old_bars(store):
    put(store, "META", closes([133.1], 3), dividends=())
    before = market(store).data_hash("META")
    put(store, "FB", closes([100.0]), dividends=())
    assert market(store).data_hash("META") != before
    assert market(store).data_hash("FB") == market(store).data_hash("META")


def test_a_currency_keeps_its_values_under_a_new_name(store):
    new, old = (
        Instrument("NEW", "N", "currency", formerly=("OLD",)),
        Instrument("OLD", "O", "currency", renamed_to="NEW"),
    )
    put(store, "OLD", closes([1.1, 1.2]), dividends=())
    put(store, "NEW", closes([1.3], 2), dividends=())
    view = market(store, new, old).series("NEW")
    assert listed(level_of(view)) == listed(close_of(view)) == [1.1, 1.2, 1.3]


def test_meta_cut_in_two_at_the_day_of_its_renaming_is_whole_again(market_folder, store):
    """The real adjusted closes of META, stored as closes of FB until 8 June 2022 and of META from then on."""
    lines = (market_folder / "prices" / "META.csv").read_text().splitlines()[1:]
    rows = {dt.date.fromisoformat(d): float(v) for d, v in (line.split(",") for line in lines)}
    renamed = dt.date(2022, 6, 9)
    put(store, "FB", {d: v for d, v in rows.items() if d < renamed}, dividends=())
    put(store, "META", {d: v for d, v in rows.items() if d >= renamed}, dividends=())
    view = market(store, last_day=dt.date(2026, 2, 27)).series("FB")
    first = next(iter(rows.values()))
    assert listed(level_of(view)) == pytest.approx([100 * value / first for value in rows.values()], rel=1e-9)
    assert listed(close_of(view)) == list(rows.values())
    assert view.early == ((renamed, "before 2022-06-09 under its old name FB"),)

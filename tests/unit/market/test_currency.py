"""Baskets of members in several currencies: one money, one session, or no number at all."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from tests.unit.analytics.frames import level_of
from tests.unit.market.samples import DAYS, NOW, bars, stock
from thesisvault.market.reading.currency import pair_of, rates_needed, route
from thesisvault.market.reading.market import Market, MissingSeries
from thesisvault.market.records import Basket, Instrument, major
from thesisvault.market.store.store import Store

LAST = DAYS[-1]


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store.sqlite") as opened:
        yield opened


def put(store, name, closes, currency="USD"):
    given = bars(closes, dividends=(), currency=currency)
    store.merge(name, given, source="test", fetched=NOW, currency=currency)


def rate(ticker, **more):
    return Instrument(ticker, ticker, "currency", **more)


def market(store, *instruments, basket, last_day=LAST):
    return Market(store, {i.ticker: i for i in instruments}, {basket.id: basket}, last_day=last_day, benchmark="A")


def closes(values, days=DAYS):
    return dict(zip(days, values, strict=False))


SHELL, HOME = stock("SHEL.L", currency="GBP", exchange="XLON"), stock("XOM")
HALVES = Basket("b", "B", (("XOM", None), ("SHEL.L", None)))


# --- which rate -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instrument", "pair"),
    [
        (rate("EURUSD=X"), ("EUR", "USD")),
        (rate("USDJPY", currency="JPY"), ("USD", "JPY")),
        (rate("JPY=X", currency="JPY"), ("USD", "JPY")),
        (rate("DEXUSEU", price_of="EUR"), ("EUR", "USD")),
        (rate("DX-Y.NYB"), None),
        (stock("EURUSD=X"), None),
    ],
)
def test_a_rate_says_what_it_is_the_price_of(instrument, pair):
    assert pair_of(instrument) == pair


def steps(of, into, *instruments):
    return [(s.rate.ticker, s.multiply) for s in route(of, into, {i.ticker: i for i in instruments})]


def test_a_rate_is_used_as_it_is_or_the_other_way_round_or_through_the_dollar():
    pound, yen = rate("GBPUSD=X"), rate("JPY=X", currency="JPY")
    assert steps("GBP", "USD", pound) == [("GBPUSD=X", True)]
    assert steps("JPY", "USD", yen) == [("JPY=X", False)]
    assert steps("GBP", "JPY", pound, yen) == [("GBPUSD=X", True), ("JPY=X", True)]
    assert steps("JPY", "GBP", pound, yen) == [("JPY=X", False), ("GBPUSD=X", False)]
    assert steps("GBP", "GBP", pound) == []
    # A rate of the pair itself goes before two through the dollar.
    assert steps("GBP", "JPY", pound, yen, rate("GBPJPY", currency="JPY")) == [("GBPJPY", True)]


def test_a_pair_that_nobody_defined_is_the_one_of_yahoo():
    (step,) = route("EUR", "USD", {})
    implicit = step.rate
    assert (implicit.ticker, implicit.kind, implicit.currency, implicit.price_of) == (
        "EURUSD=X",
        "currency",
        "USD",
        "EUR",
    )
    assert step.multiply
    # With only one of the two that lead through the dollar, the pair itself is asked for.
    assert steps("GBP", "EUR", rate("GBPUSD=X")) == [("EURGBP=X", False)]


def test_hundredths_are_of_the_same_currency():
    assert [major(c) for c in ("GBp", "GBX", "ILA", "ZAc", "USD")] == ["GBP", "GBP", "ILS", "ZAR", "USD"]
    assert steps("GBp", "GBP") == []


def test_the_rates_that_baskets_need_are_known_before_anything_is_stored():
    instruments = {i.ticker: i for i in (HOME, SHELL, stock("SAP.DE", currency="EUR"), rate("FX", price_of="EUR"))}
    baskets = [HALVES, Basket("c", "C", (("SAP.DE", None), ("XOM", None)))]
    assert [r.ticker for r in rates_needed(instruments, baskets)] == ["GBPUSD=X", "FX"]
    assert rates_needed(instruments, [Basket("d", "D", (("XOM", None), ("NOT DEFINED", None)))]) == ()
    assert [r.ticker for r in rates_needed(instruments, [Basket("e", "E", (("XOM", None),), currency="EUR")])] == ["FX"]


# --- conversion -------------------------------------------------------------------------------------------------------


def test_a_foreign_member_counts_at_the_rate_of_the_same_session(store):
    put(store, "XOM", closes([100.0, 110.0, 110.0]))
    put(store, "SHEL.L", closes([20.0, 20.0, 30.0]), "GBP")
    put(store, "GBPUSD=X", closes([1.25, 1.50, 1.20]))
    view = market(store, HOME, SHELL, basket=HALVES, last_day=DAYS[2]).series("b")
    # In dollars the second is worth 25, 30 and 36; of half each, 50 * 1.1 + 50 * 1.2, then 50 * 1.1 + 50 * 1.44.
    assert level_of(view).tolist() == pytest.approx([100.0, 115.0, 127.0])
    assert view.currency == "USD"
    assert view.notes == ("SHEL.L converted from GBP at GBPUSD=X",)
    assert not view.is_stale


def test_a_basket_in_another_currency_converts_the_others(store):
    put(store, "XOM", closes([100.0, 110.0]))
    put(store, "SHEL.L", closes([20.0, 20.0]), "GBP")
    put(store, "GBPUSD=X", closes([1.25, 1.10]))
    basket = Basket("b", "B", HALVES.members, currency="GBP")
    view = market(store, HOME, SHELL, rate("GBPUSD=X"), basket=basket, last_day=DAYS[1]).series("b")
    # 100 dollars are 80 pounds, 110 at 1.10 are 100: a quarter more.
    assert level_of(view).tolist() == pytest.approx([100.0, 112.5])
    assert view.notes == ("XOM converted from USD at GBPUSD=X",)


def test_a_rate_through_the_dollar_is_told_by_both(store):
    put(store, "7203.T", closes([2000.0, 2200.0]), "JPY")
    put(store, "SHEL.L", closes([20.0, 20.0]), "GBP")
    put(store, "JPY=X", closes([100.0, 110.0]), "JPY")
    put(store, "GBPUSD=X", closes([1.25, 1.25]))
    basket = Basket("b", "B", (("7203.T", None), ("SHEL.L", None)), currency="GBP")
    rates = (rate("JPY=X", currency="JPY"), rate("GBPUSD=X"))
    toyota = stock("7203.T", currency="JPY")
    view = market(store, toyota, SHELL, *rates, basket=basket, last_day=DAYS[1]).series("b")
    assert level_of(view).tolist() == pytest.approx([100.0, 100.0])  # a tenth more yen, and the yen a tenth cheaper
    assert view.notes == ("7203.T converted from JPY at JPY=X and GBPUSD=X",)


def test_a_session_without_a_rate_has_no_value_of_the_member_and_borrows_none(store):
    put(store, "XOM", closes([100.0] * 4))
    put(store, "SHEL.L", closes([20.0, 40.0, 40.0, 40.0]), "GBP")
    put(store, "GBPUSD=X", closes([1.0, 2.0, 2.0], [DAYS[0], DAYS[2], DAYS[3]]))
    level = level_of(market(store, HOME, SHELL, basket=HALVES, last_day=DAYS[3]).series("b"))
    # The doubling of the second session shows with the rate of the third, and not at the rate of the first.
    assert level.tolist() == pytest.approx([100.0, 100.0, 250.0, 250.0])


def test_a_rate_that_begins_late_lets_its_member_join_late_and_says_so(store):
    put(store, "XOM", closes([100.0] * 4))
    put(store, "SHEL.L", closes([20.0, 40.0, 40.0, 80.0]), "GBP")
    put(store, "GBPUSD=X", closes([1.0, 1.0], [DAYS[2], DAYS[3]]))
    joins = Basket("b", "B", HALVES.members, rebalance=(DAYS[2],))
    view = market(store, HOME, SHELL, basket=joins, last_day=DAYS[3]).series("b")
    assert level_of(view).tolist() == pytest.approx([100.0, 100.0, 100.0, 150.0])
    assert view.early == ((DAYS[2], f"SHEL.L has prices and an exchange rate from {DAYS[2]} only"),)


def test_without_any_rate_a_basket_is_missing_and_says_how_to_define_one(store):
    put(store, "XOM", closes([100.0, 110.0]))
    put(store, "SHEL.L", closes([20.0, 20.0]), "GBP")
    known = market(store, HOME, SHELL, basket=HALVES)
    with pytest.raises(MissingSeries) as caught:
        known.series("b")
    for words in ("SHEL.L", "GBPUSD=X", "thesisvault refresh", "price_of: GBP, currency: USD"):
        assert words in str(caught.value)
    with pytest.raises(MissingSeries):
        known.basket("b")
    assert "b" not in known.levels(["b", "XOM"]).names


def test_a_rate_of_other_days_only_gives_no_number(store):
    put(store, "SHEL.L", closes([20.0, 20.0]), "GBP")
    put(store, "GBPUSD=X", closes([1.25, 1.25], DAYS[5:]))
    alone = Basket("b", "B", (("SHEL.L", None),))
    with pytest.raises(MissingSeries, match="never had prices, and exchange rates"):
        market(store, SHELL, basket=alone).series("b")


def test_what_a_source_said_of_the_currency_counts_for_more_than_the_definition(store):
    put(store, "XOM", closes([100.0, 110.0]))
    put(store, "SHEL.L", closes([20.0, 20.0]), "GBP")  # its definition forgot to say so
    with pytest.raises(MissingSeries, match=r"exchange rate GBPUSD=X: give SHEL\.L currency: GBP and run"):
        market(store, HOME, stock("SHEL.L"), basket=HALVES).series("b")


def test_a_stale_rate_makes_its_basket_stale(store):
    put(store, "XOM", closes([100.0] * 10))
    put(store, "SHEL.L", closes([20.0] * 10), "GBP")
    put(store, "GBPUSD=X", closes([1.25] * 7))
    view = market(store, HOME, SHELL, basket=HALVES).series("b")
    assert view.stale_members == (("GBPUSD=X", DAYS[6]),)
    assert view.is_stale
    assert view.last == DAYS[6]  # no number of it mixes dates


def test_the_hash_of_a_basket_holds_its_rates(store):
    put(store, "XOM", closes([100.0, 110.0]))
    put(store, "SHEL.L", closes([20.0, 20.0]), "GBP")
    known = market(store, HOME, SHELL, basket=HALVES)
    before = known.data_hash("b")
    put(store, "GBPUSD=X", closes([1.25, 1.30]))
    after = known.data_hash("b")
    assert before != after
    assert known.until(DAYS[0]).data_hash("b") not in (before, after)


def test_contributions_of_foreign_members_hold_the_currency(store):
    put(store, "XOM", closes([100.0, 100.0]))
    put(store, "SHEL.L", closes([20.0, 22.0]), "GBP")
    put(store, "GBPUSD=X", closes([1.0, 1.5]))
    built = market(store, HOME, SHELL, basket=HALVES, last_day=DAYS[1]).basket("b")
    gains = dict(zip(built.members, built.gains[-1].tolist(), strict=True))
    assert gains == pytest.approx({"XOM": 0.0, "SHEL.L": 50 * 0.65})


@pytest.fixture(scope="module")
def foreign(market_folder):
    def read(path):
        lines = path.read_text().splitlines()[1:]
        return {dt.date.fromisoformat(d): float(v) for d, v in (line.split(",") for line in lines) if v}

    return {name: read(market_folder / "prices" / f"{name}.csv") for name in ("SPY", "USDJPY")}


def test_a_real_rate_converts_every_session_that_both_have(foreign, tmp_path):
    """A fund in dollars as a member of a basket in yen, against the real rate, by plain arithmetic."""
    last = dt.date(2026, 2, 27)
    with Store(tmp_path / "store.sqlite") as store:
        for name, rows in foreign.items():
            put(store, name, rows, "JPY" if name == "USDJPY" else "USD")
        yen = Basket("yen", "Yen", (("SPY", None),), currency="JPY")
        known = market(store, stock("SPY"), rate("USDJPY", currency="JPY"), basket=yen, last_day=last)
        level = level_of(known.series("yen"))
    both = sorted(foreign["SPY"].keys() & foreign["USDJPY"].keys())
    assert len(both) > 1000
    worth = [foreign["SPY"][day] * foreign["USDJPY"][day] for day in both]
    assert [stamp.date() for stamp in level.index] == both
    assert level.tolist() == pytest.approx([100 * each / worth[0] for each in worth], rel=1e-9)
    assert isinstance(level.index, pd.DatetimeIndex)

"""The read side: what a series is, seen from a last day."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from tests.unit.analytics.frames import close_of, level_of
from tests.unit.market.samples import DAYS, NOW, bars, put, stock
from thesisvault.analytics.bounds import number_of
from thesisvault.errors import NoDataError
from thesisvault.market.bars import day_number
from thesisvault.market.reading.market import Market, MissingSeries, UnknownName
from thesisvault.market.records import Basket, Instrument
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.sources.csv_folder import folder_providers
from thesisvault.market.sources.sample import Sample
from thesisvault.market.store.entries import Status
from thesisvault.market.store.store import Store

LAST = DAYS[-1]


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store.sqlite") as opened:
        yield opened


def market(store, *instruments, baskets=(), last_day=LAST, **more):
    return Market(
        store, {i.ticker: i for i in instruments}, {b.id: b for b in baskets}, last_day=last_day, benchmark="A", **more
    )


def rising(days=DAYS, start=100.0):
    return {day: start + number for number, day in enumerate(days)}


def on(number):
    return day_number(DAYS[number])


def stamp(day):
    return pd.Timestamp(day)


# --- which basis ------------------------------------------------------------------------------------------------------


def test_closes_with_dividends_give_a_forward_total_return(store):
    put(store, "A", {DAYS[0]: 50.0, DAYS[1]: 51.5, DAYS[2]: 50.0}, dividends=((on(2), 1.5),))
    view = market(store, stock("A")).series("A")
    assert level_of(view).tolist() == [100.0, 103.0, 103.0]
    assert close_of(view) is not None
    assert close_of(view).tolist() == [50.0, 51.5, 50.0]
    assert (view.basis, view.source, view.notes) == ("total", "test", ())
    assert (view.levels.days.dtype, view.levels.values.dtype) == ("int64", "float64")


def test_closes_whose_dividends_are_unknown_say_price_return(store):
    put(store, "A", rising())
    view = market(store, stock("A")).series("A")
    assert view.basis == "price"
    assert "dividends are not known" in view.notes[0]


def test_adjusted_closes_alone_give_a_level_and_no_close(store):
    put(store, "A", {DAYS[0]: 20.0, DAYS[1]: 25.0}, "adjusted")
    view = market(store, stock("A")).series("A")
    assert (level_of(view).tolist(), close_of(view), view.basis) == ([100.0, 125.0], None, "total")


def test_with_both_and_no_dividends_the_level_is_the_adjusted_index(store):
    put(store, "A", {DAYS[0]: 50.0, DAYS[1]: 50.0})
    put(store, "A", {DAYS[0]: 40.0, DAYS[1]: 41.0}, "adjusted")
    view = market(store, stock("A")).series("A")
    assert level_of(view).tolist() == pytest.approx([100.0, 102.5])
    assert close_of(view) is not None
    assert close_of(view).tolist() == [50.0, 50.0]


def test_an_older_adjusted_index_continues_closes_backwards(store):
    put(store, "A", {DAYS[0]: 40.0, DAYS[1]: 44.0, DAYS[2]: 48.4}, "adjusted")
    put(store, "A", {DAYS[1]: 50.0, DAYS[2]: 55.0}, dividends=())
    view = market(store, stock("A")).series("A")
    assert level_of(view).tolist() == pytest.approx([100.0, 110.0, 121.0])
    assert close_of(view) is not None
    assert close_of(view).index[0] == stamp(DAYS[1])
    assert "before 2026-02-03" in view.early[0][1]


@pytest.mark.parametrize(("kind", "basis"), [("index", "price"), ("crypto", "total"), ("currency", "total")])
def test_adjusted_closes_of_what_pays_nothing_are_closes(store, kind, basis):
    put(store, "A", rising(), "adjusted")
    view = market(store, Instrument("A", "A", kind)).series("A")
    assert close_of(view) is not None
    assert close_of(view).tolist() == list(rising().values())
    assert view.basis == basis


def test_stored_dividends_that_cannot_be_are_named_and_not_used(store):
    put(store, "A", {DAYS[0]: 5.0, DAYS[1]: 5.0}, dividends=((on(1), 9.0),))
    view = market(store, stock("A")).series("A")
    assert view.basis == "price"
    assert "dividends cannot be used" in view.notes[0]


# --- macro ------------------------------------------------------------------------------------------------------------


def test_a_macro_value_is_seen_from_its_publication_on_a_session(store):
    put(store, "M", {DAYS[0]: 1000.0, DAYS[3]: 2000.0, DAYS[4]: 3000.0}, "value")
    rates = Instrument("M", "M", "macro", unit="billions", scale=0.001, lag_days=1, frequency="daily")
    view = market(store, rates).series("M")
    # Friday's value comes out on Saturday and is seen on Monday.
    assert [d.date() for d in level_of(view).index] == [DAYS[1], DAYS[4], DAYS[5]]
    assert level_of(view).tolist() == [1.0, 2.0, 3.0]
    assert (view.basis, view.unit, close_of(view)) == ("value", "billions", None)
    assert level_of(market(store, rates, last_day=DAYS[4]).series("M")).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(("age", "stale"), [(9, False), (10, True)])
def test_a_weekly_value_is_stale_after_nine_days(store, age, stale):
    put(store, "W", {DAYS[0]: 1.0}, "value")
    weekly = Instrument("W", "W", "macro", frequency="weekly", lag_days=1)
    seen = DAYS[0] + dt.timedelta(days=1)
    assert market(store, weekly, last_day=seen + dt.timedelta(days=age)).series("W").is_stale is stale


# --- from an earlier day ----------------------------------------------------------------------------------------------


def test_an_earlier_day_is_exact_truncation(store):
    put(store, "A", rising(), dividends=((on(8), 5.0),))
    put(store, "B", rising(DAYS[2:], 50.0), "adjusted")
    basket = Basket("b", "B", (("A", None), ("B", None)))
    whole = market(store, stock("A"), stock("B"), baskets=[basket])
    earlier = whole.until(DAYS[5])
    fresh = market(store, stock("A"), stock("B"), baskets=[basket], last_day=DAYS[5])
    for name in ("A", "B", "b", "B | A"):
        pd.testing.assert_series_equal(level_of(earlier.series(name)), level_of(fresh.series(name)))
        pd.testing.assert_series_equal(level_of(earlier.series(name)), level_of(whole.series(name))[: stamp(DAYS[5])])
    assert earlier.as_of == DAYS[5]
    assert earlier.series("A").last == DAYS[5]
    assert earlier.until(LAST) is earlier
    assert earlier.until(DAYS[1]).levels(["A", "B"]).names == ("A",)
    assert earlier.data_hash("b") == fresh.data_hash("b") != whole.data_hash("b")


def test_nothing_before_the_first_bar_is_missing_with_its_date(store):
    put(store, "A", rising(DAYS[5:]), dividends=())
    with pytest.raises(MissingSeries, match=f"first value is of {DAYS[5]}"):
        market(store, stock("A"), last_day=DAYS[2]).series("A")


@pytest.mark.parametrize(("last_day", "stale"), [(dt.date(2026, 2, 16), False), (dt.date(2026, 2, 17), True)])
def test_staleness_follows_the_sessions_of_the_exchange(store, last_day, stale):
    # The sixteenth is a holiday in New York.
    put(store, "A", rising(), dividends=())
    view = market(store, stock("A"), last_day=last_day).series("A")
    assert view.is_stale is stale
    assert view.expected == (dt.date(2026, 2, 17) if stale else LAST)


# --- names ------------------------------------------------------------------------------------------------------------


def test_a_name_that_is_not_defined_is_told_from_one_without_data(store):
    known = market(store, stock("XLU"))
    with pytest.raises(UnknownName, match='Did you mean "XLU"'):
        known.series("XLUU")
    with pytest.raises(UnknownName, match='"NOPE"'):
        known.series("XLU | NOPE")
    with pytest.raises(MissingSeries, match="no prices are stored"):
        known.series("XLU")
    assert known.knows("XLU")
    assert not known.knows("XLU | NOPE")


def test_a_missing_series_repeats_nothing_that_a_provider_said(store):
    store.set_status(Status("A", "unknown symbol", "the folder /somebody/elsewhere has no A", NOW))
    with pytest.raises(MissingSeries, match="no prices are stored") as caught:
        market(store, stock("A")).series("A")
    assert "elsewhere" not in str(caught.value)  # what a provider said may name a machine, and notes are shared


def test_members_of_universes_need_no_definition(store):
    put(store, "Z", rising(), dividends=())
    assert market(store, implicit=["Z"]).series("Z").kind == "stock"
    assert market(store).levels(["Z", "NONE"]).names == ("Z",)


def test_a_store_that_is_not_there_is_no_data(tmp_path):
    with pytest.raises(NoDataError):
        Market(tmp_path / "none.sqlite", {}, last_day=LAST)


# --- chains -----------------------------------------------------------------------------------------------------------


def test_a_chain_borrows_returns_from_before_the_first_common_session(store):
    put(store, "NEW", rising(DAYS[4:], 200.0), dividends=())
    put(store, "OLD", rising(DAYS, 50.0), dividends=())
    view = market(store, stock("NEW"), stock("OLD")).series("NEW | OLD")
    returns = level_of(view).pct_change()
    assert returns[stamp(DAYS[4])] == pytest.approx(54 / 53 - 1)
    assert returns[stamp(DAYS[5])] == pytest.approx(201 / 200 - 1)
    assert view.first == DAYS[0]
    assert view.early[0][0] == DAYS[4]
    assert view.early == ((DAYS[4], f"NEW | OLD: before {DAYS[4]} continued with OLD"),)
    assert close_of(view) is not None
    assert close_of(view).index[0] == stamp(DAYS[4])


def test_proxies_of_an_instrument_are_a_chain(store):
    put(store, "NEW", rising(DAYS[4:], 200.0), dividends=())
    put(store, "OLD", rising(DAYS, 50.0), dividends=())
    known = market(store, stock("NEW", proxies=("OLD",)), stock("OLD"))
    pd.testing.assert_series_equal(level_of(known.series("NEW")), level_of(known.series("NEW | OLD")))


def test_a_chain_keeps_the_values_of_a_macro_series(store):
    put(store, "NEW", {DAYS[2]: 4.0, DAYS[3]: 6.0}, "value")
    put(store, "OLD", {DAYS[0]: 10.0, DAYS[2]: 20.0}, "value")
    macro = [Instrument(name, name, "macro") for name in ("NEW", "OLD")]
    assert level_of(market(store, *macro).series("NEW | OLD")).tolist() == [2.0, 4.0, 6.0]


def test_a_chain_without_a_common_session_borrows_nothing(store):
    put(store, "NEW", rising(DAYS[5:]), dividends=())
    put(store, "OLD", rising(DAYS[:4]), dividends=())
    view = market(store, stock("NEW"), stock("OLD")).series("NEW | OLD")
    assert view.first == DAYS[5]


def test_a_chain_whose_first_link_has_no_data_says_that_all_is_borrowed(store):
    put(store, "OLD", rising(), dividends=())
    view = market(store, stock("NEW"), stock("OLD")).series("NEW | OLD")
    assert "all of it is OLD" in view.notes[0]


# --- baskets ----------------------------------------------------------------------------------------------------------


def test_a_basket_counts_its_members_equally(store):
    put(store, "A", {DAYS[0]: 10.0, DAYS[1]: 20.0}, dividends=())
    put(store, "B", {DAYS[0]: 10.0, DAYS[1]: 10.0}, dividends=())
    basket = Basket("b", "B", (("A", None), ("B", None), ("C", None)))
    known = market(store, stock("A"), stock("B"), stock("C"), baskets=[basket], last_day=DAYS[1])
    view = known.series("b")
    assert level_of(view).tolist() == [100.0, 150.0]
    assert (view.kind, close_of(view), view.is_stale) == ("basket", None, False)
    assert view.notes == ("without C, which has no stored prices",)
    assert known.basket("b").weights[0].tolist() == [0.5, 0.5]


def test_fixed_weights_and_a_base_day_are_respected(store):
    put(store, "A", {DAYS[0]: 5.0, DAYS[1]: 10.0, DAYS[2]: 20.0}, dividends=())
    put(store, "B", dict.fromkeys(DAYS[:3], 10.0), dividends=())
    basket = Basket("b", "B", (("A", 0.25), ("B", 0.75)), "fixed", base=DAYS[1])
    view = market(store, stock("A"), stock("B"), baskets=[basket], last_day=DAYS[2]).series("b")
    assert view.first == DAYS[1]
    assert level_of(view).tolist() == [100.0, 125.0]


def test_dated_weights_hold_from_their_day(store):
    put(store, "A", dict.fromkeys(DAYS[:4], 10.0), dividends=())
    put(store, "B", {DAYS[0]: 10.0, DAYS[1]: 20.0, DAYS[2]: 20.0, DAYS[3]: 40.0}, dividends=())
    dated = ((DAYS[0], (("A", 1.0),)), (DAYS[2], (("B", 1.0),)))
    basket = Basket("b", "B", (("A", None), ("B", None)), "dated", dated, rebalance="never")
    view = market(store, stock("A"), stock("B"), baskets=[basket], last_day=DAYS[3]).series("b")
    assert level_of(view).tolist() == [100.0, 100.0, 100.0, 200.0]


def test_a_member_that_stopped_makes_its_basket_stale(store):
    put(store, "A", rising(), dividends=())
    put(store, "B", rising(DAYS[:6]), dividends=())
    held = Basket("b", "B", (("A", None), ("B", None)))
    view = market(store, stock("A"), stock("B"), baskets=[held]).series("b")
    # Its numbers stand on the last day that both members have, so that none of them mixes dates.
    assert (view.last, view.stale_members, view.is_stale) == (DAYS[5], (("B", DAYS[5]),), True)
    later = market(store, stock("A"), stock("B"), baskets=[held], last_day=LAST + dt.timedelta(days=60)).series("b")
    assert later.last == LAST  # by then B is taken for dead


def test_a_basket_without_any_data_is_missing(store):
    with pytest.raises(MissingSeries, match="no member"):
        market(store, stock("A"), baskets=[Basket("b", "B", (("A", None),))]).series("b")


# --- real prices ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(market_folder, tmp_path_factory):
    """The first members of the real S&P 500, and what has closes and dividends, in a store of their own."""
    members = (market_folder / "universes" / "sp500.txt").read_text().split()[:120]
    paying = sorted(path.stem for path in (market_folder / "dividends").glob("*.csv"))
    tickers = list(dict.fromkeys([*members, *paying, "SPY", "QQQ"]))
    known = {ticker: Instrument(ticker, ticker, "stock") for ticker in tickers}
    known["^GSPC"] = Instrument("^GSPC", "S&P 500", "index")
    known["WALCL"] = Instrument("WALCL", "Balance sheet", "macro", frequency="weekly", lag_days=1, scale=1e-6)
    with Store(tmp_path_factory.mktemp("real") / "store.sqlite") as store:
        last = dt.date(2026, 2, 27)
        refresh(store, known, folder_providers(market_folder), end=last, now=NOW)
        yield Market(store, known, last_day=last), members


@pytest.mark.parametrize("ticker", ["KO", "XOM", "JNJ", "SCHD", "PFF", "O"])
def test_total_return_from_dividends_is_that_of_adjusted_closes(real, ticker):
    view = real[0].series(ticker)
    assert close_of(view) is not None
    adjusted = real[0].store.bars(ticker, "adjusted")
    given = pd.Series(
        adjusted.close, index=pd.DatetimeIndex(np.array(adjusted.days, "datetime64[D]").astype("datetime64[ns]"))
    )
    own = level_of(view)[close_of(view).index[0] :]
    quotient = (own / given).dropna()
    assert len(quotient) > 2500
    assert quotient.max() / quotient.min() - 1 < 1e-4


def test_the_real_universe_is_read_as_its_members_are(real):
    market, members = real
    panel = market.levels(members)
    assert len(panel.names) > 100
    assert (np.diff(panel.days) > 0).all()
    own, column = market.series("AAPL").levels, panel.values[:, panel.names.index("AAPL")]
    known = ~np.isnan(column)
    assert panel.days[known].tolist() == own.days.tolist()
    assert column[known].tolist() == own.values.tolist()
    assert "SPY" not in market.closes(["SPY", "KO"]).names


def test_the_real_index_and_balance_sheet_are_what_they_say(real):
    market, _ = real
    index = market.series("^GSPC")
    assert close_of(index) is not None
    assert (index.basis, close_of(index).iloc[-1]) == ("price", pytest.approx(6878.88))
    sheet = market.series("WALCL")
    assert 6 < level_of(sheet).iloc[-1] < 7
    assert sheet.is_stale


def test_sessions_end_on_the_last_day(real):
    assert real[0].sessions[-1] == number_of(dt.date(2026, 2, 27))
    assert real[0].until(dt.date(2022, 1, 2)).sessions[-1] == number_of(dt.date(2021, 12, 31))


def test_the_sample_alone_makes_a_market(store):
    known = {"AAPL": stock("AAPL"), "^GSPC": Instrument("^GSPC", "S&P 500", "index")}
    last = dt.date(2022, 12, 28)
    refresh(store, known, [Sample()], end=last, now=NOW)
    market = Market(store, known, last_day=last, benchmark="^GSPC")
    assert not market.series("AAPL").is_stale
    assert close_of(market.series("AAPL")) is None
    assert close_of(market.series("^GSPC")) is not None


def test_a_chain_is_not_joined_over_a_gap(store):
    put(store, "NEW", {DAYS[5]: 10.0, DAYS[6]: 11.0})
    put(store, "OLD", {DAYS[0] - dt.timedelta(days=600): 50.0, DAYS[5]: 100.0}, dividends=())
    view = market(store, stock("NEW"), stock("OLD")).series("NEW | OLD")
    assert view.first == DAYS[5]
    assert any("not continued with OLD" in text for _, text in view.early)


def test_a_chain_across_currencies_says_so(store):
    put(store, "NEW", {DAYS[5]: 10.0, DAYS[6]: 11.0}, dividends=())
    old = bars(rising(DAYS[:7]), dividends=(), currency="EUR")
    store.merge("OLD", old, source="test", fetched=NOW, currency="EUR")
    view = market(store, stock("NEW"), stock("OLD")).series("NEW | OLD")
    assert any("continued with OLD, in EUR" in text for _, text in view.early)


def test_a_coin_among_shares_gives_a_basket_no_weekends(store):
    days = [dt.date(2026, 2, 2) + dt.timedelta(days=n) for n in range(14)]
    coin = Instrument("COIN", "Coin", "crypto", exchange="24/7")
    put(store, "A", rising(), dividends=())
    put(store, "B", rising(), dividends=())
    put(store, "COIN", rising(days), dividends=())
    held = Basket("mix", "Mix", (("A", None), ("B", None), ("COIN", None)))
    level = level_of(market(store, stock("A"), stock("B"), coin, baskets=[held]).series("mix"))
    assert [day.date() for day in level.index] == DAYS


@pytest.mark.parametrize(
    ("last_day", "expected"),
    [
        (dt.date(2026, 2, 12), dt.date(2026, 2, 11)),  # New York has closed, the coin's day has not
        (dt.date(2026, 2, 14), dt.date(2026, 2, 13)),
        (dt.date(2026, 2, 15), dt.date(2026, 2, 14)),
    ],
)
def test_a_coin_is_not_expected_to_have_a_day_that_ends_after_the_benchmark_closed(store, last_day, expected):
    days = [dt.date(2026, 2, 2) + dt.timedelta(days=n) for n in range(14)]
    put(store, "COIN", rising(days), dividends=())
    coin = Instrument("COIN", "Coin", "crypto", exchange="24/7")
    assert market(store, stock("A"), coin, last_day=last_day).series("COIN").expected == expected

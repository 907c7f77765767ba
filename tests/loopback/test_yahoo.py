"""The real yfinance against an imitation of Yahoo: what a provider makes of each answer, good or bad."""

import datetime as dt
import math

import pytest

from tests.loopback import faults
from tests.loopback.exchange import Listing, status
from tests.loopback.proxy import Answer
from thesisvault.market.bars import number_day
from thesisvault.market.records import Instrument
from thesisvault.market.sources.provider import NothingNew, ProviderFault, RateLimited, UnknownSymbol
from thesisvault.market.sources.yahoo import Yahoo

pytestmark = pytest.mark.usefixtures("new_client")

DAYS = [dt.date(2026, 2, 24), dt.date(2026, 2, 25), dt.date(2026, 2, 26), dt.date(2026, 2, 27)]
CLOSES = [50.0, 51.0, 50.5, 50.75]
END = DAYS[-1]
NOON = dt.datetime(2026, 2, 27, 17, 45, tzinfo=dt.UTC)  # half way through the session of New York


@pytest.fixture
def yahoo(exchange, tmp_path):
    return Yahoo(tmp_path / "yfinance", timeout=2)


def admit(market, symbol="XLE", prices=None, **more):
    listing = Listing(symbol, dict(zip(DAYS, prices or CLOSES, strict=True)), **more)
    market.admit(listing)
    return listing


def fetch(yahoo, symbol="XLE", start=None, kind="etf"):
    return yahoo.fetch(Instrument(symbol, symbol, kind), start, END)


def days(pairs):
    return [(number_day(day), amount) for day, amount in pairs or ()]


# --- what is there ---------------------------------------------------------------------------------------------------


def test_closes_and_what_is_said_of_them_arrive(exchange, yahoo):
    admit(exchange, exchange="PCX", type="ETF", dividends={DAYS[2]: 0.5})
    bars = fetch(yahoo)
    assert [number_day(d) for d in bars.days] == DAYS
    assert bars.close == tuple(CLOSES)
    assert bars.volume == (1000, 1001, 1002, 1003)
    assert days(bars.dividends) == [(DAYS[2], 0.5)]
    assert (bars.currency, bars.quoted_in, bars.exchange, bars.unfinished) == ("USD", None, "PCX", None)
    assert (bars.basis, bars.splits) == ("split_adjusted", ())


def test_a_series_without_dividends_is_known_to_have_none(exchange, yahoo):
    admit(exchange)
    assert fetch(yahoo).dividends == ()


def test_a_new_split_rewrites_history_and_what_was_paid(exchange, yahoo):
    listing = admit(exchange, prices=[100.0, 102.0, 101.0, 50.5], dividends={DAYS[1]: 1.0})
    listing.splits[DAYS[3]] = 2
    exchange.moment = dt.datetime(2026, 2, 26, 23, tzinfo=dt.UTC)
    before = fetch(yahoo)
    exchange.moment = dt.datetime(2026, 2, 27, 23, tzinfo=dt.UTC)
    after = fetch(yahoo)
    assert (before.close, days(before.dividends), before.splits) == ((100, 102, 101), [(DAYS[1], 1.0)], ())
    assert after.close == (50, 51, 50.5, 50.5)
    assert (days(after.dividends), days(after.splits)) == ([(DAYS[1], 0.5)], [(DAYS[3], 2.0)])


def test_days_are_those_of_the_exchange(exchange, yahoo):
    admit(exchange, "7203.T", zone="Asia/Tokyo", opens=dt.time(9), closes=dt.time(15, 30), currency="JPY")
    bars = fetch(yahoo, "7203.T", kind="stock")
    assert ([number_day(d) for d in bars.days], bars.currency) == (DAYS, "JPY")


def test_only_days_from_the_start_on_are_asked_for(exchange, yahoo):
    admit(exchange)
    assert [number_day(d) for d in fetch(yahoo, start=DAYS[2]).days] == DAYS[2:]


def test_a_symbol_costs_one_request_the_first_time_too(exchange, yahoo):
    admit(exchange)
    fetch(yahoo)
    assert (exchange.count("XLE"), exchange.count("XLE", None)) == (1, 1)
    fetch(yahoo, start=DAYS[2])
    assert (exchange.count("XLE"), exchange.count("XLE", None)) == (2, 2)


def test_a_symbol_that_yahoo_does_not_know_costs_no_more_than_yfinance_asks_twice(exchange, yahoo):
    with pytest.raises(UnknownSymbol):
        fetch(yahoo, "GONE")
    assert exchange.count("GONE", None) == exchange.count("GONE") <= 2


@pytest.mark.parametrize(
    ("zone", "opens"), [("Asia/Tokyo", 9), ("Australia/Sydney", 10), ("Pacific/Auckland", 10), ("UTC", 0)]
)
def test_the_first_day_asked_for_arrives_though_the_zone_is_not_known_yet(exchange, yahoo, zone, opens):
    admit(exchange, "ABC", zone=zone, opens=dt.time(opens), closes=dt.time(opens + 6))
    assert [number_day(d) for d in fetch(yahoo, "ABC", start=DAYS[2]).days] == DAYS[2:]
    assert exchange.count(where="zone") == 0


def test_a_probe_is_answered_by_any_word_of_the_source(exchange, yahoo):
    with pytest.raises(UnknownSymbol):
        yahoo.probe()
    admit(exchange, "%5EGSPC")
    yahoo.probe()
    exchange.refuse(500)
    with pytest.raises(ProviderFault):
        yahoo.probe()


@pytest.mark.parametrize(
    ("quoted", "major"), [("GBp", "GBP"), ("GBX", "GBP"), ("ILA", "ILS"), ("ZAc", "ZAR")], ids=lambda code: code
)
def test_quotes_in_hundredths_become_the_major_unit_once_and_say_so(exchange, yahoo, quoted, major):
    admit(exchange, "SHEL.L", [5000.0, 5100.0, 5050.0, 5075.0], currency=quoted, dividends={DAYS[1]: 25.0})
    bars = fetch(yahoo, "SHEL.L", kind="stock")
    assert bars.close == pytest.approx(CLOSES)
    assert bars.open == pytest.approx([0.99 * close for close in CLOSES])
    assert (bars.currency, bars.quoted_in) == (major, quoted)
    assert days(bars.dividends) == [(DAYS[1], 0.25)]
    assert bars.volume == (1000, 1001, 1002, 1003)


def paid_in(currency):
    def tampering(result):
        for event in result["events"]["dividends"].values():
            event["currency"] = currency

    return tampering


def test_a_dividend_in_pounds_beside_closes_in_pence_is_not_divided(exchange, yahoo):
    admit(exchange, currency="GBp", dividends={DAYS[1]: 0.25})
    exchange.tamper(paid_in("GBP"))
    assert days(fetch(yahoo).dividends) == [(DAYS[1], 0.25)]


def test_dividends_in_another_money_are_not_taken_for_known(exchange, yahoo):
    admit(exchange, currency="GBp", dividends={DAYS[1]: 0.25})
    exchange.tamper(paid_in("EUR"))
    bars = fetch(yahoo)
    assert bars.dividends is None
    assert bars.close == pytest.approx([close / 100 for close in CLOSES])


def test_a_capital_gain_is_added_to_the_dividend_of_its_day(exchange, yahoo):
    admit(exchange, type="ETF", dividends={DAYS[1]: 0.25}, gains={DAYS[1]: 1.0, DAYS[2]: 0.5})
    assert days(fetch(yahoo).dividends) == [(DAYS[1], 1.25), (DAYS[2], 0.5)]


def test_a_capital_gain_that_the_dividend_holds_already_is_not_counted_twice(exchange, yahoo):
    admit(exchange, type="MUTUALFUND", dividends={DAYS[1]: 1.25, DAYS[2]: 0.5}, gains={DAYS[1]: 1.0, DAYS[2]: 0.5})
    assert days(fetch(yahoo, kind="fund").dividends) == [(DAYS[1], 1.25), (DAYS[2], 0.5)]


@pytest.mark.parametrize("gap", [2, 3], ids=["inside", "newest"])
def test_what_is_paid_on_a_day_whose_bar_is_missing_keeps_its_day(exchange, yahoo, gap):
    # yfinance's frame has it at the bar before; once the bar is there it would be paid a second time.
    admit(exchange, type="ETF", dividends={DAYS[gap]: 0.5}, gains={DAYS[gap]: 0.75})
    exchange.tamper(faults.missing(DAYS[gap]), times=1)
    incomplete, complete = fetch(yahoo), fetch(yahoo)
    kept = {number_day(d) for d, c in zip(incomplete.days, incomplete.close, strict=True) if c == c}
    assert kept == set(DAYS) - {DAYS[gap]}
    assert days(incomplete.dividends) == days(complete.dividends) == [(DAYS[gap], 1.25)]


# --- bars that no store should keep are passed on as they came -------------------------------------------------------


def test_the_bar_of_an_open_session_is_named(exchange, yahoo):
    admit(exchange)
    exchange.moment = NOON
    bars = fetch(yahoo)
    assert [number_day(d) for d in bars.days] == DAYS
    assert bars.close[-1] == 50.5 + 0.25 / 2
    assert bars.unfinished is not None
    assert number_day(bars.unfinished) == DAYS[3]


def test_the_day_of_a_market_that_never_closes_is_unfinished_until_midnight(exchange, yahoo):
    admit(exchange, "BTC-USD", zone="UTC", opens=dt.time(0), closes=dt.time(0), type="CRYPTOCURRENCY")
    exchange.moment = NOON
    assert fetch(yahoo, "BTC-USD", kind="crypto").unfinished == (DAYS[3] - dt.date(1970, 1, 1)).days
    exchange.moment = dt.datetime(2026, 2, 28, 0, 1, tzinfo=dt.UTC)
    assert fetch(yahoo, "BTC-USD", kind="crypto").unfinished is None


def test_bars_without_a_close_are_passed_on_without_one(exchange, yahoo):
    admit(exchange)
    exchange.tamper(faults.nulls(2))
    bars = fetch(yahoo)
    assert [number_day(d) for d in bars.days] == DAYS
    assert bars.close[:2] == (50, 51)
    assert all(map(math.isnan, bars.close[2:]))


@pytest.mark.parametrize("close", [0.0, -3.0])
def test_a_close_of_nothing_or_less_is_passed_on(exchange, yahoo, close):
    admit(exchange)
    exchange.tamper(faults.replaced(DAYS[1], close))
    assert fetch(yahoo).close == (50, close, 50.5, 50.75)


def test_a_day_that_stands_twice_reaches_us_once_for_yfinance_keeps_one(exchange, yahoo):
    admit(exchange)
    exchange.tamper(faults.doubled(DAYS[1]), times=1)
    first_of_two = fetch(yahoo)
    exchange.tamper(faults.doubled(DAYS[3]), times=1)
    last_of_two = fetch(yahoo)
    assert [number_day(d) for d in first_of_two.days] == [number_day(d) for d in last_of_two.days] == DAYS
    assert first_of_two.close == (50, 51, 50.5, 50.75)
    assert last_of_two.close == (50, 51, 50.5, 51.75)


def test_bars_in_disorder_reach_us_in_order_for_yfinance_sorts_them(exchange, yahoo):
    admit(exchange)
    exchange.tamper(faults.disordered)
    bars = fetch(yahoo)
    assert [number_day(d) for d in bars.days] == DAYS
    assert bars.close == tuple(CLOSES)


def test_a_bar_of_a_weekend_is_passed_on(exchange, yahoo):
    admit(exchange)
    exchange.tamper(faults.extra_bar(dt.date(2026, 2, 28), 9.5))
    exchange.tamper(faults.extra_bar(dt.date(2026, 2, 22), 9.0))
    bars = fetch(yahoo)
    assert days(zip(bars.days, bars.close, strict=True)) == [
        (dt.date(2026, 2, 22), 9.0),
        *zip(DAYS, CLOSES, strict=True),
        (dt.date(2026, 2, 28), 9.5),
    ]


def test_a_bar_of_a_far_day_is_passed_on_even_behind_the_days_asked_for(exchange, yahoo):
    admit(exchange)
    # Of bars later than its own clock yfinance drops the last one only.
    exchange.tamper(faults.extra_bar(dt.date(2099, 1, 5), 9.0))
    exchange.tamper(faults.extra_bar(dt.date(2099, 1, 6), 9.5))
    bars = fetch(yahoo)
    assert days(zip(bars.days, bars.close, strict=True)) == [
        *zip(DAYS, CLOSES, strict=True),
        (dt.date(2099, 1, 5), 9.0),
    ]


def test_a_glitch_and_a_wrong_close_are_passed_on(exchange, yahoo):
    admit(exchange)
    exchange.tamper(faults.scaled(DAYS[1], 100))
    exchange.tamper(faults.replaced(DAYS[2], 77.0))
    bars = fetch(yahoo)
    assert bars.close == (50, 5100, 77, 50.75)
    assert bars.high is not None
    assert bars.high[1] == pytest.approx(5202)


def test_another_currency_is_passed_on(exchange, yahoo):
    admit(exchange)
    exchange.tamper(faults.quoted_in("EUR"))
    bars = fetch(yahoo)
    assert (bars.close, bars.currency, bars.quoted_in) == (tuple(CLOSES), "EUR", None)


def test_a_split_whose_history_was_not_rescaled_is_passed_on(exchange, yahoo):
    admit(exchange)
    exchange.tamper(faults.unscaled_split(DAYS[3], 2))
    bars = fetch(yahoo)
    assert (bars.close, days(bars.splits)) == (tuple(CLOSES), [(DAYS[3], 2.0)])


# --- answers that are none -------------------------------------------------------------------------------------------


def test_symbols_that_yahoo_does_not_know_are_unknown_the_first_and_the_fourth(exchange, yahoo):
    admit(exchange)
    for symbol in ("GONE1", "GONE2", "GONE3", "GONE4"):
        with pytest.raises(UnknownSymbol, match=symbol):
            fetch(yahoo, symbol)
    assert fetch(yahoo).days


def test_a_symbol_that_is_gone_since_is_unknown_with_yahoos_words(exchange, yahoo):
    admit(exchange)
    fetch(yahoo)
    del exchange.listings["XLE"]
    with pytest.raises(UnknownSymbol, match="No data found, symbol may be delisted"):
        fetch(yahoo)


def test_an_outage_makes_no_symbol_unknown(exchange, yahoo):
    # The words of a 500 in Yahoo's own layout.
    body = b'{"chart": {"result": null, "error": {"code": "Internal Server Error", "description": "Try again later"}}}'
    exchange.refuse(Answer(500, body), where="all")
    for symbol in ("XLB", "XLC", "XLE", "XLF"):
        admit(exchange, symbol)
        with pytest.raises(ProviderFault):
            fetch(yahoo, symbol)


def test_one_refusal_is_healed_by_yfinance_itself(exchange, yahoo):
    admit(exchange)
    fetch(yahoo)
    for code in (429, 500):
        exchange.refuse(code, "XLE", times=1)
        assert fetch(yahoo).close == tuple(CLOSES)


def test_a_lasting_refusal_is_told_apart_from_a_missing_symbol(exchange, yahoo):
    admit(exchange)
    fetch(yahoo)
    exchange.refuse(429, times=2)
    with pytest.raises(RateLimited):
        fetch(yahoo)
    assert fetch(yahoo).close == tuple(CLOSES)


def test_a_refusal_of_everything_from_the_start_is_a_refusal(exchange, yahoo):
    admit(exchange)
    exchange.refuse(429, where="all")
    with pytest.raises(RateLimited):
        fetch(yahoo)


def test_a_refused_crumb_does_not_matter_for_bars(exchange, yahoo):
    admit(exchange)
    exchange.refuse(429, where="crumb")
    assert fetch(yahoo).close == tuple(CLOSES)


@pytest.mark.parametrize(
    "answer",
    [
        status(500),
        status(503),
        faults.CUT_JSON,
        faults.HTML_PAGE,
        faults.DOWN_PAGE,
        faults.HOLLOW,
        faults.SHORT,
        faults.RESET,
        faults.HANG,
        faults.DRIBBLE,
        Answer(
            401, b'{"finance": {"result": null, "error": {"code": "Unauthorized", "description": "Invalid Crumb"}}}'
        ),
    ],
    ids=["500", "503", "cut", "html", "down", "hollow", "short", "reset", "hang", "dribble", "crumb"],
)
def test_an_answer_that_is_none_is_a_fault_and_the_next_one_counts(exchange, yahoo, answer):
    admit(exchange)
    fetch(yahoo)
    exchange.refuse(answer, "XLE", times=2)
    with pytest.raises(ProviderFault, match="Yahoo"):
        fetch(yahoo)
    exchange.mend()
    assert fetch(yahoo).close == tuple(CLOSES)


@pytest.mark.parametrize("missing", ["currency", "instrumentType", "exchangeTimezoneName"])
def test_an_answer_without_what_every_symbol_has_is_a_fault(exchange, yahoo, missing):
    admit(exchange)
    fetch(yahoo)
    exchange.tamper(faults.without(missing))
    with pytest.raises(ProviderFault, match="Yahoo"):
        fetch(yahoo)


def test_no_bar_in_the_days_asked_for_is_nothing_new(exchange, yahoo):
    admit(exchange)
    with pytest.raises(NothingNew):
        fetch(yahoo, start=dt.date(2026, 2, 28))
    exchange.tamper(faults.empty)
    with pytest.raises(NothingNew):
        fetch(yahoo)


def test_a_listing_that_begins_later_than_the_days_asked_for_is_nothing_new(exchange, yahoo):
    admit(exchange)
    fetch(yahoo)
    exchange.listings["XLE"].raw = {dt.date(2099, 1, 5): 1.0}
    with pytest.raises(NothingNew, match="Data doesn't exist"):
        fetch(yahoo, start=DAYS[0])


def test_one_symbol_that_fails_leaves_the_others_whole(exchange, yahoo):
    for symbol in ("XLB", "XLC", "XLE"):
        admit(exchange, symbol)
    exchange.refuse(404, "XLC", where="all")
    found = {}
    for symbol in ("XLB", "XLC", "XLE"):
        try:
            found[symbol] = fetch(yahoo, symbol).close
        except UnknownSymbol:
            found[symbol] = None
    assert found == {"XLB": tuple(CLOSES), "XLC": None, "XLE": tuple(CLOSES)}

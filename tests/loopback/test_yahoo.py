"""The real yfinance against a server on this machine that speaks as Yahoo does."""

import datetime as dt
import json
import re
from urllib.parse import urlsplit

import pytest

from generator.market.providers import NothingNew, ProviderFault, RateLimited, UnknownSymbol, number_day
from generator.market.records import Instrument
from generator.market.yahoo import Yahoo

NEW_YORK = -5 * 3600
END = dt.date(2026, 2, 27)
DAYS = [dt.date(2026, 2, 24), dt.date(2026, 2, 25), dt.date(2026, 2, 26), dt.date(2026, 2, 27)]


def opening(day):
    return int(dt.datetime(day.year, day.month, day.day, 14, 30, tzinfo=dt.UTC).timestamp())


def chart(closes, *, currency="USD", events=None, traded=None, symbol="XLE"):
    stamps = [opening(day) for day in DAYS[: len(closes)]]
    last = stamps[-1]
    meta = {
        "currency": currency,
        "symbol": symbol,
        "exchangeName": "PCX",
        "instrumentType": "ETF",
        "firstTradeDate": stamps[0],
        "regularMarketTime": traded or last + 23_400,
        "gmtoffset": NEW_YORK,
        "timezone": "EST",
        "exchangeTimezoneName": "America/New_York",
        "priceHint": 2,
        "currentTradingPeriod": {
            part: {"timezone": "EST", "start": last, "end": last + 23_400, "gmtoffset": NEW_YORK}
            for part in ("pre", "regular", "post")
        },
        "dataGranularity": "1d",
        "range": "",
        "validRanges": ["1d", "5d", "1mo", "max"],
    }
    volume = [1000] * len(closes)
    quote = {"open": closes, "high": closes, "low": closes, "close": closes, "volume": volume}
    result = {
        "meta": meta,
        "timestamp": stamps,
        "indicators": {"quote": [quote], "adjclose": [{"adjclose": closes}]},
    } | ({"events": events} if events else {})
    return json.dumps({"chart": {"result": [result], "error": None}})


GONE = json.dumps(
    {"chart": {"result": None, "error": {"code": "Not Found", "description": "No data found, symbol may be delisted"}}}
)


@pytest.fixture
def yahoo(server, tmp_path, monkeypatch):
    """A provider whose requests to Yahoo's hosts go to the server; all else is yfinance's own."""
    curl = pytest.importorskip("curl_cffi.requests")
    yfinance = pytest.importorskip("yfinance")
    plain = curl.Session.request

    def redirected(session, method, url, *args, **named):
        parts = urlsplit(url)
        assert re.search(r"(^|\.)yahoo\.com$", parts.hostname or ""), url
        return plain(session, method, server.address + parts.path, *args, **named)

    monkeypatch.setattr(curl.Session, "request", redirected)
    # A session for each test: yfinance keeps one for the whole process.
    monkeypatch.setattr(yfinance.data.SingletonMeta, "_instances", {})
    return Yahoo(tmp_path / "yfinance", pause=0, timeout=5)


def answering(server, status, text):
    def answer(path, query):
        if path.startswith("/v8/finance/chart/"):
            return status, text
        return (200, "crumb") if path.endswith("getcrumb") else (404, "{}")

    server.answer = answer


def fetch(yahoo, symbol="XLE", start=None, kind="etf"):
    return yahoo.fetch(Instrument(symbol, symbol, kind), start, END)


def test_closes_dividends_and_currency_arrive(server, yahoo):
    paid = {"dividends": {str(opening(DAYS[2])): {"amount": 0.5, "date": opening(DAYS[2])}}}
    answering(server, 200, chart([50.0, 51.0, 50.5, 50.75], events=paid))
    bars = fetch(yahoo)
    assert [number_day(d) for d in bars.days] == DAYS
    assert bars.close == (50.0, 51.0, 50.5, 50.75)
    assert [(number_day(d), a) for d, a in bars.dividends or ()] == [(DAYS[2], 0.5)]
    assert (bars.currency, bars.basis, bars.splits) == ("USD", "split_adjusted", ())


def test_a_series_without_dividends_is_known_to_have_none(server, yahoo):
    answering(server, 200, chart([50.0, 51.0]))
    assert fetch(yahoo).dividends == ()


def test_a_split_arrives_as_new_shares_per_old_one(server, yahoo):
    when = opening(DAYS[1])
    split = {"date": when, "numerator": 2, "denominator": 1, "splitRatio": "2:1"}
    answering(server, 200, chart([50.0, 51.0], events={"splits": {str(when): split}}))
    assert [(number_day(d), r) for d, r in fetch(yahoo).splits] == [(DAYS[1], 2.0)]


def test_a_newest_bar_without_a_close_is_not_there_yet(server, yahoo):
    answering(server, 200, chart([50.0, 51.0, 50.5, None]))
    assert [number_day(d) for d in fetch(yahoo).days] == DAYS[:3]


def test_the_bar_of_an_open_session_is_left_out(server, yahoo):
    answering(server, 200, chart([50.0, 51.0, 50.5, 50.75], traded=opening(DAYS[3]) + 3600))
    assert [number_day(d) for d in fetch(yahoo).days] == DAYS[:3]


def test_pence_become_pounds(server, yahoo):
    answering(server, 200, chart([5000.0, 5100.0], currency="GBp", symbol="SHEL.L"))
    bars = fetch(yahoo, "SHEL.L", kind="stock")
    assert bars.close == pytest.approx((50.0, 51.0))
    assert bars.currency == "GBP"


def test_a_symbol_that_yahoo_does_not_know_is_unknown(server, yahoo):
    answering(server, 404, GONE)
    with pytest.raises(UnknownSymbol):
        fetch(yahoo, "NOSUCH")


def test_a_refusal_is_told_apart_from_a_missing_symbol(server, yahoo):
    answering(server, 429, "Too Many Requests")
    with pytest.raises(RateLimited):
        fetch(yahoo, "XLF")


@pytest.mark.parametrize("text", ["<html>oops</html>", '{"chart": {"result": [{"meta": '])
def test_an_answer_that_cannot_be_read_is_a_fault(server, yahoo, text):
    answering(server, 500, text)
    with pytest.raises(ProviderFault):
        fetch(yahoo, "XLK")


def test_days_without_a_session_are_nothing_new(server, yahoo):
    answering(server, 200, chart([50.0, 51.0], symbol="XLV"))
    with pytest.raises(NothingNew):
        yahoo.fetch(Instrument("XLV", "XLV", "etf"), dt.date(2026, 2, 28), dt.date(2026, 3, 1))

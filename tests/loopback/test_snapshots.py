"""Fundamentals through the real yfinance: which of Yahoo's numbers is taken for what, and which for none."""

import datetime as dt

import pytest

from tests.loopback import faults
from tests.loopback.exchange import Listing, status
from tests.loopback.proxy import Answer
from thesisvault.market.records import Instrument
from thesisvault.market.sources.provider import NothingNew, ProviderFault, RateLimited, UnknownSymbol
from thesisvault.market.sources.yahoo import Yahoo

pytestmark = pytest.mark.usefixtures("new_client")

SHARE = {
    "summaryDetail": {
        "currency": "USD",
        "trailingPE": 14.5,
        "forwardPE": 13.25,
        "marketCap": 480_000_000_000,
        "dividendYield": 0.034,
        "trailingAnnualDividendYield": 0.033,
    },
    "financialData": {"targetMeanPrice": 125.5, "financialCurrency": "USD"},
    "defaultKeyStatistics": {"sharesOutstanding": 4_300_000_000, "impliedSharesOutstanding": 4_400_000_000},
    "quoteType": {"quoteType": "EQUITY"},
}


@pytest.fixture
def yahoo(exchange, tmp_path):
    return Yahoo(tmp_path / "yfinance", timeout=2)


def snapshot(yahoo, kind="stock"):
    return yahoo.snapshot(Instrument("XOM", "XOM", kind))


def admit(exchange, facts, quote=None, currency="USD"):
    day = dt.date(2026, 2, 27)
    exchange.admit(Listing("XOM", {day: 110.0}, currency=currency, facts=facts, quote=quote or {}))


def altered(**more):
    """Return what Yahoo says of the share, with some entries altered; None takes one away."""
    known = {name for module in SHARE.values() for name in module}
    found = {module: {k: more.get(k, v) for k, v in facts.items()} for module, facts in SHARE.items()}
    found["summaryDetail"] |= {name: value for name, value in more.items() if name not in known}
    return found


def test_each_fundamental_of_a_share_has_its_number(exchange, yahoo):
    # The quote repeats some, and calls a yield what is percent there.
    admit(exchange, SHARE, {"symbol": "XOM", "currency": "USD", "dividendYield": 3.4, "forwardPE": 13.25})
    found = snapshot(yahoo)
    assert found.currency == "USD"
    assert found.values == {
        "forward_pe": 13.25,
        "trailing_pe": 14.5,
        "market_cap": 480e9,
        "dividend_yield": 0.033,
        "target_mean": 125.5,
        "shares": 4.3e9,
    }


def test_a_snapshot_costs_three_requests(exchange, yahoo):
    admit(exchange, SHARE)
    snapshot(yahoo)
    assert [exchange.count("XOM", sort) for sort in ("summary", "quote", "series", "bars")] == [1, 1, 1, 0]


def test_a_fund_has_assets_and_its_own_yield(exchange, yahoo):
    facts = {
        "summaryDetail": {"currency": "USD", "yield": 0.0128, "totalAssets": 650e9, "trailingPE": 27.1},
        "quoteType": {"quoteType": "ETF"},
    }
    admit(exchange, facts, {"trailingAnnualDividendYield": 0.011})
    assert snapshot(yahoo, "etf").values == {"fund_assets": 650e9, "dividend_yield": 0.0128, "trailing_pe": 27.1}


def test_a_target_in_pence_becomes_pounds_and_other_numbers_stay(exchange, yahoo):
    admit(exchange, altered(currency="GBp", targetMeanPrice=3250.0, financialCurrency="GBP"), currency="GBp")
    found = snapshot(yahoo)
    assert found.currency == "GBP"
    assert found.values["target_mean"] == 32.5
    assert (found.values["market_cap"], found.values["forward_pe"]) == (480e9, 13.25)


@pytest.mark.parametrize(("price", "accounts"), [("GBp", "GBP"), ("USD", "TWD")], ids=["pence", "receipt"])
def test_a_yield_of_dividends_in_another_money_than_the_price_is_left_out(exchange, yahoo, price, accounts):
    admit(exchange, altered(currency=price, financialCurrency=accounts), currency=price)
    assert "dividend_yield" not in snapshot(yahoo).values


@pytest.mark.parametrize(
    "value", ["Infinity", "NaN", float("inf"), 0, -12.5, 1e300, None, True, {"raw": {}}], ids=lambda value: repr(value)
)
def test_what_cannot_be_a_number_of_its_kind_is_left_out(exchange, yahoo, value):
    admit(exchange, altered(forwardPE=value))
    found = snapshot(yahoo).values
    assert "forward_pe" not in found
    assert found["trailing_pe"] == 14.5


def test_shares_that_follow_from_the_market_value_stand_in_for_missing_ones(exchange, yahoo):
    admit(exchange, altered(sharesOutstanding=None))
    assert snapshot(yahoo).values["shares"] == 4.4e9


def test_a_symbol_without_fundamentals_has_nothing_new(exchange, yahoo):
    admit(exchange, None)
    with pytest.raises(NothingNew, match="no fundamentals"):
        snapshot(yahoo)


def test_a_symbol_with_none_of_the_fields_has_nothing_new(exchange, yahoo):
    admit(exchange, {"quoteType": {"quoteType": "INDEX"}, "summaryDetail": {"currency": "USD"}})
    with pytest.raises(NothingNew):
        snapshot(yahoo)


def test_a_symbol_that_yahoo_does_not_know_is_unknown(yahoo):
    with pytest.raises(UnknownSymbol, match="XOM"):
        snapshot(yahoo)


@pytest.mark.parametrize("where", ["summary", "quote", "series", "all"])
def test_a_lasting_refusal_of_any_of_the_requests_is_a_refusal(exchange, yahoo, where):
    admit(exchange, SHARE)
    exchange.refuse(429, where=where)
    with pytest.raises(RateLimited):
        snapshot(yahoo)


@pytest.mark.parametrize("where", ["summary", "quote"])
@pytest.mark.parametrize(
    "answer",
    [
        status(500),
        Answer(body=b'{"quoteSummary": {"res'),
        faults.HTML_PAGE,
        faults.SHORT,
        faults.RESET,
        Answer(
            401, b'{"finance": {"result": null, "error": {"code": "Unauthorized", "description": "Invalid Crumb"}}}'
        ),
    ],
    ids=["500", "cut", "html", "short", "reset", "crumb"],
)
def test_an_answer_that_is_none_is_a_fault_and_the_next_one_counts(exchange, yahoo, where, answer):
    admit(exchange, SHARE)
    exchange.refuse(answer, "XOM", where=where)
    with pytest.raises(ProviderFault):
        snapshot(yahoo)
    exchange.mend()
    assert snapshot(yahoo).values["forward_pe"] == 13.25


@pytest.mark.parametrize("answer", [status(500), faults.RESET], ids=["500", "reset"])
def test_the_fundamentals_are_kept_when_only_a_part_fails_that_is_not_used(exchange, yahoo, answer):
    admit(exchange, SHARE)
    exchange.refuse(answer, where="series")
    assert snapshot(yahoo).values["forward_pe"] == 13.25

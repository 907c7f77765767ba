"""The imitation of the sources itself: what it says follows from what was traded, paid and split."""

import datetime as dt
import json

import pytest

from tests.loopback.exchange import Exchange, Listing
from tests.loopback.proxy import Asked

DAYS = [dt.date(2026, 2, 16 + n) for n in (0, 1, 2, 3, 4, 7)]
AFTER = dt.datetime(2026, 2, 24, 1, 0, tzinfo=dt.UTC)
# Two for one on the third day and a dollar on the fourth.
RAW = dict(zip(DAYS, [100.0, 102.0, 51.5, 50.0, 50.5, 51.0], strict=True))


def market(moment=AFTER, **more):
    made = Exchange(moment)
    made.admit(Listing("XYZ", dict(RAW), dividends={DAYS[3]: 1.0}, splits={DAYS[2]: 2}, **more))
    return made


def chart(made, symbol="XYZ", **query):
    asked = query or {"period1": "0", "period2": "9999999999"}
    answer = made.answer(Asked("query2.finance.yahoo.com", f"/v8/finance/chart/{symbol}", asked))
    return answer.status, json.loads(answer.body)["chart"]


def columns(made, **query):
    (result,) = chart(made, **query)[1]["result"]
    return result["indicators"]["quote"][0].get("close"), result["indicators"]["adjclose"][0].get("adjclose")


def test_closes_follow_the_splits_and_adjusted_closes_the_dividends_too():
    close, adjusted = columns(market())
    assert close == pytest.approx([50, 51, 51.5, 50, 50.5, 51], rel=1e-7)
    # Up to the dividend every close is scaled by 1 - 1 / 51.5.
    assert adjusted == pytest.approx([49.029126213592, 50.009708737864, 50.5, 50, 50.5, 51], rel=1e-7)


def test_adjusted_closes_of_yahoos_own_example_come_out():
    made = Exchange(AFTER)
    raw = dict(zip(DAYS, [46.99, 48.30, 24.96, 24.53], strict=False))
    made.admit(Listing("XYZ", raw, dividends={DAYS[3]: 0.08}, splits={DAYS[2]: 2}))
    assert [round(a, 2) for a in columns(made)[1]] == [23.42, 24.07, 24.88, 24.53]


@pytest.mark.parametrize("ticker", ["XOM", "SCHD", "KO"])
def test_adjusted_closes_of_real_histories_are_yahoos_own_but_for_a_constant(market_folder, ticker):
    def table(folder):
        rows = (market_folder / folder / f"{ticker}.csv").read_text().split()[1:]
        return {dt.date.fromisoformat(day): float(cell) for day, cell in (row.split(",") for row in rows)}

    closes, theirs = table("unadjusted"), table("prices")
    made = Exchange(dt.datetime.combine(max(closes), dt.time(23), dt.UTC))
    made.admit(Listing("XYZ", closes, dividends=table("dividends")))
    ours = dict(zip(sorted(closes), columns(made)[1], strict=True))
    ratios = [ours[day] / theirs[day] for day in ours.keys() & theirs.keys()]
    assert len(ratios) > 2000
    assert max(ratios) / min(ratios) < 1.0001


def test_a_split_or_dividend_is_not_known_before_its_day():
    made = market(dt.datetime(2026, 2, 17, 22, 0, tzinfo=dt.UTC))
    assert columns(made) == ([100, 102], [100, 102])
    assert "events" not in chart(made)[1]["result"][0]


def test_events_are_on_the_basis_of_the_shares_of_the_moment():
    made = market()
    made.listings["XYZ"].splits[DAYS[5]] = 4
    events = chart(made)[1]["result"][0]["events"]
    assert [e["amount"] for e in events["dividends"].values()] == [0.25]
    assert [e["splitRatio"] for e in events["splits"].values()] == ["2:1", "4:1"]


def test_the_bar_of_an_open_session_is_on_its_way_and_of_the_moment():
    noon = dt.datetime(2026, 2, 17, 17, 45, tzinfo=dt.UTC)  # 12:45 in New York, half way from 9:30 to 16:00
    made = market(noon)
    (result,) = chart(made)[1]["result"]
    assert result["indicators"]["quote"][0]["close"] == [100, 101]
    assert result["timestamp"][-1] == result["meta"]["regularMarketTime"] == int(noon.timestamp())
    assert result["meta"]["currentTradingPeriod"]["regular"]["end"] > noon.timestamp()


def test_only_bars_between_the_moments_asked_for_come_back():
    at = {n: int(dt.datetime(2026, 2, n, 5, tzinfo=dt.UTC).timestamp()) for n in (17, 19, 20)}
    assert columns(market(), period1=str(at[17]), period2=str(at[19]))[0] == [51, 51.5]
    assert columns(market(), period1=str(at[20] + 86_400), period2=str(at[20] + 2 * 86_400)) == (None, None)
    assert columns(market(), range="1d")[0] == [51]


def test_what_yahoo_refuses_is_refused_with_its_words():
    assert chart(market(), "NOPE")[0] == 404
    status, told = chart(market(), period1="0", period2="86400")
    assert (status, told["error"]["description"]) == (400, "Data doesn't exist for startDate, endDate")
    assert chart(market(), period1="2000000000", period2="1")[0] == 400


def test_fundamentals_want_the_crumb():
    asked = Asked("query2.finance.yahoo.com", "/v10/finance/quoteSummary/XYZ", {})
    assert market().answer(asked).status == 401


def test_a_fault_lasts_as_many_requests_as_it_is_told_and_hits_its_symbol_alone():
    made = market()
    made.admit(Listing("ABC", dict(RAW)))
    made.refuse(500, "ABC", times=1)
    assert [chart(made)[0], _status(made, "ABC"), _status(made, "ABC")] == [200, 500, 200]
    assert (made.count("ABC"), made.count("XYZ"), made.count()) == (2, 1, 3)


def _status(made, symbol):
    query = {"period1": "0", "period2": "9999999999"}
    return made.answer(Asked("query2.finance.yahoo.com", f"/v8/finance/chart/{symbol}", query)).status


def test_an_observation_is_not_known_before_it_is_published():
    made = Exchange(dt.datetime(2026, 2, 20, 12, tzinfo=dt.UTC))
    made.series["WALCL"] = [(DAYS[2], DAYS[3], 6.5), (DAYS[4], DAYS[5], 6.6)]
    answer = made.answer(Asked("fred.stlouisfed.org", "/graph/fredgraph.csv", {"id": "WALCL"}))
    assert answer.body.decode() == "observation_date,WALCL\n2026-02-18,6.5\n"

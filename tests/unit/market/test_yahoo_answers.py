"""What is read out of yfinance's own tables, where they say less than usual."""

import datetime as dt

import pandas as pd
import pytest

from thesisvault.market.bars import number_day
from thesisvault.market.sources.yahoo_answers import bars_of

DAYS = [dt.date(2026, 2, 26), dt.date(2026, 2, 27)]
INDEX = pd.DatetimeIndex(DAYS, tz="America/New_York")


def frame(**columns):
    return pd.DataFrame({"Close": [10.0, 11.0], **columns}, index=INDEX)


def test_events_are_read_from_the_frame_where_nothing_is_kept_beside_it():
    table = frame(**{"Dividends": [0.0, 0.5], "Capital Gains": [0.25, 0.0], "Stock Splits": [2.0, 0.0]})
    bars = bars_of(table, {"currency": "USD"}, None)
    paid = [(number_day(day), amount) for day, amount in bars.dividends or ()]
    assert paid == [(DAYS[0], 0.25), (DAYS[1], 0.5)]
    assert [(number_day(day), ratio) for day, ratio in bars.splits] == [(DAYS[0], 2.0)]


def test_a_frame_of_closes_alone_has_no_events_and_no_other_prices():
    bars = bars_of(frame(), {}, None)
    assert (bars.close, bars.dividends, bars.splits) == ((10, 11), (), ())
    assert all(price != price for price in bars.open or (0.0,))
    assert (bars.currency, bars.exchange, bars.unfinished) == (None, None, None)


@pytest.mark.parametrize(
    ("traded", "unfinished"),
    [("2026-02-27 15:59:59", DAYS[1]), ("2026-02-27 16:00:00", None), ("2026-02-26 16:00:00", None)],
)
def test_a_session_is_open_until_its_last_second(traded, unfinished):
    def moment(text):
        return pd.Timestamp(text, tz="America/New_York")

    regular = {"start": moment("2026-02-27 09:30"), "end": moment("2026-02-27 16:00")}
    about = {
        "regularMarketTime": moment(traded),
        "currentTradingPeriod": {"regular": regular},
        "gmtoffset": -18_000,
    }
    found = bars_of(frame(), about, None).unfinished
    assert (None if found is None else number_day(found)) == unfinished

"""One file of each site and program, rows made by hand in its layout; values are checked by plain arithmetic."""

import datetime as dt
import math

import pytest

from thesisvault.market.bars import day_number, number_day
from thesisvault.market.sources.files.columns import Role
from thesisvault.market.sources.files.form import Form, Market
from thesisvault.market.sources.files.reader import read_prices

MON, TUE, WED, THU, FRI = (dt.date(2026, 2, day) for day in (2, 3, 4, 5, 6))


def read(text, market=Market(), **form):  # noqa: B008 - frozen
    return read_prices(text, "prices/A.csv", Form(**form), market)


def days(bars):
    return [number_day(day) for day in bars.days]


def paid(bars):
    return {number_day(day): amount for day, amount in bars.dividends}


def said(bars, code):
    return [remark.text for remark in bars.remarks if remark.code == code]


def test_yahoos_closes_are_split_adjusted_and_give_the_dividend_that_adjusted_ones_hold():
    # A dividend of 0.50 after a close of 51: all earlier closes times 1 - 0.50 / 51.
    kept = 1 - 0.50 / 51
    found = read(
        "Date,Open,High,Low,Close,Adj Close,Volume\n"
        f"2026-02-02,49.5,50.5,49.0,50.000000,{50 * kept:.6f},1000\n"
        f"2026-02-03,50.0,51.5,50.0,51.000000,{51 * kept:.6f},1100\n"
        "2026-02-04,50.5,51.0,50.0,50.500000,50.500000,1200\n"
        "2026-02-05,51.0,52.5,51.0,52.000000,52.000000,1300\n"
    )
    assert (found.basis, found.close, found.volume) == (
        "split_adjusted",
        (50.0, 51.0, 50.5, 52.0),
        (1000, 1100, 1200, 1300),
    )
    assert paid(found) == {WED: 0.50}
    assert "adjusted closes stand beside them; dividends were worked out" in said(found, "read-as")[0]


def test_yahoos_closes_that_equal_the_adjusted_ones_paid_nothing():
    found = read("Date,Close,Adj Close\n2026-02-02,10.123456,10.123456\n2026-02-03,10.2,10.2\n")
    assert (found.basis, found.dividends) == ("split_adjusted", ())


def test_yfinances_own_export_is_adjusted_and_its_dividends_do_not_count_again():
    # Closes of 50, 51 and 50.50 with 0.50 paid on the third day, as yfinance adjusts them.
    kept = 1 - 0.50 / 51
    found = read(
        "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits\n"
        f"2026-02-02 00:00:00-05:00,49.1,50.2,49.0,{50 * kept!r},1000,0.0,0.0\n"
        f"2026-02-03 00:00:00-05:00,50.1,51.2,50.0,{51 * kept!r},1100,0.0,0.0\n"
        "2026-02-04 00:00:00-05:00,50.1,51.2,50.0,50.5,1200,0.5,0.0\n"
    )
    assert (found.basis, found.dividends, days(found)) == ("adjusted", None, [MON, TUE, WED])
    assert found.close[-1] / found.close[0] == pytest.approx((51 / 50) * ((50.50 + 0.50) / 51))
    assert "Dividends and Stock Splits and no Adj Close" in said(found, "read-as")[0]


def test_yfinances_download_has_a_header_of_three_lines():
    found = read(
        "Price,Close,High,Low,Open,Volume\nTicker,XOM,XOM,XOM,XOM,XOM\nDate,,,,,\n"
        "2026-02-02,50.1234,51,49,50,1000\n2026-02-03,51.5678,52,50,51,1100\n"
    )
    assert (found.basis, found.close, found.high, found.dividends) == ("adjusted", (50.1234, 51.5678), (51, 52), None)


STOOQ_US = (
    "Date,Open,High,Low,Close,Volume\n"
    "2026-02-02,97.1031,98.2214,96.9011,98.0199,51234567.3\n2026-02-03,98.1,98.9,97.5,98.75,41234567\n"
)


def test_stooqs_us_shares_are_never_passed_off_as_price_return():
    with pytest.raises(Exception, match=r"A\.csv:1: nothing shows whether .* Put the file into a subfolder `prices`"):
        read(STOOQ_US)
    said = r"as those of Stooq's US shares, write `csv: \{folder: my/prices, closes: adjusted\}` at providers"
    with pytest.raises(Exception, match=said):
        read(STOOQ_US, folder="my/prices")
    with pytest.raises(Exception, match=r'\{folder: "#mine", closes: adjusted\}'):
        read(STOOQ_US, folder="#mine")
    found = read(STOOQ_US, closes="adjusted")
    assert (found.basis, found.close, found.dividends) == ("adjusted", (98.0199, 98.75), None)
    assert found.volume == (51234567.3, 41234567.0)


def test_stooqs_polish_header():
    found = read(
        "Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen\n2026-02-02,61.2,62.1,60.9,61.55,300\n"
        "2026-02-03,61.5,61.9,60.1,60.4,280\n"
    )
    assert (found.basis, found.open, found.close) == ("adjusted", (61.2, 61.5), (61.55, 60.4))


def test_stooqs_bulk_file():
    found = read(
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"
        "A.US,D,20260202,000000,61.2,62.1,60.9,61.5512,300,0\nA.US,D,20260203,000000,61.5,61.9,60.1,60.4,280,0\n"
    )
    assert (found.basis, days(found), found.close) == ("adjusted", [MON, TUE], (61.5512, 60.4))


def test_nasdaq_writes_dollars_and_the_newest_day_first():
    found = read(
        "Date,Close/Last,Volume,Open,High,Low\n02/13/2026,$40.50,1200,$40.00,$41.00,$39.00\n"
        "02/12/2026,$39.00,1100,$38.00,$39.50,$37.50\n"
    )
    assert days(found) == [dt.date(2026, 2, 12), dt.date(2026, 2, 13)]
    assert (found.basis, found.close, found.low) == ("split_adjusted", (39.0, 40.5), (37.5, 39.0))
    assert found.dividends is None


def test_investing_com_writes_thousands_millions_and_quotation_marks():
    found = read(
        '"Date","Price","Open","High","Low","Vol.","Change %"\n'
        '"02/13/2026","3,756.07","3,700.00","3,760.10","3,690.00","1.2M","1.53%"\n'
        '"02/12/2026","3,699.50","3,650.00","3,701.00","3,640.00","950.5K","-0.20%"\n'
    )
    assert (found.basis, found.close) == ("split_adjusted", (3699.50, 3756.07))
    assert found.volume == (950_500.0, 1_200_000.0)


def test_alpha_vantages_daily_closes_are_as_traded_and_marked_where_no_split_can_be_known():
    found = read("timestamp,open,high,low,close,volume\n2026-02-03,51,52,50,51.5,1100\n2026-02-02,50,51,49,50.5,1000\n")
    assert (found.basis, found.close, days(found)) == ("split_adjusted", (50.5, 51.5), [MON, TUE])
    assert said(found, "unlisted-splits") == [
        "closes are as traded, and no column lists splits: a split would pass for a loss"
    ]


def test_alpha_vantages_adjusted_file_becomes_split_adjusted_closes_with_dividends():
    # 10 for 1 on Wednesday, then 0.10 paid on Thursday after a close of 50.5.
    kept = 1 - 0.10 / 50.5
    found = read(
        "timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient\n"
        "2026-02-06,51,52,50,51.0000,51.0000,4000,0.0000,1.0\n"
        "2026-02-05,50,51,49,50.4000,50.4000,3000,0.1000,1.0\n"
        f"2026-02-04,50,51,49,50.5000,{50.5 * kept:.4f},2000,0.0000,10.0\n"
        f"2026-02-03,500,510,490,500.0000,{50 * kept:.4f},100,0.0000,1.0\n"
        f"2026-02-02,490,500,480,490.0000,{49 * kept:.4f},100,0.0000,1.0\n"
    )
    assert found.basis == "split_adjusted"
    assert found.close == pytest.approx((49.0, 50.0, 50.5, 50.4, 51.0))
    assert found.open == pytest.approx((49.0, 50.0, 50.0, 50.0, 51.0))
    assert found.volume == pytest.approx((1000, 1000, 2000, 3000, 4000))
    assert (paid(found), found.splits) == ({THU: 0.1}, ((day_number(WED), 10.0),))
    assert found.close[-1] / found.close[0] - 1 == pytest.approx(510 / 490 - 1)


def test_tiingo():
    # 2 for 1 on Wednesday; 1.00 a share was paid on Tuesday, which is 0.50 of today's shares.
    half = 1 - 1.00 / 100
    found = read(
        "date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor\n"
        f"2026-02-02T00:00:00.000Z,100.0,101,99,100,10,{100 / 2 * half},1,1,1,20,0.0,1.0\n"
        "2026-02-03T00:00:00.000Z,99.0,101,99,100,10,49.5,1,1,1,20,1.0,1.0\n"
        "2026-02-04T00:00:00.000Z,50.0,51,49,50,20,50.0,1,1,1,20,0.0,2.0\n"
    )
    assert (found.basis, found.close, days(found)) == ("split_adjusted", (50.0, 49.5, 50.0), [MON, TUE, WED])
    assert (paid(found), found.volume) == ({TUE: 0.5}, (20, 20, 20))
    assert said(found, "unknown-column") == []


def test_eodhd_has_raw_closes_whose_split_shows_beside_the_adjusted_ones():
    found = read(
        "Date,Open,High,Low,Close,Adjusted_close,Volume\n2026-02-02,300,303,297,300,100,10\n"
        "2026-02-03,303,306,300,303,101,10\n2026-02-04,102,103,101,102,102,30\n"
    )
    assert (found.basis, found.close, found.dividends) == ("split_adjusted", (100.0, 101.0, 102.0), ())
    assert found.splits == ((day_number(WED), 3.0),)


def test_polygon_gives_moments_whose_day_is_that_of_new_york():
    def midnight(day):
        return int(dt.datetime(day.year, day.month, day.day, 5, tzinfo=dt.UTC).timestamp() * 1000)

    text = f"v,vw,o,c,h,l,t,n\n1000,50.1,50,50.5,51,49,{midnight(MON)},9\n1100,51.2,51,51.5,52,50,{midnight(TUE)},9\n"
    found = read(text, timezone="America/New_York")
    assert (found.basis, days(found), found.close) == ("split_adjusted", [MON, TUE], (50.5, 51.5))
    with pytest.raises(Exception, match=r"A\.csv:2: found moments of time.*timezone: America/New_York"):
        read(text)


def test_portfolio_performance_has_semicolons_and_a_decimal_comma():
    found = read("Date;Quote\n2026-02-02;1.234,50\n2026-02-03;1.240,25\n")
    assert (found.basis, found.close) == ("split_adjusted", (1234.50, 1240.25))
    german = read("Datum;Kurs\n2026-02-02;99,5\n2026-02-03;100,25\n")
    assert german.close == (99.5, 100.25)


def test_google_finance_writes_the_hour_of_the_close():
    found = read("Date,Close\n2/12/2026 16:00:00,39\n2/13/2026 16:00:00,40.5\n")
    assert days(found) == [dt.date(2026, 2, 12), dt.date(2026, 2, 13)]
    assert (found.basis, found.close) == ("split_adjusted", (39.0, 40.5))


def test_a_brokers_export_has_lines_above_its_header_and_a_currency():
    found = read(
        "Kontoauszug;;;\nZeitraum;02.02.2026 - 03.02.2026;;\n\n"
        "Datum;Schlusskurs;Stücke;Währung\n03.02.2026;12,75 €;1.100;EUR\n02.02.2026;12,50 €;900;EUR\n"
    )
    assert (days(found), found.close, found.currency) == ([MON, TUE], (12.5, 12.75), "EUR")


def test_pence_are_brought_to_pounds():
    found = read("Date,Close,Currency\n2026-02-02,1250,GBX\n2026-02-03,1300,GBX\n")
    assert (found.close, found.currency, found.quoted_in) == ((12.5, 13.0), "GBP", "GBX")


def test_pence_that_only_the_definition_names_are_brought_to_pounds_once():
    text = "Date,Close\n2026-02-02,1250\n2026-02-03,1300\n"
    pence = Market(hundredths="GBp")
    found = read(text, pence)
    assert (found.close, found.currency, found.quoted_in) == ((12.5, 13.0), "GBP", "GBp")
    exported = read("Date,Basis,Close\n2026-02-02,split_adjusted,12.5\n2026-02-03,split_adjusted,13\n", pence)
    assert exported.close == (12.5, 13.0)
    in_pounds = read("Date,Close,Currency\n2026-02-02,12.5,GBP\n2026-02-03,13,GBP\n", pence)
    assert in_pounds.close == (12.5, 13.0)


def test_columns_of_other_names_are_told_by_the_settings():
    text = "Tag der Notiz;Geld;Sektor\n2026-02-02;10,5;Energie\n2026-02-03;11,5;Energie\n"
    found = read(text, columns={Role.DAY: "Tag der Notiz", Role.CLOSE: "geld"})
    assert found.close == (10.5, 11.5)
    assert said(found, "unknown-column") == ["nobody understands the column Sektor"]
    with pytest.raises(Exception, match=r'A\.csv:1: found the columns .*; expected one called "Gled".*mean "Geld"'):
        read(text, columns={Role.DAY: "Tag der Notiz", Role.CLOSE: "Gled", Role.OPEN: "Geld"})


def test_an_export_of_this_program_is_what_its_column_says():
    text = (
        "Date,Basis,Open,High,Low,Close,Volume,Dividends,Stock Splits\n"
        "2026-02-02,split_adjusted,,,,10.12345,,,\n2026-02-03,split_adjusted,,,,10.2,,0.25,\n"
        "2026-02-02,adjusted,,,,9.875,,,\n2026-02-03,adjusted,,,,10.2,,,\n"
    )
    found = read(text)
    assert (found.basis, found.close, paid(found)) == ("split_adjusted", (10.12345, 10.2), {TUE: 0.25})
    assert said(found, "read-as")[0].endswith("the column Basis says so")
    assert read(text, closes="adjusted").close == (9.875, 10.2)
    assert read(text.replace("0.25", "")).dividends is None
    with pytest.raises(
        Exception, match=r"A\.csv:1: found rows whose basis is adjusted and split_adjusted; expected .*raw"
    ):
        read(text, closes="raw")


def test_old_prices_in_cents_and_64ths_are_not_adjusted_for_dividends():
    found = read("Date,Close\n2000-02-02,10.140625\n2000-02-03,10.25\n")
    assert (found.basis, found.dividends) == ("split_adjusted", None)


def test_nothing_is_lost_of_a_number_that_a_comma_groups():
    found = read('Date,Close\n2026-02-02,"1,234.5"\n2026-02-03,999.5\n')
    assert found.close == (1234.5, 999.5)
    assert not any(map(math.isnan, found.close))

"""Files whose numbers would be taken for something else in silence: another unit, another share, joined downloads."""

import datetime as dt
import re

import pytest

from tests.unit.market.samples import stock
from tests.unit.market.test_file_formats import FRI, MON, THU, TUE, WED, days, paid, read, said
from thesisvault.market.bars import day_number
from thesisvault.market.sources.csv_folder import CsvFolder
from thesisvault.market.sources.files.columns import Role
from thesisvault.market.sources.files.form import Form, Market
from thesisvault.market.sources.files.reader import Dividends, read_dividends, read_prices, read_values
from thesisvault.market.sources.provider import ProviderFault

OWN = Market(names=("A",))
THREE = "2026-02-02,1000.5\n2026-02-03,1010\n2026-02-04,1005.5\n"


@pytest.mark.parametrize(
    "text",
    [
        f"Date,Close (GBX)\n{THREE}",
        f"Date,Close [GBp]\n{THREE}",
        f"Date,Close in pence\n{THREE}",
        f"Date,Close\n,GBX\n{THREE}",
        "Date,Close\n2026-02-02,1000.5p\n2026-02-03,1010p\n2026-02-04,1005.5p\n",
        "Date,Close\n2026-02-02,GBX 1000.5\n2026-02-03,GBX 1010\n2026-02-04,GBX 1005.5\n",
        "Date,Close,Currency\n2026-02-02,1000.5,GBX\n2026-02-03,1010,GBX\n2026-02-04,1005.5,GBX\n",
    ],
)
def test_pence_are_known_by_the_header_by_a_row_of_units_and_by_what_stands_beside_numbers(text):
    found = read(text)
    assert (found.currency, found.close, days(found)) == ("GBP", (10.005, 10.10, 10.055), [MON, TUE, WED])


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("Datum;Kurs in EUR\n02.02.2026;10,25\n", "EUR"),
        ("Datum;Schluss\n02.02.2026;10,25 EUR\n", "EUR"),
        ("Date,close_usd\n2026-02-02,10.25\n", "USD"),
        ("Date,Close\n2026-02-02,CHF 10.25\n", "CHF"),
        ("Datum;Tijd;Koers;Valuta\n02-02-2026;17:30;10,25;EUR\n13-02-2026;17:30;10,75;EUR\n", "EUR"),
        ("Date,Close\n2026-02-02,10.25\n", None),
    ],
)
def test_a_currency_is_known_wherever_a_file_says_it(text, currency):
    found = read(text)
    assert (found.currency, found.close[0]) == (currency, 10.25)


def test_two_currencies_of_one_column_are_an_error():
    with pytest.raises(ProviderFault, match="found closes in EUR and USD; expected one currency"):
        read("Date,Close (USD),Currency\n2026-02-02,10.25,EUR\n")


PENCE = "Date,Close (GBX),{}\n2026-02-02,1000,\n2026-02-03,1010,\n2026-02-04,1005,{}\n"


def test_dividends_that_pounds_would_make_larger_than_the_share_are_pence():
    assert paid(read(PENCE.format("Dividends", 12))) == {WED: 0.12}


def test_dividends_that_may_be_pence_or_pounds_are_asked_and_the_header_answers():
    asked = r"A\.csv:1: found closes in GBX and a dividend of 0\.12 on 2026-02-04, which may be in GBX or GBP; .*"
    with pytest.raises(ProviderFault, match=rf"{asked}`Dividends \(GBX\)` or `Dividends \(GBP\)`"):
        read(PENCE.format("Dividends", 0.12))
    assert paid(read(PENCE.format("Dividends (GBP)", 0.12))) == {WED: 0.12}
    assert paid(read(PENCE.format("Dividends (GBX)", 0.12))) == {WED: pytest.approx(0.0012)}
    with pytest.raises(ProviderFault, match="found dividends in EUR and closes in GBX; expected one currency for both"):
        read(PENCE.format("Dividends (EUR)", 0.12))


def test_dividends_of_another_file_are_asked_for_their_unit_as_well():
    text = f"Date,Close (GBX)\n{THREE}"
    with pytest.raises(ProviderFault, match="which may be in GBX or GBP"):
        read_prices(text, "A.csv", dividends=Dividends({day_number(WED): 0.12}))
    pounds = read_dividends("Date,Dividends (GBP)\n2026-02-04,0.12\n", "A.csv")
    assert paid(read_prices(text, "A.csv", dividends=pounds)) == {WED: 0.12}


def test_adjusted_closes_tell_the_unit_of_dividends():
    # 12 pence after a close of 1010: all earlier closes times 1 - 12 / 1010.
    kept = 1 - 12 / 1010
    rows = f"2026-02-02,1000,{1000 * kept:.6f},\n2026-02-03,1010,{1010 * kept:.6f},\n2026-02-04,1005,1005.000000,{{}}\n"
    head = "Date,Close (GBX),Adj Close (GBX),Dividends\n"
    for amount in ("0.12", "12"):
        assert paid(read(head + rows.format(amount))) == {WED: pytest.approx(0.12)}
    told = said(read(head + rows.format("30")), "other-dividends")
    assert told == ["prices/A.csv:4: the adjusted close implies a dividend of 12, and the column of dividends lists 30"]
    told = said(read("Date,Close (GBX),Adj Close,Dividends\n" + rows.format("0")), "other-dividends")
    assert told == [
        "prices/A.csv:4: the adjusted close implies a dividend of 12, and the column of dividends lists none"
    ]


@pytest.mark.parametrize("name", ["A", "A.US", "NASDAQ:A", "a", "A US Equity", "US00846U1016"])
def test_a_symbol_that_says_the_exchange_too_is_the_series(name):
    assert not said(read(f"Date,Symbol,Close\n2026-02-02,{name},10.25\n", OWN), "other-symbol")


def test_a_file_of_another_share_says_so():
    expected = ["prices/A.csv says that it is of XOM; if that is another name of it, nothing is wrong"]
    by_column = read("Date,Symbol,Close\n2026-02-02,XOM,10.25\n", OWN)
    by_header = read("Price,Close\nTicker,XOM\nDate,\n2026-02-02,10.2512\n", OWN)
    assert said(by_column, "other-symbol") == said(by_header, "other-symbol") == expected
    other_class = read("Date,Symbol,Close\n2026-02-02,BRK.A,10.25\n", Market(names=("BRK.B",)))
    assert said(other_class, "other-symbol")


def test_values_under_the_name_of_another_series_say_so():
    text = "observation_date,DGS2\n2026-02-02,3.1\n"
    assert [remark.code for remark in read_values(text, "DGS10.csv", "DGS10").remarks] == ["other-symbol"]
    for name in ("DGS10", "dgs10", "VALUE"):
        assert not read_values(text.replace("DGS2", name), "DGS10.csv", "DGS10").remarks


def test_of_a_download_of_several_symbols_the_columns_of_the_ticker_are_read():
    text = "Price,Close,Close,High,High\nTicker,XOM,A,XOM,A\nDate,,,,\n2026-02-02,90.1234,10.1234,91,11\n"
    found = read(text, OWN)
    assert (found.close, found.high, said(found, "other-symbol")) == ((10.1234,), (11.0,), [])
    with pytest.raises(ProviderFault, match=r"A\.csv:2: found closes of 2 symbols \(A, XOM\); expected one"):
        read(text, Market(names=("B",)))
    by_ticker = "Ticker,A,A\nPrice,Close,Volume\nDate,,\n2026-02-02,10.1234,7\n"
    assert (read(by_ticker, OWN).basis, read(by_ticker, OWN).volume) == ("adjusted", (7.0,))
    assert read("Date,A,XOM\n2026-02-02,10.25,90.5\n", OWN).close == (10.25,)


def test_days_below_no_name_are_the_index_of_a_data_frame():
    found = read(",Open,Close\n2026-02-02,10,10.25\n2026-02-03,10,10.5\n")
    assert (days(found), found.close) == ([MON, TUE], (10.25, 10.5))
    numbered = read(",Date,Close\n0,2026-02-02,10.25\n1,2026-02-03,10.5\n")
    assert (days(numbered), numbered.close) == ([MON, TUE], (10.25, 10.5))


ROWS = "2026-02-02,10.25\n2026-02-03,10.5\n2026-02-04,10.75\n2026-02-05,10.5\n2026-02-06,10.25\n"


def test_joined_downloads_of_the_same_closes_are_one():
    found = read(f"Date,Close\n{ROWS}{ROWS}")
    assert (days(found), found.close) == ([MON, TUE, WED, THU, FRI], (10.25, 10.5, 10.75, 10.5, 10.25))
    assert said(found, "refused-row")[0] == "prices/A.csv:7: found 2026-02-02 again, which is in line 2 too"


def test_joined_downloads_of_different_closes_are_none():
    later = "2026-02-05,10.25\n2026-02-06,10\n2026-02-09,10.5\n"
    with pytest.raises(ProviderFault, match=r"A\.csv:7: found different closes of 2026-02-05 and 1 more day; .*joined"):
        read(f"Date,Close\n{ROWS}{later}")


def test_single_days_with_two_closes_are_left_out_as_rows():
    many = "".join(f"{dt.date(2026, 2, 2) + dt.timedelta(n + n // 5 * 2)},{10 + n / 4}\n" for n in range(10))
    found = read(f"Date,Close\n{many}2026-02-03,11.5\n2026-02-11,13.5\n")
    assert len(said(found, "refused-row")) == 2
    assert (len(found.days), day_number(TUE) in found.days) == (8, False)


def test_closes_of_every_hour_are_not_closes_of_days():
    hours = "".join(f"{day} {hour}:30:00-05:00,{10 + hour / 100}\n" for day in (MON, TUE) for hour in (10, 11, 12))
    with pytest.raises(ProviderFault, match=r"found different closes of 2026-02-02 and 1 more day; .* a daily export"):
        read(f"Datetime,Close\n{hours}")


def test_a_row_in_which_a_file_breaks_off_is_refused():
    text = f"Date,Close,Volume\n{ROWS}".replace("\n2026-02-0", ",7\n2026-02-0").replace("Volume,7", "Volume")
    found = read(text.rstrip("\n")[:-1])
    assert (days(found), said(found, "refused-row")) == (
        [MON, TUE, WED, THU],
        ["prices/A.csv:6: the file breaks off in this row"],
    )
    assert days(read(text)) == [MON, TUE, WED, THU, FRI]


def test_closes_outside_of_low_and_high_are_asked_and_the_settings_answer():
    rows = "".join(f"{day},99,101,{100 * 0.99**n:.2f}\n" for n, day in enumerate((FRI, THU, WED, TUE, MON)))
    with pytest.raises(ProviderFault, match=r"3 closes, such as 96\.06 in line 6, do not lie between low and high"):
        read(f"Date,Low,High,Close\n{rows}")
    assert read(f"Date,Low,High,Close\n{rows}", closes="adjusted").basis == "adjusted"


@pytest.mark.parametrize("split", [6, 7, 8, 15, 50])
def test_a_split_of_any_whole_number_that_nobody_lists_is_held(split):
    closes = [100, 101, 102, 101, 100, 101 / split, 102 / split, 101 / split, 100 / split, 101 / split]
    start = dt.date(2026, 2, 2)
    text = "".join(f"{start + dt.timedelta(n + n // 5 * 2)},{close:.2f}\n" for n, close in enumerate(closes))
    assert [ratio for _, ratio in read(f"Date,Close\n{text}").doubted] == [split]


def test_a_split_written_the_wrong_way_round_is_an_error():
    rows = "2026-02-02,100,\n2026-02-03,102,\n2026-02-04,51.5,{}\n2026-02-05,51,\n"
    with pytest.raises(ProviderFault, match=r"A\.csv:4: closes move to 1/2 at this split, and it is written as 0\.5"):
        read("Date,Close,Split\n" + rows.format("1:2"))
    assert read("Date,Close,Split\n" + rows.format("2:1")).close[0] == 50


def test_symbols_below_a_table_are_a_footer():
    text = 'Symbol,Time,Last\nA,02/13/2026,10.25\nA,02/12/2026,10.5\n"Downloaded from the site as of 02-14-2026"\n'
    assert read(text, OWN).close == (10.5, 10.25)


def test_numbers_are_grouped_as_in_india():
    assert read('Date,Close\n13-Feb-2026,"12,34,567.50"\n').close == (1234567.5,)
    with pytest.raises(ProviderFault, match=r'found the close "12,345,67\.50"'):
        read('Date,Close\n13-Feb-2026,"12,345,67.50"\n')


def test_a_file_may_end_in_capitals(tmp_path):
    (tmp_path / "A.CSV").write_text("Date,Close\n2026-02-02,10.25\n")
    assert CsvFolder(tmp_path, Form()).fetch(stock("A"), None, dt.date(2026, 2, 28)).close == (10.25,)


def test_days_that_a_spreadsheet_turned_round_where_it_could_are_asked():
    days_ = [dt.date(2026, 2, day) for day in (9, 10, 11, 12, 13, 17, 18, 19)]
    mixed = "".join(f"{day:%d/%m/%Y},10.25\n" if day.day < 13 else f"{day:%m/%d/%Y},10.25\n" for day in days_)
    with pytest.raises(ProviderFault, match=r"A\.csv:2: found days written in two orders, .* such as 2026-02-27"):
        read(f"Date,Close\n{mixed}")
    shuffled = "".join(f"{day:%m/%d/%Y},10.25\n" for day in (*days_[4:], *days_[:4]))
    assert days(read(f"Date,Close\n{shuffled}")) == days_


def test_two_columns_of_closes_in_two_currencies_are_asked_and_the_settings_answer():
    text = "Date,Close USD,Close EUR\n2026-02-02,10.25,9.25\n"
    with pytest.raises(ProviderFault, match=r'found the columns "Close USD" and "Close EUR"; expected one of them'):
        read(text)
    found = read(text, columns={Role.CLOSE: "Close EUR"})
    assert (found.close, found.currency) == ((9.25,), "EUR")
    assert read("Date,Close (HK$)\n2026-02-02,10.25\n").currency == "HKD"


def test_dividends_say_their_currency_beside_their_numbers_too():
    with pytest.raises(ProviderFault, match="found dividends in USD and closes in EUR; expected one currency for both"):
        read("Date,Close,Dividends\n2026-02-02,€10.25,\n2026-02-03,€10.5,0.5 USD\n")
    with pytest.raises(ProviderFault, match=r"A\.csv:1: found dividends in EUR and USD; expected one currency"):
        read_dividends("Date,Dividends\n2026-02-02,0.5 EUR\n2026-02-03,0.5 USD\n", "A.csv")


def test_two_dividends_of_a_day_are_asked_for_their_sum():
    with pytest.raises(ProviderFault, match=r"A\.csv:4: found dividends of 0\.5 and 1 on 2026-02-03"):
        read("Date,Close,Dividends\n2026-02-02,10,\n2026-02-03,10.5,0.5\n2026-02-03,10.5,1\n")
    assert paid(read("Date,Close,Dividends\n2026-02-02,10,\n2026-02-03,10.5,0.5\n2026-02-03,10.5,0.5\n")) == {TUE: 0.5}


@pytest.mark.parametrize(
    "text",
    [
        "Security,A US Equity\nStart Date,2/2/2026\n\nDate,PX_LAST,PX_VOLUME\n2/13/2026,10.25,7\n",
        "Exchange Date,Close,Net,%Chg,Open,Low,High,Volume\n13-Feb-2026,10.25,0.1,+0.5%,10,10,11,7\n",
        "date;ouv;haut;bas;clot;vol;devise\n13/02/2026 00:00;10;11;10;10.25;7;USD\n",
        '"Datum","Zuletzt","Eröffn.","Hoch","Tief","Vol."\n"13.02.2026","10,25","10,0","11,0","10,0","7"\n',
    ],
    ids=["Bloomberg", "Refinitiv", "Boursorama", "Investing.com in German"],
)
def test_further_layouts_are_read(text):
    found = read(text)
    assert (days(found), found.close, found.volume) == ([dt.date(2026, 2, 13)], (10.25,), (7.0,))
    assert not said(found, "unknown-column")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Date,Close\n" + "2026-02-02,10\n" * 100_200, "A.csv:100201: found more than 100000 rows; expected one a day"),
        ("Date,Close" + ",x" * 10_000 + "\n2026-02-02,10\n", "A.csv:1: found more than 10000 cells"),
        (("a" + ";,b" * 1_000 + "\n") * 39 + "Date,Close\n2026-02-02,10\n", "A.csv:5: found more than 10000 cells"),
    ],
    ids=["rows", "columns", "lines above the header"],
)
def test_a_file_of_no_end_is_refused_where_it_is_seen(text, found):
    with pytest.raises(ProviderFault, match=re.escape(found)):
        read(text)


def test_of_many_unknown_columns_some_are_named():
    names = ",".join(f"c{number}" for number in range(50))
    told = said(read(f"Date,Close,{names}\n{THREE}", closes="split_adjusted"), "unknown-column")
    assert told == ["nobody understands the columns c0, c1, c2, c3, c4, c5, c6, c7, c8, c9 and 40 more"]


def test_rows_with_gaps_and_quotation_marks_keep_their_lines():
    rows = [f'"{MON + dt.timedelta(weeks=number)}",{10 + number}' for number in range(500)]
    bad = 'soon,"1"'
    text = "Date,Close\n" + "\n\n".join([*rows[:450], bad, *rows[450:]])
    assert "A.csv:902: " in said(read(text, closes="split_adjusted"), "refused-row")[0]

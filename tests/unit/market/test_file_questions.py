"""What a file contradicts is an error with its row, what it leaves open is asked, and one bad row is only a row."""

import datetime as dt

import pytest

from tests.unit.market.test_file_formats import MON, TUE, days, paid, read, said
from thesisvault.market.bars import number_day
from thesisvault.market.sources.files.form import Form, Market
from thesisvault.market.sources.files.reader import read_dividends, read_values
from thesisvault.market.sources.provider import ProviderFault

SPLIT = "Date,Close,Stock Splits\n2026-02-02,100,0\n2026-02-03,102,0\n2026-02-04,51.5,2\n"
LISTED = "Date,Close,Stock Splits\n2026-02-02,50,0\n2026-02-03,51,0\n2026-02-04,51.5,2\n"
YFINANCE = "Date,Close,Dividends,Stock Splits\n2026-02-02,49.5098039,0,0\n2026-02-03,50.5,0.5,0\n"
AS_TRADED = "date,close,split_coefficient\n2026-02-02,100,1\n2026-02-03,102,1\n2026-02-04,51.5,2\n"


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        (
            SPLIT,
            {"closes": "split_adjusted"},
            r"A\.csv:4: the settings say `closes: split_adjusted`, and the closes jump",
        ),
        (SPLIT, {"closes": "adjusted"}, r"A\.csv:4: the settings say `closes: adjusted`, and the closes jump"),
        (LISTED, {"closes": "raw"}, r"A\.csv:4: the settings say `closes: raw`, and the split of this day is no jump"),
        (YFINANCE, {"closes": "split_adjusted"}, r"A\.csv:2: .*Dividends and Stock Splits.*49\.5098039 is no close of"),
        (AS_TRADED, {"closes": "adjusted"}, r"A\.csv:4: the settings say `closes: adjusted`"),
        (
            AS_TRADED.replace("51.5,2", "51.5,1"),
            {"closes": "adjusted"},
            r"A\.csv:1: .*split_coefficient is of closes as",
        ),
        (AS_TRADED.replace("100", "50").replace("102", "51"), {}, r"A\.csv:4: the header has split_coefficient, and"),
        (
            "Date,Close,Adj Close\n2026-02-02,100,50\n2026-02-03,102,51\n2026-02-04,51.5,51.5\n",
            {"closes": "split_adjusted"},
            r"A\.csv:4: the settings say `closes: split_adjusted`, and the close moves by a split of 2 for 1",
        ),
        (
            "Date,Close,Adj Close,Stock Splits\n2026-02-02,100,50,0\n2026-02-03,51,51,0\n2026-02-04,51.5,51.5,1.02\n",
            {},
            r"A\.csv:3: the close moves by a split of 2 for 1 that the column of splits lacks",
        ),
        (
            "Date,Close,Adj Close\n2026-02-02,10,10\n2026-02-03,10.2,9.1\n",
            {},
            r"A\.csv:3: the adjusted close falls from 1\.0000 to 0\.8922 of the close",
        ),
        (
            "Date,Close,Adj Close\n2026-02-02,10,10\n2026-02-03,10.2,\n",
            {},
            r"A\.csv:3: found a close without an adjusted",
        ),
        (
            "Date,Adj Close\n2026-02-02,10\n2026-02-03,10.2\n",
            {"closes": "raw"},
            r"A\.csv:1: .*Adj Close is of closes adj",
        ),
        (
            "Date,Close,Stock Splits\n2026-02-02,100,0\n2026-02-03,51,2\n2026-02-04,52,0\n2026-02-05,53,3\n",
            {},
            r"A\.csv:5: one split shows as a jump of the closes and another does not",
        ),
    ],
)
def test_a_contradiction_is_an_error_that_shows_the_row(text, form, expected):
    with pytest.raises(ProviderFault, match=expected):
        read(text, **form)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Date,Close\n2026-02-02,10.1234\n2026-02-03,10.2\n", r"A\.csv:1: nothing shows whether its closes are adj"),
        (
            "Date,Close,Dividends,Stock Splits\n2026-02-02,50.5,0,0\n2026-02-03,50.25,0.5,0\n",
            r"A\.csv:1: the header has Dividends and Stock Splits .*, and all closes are whole cents",
        ),
        ("Date,Close\n02/03/2026,10\n03/03/2026,11\n", r"A\.csv:2: found days that fit day/month/year and month/day"),
        ("Date;Close\n2026-02-02;1.234\n2026-02-03;1.235\n", r'A\.csv:2: found "1\.234", which may be a fraction or'),
        ('Date,Close\n2026-02-02,"1,5"\n2026-02-03,1.25\n', r'A\.csv:2: found "1,5", which may be a fraction'),
        ("Date,Close\n1769983200,10\n1770069600,11\n", r"A\.csv:2: found moments of time, and a moment is another day"),
        (
            "Date,Close,Symbol\n2026-02-02,10,A\n2026-02-03,11,B\n",
            r"found rows of 2 symbols \(A, B\); expected one file",
        ),
        ("Date,Close,Close\n2026-02-02,10,10\n", r'A\.csv:1: found two columns called "Close"; expected one'),
        ("Date,Close,Currency\n2026-02-02,10,USD\n2026-02-03,11,EUR\n", r"found closes in EUR and USD; expected one"),
        ("Date,Open\n2026-02-02,10\n", r'A\.csv:1: found "Date,Open"; expected a header that names a column of days'),
        ("<html>no</html>\n", r'A\.csv:1: found "<html>no</html>"; expected a header'),
        ("", r'A\.csv:1: found ""; expected a header'),
        ("Date,Close\n2026-02-02,abc\n2026-02-03,x\n2026-02-04,1\n", r'A\.csv:2: found the close "abc".*; 2 of 3 rows'),
    ],
)
def test_what_is_open_is_asked_and_what_cannot_be_read_is_named(text, expected):
    with pytest.raises(ProviderFault, match=expected):
        read(text)


def test_an_answer_of_the_settings_is_taken():
    slashes = "Date,Close\n02/03/2026,10\n03/03/2026,11\n"
    assert days(read(slashes, date_format="DD/MM/YYYY"))[0] == dt.date(2026, 3, 2)
    assert days(read(slashes, date_format="MM/DD/YYYY"))[0] == dt.date(2026, 2, 3)
    with pytest.raises(ProviderFault, match="expected a day of the calendar"):
        read(slashes, date_format="YYYY-MM-DD")
    points = "Date;Close\n2026-02-02;1.234\n2026-02-03;1.235\n"
    assert read(points, decimal=",").close == (1234.0, 1235.0)
    assert read(points, decimal=".", closes="adjusted").close == (1.234, 1.235)
    bars = "Date|Close\n2026-02-02|10\n2026-02-03|11\n"
    assert read(bars, separator="|").close == (10.0, 11.0)
    assert read("Date,Close\n2026-02-02,10.1234\n", closes="split_adjusted").basis == "split_adjusted"


def test_what_a_file_proves_is_used():
    assert days(read("Date,Close\n02/03/2026,10\n13/03/2026,11\n")) == [dt.date(2026, 3, 2), dt.date(2026, 3, 13)]
    assert read("Date;Close\n2026-02-02;1.234\n2026-02-03;9,5\n").close == (1234.0, 9.5)


def test_an_index_and_a_rate_of_exchange_pay_nothing_so_nothing_is_asked():
    found = read("Date,Close\n2026-02-02,1.08734\n2026-02-03,1.0912\n", Market(pays=False))
    assert (found.basis, found.close) == ("split_adjusted", (1.08734, 1.0912))


def test_whole_cents_bear_out_settings_that_differ_from_yfinances_header():
    own = "Date,Close,Dividends,Stock Splits\n2026-02-02,50.50,0,0\n2026-02-03,50.25,0.5,0\n"
    found = read(own, closes="split_adjusted")
    assert (found.basis, paid(found)) == ("split_adjusted", {TUE: 0.5})


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("2026-02-04,0,7", 'found the close "0"; expected a price above 0'),
        ("2026-02-04,-4,7", 'found the close "-4"; expected a price above 0'),
        ("2026-02-04,1_0,7", 'found the close "1_0"; expected a price above 0'),
        ("2026-02-04,inf,7", 'found the close "inf"; expected a price above 0'),
        ("2026-02-30,10,7", 'found the day "2026-02-30"; expected a day of the calendar'),
        ("2026-02-03,11,7", "found 2026-02-03 again, which is in line 3 too"),
    ],
)
def test_one_bad_row_is_refused_with_its_line_and_the_rest_is_read(row, expected):
    found = read(f"Date,Close,Volume\n2026-02-02,10,5\n2026-02-03,11,6\n{row}\n2026-02-05,12,8\n")
    assert (found.close, found.volume) == ((10.0, 11.0, 12.0), (5.0, 6.0, 8.0))
    assert said(found, "refused-row") == [said(found, "refused-row")[0]]
    assert said(found, "refused-row")[0].startswith(f"prices/A.csv:4: {expected}")


def test_of_two_closes_of_one_day_neither_is_used():
    rows = "".join(f"2026-02-{day:02},{10 + day},1\n" for day in range(9, 14))
    found = read(f"Date,Close,Volume\n2026-02-03,11,6\n2026-02-03,12,7\n{rows}")
    assert days(found)[0] == dt.date(2026, 2, 9)
    assert said(found, "refused-row") == [
        "prices/A.csv:3: found two different closes of 2026-02-03, here and in line 2; neither was used"
    ]


@pytest.mark.parametrize("volume", ["-5", "many", "5_0"])
def test_an_odd_volume_is_named_with_its_line_and_the_close_is_used(volume):
    found = read(f"Date,Close,Volume\n2026-02-02,10,5\n2026-02-03,11,{volume}\n")
    assert (found.close, found.volume[0], found.volume[1] == found.volume[1]) == ((10.0, 11.0), 5.0, False)
    assert said(found, "refused-row") == [f'prices/A.csv:3: found the volume "{volume}"; the row was used without it']


def test_a_dividend_that_cannot_be_one_is_an_error():
    with pytest.raises(ProviderFault, match=r'A\.csv:2: found "-1"; expected an amount of 0 or more'):
        read("Date,Close,Dividends\n2026-02-02,10,-1\n")
    with pytest.raises(ProviderFault, match=r'D\.csv:3: found the dividend "x"'):
        read_dividends("Date,Dividends\n2026-02-02,1\n2026-02-03,x\n", "D.csv")


def test_moments_of_the_evening_before_are_the_next_day_in_paris():
    nights = [dt.date(2026, 2, 1) + dt.timedelta(days=day) for day in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)]
    text = "Date,Close\n" + "".join(f"{day} 23:00:00+00:00,{10 + place}\n" for place, day in enumerate(nights))
    assert days(read(text, timezone="Europe/Paris"))[:2] == [MON, TUE]
    with pytest.raises(ProviderFault, match=r"A\.csv:2: every day is one day early: there are Sundays and no Fridays"):
        read(text, timezone="UTC")
    plain = text.replace(" 23:00:00+00:00", "")
    with pytest.raises(ProviderFault, match="say `timezone` in the settings"):
        read(plain)
    assert len(read(plain, Market(weekends=True)).days) == 10


TEN_FOR_ONE = "Date,Close\n" + "".join(
    f"2026-02-{day:02},{close}\n"
    for day, close in [
        (2, 1200),
        (3, 1212),
        (4, 1206),
        (5, 1210),
        (6, 1208),
        (9, 121.5),
        (10, 122),
        (11, 121),
        (12, 123),
    ]
)


def test_a_lasting_change_by_ten_without_a_split_is_doubted_whatever_the_settings_say():
    for closes in (None, "raw", "split_adjusted", "adjusted"):
        found = read(TEN_FOR_ONE, closes=closes)
        assert [(number_day(day), ratio) for day, ratio in found.doubted] == [(dt.date(2026, 2, 9), 10.0)]
    assert read(TEN_FOR_ONE, Market(pays=False)).doubted == ()


def test_the_worst_day_in_a_file_that_is_adjusted_for_other_splits_is_not_doubted():
    adjusted = "\n".join(
        line if line.startswith("Date") else f"{line.split(',')[0]},{float(line.split(',')[1]) / 7:.6f}"
        for line in TEN_FOR_ONE.splitlines()
    )
    assert read(adjusted, closes="adjusted").doubted == ()


def test_a_listed_split_is_not_doubted():
    listed = TEN_FOR_ONE.replace("Date,Close", "Date,Close,Stock Splits").replace("121.5\n", "121.5,10\n")
    found = read(listed)
    assert (found.doubted, found.close[0], found.close[-1]) == ((), pytest.approx(120.0), 123.0)


def test_values_may_be_below_zero_and_have_no_basis():
    found = read_values("observation_date,T10Y2Y\n2026-02-02,-0.5\n2026-02-03,.\n2026-02-04,4.125\n", "F.csv", "T10Y2Y")
    assert (found.basis, found.close) == ("value", (-0.5, 4.125))
    assert read_values("DATE,VALUE\n2026-02-02,.\n", "F.csv", "X").days == ()
    assert read_values("DATE;RATE\n2026-02-02;1,5\n", "F.csv", "X", Form(decimal=",")).close == (1.5,)

"""Whatever a file holds, it is read whole and ordered, or refused with a message."""

import math

import hypothesis.strategies as st
import pytest
from hypothesis import given

from thesisvault.market.sources.files.form import Form, Market
from thesisvault.market.sources.files.reader import read_dividends, read_prices, read_values
from thesisvault.market.sources.provider import ProviderFault

FILES = (
    "Date,Close,Adj Close,Volume\n2026-02-02,50,49.509804,10\n2026-02-03,51,50.5,11\n2026-02-04,50.5,50.5,12\n",
    "Date,Close,Dividends,Stock Splits\n2026-02-02,100,0,0\n2026-02-03,102,1,0\n2026-02-04,51.5,0,2\n",
    "Price,Close,Volume\nTicker,A,A\nDate,,\n2026-02-02,50.1234,10\n2026-02-03,51.5,11\n",
    'Konto;;\nDatum;Kurs;Währung\n31.12.2025;"1.012,75";EUR\n30.12.2025;1.000,5 €;EUR\n',
    'Date,Price,Vol.\n02/13/2026,"3,756.07",1.2M\n02/12/2026,"3,699.50",950K\n',
)
PIECES = st.sampled_from([*"0123456789.,;:-/\t\"' \n|$%MKe+_()<>\0", "nan", "1e308", "1e-320", "Close", "Date", "2:1"])
CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), PIECES), max_size=6)
FORMS = st.builds(
    Form,
    closes=st.sampled_from([None, "raw", "split_adjusted", "adjusted"]),
    separator=st.sampled_from([None, ",", ";"]),
    decimal=st.sampled_from([None, ".", ","]),
    date_format=st.sampled_from([None, "DD/MM/YYYY", "YYYY-MM-DD"]),
    timezone=st.sampled_from([None, "Europe/Paris"]),
)


@given(st.sampled_from(FILES), CHANGES, FORMS, st.booleans())
def test_a_damaged_file_is_read_in_order_or_refused(text, changes, form, weekends):
    for place, length, piece in changes:
        begin = int(place * len(text))
        text = text[:begin] + piece + text[begin + length :]
    try:
        bars = read_prices(text, "A.csv", form, Market(weekends=weekends))
    except ProviderFault:
        return
    assert list(bars.days) == sorted(set(bars.days))
    assert all(math.isfinite(close) and close > 0 for close in bars.close)
    beside = [column for column in (bars.open, bars.high, bars.low, bars.volume) if column is not None]
    assert {len(column) for column in (bars.close, *beside)} == {len(bars.days)}


@pytest.mark.parametrize(
    "text", ["", "\n", "\ufeff", "Date\n", ",\n,\n", "Date,Close\n", 'Date,Close\n"', "Date,Close\n,\n"]
)
def test_a_file_without_a_row_is_refused(text):
    for read in (read_prices, lambda text, label: read_values(text, label, "X") and read_prices(text, label)):
        with pytest.raises(ProviderFault, match=r"A\.csv"):
            read(text, "A.csv")


def test_a_file_of_dividends_without_a_row_lists_none():
    assert read_dividends("Date,Dividends\n", "A.csv").amounts == {}

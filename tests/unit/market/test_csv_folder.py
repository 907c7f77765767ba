"""Folders of CSV files as people and sources write them."""

import datetime as dt
import re

import pytest

from tests.unit.market.samples import DAYS, stock, write_csv
from thesisvault.market.bars import number_day
from thesisvault.market.records import Instrument
from thesisvault.market.sources.csv_folder import CsvFolder, folder_providers
from thesisvault.market.sources.provider import NothingNew, ProviderFault, UnknownSymbol

END = dt.date(2026, 12, 31)


def read(tmp_path, text):
    (tmp_path / "A.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return CsvFolder(tmp_path).fetch(stock("A"), None, END)


@pytest.mark.parametrize(
    "text",
    [
        "Date,Close\n2026-02-02,10.5\n2026-02-03,11\n",
        "date,close\r\n2026-02-02,10.5\r\n2026-02-03,11\r\n",
        b"\xef\xbb\xbfDATE,CLOSE\n2026-02-02,10.5\n2026-02-03,11\n",
        '"Date","Close"\n"2026-02-02","10.5"\n"2026-02-03","11"\n',
        "Date\tClose\r2026-02-02\t10.5\r2026-02-03\t11\r",
        "Date,Close\n2026-02-02,10.5\n2026-02-03,11\n".encode("utf-16"),
        "Date,Close,Größe\n2026-02-02,10.5,1\n2026-02-03,11,1\n".encode("cp1252"),
        "Date,Open,High,Low,Close,Volume\n2026-02-03,1,1,1,11,7\n2026-02-02,1,1,1,10.5,7\n",
        "Date;Close\n2026-02-02;10.5\n2026-02-03;11\n",
        "Date,Close\n2026-02-02 00:00:00-05:00,10.5\n2026-02-03 00:00:00-05:00,11\n\n",
        "Date,Close\n2026-02-02,10.5\n2026-02-03,11\n2026-02-04,\n2026-02-05,null\n",
    ],
)
def test_the_spellings_of_common_sources_give_the_same_bars(tmp_path, text):
    found = read(tmp_path, text)
    assert [number_day(d) for d in found.days] == DAYS[:2]
    assert found.close == (10.5, 11.0)
    assert (found.basis, found.dividends) == ("split_adjusted", None)


def test_a_file_that_is_not_text_is_a_fault(tmp_path):
    with pytest.raises(ProviderFault, match=r"A\.csv is not text; expected a CSV file"):
        read(tmp_path, b"PK\x03\x04\0\0")


@pytest.mark.parametrize(
    ("name", "others"), [("BRK.B", ("brk-b", "SPY")), ("BRK-B", ("BRK.B",)), ("brk-b", ("BRK-B",))]
)
def test_a_file_of_another_spelling_is_offered(tmp_path, name, others):
    for other in others:
        write_csv(tmp_path, other, {DAYS[0]: 500.0})
    offer = f"did you mean {others[0]}.csv? Then write `symbols: {{csv: {others[0]}}}` at it"
    expected = rf"^{re.escape(f'{name}.csv not found in {tmp_path}; {offer}')}$"
    with pytest.raises(UnknownSymbol, match=expected):
        CsvFolder(tmp_path).fetch(stock(name), None, END)
    with pytest.raises(UnknownSymbol, match=rf"^NOPE\.csv not found in {re.escape(str(tmp_path))}$"):
        CsvFolder(tmp_path).fetch(stock("NOPE"), None, END)


def test_a_caret_may_be_an_underscore(tmp_path):
    write_csv(tmp_path, "_GSPC", {DAYS[0]: 6000.0})
    assert CsvFolder(tmp_path).fetch(Instrument("^GSPC", "S&P 500", "index"), None, END).close == (6000.0,)


def test_a_symbol_of_its_own_is_used(tmp_path):
    write_csv(tmp_path, "BRK-B", {DAYS[0]: 500.0})
    assert CsvFolder(tmp_path).fetch(stock("BRK.B", symbols={"csv": "BRK-B"}), None, END).close == (500.0,)


@pytest.mark.parametrize("ticker", ["NOPE", "../A", "a/b", ""])
def test_a_ticker_without_a_file_of_this_folder_is_unknown(tmp_path, ticker):
    write_csv(tmp_path / "inner", "X", {DAYS[0]: 1.0})
    write_csv(tmp_path, "A", {DAYS[0]: 1.0})
    with pytest.raises(UnknownSymbol):
        CsvFolder(tmp_path / "inner").fetch(stock(ticker), None, END)


def test_a_missing_folder_is_a_fault(tmp_path):
    with pytest.raises(ProviderFault, match="none is not a folder; expected one with a file per ticker"):
        CsvFolder(tmp_path / "none").fetch(stock("A"), None, END)


def test_only_the_days_asked_for_come_back(tmp_path):
    write_csv(tmp_path, "A", dict.fromkeys(DAYS, 10.0))
    provider = CsvFolder(tmp_path)
    assert [number_day(d) for d in provider.fetch(stock("A"), DAYS[3], DAYS[5]).days] == DAYS[3:6]
    with pytest.raises(NothingNew):
        provider.fetch(stock("A"), DAYS[-1] + dt.timedelta(days=1), END)


def test_dividends_come_from_their_folder_or_are_unknown(tmp_path):
    for name in ("A", "B", "C"):
        write_csv(tmp_path / "closes", name, dict.fromkeys(DAYS, 10.0))
    write_csv(tmp_path / "paid", "A", {DAYS[2]: 0.5}, "Date,Dividends")
    write_csv(tmp_path / "paid", "B", {}, "Date,Dividends")
    provider = CsvFolder(tmp_path / "closes", dividends=tmp_path / "paid")
    found = {name: provider.fetch(stock(name), None, END).dividends for name in ("A", "B", "C")}
    assert [(number_day(d), a) for d, a in found["A"] or ()] == [(DAYS[2], 0.5)]
    assert (found["B"], found["C"]) == ((), None)


def test_dividends_as_paid_are_brought_to_the_shares_of_raw_closes(tmp_path):
    (tmp_path / "A.csv").write_text("Date,Close,Splits\n2026-02-02,100,\n2026-02-03,102,\n2026-02-04,51.5,2:1\n")
    write_csv(tmp_path / "paid", "A", {DAYS[1]: 2.0, DAYS[2]: 1.0}, "Date,Dividends")
    found = CsvFolder(tmp_path, dividends=tmp_path / "paid").fetch(stock("A"), None, END)
    assert found.close == (50.0, 51.0, 51.5)
    assert [amount for _, amount in found.dividends or ()] == [1.0, 1.0]


@pytest.mark.parametrize("head", ["observation_date,DGS10", "DATE,DGS10", "DATE,VALUE", "observation_date,OTHER"])
def test_freds_layout_is_read_with_its_missing_values(tmp_path, head):
    (tmp_path / "DGS10.csv").write_text(f"{head}\n2026-02-02,-0.5\n2026-02-03,.\n2026-02-04,\n2026-02-05,4.1\n")
    found = CsvFolder(tmp_path, layout="fred").fetch(Instrument("DGS10", "10 years", "macro"), None, END)
    assert [number_day(d) for d in found.days] == [DAYS[0], DAYS[3]]
    assert (found.close, found.basis) == ((-0.5, 4.1), "value")


def test_a_macro_series_in_a_folder_of_prices_has_values(tmp_path):
    (tmp_path / "^TNX.csv").write_text("Date,Close\n2026-02-02,-0.125\n2026-02-03,4.1234\n")
    found = CsvFolder(tmp_path).fetch(Instrument("^TNX", "10 years", "macro"), None, END)
    assert (found.close, found.basis) == ((-0.125, 4.1234), "value")


def test_each_file_of_a_flat_folder_says_what_its_closes_are(tmp_path):
    write_csv(tmp_path, "A", {DAYS[0]: 1.0})
    write_csv(tmp_path, "B", {DAYS[0]: 1.2345}, "Date,Adj Close")
    (provider,) = folder_providers(tmp_path)
    assert provider.basis is None
    assert [provider.fetch(stock(name), None, END).basis for name in "AB"] == ["split_adjusted", "adjusted"]


def test_every_real_file_can_be_read(market_folder):
    by_basis = {p.basis: p for p in folder_providers(market_folder)}
    assert set(by_basis) == {"adjusted", "split_adjusted", "value"}
    folders = {"adjusted": "prices", "split_adjusted": "unadjusted", "value": "fred"}
    for basis, folder in folders.items():
        kind = "macro" if basis == "value" else "etf"
        for path in sorted((market_folder / folder).glob("*.csv"))[:: 1 if basis != "adjusted" else 8]:
            assert by_basis[basis].fetch(Instrument(path.stem, path.stem, kind), None, END).days

"""The list of providers in the settings, and the bundled sample."""

import datetime as dt
import lzma

import pytest

from tests.unit.market.samples import stock
from thesisvault.errors import UsageError
from thesisvault.market.bars import number_day
from thesisvault.market.records import Instrument
from thesisvault.market.sources.files.form import Form
from thesisvault.market.sources.provider import NothingNew, UnknownSymbol
from thesisvault.market.sources.providers import CsvFiles, make_providers
from thesisvault.market.sources.sample import Sample

END = dt.date(2026, 1, 1)


def test_settings_give_providers_in_their_order(tmp_path):
    csv, opens = CsvFiles("mine", Form("adjusted")), CsvFiles("other")
    found = make_providers(["sample", csv, "fred", opens, "yahoo"], tmp_path, tmp_path / "cache")
    assert [(p.name, p.basis) for p in found] == [
        ("sample", "adjusted"),
        ("csv", "adjusted"),
        ("fred", "value"),
        ("csv", None),
        ("yahoo", "split_adjusted"),
    ]
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(("entry", "said"), [("yaho", 'Did you mean "yahoo"'), ("csv", "needs its folder")])
def test_a_provider_that_cannot_be_is_explained(tmp_path, entry, said):
    with pytest.raises(UsageError, match=said):
        make_providers([entry], tmp_path, tmp_path)


def test_the_sample_holds_what_its_readme_says(root):
    packed = (root / "generator/thesisvault/market/sources/bundled/sample.csv.xz").read_bytes()
    tickers = lzma.decompress(packed).decode("ascii").split("\n", 1)[0].split(",")[1:]
    assert len(tickers) == 26
    for ticker in tickers:
        found = Sample().fetch(stock(ticker), None, END)
        first = dt.date(2014, 1, 2) if ticker in {"MTUM", "QUAL", "SIZE", "USMV", "VLUE"} else dt.date(1990, 1, 2)
        assert (number_day(found.days[0]), number_day(found.days[-1])) == (first, dt.date(2022, 12, 28))
        assert min(found.close) > 0


def test_the_samples_index_is_that_of_the_real_prices(market_folder):
    lines = (market_folder / "prices" / "_GSPC.csv").read_text().splitlines()[1:]
    real = {day: float(close) for day, close in (line.split(",") for line in lines)}
    found = Sample().fetch(Instrument("^GSPC", "S&P 500", "index"), None, END)
    shared = [
        (str(number_day(d)), c) for d, c in zip(found.days, found.close, strict=True) if str(number_day(d)) in real
    ]
    assert len(shared) > 8000
    assert all(close == pytest.approx(real[day], rel=1e-4) for day, close in shared)


def test_the_sample_says_what_it_lacks():
    with pytest.raises(UnknownSymbol):
        Sample().fetch(stock("XLE"), None, END)
    with pytest.raises(NothingNew):
        Sample().fetch(stock("AAPL"), dt.date(2023, 1, 1), END)

"""FRED's CSV download, from a server on this machine."""

import datetime as dt

import pytest

from generator.market.fred import Fred
from generator.market.providers import NothingNew, ProviderFault, RateLimited, UnknownSymbol, number_day
from generator.market.records import Instrument

CURVE = Instrument("T10Y2Y", "Curve", "macro")
END = dt.date(2026, 2, 27)


def fetch(server, status, text, start=None):
    server.answer = lambda *_: (status, text)
    return Fred(f"{server.address}/graph/fredgraph.csv", timeout=5).fetch(CURVE, start, END)


@pytest.mark.parametrize("head", ["observation_date,T10Y2Y", "DATE,T10Y2Y", "DATE,VALUE"])
def test_both_headers_and_missing_values_are_understood(server, head):
    bars = fetch(server, 200, f"{head}\n2026-02-25,0.60\n2026-02-26,.\n2026-02-27,\n")
    assert [number_day(d) for d in bars.days] == [dt.date(2026, 2, 25)]
    assert bars.close == (0.6,)


def test_a_value_below_zero_is_kept(server):
    assert fetch(server, 200, "observation_date,T10Y2Y\n2023-07-03,-1.08\n").close == (-1.08,)


def test_start_and_end_are_asked_for(server):
    fetch(server, 200, "observation_date,T10Y2Y\n2026-02-25,0.6\n", dt.date(2026, 2, 20))
    assert "id=T10Y2Y" in server.asked[0]
    assert "cosd=2026-02-20" in server.asked[0]
    assert "coed=2026-02-27" in server.asked[0]


@pytest.mark.parametrize(
    ("status", "error"), [(404, UnknownSymbol), (400, UnknownSymbol), (429, RateLimited), (503, ProviderFault)]
)
def test_each_status_has_its_error(server, status, error):
    with pytest.raises(error):
        fetch(server, status, "no")


def test_a_page_instead_of_a_table_is_a_fault_that_shows_it(server):
    with pytest.raises(ProviderFault, match="<html>"):
        fetch(server, 200, "<html>please wait</html>")


def test_no_observation_in_the_days_is_nothing_new(server):
    with pytest.raises(NothingNew):
        fetch(server, 200, "observation_date,T10Y2Y\n")


def test_a_server_that_is_not_there_is_a_fault():
    with pytest.raises(ProviderFault, match="could not be reached"):
        Fred("http://127.0.0.1:9/fredgraph.csv", timeout=2).fetch(CURVE, None, END)

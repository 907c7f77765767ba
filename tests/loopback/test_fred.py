"""FRED's CSV download, from a server on this machine."""

import datetime as dt
import math

import pytest

from tests.loopback import faults
from tests.loopback.proxy import Answer
from thesisvault.market.bars import number_day
from thesisvault.market.records import Instrument
from thesisvault.market.sources.fred import Fred
from thesisvault.market.sources.provider import NothingNew, ProviderFault, RateLimited, UnknownSymbol

CURVE = Instrument("T10Y2Y", "Curve", "macro")
END = dt.date(2026, 2, 27)


def fetch(server, status, text, start=None):
    server.answer = lambda *_: (status, text)
    return Fred(f"{server.address}/graph/fredgraph.csv", timeout=60).fetch(CURVE, start, END)


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
    with pytest.raises(ProviderFault, match="FRED cannot be reached"):
        Fred("http://127.0.0.1:9/fredgraph.csv", timeout=2).fetch(CURVE, None, END)


# --- by its real address, over the imitation -------------------------------------------------------------------------

WEDNESDAYS = [dt.date(2026, 2, 4), dt.date(2026, 2, 11), dt.date(2026, 2, 18), dt.date(2026, 2, 25)]
ASSETS = Instrument("WALCL", "Assets", "macro")


@pytest.fixture
def assets(exchange):
    exchange.series["WALCL"] = [
        (day, day + dt.timedelta(days=1), value)
        for day, value in zip(WEDNESDAYS, (6_600_000.0, None, 6_580_000.0, 6_590_000.0), strict=True)
    ]
    return exchange


def test_observations_that_are_published_arrive_over_https(assets):
    assets.moment = dt.datetime(2026, 2, 25, 12, tzinfo=dt.UTC)
    bars = Fred().fetch(ASSETS, None, END)
    assert [number_day(d) for d in bars.days] == [WEDNESDAYS[0], WEDNESDAYS[2]]
    assert (bars.close, bars.basis) == ((6_600_000, 6_580_000), "value")
    assert Fred().fetch(ASSETS, WEDNESDAYS[2], END).close == (6_580_000,)
    assert assets.symbols_asked() == {"WALCL"}


def test_a_series_that_is_not_there_is_unknown(assets):
    with pytest.raises(UnknownSymbol, match="NOPE"):
        Fred().fetch(Instrument("NOPE", "Nope", "macro"), None, END)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500),
        faults.HTML_PAGE,
        faults.RESET,
        faults.HANG,
        Answer(body=b"observation_date,WALCL\n2026-02-04,6600000\n", manner="short"),
        Answer(body=b"observation_date,WALCL\n" + b"2026-02-04,6600000\n" * 20, manner="dribble"),
        Answer(body=b"observation_date,WALCL\n" + b"2026-02-04,6600000\n" * 20, manner="dribble_head"),
    ],
    ids=["500", "html", "reset", "hang", "short", "dribble", "dribble_head"],
)
def test_a_download_that_is_cut_off_slow_or_none_is_a_fault(assets, answer):
    assets.refuse(answer, times=1, where="fred")
    with pytest.raises(ProviderFault, match="FRED"):
        Fred(timeout=0.7).fetch(ASSETS, None, END)
    assert Fred(timeout=60).fetch(ASSETS, None, END).days


def test_a_cell_that_is_no_number_is_a_fault_that_names_the_line(assets):
    assets.series["WALCL"].insert(1, (dt.date(2026, 2, 9), dt.date(2026, 2, 10), math.inf))
    with pytest.raises(ProviderFault, match=r'WALCL:3: found the close "inf"'):
        Fred().fetch(ASSETS, None, END)

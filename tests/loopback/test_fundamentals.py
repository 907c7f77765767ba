"""Fundamentals from the real yfinance into a note: only those in use, once a week, with their date."""

import datetime as dt
from functools import partial

import pytest

from tests.loopback.exchange import Exchange, Listing, walk
from tests.loopback.fifty import DAYS, LAST, evening
from thesisvault.market.refresh.pace import Pace
from thesisvault.runs.build import build_vault
from thesisvault.runs.refresh import refresh_prices
from thesisvault.session import Session

pytestmark = pytest.mark.usefixtures("new_client")

FACTS = {
    "summaryDetail": {"currency": "USD", "forwardPE": 13.25, "marketCap": 480_000_000_000},
    "quoteType": {"quoteType": "EQUITY"},
}
FILES = {
    "thesisvault.yaml": "providers: [yahoo]\nbenchmark: XOM\nrefresh: {pause: 0s, wait_limit: 1s}\n",
    "data/instruments.yaml": "".join(f"{each}: {{name: {each} Inc, kind: stock}}\n" for each in ("XOM", "CVX", "COP")),
    "data/theses/oil.yaml": """\
title: Oil
kind: concept
summary: >
  Exxon trades at {{ fund('XOM', 'forward_pe') }}, Chevron at {{ fund('CVX', 'forward_pe') }},
  and Conoco gained {{ ret('COP', '5d') | pct }}.
""",
}


OTHERS = """\
drivers:
  - {name: Others, detail: "{{ (ret('EOG', '5d') + ret('SLB', '5d') + ret('OXY', '5d')) | pct }}"}
"""


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def oil(tmp_path, exchange):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    exchange.admit(Listing("XOM", walk(110, DAYS, 1), facts=FACTS))
    exchange.admit(Listing("CVX", walk(150, DAYS, 2)), Listing("COP", walk(90, DAYS, 3), facts=FACTS))
    return tmp_path


def asked_for_fundamentals(exchange: Exchange) -> list[str]:
    return [symbol for symbol in ("XOM", "CVX", "COP") if exchange.count(symbol, where="summary")]


def test_only_what_a_definition_uses_is_fetched_and_it_stands_in_the_note_with_its_day(oil, exchange):
    report = refresh_prices(Session(oil, evening(LAST)))
    assert asked_for_fundamentals(exchange) == ["XOM", "CVX"]
    said = [each for each in report.findings if each.code == "no-fundamentals"]
    assert [each.level for each in said] == ["info"]
    assert said[0].problem.startswith("CVX: no new fundamentals: ")
    build_vault(Session(oil, evening(LAST)), offline=True)
    note = (oil / "vault/Concepts/Oil.md").read_text(encoding="utf-8")
    assert f"Exxon trades at 13.2x ({LAST:%-d %b %Y}), Chevron at n/a," in note
    assert "CVX: no snapshot of forward\\_pe is stored" in note


def test_within_the_week_it_is_not_fetched_again(oil, exchange):
    refresh_prices(Session(oil, evening(LAST)))
    before = exchange.count("XOM", where="summary")
    saturday = evening(LAST) + dt.timedelta(days=1)
    report = refresh_prices(Session(oil, saturday))
    assert exchange.count("XOM", where="summary") == before
    assert report.figures["new_bars"] == 0


def test_a_run_for_a_day_long_past_asks_for_none(oil, exchange):
    refresh_prices(Session(oil, evening(LAST)), as_of=DAYS[-10])
    assert asked_for_fundamentals(exchange) == []


def test_prices_that_use_up_the_time_of_a_run_leave_fundamentals_their_share(oil, exchange, monkeypatch):
    many = ["XOM", "CVX", "COP", "EOG", "SLB", "OXY"]
    exchange.admit(*(Listing(each, walk(50, DAYS, 4)) for each in many[3:]))
    (oil / "data/instruments.yaml").write_text("".join(f"{each}: {{name: {each}, kind: stock}}\n" for each in many))
    thesis = oil / "data/theses/oil.yaml"
    thesis.write_text(thesis.read_text() + OTHERS)
    (oil / "thesisvault.yaml").write_text(
        "providers: [yahoo]\nbenchmark: XOM\nrefresh: {pause: 10s, time_limit: 45s, wait_limit: 1s}\n"
    )
    clock = Clock()
    patient = partial(Pace, clock=clock, sleep=clock.sleep, chance=lambda: 0.5)
    monkeypatch.setattr("thesisvault.runs.steps.fetching.Pace", patient)
    refresh_prices(Session(oil, evening(LAST)))
    assert sum(bool(exchange.count(each, where="bars")) for each in many) == 4
    assert asked_for_fundamentals(exchange) == ["XOM"]

"""`thesisvault add` against an imitation of Yahoo: what the source says becomes an instrument, or nothing does."""

import datetime as dt

import pytest

from tests.loopback.exchange import Listing, status
from tests.stories.workspaces import call, make_tiny

pytestmark = pytest.mark.usefixtures("new_client")

DAY = dt.date(2026, 2, 27)


@pytest.fixture
def root(exchange, tmp_path):
    made = make_tiny(tmp_path / "ws")
    (made / "thesisvault.yaml").write_text("providers: [yahoo]\nbenchmark: MKT\n")
    return made


def added(root):
    return (root / "data/instruments.yaml").read_text("utf-8").splitlines()[5:]


@pytest.mark.parametrize(
    ("symbol", "said", "line"),
    [
        ("XLE", {"exchange": "PCX", "type": "ETF"}, "XLE: {name: The  Fund, kind: etf, currency: USD, exchange: XNYS}"),
        ("NOW", {}, "NOW: {name: The  Fund, kind: stock, currency: USD, exchange: XNYS}"),
        (
            "VOD.L",
            {"exchange": "LSE", "currency": "GBp"},
            "VOD.L: {name: The  Fund, kind: stock, currency: GBp, exchange: XLON}",
        ),
        (
            "DX-Y.NYB",
            {"exchange": "NYB", "type": "INDEX"},
            "DX-Y.NYB: {name: The  Fund, kind: index, currency: USD, exchange: XNYS}",
        ),
        (
            "BTC-USD",
            {"exchange": "CCC", "type": "CRYPTOCURRENCY"},
            "BTC-USD: {name: The  Fund, kind: crypto, currency: USD, exchange: 24/7}",
        ),
    ],
)
def test_what_the_source_says_becomes_an_instrument(exchange, root, symbol, said, line):
    exchange.admit(Listing(symbol, {DAY: 50.0}, name="The  Fund", **said))
    done = call("add", symbol, "-w", root)
    assert done.status == 0, done
    assert added(root) == [line.replace("  ", " ")]
    assert exchange.count(symbol) == 1


def test_what_is_given_wins_and_the_rest_is_asked(exchange, root):
    exchange.admit(Listing("XLE", {DAY: 50.0}, name="The Fund", exchange="PCX", type="ETF"))
    assert call("add", "XLE", "--name", "Energy, mine", "--short", "Energy", "-w", root).status == 0
    assert added(root) == ['XLE: {name: "Energy, mine", kind: etf, short: Energy, currency: USD, exchange: XNYS}']


def test_all_given_asks_nobody(exchange, root):
    facts = ("--name", "Energy", "--kind", "etf", "--exchange", "XNYS", "--currency", "USD")
    assert call("add", "XLE", *facts, "-w", root).status == 0
    assert exchange.asked == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"exchange": "???"}, 'what can be used as exchange of "XLE"; it says EQUITY, ???, USD'),
        ({"type": "WARRANT"}, "--kind KIND"),
        ({"name": ""}, "--name NAME"),
    ],
)
def test_what_the_source_does_not_say_is_not_guessed(exchange, root, said, words):
    exchange.admit(Listing("XLE", {DAY: 50.0}, **{"name": "The Fund", **said}))
    done = call("add", "XLE", "-w", root)
    assert (done.status, added(root)) == (2, [])
    assert words in done.err


@pytest.mark.parametrize("answer", [404, 429, 500])
def test_a_source_that_says_nothing_leaves_the_person_with_the_command(exchange, root, answer):
    exchange.refuse(status(answer), where="all")
    done = call("add", "XLEE", "-w", root)
    assert (done.status, added(root)) == (2, [])
    assert "thesisvault add XLEE --name NAME --kind KIND --exchange EXCHANGE --currency CURRENCY" in done.err
    assert "Traceback" not in done.all


def test_a_build_offers_the_very_command(exchange, root):
    exchange.admit(Listing("ZZZ", {DAY: 50.0}, name="Made up"))
    path = root / "data/theses/rotation.yaml"
    path.write_text(path.read_text().replace("kind: concept\n", "kind: concept\nverdict: \"{{ close('ZZZ') }}\"\n"))
    said = call("build", "--offline", "-w", root)
    assert said.status == 2
    command = said.err.partition("Add it: thesisvault ")[2].split()[:2]
    assert command == ["add", "ZZZ"]
    assert call(*command, "-w", root).status == 0
    assert "ZZZ" not in call("build", "--offline", "-w", root).err.replace("no prices", "")

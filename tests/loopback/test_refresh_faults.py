"""`thesisvault refresh` against an imitation of Yahoo that misbehaves: what is stored, what is said, what it costs.

Fifty symbols, the command line in a process of its own, and the real yfinance inside it. Every fault is tried on a
store that already holds the days before.
"""

import datetime as dt
import shutil

import pytest

from tests.loopback import faults, fifty
from tests.loopback.exchange import Exchange, Listing, single, status, walk
from tests.loopback.fifty import BEFORE, DAYS, LAST, NEW, SYMBOLS, refresh, stored
from tests.loopback.proxy import Answer
from tests.stories.workspaces import spawn
from thesisvault.market.bars import number_day
from thesisvault.market.store.store import Store


def without(*symbols):
    return [symbol for symbol in SYMBOLS if symbol not in symbols]


@pytest.fixture(scope="module")
def reach_of_clients(proxy):
    """The variables that send clients to the imitation, for the whole module."""
    with pytest.MonkeyPatch.context() as patch:
        for name, text in proxy.environment.items():
            patch.setenv(name, text)
        yield proxy


@pytest.fixture(scope="module")
def filled(reach_of_clients, tmp_path_factory):
    """A workspace that was refreshed on a Tuesday, three sessions ago."""
    made = Exchange(fifty.evening(BEFORE), fifty.market())
    reach_of_clients.answer = made.answer
    folder = fifty.make(tmp_path_factory.mktemp("filled") / "workspace")
    first = refresh(folder, day=BEFORE)
    assert (first.status, first.report["findings"]) == (0, [])
    fifty.assert_whole(folder, made, SYMBOLS, BEFORE)
    assert made.count() == len(SYMBOLS)
    return folder


@pytest.fixture
def exchange(filled, exchange):
    """The market on Friday evening."""
    exchange.moment, exchange.listings = fifty.evening(LAST), fifty.market()
    return exchange


@pytest.fixture
def folder(filled, tmp_path):
    """A copy of the workspace."""
    return shutil.copytree(filled, tmp_path / "workspace")


# --- nothing wrong ---------------------------------------------------------------------------------------------------


def test_three_new_sessions_cost_one_request_a_symbol_and_are_stored(exchange, folder):
    found = refresh(folder, "--strict")
    assert (found.status, found.report["new_bars"], found.report["findings"]) == (0, 150, [])
    fifty.assert_whole(folder, exchange, SYMBOLS)
    assert [exchange.count(symbol) for symbol in SYMBOLS] == [1] * 50


def test_a_refresh_with_nothing_to_fetch_asks_nobody(exchange, folder):
    refresh(folder)
    exchange.asked.clear()
    again = refresh(folder, "--strict")
    assert (again.status, again.report["new_bars"]) == (0, 0)
    assert exchange.asked == []


@pytest.mark.parametrize("command", ["build", "run"])
def test_offline_asks_nobody_though_three_sessions_are_missing(exchange, folder, command):
    said = spawn(command, "--workspace", folder, "--offline", "--as-of", LAST.isoformat())
    assert said.status == 0, said
    assert exchange.asked == []
    fifty.assert_whole(folder, exchange, SYMBOLS, BEFORE)


# --- faults of the source as a whole ---------------------------------------------------------------------------------


def test_a_source_that_refuses_for_a_while_is_waited_for(exchange, folder):
    # yfinance asks twice before it gives up, so the third request is the first after the wait.
    exchange.refuse(429, times=2)
    found = refresh(folder, "--strict")
    assert (found.status, found.report["findings"]) == (0, [])
    fifty.assert_whole(folder, exchange, SYMBOLS)


def test_a_source_that_refuses_for_ever_is_left_alone_and_nothing_changes(exchange, folder):
    exchange.refuse(429, where="all")
    found = refresh(folder)
    assert found.status == 5
    assert set(found.findings("T00")) == {"rate-limited"}
    assert found.count == len(SYMBOLS) + 1
    fifty.assert_whole(folder, exchange, SYMBOLS, BEFORE)
    assert exchange.count() <= 8
    assert refresh(folder, "--strict").status == 5


def test_a_source_that_refuses_a_new_workspace_leaves_no_data_and_says_so(exchange, reach_of_clients, tmp_path):
    folder = fifty.make(tmp_path / "new")
    exchange.refuse(429, where="all")
    found = refresh(folder)
    assert found.status == 3
    assert "no prices are stored, and none could be fetched" in found.said
    assert "too many requests" in found.said


def test_a_source_that_refuses_half_way_keeps_the_first_half_and_goes_on_there(exchange, folder):
    early, late = SYMBOLS[:20], SYMBOLS[20:]
    for symbol in late:
        exchange.refuse(429, symbol)
    found = refresh(folder)
    assert (found.status, found.count) == (0, len(late))
    assert found.reported <= set(late)
    fifty.assert_whole(folder, exchange, early)
    fifty.assert_whole(folder, exchange, late, BEFORE)
    exchange.mend()
    exchange.asked.clear()
    assert refresh(folder, "--strict").status == 0
    assert exchange.symbols_asked() == set(late)
    fifty.assert_whole(folder, exchange, SYMBOLS)


@pytest.mark.parametrize(
    "answer",
    [status(500), faults.CUT_JSON, faults.RESET, faults.HANG, faults.DRIBBLE],
    ids=["500", "cut", "reset", "hang", "dribble"],
)
def test_a_source_that_answers_nobody_is_given_up_and_nothing_changes(exchange, folder, answer):
    exchange.refuse(answer)
    fifty.change(folder, timeout="500ms")
    found = refresh(folder)
    # One more says that nothing new came although it was due, which has a status of its own.
    assert (found.status, found.count) == (5, len(SYMBOLS) + 1)
    assert set(found.findings("T00")) == {"failed"}
    fifty.assert_whole(folder, exchange, SYMBOLS, BEFORE)
    # Three symbols, and one that Yahoo is known to have; at most two requests of yfinance each.
    assert exchange.count() <= 8
    assert exchange.symbols_asked() <= {*SYMBOLS[:3], "%5EGSPC"}


def test_a_source_that_hangs_cannot_hold_a_new_workspace(exchange, reach_of_clients, tmp_path):
    folder = fifty.make(tmp_path / "new")
    fifty.change(folder, timeout="300ms")
    exchange.refuse(faults.HANG, where="all")
    found = refresh(folder)
    assert found.status == 3
    assert exchange.count() <= 8


@pytest.mark.parametrize("first", [0, 9], ids=["from the first on", "half way"])
def test_three_truncated_answers_do_not_stop_fifteen_others(exchange, folder, first):
    asked = SYMBOLS[:18]
    broken = asked[first : first + 3]
    for symbol in broken:
        exchange.refuse(faults.CUT_JSON, symbol)
    found = refresh(folder, *asked)
    assert found.reported == set(broken)
    fifty.assert_whole(folder, exchange, [symbol for symbol in asked if symbol not in broken])


def test_a_truncated_answer_is_asked_for_again_in_the_same_run(exchange, folder):
    exchange.refuse(faults.CUT_JSON, "T07", times=1)
    found = refresh(folder, "--strict")
    assert (found.status, found.report["findings"]) == (0, [])
    fifty.assert_whole(folder, exchange, SYMBOLS)


def test_a_yahoo_that_suddenly_knows_nobody_makes_no_symbol_gone(exchange, folder):
    exchange.listings = {symbol: exchange.listings[symbol] for symbol in SYMBOLS[:5]}
    found = refresh(folder)
    assert set(found.findings("T05")) == {"failed"}
    assert "yahoo does not know 45 of 50 symbols now" in str(found.report["findings"])
    with Store(folder / "data" / "market" / "store.sqlite") as store:
        assert not any(status.strikes for status in store.statuses().values())


def test_a_run_that_takes_too_long_stops_asking_and_the_next_one_goes_on(exchange, folder):
    fifty.change(folder, time_limit="3s", pause="1s")
    found = refresh(folder)
    assert "the time_limit of 3s is over" in str(found.report["findings"])
    done = {symbol for symbol in SYMBOLS if LAST in stored(folder, symbol)}
    assert found.status == 0
    assert 1 <= len(done) <= 10
    assert found.count == len(SYMBOLS) - len(done)
    assert not found.reported & done
    fifty.assert_whole(folder, exchange, done)
    fifty.change(folder)
    exchange.asked.clear()
    assert refresh(folder, "--strict").status == 0
    assert exchange.symbols_asked() == set(SYMBOLS) - done
    fifty.assert_whole(folder, exchange, SYMBOLS)


WEDNESDAY = LAST - dt.timedelta(days=2)
ASSETS = "WALCL: {name: Assets of the Fed, kind: macro, frequency: weekly, lag: 1d}\n"


@pytest.fixture
def with_macro(exchange, folder):
    """The workspace with a weekly series of FRED besides, of which one value has been published."""
    fifty.change(folder, providers="[yahoo, fred]")
    with (folder / "data" / "instruments.yaml").open("a") as file:
        file.write(ASSETS)
    exchange.series["WALCL"] = [(WEDNESDAY, WEDNESDAY + dt.timedelta(days=1), 6_600_000.0)]
    return folder


def test_a_weekly_value_is_stored_and_its_newest_one_is_not_called_stale(exchange, with_macro):
    found = refresh(with_macro, "WALCL", "--strict")
    assert (found.status, found.report["findings"]) == (0, [])
    assert stored(with_macro, "WALCL", "value") == {WEDNESDAY: 6_600_000.0}


def test_fred_refusing_does_not_stop_yahoo(exchange, with_macro):
    exchange.refuse(429, where="fred")
    found = refresh(with_macro, "WALCL", "T00")
    assert (found.status, found.reported) == (0, {"WALCL"})
    assert set(found.findings("WALCL")) == {"rate-limited"}
    fifty.assert_whole(with_macro, exchange, ["T00"])


def test_yahoo_refusing_does_not_stop_fred(exchange, with_macro):
    exchange.refuse(429)
    found = refresh(with_macro, "T00", "WALCL")
    assert found.status == 0
    assert set(found.findings("T00")) == {"rate-limited"}
    assert stored(with_macro, "WALCL", "value") == {WEDNESDAY: 6_600_000.0}


# --- faults of one symbol among fifty --------------------------------------------------------------------------------

WEEKEND, FUTURE = dt.date(2026, 2, 28), dt.date(2099, 1, 5)
SAME = "same"  # what was stored before, and no more
# Symbol, how it is spoilt, the codes that are reported, a part of what is said, and what is stored.
FAULTS = {
    "404": ("T01", status(404), {"unknown-symbol"}, "may be delisted", SAME),
    "500": ("T03", status(500), {"failed"}, "T03: 500 from Yahoo", SAME),
    "html": ("T05", faults.HTML_PAGE, {"failed"}, "an answer from Yahoo that cannot be read", SAME),
    "cut_json": ("T07", faults.CUT_JSON, {"failed"}, "an answer from Yahoo that cannot be read", SAME),
    "hang": ("T09", faults.HANG, {"failed"}, "Yahoo did not answer in time", SAME),
    "empty": ("T11", faults.empty, {"stale"}, f"expected {LAST}", SAME),
    "null": ("T13", faults.nulls(1), {"stale", "refused-bars"}, f"no close on {LAST}", {LAST: None}),
    "zero": ("T15", faults.replaced(NEW[1], 0.0), {"refused-bars"}, f"a close of 0 on {NEW[1]}", {NEW[1]: None}),
    "negative": ("T17", faults.replaced(NEW[1], -4.0), {"refused-bars"}, f"a close of -4 on {NEW[1]}", {NEW[1]: None}),
    "duplicate": ("T19", faults.doubled(NEW[1]), set(), "", {}),
    "disorder": ("T21", faults.disordered, set(), "", {}),
    "weekend": (
        "T23",
        faults.extra_bar(WEEKEND - dt.timedelta(7), 9.0),
        {"refused-bars"},
        "a weekend on 2026-02-21",
        {},
    ),
    "future": ("T25", faults.extra_bar(FUTURE, 9.0), {"refused-bars"}, f"from the future on {FUTURE}", {}),
    "glitch": ("T27", faults.scaled(NEW[1], 100), {"quarantined"}, f"{NEW[1]}", {NEW[1]: None}),
    "last_glitch": ("T29", faults.scaled(LAST, 0.01), {"quarantined"}, f"{LAST}", {LAST: None}),
    "currency": ("T31", faults.quoted_in("EUR"), {"quarantined"}, "the currency is EUR now and USD as stored", SAME),
    "pence": ("T33", faults.quoted_in("GBp"), {"quarantined"}, "the currency is GBP now and USD as stored", SAME),
    "overlap": ("T37", faults.replaced(DAYS[-7], 12.5), {"quarantined"}, f"the close of {DAYS[-7]} is 12.5 now", {}),
    "false_split": ("T39", faults.unscaled_split(NEW[1], 3), {"quarantined"}, "a split of 3 for 1", SAME),
}


@pytest.fixture(scope="module")
def spoilt(filled, reach_of_clients, tmp_path_factory):
    """One refresh in which each fault hits a symbol of its own; the market, the workspace and how it ended."""
    made = Exchange(fifty.evening(LAST), fifty.market())
    reach_of_clients.answer = made.answer
    # Two for one, and three for two the day after.
    made.listings["T35"].splits.update({NEW[0]: 2.0, NEW[1]: 1.5})
    for symbol, fault, *_ in FAULTS.values():
        if isinstance(fault, Answer):
            made.refuse(fault, symbol, where="all")
        else:
            made.tamper(fault, symbol)
    # Of bars later than its own clock yfinance drops the last.
    made.tamper(faults.extra_bar(FUTURE + dt.timedelta(1), 9.0), "T25")
    folder = shutil.copytree(filled, tmp_path_factory.mktemp("spoilt") / "workspace")
    return made, folder, refresh(folder, "--strict")


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_and_only_what_is_sound_is_stored(spoilt, name):
    exchange, folder, found = spoilt
    symbol, _, codes, words, wrong = FAULTS[name]
    said = found.findings(symbol)
    assert set(said) == codes
    assert words in " ".join(said.values())
    until = BEFORE if wrong == SAME else LAST
    expected = fifty.true_closes(exchange.listings[symbol], until)
    for day in wrong if wrong != SAME else ():
        del expected[day]
    assert stored(folder, symbol) == expected


def test_all_other_symbols_are_whole_and_nothing_is_said_of_them(spoilt):
    exchange, folder, found = spoilt
    hit = {symbol for symbol, *_ in FAULTS.values()} | {"T35"}
    fifty.assert_whole(folder, exchange, without(*hit))
    assert found.reported <= hit
    assert fifty.is_sound(folder)


def test_faults_that_need_a_look_end_in_status_1_when_asked_to(spoilt, filled, exchange, tmp_path):
    assert spoilt[2].status == 1
    exchange.refuse(500, "T03")
    folder = shutil.copytree(filled, tmp_path / "workspace")
    assert refresh(folder).status == 0


def test_a_new_split_corrects_history_and_keeps_what_was_stored(spoilt):
    exchange, folder, found = spoilt
    listing = exchange.listings["T35"]
    assert stored(folder, "T35") == fifty.true_closes(listing)
    assert stored(folder, "T35")[DAYS[0]] == single(listing.raw[DAYS[0]] / 3)
    assert fifty.actions(folder, "T35")[-2:] == [(NEW[0], 0.0, 2.0), (NEW[1], 0.5, 1.5)]
    said = found.findings("T35")
    assert set(said) == {"corrected"}
    assert f"a split of 2 for 1 on {NEW[0]} and a split of 1.5 for 1 on {NEW[1]}" in said["corrected"]
    assert fifty.corrections(folder, "T35")


@pytest.mark.parametrize("name", ["glitch", "last_glitch", "currency", "overlap", "false_split"])
def test_what_is_held_back_waits_in_quarantine_with_its_bars(spoilt, name):
    _, folder, _ = spoilt
    (waiting,) = fifty.held(folder, FAULTS[name][0])
    days = [number_day(day) for day in waiting.bars.days]
    assert waiting.reason
    assert {"glitch": NEW[1], "overlap": DAYS[-7]}.get(name, LAST) in days


def test_when_the_source_is_sound_again_the_next_session_brings_all_that_could_not_be_kept(
    spoilt, exchange, reach_of_clients, tmp_path
):
    folder, monday = shutil.copytree(spoilt[1], tmp_path / "workspace"), LAST + dt.timedelta(days=3)
    exchange.moment = fifty.evening(monday)
    for symbol, listing in exchange.listings.items():
        listing.raw[monday] = listing.raw[LAST]
        listing.splits = spoilt[0].listings[symbol].splits
    found = refresh(folder, "--strict", day=monday)
    assert (found.status, found.report["findings"]) == (0, [])
    assert stored(folder, "T35") == fifty.true_closes(exchange.listings["T35"], monday)
    fifty.assert_whole(folder, exchange, without("T35"), monday)
    assert not any(fifty.held(folder, symbol) for symbol in SYMBOLS)


# --- bars of sessions that are not over ------------------------------------------------------------------------------


def test_the_running_day_of_a_market_that_never_closes_is_not_stored(exchange, tmp_path, reach_of_clients):
    before = dt.datetime.now(dt.UTC)
    days = [before.date() + dt.timedelta(n - 60) for n in range(62)]
    midnight = dt.time(0)
    coin = Listing("BTC-USD", walk(90_000, days), zone="UTC", opens=midnight, closes=midnight, type="CRYPTOCURRENCY")
    exchange.listings, exchange.moment = {"BTC-USD": coin}, before
    folder = fifty.make(tmp_path / "new")
    fifty.change(folder, benchmark="BTC")
    (folder / "data" / "theses" / "fifty.yaml").write_text(fifty.THESIS % "BTC")
    coin_of_ours = "BTC: {name: Bitcoin, kind: crypto, exchange: 24/7, symbols: {yahoo: BTC-USD}}\n"
    (folder / "data" / "instruments.yaml").write_text(coin_of_ours)
    assert refresh(folder, day=days[-1]).status == 0
    yesterday = before.date() - dt.timedelta(days=1)
    assert stored(folder, "BTC") == {day: single(price) for day, price in coin.raw.items() if day <= yesterday}

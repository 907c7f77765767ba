"""Dividends that are withdrawn, unusually large, or decided by a person; closes that a person rejected."""

import datetime as dt

import pytest

from tests.unit.market.exchange import Exchange, Listing
from tests.unit.market.samples import stock, write_csv
from thesisvault.market.bars import day_number, number_day
from thesisvault.market.refresh.audit import audit
from thesisvault.market.refresh.by_hand import Impossible, add_dividend, add_split, drop_dividend, drop_split
from thesisvault.market.refresh.pace import Limits, Pace
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.sessions import Sessions
from thesisvault.market.sources.csv_folder import CsvFolder
from thesisvault.market.store.quarantine import accept, reject
from thesisvault.market.store.store import Store

A = stock("A")
SESSIONS = Sessions().sessions_between("XNYS", dt.date(2024, 6, 3), dt.date(2026, 2, 27))
CLOSES = {day: 100.0 + n % 5 for n, day in enumerate(SESSIONS)}
PAID = {SESSIONS[n]: 0.5 for n in (60, 120, 180, 240, 300, 360)}
NOW = dt.datetime(2026, 2, 27, 23, 30, tzinfo=dt.UTC)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store.sqlite") as opened:
        yield opened


@pytest.fixture
def source(store):
    """A source, of which all up to the sixth session before the last is stored."""
    made = Exchange({"A": Listing(dict(CLOSES), dict(PAID))})
    run(store, made, SESSIONS[-6])
    return made


def run(store, source, day):
    source.today = day
    now = dt.datetime.combine(day, dt.time(23, 30), dt.UTC)
    return refresh(store, [A], [source], end=day, now=now, insist=True, pace=Pace(Limits(pause=0))).outcomes[0]


def paid(store):
    return {number_day(d): a for d, a in store.bars("A", "split_adjusted").dividends}


def closes(store):
    found = store.bars("A", "split_adjusted")
    return {number_day(d): c for d, c in zip(found.days, found.close, strict=True)}


def said(store):
    return " ".join(fault.text for fault in audit(store, {"A": A}).faults)


# Withdrawn ---------------------------------------------------------------------------------------------------------


def test_a_dividend_that_two_answers_no_longer_list_is_withdrawn_and_recorded(store, source):
    wrong = SESSIONS[-5]
    source.listings["A"].dividends[wrong] = 0.6
    run(store, source, SESSIONS[-4])
    assert paid(store) == PAID | {wrong: 0.6}
    del source.listings["A"].dividends[wrong]
    assert run(store, source, SESSIONS[-3]).corrected == ()
    assert f"did not list the dividend of {wrong}" in said(store)
    outcome = run(store, source, SESSIONS[-2])
    assert f"the dividend of {wrong} of 0.6 is listed no longer" in outcome.corrected[0]
    assert paid(store) == PAID
    assert store.ledger.corrections()[-1].actions == ((day_number(wrong), 0.6, 0.0),)
    assert "is listed no longer" in said(store)
    assert "did not list" not in said(store)


def test_a_dividend_that_comes_back_stays(store, source):
    gone = SESSIONS[-5]
    source.listings["A"].dividends[gone] = 0.6
    run(store, source, SESSIONS[-4])
    del source.listings["A"].dividends[gone]
    run(store, source, SESSIONS[-3])
    run(store, source, SESSIONS[-3])  # the same evening is no second answer
    assert gone in paid(store)
    source.listings["A"].dividends[gone] = 0.6
    run(store, source, SESSIONS[-2])
    del source.listings["A"].dividends[gone]
    run(store, source, SESSIONS[-1])
    assert gone in paid(store)


def test_what_was_not_listed_once_is_asked_for_again_however_long_ago_it_was(store, source):
    day = SESSIONS[-14]
    source.listings["A"].dividends[day] = 0.6
    run(store, source, SESSIONS[-5])
    del source.listings["A"].dividends[day]
    source.listings["A"].splits[SESSIONS[-4]] = 2.0  # so that all of it is fetched
    run(store, source, SESSIONS[-4])
    run(store, source, SESSIONS[-3])
    assert source.asked[-1][1] < day
    assert day not in paid(store)


def test_an_answer_without_any_dividend_withdraws_none(store, source):
    source.listings["A"].dividends = {}
    source.listings["A"].splits[SESSIONS[-5]] = 2.0
    for day in SESSIONS[-5:-1]:
        run(store, source, day)
    assert len(paid(store)) == len(PAID)


# Unusual -----------------------------------------------------------------------------------------------------------


def test_a_dividend_of_several_times_the_usual_one_waits_for_a_second_answer(store, source):
    ex = SESSIONS[-4]
    source.listings["A"].dividends[ex] = 5.0
    outcome = run(store, source, ex)
    assert outcome.result == "quarantined"
    assert f"a dividend of 5, 10 times the usual one, on {ex}" in outcome.detail
    assert (max(closes(store)), paid(store)) == (ex, PAID)
    assert store.ledger.quarantined()[0].says.startswith(f"the dividend of 5 on {ex} of exchange, since {ex}: ")
    run(store, source, ex)  # the same evening is no second answer
    assert paid(store) == PAID
    assert run(store, source, SESSIONS[-3]).result == "added"
    assert paid(store) == PAID | {ex: 5.0}
    assert store.ledger.quarantined() == []


def test_a_slip_of_the_point_that_is_mended_leaves_no_trace(store, source):
    ex = SESSIONS[-4]
    source.listings["A"].dividends[ex] = 5.0
    run(store, source, ex)
    source.listings["A"].dividends[ex] = 0.5
    assert run(store, source, SESSIONS[-3]).result == "added"
    assert paid(store) == PAID | {ex: 0.5}
    source.listings["A"].dividends[ex] = 5.0
    assert run(store, source, SESSIONS[-2]).result == "quarantined"
    assert paid(store) == PAID | {ex: 0.5}


@pytest.mark.parametrize("settle", [accept, reject])
def test_a_person_may_decide_at_once(store, source, settle):
    ex = SESSIONS[-4]
    source.listings["A"].dividends[ex] = 5.0
    run(store, source, ex)
    settle(store, store.ledger.quarantined()[0], NOW)
    wanted = PAID | ({ex: 5.0} if settle is accept else {})
    assert (paid(store), closes(store)) == (wanted, {d: CLOSES[d] for d in SESSIONS[:-3]})
    assert run(store, source, SESSIONS[-3]).result == "added"
    assert paid(store) == wanted


def test_a_usual_dividend_after_a_split_is_usual(store, source):
    source.listings["A"].splits[SESSIONS[-5]] = 0.1  # ten old shares become one, and ten times is paid
    source.listings["A"].dividends[SESSIONS[-4]] = 5.0
    assert run(store, source, SESSIONS[-4]).result == "added"
    assert paid(store)[SESSIONS[-4]] == 5.0


# By hand -----------------------------------------------------------------------------------------------------------


def test_a_dividend_that_a_person_added_is_not_withdrawn_nor_changed(store, source):
    day = SESSIONS[-7]
    add_dividend(store, "A", day, 0.99, "the company says so", NOW)
    source.listings["A"].dividends[day] = 0.9
    for each in SESSIONS[-5:]:
        run(store, source, each)
    assert paid(store) == PAID | {day: 0.99}
    assert "the dividend of 0.99 on " in said(store)
    assert store.ledger.corrections()[0].reason == "a dividend was added by hand: the company says so"


def test_a_dividend_that_a_person_dropped_does_not_come_back(store, source):
    day = SESSIONS[-5]
    source.listings["A"].dividends[day] = 0.6
    run(store, source, day)
    drop_dividend(store, "A", day, "a mistake", NOW)
    assert paid(store) == PAID
    for each in SESSIONS[-4:]:
        assert run(store, source, each).corrected == ()
    assert paid(store) == PAID


def test_an_added_dividend_moves_to_the_basis_of_a_later_split(store, source):
    day = SESSIONS[-7]
    add_dividend(store, "A", day, 0.9, "so it is", NOW)
    source.listings["A"].splits[SESSIONS[-4]] = 3.0
    run(store, source, SESSIONS[-3])
    assert paid(store)[day] == pytest.approx(0.3)


SPLIT = SESSIONS[-8]


def test_a_split_that_a_person_added_holds_whatever_the_source_makes_of_it(store, source):
    add_split(store, "A", SPLIT, 2.0, "listed by nobody", NOW)
    halved = {day: close / (2 if day < SPLIT else 1) for day, close in CLOSES.items()}
    assert closes(store) == {day: halved[day] for day in SESSIONS[:-5]}
    for each in SESSIONS[-5:-2]:
        assert run(store, source, each).result == "added"
    # Later the source learns of it, and rescales.
    source.listings["A"].splits[SPLIT] = 2.0
    for each in SESSIONS[-2:]:
        assert run(store, source, each).result == "added"
    assert closes(store) == pytest.approx(halved)
    assert paid(store) == dict.fromkeys(PAID, 0.25)


def test_a_split_that_a_person_dropped_does_not_come_back(store, source):
    source.listings["A"].splits[SESSIONS[-5]] = 2.0
    run(store, source, SESSIONS[-5])
    drop_split(store, "A", SESSIONS[-5], "it was none", NOW)
    assert closes(store) == pytest.approx({day: CLOSES[day] for day in SESSIONS[:-4]})
    for each in SESSIONS[-4:-2]:
        assert run(store, source, each).result == "added"
    source.listings["A"].splits.clear()
    for each in SESSIONS[-2:]:
        assert run(store, source, each).result == "added"
    assert closes(store) == pytest.approx(CLOSES)
    assert (paid(store), store.bars("A", "split_adjusted").splits) == (pytest.approx(PAID), ())


def test_a_split_that_no_file_lists_is_settled_by_adding_it(store, tmp_path):
    closes_seen = {day: round(close / (10 if day >= SPLIT else 1), 2) for day, close in CLOSES.items()}
    write_csv(tmp_path / "csv", "A", closes_seen)
    held = refresh(store, [A], [CsvFolder(tmp_path / "csv")], end=SESSIONS[-1], now=NOW, insist=True).outcomes[0]
    assert (held.result, max(closes(store))) == ("quarantined", SESSIONS[SESSIONS.index(SPLIT) - 1])
    add_split(store, "A", SPLIT, 10.0, "the company says so", NOW)
    outcome = refresh(store, [A], [CsvFolder(tmp_path / "csv")], end=SESSIONS[-1], now=NOW, insist=True).outcomes[0]
    assert (outcome.result, store.ledger.quarantined()) == ("added", [])
    assert closes(store) == pytest.approx({day: close / 10 for day, close in CLOSES.items()})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda s: add_dividend(s, "A", SESSIONS[-1], 0.5, "x", NOW), "is not between"),
        (lambda s: add_dividend(s, "A", SESSIONS[50], 200.0, "x", NOW), "leaves nothing"),
        (lambda s: drop_dividend(s, "A", SESSIONS[61], "x", NOW), f"the nearest are of {SESSIONS[60]}"),
        (lambda s: add_split(s, "A", SESSIONS[0], 2.0, "x", NOW), "does not lie between"),
        (lambda s: drop_split(s, "A", SESSIONS[60], "x", NOW), "no split of A is stored"),
        (lambda s: drop_split(s, "B", SESSIONS[60], "x", NOW), "no closes of B"),
    ],
)
def test_what_cannot_be_changes_nothing(store, source, change, why):
    with pytest.raises(Impossible, match=why):
        change(store)
    assert (paid(store), store.decisions.made(), store.ledger.corrections()) == (PAID, {}, [])


# Rejected ----------------------------------------------------------------------------------------------------------


def test_a_rejected_close_that_later_bars_bear_out_comes_back_as_a_question(store, source):
    fallen = {day: close * (0.38 if day >= SESSIONS[-5] else 1.0) for day, close in CLOSES.items()}
    source.listings["A"].closes = fallen
    assert run(store, source, SESSIONS[-5]).result == "quarantined"
    reject(store, store.ledger.quarantined()[0], NOW)
    run(store, source, SESSIONS[-4])
    assert f"on {SESSIONS[-5]} was rejected, and no other one has come" in said(store)
    outcome = run(store, source, SESSIONS[-3])
    assert f"the close of {SESSIONS[-5]} was rejected; its source still gives it" in outcome.detail
    assert sorted(closes(store))[-2:] == [SESSIONS[-4], SESSIONS[-3]]
    accept(store, store.ledger.quarantined()[0], NOW)
    assert closes(store) == {day: fallen[day] for day in SESSIONS[:-2]}
    assert run(store, source, SESSIONS[-2]).result == "added"
    assert "was rejected" not in said(store)


def test_a_second_rejection_is_final(store, source):
    source.listings["A"].closes = {day: c * (0.38 if day >= SESSIONS[-5] else 1.0) for day, c in CLOSES.items()}
    run(store, source, SESSIONS[-5])
    reject(store, store.ledger.quarantined()[0], NOW)
    run(store, source, SESSIONS[-3])
    reject(store, store.ledger.quarantined()[0], NOW)
    assert run(store, source, SESSIONS[-2]).result == "added"
    assert SESSIONS[-5] not in closes(store)


def test_a_rejected_glitch_that_is_taken_back_is_no_question(store, source):
    source.listings["A"].closes[SESSIONS[-5]] = 10_000.0
    run(store, source, SESSIONS[-5])
    reject(store, store.ledger.quarantined()[0], NOW)
    for day in SESSIONS[-4:]:
        assert run(store, source, day).result == "added"
    assert store.ledger.quarantined() == []


def test_a_wrong_dividend_of_weeks_ago_is_withdrawn_though_it_was_there_from_the_first(store):
    wrong = SESSIONS[-26]
    source = Exchange({"A": Listing(dict(CLOSES), PAID | {wrong: 0.6})})
    run(store, source, SESSIONS[-6])
    del source.listings["A"].dividends[wrong]
    for day in SESSIONS[-5:-2]:
        run(store, source, day)
    assert paid(store) == PAID

"""What becomes of new bars beside stored ones."""

import datetime as dt

import pytest

from tests.unit.market.exchange import Exchange, Listing, spoiled
from tests.unit.market.samples import DAYS, bars, stock
from thesisvault.errors import DiskError
from thesisvault.market.bars import day_number, number_day
from thesisvault.market.records import Instrument
from thesisvault.market.refresh.judge import judged
from thesisvault.market.refresh.pace import Limits, Pace
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.refresh.remembered import Remembered
from thesisvault.market.sources.provider import ProviderFault
from thesisvault.market.store.ledger import Rejected
from thesisvault.market.store.quarantine import Unsettled, accept, reject
from thesisvault.market.store.store import Store
from thesisvault.structs import replace

A = stock("A")
OLD = {day: 100.0 + n for n, day in enumerate(DAYS[:8])}
NEW = {day: 100.0 + n for n, day in enumerate(DAYS)}


def judge(new, old=OLD, *, whole=False, instrument=A, basis="split_adjusted", splits=(), **more):
    stored = bars(old, basis, dividends=())
    return judged(
        instrument, stored, bars(new, basis, dividends=(), splits=splits), whole=whole, first=stored.days[0], **more
    )


def kept(judgement):
    return {number_day(d): c for d, c in zip(judgement.bars.days, judgement.bars.close, strict=True)}


def test_new_bars_that_agree_are_kept_alone():
    assert kept(judge(NEW)) == {day: NEW[day] for day in DAYS[8:]}


def test_one_settled_close_that_differs_holds_all_new_bars_back():
    found = judge(NEW | {DAYS[6]: 106.1})
    assert found.bars is None
    assert [number_day(d) for d in found.quarantined.days] == [DAYS[6], *DAYS[8:]]
    assert found.why == "the close of 2026-02-10 is 106.1 now and 106 as stored, and no split explains it"


def test_a_close_that_no_later_answer_has_confirmed_is_taken_as_it_is_given_now():
    settled = day_number(DAYS[6])
    found = judge(NEW | {DAYS[7]: 107.2}, confirmed=settled)
    assert (kept(found)[DAYS[7]], found.reason) == (107.2, "the close of 2026-02-11 was restated")
    found = judge(NEW | {DAYS[7]: 120.0}, confirmed=settled)
    assert kept(found)[DAYS[7]] == 120.0
    assert found.reason == "the close of 2026-02-11 was taken back: it is 120 now, and was 107"
    assert judge(NEW | {DAYS[7]: 107.2}, confirmed=day_number(DAYS[7])).quarantined is not None


def test_a_provisional_close_that_jumps_in_a_later_answer_stays_and_the_rest_is_taken():
    found = judge(NEW | {DAYS[7]: 1.07}, confirmed=day_number(DAYS[6]))
    assert [number_day(d) for d in found.quarantined.days] == [DAYS[7]]
    assert (sorted(kept(found)), found.reason) == (DAYS[8:], "")


def test_provisional_closes_on_another_scale_are_a_question():
    every = {day: close * 1.3 for day, close in NEW.items()}
    assert judge(every, confirmed=0, whole=True).quarantined is not None
    young = {day: OLD[day] for day in DAYS[:2]}
    assert kept(judge(every, young, confirmed=0))[DAYS[0]] == pytest.approx(130.0)
    assert judge({day: close * 100 for day, close in NEW.items()}, young, confirmed=0, whole=True).bars is None


def test_an_answer_confirms_the_stored_bars_that_it_gives_again_before_its_newest():
    assert number_day(judge(NEW).confirmed) == DAYS[7]
    assert number_day(judge(OLD).confirmed) == DAYS[6]
    assert number_day(judge(OLD, is_other=True).confirmed) == DAYS[7]
    assert number_day(judge(NEW | {DAYS[7]: 107.2}, confirmed=day_number(DAYS[6])).confirmed) == DAYS[6]


def test_a_source_may_round_to_cents():
    close = {day: 5.0 + n for n, day in enumerate(DAYS[:8])}
    rounded = {day: value + 0.004 for day, value in close.items()} | {DAYS[8]: 13.5}
    assert kept(judge(rounded, close)) == {DAYS[8]: 13.5}
    off = {day: value + 0.02 for day, value in close.items()} | {DAYS[8]: 13.5}
    assert judge(off, close).needs_whole


def test_a_split_is_asked_for_whole_and_then_rewrites_history():
    split = ((day_number(DAYS[9]), 4.0),)
    assert judge({d: c / 4 for d, c in NEW.items()}, splits=split).needs_whole
    found = judge({d: c / 4 for d, c in NEW.items()}, splits=split, whole=True)
    assert kept(found) == {d: c / 4 for d, c in NEW.items()}
    assert found.reason == "a split of 4 for 1 on 2026-02-13"


def test_a_split_that_is_listed_but_not_applied_is_held_back():
    found = judge(NEW, splits=((day_number(DAYS[9]), 4.0),), whole=True)
    assert found.bars is None
    assert "not rescaled" in found.why


def test_a_glitch_among_bars_that_follow_a_split_is_held_back_too():
    new = {d: c / 4 for d, c in NEW.items()} | {DAYS[9]: NEW[DAYS[9]] * 25}
    found = judge(new, splits=((day_number(DAYS[8]), 4.0),), whole=True)
    assert [number_day(d) for d in found.quarantined.days] == [DAYS[9]]
    assert sorted(kept(found)) == DAYS[:9]


def test_history_without_a_day_in_common_is_held_back():
    new = {dt.date(2026, 3, 2): 1.0}
    assert judge(new).needs_whole
    assert "no day in common" in judge(new, whole=True).why


def test_a_dividend_of_more_than_a_quarter_of_the_price_waits_with_its_bars():
    stored = bars(OLD, dividends=())
    new = bars(NEW, dividends=((day_number(DAYS[9]), 40.0),))
    found = judged(A, stored, new, whole=False, first=stored.days[0])
    assert list(kept(found)) == [DAYS[8]]
    assert found.bars.dividends == ()
    assert found.why == "a dividend of 37% of the close before on 2026-02-13"


def test_a_macro_value_is_revised_and_a_change_of_unit_is_held_back():
    macro = Instrument("M", "M", "macro")
    found = judge(NEW | {DAYS[6]: 110.0}, basis="value", instrument=macro)
    assert found.reason == "the value of 2026-02-10 was revised"
    assert len(kept(found)) == len(DAYS)
    millions = {day: value * 1000 for day, value in NEW.items()}
    assert "unit" in judge(millions, basis="value", instrument=macro).why


def test_what_a_person_rejected_is_left_out_and_the_rest_is_judged():
    wrong = NEW | {DAYS[6]: 106.1}
    found = judge(wrong, remembered=Remembered(Rejected(frozenset({(day_number(DAYS[6]), 106.1)}))))
    assert kept(found) == {day: NEW[day] for day in DAYS[8:]}


# Through a whole refresh ------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store.sqlite") as opened:
        yield opened


class Replay(Exchange):
    """An exchange whose answer a test may replace."""

    change = staticmethod(lambda given: given)

    def fetch(self, instrument, start, end):
        return self.change(super().fetch(instrument, start, end))


def exchange():
    made = Replay({"A": Listing(dict(OLD))})
    made.today = DAYS[7]
    return made


def run(store, source):
    day = source.today
    now = dt.datetime.combine(day, dt.time(23, 30), dt.UTC)
    return refresh(store, [A], [source], end=day, now=now, insist=True, pace=Pace(Limits(pause=0))).outcomes[0]


def stored(store):
    found = store.bars("A", "split_adjusted")
    return {number_day(d): c for d, c in zip(found.days, found.close, strict=True)}


def disagreeing(store):
    """A store with eight bars, and two more in quarantine because the source changed one of the eight."""
    source = exchange()
    run(store, source)
    source.listings["A"].closes = dict(NEW)
    source.today = DAYS[9]
    source.change = lambda given: replace(
        given,
        close=tuple(c + 1 if d == day_number(DAYS[5]) else c for d, c in zip(given.days, given.close, strict=True)),
    )
    assert run(store, source).result == "quarantined"
    return source


def test_quarantine_is_listed_and_goes_on_until_it_is_settled(store):
    source = disagreeing(store)
    (held,) = store.ledger.quarantined()
    assert held.days == (DAYS[5], DAYS[9])
    assert held.says.startswith("3 bars from 2026-02-09 to 2026-02-13 of exchange, since 2026-02-13: the close of")
    assert stored(store) == OLD
    assert run(store, source).result == "quarantined"
    assert len(store.ledger.quarantined()) == 1


def test_accepted_bars_become_history_and_the_old_ones_are_kept(store):
    source = disagreeing(store)
    accept(store, store.ledger.quarantined()[0], dt.datetime(2026, 2, 14, tzinfo=dt.UTC))
    assert stored(store) == NEW | {DAYS[5]: 106.0}
    assert store.ledger.quarantined() == []
    (correction,) = store.ledger.corrections()
    assert dict(zip(correction.bars.days, correction.bars.close, strict=True)) == {day_number(DAYS[5]): 105.0}
    assert correction.reason.startswith("accepted by hand: ")
    assert run(store, source).result == "up to date"


def test_a_rejected_close_is_not_listened_to_again_and_what_only_waited_with_it_is_taken(store):
    source = disagreeing(store)
    source.listings["A"].closes[dt.date(2026, 2, 17)] = 111.0
    reject(store, store.ledger.quarantined()[0], dt.datetime(2026, 2, 14, tzinfo=dt.UTC))
    source.today = dt.date(2026, 2, 17)
    assert run(store, source).result == "added"
    assert stored(store) == NEW | {dt.date(2026, 2, 17): 111.0}
    assert store.ledger.quarantined() == []


def test_a_whole_history_on_another_scale_is_taken_whole_or_not_at_all(store):
    source = exchange()
    run(store, source)
    source.listings["A"].closes = dict(NEW)
    source.today = DAYS[9]
    source.change = lambda given: replace(given, close=tuple(c / 2 for c in given.close))
    assert run(store, source).result == "quarantined"
    accept(store, store.ledger.quarantined()[0], dt.datetime(2026, 2, 14, tzinfo=dt.UTC))
    assert stored(store) == {day: close / 2 for day, close in NEW.items()}


def test_a_large_dividend_of_a_stored_day_waits_too_and_may_be_rejected_for_good(store):
    source = exchange()
    run(store, source)
    source.listings["A"].closes = dict(NEW)
    source.listings["A"].dividends = {DAYS[5]: 60.0}
    source.today = DAYS[9]
    outcome = run(store, source)
    assert "a dividend of 58% of the close before on 2026-02-09" in outcome.detail
    assert store.actions(["A"]) == {}
    reject(store, store.ledger.quarantined()[0], dt.datetime(2026, 2, 14, tzinfo=dt.UTC))
    assert run(store, source).result in ("added", "up to date")
    assert stored(store) == NEW
    assert store.actions(["A"]) == {}
    source.listings["A"].dividends = {DAYS[5]: 0.6}
    source.listings["A"].closes[dt.date(2026, 2, 17)] = 111.0
    source.today = dt.date(2026, 2, 17)
    run(store, source)
    assert store.actions(["A"])["A"] == [(day_number(DAYS[5]), 0.6, 0.0)]


@pytest.mark.parametrize(("settle", "paid"), [(accept, 12.0), (reject, 0.0)])
def test_a_large_dividend_on_the_day_of_a_split_waits_and_the_split_does_not(store, settle, paid):
    source = exchange()
    run(store, source)
    source.listings["A"] = Listing(NEW | {d: NEW[d] / 4 for d in DAYS[8:]}, {DAYS[8]: 12.0}, {DAYS[8]: 4.0})
    source.today = DAYS[9]
    assert "a dividend of 45% of the close before on 2026-02-12" in run(store, source).detail
    assert stored(store) == {day: close / 4 for day, close in OLD.items()}
    settle(store, store.ledger.quarantined()[0], dt.datetime(2026, 2, 14, tzinfo=dt.UTC))
    run(store, source)
    assert stored(store) == {day: close / 4 for day, close in NEW.items()}
    assert store.actions(["A"])["A"] == [(day_number(DAYS[8]), paid, 4.0)]
    assert store.ledger.quarantined() == []


def test_what_is_held_back_survives_a_run_that_fails(store):
    source = exchange()
    source.change = lambda given: spoiled(given, "glitch inside")
    assert run(store, source).result == "quarantined"

    def broken(_):
        raise ProviderFault("cut short")

    source.today = DAYS[9]
    source.listings["A"].closes = dict(NEW)
    source.change = broken
    assert run(store, source).result == "failed"
    assert len(store.ledger.quarantined()) == 1
    source.change = lambda given: given
    assert run(store, source).result == "added"
    assert stored(store) == NEW
    assert store.ledger.quarantined() == []


def test_one_series_that_cannot_be_stored_takes_no_other_with_it(store):
    source = exchange()
    source.listings["B"] = Listing(dict(OLD))
    run(store, source)
    store.write = _refusing(store, store.write)
    day = dt.datetime.combine(DAYS[7], dt.time(23, 30), dt.UTC)
    both = [A, stock("B"), stock("C")]
    source.listings["C"] = Listing(dict(OLD))
    report = refresh(store, both, [source], end=DAYS[7], now=day, insist=True, pace=Pace(Limits(pause=0)))
    assert [o.result for o in report.outcomes] == ["up to date", "failed", "added"]
    assert set(store.feeds()) == {"A", "C"}


def _refusing(store, write):
    """What writes to the store, but for the bars of B."""

    def narrow(statement, values=()):
        if "INTO pack" in statement and store.query("SELECT name FROM series WHERE id = ?", values[:1])[0][0] == "B":
            raise ValueError("B: a close that cannot be one")
        write(statement, values)

    return narrow


def test_bars_that_the_source_mends_leave_quarantine_by_themselves(store):
    source = disagreeing(store)
    source.change = lambda given: given
    assert run(store, source).result == "added"
    assert stored(store) == NEW
    assert store.ledger.quarantined() == []


def test_a_bar_that_was_refused_is_asked_for_until_it_is_there(store):
    source = exchange()
    source.change = lambda given: spoiled(given, "negative")
    outcome = run(store, source)
    assert (outcome.added, outcome.refused) == (7, ("a close of -104 on 2026-02-06",))
    source.change = lambda given: given
    source.listings["A"].closes = dict(NEW)
    source.today = DAYS[9]
    assert run(store, source).added == 3
    assert stored(store) == NEW


def test_history_in_another_currency_is_taken_only_whole(store):
    source = disagreeing(store)
    source.change = lambda given: replace(given, currency="EUR")
    assert run(store, source).result == "quarantined"
    held = store.ledger.quarantined()[0]
    assert "EUR" in held.reason
    part = replace(
        held, bars=replace(held.bars, days=held.bars.days[2:], close=held.bars.close[2:], open=None, volume=None)
    )
    with pytest.raises(Unsettled, match="in USD, the new ones in EUR"):
        accept(store, part, dt.datetime(2026, 2, 14, tzinfo=dt.UTC))
    assert stored(store) == OLD


def test_a_late_dividend_is_stored_and_recorded(store):
    source = exchange()
    run(store, source)
    source.listings["A"].closes = dict(NEW)
    source.listings["A"].dividends = {DAYS[6]: 0.5}
    source.today = DAYS[9]
    run(store, source)
    assert store.actions(["A"])["A"] == [(day_number(DAYS[6]), 0.5, 0.0)]
    (correction,) = store.ledger.corrections()
    assert correction.actions == ((day_number(DAYS[6]), 0.0, 0.0),)
    assert len(correction.bars.days) == 0


def test_a_dividend_whose_day_was_wrong_is_paid_once(store):
    source = exchange()
    source.listings["A"].dividends = {DAYS[3]: 0.5}
    run(store, source)
    source.listings["A"].closes = dict(NEW)
    source.listings["A"].dividends = {DAYS[5]: 0.5}
    source.today = DAYS[9]
    assert "is now of 2026-02-09" in run(store, source).corrected[0]
    assert store.actions(["A"])["A"] == [(day_number(DAYS[5]), 0.5, 0.0)]
    assert sorted(store.ledger.corrections()[0].actions) == [
        (day_number(DAYS[3]), 0.5, 0.0),
        (day_number(DAYS[5]), 0.0, 0.0),
    ]


def test_a_dividend_that_an_answer_lacks_stays(store):
    source = exchange()
    source.listings["A"].dividends = {DAYS[3]: 0.5}
    run(store, source)
    source.listings["A"].closes = dict(NEW)
    source.listings["A"].dividends = {}
    source.today = DAYS[9]
    assert run(store, source).corrected == ()
    assert store.actions(["A"])["A"] == [(day_number(DAYS[3]), 0.5, 0.0)]


def test_no_stored_close_changes_without_a_reason(store):
    run(store, exchange())
    with pytest.raises(ValueError, match="would change"):
        store.merge(
            "A", bars({DAYS[0]: 50.0}), source="x", fetched=dt.datetime(2026, 3, 1, tzinfo=dt.UTC), currency="USD"
        )
    assert stored(store) == OLD


# Versions of the file ---------------------------------------------------------------------------------------------

VERSION_1 = """
CREATE TABLE series (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, status TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '', checked TEXT NOT NULL DEFAULT '');
CREATE TABLE feed (series INTEGER NOT NULL REFERENCES series(id), basis TEXT NOT NULL, source TEXT NOT NULL,
    currency TEXT NOT NULL, dividends_known INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    fetched TEXT NOT NULL, PRIMARY KEY (series, basis));
CREATE TABLE pack (series INTEGER NOT NULL REFERENCES series(id), basis TEXT NOT NULL, year INTEGER NOT NULL,
    days BLOB NOT NULL, close BLOB NOT NULL, open BLOB, high BLOB, low BLOB, volume BLOB, digest TEXT NOT NULL,
    PRIMARY KEY (series, basis, year));
CREATE TABLE action (series INTEGER NOT NULL REFERENCES series(id), day INTEGER NOT NULL, dividend REAL, split REAL,
    PRIMARY KEY (series, day)) WITHOUT ROWID;
CREATE TABLE session (exchange TEXT NOT NULL, year INTEGER NOT NULL, days BLOB NOT NULL, closes BLOB NOT NULL,
    PRIMARY KEY (exchange, year));
CREATE TABLE run (id INTEGER PRIMARY KEY, started TEXT NOT NULL, ended TEXT NOT NULL, summary TEXT NOT NULL);
PRAGMA user_version=1;
"""


def old_store(path):
    import sqlite3
    import struct

    from thesisvault.market.store.packs import digest

    days, closes = [day_number(d) for d in DAYS[:3]], [1.0, 2.0, 3.0]
    db = sqlite3.connect(path)
    db.executescript(VERSION_1)
    db.execute("INSERT INTO series (name, status) VALUES ('A', 'added')")
    db.execute(
        "INSERT INTO feed VALUES (1, 'split_adjusted', 'csv', 'USD', 1, ?, ?, '2026-02-05T00:00:00+00:00')",
        (days[0], days[-1]),
    )
    db.execute(
        "INSERT INTO pack VALUES (1, 'split_adjusted', 2026, ?, ?, NULL, NULL, NULL, NULL, ?)",
        (struct.pack("<3i", *days), struct.pack("<3d", *closes), digest(days, closes)),
    )
    db.commit()
    db.close()


def test_a_store_of_the_first_version_is_brought_up_to_date_with_all_it_holds(tmp_path):
    path = tmp_path / "store.sqlite"
    old_store(path)
    with Store(path) as store:
        assert stored(store) == {DAYS[0]: 1.0, DAYS[1]: 2.0, DAYS[2]: 3.0}
        assert store.statuses()["A"].status == "added"
        assert store.ledger.quarantined() == []
        assert store.faults() == []
    with Store(path) as store:
        assert len(stored(store)) == 3


def test_a_store_that_cannot_be_brought_up_to_date_is_left_as_it_is(tmp_path):
    import sqlite3

    path = tmp_path / "store.sqlite"
    old_store(path)
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE held (x)")  # in the way of a table of the new version
    db.commit()
    db.close()
    before = path.read_bytes()
    with pytest.raises(DiskError, match="already exists"):
        Store(path)
    assert path.read_bytes() == before


# --- a settled close that differs alone ------------------------------------------------------------------------------


def test_an_old_close_that_differs_alone_is_a_question_and_new_bars_do_not_wait_for_it():
    found = judge(NEW | {DAYS[2]: 102.5})
    assert kept(found) == {day: NEW[day] for day in DAYS[8:]}
    assert {number_day(d): c for d, c in zip(found.quarantined.days, found.quarantined.close, strict=True)} == {
        DAYS[2]: 102.5
    }
    assert (found.wrong_days, found.confirmed) == ((day_number(DAYS[2]),), day_number(DAYS[7]))
    assert found.why == "the close of 2026-02-04 is 102.5 now and 102 as stored, and no split explains it"


def test_a_split_is_taken_beside_an_old_close_that_differs_alone():
    new = {day: close / 4 for day, close in (NEW | {DAYS[2]: 110.0}).items()}
    found = judge(new, splits=((day_number(DAYS[9]), 4.0),), whole=True)
    assert kept(found) == {day: NEW[day] / 4 for day in DAYS}
    assert (list(found.quarantined.days), found.rebased) == ([day_number(DAYS[2])], True)
    assert found.why == "the close of 2026-02-04 is 27.5 now and 25.5 as stored, and no split explains it"


def test_an_index_of_total_return_goes_on_beside_an_old_value_that_differs_alone():
    found = judge(NEW | {DAYS[2]: 102.5}, basis="adjusted")
    assert sorted(kept(found)) == DAYS[8:]
    assert list(found.quarantined.days) == [day_number(DAYS[2])]


def test_an_old_close_that_differs_waits_alone_until_its_source_or_a_person_settles_it(store):
    def with_change(day):
        return lambda given: replace(
            given,
            close=tuple(c + 1 if d == day_number(day) else c for d, c in zip(given.days, given.close, strict=True)),
        )

    source = exchange()
    run(store, source)
    source.listings["A"].closes, source.today, source.change = dict(NEW), DAYS[8], with_change(DAYS[2])
    assert run(store, source).result == "quarantined"
    assert stored(store) == {day: NEW[day] for day in DAYS[:9]}
    (waiting,) = store.ledger.quarantined(["A"])
    assert [number_day(day) for day in waiting.bars.days] == [DAYS[2]]
    source.today, source.change = DAYS[9], with_change(DAYS[0] - dt.timedelta(days=1))
    assert run(store, source).result == "added"
    assert (stored(store), store.ledger.quarantined(["A"])) == (NEW, [])

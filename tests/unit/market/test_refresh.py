"""What a refresh asks for, keeps and refuses."""

import datetime as dt

import pytest

from tests.unit.market.samples import DAYS, NOW, bars, stock, write_csv
from thesisvault.market.bars import day_number, number_day
from thesisvault.market.records import Instrument
from thesisvault.market.refresh.pace import Limits, Pace
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.sources.csv_folder import CsvFolder
from thesisvault.market.sources.provider import NothingNew, RateLimited
from thesisvault.market.store.quarantine import accept
from thesisvault.market.store.store import Store

END = DAYS[-1]


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store.sqlite") as opened:
        yield opened


class Shelf:
    """A source whose bars a test puts there; it remembers from which day it was asked."""

    def __init__(self, name="shelf", basis="split_adjusted", remote=True):
        self.remote = remote
        self.name = self.label = name
        self.basis = basis
        self.has = {}
        self.asked = []

    def put(self, ticker, closes, **more):
        self.has[ticker] = bars(closes, self.basis, **more)

    def fetch(self, instrument, start, end):
        self.asked.append((instrument.ticker, start))
        kept = self.has[instrument.ticker].between(start and day_number(start), day_number(end))
        if not kept.days:
            raise NothingNew("nothing")
        return kept


def run(store, tickers, *providers, end=END, now=NOW, **more):
    wanted = [t if isinstance(t, Instrument) else stock(t) for t in tickers]
    more = {"insist": True, "pace": Pace(Limits(pause=0))} | more
    return refresh(store, wanted, providers, end=end, now=now, **more)


def closes(store, ticker, basis="split_adjusted"):
    stored = store.bars(ticker, basis)
    return {} if stored is None else {number_day(d): c for d, c in zip(stored.days, stored.close, strict=True)}


def rising(days, start=100.0):
    return {day: start + number for number, day in enumerate(days)}


def test_the_basis_of_a_series_follows_what_its_file_says(store, tmp_path):
    rows = [(DAYS[0], 49.5098039, 0), (DAYS[1], 50.5, 0.5)]
    text = "".join(f"{day},{close},{paid},0\n" for day, close, paid in rows)
    (tmp_path / "OWN.csv").write_text(f"Date,Close,Dividends,Stock Splits\n{text}")
    write_csv(tmp_path, "PLAIN", {DAYS[0]: 50.0, DAYS[1]: 50.5})
    first = run(store, ["OWN", "PLAIN"], CsvFolder(tmp_path), end=DAYS[1])
    assert [outcome.result for outcome in first.outcomes] == ["added", "added"]
    assert [remark.code for outcome in first.outcomes for remark in outcome.remarks] == ["read-as", "read-as"]
    assert (list(store.feeds()["OWN"]), list(store.feeds()["PLAIN"])) == (["adjusted"], ["split_adjusted"])
    assert closes(store, "OWN", "adjusted")[DAYS[0]] == 49.5098039
    again = run(store, ["OWN", "PLAIN"], CsvFolder(tmp_path), end=DAYS[1])
    assert [outcome.result for outcome in again.outcomes] == ["up to date", "up to date"]
    assert not [remark for outcome in again.outcomes for remark in outcome.remarks]


def test_a_split_that_no_file_lists_is_held_and_shown_in_every_import_until_a_person_decides(store, tmp_path):
    raw = dict(zip(DAYS, [1200, 1212, 1206, 1210, 1208, 121.5, 122, 121, 123, 124], strict=True))
    write_csv(tmp_path, "A", raw)
    for _ in range(3):
        (outcome,) = run(store, ["A"], CsvFolder(tmp_path)).outcomes
        assert (outcome.result, outcome.last) == ("quarantined", DAYS[4])
        assert "the closes move to 1/10 for good, as at a split, and none is listed, on 2026-02-09" in outcome.detail
    assert closes(store, "A") == {day: raw[day] for day in DAYS[:5]}
    (waiting,) = store.ledger.quarantined(["A"])
    with store.writing():
        accept(store, waiting, NOW)
    (outcome,) = run(store, ["A"], CsvFolder(tmp_path)).outcomes
    assert (outcome.result, closes(store, "A")) == ("up to date", raw)


def test_a_file_that_lists_the_split_after_all_ends_the_quarantine(store, tmp_path):
    raw = dict(zip(DAYS, [1200, 1212, 1206, 1210, 1208, 121.5, 122, 121, 123, 124], strict=True))
    write_csv(tmp_path, "A", raw)
    run(store, ["A"], CsvFolder(tmp_path))
    rows = "".join(f"{day},{close},{10 if day == DAYS[5] else ''}\n" for day, close in raw.items())
    (tmp_path / "A.csv").write_text(f"Date,Close,Stock Splits\n{rows}")
    (outcome,) = run(store, ["A"], CsvFolder(tmp_path)).outcomes
    assert (outcome.result, store.ledger.quarantined(["A"])) == ("added", [])
    assert closes(store, "A")[DAYS[0]] == pytest.approx(120.0)
    assert closes(store, "A")[DAYS[-1]] == 124.0


def test_a_file_that_cannot_be_used_is_told_though_another_source_has_the_series(store, tmp_path):
    write_csv(tmp_path, "A", {DAYS[0]: 10.1234})
    shelf = Shelf()
    shelf.put("A", rising(DAYS), dividends=())
    (outcome,) = run(store, ["A"], CsvFolder(tmp_path), shelf).outcomes
    assert outcome.result == "added"
    assert [(remark.code, "nothing shows" in remark.text) for remark in outcome.remarks] == [("unusable-file", True)]


def test_a_bad_row_is_told_with_its_line_and_the_others_are_stored(store, tmp_path):
    write_csv(tmp_path, "A", {DAYS[0]: 10.0, DAYS[1]: 0.0, DAYS[2]: 11.0})
    (outcome,) = run(store, ["A"], CsvFolder(tmp_path), end=DAYS[2]).outcomes
    assert closes(store, "A") == {DAYS[0]: 10.0, DAYS[2]: 11.0}
    assert any('A.csv:3: found the close "0.0"' in remark.text for remark in outcome.remarks)


def test_one_bad_file_fails_alone(store, tmp_path):
    folder = tmp_path / "csv"
    write_csv(folder, "GOOD", rising(DAYS))
    write_csv(folder, "BAD", {DAYS[0]: "oops"})
    report = run(store, ["BAD", "NONE", "GOOD"], CsvFolder(folder))
    assert [o.result for o in report.outcomes] == ["failed", "unknown symbol", "added"]
    assert "BAD.csv:2" in report.outcomes[0].detail
    assert len(closes(store, "GOOD")) == len(DAYS)
    assert {s.name: s.status for s in store.statuses().values()}["NONE"] == "unknown symbol"


def stored(store):
    return store.query("SELECT * FROM pack"), store.query("SELECT * FROM action"), store.query("SELECT * FROM feed")


def test_a_second_run_has_nothing_to_do(store, tmp_path):
    shelf = Shelf()
    shelf.put("A", rising(DAYS), dividends=())
    run(store, ["A"], shelf)
    before = stored(store)
    report = run(store, ["A"], shelf)
    assert [o.result for o in report.outcomes] == ["up to date"]
    assert len(shelf.asked) == 1
    assert stored(store) == before


def test_only_what_is_missing_is_asked_for_with_an_overlap_of_ten_sessions(store):
    shelf = Shelf()
    days = [
        d
        for n in range(40)
        if (d := dt.date(2026, 3, 2) + dt.timedelta(days=n)).weekday() < 5 and d != dt.date(2026, 4, 3)
    ]
    shelf.put("A", rising(days[:20]), dividends=())
    run(store, ["A"], shelf, end=days[19])
    shelf.put("A", rising(days), dividends=())
    report = run(store, ["A"], shelf, end=days[21])
    assert shelf.asked == [("A", None), ("A", days[10])]
    assert report.added == 2


def test_no_bar_after_the_last_day_or_of_an_open_session_is_stored(store):
    shelf = Shelf()
    shelf.put("A", rising(DAYS), dividends=())
    run(store, ["A"], shelf, end=DAYS[4])
    assert max(closes(store, "A")) == DAYS[4]
    noon = dt.datetime(2026, 2, 11, 17, tzinfo=dt.UTC)
    run(store, ["A"], shelf, now=noon)
    assert max(closes(store, "A")) == dt.date(2026, 2, 10)


def test_a_bar_that_its_source_calls_unfinished_waits_however_late_it_is(store):
    shelf = Shelf()
    shelf.put("A", rising(DAYS[:9]), dividends=(), unfinished=day_number(DAYS[8]))
    outcome = run(store, ["A"], shelf, end=DAYS[8], now=dt.datetime(2026, 2, 13, 3, tzinfo=dt.UTC)).outcomes[0]
    assert (outcome.result, max(closes(store, "A"))) == ("stale", DAYS[7])
    assert outcome.detail.endswith("(expected 2026-02-12); shelf did not yet call that session finished")
    shelf.put("A", rising(DAYS), dividends=(), unfinished=day_number(DAYS[9]))
    assert run(store, ["A"], shelf).outcomes[0].added == 1
    assert max(closes(store, "A")) == DAYS[8]
    shelf.put("A", rising(DAYS), dividends=())
    assert run(store, ["A"], shelf).outcomes[0].result == "added"


def test_a_refresh_by_name_asks_again_for_what_could_not_be_kept(store):
    shelf = Shelf()
    holed = rising(DAYS) | {DAYS[4]: float("nan")}
    shelf.put("A", holed, dividends=())
    run(store, ["A"], shelf)
    shelf.put("A", rising(DAYS), dividends=())
    run(store, ["A"], shelf, insist=False)
    assert DAYS[4] not in closes(store, "A")
    run(store, ["A"], shelf, insist=True)
    assert list(closes(store, "A")) == DAYS


def test_a_series_that_ends_early_is_stale_and_kept(store):
    shelf = Shelf()
    shelf.put("A", rising(DAYS[:5]), dividends=())
    outcome = run(store, ["A"], shelf).outcomes[0]
    assert (outcome.result, outcome.added, outcome.last) == ("stale", 5, DAYS[4])
    assert str(END) in outcome.detail


def test_adjusted_closes_are_kept_and_later_sources_still_asked_for_closes(store):
    index, plain, third = Shelf("one", "adjusted"), Shelf("two"), Shelf("three")
    index.put("A", rising(DAYS, 90.0))
    plain.put("A", rising(DAYS), dividends=())
    run(store, ["A"], index, plain, third)
    assert set(store.feeds()["A"]) == {"adjusted", "split_adjusted"}
    assert third.asked == []


def test_a_later_source_takes_over_what_an_earlier_one_cannot_serve(store, tmp_path):
    shelf = Shelf()
    shelf.put("A", rising(DAYS), dividends=())
    (tmp_path / "empty").mkdir()
    assert run(store, ["A"], CsvFolder(tmp_path / "empty"), shelf).outcomes[0].result == "added"
    assert store.feeds()["A"]["split_adjusted"].source == "shelf"


def test_an_overlap_that_disagrees_keeps_the_old_bars_and_says_so(store):
    shelf = Shelf()
    shelf.put("A", rising(DAYS[:8]), dividends=())
    run(store, ["A"], shelf)
    before = closes(store, "A")
    shelf.put("A", {day: close * 1.01 for day, close in rising(DAYS).items()}, dividends=())
    outcome = run(store, ["A"], shelf).outcomes[0]
    assert outcome.result == "quarantined"
    assert "no split explains it" in outcome.detail
    assert closes(store, "A") == before


def test_float_noise_is_no_disagreement(store):
    shelf = Shelf()
    shelf.put("A", rising(DAYS[:8]), dividends=())
    run(store, ["A"], shelf)
    shelf.put("A", {day: close * (1 + 3e-7) for day, close in rising(DAYS).items()}, dividends=())
    assert run(store, ["A"], shelf).outcomes[0].result == "added"


def test_a_split_refetches_the_whole_and_rescales_what_only_the_store_has(store):
    shelf = Shelf()
    shelf.put("A", rising(DAYS[:8]), dividends=((day_number(DAYS[1]), 1.0),))
    run(store, ["A"], shelf)
    halved = {day: close / 2 for day, close in rising(DAYS).items() if day >= DAYS[3]}
    shelf.put("A", halved, dividends=(), splits=((day_number(DAYS[9]), 2.0),))
    assert run(store, ["A"], shelf).outcomes[0].result == "added"
    assert shelf.asked[-1] == ("A", None)
    assert closes(store, "A") == pytest.approx({day: close / 2 for day, close in rising(DAYS).items()})
    assert store.actions(["A"])["A"] == [(day_number(DAYS[1]), 0.5, 0.0), (day_number(DAYS[9]), 0.0, 2.0)]


def test_a_split_that_the_prices_do_not_show_is_held_back(store):
    shelf = Shelf()
    shelf.put("A", rising(DAYS[:8]), dividends=())
    run(store, ["A"], shelf)
    before = closes(store, "A")
    shelf.put("A", rising(DAYS), dividends=(), splits=((day_number(DAYS[9]), 2.0),))
    assert run(store, ["A"], shelf).outcomes[0].result == "quarantined"
    assert closes(store, "A") == before


def test_a_dividend_changes_no_stored_value_of_an_adjusted_index(store):
    shelf = Shelf("one", "adjusted")
    shelf.put("A", rising(DAYS[:8]))
    run(store, ["A"], shelf)
    before = closes(store, "A", "adjusted")
    # A dividend after the eighth day scales all that lies before it.
    later = {day: close * (0.98 if day < DAYS[9] else 1.0) for day, close in rising(DAYS).items()}
    shelf.put("A", later)
    assert run(store, ["A"], shelf).outcomes[0].result == "added"
    after = closes(store, "A", "adjusted")
    assert {day: after[day] for day in before} == before
    assert after[DAYS[9]] / after[DAYS[7]] == pytest.approx(later[DAYS[9]] / later[DAYS[7]])


def test_a_source_that_refuses_is_not_asked_again_in_the_run(store):
    class Refusing(Shelf):
        def fetch(self, instrument, start, end):
            self.asked.append((instrument.ticker, start, end))
            raise RateLimited("too many requests")

    refusing = Refusing(remote=True)
    report = run(store, ["A", "B", "C"], refusing, pace=Pace(Limits(wait=0, pause=0)))
    assert len(refusing.asked) == 1
    assert [o.result for o in report.outcomes] == ["rate limited", "not asked", "not asked"]
    assert "too many requests" in report.outcomes[0].detail


def test_a_changed_currency_is_refused(store):
    shelf = Shelf()
    shelf.put("A", rising(DAYS[:8]), dividends=(), currency="USD")
    run(store, ["A"], shelf)
    shelf.put("A", rising(DAYS), dividends=(), currency="EUR")
    outcome = run(store, ["A"], shelf).outcomes[0]
    assert outcome.result == "quarantined"
    assert "EUR" in outcome.detail


def test_dividends_learnt_later_are_asked_for_from_the_first_day(store):
    blind, knowing = Shelf("blind"), Shelf("knowing")
    blind.put("A", rising(DAYS[:8]))
    run(store, ["A"], blind)
    assert not store.feeds()["A"]["split_adjusted"].dividends_known
    knowing.put("A", rising(DAYS), dividends=((day_number(DAYS[2]), 0.5),))
    run(store, ["A"], knowing)
    assert store.feeds()["A"]["split_adjusted"].dividends_known
    assert knowing.asked[-1] == ("A", None)
    # The other way round a source without them adds nothing: its bars would lack dividends without a word.
    blind.put("A", rising(DAYS))
    run(store, ["A"], blind, end=END + dt.timedelta(days=30))
    assert store.feeds()["A"]["split_adjusted"].dividends_known


def test_macro_series_ask_only_sources_of_values_and_take_revisions(store):
    prices, values = Shelf("prices"), Shelf("fred", "value")
    curve = Instrument("T10Y2Y", "Curve", "macro")
    values.put("T10Y2Y", {DAYS[0]: -0.5, DAYS[1]: 0.25})
    run(store, [curve], prices, values)
    values.put("T10Y2Y", {DAYS[1]: 0.5, DAYS[2]: 0.75})
    run(store, [curve], prices, values)
    assert prices.asked == []
    assert list(closes(store, "T10Y2Y", "value").values()) == [-0.5, 0.5, 0.75]


def test_an_instrument_may_name_its_sources(store):
    one, two = Shelf("one"), Shelf("two")
    two.put("A", rising(DAYS), dividends=())
    run(store, [stock("A", providers=("two",))], one, two)
    assert (one.asked, len(two.asked)) == ([], 1)


def test_only_missing_leaves_what_is_stored_alone(store):
    shelf = Shelf()
    for ticker in ("A", "B"):
        shelf.put(ticker, rising(DAYS), dividends=())
    run(store, ["A"], shelf, end=DAYS[3])
    report = run(store, ["A", "B"], shelf, only_missing=True)
    assert [o.name for o in report.outcomes] == ["B"]


def test_an_interrupted_run_keeps_its_work(store):
    class Interrupted(Shelf):
        def fetch(self, instrument, start, end):
            if instrument.ticker == "B":
                raise KeyboardInterrupt
            return super().fetch(instrument, start, end)

    shelf = Interrupted()
    shelf.put("A", rising(DAYS), dividends=())
    with pytest.raises(KeyboardInterrupt):
        run(store, ["A", "B"], shelf)
    assert len(closes(store, "A")) == len(DAYS)


def test_progress_is_told_of_every_series(store):
    shelf, told = Shelf(), []
    shelf.put("A", rising(DAYS), dividends=())
    shelf.put("B", rising(DAYS), dividends=())
    run(store, ["A", "B"], shelf, progress=lambda step: told.append((step.name, step.done, step.total)))
    assert told == [("A", 0, 2), ("", 1, 2), ("B", 1, 2), ("", 2, 2)]
    assert len(store.query("SELECT id FROM run")) == 1

"""The market store on disk."""

import datetime as dt
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import suppress

import pytest

from tests.unit.market.samples import DAYS, NOW, bars, put
from thesisvault.errors import DiskError, LockedError, NoDataError
from thesisvault.market.bars import Bars, day_number
from thesisvault.market.store.store import Store


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "market" / "store.sqlite") as opened:
        yield opened


def closes_of(store, name, basis="split_adjusted"):
    stored = store.bars(name, basis)
    return dict(zip(stored.days, stored.close, strict=True)) if stored else {}


def test_bars_come_back_as_they_were_written(store):
    given = Bars(
        (day_number(dt.date(2025, 12, 31)), day_number(dt.date(2026, 1, 2))),
        (1.5, 2.5),
        "split_adjusted",
        volume=(10.0, 20.0),
        dividends=((day_number(dt.date(2026, 1, 2)), 0.25),),
        splits=((day_number(dt.date(2026, 1, 2)), 2.0),),
        currency="USD",
    )
    assert store.merge("A", given, source="test", fetched=NOW, currency="USD") == 2
    assert store.bars("A", "split_adjusted") == given


def test_merging_never_drops_a_stored_day(store):
    put(store, "A", {DAYS[0]: 1.0, DAYS[1]: 2.0, DAYS[2]: 3.0})
    given = bars({DAYS[1]: 2.5, DAYS[3]: 4.0})
    assert store.merge("A", given, source="test", fetched=NOW, currency="USD", reason="restated") == 1
    assert list(closes_of(store, "A").values()) == [1.0, 2.5, 3.0, 4.0]
    feed = store.feeds(["A"])["A"]["split_adjusted"]
    assert (feed.first, feed.last) == (DAYS[0], DAYS[3])


def test_bases_of_one_series_are_kept_apart(store):
    put(store, "A", {DAYS[0]: 10.0})
    put(store, "A", {DAYS[0]: 9.0, DAYS[1]: 9.5}, "adjusted")
    assert set(store.columns(["A"])["A"]) == {"split_adjusted", "adjusted"}


def test_what_is_stored_is_told_as_it_is_after_writes_of_this_and_of_other_processes(tmp_path):
    path = tmp_path / "store.sqlite"
    with Store(path) as store, Store(path) as other:
        put(store, "A", {DAYS[0]: 1.0})
        assert set(store.feeds()) == {"A"}
        store.feeds().clear()
        store.feeds()["A"].clear()
        assert set(store.feeds()["A"]) == {"split_adjusted"}
        put(other, "B", {DAYS[0]: 1.0})
        assert set(store.feeds()) == {"A", "B"}
        with suppress(RuntimeError), store.writing():
            put(store, "C", {DAYS[0]: 1.0})
            assert set(store.feeds()) == {"A", "B", "C"}
            raise RuntimeError
        assert set(store.feeds()) == {"A", "B"}
        put(store, "A", {DAYS[1]: 2.0})
        assert store.feeds()["A"]["split_adjusted"].last == DAYS[1]


@pytest.mark.parametrize("close", [0.0, -1.0, float("nan"), float("inf")])
def test_what_cannot_be_a_close_is_refused(store, close):
    with pytest.raises(ValueError, match="no close"):
        put(store, "A", {DAYS[0]: close})
    assert not store.feeds()


def test_a_macro_value_may_be_below_zero(store):
    put(store, "T10Y2Y", {DAYS[0]: -1.08}, "value")
    assert closes_of(store, "T10Y2Y", "value") == {day_number(DAYS[0]): -1.08}


def test_days_that_do_not_ascend_are_refused(store):
    twice = Bars((5, 5), (1.0, 2.0), "split_adjusted")
    with pytest.raises(ValueError, match="does not come after"):
        store.merge("A", twice, source="test", fetched=NOW, currency="USD")


def test_a_hash_up_to_a_day_does_not_see_what_came_later(store):
    put(store, "A", {DAYS[0]: 1.0, DAYS[1]: 2.0})
    before = store.data_hash("A", DAYS[1])
    put(store, "A", {DAYS[2]: 3.0})
    assert store.data_hash("A", DAYS[1]) == before
    assert store.data_hash("A", DAYS[2]) != before
    assert store.data_hash("A", DAYS[0] - dt.timedelta(days=1)) == ""


def test_a_hash_sees_ten_digits_and_dividends(store):
    put(store, "A", {DAYS[0]: 1.0, DAYS[1]: 2.0})
    plain = store.data_hash("A", DAYS[1])
    put(store, "A", {DAYS[1]: 2.0 + 1e-13})
    assert store.data_hash("A", DAYS[1]) == plain
    put(store, "A", {DAYS[1]: 2.0}, dividends=((day_number(DAYS[1]), 0.1),))
    assert store.data_hash("A", DAYS[1]) != plain


def test_a_hash_sees_whether_dividends_are_known(store):
    put(store, "A", {DAYS[0]: 1.0, DAYS[1]: 2.0})
    plain = store.data_hash("A", DAYS[1])
    put(store, "A", {DAYS[0]: 1.0, DAYS[1]: 2.0}, dividends=())
    assert store.data_hash("A", DAYS[1]) != plain


def test_a_missing_store_says_how_to_get_one(tmp_path):
    with pytest.raises(NoDataError, match="thesisvault refresh"):
        Store(tmp_path / "none.sqlite", create=False)
    assert not list(tmp_path.iterdir())


def test_a_newer_store_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "store.sqlite"
    Store(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    before = path.read_bytes()
    with pytest.raises(DiskError, match="newer version"):
        Store(path)
    assert path.read_bytes() == before


def test_another_programs_database_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "store.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE mine (x)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(DiskError, match="no market store"):
        Store(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "store.sqlite"
    path.write_bytes(b"these are my notes, not a database, " * 100)
    with pytest.raises(DiskError, match="damaged"):
        Store(path)
    assert path.read_bytes().startswith(b"these are my notes")


def test_a_torn_store_is_reported_with_a_hint(tmp_path):
    path = tmp_path / "store.sqlite"
    with Store(path) as store:
        for number in range(60):
            put(store, f"T{number}", dict.fromkeys(DAYS, 1.0 + number))
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(DiskError, match="damaged") as caught, Store(path) as store:
        store.columns([f"T{n}" for n in range(60)])
    assert "Move it aside" in str(caught.value)


def test_a_reader_goes_on_while_another_writes(tmp_path):
    path = tmp_path / "store.sqlite"
    with Store(path) as writer, Store(path) as reader:
        put(writer, "A", {DAYS[0]: 1.0})
        with writer.writing():
            put(writer, "A", {DAYS[1]: 2.0})
            assert len(closes_of(reader, "A")) == 1
        assert len(closes_of(reader, "A")) == 2


def test_two_writers_at_once_lose_nothing(tmp_path):
    path = tmp_path / "store.sqlite"
    Store(path).close()

    def write(start):
        with Store(path) as store:
            for number in range(20):
                put(store, f"T{start}-{number}", {DAYS[0]: 1.0})

    threads = [threading.Thread(target=write, args=(start,)) for start in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Store(path) as store:
        assert len(store.feeds()) == 40


def test_a_writer_that_waits_too_long_is_told_who_is_in_the_way(tmp_path, monkeypatch):
    monkeypatch.setattr("thesisvault.market.store.database._BUSY_SECONDS", 0.05)
    path = tmp_path / "store.sqlite"
    with Store(path) as first, Store(path) as second, first.writing(), pytest.raises(LockedError, match="another run"):
        put(second, "A", {DAYS[0]: 1.0})


def test_what_is_written_in_one_go_is_there_whole_or_not_at_all(store):
    def interrupted():
        with store.writing():
            put(store, "A", {DAYS[0]: 1.0})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert store.feeds() == {}


_WRITER = """
import datetime as dt, sys
from thesisvault.market.bars import Bars
from thesisvault.market.store.store import Store
with Store(sys.argv[1]) as store:
    print("ready", flush=True)
    number = 0
    while True:
        number += 1
        with store.writing():
            for name in ("A", "B"):
                days = tuple(range(10000, 10000 + number))
                store.merge(name, Bars(days, (float(number),) * number, "split_adjusted"), source="x",
                            fetched=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), currency="USD", reason="x")
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
@pytest.mark.parametrize("after", [0.0, 0.02, 0.05])
def test_a_killed_writer_leaves_whole_batches_only(tmp_path, root, after):
    path = tmp_path / "store.sqlite"
    process = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path)],
        stdout=subprocess.PIPE,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert process.stdout is not None
    process.stdout.readline()
    threading.Event().wait(after)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with Store(path) as store:
        assert closes_of(store, "A") == closes_of(store, "B")
        put(store, "C", {DAYS[0]: 1.0})


def test_reading_the_store_loads_no_heavy_library(root, tmp_path):
    code = (
        "import sys; from thesisvault.market.store.store import Store; "
        "from thesisvault.market.sessions import Sessions; import thesisvault.market.refresh.refresh; "
        "import thesisvault.market.sources.csv_folder; "
        f"Store({str(tmp_path / 's.sqlite')!r}).feeds(); "
        "print(sorted({'numpy', 'pandas', 'yfinance', 'exchange_calendars'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

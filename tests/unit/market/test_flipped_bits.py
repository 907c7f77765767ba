"""A bit of the store that a failing disk turned over is found before what it belongs to is used."""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from thesisvault.errors import DiskError
from thesisvault.market.bars import Bars, Snapshot, day_number
from thesisvault.market.store.ledger import Quarantined
from thesisvault.market.store.seals import COLUMNS, seal
from thesisvault.market.store.store import Store

FLIPS = int(os.environ.get("THESISVAULT_FLIPS", "250"))
"""How many bits are turned over, one at a time; 20,000 take some minutes."""
NAMES = ("AAA", "BBB", "DGS10")
NOW = dt.datetime(2026, 2, 27, 22, tzinfo=dt.UTC)
FIRST = day_number(dt.date(2024, 1, 2))
DAYS = tuple(range(FIRST, FIRST + 600, 2))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with closes of three years, dividends, splits, sessions and fundamentals; nobody may change it."""
    path = tmp_path_factory.mktemp("store") / "store.sqlite"
    with Store(path) as store:
        for place, name in enumerate(NAMES):
            closes = tuple(100.0 + place + n / 7 for n in range(len(DAYS)))
            paid = ((DAYS[50], 0.5), (DAYS[150], 0.25)) if place < 2 else None
            basis = "split_adjusted" if place < 2 else "value"
            bars = Bars(DAYS, closes, basis, volume=closes, dividends=paid, splits=((DAYS[80], 2.0),) if paid else ())
            store.merge(name, bars, source="csv", fetched=NOW, currency="USD")
        store.write_sessions("XNYS", DAYS, [day * 1440 + 1260 for day in DAYS], "1.0")
        odd = Bars((DAYS[-1] + 2,), (9_000.0,), "split_adjusted")
        store.ledger.quarantine(Quarantined("BBB", "yahoo", "2026-02-27", "it is 50 times the last", odd))
        store.ledger.keep_snapshot("AAA", DAYS[9], Snapshot({"forward_pe": 21.5}, "USD"), "yahoo", NOW)
    return path


def read(path: Path) -> Any:
    """All that a build reads of a store; sessions that are damaged are computed anew, and so are none."""
    with Store(path, create=False) as store:
        store.check_structure()
        feeds, columns = store.feeds(), store.columns(NAMES)
        read = (feeds, columns, store.actions(NAMES), store.ledger.snapshots(NAMES), store.statuses())
        read += (store.ledger.quarantined(),)
        assert store.sessions("XNYS", "1.0") in (None, ([*DAYS], [day * 1440 + 1260 for day in DAYS]))
        return read


def test_a_bit_that_flips_anywhere_is_found_or_changes_nothing_that_is_read(whole: Path, tmp_path: Path) -> None:
    right, data, found = read(whole), whole.read_bytes(), 0
    chance = random.Random(3)
    for offset in chance.sample([place for place, byte in enumerate(data) if byte], FLIPS):
        path = tmp_path / "flipped.sqlite"
        path.write_bytes(data[:offset] + bytes([data[offset] ^ 1 << chance.randrange(8)]) + data[offset + 1 :])
        try:
            assert read(path) == right, f"the byte {offset} was changed, and nobody noticed"
        except DiskError:
            found += 1
        for rest in tmp_path.glob("flipped*"):
            rest.unlink()
    assert found > FLIPS // 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE pack SET close = zeroblob(length(close)) WHERE series = 2 AND year = 2024", "BBB: closes of 2024 is"),
        ("UPDATE action SET dividend = 0.75 WHERE series = 1 AND dividend = 0.5", "AAA: a dividend or split is"),
        ("UPDATE feed SET currency = 'USE' WHERE series = 1", "AAA: what is known of it is"),
        ("UPDATE series SET name = 'AAC' WHERE id = 1", "the series that is now called AAC"),
        ("UPDATE snapshot SET value = 2.15", "AAA: a fundamental is"),
        ("UPDATE held SET reason = 'it is 60 times the last'", "BBB: what is held for review is"),
        ("DELETE FROM pack WHERE series = 2 AND year = 2025", "BBB: closes that were written are not there"),
    ],
)
def test_the_message_names_the_series_and_how_to_mend_it(whole: Path, tmp_path: Path, change: str, said: str) -> None:
    path = Path(shutil.copy(whole, tmp_path))
    with sqlite3.connect(path) as database:
        database.execute(change)
    with pytest.raises(DiskError) as caught:
        read(path)
    text = str(caught.value)
    assert said in text
    assert "store.sqlite is damaged" in text
    assert "Move it aside, or bring back a copy, and run `thesisvault refresh`" in text


def test_every_row_that_is_written_is_sealed(whole: Path) -> None:
    with sqlite3.connect(whole) as database:
        for table, columns in COLUMNS.items():
            rows = database.execute(f"SELECT seal, {', '.join(columns)} FROM {table}").fetchall()
            assert rows
            assert all(kept == seal(*values) for kept, *values in rows), table


def test_a_store_of_an_earlier_version_is_sealed_where_its_digests_are_right(whole: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(whole, tmp_path))
    with sqlite3.connect(path) as database:
        database.execute("DROP INDEX pack_digest")
        for table in COLUMNS:
            database.execute(f"ALTER TABLE {table} DROP COLUMN seal")
        database.execute("PRAGMA user_version=3")
        database.execute("UPDATE pack SET close = zeroblob(length(close)) WHERE series = 2 AND year = 2024")
    with Store(path) as store:
        assert store.columns(["AAA"])["AAA"]
        with pytest.raises(DiskError, match="BBB: closes of 2024"):
            store.columns(["BBB"])

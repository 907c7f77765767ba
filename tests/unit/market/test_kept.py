"""The file of kept series says what the store says, bit for bit, or nothing at all."""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.unit.market.samples import NOW
from thesisvault.errors import DiskError
from thesisvault.market.bars import Bars, day_number
from thesisvault.market.line import Line
from thesisvault.market.reading.kept import Kept
from thesisvault.market.reading.market import Market
from thesisvault.market.records import Basis, Basket, Instrument, MissingSeries, SeriesView
from thesisvault.market.store.entries import Column, Status
from thesisvault.market.store.ledger import Quarantined
from thesisvault.market.store.quarantine import accept
from thesisvault.market.store.store import Store
from thesisvault.structs import replace

FLIPS = int(os.environ.get("THESISVAULT_FLIPS", "250"))
FIRST = dt.date(2024, 1, 2)
WEEKDAYS = [day for day in (FIRST + dt.timedelta(days=n) for n in range(760)) if day.weekday() < 5]
LAST = WEEKDAYS[-1]
EURO = Instrument("EURUSD=X", "EUR in USD", "currency", currency="USD", exchange="weekdays", price_of="EUR")
INSTRUMENTS = {
    each.ticker: each
    for each in (
        Instrument("AAA", "AAA", "stock"),
        Instrument("BBB", "BBB", "stock"),
        Instrument("OLD", "OLD", "stock", renamed_to="NEW"),
        Instrument("NEW", "NEW", "stock", formerly=("OLD",)),
        Instrument("SAP", "SAP", "stock", currency="EUR", exchange="XETR"),
        Instrument("IDX", "IDX", "index"),
        Instrument("ADJ", "ADJ", "etf"),
        Instrument("GONE", "GONE", "stock"),
        Instrument("DGS", "DGS", "macro", scale=0.01, lag_days=1),
        EURO,
    )
}
BASKETS = {
    "pair": Basket("pair", "Pair", (("AAA", None), ("BBB", None))),
    "abroad": Basket("abroad", "Abroad", (("AAA", 0.25), ("SAP", 0.75)), weights="fixed", rebalance="quarterly"),
}
NAMES = (*INSTRUMENTS, *BASKETS, "BBB | AAA", "SAP@USD", "BBB | SAP@EUR", "abroad@EUR")
Facts = dict[str, object]


def bars(seed: int, days: Iterable[dt.date], basis: Basis = "split_adjusted", **more: object) -> Bars:
    chance, close, closes = random.Random(seed), 50.0 + seed, []
    numbers = tuple(map(day_number, days))
    for _ in numbers:
        close *= 1 + chance.gauss(0, 0.01)
        closes.append(close)
    return Bars(numbers, tuple(closes), basis, **more)  # type: ignore[arg-type]


def put(store: Store, name: str, fresh: Bars, reason: str = "") -> None:
    store.merge(name, fresh, source="csv", fetched=NOW, currency="USD", reason=reason)


def paid(*rows: int) -> tuple[tuple[int, float], ...]:
    return tuple((day_number(WEEKDAYS[row]), 0.5) for row in rows)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a series of each kind; nobody may change it."""
    path = tmp_path_factory.mktemp("store") / "store.sqlite"
    with Store(path) as store:
        put(store, "AAA", bars(1, WEEKDAYS, dividends=paid(40, 300), splits=((day_number(WEEKDAYS[90]), 2.0),)))
        put(store, "BBB", bars(2, [*WEEKDAYS[100:200], *WEEKDAYS[203:]], dividends=paid(150)))
        put(store, "OLD", bars(3, WEEKDAYS[:260], dividends=()))
        put(store, "NEW", bars(4, WEEKDAYS[259:], dividends=paid(400)))
        put(store, "SAP", bars(5, WEEKDAYS, dividends=(), currency="EUR"))
        put(store, "IDX", bars(6, WEEKDAYS))
        put(store, "ADJ", bars(7, WEEKDAYS[50:], "adjusted"))
        put(store, "DGS", bars(8, WEEKDAYS[::5], "value"))
        put(store, EURO.ticker, bars(9, WEEKDAYS))
        everything(Market(store, INSTRUMENTS, BASKETS, last_day=LAST))  # calendars are stored now
    return path


@pytest.fixture
def path(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(filled, tmp_path))


class Counting(Store):
    """A store that remembers whose bars were read."""

    asked: set[str] | None = None

    def columns(self, names: Iterable[str]) -> dict[str, dict[Basis, Column]]:
        wanted = list(names)
        self.asked = {*(self.asked or ()), *wanted}
        return super().columns(wanted)


def line(of: Line | None) -> object:
    return None if of is None else (of.days.dtype, of.days.tobytes(), of.values.dtype, of.values.tobytes())


def facts(view: SeriesView) -> object:
    observed = None if view.observed is None else (view.observed.dtype, view.observed.tobytes())
    told = (view.basis, view.kind, view.unit, view.period_days, view.source, view.notes, view.early)
    days = (view.first, view.last, view.expected, view.stale_members)
    return view.name, view.currency, line(view.levels), line(view.closes), observed, told, days


def everything(market: Market) -> Facts:
    """Return all that is known of every name, so that two of them can be compared bit for bit."""
    found: Facts = {}
    for name in NAMES:
        try:
            found[name] = facts(market.series(name))
        except MissingSeries as missing:
            found[name] = str(missing)
    for name in BASKETS:
        built = market.basket(name)
        arrays = (built.days, built.level, built.set_on, built.weights, built.gains)
        found[f"parts of {name}"] = (built.members, *((each.dtype, each.shape, each.tobytes()) for each in arrays))
    found["splits"] = market.splits("AAA")
    return found


def plain(store: Store, day: dt.date = LAST) -> Facts:
    """Return what the store says, with nothing kept."""
    return everything(Market(store, INSTRUMENTS, BASKETS, last_day=day))


def kept(path: Path, file: Path, day: dt.date = LAST) -> tuple[Facts, set[str]]:
    """Return what is said with a file of kept series, which is written at the end, and whose bars were read."""
    with Counting(path, create=False) as store:
        market = Market(store, INSTRUMENTS, BASKETS, last_day=day, kept=file)
        found = everything(market)
        market.keep()
        return found, store.asked or set()


@pytest.fixture
def right(path: Path) -> Facts:
    with Store(path) as store:
        return plain(store)


def test_all_series_are_the_same_bit_for_bit_and_no_bar_is_read(path: Path, tmp_path: Path, right: Facts) -> None:
    file = tmp_path / "cache" / "series.map"
    assert [name for name in NAMES if isinstance(right[name], str)] == ["GONE"]
    first, read = kept(path, file)
    assert read == {*INSTRUMENTS} - {"GONE"}
    again, read_again = kept(path, file)
    assert (first, again) == (right, right)
    assert read_again == set()
    assert not [*file.parent.glob(".*")]


def test_an_earlier_day_is_what_the_store_says_of_it(path: Path, tmp_path: Path) -> None:
    file, day = tmp_path / "series.map", WEEKDAYS[330]
    kept(path, file)
    with Store(path) as store:
        assert kept(path, file, day) == (plain(store, day), set())


def _a_new_bar(store: Store) -> None:
    put(store, "AAA", bars(11, [LAST + dt.timedelta(days=3)], dividends=()))


def _a_correction(store: Store) -> None:
    put(store, "AAA", bars(12, WEEKDAYS[200:202], dividends=()), "the source gave others")


def _a_split(store: Store) -> None:
    put(store, "AAA", Bars((), (), "split_adjusted", dividends=(), splits=((day_number(WEEKDAYS[250]), 3.0),)))


def _a_dividend(store: Store) -> None:
    put(store, "AAA", Bars((), (), "split_adjusted", dividends=paid(251)), "listed late")


def _a_retraction(store: Store) -> None:
    put(store, "AAA", bars(13, WEEKDAYS[20:], "adjusted"))
    store.retract("AAA", "split_adjusted", "not what it said", "csv", NOW)


def _a_doubt(store: Store) -> None:
    store.doubt("AAA", "split_adjusted", "it is nine times a usual day")


def _bars_that_were_accepted(store: Store) -> None:
    odd = Bars((day_number(LAST) + 3,), (9_000.0,), "split_adjusted")
    waiting = Quarantined("AAA", "csv", "2026-02-27", "it is 50 times the last", odd)
    store.ledger.quarantine(waiting)
    accept(store, waiting, NOW)


@pytest.mark.parametrize(
    "change",
    [_a_new_bar, _a_correction, _a_split, _a_dividend, _a_retraction, _a_doubt, _bars_that_were_accepted],
)
def test_only_the_series_that_changed_is_read_again(
    path: Path, tmp_path: Path, change: Callable[[Store], object]
) -> None:
    file, later = tmp_path / "series.map", LAST + dt.timedelta(days=4)
    kept(path, file)
    with Store(path) as store:
        before, seen = store.digests(), plain(store, later)
        change(store)
        after = store.digests()
        now = plain(store)
        assert plain(store, later) != seen
    assert {name for name in after if after[name] != before[name]} == {"AAA"}
    assert kept(path, file) == (now, {"AAA"})
    assert kept(path, file) == (now, set())


def test_a_digest_moves_with_what_figures_rest_on_alone(path: Path) -> None:
    with Store(path) as store:
        before = store.digests()
        assert set(before) == {*INSTRUMENTS} - {"GONE"}
        assert store.digests(["BBB", "GONE"]) == {"BBB": before["BBB"]}
        store.confirm("AAA", "split_adjusted", day_number(LAST))
        store.set_status(Status("AAA", "fresh"))
        assert store.digests() == before


@pytest.mark.parametrize(
    ("ticker", "change"),
    [
        ("DGS", {"scale": 0.1}),
        ("DGS", {"lag_days": 4}),
        ("AAA", {"exchange": "XLON"}),
        ("NEW", {"formerly": ()}),
        ("AAA", {"kind": "index"}),
        ("BBB", {"currency": "EUR"}),
    ],
)
def test_another_definition_makes_another_series(path: Path, tmp_path: Path, ticker: str, change: Facts) -> None:
    file = tmp_path / "series.map"
    kept(path, file)
    with Store(path) as store:
        instruments = {**INSTRUMENTS, ticker: replace(INSTRUMENTS[ticker], **change)}  # type: ignore[arg-type]
        now = everything(Market(store, instruments, BASKETS, last_day=LAST))
        assert everything(Market(store, instruments, BASKETS, last_day=LAST, kept=file)) == now


def test_a_basket_that_is_defined_anew_is_made_anew(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "series.map"
    kept(path, file)
    with Store(path) as store:
        baskets = {**BASKETS, "pair": replace(BASKETS["pair"], rebalance="never")}
        now = everything(Market(store, INSTRUMENTS, baskets, last_day=LAST))
        assert everything(Market(store, INSTRUMENTS, baskets, last_day=LAST, kept=file)) == now


def test_the_file_of_another_store_is_not_believed(path: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "series.map", tmp_path / "other.sqlite"
    kept(path, file)
    with Store(other) as store:
        for seed, name in enumerate(INSTRUMENTS):
            put(store, name, bars(30 + seed, WEEKDAYS, "value" if name == "DGS" else "split_adjusted", dividends=()))
        now = plain(store)
    assert kept(other, file)[0] == now


def test_damage_anywhere_costs_a_reading_and_is_mended(path: Path, tmp_path: Path, right: Facts) -> None:
    file = tmp_path / "series.map"
    kept(path, file)
    whole, chance = file.read_bytes(), random.Random(5)
    places = [*range(0, 48, 5), *range(len(whole) - 40, len(whole), 7), *chance.sample(range(len(whole)), FLIPS // 5)]
    mended = 0
    for place in places:
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << chance.randrange(8)]) + whole[place + 1 :])
        found, read = kept(path, file)
        assert found == right, f"the byte {place} was changed, and nobody noticed"
        mended += bool(read)
        assert kept(path, file) == (right, set()), f"the byte {place} was changed, and stayed so"
    assert mended > len(places) // 2


@pytest.mark.parametrize("length", [0, 1, 43, 44, 1000, -1])
def test_a_file_that_was_cut_off_is_made_anew(path: Path, tmp_path: Path, right: Facts, length: int) -> None:
    file = tmp_path / "series.map"
    kept(path, file)
    file.write_bytes(file.read_bytes()[:length])
    assert kept(path, file) == (right, {*INSTRUMENTS} - {"GONE"})
    assert kept(path, file) == (right, set())


@pytest.mark.skipif(os.name == "nt", reason="pipes and links are others there")
@pytest.mark.parametrize("kind", ["pipe", "folder", "link", "link to nothing", "in a file"])
def test_what_is_no_file_is_left_alone(path: Path, tmp_path: Path, right: Facts, kind: str) -> None:
    file, elsewhere = tmp_path / "series.map", tmp_path / "elsewhere"
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    elif kind == "in a file":
        elsewhere.write_text("mine")
        file = elsewhere / "series.map"
    else:
        if kind == "link":
            elsewhere.write_text("mine")
        file.symlink_to(elsewhere)
    before = None if kind == "in a file" else file.lstat()
    assert kept(path, file) == (right, {*INSTRUMENTS} - {"GONE"})
    if before:
        assert file.lstat().st_mode == before.st_mode
    if kind in ("link", "in a file"):
        assert elsewhere.read_text() == "mine"
    assert not [*tmp_path.glob(".series*")]


@pytest.mark.skipif(os.name == "nt", reason="there are no such limits")
def test_a_full_disk_is_no_fault(path: Path, tmp_path: Path, right: Facts) -> None:
    import resource

    file = tmp_path / "series.map"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Counting(path, create=False) as store:
        market = Market(store, INSTRUMENTS, BASKETS, last_day=LAST, kept=file)
        assert everything(market) == right
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
        try:
            market.keep()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert not [*tmp_path.glob("*series.map*")]
        market.keep()
    assert kept(path, file) == (right, set())


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.unit.market import test_kept
from thesisvault.market.reading import kept
kept._Writer.finish = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
test_kept.kept(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.mark.skipif(os.name == "nt", reason="nobody is killed like that there")
def test_a_writer_that_is_killed_leaves_the_file_as_it_was(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "series.map"
    kept(path, file)
    before = file.read_bytes()
    with Store(path) as store:
        _a_new_bar(store)
        now = plain(store)
    done = subprocess.run([sys.executable, "-c", KILLED, path, file], check=False)
    assert done.returncode == -9
    assert file.read_bytes() == before
    (left,) = tmp_path.glob(".series.map.*")
    os.utime(left, (1, 1))
    assert kept(path, file) == (now, {"AAA"})
    assert not left.exists()


WORKER = """
import sys
from pathlib import Path
from tests.unit.market import test_kept
path, file = map(Path, sys.argv[1:])
found = [test_kept.kept(path, file)[0] for _ in range(6) if [file.unlink(missing_ok=True)]]
with test_kept.Store(path, create=False) as store:
    sys.exit(found != [test_kept.plain(store)] * 6)
"""


def test_several_processes_read_and_write_at_once(path: Path, tmp_path: Path, right: Facts) -> None:
    file = tmp_path / "series.map"
    running = [subprocess.Popen([sys.executable, "-c", WORKER, path, file]) for _ in range(3)]
    assert [each.wait() for each in running] == [0, 0, 0]
    assert kept(path, file)[0] == right
    assert kept(path, file) == (right, set())


@pytest.mark.parametrize("left", [0, 100, 5000])
def test_a_file_that_is_shortened_in_place_while_it_is_read_costs_a_reading(
    path: Path, tmp_path: Path, right: Facts, left: int
) -> None:
    file = tmp_path / "series.map"
    kept(path, file)
    with Store(path, create=False) as store:
        market = Market(store, INSTRUMENTS, BASKETS, last_day=LAST, kept=file)
        assert market.series("BBB")
        os.truncate(file, left)
        assert everything(market) == right
    assert kept(path, file)[0] == right


def test_what_was_opened_stays_as_it_was_when_the_file_is_replaced(path: Path, tmp_path: Path, right: Facts) -> None:
    file = tmp_path / "series.map"
    kept(path, file)
    with Counting(path, create=False) as store:
        market = Market(store, INSTRUMENTS, BASKETS, last_day=LAST, kept=file)
        market.series("AAA")
        with Store(path) as other:
            _a_correction(other)
        file.unlink()
        kept(path, file)
        assert market.series("AAA").levels.values.tobytes() == right["AAA"][2][3]  # type: ignore[index]


def test_a_flipped_bit_of_the_store_is_found_or_changes_nothing(path: Path, tmp_path: Path, right: Facts) -> None:
    file, damaged = tmp_path / "series.map", tmp_path / "damaged.sqlite"
    kept(path, file)
    whole, data, chance, found = file.read_bytes(), path.read_bytes(), random.Random(7), 0
    for place in chance.sample([place for place, byte in enumerate(data) if byte], FLIPS // 3):
        damaged.write_bytes(data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :])
        file.write_bytes(whole)
        try:
            with Store(damaged, create=False) as store:
                store.check_structure()
            assert kept(damaged, file)[0] == right, f"the byte {place} was changed, and nobody noticed"
        except DiskError:
            found += 1
        for rest in tmp_path.glob("damaged*"):
            rest.unlink()
    assert found


def test_a_close_that_is_damaged_is_found_when_the_series_has_to_be_read(
    path: Path, tmp_path: Path, right: Facts
) -> None:
    file = tmp_path / "series.map"
    kept(path, file)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE pack SET close = zeroblob(length(close)) WHERE series = 2 AND year = 2024")
    assert kept(path, file) == (right, set())
    file.unlink()
    with pytest.raises(DiskError, match="BBB: closes of 2024 is not what was written"):
        kept(path, file)


def test_what_is_no_longer_asked_for_goes_once_its_series_changed(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "series.map"
    kept(path, file)
    with Store(path) as store:
        _a_new_bar(store)
        market = Market(store, INSTRUMENTS, {}, last_day=LAST, kept=file)
        market.series("AAA")
        market.keep()
        rest = Kept(file)
        names = {name for name in ("own AAA", "own BBB", "basket pair", "chain BBB | AAA") if name in rest}
    assert names == {"own AAA", "own BBB"}

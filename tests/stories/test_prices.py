"""Stored prices as a person handles them: shown, exported, audited, settled; refreshes that die or have no network."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import signal
import sqlite3
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.stories.workspaces import (
    COMMAND,
    call,
    differences,
    environment,
    make_tiny,
    price,
    sessions,
    spawn,
    tree,
    write_prices,
)

STORE = Path("data/market/store.sqlite")
UNTIL = dt.date(2024, 6, 14)


def prices(root: Path, *words: str):
    return call("prices", "-w", root, *words)


@pytest.fixture
def early(tmp_path: Path) -> Path:
    """A workspace whose prices were fetched up to two weeks before the end."""
    root = make_tiny(tmp_path / "ws")
    write_prices(root / "prices", UNTIL)
    said = call("refresh", "-w", root, "--as-of", str(UNTIL))
    assert said.status == 0, said
    write_prices(root / "prices")
    return root


def rewrite(root: Path, ticker: str, day: dt.date, close: float) -> None:
    """Give a close another value in the file of a source."""
    path = root / "prices" / f"{ticker}.csv"
    text, found = re.subn(rf"(?m)^{day},.*$", f"{day},{close}", path.read_text())
    assert found == 1
    path.write_text(text)


def closes(root: Path, ticker: str) -> dict[str, float]:
    said = prices(root, ticker, "--csv")
    assert said.status == 0, said
    return {row["Date"]: float(row["Close"]) for row in csv.DictReader(io.StringIO(said.out))}


def expected(ticker: str, last: dt.date) -> dict[str, float]:
    return {str(day): price(ticker, n) for n, day in enumerate(sessions(last=last))}


def test_what_is_stored_is_printed_and_exported_as_it_was_given(tiny: Path) -> None:
    said = prices(tiny, "AAA", "--rows", "2")
    assert said.status == 0, said
    assert "AAA  Aardvark" in said.out
    assert "2023-01-03 to 2024-06-28, USD, from csv:prices" in said.out
    assert said.out.count("\n2024-06-2") == 2
    assert closes(tiny, "AAA") == expected("AAA", dt.date(2024, 6, 28))
    listed = prices(tiny).out.splitlines()
    assert [line.split()[0] for line in listed] == ["series", "AAA", "BBB", "MKT"]


def test_a_close_that_changed_is_held_back_listed_and_settled_by_accepting(early: Path) -> None:
    changed = dt.date(2024, 6, 12)
    rewrite(early, "AAA", changed, 77.0)
    before = closes(early, "AAA")
    said = call("refresh", "-w", early)
    assert said.status == 0, said
    assert "AAA: csv:prices: the close of 2024-06-12 is 77 now" in said.err
    assert "thesisvault prices AAA" in said.err
    assert call("refresh", "-w", early, "--strict").status == 1
    assert closes(early, "AAA") == before
    assert closes(early, "BBB") == expected("BBB", dt.date(2024, 6, 28))
    assert "held for review: " in prices(early, "AAA").out
    assert "held for review" in next(line for line in prices(early).out.splitlines() if line.startswith("AAA"))
    assert "held for review" in prices(early, "--verify").err

    said = prices(early, "--accept", "AAA")
    assert said.status == 0, said
    assert closes(early, "AAA") == expected("AAA", dt.date(2024, 6, 28)) | {"2024-06-12": 77.0}
    shown = prices(early, "AAA").out
    assert "held for review" not in shown
    assert "accepted by hand" in shown
    # What was there is kept.
    db = sqlite3.connect(early / STORE)
    (blob,) = db.execute("SELECT close FROM correction").fetchone()
    db.close()
    assert struct.unpack("<d", blob) == (expected("AAA", UNTIL)["2024-06-12"],)


def test_a_rejected_answer_is_not_heard_again_and_a_mended_one_is(early: Path) -> None:
    rewrite(early, "AAA", dt.date(2024, 6, 12), 77.0)
    call("refresh", "-w", early)
    assert prices(early, "AAA", "--reject").status == 0
    said = call("refresh", "-w", early, "--strict", "AAA")
    assert "review" not in said.err
    assert closes(early, "AAA")["2024-06-12"] == expected("AAA", UNTIL)["2024-06-12"]
    assert prices(early, "AAA", "--accept").status == 2


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["NOPE"], '"NOPE": nothing of that name is stored'),
        (["AAB"], 'Did you mean "AAA"?'),
        (["--accept"], "--accept and --reject need the series"),
        (["--reject", "AAA"], 'no bar of "AAA" is held for review'),
        (["--csv"], "--csv needs one series"),
        (["--csv", "--verify", "AAA"], "exclude one another"),
    ],
)
def test_wrong_words_are_said_to_be_and_nothing_changes(tiny: Path, words: list[str], problem: str) -> None:
    before = tree(tiny)
    said = prices(tiny, *words)
    assert said.status == 2, said
    assert problem in said.err
    assert tree(tiny) == before


def test_an_audit_of_a_sound_store_finds_nothing(tiny: Path) -> None:
    said = prices(tiny, "--verify")
    assert (said.status, said.err) == (0, ""), said
    assert " bars of 3 series; no warnings.\n" in said.out


def damage(root: Path, change: str, *values: object) -> None:
    db = sqlite3.connect(root / STORE)
    db.execute(change, values)
    db.commit()
    db.close()


def test_an_audit_finds_a_changed_bar_a_wrong_order_and_a_lost_year(tiny: Path) -> None:
    db = sqlite3.connect(tiny / STORE)
    days, blob = db.execute("SELECT days, close FROM pack WHERE series = 1 AND year = 2024").fetchone()
    db.close()
    damage(tiny, "UPDATE pack SET close = ? WHERE series = 1 AND year = 2024", struct.pack("<d", 50.0) + blob[8:])
    damage(tiny, "UPDATE pack SET days = ? WHERE series = 2 AND year = 2024", days[4:8] + days[:4] + days[8:])
    damage(tiny, "DELETE FROM pack WHERE series = 3 AND year = 2024")
    said = prices(tiny, "--verify")
    assert said.status == 1, said
    assert "bars of 2024 are not what was written" in said.err
    assert "does not come after the day before it" in said.err
    assert "2023-12-29, but the index says 2023-01-03 to 2024-06-28" in said.err


def test_a_store_of_a_later_version_is_refused_and_left_alone(tiny: Path) -> None:
    damage(tiny, "PRAGMA user_version=99")
    before = tree(tiny)
    for words in (["prices"], ["refresh"], ["build", "--offline"]):
        said = call(*words, "-w", tiny)
        assert said.status == 74, said
        assert "newer version" in said.err
    assert differences(before, tree(tiny)) <= {"data/market/store.sqlite-shm", "data/market/store.sqlite-wal"}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
@pytest.mark.parametrize("after", [0.35, 0.45, 0.55, 0.7])
def test_a_refresh_killed_at_any_moment_goes_on_where_it_stopped(early: Path, after: float) -> None:
    process = subprocess.Popen(
        [*COMMAND, "refresh", "-w", str(early)],
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for ticker in ("AAA", "BBB", "MKT"):
        assert closes(early, ticker) in (expected(ticker, UNTIL), expected(ticker, dt.date(2024, 6, 28)))
    assert call("refresh", "-w", early).status == 0
    for ticker in ("AAA", "BBB", "MKT"):
        assert closes(early, ticker) == expected(ticker, dt.date(2024, 6, 28))
    assert prices(early, "--verify").status == 0


_NO_SOCKETS = """
import sys
def guard(event, args):
    if event.startswith("socket.") and event not in ("socket.gethostname",):
        print("TOUCHED", event, args, file=sys.stderr)
        raise SystemExit(99)
sys.addaudithook(guard)
from thesisvault.cli.main import main
try:
    main()
finally:
    assert "yfinance" not in sys.modules, "yfinance was loaded"
"""


@pytest.mark.parametrize("command", ["build", "run"])
def test_offline_no_socket_is_so_much_as_made(tiny: Path, command: str) -> None:
    settings = tiny / "thesisvault.yaml"
    settings.write_text(settings.read_text().replace("providers: [", "providers: [yahoo, fred, "))
    instruments = tiny / "data" / "instruments.yaml"
    instruments.write_text(instruments.read_text() + "ZZZ: {name: Never seen, kind: stock}\n")
    thesis = tiny / "data" / "theses" / "left-to-right.yaml"
    thesis.write_text(thesis.read_text().replace("hold: [BBB]", "hold: [BBB, ZZZ]"))
    done = subprocess.run(
        [sys.executable, "-c", _NO_SOCKETS, command, "-w", str(tiny), "--offline"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "TOUCHED" not in done.stderr
    assert "wrote" in done.stdout


def test_a_refresh_that_finds_nothing_leaves_no_store_behind(tmp_path: Path) -> None:
    root = make_tiny(tmp_path / "ws")
    for path in (root / "prices").iterdir():
        path.unlink()
    said = call("refresh", "-w", root)
    assert said.status == 3, said
    assert "no prices are stored, and none could be fetched" in said.err
    assert not (root / STORE).exists()


def test_a_reader_is_served_while_a_refresh_writes(early: Path) -> None:
    db = sqlite3.connect(early / STORE, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    db.execute("UPDATE series SET detail = 'half way'")
    try:
        said = spawn("prices", "-w", early, "AAA", "--csv")
        assert said.status == 0, said
        assert len(said.out.splitlines()) == len(expected("AAA", UNTIL)) + 1
    finally:
        db.execute("ROLLBACK")
        db.close()


def test_a_split_is_added_and_dropped_by_hand_with_a_reason_that_is_kept(tiny: Path) -> None:
    before = closes(tiny, "AAA")
    said = prices(tiny, "AAA", "--add-split", "2024-06-03", "2:1", "--reason", "nobody lists it")
    assert said.status == 0, said
    assert "AAA: the split of 2 for 1 on 2024-06-03 was added by hand on " in said.err
    halved = {day: close / (2 if day < "2024-06-03" else 1) for day, close in before.items()}
    assert closes(tiny, "AAA") == pytest.approx(halved)
    shown = prices(tiny, "AAA").out
    assert "decided: the split of 2 for 1 on 2024-06-03 was added by hand" in shown
    assert "a split was added by hand: nobody lists it (what was there is kept)" in shown
    assert "nobody lists it" in prices(tiny, "--verify").err
    assert call("refresh", "-w", tiny, "AAA").status == 0
    assert closes(tiny, "AAA") == pytest.approx(halved)

    said = prices(tiny, "AAA", "--drop-split", "2024-06-03", "--reason", "a mistake")
    assert said.status == 0, said
    assert closes(tiny, "AAA") == pytest.approx(before)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--add-split", "2024-06-03", "2:1"), "--add-split needs a reason, which is kept with it: thesisvault prices"),
        (("--add-split", "2024-06-03", "2", "--reason", "x"), '"2" is no split; write new shares and old ones'),
        (("--add-split", "June", "2:1", "--reason", "x"), '"June" is not a date; write 2026-02-12'),
        (("--drop-split", "2024-06-03", "--reason", "x"), "no split of AAA is stored on 2024-06-03"),
        (("--add-dividend", "2024-06-03", "0", "--reason", "x"), "0.0 is no dividend"),
        (("--drop-dividend", "2024-06-03", "--reason", "x"), "no dividend of AAA is stored on 2024-06-03"),
        (("--drop-dividend", "2024-06-03", "--accept", "--reason", "x"), "exclude one another"),
        (("BBB", "--drop-dividend", "2024-06-03", "--reason", "x"), "--drop-dividend needs one series"),
        (("--reason", "x"), "--reason goes with --add-dividend"),
    ],
)
def test_a_change_by_hand_that_cannot_be_says_why_and_changes_nothing(
    tiny: Path, words: tuple[str, ...], problem: str
) -> None:
    before = closes(tiny, "AAA")
    said = prices(tiny, "AAA", *words)
    assert said.status == 2
    assert problem in " ".join(said.err.split())
    assert closes(tiny, "AAA") == before
    assert "by hand" not in prices(tiny, "AAA").out

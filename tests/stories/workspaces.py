"""Small workspaces for stories: made-up prices of a year and a half, one thesis, one concept, and the command line."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
import math
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from thesisvault.cli.main import main

HOLIDAYS = {
    *("2023-01-16", "2023-02-20", "2023-04-07", "2023-05-29", "2023-06-19", "2023-07-04", "2023-09-04", "2023-11-23"),
    *("2023-12-25", "2024-01-01", "2024-01-15", "2024-02-19", "2024-03-29", "2024-05-27", "2024-06-19"),
}
FIRST, LAST = dt.date(2023, 1, 3), dt.date(2024, 6, 28)

SETTINGS = """\
providers: [{csv: {folder: prices, closes: split_adjusted}}]
benchmark: MKT
as_of: 2024-06-28
"""

INSTRUMENTS = """\
AAA: {name: Aardvark, short: Aardvark, kind: stock, what: Makes ladders.}
BBB: {name: Badger, short: Badger, kind: stock, aliases: [Badger Works], what: "Digs; sells to [[Aardvark]]."}
MKT: {name: Whole market, short: Market, kind: etf}
GAP: {name: Gap, kind: stock, what: Trades with holes.}
NEW: {name: Newcomer, kind: stock, what: Listed in May 2024.}
"""

THESIS = """\
title: Left to right
aliases: [The turn]
tags: [rotation]
opened: 2024-01-03
verdict: "Right leads left by {{ spread(buy, sell, 'ytd') | pp }}."
summary: >
  Capital leaves [[Aardvark]] for [[Badger]], as the [[Central bank]] wanted; see [[Rotation]].
sell: {name: Left, hold: [AAA]}
buy: {name: Right, hold: [BBB]}
signals:
  - {name: Right leads, when: "ratio('BBB', 'AAA') > sma(ratio('BBB', 'AAA'), 50)", means: it holds}
  - {name: Left is back, when: "ret(sell, '60d') > ret(buy, '60d')", means: it is over, kills: true}
claims:
  - {says: Badger doubled this year, check: "ret('BBB', 'ytd')", at_least: 100%, on: 2024-06-28, source: hearsay}
updates:
  - on: 2024-03-05
    data: 2024-03-04
    title: "Badger {{ ret('BBB', '1d') | pct(2) }}, Aardvark {{ ret('AAA', 'ytd') | pct(2) }}"
    blocks:
      - returns: {of: [AAA, BBB], over: [1d, ytd]}
sections:
  - heading: The trade so far
    blocks:
      - returns: {of: [AAA, BBB, pair], over: [5d, 90d, ytd]}
      - chart: {pair: [sell, buy], over: 90d, caption: Left and right}
  - heading: How wide it is
    blocks:
      - text: "{{ count(ret('three', '5d') > 0) }} of three rose in five sessions."
related:
  - {note: rotation, why: the idea}
sources:
  - {id: hearsay, title: Overheard, by: "[[Central bank]]"}
"""

CONCEPT = """\
title: Rotation
kind: concept
summary: Money moves from one side to the other.
sections:
  - heading: Two theses side by side
    blocks:
      - compare: {of: [left-to-right], rows: [sell, buy]}
related:
  - {note: left-to-right, why: an example}
"""

FILES = {
    "thesisvault.yaml": SETTINGS,
    "data/instruments.yaml": INSTRUMENTS,
    "data/entities.yaml": "bank: {name: Central bank, kind: institution, what: Sets the rate.}\n",
    "data/baskets/pair.yaml": "title: The pair\nmembers: [AAA, BBB]\n",
    "data/universes/three.txt": "AAA BBB MKT\n",
    "data/theses/left-to-right.yaml": THESIS,
    "data/theses/rotation.yaml": CONCEPT,
}


def sessions(first: dt.date = FIRST, last: dt.date = LAST) -> Iterator[dt.date]:
    """Yield the trading days of New York in the span of the prices."""
    for n in range((last - first).days + 1):
        day = first + dt.timedelta(n)
        if day.weekday() < 5 and day.isoformat() not in HOLIDAYS:
            yield day


def price(ticker: str, n: int) -> float:
    """Return the close of a ticker on the n-th session: a drift and two waves."""
    seed = sum(map(ord, ticker))
    drift = {"AAA": -0.0006, "BBB": 0.0009}.get(ticker, 0.0003)
    return round(100 * math.exp(drift * n + 0.03 * math.sin(n / 9 + seed) + 0.004 * math.sin(n * 2.1 + seed)), 2)


def write_prices(folder: Path, last: dt.date = LAST) -> None:
    """Write the files of prices up to a day."""
    folder.mkdir(parents=True, exist_ok=True)
    days = list(sessions(last=last))
    for ticker in ("AAA", "BBB", "MKT", "GAP", "NEW"):
        rows = [
            f"{day},{price(ticker, n)}"
            for n, day in enumerate(days)
            if not (ticker == "GAP" and day >= dt.date(2024, 6, 26))
            and not (ticker == "NEW" and day < dt.date(2024, 5, 1))
        ]
        (folder / f"{ticker}.csv").write_text("\n".join(["date,close", *rows, ""]))


def make_tiny(folder: Path) -> Path:
    """Make the small workspace with its prices, not yet built; return its root."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    write_prices(folder / "prices")
    return folder


def in_corner(root: Path, vault: Path, folder: str) -> None:
    """Have the small workspace's definitions and prices where `init` puts notes in a folder of a vault."""
    said = call("init", root, "--vault", vault, "--folder", folder)
    assert said.status == 0, said
    for path in (root / "data").rglob("*.yaml"):
        path.unlink()
    for name, text in FILES.items():
        if name != "thesisvault.yaml":
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
    write_prices(root / "prices")


def edit(path: Path, old: str, new: str) -> None:
    """Put a text in the place of another in a file, once."""
    text = path.read_bytes().decode()
    assert old in text, (path, text)
    path.write_bytes(text.replace(old, new, 1).encode())


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    status: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err

    def __str__(self) -> str:
        return f"exit {self.status}\n{self.all}"


def call(*words: str | Path) -> Said:
    """Return what the command line says to these words, in this process and through its own `main`."""
    out, err = io.StringIO(), io.StringIO()
    argv = ["thesisvault", *map(str, words)]
    ctrl_c = signal.getsignal(signal.SIGINT)
    with patch.object(sys, "argv", argv), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            return Said(int(ended.code or 0), out.getvalue(), err.getvalue())
        finally:
            if signal.getsignal(signal.SIGINT) is not ctrl_c:  # a process that was interrupted ignores it
                signal.signal(signal.SIGINT, ctrl_c)
    raise AssertionError("the command line did not end the process")


COMMAND = (sys.executable, "-m", "thesisvault")


def spawn(*words: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Said:
    """Return what the command line says to these words, in a process of its own."""
    done = subprocess.run(
        [*COMMAND, *map(str, words)],
        env=environment(env),
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=300,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a child process, which finds the package wherever it starts."""
    root = Path(__file__).resolve().parents[2]
    path = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH", ""))))
    return {**os.environ, "PYTHONPATH": path, **(more or {})}


def unmeasured() -> dict[str, str]:
    """Return the environment of a child process in which coverage is not measured, for it writes a file of its own."""
    return {name: text for name, text in environment().items() if not name.startswith("COVERAGE_")}


def tree(root: Path, *, besides: tuple[str, ...] = ()) -> dict[str, str]:
    """Return a checksum of each file below a folder; lock, caches and SQLite's helpers are left out."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.startswith((".thesisvault", *besides)) or name.endswith(("-wal", "-shm")):
            continue
        found[name] = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
    return found


def shown(note: Path) -> str:
    """Return the text of a note with one blank in the place of many, so that tables read as if they were not padded."""
    return re.sub(" {2,}", " ", note.read_text("utf-8"))


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    """Return the names of files that came, went or changed."""
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}

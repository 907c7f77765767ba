"""Evaluating: all figures of 100 theses, beside the evaluator on data frames that came before it.

    python bench/evaluate.py [--theses N] [--before COMMIT]

Every thesis has fifty figures over two sides and a benchmark and two signals with their whole history, and its two
series are read on the way, as in a build. The prices are those of this repository's market store (`make vault
MARKET=DIR`). The package of the earlier commit is taken out of the history of this repository; each package runs in a
process of its own, by turns, and processor time is compared.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import io
import os
import sqlite3
import statistics
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from thesisvault.market.store.store import Store

ROOT = Path(__file__).resolve().parents[1]
BEFORE, BEFORE_FORMAT = "3304a83", 2
AS_OF = "2026-02-27"
WORKER = r"""
import datetime as dt, inspect, itertools, sqlite3, sys, time
from pathlib import Path
from thesisvault.language.evaluate import Scope
from thesisvault.market.reading.market import Market
from thesisvault.market.records import Instrument

store, as_of = Path(sys.argv[1]), dt.date.fromisoformat(sys.argv[2])
NAMES = sys.argv[4:]
known = {name: Instrument(name, name, "etf") for name in (*NAMES, "SPY")}
can_keep = "kept" in inspect.signature(Market).parameters
market = Market(store, known, last_day=as_of, **({"kept": Path(sys.argv[3])} if can_keep and sys.argv[3] else {}))
pairs = list(itertools.pairwise(NAMES))[::2]
WINDOWS = ["ytd", "90d", "1y", "5d", "2025", "since 2025-10-29"]
PER_NAME = ["ret({x}, {w}) | pct", "vol({x}, {w}) | share", "drawdown({x}, {w}) | pct"]


def figures(window):
    for buy in ("buy", "sell"):
        yield from (each.format(x=buy, w=repr(window)) for each in PER_NAME)
    yield f"spread(buy, sell, {window!r}) | pp"
    yield f"beta(buy, benchmark, {window!r}) | num"


FIGURES = [each for window in WINDOWS for each in figures(window)] + [
    "(close('SPY') / high(close('SPY'), '1y')) | num", "(level('SPY') / sma(level('SPY'), 200)) | num"]
SIGNALS = ["ratio(buy, sell) > sma(ratio(buy, sell), 200)", "ret(buy, '60d') > ret(sell, '60d') + 0.10"]
scope = Scope(market, names={"benchmark": "SPY"})
assert len(market.series("SPY").levels) > 2000  # what a process does once
begun, shown = time.process_time(), []
for buy, sell in pairs:
    own = scope.where(buy=buy, sell=sell)
    shown += [own.figure(each).text for each in FIGURES]
    for each in SIGNALS:
        held = own.condition(each)
        shown.append(float(held.whole()[-1] if hasattr(held, "whole") else held.data.iloc[-1]))
spent = time.process_time() - begun
if can_keep:
    market.keep()
print(f"{spent * 1000 / len(pairs):.3f} {len(FIGURES)}")
print("\n".join(map(str, shown)), file=sys.stderr)
"""


def run(package: Path, store: Path, names: list[str], kept: Path | str = "") -> tuple[float, int, str]:
    """Return milliseconds of processor time per thesis, figures per thesis, and all that was shown.

    Args:
        package: Where the package lies.
        store: The market store.
        names: Two a thesis.
        kept: The file of kept series; empty: there is none.
    """
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(store), AS_OF, str(kept), *names],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(package)},
        cwd=package,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    spent, figures = done.stdout.split()
    return float(spent), int(figures), done.stderr


def listed(store: Path) -> list[str]:
    """Return stocks of the store with closes since 2015 at least, by name."""
    with Store(store, create=False) as opened:
        feeds = opened.feeds((ROOT / "data" / "universes" / "sp500.txt").read_text(encoding="utf-8").split())
    early = (name for name, bases in feeds.items() if any(feed.first < dt.date(2016, 1, 1) for feed in bases.values()))
    return sorted(early)


def as_before(store: Path, folder: Path) -> Path:
    """Return a copy of the store that the earlier package opens: it reads columns by name and leaves the newer ones."""
    copy = folder / "store.sqlite"
    with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as opened:
        opened.execute("VACUUM INTO ?", (str(copy),))
    with contextlib.closing(sqlite3.connect(copy)) as opened:
        opened.execute(f"PRAGMA user_version = {BEFORE_FORMAT}")
    return copy


def main() -> None:
    """Print what a thesis costs with both packages, and the ratio."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--theses", type=int, default=100)
    options.add_argument("--before", default=BEFORE)
    options.add_argument("--rounds", type=int, default=3)
    asked = options.parse_args()
    store = ROOT / "data" / "market" / "store.sqlite"
    # Members of the index that were listed long ago, two for each thesis.
    names = listed(store)[: 2 * asked.theses]
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(
            ["git", "-C", str(ROOT), "archive", asked.before, "generator"], capture_output=True, check=True
        ).stdout
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            packed.extractall(folder, filter="data")
        earlier = as_before(store, Path(folder))
        kept = Path(folder) / "series.map"
        run(ROOT / "generator", store, names, kept)
        old, new, mapped = [], [], []
        for _ in range(asked.rounds):
            one, other = (
                run(Path(folder) / "generator", earlier, names),
                run(ROOT / "generator", store, names),
            )
            if one[2] != other[2]:
                differ = sum(a != b for a, b in zip(one[2].split("\n"), other[2].split("\n"), strict=True))
                print(f"{differ} shown values differ between the two")
            third = run(ROOT / "generator", store, names, kept)
            if third[2] != other[2]:
                raise SystemExit("what was kept is not what is stored")
            old.append(one[0])
            new.append(other[0])
            mapped.append(third[0])
    before, now, again = statistics.median(old), statistics.median(new), statistics.median(mapped)
    print(f"{len(names) // 2} theses of {other[1]} figures and 2 signals, processor time per thesis:")
    print(f"  before {before:.2f} ms, now {now:.2f} ms, {before / now:.0f} times less; series kept {again:.2f} ms")


if __name__ == "__main__":
    main()

"""What one more day of prices rewrites in a vault: files and bytes, day by day, as git or a sync client sees them.

    python bench/noise.py [MARKET] [--sessions N]

A copy of this repository's definitions is built as of one session after the other, up to the day of its own vault, from
the price files in MARKET. Counted are files whose bytes differ from those of the session before, notes and pictures
apart; a file that is new counts too. Without MARKET, a folder with `prices/` in it, nothing can be measured.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LAST = dt.date(2026, 2, 27)
COMMAND = (sys.executable, "-c", "from thesisvault.cli.main import main; main()")

Files = Mapping[str, tuple[str, int]]


def run(*words: str) -> None:
    """Run a command of thesisvault in silence; a failure ends the measurement."""
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 5):
        sys.exit(done.stderr)


def files(folder: Path) -> Files:
    """Return a checksum and the size of each file below a folder, by its path."""
    return {
        path.relative_to(folder).as_posix(): (hashlib.sha256(data := path.read_bytes()).hexdigest(), len(data))
        for path in folder.rglob("*")
        if path.is_file() and ".trash" not in path.parts
    }


def changed(before: Files, after: Files, ending: str) -> tuple[int, int]:
    """Return how many files of an ending were written again, and their bytes."""
    sizes = [each[1] for name, each in after.items() if name.endswith(ending) and before.get(name) != each]
    return len(sizes), sum(sizes)


def sessions(market: Path, count: int) -> list[str]:
    """Return the last sessions of SPY up to the day of the vault, oldest first."""
    lines = (market / "prices" / "SPY.csv").read_text().splitlines()
    days = sorted(day for line in lines[1:] if (day := line.partition(",")[0][:10]) <= LAST.isoformat())
    return days[-count:]


def main() -> None:
    """Print one row a session, and the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("market", type=Path, nargs="?")
    parser.add_argument("--sessions", type=int, default=20)
    asked = parser.parse_args()
    if asked.market is None:
        print("nothing is measured without a folder of price files: python bench/noise.py MARKET")
        return
    market = asked.market.resolve()
    with tempfile.TemporaryDirectory() as temporary:
        workspace = Path(temporary)
        shutil.copytree(ROOT / "data", workspace / "data", ignore=shutil.ignore_patterns("market", "notes.yaml"))
        shutil.copy(ROOT / "thesisvault.yaml", workspace)
        os.chdir(workspace)
        run("refresh", "--csv", str(market))
        first, *days = sessions(market, asked.sessions + 1)
        run("build", "--offline", "--as-of", first)
        before, rows = files(workspace / "vault"), []
        print(f"{len(before)} files\n{'session':12}{'notes':>8}{'bytes':>12}{'pictures':>10}{'bytes':>12}")
        for day in days:
            run("build", "--offline", "--as-of", day)
            after = files(workspace / "vault")
            rows.append((*changed(before, after, ".md"), *changed(before, after, ".png")))
            print(f"{day:12}{rows[-1][0]:8}{rows[-1][1]:12,}{rows[-1][2]:10}{rows[-1][3]:12,}", flush=True)
            before = after
        middle = [round(statistics.median(column)) for column in zip(*rows, strict=True)]
        print(f"{'median':12}{middle[0]:8}{middle[1]:12,}{middle[2]:10}{middle[3]:12,}")


if __name__ == "__main__":
    main()

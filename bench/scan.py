"""A vault of a stranger's: how long reading it takes, the first time and when little has changed since.

    python bench/scan.py [--notes N] [--rounds N]

The yardstick is `rg -o` for wikilinks over the same files in the same run, a process that starts, reads all of them and
prints what it found; where ripgrep is not installed, a Python loop that reads every file and counts brackets. The
ratio is the one to set goals by: at most 10 the first time, at most 1 with a warm index. Figures are medians of elapsed
milliseconds; the import of Python's own modules is not part of ours.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.stories.stranger import make_vault, unlocked  # noqa: E402
from thesisvault.vault.cache import warm_scan  # noqa: E402 - the checkout, wherever it was started from

PATTERN = r"!?\[\[[^\]\n]+\]\]"


def took(work: Callable[[], object]) -> float:
    """Return how many milliseconds a piece of work takes."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def yardstick(vault: Path) -> tuple[str, Callable[[], object]]:
    """Return the name of the yardstick and a function that lays it on once."""
    rg = shutil.which("rg")
    if rg:
        command = [rg, "-o", "--no-ignore", "--glob", "*.md", PATTERN, str(vault)]
        return "rg -o", lambda: subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    files = [path for path in vault.rglob("*.md") if path.is_file()]
    return "python, reading all", lambda: sum(path.read_bytes().count(b"[[") for path in files)


def main() -> None:
    """Print one row a case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notes", type=int, default=8000)
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        vault, cache = make_vault(Path(temporary) / "vault", asked.notes), Path(temporary) / "cache"
        name, measure = yardstick(vault)
        time.sleep(2.1)  # what was written a moment ago is read again by design
        touched = sorted(vault.glob("Books/*.md"))[:10]
        rows: dict[str, list[float]] = {name: [], "first time": [], "nothing changed": [], "ten notes changed": []}
        for _ in range(asked.rounds):
            shutil.rmtree(cache, ignore_errors=True)
            rows[name].append(took(measure))
            rows["first time"].append(took(lambda: warm_scan(vault, cache)))
            rows["nothing changed"].append(took(lambda: warm_scan(vault, cache)))
        for _ in range(asked.rounds):  # apart, for what was touched a moment ago is read again in any case
            for path in touched:
                path.touch()
            rows["ten notes changed"].append(took(lambda: warm_scan(vault, cache)))
        notes = len(warm_scan(vault, cache).notes)
        unlocked(vault)
    print(f"{notes} notes, medians of {asked.rounds} rounds")
    print(f"{'case':<24}{'ms':>8}{'ratio':>8}")
    for case, spent in rows.items():
        ratio = statistics.median(a / b for a, b in zip(spent, rows[name], strict=True))
        print(f"{case:<24}{statistics.median(spent):>8.1f}{ratio:>8.2f}")


if __name__ == "__main__":
    main()

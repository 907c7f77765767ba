"""Growth: time and memory of builds over workspaces of more and more theses.

    python bench/scale.py N [N ...] [--charts SHARE]

Each size is built from nothing (its prices are stored beforehand), then once with nothing to do, once after one edit,
and once for a new day. Processor time is that of the whole process, and memory the most that it held.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from generated import AS_OF, generate

COMMAND = [sys.executable, "-m", "thesisvault"]


def spent(root: Path, *words: str) -> tuple[float, float]:
    """Return seconds of processor time, and MiB of memory, of one command in a workspace."""
    process = subprocess.Popen([*COMMAND, *words], cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{' '.join(words)}: {said.decode()[-2000:]}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def edited(root: Path, n: int) -> None:
    """Change a word of one thesis."""
    path = root / "data" / "theses" / f"thesis-{n:05d}.yaml"
    path.write_text(re.sub("One side", f"This side ({time.time_ns()})", path.read_text(), count=1))


def main() -> None:
    """Print one row for each size."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("sizes", type=int, nargs="+", metavar="N")
    options.add_argument("--charts", type=float, default=0.0, help="charts a thesis (none)")
    asked = options.parse_args()
    print(f"{'theses':>8}  {'build':22} {'seconds':>9} {'ms a thesis':>12} {'MiB':>7}")
    for size in asked.sizes:
        with tempfile.TemporaryDirectory() as name:
            root = Path(name) / "ws"
            generate(root, size, charts=round(size * asked.charts), last=AS_OF + dt.timedelta(10))
            spent(root, "refresh", "--as-of", "2026-03-05")
            cases = {
                "from nothing": ("build", "--offline"),
                "with nothing to do": ("build", "--offline"),
                "after one edit": ("build", "--offline"),
                "of a new day": ("build", "--offline", "--as-of", str(AS_OF + dt.timedelta(3))),
            }
            for case, words in cases.items():
                if case != "from nothing":
                    time.sleep(2.5)  # what is younger may change without a change of its times
                if case == "with nothing to do":
                    spent(root, *words, "--all")  # the first one after a build looks again, and remembers
                    time.sleep(2.5)
                if case == "after one edit":
                    edited(root, size // 2)
                seconds, memory = spent(root, *words)
                print(f"{size:8}  {case:22} {seconds:9.2f} {seconds / size * 1000:12.2f} {memory:7.0f}", flush=True)
    print(f"{os.cpu_count()} cores")


if __name__ == "__main__":
    main()

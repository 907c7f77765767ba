"""Watching this repository: what one save of a thesis costs a watch that is running, and what an idle watch costs.

    python bench/watch.py

Works on a copy. The market store must be filled first: thesisvault refresh.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAVES, IDLE = 7, 10.0
COMMAND = [sys.executable, "-m", "thesisvault", "watch", "--offline", "--as-of", "2026-02-27", "--json"]


def processor_time(process: subprocess.Popen[str]) -> float:
    """Return the seconds of processor time that a process has taken (Linux)."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print medians."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "ws"
        for each in ("data", "vault", "templates"):
            shutil.copytree(ROOT / each, root / each)
        shutil.copy(ROOT / "thesisvault.yaml", root)
        process = subprocess.Popen(COMMAND, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert process.stdout is not None
        json.loads(process.stdout.readline())
        time.sleep(2)  # the build tidies up after itself
        before = processor_time(process)
        time.sleep(IDLE)
        idle = (processor_time(process) - before) / IDLE
        path, taken, waited = root / "data/theses/debt-arithmetic.yaml", [], []
        text = path.read_text(encoding="utf-8")
        for n in range(SAVES):
            before, begun = processor_time(process), time.perf_counter()
            path.write_text(text.replace("summary: >\n", f"summary: >\n  Save {n}.\n", 1), encoding="utf-8")
            built = json.loads(process.stdout.readline())
            assert len(built["written"]) == 1, built
            waited.append(time.perf_counter() - begun)
            taken.append(processor_time(process) - before)
        process.terminate()
        process.wait()
    print(f"a save of one thesis: {statistics.median(taken):.2f} s of processor time, note written after", end=" ")
    print(f"{statistics.median(waited):.2f} s; idle: {100 * idle:.1f}% of a core")


if __name__ == "__main__":
    main()

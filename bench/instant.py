"""Nothing to do: a build that finds nothing changed, beside a bare interpreter, and beside ninja over as many files.

    python bench/instant.py [--notes N] [--rounds N]

The workspace is the demo, whose vault is filled with notes of a person up to the number asked for. Each round runs
every command once, in turn; processor time of the whole process is compared, the median of the rounds. Without ninja on
the machine its column is left out.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = [sys.executable, "-m", "thesisvault"]


def spent(words: list[str], folder: Path) -> float:
    """Return the processor time of a process, in milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def filled(folder: Path, notes: int) -> Path:
    """Return the demo with so many notes of a person, settled."""
    root = folder / "demo"
    subprocess.run([*COMMAND, "demo", str(root)], capture_output=True, check=True)
    for n in range(notes):
        path = root / "vault" / "Mine" / f"{n // 200}" / f"Note {n}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Number {n}, see [[Note {n // 2}]].\n")
    for _ in range(3):
        time.sleep(2.5)  # what is younger may change without a change of its times
        subprocess.run([*COMMAND, "build", "--offline"], cwd=root, capture_output=True, check=True)
    return root


def for_ninja(folder: Path, targets: int) -> Path:
    """Return a folder in which ninja has as many targets, all of them made."""
    root = folder / "ninja"
    root.mkdir()
    rules = ["rule copy", "  command = cp $in $out"]
    for n in range(targets):
        (root / f"in{n}").write_text("x")
        rules.append(f"build out{n}: copy in{n}")
    (root / "build.ninja").write_text("\n".join([*rules, ""]))
    subprocess.run(["ninja"], cwd=root, capture_output=True, check=True)
    return root


def main() -> None:
    """Print what a build with nothing to do costs."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--notes", type=int, default=13_000)
    options.add_argument("--rounds", type=int, default=15)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases = {"bare": ([sys.executable, "-c", "pass"], folder)}
        for notes in (0, asked.notes):
            (folder / str(notes)).mkdir(exist_ok=True)
            cases[f"ours, {notes} notes of a person"] = (
                [*COMMAND, "build", "--offline"],
                filled(folder / str(notes), notes),
            )
        if shutil.which("ninja"):
            cases[f"ninja, {asked.notes} targets"] = ["ninja"], for_ninja(folder, asked.notes)
        found: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(asked.rounds):
            for case, (words, where) in cases.items():
                found[case].append(spent(words, where))
    bare = statistics.median(found["bare"])
    for case, times in found.items():
        print(f"{case:32} {statistics.median(times):7.1f} ms  {statistics.median(times) / bare:5.1f} x bare")
    print(f"{os.cpu_count()} cores")


if __name__ == "__main__":
    main()

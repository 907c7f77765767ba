"""The long run: python -m tests.fuzz [--definitions N] [--expressions N] [--notes N] [--texts N] [--seed W] [--from N]

Prints every case that raised what may not be raised or took longer than two seconds of processor time, and at the end
what was run, the slowest case of each kind and how much memory was used. Exit status 1: something was found.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
import traceback

from tests.fuzz.cases import COUNTED, KINDS, run

LONG = {"definitions": 100_000, "expressions": 100_000, "notes": 50_000, "texts": 1_000}
MOST_SECONDS = 2.0
MOST_MEGABYTES = 500


def main() -> int:
    """Run what the command line asks for."""
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    for kind in KINDS:
        options.add_argument(f"--{kind}", type=int, default=None, metavar="N")
    options.add_argument("--seed", default="0")
    options.add_argument("--from", type=int, default=0, dest="first", metavar="N")
    asked = options.parse_args()
    os.environ["THESISVAULT_DEBUG"] = "1"
    chosen = {kind: getattr(asked, kind) for kind in KINDS if getattr(asked, kind) is not None}
    found = sum(_one_kind(kind, asked.first, count, asked.seed) for kind, count in (chosen or LONG).items())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    _say(f"definitions that were built: {COUNTED['built']}")
    _say(f"memory: {memory:.0f} MB at most, {MOST_MEGABYTES} allowed")
    return 1 if found or memory > MOST_MEGABYTES else 0


def _one_kind(kind: str, first: int, count: int, seed: str) -> int:
    slowest, spent, found = (0.0, first), time.process_time(), 0
    for number in range(first, first + count):
        begun = time.process_time()
        try:
            run(kind, number, seed)
        except Exception:  # noqa: BLE001 - to find it is what this is for
            found += 1
            _say(f"--- {kind} {number} (seed {seed}) raised\n{traceback.format_exc(limit=-6)}")
        took = time.process_time() - begun
        slowest = max(slowest, (took, number))
        if took > MOST_SECONDS and number > first:  # the first makes the workspace
            found += 1
            _say(f"--- {kind} {number} (seed {seed}) took {took:.1f} s")
        if count > 1_000 and (number + 1) % 5_000 == 0:
            _say(f"{kind}: {number + 1 - first} done, {found} found")
    spent = time.process_time() - spent
    _say(f"{kind}: {count} cases, {found} found, {spent:.0f} s, slowest {slowest[0]:.2f} s (case {slowest[1]})")
    return found


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

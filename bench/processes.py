"""Processes that benches start, and the processor time that they take."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
OURS = [str(Path(PYTHON).with_name("thesisvault"))]
"""The command as a person types it."""

# An installed program keeps what Python has compiled; an environment that forbids it would have both sides compile.
_LEFT_OUT = ("PYTHONDONTWRITEBYTECODE", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
ENVIRONMENT = {name: text for name, text in os.environ.items() if name not in _LEFT_OUT}


def run(words: list[str], folder: Path, expected: tuple[int, ...] = (0,)) -> str:
    """Return what a process prints that has to end with an expected status.

    Raises:
        SystemExit: It ended with another status.
    """
    done = subprocess.run(words, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode not in expected:
        raise SystemExit(
            f"{' '.join(words)}: exit status {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    return done.stdout


def spent(words: list[str], folder: Path, expected: tuple[int, ...] = (0,)) -> float:
    """Return the processor time of a process and of all that it starts, user and system, in milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(words, folder, expected)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

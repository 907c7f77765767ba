"""The tests themselves: each one on the disk is run, and none of them asks the clock whether the code is right."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CLOCKS = {"perf_counter", "perf_counter_ns", "process_time", "process_time_ns", "thread_time", "clock_gettime"}
DEADLINES = {"monotonic", "monotonic_ns", "time", "time_ns"}  # to wait for something, never to assert


def sources(folder: Path, pattern: str) -> Iterator[tuple[str, str]]:
    """Yield path and text of each Python file below a folder, the path as pytest writes it."""
    for path in sorted(folder.rglob(pattern)):
        yield path.relative_to(folder.parent).as_posix(), path.read_text("utf-8")


@pytest.fixture(scope="module")
def collected(root: Path) -> set[str]:
    """The files in which pytest finds something to run, with the configuration of the project and nothing else."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    words = (sys.executable, "-m", "pytest", "--collect-only", "-qq", "-p", "no:cacheprovider")
    done = subprocess.run(words, cwd=root, env=environment, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    return {line.rpartition(": ")[0] for line in done.stdout.splitlines() if ".py: " in line}


def test_every_file_of_tests_is_run(root: Path, collected: set[str]) -> None:
    files = {name for name, _ in sources(root / "tests", "test_*.py")}
    assert files
    assert sorted(files - collected) == []


def test_every_example_in_a_docstring_is_run(root: Path, collected: set[str]) -> None:
    examples = {name for name, text in sources(root / "generator", "*.py") if ">>> " in text}
    assert examples
    assert sorted(examples - collected) == []


def test_every_file_that_holds_tests_has_the_name_of_one(root: Path) -> None:
    misnamed = [
        name
        for name, text in sources(root / "tests", "*.py")
        if not Path(name).name.startswith("test_") and "\ndef test_" in text
    ]
    assert misnamed == []


def asks_the_clock(text: str) -> Iterator[int]:
    """Yield the lines on which a test measures time, or asserts what a clock says."""
    tree = ast.parse(text)
    asserted = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.Assert) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        of_time = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "time"
        if name in CLOCKS or (of_time and name in DEADLINES and id(node) in asserted):
            yield node.lineno


def test_no_test_asserts_how_long_something_takes(root: Path) -> None:
    found = [
        f"{name}:{line}"
        for name, text in sources(root / "tests", "*.py")
        # A long run of fuzzing is started by hand, and says itself what took long.
        if name not in ("tests/house/test_tests.py", "tests/fuzz/__main__.py")
        for line in asks_the_clock(text)
    ]
    assert found == [], "a figure of time depends on the machine: print it in bench/"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("start = time.perf_counter()\nassert work()\n", [1]),
        ("from time import perf_counter\nbegun = perf_counter()\n", [2]),
        ("x = 1\nassert time.monotonic() - start < 2\n", [2]),
        ("until = time.monotonic() + 30\nwhile time.monotonic() < until:\n    assert work()\n", []),
        ("assert answer.time == 3\n", []),
    ],
)
def test_a_clock_is_known_by_its_use(text: str, lines: list[int]) -> None:
    assert list(asks_the_clock(text)) == lines

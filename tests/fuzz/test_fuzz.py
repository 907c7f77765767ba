"""Spoiled definitions, expressions and notes end in findings, never in anything else: the short form, always run.

`python -m tests.fuzz` runs 100,000 definitions, 100,000 expressions and 50,000 notes, and measures time and memory.
"""

from __future__ import annotations

import os

import pytest

from tests.fuzz.cases import COUNTED, KINDS, run

SHORT = {"definitions": 120, "expressions": 400, "notes": 150, "texts": 16}
SEED = os.environ.get("THESISVAULT_FUZZ_SEED", "short")


@pytest.fixture(autouse=True)
def _nothing_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THESISVAULT_DEBUG", "1")


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_spoiled_ends_in_findings(kind: str, part: int) -> None:
    built = COUNTED["built"]
    for number in range(part, SHORT[kind], 4):
        try:
            run(kind, number, SEED)
        except Exception as bug:
            raise AssertionError(f"python -m tests.fuzz --{kind} 1 --from {number} --seed {SEED}") from bug
    if kind in ("definitions", "texts"):
        assert COUNTED["built"] > built, "nothing was sound enough to be built"

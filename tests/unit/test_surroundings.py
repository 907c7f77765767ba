"""Garbage is looked for once all is loaded, unless whoever runs this wants it otherwise."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from thesisvault import surroundings


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(surroundings, "_TOLD", {})
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()
    gc.enable()


def test_python_waits_with_garbage_until_all_is_loaded() -> None:
    surroundings.settle()
    assert not gc.isenabled()
    surroundings.all_is_loaded()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 10_000


def test_a_program_that_wants_none_looked_for_has_its_way() -> None:
    gc.disable()
    surroundings.settle()
    surroundings.all_is_loaded()
    assert not gc.isenabled()


def test_a_program_that_was_never_told_to_wait_is_left_alone() -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    surroundings.all_is_loaded()
    assert (gc.get_threshold(), gc.get_freeze_count()) == before

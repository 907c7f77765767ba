"""The engine against the truth: whatever is edited, a build that keeps what is the same ends as one that keeps nothing.

`ENGINE_STEPS` says how many edits each of the runs makes; a short run is always made.
"""

from __future__ import annotations

import json
import os
import random
import re
from pathlib import Path

import pytest

from tests.stories.workspaces import call
from tests.stories.worlds import World
from thesisvault import instant
from thesisvault.runs.engine import engine as engines

STEPS = int(os.environ.get("ENGINE_STEPS", "14"))
CHECKED, MENDED = 0.3, 0.7
"""How often a check is made, and how often a mistake is mended at once."""
SEEDS = range(int(os.environ.get("ENGINE_SEEDS", "4")))


@pytest.fixture(autouse=True)
def _any_age(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files count that were written a moment ago: here every change of one changes its time."""
    monkeypatch.setattr(instant, "TICK", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_build_that_keeps_what_is_the_same_ends_as_one_that_keeps_nothing(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path, random.Random(seed))
    sound = tmp_path / "sound"
    assert world.build_both_ways().status == 0
    world.keep(sound)
    for _ in range(STEPS):
        for _ in range(world.chance.choice([1, 1, 1, 2])):
            world.edit()
        if world.chance.random() < CHECKED:
            world.check_both_ways()
        if world.build_both_ways().status == 0:
            world.keep(sound)
        elif world.chance.random() < MENDED:
            world.told.append("mend")
            world.mend(sound)
    assert world.ended[0] > sum(world.ended.values()) / 2


# Each kind of leaf with an edit that no other kind tells of: what was, and what is written in its place.
LEAVES = {
    "definition": ("data/theses/left-to-right.yaml", "title: Overheard", "title: Heard"),
    "instrument": ("data/instruments.yaml", "AAA: {", "AAA: {sector: Tools, "),
    "entity": ("data/entities.yaml", "Sets the rate.", "Sets rates."),
    "basket": ("data/baskets/pair.yaml", "title: The pair", "title: The pair\nwhat: Both of them."),
    "episode": ("data/episodes.yaml", "The turn of 2023", "A turn of 2023"),
    "universe": ("data/universes/three.txt", "AAA BBB MKT", "AAA BBB"),
    "label": ("data/baskets/pair.yaml", "title: The pair", "title: The pair\nshort: Two"),
    "series": ("prices/BBB.csv", r"2024-06-28,\d+", "2024-06-28,144"),
    "many": ("prices/NEW.csv", r"2024-06-28,\d+", "2024-06-28,112"),
    "usage": ("data/theses/rotation.yaml", "Money moves", "As [[Badger]] moves, money moves"),
    "neighbor": ("vault/Own/Badger Works.md", "", "Mine."),
    "notes": ("data/entities.yaml", "Sets the rate.", "'Sets the rate of [[Newcomer]].'"),
    "trust": ("prices/NEW.csv", r"2024-06-28,\d+", "2024-06-28,1"),
}


@pytest.mark.parametrize("kind", LEAVES)
def test_each_kind_of_leaf_is_needed(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path, random.Random(0))
    world.build_both_ways()
    name, old, new = LEAVES[kind]
    text = world.read(name) if old else ""
    assert re.search(old, text), name
    world.write(name, re.sub(old, new, text))
    call("refresh", "-w", world.root)
    differ = engines.Engine.differ
    with monkeypatch.context() as blind:
        blind.setattr(
            engines.Engine, "differ", lambda self, kept: differ(self, {k: v for k, v in kept.items() if k[0] != kind})
        )
        with pytest.raises(AssertionError):
            world.build_both_ways()
    assert json.loads(world.build_both_ways().out)["written"]

"""The engine against the truth: whatever is edited, a build that keeps what is the same ends as one that keeps nothing.

`ENGINE_STEPS` says how many edits each of the runs makes; a short run is always made.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from unittest.mock import ANY

import pytest

from tests.stories.workspaces import call, price, sessions
from tests.stories.worlds import MORE, World
from thesisvault import instant
from thesisvault.runs.engine import engine as engines
from thesisvault.runs.engine.leaves import Leaf, Leaves

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


class Alone(NamedTuple):
    """An edit that leaves of one kind alone tell a note of.

    Attributes:
        name: The file.
        old: What was in it; empty where there was none.
        new: What is written in its place.
        first: The text of a thesis that is there before, and is such a note.
        there: Further files that are there before.
    """

    name: str
    old: str
    new: str
    first: str = ""
    there: Mapping[str, str] = MappingProxyType({})

    def make(self, world: World) -> None:
        """Make the edit, and have its prices stored."""
        text = world.read(self.name) if self.old else ""
        assert re.search(self.old, text), self.name
        world.write(self.name, re.sub(self.old, lambda _: self.new, text))
        call("refresh", "-w", world.root)


LAST_THREE = [price("AAA", n) for n in range(len(list(sessions())))][-3:]
BETWEEN = (LAST_THREE[2] / LAST_THREE[1] + LAST_THREE[1] / LAST_THREE[0]) / 2 - 1
"""What the return of the last day is on one side of, and that of the day before on the other."""
MEMBERS = ("data/baskets/pair.yaml", r"members: \[AAA, BBB\]", "members: [AAA, MKT]")
CHART = "title: Alone\nkind: concept\nsummary: x\nsections:\n  - heading: A\n    blocks:\n      - "
FAILED = {
    "began": "2024-07-01T20:45:00+00:00",
    "ended": "2024-07-01T20:46:00+00:00",
    "status": 3,
    "said": "error: the source refused.",
}
LEAVES = {
    "definition": Alone("data/theses/left-to-right.yaml", "title: Overheard", "title: Heard"),
    "defined": Alone(
        "data/theses/late.yaml",
        "",
        "title: Late\nbuy: {hold: [AAA]}\nsell: {hold: [BBB]}\nsummary: x\n"
        "signals:\n  - {name: It began, means: x, when: \"ret('AAA', '1d') > DAY\"}\n".replace("DAY", f"{BETWEEN:.9f}"),
        first=f"{CHART}changes: {{}}\n",
    ),
    "names": Alone(
        "data/theses/left-to-right.yaml",
        "opened: 2024",
        "currency: EUR\nopened: 2024",
        first=f"{CHART}compare: {{of: [left-to-right], rows: [since_opened]}}\n",
    ),
    "field": Alone(
        "data/theses/left-to-right.yaml",
        "name: Left is back",
        "name: Left returns",
        first=f"{CHART}compare: {{of: [left-to-right], rows: [kill]}}\n",
    ),
    "instrument": Alone("data/instruments.yaml", "AAA: {", "AAA: {sector: Tools, "),
    "entity": Alone("data/entities.yaml", "Sets the rate.", "Sets rates."),
    "basket": Alone("data/baskets/pair.yaml", "title: The pair", "title: The pair\nwhat: Both of them."),
    "known-basket": Alone(
        *MEMBERS, first="title: Alone\nkind: concept\nsummary: \"{{ mean_corr('pair', '60d') | num(2) }}\"\n"
    ),
    "members": Alone(*MEMBERS, first=f"{CHART}chart: {{correlation: pair, over: 90d}}\n"),
    "episode": Alone("data/episodes.yaml", "The turn of 2023", "A turn of 2023"),
    "universe": Alone("data/universes/three.txt", "AAA BBB MKT", "AAA BBB"),
    "label": Alone("data/baskets/pair.yaml", "title: The pair", "title: The pair\nshort: Two"),
    "short": Alone(
        "data/baskets/pair.yaml",
        "title: The pair",
        "title: The pair\nshort: Three",  # as the universe, which is called so from then on
    ),
    "sector-fund": Alone(
        "data/instruments.yaml",
        "sector: Tools, what",
        "sector: Tools, sector_fund: true, what",
        there={
            "data/instruments.yaml": MORE["data/instruments.yaml"]
            .replace(", kind: etf}", ", kind: etf, sector: Tools}")
            .replace("what: Makes", "sector: Tools, what: Makes")
        },
    ),
    "series": Alone("prices/BBB.csv", r"2024-06-28,\d+", "2024-06-28,144"),
    "many": Alone("prices/NEW.csv", r"2024-06-28,\d+", "2024-06-28,112"),
    "usage": Alone("data/theses/rotation.yaml", "Money moves", "As [[Badger]] moves, money moves"),
    "neighbor": Alone("vault/Own/On it.md", "", "---\nticker: MKT\n---\nMine."),
    "notes": Alone("data/entities.yaml", "Sets the rate.", "'Sets the rate of [[Newcomer]].'"),
    "brief": Alone("data/theses/left-to-right.yaml", "opened: 2024-01-03", "opened: 2024-02-05"),
    "breadth": Alone(
        "prices/NEW.csv", r"2024-06-28,\d+", "2024-06-28,107", there={"data/universes/three.txt": "AAA BBB NEW MKT\n"}
    ),
    "run": Alone(".thesisvault/run.json", "", json.dumps({"version": 1, "last": FAILED, "last_good": None})),
    "claims": Alone("data/theses/left-to-right.yaml", "at_least: 100%", "at_least: 1%"),
    "trust": Alone("prices/NEW.csv", r"2024-06-28,\d+", "2024-06-28,1"),
}
FOLLOWING = {"episode-names", "known-instrument"}
"""Kinds of leaves that tell nothing alone: whatever changes them changes the digest of a series that is read with them.

They are read all the same, so that this need not be so in a later version.
"""


def built(tmp_path: Path, edit: Alone) -> World:
    """Return a world that is built, with what an edit wants there before."""
    world = World(tmp_path, random.Random(0))
    for name, text in {**({"data/theses/alone.yaml": edit.first} if edit.first else {}), **edit.there}.items():
        world.write(name, text)
    said = call("build", "--offline", "-w", world.root)
    assert said.status == 0, said
    return world


@pytest.mark.parametrize("kind", LEAVES)
def test_each_kind_of_leaf_is_needed(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = built(tmp_path, LEAVES[kind])
    LEAVES[kind].make(world)
    differ = engines.Engine.differ
    with monkeypatch.context() as blind:
        blind.setattr(
            engines.Engine, "differ", lambda self, kept: differ(self, {k: v for k, v in kept.items() if k[0] != kind})
        )
        with pytest.raises(AssertionError):
            world.build_both_ways()
    assert json.loads(call("build", "--offline", "--json", "-w", world.root).out)["written"]


MEANT = "title: Alone\nkind: concept\nsummary: As [[{}]] says.\n"
THOUGHTS = {"vault/Own/Some thoughts.md": "Mine."}
LINKS = {
    "name": Alone("vault/Other/Some thoughts.md", "", "x", first=MEANT.format("Some thoughts"), there=THOUGHTS),
    "far": Alone("vault/Other/Some thoughts.md", "", "x", first=MEANT.format("Own/Some thoughts"), there=THOUGHTS),
    "persons": Alone("vault/Own/Aardvark Inc.md", "", "---\nticker: AAA\n---\nMine.", first=MEANT.format("Aardvark")),
    "path": Alone("vault/Other/On it.md", "", "x", there={"vault/Own/On it.md": "---\nticker: AAA\n---\nMine."}),
    "series": Alone("vault/Own/Badger.md", "", "Of the forest."),
    "title": Alone("vault/Own/Left to right.md", "", "As one reads."),
}


@pytest.mark.parametrize("kind", LINKS)
def test_each_kind_of_link_is_needed(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = built(tmp_path, LINKS[kind])
    LINKS[kind].make(world)
    led_to = engines.led_to
    with monkeypatch.context() as blind:
        blind.setattr(engines, "led_to", lambda table, leaf: ANY if leaf[0] == kind else led_to(table, leaf))
        with pytest.raises(AssertionError):
            world.build_both_ways()
    assert json.loads(call("build", "--offline", "--json", "-w", world.root).out)["written"]


def test_every_kind_of_leaf_was_left_out_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds: set[str] = set()
    digest = Leaves.digest

    def noted(self: Leaves, leaf: Leaf) -> str:
        kinds.update((*self._by_kind, *(known for known, _ in self._known), leaf[0]))
        return digest(self, leaf)

    monkeypatch.setattr(Leaves, "digest", noted)
    World(tmp_path, random.Random(0)).build_both_ways()
    assert kinds - {"one"} == LEAVES.keys() | FOLLOWING

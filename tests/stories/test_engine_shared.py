"""What several notes show of one thesis: an edit of it reaches each of them, and no other note is written."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from msgspec.structs import asdict

from tests.stories.edits_of_theses import makes_a_twin
from tests.stories.workspaces import call
from tests.stories.worlds import World
from thesisvault import instant
from thesisvault.digests import digest_of
from thesisvault.runs.engine.leaves import Leaf, Leaves
from thesisvault.runs.engine.watched import WatchedRecord
from thesisvault.runs.steps import making
from thesisvault.runs.steps.composing import Planned
from thesisvault.structs import replace

LEFT, EUROPE, TWIN = (f"data/theses/{name}.yaml" for name in ("left-to-right", "europe", "twin"))
THEIRS = "Theses/Europe against home"
HELD = "claims:\n  - {says: It falls, check: \"ret('pair', '90d')\", at_most: 0%, on: 2024-06-20, source: heard}\n"


class Edit(NamedTuple):
    """An edit of what several notes show.

    Attributes:
        name: The file.
        old: What is there.
        new: What is written in its place.
        notes: The notes that show it, without the end of their names.
    """

    name: str
    old: str
    new: str
    notes: set[str]

    def make(self, world: World) -> None:
        """Make the edit, and have its prices stored."""
        before = world.read(self.name)
        world.replace(self.name, self.old, self.new)
        assert world.read(self.name) != before, self
        call("refresh", "-w", world.root)


AUTHORS = {"Entities/Central bank", "Sources"}
PAIR = {"Assets/Aardvark", "Assets/Badger", "Assets/The pair"}
SIDES = {"Assets/Aardvark", "Assets/Euro firm", "Assets/Whole market"}
EDITS = {
    "a claim is added": Edit(EUROPE, "claims:\n", HELD, {THEIRS, *PAIR, *AUTHORS}),
    "a claim comes out otherwise": Edit(
        EUROPE, "at_least: 0pp", "at_least: -9pp", {THEIRS, "Assets/Aardvark", "Assets/Euro firm", "Sources"}
    ),
    "a claim has another author": Edit(
        EUROPE, r"\[\[Central bank\]\], \[\[Badger\]\]", "[[Badger]]", {THEIRS, *PAIR, *AUTHORS}
    ),
    "it was opened on another day": Edit(EUROPE, "opened: 2024-02-01", "opened: 2024-03-01", {THEIRS, *SIDES, "Home"}),
    "conviction changes": Edit(EUROPE, "opened: 2024-03-01", "opened: 2024-03-01\nconviction: 4", {THEIRS}),
    "it is closed": Edit(
        LEFT,
        "opened: 2024-01-03",
        "opened: 2024-01-03\nstatus: closed\nclosed: 2024-06-14",
        {"Theses/Left to right", "Assets/Aardvark", "Assets/Badger", "Home"},
    ),
    "a scenario is due later": Edit(TWIN, "by: 2024-07-03", "by: 2024-07-05", {"Theses/Twin", "Home"}),
    "a headline changes": Edit(TWIN, "positive: Right led", "positive: Right won", set()),
    "a signal has another name": Edit(TWIN, "name: Left is back", "name: Left returns", {"Theses/Twin"}),
    "an author is of another kind": Edit(
        "data/entities.yaml", "kind: institution", "kind: firm", {"Entities/Central bank"}
    ),
    "it has another title": Edit(
        EUROPE,
        "title: Europe against home",
        "title: Europe leads",
        {THEIRS, *PAIR, *SIDES, "Home", "Theses/All of it"},
    ),
}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(instant, "TICK", 0)
    world = World(tmp_path, random.Random(1))
    makes_a_twin(world)
    world.replace(TWIN, "title: .*", "title: Twin")
    return world


def written(world: World) -> set[str]:
    """Build both ways, see that the same came of it, and return the notes that were written."""
    said = world.build_both_ways()
    assert said.status == 0, said
    names = [name for name in json.loads(said.out)["written"] if name.endswith(".md")]
    return {name.removeprefix("vault/").removesuffix(".md") for name in names}


def test_an_edit_of_a_thesis_is_written_to_each_note_that_shows_it_and_to_no_other(world: World) -> None:
    assert written(world)
    for what, each in EDITS.items():
        each.make(world)
        assert written(world) == each.notes, what


# Blind on purpose -------------------------------------------------------------------------------------------------

Blind = Callable[[pytest.MonkeyPatch], None]


def _of_claims(kind: str, seen: Callable[[tuple[object, ...]], tuple[object, ...]]) -> Blind:
    """Return what has notes of a kind see less of the claims that they show or count."""

    def blind(patch: pytest.MonkeyPatch) -> None:
        composed = making.composed

        def less(engine: Any, note: Planned, book: Any, *, is_there: bool) -> Any:
            claims = note.claims
            if claims is not None and note.id.startswith(kind):
                note = replace(note, claims=lambda: seen(claims()))
            return composed(engine, note, book, is_there=is_there)

        patch.setattr(making, "composed", less)

    return blind


def _of_uses(*unseen: str) -> Blind:
    """Return what has notes see less of who uses a thing."""

    def digest(leaves: Leaves, name: str) -> str:
        if name not in leaves._used:
            return "absent"
        return digest_of({key: value for key, value in asdict(leaves._used[name]).items() if key not in unseen})

    return lambda patch: patch.setattr(Leaves, "_usage", digest)


def _names(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(WatchedRecord, "names", property(lambda self: self._record.names))


def _briefs(seen: tuple[str, ...]) -> Blind:
    """Return what has the home note see less of what is told of a thesis."""

    def blind(patch: pytest.MonkeyPatch) -> None:
        tell = Leaves.tell

        def less(leaves: Leaves, leaf: Leaf, *values: object) -> Leaf:
            return tell(leaves, leaf, *((getattr(values[0], name) for name in seen) if leaf[0] == "brief" else values))

        patch.setattr(Leaves, "tell", less)

    return blind


def _nothing(_seen: tuple[object, ...]) -> tuple[object, ...]:
    return ()


def _of(ticker: str, fund: str) -> Edit:
    return Edit("data/instruments.yaml", f"(?m)^{ticker}: {{", f"{ticker}: {{of: [{fund}], ", set())


BLIND: Mapping[str, tuple[Blind, Edit]] = {
    "claims about an instrument": (_of_claims("instrument/", _nothing), EDITS["a claim comes out otherwise"]),
    "claims about a basket": (_of_claims("basket/", _nothing), EDITS["a claim is added"]),
    "claims of an author": (_of_claims("entity/", lambda seen: seen[1:]), Edit(EUROPE, "It leads", "It won", set())),
    "how claims of other authors came out": (
        _of_claims("entity/", lambda seen: seen[:1]),
        Edit(EUROPE, "by: somebody", 'by: "[[Badger]]"', set()),
    ),
    "how claims of all authors came out": (
        _of_claims("page/", _nothing),
        Edit(EUROPE, "at_least: 1pp", "at_least: 99pp", set()),
    ),
    "sides that hold what holds it": (_of_uses("positions"), _of("BBB", "MKT")),
    "names of a thesis": (_names, Edit("data/theses/wide.yaml", "buy: ", "over: 90d\nbuy: ", set())),
    "what is told of a thesis": (_briefs(("id", "title", "status")), EDITS["it was opened on another day"]),
}


@pytest.mark.parametrize("what", BLIND)
def test_a_note_that_does_not_see_what_it_shows_of_others_is_found_out(
    world: World, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind, change = BLIND[what]
    _of("AAA", "BBB").make(world)
    blind(monkeypatch)
    assert call("build", "--offline", "-w", world.root).status == 0
    change.make(world)
    with pytest.raises(AssertionError):
        world.build_both_ways()

"""How much a build writes: as many notes as a change touches, and no file twice."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from tests.stories.workspaces import call, edit, make_tiny
from tests.stories.worlds import World
from thesisvault import instant

NUMBER = 8
Stamps = dict[str, tuple[bytes, int, int]]


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Return a workspace with eight theses, tickers and entities that know nothing of one another, built."""
    root = make_tiny(tmp_path / "ws")
    entities, instruments = root / "data/entities.yaml", root / "data/instruments.yaml"
    for n in range(NUMBER):
        with entities.open("a") as file:
            file.write(f"firm{n}: {{name: Firm {n}, kind: institution, what: Firm {n} is here.}}\n")
        with instruments.open("a") as file:
            file.write(f"T{n}T: {{name: Ticker {n}, kind: stock, what: Ticker {n} is traded.}}\n")
        (root / f"prices/T{n}T.csv").write_text((root / "prices/BBB.csv").read_text())
        (root / f"data/theses/idea{n}.yaml").write_text(
            f"title: Idea {n}\nkind: concept\nsummary: Idea {n} is simple.\n"
            f'sections:\n  - {{heading: Firms, blocks: [{{text: "[[Firm {n}]] and [[Ticker {n}]]"}}]}}\n'
        )
    assert call("refresh", "-w", root).status == 0
    assert call("build", "--offline", "-w", root).status == 0
    return root


def stamps(root: Path) -> Stamps:
    """Return what lies in the vault: bytes, time and number of each file."""
    found = {path.relative_to(root).as_posix(): path for path in (root / "vault").rglob("*") if path.is_file()}
    return {n: (p.read_bytes(), p.stat().st_mtime_ns, p.stat().st_ino) for n, p in found.items()}


def touched(before: Stamps, after: Stamps) -> set[str]:
    """Return the files that were written, whether or not they came out otherwise."""
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def edit_entity(root: Path, n: int) -> str:
    edit(root / "data/entities.yaml", f"Firm {n} is here", f"Firm {n} is there")
    return f"vault/Entities/Firm {n}.md"


def edit_ticker(root: Path, n: int) -> str:
    edit(root / "data/instruments.yaml", f"Ticker {n} is traded", f"Ticker {n} is sold")
    return f"vault/Assets/Ticker {n}.md"


def edit_idea(root: Path, n: int) -> str:
    edit(root / f"data/theses/idea{n}.yaml", "is simple", "is hard")
    return f"vault/Concepts/Idea {n}.md"


def correct_price(root: Path, n: int) -> str:
    edit(root / f"prices/T{n}T.csv", "2024-06-28,143.08", "2024-06-28,143.9")
    call("refresh", "-w", root)
    return f"vault/Assets/Ticker {n}.md"


def edit_file(root: Path, n: int) -> str:
    edit(root / f"vault/Concepts/Idea {n}.md", "is simple", "is easy")
    return f"vault/Concepts/Idea {n}.md"


@pytest.mark.parametrize("make", [edit_entity, edit_ticker, edit_idea, correct_price, edit_file])
def test_a_change_that_touches_k_notes_writes_k_notes(many: Path, make: object) -> None:
    assert callable(make)
    done = 0
    for k in (1, 2, 5):
        paths = {make(many, n) for n in range(done, done + k)}
        done += k
        before = stamps(many)
        said = call("build", "--offline", "--json", "-w", many)
        assert said.status == 0, said
        after = stamps(many)
        assert len(paths) == k
        assert touched(before, after) == paths
        assert set(json.loads(said.out)["written"]) == paths
        assert all(before[path][0] != after[path][0] for path in paths)


def test_a_build_with_nothing_to_do_touches_no_file(many: Path) -> None:
    before = stamps(many)
    for words in ((), ("--clean",), ("idea1",)):
        assert json.loads(call("build", *words, "--offline", "--json", "-w", many).out)["written"] == []
    assert stamps(many) == before


@pytest.mark.slow
def test_a_hundred_edits_as_they_are_watched_end_in_the_vault_of_a_clean_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instant, "TICK", 0)
    world = World(tmp_path, random.Random(12))
    world.keep(sound := tmp_path / "sound")
    written = 0
    for _ in range(100):
        world.edit()
        said = call("build", "--offline", "--json", "-w", world.root)
        if said.status == 0:
            world.keep(sound)
            written += bool(json.loads(said.out)["written"])
        else:
            world.told.append("mend")
            world.mend(sound)
    assert written > 40
    assert world.build_both_ways().status == 0

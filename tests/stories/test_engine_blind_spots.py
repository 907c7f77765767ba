"""What a build that keeps notes might not see: each edit here reaches a note by a way of its own."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import random
import shutil
from pathlib import Path

import pytest

from tests.stories.workspaces import call
from tests.stories.worlds import World
from thesisvault import instant
from thesisvault.market.reading.kept import Entry, Kept
from thesisvault.market.store.store import Store
from thesisvault.runs.engine.kept import read_kept
from thesisvault.structs import replace
from thesisvault.workspace import packaged


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(instant, "TICK", 0)
    return World(tmp_path, random.Random(0))


def written(world: World) -> list[str]:
    """Build both ways, see that the same came of it, and return what was written."""
    found: list[str] = json.loads(world.build_both_ways().out)["written"]
    return found


def show(world: World, expression: str) -> None:
    world.replace("data/theses/left-to-right.yaml", "summary: >\n", f"summary: >\n  {{{{ {expression} }}}}\n")


def add_series(world: World, ticker: str, about: str, rows: slice = slice(None)) -> None:
    """Define an instrument with the prices of AAA in some rows."""
    head, *lines = world.read("prices/AAA.csv").splitlines()
    world.write(f"prices/{ticker}.csv", "\n".join([head, *lines[rows], ""]))
    world.write("data/instruments.yaml", world.read("data/instruments.yaml") + f"{ticker}: {about}\n")
    assert call("refresh", "-w", world.root).status == 0


def test_a_basket_that_is_a_proxy_counts_with_its_weights(world: World) -> None:
    add_series(world, "PX", "{name: Proxied, kind: stock, proxies: [pair]}", slice(-20, None))
    show(world, "ret('PX', '1y') | pct")
    written(world)
    world.write("data/baskets/pair.yaml", "title: The pair\nmembers: {AAA: 10%, BBB: 90%}\n")
    assert "vault/Assets/Proxied.md" in written(world)


def test_the_exchange_of_the_benchmark_says_what_is_due(world: World) -> None:
    add_series(world, "COIN", "{name: Coin, kind: crypto}", slice(0, -1))
    show(world, "ret('COIN', '1y') | pct")
    written(world)
    world.replace("data/instruments.yaml", "MKT: {", "MKT: {exchange: 24/7, ")
    assert "vault/Assets/Coin.md" in written(world)


def test_templates_in_a_folder_that_is_a_link_are_seen_to_change(world: World, tmp_path: Path) -> None:
    world.write("thesisvault.yaml", world.read("thesisvault.yaml") + "follow_links: true\n")
    shared = tmp_path / "shared"
    shutil.copytree(packaged("templates") / "blocks", shared)
    (world.root / "templates").mkdir()
    (world.root / "templates/blocks").symlink_to(shared)
    written(world)
    for template in shared.iterdir():
        template.write_text(template.read_text() + "\nFrom elsewhere.\n")
    assert "vault/Theses/Left to right.md" in written(world)


def test_the_pictures_of_a_note_that_was_empty_for_a_while_are_drawn(world: World) -> None:
    written(world)
    note = world.root / "vault/Theses/Left to right.md"
    text = note.read_text()
    note.write_text("")
    world.replace("data/theses/left-to-right.yaml", "over: 90d", "over: 60d")
    assert written(world) == []
    note.write_text(text)
    assert [name for name in written(world) if name.endswith("60d.png")]


def test_a_clean_build_does_not_believe_kept_series(world: World) -> None:
    written(world)
    path = world.root / ".thesisvault/series.map"
    kept = Kept(path)
    origin = kept._rows["own BBB"].origin
    entry = kept.find("own BBB", origin.key, lambda found: found)
    assert entry is not None
    wrong = [array + array[-1] if array.dtype.kind == "f" else array for array in entry.arrays]
    kept.put("own BBB", origin, Entry(entry.text, tuple(wrong)))
    assert kept.write({name: digest for row in kept._rows.values() for name, digest in row.origin.members.items()})

    before = (world.root / "vault/Assets/Badger.md").read_text()
    world.write("data/theses/rotation.yaml", world.read("data/theses/rotation.yaml") + "# once more\n")
    said = call("build", "--offline", "--clean", "--json", "-w", world.root)
    assert said.status == 0
    assert (world.root / "vault/Assets/Badger.md").read_text() == before
    again = Kept(path).find("own BBB", origin.key, lambda found: found)
    assert again is not None
    assert all((one == other).all() for one, other in zip(again.arrays, entry.arrays, strict=True))


def test_a_rate_counts_that_only_the_source_of_a_member_asks_for(world: World) -> None:
    written(world)
    with contextlib.closing(Store(world.root / "data/market/store.sqlite")) as store:
        told = store.bars("BBB", "split_adjusted")
        assert told is not None
        euros = replace(told, currency="EUR")
        store.merge("BBB", euros, source="test", fetched=dt.datetime.now(dt.UTC), currency="EUR")
    assert "vault/Assets/The pair.md" in written(world)
    world.replace("prices/EURUSD=X.csv", r"2024-06-28,[\d.]+", "2024-06-28,1.02")
    call("refresh", "-w", world.root)
    assert "vault/Assets/The pair.md" in written(world)


def test_a_note_that_says_a_later_day_is_told_by_every_build(world: World) -> None:
    world.write("data/theses/words.yaml", "title: Words alone\nkind: concept\nsummary: Only words here.\n")
    written(world)
    note = world.root / "vault/Concepts/Words alone.md"
    note.write_text(note.read_text().replace("---\n", "---\nas_of: 2030-01-01\n", 1))
    written(world)
    world.write("data/entities.yaml", "bank: {name: Central bank, kind: institution}\n")
    written(world)
    said = json.loads(world.build_both_ways().out)
    assert [each["code"] for each in said["findings"] if each["code"] == "newer-vault"]


def test_what_a_build_learns_of_a_note_that_it_left_alone_is_kept(world: World) -> None:
    written(world)
    written(world)  # reads each file again, and finds it as it would be written
    kept = read_kept(world.root / ".thesisvault").notes
    assert kept
    assert all(note.merged for note in kept.values())

"""The order in which a disk lists its files changes no byte of what is written."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stories.workspaces import call, make_tiny, tree


class _Listing:
    """The entries of a folder in an order of its own."""

    def __init__(self, entries: list[Any]) -> None:
        self._entries = entries

    def __iter__(self) -> Iterator[Any]:
        return iter(self._entries)

    def __enter__(self) -> _Listing:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def close(self) -> None:
        self._entries = []


def lived_in(root: Path) -> None:
    """Put notes of a person's into the vault that share names and aliases, a copy of ours, and pictures of nobody's."""
    vault = root / "vault"
    for folder in ("Mine", "Mine/deep", "Other"):
        (vault / folder).mkdir(parents=True, exist_ok=True)
        (vault / folder / "Twice.md").write_text("---\naliases: [Central bank, The bank]\n---\n[[Badger]]\n")
        (vault / folder / f"{Path(folder).name} bank.md").write_text("---\naliases: [Central bank]\n---\n")
    (vault / "attachments").mkdir(exist_ok=True)
    for name in ("b", "a", "c"):
        (vault / f"attachments/chart-{name}.png").write_bytes(name.encode())


def lived_on(root: Path) -> None:
    """Copy notes of ours, take others away, and change what they are made of."""
    vault = root / "vault"
    shutil.copyfile(vault / "Assets/Badger.md", vault / "Assets/Badger 1.md")
    shutil.copyfile(vault / "Assets/Badger.md", vault / "Mine/Badger 2.md")
    (vault / "Assets/Badger.md").unlink()
    (vault / "Concepts/Rotation.md").unlink()
    for path in [*vault.rglob("*.md")]:
        os.utime(path, (1_700_000_000, 1_700_000_000))
    settings = root / "thesisvault.yaml"
    settings.write_text(settings.read_text().replace("2024-06-28", "2024-06-27"))


def built(root: Path) -> tuple[dict[str, str], list[str]]:
    make_tiny(root)
    lived_in(root)
    said = [call("build", "-w", root)]
    lived_on(root)
    said += [call("build", "-w", root, "--offline", *more) for more in ((), ("--json",))]
    assert [each.status for each in said] == [0, 0, 0], said
    words = [each.all.replace(str(root), "") for each in said]
    return tree(root, besides=("data/market", "prices")), words


@pytest.mark.parametrize("seed", [1, 2])
def test_an_order_of_listing_changes_no_byte_and_no_word(tmp_path: Path, seed: int) -> None:
    sorted_first = built(tmp_path / "plain")
    chance = random.Random(seed)
    scanned, listed = os.scandir, os.listdir

    def scandir(*words: Any) -> _Listing:
        with scanned(*words) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        chance.shuffle(entries)
        return _Listing(entries)

    def listdir(*words: Any) -> list[Any]:
        names = sorted(listed(*words))
        chance.shuffle(names)
        return names

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "scandir", scandir)
        patch.setattr(os, "listdir", listdir)
        shuffled = built(tmp_path / "other")
    assert shuffled[0] == sorted_first[0]
    assert shuffled[1] == sorted_first[1]

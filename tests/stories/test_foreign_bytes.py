"""The proof: whatever is done, and in whatever order, no byte of a stranger's vault changes but our own.

THESISVAULT_STRANGER says how many notes the vault has; 300 where it says nothing.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.stranger import OURS, everything, make_vault, unlocked
from tests.stories.workspaces import FILES, SETTINGS, Said, call, in_corner

CORNERS = ("Work/Markets", "Work/Quotes/New", "Markets")
PATHS = (
    *("Home.md", "Theses/Left to right.md", "Concepts/Rotation.md", "Assets/Aardvark.md", "Assets/The pair.md"),
    *("Entities/Central bank.md", "attachments/chart-left-to-right-aaa-bbb-90d.md", "Assets/Renamed 5.md"),
)
"""Where our own notes would lie if nobody else's were there."""
STEPS = ("build", "settings", "vault", "prune", "rename", "adopt", "restore", "edit", "remove", "links", "run", "words")
_ALLOWED = {".trash", ".obsidian/types.json", ".obsidian-mobile/types.json", "Work", "Work/Quotes", *CORNERS}


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[Path]:
    """A stranger's vault that has a note of each of our names, with a link of each kind to each."""
    vault = make_vault(tmp_path / "Vault é", notes=int(os.environ.get("THESISVAULT_STRANGER", "300")), twins=OURS)
    for corner in CORNERS:
        for path in PATHS:
            target = vault / corner / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(
                f"---\nkind: mine\n---\nOf mine. [[{target.stem}]] ![[{corner}/Home|x]] [a](../Home.md)\n"
            )
    yield vault
    unlocked(vault)


class Life:
    """A workspace in a stranger's vault, and what may be done with it."""

    def __init__(self, root: Path, vault: Path, chance: random.Random) -> None:
        self.root, self.vault, self.chance = root, vault, chance
        self.corner, self.other, self.round = CORNERS[0], False, 0
        in_corner(root, vault, self.corner)
        self.write_settings()

    def write_settings(self, more: str = "") -> None:
        where = "vault: vault" if self.other else f'vault: "{Path(os.path.relpath(self.vault, self.root)).as_posix()}"'
        text = f"{where}\nfolder: {self.corner}\n{more}{SETTINGS}"
        (self.root / "thesisvault.yaml").write_text(text, encoding="utf-8")

    def call(self, *words: str) -> Said:
        said = call(*words, "-w", self.root)
        assert said.status in (0, 2), said
        assert "Traceback" not in said.all
        return said

    @property
    def here(self) -> Path:
        """The vault that the settings name now."""
        return self.root / "vault" if self.other else self.vault

    def one(self) -> Path | None:
        """Return one of our notes, if there is any."""
        place = self.here / self.corner
        found = sorted(path for path in place.rglob("*.md") if path.is_file() and "%% tv:" in path.read_text())
        return self.chance.choice(found) if found else None

    def step(self, what: str) -> None:
        self.round += 1
        thesis = self.root / "data/theses/left-to-right.yaml"
        concept = self.root / "data/theses/rotation.yaml"
        if what in ("build", "run"):
            self.call(what, "--offline")
        elif what == "settings":
            self.corner = self.chance.choice(CORNERS)
            self.write_settings()
            self.call("build", "--offline")
        elif what == "vault":
            self.other = not self.other
            self.write_settings()
            self.call("build", "--offline")
        elif what == "links":
            self.write_settings("follow_links: true\n")
            self.call("build", "--offline")
        elif what == "edit":
            thesis.write_text(thesis.read_text().replace("Capital leaves", f"{self.round} capital leaves"))
            self.call("build", "--offline")
        elif what == "remove":
            if concept.exists():
                concept.unlink()
                thesis.write_text(
                    thesis.read_text().replace("; see [[Rotation]]", "").replace("note: rotation", "note: bank")
                )
            else:
                concept.write_text(FILES["data/theses/rotation.yaml"])
            self.call("build", "--offline")
        elif what == "prune":
            self.call("prune")
        elif path := self.one():
            if what == "rename":
                self.call("rename", path.stem, *(() if self.round % 2 else (f"Renamed {self.round}",)))
            elif what == "adopt":
                path.write_text(path.read_text().replace("%% tv:end", "%% tv:emd", 1))
                self.call("adopt", path.relative_to(self.here).as_posix())
            elif what == "restore":
                path.unlink()
                self.call("build", "--offline")
                self.call("restore", path.stem)
            elif what == "words":
                path.write_text(path.read_text() + f"\nMy words {self.round}. [[Home]] [[Twins/Aardvark]]\n")
                self.call("build", "--offline")


def foreign(vault: Path, before: dict[str, str] | None = None) -> dict[str, str]:
    """Return everything in a vault but our folders, what came into the trash, and what may be added to."""
    return {
        name: what
        for name, what in everything(vault).items()
        if name not in _ALLOWED
        and (before is None or name in before or not name.startswith((".trash/", *(f"{each}/" for each in CORNERS))))
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_foreign_byte_changes_whatever_is_done_and_in_whatever_order(
    stranger: Path, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    around = tmp_path / f"{stranger.name} outside"
    before, outside = foreign(stranger), everything(around)
    assert outside
    life = Life(tmp_path / "ws", stranger, chance)
    order = ["build", *chance.sample(STEPS, len(STEPS)), *chance.choices(STEPS, k=4)]
    for n, what in enumerate(order):
        life.step(what)
        assert foreign(stranger, before) == before, order[: n + 1]
        assert everything(around) == outside, order[: n + 1]
    life.other = False
    life.write_settings()
    life.call("build", "--offline")
    assert life.one(), order
    said = call("build", "--offline", "--check", "-w", life.root)
    assert "would write 0 files" in said.all, order
    assert foreign(stranger, before) == before


def test_the_proof_would_see_a_changed_byte(stranger: Path) -> None:
    before = foreign(stranger)
    note = next(path for path in sorted(stranger.rglob("Aardvark.md")))
    data, status = note.read_bytes(), note.stat()
    note.write_bytes(data[:-1] + b"x")
    os.utime(note, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert {name for name, what in foreign(stranger).items() if before.get(name) != what} == {
        note.relative_to(stranger).as_posix()
    }
    shutil.copy(note, stranger / "Twin.md")
    assert len(foreign(stranger)) == len(before) + 1

"""Whose note is this: settings that name another vault or folder, and what a shared memory may and may not name."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.stories.workspaces import call, differences, tree

FOREIGN = {
    "Home.md": "# My home\n\nMine alone.\n",
    "Badger.md": "---\ntags: [zoo]\n---\n\nAn animal.\n",
    "Theses/Left to right.md": "My own thoughts on left and right.\n",
    "Concepts/Rotation.md": "Crop rotation.\n",
    "Markets/Home.md": "# A home of mine in the folder\n",
    "Markets/Theses/Left to right.md": "Mine too, and not yours.\n",
}


@pytest.fixture
def persons(tmp_path: Path) -> Path:
    """A person's vault that has notes of the names that ours have."""
    root = tmp_path / "Notes"
    for name, text in FOREIGN.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / ".obsidian").mkdir()
    return root


def settings(root: Path, more: str) -> None:
    path = root / "thesisvault.yaml"
    kept = [line for line in path.read_text().splitlines() if not line.startswith(("vault:", "folder:"))]
    path.write_text("\n".join([*kept, more, ""]))


def foreign(root: Path) -> dict[str, str]:
    return {name: (root / name).read_text() for name in FOREIGN}


def test_another_vault_gets_every_note_anew_and_no_foreign_one_is_touched(tiny: Path, persons: Path) -> None:
    home = tiny / "vault/Home.md"
    home.write_text(home.read_text() + "\nMy words at home.\n")
    old = tree(tiny / "vault")
    settings(tiny, "vault: ../Notes\nfolder: Markets")
    said = call("build", "-w", tiny)
    assert said.status == 0, said
    assert "the notes now go into Markets in ../Notes; before it was vault" in said.all
    assert "stay as they are" in said.all
    assert "deleted" not in said.all
    assert foreign(persons) == FOREIGN
    assert differences(old, tree(tiny / "vault")) == set()
    made = {path.relative_to(persons).as_posix() for path in persons.rglob("*.md")} - FOREIGN.keys()
    assert made
    assert all(name.startswith("Markets/") for name in made)
    assert "Markets/Assets/Aardvark.md" in made
    # It is said once.
    again = call("build", "-w", tiny)
    assert "now go into" not in again.all
    assert call("check", "-w", tiny).status == 0


def test_another_folder_of_the_vault_takes_the_notes_with_all_that_was_written_into_them(tiny: Path) -> None:
    home, mine = tiny / "vault/Home.md", tiny / "vault/My note.md"
    home.write_text(home.read_text() + "\nMy words at home.\n")
    mine.write_text("See [[Left to right]] and ![[chart-left-to-right-sell-buy-90d.png]].\n")
    before = {path.name for path in (tiny / "vault").rglob("*.md")}
    settings(tiny, "folder: Work/Markets")
    said = call("build", "-w", tiny)
    assert said.status == 0, said
    assert "the notes now go into Work/Markets in vault; before it was vault" in said.all
    assert {path.name for path in (tiny / "vault").rglob("*.md")} == before
    ours = [path for path in (tiny / "vault").rglob("*.md") if path != mine]
    assert all(path.is_relative_to(tiny / "vault/Work/Markets") for path in ours)
    assert (tiny / "vault/Work/Markets/Home.md").read_text().endswith("\nMy words at home.\n")
    assert not list((tiny / "vault/attachments").glob("*.png"))
    assert list((tiny / "vault/Work/Markets/attachments").glob("*.png"))
    assert call("check", "-w", tiny).status == 0
    # And back again.
    settings(tiny, "")
    assert call("build", "-w", tiny).status == 0
    assert home.read_text().endswith("\nMy words at home.\n")
    assert call("check", "-w", tiny).status == 0


def test_a_note_that_was_renamed_before_the_folder_changed_goes_along_under_its_new_name(tiny: Path) -> None:
    renamed, other = tiny / "vault/Theses/My name.md", tiny / "vault/Elsewhere/Aardvark.md"
    renamed.parent.mkdir(exist_ok=True)
    (tiny / "vault/Theses/Left to right.md").rename(renamed)
    renamed.write_text(renamed.read_text() + "\nMy words.\n")
    other.parent.mkdir()
    (tiny / "vault/Assets/Aardvark.md").rename(other)
    (tiny / "vault/Mine.md").write_text("See [[My name]].\n")
    settings(tiny, "folder: Markets")
    foreseen = call("build", "-w", tiny, "--check")
    assert "would write vault/Markets/Theses/My name.md" in foreseen.all, foreseen
    said = call("build", "-w", tiny)
    assert said.status == 0, said
    now = tiny / "vault/Markets/Theses/My name.md"
    assert now.read_text().endswith("\nMy words.\n")
    assert (tiny / "vault/Markets/Elsewhere/Aardvark.md").exists()
    assert {path.parent.name for path in (tiny / "vault").rglob("*.md")} >= {"Theses", "Elsewhere"}
    assert not renamed.exists()
    assert not other.exists()
    assert call("check", "-w", tiny).status == 0
    assert "all up to date" in call("build", "-w", tiny).all


def test_what_a_person_deleted_stays_deleted_in_another_vault(tiny: Path, persons: Path) -> None:
    (tiny / "vault/Assets/Aardvark.md").unlink()
    assert call("build", "-w", tiny).status == 0
    settings(tiny, "vault: ../Notes\nfolder: Markets")
    assert call("build", "-w", tiny).status == 0
    assert not (persons / "Markets/Assets/Aardvark.md").exists()
    assert call("restore", "-w", tiny, "Aardvark").status == 0
    assert (persons / "Markets/Assets/Aardvark.md").exists()


def test_a_path_alone_makes_no_note_ours(tiny: Path) -> None:
    note = tiny / "vault/Assets/Aardvark.md"
    note.write_text("My own note on the animal, put in the place of yours.\n")
    said = call("build", "-w", tiny)
    assert said.status == 0, said
    assert note.read_text() == "My own note on the animal, put in the place of yours.\n"


def test_a_note_that_lost_its_properties_is_still_ours_by_its_markers(tiny: Path) -> None:
    note = tiny / "vault/Assets/Aardvark.md"
    note.write_text(note.read_text().partition("---\n")[2].partition("---\n")[2])
    assert call("build", "-w", tiny).status == 0
    assert 'id: "instrument/AAA"' in note.read_text()


@pytest.mark.parametrize(
    "path", ["../outside.md", "/etc/passwd.md", ".obsidian/app.md", "Assets/../../x.md", "C:\\x.md", "notes.txt", ""]
)
def test_a_memory_that_names_what_is_no_note_is_an_error_with_its_place(tiny: Path, path: str) -> None:
    memory = tiny / "data/notes.yaml"
    memory.write_text(memory.read_text().replace('path: "Assets/Aardvark.md"', f"path: '{path}'"))
    before = tree(tiny)
    for command in ("build", "prune"):
        said = call(command, "-w", tiny)
        assert said.status == 2, said
        assert "data/notes.yaml:" in said.all
    assert differences(before, tree(tiny)) == set()


def test_prune_takes_no_file_that_a_shared_memory_names_and_that_is_not_ours(tiny: Path) -> None:
    mine = tiny / "vault/My diary.md"
    mine.write_text("Dear diary.\n")
    memory = tiny / "data/notes.yaml"
    memory.write_text(memory.read_text() + '"gone-thesis":\n  path: "My diary.md"\n  regions: []\n  orphaned: true\n')
    said = call("prune", "-w", tiny)
    assert said.status == 0, said
    assert mine.read_text() == "Dear diary.\n"
    assert call("build", "-w", tiny).status == 0
    assert mine.read_text() == "Dear diary.\n"


def test_a_vault_of_which_nothing_is_left_is_built_again(tiny: Path) -> None:
    shutil.rmtree(tiny / "vault")
    said = call("build", "-w", tiny)
    assert said.status == 0, said
    assert (tiny / "vault/Home.md").exists()
    assert (tiny / "vault/Assets/Aardvark.md").exists()


@pytest.mark.parametrize("command", [("build", "--offline"), ("run", "--offline"), ("prune",)])
def test_settings_that_are_broken_move_nothing(tiny: Path, command: tuple[str, ...]) -> None:
    settings(tiny, "folder: Work")
    assert call("build", "-w", tiny, "--offline").status == 0
    before = tree(tiny)
    path = tiny / "thesisvault.yaml"
    good = path.read_text()
    path.write_text(good + "as_of: [\n")
    said = call(*command, "-w", tiny)
    assert said.status == 2, said
    path.write_text(good)
    assert tree(tiny, besides=("data/market",)) == {k: v for k, v in before.items() if not k.startswith("data/market")}


@pytest.mark.parametrize("words", [("build", "--check", "--offline"), ("why", "--next")])
def test_a_run_that_writes_nothing_says_where_notes_would_move(tiny: Path, words: tuple[str, ...]) -> None:
    theirs = tiny / "vault/Mine/Markets/Home.md"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("A home of mine.\n")
    (tiny / "vault/Assets/Badger.md").rename(tiny / "vault/Assets/My badger.md")
    damaged = tiny / "vault/Theses/Left to right.md"
    damaged.write_text(damaged.read_text().replace("%% tv:begin summary %%\n", ""))
    settings(tiny, "folder: Ours")
    before = tree(tiny)
    wanted = json.loads(call(*words, "--json", "-w", tiny).out)
    assert {name for name in differences(before, tree(tiny)) if not name.startswith(".thesisvault/")} == set()
    found = json.loads(call("build", "--offline", "--json", "-w", tiny).out)
    said, done = ([name for name in each["written"] if name.endswith(".md")] for each in (wanted, found))
    assert said == done
    assert len(done) == len(set(done))
    told, was_told = ({path: why["reasons"] for path, why in each["reasons"].items()} for each in (wanted, found))
    assert told == was_told
    assert {"vault/Ours/Home.md", "vault/Ours/Assets/Aardvark.md", "vault/Ours/Assets/My badger.md"} <= set(done)

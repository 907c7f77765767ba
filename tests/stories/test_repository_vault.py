"""The vault in the repository: sound on every page, and nothing but what `data/` and real prices give."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.checklist import check_vault
from tests.reader import read_vault
from tests.stories.workspaces import Said, call, differences, tree

AS_OF = "2026-02-27"


@pytest.fixture(scope="module")
def filled(root: Path, market_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository's workspace with a market store filled from the folder of real prices."""
    copy = tmp_path_factory.mktemp("repository") / "ws"
    copy.mkdir()
    shutil.copyfile(root / "thesisvault.yaml", copy / "thesisvault.yaml")
    for folder in ("data", "templates", "vault"):
        shutil.copytree(root / folder, copy / folder, ignore=shutil.ignore_patterns("market", ".trash"))
    said = call("refresh", "-w", copy, "--csv", market_folder)
    assert said.status == 0, said
    return copy


def build(root: Path, *words: str) -> Said:
    return call("build", "-w", root, "--as-of", AS_OF, "--offline", *words)


def test_every_committed_note_passes_the_thirty_points(root: Path) -> None:
    assert check_vault(root / "vault") == []


def test_an_independent_reader_finds_no_dead_link_and_no_missing_picture(root: Path) -> None:
    read = read_vault(root / "vault")
    assert read.nonexistent_notes == set()
    assert read.nonexistent_media == set()
    assert read.isolated_notes == set()


def test_check_finds_nothing_wrong_with_the_repository(root: Path) -> None:
    said = call("check", "-w", root)
    assert said.status == 0, said


def test_every_thesis_of_the_repository_has_its_note(root: Path) -> None:
    ids = {path.stem for path in (root / "data/theses").glob("*.yaml")}
    noted = set()
    for path in (root / "vault").rglob("*.md"):
        head = path.read_text(encoding="utf-8").partition("\n---\n")[0]
        noted |= {line.partition('"')[2].rstrip('"') for line in head.splitlines() if line.startswith("id: ")}
    assert ids <= noted


def test_every_committed_picture_stands_in_a_note(root: Path) -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in (root / "vault").rglob("*.md"))
    pictures = {path.name for path in (root / "vault/attachments").iterdir()}
    assert {name for name in pictures if f"[[{name}" not in texts} == set()


def test_without_prices_and_network_a_build_leaves_the_committed_vault_as_it_is(root: Path, tmp_path: Path) -> None:
    shutil.copyfile(root / "thesisvault.yaml", tmp_path / "thesisvault.yaml")
    for folder in ("data", "vault"):
        shutil.copytree(root / folder, tmp_path / folder, ignore=shutil.ignore_patterns("market"))
    before = tree(tmp_path)
    said = call("build", "-w", tmp_path, "--offline")
    assert said.status == 3, said
    assert "no prices are stored" in said.err
    assert differences(before, tree(tmp_path)) == set()


@pytest.mark.slow
def test_the_committed_vault_is_what_data_and_the_real_prices_give(filled: Path) -> None:
    said = build(filled, "--check")
    assert said.status == 0, said


@pytest.mark.slow
def test_a_vault_built_from_nothing_is_sound_and_its_pictures_are_the_committed_ones(
    filled: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(filled, tmp_path / "ws"))
    shutil.rmtree(copy / "vault")
    (copy / "data/notes.yaml").unlink()
    said = build(copy)
    assert said.status == 0, said
    assert check_vault(copy / "vault") == []
    assert read_vault(copy / "vault").is_whole
    pictures = [tree(each / "vault/attachments") for each in (filled, copy)]
    assert differences(*pictures) == set(), "a picture in git was drawn by older code; delete it and build"
    before = tree(copy)
    assert build(copy).status == 0
    assert differences(before, tree(copy)) == set()

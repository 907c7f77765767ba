"""Properties that both a person and the generator write: whose value stands, and where the other is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.stories.workspaces import Said, call

NOTE = "vault/Theses/Left to right.md"
THESIS = "data/theses/left-to-right.yaml"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())


def build(root: Path, *words: str) -> Said:
    said = call("build", "-w", root, *words)
    assert said.status == 0, said
    return said


def front(root: Path) -> list[str]:
    return (root / NOTE).read_text().split("---\n")[1].splitlines()


def test_a_changed_property_is_the_generators_again_and_the_persons_value_is_kept_below(tiny: Path) -> None:
    edit(tiny / NOTE, 'status: "active"', "status: closed # I sold it")
    said = build(tiny)
    assert 'the property "status" is the generator\'s and was changed by hand' in said.err
    lines = front(tiny)
    at = lines.index('status: "active"')
    assert lines[at + 1] == "status_mine: closed # I sold it"
    edit(tiny / NOTE, 'status: "active"', "status: doubtful")
    build(tiny)
    lines = front(tiny)
    assert "status_mine: closed # I sold it" in lines
    assert "status_mine_2: doubtful" in lines
    before = (tiny / NOTE).read_bytes()
    assert "wrote 0 files" in build(tiny).out
    assert (tiny / NOTE).read_bytes() == before


def test_a_definition_that_changes_is_no_edit_of_a_persons(tiny: Path) -> None:
    edit(tiny / THESIS, "title: Left to right\n", "title: Left to right\nstatus: watching\nconviction: 3\n")
    said = build(tiny)
    assert "was changed by hand" not in said.err
    edit(tiny / THESIS, "conviction: 3\n", "")
    assert "was changed by hand" not in build(tiny, "--as-of", "2024-06-20").err
    assert 'status: "watching"' in front(tiny)
    assert not any("mine" in line for line in front(tiny))


def test_a_value_of_a_property_that_is_no_longer_ours_is_kept(tiny: Path) -> None:
    edit(tiny / THESIS, "title: Left to right\n", "title: Left to right\nconviction: 3\n")
    build(tiny)
    edit(tiny / NOTE, "conviction: 3", "conviction: 5")
    edit(tiny / THESIS, "conviction: 3\n", "")
    build(tiny)
    assert [line for line in front(tiny) if "conviction" in line] == ["conviction_mine: 5"]


def test_what_obsidians_editor_does_to_the_block_is_no_edit(tiny: Path) -> None:
    text = (tiny / NOTE).read_text()
    block = text.split("---\n")[1]
    lines = [
        line.replace('"', "") if "aliases" not in line and " - " not in line else line for line in block.splitlines()
    ]
    heads = [line for line in lines if not line.startswith(("aliases", "tags", " "))]
    lists = [line for line in lines if line not in heads]
    (tiny / NOTE).write_text(text.replace(block, "\n".join([*reversed(heads), *lists]) + "\n", 1))
    said = build(tiny, "--as-of", "2024-06-20")
    assert "was changed by hand" not in said.err
    assert not any("mine" in line for line in front(tiny))


@pytest.mark.parametrize("remembered", [True, False])
def test_a_run_that_died_before_it_remembered_leaves_no_edit_behind(tiny: Path, remembered: bool) -> None:
    memory = (tiny / "data" / "notes.yaml").read_bytes()
    build(tiny, "--as-of", "2024-06-20")
    ours = json.loads(json.dumps({"left-to-right": dict(_digests((tiny / "data" / "notes.yaml").read_text()))}))
    # As if the run had been killed after it wrote the notes and before it wrote what it remembers.
    (tiny / "data" / "notes.yaml").write_bytes(memory)
    if remembered:
        (tiny / ".thesisvault" / "intended.json").write_text(json.dumps(ours))
    said = build(tiny, "--as-of", "2024-06-21", "Left to right")
    assert ("was changed by hand" not in said.err) is remembered
    assert not (tiny / ".thesisvault" / "intended.json").exists()


def _digests(memory: str) -> list[tuple[str, str]]:
    line = next(line for line in memory.split('"left-to-right":\n')[1].splitlines() if "properties:" in line)
    return list(json.loads(line.split("properties: ")[1]).items())

"""Properties that both a person and the generator write: whose value stands, and where the other is kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.stories.workspaces import Said, call, edit

NOTE = "vault/Theses/Left to right.md"
THESIS = "data/theses/left-to-right.yaml"


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
    assert "all up to date" in build(tiny).out
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
    assert [line for line in front(tiny) if "conviction" in line] == ["conviction: 5"]


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


def forget(root: Path, how: str, older: bytes) -> None:
    """Have the memory be another than the one that goes with the notes."""
    memory = root / "data/notes.yaml"
    if how == "missing":
        memory.unlink()
    elif how == "older":
        memory.write_bytes(older)
    elif how == "another machine's":
        memory.write_bytes(re.sub(rb"regions: \[.*\]", b'regions: ["summary"]', older))


MEMORIES = ["in step", "older", "missing", "another machine's"]


@pytest.mark.parametrize("how", MEMORIES)
def test_a_value_of_a_persons_survives_whatever_the_memory_knows(tiny: Path, how: str) -> None:
    older = (tiny / "data/notes.yaml").read_bytes()
    edit(tiny / THESIS, "title: Left to right\n", "title: Left to right\nstatus: watching\nconviction: 3\n")
    build(tiny)
    # A value that was ours once is a person's nevertheless, if they type it.
    edit(tiny / NOTE, 'status: "watching"', "status: active")
    edit(tiny / NOTE, "conviction: 3", "conviction: 5 # sure")
    edit(tiny / NOTE, '  - "rotation"\n', '  - "rotation"\n  - mine\n')
    forget(tiny, how, older)
    build(tiny)
    lines = front(tiny)
    assert [line for line in lines if line.startswith("status")] == ['status: "watching"', "status_mine: active"]
    assert [line for line in lines if line.startswith("con")] == ["conviction: 3", "conviction_mine: 5 # sure"]
    assert "  - mine" in lines
    assert "all up to date" in build(tiny).out


@pytest.mark.parametrize("how", MEMORIES)
def test_a_definition_that_changes_is_no_edit_whatever_the_memory_knows(tiny: Path, how: str) -> None:
    older = (tiny / "data/notes.yaml").read_bytes()
    edit(tiny / THESIS, "title: Left to right\n", "title: Left to right\nstatus: watching\nconviction: 3\n")
    build(tiny)
    edit(tiny / THESIS, "status: watching\nconviction: 3\n", "status: closed\nclosed: 2024-06-20\n")
    edit(tiny / THESIS, "aliases: [The turn]\ntags: [rotation]\n", "tags: [turn]\n")
    forget(tiny, how, older)
    said = build(tiny, "--as-of", "2024-06-27")
    assert "by hand" not in said.err
    assert not [line for line in front(tiny) if "mine" in line or line.startswith("conviction")]
    assert {'status: "closed"', '  - "turn"'} <= {*front(tiny)}
    assert not {'  - "rotation"', '  - "The turn"'} & {*front(tiny)}


@pytest.mark.parametrize("words", ["2031-01-01", "-3.5", "because I say so"])
def test_a_computed_property_keeps_a_persons_words_and_no_figure(tiny: Path, words: str) -> None:
    text = (tiny / NOTE).read_text()
    keys = re.findall(r"^(as_of|spread_\w+_pp):", text, re.MULTILINE)
    assert len(keys) == 3
    (tiny / NOTE).write_text(re.sub(r"(?m)^(as_of|spread_\w+_pp): .*", rf"\1: {words}", text))
    build(tiny)
    mine = [line for line in front(tiny) if "_mine" in line]
    assert mine == ([f"{key}_mine: {words}" for key in keys] if " " in words else [])
    assert "all up to date" in build(tiny).out


def test_a_property_that_only_looks_like_ours_is_the_persons(tiny: Path) -> None:
    edit(tiny / NOTE, "as_of:", "spread_of_mine_pp: 3\nas_of:")
    build(tiny)
    assert "spread_of_mine_pp: 3" in front(tiny)


def test_aliases_that_are_no_list_of_names_stop_no_build(tiny: Path) -> None:
    edit(tiny / NOTE, 'aliases:\n  - "The turn"\n', "aliases: {a: b}\n")
    build(tiny)
    assert "aliases_mine: {a: b}" in front(tiny)
    assert '  - "The turn"' in front(tiny)


@pytest.mark.parametrize("in_place", [True, False], ids=["beside the notes", "nowhere"])
def test_a_run_that_died_before_it_remembered_leaves_no_edit_behind(tiny: Path, in_place: bool) -> None:
    memory = tiny / "data/notes.yaml"
    before = memory.read_bytes()
    edit(tiny / THESIS, "title: Left to right\n", "title: Left to right\nstatus: watching\n")
    build(tiny, "--as-of", "2024-06-20")
    # As if the run had been killed after it wrote the notes and before it wrote what it remembers.
    if in_place:
        memory.write_bytes(before)
    else:
        memory.unlink()
    said = build(tiny, "--as-of", "2024-06-21", "Left to right")
    assert "was changed by hand" not in said.err
    assert "_mine" not in (tiny / NOTE).read_text()


def test_what_is_remembered_stays_the_same_while_only_figures_move(tiny: Path) -> None:
    memory = (tiny / "data/notes.yaml").read_bytes()
    assert "all up to date" not in build(tiny, "--as-of", "2024-06-20").out
    assert (tiny / "data/notes.yaml").read_bytes() == memory

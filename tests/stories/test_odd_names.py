"""A person may move a note of ours to a path that cannot be remembered, or give it one that only looks odd."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.stories.workspaces import call, differences, tree

NOTE = "vault/Theses/Left to right.md"
KEPT = ("Left.MD", "\U0001fae9 Of a newer Unicode/Left.md", "\ue000 drawn by a font/Left.md", "CON/Left.md", "x#y/L.md")
LEFT_ALONE = {
    "back\\slash/Left.md": "holds a backslash",
    "new\nline/Left.md": "holds a character that nobody sees",
    "\x1b[31m/Left.md": "holds a character that nobody sees",
    "Left \u202e.md": "holds a character that nobody sees",
    "\u2028/Left.md": "holds a character that nobody sees",
    "\udcff.md": "holds a character that nobody sees",
    f"{'d' * 200}/{'e' * 200}/{'f' * 200}/Left.md": "has more than 500 characters",
}

pytestmark = pytest.mark.skipif(os.name == "nt", reason="such names cannot be given here")


def moved(root: Path, name: str) -> Path:
    path = root / "vault" / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        (root / NOTE).rename(path)
    except OSError:
        pytest.skip("this file system does not know such names")
    path.write_text(path.read_text("utf-8") + "\nMy own words.\n", encoding="utf-8")
    definition = root / "data/theses/left-to-right.yaml"
    definition.write_text(definition.read_text().replace("Capital leaves", "Money leaves"))
    return path


@pytest.mark.parametrize("name", KEPT)
def test_a_note_under_an_odd_name_is_kept_up_to_date_there(tiny: Path, name: str) -> None:
    path = moved(tiny, name)
    assert call("build", "-w", tiny, "--offline").status == 0
    text = path.read_text("utf-8")
    assert "Money leaves" in text
    assert "My own words." in text
    assert not (tiny / NOTE).exists()
    assert call("build", "--check", "-w", tiny, "--offline").status == 0


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_a_note_whose_path_cannot_be_remembered_is_left_alone_and_told(tiny: Path, name: str) -> None:
    path = moved(tiny, name)
    before = path.read_bytes()
    for words in (["build"], ["build", "--all"]):
        said = call(*words, "-w", tiny, "--offline")
        assert said.status == 0, said
    assert LEFT_ALONE[name] in said.err
    assert "it is left alone" in said.err
    everything = tree(tiny)
    for command in (["rename", "left-to-right", "Other"], ["restore", "left-to-right"], ["adopt", path.stem]):
        refused = call(*command, "-w", tiny)
        assert refused.status == 2, refused
        assert "Traceback" not in refused.all
    assert differences(everything, tree(tiny)) == set()
    assert path.read_bytes() == before
    assert not (tiny / NOTE).exists()
    path.rename(tiny / "vault/Left.md")  # as the message advises
    assert call("build", "-w", tiny, "--offline").status == 0
    assert "Money leaves" in (tiny / "vault/Left.md").read_text("utf-8")

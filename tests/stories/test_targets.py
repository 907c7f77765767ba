"""Words that a person types where only a close reader looks: targets, fragments, widths, folds, boxes, block ids.

Inside a region all of them are an edit, which is kept; what Obsidian does to a link when a note is renamed is none.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.stories.workspaces import call

NOTE = "vault/Theses/Left to right.md"


def build(root: Path, *words: str) -> str:
    said = call("build", "-w", root, "--offline", *words)
    assert said.status == 0, said
    return said.err


def replaced(path: Path, old: str, new: str, times: int = 1) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, text
    path.write_text(text.replace(old, new, times), encoding="utf-8")


def kept(path: Path) -> list[str]:
    """Return what stands in the callouts of a note that keep edits."""
    found = re.findall(r"> \[!quote\]- Your edit, kept .*\n((?:>.*\n?)*)", path.read_text(encoding="utf-8"))
    return [re.sub(r"(?m)^> ?", "", each) for each in found]


@pytest.mark.parametrize("later", [False, True], ids=["same figures", "other figures"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[[Aardvark]]", "[[Aardvark and my doubt]]"),
        ("[[Aardvark]]", "[[my doubt/Aardvark]]"),
        ("[[Aardvark]]", "[[Badger]]"),
        ("[[Aardvark]]", "[[Aardvark#my own heading]]"),
        ("[[Aardvark]]", "[[Aardvark#^my-block]]"),
        ("[[Aardvark]]", "[[#my own heading]]"),
        ("[[Aardvark]]", "[[My own note]]"),
        ("[[Aardvark]]", "[[Aardvark|my words]]"),
        ("[[Aardvark]]", "![[Aardvark]]"),
        ("[[Aardvark]]", "[Aardvark](My%20doubt.md)"),
        ("[[Aardvark\\|AAA]]", "[[Badger\\|AAA]]"),
        ("[[Aardvark\\|AAA]]", "[[Aardvark, they say\\|AAA]]"),
        ("[[Aardvark\\|AAA]]", "[[Aardvark#Now\\|AAA]]"),
        ("![[chart-left-to-right-aaa-bbb-90d.png|520]]", "![[my doubt/chart-left-to-right-aaa-bbb-90d.png]]"),
        ("![[chart-left-to-right-aaa-bbb-90d.png|520]]", "![[chart-left-to-right-aaa-bbb-90d.png|300]]"),
        ("![[chart-left-to-right-aaa-bbb-90d.png|520]]", "![[chart-left-to-right-aaa-bbb-90d.png#right]]"),
        ("![[chart-left-to-right-aaa-bbb-90d.png|520]]", "![[mine.png]]"),
        ("> [!quote]- 1 source", "> [!quote]+ 1 source"),
        ("> [!quote]- 1 source", "> [!quote] 1 source"),
        ("> [!quote]- 1 source", "> [!warning]- 1 source"),
        ("- [[Rotation]]: the idea", "- [x] [[Rotation]]: the idea"),
        ("- [[Rotation]]: the idea", "- [[Rotation]]: the idea ^idea"),
        ("## Related", "## Related ^mine"),
        ("## Related", "### Related"),
        ("## Related", "## Related #todo"),
        ("_Left and right_", "_Left and right_ %% hm %%"),
        ("_Left and right_", "_Left and right_ <!-- hm -->"),
        ("_Left and right_", "~~_Left and right_~~"),
        ("Left ([[Aardvark", "==Left== ([[Aardvark"),
    ],
)
def test_what_a_person_types_inside_a_region_is_kept_once(tiny: Path, old: str, new: str, later: bool) -> None:
    (tiny / "vault/My own note.md").write_text("Mine.\n")
    build(tiny)
    replaced(tiny / NOTE, old, new)
    day = ["--as-of", "2024-06-26"] if later else []
    assert "was edited by hand" in build(tiny, *day)
    assert [new in each for each in kept(tiny / NOTE)] == [True]
    assert old in (tiny / NOTE).read_text(encoding="utf-8")
    before = (tiny / NOTE).read_bytes()
    assert "by hand" not in build(tiny, *day)
    assert (tiny / NOTE).read_bytes() == before


def test_words_in_a_target_stay_where_the_region_leaves_the_definition(tiny: Path) -> None:
    replaced(tiny / NOTE, "[[Rotation]]: the idea", "[[Rotation in my words]]: the idea")
    replaced(tiny / "data/theses/left-to-right.yaml", "related:\n  - {note: rotation, why: the idea}\n", "")
    assert "its text is yours now" in build(tiny)
    assert "[[Rotation in my words]]: the idea" in (tiny / NOTE).read_text(encoding="utf-8")


def rename(root: Path, old: str, new: str, written: str) -> None:
    """Move a note and lead every link to it there, as Obsidian does."""
    vault = root / "vault"
    (vault / new).parent.mkdir(parents=True, exist_ok=True)
    shutil.move(vault / old, vault / new)
    link = re.compile(rf"\[\[(?:[^\[\]|#\\]*/)?{re.escape(Path(old).stem)}(?=\\?\||\]\]|#)")
    for path in vault.rglob("*.md"):
        text = path.read_bytes().decode()
        path.write_bytes(link.sub(lambda _: f"[[{written}", text).encode())


@pytest.mark.parametrize("later", [False, True], ids=["same figures", "other figures"])
@pytest.mark.parametrize("memory", ["in step", "missing"])
@pytest.mark.parametrize(
    ("old", "new", "written"),
    [
        ("Assets/Aardvark.md", "Assets/Anteater.md", "Anteater"),
        ("Assets/Aardvark.md", "Beasts/Aardvark.md", "Beasts/Aardvark"),
        ("Concepts/Rotation.md", "Mine/The turn of it.md", "Mine/The turn of it"),
        ("Own/Weather.md", "Own/Climate.md", "Climate"),
    ],
)
def test_a_rename_in_obsidian_is_no_edit(
    tiny: Path, old: str, new: str, written: str, memory: str, later: bool
) -> None:
    own = tiny / "vault/Own/Weather.md"
    own.parent.mkdir()
    own.write_text("---\naliases: [The weather]\n---\nRain.\n")
    replaced(
        tiny / "data/theses/left-to-right.yaml", "as the [[Central bank]]", "as [[The weather]] and [[Central bank]]"
    )
    build(tiny)
    assert "[[Own/Weather|The weather]]" in (tiny / NOTE).read_text() or "[[Weather|" in (tiny / NOTE).read_text()
    rename(tiny, old, new, written)
    if memory == "missing":
        (tiny / "data/notes.yaml").unlink()
    said = build(tiny, *(["--as-of", "2024-06-26"] if later else []))
    assert "by hand" not in said
    assert kept(tiny / NOTE) == []
    assert f"[[{Path(new).stem}" in re.sub(r"\[\[[^\[\]|]*/", "[[", (tiny / NOTE).read_text())


def test_words_typed_beside_a_rename_are_kept(tiny: Path) -> None:
    rename(tiny, "Assets/Aardvark.md", "Assets/Anteater.md", "Anteater")
    replaced(tiny / NOTE, "[[Badger]]", "[[Badger, not for long]]")
    build(tiny, "--as-of", "2024-06-26")
    assert ["[[Badger, not for long]]" in each for each in kept(tiny / NOTE)] == [True]


def test_a_note_that_is_deleted_makes_no_edit_of_the_links_to_it(tiny: Path) -> None:
    (tiny / "vault/Assets/Aardvark.md").unlink()
    assert "by hand" not in build(tiny)
    assert kept(tiny / NOTE) == []

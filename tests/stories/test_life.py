"""The life of a note after its birth: renamed, moved, copied, deleted, brought back, given to another definition."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.stories.kills import killed_at, steps_of
from tests.stories.test_build import NOTE, THESIS, assert_sound, build, region
from tests.stories.workspaces import Said, call, differences, edit, tree

ROTATION = "data/theses/rotation.yaml"
MINE = "\nMy own words, never to be lost.\n"


def rename(root: Path, *words: str) -> Said:
    said = call("rename", *words, "-w", root)
    assert said.status == 0, said
    return said


def read(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def append(path: Path, text: str) -> None:
    write(path, read(path) + text)


def findings(root: Path, *words: str) -> dict[str, dict[str, object]]:
    """Build and return what was found, by code; what the data contradict left out."""
    return {f["code"]: f for f in json.loads(build(root, "--json", *words).out)["findings"]}


def opened_by(vault: Path, target: str, source: Path) -> Path | None:
    """The file that Obsidian opens for a link: reference/obsidian.md, 2.1, written down here a second time.

    Not the generator's own resolver, and by another way: every file is compared with the whole path of the link.
    """
    if not target:
        return source
    files = [
        p for p in vault.rglob("*") if p.is_file() and not any(x.startswith(".") for x in p.relative_to(vault).parts)
    ]
    for wanted in (target.casefold(), f"{target.casefold()}.md"):
        paths = {p: p.relative_to(vault).as_posix().casefold() for p in files}
        exact = [p for p, name in paths.items() if name == wanted.lstrip("/")]
        if exact:
            return exact[0]
        if wanted.startswith(("./", "../")):
            near = Path(os.path.normpath(source.parent / target))
            return next((p for p in (near, near.with_name(near.name + ".md")) if p.is_file()), None)
        ending = [p for p, name in paths.items() if f"/{name}".endswith(f"/{wanted}")]
        if ending:
            folder = source.relative_to(vault).parent.as_posix().casefold()
            return min(ending, key=lambda p: (not paths[p].startswith(f"{folder}/"), len(paths[p])))
    return None


def links_of(path: Path) -> Iterator[str]:
    """The paths of all links and embeds of a note that stand outside code."""
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", read(path), flags=re.DOTALL | re.MULTILINE)
    yield from (m[1].rstrip("\\").strip() for m in re.finditer(r"(?<!\\)\[\[([^\[\]|#\n]*)", text))
    for m in re.finditer(r"\]\((?:<([^>\n]*)>|([^()\s]*))", text):
        if "://" not in (target := unquote(m[1] or m[2] or "")):
            yield target.partition("#")[0]


def assert_no_dead_link(root: Path) -> None:
    vault = root / "vault"
    notes = [p for p in vault.rglob("*.md") if ".trash" not in p.parts]
    dead = [(p.name, link) for p in notes for link in links_of(p) if opened_by(vault, link, p) is None]
    assert dead == []


def assert_at_rest(root: Path) -> None:
    """A further build writes nothing."""
    before = tree(root)
    build(root)
    assert differences(before, tree(root)) == set()


# Renamed by the command -------------------------------------------------------------------------------------------

OWN = """\
---
see: "[[Left to right]]"
also: ['[[left to right|x]]', "[[Theses/Left to right#Claims]]"]
---
[[Left to right]] [[Left to right|shown]] [[ Left to right#The trade so far|x]] [[Left to right#^here]]\tand\r
![[Left to right]] ![[Theses/Left to right.md#Claims]] [[LEFT TO RIGHT]] [[Left to right.md]]
| a | b |
| - | - |
| [[Left to right\\|x]] | ![[Left to right#Claims\\|y]] |
[a](Theses/Left%20to%20right.md) ![b](<Theses/Left to right.md#Claims> "title") [c](Left%20to%20right)
`[[Left to right]]` \\[[Left to right]] [[Left to right of it]] Left to right [web](https://x.org/Left%20to%20right.md)
```
[[Left to right]]
```
no newline at the end [[Badger]]"""


def test_rename_moves_the_note_to_the_name_of_its_title_and_every_link_with_it(tiny: Path) -> None:
    edit(tiny / THESIS, "title: Left to right", "title: Right is left")
    append(tiny / NOTE, "\nMine: [[Left to right#The trade so far]] and [[#The trade so far]].\n")
    write(tiny / "vault/Diary/Own.md", OWN)
    build(tiny)
    before = read(tiny / NOTE)
    rename(tiny, "Right is left")
    after = tiny / "vault/Theses/Right is left.md"
    assert not (tiny / NOTE).exists()
    assert read(after) == before.replace("[[Left to right", "[[Right is left")
    own = read(tiny / "vault/Diary/Own.md")
    assert own.splitlines()[10:] == OWN.splitlines()[10:], "code, escapes and names that only begin alike were touched"
    expected = OWN.splitlines()
    assert own.splitlines()[1:10] == [
        'see: "[[Right is left]]"',
        """also: ['[[Right is left|x]]', "[[Theses/Right is left#Claims]]"]""",
        "---",
        "[[Right is left]] [[Right is left|shown]] [[ Right is left#The trade so far|x]] [[Right is left#^here]]\tand",
        "![[Right is left]] ![[Theses/Right is left.md#Claims]] [[Right is left]] [[Right is left.md]]",
        expected[6],
        expected[7],
        "| [[Right is left\\|x]] | ![[Right is left#Claims\\|y]] |",
        '[a](Theses/Right%20is%20left.md) ![b](<Theses/Right is left.md#Claims> "title") [c](Right%20is%20left)',
    ]
    assert own.count("\r\n") == 1
    edit(tiny / "vault/Diary/Own.md", " [[Right is left#^here]]", "")
    edit(tiny / "vault/Diary/Own.md", " [[Left to right of it]]", "")
    build(tiny)
    assert "Your edit, kept" not in "".join(read(p) for p in (tiny / "vault").rglob("*.md"))
    assert_no_dead_link(tiny)
    (tiny / "vault/Diary/Own.md").unlink()  # obsidiantools does not read blanks and endings as Obsidian does
    assert_sound(tiny)
    assert_at_rest(tiny)


ESCAPED: dict[str, Callable[[str], str]] = {
    "mdformat": lambda text: re.sub(r"\[\[([^\[\]\n]+)\]\]", r"\\[[\1]\\]", text),
    "an earlier mdformat": lambda text: text.replace("[[", r"\[["),
    "remark": lambda text: re.sub(r"(?<=\w)&|&(?=\w)|_", r"\\\g<0>", text.replace("[[", r"\[\[")),
}


@pytest.mark.parametrize("way", ESCAPED)
def test_rename_follows_links_that_a_formatter_has_escaped(tiny: Path, way: str) -> None:
    rename(tiny, "Badger", "Badger_s & sons")
    own = tiny / "vault/Own.md"
    write(
        own, '---\nsee: "[[Badger_s & sons]]"\n---\n[[Badger_s & sons|x]] ![[Assets/Badger_s & sons.md#Now]] [[Home]]\n'
    )
    build(tiny)
    for path in (tiny / "vault").rglob("*.md"):
        front, body = re.fullmatch(r"(---\n.*?\n---\n)(.*)", read(path), re.DOTALL).groups()  # type: ignore[union-attr]
        lines = body.splitlines(keepends=True)
        write(path, front + "".join(line if line.startswith("%%") else ESCAPED[way](line) for line in lines))
    before = read(own)
    rename(tiny, "BBB", "Brock")
    name = ESCAPED[way]("Badger_s & sons")
    assert read(own) == before.replace(name, "Brock").replace("Badger_s & sons", "Brock")
    assert read(own).count("Brock") == 3
    build(tiny)
    texts = "".join(read(path) for path in (tiny / "vault").rglob("*.md"))
    assert "Your edit, kept" not in texts
    assert "Badger_s" not in texts.replace("\\", "")


def test_half_a_character_in_a_card_stays_the_escape_that_it_was(tiny: Path) -> None:
    canvas = '{"nodes":[{"id":"1","type":"text","text":"[[Left to right]] \\ud83d cut off"}],"edges":[]}'
    write(tiny / "vault/Map.canvas", canvas)
    assert call("rename", "left-to-right", "Other", "-w", tiny).status == 0
    assert read(tiny / "vault/Map.canvas") == canvas.replace("Left to right", "Other")


def test_rename_takes_a_name_of_ones_own_and_leads_cards_of_a_canvas_along(tiny: Path) -> None:
    place = '"x":0,"y":0,"width":9,"height":9'
    card = f'{{"id":"1","type":"file","file":"Assets/Badger.md",{place}}}'
    words = f'{{"id":"2","type":"text","text":"`a` [[Badger|\\u00fc]]\\nBadger",{place}}}'
    canvas = f'{{\n\t"nodes":[\n\t\t{card},\n\t\t{words}\n\t],"edges":[]\n}}'
    write(tiny / "vault/Map.canvas", canvas)
    rename(tiny, "BBB", "Old brock, the digger")
    assert (tiny / "vault/Assets/Old brock, the digger.md").is_file()
    assert read(tiny / "vault/Map.canvas") == canvas.replace(
        "Assets/Badger.md", "Assets/Old brock, the digger.md"
    ).replace("[[Badger|\\u00fc]]", "[[Old brock, the digger|ü]]")
    build(tiny)
    assert "[[Old brock, the digger|Badger]]" in read(tiny / NOTE)
    assert_sound(tiny)
    rename(tiny, "Badger")
    assert (tiny / "vault/Assets/Badger.md").is_file()
    assert "that name already" in rename(tiny, "Badger").err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Left to right", "Rotation"), 'the name "Rotation" is taken by Concepts/Rotation.md'),
        (("Left to right", "rOTATION"), "is taken by Concepts/Rotation.md"),
        (("Left to right", "a/b"), '"a-b" would do'),
        (("Left to right", "What: now?"), '"What - now" would do'),
        (("Left to right", "CON"), '"CON note" would do'),
        (("Lefty", "X"), "was built here"),
        (("Left to right", ""), "cannot be the name of a note"),
    ],
)
def test_a_name_that_is_taken_or_not_safe_is_refused_and_nothing_is_written(
    tiny: Path, words: tuple[str, ...], said: str
) -> None:
    before = tree(tiny)
    answer = call("rename", *words, "-w", tiny)
    assert answer.status == 2
    assert said in answer.err
    assert differences(before, tree(tiny)) == set()


def test_a_name_that_differs_in_case_only_is_a_new_name(tiny: Path) -> None:
    rename(tiny, "Left to right", "Left To Right")
    assert [p.name for p in (tiny / "vault/Theses").iterdir()] == ["Left To Right.md"]
    build(tiny)
    assert_sound(tiny)


def test_rename_is_refused_while_a_note_that_links_there_cannot_be_written(tiny: Path) -> None:
    own = tiny / "vault/Own.md"
    write(own, "[[Left to right]]\n")
    own.chmod(0o444)
    before = tree(tiny)
    said = call("rename", "Left to right", "Turned", "-w", tiny)
    assert said.status == 74
    assert "vault/Own.md" in said.err
    assert "read-only" in said.err
    assert differences(before, tree(tiny)) == set()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL there")
@pytest.mark.parametrize("command", ["build", "rename"])
def test_a_rename_that_is_killed_at_any_write_is_finished_by_the_next_run(
    tiny: Path, tmp_path: Path, command: str
) -> None:
    write(tiny / "vault/Own.md", "[[Left to right]]\n")
    whole = Path(shutil.copytree(tiny, tmp_path / "whole"))
    rename(whole, "Left to right", "Turned")
    build(whole)
    tried = Path(shutil.copytree(tiny, tmp_path / "tried"))
    steps = steps_of(lambda: rename(tried, "Left to right", "Turned"))
    cuts = [n for n, name in enumerate(steps, 1) if name in ("replace", "rename")]
    for n in cuts:
        root = Path(shutil.copytree(tiny, tmp_path / str(n)))
        assert killed_at(n, lambda root=root: rename(root, "Left to right", "Turned")) == -signal.SIGKILL  # type: ignore[misc]
        turned = (root / "vault/Theses/Turned.md").exists()
        begun = turned or "renaming" in (root / "data/notes.yaml").read_text()
        if begun and command == "build":
            build(root)
        else:
            rename(root, "left-to-right" if begun else "Left to right", "Turned")
            build(root)
        assert differences(tree(whole), tree(root)) == set(), f"killed at step {n}, {steps[n - 1]}"
        shutil.rmtree(root)
    assert len(cuts) > 5


# The YAML file ----------------------------------------------------------------------------------------------------


def test_a_definition_that_gets_another_file_is_offered_the_note_of_the_old_one(tiny: Path) -> None:
    append(tiny / NOTE, MINE)
    text = read(tiny / NOTE)
    write(tiny / NOTE, text.replace(region(text, "claims"), "My claims are elsewhere.\n"))
    build(tiny)
    (tiny / THESIS).rename(tiny / "data/theses/turn.yaml")
    edit(tiny / ROTATION, "of: [left-to-right]", "of: [turn]")
    edit(tiny / ROTATION, "note: left-to-right", "note: turn")
    found = findings(tiny)
    assert found["moved-id"]["path"] == NOTE
    assert 'thesisvault rename "left-to-right" "turn"' in str(found["moved-id"]["hint"])
    assert "orphaned-note" not in found
    assert [p.name for p in (tiny / "vault/Theses").iterdir()] == ["Left to right.md"]
    assert "[[Left to right]]" in read(tiny / "vault/Concepts/Rotation.md")
    assert_no_dead_link(tiny)
    assert_sound(tiny)
    assert_at_rest(tiny)

    rename(tiny, "left-to-right", "turn")
    text = read(tiny / NOTE)
    assert text.startswith('---\nid: "turn"\n')
    assert "_mine" not in text
    assert "orphaned" not in text
    assert text.count(MINE) == 1
    assert "tv:begin claims" not in text, "a region that was taken out before came back"
    assert "moved-id" not in findings(tiny)
    assert "left-to-right" not in read(tiny / "data/notes.yaml")
    assert_sound(tiny)
    assert_at_rest(tiny)


def test_a_definition_with_another_file_and_title_is_known_by_what_it_says(tiny: Path) -> None:
    (tiny / THESIS).rename(tiny / "data/theses/turn.yaml")
    edit(tiny / "data/theses/turn.yaml", "title: Left to right\naliases: [The turn]", "title: Something else")
    edit(tiny / ROTATION, "of: [left-to-right]", "of: [turn]")
    edit(tiny / ROTATION, "note: left-to-right", "note: turn")
    assert findings(tiny)["moved-id"]["path"] == NOTE
    assert "[[Left to right|Something else]]" in read(tiny / "vault/Concepts/Rotation.md")
    rename(tiny, "left-to-right", "turn")
    assert "\n# Something else\n" in read(tiny / NOTE)
    rename(tiny, "turn")
    assert (tiny / "vault/Theses/Something else.md").is_file()
    build(tiny)
    assert_sound(tiny)


def test_a_definition_that_two_gone_ones_could_have_been_is_offered_neither_note(tiny: Path) -> None:
    twin = read(tiny / THESIS).replace("title: Left to right\naliases: [The turn]", "title: Twin")
    write(tiny / "data/theses/twin.yaml", twin)
    build(tiny)
    (tiny / "data/theses/twin.yaml").unlink()
    (tiny / THESIS).rename(tiny / "data/theses/turn.yaml")
    edit(tiny / "data/theses/turn.yaml", "title: Left to right\naliases: [The turn]", "title: Something else")
    edit(tiny / ROTATION, "of: [left-to-right]", "of: [turn]")
    edit(tiny / ROTATION, "note: left-to-right", "note: turn")
    found = findings(tiny)
    assert "moved-id" not in found
    assert "orphaned-note" in found
    assert sorted(path.stem for path in (tiny / "vault/Theses").iterdir()) == [
        "Left to right",
        "Something else",
        "Twin",
    ]
    assert read(tiny / "vault/Theses/Something else.md").startswith('---\nid: "turn"\n')


def test_a_new_definition_unlike_the_one_that_went_gets_a_note_of_its_own(tiny: Path) -> None:
    (tiny / THESIS).unlink()
    write(tiny / "data/theses/bonds.yaml", "title: Bonds for ever\nsummary: Nothing yields like patience, they say.\n")
    write(tiny / ROTATION, read(tiny / ROTATION).partition("sections:")[0])
    found = findings(tiny)
    assert "moved-id" not in found
    assert "thesisvault prune" in str(found["orphaned-note"]["hint"])
    assert (tiny / "vault/Theses/Bonds for ever.md").is_file()


def test_an_offered_note_that_is_pruned_makes_room_for_a_new_one(tiny: Path) -> None:
    append(tiny / NOTE, MINE)
    (tiny / THESIS).rename(tiny / "data/theses/turn.yaml")
    write(tiny / ROTATION, read(tiny / ROTATION).partition("sections:")[0])
    build(tiny)
    assert call("prune", "-w", tiny).status == 0
    build(tiny)
    assert MINE not in read(tiny / NOTE)
    assert MINE in read(tiny / "vault/.trash/Theses/Left to right.md")
    assert_sound(tiny)


def test_a_definition_that_was_copied_is_refused_with_both_files_named(tiny: Path) -> None:
    shutil.copy(tiny / THESIS, tiny / "data/theses/copy.yaml")
    before = tree(tiny)
    said = call("build", "-w", tiny)
    assert said.status == 2
    assert "data/theses/left-to-right.yaml:1" in said.err
    assert '"copy"' in said.err
    assert differences(before, tree(tiny)) == set()


def test_two_titles_of_one_file_name_give_two_notes_and_the_elder_keeps_its_name(tiny: Path) -> None:
    before = tree(tiny / "vault/Concepts")
    write(tiny / "data/theses/a-first.yaml", "title: 'Rotation?'\nkind: concept\nsummary: Another one.\n")
    build(tiny)
    assert differences(before, tree(tiny / "vault/Concepts")) == {"Rotation (2).md"}
    assert_no_dead_link(tiny)


def test_a_definition_that_comes_back_finds_its_note_as_the_person_left_it(tiny: Path) -> None:
    text = read(tiny / NOTE).replace('status: "active"\n', 'status: "active"\nmood: wary # really\n')
    write(tiny / NOTE, text.replace(region(text, "claims"), "") + MINE)
    build(tiny)
    before, definition, concept = tree(tiny), read(tiny / THESIS), read(tiny / ROTATION)
    (tiny / THESIS).unlink()
    write(tiny / ROTATION, concept.partition("sections:")[0])
    build(tiny)
    (tiny / "vault/Elsewhere").mkdir()
    (tiny / NOTE).rename(tiny / "vault/Elsewhere/Moved.md")
    build(tiny)
    assert 'status: "orphaned"' in read(tiny / "vault/Elsewhere/Moved.md")
    (tiny / "vault/Elsewhere/Moved.md").rename(tiny / NOTE)
    (tiny / "vault/Elsewhere").rmdir()
    write(tiny / THESIS, definition)
    write(tiny / ROTATION, concept)
    said = call("prune", "-w", tiny)
    assert said.status == 0
    assert (tiny / NOTE).is_file(), "a note whose definition is back was taken away"
    build(tiny)
    assert differences(before, tree(tiny)) == set()


def test_prune_follows_an_orphan_that_was_moved_and_numbers_what_is_in_the_trash_already(tiny: Path) -> None:
    write(tiny / "vault/.trash/Mine/Moved.md", "an older one")
    append(tiny / NOTE, MINE)
    (tiny / THESIS).unlink()
    write(tiny / ROTATION, read(tiny / ROTATION).partition("sections:")[0])
    build(tiny)
    (tiny / "vault/Mine").mkdir()
    (tiny / NOTE).rename(tiny / "vault/Mine/Moved.md")
    said = call("prune", "-w", tiny)
    assert "vault/Mine/Moved.md: moved to .trash." in said.err
    assert read(tiny / "vault/.trash/Mine/Moved.md") == "an older one"
    assert MINE in read(tiny / "vault/.trash/Mine/Moved 2.md")
    build(tiny)
    assert_sound(tiny)
    assert_at_rest(tiny)


# In Obsidian ------------------------------------------------------------------------------------------------------


def test_a_note_that_was_renamed_in_obsidian_is_followed_and_our_links_with_it(tiny: Path) -> None:
    append(tiny / NOTE, MINE)
    for path in (tiny / "vault").rglob("*.md"):  # as Obsidian rewrites links
        write(path, read(path).replace("[[Left to right", "[[Turned over"))
    (tiny / NOTE).rename(tiny / "vault/Turned over.md")
    edit(tiny / THESIS, "leads left", "is ahead of left")
    build(tiny)
    assert not (tiny / NOTE).exists()
    text = read(tiny / "vault/Turned over.md")
    assert "is ahead of left" in text
    assert text.endswith(MINE)
    texts = "".join(read(p) for p in (tiny / "vault").rglob("*.md"))
    assert "[[Turned over|Left to right]]" in texts
    assert "[[Left to right" not in texts
    assert "Your edit, kept" not in texts
    assert_sound(tiny)
    assert_at_rest(tiny)


def test_a_copy_is_left_alone_and_named_and_becomes_the_note_if_the_original_goes(tiny: Path) -> None:
    append(tiny / NOTE, MINE)
    build(tiny)
    copy = tiny / "vault/Theses/Left to right 1.md"
    shutil.copy(tiny / NOTE, copy)
    os.utime(copy, (1, 1))  # times of files say nothing
    kept = copy.read_bytes()
    edit(tiny / THESIS, "leads left", "is ahead of left")
    found = findings(tiny)["copied-note"]
    assert found["path"] == "vault/Theses/Left to right 1.md"
    assert "copy of Theses/Left to right.md" in str(found["problem"])
    assert "take the line `id` out" in str(found["hint"])
    assert copy.read_bytes() == kept
    assert "is ahead of left" in read(tiny / NOTE)
    assert "Left to right 1" not in "".join(read(p) for p in (tiny / "vault").rglob("*.md") if p != copy)
    said = call("adopt", "Left to right 1", "-w", tiny)
    assert said.status == 2
    assert "is a copy of" in said.err
    assert_no_dead_link(tiny)
    assert_at_rest(tiny)

    (tiny / NOTE).unlink()
    build(tiny)
    assert not (tiny / NOTE).exists()
    text = read(copy)
    assert "is ahead of left" in text
    assert text.endswith(MINE)
    assert "[[Left to right 1\\|Left → right]]" in read(tiny / "vault/Home.md")
    assert_sound(tiny)
    assert_at_rest(tiny)


def test_a_copy_of_the_same_name_makes_links_to_the_original_name_its_folder(tiny: Path) -> None:
    write(tiny / "vault/A/Left to right.md", read(tiny / NOTE))
    build(tiny)
    assert "[[Theses/Left to right\\|Left → right]]" in read(tiny / "vault/Home.md")
    assert all(
        opened_by(tiny / "vault", link, p) == tiny / NOTE
        for p in (tiny / "vault").rglob("*.md")
        for link in links_of(p)
        if link.endswith("Left to right") and p.parent.name != "A"
    )
    shutil.rmtree(tiny / "vault/A")
    build(tiny)
    assert "[[Left to right\\|Left → right]]" in read(tiny / "vault/Home.md")


def test_a_copy_without_its_id_is_a_persons_own_note(tiny: Path) -> None:
    copy = tiny / "vault/Mine/My version.md"
    write(copy, read(tiny / NOTE).replace('id: "left-to-right"\n', ""))
    kept = copy.read_bytes()
    assert "copied-note" not in findings(tiny)
    assert copy.read_bytes() == kept


def test_a_note_that_takes_the_name_of_a_deleted_one_is_not_written_twice(tiny: Path) -> None:
    (tiny / "vault/Concepts/Rotation.md").unlink()
    (tiny / NOTE).rename(tiny / "vault/Concepts/Rotation.md")
    append(tiny / "vault/Concepts/Rotation.md", MINE)
    found = findings(tiny)
    assert 'thesisvault restore "Rotation"' in str(found["deleted-note"]["hint"])
    text = read(tiny / "vault/Concepts/Rotation.md")
    assert 'id: "left-to-right"' in text
    assert text.endswith(MINE)
    assert_at_rest(tiny)
    assert call("restore", "rotation", "-w", tiny).status == 0
    assert (tiny / "vault/Concepts/Rotation (2).md").is_file()
    assert_sound(tiny)


def test_restore_of_a_note_that_is_only_elsewhere_says_where(tiny: Path) -> None:
    text = read(tiny / NOTE)
    write(tiny / "vault/Moved.md", text.replace(region(text, "claims"), ""))
    (tiny / NOTE).unlink()
    said = call("restore", "Left to right", "-w", tiny)
    assert said.status == 2
    assert "Moved.md is there" in said.err


def test_adopt_of_a_note_beside_the_one_that_is_there_is_refused(tiny: Path) -> None:
    write(tiny / "vault/Mine/Rotation.md", "My thoughts on it.\n")
    for words, said in (
        (("adopt", "Mine/Rotation"), 'has its note already: "Concepts/Rotation.md"'),
        (("adopt", "Rotation"), "Concepts/Rotation.md, Mine/Rotation.md"),
        (("adopt", "Rotatoin"), 'Did you mean "Rotation"?'),
    ):
        before = tree(tiny)
        answer = call(*words, "-w", tiny)
        assert answer.status == 2
        assert said in answer.err
        assert differences(before, tree(tiny)) == set()
    (tiny / "vault/Concepts/Rotation.md").unlink()
    assert call("adopt", "Mine/Rotation", "-w", tiny).status == 0
    text = read(tiny / "vault/Mine/Rotation.md")
    assert "My thoughts on it.\n" in text
    assert 'id: "rotation"' in text
    assert not (tiny / "vault/Concepts/Rotation.md").exists()
    assert_sound(tiny)
    assert_at_rest(tiny)


def test_adopt_mends_a_damaged_note_and_keeps_every_line(tiny: Path) -> None:
    edit(tiny / NOTE, "%% tv:end summary", "%% tv:and summary")
    append(tiny / NOTE, MINE)
    said = build(tiny)
    assert f"{NOTE}:" in said.err
    assert "thesisvault adopt" in said.err
    before = read(tiny / NOTE)
    assert call("adopt", "Left to right", "-w", tiny).status == 0
    after = read(tiny / NOTE)
    words = [line for line in before.splitlines() if line.strip() and "tv:" not in line]
    assert [line for line in words if line not in after] == []
    assert after.endswith(MINE)
    assert_at_rest(tiny)


# Pictures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("Own.md", "![[{}|300]]\n"),
        ("Own.md", "![[attachments/{}]]\n"),
        ("Own.md", "![x](attachments/{})\n"),
        ("Own.md", "![x|300](<attachments/{}>)\n"),
        ("Own.md", "See [[{}]].\n"),
        ("Map.canvas", '{{"nodes": [{{"id": "1", "type": "file", "file": "attachments/{}"}}]}}'),
        ("All.base", "filters: 'file.name == \"{}\"'\n"),
        ("Theses/Left to right.md", "\n![[{}]]\n"),
        (None, ""),
    ],
)
def test_a_picture_goes_to_the_trash_unless_a_person_shows_it(tiny: Path, file: str | None, text: str) -> None:
    pictures = list((tiny / "vault/attachments").glob("chart-left-to-right-*.png"))
    assert len(pictures) == 1
    if file:
        path = tiny / "vault" / file
        write(path, (read(path) if path.exists() else "") + text.format(pictures[0].name))
    edit(tiny / THESIS, "      - chart: {pair: [sell, buy], over: 90d, caption: Left and right}\n", "")
    build(tiny)
    assert pictures[0].exists() == (file is not None)
    assert (tiny / "vault/.trash/attachments" / pictures[0].name).exists() == (file is None)
    assert_no_dead_link(tiny)


# Names in a larger vault ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Diary/Badger.md", "Seen one today.\n"),
        ("Diary/bADGER.md", "Seen one today.\n"),
        ("Diary/2024.md", "---\naliases: [badger]\n---\nSeen one today.\n"),
    ],
)
def test_a_name_that_a_persons_note_has_too_is_linked_with_its_folder_for_as_long(
    tiny: Path, path: str, text: str
) -> None:
    settings = tiny / "thesisvault.yaml"
    shutil.rmtree(tiny / "vault")
    (tiny / "data/notes.yaml").unlink()
    append(settings, "folder: Markets\n")
    build(tiny)
    vault, note = tiny / "vault", tiny / "vault/Markets/Theses/Left to right.md"
    plain = tree(tiny)
    assert "[[Badger]]" in read(note)
    write(vault / path, text)
    build(tiny)
    # The words of a definition lead to the person's note, tables to ours, and ours names the person's.
    theirs = "2024" if "2024" in path else path.removesuffix(".md")
    assert f"[[{theirs}|Badger]]" in read(note)
    assert "[[Markets/Assets/Badger\\|BBB]]" in read(note)
    assert f"Your note: [[{theirs}" in read(vault / "Markets/Assets/Badger.md")
    assert "[[Badger" not in "".join(read(p) for p in (vault / "Markets").rglob("*.md"))
    ours = vault / "Markets/Assets/Badger.md"
    leading = [
        opened_by(vault, link, p) for p in vault.rglob("*.md") for link in links_of(p) if link.endswith("Assets/Badger")
    ]
    assert len(leading) > 3
    assert set(leading) == {ours}
    assert opened_by(vault, theirs, note) == vault / path
    assert read(vault / path) == text
    assert "Your edit, kept" not in read(note)
    assert_no_dead_link(tiny)
    assert_at_rest(tiny)
    shutil.rmtree(vault / "Diary")
    build(tiny)
    assert differences(plain, tree(tiny)) == set()


def test_a_persons_note_that_shares_its_name_with_another_is_linked_with_its_folder(tiny: Path) -> None:
    write(tiny / "vault/A/Digging.md", "---\naliases: [On digging]\n---\n")
    write(tiny / "vault/B/digging.md", "Another.\n")
    edit(tiny / ROTATION, "Money moves", "See [[On digging]]. Money moves")
    build(tiny)
    assert "[[A/Digging|On digging]]" in read(tiny / "vault/Concepts/Rotation.md")
    assert_no_dead_link(tiny)

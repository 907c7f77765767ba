"""Two machines, one vault: what a merge or a sync leaves behind costs no word, and no property is multiplied."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.stories.machines import build, commit, merge_from, second, shared
from tests.stories.workspaces import call, edit, tree

NOTE = "vault/Theses/Left to right.md"
THESIS = "data/theses/left-to-right.yaml"
MEMORY = "data/notes.yaml"


def read(path: Path) -> str:
    return path.read_bytes().decode()


@pytest.fixture
def two(tiny: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Two machines that start alike."""
    one = shared(tiny)
    return one, second(one, tmp_path / "other")


def work(root: Path, day: str) -> None:
    build(root, "--as-of", day)
    commit(root)


def in_conflict(root: Path, other: Path) -> list[str]:
    found = merge_from(root, other)
    assert NOTE in found, found
    assert "<<<<<<<" in read(root / NOTE)
    return found


def is_clean(root: Path, day: str = "2024-06-27") -> None:
    """Build once more, and find that nothing is left to do and no note holds a conflict."""
    before = tree(root / "vault")
    again = build(root, "--as-of", day)
    assert "all up to date" in again.out, again
    assert "conflict" not in again.err
    assert tree(root / "vault") == before
    for path in (root / "vault").rglob("*.md"):
        assert not re.search(r"^(<<<<<<<|=======|>>>>>>>)", read(path), re.MULTILINE), path


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_a_conflict_of_figures_only_is_settled_by_the_next_build(two: tuple[Path, Path], style: str) -> None:
    one, other = two
    work(one, "2024-06-26")
    work(other, "2024-06-25")
    found = merge_from(one, other, "-c", f"merge.conflictStyle={style}")
    assert NOTE in found
    assert ("|||||||" in read(one / NOTE)) == (style != "merge")
    said = build(one, "--as-of", "2024-06-27")
    assert re.search(r"Left to right\.md:\d+: merge conflict, lines \d+ to \d+", call("check", "-w", one).err) is None
    assert "by hand" not in said.err, said
    fresh = second(other, one.parent / "fresh")
    build(fresh, "--as-of", "2024-06-27")
    notes = {name for name in tree(fresh / "vault") if name.endswith(".md")}
    assert {name: read(one / "vault" / name) for name in notes} == {n: read(fresh / "vault" / n) for n in notes}
    is_clean(one)


def test_a_conflict_is_reported_with_its_lines(two: tuple[Path, Path]) -> None:
    one, other = two
    work(one, "2024-06-26")
    work(other, "2024-06-25")
    in_conflict(one, other)
    lines = read(one / NOTE).split("\n")
    first = next(n for n, line in enumerate(lines, 1) if line.startswith("<<<<<<<"))
    last = next(n for n, line in enumerate(lines, 1) if line.startswith(">>>>>>>"))
    assert f"{NOTE}:{first}: merge conflict, lines {first} to {last}" in call("check", "-w", one).all
    report = json.loads(call("build", "-w", one, "--offline", "--as-of", "2024-06-27", "--json").out)
    said = [each for each in report["findings"] if each["code"] == "merge-conflict" and each["path"] == NOTE]
    assert [each["level"] for each in said] == ["info"]
    assert said[0]["problem"].startswith(f"merge conflict, lines {first} to {last}, ")
    assert said[0]["problem"].endswith(", settled by this build.")


def test_what_both_wrote_at_one_place_outside_regions_is_left_to_them_untouched(two: tuple[Path, Path]) -> None:
    one, other = two
    place = "%% tv:begin claims %%"
    edit(one / NOTE, place, f"Words of the first.\n\n{place}")
    edit(other / NOTE, place, f"Words of the second.\n\n{place}")
    work(one, "2024-06-26")
    work(other, "2024-06-25")
    in_conflict(one, other)
    said = build(one, "--as-of", "2024-06-27")
    text = read(one / NOTE)
    left = re.findall(r"^<<<<<<<.*?^>>>>>>>.*?$", text, re.DOTALL | re.MULTILINE)
    assert len(left) == 1, text
    assert "Words of the first." in left[0]
    assert "Words of the second." in left[0]
    first = text[: text.index("<<<<<<<")].count("\n") + 1
    assert f"merge conflict, lines {first} to {first + left[0].count(chr(10))}" in said.err
    assert "as_of: 2024-06-27" in text
    assert "by hand" not in said.err
    again = build(one, "--as-of", "2024-06-27", "--all")
    assert "all up to date" in again.out
    assert f"merge conflict, lines {first} to" in again.err
    assert read(one / NOTE) == text
    # The person decides.
    (one / NOTE).write_bytes(re.sub(r"(?m)^(<<<<<<<|=======|>>>>>>>).*\n", "", text).encode())
    build(one, "--as-of", "2024-06-27")
    is_clean(one)


def test_of_what_is_typed_in_a_region_in_conflict_words_stay_and_a_figure_goes(two: tuple[Path, Path]) -> None:
    one, other = two
    for root, day in ((one, "2024-06-26"), (other, "2024-06-25")):
        work(root, day)
    in_conflict(one, other)
    text = read(one / NOTE)
    region = re.search(r"%% tv:begin summary %%.*?%% tv:end summary [^\n]*\n", text, re.DOTALL)
    assert region is not None
    figure = re.search(r"leads left by [+-]?(\d+\.\d)pp", region[0])
    assert figure is not None
    assert "<<<<<<<" in region[0]
    edit(one / NOTE, figure[0], figure[0].replace(figure[1], "98.7"))
    said = build(one, "--as-of", "2024-06-27")
    assert "98.7" not in read(one / NOTE)
    assert "by hand" not in said.err


def test_words_of_one_machine_beside_figures_of_both_stay(two: tuple[Path, Path]) -> None:
    one, other = two
    for root, words in ((one, "First"), (other, "Second")):
        text = read(root / NOTE)
        # Right below each region, so that the merge takes words and markers for one place.
        text = re.sub(r"(?m)^(%% tv:end (\S+) .*\n)", rf"\1{words} below \2.\n", text)
        (root / NOTE).write_bytes(text.encode())
    work(one, "2024-06-26")
    work(other, "2024-06-25")
    in_conflict(one, other)
    said = build(one, "--as-of", "2024-06-27")
    text = read(one / NOTE)
    regions = re.findall(r"%% tv:begin (\S+) %%", text)
    assert len(regions) == 8
    for name in regions:
        assert text.count(f"First below {name}.") == text.count(f"Second below {name}.") == 1
    assert "by hand" not in said.err, said
    assert "Your edit, kept" not in text
    assert "all up to date" in build(one, "--as-of", "2024-06-27").out


@pytest.mark.parametrize("both", [False, True], ids=["one machine", "both machines"])
def test_an_edit_of_a_region_in_conflict_is_kept(two: tuple[Path, Path], both: bool) -> None:
    one, other = two
    work(one, "2024-06-26")
    work(other, "2024-06-25")
    if both:
        edit(one / NOTE, "Capital leaves", "As I see it capital leaves")
    edit(other / NOTE, "Capital leaves", "They say that capital leaves")
    edit(other / NOTE, "[[Aardvark]] for", "[[Aardvark of old]] for")
    commit(one)
    commit(other)
    in_conflict(one, other)
    said = build(one, "--as-of", "2024-06-27")
    text = read(one / NOTE)
    assert text.count("> They say that capital leaves [[Aardvark of old]] for") == 1
    assert text.count("> As I see it capital leaves [[Aardvark]] for") == both
    assert text.count("\nCapital leaves [[Aardvark]] for") == 1
    assert 'region "summary" was edited by hand' in said.err
    is_clean(one)


def test_properties_in_conflict_are_settled_and_a_persons_stay(two: tuple[Path, Path]) -> None:
    one, other = two
    edit(one / NOTE, "as_of:", "mood: calm\nas_of:")
    edit(one / NOTE, '  - "rotation"', '  - "rotation"\n  - first')
    edit(other / NOTE, "as_of:", "weather: fair # today\nas_of:")
    edit(other / NOTE, '  - "rotation"', '  - "rotation"\n  - second')
    edit(other / THESIS, "title: Left to right\n", "title: Left to right\nstatus: watching\n")
    work(one, "2024-06-26")
    work(other, "2024-06-25")
    in_conflict(one, other)
    said = build(one, "--as-of", "2024-06-27")
    block = read(one / NOTE).split("---\n")[1].splitlines()
    assert {"mood: calm", "weather: fair # today", "as_of: 2024-06-27", 'status: "watching"'} <= {*block}
    assert {'  - "first"', '  - "second"', '  - "rotation"'} <= {*block}
    assert not [line for line in block if "_mine" in line]
    assert "by hand" not in said.err
    is_clean(one)


def test_a_property_of_which_both_have_a_value_of_their_own_is_left_in_conflict(two: tuple[Path, Path]) -> None:
    one, other = two
    edit(one / NOTE, "as_of:", "mood: calm\nas_of:")
    edit(other / NOTE, "as_of:", "mood: wild\nas_of:")
    work(one, "2024-06-26")
    work(other, "2024-06-25")
    in_conflict(one, other)
    said = build(one, "--as-of", "2024-06-27")
    text = read(one / NOTE)
    assert re.search(r"<<<<<<< .*\nmood: calm\n=======\nmood: wild\n>>>>>>> .*\nas_of", text), text
    assert text.count("<<<<<<<") == 1
    assert "merge conflict, lines " in said.err
    again = build(one, "--as-of", "2024-06-27")
    assert "all up to date" in again.out
    assert not list((one / "vault").rglob("Left to right (2).md"))
    (one / NOTE).write_bytes(re.sub(r"(?s)<<<<<<<[^\n]*\n(.*?)=======.*?>>>>>>>[^\n]*\n", r"\1", text).encode())
    build(one, "--as-of", "2024-06-27")
    assert "mood: calm\n" in read(one / NOTE)
    is_clean(one)


@pytest.mark.parametrize("memory", ["there", "missing"])
def test_a_note_in_conflict_is_known_by_its_id(two: tuple[Path, Path], memory: str) -> None:
    one, other = two
    work(one, "2024-06-26")
    work(other, "2024-06-25")
    in_conflict(one, other)
    if memory == "missing":
        (one / MEMORY).unlink()
    notes = {path.name for path in (one / "vault").rglob("*.md")}
    build(one, "--as-of", "2024-06-27")
    assert {path.name for path in (one / "vault").rglob("*.md")} == notes
    is_clean(one)


def test_a_conflict_that_tore_the_markers_apart_waits_for_the_person_or_for_adopt(two: tuple[Path, Path]) -> None:
    one, other = two
    edit(other / NOTE, "%% tv:begin claims %%", "Mine.\n\n%% tv:begin claims of mine %%")
    edit(one / NOTE, "%% tv:begin claims %%", "My own.\n\n%% tv:begin claims, my own %%")
    for root, day in ((one, "2024-06-26"), (other, "2024-06-25")):
        call("build", "-w", root, "--offline", "--as-of", day)
        commit(root)
    merge_from(one, other)
    before = read(one / NOTE)
    assert "claims of mine" in before
    edit(one / "vault/Concepts/Rotation.md", "Money moves", "I say: money moves")
    edit(one / "vault/Assets/Badger.md", "%% tv:end unusual", "%% tv:fin unusual")
    said = build(one, "--as-of", "2024-06-27")
    assert re.search(r"Left to right\.md:\d+: merge conflict, lines \d+ to \d+", said.err)
    assert "thesisvault adopt" in said.err
    assert read(one / NOTE) == before
    adopted = call("adopt", "Left to right", "-w", one, "--as-of", "2024-06-27")
    assert adopted.status == 0, adopted
    assert "Badger.md" not in adopted.all
    assert "Rotation.md" not in adopted.all
    text = read(one / NOTE)
    assert {"Mine.", "My own."} <= {*text.split("\n")}
    assert "claims of mine" in text
    assert "claims, my own" in text
    assert "as_of: 2024-06-27" in text


def test_a_memory_in_conflict_is_put_together_from_both(two: tuple[Path, Path]) -> None:
    one, other = two
    note = read(one / NOTE)
    region = re.search(r"%% tv:begin claims.*?%% tv:end claims .*?\n\n", note, re.DOTALL)
    log = re.search(r"%% tv:begin log.*?%% tv:end log .*?\n\n", note, re.DOTALL)
    assert region
    assert log
    (one / NOTE).write_bytes(note.replace(region[0], "").encode())
    (other / NOTE).write_bytes(note.replace(log[0], "").encode())
    (one / "vault/Entities/Central bank.md").unlink()
    for root, name in ((one, "third"), (other, "fourth")):
        text = f"title: The {name}\nsummary: The {name} idea, of which little is known.\nkind: concept\n"
        (root / f"data/theses/{name}.yaml").write_text(text)
    work(one, "2024-06-28")
    work(other, "2024-06-28")
    assert MEMORY in merge_from(one, other)
    assert f"{MEMORY}:" in call("check", "-w", one).all
    said = build(one, "--as-of", "2024-06-27", "--all")
    assert re.search(rf"{MEMORY}:\d+: merge conflict, lines \d+ to \d+", said.err), said
    memory = read(one / MEMORY)
    assert "<<<<<<<" not in memory
    assert 'removed: ["claims", "log"]' in memory
    assert memory.count("deleted: true") == 1
    assert {"Concepts/The third.md", "Concepts/The fourth.md"} <= {*re.findall('path: "(.*)"', memory)}
    assert not (one / "vault/Entities/Central bank.md").exists()
    is_clean(one)


def test_a_memory_in_conflict_that_cannot_be_read_stops_the_build_and_names_the_lines(tiny: Path) -> None:
    memory = tiny / MEMORY
    text = memory.read_text() + "<<<<<<< HEAD\nnonsense\n=======\n  more: [\n>>>>>>> theirs\n"
    memory.write_text(text)
    before = tree(tiny)
    said = call("build", "-w", tiny, "--offline")
    first = text.count("\n") - 4
    assert said.status == 2
    assert f"{MEMORY}:{first}: merge conflict, lines {first} to {first + 4}." in said.err
    assert tree(tiny) == before


def test_a_definition_in_conflict_names_the_lines(tiny: Path) -> None:
    thesis = tiny / THESIS
    thesis.write_text(thesis.read_text() + "<<<<<<< HEAD\nstatus: idea\n=======\nstatus: closed\n>>>>>>> theirs\n")
    said = call("build", "-w", tiny, "--offline")
    first = thesis.read_text().count("\n") - 4
    assert said.status == 2
    assert f"{THESIS}:{first}: merge conflict, lines {first} to {first + 4}." in said.err


def test_a_conflict_that_is_shown_as_code_is_none(tiny: Path) -> None:
    words = "How git writes it:\n\n```\n<<<<<<< HEAD\nmine\n=======\ntheirs\n>>>>>>> x\n```\n\n"
    edit(tiny / NOTE, "%% tv:begin claims", f"{words}%% tv:begin claims")
    said = build(tiny, "--as-of", "2024-06-27")
    assert words in read(tiny / NOTE)
    assert "conflict" not in said.err
    assert "conflict" not in call("check", "-w", tiny).all


def test_a_note_in_conflict_whose_definition_is_gone_is_settled_too(two: tuple[Path, Path]) -> None:
    one, other = two
    edit(one / NOTE, "%% tv:begin claims", "First.\n\n%% tv:begin claims")
    edit(other / NOTE, "%% tv:begin claims", "Second.\n\n%% tv:begin claims")
    work(one, "2024-06-26")
    work(other, "2024-06-25")
    in_conflict(one, other)
    (one / THESIS).unlink()
    edit(one / "data/theses/rotation.yaml", "sections:", "sections: []\nupdates:")
    rotation = one / "data/theses/rotation.yaml"
    rotation.write_text("title: Rotation\nkind: concept\nsummary: Money moves from one side to the other.\n")
    said = build(one, "--as-of", "2024-06-27")
    text = read(one / NOTE)
    assert 'status: "orphaned"' in text
    assert text.count("<<<<<<<") == 1
    assert {"First.", "Second."} <= {*text.split("\n")}
    assert "merge conflict, lines " in said.err


# A sync of files, without git -------------------------------------------------------------------------------------


def sync(one: Path, other: Path, *, memory: bool) -> None:
    """Have the vault of one machine, and what it remembers, come to the other."""
    shutil.rmtree(other / "vault")
    shutil.copytree(one / "vault", other / "vault")
    shutil.copytree(one / "data/theses", other / "data/theses", dirs_exist_ok=True)
    if memory:
        shutil.copy2(one / MEMORY, other / MEMORY)


@pytest.mark.parametrize("memory", [True, False], ids=["memory too", "vault only"])
def test_two_machines_in_turn_multiply_no_property_and_keep_no_edit(tiny: Path, tmp_path: Path, memory: bool) -> None:
    one, other = tiny, second(tiny, tmp_path / "other")
    edit(one / NOTE, "as_of:", "mood: calm\nas_of:")
    keys: list[set[str]] = []
    for turn in range(6):
        here, there = (one, other) if turn % 2 == 0 else (other, one)
        status = ["idea", "active", "watching", "closed"][turn % 4]
        thesis = read(here / THESIS)
        thesis = re.sub(r"(?m)^status: .*\n", "", thesis).replace("title: Left", f"status: {status}\ntitle: Left")
        (here / THESIS).write_bytes(thesis.encode())
        said = build(here, "--as-of", ["2024-06-28", "2024-06-20", "2024-06-27"][turn % 3])
        assert "by hand" not in said.err, said
        keys.append({line.partition(":")[0] for line in read(here / NOTE).split("---\n")[1].splitlines()})
        assert f'status: "{status}"' in read(here / NOTE)
        sync(here, there, memory=memory)
    assert all(each == keys[0] for each in keys)
    assert not any("_mine" in key for key in keys[0])
    assert "Your edit, kept" not in read(one / NOTE)


def test_a_run_over_a_newer_vault_says_so(tiny: Path, tmp_path: Path) -> None:
    other = second(tiny, tmp_path / "other")
    for root, day in ((tiny, "2024-06-28"), (other, "2024-06-26")):
        edit(root / "thesisvault.yaml", "as_of: 2024-06-28\n", f"as_of: {day}\n")
        build(root)
    sync(tiny, other, memory=False)
    said = build(other, "--all")
    assert "the vault is newer than this run: " in said.all
    assert "28 Jun" in said.all
    assert "26 Jun" in said.all
    assert "newer than this run" not in build(other).all
    assert "newer than this run" not in build(tiny).all

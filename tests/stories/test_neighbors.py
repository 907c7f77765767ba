"""A person's own notes beside ours: found, linked, called what they are, and never touched."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.stories.workspaces import call, differences, edit, make_tiny, shown, tree
from thesisvault.notes.names import copied_name

ASSET = "vault/Markets/Assets/Aardvark.md"
THESIS = "vault/Markets/Theses/Left to right.md"


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """The small workspace, not built, whose notes go into a folder of a person's vault."""
    root = make_tiny(tmp_path / "ws")
    (root / "thesisvault.yaml").write_text((root / "thesisvault.yaml").read_text() + "folder: Markets\n")
    return root


def build(root: Path, status: int = 0) -> str:
    said = call("build", "--offline", "-w", root)
    assert said.status == status, said
    return said.all


def asset(root: Path) -> Path:
    """Return our note on the Aardvark, which has a number behind its name where a person's has the name."""
    return next((root / "vault/Markets/Assets").glob("Aardvark*"))


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def found(root: Path, code: str, command: str = "check") -> list[dict[str, object]]:
    said = call(command, "-w", root, "--json")
    return [each for each in json.loads(said.out)["findings"] if each["code"] == code]


@pytest.mark.parametrize(
    ("path", "text", "link"),
    [
        ("Actors/Aardvark.md", "Ants.\n", "Aardvark"),
        ("Actors/aardVARK.md", "Ants.\n", "aardVARK"),
        ("Actors/Ladders Inc.md", "---\naliases:\n  - AARDVARK\n---\n", "Ladders Inc"),
        ("Actors/Ladders Inc.md", "---\nticker: aaa\n---\n", "Ladders Inc"),
        ("Actors/Ladders Inc.md", "---\naliases: [aaa]\n---\n", "Ladders Inc"),
        ("Actors/aaa.md", "By its ticker.\n", "aaa"),
    ],
)
def test_a_persons_note_on_a_company_is_linked_from_words_and_from_our_own_note(
    beside: Path, path: str, text: str, link: str
) -> None:
    put(beside / "vault" / path, text)
    build(beside)
    assert f"Your note: [[{link}]]" in shown(asset(beside))
    thesis = shown(beside / THESIS)
    words = "[[Aardvark]]" if link == "Aardvark" else f"[[{link}|Aardvark]]"
    assert f"Capital leaves {words}" in thesis
    # A table of instruments links the instrument.
    assert "| [[" in thesis
    table = [line for line in thesis.splitlines() if line.startswith("|") and "Aardvark" in line]
    assert table
    assert all(f"[[{asset(beside).stem}" in line or "[[Markets/Assets/Aardvark" in line for line in table)
    assert (beside / "vault" / path).read_text() == text
    assert call("check", "-w", beside).status == 0
    assert "all up to date" in build(beside)


def test_a_note_of_the_name_wins_over_one_with_the_alias_and_the_ticker_property_over_both(beside: Path) -> None:
    put(beside / "vault/A.md", "---\naliases: [Aardvark]\n---\n")
    put(beside / "vault/Actors/Aardvark.md", "x\n")
    build(beside)
    assert "Your note: [[Actors/Aardvark|Aardvark]]" in shown(asset(beside))
    put(beside / "vault/Zoo.md", "---\nticker: AAA\n---\n")
    build(beside)
    assert "Your note: [[Zoo]]" in shown(asset(beside))


@pytest.mark.parametrize("note", ["Actors/Ladders", "Ladders", "Actors/Ladders.md", "ladders", "[[Actors/Ladders]]"])
def test_a_definition_names_its_note(beside: Path, note: str) -> None:
    put(beside / "vault/Actors/Ladders.md", "---\nmine: 1\n---\nMy words.\n")
    put(beside / "vault/Aardvark.md", "The animal.\n")
    edit(beside / "data/instruments.yaml", "{name: Aardvark,", f"{{name: Aardvark, note: '{note}',")
    edit(beside / "data/entities.yaml", "{name: Central bank,", f"{{name: Central bank, note: '{note}',")
    put(beside / "data/baskets/pair.yaml", f"title: The pair\nmembers: [AAA, BBB]\nnote: '{note}'\n")
    build(beside)
    assert "Your note: [[Ladders]]" in shown(asset(beside))
    assert "Your note: [[Ladders]]" in shown(beside / "vault/Markets/Assets/The pair.md")
    assert "Capital leaves [[Ladders|Aardvark]]" in shown(beside / THESIS)
    assert "as the [[Ladders|Central bank]] wanted" in shown(beside / THESIS)
    assert not (beside / "vault/Markets/Entities").exists()
    assert found(beside, "missing-note") == []


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("Actors/Nobody", 'the vault has no note "Actors/Nobody" of yours.'),
        ("Twice", '"Twice" is the name of 2 notes of yours.'),
        ("Markets/Home", '"Markets/Home" is a note that thesisvault writes'),
    ],
)
def test_a_note_that_a_definition_names_and_that_is_not_there_is_a_finding(beside: Path, note: str, said: str) -> None:
    put(beside / "vault/A/Twice.md", "x\n")
    put(beside / "vault/B/Twice.md", "x\n")
    edit(beside / "data/instruments.yaml", "{name: Aardvark,", f"{{name: Aardvark, note: {note},")
    build(beside)
    for command in ("check", "build"):
        [each] = found(beside, "missing-note", command)
        assert (each["path"], each["line"], each["level"]) == ("data/instruments.yaml", 1, "warning")
        assert said in str(each["problem"])
        assert each["hint"]
    assert "Your note" not in shown(beside / ASSET)
    assert call("check", "-w", beside, "--strict", "links").status == 1


def test_a_definition_links_a_persons_note_by_its_path(beside: Path) -> None:
    put(beside / "vault/Actors/Ants.md", "x\n")
    edit(
        beside / "data/theses/rotation.yaml",
        "Money moves",
        "See [[Actors/Ants]] and [[actors/ants#Now|them]]. Money moves",
    )
    build(beside)
    assert "See [[Ants]] and [[Ants#Now|them]]." in shown(beside / "vault/Markets/Concepts/Rotation.md")


def test_a_title_that_equals_a_ticker_is_a_finding_and_tables_link_the_instrument(beside: Path) -> None:
    edit(beside / "data/theses/rotation.yaml", "title: Rotation", "title: Gap")
    edit(beside / "data/theses/left-to-right.yaml", "see [[Rotation]]", "see [[Gap]]")
    edit(beside / "data/instruments.yaml", "{name: Gap,", "{name: Holes,")
    edit(beside / "data/theses/left-to-right.yaml", "of: [AAA, BBB, pair]", "of: [AAA, GAP, pair]")
    [each] = found(beside, "title-is-ticker")
    assert each["level"] == "warning"
    assert each["path"] == "data/theses/rotation.yaml"
    assert 'the title "Gap" is the ticker of the instrument "GAP" too' in str(each["problem"])
    build(beside)
    thesis = shown(beside / THESIS)
    assert "| [[Holes\\|GAP]] |" in thesis
    assert "see [[Gap]]" in thesis


def test_a_title_of_the_very_spelling_of_a_ticker_keeps_both_apart_in_tables(beside: Path) -> None:
    edit(beside / "data/theses/rotation.yaml", "title: Rotation", "title: GAP")
    edit(beside / "data/theses/left-to-right.yaml", "see [[Rotation]]", "see it")
    edit(beside / "data/instruments.yaml", "{name: Gap,", "{name: Holes,")
    edit(beside / "data/theses/left-to-right.yaml", "of: [AAA, BBB, pair]", "of: [AAA, GAP, pair]")
    assert len(found(beside, "title-is-ticker")) == 1
    build(beside)
    assert "| [[Holes\\|GAP]] |" in shown(beside / THESIS)
    assert "[[GAP]]" in shown(beside / "vault/Markets/Home.md")


# What cannot be written, and what is called by its name ------------------------------------------------------------


@pytest.mark.parametrize("how", ["read-only", "link", "folder"])
def test_one_note_that_cannot_be_written_is_told_and_the_others_are_written(tiny: Path, how: str) -> None:
    note, memory = tiny / "vault/Assets/Aardvark.md", tiny / "data/notes.yaml"
    elsewhere = tiny.parent / "elsewhere.md"
    text = note.read_text()
    if how == "read-only":
        note.chmod(0o444)
    elif how == "link":
        note.rename(elsewhere)
        note.symlink_to(elsewhere)
    else:
        note.unlink()
        note.mkdir()
        (note / "kept.txt").write_text("mine")
    edit(tiny / "data/instruments.yaml", "Makes ladders.", "Makes long ladders.")
    edit(tiny / "data/theses/rotation.yaml", "Money moves", "All money moves")
    said = call("build", "--offline", "-w", tiny, "--strict")
    if how == "folder":
        assert said.status == 1, said
        assert (note / "kept.txt").read_text() == "mine"
    else:
        assert said.status == 74, said
        assert "vault/Assets/Aardvark.md: it " in said.all
        assert ("read-only" if how == "read-only" else "symbolic link") in said.all
        assert note.read_text() == text
        assert note.is_symlink() == (how == "link")
    assert "All money moves" in shown(tiny / "vault/Concepts/Rotation.md")
    if how != "folder":
        assert 'path: "Assets/Aardvark.md"' in memory.read_text()
        assert "deleted" not in memory.read_text()
        if how == "read-only":
            note.chmod(0o644)
        else:
            note.unlink()
            elsewhere.rename(note)
        assert "wrote 1 file" in build(tiny)
        assert "Makes long ladders." in note.read_text()
        assert "Your edit" not in note.read_text()


def test_a_linked_note_is_written_where_it_leads_if_the_settings_allow_it(tiny: Path) -> None:
    note, elsewhere = tiny / "vault/Assets/Aardvark.md", tiny.parent / "elsewhere.md"
    note.rename(elsewhere)
    note.symlink_to(elsewhere)
    edit(tiny / "data/instruments.yaml", "Makes ladders.", "Makes long ladders.")
    (tiny / "thesisvault.yaml").write_text((tiny / "thesisvault.yaml").read_text() + "follow_links: true\n")
    build(tiny)
    assert note.is_symlink()
    assert "Makes long ladders." in elsewhere.read_text()


@pytest.mark.parametrize("how", ["icloud", "empty", "dangling"])
def test_a_note_whose_text_is_elsewhere_is_neither_deleted_nor_made_again(tiny: Path, how: str) -> None:
    note = tiny / "vault/Assets/Aardvark.md"
    text, before = note.read_text(), tree(tiny)
    note.unlink()
    if how == "icloud":
        (note.parent / ".Aardvark.md.icloud").write_bytes(b"bplist00")
    elif how == "empty":
        note.write_bytes(b"")
    else:
        note.symlink_to(tiny.parent / "nowhere.md")
    edit(tiny / "data/instruments.yaml", "Makes ladders.", "Makes long ladders.")
    for command in ("build", "prune", "build"):
        said = call(command, "-w", tiny)
        assert said.status == 0, said
        assert "was deleted" not in said.all
    [each] = found(tiny, "away-note", "build")
    named = {"icloud": "iCloud has taken its text", "empty": "it is empty", "dangling": "a link that leads nowhere"}
    assert named[how] in str(each["problem"])
    assert "delete" not in str(each["hint"]).lower()
    assert call("check", "-w", tiny).status == 0
    assert [p.name for p in note.parent.glob("*ardvark*")] == [".Aardvark.md.icloud" if how == "icloud" else note.name]
    if how == "dangling":
        assert note.is_symlink()
    elif how == "empty":
        assert note.read_bytes() == b""
    for command in (("restore", "Aardvark"), ("rename", "Aardvark", "Ladders")):
        said = call(*command, "-w", tiny)
        assert said.status == 2, said
        assert "is there, but its text is not" in said.err
    # Once it is back, it is brought up to date.
    for path in note.parent.glob("*ardvark*"):
        path.unlink()
    note.write_text(text)
    edit(tiny / "data/instruments.yaml", "Makes long ladders.", "Makes ladders.")
    build(tiny)
    assert differences(before, tree(tiny)) == set()


def test_a_note_that_a_person_emptied_is_filled_by_adopting_it(tiny: Path) -> None:
    note, before = tiny / "vault/Assets/Aardvark.md", tree(tiny)
    note.write_bytes(b"")
    build(tiny)
    assert call("adopt", "Aardvark", "-w", tiny).status == 0
    assert differences(before, tree(tiny)) == set()


def test_a_note_without_a_definition_is_not_forgotten_while_its_text_is_elsewhere(tiny: Path) -> None:
    note = tiny / "vault/Concepts/Rotation.md"
    edit(tiny / "data/theses/left-to-right.yaml", "; see [[Rotation]]", "")
    edit(tiny / "data/theses/left-to-right.yaml", "{note: rotation", "{note: bank")
    concept = (tiny / "data/theses/rotation.yaml").read_text()
    (tiny / "data/theses/rotation.yaml").unlink()
    build(tiny)
    text = note.read_text()
    note.unlink()
    (note.parent / ".Rotation.md.icloud").write_bytes(b"")
    build(tiny)
    assert call("prune", "-w", tiny).status == 0
    assert '"rotation":' in (tiny / "data/notes.yaml").read_text()
    (note.parent / ".Rotation.md.icloud").unlink()
    note.write_text(text)
    (tiny / "data/theses/rotation.yaml").write_text(concept)
    build(tiny)
    assert [path.name for path in note.parent.iterdir()] == ["Rotation.md"]
    assert "orphaned" not in note.read_text()


def test_a_persons_note_that_icloud_took_away_still_counts(beside: Path) -> None:
    put(beside / "vault/Actors/.Central bank.md.icloud", "")
    put(beside / "vault/Actors/.Aardvark.md.icloud", "")
    build(beside)
    assert not (beside / "vault/Markets/Entities").exists()
    assert "Your note: [[Aardvark]]" in shown(asset(beside))
    assert call("check", "-w", beside).status == 0


COPIES = [
    ("Left to right (conflicted copy 2026-01-01)", "Dropbox"),
    ("Left to right (Ann's conflicted copy 2026-01-01)", "Dropbox"),
    ("Left to right (Conflicted copy iPad 202601011200)", "Obsidian Sync"),
    ("Left to right (conflicted copy 2026-01-01 101010)", "Nextcloud"),
    ("Left to right.sync-conflict-20260101-101010-ABCDEFG", "Syncthing"),
    ("Left to right 2", "iCloud"),
]


@pytest.mark.parametrize(
    ("name", "maker"),
    COPIES,
)
def test_a_conflicted_copy_is_called_so_and_nobody_is_told_to_delete_it(tiny: Path, name: str, maker: str) -> None:
    note, copy = tiny / "vault/Theses/Left to right.md", tiny / f"vault/Theses/{name}.md"
    copy.write_text(note.read_text() + "\nWords of the other device.\n")
    text = copy.read_text()
    [each] = found(tiny, "conflicted-copy", "build")
    assert each["path"] == f"vault/Theses/{name}.md"
    assert maker in str(each["problem"])
    assert "delete" not in f"{each['problem']} {each['hint']}".lower()
    assert copy.read_text() == text
    # Nor does it become the note while that one's text is elsewhere.
    note.write_bytes(b"")
    edit(tiny / "data/theses/left-to-right.yaml", "Capital leaves", "All capital leaves")
    build(tiny)
    assert copy.read_text() == text
    assert note.read_bytes() == b""


@pytest.mark.parametrize(("name", "maker"), COPIES)
def test_a_conflicted_copy_that_becomes_the_note_says_so_once(tiny: Path, name: str, maker: str) -> None:
    note, copy = tiny / "vault/Theses/Left to right.md", tiny / f"vault/Theses/{name}.md"
    copy.write_text(note.read_text() + "\nWords of the other device.\n")
    note.unlink()
    [each] = found(tiny, "conflicted-copy", "build")
    assert each["path"] == f"vault/Theses/{name}.md"
    assert maker in str(each["problem"])
    assert "Theses/Left to right.md is gone" in str(each["problem"])
    assert copy.read_text().endswith("\nWords of the other device.\n")
    assert found(tiny, "conflicted-copy", "build") == []
    hint = re.search(r"thesisvault (rename) \"(.*)\" \"(.*)\"$", str(each["hint"]))
    assert hint is not None
    assert call(*hint.groups(), "-w", tiny).status == 0
    assert note.read_text().endswith("\nWords of the other device.\n")


def test_a_conflicted_copy_of_a_note_that_was_deleted_long_ago_says_so(tiny: Path) -> None:
    note = tiny / "vault/Theses/Left to right.md"
    copy = tiny / "vault/Theses/Left to right (conflicted copy 2026-01-01).md"
    text = note.read_text()
    note.unlink()
    build(tiny)
    copy.write_text(text)
    [each] = found(tiny, "conflicted-copy", "build")
    assert "is gone, so it is the note now" in str(each["problem"])


@pytest.mark.parametrize("name", ["Oil", "Plan 12", "Oil (2)", "Oil 1", "Conflicted copy", "sync-conflict"])
def test_other_names_are_no_conflicted_copies(name: str) -> None:
    assert copied_name(name) is None


def test_a_note_of_a_persons_in_the_place_of_ours_is_told_as_that(tiny: Path) -> None:
    note = tiny / "vault/Assets/Aardvark.md"
    note.write_text("My own words.\n")
    [each] = found(tiny, "deleted-note", "build")
    assert "another lies in its place" in str(each["problem"])
    assert call("restore", "Aardvark", "-w", tiny).status == 0
    assert note.read_text() == "My own words.\n"
    assert (tiny / "vault/Assets/Aardvark (2).md").is_file()


# Folders that are links --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["Markets", "Markets/Assets", "Markets/attachments"])
def test_a_folder_that_is_a_link_stops_a_build_before_it_writes_and_is_followed_if_allowed(
    beside: Path, folder: str
) -> None:
    build(beside)
    real = beside.parent / "elsewhere"
    (beside / "vault" / folder).rename(real)
    (beside / "vault" / folder).symlink_to(real, target_is_directory=True)
    edit(beside / "data/instruments.yaml", "Makes ladders.", "Makes long ladders.")
    before, away = tree(beside), tree(real)
    for command in ("build", "check"):
        said = call(command, "-w", beside)
        assert said.status == (74 if command == "build" else 1), said
        assert f"vault/{folder}: the folder is a link" in said.all
        assert "follow_links: true" in said.all
        assert "deleted" not in said.all
    assert differences(before, tree(beside)) == set()
    assert tree(real) == away
    (beside / "thesisvault.yaml").write_text((beside / "thesisvault.yaml").read_text() + "follow_links: true\n")
    build(beside)
    assert "Makes long ladders." in shown(beside / ASSET)
    assert (beside / "vault" / folder).is_symlink()
    assert call("check", "-w", beside).status == 0
    assert "all up to date" in build(beside)


def test_a_link_back_into_the_vault_is_refused_even_then(beside: Path) -> None:
    build(beside)
    (beside / "vault/Markets/Assets").rename(beside / "vault/Things")
    (beside / "vault/Markets/Assets").symlink_to(beside / "vault/Things", target_is_directory=True)
    (beside / "thesisvault.yaml").write_text((beside / "thesisvault.yaml").read_text() + "follow_links: true\n")
    before = tree(beside)
    said = call("build", "-w", beside)
    assert said.status == 74
    assert "leads back into the vault" in said.all
    assert differences(before, tree(beside)) == set()


def test_a_trash_that_is_a_link_takes_nothing(tiny: Path) -> None:
    real = tiny.parent / "elsewhere"
    real.mkdir()
    (tiny / "vault/.trash").symlink_to(real, target_is_directory=True)
    edit(tiny / "data/theses/left-to-right.yaml", ", caption: Left and right", ", caption: Right and left")
    edit(tiny / "data/theses/left-to-right.yaml", "over: 90d, caption", "over: ytd, caption")
    said = call("build", "--offline", "-w", tiny)
    assert said.status == 0, said
    assert "vault/.trash: the folder is a link" in said.all
    (tiny / "data/theses/rotation.yaml").unlink()
    edit(tiny / "data/theses/left-to-right.yaml", "; see [[Rotation]]", "")
    edit(tiny / "data/theses/left-to-right.yaml", "{note: rotation", "{note: bank")
    build(tiny)
    before = tree(tiny)
    said = call("prune", "-w", tiny)
    assert said.status == 74, said
    assert "vault/.trash: the folder is a link" in said.all
    assert differences(before, tree(tiny)) == set()
    assert not list(real.iterdir())
    (tiny / "thesisvault.yaml").write_text((tiny / "thesisvault.yaml").read_text() + "follow_links: true\n")
    assert call("prune", "-w", tiny).status == 0
    assert (real / "Concepts/Rotation.md").is_file()


def test_a_configuration_folder_that_is_a_link_is_told_and_followed_if_allowed(tiny: Path) -> None:
    real = tiny.parent / "elsewhere"
    (tiny / "vault/.obsidian").rename(real)
    (real / "types.json").write_text("{}")
    (tiny / "vault/.obsidian").symlink_to(real, target_is_directory=True)
    [each] = found(tiny, "types-untouched", "build")
    assert each["path"] == "vault/.obsidian"
    assert (real / "types.json").read_text() == "{}"
    (tiny / "thesisvault.yaml").write_text((tiny / "thesisvault.yaml").read_text() + "follow_links: true\n")
    build(tiny)
    assert "as_of" in (real / "types.json").read_text()


@pytest.mark.parametrize("name", ["lock.json", "lock"])
def test_a_lock_that_is_a_link_changes_nothing_that_it_leads_to(tiny: Path, name: str) -> None:
    other, lock = tiny.parent / "other", tiny / ".thesisvault" / name
    other.write_text("not yours")
    lock.unlink(missing_ok=True)
    lock.symlink_to(other)
    said = call("build", "--offline", "-w", tiny)
    assert said.status == (74 if name == "lock" else 0), said
    assert other.read_text() == "not yours"


# Another folder ----------------------------------------------------------------------------------------------------


def test_links_that_name_the_old_folder_follow_the_notes_into_the_new_one(beside: Path) -> None:
    picture = "Markets/attachments/chart-left-to-right-aaa-bbb-90d.png"
    mine = (
        "[[Markets/Assets/Aardvark]] [[Markets/Assets/Aardvark#Newest figures|now]] [[Aardvark]] [[Assets/Badger]]\n"
        f"![[{picture}|300]] [x](Markets/Assets/Aardvark.md) [_](<Markets/Theses/Left to right.md>)\n"
        "[z](Markets/Theses/Left%20to%20right.md#The%20trade%20so%20far) `[[Markets/Assets/Aardvark]]`\n"
        "[[/Markets/Home]] [[Markets/Nothing]] [web](https://example.org/Markets/Home)\n"
    )
    put(beside / "vault/My note.md", f'---\nup: "[[Markets/Home]]"\n---\n{mine}')
    put(beside / "vault/Diary/Deep.md", "[h](../Markets/Home.md) ![](../" + picture + ")\n")
    put(beside / "vault/Plain.md", "[[Home]] and Markets/Home\n")
    canvas = {"nodes": [{"id": "a", "type": "file", "file": "Markets/Home.md"}, {"text": "[[Markets/Home]]"}]}
    put(beside / "vault/Board.canvas", json.dumps(canvas))
    build(beside)
    home = beside / "vault/Markets/Home.md"
    home.write_text(home.read_text() + "\n[[Markets/Assets/Aardvark|mine]] [d](../Diary/Deep.md)\n")
    edit(beside / "thesisvault.yaml", "folder: Markets", "folder: Work/Quotes/New")
    said = build(beside)
    assert "4 notes" in said
    new = "Work/Quotes/New"
    assert shown(beside / "vault/My note.md") == (
        f'---\nup: "[[{new}/Home]]"\n---\n'
        f"[[{new}/Assets/Aardvark]] [[{new}/Assets/Aardvark#Newest figures|now]] [[Aardvark]] [[Assets/Badger]]\n"
        f"![[{picture.replace('Markets', new)}|300]] [x]({new}/Assets/Aardvark.md) "
        f"[_](<{new}/Theses/Left to right.md>)\n"
        f"[z]({new}/Theses/Left%20to%20right.md#The%20trade%20so%20far) `[[Markets/Assets/Aardvark]]`\n"
        f"[[/{new}/Home]] [[Markets/Nothing]] [web](https://example.org/Markets/Home)\n"
    )
    assert shown(beside / "vault/Diary/Deep.md") == (
        f"[h](../{new}/Home.md) ![](../{picture.replace('Markets', new)})\n"
    )
    assert shown(beside / "vault/Plain.md") == "[[Home]] and Markets/Home\n"
    moved = json.loads(shown(beside / "vault/Board.canvas"))
    assert moved == {"nodes": [{"id": "a", "type": "file", "file": f"{new}/Home.md"}, {"text": f"[[{new}/Home]]"}]}
    text = (beside / f"vault/{new}/Home.md").read_text()
    assert text.endswith(f"\n[[{new}/Assets/Aardvark|mine]] [d](../../../Diary/Deep.md)\n")
    assert call("check", "-w", beside).status == 0
    assert "all up to date" in build(beside)


def test_a_note_that_lost_its_id_to_another_is_a_neighbor_in_the_same_build(beside: Path) -> None:
    build(beside)
    was = beside / ASSET
    put(was.with_name("Aardvark (2).md"), was.read_text())  # as another machine makes it that cannot read the first
    was.write_text(was.read_text().replace("aliases:", "aliases: 'a\naliases:", 1))
    build(beside)
    assert "all up to date" in build(beside)
    assert "Your note: [[Aardvark]]" in shown(was.with_name("Aardvark (2).md"))


def test_our_note_that_lost_its_id_is_no_note_of_a_person_in_links_either(tiny: Path) -> None:
    first, second = (tiny / "data/theses" / f"{key}.yaml" for key in ("left-to-right", "second"))
    second.write_text("title: Second one\nbuy: {hold: [BBB]}\nsell: {hold: [AAA]}\nsummary: x\n")
    assert call("build", "-w", tiny, "--offline").status == 0
    (tiny / "vault/Theses/Left to right.md").unlink()
    assert call("build", "-w", tiny, "--offline").status == 0
    # The thesis whose note was deleted takes the title of the other one, whose note has lost its id.
    second.write_text(second.read_text().replace("Second one", "Left to right"))
    for path in (tiny / "data").rglob("*.yaml"):
        if path.name not in ("notes.yaml", "second.yaml"):
            path.write_text(path.read_text().replace("Left to right", "Second one"))
    assert "title: Second one" in first.read_text()
    note = tiny / "vault/Theses/Second one.md"
    note.write_text(note.read_text().replace('id: "second"\n', ""))
    assert call("build", "-w", tiny, "--offline").status == 0
    assert "[[Second one]]" not in (tiny / "vault/Assets/Badger.md").read_text()
    assert "wrote 0" in (again := call("build", "-w", tiny, "--offline").out) or "all up to date" in again

"""Notes in a corner of somebody's own vault, where everything else stays as it was."""

from __future__ import annotations

import errno
import json
import os
import random
import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml

from tests.reader import read_vault
from tests.stories.stranger import everything, make_vault, unlocked
from tests.stories.workspaces import SETTINGS, call, in_corner, make_tiny
from thesisvault.notes.markers import parse
from thesisvault.vault import cache
from thesisvault.vault.cache import warm_scan
from thesisvault.vault.index import TICK, scan

CORNER = "Work/Markets"


@pytest.fixture
def stranger(tmp_path):
    """A stranger's vault with every fault; of more notes where THESISVAULT_STRANGER says how many."""
    vault = make_vault(tmp_path / "My vault é", notes=int(os.environ.get("THESISVAULT_STRANGER", "200")))
    yield vault
    unlocked(vault)


def corner_of(vault: Path, root: Path) -> Path:
    """Make the small workspace with its notes in a corner of a vault; return its root."""
    in_corner(root, vault, CORNER)
    settings = (root / "thesisvault.yaml").read_text(encoding="utf-8")
    place = "".join(line for line in settings.splitlines(keepends=True) if line.startswith(("vault:", "folder:")))
    (root / "thesisvault.yaml").write_text(place + SETTINGS, encoding="utf-8")
    return root


def built(root: Path, *words: str | Path) -> str:
    said = call(*(words or ("build", "--offline")), "-w", root)
    assert said.status == 0, said
    return said.out


def outside(vault: Path) -> dict[str, str]:
    """Return everything in a vault but the corner, the folder above it, and what may be added to."""
    found = everything(vault)
    allowed = {"Work", CORNER, ".trash", ".obsidian/types.json", ".obsidian-mobile/types.json"}
    return {name: what for name, what in found.items() if name not in allowed and not name.startswith(f"{CORNER}/")}


def without_trash(paths: dict[str, str], before: dict[str, str]) -> dict[str, str]:
    """Return the paths without what came into the trash; what lay there before must still be there."""
    return {name: what for name, what in paths.items() if name in before or not name.startswith(".trash/")}


def test_nothing_outside_the_corner_changes_whatever_happens_in_it(stranger, tmp_path):
    before = outside(stranger)
    types = json.loads((stranger / ".obsidian/types.json").read_text())["types"]
    root = corner_of(stranger, tmp_path / "ws")
    corner = stranger / CORNER
    (corner / "Theses").mkdir(parents=True)
    mine = corner / "Theses" / "My own.md"
    mine.write_bytes(b"\xef\xbb\xbfmine\r\n[[Left to right]] \xff no end")
    kept = everything(corner)["Theses/My own.md"]

    def unharmed(step: str) -> None:
        assert without_trash(outside(stranger), before) == before, step
        assert everything(corner)["Theses/My own.md"] == kept, step

    built(root)
    unharmed("the first build")
    assert "all up to date" in built(root)
    home = next(corner.glob("Home*.md"))
    home.write_bytes(home.read_bytes() + b"\nTyped below.\n")
    thesis = root / "data" / "theses" / "left-to-right.yaml"
    thesis.write_text(thesis.read_text().replace("Capital leaves", "All capital leaves"))
    built(root)
    unharmed("an edit")
    concept = root / "data" / "theses" / "rotation.yaml"
    concept_text = concept.read_text()
    concept.unlink()
    thesis.write_text(thesis.read_text().replace("; see [[Rotation]]", "").replace("{note: rotation", "{note: bank"))
    built(root)
    built(root, "prune")
    unharmed("a definition that went")
    assert list((stranger / ".trash" / CORNER / "Concepts").glob("Rotation*.md"))
    concept.write_text(concept_text)
    built(root)
    asset = next((corner / "Assets").glob("Aardvark*.md"))
    asset.unlink()
    built(root)
    assert not asset.exists()
    built(root, "restore", asset.stem)
    assert asset.exists()
    unharmed("a note that was deleted and restored")
    assert home.read_bytes().endswith(b"\nTyped below.\n")
    for name in (".obsidian", ".obsidian-mobile"):
        now = json.loads((stranger / name / "types.json").read_text())["types"]
        assert now["as_of"] == ("text" if name == ".obsidian" else "date"), "a type that a person chose stays"
    assert types.items() <= json.loads((stranger / ".obsidian/types.json").read_text())["types"].items()


def test_check_passes_and_links_of_ours_resolve_beside_a_stranger(stranger, tmp_path):
    root = corner_of(stranger, tmp_path / "ws")
    built(root)
    said = call("check", "-w", root)
    assert said.status == 0, said
    assert len(said.all.splitlines()) < 25, "a stranger's faults fill no screen"
    unlocked(stranger)
    shutil.rmtree(stranger / "Faults")
    shutil.rmtree(stranger / "Odd")
    targets = set()
    for path in (stranger / CORNER).rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        parsed = parse(text)
        assert parsed.regions
        assert not parsed.findings
        assert yaml.safe_load(parsed.block or "")["id"]
        targets |= {target.rstrip("\\").rpartition("/")[2] for target in re.findall(r"\[\[([^\]|#]+)", text)}
    assert {"Central bank notes", "Aardvark", "Badger (2)"} <= targets
    whole = read_vault(stranger)
    assert "Not there" in whole.nonexistent_notes, "the reader sees what is dead"
    assert not targets & (whole.nonexistent_notes | whole.nonexistent_media)


def test_names_and_aliases_of_all_notes_count(stranger, tmp_path):
    root = corner_of(stranger, tmp_path / "ws")
    (root / "data/entities.yaml").write_text(
        "bank: {name: Central bank, kind: institution}\nother: {name: Nobody yet, kind: person, aliases: [Ghost]}\n"
    )
    thesis = root / "data/theses/left-to-right.yaml"
    text = thesis.read_text().replace("see [[Rotation]]", "see [[Rotation]], [[Ghost]], [[crlf]], [[Theses]]")
    thesis.write_text(text)
    built(root)
    corner = stranger / CORNER
    assert [path.name for path in (corner / "Entities").glob("*.md")] == ["Nobody yet.md"]
    note = next((corner / "Theses").glob("Left to right*.md")).read_text(encoding="utf-8")
    assert "[[Central bank notes|Central bank]]" in note
    assert "[[Nobody yet|Ghost]]" in note
    assert "[[windows line ends|crlf]]" in note
    assert "[[Theses]]" in note


def test_a_note_of_a_strangers_is_never_taken_for_ours(stranger, tmp_path):
    """Ids, properties and markers of ours stand in five notes outside the corner; none of them is ours."""
    root = corner_of(stranger, tmp_path / "ws")
    index = scan(stranger, corner=CORNER)
    assert {note.path: note.id for note in index.notes if note.id} == {}
    built(root)
    assert len(list((stranger / CORNER / "Theses").glob("*.md"))) == 1


def test_two_workspaces_may_have_a_corner_each(tmp_path):
    vault = tmp_path / "vault"
    (vault / ".obsidian").mkdir(parents=True)
    one = corner_of(vault, tmp_path / "one")
    built(one)
    before = everything(vault / CORNER)
    two = corner_of(vault, tmp_path / "two")
    settings = (two / "thesisvault.yaml").read_text().replace(CORNER, "Second")
    (two / "thesisvault.yaml").write_text(settings)
    built(two)
    built(two)
    assert everything(vault / CORNER) == before
    second = vault / "Second" / "Home (2).md"
    assert second.is_file()
    assert "copy" not in built(one), "notes of one are no copies of those of the other"
    text = second.read_bytes()
    (vault / CORNER / "Home.md").unlink()
    built(one)
    assert second.read_bytes() == text, "the note of the other is not taken over"
    assert not (vault / CORNER / "Home.md").exists()


def test_a_note_moved_out_of_the_corner_and_then_renamed_is_followed(tmp_path):
    vault = tmp_path / "vault"
    (vault / ".obsidian").mkdir(parents=True)
    root = corner_of(vault, tmp_path / "ws")
    built(root)
    home = vault / CORNER / "Home.md"
    for path in ("Desk/Home.md", "Desk/Markets.md"):
        (vault / path).parent.mkdir(exist_ok=True)
        home = home.rename(vault / path)
        home.write_text(home.read_text().replace("# Home\n", "# House\n"))
        built(root)
        assert "# Home\n" in home.read_text(), path
        assert not (vault / CORNER / "Home.md").exists()


def test_a_workspace_may_lie_hidden_in_the_vault(stranger):
    before = outside(stranger)
    root = corner_of(stranger, stranger / ".thesisvault")
    assert 'vault: ".."' in (root / "thesisvault.yaml").read_text()
    built(root)
    now = {name: what for name, what in outside(stranger).items() if not name.startswith(".thesisvault")}
    assert now == before
    assert "data/" not in " ".join(note.path for note in scan(stranger).notes)


def test_workspace_and_vault_may_be_moved_together(tmp_path):
    (tmp_path / "a" / "vault" / ".obsidian").mkdir(parents=True)
    built(corner_of(tmp_path / "a" / "vault", tmp_path / "a" / "ws"))
    (tmp_path / "a").rename(tmp_path / "b")
    assert "all up to date" in built(tmp_path / "b" / "ws")


def test_no_configuration_folder_is_made_in_a_persons_vault(tmp_path):
    vault = tmp_path / "vault"
    vault.mkdir()
    built(corner_of(vault, tmp_path / "ws"))
    assert not [path for path in vault.iterdir() if path.name.startswith(".")]
    own = make_tiny(tmp_path / "own")
    built(own)
    assert (own / "vault/.obsidian/types.json").is_file()


@pytest.mark.parametrize("case", ["read-only", "symbolic link", "not UTF-8", "a folder", "folder is a link"])
def test_types_that_cannot_be_added_to_stop_nothing(tmp_path, case):
    vault = tmp_path / "vault"
    config, away = vault / ".obsidian", tmp_path / "elsewhere"
    away.mkdir()
    (away / "types.json").write_text('{"types": {}}')
    (away / "app.json").write_text("{}")
    vault.mkdir()
    if case == "folder is a link":
        config.symlink_to(away, target_is_directory=True)
    else:
        config.mkdir()
        types = config / "types.json"
        if case == "symbolic link":
            types.symlink_to(away / "types.json")
        elif case == "a folder":
            types.mkdir()
        else:
            types.write_bytes(b'{"types": {"caf\xe9": "text"}}' if case == "not UTF-8" else b'{"types": {}}')
            types.chmod(0o444 if case == "read-only" else 0o644)
    before = {**everything(config), **everything(away)}
    built(corner_of(vault, tmp_path / "ws"))
    assert {**everything(config), **everything(away)} == before
    assert next((vault / CORNER).glob("Home*.md")).is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ws", "--vault", "none", "--folder", "M"), "not found"),
        (("ws", "--vault", "file", "--folder", "M"), "is a file"),
        (("ws", "--vault", "vault"), "--folder names the folder"),
        (("ws", "--folder", "M"), "--vault names the vault"),
        (("ws", "--vault", "vault", "--folder", "../M"), "inside the vault"),
        (("ws", "--vault", "vault", "--folder", "a/../../M"), "inside the vault"),
        (("ws", "--vault", "vault", "--folder", "{tmp}/vault/M"), "inside the vault"),
        (("ws", "--vault", "vault", "--folder", "C:\\M"), "inside the vault"),
        (("ws", "--vault", "vault", "--folder", "."), "begins with a dot"),
        (("ws", "--vault", "vault", "--folder", ".obsidian"), "begins with a dot"),
        (("ws", "--vault", "vault", "--folder", "a[b]"), "not a folder name"),
        (("ws", "--vault", "vault", "--folder", ""), "empty"),
        (("ws", "--vault", "vault", "--folder", "notes"), 'has "Notes" already'),
        (("ws", "--vault", "vault", "--folder", "A note.md"), "is a file"),
        (("ws", "--vault", "vault", "--folder", "leads out"), "symbolic link"),
        (("ws", "--vault", "vault/Notes", "--folder", "M"), "is a folder of the vault"),
        (("vault/Sub", "--vault", "vault", "--folder", "M"), "is inside the vault"),
        (("vault/.obsidian/ws", "--vault", "vault", "--folder", "M"), "belongs to another program"),
        (("vault", "--vault", "vault", "--folder", "M"), "would hold the vault"),
        ((".", "--vault", "vault", "--folder", "M"), "would hold the vault"),
        (("full", "--vault", "vault", "--folder", "M"), "is not empty"),
    ],
)
def test_init_says_what_cannot_be(tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vault" / ".obsidian").mkdir(parents=True)
    (tmp_path / "vault" / "Notes").mkdir()
    (tmp_path / "vault" / "A note.md").write_text("x")
    (tmp_path / "vault" / "leads out").symlink_to(tmp_path / "full", target_is_directory=True)
    (tmp_path / "file").write_text("x")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x")
    before = everything(tmp_path)
    answer = call("init", *(word.format(tmp=tmp_path) for word in words))
    assert answer.status == 2
    assert said in answer.err
    assert "Nothing was written." in answer.err
    assert everything(tmp_path) == before


def test_init_finds_the_vault_around_it_and_offers_a_folder_of_it(tmp_path):
    vault = tmp_path / "my vault"
    (vault / ".obsidian").mkdir(parents=True)
    before = everything(tmp_path)
    said = call("init", vault / "Work" / "ws")
    assert said.status == 2
    assert everything(tmp_path) == before
    typed = said.err.partition("thesisvault init ")[2].splitlines()[0]
    assert call("init", *shlex.split(typed)).status == 0
    assert (vault / ".thesisvault" / "thesisvault.yaml").is_file()
    hidden = call("init", vault / ".hidden" / "ws")
    assert hidden.status == 0
    assert "thesisvault init " in hidden.out
    assert "--folder Markets" in hidden.out


def test_init_says_what_becomes_of_notes_that_are_there(tmp_path):
    vault = tmp_path / "vault"
    (vault / CORNER).mkdir(parents=True)
    (vault / CORNER / "Home.md").write_text("my own\n")
    said = call("init", tmp_path / "ws", "--vault", vault, "--folder", CORNER)
    assert "holds 1 note already" in said.out
    assert f"at {CORNER}/Home (2)." in said.out
    built(corner_of(vault, tmp_path / "ws2"))
    assert (vault / CORNER / "Home.md").read_text() == "my own\n"
    assert (vault / CORNER / "Home (2).md").is_file()


@pytest.mark.parametrize("folder", ["../out", "/abs", "a//b", ".hidden", "a/../b"])
def test_settings_name_no_folder_outside_the_vault(tiny, folder):
    (tiny / "thesisvault.yaml").write_text(f'folder: "{folder}"\n{SETTINGS}')
    before = everything(tiny)
    said = call("build", "--offline", "-w", tiny)
    assert said.status == 2, said
    assert "thesisvault.yaml:1" in said.err
    assert {n for n in everything(tiny) if not n.startswith(".thesisvault")} == {
        n for n in before if not n.startswith(".thesisvault")
    }


def test_a_warm_index_is_the_same_as_a_cold_one(stranger, tmp_path):
    cold = warm_scan(stranger, tmp_path / "cache")
    aged(tmp_path / "cache")
    warm = warm_scan(stranger, tmp_path / "cache")
    assert not [note.path for note in warm.notes if "text" in vars(note)], "not one note was read again"
    assert said_of(warm) == said_of(cold) == said_of(scan(stranger))
    assert [note.text for note in warm.notes] == [note.text for note in cold.notes]


def said_of(index):
    """Return what an index says, note by note."""
    notes = [{name: getattr(note, name) for name in note.__struct_fields__} for note in index.notes]
    links = [(note.links, note.headings, note.blocks) for note in index.notes[:50]]
    return (notes, index.attachments, index.findings, index.leftovers, links)


def aged(folder: Path) -> None:
    """Have a memory look as if it had been written when the files of the vault were old already."""
    path = folder / cache.FILE
    body = json.loads(path.read_bytes().partition(b"\n")[2])
    body["read_at"] += 10 * TICK
    data = json.dumps(body).encode()
    path.write_bytes(f"{cache._HEAD}{cache.zlib.crc32(data):08x}\n".encode() + data)


def test_what_changed_is_read_again_whatever_its_time_says(tmp_path):
    vault, folder = tmp_path / "vault", tmp_path / "cache"
    vault.mkdir()
    note = vault / "a.md"
    note.write_text("---\naliases: [one]\n---\n")
    assert warm_scan(vault, folder).notes[0].aliases == ("one",)
    status = note.stat()
    note.write_text("---\naliases: [two]\n---\n")  # of the same size, at once
    os.utime(note, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert warm_scan(vault, folder).notes[0].aliases == ("two",), "what is young proves nothing"
    aged(folder)
    assert warm_scan(vault, folder).notes[0].aliases == ("two",)
    note.write_text("---\naliases: [six]\n---\n")
    os.utime(note, ns=(status.st_atime_ns, status.st_mtime_ns))
    aged(folder)
    assert warm_scan(vault, folder).notes[0].aliases == ("six",), "a time that was set back proves nothing"
    (vault / "b.md").write_text("")
    note.rename(vault / "c.md")
    assert [n.path for n in warm_scan(vault, folder).notes] == ["b.md", "c.md"]
    aged(folder)
    (vault / "b.md").unlink()
    assert [n.path for n in warm_scan(vault, folder).notes] == ["c.md"]


@pytest.mark.parametrize("harm", ["cut", "bit", "empty", "other", "folder", "gone", "list"])
def test_a_damaged_memory_is_made_anew(tmp_path, harm):
    vault, folder = make_vault(tmp_path / "vault", notes=30), tmp_path / "cache"
    cold = warm_scan(vault, folder)
    path = folder / cache.FILE
    data = path.read_bytes()
    middle = len(data) // 2
    path.unlink()
    if harm == "folder":
        path.mkdir()
    elif harm == "list":
        path.write_bytes(f"{cache._HEAD}{cache.zlib.crc32(b'[1]'):08x}\n[1]".encode())
    elif harm != "gone":
        bit = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        harmed = {"cut": data[:middle], "bit": bit, "empty": b"", "other": data.replace(b"notes 2", b"notes 0", 1)}
        path.write_bytes(harmed[harm])
    assert said_of(warm_scan(vault, folder)) == said_of(cold)
    assert harm == "folder" or path.read_bytes().startswith(cache._HEAD.encode())
    assert [p.name for p in folder.iterdir()] == [cache.FILE], "nothing half-written stays"
    unlocked(vault)


def test_a_memory_that_cannot_be_kept_is_done_without(tmp_path):
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "a.md").write_text("x")
    (tmp_path / "file").write_text("a file where the folder should be")
    assert len(warm_scan(tmp_path / "vault", tmp_path / "file").notes) == 1


def test_a_memory_of_another_vault_or_corner_counts_for_nothing(tmp_path):
    ours = "---\nid: x\nkind: thesis\nas_of: 2024-01-01\n---\n"
    for name in ("one", "two"):
        (tmp_path / name / "A").mkdir(parents=True)
        (tmp_path / name / "A" / "n.md").write_text(ours)
    folder = tmp_path / "cache"
    assert warm_scan(tmp_path / "one", folder, "A").notes[0].id == "x"
    aged(folder)
    assert warm_scan(tmp_path / "one", folder, "B").notes[0].id is None
    aged(folder)
    assert warm_scan(tmp_path / "two", folder, "A").notes[0].id == "x"


def test_the_order_in_which_files_are_listed_changes_nothing(tmp_path, monkeypatch):
    """The same vault, its files made in another order and listed in a random one, gives the same notes byte by byte."""
    first = make_vault(tmp_path / "a" / "vault", notes=60)
    paths = sorted(p for p in first.rglob("*") if not p.is_symlink() and p.is_file() and os.access(p, os.R_OK))
    paths = [p for p in paths if "Odd" not in p.parts]
    unlocked(first)
    shutil.rmtree(first / "Odd")
    for path in reversed(paths):
        target = tmp_path / "b" / "vault" / path.relative_to(first)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    built(corner_of(first, tmp_path / "a" / "ws"))
    chance, scandir = random.Random(7), os.scandir

    class Shuffled(list):
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

    def shuffled(path="."):
        with scandir(path) as found:
            entries = list(found)
        chance.shuffle(entries)
        return Shuffled(entries)

    monkeypatch.setattr(os, "scandir", shuffled)
    monkeypatch.setattr(os, "listdir", lambda path=".": [entry.name for entry in shuffled(path)])
    built(corner_of(tmp_path / "b" / "vault", tmp_path / "b" / "ws"))
    one, other = ({p.relative_to(v / CORNER): p.read_bytes() for p in (v / CORNER).rglob("*.*")}
                  for v in (first, tmp_path / "b" / "vault"))  # fmt: skip
    assert one == other
    memories = [(tmp_path / name / "ws/data/notes.yaml").read_bytes() for name in "ab"]
    assert memories[0] == memories[1]


def test_a_folder_that_may_not_be_entered_is_told_and_passed_by(tmp_path, monkeypatch):
    vault = tmp_path / "vault"
    (vault / "shut").mkdir(parents=True)
    (vault / "a.md").write_text("x")
    scandir = os.scandir

    def refused(path="."):
        if Path(path).name == "shut":  # the superuser, whom tests may run as, enters everything
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    index = scan(vault)
    assert [note.path for note in index.notes] == ["a.md"]
    assert [(f.code, f.place.path) for f in index.findings] == [("unreadable", "shut")]


def test_what_is_no_file_is_not_waited_for(stranger):
    index = scan(stranger)
    found = {f.place.path for f in index.findings if f.code == "unreadable"}
    assert {"Odd/loop.md", "Odd/dangling.md", "Odd/pipe.md", "Odd/loop"} <= found
    assert "Odd/pipe" in index.attachments
    assert not [n.path for n in index.notes if n.path.startswith(("Odd/link to folder", "Odd/link to vault"))]

"""What stands in the place of a file, a pipe, a socket, a device, a folder or a link, is told and never waited for."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stories.workspaces import Said, call, differences, make_tiny, tree

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes among its files")

TEMPLATE = "templates/thesis.md.j2"
READ = (
    *("thesisvault.yaml", "data/instruments.yaml", "data/entities.yaml", "data/episodes.yaml", "data/notes.yaml"),
    *("data/baskets/pair.yaml", "data/universes/three.txt", "data/theses/rotation.yaml", TEMPLATE),
    *("data/market/store.sqlite", ".thesisvault/lock"),
)
OF_THE_VAULT = ("vault/My own.canvas", "vault/My own.base", "vault/My own.md", "vault/attachments/PICTURE")
CACHES = (".thesisvault/notes.json", ".thesisvault/said.json", ".thesisvault/store-checked.json")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def listener(path: Path) -> None:
    here = os.open(".", os.O_RDONLY)  # the name of a socket may have 108 bytes, and its folder's is longer
    try:
        os.chdir(path.parent)
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.fchdir(here)
        os.close(here)


KINDS: dict[str, Callable[[Path], None]] = {"a pipe": pipe, "a folder": folder}
MORE: dict[str, Callable[[Path], None]] = {
    **KINDS,
    "a socket": listener,
    "a device": lambda path: path.symlink_to("/dev/zero"),
}


def within(seconds: float, *words: str | Path) -> Said:
    """What a command says; a test that waits for the other end of a pipe fails instead of standing still."""
    found: list[Said] = []
    thread = threading.Thread(target=lambda: found.append(call(*words)), daemon=True)
    thread.start()
    thread.join(seconds)
    assert found, f"still waiting after {seconds:.0f} s"
    return found[0]


def put(root: Path, name: str, make: Callable[[Path], None]) -> None:
    path = root / name
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    make(path)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", READ)
def test_what_is_no_file_is_told_by_its_name(tiny: Path, name: str, kind: str) -> None:
    put(tiny, name, MORE[kind])
    before = tree(tiny / "vault")
    said = within(300, "build", "-w", tiny, "--offline")
    assert said.status == (74 if name.startswith((".thesisvault", "data/market")) else 2), said
    assert Path(name).name in said.err
    assert "internal error" not in said.all
    assert differences(before, tree(tiny / "vault")) == set()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CACHES)
def test_a_cache_that_is_no_file_does_not_stop_a_build(tiny: Path, name: str, kind: str) -> None:
    put(tiny, name, MORE[kind])
    said = within(300, "build", "-w", tiny, "--offline")
    assert said.status == 0, said


@pytest.mark.parametrize("kind", MORE)
@pytest.mark.parametrize("name", OF_THE_VAULT)
def test_what_is_no_file_in_the_vault_is_not_waited_for(tiny: Path, name: str, kind: str) -> None:
    picture = next((tiny / "vault/attachments").glob("chart-*.png")).name
    put(tiny, name.replace("PICTURE", picture), MORE[kind])
    said = within(300, "build", "-w", tiny, "--offline")
    # A note's name may be a folder's, and one that is no file is no note; a picture of ours must be one.
    passed = name.endswith(".md") or (kind == "a folder" and "PICTURE" not in name)
    assert said.status == (0 if passed else 74), said
    assert "internal error" not in said.all
    assert passed or Path(name.replace("PICTURE", picture)).name in said.err


@pytest.mark.parametrize("kind", MORE)
def test_a_price_file_that_is_no_file_is_told_with_its_ticker(tmp_path: Path, kind: str) -> None:
    root = make_tiny(tmp_path / "ws")
    put(root, "prices/AAA.csv", MORE[kind])
    said = within(300, "refresh", "-w", root)
    assert "AAA.csv" in said.all
    assert "internal error" not in said.all
    assert "BBB" not in said.err


SECRET = "root:x:0:0:Somebody:/root:/bin/sh\n"
LINKED = {
    "data/instruments.yaml": "it is a link out of the workspace, and is not read.",
    "data/entities.yaml": "it is a link out of the workspace, and is not read.",
    "data/notes.yaml": "it is a link out of the workspace, and is not read.",
    "data/baskets/pair.yaml": "it is a link out of the workspace, and is not read.",
    "data/universes/three.txt": "it is a link out of the workspace, and is not read.",
    "data/theses/rotation.yaml": "it is a link out of the workspace, and is not read.",
    "thesisvault.yaml": "the settings are a link out of the workspace, and are not read.",
    TEMPLATE: "it is a link out of the folder of templates",
}


@pytest.mark.parametrize("name", LINKED)
def test_a_link_out_of_the_workspace_is_not_read_and_nothing_of_it_is_shown(tiny: Path, name: str) -> None:
    secret = tiny.parent / "passwd"
    secret.write_text(SECRET)
    put(tiny, name, lambda path: path.symlink_to(secret))
    for command in ("check", "build"):
        said = call(command, "-w", tiny)
        if command == "build" or name not in (TEMPLATE, "data/notes.yaml"):
            assert LINKED[name] in said.all, said
            assert Path(name).name in said.all
        for word in ("root:", "/bin/sh", "Somebody", "passwd"):
            assert word not in said.all


def test_a_price_file_that_is_a_link_out_of_its_folder_is_not_read(tmp_path: Path) -> None:
    root = make_tiny(tmp_path / "ws")
    (tmp_path / "passwd").write_text(SECRET)
    put(root, "prices/AAA.csv", lambda path: path.symlink_to(tmp_path / "passwd"))
    said = call("refresh", "-w", root)
    assert "AAA.csv is a link out of its folder, and is not read" in said.all
    assert "root:" not in said.all


def test_links_are_followed_where_the_settings_say_so(tiny: Path) -> None:
    outside = Path(shutil.move(tiny / "data/theses/rotation.yaml", tiny.parent / "rotation.yaml"))
    (tiny / "data/theses/rotation.yaml").symlink_to(outside)
    assert call("build", "-w", tiny).status == 2
    settings = tiny / "thesisvault.yaml"
    settings.write_text(settings.read_text() + "follow_links: true\n")
    assert call("build", "-w", tiny).status == 0


@pytest.mark.parametrize("key", ["vault", "data"])
@pytest.mark.parametrize("place", ["/", "/etc", "/usr/share/notes", "/home", "../" * 30])
def test_folders_of_the_system_are_refused_before_anything_is_read_or_written(tiny: Path, key: str, place: str) -> None:
    settings = tiny / "thesisvault.yaml"
    settings.write_text(settings.read_text() + f"{key}: {place}\n")
    before = tree(tiny)
    said = call("build", "-w", tiny)
    assert said.status == 2, said
    assert "thesisvault.yaml:4:" in said.err
    assert "nothing of it is read or written" in said.err
    assert differences(before, tree(tiny)) == set()


@pytest.mark.parametrize("key", ["vault", "data", "templates"])
def test_a_tilde_is_told_and_becomes_no_folder_of_that_name(
    tiny: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/you")
    with (tiny / "thesisvault.yaml").open("a") as file:
        file.write(f"{key}: ~/Notes\n")
    before = tree(tiny)
    said = call("build", "-w", tiny, "--offline")
    assert said.status == 2
    assert f"Write the whole path: {key}: /home/you/Notes" in said.err
    assert differences(before, tree(tiny)) == set()


def test_a_folder_whose_name_begins_with_a_tilde_is_a_folder(tiny: Path) -> None:
    with (tiny / "thesisvault.yaml").open("a") as file:
        file.write("vault: ~ours of old\n")
    assert call("build", "-w", tiny, "--offline").status == 0
    assert (tiny / "~ours of old" / "Home.md").is_file()


@pytest.mark.parametrize("key", ["vault", "data", "templates"])
def test_a_folder_that_is_a_link_to_itself_is_told(tiny: Path, key: str) -> None:
    (tiny / "circle").symlink_to("circle")
    with (tiny / "thesisvault.yaml").open("a") as file:
        file.write(f"{key}: circle\n")
    before = tree(tiny / "vault")
    for command in ("build", "check"):
        said = call(command, "-w", tiny)
        assert said.status != 70, said
    assert differences(before, tree(tiny / "vault")) == set()


@pytest.mark.parametrize("key", ["vault", "data"])
def test_nothing_of_a_folder_that_is_refused_is_looked_at(
    tiny: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tiny.parent / "other"
    other.mkdir()
    (other / "Secret.md").write_text("---\naliases: [}\n---\n", encoding="utf-8")
    (other / "instruments.yaml").write_text("secret: [\n", encoding="utf-8")
    monkeypatch.setattr("thesisvault.workspace._OF_THE_SYSTEM", (os.fspath(other),))
    monkeypatch.setenv("HOME", os.fspath(tiny))
    with (tiny / "thesisvault.yaml").open("a") as file:
        file.write(f"{key}: ../other\n")
    said = call("check", "-w", tiny)
    assert said.status == 2, said
    assert "is a folder of the system, and nothing of it is read or written" in said.all
    assert "ecret" not in said.all
    assert "instruments.yaml" not in said.all


OF_OTHERS = {
    "/": "is the whole disk",
    "/etc/thesisvault": "is a folder of the system",
    "/home": "is a folder of the system",
    "/" + "home/nobody-known/Notes": "is in the home folder of somebody else",
    "/" + "Users/nobody-known": "is in the home folder of somebody else",
    "HOME": "is your whole home folder",
}


@pytest.mark.parametrize("key", ["vault", "data", "templates"])
@pytest.mark.parametrize("folder", OF_OTHERS)
def test_no_folder_of_others_is_taken_from_the_settings(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, key: str
) -> None:
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    named = str(tmp_path / "home") if folder == "HOME" else folder
    with (tiny / "thesisvault.yaml").open("a") as file:
        file.write(f"{key}: {named}\n")
    before = tree(tiny)
    said = call("build", "-w", tiny, "--offline")
    assert said.status == 2
    assert f"thesisvault.yaml:4:{len(key) + 3}: {key}: {named} {OF_OTHERS[folder]}, and nothing of it is" in said.err
    assert differences(before, tree(tiny)) == set()
    assert list((tmp_path / "home").iterdir()) == []


def test_a_folder_in_ones_own_home_may_be_the_vault(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    with (tiny / "thesisvault.yaml").open("a") as file:
        file.write(f"vault: {tmp_path / 'home/Notes'}\n")
    assert call("build", "-w", tiny, "--offline").status == 0
    assert (tmp_path / "home/Notes/Home.md").is_file()


def test_init_refuses_the_whole_disk_as_a_vault(tmp_path: Path) -> None:
    said = call("init", tmp_path / "ws", "--vault", "/", "--folder", "Markets")
    assert said.status == 2
    assert "/ is the whole disk" in said.err
    assert not (tmp_path / "ws").exists()


def test_whoever_has_no_home_here_works_all_the_same(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", nobody)
    assert call("check", "-w", tiny).status == 0

"""A run that is killed, finds no room, or is not alone: every file whole, and the next run sets all right."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.checklist import check_vault
from tests.stories.kills import killed_at, steps_of
from tests.stories.workspaces import COMMAND, FILES, Said, call, differences, environment, make_tiny, tree

BESIDES = ("data/market", "prices")
TOKEN = re.compile(rb"qz\d{5}z")
EVERY = bool(os.environ.get("KILL_EVERY_STEP"))


def make_many(folder: Path, entities: int) -> Path:
    """Make a workspace with a note for each of so many entities besides the nine of the small one."""
    root = make_tiny(folder)
    names = [f"Bureau {n}" for n in range(entities)]
    entries = [f'e{n}: {{name: "{name}", kind: institution, what: "Number {n}."}}\n' for n, name in enumerate(names)]
    (root / "data/entities.yaml").write_text(FILES["data/entities.yaml"] + "".join(entries))
    lines = "".join(f'  - {{name: N{n}, detail: "As [[{name}]] says"}}\n' for n, name in enumerate(names))
    thesis = root / "data/theses/left-to-right.yaml"
    thesis.write_text(thesis.read_text().replace("signals:\n", f"drivers:\n{lines}signals:\n"))
    return root


def write_by_hand(root: Path) -> None:
    """Write into every note: below its regions, into one, and into its properties; and change what they are made of."""
    number = 0
    for path in sorted((root / "vault").rglob("*.md")):
        tokens = [f"qz{number + k:05}z" for k in range(4)]
        number += 4
        text = path.read_text(encoding="utf-8")
        text = text.replace("\n\n%% tv:end", f" {tokens[0]}\n\n%% tv:end", 1) + f"\nMine {tokens[1]}"
        text = text.replace("\nkind: ", f"\nmood: {tokens[2]} # so\nkind: ", 1)
        text = re.sub("\nas_of: .*\n", f"\nas_of: {tokens[3]}\n", text, count=1)
        path.write_text(text, encoding="utf-8")
    settings = root / "thesisvault.yaml"
    settings.write_text(settings.read_text().replace("2024-06-28", "2024-06-27"))
    for name, text in (("instruments", "Makes ladders"), ("entities", "Number 1"), ("entities", "Sets the rate")):
        path = root / f"data/{name}.yaml"
        path.write_text(path.read_text().replace(text, f"Still {text.lower()}"))


def tokens(root: Path) -> Counter[bytes]:
    """Return how often each word of a person's stands in the vault."""
    return Counter(token for path in (root / "vault").rglob("*.md") for token in TOKEN.findall(path.read_bytes()))


def build(root: Path) -> Said:
    return call("build", "-w", root, "--offline")


def assert_built(root: Path) -> Said:
    said = build(root)
    assert said.status == 0, said
    return said


@pytest.fixture(scope="module")
def twenty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of twenty notes that a person wrote into since the last build."""
    root = make_many(tmp_path_factory.mktemp("twenty") / "ws", 11)
    assert_built(root)
    assert len(list((root / "vault").rglob("*.md"))) == 20
    write_by_hand(root)
    return root


def copy(root: Path, folder: Path) -> Path:
    return Path(shutil.copytree(root, folder))


def chosen(steps: list[str], spacing: int) -> list[int]:
    """Return the steps to be killed at: every one, or those that put a file in place and some of the others."""
    return [n for n, name in enumerate(steps, 1) if EVERY or name == "replace" or n % spacing == 0]


def clean(root: Path, folder: Path, work: Callable[[Path], object]) -> tuple[list[str], dict[str, str], Counter[bytes]]:
    """Return the steps of a run that nothing disturbs, and what is there after it."""
    whole = copy(root, folder)
    written = tokens(root)
    steps = steps_of(lambda: work(whole))
    assert_built(whole)
    assert tokens(whole) == written
    return steps, tree(whole, besides=BESIDES), written


def assert_mended(root: Path, wanted: dict[str, str], written: Counter[bytes]) -> None:
    """After the next run all is as after a run that nothing disturbed."""
    assert_built(root)
    assert tree(root, besides=BESIDES) == wanted
    assert tokens(root) == written
    assert not list(root.rglob("*.tv-tmp"))


# Killed -----------------------------------------------------------------------------------------------------------


def test_killed_at_any_write_of_twenty_notes_the_next_run_sets_all_right(twenty: Path, tmp_path: Path) -> None:
    steps, wanted, written = clean(twenty, tmp_path / "whole", build)
    assert steps.count("replace") >= 21
    assert len(written) >= 20 * 3
    for n in chosen(steps, 29):
        root = copy(twenty, tmp_path / "ws")
        assert killed_at(n, lambda root=root: build(root)) == -signal.SIGKILL  # type: ignore[misc]
        assert tokens(root).keys() == written.keys(), f"a word is gone after {n} steps"
        assert_mended(root, wanted, written)
        shutil.rmtree(root)


def test_killed_at_any_write_of_the_first_build_the_next_run_sets_all_right(tmp_path: Path) -> None:
    start = make_tiny(tmp_path / "start")
    assert call("refresh", "-w", start).status == 0
    steps, wanted, written = clean(start, tmp_path / "whole", build)
    for n in chosen(steps, 29):
        root = copy(start, tmp_path / "ws")
        assert killed_at(n, lambda root=root: build(root)) == -signal.SIGKILL  # type: ignore[misc]
        assert_mended(root, wanted, written)
        shutil.rmtree(root)


def test_killed_twice_and_a_definition_taken_back_between_nothing_of_ours_stays(tmp_path: Path, tiny: Path) -> None:
    path = tiny / "data/theses/left-to-right.yaml"
    before = path.read_text()
    besides = (*BESIDES, "vault/.obsidian")  # what Obsidian was told of a property stays
    wanted = tree(tiny, besides=besides)
    path.write_text(
        before.replace("[The turn]", "[The turn, Another name]").replace("related:", "closed: 2024-06-01\nrelated:")
    )
    steps, _, _ = clean(tiny, tmp_path / "whole", build)
    assert killed_at(len(steps), lambda: build(tiny)) == -signal.SIGKILL
    path.write_text(before)
    assert_built(tiny)
    assert tree(tiny, besides=besides) == wanted


@pytest.mark.slow
def test_killed_at_writes_of_two_hundred_notes_the_next_run_sets_all_right(tmp_path: Path) -> None:
    start = make_many(tmp_path / "start", 191)
    assert_built(start)
    assert len(list((start / "vault").rglob("*.md"))) == 200
    write_by_hand(start)
    steps, wanted, written = clean(start, tmp_path / "whole", build)
    for n in range(7, len(steps), len(steps) // (60 if EVERY else 5)):
        root = copy(start, tmp_path / "ws")
        assert killed_at(n, lambda root=root: build(root)) == -signal.SIGKILL  # type: ignore[misc]
        assert_mended(root, wanted, written)
        shutil.rmtree(root)


# No room, no right, no folder -------------------------------------------------------------------------------------


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Give a folder that is a disk of three megabytes while the body runs."""
    folder.mkdir()
    if not shutil.which("mount") or not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        gc.collect()  # the file of series is mapped as long as an array of it is about
        subprocess.run(["umount", folder], check=True)


def fill(disk: Path, free: int) -> Path:
    """Fill a disk but for so many kilobytes; return what takes up the room."""
    found = os.statvfs(disk)
    ballast = disk / ".ballast"
    ballast.write_bytes(b"x" * (found.f_bavail * found.f_frsize - free * 1024))
    return ballast


def assert_full_and_mended(root: Path, whole: Path, disk: Path, free: int) -> Said:
    """The run on a full disk says so, leaves every file old or new, and with room the next one ends its work."""
    _, wanted, written = clean(root, whole, build)
    before = tree(root, besides=BESIDES)
    ballast = fill(disk, free)
    said = build(root)
    assert said.status == 74, said
    assert "internal error" not in said.all
    ballast.unlink()
    now = tree(root, besides=BESIDES)
    assert all(now[name] in (before.get(name), wanted.get(name)) for name in now)
    assert not list(root.rglob("*.tv-tmp"))
    assert_mended(root, wanted, written)
    return said


@pytest.mark.parametrize("free", [0, 4, 8])
def test_a_vault_on_a_full_disk_is_whole_and_with_room_the_next_run_ends_it(
    twenty: Path, tmp_path: Path, free: int
) -> None:
    root = tmp_path / "ws"
    shutil.copytree(twenty, root, ignore=shutil.ignore_patterns("vault"))
    with small_disk(root / "vault") as disk:
        shutil.copytree(twenty / "vault", disk, dirs_exist_ok=True)
        said = assert_full_and_mended(root, tmp_path / "whole", disk, free)
    assert "no space left on device" in said.err
    assert "Make room on the disk and run again; every file is whole" in said.err


# The store needs more room to open than the notes need to be replaced one by one, once it is closed again.
@pytest.mark.parametrize("free", [0, 16, 32])
def test_a_workspace_on_a_full_disk_is_whole_and_with_room_the_next_run_ends_it(
    twenty: Path, tmp_path: Path, free: int
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        root = copy(twenty, disk / "ws")
        said = assert_full_and_mended(root, tmp_path / "whole", disk, free)
    assert re.search("store.sqlite|vault/|no space left", said.err)


def test_a_note_that_became_read_only_is_named_and_the_others_are_written(twenty: Path, tmp_path: Path) -> None:
    _, wanted, written = clean(twenty, tmp_path / "whole", build)
    root = copy(twenty, tmp_path / "ws")
    note = root / "vault/Assets/Badger.md"
    note.chmod(0o444)
    before = note.read_bytes()
    said = build(root)
    assert said.status == 74, said
    assert "vault/Assets/Badger.md" in said.err
    assert note.read_bytes() == before
    assert differences(tree(root, besides=BESIDES), wanted) == {"vault/Assets/Badger.md"}
    note.chmod(0o644)
    assert_mended(root, wanted, written)


@pytest.mark.parametrize("what", ["vault/Assets/Badger.md", "vault/Assets", "data"])
def test_what_the_system_forbids_to_change_ends_with_74_and_is_made_up_for(
    twenty: Path, tmp_path: Path, what: str
) -> None:
    begun = copy(twenty, tmp_path / "begun")
    # That a person took a region out is to be remembered.
    note = begun / "vault/Assets/Badger.md"
    note.write_bytes(re.sub(rb"(?s)%% tv:begin unusual.*?%% tv:end unusual.*?\n", b"", note.read_bytes()))
    _, wanted, written = clean(begun, tmp_path / "whole", build)
    root = copy(begun, tmp_path / "ws")
    done = subprocess.run(["chattr", "+i", root / what], capture_output=True) if shutil.which("chattr") else None
    if done is None or done.returncode:
        pytest.skip("this system cannot forbid root to change a file")
    try:
        said = build(root)
    finally:
        subprocess.run(["chattr", "-i", root / what], check=True)
    assert said.status == 74, said
    assert what in said.err
    assert "internal error" not in said.err
    assert tokens(root).keys() == written.keys()
    assert_mended(root, wanted, written)


@contextlib.contextmanager
def before_the_write_of(name: str, action: Callable[[], object]) -> Iterator[list[int]]:
    """Do something once, while the new version of a file is written beside it; give how often that was."""
    happened: list[int] = []
    synced = os.fsync

    def fsync(number: int) -> None:
        target = Path(f"/proc/self/fd/{number}").readlink()
        if not happened and target.name == f".{name}.tv-tmp":
            happened.append(number)
            action()
        synced(number)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        yield happened


needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no /proc to see which file is written")


@needs_proc
def test_a_folder_that_vanishes_in_a_first_build_is_there_after_the_next(tmp_path: Path) -> None:
    start = make_tiny(tmp_path / "start")
    assert call("refresh", "-w", start).status == 0
    _, wanted, written = clean(start, tmp_path / "whole", build)
    root = copy(start, tmp_path / "ws")
    with before_the_write_of("Badger.md", lambda: shutil.rmtree(root / "vault/Assets")) as happened:
        said = build(root)
    assert happened
    assert said.status == 74, said
    assert "vault/Assets/Badger.md" in said.err
    assert_mended(root, wanted, written)


@needs_proc
def test_a_folder_that_vanishes_in_a_later_build_takes_nothing_else_along(tiny: Path) -> None:
    write_by_hand(tiny)
    with before_the_write_of("Badger.md", lambda: shutil.rmtree(tiny / "vault/Assets")) as happened:
        said = build(tiny)
    assert happened
    assert said.status in (0, 74), said
    assert "internal error" not in said.err
    assert_built(tiny)
    assert_built(tiny)
    assert call("check", "-w", tiny).status == 0
    assert not list(tiny.rglob("*.tv-tmp"))


@needs_proc
@pytest.mark.parametrize("how", ["in place", "by replacing", "moved away", "deleted"])
def test_what_somebody_writes_into_a_note_while_it_is_built_is_there_after_the_next_run(
    twenty: Path, tmp_path: Path, how: str
) -> None:
    root = copy(twenty, tmp_path / "ws")
    note = root / "vault/Assets/Badger.md"
    written = tokens(root)

    def meddle() -> None:
        text = note.read_text(encoding="utf-8")
        if how == "in place":
            with note.open("a", encoding="utf-8") as file:
                file.write("\nqz99999z, typed just now.\n")
        elif how == "by replacing":
            other = note.with_name("sync.tmp")
            other.write_text(text.replace("\n# ", "\n# qz99999z ", 1), encoding="utf-8")
            other.replace(note)
        elif how == "moved away":
            note.rename(root / "vault/Badger moved.md")
        else:
            note.rename(root / "deleted.md")

    with before_the_write_of(note.name, meddle) as happened:
        first = build(root)
    assert happened
    assert first.status in (0, 74), first
    assert_built(root)
    missing = set(TOKEN.findall((root / "deleted.md").read_bytes())) if how == "deleted" else set()
    typed = {b"qz99999z"} if how in ("in place", "by replacing") else set()
    assert tokens(root).keys() == (written.keys() | typed) - missing
    assert max(tokens(root).values()) == 1
    assert note.exists() == (how in ("in place", "by replacing"))
    assert json.loads(call("build", "-w", root, "--offline", "--json").out)["written"] == []


# Two at once ------------------------------------------------------------------------------------------------------


def start(root: Path) -> subprocess.Popen[str]:
    words = [*COMMAND, "build", "-w", str(root), "--offline"]
    return subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_of_two_builds_started_together_one_wins_and_the_other_says_who(tmp_path: Path) -> None:
    origin = make_many(tmp_path / "origin", 92)
    assert_built(origin)
    write_by_hand(origin)
    _, wanted, written = clean(origin, tmp_path / "whole", build)
    lost = 0
    for _ in range(10 if EVERY else 4):
        root = copy(origin, tmp_path / "ws")
        both = [start(root), start(root)]
        said = [each.communicate(timeout=300) for each in both]
        statuses = sorted(each.returncode for each in both)
        assert statuses in ([0, 75], [0, 0]), said
        lost += statuses == [0, 75]
        for process, (_, err) in zip(both, said, strict=True):
            if process.returncode == 75:
                other = both[1 - both.index(process)]
                assert f"process {other.pid}, build" in err or "another run is using this workspace." in err
        assert tree(root, besides=BESIDES) == wanted
        assert tokens(root) == written
        shutil.rmtree(root)
    assert lost, "they never met"


def test_a_holder_is_named_and_once_it_is_killed_its_lock_is_free(twenty: Path, tmp_path: Path) -> None:
    root = copy(twenty, tmp_path / "ws")
    _, wanted, written = clean(twenty, tmp_path / "whole", build)
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            replaced: Any = os.replace
            os.replace = lambda *words: time.sleep(600) or replaced(*words)  # type: ignore[assignment]
            build(root)
        os._exit(0)
    try:
        deadline = time.monotonic() + 300
        about = root / ".thesisvault/lock.json"
        while (not about.exists() or str(child) not in about.read_text()) and time.monotonic() < deadline:
            time.sleep(0.01)
        before = tree(root, besides=BESIDES)
        said = build(root)
        assert said.status == 75, said
        assert f"process {child}, build" in said.err
        assert tree(root, besides=BESIDES) == before
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert_mended(root, wanted, written)
    assert {fault for fault in check_vault(root / "vault") if fault.startswith("29")} == set()

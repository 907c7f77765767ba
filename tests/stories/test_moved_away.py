"""A workspace, its definitions or its vault are moved away, or unmounted, in the middle of a build.

What a sync program, a person or an unmounted disk takes away is not made again: a folder with half a vault in it would
hide what comes back.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.workspaces import COMMAND, call, edit, environment, tree

MOVING = """
import os, sys
from pathlib import Path

root, folder, moment = sys.argv[1], sys.argv[2], int(sys.argv[3])
counted = 0
is_gone = False

def look(event, told):
    global counted, is_gone
    if event in ("open", "os.mkdir", "os.rename", "os.scandir", "os.listdir") and root in str(told[0]):
        counted += 1
        if counted >= moment and not is_gone and not str(told[0]).endswith(("/lock", "/.thesisvault")):
            is_gone = True
            os.replace(folder, folder + " is gone")
            if os.environ.get("SPARE"):
                os.mkdir(folder)

sys.addaudithook(look)
from thesisvault.cli.main import main
sys.argv = ["thesisvault", *sys.argv[4:]]
try:
    main()
except SystemExit as ended:
    print(counted)
    sys.stdout.flush()
    os._exit(ended.code or 0)
"""


def moved(root: Path, folder: Path, moment: int, *words: str, spare: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a command in whose course a folder is moved away as the so-many-th file is looked at.

    With `spare`, an empty one is in its place from then on.

    Not right between the look for the lock and its opening, for which the library that locks makes a folder anew.
    """
    command = [sys.executable, "-c", MOVING, str(root), str(folder), str(moment), *words]
    env = environment({"SPARE": "1"} if spare else None)
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["", "data", "vault"])
def test_a_folder_that_is_moved_away_in_the_middle_of_a_build_is_not_made_again(tiny: Path, name: str) -> None:
    words = ("build", "-w", str(tiny), "--offline", "--clean")
    edit(tiny / "data/theses/left-to-right.yaml", "Capital leaves", "Money leaves")
    shutil.copytree(tiny, spare := tiny.with_name("spare"))
    whole = moved(tiny, tiny / name, 10**9, *words)
    assert whole.returncode == 0, whole
    moments, after = int(whole.stdout.splitlines()[-1]), tree(tiny / "vault")
    shutil.rmtree(tiny)
    shutil.copytree(spare, tiny)
    gone = Path(f"{(tiny / name)} is gone")
    told = ""
    for moment in range(1, moments, max(1, moments // int(os.environ.get("THESISVAULT_MOMENTS", "12")))):
        said = moved(tiny, tiny / name, moment, *words)
        assert gone.is_dir(), (moment, said)
        # A vault that nobody has looked at yet is made whole, as is one that never was.
        if (tiny / name).exists():
            assert name == "vault", (moment, said)
            assert moment <= moments / 3, (moment, said)
            assert tree(tiny / "vault").keys() == after.keys(), (moment, said)
            shutil.rmtree(tiny / "vault")
        elif said.returncode == 0:
            now = tree(gone / "vault" if not name else gone if name == "vault" else tiny / "vault")
            assert now == after, (moment, said)
        assert not any(word in said.stderr for word in ("Traceback", "bug")), (moment, said)
        assert said.returncode in (0, 74), (moment, said)
        told += said.stderr
        gone.rename(tiny / name)
        # What has been written by then is whole, the rest is as it was, and the next build writes that.
        assert call("build", "-w", tiny, "--offline").status == 0
        assert tree(tiny / "vault") == after, moment
        shutil.rmtree(tiny)
        shutil.copytree(spare, tiny)
    assert "is gone since the run began" in told


NAMED = {
    "add": ("add", "ZZZ", "--name", "Zed", "--kind", "stock", "--exchange", "XNYS", "--currency", "USD"),
    "new": ("new", "thesis", "Another one"),
    "log": ("log", "left-to-right", "It moved."),
    "eval": ("eval", "close('AAA')"),
}


def away(root: Path, how: str) -> None:
    """Take the definitions away, as a disk does that is not mounted, or a link to one."""
    (root / "data").rename(root.with_name("elsewhere"))
    if how == "an empty folder":
        (root / "data").mkdir()
        (root / "data/.DS_Store").write_text("")
    elif how == "a link":
        (root / "data").symlink_to(root / "nowhere")
    elif how == "a file":
        (root / "data").write_text("")


@pytest.mark.parametrize("how", ["nothing", "an empty folder", "a link", "a file"])
@pytest.mark.parametrize("command", ["build", "run", "refresh", "check", "watch", *NAMED])
def test_definitions_that_are_not_there_are_told_and_nothing_counts_as_deleted(
    tiny: Path, command: str, how: str
) -> None:
    before = tree(tiny)
    away(tiny, how)
    bare = tree(tiny)
    more = ("--offline",) if command in ("build", "run") else ()
    if command == "watch":
        said = subprocess.run(
            ["timeout", "-s", "INT", "3", *COMMAND, "watch", "-w", str(tiny)],
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        ).stderr
    else:
        ended = call(*NAMED.get(command, (command,)), "-w", tiny, *more)
        assert ended.status == 74, ended
        said = ended.err
    assert "data: the folder" in said
    assert {"nothing": "is not there", "a link": "leads nowhere", "a file": "is a file"}.get(how, "is empty") in said
    assert tree(tiny) == bare
    if how == "an empty folder":
        shutil.rmtree(tiny / "data")
    elif how != "nothing":
        (tiny / "data").unlink()
    tiny.with_name("elsewhere").rename(tiny / "data")
    assert call("build", "-w", tiny, "--offline").status == 0
    assert tree(tiny) == before


def test_an_empty_folder_of_definitions_will_do_for_a_start(tmp_path: Path) -> None:
    (tmp_path / "thesisvault.yaml").write_text("as_of: 2024-06-28\n")
    (tmp_path / "data").mkdir()
    said = call("new", "thesis", "A first one", "-w", tmp_path)
    assert said.status != 74, said
    assert "is empty" not in said.err


@pytest.mark.parametrize("is_below", [False, True])
def test_a_vault_behind_a_link_to_a_disk_that_is_not_there_is_told_before_anything_is_made(
    tiny: Path, is_below: bool
) -> None:
    (tiny / "vault").rename(tiny / "elsewhere")
    if is_below:
        with (tiny / "thesisvault.yaml").open("a", encoding="utf-8") as settings:
            settings.write("vault: disk/vault\n")
    (tiny / ("disk" if is_below else "vault")).symlink_to(tiny / "nowhere")
    before = tree(tiny, besides=("data/market",))
    for command in ("build", "run", "build --clean", "build --check"):
        said = call(*command.split(), "-w", tiny, "--offline")
        assert said.status == 74, said
        assert "vault: the vault is behind a link that leads nowhere; nothing was written" in said.err
        assert "name another in thesisvault.yaml" in said.err
    assert tree(tiny, besides=("data/market",)) == before


def test_another_folder_in_the_place_of_one_is_not_taken_for_it(tiny: Path) -> None:
    """So a folder looks on which a disk was mounted until just now."""
    edit(tiny / "data/theses/left-to-right.yaml", "Capital leaves", "Money leaves")
    words = ("build", "-w", str(tiny), "--offline", "--clean")
    for name in ("data", "vault"):
        whole = moved(tiny, tiny / name, 10**9, *words, spare=True)
        moments = int(whole.stdout.splitlines()[-1])
        said = moved(tiny, tiny / name, moments // 2, *words, spare=True)
        assert said.returncode == 74, said
        assert list((tiny / name).iterdir()) == []
        (tiny / name).rmdir()
        Path(f"{tiny / name} is gone").rename(tiny / name)

"""How the command line ends: bugs, errors, interruptions, closed pipes, and the version."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.stories.workspaces import COMMAND, call, environment, make_tiny, unmeasured
from thesisvault.language.parse import ExpressionError
from thesisvault.session import Session

BUFFERED = environment({"PYTHONUNBUFFERED": ""})  # as it is where nobody asked for anything else
LAST_ERROR = ".thesisvault/last-error.txt"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_tiny(tmp_path_factory.mktemp("ends") / "ws")
    assert call("refresh", "-w", root).status == 0
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "ws"))


def raising(error: BaseException):
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch):
    """Have a bug in every command that wants the definitions."""

    def break_with(error: BaseException) -> None:
        monkeypatch.setattr(Session, "sound_library", raising(error))

    return break_with


def test_the_version_is_that_of_the_package() -> None:
    said = call("--version")
    assert (said.status, said.out) == (0, f"thesisvault {version('thesisvault')}\n")


def test_a_bug_leaves_its_traceback_in_the_workspace_and_says_where(root: Path, broken) -> None:
    broken(KeyError("lost"))
    said = call("build", "-w", root, "--offline")
    assert said.status == 70
    assert "internal error (bug): KeyError: 'lost'" in said.err
    assert f"the traceback in {root / LAST_ERROR}" in said.err
    assert "Traceback" not in said.all
    kept = (root / LAST_ERROR).read_text(encoding="utf-8")
    assert f"build -w {root} --offline" in kept
    assert version("thesisvault") in kept
    assert "Traceback (most recent call last)" in kept
    assert "in build_vault" in kept
    assert kept.rstrip().endswith("KeyError: 'lost'")


def test_an_error_of_ours_that_should_not_have_got_so_far_is_a_bug(root: Path, broken) -> None:
    broken(ExpressionError("odd"))
    said = call("build", "-w", root, "--offline")
    assert said.status == 70
    assert "internal error (bug): ExpressionError: odd." in said.err
    assert (root / LAST_ERROR).is_file()


def test_a_traceback_that_cannot_be_kept_is_said_to_be_lost(root: Path, broken) -> None:
    (root / LAST_ERROR).mkdir(parents=True)
    broken(KeyError("lost"))
    said = call("build", "-w", root, "--offline")
    assert said.status == 70
    assert f"cannot be written to {root / LAST_ERROR}" in said.err
    assert "THESISVAULT_DEBUG=1" in said.err


def test_without_a_workspace_there_is_no_place_for_a_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import thesisvault.runs.init as worker

    monkeypatch.setattr(worker, "make_workspace", raising(KeyError("lost")))
    monkeypatch.chdir(tmp_path)
    said = call("init", "ws")
    assert said.status == 70
    assert "No workspace was found" in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_the_system_refuses_is_no_bug(root: Path, broken) -> None:
    broken(PermissionError(13, "Permission denied", "somewhere"))
    said = call("build", "-w", root, "--offline")
    assert (said.status, said.err) == (74, "error: somewhere: Permission denied. Fix it and rerun.\n")
    assert not (root / LAST_ERROR).exists()


def test_an_interruption_ends_with_130(root: Path, broken) -> None:
    broken(KeyboardInterrupt())
    said = call("build", "-w", root, "--offline")
    assert said.status == 130
    assert said.err == "interrupted; what was written is whole, the rest is as it was.\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("bild",), "No such command 'bild'"),
        (("build", "--as"), "No such option: --as"),
        (("prices", "--rows", "0"), "--rows"),
        (("add",), "Missing argument"),
        (("eval", "1", "2"), "unexpected extra argument"),
        (("--frobnicate",), "No such option: --frobnicate"),
    ],
)
def test_words_that_the_command_line_does_not_know_end_with_2(words: tuple[str, ...], expected: str) -> None:
    said = call(*words)
    assert said.status == 2
    assert expected in said.err
    assert "bug" not in said.err


@pytest.mark.skipif(os.name == "nt", reason="a pipe closes otherwise there")
@pytest.mark.parametrize("words", [("prices", "AAA", "--csv"), ("prices",), ("check", "--json")])
def test_a_reader_that_goes_away_ends_the_printing_and_nothing_else(root: Path, words: tuple[str, ...]) -> None:
    """The pipe is closed before the command prints, as `head -0` would close it."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*COMMAND, *words, "-w", str(root)], env=BUFFERED, stdout=write, stderr=subprocess.PIPE, text=True
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(os.name == "nt", reason="a pipe closes otherwise there")
def test_without_a_reader_a_command_still_ends_with_its_own_status(root: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [*COMMAND, "build", "--check", "--offline", "-w", str(root)]
    done = subprocess.run(command, env=BUFFERED, stdout=write, stderr=write)
    os.close(write)
    assert done.returncode == 4


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs an output that is always full")
@pytest.mark.parametrize("words", [("--version",), ("--help",), ("check",), ("build", "--offline", "--all")])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_an_output_that_takes_no_more_ends_with_74_and_a_sentence(root: Path, words: tuple[str, ...], unbuffered: str):
    """Python keeps what a full disk did not take and tries again at the end, unless it buffers nothing."""
    full = Path("/dev/full").open("w")  # noqa: SIM115 - closed below
    env = {**BUFFERED, "PYTHONUNBUFFERED": unbuffered}
    where = [] if words[0].startswith("-") else ["-w", str(root)]
    with full:
        done = subprocess.run([*COMMAND, *words, *where], env=env, stdout=full, stderr=subprocess.PIPE, text=True)
        both = subprocess.run([*COMMAND, *words, *where], env=env, stdout=full, stderr=full)
        no_complaint = subprocess.run([*COMMAND, "bild"], env=env, stdout=subprocess.PIPE, stderr=full)
    assert done.returncode == 74
    assert done.stderr.endswith("No space left on device. Fix it and rerun.\n")
    assert "Traceback" not in done.stderr
    assert both.returncode == 74
    assert no_complaint.returncode == 74


def test_help_names_every_exit_status() -> None:
    said = call("build", "--help")
    for status in (0, 1, 2, 3, 4, 70, 74, 75, 130):
        assert f"{status} " in " ".join(said.out.partition("Exit status:")[2].split())


def test_the_package_starts_the_same_from_its_script(root: Path) -> None:
    script = shutil.which("thesisvault", path=str(Path(sys.executable).parent))
    assert script
    done = subprocess.run([script, "check", "-w", str(root)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def ended(before: str) -> subprocess.CompletedProcess[str]:
    """Run the way in with `--version` after some code, in a process that nothing measures."""
    code = f"import sys, os, threading, time, atexit\n{before}\nsys.argv[1:] = ['--version']\n"
    code += "from thesisvault.__main__ import main\nmain()"
    return subprocess.run([sys.executable, "-c", code], env=unmeasured(), capture_output=True, text=True)


PARTING = """
class Parting:
    def __del__(self, write=os.write):
        write(2, b'taken apart')
_parting = Parting()
"""


def test_what_nobody_waits_for_is_not_taken_apart():
    done = ended(PARTING)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("thesisvault ")


@pytest.mark.parametrize(
    "waiting",
    [
        "threading.Thread(target=lambda: (threading.main_thread().join(), os.write(2, b'finished, '))).start()",
        "sys.setprofile(lambda *_: None)",
        "import multiprocessing as m\nm.get_context('fork').Process(target=time.sleep, args=[20], daemon=True).start()",
    ],
    ids=["a thread", "a profiler", "a process"],
)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="starts one of them by a fork")
def test_python_ends_in_its_own_way_where_something_waits_for_it(waiting: str):
    done = ended(f"{PARTING}\n{waiting}")
    assert done.returncode == 0
    assert done.stderr == ("finished, " if "finished" in waiting else "") + "taken apart"


def test_what_a_library_puts_away_at_the_end_is_put_away(tmp_path: Path) -> None:
    code = (
        "import atexit, runpy, sys\n"
        "sys.argv[1:] = ['--version']\n"
        "atexit.register(open, 'away', 'w')\n"
        "runpy.run_module('thesisvault', run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=unmeasured(), check=False)
    assert done.returncode == 0
    assert (tmp_path / "away").exists()

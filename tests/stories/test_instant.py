"""Nothing to do: told at once and in the same words, and never once anything has changed that an answer rests on."""

from __future__ import annotations

import datetime as dt
import errno
import marshal
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import thesisvault
from tests.stories.workspaces import COMMAND, Said, spawn, tree, unmeasured
from thesisvault import instant
from thesisvault.cli.steady import until_of
from thesisvault.session import Session

BUILD = ("build", "--offline")


def aged(root: Path) -> None:
    """Wait until nothing in a workspace is so new that it may change without a change of its times."""
    while time.time() - max(os.lstat(path).st_ctime for path in root.rglob("*")) < 2.1:
        time.sleep(0.1)


def ask(root: Path, *words: str, **more: str) -> Said:
    return spawn(*(words or BUILD), cwd=root, env={"COLUMNS": "80", **more})


def told_at_once(root: Path, *words: str) -> bool:
    """Return whether a question is answered without a run, as a process of its own would find."""
    code = (
        "import sys, time, os; from thesisvault import instant;"
        "found = instant.answer(sys.argv[1:], time.time()); sys.exit(33 if found is None else 44)"
    )
    done = subprocess.run([sys.executable, "-c", code, *(words or BUILD)], cwd=root, env=child(), capture_output=True)
    assert done.returncode in (33, 44), done.stderr
    return done.returncode == 44


def child() -> dict[str, str]:
    return {**unmeasured(), "COLUMNS": "80"}


@pytest.fixture(scope="module")
def settled_once(tmp_path_factory: pytest.TempPathFactory, tiny_built: Path) -> Path:
    root = Path(shutil.copytree(tiny_built, tmp_path_factory.mktemp("settled") / "ws"))
    (root / "templates").mkdir()
    ask(root)
    aged(root)
    said = ask(root)
    assert said.status == 0, said
    return root


@pytest.fixture
def settled(settled_once: Path) -> Path:
    """A workspace in which nothing is left to do. One answer is kept a command; another may have come since."""
    if not told_at_once(settled_once):
        assert ask(settled_once).status == 0
    assert told_at_once(settled_once)
    return settled_once


def test_the_same_question_is_answered_at_once_and_in_the_same_words(settled):
    whole = ask(settled)
    assert told_at_once(settled)
    assert ask(settled) == whole
    assert whole.out.startswith("As of 28 Jun 2024: ")


def test_an_answer_loads_nothing_but_the_standard_library(settled):
    code = (
        "import os, runpy, sys\nos._exit = sys.exit\nsys.argv[1:] = ['build', '--offline']\n"
        "try: runpy.run_module('thesisvault', run_name='__main__')\n"
        "finally: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=settled, env=child(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    ours = {name for name in done.stderr.split() if name.startswith("thesisvault")}
    assert ours == {"thesisvault", "thesisvault.instant"}
    assert not loaded & {"typer", "click", "yaml", "pydantic", "numpy", "jinja2", "filelock", "json", "sqlite3"}


def test_an_answer_changes_no_file(settled):
    before = tree(settled)
    assert told_at_once(settled)
    assert tree(settled) == before


def append(name: str, text: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        with (root / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return change


def same_size_and_time(root: Path) -> None:
    path = root / "data/theses/rotation.yaml"
    about = path.stat()
    path.write_text(path.read_text().replace("one side", "one tide"))
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def replaced(root: Path) -> None:
    path = root / "data/theses/rotation.yaml"
    shutil.copy2(path, path.with_suffix(".new"))
    path.with_suffix(".new").rename(path)


def in_the_store(root: Path) -> None:
    with sqlite3.connect(root / "data/market/store.sqlite") as store:
        store.execute("UPDATE series SET name = 'AAB' WHERE name = 'AAA'")
    store.close()


CHANGES: dict[str, Callable[[Path], None]] = {
    "a definition": append("data/theses/rotation.yaml", "# a word\n"),
    "a definition of the same size and time": same_size_and_time,
    "a definition replaced by its copy": replaced,
    "a new definition": append("data/theses/new.yaml", "title: New\nkind: concept\n"),
    "a universe": append("data/universes/three.txt", "GAP\n"),
    "instruments": append("data/instruments.yaml", "ZZZ: {name: Zebra, kind: stock}\n"),
    "settings": append("thesisvault.yaml", "home_currency: EUR\n"),
    "a template": append("templates/thesis.md.j2", "x"),
    "the memory of notes": append("data/notes.yaml", "\n"),
    "the store": in_the_store,
    "a word in a note": append("vault/Theses/Left to right.md", "mine\n"),
    "a note of one's own": append("vault/Mine.md", "mine\n"),
    "a note gone": lambda root: (root / "vault/Home.md").unlink(),
    "a picture gone": lambda root: next((root / "vault/attachments").glob("*.png")).unlink(),
    "types of properties": append("vault/.obsidian/types.json", "\n"),
    "what was said": lambda root: (root / ".thesisvault/said.json").unlink(),
    "a folder": lambda root: (root / "vault/New").mkdir(),
    "an unfinished file": append("vault/.Home.md.tv-tmp", "x"),
    "a link in the vault": lambda root: (root / "vault/Link.md").symlink_to(root / "vault/Home.md"),
    "settings that are a link": lambda root: (
        (root / "thesisvault.yaml").rename(root / "s") and ((root / "thesisvault.yaml").symlink_to(root / "s"))
    ),
    "the mode of a note": lambda root: (root / "vault/Mine.md").chmod(0o400),
}


def test_once_something_has_changed_a_whole_run_looks(settled, tmp_path):
    root = Path(shutil.copytree(settled, tmp_path / "ws"))
    ask(root)
    aged(root)
    ask(root)
    assert told_at_once(root)
    kept = instant._kept(str(root / ".thesisvault/instant/build"))
    assert kept is not None
    roots, seen = kept[4], kept[5]
    for name, change in CHANGES.items():
        assert instant.listing(roots) == seen
        change(root)
        try:
            now_seen = instant.listing(roots)
        except instant.UnclearError:
            now_seen = b""
            (root / "vault/Link.md").unlink(missing_ok=True)
            if (root / "s").exists():
                (root / "s").rename(root / "thesisvault.yaml")
        assert now_seen != seen, name
        seen = instant.listing(roots)
    assert not told_at_once(root)


def test_a_folder_is_listed_alike_by_its_number_and_by_its_path(settled, tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/sub/\xff.md"))
    odd.write_text("a name that is no text")
    roots = [("tree", str(settled / "vault")), ("tree", str(tmp_path)), ("tree", str(tmp_path / "none"))]
    if not instant._BY_NUMBER:
        pytest.skip("folders have no numbers here")
    open_before = len(list(Path("/dev/fd").iterdir()))
    by_number = instant.listing(roots)
    assert len(list(Path("/dev/fd").iterdir())) == open_before
    monkeypatch.setattr(instant, "_BY_NUMBER", False)
    roots.pop()  # by its path, a folder that is missing is unclear
    by_path = instant.listing(roots)
    assert marshal.loads(by_path) == marshal.loads(by_number)[:-2]
    os.utime(odd, (0, 0))
    assert instant.listing(roots) != by_path


def test_a_file_that_goes_away_while_it_is_listed_makes_it_unclear(tmp_path, monkeypatch):
    (tmp_path / "a.md").write_text("x")
    (tmp_path / "b.md").write_text("x")

    def by_name(entry):
        (tmp_path / "b.md").unlink(missing_ok=True)
        return entry.name

    monkeypatch.setattr(instant, "_by_name", by_name)
    with pytest.raises(instant.UnclearError):
        instant.listing([("tree", str(tmp_path))])


def test_a_listing_is_the_same_whoever_else_holds_its_values(tmp_path):
    once = str(tmp_path)
    twice = "".join(list(once))
    assert once is not twice
    assert instant.listing([("one", once), ("one", once)]) == instant.listing([("one", once), ("one", twice)])


def test_a_listing_knows_when_anything_changed_last(tmp_path):
    path = tmp_path / "a.md"
    path.write_text("x")
    later = time.time_ns() + 10**12
    assert instant.newest(instant.listing([("tree", str(tmp_path))])) == path.stat().st_ctime_ns
    os.utime(path, ns=(0, later))
    assert instant.newest(instant.listing([("tree", str(tmp_path))])) == later
    assert instant.newest(instant.listing([("one", str(tmp_path / "none"))])) == 0


def test_another_question_is_another_run(settled, monkeypatch):
    assert told_at_once(settled)
    assert not told_at_once(settled, "build")
    assert not told_at_once(settled, "build", "--offline", "--json")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not told_at_once(settled)
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert not told_at_once(settled)
    monkeypatch.delenv("TZ")
    assert told_at_once(settled)
    monkeypatch.setenv("HOME", str(settled))  # a vault may be somebody's whole home folder, and no vault then
    assert not told_at_once(settled)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may become somebody else")
def test_another_person_asks_another_question(settled):
    code = (
        "import os, sys; from thesisvault import instant;"
        "before = instant.question(['build']); os.setegid(65534); group = instant.question(['build']);"
        "os.seteuid(65534); print(len({before, group, instant.question(['build'])}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=settled, env=child(), capture_output=True, text=True)
    assert done.stdout == "3\n", done.stderr


def test_from_another_folder_the_workspace_is_found_as_ever(settled, tmp_path):
    for words in (("-w", str(settled)), (f"--workspace={settled}",), (f"-w{settled}",)):
        asked = (*BUILD, *words)
        assert spawn(*asked, cwd=tmp_path, env={"COLUMNS": "80"}).status == 0
        assert told_at_once(tmp_path, *asked)


def test_from_a_folder_that_is_gone_a_run_ends_as_ever(settled, tmp_path):
    code = "import os, sys; os.rmdir(os.getcwd()); os.execv(sys.argv[1], sys.argv[1:])"
    (tmp_path / "gone").mkdir()
    words = [sys.executable, "-c", code, *COMMAND, *BUILD, "-w", str(settled)]
    done = subprocess.run(words, cwd=tmp_path / "gone", env=child(), capture_output=True, text=True)
    assert not (tmp_path / "gone").exists()
    assert (done.returncode, done.stdout) == (0, ask(settled).out), done
    assert "Traceback" not in done.stderr


def test_while_another_run_is_at_work_its_words_come_first(settled):
    fcntl = pytest.importorskip("fcntl")
    with (settled / ".thesisvault/lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert not told_at_once(settled)
        assert ask(settled).status == 75
    assert told_at_once(settled)


def test_an_answer_ends_with_the_day_and_does_not_hold_before_it_was_found(settled, monkeypatch):
    monkeypatch.chdir(settled)
    for name, text in child().items():
        monkeypatch.setenv(name, text)
    path = settled / ".thesisvault/instant/build"
    kept = instant._kept(str(path))
    assert kept is not None
    _, since, until, *_ = kept
    midnight = dt.datetime.fromtimestamp(until, dt.UTC)
    assert (midnight.hour, midnight.minute, midnight.second) == (0, 0, 0)
    assert 0 < until - since <= 86_400


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2024-07-01T15:00", "2024-07-01T20:45"),  # New York closes at 20:00 in Greenwich, prices come 45 minutes later
        ("2024-07-03T15:00", "2024-07-03T17:45"),  # half a day
        ("2024-07-01T20:45", "2024-07-02T00:00"),
        ("2024-07-06T12:00", "2024-07-07T00:00"),  # a Saturday
        ("2024-12-02T15:00", "2024-12-02T21:45"),
    ],
)
def test_without_a_fixed_day_an_answer_ends_with_the_next_session(settled, tmp_path, now, until):
    root = Path(shutil.copytree(settled, tmp_path / "ws"))
    path = root / "thesisvault.yaml"
    path.write_text(path.read_text().replace("as_of: 2024-06-28\n", ""))
    ends = until_of(Session(root, dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)), is_given=False)
    assert dt.datetime.fromtimestamp(ends, dt.UTC).replace(tzinfo=None) == dt.datetime.fromisoformat(until)


def test_what_may_still_change_without_a_change_of_its_times_is_looked_at_again(settled, tmp_path):
    root = Path(shutil.copytree(settled, tmp_path / "ws"))
    os.utime(root / "vault/Home.md", (time.time() + 3600, time.time() + 3600))
    for _ in range(3):
        assert ask(root).status == 0
        assert not told_at_once(root)
    os.utime(root / "vault/Home.md", (0, 0))
    aged(root)
    ask(root)
    assert told_at_once(root)


def test_check_too_is_answered_at_once(settled):
    whole = ask(settled, "check")
    assert told_at_once(settled, "check")
    assert ask(settled, "check") == whole
    assert told_at_once(settled)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_answer_is_no_answer(settled, monkeypatch, data):
    path = settled / ".thesisvault/instant/build"
    good = path.read_bytes()
    cut = data.draw(st.integers(0, len(good) - 1))
    head, tail, rest = good[:cut], good[cut:], good[cut + 1 :]
    flipped = bytes([good[cut] ^ 1 << data.draw(st.integers(0, 7))])
    bad = data.draw(st.sampled_from([head, head + flipped + rest, head + b"\xff" + tail, head + rest]))
    monkeypatch.chdir(settled)
    path.write_bytes(bad)
    try:
        found = instant._kept(str(path))
    except (ValueError, IndexError):
        found = None
    finally:
        path.write_bytes(good)
    assert found is None


def test_a_pipe_in_the_place_of_an_answer_is_not_waited_for(settled):
    path = settled / ".thesisvault/instant/build"
    good = path.read_bytes()
    path.unlink()
    os.mkfifo(path)
    try:
        assert not told_at_once(settled)
    finally:
        path.unlink()
        path.write_bytes(good)


def test_a_reader_that_goes_away_ends_an_answer_in_peace(settled):
    done = subprocess.run(
        ["sh", "-c", f"{' '.join(COMMAND)} build --offline | true"],
        cwd=settled,
        env=child(),
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr


def test_every_file_that_a_run_reads_is_listed(settled):
    """What is read and not listed could change without anybody noticing."""
    code = (
        "import os, sys\nheard = set()\n"
        "def hear(event, args):\n"
        "    looks = event in ('open', 'os.scandir', 'os.listdir', 'sqlite3.connect')\n"
        "    if looks and isinstance(args[0], (str, bytes)):\n"
        "        heard.add(os.path.realpath(os.fsdecode(args[0])))\n"
        "sys.addaudithook(hear)\n"
        "sys.argv[1:] = ['build', '--offline']\n"
        "from thesisvault.cli.main import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(*heard, sep='\\n', file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=settled, env=child(), capture_output=True, text=True)
    assert done.stdout.startswith("As of "), done.stderr
    kept = instant._kept(str(settled / ".thesisvault/instant/build"))
    assert kept is not None
    listed = [Path(path).resolve() for how, path in kept[4]]
    own = [settled / ".thesisvault" / name for name in instant._OWN]
    python = [Path(path).resolve() for path in (sys.prefix, sys.base_prefix, "/dev", "/proc", "/usr", "/etc")]
    here = Path(thesisvault.__file__).resolve().parent
    covered = (*listed, *own, *python)
    read = [Path(line) for line in done.stderr.splitlines() if line.startswith("/")]
    assert len(read) > 100
    missing = [path for path in read if not any(path.is_relative_to(each) for each in covered)]
    # The folders above are looked at to find the workspace and the package.
    assert [path for path in missing if not (settled.is_relative_to(path) or here.is_relative_to(path))] == []
    inside = [path.relative_to(settled / "vault") for path in read if path.is_relative_to(settled / "vault")]
    assert {path.name for path in inside if str(path).startswith(".")} <= {"", ".obsidian", "types.json"}


def test_without_an_output_nothing_is_answered_and_nothing_breaks(settled):
    command = f"{' '.join(COMMAND)} build --offline >&- 2>&-"
    done = subprocess.run(["sh", "-c", command], cwd=settled, env=child())
    assert done.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs an output that is always full")
def test_an_output_that_is_full_is_told_in_the_words_of_a_run(settled):
    command = f"{' '.join(COMMAND)} build --offline >/dev/full"
    done = subprocess.run(["sh", "-c", command], cwd=settled, env=child(), capture_output=True, text=True)
    assert (done.returncode, "Traceback" in done.stderr) == (74, False), done.stderr
    assert done.stderr.endswith("error: standard output: No space left on device. Fix it and rerun.\n")


def test_an_answer_that_cannot_be_kept_leaves_nothing_behind(settled, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "no space left")

    folder = settled / ".thesisvault/instant"
    before = sorted(path.name for path in folder.iterdir())
    monkeypatch.setattr(os, "replace", full)
    instant.keep(str(folder.parent), b"\0\0build", 0, 1, [], b"seen", 0, [])
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_check_that_is_kept_never_opens_the_store(settled):
    code = (
        "import sys\nheard = []\n"
        "sys.addaudithook(lambda event, args: heard.append(args) if event == 'sqlite3.connect' else None)\n"
        "sys.argv[1:] = ['check']\nfrom thesisvault.cli.main import main\n"
        "try: main()\nexcept SystemExit: pass\nprint(len(heard), file=sys.stderr)"
    )
    path = settled / "thesisvault.yaml"
    before = path.read_text()
    path.write_text(before.replace("as_of: 2024-06-28\n", ""))
    aged(settled)
    try:
        done = subprocess.run([sys.executable, "-c", code], cwd=settled, env=child(), capture_output=True, text=True)
    finally:
        path.write_text(before)
        aged(settled)
    assert done.stderr.splitlines()[-1] == "0", done.stderr


def test_whoever_asks_for_everything_anew_gets_it_every_time(settled: Path) -> None:
    words = (*BUILD, "--clean")
    assert ask(settled, *words).status == 0
    aged(settled)
    assert ask(settled, *words).status == 0
    assert not told_at_once(settled, *words)

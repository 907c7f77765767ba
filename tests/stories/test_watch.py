"""Watching: a real process that builds after every save, whatever is saved, until it is stopped."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import queue
import random
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.checklist import check_vault
from tests.stories.workspaces import COMMAND, call, edit, environment, make_tiny, price, sessions, spawn, tree
from thesisvault.runs.report import silent
from thesisvault.runs.watch import Watch

THESIS = "data/theses/left-to-right.yaml"
NOTE = "vault/Theses/Left to right.md"
LONG = 60.0
"""Seconds after which something that should have come is not waited for any more."""
CALM = 1.5
"""Seconds in which nothing more may come."""
BESIDES = ("data/market", "prices")


class Watching:
    """A watch that runs; `next` gives what it says of its next build."""

    def __init__(self, root: Path, *words: str, env: Mapping[str, str] | None = None) -> None:
        self.root = root
        command = [*COMMAND, "watch", "--offline", "-w", str(root), *words]
        self.process = subprocess.Popen(
            command,
            env=environment(env),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Tests that run in the background would have it ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self.lines: queue.Queue[str] = queue.Queue()
        self.errors: queue.Queue[str] = queue.Queue()
        self.readers = [
            threading.Thread(target=_read, args=(stream, into), daemon=True)
            for stream, into in ((self.process.stdout, self.lines), (self.process.stderr, self.errors))
        ]
        for each in self.readers:
            each.start()

    def next(self) -> dict[str, Any]:
        return json.loads(self.line())

    def line(self) -> str:
        with contextlib.suppress(queue.Empty):
            return self.lines.get(timeout=LONG)
        raise AssertionError(f"nothing was built; ended with {self.process.poll()}: {list(self.errors.queue)}")

    def error(self) -> str:
        return self.errors.get(timeout=LONG)

    def is_calm(self) -> bool:
        """Return whether nothing is built for a while."""
        time.sleep(CALM)
        return self.lines.empty()

    def until(self, wanted: str) -> list[dict[str, Any]]:
        """Return the builds up to the one after which the note of the thesis holds a text."""
        found = []
        while wanted not in (self.root / NOTE).read_text(encoding="utf-8"):
            found.append(self.next())
        return found

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        status = self.process.wait(LONG)
        for each in self.readers:
            each.join(LONG)
        return status


def _read(stream: Any, into: queue.Queue[str]) -> None:
    for line in stream:
        into.put(line.rstrip("\n"))
    stream.close()


@contextlib.contextmanager
def watching(root: Path, *words: str, env: Mapping[str, str] | None = None) -> Iterator[Watching]:
    """Give a watch while the body runs; it is ended however the body ends."""
    watch = Watching(root, *words, env=env)
    try:
        yield watch
    finally:
        if watch.process.poll() is None:
            watch.process.kill()
        watch.process.wait(LONG)


@contextlib.contextmanager
def watched(root: Path) -> Iterator[Watching]:
    """Give a watch that has made its first build and says everything as JSON."""
    with watching(root, "--json") as watch:
        first = watch.next()
        assert first["status"] == 0, first
        yield watch


def save(path: Path, text: str) -> None:
    """Save as careful editors do: write another file, and rename it over the old one."""
    beside = path.with_name(f"{path.name}.tmp")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def assert_as_clean(root: Path, folder: Path) -> None:
    """The vault is, byte for byte, that of a clean build of the same definitions over the same notes."""
    clean = Path(shutil.copytree(root, folder))
    assert call("build", "-w", clean, "--offline", "--clean").status == 0
    assert tree(clean, besides=BESIDES) == tree(root, besides=BESIDES)
    assert not list(root.rglob("*.tv-tmp"))


# Saves ------------------------------------------------------------------------------------------------------------


def test_an_edit_is_built_and_what_a_build_writes_starts_none(tiny: Path) -> None:
    with watched(tiny) as watch:
        edit(tiny / THESIS, "Capital leaves", "Money leaves")
        built = watch.next()
        assert (built["status"], built["changed"], built["written"]) == (0, [THESIS], [NOTE])
        assert "Money leaves" in (tiny / NOTE).read_text(encoding="utf-8")
        assert watch.is_calm()
        assert watch.end() == 0


@pytest.mark.parametrize("way", ["over it", "old one first", "in place", "with a gap"])
def test_every_way_in_which_editors_save_is_one_build(tiny: Path, way: str) -> None:
    path = tiny / THESIS
    text = path.read_text(encoding="utf-8").replace("Capital leaves", "Money leaves")
    with watched(tiny) as watch:
        if way == "over it":
            save(path, text)
        elif way == "in place":
            path.write_text(text, encoding="utf-8")
        else:
            path.rename(path.with_name(f"{path.name}~"))
            time.sleep(0.3 if way == "with a gap" else 0)
            path.write_text(text, encoding="utf-8")
        built = watch.next()
        assert (built["status"], built["written"]) == (0, [NOTE])
        assert watch.is_calm()


def test_a_burst_of_saves_is_few_builds(tiny: Path, tmp_path: Path) -> None:
    with watched(tiny) as watch:
        for n in range(10):
            edit(tiny / THESIS, "Capital leaves", f"Number {n} stands here. Capital leaves")
            edit(tiny / "data/instruments.yaml", "Makes ", f"Makes {n} ")
            time.sleep(0.01)
        builds = watch.until("Number 9 stands here. Capital")
        assert 1 <= len(builds) <= 3
        assert watch.is_calm()
    assert_as_clean(tiny, tmp_path / "clean")


@pytest.mark.parametrize("name", ["thesisvault.yaml", "templates/asset.md.j2"])
def test_settings_and_templates_are_watched_from_when_they_come(tiny: Path, name: str) -> None:
    with watched(tiny) as watch:
        if name == "thesisvault.yaml":
            edit(tiny / name, "as_of: 2024-06-28", "as_of: 2024-06-27")
        else:
            packaged = Path(__file__).resolve().parents[2] / name
            (tiny / name).parent.mkdir()
            text = packaged.read_text(encoding="utf-8").replace("## In the theses", "## Theses", 1)
            (tiny / name).write_text(text, encoding="utf-8")
        built = watch.next()
        assert name in built["changed"]
        assert NOTE in built["written"] or "vault/Assets/Aardvark.md" in built["written"]
        assert watch.is_calm()


def test_a_new_price_in_a_file_reaches_the_notes(tmp_path: Path) -> None:
    root = make_tiny(tmp_path / "ws")
    path = root / "prices/BBB.csv"
    whole = path.read_text()
    path.write_text("".join(whole.splitlines(keepends=True)[:-1]))
    with watched(root) as watch:
        before = (root / NOTE).read_text(encoding="utf-8")
        path.write_text(whole)
        built = watch.next()
        assert built["changed"] == ["prices/BBB.csv"]
        assert built["new_bars"] == 1
        assert NOTE in built["written"]
        assert (root / NOTE).read_text(encoding="utf-8") != before
        assert watch.is_calm()


def test_a_folder_of_prices_that_settings_name_anew_is_read_and_watched(tiny: Path) -> None:
    other = tiny / "other"
    shutil.move(tiny / "prices", other)
    with watching(tiny, "--json") as watch:
        assert watch.next()["status"] == 0  # what is stored is enough, and that the folder is gone is told
        edit(tiny / "thesisvault.yaml", "folder: prices", "folder: other")
        assert "thesisvault.yaml" in watch.next()["changed"]
        day = list(sessions())[-1]
        edit(other / "BBB.csv", f"{day},{price('BBB', len(list(sessions())) - 1)}", f"{day},171.5")
        assert watch.next()["changed"] == ["other/BBB.csv"]


# Errors -----------------------------------------------------------------------------------------------------------


def test_an_error_is_told_with_its_place_and_cleared_when_it_is_mended(tiny: Path) -> None:
    with watching(tiny) as watch:
        assert watch.line().startswith(f"watch: {tiny}; Ctrl-C")
        assert watch.line().startswith("watch: nothing to write, ")
        vault = tree(tiny / "vault")
        edit(tiny / THESIS, "hold: [AAA]", "hold: [AAQ]")
        assert watch.line().startswith("watch: nothing built; 1 error (")
        told = [watch.error() for _ in range(watch.errors.qsize() or 1)]
        assert [line for line in told if line.startswith(f"error: {THESIS}:8:") and '"AAQ"' in line], told
        assert tree(tiny / "vault") == vault
        edit(tiny / THESIS, "title: Left", "# one line more\ntitle: Left")
        assert watch.line().startswith("watch: nothing built; 1 error (")
        assert watch.error().startswith(f"error: {THESIS}:9:")
        edit(tiny / THESIS, "hold: [AAQ]", "hold: [AAA]")
        assert watch.line().startswith("watch: nothing to write, ")
        assert watch.error().startswith(f"fixed: {THESIS}:9:")
        edit(tiny / THESIS, "Capital leaves", "Money leaves")
        assert watch.line().startswith(f"watch: wrote 1 file: {NOTE} (")
        assert watch.errors.empty()
        assert watch.end() == 0
        assert watch.line() == "watch: stopped."


def test_broken_settings_are_told_and_move_nothing(tiny: Path) -> None:
    path = tiny / "thesisvault.yaml"
    path.write_text(path.read_text() + "folder: Work\n")
    with watched(tiny) as watch:
        vault, good = tree(tiny / "vault"), path.read_text()
        save(path, good + "vault: [\n")
        broken = watch.next()
        assert (broken["status"], broken["written"], broken["removed"]) == (2, [], [])
        assert broken["findings"][0]["path"] == "thesisvault.yaml"
        edit(tiny / THESIS, "Capital leaves", "Money leaves")
        assert watch.next()["status"] == 2
        assert tree(tiny / "vault") == vault
        save(path, good)
        mended = watch.next()
        assert (mended["status"], mended["changed"]) == (0, ["thesisvault.yaml"])
        assert mended["written"] == ["vault/Work/Theses/Left to right.md"]
        assert len(mended["mended"]) == 1


@pytest.mark.parametrize("folder", ["data", "data/theses", "vault"])
def test_a_folder_that_is_renamed_is_told_and_nothing_counts_as_deleted(tiny: Path, folder: str) -> None:
    with watched(tiny) as watch:
        before = tree(tiny, besides=BESIDES)
        (tiny / folder).rename(tiny / "elsewhere")
        if folder == "vault":  # nobody looks into it before something is to be built
            edit(tiny / THESIS, "title: Left", "# a remark\ntitle: Left")
        gone = watch.next()
        assert (gone["status"], gone["written"], gone["removed"]) == (74, [], [])
        assert (gone["findings"][0]["path"], gone["findings"][0]["code"]) == (folder, "no-folder")
        assert not (tiny / folder).exists()
        assert watch.is_calm()
        (tiny / "elsewhere").rename(tiny / folder)
        back = watch.next()
        assert (back["status"], back["written"], len(back["mended"])) == (0, [], 1)
        edit(tiny / THESIS, "Capital leaves", "Money leaves")
        assert watch.next()["written"] == [NOTE]
        edit(tiny / THESIS, "Money leaves", "Capital leaves")
        assert watch.next()["written"] == [NOTE]
    if folder == "vault":
        edit(tiny / THESIS, "# a remark\ntitle: Left", "title: Left")
    assert tree(tiny, besides=BESIDES) == before


def test_a_workspace_that_is_gone_is_told_and_not_made_again(tiny: Path) -> None:
    with watched(tiny) as watch:
        tiny.rename(tiny.with_name("gone"))
        gone = watch.next()
        assert (gone["status"], gone["findings"][0]["code"]) == (74, "no-folder")
        assert watch.is_calm()
        assert not tiny.exists()
        tiny.with_name("gone").rename(tiny)
        assert watch.next()["status"] == 0
        assert watch.end(signal.SIGTERM) == 0


def test_a_bug_is_told_and_ends_no_watch(tiny: Path) -> None:
    bugs = iter([ZeroDivisionError("nobody foresaw this"), None, OSError(5, "Input/output error", "a/file")])

    @contextlib.contextmanager
    def stumbling() -> Iterator[Any]:
        if (bug := next(bugs)) is not None:
            raise bug
        yield silent

    now = dt.datetime(2024, 7, 1, tzinfo=dt.UTC)
    attempts = Watch(
        tiny, lambda: now, print, as_of=None, offline=True, executor="inline", progress=stumbling
    ).attempts()
    first = next(attempts)
    assert (first.status, str(first.bug)) == (70, "nobody foresaw this")
    edit(tiny / THESIS, "Capital leaves", "Money leaves")
    second = next(attempts)
    assert (second.status, second.bug, second.report.written) == (0, None, [NOTE])
    edit(tiny / THESIS, "Money leaves", "Capital leaves")
    third = next(attempts)
    assert (third.status, str(third.fresh[0])) == (74, "a/file: Input/output error. Fix it.")


def test_after_an_upgrade_nothing_is_built_by_the_old_program(tiny: Path, tmp_path: Path) -> None:
    """A copy of the program is changed while it watches."""
    here, copy = Path(__file__).resolve().parents[2], tmp_path / "copy"
    shutil.copytree(here / "generator/thesisvault", copy / "generator/thesisvault")
    for name in ("templates", "schema"):
        shutil.copytree(here / name, copy / name)
    with watching(tiny, "--json", env={"PYTHONPATH": str(copy / "generator")}) as watch:
        assert watch.next()["status"] == 0
        words = copy / "generator/thesisvault/words.py"
        words.write_text(words.read_text(encoding="utf-8") + "# another line\n", encoding="utf-8")
        before = (tiny / NOTE).read_text(encoding="utf-8")
        edit(tiny / THESIS, "Capital leaves", "Money leaves")
        assert watch.process.wait(LONG) == 2
        assert watch.error() == (
            "error: thesisvault has changed since this watch began. Start it again: thesisvault watch"
        )
        assert (tiny / NOTE).read_text(encoding="utf-8") == before


# Others -----------------------------------------------------------------------------------------------------------


def test_another_run_is_waited_for_and_may_work_between(tiny: Path) -> None:
    held = f"""
import time
from pathlib import Path
from thesisvault.vault.lock import locked
with locked(Path({str(tiny / ".thesisvault")!r}), "other"):
    print("held", flush=True)
    input()
"""
    with watched(tiny) as watch:
        command = [COMMAND[0], "-c", held]
        with subprocess.Popen(
            command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other:
            assert other.stdout is not None
            assert other.stdin is not None
            assert other.stdout.readline() == "held\n"
            edit(tiny / THESIS, "Capital leaves", "Money leaves")
            assert "another run is using this workspace" in watch.error()
            assert watch.is_calm()
            assert watch.errors.empty()
            other.stdin.write("\n")
        built = watch.next()
        assert (built["changed"], built["written"]) == ([THESIS], [NOTE])
        said = spawn("run", "--offline", "-w", tiny)
        assert said.status == 0, said
        assert watch.is_calm()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_that_is_stopped_while_it_builds_leaves_every_file_whole(tiny: Path, tmp_path: Path, number: int) -> None:
    chance = random.Random(number)
    for n in range(2):
        with watched(tiny) as watch:
            edit(tiny / "thesisvault.yaml", "as_of: 2024-06-2", f"as_of: 2024-06-{2 - n % 2}")
            text = (tiny / "thesisvault.yaml").read_text()
            time.sleep(0.1 + chance.random())
            assert watch.end(number) in (0, 130)
            assert "Traceback" not in "\n".join(watch.errors.queue)
        check_vault(tiny / "vault")
        (tiny / "thesisvault.yaml").write_text(text.replace("2024-06-18", "2024-06-28"))
    assert call("build", "-w", tiny, "--offline").status == 0
    assert_as_clean(tiny, tmp_path / "clean")


def test_started_in_the_background_it_heeds_who_ends_it(tiny: Path) -> None:
    """A shell has a job in the background ignore Ctrl-C; a supervisor still ends it without harm."""
    command = f"trap '' INT; exec {' '.join(COMMAND)} watch --offline --json -w {tiny}"
    with subprocess.Popen(["sh", "-c", command], env=environment(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["status"] == 0
            process.send_signal(signal.SIGINT)
            edit(tiny / THESIS, "Capital leaves", "Money leaves")
            assert json.loads(process.stdout.readline())["written"] == [NOTE]
            process.send_signal(signal.SIGTERM)
            assert process.wait(LONG) == 0
        finally:
            process.kill()  # a test that has failed waits for nobody


def test_many_saves_some_of_them_broken_end_in_the_vault_of_a_clean_build(tiny: Path, tmp_path: Path) -> None:
    count = int(os.environ.get("WATCH_SAVES", "30"))
    chance = random.Random(count)
    path, assets, settings = tiny / THESIS, tiny / "data/instruments.yaml", tiny / "thesisvault.yaml"
    texts = {each: each.read_text(encoding="utf-8") for each in (path, assets, settings)}
    concept = tiny / "data/theses/rotation.yaml"
    whole = concept.read_text(encoding="utf-8")
    with watched(tiny) as watch:
        for n in range(count):
            kind = chance.choice(("thesis", "asset", "day", "broken", "gone", "prices"))
            if kind == "thesis":
                save(path, texts[path].replace("Capital leaves", f"In {n} words, capital leaves"))
            elif kind == "broken":
                path.write_text(texts[path].replace("hold: [AAA]", "hold: [AAA"), encoding="utf-8")
            elif kind == "asset":
                assets.write_text(texts[assets].replace("Makes ladders", f"Makes {n} ladders"), encoding="utf-8")
            elif kind == "day":
                settings.write_text(texts[settings].replace("06-28", f"06-{chance.randint(24, 28)}"))
            elif kind == "gone":
                concept.unlink() if concept.exists() else concept.write_text(whole, encoding="utf-8")
            else:
                (tiny / "prices/BBB.csv").touch()
            time.sleep(chance.choice((0, 0.02, 0.3, 1.0)))
        concept.write_text(whole, encoding="utf-8")
        save(path, texts[path].replace("Capital leaves", "At last capital leaves"))
        watch.until("At last capital leaves")
        assert watch.is_calm()
    assert_as_clean(tiny, tmp_path / "clean")

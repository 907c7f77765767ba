"""Who makes the notes decides how long a build takes and nothing else; whoever is lost costs time and nothing else."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.stories.workspaces import COMMAND, FILES, Said, call, edit, make_tiny, tree, unmeasured
from thesisvault.runs.engine.engine import Engine
from thesisvault.runs.engine.kept import Kept, read_kept
from thesisvault.runs.engine.leaves import Leaves
from thesisvault.runs.engine.recipe import recipe_of
from thesisvault.runs.executors import cluster, processes
from thesisvault.runs.executors.choice import address_of, executor_for
from thesisvault.runs.executors.orders import Order, Plan, packed, refused
from thesisvault.runs.executors.version import own_version
from thesisvault.runs.executors.worker import NO_WORKSPACE, OTHER_CODE, answer
from thesisvault.runs.steps.ahead import Ahead
from thesisvault.runs.steps.claimed import ClaimBook
from thesisvault.runs.steps.composing import planned_notes
from thesisvault.runs.steps.usage import usages
from thesisvault.session import Session
from thesisvault.structs import replace

psutil = pytest.importorskip("psutil", reason="comes with Dask, which is not installed")
pytest.importorskip("distributed", reason="Dask is not installed")

THESES = 10
LONG = 60.0
"""Seconds after which something that was waited for is taken to be never coming."""
NEVER = "dask://127.0.0.1:9"


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace of a dozen theses with charts, its prices stored and nothing built."""
    root = make_tiny(tmp_path_factory.mktemp("executors") / "ws")
    for n in range(THESES):
        text = FILES["data/theses/left-to-right.yaml"].replace("title: Left to right", f"title: Turn {n}")
        (root / f"data/theses/turn-{n}.yaml").write_text(text.replace("aliases: [The turn]\n", ""), "utf-8")
    assert call("refresh", "-w", root).status == 0
    return root


@pytest.fixture(scope="module")
def right(stored: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return what a build in one process makes of it."""
    root = copied(stored, tmp_path_factory.mktemp("inline"))
    said = call("build", "-w", root, "--offline", "--executor", "inline")
    assert said.status == 0, said
    assert list((root / "vault/attachments").glob("*.png"))
    return Built(root, said)


class Built:
    """What a build made and said."""

    def __init__(self, root: Path, said: Said) -> None:
        self.vault, self.said = tree(root / "vault"), said
        self.memory = (root / "data/notes.yaml").read_bytes() if (root / "data/notes.yaml").is_file() else b""
        kept = read_kept(root / ".thesisvault")
        bodies = {key: replace(note.body, writing=None) for key, note in kept.notes.items()}
        bare = {key: replace(note, merged=None, packed_body=b"") for key, note in kept.notes.items()}
        notes = bare, bodies  # without what is of this run alone
        self.made = notes, kept.facts, kept.prices, kept.recipe

    def is_as(self, other: Built) -> None:
        """Check that another build made and said the same."""
        assert self.vault == other.vault
        assert (self.memory, self.made) == (other.memory, other.made)
        assert (self.said.status, self.said.out) == (other.said.status, other.said.out)


def copied(root: Path, folder: Path) -> Path:
    return Path(shutil.copytree(root, folder / "ws"))


@contextlib.contextmanager
def running(*words: str | Path, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """Give a process in a group of its own; whatever is left of the group is ended."""
    process = subprocess.Popen(
        list(map(str, words)),
        env=env or unmeasured(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # it may be ignored where the tests run
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def building(root: Path, executor: str) -> contextlib.AbstractContextManager[subprocess.Popen[str]]:
    return running(*COMMAND, "build", "-w", root, "--offline", "--executor", executor)


def ended(process: subprocess.Popen[str]) -> Said:
    out, err = process.communicate(timeout=LONG * 2)
    return Said(process.returncode, out, err)


def waited_for(happens: Callable[[], Any]) -> Any:
    """Return what a function finds, once it finds something."""
    until = time.monotonic() + LONG
    while time.monotonic() < until:
        if found := happens():
            return found
        time.sleep(0.02)
    raise AssertionError(f"it never happened: {happens}")


def at_work(root: Path, candidates: Callable[[], list[Any]]) -> list[Any]:
    """Return the processes that have the store of a workspace open: a worker is in the middle of an order then."""
    found = []
    for process in candidates():
        with contextlib.suppress(psutil.Error):
            if any(str(root) in each.path for each in process.open_files()):
                found.append(process)
    return found


def children(process: subprocess.Popen[str]) -> list[Any]:
    with contextlib.suppress(psutil.Error):
        return list(psutil.Process(process.pid).children(recursive=True))
    return []


def are_gone(processes: list[Any]) -> bool:
    return not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in processes)


# Processes ------------------------------------------------------------------------------------------------------------


def test_processes_make_the_same_bytes(stored: Path, right: Built, tmp_path: Path) -> None:
    root = copied(stored, tmp_path)
    said = call("build", "-w", root, "--offline", "--executor", "processes")
    Built(root, said).is_as(right)
    assert "worker" not in said.all
    again = call("build", "-w", root, "--offline", "--executor", "inline")
    assert "all up to date" in again.out
    clean = call("build", "-w", root, "--offline", "--executor", "processes", "--clean", "--check")
    assert clean.status == 0, clean


def test_work_of_processes_is_used(stored: Path, tmp_path: Path) -> None:
    engine, told = ahead(copied(stored, tmp_path), lambda: None)
    assert told == []
    assert len(engine.ahead) == THESES + 5  # all but home and those that show or count the claims of others
    assert sum(len(each.pictures) for each in engine.ahead.values()) > THESES


def test_of_a_worker_that_sees_something_else_nothing_is_taken(stored: Path, tmp_path: Path) -> None:
    root = copied(stored, tmp_path)
    engine, told = ahead(root, lambda: edit(root / "data/theses/turn-3.yaml", "Left is back", "Left came back"))
    assert "turn-3" not in engine.ahead
    assert "turn-4" in engine.ahead
    assert [each.code for each in told] == ["worker"]
    assert 'definition "turn-3"' in told[0].problem


def test_of_a_worker_with_other_settings_nothing_is_taken(stored: Path, tmp_path: Path) -> None:
    root = copied(stored, tmp_path)
    engine, told = ahead(root, lambda: edit(root / "thesisvault.yaml", "benchmark: MKT", "benchmark: AAA"))
    assert engine.ahead == {}
    assert "other settings" in told[0].problem


def ahead(root: Path, meanwhile: Callable[[], None]) -> tuple[Engine, list[Any]]:
    """Return what processes make for a run, after something happened that the run has not seen."""
    session = Session(root, dt.datetime(2024, 7, 1, tzinfo=dt.UTC))
    library, day = session.sound_library(), dt.date(2024, 6, 28)
    used = usages(library)
    with session.store(create=False) as store:
        scope = session.scope(store, day)
        engine = Engine(Kept(), library, scope, Leaves(library, scope.market, used, {}), recipe_of(session, day))
        meanwhile()
        planned = planned_notes(library, used, {}, ClaimBook(library))
        never, always = (lambda _: False), (lambda _: True)
        with Ahead(engine, planned, {}, never, always, session, day, "processes") as made:
            for note in planned:
                made.wait_for(note.id)
    return engine, made.findings()


def test_a_process_that_is_killed_costs_its_work_only(stored: Path, right: Built, tmp_path: Path) -> None:
    root = copied(stored, tmp_path)
    with building(root, "processes") as process:
        waited_for(partial(at_work, root, lambda: children(process)))[0].kill()
        said = ended(process)
    assert said.err == right.said.err
    Built(root, said).is_as(right)


def test_where_every_process_is_killed_the_work_is_done_at_home(stored: Path, right: Built, tmp_path: Path) -> None:
    root = copied(stored, tmp_path)
    killed = set()
    with building(root, "processes") as process:
        while process.poll() is None:
            for each in at_work(root, lambda: children(process)):
                with contextlib.suppress(psutil.Error):
                    each.kill()
                    killed.add(each.pid)
            time.sleep(0.01)
        said = ended(process)
    assert len(killed) > 2
    Built(root, said).is_as(right)


def test_ctrl_c_leaves_no_process_and_no_word_but_one(stored: Path, tmp_path: Path) -> None:
    root = copied(stored, tmp_path)
    with building(root, "processes") as process:
        waited_for(partial(at_work, root, lambda: children(process)))
        workers = children(process)
        os.killpg(process.pid, signal.SIGINT)
        said = ended(process)
    assert said.status == 130
    assert said.err.splitlines()[-1] == "interrupted; what was written is whole, the rest is as it was."
    assert "Traceback" not in said.all
    waited_for(lambda: are_gone(workers))
    assert not (root / "vault").exists()


def test_processes_end_when_the_run_is_killed(stored: Path, right: Built, tmp_path: Path) -> None:
    root = copied(stored, tmp_path)
    with building(root, "processes") as process:
        waited_for(partial(at_work, root, lambda: children(process)))
        workers = children(process)
        process.kill()
        waited_for(lambda: are_gone(workers))
    said = call("build", "-w", root, "--offline")
    Built(root, said).is_as(right)


def test_what_cannot_be_made_is_told_as_by_one_process(stored: Path, tmp_path: Path) -> None:
    root = copied(stored, tmp_path)
    (root / ".thesisvault/series.map").unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(root / "data/market/store.sqlite")) as store, store:
        store.execute("UPDATE pack SET close = zeroblob(length(close))")
    said = [call("build", "-w", root, "--offline", "--executor", each) for each in ("inline", "processes")]
    assert said[0] == said[1]
    assert said[0].status == 74
    assert "Traceback" not in said[0].all
    assert not (root / "vault").exists()


# Dask -----------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def scheduler(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Give a Dask scheduler on this machine, and its host and port."""
    file = folder / "scheduler.json"
    words = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show", "--scheduler-file", file)
    with running(sys.executable, "-m", "distributed.cli.dask_scheduler", *words) as process:
        waited_for(lambda: file.is_file() and file.read_text())
        yield process, json.loads(file.read_text())["address"].removeprefix("tcp://")


def worker(address: str, **env: str) -> contextlib.AbstractContextManager[subprocess.Popen[str]]:
    words = (f"tcp://{address}", "--nthreads", "1", "--no-nanny", "--no-dashboard")
    return running(sys.executable, "-m", "distributed.cli.dask_worker", *words, env={**unmeasured(), **env})


def test_two_workers_make_the_same_bytes(stored: Path, right: Built, tmp_path: Path) -> None:
    root = copied(stored, tmp_path)
    with scheduler(tmp_path) as (_, address), worker(address), worker(address):
        said = call("build", "-w", root, "--offline", "--executor", f"dask://{address}")
        Built(root, said).is_as(right)
        assert "worker" not in said.all
        # The same workers, another build over other definitions.
        edit(root / "data/theses/turn-3.yaml", "means: it holds", "means: it goes on")
        said = call("build", "-w", root, "--offline", "--executor", f"dask://{address}")
        assert "wrote 1 file," in said.out, said
        assert call("build", "-w", root, "--offline", "--clean", "--check").status == 0


def test_a_worker_that_is_killed_costs_its_work_only(stored: Path, right: Built, tmp_path: Path) -> None:
    root = copied(stored, tmp_path)
    with scheduler(tmp_path) as (_, address), worker(address) as first, worker(address) as second:
        workers = [psutil.Process(each.pid) for each in (first, second)]
        with building(root, f"dask://{address}") as process:
            waited_for(partial(at_work, root, lambda: workers))[0].kill()
            said = ended(process)
    assert said.err == right.said.err
    Built(root, said).is_as(right)


def test_a_scheduler_that_is_killed_ends_the_build_and_leaves_the_vault(
    stored: Path, right: Built, tmp_path: Path
) -> None:
    root = copied(stored, tmp_path)
    with (
        scheduler(tmp_path) as (lost, address),
        worker(address) as one,
        building(root, f"dask://{address}") as process,
    ):
        waited_for(partial(at_work, root, lambda: [psutil.Process(one.pid)]))
        lost.kill()
        said = ended(process)
    assert said.status == 69, said
    assert said.err.splitlines()[-2:] == [
        f"error: the Dask scheduler at {address} was lost. Start it again, or build without it: --executor processes",
        "Nothing was written.",
    ]
    assert "Traceback" not in said.all
    assert not (root / "vault").exists()
    Built(root, call("build", "-w", root, "--offline")).is_as(right)


def test_a_worker_of_another_version_makes_no_note(stored: Path, right: Built, tmp_path: Path) -> None:
    import thesisvault

    root, other = copied(stored, tmp_path), tmp_path / "other"
    shutil.copytree(Path(thesisvault.__file__).parent, other / "thesisvault")
    # What it would make is not what this version makes.
    made = "    return Sheet(replace(view, tags=('other',)), "
    edit(other / "thesisvault/runs/engine/engine.py", "    return Sheet(view, ", made)
    with scheduler(tmp_path) as (_, address), worker(address, PYTHONPATH=str(other)):
        said = call("build", "-w", root, "--offline", "--all", "--executor", f"dask://{address}")
    assert "it runs another version of thesisvault" in said.err
    assert tree(root / "vault") == right.vault


def test_a_worker_that_does_not_reach_the_workspace_makes_no_note(tmp_path: Path) -> None:
    day = dt.date(2024, 6, 28)
    plan = Plan("one", tmp_path / "nowhere", dt.datetime(2024, 7, 1, tzinfo=dt.UTC), day, "", clean=False)
    order = packed(Order(plan, ("turn-1",), frozenset(), {}))
    assert refused(answer(order, own_version())) == NO_WORKSPACE
    assert refused(answer(order, "another")) == OTHER_CODE


def test_a_wrong_address_is_told(stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = copied(stored, tmp_path)
    monkeypatch.setattr(cluster, "_CONNECT", 1.0)
    said = call("build", "-w", root, "--offline", "--executor", NEVER)
    assert said.status == 69
    assert "no Dask scheduler answers at 127.0.0.1:9 within 1 seconds. Start one: dask scheduler" in said.err
    assert "Nothing was written." in said.err
    assert not (root / "vault").exists()


def test_a_scheduler_without_workers_is_told(stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = copied(stored, tmp_path)
    with scheduler(tmp_path) as (_, address):
        monkeypatch.setattr(cluster, "_CONNECT", 2.0)
        said = call("build", "-w", root, "--offline", "--executor", f"dask://{address}")
    assert said.status == 69
    assert f"has no worker. Start one: dask worker --nthreads 1 tcp://{address}" in said.err


def test_without_the_library_it_is_told_what_to_install(
    stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = copied(stored, tmp_path)
    monkeypatch.setitem(sys.modules, "distributed", None)
    said = call("build", "-w", root, "--offline", "--executor", NEVER)
    assert said.status == 2
    assert 'pip install "thesisvault[dask]"' in said.err


# The choice -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["proceses", "dask://", "dask://desk", "dask://desk:0", "dask://desk:70000", "ray"])
def test_an_executor_that_is_none_is_told_before_anything_is_done(stored: Path, tmp_path: Path, word: str) -> None:
    root = copied(stored, tmp_path)
    for command in ("build", "run"):
        said = call(command, "-w", root, "--offline", "--executor", word)
        assert said.status == 2
        assert f'--executor: "{word}" is not known.' in said.err
    assert not (root / "vault").exists()


def test_processes_are_chosen_where_they_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    assert executor_for("auto", 50) is None
    assert executor_for("inline", 10**6) is None
    assert executor_for("processes", 0) is None
    assert len(executor_for("processes", 1) or ()) == 1
    for number, fewest in ((2, 400), (8, 229)):
        monkeypatch.setattr(processes, "cores", lambda number=number: number)
        assert executor_for("auto", fewest - 1) is None
        assert len(executor_for("auto", fewest) or ()) == number
    monkeypatch.setattr(processes, "cores", lambda: 1)
    assert executor_for("auto", 10**6) is None
    assert address_of("dask://[::1]:8786") == "[::1]:8786"

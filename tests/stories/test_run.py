"""What `run` leaves behind: a result, a log, events, and the commands that it calls."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.stories.workspaces import Said, call, edit, spawn
from thesisvault.runs import hooks
from thesisvault.runs.log import FILE, LARGEST, OLD
from thesisvault.runs.result import RunResult, recall, remember
from thesisvault.workspace import workspace_at

THESIS = "data/theses/left-to-right.yaml"


@pytest.fixture(autouse=True)
def own_config(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's configuration that no other test knows."""
    folder = str(tmp_path_factory.mktemp("config"))
    for name in ("XDG_CONFIG_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, folder)


def run(root: Path, *words: str) -> Said:
    return call("run", "-w", root, *words)


def log(root: Path) -> str:
    return (root / ".thesisvault" / FILE).read_text("utf-8")


def hook(root: Path, name: str, code: str, *, allowed: bool = True) -> Path:
    """Set a command that runs some Python; return the file that it may write its report to."""
    report = root.parent / f"{name}.json"
    (root.parent / f"{name}.py").write_text(f"import sys, pathlib, time, os\nreport = {str(report)!r}\n{code}\n")
    settings = root / "thesisvault.yaml"
    words = json.dumps([sys.executable, str(root.parent / f"{name}.py")])
    settings.write_text(settings.read_text("utf-8") + f"{name}: {words}\n", "utf-8")
    if allowed:
        assert call("schedule", "allow", "-w", root).status == 0
    return report


KEEP = "pathlib.Path(report).write_bytes(sys.stdin.buffer.read())"


# Result and log -------------------------------------------------------------------------------------------------------


def test_each_run_adds_a_block_to_the_log_that_says_what_it_did(tiny: Path) -> None:
    edit(tiny / THESIS, "title: Left to right", "title: Left and right")
    assert run(tiny).status == 0
    assert run(tiny).status == 0
    first, second = log(tiny).strip().split("\n\n")
    assert "UTC  good, exit status 0, " in first
    assert "  wrote vault/Home.md" in first.splitlines()
    assert " files checked, all up to date; 1 warning." in second
    assert not [line for line in second.splitlines() if line.startswith("  wrote")]


def test_a_run_that_failed_is_logged_with_what_went_wrong_and_where(tiny: Path) -> None:
    edit(tiny / THESIS, "opened: 2024-01-03", "opened: someday")
    said = run(tiny)
    assert said.status == 2
    block = log(tiny)
    assert "UTC  failed, exit status 2, " in block
    assert block.count(f"{THESIS}:4:9") == 1
    last = recall(workspace_at(tiny)).last
    assert last is not None
    assert any(THESIS in line for line in last.wrong)
    assert [each.kind for each in last.events] == ["failed"]


def test_the_log_stays_below_its_size_and_keeps_a_few_old_ones(tiny: Path) -> None:
    path = tiny / ".thesisvault" / FILE
    for number in range(OLD + 3):
        path.parent.mkdir(exist_ok=True)
        path.write_text("x" * (LARGEST - 1) + f"{number}\n")
        run(tiny)
    names = sorted(each.name for each in path.parent.glob(f"{FILE}*"))
    assert names == [FILE, *(f"{FILE}.{n}" for n in range(1, OLD + 1))]
    assert (path.parent / f"{FILE}.1").read_text()[-2] == str(OLD + 2)
    assert path.stat().st_size < LARGEST


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no links and pipes")
@pytest.mark.parametrize("how", ["link", "pipe", "folder"])
def test_what_stands_in_the_place_of_the_log_is_left_alone(tiny: Path, how: str) -> None:
    path, other = tiny / ".thesisvault" / FILE, tiny.parent / "other"
    other.write_text("mine")
    path.unlink(missing_ok=True)
    {"link": lambda: path.symlink_to(other), "pipe": lambda: os.mkfifo(path), "folder": path.mkdir}[how]()
    assert run(tiny).status == 0
    assert other.read_text() == "mine"


def test_a_run_without_news_counts_as_good(tiny: Path) -> None:
    assert run(tiny).status == 0
    assert "all up to date" in run(tiny).out
    known = recall(workspace_at(tiny))
    assert known.last == known.last_good
    assert known.last is not None
    assert (known.last.is_good, known.last.written) == (True, ())


# Events -----------------------------------------------------------------------------------------------------------


def test_a_crossed_kill_line_and_a_changed_verdict_are_events(tiny: Path) -> None:
    edit(tiny / THESIS, "ret(sell, '60d') > ret(buy, '60d')", "ret(sell, '60d') > 0.9")
    assert run(tiny).status == 0
    edit(tiny / THESIS, "ret(sell, '60d') > 0.9", "ret(sell, '60d') > -0.9")
    edit(tiny / THESIS, "at_least: 100%", "at_least: -90%")
    told = json.loads(run(tiny, "--json").out)["events"]
    assert told == [
        {
            "kind": "kill-line",
            "thesis": "left-to-right",
            "says": 'Left to right: the exit signal "Left is back" went from clear to triggered.',
        },
        {
            "kind": "verdict",
            "thesis": "left-to-right",
            "says": 'Left to right: "Badger doubled this year" was contradicted, is confirmed.',
        },
    ]
    assert 'the exit signal "Left is back" went from clear to triggered.' in log(tiny)
    assert json.loads(run(tiny, "--json").out)["events"] == []


def test_an_event_of_a_run_that_could_not_end_is_told_by_the_next(tiny: Path) -> None:
    assert run(tiny).status == 0
    edit(tiny / THESIS, "at_least: 100%", "at_least: -90%")
    call("build", "-w", tiny)
    (tiny / "vault" / "Home.md").unlink()
    edit(tiny / THESIS, "title: Left to right", "title: Left and right")
    assert [each["kind"] for each in json.loads(run(tiny, "--json").out)["events"]] == ["verdict"]


# Hooks ------------------------------------------------------------------------------------------------------------


def test_a_change_and_a_failure_call_their_commands_with_the_report(tiny: Path) -> None:
    changed, failed = hook(tiny, "on_change", KEEP), hook(tiny, "on_failure", KEEP)
    edit(tiny / THESIS, "title: Left to right", "title: Left and right")
    assert run(tiny).status == 0
    told = json.loads(changed.read_bytes())
    assert (told["command"], told["status"], told["good"]) == ("run", 0, True)
    assert "vault/Home.md" in told["written"]
    assert not failed.exists()
    changed.unlink()
    assert run(tiny).status == 0
    assert not changed.exists(), "nothing had changed"
    edit(tiny / THESIS, "opened: 2024-01-03", "opened: someday")
    assert run(tiny).status == 2
    told = json.loads(failed.read_bytes())
    assert (told["status"], told["good"], told["written"]) == (2, False, [])
    assert told["events"][0]["kind"] == "failed"
    assert THESIS in told["events"][0]["says"]
    assert not changed.exists()


def test_no_command_runs_that_nobody_has_allowed_here(tiny: Path) -> None:
    report = hook(tiny, "on_change", KEEP, allowed=False)
    edit(tiny / THESIS, "title: Left to right", "title: Left and right")
    said = run(tiny)
    assert said.status == 0
    assert "on_change: nothing was called: nobody has allowed these commands on this machine." in said.err
    assert "thesisvault schedule allow" in said.err
    assert not report.exists()


def test_consent_holds_for_the_very_words_the_files_and_the_place(tiny: Path) -> None:
    script = tiny / "notify.sh"
    script.write_text("echo one\n")
    settings = tiny / "thesisvault.yaml"
    settings.write_text(settings.read_text() + "on_change: sh notify.sh\n")
    words = {"on_change": ("sh", "notify.sh")}
    said = call("schedule", "allow", "-w", tiny, "--dry")
    assert said.out == "on_change: sh notify.sh\nwould allow this.\n"
    assert not hooks.is_allowed(tiny, words)
    assert "allowed on this machine" in call("schedule", "allow", "-w", tiny).out
    assert "allowed already" in call("schedule", "allow", "-w", tiny).out
    assert hooks.is_allowed(tiny, words)
    assert not hooks.is_allowed(tiny, {"on_change": ("sh", "notify.sh", "-x")})
    assert not hooks.is_allowed(tiny, {"on_failure": ("sh", "notify.sh")})
    assert not hooks.is_allowed(tiny.parent, words)
    script.write_text("echo two\n")
    assert not hooks.is_allowed(tiny, words)
    assert call("schedule", "allow", "-w", tiny).status == 0
    assert "taken back" in call("schedule", "allow", "-w", tiny, "--withdraw").out
    assert not hooks.is_allowed(tiny, words)


def test_a_failure_of_the_settings_themselves_is_told_to_the_allowed_command(tiny: Path) -> None:
    failed = hook(tiny, "on_failure", KEEP)
    settings = tiny / "thesisvault.yaml"
    settings.write_text(settings.read_text() + "benchmrk: MKT\n")
    assert run(tiny).status == 2
    assert "benchmrk" in json.loads(failed.read_bytes())["events"][0]["says"]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("sys.exit('no such mailbox')", "ended with exit status 1: no such mailbox"),
        ("os.kill(os.getpid(), 9)", "was ended by signal 9"),
    ],
)
def test_a_command_that_fails_is_told_and_changes_nothing(tiny: Path, code: str, told: str) -> None:
    hook(tiny, "on_change", code)
    edit(tiny / THESIS, "title: Left to right", "title: Left and right")
    said = run(tiny)
    assert said.status == 0
    assert told in said.err
    assert told in log(tiny)
    assert recall(workspace_at(tiny)).last_good is not None


def test_a_failure_that_a_schedule_tries_again_is_told_once(tiny: Path) -> None:
    count = tiny.parent / "count"
    hook(tiny, "on_failure", f"open({str(count)!r}, 'a').write('x')")
    edit(tiny / THESIS, "opened: 2024-01-03", "opened: someday")
    for _ in range(3):
        assert call("run", "-w", tiny, "--due", "close+45m").status == 2
    assert count.read_text() == "x"
    assert run(tiny).status == 2  # by hand
    assert count.read_text() == "xx"
    path = tiny / ".thesisvault/run.json"
    kept = json.loads(path.read_bytes())
    for name in ("began", "ended"):  # the session before
        moment = dt.datetime.fromisoformat(kept["last"][name])
        kept["last"][name] = (moment - dt.timedelta(hours=15)).isoformat()
    path.write_text(json.dumps(kept))
    assert call("run", "-w", tiny, "--due", "close+45m").status == 2
    assert count.read_text() == "xxx"


def test_a_command_that_is_not_there_is_told(tiny: Path) -> None:
    found = hooks.call_hook(tiny, "on_change", ["no-such-program"], b"{}")
    assert found is not None
    assert "no-such-program cannot be started: no such file or directory" in str(found)


def test_a_command_that_never_ends_is_stopped_with_its_children(tiny: Path) -> None:
    mark = tiny.parent / "mark"
    child = f"import time, pathlib; time.sleep(3); pathlib.Path({str(mark)!r}).touch()"
    code = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)"
    found = hooks.call_hook(tiny, "on_change", [sys.executable, "-c", code], b"{}", limit=1.0)
    assert found is not None
    assert "did not end within 1 s and was stopped" in str(found)
    time.sleep(3)
    assert not mark.exists()


def test_a_command_has_the_environment_that_the_run_was_given(tiny: Path) -> None:
    code = "pathlib.Path(report).write_text('\\n'.join(f'{n}={v}' for n, v in sorted(os.environ.items())))"
    report = hook(tiny, "on_change", code)
    edit(tiny / THESIS, "title: Left to right", "title: Left and right")
    told = ("OPENBLAS_NUM_THREADS", "PYDANTIC_DISABLE_PLUGINS")
    for given in ({"OPENBLAS_NUM_THREADS": "3", "PYDANTIC_DISABLE_PLUGINS": "none"}, {}):
        edit(tiny / THESIS, "title: Left and right", f"title: Left and right {len(given)}")
        environment = {name: value for name, value in os.environ.items() if name not in told} | given
        words = [sys.executable, "-m", "thesisvault", "run", "-w", str(tiny)]
        assert subprocess.run(words, env=environment, check=False, capture_output=True).returncode == 0
        got = dict(line.split("=", 1) for line in report.read_text().splitlines() if "=" in line)
        assert {name: got.get(name) for name in told} == {name: given.get(name) for name in told}
        edit(tiny / THESIS, f"title: Left and right {len(given)}", "title: Left and right")


def test_a_run_inside_of_a_command_calls_no_command(tiny: Path) -> None:
    count = tiny.parent / "count"
    code = f"open({str(count)!r}, 'a').write('x')\nimport subprocess\n"
    code += f"subprocess.run([sys.executable, '-m', 'thesisvault', 'run', '-w', {str(tiny)!r}])"
    hook(tiny, "on_failure", code)
    edit(tiny / THESIS, "opened: 2024-01-03", "opened: someday")
    assert spawn("run", "-w", tiny).status == 2
    assert count.read_text() == "x"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("git commit -am x && git push", "no shell reads this command; if it needs one, write [sh, -c, 'git commit"),
        ("mail -s 'x", "a quotation mark is not closed"),
        ("notify > log", "no shell reads this command"),
        ("notify $HOME", "no shell reads this command"),
        ("''", "the first word of on_change is empty; expected a command"),
        ("[]", "on_change"),
    ],
)
def test_a_command_that_cannot_be_run_is_an_error_with_a_remedy(tiny: Path, typed: str, told: str) -> None:
    settings = tiny / "thesisvault.yaml"
    settings.write_text(settings.read_text() + f"on_change: {json.dumps(typed) if typed != '[]' else typed}\n")
    said = call("check", "-w", tiny)
    assert said.status == 2
    assert told in said.all


# Time -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ctrl_c", [signal.SIG_DFL, signal.SIG_IGN], ids=["heard", "ignored, as in the background"])
def test_a_run_ends_at_its_limit_and_leaves_everything_whole(tiny: Path, ctrl_c: signal.Handlers) -> None:
    settings = tiny / "thesisvault.yaml"
    settings.write_text(settings.read_text() + "run_limit: 1ms\n")
    before = signal.signal(signal.SIGINT, ctrl_c)  # a process that is started inherits that it is ignored
    try:
        said = spawn("run", "-w", tiny)
    finally:
        signal.signal(signal.SIGINT, before)
    assert said.status == 124
    assert "the run took longer than its run_limit of 1ms and was ended" in said.err
    last = recall(workspace_at(tiny)).last
    assert last is not None
    assert last.status == 124
    settings.write_text(settings.read_text().replace("run_limit: 1ms\n", ""))
    assert spawn("run", "-w", tiny).status == 0


# Proof ------------------------------------------------------------------------------------------------------------


def test_a_note_that_another_program_puts_back_makes_the_run_fail(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(tiny).status == 0
    home = tiny / "vault" / "Home.md"
    old = home.read_text("utf-8").replace("as_of: 2024-06-28", "as_of: 2024-06-27")

    from thesisvault.runs import run as module

    real = module.check_vault

    def restored(session):
        home.write_text(old, "utf-8")
        return real(session)

    monkeypatch.setattr(module, "check_vault", restored)
    said = run(tiny)
    assert said.status == 6
    assert "vault/Home.md: it bears 27 Jun 2024 after a run with data up to 28 Jun 2024" in said.err
    known = recall(workspace_at(tiny))
    assert known.last is not None
    assert known.last_good is not None
    assert known.last.status == 6
    monkeypatch.undo()
    assert run(tiny).status == 0


def test_a_day_that_a_person_wrote_into_a_note_is_no_failure(tiny: Path) -> None:
    assert run(tiny).status == 0
    edit(tiny / "vault" / "Home.md", "as_of: 2024-06-28", "as_of: 2024-06-01")
    assert run(tiny).status == 0


# Again ------------------------------------------------------------------------------------------------------------


def test_a_run_waits_until_sources_that_refused_may_be_asked_again(tiny: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    hour = dt.timedelta(hours=1)
    remember(workspace_at(tiny), RunResult(now, now, 5, "", again_at=now + hour))
    assert run(tiny, "--due", "close+45m").all == ""
    told = json.loads(run(tiny, "--due", "close+45m", "--json").out)
    assert told["due"] is False
    assert abs(dt.datetime.fromisoformat(told["next"]) - now - hour) < dt.timedelta(seconds=2)
    remember(workspace_at(tiny), RunResult(now - hour, now - hour, 5, "", again_at=now - hour / 2))
    assert "As of 28 Jun 2024" in run(tiny, "--due", "close+45m").out

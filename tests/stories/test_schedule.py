"""A schedule from its first day to its last: put in, looked at, edited by a person, moved away from, taken out."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.workspaces import call, edit, environment, make_tiny, spawn
from thesisvault.runs.result import RunResult, recall, remember
from thesisvault.workspace import workspace_at

OTHERS = "MAILTO=me@example.com\n0 5 * * 1 tar -zcf /var/backups/home.tgz /home/\n"

# Stands for the crontab of the person, which a test must not touch; the last test uses the real one.
CRONTAB = """\
#!/bin/sh
case "$1" in
    -l) [ -e "$LIST" ] && exec cat "$LIST"; echo "no crontab for me" >&2; exit 1 ;;
    -) exec cat > "$LIST" ;;
esac
"""
SYSTEMCTL = """\
#!/bin/sh
echo offline
exit 1
"""


@pytest.fixture
def crontab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with cron and no systemd; the file that holds the person's crontab."""
    programs, held = tmp_path / "programs", tmp_path / "crontab"
    programs.mkdir()
    for name, text in (("crontab", CRONTAB), ("systemctl", SYSTEMCTL)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("LIST", str(held))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(sys, "platform", "linux")
    held.write_text(OTHERS)
    return held


@pytest.fixture
def ws(tmp_path: Path) -> Path:
    return make_tiny(tmp_path / "my theses")


def problems(root: Path) -> set[str]:
    """Return the codes of what `status` finds, without that no cron daemon runs where tests do."""
    said = call("schedule", "status", "--workspace", root, "--json")
    found = {each["code"] for each in json.loads(said.out)["findings"]}
    assert said.status == bool(found)
    return found - {"schedule-idle"}


def test_installing_shows_what_it_writes_and_a_second_time_writes_nothing(crontab: Path, ws: Path) -> None:
    shown = call("schedule", "show", "--workspace", ws)
    dry = call("schedule", "install", "--workspace", ws, "--dry")
    assert crontab.read_text() == OTHERS
    assert shown.out in dry.out
    said = call("schedule", "install", "--workspace", ws)
    assert shown.out in said.out
    assert f"crontab:\n  # {said.out.split()[2].rstrip(':')} begins\n" in said.out
    once = crontab.read_text()
    assert once.startswith(OTHERS)
    assert all(line.removeprefix("  ") in once for line in shown.out.splitlines()[3:])
    again = call("schedule", "install", "--workspace", ws)
    assert again.out.endswith("is installed as it should be; nothing was written.\n")
    assert crontab.read_text() == once


def test_other_times_replace_the_entry_of_this_workspace_alone(crontab: Path, ws: Path, tmp_path: Path) -> None:
    other = make_tiny(tmp_path / "elsewhere" / "my theses")
    call("schedule", "install", "--workspace", ws)
    first = crontab.read_text()
    call("schedule", "install", "--workspace", other)
    both = crontab.read_text()
    assert both.startswith(first)
    said = call("schedule", "install", "--workspace", ws, "--at", "17:30", "--tz", "America/New_York")
    assert said.status == 0, said
    assert crontab.read_text().endswith(both.removeprefix(first))
    assert crontab.read_text().startswith(OTHERS)
    assert "--due '17:30 America/New_York'" in crontab.read_text()
    for root in (ws, other):
        assert call("schedule", "remove", "--workspace", root).status == 0
    assert crontab.read_text() == OTHERS


def test_an_entry_that_a_person_edited_is_left_alone_unless_they_say_so(crontab: Path, ws: Path) -> None:
    call("schedule", "install", "--workspace", ws)
    edit(crontab, "* * * ", "* * 1-5 ")
    edited = crontab.read_text()
    for words in (("install", "--after", "close+2h"), ("install", "--dry"), ("remove",)):
        said = call("schedule", *words, "--workspace", ws)
        assert said.status == 2
        assert "was edited by hand, and is left alone. To " in said.err
        assert said.err.splitlines()[0].endswith("--force")
        assert crontab.read_text() == edited
    assert problems(ws) == {"schedule-edited"}
    assert call("schedule", "remove", "--workspace", ws, "--force").status == 0
    assert crontab.read_text() == OTHERS


def test_status_tells_the_last_good_run_the_last_try_and_the_next(crontab: Path, ws: Path) -> None:
    assert problems(ws) == {"schedule-none"}
    call("schedule", "install", "--workspace", ws)
    assert problems(ws) == set()
    assert call("run", "--workspace", ws).status == 0
    said = call("schedule", "status", "--workspace", ws)
    lines = dict(line.split("  ", 1) for line in said.out.splitlines())
    assert ", good. As of 28 Jun 2024: wrote " in lines["Last good run"]
    assert lines["Last try"].strip() == "the same"
    assert "for the session of" in lines["Next"]
    assert problems(ws) == set()
    edit(ws / "data/theses/rotation.yaml", "title:", "titel:")
    assert call("run", "--workspace", ws).status == 2
    said = call("schedule", "status", "--workspace", ws)
    assert ", good. As of 28 Jun 2024" in said.out
    assert (
        'failed: wrong usage or invalid definitions. error: data/theses/rotation.yaml:1:1: unknown key "titel"'
        in said.out
    )
    assert problems(ws) == {"schedule-failed"}


def test_status_tells_of_a_run_that_is_at_work_and_of_one_that_was_killed(crontab: Path, ws: Path) -> None:
    call("schedule", "install", "--workspace", ws)
    assert call("run", "--workspace", ws).status == 0

    def last_try() -> str:
        said = call("schedule", "status", "--workspace", ws)
        return dict(line.split("  ", 1) for line in said.out.splitlines())["Last try"]

    waits = f"""
import os, sys, time
from thesisvault.runs import run
def wait(*words, **more):
    print("at work", flush=True)
    time.sleep(60)
run.refresh_prices = wait
from thesisvault.cli.main import main
sys.argv = ["thesisvault", "run", "-w", {str(ws)!r}]
main()
"""
    in_background = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh"]  # where a shell has Ctrl-C ignored
    for number, before in ((signal.SIGKILL, []), (signal.SIGTERM, []), (signal.SIGTERM, in_background)):
        words = [*before, sys.executable, "-c", waits]
        with subprocess.Popen(
            words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "at work\n"
            assert "is at work." in last_try()
            assert problems(ws) <= {"schedule-failed"}  # that was the one before
            process.send_signal(number)
            process.wait(60)
        if number == signal.SIGKILL:
            assert "did not end; it was killed, or the machine stopped." in last_try()
            assert problems(ws) == {"schedule-cut"}
        else:
            assert process.returncode == 130
            assert "was interrupted" in last_try()
            assert problems(ws) == {"schedule-failed"}
    log = (ws / ".thesisvault" / "run.log").read_text("utf-8")
    assert log.count("did not end\n  it was killed, or the machine stopped\n") == 1
    assert call("run", "--workspace", ws).status == 0
    assert problems(ws) == set()


def test_status_tells_what_an_entry_points_to_and_is_gone(crontab: Path, ws: Path, tmp_path: Path) -> None:
    call("schedule", "install", "--workspace", ws)
    held = crontab.read_text()
    gone = f"{tmp_path}/gone/python"
    # Written by another Python, which is gone by now; the seal is that of its own text.
    script = "import sys; sys.executable = sys.argv.pop(1); from thesisvault.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, gone, "schedule", "install", "--workspace", ws],
        env=environment(),
        check=True,
    )
    assert done.returncode == 0
    assert problems(ws) == {"schedule-python"}
    said = call("schedule", "status", "--workspace", ws)
    assert (
        f"it calls {gone}, which is gone. Install it again: thesisvault schedule install --after close+45m" in said.err
    )
    call("schedule", "install", "--workspace", ws, "--after", "close+45m")
    assert crontab.read_text() == held


def test_a_workspace_that_moved_finds_its_old_entry_and_how_to_remove_it(
    crontab: Path, ws: Path, tmp_path: Path
) -> None:
    call("run", "--workspace", ws)
    call("schedule", "install", "--workspace", ws)
    moved = tmp_path / "moved"
    ws.rename(moved)
    said = call("schedule", "status", "--workspace", moved)
    assert problems(moved) == {"schedule-moved", "schedule-none"}
    remedy = f"thesisvault schedule remove --kind cron --workspace '{ws}'"
    assert f"calls a workspace that is gone: {ws}. Remove it: {remedy}" in said.err
    assert ", good. As of 28 Jun 2024" in said.out  # its memory moved along
    assert call("schedule", "remove", "--kind", "cron", "--workspace", ws).status == 0
    assert crontab.read_text() == OTHERS
    assert call("schedule", "install", "--workspace", moved).status == 0
    assert problems(moved) == set()


def test_status_tells_that_runs_no_longer_come(crontab: Path, ws: Path) -> None:
    call("schedule", "install", "--workspace", ws)
    before = dt.datetime.now(dt.UTC) - dt.timedelta(days=30)
    remember(workspace_at(ws), RunResult(before, before, 0, "All is well."))
    assert problems(ws) == {"schedule-overdue"}


def test_status_tells_that_the_machine_has_another_time_zone_now(crontab: Path, ws: Path) -> None:
    assert spawn("schedule", "install", "--workspace", ws, env={"TZ": "Asia/Tokyo"}).status == 0
    there = spawn("schedule", "status", "--workspace", ws, env={"TZ": "Asia/Tokyo"})
    here = spawn("schedule", "status", "--workspace", ws, env={"TZ": "America/New_York"})
    said = "the entry is not as it would be written today. Renew it: thesisvault schedule install --after close+45m"
    assert said not in there.err
    assert said in here.err
    assert spawn("schedule", "install", "--workspace", ws, env={"TZ": "America/New_York"}).status == 0
    assert said not in spawn("schedule", "status", "--workspace", ws, env={"TZ": "America/New_York"}).err


def test_a_time_of_day_keeps_the_zone_that_a_variable_names(crontab: Path, ws: Path) -> None:
    """Cron starts a run without the variables of a person's shell, and the run has to mean the same time."""
    said = spawn("schedule", "show", "--at", "22:00", "--workspace", ws, env={"TZ": "Australia/Eucla"})
    assert "--due '22:00 Australia/Eucla'" in said.out
    said = spawn("schedule", "show", "--at", "22:00", "--tz", "Asia/Tokyo", "--workspace", ws, env={"TZ": "NZ"})
    assert "--due '22:00 Asia/Tokyo'" in said.out
    assert "is not a time zone" in spawn("schedule", "show", "--at", "22:00", "--tz", "", "--workspace", ws).err


def test_a_run_that_is_not_due_does_nothing_and_says_nothing(ws: Path) -> None:
    assert call("run", "--workspace", ws, "--due", "close+45m").status == 0
    last = recall(workspace_at(ws))
    assert last.last_good is not None
    edit(ws / "data/theses/rotation.yaml", "title: Rotation", "title: Turn")
    said = call("run", "--workspace", ws, "--due", "close+45m")
    assert (said.status, said.all) == (0, "")
    assert recall(workspace_at(ws)) == last
    assert not (ws / "vault/Concepts/Turn.md").exists()
    told = json.loads(call("run", "--workspace", ws, "--due", "close+45m", "--json").out)
    assert told["due"] is False
    assert dt.datetime.fromisoformat(told["next"]) > dt.datetime.now(dt.UTC)


@pytest.mark.parametrize("status", [2, 3, 5, 74, 130])
def test_after_a_run_that_failed_the_next_call_tries_again(ws: Path, status: int) -> None:
    now = dt.datetime.now(dt.UTC)
    remember(workspace_at(ws), RunResult(now, now, status, ""))
    assert "As of 28 Jun 2024" in call("run", "--workspace", ws, "--due", "close+45m").out


def test_a_run_of_another_day_or_without_a_network_is_not_the_one_that_is_due(ws: Path) -> None:
    call("run", "--workspace", ws, "--as-of", "2024-06-27")
    call("run", "--workspace", ws, "--offline")
    assert recall(workspace_at(ws)).last is None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--after", "close+10m"), "sources have the closes of XNYS 45 minutes later. Use --after close+45m"),
        (("--after", "17:30"), "Use --at 17:30"),
        (("--at", "close+45m"), "Use --after close+45m"),
        (("--after", "noon"), "--after close+45m, or: --at 17:30"),
        (("--at", "25:00"), '"25:00" is not a time of day'),
        (("--at", "17:30", "--tz", "America/Newyork"), 'Did you mean "America/New_York"?'),
        (("--tz", "Asia/Tokyo"), "--tz goes with --at."),
        (("--at", "17:30", "--after", "close+1h"), "exclude one another"),
        (
            ("--kind", "crond"),
            'unknown kind "crond"; expected systemd, cron, launchd, windows or github. Did you mean "cron"?',
        ),
        (("--kind", "launchd"), "thesisvault schedule show --kind launchd"),
        (("--kind", "windows"), "thesisvault schedule show --kind windows"),
    ],
)
def test_what_cannot_be_installed_is_told_with_a_remedy(
    crontab: Path, ws: Path, words: tuple[str, ...], told: str
) -> None:
    said = call("schedule", "install", "--workspace", ws, *words)
    assert said.status == 2
    assert told in said.err
    assert said.err.endswith("Nothing was written.\n")
    assert crontab.read_text() == OTHERS


def test_two_schedulers_do_not_call_one_workspace(crontab: Path, ws: Path) -> None:
    (ws / ".git").mkdir()
    assert call("schedule", "install", "--workspace", ws).status == 0
    said = call("schedule", "install", "--workspace", ws, "--kind", "github")
    assert said.status == 2
    assert (
        "already has a crontab entry, and two would run at once. "
        "Remove it first: thesisvault schedule remove --kind cron" in said.err
    )
    assert call("schedule", "remove", "--workspace", ws, "--kind", "cron").status == 0
    said = call("schedule", "install", "--workspace", ws, "--kind", "github")
    assert 'git add ".github/workflows/thesisvault.yml"' in said.out
    assert problems(ws) == set()
    assert call("schedule", "remove", "--workspace", ws).status == 0
    assert not list((ws / ".github/workflows").iterdir())


def test_a_crontab_that_cannot_be_read_or_written_is_told(crontab: Path, ws: Path) -> None:
    program = crontab.parent / "programs" / "crontab"
    program.write_text("#!/bin/sh\necho 'you are not allowed to use this program' >&2\nexit 1\n")
    said = call("schedule", "install", "--workspace", ws)
    assert said.status == 74
    assert "crontab: it cannot be read: you are not allowed to use this program." in said.err
    program.write_text('#!/bin/sh\n[ "$1" = -l ] && exec cat "$LIST"\necho "bad minute" >&2\nexit 1\n')
    said = call("schedule", "install", "--workspace", ws)
    assert said.status == 74
    assert '"crontab -" failed with exit status 1: bad minute.' in said.err
    assert crontab.read_text() == OTHERS


# The real one ------------------------------------------------------------------------------------------------------

# A namespace of its own has its own spool, its own processes and no jobs of the system.
DAY = """\
set -e
mount -t tmpfs none /run
mount -t tmpfs none /etc/cron.d
mount --bind /dev/null /etc/crontab
mount -t tmpfs none /var/spool/cron
mkdir -m 1730 /var/spool/cron/crontabs
crontab "$OUT/before"
"$PYTHON" -m thesisvault schedule install --kind cron --at "$AT" > "$OUT/install"
crontab -l > "$OUT/during"
cron
for second in $(seq 300); do
    [ -e .thesisvault/run.json ] && break
    sleep 1
done
"$PYTHON" -m thesisvault schedule status --json > "$OUT/status" || true
"$PYTHON" -m thesisvault schedule remove > "$OUT/remove"
crontab -l > "$OUT/after"
"""


def can_unshare() -> bool:
    tools = all(map(shutil.which, ("unshare", "crontab", "cron")))
    return tools and subprocess.run(["unshare", "-mpf", "--mount-proc", "true"], check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(
    not can_unshare(), reason="no cron, or no right to a namespace of its own: apt install cron, as root"
)
def test_real_cron_runs_on_the_minute_and_the_vault_changes(tmp_path: Path) -> None:
    root, out = make_tiny(tmp_path / "100% of \"my\" ünï 'theses' $HOME"), tmp_path / "out"
    assert spawn("run", "--workspace", root, "--offline").status == 0
    edit(root / "data/theses/rotation.yaml", "Money moves", "Money runs")
    out.mkdir()
    (out / "before").write_text(OTHERS)
    at = dt.datetime.now() + dt.timedelta(minutes=2)
    more = {"OUT": str(out), "AT": f"{at:%H:%M}", "PYTHON": sys.executable}
    done = subprocess.run(
        ["unshare", "-mpf", "--mount-proc", "sh", "-c", DAY],
        env={**environment(more), "XDG_CONFIG_HOME": str(tmp_path)},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Money runs" in next((root / "vault").rglob("Rotation.md")).read_text("utf-8")
    status = json.loads((out / "status").read_text())
    assert status["findings"] == []
    assert status["last_good"]["status"] == 0
    assert dt.datetime.fromisoformat(status["last_good"]["began"]) >= at.astimezone(dt.UTC).replace(
        second=0, microsecond=0
    )
    assert (out / "during").read_text().startswith(OTHERS)
    assert (out / "after").read_text() == OTHERS

"""The text of a crontab: lines of others stay byte for byte, whatever stands in them."""

from __future__ import annotations

import importlib.resources
import shlex
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.schedule.jobs import BERLIN, ODD_NAMES, Recorded, job, with_later
from thesisvault.errors import DiskError, UsageError
from thesisvault.schedule.due import AfterClose, AtTime, parse_rule
from thesisvault.schedule.entry import unsealed
from thesisvault.schedule.kinds.cron import block, blocks, with_block
from thesisvault.schedule.machine import Machine

MACHINE = Recorded(zone=BERLIN)
ONE, TWO = (block(job(Path("/srv") / name), MACHINE) for name in ("one", "two"))
NAME_ONE, NAME_TWO = (job(Path("/srv") / name).name for name in ("one", "two"))

# Lines as people have them: comments, variables, line ends of Windows, characters that Python takes for line ends.
LINES = st.lists(
    st.one_of(
        st.sampled_from(
            ["MAILTO=me", "# mine begins", "0 5 * * 1 tar -zcf /b.tgz /home\r", "@reboot x", "\tx\x0c\x1c\x85", ""]
        ),
        st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=30),
        st.binary(max_size=10).map(lambda raw: raw.replace(b"\n", b"").decode("utf-8", "surrogateescape")),
    ).filter(lambda line: not line.startswith("# thesisvault-")),
    max_size=8,
)


def crontab(lines: list[str], *, ended: bool) -> str:
    return "".join(f"{line}\n" for line in lines) if ended or not lines else "\n".join(lines)


@given(LINES, st.booleans())
def test_what_is_put_in_and_taken_out_leaves_all_as_it_was(lines: list[str], ended: bool) -> None:
    text = crontab(lines, ended=ended)
    inside = with_block(text, NAME_ONE, ONE)
    assert inside.startswith(text)
    assert inside.endswith(ONE)
    assert with_block(inside, NAME_ONE, ONE) == inside
    # A last line without an end gets one: cron reads no other.
    assert with_block(inside, NAME_ONE, "") == (text if text.endswith("\n") or not text else f"{text}\n")


@given(LINES, LINES, LINES)
def test_one_block_is_replaced_between_lines_and_blocks_of_others(a: list[str], b: list[str], c: list[str]) -> None:
    before, between, after = (crontab(lines, ended=True) for lines in (a, b, c))
    later = block(job(Path("/srv/one"), AfterClose(120)), MACHINE)
    assert later != ONE
    assert with_block(before + ONE + between + TWO + after, NAME_ONE, later) == before + later + between + TWO + after
    assert with_block(before + ONE + between + TWO + after, NAME_TWO, "") == before + ONE + between + after


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (ONE + ONE, ONE.count("\n") + 1),
        (f"x\n# {NAME_ONE} begins\ny\n", 2),
        (f"x\n# {NAME_ONE} ends\ny\n", 2),
        (f"# {NAME_ONE} begins\n# {NAME_TWO} begins\n# {NAME_ONE} ends\n", 2),
        (f"# {NAME_ONE} begins\n# {NAME_TWO} ends\n", 2),
    ],
)
def test_marks_that_do_not_fit_are_told_with_their_line_and_nothing_is_changed(text: str, line: int) -> None:
    with pytest.raises(DiskError, match=f"crontab:{line}: .*nothing was changed. Take out"):
        with_block(text, NAME_ONE, ONE)


def test_a_block_that_got_line_ends_of_windows_is_still_ours() -> None:
    text = ONE.replace("\n", "\r\n")
    (found,) = blocks(text)
    assert found.name == NAME_ONE
    assert unsealed("".join(found.text.splitlines(keepends=True)[1:-1])) == (job(Path("/srv/one")).facts, False)


@pytest.mark.parametrize("edit", [("45", "46"), ("--due", "--strict --due"), ("* * *", "* * 1-5"), ("/srv", "/home")])
def test_a_block_that_a_person_edited_is_known(edit: tuple[str, str]) -> None:
    inner = "".join(ONE.splitlines(keepends=True)[1:-1])
    assert unsealed(inner)[1] is False
    assert unsealed(inner.replace(*edit, 1))[1] is True


@pytest.mark.parametrize("name", ODD_NAMES)
def test_the_shell_reads_the_command_as_it_was_meant(name: str, tmp_path: Path) -> None:
    made = job(tmp_path / name)
    line = block(made, MACHINE).splitlines()[3]
    # Cron takes the backslash before a sign of per cent away, and ends the command at one without.
    command = line.split(" ", 5)[5]
    assert "%" not in command.replace("\\%", "")
    script = command.replace("\\%", "%")
    assert shlex.split(script) == made.command()
    said = subprocess.run(["sh", "-c", f"printf '%s\\n' {script}"], capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == made.command()


@pytest.mark.parametrize("name", ["back\\slash", "new\nline", "tab\t", "bell\a", "x" * 2000, "\u202eleft"])
def test_a_path_that_cron_cannot_be_told_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be written into this schedule. Move it"):
        block(job(tmp_path / name), MACHINE)


@pytest.mark.parametrize(
    ("rule", "calls"),
    [
        ("close+45m", "19:45 21:45 22:45"),  # half days, the weeks between two changes of clocks, all others
        ("close+1h5m", "20:05 22:05 23:05"),
        ("17:30 America/New_York", "22:30 23:30"),
        ("17:30", "17:30"),
        ("17:30 Europe/Berlin", "17:30"),
        ("09:15 Asia/Kolkata", "04:45 05:45"),
        ("17:30 Australia/Adelaide", "08:00 09:00 10:00"),
    ],
)
def test_cron_calls_at_each_time_that_a_close_has_on_the_machine(rule: str, calls: str) -> None:
    lines = block(job(Path("/srv/one"), parse_rule(rule)), MACHINE).splitlines()[3:-1]
    found = [line.split()[:5] for line in lines]
    assert all(rest == ["*", "*", "*"] for _, _, *rest in found)
    at = sorted(f"{int(hour):02}:{int(minute):02}" for minute, hours, *_ in found for hour in hours.split(","))
    assert at == with_later(*calls.split())


def test_a_rule_of_the_clock_without_a_zone_is_of_the_machine() -> None:
    assert parse_rule("17:30") == AtTime(parse_rule("17:30 UTC").time)  # type: ignore[union-attr]


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process cannot be set there")
@pytest.mark.parametrize(
    ("system", "calls"),
    [
        ("Europe/Berlin", "03:45 05:45 06:45 19:45 21:45 22:45"),
        ("Asia/Tokyo", "03:45 05:45 06:45"),
        ("", "03:45 05:45 06:45 18:45 20:45 21:45"),  # a system without a zone has UTC
    ],
)
def test_where_a_variable_names_the_zone_cron_calls_in_that_and_in_the_one_of_the_system(
    system: str, calls: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    localtime = tmp_path / "localtime"
    if system:
        localtime = tmp_path / "zoneinfo" / system
        localtime.parent.mkdir(parents=True)
        localtime.write_bytes(importlib.resources.files("tzdata").joinpath("zoneinfo", system).read_bytes())
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        machine = Machine(system="linux", localtime=localtime)
        assert machine.own_zone == ("" if system == "Asia/Tokyo" else "Asia/Tokyo")
        lines = block(job(Path("/srv/one"), parse_rule("close+45m")), machine).splitlines()[3:-1]
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
    found = [line.split()[:2] for line in lines]
    assert {f"{int(hour):02}:{int(minute):02}" for minute, hours in found for hour in hours.split(",")} == {
        *with_later(*calls.split())
    }

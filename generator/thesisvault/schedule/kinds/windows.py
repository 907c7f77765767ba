"""Tasks of the Windows Task Scheduler, which call at times of the machine's own zone, and after sleep."""

from __future__ import annotations

import datetime as dt
import subprocess
from pathlib import Path
from xml.sax.saxutils import escape

from thesisvault.schedule.entry import Job, refuse, sealed
from thesisvault.schedule.kinds.kind import FileKind
from thesisvault.schedule.times import in_words

_END = ".xml"
_SPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"


class Windows(FileKind):
    """Tasks in the folder `thesisvault` of the Task Scheduler; the text of each is kept as a file beside."""

    word = "windows"
    title = "scheduled task"

    def missing(self) -> str:
        """Return why it cannot be used here: this is not Windows."""
        return "" if self.machine.system == "win32" else "the Task Scheduler is a part of Windows"

    def folder(self) -> Path:
        """Return the folder in which the texts of tasks are kept."""
        return self.machine.home / "AppData" / "Local" / "thesisvault"

    def suffixes(self) -> tuple[str, ...]:
        """Return the end of the name of a task's text."""
        return (_END,)

    def encoded(self, text: str) -> bytes:
        """Return the text in the encoding that it names, with its mark."""
        return text.replace("\n", "\r\n").encode("utf-16")

    def decoded(self, data: bytes) -> str:
        """Return the text of a file in either encoding."""
        marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        return data.decode("utf-16" if marked else "utf-8", "replace").replace("\r\n", "\n")

    def texts(self, job: Job) -> dict[str, str]:
        """Return the text of the task."""
        return {_END: task(job, job.timing.calls_in(*self.machine.zones))}

    def steps(self, job: Job) -> list[list[str]]:
        """Return the command that registers the task, in the place of one of that name."""
        path = str(self.folder() / f"{job.name}{_END}")
        return [["schtasks", "/Create", "/TN", _path(job.name), "/XML", path, "/F"]]

    def trouble(self, name: str) -> str:
        """Return why the Task Scheduler does not start a task."""
        if self.machine.run(["schtasks", "/Query", "/TN", _path(name)]).status:
            return "the Task Scheduler does not know it. Install it again: thesisvault schedule install"
        return ""

    def before_taking(self, name: str) -> None:
        """Have the Task Scheduler forget the task."""
        self.machine.run(["schtasks", "/Delete", "/TN", _path(name), "/F"])  # one that it does not know may go as well


def task(job: Job, times: tuple[dt.time, ...]) -> str:
    """Return the text of a task, its elements in the order of the schema."""
    program, *words = job.command()
    for path in (program, words[-1]):
        # The Task Scheduler fills in variables, and knows no way to write their signs as they are.
        refuse(path, lambda c: c == "%" and path.count("%") > 1, "two signs of per cent")  # noqa: B023 - called at once
        refuse(path, lambda c: c == "$", "a dollar sign")
    triggers = "".join(map(_trigger, times))
    rest = (
        f'<Task version="1.2" xmlns="{_SPACE}">\n'
        "  <RegistrationInfo>\n"
        f"    <Description>{escape(f'thesisvault, {in_words(job.timing)}')}</Description>\n"
        "  </RegistrationInfo>\n"
        f"  <Triggers>\n{triggers}  </Triggers>\n"
        "  <Settings>\n"
        "    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>\n"
        "    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>\n"
        "    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>\n"
        "    <StartWhenAvailable>true</StartWhenAvailable>\n"
        "    <ExecutionTimeLimit>PT2H</ExecutionTimeLimit>\n"
        "  </Settings>\n"
        "  <Actions>\n"
        "    <Exec>\n"
        f"      <Command>{escape(program)}</Command>\n"
        f"      <Arguments>{escape(subprocess.list2cmdline(words))}</Arguments>\n"
        "    </Exec>\n"
        "  </Actions>\n"
        "</Task>\n"
    )
    return sealed('<?xml version="1.0" encoding="UTF-16"?>\n', rest, job.facts, "<!-- {} -->")


def _trigger(time: dt.time) -> str:
    # A boundary without an offset is in the time of the machine, and moves with its clocks.
    return (
        "    <CalendarTrigger>\n"
        f"      <StartBoundary>2020-01-01T{time:%H:%M}:00</StartBoundary>\n"
        "      <ScheduleByDay>\n"
        "        <DaysInterval>1</DaysInterval>\n"
        "      </ScheduleByDay>\n"
        "    </CalendarTrigger>\n"
    )


def _path(name: str) -> str:
    return f"\\thesisvault\\{name}"

"""Agents of launchd on macOS, which call at times of the machine's own zone, and after sleep."""

from __future__ import annotations

import datetime as dt
import plistlib
from pathlib import Path

from thesisvault.schedule.entry import Job, sealed
from thesisvault.schedule.kinds.kind import FileKind

_END = ".plist"


class Launchd(FileKind):
    """The person's own agents."""

    word = "launchd"
    title = "launchd agent"

    def missing(self) -> str:
        """Return why it cannot be used here: this is not macOS."""
        return "" if self.machine.system == "darwin" else "launchd is a part of macOS"

    def folder(self) -> Path:
        """Return the folder of the person's agents."""
        return self.machine.home / "Library" / "LaunchAgents"

    def suffixes(self) -> tuple[str, ...]:
        """Return the end of the name of a property list."""
        return (_END,)

    def texts(self, job: Job) -> dict[str, str]:
        """Return the property list."""
        return {_END: agent(job, job.timing.calls_in(*self.machine.zones))}

    def steps(self, job: Job) -> list[list[str]]:
        """Return the commands that make launchd read the agent, in the place of one of that name."""
        return [["launchctl", "bootstrap", self._domain, str(self.folder() / f"{job.name}{_END}")]]

    def before_steps(self, name: str) -> None:
        """Unload an earlier agent of that name, for launchd takes none twice."""
        self.before_taking(name)

    def trouble(self, name: str) -> str:
        """Return why launchd does not start an agent."""
        if self.machine.run(["launchctl", "print", f"{self._domain}/{name}"]).status:
            return (
                f'launchd does not run it. Load it: launchctl bootstrap {self._domain} "{self.folder() / name}{_END}"'
            )
        return ""

    def before_taking(self, name: str) -> None:
        """Unload the agent."""
        self.machine.run(["launchctl", "bootout", f"{self._domain}/{name}"])  # one that is not loaded may go as well

    def hints(self, job: Job) -> list[str]:
        """Return where runs are logged."""
        return [f"What runs said: {_log(job)}"]

    @property
    def _domain(self) -> str:
        return f"gui/{self.machine.user}"


def agent(job: Job, times: tuple[dt.time, ...]) -> str:
    """Return the property list of an agent, which also calls when the person logs in."""
    body = {
        "Label": job.name,
        "ProgramArguments": job.command(),
        "ProcessType": "Background",
        "RunAtLoad": True,
        "StandardErrorPath": _log(job),
        "StandardOutPath": _log(job),
        "StartCalendarInterval": [{"Hour": each.hour, "Minute": each.minute} for each in times],
    }
    head, rest = plistlib.dumps(body).decode().split("\n", 1)
    return sealed(head + "\n", rest, job.facts, "<!-- {} -->")


def _log(job: Job) -> str:
    return str(job.workspace.cache / "schedule.log")

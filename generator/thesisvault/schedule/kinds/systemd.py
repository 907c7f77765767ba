"""Timers of a person's own systemd, which knows time zones and catches up after sleep."""

from __future__ import annotations

from pathlib import Path

from thesisvault.schedule.entry import Job, sealed
from thesisvault.schedule.kinds.kind import FileKind
from thesisvault.schedule.times import in_words

_SERVICE, _TIMER = ".service", ".timer"
_ASK = ("systemctl", "--user")


class Systemd(FileKind):
    """Timers of the person's own systemd."""

    word = "systemd"
    title = "systemd user timer"

    def missing(self) -> str:
        """Return why it cannot be used here: no systemd, or none that runs for this person."""
        if self.machine.system != "linux":
            return "systemd is a part of Linux"
        answer = self.machine.run([*_ASK, "is-system-running"])
        if answer.out.strip() in (b"running", b"degraded", b"starting"):
            return ""
        return "no systemd user manager is running"

    def folder(self) -> Path:
        """Return the folder of a person's own units."""
        return self.machine.config / "systemd" / "user"

    def suffixes(self) -> tuple[str, ...]:
        """Return the ends of the names of a timer and of the service that it starts."""
        return (_TIMER, _SERVICE)

    def texts(self, job: Job) -> dict[str, str]:
        """Return the timer and its service."""
        return {_TIMER: timer(job), _SERVICE: service(job)}

    def steps(self, job: Job) -> list[list[str]]:
        """Return the commands that make systemd read the units and start the timer, now and after each login."""
        unit = f"{job.name}{_TIMER}"
        return [[*_ASK, "daemon-reload"], [*_ASK, "enable", unit], [*_ASK, "restart", unit]]

    def trouble(self, name: str) -> str:
        """Return why systemd does not start an entry."""
        unit = f"{name}{_TIMER}"
        if any(self.machine.run([*_ASK, asked, unit]).status for asked in ("is-enabled", "is-active")):
            return f"systemd does not run it. Start it: systemctl --user enable --now {unit}"
        return ""

    def before_taking(self, name: str) -> None:
        """Stop the timer, and have systemd no longer start it."""
        self.machine.run([*_ASK, "disable", "--now", f"{name}{_TIMER}"])  # one that it does not know may go as well

    def after_taking(self) -> None:
        """Have systemd read its folder again."""
        self.machine.run([*_ASK, "daemon-reload"])

    def hints(self, job: Job) -> list[str]:
        """Return how runs go on after the person has logged out, and where they are logged."""
        return [
            "It runs while you are logged in. To have it run always: loginctl enable-linger",
            f"What runs said: journalctl --user -u {job.name}",
        ]


def timer(job: Job) -> str:
    """Return the timer: one line per time of day, in the zone of the rule."""
    zone = f" {job.timing.own_zone}".rstrip()
    calls = "".join(f"OnCalendar=*-*-* {time:%H:%M}:00{zone}\n" for time in job.timing.own_calls())
    rest = (
        "[Unit]\n"
        f"Description={_plain(f'thesisvault, {in_words(job.timing)}')}\n\n"
        f"[Timer]\n{calls}"
        "Persistent=true\n\n"
        "[Install]\n"
        "WantedBy=timers.target\n"
    )
    return sealed("", rest, job.facts, "# {}")


def service(job: Job) -> str:
    """Return the service: one run, without the expansion of variables."""
    program, *words = job.command()
    rest = (
        "[Unit]\n"
        f"Description={_plain(f'thesisvault run for {job.workspace.root.name}')}\n\n"
        "[Service]\n"
        "Type=oneshot\n"
        f"ExecStart=:{' '.join(map(_quoted, [program, *words]))}\n"
        "TimeoutStartSec=2h\n"
    )
    return sealed("", rest, job.facts, "# {}")


def _quoted(word: str) -> str:
    """Return a word as systemd reads it back: a specifier is a sign of per cent, doubled in a plain text."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _plain(text: str) -> str:
    # A backslash at the end would join the next line.
    return text.replace("\\", "/").replace("%", "%%")

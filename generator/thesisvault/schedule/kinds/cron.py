"""Lines in a person's crontab: read and written whole, with all lines of others as they were."""

from __future__ import annotations

import re
import shlex
from contextlib import suppress
from itertools import groupby
from pathlib import Path

from msgspec import Struct

from thesisvault.errors import DiskError, Finding, Place
from thesisvault.patterns import regex
from thesisvault.schedule.entry import Found, Job, Piece, refuse, sealed, unsealed
from thesisvault.schedule.kinds.kind import Kind
from thesisvault.schedule.machine import Machine
from thesisvault.schedule.times import in_words

_WHERE = "crontab"
_BEGIN = regex(r"# (thesisvault-[a-z0-9-]+) begins\s*")
_END = regex(r"# (thesisvault-[a-z0-9-]+) ends\s*")
_LONGEST = 990
"""Characters of a command that Debian's cron still takes."""
_DAEMONS = {"cron", "crond", "fcron", "anacron", "busybox"}


class Cron(Kind):
    """The crontab of the person."""

    word = "cron"
    title = "crontab entry"

    def missing(self) -> str:
        """Return why it cannot be used here: there is no such command."""
        if self.machine.system == "win32":
            return "there is no cron on Windows"
        return "" if self.machine.has(_WHERE) else "crontab was not found"

    def pieces(self, job: Job) -> tuple[Piece, ...]:
        """Return the block of lines."""
        return (Piece(_WHERE, block(job, self.machine)),)

    def found(self) -> list[Found]:
        """Return the blocks of all workspaces."""
        trouble = "" if _cron_runs() else "no cron daemon is running. Start it, as in: sudo systemctl enable --now cron"
        found = []
        for each in blocks(self._read()):
            facts, is_edited = unsealed(_inner(each.text))
            found.append(Found(each.name, (Piece(_WHERE, each.text),), facts, is_edited, trouble))
        return found

    def put(self, job: Job) -> None:
        """Put the block of a job in the place of an earlier one, or at the end."""
        before = self._read()
        self._write(with_block(before, job.name, block(job, self.machine)), before)

    def take(self, name: str) -> None:
        """Take a block out."""
        before = self._read()
        self._write(with_block(before, name, ""), before)

    def _read(self) -> str:
        answer = self.machine.run([_WHERE, "-l"])
        if answer.status:
            if re.search(r"no crontab|can't open|no such file", answer.err, re.IGNORECASE):
                return ""
            said = f"it cannot be read: {answer.err}."
            raise DiskError(Finding(said, Place(_WHERE), "Try it by hand: crontab -l"))
        return answer.out.decode("utf-8", "surrogateescape")

    def _write(self, text: str, before: str) -> None:
        if text == before:
            return
        self.machine.must([_WHERE, "-"], text.encode("utf-8", "surrogateescape"))
        if self._read() != text:
            said = "it is not as it was written; another program may have changed it."
            raise DiskError(Finding(said, Place(_WHERE), "Look at it: crontab -l"))


class Block(Struct, frozen=True):
    """The lines between two marks of ours.

    Attributes:
        name: The name of the entry.
        first: The number of its first line, counted from 0.
        after: The number of the line after its last.
        text: The lines, marks included.
    """

    name: str
    first: int
    after: int
    text: str


def block(job: Job, machine: Machine) -> str:
    """Return the lines of a job, between two marks.

    Raises:
        UsageError: A path cannot be written into a crontab.
    """
    words = job.command()
    for word in words:
        refuse(word, lambda c: c == "\\", "a backslash")
    # The first unescaped sign of per cent would end the command.
    command = shlex.join(words).replace("%", "\\%")
    refuse(command, lambda _: len(command) > _LONGEST, f"more than {_LONGEST} characters")
    times = sorted(job.timing.calls_in(*machine.zones), key=lambda time: (time.minute, time.hour))
    calls = [
        f"{minute} {','.join(str(time.hour) for time in same)} * * * {command}\n"
        for minute, same in groupby(times, key=lambda time: time.minute)
    ]
    about = f"# {in_words(job.timing)}; a call that comes when no run is due does nothing\n"
    return f"# {job.name} begins\n" + sealed("", about + "".join(calls), job.facts, "# {}") + f"# {job.name} ends\n"


def blocks(text: str) -> list[Block]:
    """Return the blocks of a crontab.

    Raises:
        DiskError: A block has no end, or a name is there twice.
    """
    lines = _lines(text)
    found: list[Block] = []
    begun: tuple[str, int] | None = None
    for at, line in enumerate(lines):
        if start := _BEGIN.fullmatch(line):
            if begun or any(each.name == start[1] for each in found):
                raise _broken(at, f'"# {start[1]} begins" comes a second time')
            begun = start[1], at
        elif end := _END.fullmatch(line):
            if not begun or begun[0] != end[1]:
                raise _broken(at, f'"# {end[1]} ends" has no beginning')
            found.append(Block(end[1], begun[1], at + 1, "".join(lines[begun[1] : at + 1])))
            begun = None
    if begun:
        raise _broken(begun[1], f'"# {begun[0]} begins" has no end')
    return found


def with_block(text: str, name: str, new: str) -> str:
    """Return a crontab with a block in the place of the earlier one of that name, or at its end.

    Args:
        text: The crontab; every line of it that is not in the block stays byte for byte.
        name: The name of the block.
        new: Its lines; none take the block out.

    Raises:
        DiskError: The marks in the crontab do not fit together.
    """
    lines = _lines(text)
    for each in blocks(text):
        if each.name == name:
            return "".join([*lines[: each.first], new, *lines[each.after :]])
    return text + "\n" * bool(new and text and not text.endswith("\n")) + new


def _lines(text: str) -> list[str]:
    # Only a line feed ends a line of a crontab; other ends that Python knows may stand in a command.
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _inner(text: str) -> str:
    return "".join(_lines(text)[1:-1])


def _broken(at: int, what: str) -> DiskError:
    hint = "Take out the lines of thesisvault with: crontab -e"
    return DiskError(Finding(f"{what}; nothing was changed.", Place(_WHERE, at + 1), hint))


def _cron_runs() -> bool:
    """Return whether a cron daemon runs, as far as that can be seen."""
    processes = Path("/proc")
    if not (processes / "self" / "comm").exists():
        return True
    for each in processes.iterdir():
        if each.name.isdigit():
            with suppress(OSError):
                if (each / "comm").read_text(errors="replace").strip() in _DAEMONS:
                    return True
    return False

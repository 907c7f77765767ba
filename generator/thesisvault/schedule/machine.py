"""The machine that a schedule is for: its system, its folders, and the commands by which its schedulers are told."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from thesisvault.errors import DiskError, Finding

_PATIENCE = 60
_NO_SUCH_COMMAND = 127


class Answer(Struct, frozen=True):
    """What a command said.

    Attributes:
        status: Its exit status.
        out: Its output.
        err: What it complained of, in one line.
    """

    status: int
    out: bytes
    err: str


class Machine(Struct, frozen=True):
    """The machine as one person sees it.

    Attributes:
        system: As Python calls it: `linux`, `darwin`, `win32`.
        home: The person's home folder.
        config: Where the person's own configuration lies.
        python: The Python that the package is installed in.
        user: The person's number; 0 where there is none.
        zone: The time zone of the machine; None: as the system tells it.
        localtime: The file that holds the time zone of the system.
    """

    system: str = sys.platform
    home: Path = field(default_factory=Path.home)
    config: Path = field(default_factory=lambda: Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"))
    python: str = sys.executable
    user: int = field(default_factory=lambda: os.getuid() if hasattr(os, "getuid") else 0)
    zone: dt.tzinfo | None = None
    localtime: Path = Path("/etc/localtime")

    @property
    def own_zone(self) -> str:
        """The time zone that the variable `TZ` names for this person's programs; empty: that of the system.

        A scheduler may have been started with that variable or without it.
        """
        name = os.environ.get("TZ", "").removeprefix(":")
        is_same = self.localtime.resolve().as_posix().endswith(f"zoneinfo/{name}")
        return "" if self.system == "win32" or not name or is_same else name

    @property
    def zones(self) -> tuple[dt.tzinfo | None, ...]:
        """The time zones that a scheduler may go by, where it knows that of its machine alone."""
        if self.zone is not None or not self.own_zone:
            return (self.zone,)
        try:
            with self.localtime.open("rb") as file:
                return (None, ZoneInfo.from_file(file))
        except (OSError, ValueError):
            return (None, dt.UTC)

    def has(self, command: str) -> bool:
        """Return whether there is a command."""
        return shutil.which(command) is not None

    def run(self, words: Sequence[str], given: bytes = b"") -> Answer:
        """Run a command and return what it said.

        Args:
            words: The command.
            given: Its input.

        Raises:
            DiskError: It did not end within a minute.
        """
        plain = {**os.environ, "LC_ALL": "C"}
        try:
            done = subprocess.run(words, input=given, capture_output=True, check=False, timeout=_PATIENCE, env=plain)  # noqa: S603 - words of ours
        except FileNotFoundError:
            return Answer(_NO_SUCH_COMMAND, b"", f"{words[0]} was not found")
        except OSError as problem:
            return Answer(_NO_SUCH_COMMAND, b"", f"{words[0]}: {problem.strerror}")
        except subprocess.TimeoutExpired:
            said = f'"{" ".join(words)}" did not end within {_PATIENCE} seconds.'
            raise DiskError(Finding(said, hint="Try it by hand.")) from None
        said = " ".join(done.stderr.decode("utf-8", "replace").split())
        return Answer(done.returncode, done.stdout, said or " ".join(done.stdout.decode("utf-8", "replace").split()))

    def must(self, words: Sequence[str], given: bytes = b"") -> bytes:
        """Run a command that has to succeed and return its output.

        Raises:
            DiskError: It failed.
        """
        answer = self.run(words, given)
        if answer.status:
            said = f'"{" ".join(words)}" failed with exit status {answer.status}: {answer.err or "it gave no reason"}.'
            raise DiskError(Finding(said, hint="Fix that and rerun."))
        return answer.out

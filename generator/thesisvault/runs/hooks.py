"""Hooks: the commands of the settings that a run calls at its end, and the consent without which none is called.

Settings may come with somebody else's folder, or change with a `git pull`. So a command runs only if a person has
allowed these very words, on this machine, for the workspace at this very place; where a word names a file of the
workspace, for the file as it was. That is kept outside of every workspace, with the person's own configuration.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from thesisvault.definitions.models.settings import Settings
from thesisvault.errors import Finding, Place
from thesisvault.opening import read_plain
from thesisvault.surroundings import environment_of_person
from thesisvault.vault.write import write_if_changed
from thesisvault.words import spelled
from thesisvault.workspace import SETTINGS_FILE, real_path

NAMES = ("on_failure", "on_change")
INSIDE = "THESISVAULT_HOOK"
"""The variable of the environment that a hook has; a run inside of one calls none."""
LIMIT = 60.0
"""How many seconds a command may take."""
_FILE = "allowed.json"
_LARGEST = 1_000_000
_QUOTED = 300
"""So many characters of what a failed command said last are repeated."""

Commands = Mapping[str, tuple[str, ...]]
"""The words of each command, by the name of its setting."""


class Consent(Struct, frozen=True):
    """The commands that a person has allowed for a workspace.

    Attributes:
        digest: Names the commands, and the files of the workspace that they name, as they were.
        commands: Their words.
    """

    digest: str = ""
    commands: Commands = field(default_factory=dict)


def commands_in(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Return the commands of the settings, by the name of the setting."""
    named = {"on_failure": settings.on_failure, "on_change": settings.on_change}
    return {name: tuple(words) for name, words in named.items() if words}


def consent_file() -> Path:
    """Return the file that holds what this person has allowed."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "thesisvault" / _FILE


def consent_of(root: Path) -> Consent:
    """Return what was allowed for the workspace in a folder; nothing where that cannot be read."""
    with suppress(OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, RecursionError):
        kept = _all_consents()[str(real_path(root))]
        return Consent(str(kept["digest"]), {n: tuple(map(str, kept["commands"][n])) for n in kept["commands"]})
    return Consent()


def is_allowed(root: Path, commands: Commands) -> bool:
    """Return whether a person has allowed these commands for the workspace in a folder, as they are now."""
    return bool(commands) and consent_of(root).digest == _digest(root, commands)


def allow(root: Path, commands: Commands) -> bool:
    """Allow commands for the workspace in a folder, or take back what was allowed where there are none.

    Returns:
        Whether that is new.

    Raises:
        DiskError: It cannot be kept.
    """
    path, key = consent_file(), str(real_path(root))
    found = _all_consents()
    if commands:
        words = {name: list(each) for name, each in commands.items()}
        found[key] = {"digest": _digest(root, commands), "commands": words}
    else:
        found.pop(key, None)
    return write_if_changed(path, (json.dumps(found, indent=1, sort_keys=True) + "\n").encode())


def call_hook(root: Path, name: str, words: Sequence[str], report: bytes, *, limit: float = LIMIT) -> Finding | None:
    """Run the command of a setting in the workspace, and return what went wrong with it.

    Args:
        root: The workspace.
        name: The setting.
        words: The command.
        report: What it gets on its standard input.
        limit: How many seconds it may take; then it is ended with all that it started in its group.
    """
    environment = {**environment_of_person(), INSIDE: name}
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:  # no pipe can fill up, or break
        given.write(report)
        given.seek(0)
        try:
            started = subprocess.Popen(  # noqa: S603 - words that the person has allowed
                words, stdin=given, stdout=said, stderr=said, cwd=root, env=environment, start_new_session=True
            )
        except (OSError, ValueError) as problem:
            reason = getattr(problem, "strerror", None) or str(problem)
            return _failed(name, f"{words[0]} cannot be started: {reason.lower()}")
        try:
            status = started.wait(limit)
        except subprocess.TimeoutExpired:
            _end(started)
            return _failed(name, f"{words[0]} did not end within {limit:g} s and was stopped")
        except BaseException:
            _end(started)
            raise
        if not status:
            return None
        said.seek(0, os.SEEK_END)
        said.seek(max(0, said.tell() - 4 * _QUOTED))
        last = spelled(" ".join(said.read().decode("utf-8", "replace").split()))[-_QUOTED:]
        ended = f"ended with exit status {status}" if status > 0 else f"was ended by signal {-status}"
        return _failed(name, f"{words[0]} {ended}{f': {last}' if last else ''}")


def not_allowed(names: Sequence[str]) -> Finding:
    """Return what is said where commands were not run for lack of consent."""
    problem = f"{' and '.join(names)}: nothing was called: nobody has allowed these commands on this machine."
    hint = "Look at them and allow them: thesisvault schedule allow"
    return Finding(problem, Place(SETTINGS_FILE), hint, level="warning", code="hook")


def _failed(name: str, what: str) -> Finding:
    hint = "The vault is not touched by that."
    return Finding(f"{name}: {what}.", Place(SETTINGS_FILE), hint, level="warning", code="hook")


def _all_consents() -> dict[str, dict[str, Any]]:
    try:
        found = json.loads(read_plain(consent_file(), _LARGEST))
    except (OSError, ValueError, RuntimeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _digest(root: Path, commands: Commands) -> str:
    """Return a digest of commands and of each file of the workspace that a word of them names."""
    hashed = hashlib.sha256(json.dumps(sorted(commands.items())).encode())
    for words in commands.values():
        for word in words:
            hashed.update(_content(root, word))
    return hashed.hexdigest()


def _content(root: Path, word: str) -> bytes:
    try:
        content = read_plain(root / word)
    except (OSError, ValueError):
        return b"-"
    return hashlib.sha256(content).digest()


def _end(started: subprocess.Popen[bytes]) -> None:
    """End a command with all that it started in its own group."""
    with suppress(OSError):
        if sys.platform == "win32":
            started.kill()
        else:
            os.killpg(started.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        started.wait(5)

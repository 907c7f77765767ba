"""What is opened outside this process: an address by the desktop, a file in the editor."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from thesisvault.errors import DiskError, Finding, UsageError

_PATIENCE = 3.0
"""Seconds in which a desktop says that it cannot open something; one that is still at work then has taken it."""


def missing_desktop() -> str:
    """Return why nothing can be opened here; empty where it can."""
    if sys.platform in ("darwin", "win32"):
        return ""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "there is no desktop here"
    return "" if shutil.which("xdg-open") else "xdg-open is not installed"


def launch(address: str) -> str:
    """Have the desktop open an address, and return why it did not; empty where it did."""
    if sys.platform == "win32":
        try:
            os.startfile(address)  # noqa: S606 - an address of ours
        except OSError as problem:
            return (problem.strerror or str(problem)).lower()
        return ""
    program = "open" if sys.platform == "darwin" else "xdg-open"
    quiet = subprocess.DEVNULL
    try:
        opener = subprocess.Popen(  # noqa: S603 - words of ours
            [program, address], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )
    except OSError as problem:
        return f"{program}: {(problem.strerror or str(problem)).lower()}"
    try:
        status = opener.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        return ""
    return f"{program} ended with exit status {status}" if status else ""


def edit(path: Path) -> None:
    """Have a file opened in the editor of `VISUAL` or `EDITOR`, and wait until that ends.

    Raises:
        UsageError: Neither names one, or what it names is not there.
        DiskError: The editor failed.
    """
    name = "VISUAL" if os.environ.get("VISUAL", "").strip() else "EDITOR"
    named = os.environ.get(name, "").strip()
    if not named:
        raise UsageError("no editor is set.", hint="Name one, as in: export EDITOR=nano")
    try:
        words = [named] if os.name == "nt" and Path(named).is_file() else shlex.split(named, posix=os.name != "nt")
        status = subprocess.run([*words, str(path)], check=False).returncode  # noqa: S603 - the person's own command
    except (OSError, ValueError) as problem:
        said = getattr(problem, "strerror", None) or str(problem)
        raise UsageError(f'{name}: "{named}" cannot be started: {said.lower()}.', hint=f"Correct {name}.") from None
    if status:
        raise DiskError(Finding(f"{named} ended with exit status {status}.", hint="Fix that and rerun."))

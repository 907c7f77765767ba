"""One run a workspace: a lock held by the operating system, so that it ends with the process that holds it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from thesisvault.errors import DiskError, Finding, LockedError, Place


@contextmanager
def held(folder: Path, command: str) -> Iterator[None]:
    """Hold the lock of a workspace while the body runs.

    Args:
        folder: Where the lock file lies.
        command: What the run is, for whoever finds the lock taken.

    Raises:
        LockedError: Another run holds it; it says which.
        DiskError: The lock file cannot be made.
    """
    lock, about = folder / "lock", folder / "lock.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        holder = FileLock(lock, timeout=0)
        holder.acquire()
    except Timeout:
        raise LockedError(
            f"another run holds this workspace{_who(about)}.", hint="Wait for it to end; nothing was written."
        ) from None
    except OSError as error:
        raise DiskError(
            Finding(f"the lock cannot be made: {error.strerror}.", Place(lock.as_posix()), "Make the folder writable.")
        ) from None
    try:
        with suppress(OSError):  # it only serves whoever finds the lock taken; on a full disk the run says so itself
            about.write_text(json.dumps({"process": os.getpid(), "command": command}), "utf-8")
        yield
    finally:
        with suppress(OSError):
            about.unlink(missing_ok=True)
        holder.release()


def _who(about: Path) -> str:
    try:
        found = json.loads(about.read_text("utf-8"))
        return f": process {int(found['process'])}, {found['command']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""

"""One run per workspace: a lock held by the operating system, so that it ends with the process that holds it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from thesisvault.errors import DiskError, Finding, LockedError, Place
from thesisvault.opening import other_kind, read_plain


_LARGEST = 10_000


@contextmanager
def locked(folder: Path, command: str) -> Iterator[None]:
    """Hold the lock of a workspace while the body runs.

    Args:
        folder: Folder of the lock file.
        command: Name of the run, for a second run that finds the lock taken.

    Raises:
        LockedError: Another run holds the lock; the message says which.
        DiskError: The lock file cannot be made.
    """
    path, about = folder / "lock", folder / "lock.json"
    lock = FileLock(path, timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for each in (path, about):
            if said := other_kind(each) or ("it is a link" if each.is_symlink() else ""):
                raise DiskError(Finding(f"the lock cannot be made: {said}.", Place(each.as_posix()), "Move it away."))
        lock.acquire()
    except Timeout:
        raise LockedError(
            f"another run holds this workspace{_who(about)}.", hint="Wait for it to end; nothing was written."
        ) from None
    except OSError as error:
        raise DiskError(
            Finding(f"the lock cannot be made: {error.strerror}.", Place(path.as_posix()), "Make the folder writable.")
        ) from None
    try:
        with suppress(OSError):  # it only informs a second run; on a full disk this run says so itself
            about.write_text(json.dumps({"process": os.getpid(), "command": command}), "utf-8")
        yield
    finally:
        with suppress(OSError):
            about.unlink(missing_ok=True)
        lock.release()


def _who(about: Path) -> str:
    try:
        found = json.loads(read_plain(about, _LARGEST))
        return f": process {int(found['process'])}, {found['command']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""

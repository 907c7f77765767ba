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
    if path.is_symlink():
        said, hint = "the lock is a symbolic link, and nothing is written through it.", "Take the link away."
        raise DiskError(Finding(said, Place(path.as_posix()), hint))
    try:
        folder.mkdir(exist_ok=True)  # a workspace that has just been moved is not made again
        for each in (path, about):
            # A link in the place of `lock.json` is taken away, and what it leads to stays as it is.
            if not each.is_symlink() and (said := other_kind(each)):
                raise DiskError(Finding(f"the lock cannot be made: {said}.", Place(each.as_posix()), "Move it away."))
        lock.acquire()
    except Timeout:
        raise LockedError(
            f"another run is using this workspace{f' ({who})' if (who := _who(about)) else ''}.",
            hint="Nothing was written. Try again when it has finished.",
        ) from None
    except FileExistsError:
        said = "it is not a folder, and the lock needs one."
        raise DiskError(Finding(said, Place(folder.as_posix()), "Move it away.")) from None
    except OSError as error:
        raise DiskError(
            Finding(f"the lock cannot be made: {error.strerror}.", Place(path.as_posix()), "Make the folder writable.")
        ) from None
    try:
        with suppress(OSError):  # it only informs a second run; on a full disk this run says so itself
            _tell(about, json.dumps({"process": os.getpid(), "command": command}))
        yield
    finally:
        with suppress(OSError):
            about.unlink(missing_ok=True)
        lock.release()


def holder(folder: Path) -> str | None:
    """Return who holds the lock of a workspace, as the end of a sentence; None where nobody does.

    Args:
        folder: Folder of the lock file; nothing is made in it.
    """
    path = folder / "lock"
    if path.is_symlink() or not path.is_file():
        return None
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return _who(folder / "lock.json")
    except OSError:
        return None  # whoever cannot open it cannot hold it
    lock.release()
    return None


def _tell(about: Path, text: str) -> None:
    """Write a file anew; what a link in its place leads to stays as it is."""
    about.unlink(missing_ok=True)
    number = os.open(about, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)


def _who(about: Path) -> str:
    try:
        found = json.loads(read_plain(about, _LARGEST))
        return f"process {int(found['process'])}, {found['command']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""

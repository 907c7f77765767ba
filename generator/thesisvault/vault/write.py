"""Writing files, each atomically; `vault.changes` gathers what a run writes.

A file is written under a hidden name in its own folder, flushed to the disk, and then moved over the old one, so a
reader, a sync client or a crash sees either the old file or the new one. Windows refuses to replace a file that another
program has open; such a move is tried again for about two seconds before it becomes an error.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

from thesisvault.errors import DiskError, Finding, Place, ThesisvaultError
from thesisvault.opening import other_kind, read_plain
from thesisvault.workspace import make_folder

TEMP_SUFFIX = ".tv-tmp"
"""Suffix of the hidden names of unfinished files; the next write of a file removes the one that a crash left."""

TRASH = ".trash"
FOLLOW = "have links followed: follow_links: true in thesisvault.yaml."
"""How a person allows writing through links, as the end of a hint."""

Replace = Callable[[Path, Path], None]
Pause = Callable[[float], None]
_PAUSES = (0.02, 0.04, 0.08, 0.16, 0.3, 0.6, 0.8)
"""Seconds to wait between attempts to move a file onto one that is open elsewhere: 2 s in all."""

_IN_USE = (5, 32, 33)
"""What Windows answers when another program has a file open: access denied, sharing violation, lock violation."""

_HINTS = {
    errno.EACCES: "Give yourself permission to write there, or name another folder in thesisvault.yaml.",
    errno.EPERM: "Give yourself permission to write there, or name another folder in thesisvault.yaml.",
    errno.EROFS: "The disk is mounted read-only; name another folder in thesisvault.yaml.",
    errno.ENOSPC: "Make room on the disk and run again; every file is whole, old or new.",
    errno.EDQUOT: "Make room on the disk and run again; every file is whole, old or new.",
    errno.EISDIR: "Move the folder of that name away.",
    errno.ENOTDIR: "A file stands where a folder is needed; move it away.",
    errno.EEXIST: "A file stands where a folder is needed; move it away.",
    errno.ENAMETOOLONG: "Give the definition a shorter title, or move the vault to a shorter path.",
}


def disk_error(problem: OSError, path: Path, doing: str) -> DiskError:
    """Return the error for a file or folder that cannot be used.

    Args:
        problem: Answer of the operating system.
        path: The file or folder.
        doing: What was to be done to it, such as `written`.
    """
    said = (problem.strerror or str(problem)).lower()
    hint = _HINTS.get(problem.errno or 0, "Fix that and run again.")
    return DiskError(Finding(f"it cannot be {doing}: {said}.", Place(path.as_posix()), hint, code="disk"))


def read_bytes(path: Path) -> bytes | None:
    """Return the content of a file; None if it does not exist.

    Raises:
        DiskError: The file cannot be read, or is a folder.
    """
    try:
        return read_plain(path)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise disk_error(problem, path, "read") from None


class OneFileError(DiskError):
    """One file cannot be written; those around it can."""


class ChangedMeanwhileError(ThesisvaultError):
    """A file is no longer as it was when it was read."""


ANY = b"any"


def seal(content: bytes | None) -> bytes | None:
    """Return what a content is known again by; None for a file that is not there."""
    return None if content is None else hashlib.sha256(content).digest()


def _replace(source: Path, target: Path) -> None:
    os.replace(source, target)  # noqa: PTH105 - named for what it does on every system


def write_if_changed(
    path: Path,
    data: bytes,
    expected: bytes | None = ANY,
    *,
    within: Path | None = None,
    replace: Replace = _replace,
    pause: Pause = time.sleep,
) -> bool:
    """Make a file hold these bytes, and return whether it had to be written; its folder is made if need be.

    An existing file keeps its mode.

    Args:
        path: The file.
        data: The wanted content.
        expected: The seal of what the file held when it was read, None if it did not exist; compared again right
            before the file is replaced. By default any content is replaced.
        within: A folder above it that has to be there; by default all folders that are missing are made.
        replace: Moves the first file onto the second.
        pause: Waits for a number of seconds while another program has the file open.

    Raises:
        ChangedMeanwhileError: The file does not hold what was expected; nothing has changed.
        DiskError: The file cannot be written, is read-only, open elsewhere, a folder or a symbolic link; nothing has
            changed.
    """
    mode = writable_mode(path)
    if mode is not None and read_bytes(path) == data:
        return False
    temp = path.with_name(f".{path.name[:80]}{TEMP_SUFFIX}")
    filled = False

    def put_in_place() -> None:
        if expected is not ANY and seal(read_bytes(path)) != expected:
            raise ChangedMeanwhileError(Finding("it has changed since it was read.", Place(path.as_posix())))
        replace(temp, path)

    try:
        make_folder(path.parent, within)
        _fill(temp, data, mode)
        filled = mode is not None
        _patiently(put_in_place, path, "written", pause)
        _sync_folder(path.parent)
    except (OSError, DiskError, ChangedMeanwhileError) as problem:
        with contextlib.suppress(OSError):
            temp.unlink()
        if not isinstance(problem, OSError):
            raise
        found = disk_error(problem, path, "written")
        # Its folder took the new text, so only the old file resists: it is locked or immutable.
        raise (OneFileError(found.findings) if filled and problem.errno == errno.EPERM else found) from None
    return True


def _patiently(move: Callable[[], None], path: Path, doing: str, pause: Pause = time.sleep) -> None:
    """Move a file, again after growing pauses while another program has it open.

    Args:
        move: Moves the file.
        path: The file that may be open elsewhere.
        doing: What is done to it, such as `written`.
        pause: Waits for a number of seconds.

    Raises:
        OSError: The file cannot be moved for another reason.
        DiskError: The file is still open elsewhere after the last pause.
    """
    for seconds in (*_PAUSES, None):
        try:
            return move()
        except PermissionError as problem:
            if getattr(problem, "winerror", None) not in _IN_USE:
                raise
            if seconds is None:
                said = f"it cannot be {doing}: {(problem.strerror or str(problem)).lower().rstrip('.')}"
                hint = "Close it in Obsidian, an editor, a sync client or a virus scanner, and run again."
                place = Place(path.as_posix())
                raise OneFileError(Finding(f"{said}; another program has it open.", place, hint, code="disk")) from None
            pause(seconds)


def writable_mode(path: Path) -> int | None:
    """Return the mode of a file that can be written; None if it does not exist yet."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise disk_error(problem, path, "written") from None
    if stat.S_ISDIR(found.st_mode):
        raise OneFileError(disk_error(OSError(errno.EISDIR, "it is a folder"), path, "written").findings)
    if stat.S_ISLNK(found.st_mode):
        said = "it is a symbolic link, and nothing outside the vault is written."
        hint = f"Replace the link with a file, or {FOLLOW}"
        raise OneFileError(Finding(said, Place(path.as_posix()), hint, code="disk"))
    if said := other_kind(path):
        found_kind = Finding(f"it cannot be written: {said}.", Place(path.as_posix()), "Move it away.", code="disk")
        raise OneFileError(found_kind)
    if not found.st_mode & 0o222:
        said = "it cannot be written: it is read-only."
        raise OneFileError(Finding(said, Place(path.as_posix()), "Make it writable, or move it away.", code="disk"))
    return stat.S_IMODE(found.st_mode)


def _fill(temp: Path, data: bytes, mode: int | None) -> None:
    with contextlib.suppress(FileNotFoundError):
        temp.unlink()
    number = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    with os.fdopen(number, "wb") as file:
        if mode is not None and hasattr(os, "fchmod"):
            os.fchmod(file.fileno(), mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Flush the list of names in a folder to the disk, where the system can."""
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    except OSError as problem:
        if problem.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems cannot
            raise
    finally:
        os.close(number)


def to_trash(path: Path, vault: Path) -> None:
    """Move a file to the trash, keeping its path below it; a number is added if that is taken."""
    target = vault / TRASH / path.relative_to(vault)
    number = 1
    while target.exists():
        number += 1
        target = target.with_name(f"{path.stem} {number}{path.suffix}")
    try:
        make_folder(target.parent, vault)
        _patiently(lambda: _replace(path, target), path, "moved to the trash")
        _sync_folder(path.parent)
    except OSError as problem:
        raise disk_error(problem, path, "moved to the trash") from None


def move_file(path: Path, target: Path) -> None:
    """Rename a file within its folder; an existing file of the new name is never overwritten.

    Raises:
        DiskError: The name is taken, or the file cannot be renamed.
    """
    try:
        # On a disk without regard to case both names may be those of one file, of which only the spelling changes.
        if target.exists() and not target.samefile(path):
            said = "it cannot be written: a file of that name exists."
            hint = "Move that file away, or give the definition another title."
            raise DiskError(Finding(said, Place(target.as_posix()), hint, code="disk"))
        _patiently(lambda: os.rename(path, target), path, "moved")  # noqa: PTH104 - as in the rest of this file
        _sync_folder(target.parent)
    except OSError as problem:
        raise disk_error(problem, path, "moved") from None

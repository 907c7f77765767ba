"""Opening a file to read it, in one way for every layer: only what is a file, no more than is bearable, no link out.

A pipe in the place of a file would wait for its other end for ever, a device may never end, and a link may lead to
somebody's secrets, of which a message would then quote a line. So what stands in the place of a file is looked at
first. Lowest layer.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from pathlib import Path

LARGEST = 200_000_000
"""The most bytes of any file that is read; kinds of files have lower limits of their own."""
_WITHOUT_WAITING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


def read_plain(path: Path | str, most: int = LARGEST) -> bytes:
    """Return the content of a file.

    Args:
        path: The file.
        most: How many bytes it may have.

    Raises:
        OSError: It cannot be read, is no file (`ENODEV`), or has more bytes (`EFBIG`); `strerror` says so in words.
    """
    with open_plain(path) as file:
        # As much room as is asked for is made before anything is read.
        data = file.read(min(most, os.fstat(file.fileno()).st_size) + 1)
        while len(data) <= most and (more := file.read(min(most, 2 * len(data)) + 1 - len(data))):
            data += more
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it has more than {most / 1e6:.0f} MB", os.fspath(path))
    return data


def open_plain(path: Path | str) -> io.BufferedReader:
    """Return a file that is open for reading.

    Raises:
        OSError: It cannot be opened, or is no file (`ENODEV`); `strerror` says so in words.
    """
    refuse_other_kinds(os.stat(path).st_mode, path)  # noqa: PTH116 - a Path for each of thousands takes too long
    file = os.fdopen(os.open(path, _WITHOUT_WAITING), "rb")
    try:
        refuse_other_kinds(os.fstat(file.fileno()).st_mode, path)
    except BaseException:
        file.close()
        raise
    return file


def refuse_other_kinds(mode: int, path: Path | str) -> None:
    """Refuse what is no file.

    Raises:
        OSError: It is a folder, a pipe, a socket or a device (`ENODEV`, for a folder `EISDIR`).
    """
    if not stat.S_ISREG(mode):
        kind = next((words for is_kind, words in _KINDS if is_kind(mode)), "something else")
        number = errno.EISDIR if stat.S_ISDIR(mode) else errno.ENODEV
        raise OSError(number, f"it is {kind}, not a file", os.fspath(path))


def other_kind(path: Path) -> str:
    """Return what stands in the place of a file, in words; empty where a file or nothing at all does.

    A link that leads nowhere is nothing's place taken: it is said too.
    """
    try:
        refuse_other_kinds(path.stat().st_mode, path)
    except FileNotFoundError:
        return "it is a link that leads nowhere" if path.is_symlink() else ""
    except OSError as problem:
        return str(problem.strerror) if problem.errno in (errno.EISDIR, errno.ENODEV) else ""
    return ""


def leads_out(path: Path, root: Path, *folders: Path) -> bool:
    """Return whether a path leads by a link to somewhere outside of folders.

    Args:
        path: The path, which need not be there.
        root: The first folder; it may itself be reached by a link.
        folders: Further folders; one that is itself a link counts by its name and not by where it leads.
    """
    real = Path(os.path.realpath(path))
    named = [Path(os.path.realpath(folder.parent)) / folder.name for folder in map(_plainly, folders)]
    return not any(real == each or each in real.parents for each in (Path(os.path.realpath(root)), *named))


def _plainly(folder: Path) -> Path:
    """Return a folder without `..` in its path, which would hide its name."""
    return Path(os.path.normpath(folder.absolute()))

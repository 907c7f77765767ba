"""Files that one run leaves for the next and that are believed, so that they count only where this machine wrote them.

Beside such a file stands a seal: its number and when it was changed last, as the disk gives them. Nobody can give those
to a file that came with somebody else's workspace. Lowest layer.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import zlib
from pathlib import Path
from typing import Any

from thesisvault.opening import read_plain

LARGEST = 2_000_000_000
"""The most bytes of a sealed file."""


def read_sealed(path: Path, head: str) -> bytes | None:
    """Return what an earlier run left in a file; None where it is missing, broken, or of another head or machine.

    Args:
        path: The file.
        head: The line that it has to begin with, without the digest of the content: kind, version, what it rests on.
    """
    body = _read(path, head)
    return None if body is None else bytes(body)


def _read(path: Path, head: str) -> memoryview | None:
    try:
        if read_plain(_seal_of(path)) != _seal(path):
            return None
        data = read_plain(path, LARGEST)
    except OSError:
        return None
    begins = data.find(b"\n") + 1
    body = memoryview(data)[begins:]  # not a copy: of a large vault it is a hundred megabytes
    return body if data[:begins] == _head_line(head, body) else None


def write_sealed(path: Path, head: str, body: bytes) -> None:
    """Leave a file for the next run; where that is not possible, nothing is left."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(exist_ok=True)  # a workspace that has just been moved is not made again
        _replace(path, _head_line(head, body), body)
        _replace(_seal_of(path), _seal(path))


def read_value(path: Path, head: str) -> Any:
    """Return the value that an earlier run left in a file by `write_value`; None where `read_sealed` has nothing."""
    body = _read(path, head)
    try:
        return None if body is None else marshal.loads(body)  # noqa: S302 - sealed: this machine wrote it
    except (ValueError, TypeError, EOFError):
        return None


def write_value(path: Path, head: str, value: Any) -> None:
    """Leave numbers, texts, bytes, and tuples, lists and mappings of them, for the next run."""
    write_sealed(path, head, marshal.dumps(value))


def _head_line(head: str, body: bytes | memoryview) -> bytes:
    return f"{head} {zlib.crc32(body):08x}\n".encode()


def _seal_of(path: Path) -> Path:
    return path.with_suffix(".seal")


def _seal(path: Path) -> bytes:
    found = path.lstat()
    return f"{found.st_dev} {found.st_ino} {found.st_ctime_ns} {found.st_size}".encode()


def _replace(path: Path, *parts: bytes) -> None:
    temp = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temp.unlink(missing_ok=True)  # nothing is written into what stands there
        with temp.open("wb") as file:
            file.writelines(parts)
        temp.replace(path)
    except OSError:
        temp.unlink(missing_ok=True)
        raise

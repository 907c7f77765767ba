"""Files that one run leaves for the next and that are believed, so that they count only where this machine wrote them.

Beside such a file stands a seal: its number and when it was changed last, as the disk gives them. Nobody can give those
to a file that came with somebody else's workspace. Lowest layer.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any

from thesisvault.errors import DiskError, Finding, Place
from thesisvault.opening import open_plain, read_plain

LARGEST = 2_000_000_000
"""The most bytes of a sealed file."""
_CHUNK = 1 << 20
_SIZE = 8
"""How many bytes tell the size of a value that something lies behind."""


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
    return body if data[:begins] == _head_line(head, zlib.crc32(body)) else None


def write_sealed(path: Path, head: str, body: bytes) -> None:
    """Leave a file for the next run; where that is not possible, nothing is left."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(exist_ok=True)  # a workspace that has just been moved is not made again
        _replace(path, (_head_line(head, zlib.crc32(body)), body))
        _replace(_seal_of(path), (_seal(path),))


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


class _Open:
    """A file that is open as long as anything of it is held, also once the one that it was opened by is closed.

    Args:
        file: The file.
        shown: What messages call it.
    """

    _number = -1

    def __init__(self, file: IO[bytes], shown: str) -> None:
        # A number alone: what holds a file in a circle may outlive it, and Python then warns of a file left open.
        self._number, self._shown = os.dup(file.fileno()), shown

    def __del__(self) -> None:
        if self._number >= 0:
            os.close(self._number)

    def at(self, place: int, size: int) -> bytes:
        """Return so many bytes.

        Raises:
            DiskError: They cannot be read, or another program has cut the file off.
        """
        try:
            os.lseek(self._number, place, os.SEEK_SET)
            found = os.read(self._number, size)
        except OSError as problem:
            said = (problem.strerror or str(problem)).lower()
        else:
            if len(found) == size:
                return found
            said = "another program has cut it off"
        raise DiskError(Finding(f"what is kept of notes cannot be read: {said}.", Place(self._shown), "Run again."))

    def put(self, place: int, data: bytes) -> bool:
        """Write bytes, and return whether there was room for all of them.

        Raises:
            OSError: There was none at all.
        """
        os.lseek(self._number, place, os.SEEK_SET)
        return os.write(self._number, data) == len(data)


class Lying:
    """Bytes that lie in a file until they are wanted. Equal to others of the same content, wherever those are.

    Args:
        file: The file.
        place: Where they begin.
        size: How many there are.
    """

    __slots__ = ("_file", "_place", "_size")

    def __init__(self, file: _Open, place: int, size: int) -> None:
        self._file, self._place, self._size = file, place, size

    def __len__(self) -> int:
        return self._size

    def __bytes__(self) -> bytes:
        """Read them.

        Raises:
            DiskError: They cannot be read, or another program has cut the file off.
        """
        return self._file.at(self._place, self._size)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, bytes | Lying) and len(self) == len(other) and bytes(self) == bytes(other)

    __hash__ = None  # type: ignore[assignment]


class Spool:
    """A file without a name in which bytes wait; nothing is left of it when the process ends in whatever way.

    Args:
        folder: The folder in whose file system it lies.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: _Open | None = None
        self._end = 0

    def keep(self, data: bytes) -> Lying | bytes:
        """Return bytes as they lie there; as they are, where they cannot."""
        try:
            if self._open is None:
                with tempfile.TemporaryFile(dir=self._folder) as file:
                    self._open = _Open(file, self._folder.as_posix())
            if not self._open.put(self._end, data):
                return data
        except OSError:  # such as a full disk: what has to be written will say so
            return data
        self._end += len(data)
        return Lying(self._open, self._end - len(data), len(data))


def write_with_more(path: Path, head: str, value: Any, more: Callable[[], Iterable[bytes]]) -> None:
    """Leave a value as `write_value` does, and more behind it, which is asked for twice and never held at once.

    Raises:
        DiskError: What is to be written can itself not be read.
    """
    body = marshal.dumps(value)

    def parts() -> Iterator[bytes]:
        return chain((len(body).to_bytes(_SIZE, "big"), body), more())

    checksum = 0
    for part in parts():
        checksum = zlib.crc32(part, checksum)
    with contextlib.suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        _replace(path, chain((_head_line(head, checksum),), parts()))
        _replace(_seal_of(path), (_seal(path),))


def read_with_more(path: Path, head: str) -> tuple[Any, Callable[[int, int], Lying]] | None:
    """Return what `write_with_more` left: the value, and what gives as many bytes as are asked for of what is behind.

    None where `read_sealed` has nothing. The file stays open as long as anything of it is held.
    """
    try:
        if read_plain(_seal_of(path)) != _seal(path):
            return None
        with _opened(path) as file:
            line, checksum = file.readline(_CHUNK), 0
            while chunk := file.read(_CHUNK):
                checksum = zlib.crc32(chunk, checksum)
            if line != _head_line(head, checksum):
                return None
            file.seek(len(line))
            size = int.from_bytes(file.read(_SIZE), "big")
            value = marshal.loads(file.read(size))  # noqa: S302 - sealed: this machine wrote it
            opened = _Open(file, path.as_posix())
    except (OSError, ValueError, TypeError, EOFError, OverflowError, MemoryError):
        return None
    begins = len(line) + _SIZE + size
    return value, lambda place, length: Lying(opened, begins + place, length)


def _opened(path: Path) -> IO[bytes]:
    if os.name != "nt":
        return open_plain(path)
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - a file that is open cannot be replaced there
    copy.write(read_plain(path, LARGEST))
    copy.seek(0)
    return copy


def _head_line(head: str, checksum: int) -> bytes:
    return f"{head} {checksum:08x}\n".encode()


def _seal_of(path: Path) -> Path:
    return path.with_suffix(".seal")


def _seal(path: Path) -> bytes:
    found = path.lstat()
    return f"{found.st_dev} {found.st_ino} {found.st_ctime_ns} {found.st_size}".encode()


def _replace(path: Path, parts: Iterable[bytes]) -> None:
    temp = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temp.unlink(missing_ok=True)  # nothing is written into what stands there
        with temp.open("wb") as file:
            file.writelines(parts)
        temp.replace(path)
    except BaseException:
        temp.unlink(missing_ok=True)
        raise

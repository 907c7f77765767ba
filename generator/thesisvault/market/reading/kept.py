"""The file of kept series: days, closes and levels as they were read of the store, or made of it.

It is a cache: the store remains the truth. Each entry has a key, a digest of all that it was made from (the digests of
its series in the store and what their definitions say), and is handed out for that very key alone. Each block of bytes
is read when it is used, and compared with its checksum. A file that is damaged, of other code, or cannot be read or
written costs time, and nothing else. It is not mapped into memory: where another program shortens a mapped file, the
system ends whoever looks at what is gone, and what changes after it was compared is believed.

Layout, little-endian: a head (`_HEAD`: magic, code, place and length of the index, its checksum); blocks at multiples
of eight bytes; the index, which is JSON: the blocks (offset, length, checksum, kind) and the entries (name, key,
digests of its members in the store, numbers of its blocks, the first of which is its text).
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import json
import os
import stat
import struct
import tempfile
import weakref
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, BinaryIO, TypeVar

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from thesisvault.opening import open_plain, read_plain

Array = npt.NDArray[Any]
T = TypeVar("T")
Read = Callable[[int, int], bytes]
"""Gives bytes by their offset and length."""
_MAGIC = b"series 1"
_HEAD = struct.Struct("<8s16sQQI")
_PAGE = 4096
_UNREADABLE = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    struct.error,
)
_ABANDONED_SECONDS = 3600
MOST_FRESH = 96_000_000
"""How many bytes of new series one run keeps; they wait in a file without a name until it ends."""
MOST_BYTES = 320_000_000
"""About the most bytes of the file."""
_CODE = ("analytics", "market", "market/reading", "market/store")
_DAYS, _VALUES, _TEXT = "days", "values", "text"


class Entry(Struct, frozen=True):
    """What is kept under a name: JSON text, and arrays of day numbers or of values."""

    text: str
    arrays: tuple[Array, ...]


class Origin(Struct, frozen=True):
    """What something was made from: a digest of all of it, and the series of the store among it with their digests."""

    key: str
    members: Mapping[str, str]

    @classmethod
    def of(cls, others: Iterable[Origin], *recipe: object) -> Origin:
        """Return the origin of what is made from others by a recipe of plain values."""
        made_from = list(others)
        members = {ticker: digest for each in made_from for ticker, digest in each.members.items()}
        return cls(key_of(recipe, [each.key for each in made_from]), members)


class _Block(Struct, frozen=True):
    offset: int
    length: int
    checksum: str
    kind: str


class _Row(Struct, frozen=True):
    origin: Origin
    blocks: tuple[int, ...]


class _Fresh(Struct, frozen=True):
    origin: Origin
    text: str
    arrays: tuple[tuple[int, int, str], ...]
    """Offset, length in bytes and type of each."""


class Kept:
    """The kept series of one workspace.

    Args:
        path: The file, which need not be there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: Read = _nothing
        self._blocks: list[_Block] = []
        self._rows: dict[str, _Row] = {}
        self._fresh: dict[str, _Fresh] = {}
        self._fresh_bytes = 0
        self._spool: IO[bytes] | None = None
        self._days: dict[int, npt.NDArray[np.int64]] = {}
        with contextlib.suppress(*_UNREADABLE):
            self._open()

    def _open(self) -> None:
        if not self._is_usable():
            return
        read, size = self._opened()
        magic, code, start, length, checksum = _HEAD.unpack(read(0, _HEAD.size))
        if magic != _MAGIC or code != code_digest() or size != start + length:
            return
        index = read(start, length)
        if zlib.crc32(index) != checksum:
            return
        blocks, rows = json.loads(index)
        self._blocks = [_Block(*block) for block in blocks]
        self._rows = {name: _Row(Origin(key, members), tuple(numbers)) for name, key, members, numbers in rows}
        self._read = read

    def _opened(self) -> tuple[Read, int]:
        """Return what reads of the file as it is now, also once another has taken its place, and its size."""
        if os.name == "nt":  # a file that is open cannot be replaced there
            data = read_plain(self.path)
            return lambda offset, length: _whole(data[offset : offset + length], length), len(data)
        with open_plain(self.path) as file:
            number = os.dup(file.fileno())
        weakref.finalize(self, os.close, number)
        return lambda offset, length: _whole(os.pread(number, length, offset), length), os.fstat(number).st_size

    def _is_usable(self) -> bool:
        """Whether a file may lie at the path: nothing does, or one, and no link."""
        try:
            return stat.S_ISREG(self.path.lstat().st_mode)
        except FileNotFoundError:
            return True

    def forget(self) -> None:
        """Take nothing from the file: all that is asked for is made anew, and the file is written anew with it."""
        self._rows.clear()

    @property
    def has_news(self) -> bool:
        """Whether there is something to write."""
        return bool(self._fresh)

    def __contains__(self, name: str) -> bool:
        return name in self._fresh or name in self._rows

    def has(self, name: str, key: str) -> bool:
        """Whether an entry is there for a key; what it holds has still to be compared with its checksums."""
        return any(name in kept and kept[name].origin.key == key for kept in (self._fresh, self._rows))

    def find(self, name: str, key: str, read: Callable[[Entry], T]) -> T | None:
        """Return what an entry says, or None if there is none for the key, or none that is whole.

        Args:
            name: What it is called.
            key: What it has to be made from.
            read: Makes the wanted thing of an entry.
        """
        if not self.has(name, key):
            return None
        try:
            fresh = self._fresh.get(name)
            return read(self._entry(self._rows[name]) if fresh is None or fresh.origin.key != key else self._new(fresh))
        except _UNREADABLE:
            self._rows.pop(name, None)
            self._fresh.pop(name, None)
            return None

    def put(self, name: str, origin: Origin, entry: Entry) -> None:
        """Keep an entry in place of the one of that name, as long as there is room."""
        size = sum(array.nbytes for array in entry.arrays)
        if self._fresh_bytes + size <= MOST_FRESH:
            with contextlib.suppress(OSError):  # what cannot wait is made again by the next run
                self._fresh[name] = _Fresh(origin, entry.text, tuple(map(self._spooled, entry.arrays)))
                self._fresh_bytes += size

    def _spooled(self, array: Array) -> tuple[int, int, str]:
        if self._spool is None:
            self._spool = tempfile.TemporaryFile()  # noqa: SIM115 - open until the run ends
            weakref.finalize(self, self._spool.close)
        offset = self._spool.seek(0, os.SEEK_END)
        self._spool.write(array.tobytes())
        return offset, array.nbytes, array.dtype.str

    def _new(self, fresh: _Fresh) -> Entry:
        assert self._spool is not None  # noqa: S101 - it holds what is fresh
        arrays = []
        for offset, length, kind in fresh.arrays:
            self._spool.seek(offset)
            arrays.append(np.frombuffer(_whole(self._spool.read(length), length), dtype=kind))
        return Entry(fresh.text, tuple(arrays))

    def _entry(self, row: _Row) -> Entry:
        text, *arrays = row.blocks
        return Entry(self._content(text).decode(), tuple(self._array(number) for number in arrays))

    def _content(self, number: int) -> bytes:
        return bytes(self._compared(self._blocks[number]))

    def _compared(self, block: _Block) -> memoryview:
        """Return the bytes of a block, which are those that were written."""
        data = memoryview(self._read(block.offset, _padded(block.length)))
        if _checksum(data, block.length) != block.checksum:
            raise ValueError(f"the block at {block.offset} is not what was written")
        return data[: block.length]

    def _array(self, number: int) -> Array:
        block = self._blocks[number]
        if block.kind == _VALUES:
            return np.frombuffer(self._compared(block), dtype="<f8").astype(np.float64, copy=False)
        if number not in self._days:
            # Series with the same days share one array of them.
            self._days[number] = np.frombuffer(self._compared(block), dtype="<i4").astype(np.int64)
            self._days[number].flags.writeable = False
        return self._days[number]

    # Writing ------------------------------------------------------------------------------------------------------

    def write(self, current: Mapping[str, str]) -> bool:
        """Write the file anew if there is something to add, and return whether that was done.

        Entries that are not replaced stay as long as all of their members are in the store as they were. A file that
        cannot be written is left as it is.

        Args:
            current: The digest of each series of the store.
        """
        if not self._fresh:
            return False
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            if not self._is_usable():
                return False
            self.path.parent.mkdir(exist_ok=True)
            with temporary.open("wb") as file:
                self._clear_away(os.fstat(file.fileno()).st_mtime)
                self._fill(file, current)
            temporary.replace(self.path)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()
            return False
        self._fresh, self._fresh_bytes = {}, 0
        if self._spool is not None:
            self._spool.truncate(0)
        return True

    def _clear_away(self, now: float) -> None:
        """Remove what writers that were killed left behind."""
        for left in self.path.parent.glob(f".{self.path.name}.*"):
            with contextlib.suppress(OSError):
                if left.lstat().st_mtime < now - _ABANDONED_SECONDS:
                    left.unlink()

    def _fill(self, file: BinaryIO, current: Mapping[str, str]) -> None:
        writer = _Writer(file)
        rows: list[tuple[str, Origin, list[int]]] = []
        moved: dict[int, int] = {}
        for name, row in self._rows.items():
            stays = all(current.get(ticker) == digest for ticker, digest in row.origin.members.items())
            if name in self._fresh or not stays or writer.size > MOST_BYTES - self._fresh_bytes:
                continue
            for number in row.blocks:
                if number not in moved:
                    block = self._blocks[number]
                    moved[number] = writer.copy(self._read(block.offset, _padded(block.length)), block)
            rows.append((name, row.origin, [moved[number] for number in row.blocks]))
        for name, fresh in self._fresh.items():
            numbers = [writer.text(fresh.text), *(writer.array(array) for array in self._new(fresh).arrays)]
            rows.append((name, fresh.origin, numbers))
        writer.finish(rows)


class _Writer:
    """Writes blocks, each array of days once, and the index behind them."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._offset = file, _padded(_HEAD.size)
        self._blocks: list[_Block] = []
        self._days: dict[bytes, int] = {}
        file.write(bytes(self._offset))

    @property
    def size(self) -> int:
        """How many bytes were written."""
        return self._offset

    def copy(self, data: bytes, block: _Block) -> int:
        """Write a block of another file with its own checksum, so that damage is found when it is used."""
        number = self._add(data, block.length, block.kind, block.checksum)
        if block.kind == _DAYS:
            self._days.setdefault(data[: block.length], number)
        return number

    def text(self, text: str) -> int:
        """Write a text and return the number of its block."""
        data = text.encode()
        return self._add(_filled(data), len(data), _TEXT)

    def array(self, array: Array) -> int:
        """Write an array and return the number of its block."""
        if array.dtype.kind == "f":
            data = array.astype("<f8", copy=False).tobytes()
            return self._add(data, len(data), _VALUES)
        data = array.astype("<i4").tobytes()
        if data not in self._days:
            self._days[data] = self._add(_filled(data), len(data), _DAYS)
        return self._days[data]

    def _add(self, data: bytes, length: int, kind: str, checksum: str = "") -> int:
        self._blocks.append(_Block(self._offset, length, checksum or _checksum(memoryview(data), length), kind))
        self._file.write(data)
        self._offset += len(data)
        return len(self._blocks) - 1

    def finish(self, rows: Sequence[tuple[str, Origin, list[int]]]) -> None:
        """Write the index, and the head that says where it is."""
        blocks = [(block.offset, block.length, block.checksum, block.kind) for block in self._blocks]
        entries = [(name, origin.key, origin.members, numbers) for name, origin, numbers in rows]
        index = json.dumps((blocks, entries), separators=(",", ":")).encode()
        self._file.write(index)
        self._file.seek(0)
        self._file.write(_HEAD.pack(_MAGIC, code_digest(), self._offset, len(index), zlib.crc32(index)))


def _whole(data: bytes, length: int) -> bytes:
    """Return bytes that were read, all that were asked for.

    Raises:
        OSError: There are fewer: the file was shortened.
    """
    if len(data) != length:
        raise OSError(errno.EIO, f"found {len(data)} of {length} bytes")
    return data


def _nothing(_offset: int, length: int) -> bytes:
    return _whole(b"", length)


def _padded(length: int) -> int:
    return -(-length // 8) * 8


def _filled(data: bytes) -> bytes:
    return data + bytes(_padded(len(data)) - len(data))


def _checksum(data: memoryview, length: int) -> str:
    """Return a checksum of a block that is filled to a multiple of eight bytes.

    Sums of a page each are digested, since to digest all bytes takes thirty times as long. A word that changes changes
    the sum of its page, and pages that are exchanged change the order of the sums.
    """
    whole = len(data) // _PAGE * _PAGE
    seal = hashlib.blake2b(str(length).encode(), digest_size=8)
    if whole:
        words = np.frombuffer(data[:whole], dtype="<u8").reshape(-1, _PAGE // 8)
        seal.update(np.add.reduce(words, axis=1, dtype=np.uint64).astype("<u8", copy=False))
    seal.update(data[whole:])
    return seal.hexdigest()


@functools.cache
def code_digest() -> bytes:
    """Return a digest of the code that makes series of what is stored: another formula makes another series.

    Raises:
        OSError: The code cannot be read.
    """
    package = Path(__file__).resolve().parents[2]
    sources = [path for folder in _CODE for path in sorted((package / folder).glob("*.py"))]
    if not sources:
        raise FileNotFoundError(errno.ENOENT, "its source is not there", str(package))
    seal = hashlib.blake2b(np.__version__.encode(), digest_size=16)
    for path in sources:
        seal.update(f"\n{path.name}\n".encode())
        seal.update(path.read_bytes())
    return seal.digest()


def key_of(*parts: object) -> str:
    """Return a digest of plain values: what something is made from."""
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

"""Writing without ever leaving half a file: all changes are gathered first, then made one by one, each atomically.

A file is written under a hidden name in its own folder, brought to the disk, and then put in the place of the old one,
so a reader, a sync client or a crash sees the old file or the new one and nothing else.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from thesisvault.errors import DiskError, Finding, Place, ThesisvaultError

TEMP_SUFFIX = ".tv-tmp"
"""How the hidden names of unfinished files end; one that a crash left goes with the next write."""

TRASH = ".trash"

Again = Callable[[str | None], bytes | None]
_TRIES = 5

_HINTS = {
    errno.EACCES: "Give yourself the right to write there, or name another folder in thesisvault.yaml.",
    errno.EPERM: "Give yourself the right to write there, or name another folder in thesisvault.yaml.",
    errno.EROFS: "The disk is mounted read-only; name another folder in thesisvault.yaml.",
    errno.ENOSPC: "Make room on the disk and run again; every file is whole, old or new.",
    errno.EDQUOT: "Make room on the disk and run again; every file is whole, old or new.",
    errno.EISDIR: "Move the folder of that name away.",
    errno.ENOTDIR: "A file stands where a folder is needed; move it away.",
    errno.EEXIST: "A file stands where a folder is needed; move it away.",
    errno.ENAMETOOLONG: "Give the definition a shorter title, or move the vault to a shorter path.",
}


def disk_error(problem: OSError, path: Path, doing: str) -> DiskError:
    """Return what to say when a file or folder cannot be used.

    Args:
        problem: What the operating system said.
        path: What was to be used.
        doing: A word for it, such as `written`.
    """
    said = (problem.strerror or str(problem)).lower()
    hint = _HINTS.get(problem.errno or 0, "Run again once that is mended.")
    return DiskError(Finding(f"it cannot be {doing}: {said}.", Place(path.as_posix()), hint, code="disk"))


def read_bytes(path: Path) -> bytes | None:
    """Return what is in a file; None if there is none.

    Raises:
        DiskError: It is there but cannot be read, or is a folder.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise disk_error(problem, path, "read") from None


class ChangedMeanwhileError(ThesisvaultError):
    """A file is not as it was when it was read."""


_ANY = b"\0any"


def write_if_changed(path: Path, data: bytes, expected: bytes | None = _ANY) -> bool:
    """Return whether a file had to be written so that it holds these bytes; its folder is made if need be.

    An existing file keeps its mode.

    Args:
        path: The file.
        data: What it shall hold.
        expected: What it held when it was read, None for no file; looked at again right before it is replaced.

    Raises:
        ChangedMeanwhileError: It holds something else than expected; nothing has changed.
        DiskError: It cannot be written, is read-only, a folder or a symbolic link; nothing has changed then.
    """
    mode = _writable(path)
    if mode is not None and read_bytes(path) == data:
        return False
    temp = path.with_name(f".{path.name[:80]}{TEMP_SUFFIX}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _fill(temp, data, mode)
        if expected is not _ANY and read_bytes(path) != expected:
            temp.unlink()
            raise ChangedMeanwhileError(Finding("it has changed since it was read.", Place(path.as_posix())))
        os.replace(temp, path)  # noqa: PTH105 - named for what it does on every system
        _sync_folder(path.parent)
    except OSError as problem:
        with contextlib.suppress(OSError):
            temp.unlink()
        raise disk_error(problem, path, "written") from None
    return True


def _writable(path: Path) -> int | None:
    """Return the mode of an existing file, None if there is none."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise disk_error(problem, path, "written") from None
    if stat.S_ISDIR(found.st_mode):
        raise disk_error(OSError(errno.EISDIR, "a folder has this name"), path, "written")
    if stat.S_ISLNK(found.st_mode):
        said = "it is a symbolic link, and nothing outside the vault is written."
        raise DiskError(Finding(said, Place(path.as_posix()), "Put a file in its place.", code="disk"))
    if not found.st_mode & 0o222:
        said = "it cannot be written: it is read-only."
        raise DiskError(Finding(said, Place(path.as_posix()), "Make it writable, or move it away.", code="disk"))
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
    """Bring a folder's list of names to the disk, where the system can."""
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


@dataclass(frozen=True)
class Done:
    """What was changed, or would be.

    Attributes:
        written: Files written, in the order of writing.
        trashed: Files moved to the trash, by the names that they had.
        unchanged: How many files were as they should be.
    """

    written: tuple[Path, ...] = ()
    trashed: tuple[Path, ...] = ()
    unchanged: int = 0


@dataclass
class Changes:
    """Everything that a run will change on disk, gathered before anything is.

    Pictures come first, so that no note embeds what is not there yet; then notes; then what goes to the trash; what
    remembers it all comes last.

    Attributes:
        root: The workspace, to which paths in messages are relative.
    """

    root: Path
    _stages: tuple[dict[Path, bytes], dict[Path, bytes]] = field(default_factory=lambda: ({}, {}))
    _trash: dict[Path, Path] = field(default_factory=dict)
    _kept: set[Path] = field(default_factory=set)
    _read: dict[Path, bytes | None] = field(default_factory=dict)
    _again: dict[Path, Again] = field(default_factory=dict)
    _last: dict[Path, Callable[[], bytes]] = field(default_factory=dict)

    def read(self, path: Path) -> str | None:
        """Return the text of a file as it is now, any byte that is no UTF-8 escaped so that encoding gives it back.

        What was read is remembered: should the file have changed by the time it is written, it is not overwritten.

        Raises:
            DiskError: It cannot be read.
        """
        data = self._read[path] = read_bytes(path)
        return None if data is None else data.decode("utf-8", "surrogateescape")

    def put(self, path: Path, data: bytes, *, first: bool = False, again: Again | None = None) -> None:
        """Have a file hold these bytes.

        Args:
            path: The file.
            data: What it shall hold.
            first: It is embedded by notes, and so is written before them.
            again: Gives the bytes anew from what the file holds now, should somebody have changed it since it was
                read; None from it leaves the file as it is.
        """
        self._stages[0 if first else 1][path] = data
        if again is not None:
            self._again[path] = again

    def put_last(self, path: Path, data: Callable[[], bytes]) -> None:
        """Have a file that remembers the run hold what is known once all else is written."""
        self._last[path] = data

    def keep(self, path: Path) -> None:
        """Count a file that is known to be as it should be."""
        self._kept.add(path)

    def trash(self, path: Path, vault: Path) -> None:
        """Move a file to the trash of a vault, where Obsidian keeps what was deleted."""
        self._trash[path] = vault

    def pending(self) -> Iterator[tuple[Path, bytes]]:
        """Yield what would be written and differs from the disk, in the order of writing.

        Raises:
            DiskError: A file cannot be read.
        """
        for stage in (*self._stages, {path: make() for path, make in self._last.items()}):
            for path in sorted(stage):
                if read_bytes(path) != stage[path]:
                    yield path, stage[path]

    def apply(self, *, dry: bool = False) -> Done:
        """Return what was changed; with `dry` nothing is, and what would be is returned.

        Raises:
            DiskError: Something cannot be written, or was changed meanwhile by somebody else. What was written before
                it stays, each file whole, and what remembers the run is not written.
        """
        try:
            return self._apply(dry=dry)
        except DiskError as problem:
            raise self._shown(problem) from None

    def _apply(self, *, dry: bool) -> Done:
        pending = dict(self.pending())
        total = len(self._kept) + sum(map(len, self._stages)) + len(self._last) - len(pending)
        going = tuple(path for path in sorted(self._trash) if path.is_file())
        if dry:
            return Done(tuple(pending), going, total)
        for path in pending:
            self._check_place(path)
        written = [path for path in pending if path not in self._last and self._write(path, pending[path])]
        for path in going:
            _to_trash(path, self._trash[path])
        written += [path for path, make in sorted(self._last.items()) if write_if_changed(path, make())]
        return Done(tuple(written), going, total)

    def _shown(self, problem: DiskError) -> DiskError:
        """Return an error with places as messages show them: relative to the workspace."""
        root, found = self.root.resolve().as_posix() + "/", []
        for finding in problem.findings:
            path = Path(finding.place.path if finding.place else "")
            shown = (path.parent.resolve() / path.name).as_posix().removeprefix(root)
            found.append(finding.at(Place(shown)))
        return DiskError(found)

    @staticmethod
    def _check_place(path: Path) -> None:
        """See to it, before anything is written, that this can be."""
        _writable(path)
        folder = path.parent
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        if not folder.is_dir():
            raise disk_error(OSError(errno.ENOTDIR, "a file has this name"), folder, "used as a folder")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise disk_error(PermissionError(errno.EACCES, "permission denied"), folder, "written to")

    def _write(self, path: Path, data: bytes) -> bool:
        """Write one file; what somebody else has written to it since it was read goes into it, not under it."""
        for _ in range(_TRIES):
            try:
                return write_if_changed(path, data, self._read.get(path, _ANY))
            except ChangedMeanwhileError:
                again = self._again.get(path)
                if again is None:
                    break
                anew = again(self.read(path))
                if anew is None:
                    return False
                data = anew
        said = "it is being changed by somebody else while this run is on; it was left as it is."
        raise DiskError(Finding(said, Place(path.as_posix()), "Run again.", code="changed-meanwhile"))


def _to_trash(path: Path, vault: Path) -> None:
    """Move a file to the trash, under its own path there, with a number if that is taken."""
    target = vault / TRASH / path.relative_to(vault)
    number = 1
    while target.exists():
        number += 1
        target = target.with_name(f"{path.stem} {number}{path.suffix}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)  # noqa: PTH105
        _sync_folder(path.parent)
    except OSError as problem:
        raise disk_error(problem, path, "moved to the trash") from None


def move_file(path: Path, target: Path) -> None:
    """Give a file another name in the same folder; one that has that name already is never written over.

    Raises:
        DiskError: The name is taken, or the file cannot be moved.
    """
    try:
        # On a disk that does not tell case apart the two names may be of one file, whose spelling changes.
        if target.exists() and not target.samefile(path):
            raise disk_error(OSError(errno.EEXIST, "a file of that name is there"), target, "written")
        os.rename(path, target)  # noqa: PTH104 - as in the rest of this file
        _sync_folder(target.parent)
    except OSError as problem:
        raise disk_error(problem, path, "moved") from None

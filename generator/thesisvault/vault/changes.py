"""All changes of a run: gathered first, then made one by one, so that a mistake anywhere leaves the disk as it was."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import IO

from msgspec import Struct, field

from thesisvault.errors import DiskError, Finding, Place
from thesisvault.structs import replace
from thesisvault.workspace import Identity, identities
from thesisvault.vault.write import (
    ANY,
    ChangedMeanwhileError,
    OneFileError,
    disk_error,
    read_bytes,
    seal,
    to_trash,
    writable_mode,
    write_if_changed,
)

Again = Callable[[str | None], bytes | None]
_TRIES = 5
_IN_MEMORY = 1_000_000
"""How many bytes that are to be written are held in memory; beyond that they wait in a file without a name."""

_Waiting = tuple[int, int]
"""Where in the spool the content of a file waits, and its size."""

REFUSED = "unwritten-file"
"""The code of a finding about a file that could not be written while the others were."""


class Done(Struct, frozen=True):
    """What was changed, or would be.

    Attributes:
        written: Files written, in that order.
        trashed: Files moved to the trash, by their old paths.
        unchanged: Number of files that were right already.
    """

    written: tuple[Path, ...] = ()
    trashed: tuple[Path, ...] = ()
    unchanged: int = 0


class Changes(Struct, dict=True, weakref=True):
    """All changes that a run makes on disk, gathered before the first is made.

    What is to be written waits in memory, and where it is much, in a file without a name, of which nothing is left when
    the process ends in whatever way.

    Charts are written first, so that no note embeds one that is missing, then notes; then files go to the trash, and
    the file that remembers the run is written last.

    Attributes:
        root: The workspace, to which paths in messages are relative.
        follow_links: Whether a file that is a symbolic link is written where it leads.
        cache: The folder in whose file system it waits; by default that of the system for such files.
        there: Folders that were there when the run began, and which; by default the workspace. Where one of them is
            gone by the time of writing, moved away or unmounted, nothing is written, and none of them is made again.
        lies: Where files lie so far that would be elsewhere, for a run that only finds out what it would do.
        refused: Files that could not be written while the others were, each with the reason.
    """

    root: Path
    follow_links: bool = False
    cache: Path | None = None
    there: Mapping[Path, Identity] = field(default_factory=dict)
    lies: Mapping[Path, Path] = field(default_factory=dict)
    refused: dict[Path, Finding] = field(default_factory=dict)
    _stages: tuple[dict[Path, _Waiting], dict[Path, _Waiting]] = field(default_factory=lambda: ({}, {}))
    _trash: dict[Path, Path] = field(default_factory=dict)
    _kept: set[Path] = field(default_factory=set)
    _seen: dict[Path, bytes | None] = field(default_factory=dict)
    _again: dict[Path, Again] = field(default_factory=dict)
    _last: dict[Path, Callable[[], bytes]] = field(default_factory=dict)
    _alone: set[Path] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.there = self.there or identities((self.root,))

    def read(self, path: Path) -> str | None:
        """Return the text of a file; bytes that are not UTF-8 are escaped so that encoding gives them back.

        The content is known again: a file that has changed by the time it is written is not overwritten.

        Raises:
            DiskError: The file cannot be read.
        """
        data = read_bytes(self.lies.get(path, path))
        self._seen[path] = seal(data)
        return None if data is None else data.decode("utf-8", "surrogateescape")

    def put(
        self, path: Path, data: bytes, *, first: bool = False, again: Again | None = None, alone: bool = False
    ) -> None:
        """Plan a write.

        Args:
            path: The file.
            data: The wanted content.
            first: Whether notes embed the file, so that it is written before them.
            again: Gives the wanted content anew from the present text of a file that was changed after it was read, or
                None to leave that file alone.
            alone: Whether the other files are written even if this one, for a reason of its own, cannot be.

        Raises:
            DiskError: There is no room for it to wait.
        """
        self._stages[0 if first else 1][path] = self._waiting(data)
        if again is not None:
            self._again[path] = again
        if alone:
            self._alone.add(path)

    def put_last(self, path: Path, data: Callable[[], bytes]) -> None:
        """Plan the write of the file that remembers the run; its content is asked for once all else is written."""
        self._last[path] = data

    def keep(self, path: Path) -> None:
        """Count a file that is known to be right."""
        self._kept.add(path)

    def trash(self, path: Path, vault: Path) -> None:
        """Plan to move a file to the trash of a vault, where Obsidian keeps deleted files."""
        self._trash[path] = vault

    def pending(self) -> Iterator[Path]:
        """Yield each file that differs from its wanted content, in the order of writing.

        Raises:
            DiskError: A file cannot be read.
        """
        for stage in self._stages:
            yield from (path for path in sorted(stage) if read_bytes(path) != self._wanted(path))
        yield from (path for path in sorted(self._last) if read_bytes(path) != self._last[path]())

    @cached_property
    def _spool(self) -> IO[bytes]:
        where = os.fspath(self.cache) if self.cache and self.cache.is_dir() else None
        spool = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=where)
        weakref.finalize(self, spool.close)
        return spool

    def _waiting(self, data: bytes) -> _Waiting:
        try:
            place = self._spool.seek(0, os.SEEK_END)
            self._spool.write(data)
            self._spool.flush()
        except OSError as problem:
            with contextlib.suppress(OSError):  # what has no room is tried once more, in vain
                self._spool.close()
            where = self.cache or Path(tempfile.gettempdir())
            raise self._shown(disk_error(problem, where, "used for what is to be written")) from None
        return place, len(data)

    def _wanted(self, path: Path) -> bytes:
        """Return what is to be written to a file."""
        place, size = next(stage[path] for stage in self._stages if path in stage)
        self._spool.seek(place)
        return self._spool.read(size)

    def apply(self, *, dry: bool = False) -> Done:
        """Make all changes, and return what was changed; with `dry` only return what would be.

        Raises:
            DiskError: A file cannot be written, or another program keeps changing it. Files written before it stay,
                each of them whole, and the file that remembers the run is not written.
        """
        try:
            return self._apply(dry=dry)
        except DiskError as problem:
            raise self._shown(problem) from None

    def _apply(self, *, dry: bool) -> Done:
        pending = tuple(self.pending())
        total = len(self._kept) + sum(map(len, self._stages)) + len(self._last) - len(pending)
        going = tuple(path for path in sorted(self._trash) if path.is_file())
        if dry:
            return Done(pending, going, total)
        self._need_folders("nothing was written")
        for path in pending:
            with self._or_refused(path):
                self._check_place(self._real(path))
        written = []
        for path in pending:
            if path in self._last or path in self.refused:
                continue
            with self._or_refused(path):
                if self._write(path, self._wanted(path)):
                    written.append(path)
        self._need_folders("no further file was written")
        for path in going:
            to_trash(path, self._trash[path])
        written += [
            path for path, make in sorted(self._last.items()) if write_if_changed(path, make(), within=self._ground(path))
        ]
        return Done(tuple(written), going, total)

    def _real(self, path: Path) -> Path:
        return Path(os.path.realpath(path)) if self.follow_links and path.is_symlink() else path

    def _need_folders(self, done: str) -> None:
        """Go on only with all folders that were there when the run began.

        Args:
            done: What came of the run so far, for the message.

        Raises:
            DiskError: One is gone.
        """
        now = identities(self.there)
        for folder, identity in self.there.items():
            if now.get(folder) != identity:
                said = f"the folder is gone since the run began; {done}."
                raise DiskError(Finding(said, Place(folder.as_posix()), "Put it back, then run again.", code="no-folder"))

    def _ground(self, path: Path) -> Path | None:
        """Return the nearest folder above a file of those that have to be there."""
        return max((each for each in self.there if each in path.parents), key=lambda each: len(each.parts), default=None)

    @contextlib.contextmanager
    def _or_refused(self, path: Path) -> Iterator[None]:
        """Take down that a file cannot be written, if the others may be written without it."""
        try:
            yield
        except OneFileError as problem:
            if path not in self._alone:
                raise
            self.refused[path] = replace(self._shown(problem).findings[0], code=REFUSED)

    def _shown(self, problem: DiskError) -> DiskError:
        """Return the error with paths relative to the workspace, as messages show them."""
        root, found = Path(os.path.realpath(self.root)).as_posix() + "/", []
        for finding in problem.findings:
            path = Path(finding.place.path if finding.place else "")
            shown = (Path(os.path.realpath(path.parent)) / path.name).as_posix().removeprefix(root)
            found.append(finding.at(Place(shown)))
        return DiskError(found)

    @staticmethod
    def _check_place(path: Path) -> None:
        """Raise a DiskError if a file cannot be written, before any is."""
        writable_mode(path)
        folder = path.parent
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        if not folder.is_dir():
            raise disk_error(OSError(errno.ENOTDIR, "it is a file"), folder, "used as a folder")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise disk_error(PermissionError(errno.EACCES, "permission denied"), folder, "written to")

    def _write(self, path: Path, data: bytes) -> bool:
        """Write one file; what another program wrote to it since it was read is merged, never overwritten."""
        for _ in range(_TRIES):
            try:
                seen = self._seen.get(path, ANY)
                return write_if_changed(self._real(path), data, seen, within=self._ground(path))
            except ChangedMeanwhileError:
                self._need_folders("no further file was written")  # else it would count as deleted by a person
                again = self._again.get(path)
                if again is None:
                    break
                anew = again(self.read(path))
                if anew is None:
                    return False
                data = anew
        said = "another program keeps changing it; it was left as it is."
        raise OneFileError(Finding(said, Place(path.as_posix()), "Run again.", code="changed-meanwhile"))

"""The index of a vault: all notes and other files, read in one pass, and which of them a link opens.

The vault may be a person's own, with thousands of notes, so each file is read once. Whatever cannot be read becomes a
finding: bytes that are not UTF-8, broken properties, folders without permission, pipes. Folders whose names begin with
a dot are not part of a vault.
"""

from __future__ import annotations

import errno
import os
import stat
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from pathlib import Path

from thesisvault.errors import DiskError, Finding, Place
from thesisvault.instant import TICK
from thesisvault.opening import read_plain
from thesisvault.vault.note import Note, Stamp, absent_note, read_note
from thesisvault.vault.write import TEMP_SUFFIX, disk_error

_ICLOUD = ".icloud"
LARGEST_NOTE = 20_000_000
"""The most bytes of a note that is read."""


@dataclass(frozen=True)
class VaultIndex:
    """A vault as it was read.

    Attributes:
        notes: All notes, sorted by path.
        absent: Notes that are there but whose text is not: a sync client has taken it away, or it cannot be read.
        attachments: Paths of all other files, sorted.
        findings: What could not be read, and why.
        leftovers: Paths of unfinished files that a crash left.
        read_at: When reading began, in nanoseconds since 1970.
    """

    notes: tuple[Note, ...] = ()
    attachments: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    leftovers: tuple[str, ...] = ()
    read_at: int = 0
    absent: tuple[Note, ...] = ()
    _memo: dict[tuple[str, str], str | None] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def by_path(self) -> Mapping[str, Note]:
        """Notes by their paths."""
        return {note.path: note for note in self.notes}

    @cached_property
    def _files(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for path in (*(note.path for note in (*self.notes, *self.absent)), *self.attachments):
            found.setdefault(_folded(path.rpartition("/")[2]), []).append(path)
        return {name: tuple(paths) for name, paths in found.items()}

    def resolve(self, target: str, source: str = "") -> str | None:
        """Return the path that Obsidian opens for a link; None for a dead link.

        Links are matched against file names, without regard to case, and never against aliases. Of several files one
        below the source's folder wins, then the one with the shortest path.

        Args:
            target: Path in the link; empty for the note itself.
            source: Path of the note that holds the link.
        """
        folder = source.rpartition("/")[0]
        key = (target, folder)
        if not target:
            return source or None
        if key not in self._memo:
            self._memo[key] = self._resolve(target, folder)
        return self._memo[key]

    def _resolve(self, target: str, folder: str) -> str | None:
        wanted = _folded(target.replace("\\", "/"))
        relative = wanted.startswith(("./", "../"))
        if relative:
            wanted = os.path.normpath(f"{_folded(folder)}/{wanted}").replace(os.sep, "/").lstrip("/")
        rooted = wanted.startswith("/") or relative
        wanted = wanted.lstrip("/")
        for name in (wanted, f"{wanted}.md"):
            paths = self._files.get(name.rpartition("/")[2], ())
            exact = [path for path in paths if _folded(path) == name]
            fitting = exact if exact or rooted else [path for path in paths if _folded(path).endswith(name)]
            if fitting:
                near = f"{_folded(folder)}/"
                return min(fitting, key=lambda path: (not _folded(path).startswith(near), len(path), path))
        return None


def _folded(path: str) -> str:
    return path.lower() if path.isascii() else unicodedata.normalize("NFC", path).casefold()


def scan(root: Path, previous: VaultIndex | None = None, corner: str = "", *, follow: bool = False) -> VaultIndex:
    """Return the index of a vault; an empty one if the folder does not exist.

    Args:
        root: The vault's folder.
        previous: An earlier index of it. A note whose stamp is the same is not read again, unless it was so young then
            that its stamp proves nothing.
        corner: Folder of the generator's notes in the vault; empty if that is the vault itself.
        follow: Whether folders that are links are followed on the way to the corner and in it.

    Raises:
        DiskError: The vault is a file, or its folder cannot be read.
    """
    if not root.is_dir():
        if root.exists():
            said = "found a file, expected the folder of the vault."
            hint = "Move the file away, or name another vault in thesisvault.yaml."
            raise DiskError(Finding(said, Place(root.as_posix()), hint, code="disk"))
        return VaultIndex()
    vault, read_at = os.fspath(root), time.time_ns()
    reader = _Reader(vault, previous.by_path if previous else {}, (previous.read_at if previous else 0) - TICK, corner)
    folders = [("", vault)]
    while folders:
        folders += reader.folder(*folders.pop())
        if follow and not folders:
            folders += reader.next_linked()
    if previous and not reader.read and len(reader.notes) == len(previous.notes):
        notes = previous.notes  # the same notes, sorted already
    else:
        notes = tuple(sorted(reader.notes, key=attrgetter("path")))
    found = [*reader.findings, *(finding for note in notes for finding in note.findings)]
    return VaultIndex(
        notes,
        tuple(sorted(reader.attachments)),
        tuple(sorted(found, key=lambda finding: finding.sort_key)),
        tuple(sorted(reader.leftovers)),
        read_at,
        tuple(sorted(reader.absent, key=attrgetter("path"))),
    )


class _Reader:
    """Reads a vault folder by folder and gathers what is in it."""

    def __init__(self, vault: str, known: Mapping[str, Note], proven: int, corner: str) -> None:
        self.notes: list[Note] = []
        self.attachments: list[str] = []
        self.leftovers: list[str] = []
        self.absent: list[Note] = []
        self.findings: list[Finding] = []
        self.read = 0
        self._vault = vault
        self._known = known
        self._proven = proven
        self._corner = corner
        self._linked: list[tuple[str, str]] = []
        self._entered = [os.path.realpath(vault)]

    def next_linked(self) -> list[tuple[str, str]]:
        """Return the next folder that is a link and leads to one that was not read yet."""
        while self._linked:
            self._linked.sort(reverse=True)
            prefix, folder = self._linked.pop()
            real = os.path.realpath(folder)
            if not any(_within(real, other) or _within(other, real) for other in self._entered):
                self._entered.append(real)
                return [(prefix, folder)]
        return []

    def folder(self, prefix: str, folder: str) -> list[tuple[str, str]]:
        """Take in the files of a folder, and return the folders in it, each as its prefix and path."""
        try:
            with os.scandir(folder) as found:
                entries = list(found)
        except OSError as problem:
            if not prefix:
                raise disk_error(problem, Path(folder), "read") from None
            said = f"the folder cannot be read: {_said(problem)}."
            self.findings.append(_unreadable(said, prefix.rstrip("/")))
            return []
        inner = []
        known, proven = self._known, self._proven
        for entry in entries:  # runs once per file, so no calls for what most files need
            name = entry.name
            path = prefix + name
            try:
                if name[0] == ".":
                    if name.endswith(TEMP_SUFFIX):
                        self.leftovers.append(path)
                    elif name.endswith(_ICLOUD):
                        self._offloaded(prefix + name[1 : -len(_ICLOUD)])
                elif entry.is_dir():
                    if not entry.is_symlink():
                        inner.append((f"{path}/", entry.path))
                    elif self._is_ours(path):
                        self._linked.append((f"{path}/", entry.path))
                elif name[-3:].lower() == ".md":
                    status = entry.stat()
                    stamp = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
                    note = known.get(path)
                    if note is None or note.stamp != stamp or not stamp[1] < proven > stamp[2]:
                        note = self._read(entry.path, path, status.st_mode, stamp)
                    self.notes.append(note)
                else:
                    self.attachments.append(path)
            except OSError as problem:  # such as a symbolic link to itself
                said = "it is a link that leads nowhere" if entry.is_symlink() else f"it cannot be read: {_said(problem)}"
                self.findings.append(_unreadable(f"{said}.", path))
                if name[-3:].lower() == ".md":
                    self.absent.append(absent_note(path, said))
        return inner

    def _offloaded(self, path: str) -> None:
        """Take in a file that iCloud has taken from this disk, and of which it left a hidden list of properties."""
        if path[-3:].lower() == ".md":
            self.absent.append(absent_note(path, "iCloud has taken its text from this disk"))
        else:
            self.attachments.append(path)

    def _is_ours(self, path: str) -> bool:
        """Return whether a folder is on the way to the generator's own, or in it."""
        corner = f"{self._corner}/" if self._corner else ""
        return f"{path}/".startswith(corner) or corner.startswith(f"{path}/")

    def _read(self, file: str, path: str, mode: int, stamp: Stamp) -> Note:
        if not stat.S_ISREG(mode):  # opening a pipe would wait for its other end
            raise OSError(errno.EINVAL, "it is named like a note but is not a file")
        data = read_plain(file, LARGEST_NOTE)
        self.read += 1
        return read_note(data, path, corner=self._corner, stamp=stamp, vault=self._vault)


def _within(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith(outer.rstrip(os.sep) + os.sep)


def _said(problem: OSError) -> str:
    return (problem.strerror or str(problem)).lower()


def _unreadable(problem: str, path: str) -> Finding:
    return Finding(problem, Place(path), "Links and names in it do not count until that is fixed.", "warning", "unreadable")



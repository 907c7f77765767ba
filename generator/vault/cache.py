"""What is remembered of a vault between two runs, so that notes which have not changed are not read again.

The memory is one file among the caches of a workspace. It may go missing, be cut off or be of another version at any
time: then the vault is read whole, as the first time. Each note in it carries the stamp that its file had, and counts
only while the file still has it.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from pathlib import Path
from typing import Any

from generator.errors import Finding, Place
from generator.vault.index import Note, Stamp, VaultIndex, scan

FILE = "notes.json"
_HEAD = "thesisvault notes 1 "
"""The number goes up with every change in what is read from a note."""


def warm_scan(root: Path, folder: Path, corner: str = "") -> VaultIndex:
    """Return what is in a vault, reading only what has changed since the last time; what was found is remembered.

    Args:
        root: The vault's folder.
        folder: Where the workspace keeps its caches; one that cannot be written to is done without.
        corner: The folder of the vault that holds the generator's notes; empty for all of it.

    Raises:
        DiskError: The vault is a file, or cannot be read at all.
    """
    path, about = folder / FILE, [os.fspath(root.resolve()), corner]
    previous = _remembered(path, root, about)
    index = scan(root, previous, corner)
    if previous is None or not _same(index, previous):
        _remember(path, index, about)
    return index


def _same(index: VaultIndex, previous: VaultIndex) -> bool:
    """Return whether not one note was read."""
    pairs = zip(index.notes, previous.notes, strict=False)
    return len(index.notes) == len(previous.notes) and all(one is other for one, other in pairs)


def _remembered(path: Path, root: Path, about: list[str]) -> VaultIndex | None:
    try:
        head, _, body = path.read_bytes().partition(b"\n")
        if head.decode() != f"{_HEAD}{zlib.crc32(body):08x}":
            return None
        found = json.loads(body)
        if found["about"] != about:
            return None
        vault = os.fspath(root)
        notes = tuple(_note(row, vault) for row in found["notes"])
        return VaultIndex(notes, root=root, read_at=int(found["read_at"]))
    except (OSError, ValueError, TypeError, KeyError, IndexError, RecursionError):
        return None


def _note(row: list[Any], vault: str) -> Note:
    path, basename, identity, aliases, markers, pictures, stamp, findings = row
    said = tuple(Finding(problem, Place(*place), *rest) for problem, place, *rest in findings) if findings else ()
    return Note(
        path, basename, identity, tuple(aliases), markers, pictures, Stamp(*stamp), said, os.path.join(vault, path)
    )


def _row(note: Note) -> list[Any]:
    said = [
        (f.problem, (f.place.path, f.place.line, f.place.column), f.hint, f.level, f.code)
        for f in note.findings
        if f.place
    ]
    return [
        note.path, note.basename, note.id, note.aliases, note.has_markers, note.has_pictures, note.stamp, said
    ]  # fmt: skip


def _remember(path: Path, index: VaultIndex, about: list[str]) -> None:
    """Write the memory; two runs at once each write a file of their own, and the later one stays."""
    kept = {"about": about, "read_at": index.read_at, "notes": [_row(note) for note in index.notes]}
    body = json.dumps(kept, separators=(",", ":")).encode()
    temp = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temp.write_bytes(f"{_HEAD}{zlib.crc32(body):08x}\n".encode() + body)
            temp.replace(path)
        except OSError:
            temp.unlink()
            raise

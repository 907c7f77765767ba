"""The cached index of a vault, so that a run does not read notes that have not changed since the last one.

The cache is one file of a workspace. If it is missing, cut off or of another version, the vault is read whole. Each
note in it has the stamp of its file, and counts only while the file still has that stamp.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from thesisvault.errors import Finding, Place
from thesisvault.opening import read_plain
from thesisvault.vault.index import VaultIndex, scan
from thesisvault.vault.note import Note

FILE = "notes.json"
_HEAD = "thesisvault notes 2 "
"""The number goes up with every change in what the index knows of a note."""


def warm_scan(
    root: Path, folder: Path, corner: str = "", before: VaultIndex | None = None, *, follow: bool = False
) -> VaultIndex:
    """Return the index of a vault, reading only what has changed since it was last cached, and cache it.

    Args:
        root: The vault's folder.
        folder: Folder of the workspace's caches; if it cannot be written to, the index is not cached.
        corner: Folder of the generator's notes in the vault; empty if that is the vault itself.
        before: Index that this process made earlier; left out, the cached one.
        follow: Whether folders that are links are followed on the way to the corner and in it.

    Raises:
        DiskError: The vault is a file, or its folder cannot be read.
    """
    path, about = folder / FILE, [os.path.realpath(root), corner]
    previous = before or _remembered(path, root, about)
    index = scan(root, previous, corner, follow=follow)
    if previous is None or index.notes is not previous.notes:
        _remember(path, index, about)
    return index


def _remembered(path: Path, root: Path, about: list[str]) -> VaultIndex | None:
    try:
        head, _, body = read_plain(path).partition(b"\n")
        if head.decode() != f"{_HEAD}{zlib.crc32(body):08x}":
            return None
        kept = json.loads(body)
        if kept["about"] != about:
            return None
        return VaultIndex(tuple(_notes(kept, os.fspath(root))), read_at=int(kept["read_at"]))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


# Thousands of notes are kept as a few long lists, with what only few notes have beside them. That is read in a third of
# the time, and reading the cache is most of what a run without changes does here.
def _notes(kept: Mapping[str, Any], vault: str) -> Iterator[Note]:
    few = kept["few"]
    for path, stamp in zip(kept["paths"], zip(*kept["stamps"], strict=True), strict=True):
        if path in few:
            basename, identity, aliases, markers, pictures, said, ticker, absence = few[path]
            findings = tuple(Finding(problem, Place(*place), *rest) for problem, place, *rest in said) if said else ()
            yield Note(path, basename, identity, tuple(aliases), markers, pictures, stamp, findings, vault, absence, ticker)
        else:
            yield Note(path, _plain_basename(path), stamp=stamp, vault=vault)


def _plain_basename(path: str) -> str:
    return path[path.rfind("/") + 1 : -3]


def _spot(place: Place) -> tuple[str, int, int]:
    return place.path, place.line, place.column


def _kept(notes: Sequence[Note]) -> dict[str, object]:
    few = {}
    for note in notes:
        said = [(f.problem, _spot(f.place or Place(note.path)), f.hint, f.level, f.code) for f in note.findings]
        row = (
            *(note.basename, note.id, note.aliases, note.has_markers, note.has_pictures),
            *(said, note.ticker, note.absence),
        )
        if row != (_plain_basename(note.path), None, (), False, False, [], "", ""):
            few[note.path] = row
    stamps = [list(column) for column in zip(*(note.stamp for note in notes), strict=True)] or [[], [], [], []]
    return {"paths": [note.path for note in notes], "stamps": stamps, "few": few}


def _remember(path: Path, index: VaultIndex, about: list[str]) -> None:
    """Write the cache; of two runs at once each writes its own file, and the later one stays."""
    kept = {"about": about, "read_at": index.read_at, **_kept(index.notes)}
    body = json.dumps(kept, separators=(",", ":")).encode()
    temp = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        try:
            temp.unlink(missing_ok=True)  # nothing is written into what stands there
            temp.write_bytes(f"{_HEAD}{zlib.crc32(body):08x}\n".encode() + body)
            temp.replace(path)
        except OSError:
            temp.unlink()
            raise

"""Remembering: which properties were written last, so that a value of a person's can be told from ours."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from thesisvault.notes.properties.reading import read, split
from thesisvault.opening import read_plain
from thesisvault.runs.lifecycle.memory import Memory, NoteMemory
from thesisvault.vault.write import write_if_changed

LISTS = ("aliases", "tags")
"""Properties that are remembered word by word; of the others a digest is enough."""

Intended = Mapping[str, Mapping[str, str]]
"""Digests of the properties that a run which was killed meant to write, by id of the note and name of the property."""

_FILE = "intended.json"
_CHANGED = object()


def read_intended(cache: Path) -> Intended:
    """Return what a run that was killed meant to write; a file that cannot be read counts for nothing."""
    try:
        found = json.loads(read_plain(cache / _FILE))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and all(isinstance(each, dict) for each in found.values()) else {}


@contextmanager
def intending(cache: Path, before: Memory, after: Mapping[str, NoteMemory], earlier: Intended) -> Iterator[None]:
    """Note down which properties are about to be written, should this run not live to remember them.

    Args:
        cache: The folder of caches.
        before: What was remembered before this run.
        after: What is to be remembered of each note once it is written.
        earlier: What a run before this one meant to write, which may be in notes still.
    """
    meant = {
        key: {name: f"{kept} {earlier.get(key, {}).get(name, '')}".strip() for name, kept in note.properties.items()}
        for key, note in after.items()
        if before.notes.get(key) != note
    }
    path = cache / _FILE
    if meant:
        write_if_changed(path, json.dumps(meant).encode())
    yield
    path.unlink(missing_ok=True)


def digests(written: Mapping[str, object]) -> dict[str, str]:
    """Return a short digest of each property that is not a list of names."""
    return {key: _digest(value) for key, value in written.items() if key not in LISTS and value is not None}


def _digest(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return hashlib.sha256(json.dumps(value, default=str, sort_keys=True).encode()).hexdigest()[:6]


def last_written(disk: str | None, known: NoteMemory | None, intended: Mapping[str, str]) -> dict[str, object] | None:
    """Return the properties of a note as last written; None if they are not known.

    A value on disk that is not what was written belongs to a person, and compares equal to nothing.

    Args:
        disk: The note as it is; None if there is none.
        known: What is remembered of it.
        intended: What a run that was killed meant to write: it may have written the note and not what it remembers.
    """
    block, _ = split(disk) if disk else (None, "")
    if known is None or block is None:
        return None
    lists: dict[str, object] = {name: list(getattr(known, name)) for name in LISTS}
    standing = read(block).values
    if not known.properties:  # it was remembered before properties were
        return {**standing, **lists}
    names = {**known.properties, **intended}
    ours = {name: {*known.properties.get(name, "").split(), *intended.get(name, "").split()} for name in names}
    return lists | {
        name: standing[name] if name in standing and _digest(standing[name]) in kept else _CHANGED
        for name, kept in ours.items()
    }

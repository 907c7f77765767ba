"""The recipe of a run: a digest of all that every note is made from, whatever it says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from thesisvault.digests import digest_of, digest_of_code
from thesisvault.opening import read_plain
from thesisvault.session import Session
from thesisvault.workspace import packaged


def recipe_of(session: Session, day: dt.date) -> str:
    """Return the digest of the code, the libraries, the templates, the settings and the last day of data.

    An empty text where a change of the code might not be seen.
    """
    if not (code := digest_of_code()):
        return ""
    where = session.workspace
    named = {**session.settings.model_dump(exclude={"as_of"}), "folder": where.corner}
    return digest_of(code, named, day, *_texts(packaged("templates")), *_texts(where.templates))


def _texts(folder: Path) -> Iterator[str]:
    """Yield path and content of every file of a folder."""
    for path in sorted(filter(Path.is_file, folder.rglob("*"))):
        yield path.as_posix()
        try:
            yield read_plain(path).decode("utf-8", "surrogateescape")
        except OSError as problem:
            yield repr(problem)

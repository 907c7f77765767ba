"""The recipe of a run: a digest of all that every note is made from, whatever it says."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import thesisvault
from thesisvault import instant
from thesisvault.opening import read_plain
from thesisvault.runs.engine.leaves import digest_of
from thesisvault.session import Session
from thesisvault.workspace import packaged


def recipe_of(session: Session, day: dt.date) -> str:
    """Return the digest of the code, the libraries, the templates, the settings and the last day of data.

    An empty text where a change of them might not be seen: there is a link in the code, or one to a folder among the
    templates, or a file of the code is so young that it may change once more without a change of its times.
    """
    package, library = Path(thesisvault.__file__).parent, Path(sys.modules["numpy"].__file__ or "").parent.parent
    # A library that comes, goes or changes its version changes the list of what is installed.
    roots = [("code", str(package)), ("one", str(library))]
    try:
        seen, newest = instant.listing(roots)
        templates = [*_texts(packaged("templates")), *_texts(session.workspace.templates)]
    except instant.UnclearError:
        return ""
    if newest > time.time_ns() - instant.TICK:
        return ""
    where = session.workspace
    named = {**session.settings.model_dump(exclude={"as_of"}), "folder": where.corner}
    return digest_of(seen.decode("utf-8", "surrogateescape"), sys.version, named, day, *templates)


def _texts(folder: Path) -> Iterator[str]:
    """Yield path and content of every file of a folder.

    Raises:
        UnclearError: A folder in it is a link, and what lies there is not seen.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            if path.is_symlink():
                raise instant.UnclearError
            continue
        yield path.as_posix()
        try:
            yield read_plain(path).decode("utf-8", "surrogateescape")
        except OSError as problem:
            yield repr(problem)

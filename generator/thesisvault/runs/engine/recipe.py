"""The recipe of a run: a digest of all that every note is made from, whatever it says."""

from __future__ import annotations

import datetime as dt
import sys
import time
from pathlib import Path

import thesisvault
from thesisvault import instant
from thesisvault.runs.engine.leaves import digest_of
from thesisvault.session import Session
from thesisvault.workspace import packaged


def recipe_of(session: Session, day: dt.date) -> str:
    """Return the digest of the code, the libraries, the templates, the settings and the last day of data.

    An empty text where a change of them might not be seen: there is a link among them, or a file so young that it may
    change once more without a change of its times.
    """
    package, library = Path(thesisvault.__file__).parent, Path(sys.modules["numpy"].__file__ or "").parent.parent
    roots = [
        ("code", str(package)),
        ("code", str(packaged("templates"))),
        # A library that comes, goes or changes its version changes the list of what is installed.
        ("one", str(library)),
        ("tree", str(session.workspace.templates)),
    ]
    try:
        seen, newest = instant.listing(roots)
    except instant.UnclearError:
        return ""
    if newest > time.time_ns() - instant.TICK:
        return ""
    where = session.workspace
    named = {**session.settings.model_dump(exclude={"as_of"}), "folder": where.corner}
    return digest_of(seen.decode("utf-8", "surrogateescape"), sys.version, named, day)

"""The recipe of a run: a digest of all that every note is made from, whatever it says."""

from __future__ import annotations

import datetime as dt

from thesisvault.digests import digest_of, digest_of_code
from thesisvault.session import Session


def recipe_of(session: Session, day: dt.date) -> str:
    """Return the digest of the code, the libraries, the templates, the settings and the last day of data.

    An empty text where a change of them might not be seen.
    """
    where = session.workspace
    code = digest_of_code(where.templates)
    named = {**session.settings.model_dump(exclude={"as_of"}), "folder": where.corner}
    return digest_of(code, named, day) if code else ""

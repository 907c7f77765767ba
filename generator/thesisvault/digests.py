"""Digests by which a run knows again what an earlier one has seen. Lowest layer."""

from __future__ import annotations

import hashlib
import sys
import time
from pathlib import Path

import pydantic

import thesisvault
from thesisvault import instant

LIBRARIES = Path(pydantic.__file__).parent.parent
"""The folder of what is installed: a library that comes, goes or changes its version changes its times."""


def digest_of(*values: object) -> str:
    """Return a digest of values, the same wherever and whenever it is made."""
    seal = hashlib.blake2b(digest_size=12)
    for value in values:
        part = (value if isinstance(value, str) else repr(value)).encode("utf-8", "surrogatepass")
        seal.update(b"%d:" % len(part) + part)
    return seal.hexdigest()


def digest_of_package() -> str:
    """Return the digest of the code, by names, times and sizes of files.

    An empty text where a change of it might not be seen: there is a link in it, or a file of it is so young that it may
    change once more without a change of its times.
    """
    return _listed([("code", str(Path(thesisvault.__file__).parent))])


def digest_of_libraries() -> str:
    """Return the digest of Python and of what is installed for it; an empty text where a change might not be seen."""
    # A library that comes, goes or changes its version changes the list of what is installed.
    listed = _listed([("one", str(LIBRARIES))])
    return digest_of(listed, sys.version) if listed else ""


def digest_of_code() -> str:
    """Return the digest of the code and the libraries; an empty text where a change of them might not be seen."""
    parts = digest_of_package(), digest_of_libraries()
    return digest_of(*parts) if all(parts) else ""


def _listed(roots: instant.Roots) -> str:
    try:
        seen = instant.listing(roots)
    except instant.UnclearError:
        return ""
    return "" if instant.newest(seen) > time.time_ns() - instant.TICK else digest_of(seen)

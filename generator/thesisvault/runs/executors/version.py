"""The version of the code by its content, which two machines may compare."""

from __future__ import annotations

import functools
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import thesisvault
from thesisvault.digests import digest_of
from thesisvault.opening import read_plain
from thesisvault.patterns import regex

_NAME = regex(r"[A-Za-z0-9._-]+")


@functools.cache
def own_version() -> str:
    """Return the digest of this code, of Python and of what computes for it.

    Unlike `digests.digest_of_code` it knows no times of files, which differ from machine to machine.

    Raises:
        OSError: The code cannot be read.
    """
    package = Path(thesisvault.__file__).parent
    parts: list[object] = [sys.version_info[:3]]
    for path in sorted(package.rglob("*.py")):
        parts += [path.relative_to(package).as_posix(), read_plain(path)]
    for needed in sorted(_needed()):
        name = _NAME.match(needed)
        if name and "extra ==" not in needed:
            parts += [name[0], _version(name[0])]
    return digest_of(*parts)


def _needed() -> list[str]:
    try:
        return requires("thesisvault") or []
    except PackageNotFoundError:
        return []


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""

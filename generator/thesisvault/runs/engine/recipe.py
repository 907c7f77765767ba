"""The recipe of a run: all that every note is made from, whatever it says, part by part."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from msgspec import Struct, field

from thesisvault.digests import digest_of, digest_of_libraries, digest_of_package
from thesisvault.opening import read_plain
from thesisvault.session import Session
from thesisvault.workspace import packaged

CODE, LIBRARIES, DAY = "code", "libraries", "day"
SETTING, TEMPLATE, BUILT_IN = "setting ", "template ", "built-in "
"""Beginnings of the names of parts: a setting, a template of the workspace, one that travels with the package."""
LONG = "digest:"
"""Begins what is kept of a setting that is too long to be kept as it stands."""
_SHORT = 60
"""The most characters of a setting that are kept as they stand; of a longer one the digest is kept."""


class Recipe(Struct, frozen=True, dict=True):
    """What every note of a run is made from.

    Attributes:
        parts: Each part by its name: the last day of data and short settings as they are, of all else a digest.
        is_clear: Whether every change of a part shows. It does not where there is a link in the code, or one to a
            folder among the templates, or a file of the code is so young that it may change once more without a change
            of its times.
        exact: Digest of the settings as they are; as parts two that differ may read alike.
    """

    parts: Mapping[str, str] = field(default_factory=dict)
    is_clear: bool = False
    exact: str = ""

    @cached_property
    def name(self) -> str:
        """Names it among others, whether a change of a part shows or not."""
        return digest_of(self.is_clear, self.exact, *(each for part in sorted(self.parts.items()) for each in part))

    @cached_property
    def digest(self) -> str:
        """Digest of all parts; an empty text if a change of them might not show."""
        if not self.is_clear:
            return ""
        return digest_of(self.exact, *(each for part in sorted(self.parts.items()) for each in part))

    def differ(self, other: Recipe) -> tuple[str, ...]:
        """Return the names of the parts in which another recipe differs from this one, in order."""
        names = dict.fromkeys((*self.parts, *other.parts))
        return tuple(name for name in names if self.parts.get(name) != other.parts.get(name))


def recipe_of(session: Session, day: dt.date) -> Recipe:
    """Return the recipe of a run: code, libraries, templates, settings and the last day of data."""
    where, code, libraries = session.workspace, digest_of_package(), digest_of_libraries()
    own, built_in = where.templates, packaged("templates")
    found = {f"{TEMPLATE}{name}": digest for name, digest in _texts(own)}
    if os.path.realpath(own) != os.path.realpath(built_in):  # unlike Path.resolve, it bears a link to itself
        found |= {f"{BUILT_IN}{name}": digest for name, digest in _texts(built_in)}
    named = {**session.settings.model_dump(exclude={"as_of"}), "folder": where.corner}
    parts = {
        DAY: day.isoformat(),
        **{f"{SETTING}{name}": _shown(value) for name, value in named.items()},
        **found,
        CODE: code,
        LIBRARIES: libraries,
    }
    is_clear = bool(code and libraries) and not _has_linked_folders(own)
    return Recipe(parts, is_clear, digest_of(named))


def _has_linked_folders(folder: Path) -> bool:
    """Return whether a folder below is a link: what lies there is not listed."""
    return any(path.is_symlink() and path.is_dir() for path in folder.rglob("*"))


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield every file of a folder with the digest of its content."""
    for path in sorted(filter(Path.is_file, folder.rglob("*"))):
        try:
            said: object = read_plain(path)
        except OSError as problem:
            said = problem
        yield path.relative_to(folder).as_posix(), digest_of(said)


def _shown(value: object) -> str:
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        value = ", ".join(value)
    text = str(value).lower() if isinstance(value, bool) else "none" if value in (None, "") else str(value)
    return text if len(text) <= _SHORT else f"{LONG}{digest_of(value)}"

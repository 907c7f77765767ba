"""Checks of the computer: Python, fonts, folders that are written, the clock."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from thesisvault.charts import fonts as lettering
from thesisvault.charts.style import WEIGHTS
from thesisvault.doctor.checked import Checked, with_findings
from thesisvault.errors import Finding, NoDataError, Place
from thesisvault.runs.steps.clock import doubts
from thesisvault.schedule.status import in_zone
from thesisvault.session import Session
from thesisvault.vault.write import TRASH
from thesisvault.workspace import foreign_folder

_LEAST_ROOM = 200_000_000
"""Bytes that should be free: some times what a first build of some hundred notes and its prices take."""


def python() -> Checked:
    """Return what runs the package."""
    return Checked("Python", f"{platform.python_version()}, thesisvault {version('thesisvault')}")


def fonts() -> Checked:
    """Return whether charts can be lettered, with the fonts that come with the package."""
    about, release = "Fonts", version("matplotlib")
    try:
        is_whole = all(lettering.face(weight).number("−") for weight in WEIGHTS)
    except (OSError, RuntimeError, ImportError) as problem:
        said = " ".join(str(problem).split()) or type(problem).__name__
        return Checked(about, f"charts cannot be lettered: {said}.", _renewal(release))
    if not is_whole:
        return Checked(about, "a font has no minus sign.", _renewal(release))
    return Checked(about, f"Source Sans Pro in {len(WEIGHTS)} weights; drawn by matplotlib {release}")


def _renewal(release: str) -> str:
    return f"Install both again: python -m pip install --force-reinstall thesisvault matplotlib=={release}"


def folders(session: Session) -> Checked:
    """Return whether what a run writes can be written: notes, definitions, caches, what goes to the trash."""
    here = session.workspace
    written = (here.notes, here.data, here.cache, here.vault / TRASH)
    names = ", ".join(dict.fromkeys(here.shown(each) for each in written))
    room = shutil.disk_usage(_standing(here.root)).free
    fine = f"{names} can be written; {_size(room)} are free."
    return with_findings("Write access", fine, _unwritable(session, written, room))


def _unwritable(session: Session, written: tuple[Path, ...], room: int) -> Iterator[Finding]:
    here = session.workspace
    for folder in written:
        place, standing = Place(here.shown(folder)), _standing(folder)
        if whose := foreign_folder(folder, here.root):
            yield Finding(f"it is {whose}.", place, "Name another folder in thesisvault.yaml.")
        elif not standing.is_dir():
            yield Finding("a file stands where a folder is needed.", place, "Move it away.")
        elif not os.access(standing, os.W_OK | os.X_OK):
            hint = "Give yourself permission to write there, or name another folder in thesisvault.yaml."
            yield Finding("it cannot be written to.", place, hint)
    if room < _LEAST_ROOM:
        yield Finding(f"only {_size(room)} are free.", Place(here.root.as_posix()), "Make room on the disk.")


def _standing(folder: Path) -> Path:
    """Return a path, or what of the way to it is there already."""
    return next((each for each in (folder, *folder.parents) if each.exists()), folder)


def _size(count: int) -> str:
    """Return a number of bytes in words.

    >>> _size(12_345_678_901), _size(34_567_890)
    ('12.3 GB', '34.6 MB')
    """
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def clock(session: Session) -> Checked:
    """Return what the clock says, and whether stored prices and earlier runs speak against it."""
    said = in_zone(session.now, None)
    try:
        with session.store(create=False) as store:
            return with_findings("Clock", said, list(doubts(session, store, None)))
    except NoDataError:
        return Checked("Clock", said)

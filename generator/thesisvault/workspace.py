"""Paths: the folders of a workspace and the files that travel with the package.

Lowest layer. A workspace is a folder with `thesisvault.yaml` or with `data/theses`; commands find it from any folder
inside it.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from thesisvault.errors import UsageError

SETTINGS_FILE = "thesisvault.yaml"
_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Workspace:
    """The folders of one workspace.

    Attributes:
        root: The workspace itself; every path in a message is relative to it.
        vault: What Obsidian opens.
        notes: The generator's own folder in the vault; the vault itself unless the settings name a folder.
        data: Definitions, and the market store below them.
        templates: The workspace's own templates, which win over the packaged ones.
        follow_links: Whether links that lead elsewhere are followed: definitions, templates and files of prices read
            through them, notes written where they lead.
        drafts: Texts of definitions that are read in the place of their files, while a change is checked that has not
            been written yet.
    """

    root: Path
    vault: Path
    notes: Path
    data: Path
    templates: Path
    follow_links: bool = False
    drafts: Mapping[Path, str] = field(default_factory=dict, compare=False)

    @property
    def corner(self) -> str:
        """The generator's folder as a path within the vault; empty where it is the vault itself."""
        inside = self.notes.relative_to(self.vault).as_posix()
        return "" if inside == "." else inside

    @property
    def store(self) -> Path:
        """The market store."""
        return self.data / "market" / "store.sqlite"

    @property
    def memory(self) -> Path:
        """The tool's own memory of notes, which goes into git."""
        return self.data / "notes.yaml"

    @property
    def cache(self) -> Path:
        """Lock and caches; may be deleted at any time."""
        return self.root / ".thesisvault"

    @property
    def last_error(self) -> Path:
        """The traceback of the last bug of ours that ended a run."""
        return self.cache / "last-error.txt"

    def shown(self, path: Path) -> str:
        """Return a path as messages show it: relative to the workspace, links by their names, `/` between."""
        try:
            return (real_path(path.parent) / path.name).relative_to(real_path(self.root)).as_posix()
        except ValueError:
            return Path(os.path.normpath(path)).as_posix()  # a vault that is ../brain in the settings


def workspace_at(
    root: Path,
    vault: str = "vault",
    folder: str | None = None,
    data: str = "data",
    templates: str = "templates",
    *,
    follow_links: bool = False,
) -> Workspace:
    """Return the workspace in a folder, with its folders as the settings name them."""
    vault_path = root / vault
    notes = vault_path / folder if folder else vault_path
    return Workspace(root, vault_path, notes, root / data, root / templates, follow_links)


_OF_THE_SYSTEM = (
    *("/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/proc", "/root", "/sbin", "/sys", "/usr"),
    *("/Applications", "/Library", "/System"),
    *(f"/var/{name}" for name in ("cache", "lib", "log", "spool")),
)
_OF_NOBODY = ("/home", "/Users", "/var", "/run", "/opt", "/mnt", "/media", "/srv", "/private", "/Volumes")
"""Folders that hold those of several people; one below them may well be one's own."""
_HOMES = ("/home", "/Users")


def foreign_folder(folder: Path, root: Path) -> str:
    """Return whose a folder is that no workspace may call its own, in words; empty for any other.

    Args:
        folder: The folder, which need not be there.
        root: The workspace, whose own person's folders are not somebody else's.
    """
    real, own = real_path(folder), real_path(root)
    try:
        home = real_path(Path.home())
    except RuntimeError:  # nobody of that number is known here, as in a container
        home = own
    if real == Path(real.anchor):
        return "the whole disk"
    if real == home:
        return "your whole home folder"
    windows = (os.environ.get(name) for name in ("SystemRoot", "ProgramFiles", "ProgramFiles(x86)", "ProgramData"))
    for name in (*_OF_THE_SYSTEM, *filter(None, windows)):
        place = real_path(Path(name))
        if _within(real, place) and not any(_within(mine, place) for mine in (home, own)):
            return "a folder of the system"
    if real in map(Path, _OF_NOBODY):
        return "a folder of the system"
    for homes in map(Path, _HOMES):
        if homes in real.parents:
            theirs = homes / real.relative_to(homes).parts[0]
            if not any(_within(mine, theirs) for mine in (home, own)):
                return "in the home folder of somebody else"
    return ""


BEHIND_A_LINK = "is behind a link that leads nowhere"


def whats_missing(folder: Path) -> str:
    """Return what is wrong with a folder that cannot be looked into, as the end of a sentence; empty where it can.

    One that is merely not there is told from a link to a disk that is not, and from a file in its place.
    """
    if folder.is_dir():
        return ""
    for each in (folder, *folder.parents):
        if each.is_symlink() and not each.exists():
            return BEHIND_A_LINK
        if each.is_file():
            return "is a file" if each == folder else "is below a file"
    return "is not there"


Identity = tuple[int, int]
"""The disk of a folder and its number there."""


def identities(folders: Iterable[Path]) -> dict[Path, Identity]:
    """Return which folders there are, each with what tells it from another in its place: a disk may come and go."""
    found = {}
    for each in folders:
        with contextlib.suppress(OSError):
            status = each.stat()
            if stat.S_ISDIR(status.st_mode):
                found[each] = status.st_dev, status.st_ino
    return found


def make_folder(folder: Path, within: Path | None = None) -> None:
    """Make a folder and all between it and another one; by default all that is missing.

    Args:
        folder: The folder, which may be there already.
        within: The folder itself or one above it that has to be there: one that has just been moved or unmounted is
            not made again.

    Raises:
        OSError: It cannot be made, or the other one is not there.
    """
    way = (folder, *folder.parents)
    if within not in way:
        folder.mkdir(parents=True, exist_ok=True)
    elif not folder.is_dir():
        for each in reversed(way[: way.index(within)]):
            each.mkdir(exist_ok=True)


def real_path(path: Path) -> Path:
    """Return a path without links; of links that lead in a circle, as far as they go."""
    return Path(os.path.realpath(path))


def _within(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents


def find_root(start: Path) -> Path:
    """Return the workspace that a folder is in.

    Raises:
        UsageError: Neither the folder nor any folder above it is a workspace.
    """
    here = real_path(start)
    for folder in (here, *here.parents):
        if os.path.lexists(folder / SETTINGS_FILE) or (folder / "data" / "theses").is_dir():
            return folder
    raise UsageError(
        f"{start} is not a workspace: no {SETTINGS_FILE} and no data/theses here or above.",
        hint="Make one: thesisvault init DIR, or look at one: thesisvault demo",
    )


def packaged(name: str) -> Path:
    """Return a folder that travels with the package: `templates` or `schema`.

    An installed wheel holds it inside the package, a checkout beside it.
    """
    inside = _PACKAGE / "_packaged" / name
    return inside if inside.is_dir() else _PACKAGE.parent.parent / name


def demo_source() -> Path:
    """Return the definitions of the demo workspace."""
    return _PACKAGE / "demo"

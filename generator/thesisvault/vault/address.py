"""The addresses under which Obsidian opens a vault and a note in it.

Obsidian keeps a list of the vaults that it has opened, each with an id of its own. A vault is addressed by its name, the
name of its folder, or by its id where several have the same name.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from msgspec import Struct
from pathlib import Path
from urllib.parse import quote

from thesisvault.opening import read_plain
from thesisvault.workspace import real_path

_LIST = "obsidian.json"
_LARGEST = 1_000_000


class KnownVault(Struct, frozen=True):
    """A vault that Obsidian has opened.

    Attributes:
        id: Its id in the list.
        path: Its folder, without links.
    """

    id: str
    path: Path


class Address(Struct, frozen=True):
    """How Obsidian is asked for something.

    Attributes:
        uri: What it is asked with.
        is_known: Whether Obsidian has the vault in its list.
    """

    uri: str
    is_known: bool


def list_folders() -> list[Path]:
    """Return the folders in which Obsidian may keep its list of vaults on this system."""
    home = Path.home()
    if sys.platform == "darwin":
        return [home / "Library/Application Support/obsidian"]
    if sys.platform == "win32":
        return [Path(os.environ.get("APPDATA") or home / "AppData/Roaming") / "obsidian"]
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    packed = (".var/app/md.obsidian.Obsidian/config", "snap/obsidian/current/.config")
    return [config / "obsidian", *(home / each / "obsidian" for each in packed)]


def known_vaults() -> list[KnownVault]:
    """Return the vaults in Obsidian's list; none where it cannot be read."""
    return [vault for folder in list_folders() for vault in _listed(folder / _LIST)]


def _listed(path: Path) -> Iterator[KnownVault]:
    try:
        vaults = json.loads(read_plain(path, _LARGEST))["vaults"].items()
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return  # it is Obsidian's own, and without it the name of the folder will do
    for key, about in vaults:
        where = about.get("path") if isinstance(about, dict) else None
        if isinstance(where, str) and where:
            yield KnownVault(key, real_path(Path(where)))


def address_of(vault: Path, note: str | None, known: list[KnownVault]) -> Address:
    """Return the address of a vault, or of a note in it.

    Args:
        vault: The vault; what Obsidian opened may be a folder around it.
        note: Path of the note in the vault, with its suffix; None: the vault itself.
        known: The vaults in Obsidian's list.

    >>> address_of(Path("/home/me/my vault"), "Theses/Q&A 50%.md", []).uri
    'obsidian://open?vault=my%20vault&file=Theses%2FQ%26A%2050%25.md'
    """
    own = real_path(vault)
    around = [each for each in known if each.path == own or each.path in own.parents]
    found = max(around, key=lambda each: len(each.path.parts), default=None)
    root = found.path if found else own
    is_alone = sum(each.path.name == root.name for each in known) <= 1
    uri = f"obsidian://open?vault={_encoded(root.name if found is None or is_alone else found.id)}"
    if note is not None:
        inside = (own / note).relative_to(root).as_posix()
        uri += f"&file={_encoded(inside)}"
    return Address(uri, found is not None)


def _encoded(text: str) -> str:
    return quote(text, safe="", errors="surrogateescape")

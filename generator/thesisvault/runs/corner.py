"""A folder in a person's own vault: whether it can hold the notes, and the settings that make it do so."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from thesisvault.errors import UsageError
from thesisvault.notes.names import unique_name
from thesisvault.scalars import folded
from thesisvault.vault.obsidian import config_folders
from thesisvault.words import plural
from thesisvault.workspace import foreign_folder, real_path

_EXAMPLE = "thesisvault init DIR --vault PATH --folder Markets"


def corner_settings(folder: Path, vault: Path | None, corner: str | None) -> tuple[str, list[str]]:
    """Return the settings that put a new workspace's notes into a folder of a vault, and remarks on that folder.

    Nothing is written. Without a vault there are no such settings.

    Args:
        folder: The workspace, which need not be there yet.
        vault: The vault.
        corner: The folder of the vault that the notes go into.

    Raises:
        UsageError: The vault is not there, or workspace, vault and folder are in one another's way.
    """
    if vault is None or corner is None:
        if (vault, corner) == (None, None):
            return "", []
        missing = "--folder names the folder in it" if corner is None else "--vault names the vault that it is in"
        raise UsageError(f"--vault and --folder go together: {missing}.", hint=f"For instance: {_EXAMPLE}")
    corner = _inner(corner)
    _vault_fits(folder, vault)
    remarks = list(_looked_at(vault, corner))
    said = (
        "# A vault of your own: the notes go into one folder of it. Beside that folder only .trash and missing types\n"
        "# of properties in the vault's configuration are ever written.\n"
        f"vault: {_quoted(_path_from(real_path(folder), real_path(vault)))}\nfolder: {_quoted(corner)}\n\n"
    )
    return said, [f"Its notes go into {corner} in the vault {vault}.", *remarks]


def home_name(vault: Path) -> str:
    """Return the name that the home note will get in a vault: a number comes behind it where a note has that name."""
    taken, folders = set(), [vault]
    while folders:
        with suppress(OSError), os.scandir(folders.pop()) as found:
            for entry in found:
                name = entry.name[1:].removesuffix(".icloud") if entry.name.endswith(".icloud") else entry.name
                if name.startswith("."):
                    continue
                if name[-3:].lower() == ".md":
                    taken.add(folded(name[:-3]))
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))
    return unique_name("Home", taken)


def offered_corner(folder: Path) -> str:
    """Return the offer of a folder in the vault around a new workspace; empty where there is none.

    Raises:
        UsageError: Obsidian would show the workspace in that vault.
    """
    inner = real_path(folder)
    outer = next((each for each in (inner, *inner.parents) if (each / ".obsidian").is_dir()), None)
    if outer is None:
        return ""
    there = shlex.join(["thesisvault", "init", str(outer / ".thesisvault"), "--vault", str(outer)])
    typed = f"{there} --folder Markets"
    if any(part.startswith(".") for part in inner.relative_to(outer).parts):
        return f"It is inside the vault {outer}. To have notes in a folder of that vault, remove it and type: {typed}"
    said = f"{folder} is inside the vault {outer}, where Obsidian and its sync would include settings and prices."
    raise UsageError(said, hint=f"Have the notes in a folder of that vault: {typed}")


def _inner(corner: str) -> str:
    from pydantic import TypeAdapter, ValidationError

    from thesisvault.fields import InnerFolder

    try:
        return str(TypeAdapter(InnerFolder).validate_python(corner))
    except ValidationError as problem:
        said = problem.errors()[0]["msg"].removeprefix("Value error, ")
        raise UsageError(f"--folder: {said}.", hint=f"For instance: {_EXAMPLE}") from None


def _vault_fits(folder: Path, vault: Path) -> None:
    if not vault.exists():
        hint = "Name the folder that you open in Obsidian; init does not make it."
        raise UsageError(f"--vault: folder {vault} not found.", hint=hint)
    if not vault.is_dir():
        raise UsageError(f"--vault: {vault} is a file.", hint="Name the folder that you open in Obsidian.")
    if whose := foreign_folder(vault, folder):
        raise UsageError(f"--vault: {vault} is {whose}.", hint="Name the folder that you open in Obsidian.")
    outer, inner = real_path(vault), real_path(folder)
    aside = f"Put it beside the vault, or into a folder that Obsidian does not show: {vault / '.thesisvault'}"
    if inner == outer or inner in outer.parents:
        raise UsageError(f"the workspace {folder} would hold the vault {vault}.", hint=aside)
    if outer in inner.parents:
        hidden = [part for part in inner.relative_to(outer).parts if part.startswith(".")]
        if not hidden:
            said = f"{folder} is inside the vault, where Obsidian and its sync would include settings and prices."
            raise UsageError(said, hint=aside)
        if hidden[0] in (".trash", ".git") or hidden[0].startswith(".obsidian"):
            raise UsageError(f"{folder} is inside {hidden[0]}, which belongs to another program.", hint=aside)
    above = next((parent for parent in outer.parents if (parent / ".obsidian").is_dir()), None)
    if above is not None and not (outer / ".obsidian").is_dir():
        hint = f"Name the vault, and the rest of the path in --folder: --vault {above}"
        raise UsageError(f"--vault: {vault} is a folder of the vault {above}.", hint=hint)


def _looked_at(vault: Path, corner: str) -> Iterator[str]:
    """Yield remarks on the folder as it is."""
    place = vault
    for part in corner.split("/"):
        names = os.listdir(place) if place.is_dir() else []  # noqa: PTH208 - names are all that is wanted
        other = next((name for name in sorted(names) if folded(name) == folded(part) and name != part), None)
        if part not in names and other is not None:
            raise UsageError(
                f'the vault has "{other}" already, which many systems take for "{part}".', hint=f"Write it so: {other}"
            )
        place /= part
        if place.is_symlink():
            raise UsageError(f"--folder: {place} is a symbolic link.", hint="Name a folder of the vault itself.")
        if place.exists() and not place.is_dir():
            raise UsageError(f"--folder: {place} is a file.", hint="Name a folder, or move the file away.")
    notes = sum(1 for _ in place.rglob("*.md")) if place.is_dir() else 0
    if notes:
        which, stay = ("which stays as it is", "it has") if notes == 1 else ("which stay as they are", "one has")
        yield (
            f"That folder holds {plural(notes, 'note')} already, {which}. Where {stay} the name of a new note, the new "
            'one gets a number: "Home (2)"; `thesisvault adopt NOTE` joins them.'
        )
    if not config_folders(vault):
        yield "Obsidian has not opened that vault yet; once it has, a build declares the types of properties to it."


def _path_from(start: Path, end: Path) -> str:
    """Return the path from the workspace to the vault: relative where possible, so that both can move together."""
    try:
        return Path(os.path.relpath(end, start)).as_posix()
    except ValueError:  # on another drive
        return end.as_posix()


def _quoted(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UsageError("--vault: the path is not UTF-8.", hint="Give its folders names that are.") from None
    return json.dumps(text, ensure_ascii=False)

"""The one file in `.obsidian/` that is written, `types.json`, which is only ever added to."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from thesisvault.errors import Finding, Place
from thesisvault.vault.changes import Changes
from thesisvault.vault.folders import is_link
from thesisvault.vault.write import FOLLOW

USUAL = ".obsidian"
_MARKS = ("app.json", "appearance.json", "core-plugins.json", "types.json", "workspace.json")


def config_folders(vault: Path, *, follow: bool = False) -> list[Path]:
    """Return the configuration folders of a vault, sorted by name; none if Obsidian has not opened it yet.

    There may be one per device, each with a name of the person's choice that begins with a dot. A folder counts if it
    has the usual name, if its name begins with that and it holds a file of Obsidian's, or if it holds two such files. A
    symbolic link is left alone unless links are followed, because it leads out of the vault.
    """
    try:
        names = sorted(name for name in os.listdir(vault) if name.startswith("."))
    except OSError:
        return []
    return [vault / name for name in names if _is_config(vault / name, follow=follow)]


def _is_config(folder: Path, *, follow: bool) -> bool:
    if (not follow and is_link(folder)) or not folder.is_dir() or not os.access(folder, os.R_OK | os.X_OK):
        return False
    marks = sum((folder / mark).is_file() for mark in _MARKS)
    return folder.name == USUAL or marks >= (1 if folder.name.startswith(USUAL) else 2)


def declare_types(
    vault: Path, changes: Changes, types: Mapping[str, str], *, own: bool, follow: bool = False
) -> Iterator[Finding]:
    """Add the types of properties to every configuration folder that lacks them, and yield findings about it.

    A file that cannot be read or written only causes a finding, because notes work without it.

    Args:
        vault: The vault.
        changes: Takes the writes.
        types: Type of each property.
        own: Whether the vault is the workspace's own; there the usual folder is made if none exists. In a person's
            vault Obsidian makes it.
        follow: Whether links are followed.
    """
    if not follow and is_link(vault / USUAL):
        said = "the folder is a link, and nothing is written through it."
        hint = f"Obsidian guesses the types of properties; to declare them, {FOLLOW}"
        yield Finding(said, Place((vault / USUAL).as_posix()), hint, "info", "types-untouched")
        own = False
    for folder in config_folders(vault, follow=follow) or ([vault / USUAL] if own else []):
        target = folder / "types.json"
        problem = _cannot_be_touched(target, follow=follow)
        if problem:
            hint = "Until that is fixed, Obsidian guesses the types of properties."
            yield Finding(problem, Place(target.as_posix()), hint, "info", "types-untouched")
            continue
        text, findings = merged_types(changes.read(target), types)
        for finding in findings:
            yield finding.at(Place(target.as_posix()))
        if text is not None:
            changes.put(target, text.encode(), again=lambda disk: (merged_types(disk, types)[0] or "").encode() or None)


def _cannot_be_touched(target: Path, *, follow: bool) -> str:
    if target.is_symlink() and not follow:
        return "it is a symbolic link, and nothing outside the vault is written."
    if not target.exists():
        there = target.parent.exists()
        return "" if not there or os.access(target.parent, os.W_OK | os.X_OK) else "its folder cannot be written to."
    if not target.is_file():
        return "it is not a file."
    # A superuser may write to anything, but a file without write permission was meant to stay.
    writable = target.stat().st_mode & 0o222 and os.access(target, os.R_OK | os.W_OK)
    return "" if writable else "it cannot be read or cannot be written."


def merged_types(text: str | None, types: Mapping[str, str]) -> tuple[str | None, tuple[Finding, ...]]:
    """Return `types.json` with the missing types added, None if none is missing, and findings about it.

    Nothing in the file is changed: neither a type that a person chose, nor a file that cannot be read. As in Obsidian,
    names that differ only in case are the same.

    Args:
        text: Present text of the file; None if it does not exist.
        types: Type of each property.

    >>> print(merged_types('{"types": {"mine": "date"}}', {"as_of": "date"})[0], end="")
    {
      "types": {
        "mine": "date",
        "as_of": "date"
      }
    }
    """
    if text is None or not text.strip():
        return _written({"types": dict(sorted(types.items()))}) if types else None, ()
    try:
        text.encode()  # bytes that are not UTF-8 could not be written back
        config = json.loads(text.removeprefix("\ufeff"))
        json.dumps(config, allow_nan=False)
    except (ValueError, RecursionError) as problem:
        return None, (_broken(f"it is not valid JSON: {problem}."),)
    declared = config.get("types", {}) if isinstance(config, dict) else None
    if not isinstance(declared, dict):
        return None, (_broken('expected {"types": {...}}.'),)
    known = {name.casefold(): kind for name, kind in declared.items()}
    findings = tuple(
        Finding(
            f'the property "{name}" is declared as {known[name]}, but its values in the notes are of type {kind}.',
            hint="Choose that type in Obsidian if the property shows a warning.",
            level="info",
            code="other-type",
        )
        for name, kind in sorted(types.items())
        if known.get(name, kind) != kind
    )
    missing = {name: kind for name, kind in sorted(types.items()) if name.casefold() not in known}
    if not missing:
        return None, findings
    return _written({**config, "types": {**declared, **missing}}), findings


def _written(config: Mapping[str, object]) -> str:
    text = json.dumps(config, indent=2, ensure_ascii=False)
    halves = any("\ud800" <= char <= "\udfff" for char in text)  # they came in as escapes, and no file holds them bare
    return (json.dumps(config, indent=2) if halves else text) + "\n"


def _broken(problem: str) -> Finding:
    hint = "Fix it; until then it is left as it is, and Obsidian guesses the types of properties."
    return Finding(problem, hint=hint, level="warning", code="broken-types")

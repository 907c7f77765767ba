"""Checks of the workspace: its definitions, its lock, what Obsidian is set to, its schedule."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from thesisvault.doctor.checked import Checked, with_findings
from thesisvault.errors import Finding, Place
from thesisvault.opening import read_plain
from thesisvault.runs.steps.pictures import ATTACHMENTS
from thesisvault.schedule.status import schedule_of
from thesisvault.session import Session
from thesisvault.vault.lock import holder
from thesisvault.vault.obsidian import config_folders
from thesisvault.words import plural
from thesisvault.workspace import real_path

_LARGEST = 1_000_000


def definitions(session: Session) -> Checked:
    """Return whether settings and definitions can be read."""
    errors = [each for each in session.findings if each.level == "error"]
    count = len(session.library.definitions)
    return with_findings("Definitions", f"{plural(count, 'thesis or concept', 'theses and concepts')}.", errors)


def lock(session: Session) -> Checked:
    """Return whether a run is at work; that is not a fault, since it ends by itself."""
    found = holder(session.workspace.cache)
    return Checked("Lock", _held(found))


def _held(found: str | None) -> str:
    if found is None:
        return "free."
    return f"held by another run: {found}." if found else "held by another run."


def obsidian(session: Session) -> Checked:
    """Return whether what Obsidian is set to suits generated notes."""
    here = session.workspace
    own = real_path(here.vault)
    vault = next((each for each in (own, *own.parents) if config_folders(each)), own)
    apps = [each / "app.json" for each in config_folders(vault, follow=here.follow_links)]
    if not any(each.is_file() for each in apps):
        return Checked("Obsidian", "has not opened the vault yet, or is set as it comes.")
    found = [finding for app in apps if app.is_file() for finding in _unsuited(app, vault, session)]
    return with_findings("Obsidian", f"set as it should be in {here.shown(vault)}.", found)


def _unsuited(app: Path, vault: Path, session: Session) -> Iterator[Finding]:
    here = session.workspace
    place = Place(here.shown(app))
    try:
        config = json.loads(read_plain(app, _LARGEST))
    except (ValueError, RecursionError):
        config = None
    if not isinstance(config, dict):
        yield Finding("it cannot be read.", place, "Open Obsidian and change a setting, which writes it anew.")
        return
    notes = real_path(here.notes).relative_to(vault).as_posix()
    notes = "" if notes == "." else notes
    where = "Settings, Files and links"
    filters = config.get("userIgnoreFilters")
    for each in filters if isinstance(filters, list) else ():
        if isinstance(each, str) and _leaves_out(each, notes):
            said = f'excluded files have "{each}", so generated notes are hidden from search and graph.'
            yield Finding(said, place, f"Take it out: {where}, Excluded files.")
    if config.get("useMarkdownLinks") is True:
        said = "wikilinks are off; links that you add to generated notes are then of two kinds."
        yield Finding(said, place, f"Turn them on: {where}, Use [[Wikilinks]].")
    if config.get("alwaysUpdateLinks") is not True and "alwaysUpdateLinks" in config:
        said = "links are not updated when you rename a note."
        yield Finding(said, place, f"Turn it on: {where}, Automatically update internal links.")
    folder = config.get("attachmentFolderPath")
    own = (PurePosixPath(notes) / ATTACHMENTS).as_posix()
    if isinstance(folder, str) and folder.strip("/").casefold() == own.casefold():
        said = f"what you paste goes into {own}, the folder of generated charts."
        yield Finding(said, place, f"Choose another one: {where}, Attachment folder path.")


def _leaves_out(excluded: str, notes: str) -> bool:
    """Return whether an entry of Obsidian's excluded files hides generated notes.

    An entry is a path that a file's path begins with, or a regular expression between slashes.

    >>> _leaves_out("Research/", "Research/Theses"), _leaves_out("/^Theses/", ""), _leaves_out("attachments/", "")
    (True, True, False)
    """
    folders = ("Theses", "Concepts", "Assets", "Entities")
    paths = [f"{notes}/{each}/Note.md".lstrip("/") for each in folders]
    if len(excluded) > 1 and excluded.startswith("/") and excluded.endswith("/"):
        try:
            return any(re.search(excluded[1:-1], path) for path in paths)
        except re.error:
            return False
    prefix = excluded.lstrip("/")
    return bool(prefix) and any(path.startswith(prefix) for path in paths)


def schedule(session: Session) -> Checked:
    """Return whether the schedule works; a workspace without one is one that a person refreshes by hand."""
    with schedule_of(session) as found:
        if any(each.code == "schedule-none" for each in found.findings):
            return Checked("Schedule", "none; to have one: thesisvault schedule install")
        return with_findings("Schedule", f"next run: {found.next_told()}.", found.findings)

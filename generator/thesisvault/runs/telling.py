"""Telling the home note how a run ended, also where the run could make no note.

Only what is said of runs is written anew, in regions of its own; all else in the note keeps its bytes. The next build
makes the note from the same facts, and so with the same words.
"""

from __future__ import annotations

from functools import partial

from thesisvault.errors import DefinitionError
from thesisvault.notes.links import LinkTable
from thesisvault.notes.render import Renderer
from thesisvault.notes.splice import spliced
from thesisvault.notes.views import HomeView
from thesisvault.runs.last_run import LastRun, last_run
from thesisvault.runs.lifecycle.memory import NoteMemory, read_memory
from thesisvault.runs.result import recall
from thesisvault.session import Session
from thesisvault.vault.changes import Changes
from thesisvault.workspace import Workspace, packaged

HOME = "home"
REGIONS = ("failed-run", "last-run")
"""The regions of the home note that tell of runs."""


def tell_home(session: Session) -> str:
    """Have the home note tell how the last run ended; return its path if it was written, else an empty text.

    A note that is not there, that a person deleted, or whose markers are damaged is left alone, and so is everything
    where the settings are broken: which vault they mean is not known.

    Args:
        session: The run that has ended; its result is remembered.

    Raises:
        LockedError: Another run holds the workspace.
        DefinitionError: What is remembered of notes cannot be read.
        DiskError: The note cannot be read or written.
    """
    if not session.has_sound_settings:
        return ""
    workspace = session.workspace
    with session.locked("run"):
        memory = read_memory(workspace)
        note = memory.notes.get(HOME)
        if note is None or note.deleted:
            return ""
        target, changes = workspace.vault / note.path, Changes(workspace.root, workspace.follow_links, workspace.cache)
        disk = changes.read(target)
        splice = partial(_spliced, _bodies(workspace, last_run(recall(workspace))), _without(note, disk))
        text = splice(disk)
        if text is None:
            return ""
        changes.put(target, text, again=splice, alone=True)
        there = [name for name in REGIONS if f"%% tv:begin {name} %%" in text.decode("utf-8", "surrogateescape")]
        regions = (*(name for name in note.regions if name not in REGIONS), *there)
        known = note.model_copy(update={"regions": regions})
        changes.put_last(workspace.memory, lambda: memory.with_note(HOME, known).text().encode())
        return workspace.shown(target) if target in changes.apply().written else ""


def _without(note: NoteMemory, disk: str | None) -> frozenset[str]:
    """Return the regions that a person has removed: those remembered as such, and those that are missing."""
    missing = {name for name in note.regions if disk is not None and f"%% tv:begin {name} %%" not in disk}
    return frozenset({*note.removed, *missing})


def _spliced(bodies: dict[str, str], removed: frozenset[str], disk: str | None) -> bytes | None:
    text = None if disk is None else spliced(disk, bodies, removed)
    return None if text is None or text == disk else text.encode("utf-8", "surrogateescape")


def _bodies(workspace: Workspace, last: LastRun | None) -> dict[str, str]:
    """Return the body of each region that tells of runs, by the templates of the workspace if they can be used."""
    view = HomeView(
        id=HOME,
        title="Home",
        standing=(),
        failed_title=last.failed_title if last else "",
        failed=last.failed if last else (),
        ran=last.good if last else (),
    )
    for folders in ([workspace.templates, packaged("templates")], [packaged("templates")]):
        try:
            found = dict(
                Renderer(folders, workspace.shown, follow_links=workspace.follow_links).render(view, LinkTable({}))
            )
            return {name: found.get(name, "") for name in REGIONS}
        except DefinitionError:
            continue
    return {}

"""Drawing: the pictures that notes embed, and removal of those that nothing names any more."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from thesisvault.blocks.core.filled import ChartRequest
from thesisvault.blocks.core.guard import filling
from thesisvault.errors import DiskError, Finding, Place
from thesisvault.notes.views import NoteView
from thesisvault.opening import read_plain
from thesisvault.patterns import regex
from thesisvault.runs.engine.engine import Engine, KeptView
from thesisvault.structs import replace
from thesisvault.vault.changes import Changes
from thesisvault.vault.folders import linked_folders
from thesisvault.vault.index import VaultIndex
from thesisvault.vault.write import TRASH
from thesisvault.workspace import Workspace

if TYPE_CHECKING:
    from thesisvault.runs.executors.orders import Picture

ATTACHMENTS = "attachments"
_CHART = regex(r"chart-[a-z0-9-]+\.png")


def draw_pictures(note: NoteView, engine: Engine, workspace: Workspace, changes: Changes) -> None:
    """Have every picture of a note drawn and written, but for those whose file has the same fingerprint.

    Raises:
        DiskError: A picture cannot be read.
        BlockError: A picture cannot be drawn, by a fault of ours.
    """
    known = engine.after.notes[note.id].pictures if isinstance(note, KeptView) else ()
    if isinstance(note, KeptView) and all(_drawn(file, workspace) == data for file, data in known):
        for file, _ in known:
            changes.keep(workspace.notes / ATTACHMENTS / file)
        return
    ahead = engine.ahead.pop(note.id, None)
    if ahead is not None and all(_take(each, workspace, changes) for each in ahead.pictures):
        engine.after.notes[note.id].pictures = tuple((each.file, each.fingerprint) for each in ahead.pictures)
        return
    drawn = []
    for chart in (engine.whole(note) if ahead is None else engine.make(note.id)).charts:
        with filling(f"the picture {chart.file}", note.title):
            drawn.append((chart.file, _draw(chart, workspace, changes)))
    engine.after.notes[note.id].pictures = tuple(drawn)


def _take(picture: Picture, workspace: Workspace, changes: Changes) -> bool:
    """Have a picture written that was drawn ahead; false if it was there then and is no more."""
    target = workspace.notes / ATTACHMENTS / picture.file
    if _drawn(picture.file, workspace) == picture.fingerprint:
        changes.keep(target)
    elif picture.data is None:
        return False
    else:
        changes.put(target, picture.data, first=True)
    return True


def picture_of(chart: ChartRequest, workspace: Workspace) -> Picture:
    """Return a picture, drawn unless a file with its fingerprint is there.

    Raises:
        DiskError: The file cannot be read.
    """
    from thesisvault.charts.draw import draw, fingerprint

    wanted = fingerprint(chart.chart, recipe=chart.recipe, as_of=chart.as_of)
    is_there = _drawn(chart.file, workspace) == wanted
    data = None if is_there else draw(chart.chart, recipe=chart.recipe, as_of=chart.as_of, data=wanted)
    from thesisvault.runs.executors.orders import Picture

    return Picture(chart.file, wanted, data)


def _draw(chart: ChartRequest, workspace: Workspace, changes: Changes) -> str:
    """Have a picture drawn unless it is there, and return its fingerprint."""
    picture, target = picture_of(chart, workspace), workspace.notes / ATTACHMENTS / chart.file
    if picture.data is None:
        changes.keep(target)
    else:
        changes.put(target, picture.data, first=True)
    return picture.fingerprint


def _drawn(file: str, workspace: Workspace) -> str:
    """Return the fingerprint of a picture that is there; an empty text if there is none."""
    from thesisvault.charts.png import stamp

    target = workspace.notes / ATTACHMENTS / file
    try:
        found = stamp(read_plain(target))
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as problem:
        said = f"the picture cannot be read: {problem.strerror}."
        raise DiskError(Finding(said, Place(workspace.shown(target)))) from None
    return "" if found is None else found.data


def trash_unused_pictures(
    embedded: AbstractSet[str],
    rewritten: AbstractSet[str],
    index: VaultIndex,
    workspace: Workspace,
    changes: Changes,
) -> list[Finding]:
    """Move pictures that nothing names any more to the trash.

    A note that is not written again keeps its own, and so does whatever a person wrote: outside regions, in a canvas or
    a base, as an embed or a link of any form.

    Args:
        embedded: The pictures of the notes that the definitions ask for.
        rewritten: Paths of the notes whose regions are written again.
        index: The vault before the build.
        workspace: The folders.
        changes: Takes what is to be moved.

    Returns:
        What a person should know: nothing is moved where a folder of the trash is a link.

    Raises:
        DiskError: A note or canvas cannot be read.
    """
    folder = "/".join(filter(None, (workspace.corner, ATTACHMENTS)))
    doubted: dict[str, str] = {}
    for path in index.attachments:
        inside, _, name = path.rpartition("/")
        if inside == folder and name.startswith("chart-") and name.endswith(".png") and name not in embedded:
            doubted[name] = path
    used: set[str] = set()
    for note in index.notes if doubted else ():  # as a rule none is doubted, and no note has to be read
        if note.has_pictures and not doubted.keys().isdisjoint(_CHART.findall(note.text)):
            own = note.own_lines or frozenset() if note.path in rewritten else frozenset()
            lines = enumerate(note.text.split("\n"), 1)
            used |= {file for n, line in lines if n not in own for file in _CHART.findall(line)}
    for name in index.attachments:
        if name.lower().endswith((".canvas", ".base")):
            used |= set(_CHART.findall(changes.read(workspace.vault / name) or ""))
    unused = [path for name, path in doubted.items() if name not in used]
    linked = linked_folders(workspace, [f"{TRASH}/{path}" for path in unused])
    for path in unused if not linked else ():
        changes.trash(workspace.vault / path, workspace.vault)
    return [replace(each, level="warning") for each in linked]

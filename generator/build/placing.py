"""Where each note lies: where its id stands now, else where it was remembered, else under a new name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from generator.build.opening import (
    Opened,
)
from generator.build.underway import Build
from generator.errors import Finding, Place, UsageError, did_you_mean
from generator.notes.names import note_name, unique_name
from generator.scalars import folded


def wanted_ids(opened: Opened, names: Sequence[str]) -> set[str] | None:
    """Return the ids of the notes that are asked for; None for all."""
    if not names:
        return None
    by_name = {folded(name): key for key, d in opened.library.definitions.items() for name in (key, d.model.title)}
    by_name |= {
        folded(name): f"instrument/{opened.library.current(ticker)}"
        for ticker, instrument in opened.library.instruments.items()
        for name in (ticker, instrument.name)
    }
    by_name |= {folded(name): f"basket/{k}" for k, b in opened.library.baskets.items() for name in (k, b.title)}
    by_name |= {folded(name): f"entity/{k}" for k, e in opened.library.entities.items() for name in (k, e.name)}
    by_name["home"] = "home"
    found = set()
    for name in names:
        if folded(name) not in by_name:
            raise UsageError(
                f'"{name}" is no title, id or ticker of a definition. {did_you_mean(name, by_name)}'.rstrip()
            )
        found.add(by_name[folded(name)])
    return found


def place_notes(building: Build) -> None:
    """Give every note its path: where its id stands now, else where it was remembered, else a new one."""
    root = building.workspace.notes.relative_to(building.workspace.vault).as_posix()
    # Another workspace may have a corner of the same vault: outside ours only a note that was ours is followed.
    near = f"{root}/" if root != "." else ""
    by_id = {
        note.id: note.path
        for note in reversed(building.index.notes)
        if note.id and (note.path.startswith(near) or note.id in building.memory.notes)
    }
    paths = {note.path for note in building.index.notes}
    taken = {folded(note.basename) for note in building.index.notes}
    # A vault of which nothing is left was thrown away whole, and is built anew; single notes were deleted by hand.
    any_left = any(note.path in paths for note in building.memory.notes.values())
    for view in building.views:
        known = building.memory.notes.get(view.id)
        if view.id in by_id:
            building.paths[view.id] = by_id[view.id]
        elif known and (known.path in paths or not any_left):
            building.paths[view.id] = known.path
            taken.add(folded(Path(known.path).stem))
        elif known:
            building.deleted.add(view.id)
            place = Place(building.workspace.shown(building.workspace.vault / known.path))
            hint = "`thesisvault restore NOTE` brings it back."
            building.report.add(Finding("the note was deleted and stays so.", place, hint, "remark", "deleted-note"))
    if building.adopting:
        _adopt(building)
    for view in building.views:
        if view.id not in building.paths and view.id not in building.deleted:
            name = unique_name(note_name(view.title), taken)
            taken.add(folded(name))
            folder = "/".join(part for part in (root if root != "." else "", view.folder) if part)
            building.paths[view.id] = f"{folder}/{name}.md" if folder else f"{name}.md"


def _adopt(building: Build) -> None:
    """Give the note that is to be adopted to the definition whose note it is, or whose title it has."""
    path = str(building.adopting)
    if path in building.paths.values():
        return
    view = next((v for v in building.views if folded(note_name(v.title)) == folded(Path(path).stem)), None)
    if view is None:
        known = [v.title for v in building.views]
        hint = did_you_mean(Path(path).stem, known)
        raise UsageError(f'no definition has the title of the note "{path}". {hint}'.rstrip())
    building.paths[view.id] = path
    building.deleted.discard(view.id)

"""Where each note lies: where its id stands now, else where it was remembered, else under a new name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from thesisvault.blocks.core.filled import inside
from thesisvault.errors import Finding, Place, UsageError, did_you_mean
from thesisvault.notes.names import note_name, unique_name
from thesisvault.notes.views import NoteView
from thesisvault.runs.lifecycle.memory import Memory
from thesisvault.runs.opening import (
    Opened,
)
from thesisvault.runs.steps.linking import key_of_note
from thesisvault.runs.underway import Build
from thesisvault.scalars import folded
from thesisvault.vault.index import VaultIndex
from thesisvault.vault.note import Note

_ALIKE = 0.6
"""The share of a definition's longer texts that a note must hold to count as written from it."""


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


@dataclass(frozen=True)
class Located:
    """Which note of a vault is whose.

    Attributes:
        paths: Path of the note of each id.
        copies: Paths of notes that hold the id of another, each with the path of that other.
    """

    paths: dict[str, str] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)


def locate(index: VaultIndex, memory: Memory, corner: str = "") -> Located:
    """Return where the note of each id lies, whether its definition is there or not.

    A note is known by its `id` property, so it may be moved and renamed. Of several with one id the one at the
    remembered path is the note and the others are copies; where none lies there, it is the one that kept its file
    name, else the one with the shortest name: what makes copies puts something behind it. Times of files do not
    count, for a sync or a clone sets them anew. A note that lost its `id` is still known by its path.

    Args:
        index: The vault.
        memory: What is remembered of our notes.
        corner: Our folder in it, with a slash. Another workspace may have a corner of the same vault, so outside ours
            only a note that was ours is followed.
    """
    by_id: dict[str, list[Note]] = {}
    for note in index.notes:
        if note.id and (note.path.startswith(corner) or note.id in memory.notes):
            by_id.setdefault(note.id, []).append(note)
    located = Located()
    for key, notes in by_id.items():
        known = memory.notes[key].path if key in memory.notes else ""
        name = folded(Path(known).stem)
        first, *copies = sorted(
            notes, key=lambda n: (n.path != known, folded(n.basename) != name, len(n.basename), len(n.path), n.path)
        )
        located.paths[key] = first.path
        located.copies.update({copy.path: first.path for copy in copies})
    for key, remembered in memory.notes.items():
        found = index.by_path.get(remembered.path)
        # Whoever gave another note of ours this name has deleted or moved the one that was remembered here.
        if key not in by_id and found is not None and found.id not in memory.notes:
            located.paths[key] = remembered.path
    return located


def place_notes(building: Build) -> None:
    """Give every note its path: where its id stands now, else where it was remembered, else a new one."""
    current = {view.id: view for view in building.views}
    _follow_new_ids(building, current.keys())
    root = building.workspace.notes.relative_to(building.workspace.vault).as_posix()
    located = locate(building.index, building.memory, f"{root}/" if root != "." else "")
    _report_copies(building, located)
    ours = current.keys() | building.memory.notes.keys()
    building.paths = {key: path for key, path in located.paths.items() if key in ours}
    # A vault of which nothing is left was thrown away whole, and is built anew; single notes were deleted by hand.
    any_left = any(key in located.paths for key in building.memory.notes)
    for key in current.keys() & building.memory.notes.keys() - located.paths.keys():
        known = building.memory.notes[key]
        if not any_left:
            building.paths[key] = known.path
            continue
        building.deleted.add(key)
        place = Place(building.workspace.shown(building.workspace.vault / known.path))
        hint = f'Bring it back: thesisvault restore "{Path(known.path).stem}"'
        building.report.add(Finding("the note was deleted and stays so.", place, hint, "remark", "deleted-note"))
    if building.adopting:
        _adopt(building, current, located)
    _offer(building, current)
    _name_new(building)


def _follow_new_ids(building: Build, current: Collection[str]) -> None:
    """Have what is remembered of a note go with it when its `id` was changed to that of another definition."""
    notes = dict(building.memory.notes)
    for key, known in building.memory.notes.items():
        found = building.index.by_path.get(known.path)
        new = found.id if found else None
        if key not in current and new is not None and new in current and new not in notes:
            notes[new] = notes.pop(key).model_copy(update={"orphaned": False})
    building.memory = Memory(notes)


def _report_copies(building: Build, located: Located) -> None:
    for copy, original in sorted(located.copies.items()):
        shown = building.workspace.shown
        place = Place(shown(building.workspace.vault / copy))
        problem = f"it is a copy of {original}, with the same id; it is left as it is, and links lead to the original."
        hint = "To make it a note of your own, delete the line `id` from its properties; else delete the copy."
        building.report.add(Finding(problem, place, hint, "warning", "copied-note"))


def _adopt(building: Build, current: dict[str, NoteView], located: Located) -> None:
    """Give the note that is to be adopted to the definition whose note it is, or whose title it has."""
    path = str(building.adopting)
    owner = next((key for key, other in building.paths.items() if other == path), None)
    if owner in current:
        return
    if owner is not None:
        hint = "Give it to another definition: thesisvault rename ID NEW-ID. Take it away: thesisvault prune"
        raise UsageError(f'the definition "{owner}" of "{path}" is gone.', hint=hint)
    if path in located.copies:
        hint = "Delete the line `id` from its properties first, or delete the other to put this one in its place."
        raise UsageError(f'"{path}" is a copy of "{located.copies[path]}".', hint=hint)
    view = next((v for v in building.views if folded(note_name(v.title)) == folded(Path(path).stem)), None)
    if view is None:
        known = [v.title for v in building.views]
        guess = did_you_mean(Path(path).stem, known)
        hint = f"{guess} Give the note the name of a definition first.".lstrip()
        raise UsageError(f'no definition has the title of the note "{path}".', hint=hint)
    if view.id in building.paths and building.paths[view.id] in building.index.by_path:
        hint = "Delete that one first, or give yours another name."
        raise UsageError(f'"{view.title}" has its note already: "{building.paths[view.id]}".', hint=hint)
    building.paths[view.id] = path
    building.deleted.discard(view.id)


def _offer(building: Build, current: dict[str, NoteView]) -> None:
    """Find notes whose definition is gone and which seem to be meant for a definition that has none.

    It happens when a YAML file is renamed. A second note of the same title would only be in the way of the first, with
    everything that a person wrote in it, so none is written.
    """
    orphans = {key: path for key, path in building.paths.items() if key not in current}
    for view in building.views:
        if view.id in building.paths or view.id in building.deleted:
            continue
        kind = key_of_note(view.id)[0]
        free = [key for key in orphans if key_of_note(key)[0] == kind and key not in building.offered.values()]
        meant = [key for key in free if _has_title(building, key, view)] or [
            key for key in free if _holds_texts(building.index.by_path[orphans[key]].text, view)
        ]
        if len(meant) != 1:
            continue
        old = building.offered[view.id] = meant[0]
        building.paths[view.id] = orphans[old]
        place = Place(building.workspace.shown(building.workspace.vault / orphans[old]))
        problem = (
            f'the note was written by the definition "{old}", which is gone; "{view.id}" has its title or its text, '
            "and no second note was written."
        )
        hint = (
            f'Make it the note of "{view.id}": thesisvault rename "{old}" "{view.id}". '
            "If the two have nothing in common, take the old note away: thesisvault prune"
        )
        building.report.add(Finding(problem, place, hint, "warning", "moved-id"))


def _has_title(building: Build, key: str, view: NoteView) -> bool:
    """Return whether a note whose definition is gone bears the title of another."""
    known = building.memory.notes[key].aliases
    names = {folded(Path(building.paths[key]).stem), *(folded(alias) for alias in known)}
    return folded(note_name(view.title)) in names or folded(view.title) in names


def _holds_texts(text: str, view: NoteView) -> bool:
    """Return whether a note holds most of the longer texts that a definition says of itself."""
    said = set(_sentences(view))
    return len(said) > 2 and sum(each in text for each in said) >= _ALIKE * len(said)


def _sentences(view: NoteView) -> Iterator[str]:
    for each in inside(view.shown, str):
        yield from (part for part in each.split("\n") if len(part) > 15 and " " in part and "[" not in part)


def _name_new(building: Build) -> None:
    """Give a path to each note that has none yet."""
    root = building.workspace.notes.relative_to(building.workspace.vault).as_posix()
    taken = {folded(note.basename) for note in building.index.notes}
    taken |= {folded(Path(path).stem) for path in building.paths.values()}
    for view in building.views:
        if view.id not in building.paths and view.id not in building.deleted:
            name = unique_name(note_name(view.title), taken)
            taken.add(folded(name))
            folder = "/".join(part for part in (root if root != "." else "", view.folder) if part)
            building.paths[view.id] = f"{folder}/{name}.md" if folder else f"{name}.md"

"""Bringing one note, picture or setting of the vault up to date with what a build has made of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from thesisvault.blocks.core.filled import ChartRequest
from thesisvault.errors import DiskError, Finding, Place
from thesisvault.notes.properties.reading import read, split
from thesisvault.notes.regions import FreshNote, adopt, merge, orphaned
from thesisvault.notes.views import NoteView
from thesisvault.runs.lifecycle.memory import NoteMemory
from thesisvault.runs.underway import Build
from thesisvault.vault import obsidian
from thesisvault.vault.write import Changes, write_if_changed

ATTACHMENTS = "attachments"
INTENT = "intended.json"


def merge_note(
    building: Build,
    changes: Changes,
    notes: dict[str, NoteMemory],
    view: NoteView,
    regions: tuple[tuple[str, str], ...],
) -> None:
    """Bring a note up to date, and put down in `notes` what is to be remembered of it; a damaged one stays as it is."""
    path = building.paths[view.id]
    target = building.workspace.vault / path
    known = building.memory.notes.get(view.id)
    was_there = False

    def brought_up(disk: str | None) -> bytes | None:
        nonlocal was_there
        if disk is None and was_there:
            return None  # it was deleted or moved while this run was on; the next one will find out
        was_there = disk is not None
        bring_up = adopt if disk is not None and path == building.adopting else merge
        merged = bring_up(
            disk or "",
            FreshNote(view.properties, regions),
            as_of=building.as_of,
            removed=frozenset(known.removed) if known else frozenset(),
            known=frozenset(known.regions) if known and disk is not None else frozenset(),
            previous=_previous(disk, known, building.intended.get(view.id, {})),
            owned_keys=view.keys | frozenset(_SPREAD_KEY.findall(disk or "")),
            path=building.workspace.shown(target),
        )
        for finding in merged.findings:
            building.report.add(finding)
        if merged.damaged:
            building.untouched.add(path)
            notes[view.id] = known or NoteMemory(path=path)
            return None
        gone = ((frozenset(known.removed) if known else frozenset()) | merged.removed) - merged.restored
        notes[view.id] = NoteMemory(
            path=path,
            regions=merged.regions,
            removed=tuple(sorted(gone)),
            properties=digests(view.properties),
            **{name: tuple(map(str, _listed(view.properties.get(name)))) for name in _LISTS},
        )
        return merged.text.encode("utf-8", "surrogateescape")

    text = brought_up(changes.read(target))
    if text is not None:
        changes.put(target, text, again=brought_up)


_LISTS = ("aliases", "tags")


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def digests(written: Mapping[str, object]) -> dict[str, str]:
    """Return a short digest of each property that is no list of names."""
    return {key: _digest(value) for key, value in written.items() if key not in _LISTS and value is not None}


def _digest(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return hashlib.sha256(json.dumps(value, default=str, sort_keys=True).encode()).hexdigest()[:6]


_CHANGED = object()


def _previous(disk: str | None, known: NoteMemory | None, intended: Mapping[str, str]) -> dict[str, object] | None:
    """Return the properties as they were written last; a value on disk that is not what was written is a person's.

    A run that was killed may have written a note and not what it remembers; `intended` is what that run meant to write.
    """
    block, _ = split(disk) if disk else (None, "")
    if known is None or block is None:
        return None
    lists = {name: list(getattr(known, name)) for name in _LISTS}
    standing = read(block).values
    if not known.properties:  # it was remembered before properties were
        return {**standing, **lists}
    ours = {
        key: known.properties.get(key, "") + " " + intended.get(key, "") for key in {**known.properties, **intended}
    }
    return lists | {
        key: standing[key] if key in standing and _digest(standing[key]) in kept.split() else _CHANGED
        for key, kept in ours.items()
    }


@contextmanager
def intended(building: Build, notes: Mapping[str, NoteMemory]) -> Iterator[None]:
    """Put down which properties are about to be written, should this run not live to remember them."""
    path = building.workspace.cache / INTENT
    if building.report.dry:
        yield
        return
    before, earlier = building.memory.notes, building.intended
    meant = {
        # What an earlier run meant to write may stand in notes still.
        key: {name: f"{kept} {earlier.get(key, {}).get(name, '')}".strip() for name, kept in note.properties.items()}
        for key, note in notes.items()
        if key not in before or before[key] != note
    }
    if meant:
        write_if_changed(path, json.dumps(meant).encode())
    yield
    path.unlink(missing_ok=True)


def read_intended(cache: Path) -> dict[str, dict[str, str]]:
    """Return what a run that was killed meant to write, by note; a file that cannot be read counts for nothing."""
    try:
        found = json.loads((cache / INTENT).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and all(isinstance(each, dict) for each in found.values()) else {}


# The property of a spread carries its window, so it is known by its pattern only.
_SPREAD_KEY = re.compile(r"^(spread_\w+_pp):", re.MULTILINE)
_CHART = re.compile(r"chart-[a-z0-9-]+\.png")


def draw_picture(building: Build, changes: Changes, chart: ChartRequest) -> None:
    """Draw a picture unless the one on disk has the same fingerprint."""
    from thesisvault.charts.draw import draw, fingerprint
    from thesisvault.charts.png import stamp

    target = building.workspace.notes / ATTACHMENTS / chart.file
    wanted = fingerprint(chart.chart, recipe=chart.recipe, as_of=chart.as_of)
    try:
        old = stamp(target.read_bytes()) if target.is_file() else None
    except OSError as problem:
        raise DiskError(
            Finding(f"the picture cannot be read: {problem.strerror}.", Place(building.workspace.shown(target)))
        ) from None
    if old is not None and old.data == wanted:
        changes.keep(target)
        return
    changes.put(target, draw(chart.chart, recipe=chart.recipe, as_of=chart.as_of), first=True)


def mark_orphans(building: Build, changes: Changes, notes: dict[str, NoteMemory], wanted: set[str] | None) -> None:
    """Mark notes whose definition is gone, and move pictures that nothing embeds any more to the trash."""
    current = {view.id for view in building.views}
    for key, known in building.memory.notes.items():
        if key in current:
            if key in building.deleted:
                notes[key] = known.model_copy(update={"deleted": True})
            continue
        path = building.paths.get(key, known.path)
        target = building.workspace.vault / path
        disk = changes.read(target)
        if disk is None:
            notes.pop(key, None)
            continue
        status = {**known.properties, **digests({"status": "orphaned"})} if known.properties else {}
        notes[key] = known.model_copy(update={"orphaned": True, "path": path, "properties": status})
        brought_up = partial(_as_orphan, known, building.intended.get(key, {}))
        text = brought_up(disk)
        if text is not None:
            changes.put(target, text, again=brought_up)
        if key in building.offered.values():
            continue
        place = Place(building.workspace.shown(target))
        building.report.add(
            Finding(
                "the definition of this note is gone; the note stays.",
                place,
                "Take it away: thesisvault prune",
                level="warning",
                code="orphaned-note",
            )
        )
    if wanted is None:
        _unused_pictures(building, changes)


def _as_orphan(known: NoteMemory, intended: Mapping[str, str], disk: str | None) -> bytes | None:
    text = orphaned(disk, _previous(disk, known, intended)) if disk is not None else None
    return None if text is None else text.encode("utf-8", "surrogateescape")


def _unused_pictures(building: Build, changes: Changes) -> None:
    """Move pictures that nothing names any more to the trash.

    A note that is not written again keeps its own, and so does whatever a person wrote: outside regions, in a canvas or
    a base, as an embed or a link of any form.
    """
    written = [view for view in building.views if view.id not in building.unwritten]
    rewritten = {building.paths[view.id] for view in written} - building.untouched
    used = {chart.file for view in written for chart in view.charts}
    for note in building.index.notes:
        if note.has_pictures:
            own = note.own_lines or frozenset() if note.path in rewritten else frozenset()
            lines = enumerate(note.text.split("\n"), 1)
            used |= {file for n, line in lines if n not in own for file in _CHART.findall(line)}
    for name in building.index.attachments:
        if name.lower().endswith((".canvas", ".base")):
            used |= set(_CHART.findall(changes.read(building.workspace.vault / name) or ""))
    folder = building.workspace.notes / ATTACHMENTS
    for path in sorted(folder.glob("chart-*.png")) if folder.is_dir() else []:
        if path.name not in used:
            changes.trash(path, building.workspace.vault)


def declare_types(building: Build, changes: Changes, types: dict[str, str]) -> None:
    """Declare the properties to Obsidian, adding what is missing and touching nothing else."""
    workspace = building.workspace
    for finding in obsidian.declare_types(workspace.vault, changes, types, own=not workspace.corner):
        place = finding.place
        building.report.add(finding.at(Place(workspace.shown(Path(place.path)))) if place else finding)

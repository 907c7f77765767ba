"""Bringing one note, picture or setting of the vault up to date with what a build has made of it."""

from __future__ import annotations

import re
from pathlib import Path

from generator.blocks.filled import ChartRequest
from generator.build import compose
from generator.build.memory import NoteMemory
from generator.build.underway import Build
from generator.errors import DiskError, Finding, Place
from generator.notes import properties
from generator.notes.regions import FreshNote, adopt, merge, orphaned
from generator.vault import obsidian
from generator.vault.write import Changes

ATTACHMENTS = "attachments"


def merge_note(
    building: Build, changes: Changes, view: compose.NoteView, regions: tuple[tuple[str, str], ...]
) -> NoteMemory:
    """Bring a note up to date and return what is to be remembered of it; a damaged one stays as it is."""
    path = building.paths[view.id]
    target = building.workspace.vault / path
    known = building.memory.notes.get(view.id)
    shown = building.workspace.shown(target)
    disk = changes.read(target)
    bring_up = adopt if disk is not None and path == building.adopting else merge
    merged = bring_up(
        disk or "",
        FreshNote(view.properties, regions),
        as_of=building.as_of,
        removed=frozenset(known.removed) if known else frozenset(),
        known=frozenset(known.regions) if known and disk is not None else frozenset(),
        previous=_previous(disk, known),
        owned_keys=OWNED | frozenset(_SPREAD_KEY.findall(disk or "")),
        path=shown,
    )
    for finding in merged.findings:
        building.report.add(finding)
    if merged.damaged:
        building.untouched.add(path)
        return known or NoteMemory(path=path)
    changes.put(target, merged.text.encode("utf-8", "surrogateescape"))
    gone = ((frozenset(known.removed) if known else frozenset()) | merged.removed) - merged.restored
    lists = {name: tuple(map(str, _listed(view.properties.get(name)))) for name in _LISTS}
    return NoteMemory(path=path, regions=merged.regions, removed=tuple(sorted(gone)), **lists)


_LISTS = ("aliases", "tags")


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _previous(disk: str | None, known: NoteMemory | None) -> dict[str, object] | None:
    """Return the properties as they were written last: lists as remembered, the rest as it stands."""
    block, _ = properties.split(disk) if disk else (None, "")
    if known is None or block is None:
        return None
    return {**properties.read(block).values, **{name: list(getattr(known, name)) for name in _LISTS}}


OWNED = frozenset(
    {"id", "kind", "aliases", "tags", "status", "conviction", "opened", "closed", "as_of"}
    | {"ticker", "asset_kind", "entity_kind", "return_ytd_pct", "stale_series"}
)
"""Property keys that may be the generator's, besides those of spreads, which carry their window."""

_SPREAD_KEY = re.compile(r"^(spread_\w+_pp):", re.MULTILINE)
_CHART = re.compile(r"!\[\[(chart-[^\]|#\\]+\.png)")


def draw_picture(building: Build, changes: Changes, chart: ChartRequest) -> None:
    """Draw a picture unless the one on disk has the same fingerprint."""
    from generator.charts.draw import draw, fingerprint
    from generator.charts.png import stamp

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
        target = building.workspace.vault / known.path
        disk = changes.read(target)
        if disk is None:
            notes.pop(key, None)
            continue
        notes[key] = known.model_copy(update={"orphaned": True})
        text = orphaned(disk)
        if text is not None:
            changes.put(target, text.encode("utf-8", "surrogateescape"))
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


def _unused_pictures(building: Build, changes: Changes) -> None:
    """Move pictures that no note embeds any more to the trash; a note that is not written again keeps its own."""
    rewritten = {building.paths[view.id] for view in building.views if view.id not in building.deleted}
    rewritten -= building.untouched
    used = {chart.file for view in building.views if view.id not in building.deleted for chart in view.charts}
    used |= set(building.index.embedded)
    for note in building.index.notes:
        if note.has_pictures and note.path not in rewritten:
            used |= set(_CHART.findall(note.text))
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

"""The story of one build: open, fetch what was never seen, fill, render, merge, write.

Nothing is written before everything is known: all notes are rendered and merged in memory first, and a mistake anywhere
leaves the vault as it was. Pictures come before the notes that embed them, the memory comes last.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from thesisvault.blocks.core.context import BlockError, Context
from thesisvault.blocks.core.filled import inside
from thesisvault.blocks.core.judging import Verdict
from thesisvault.definitions.read import read_settings
from thesisvault.errors import DefinitionError, Finding, Place
from thesisvault.market.reading.market import Market
from thesisvault.notes.properties.values import property_types
from thesisvault.notes.render import Renderer
from thesisvault.notes.views import NoteView
from thesisvault.runs.lifecycle.memory import Memory, read_memory
from thesisvault.runs.lifecycle.renaming import finish_renames
from thesisvault.runs.opening import (
    last_day,
    open_store,
    open_workspace,
    scope_of,
    workspace_of,
)
from thesisvault.runs.refresh import fetch_unseen, has_local, not_before_data, refresh_prices, tickers_of
from thesisvault.runs.report import Progress, Report, silent
from thesisvault.runs.steps.compose.asset import basket_note, instrument_note
from thesisvault.runs.steps.compose.entity import entity_note
from thesisvault.runs.steps.compose.home import home_note
from thesisvault.runs.steps.compose.thesis import thesis_note
from thesisvault.runs.steps.linking import book_of
from thesisvault.runs.steps.merging import (
    declare_types,
    draw_picture,
    intended,
    mark_orphans,
    merge_note,
    read_intended,
)
from thesisvault.runs.steps.placing import place_notes, wanted_ids
from thesisvault.runs.steps.trust import Trust
from thesisvault.runs.steps.usage import universes_used, usages
from thesisvault.runs.underway import Build, foreign_names, scan_vault
from thesisvault.scalars import folded
from thesisvault.vault.lock import held
from thesisvault.vault.write import Changes
from thesisvault.workspace import packaged
from thesisvault.written import place_of


def build_vault(
    root: Path,
    *,
    now: dt.datetime,
    as_of: dt.date | None = None,
    names: Sequence[str] = (),
    dry: bool = False,
    offline: bool = False,
    progress: Progress = silent,
    command: str = "build",
    adopting: str | None = None,
) -> Report:
    """Write the vault of a workspace; with `dry` only find out what would be written.

    Args:
        root: The workspace.
        now: The moment of the run, which decides the last finished session.
        as_of: The last day of data; by default the settings' or the last finished session.
        names: Ids or titles of the notes to write; by default all.
        dry: Write nothing.
        offline: Fetch nothing.
        progress: Is told what is going on.
        command: What the report calls the run.
        adopting: Path of a note that is to become the note of its definition.

    Raises:
        DefinitionError: A definition or template is wrong; nothing was written.
        NoDataError: There are no prices at all, and none could be fetched; nothing was written.
        DiskError: Something cannot be read or written.
        LockedError: Another run holds the workspace.
    """
    # The lock comes first: what another run wrote after this one looked would pass for deleted by hand.
    with held(workspace_of(root, read_settings(root)[0]).cache, command):
        report = Report(command, dry=dry)
        if not dry:
            finish_renames(root, report)
        index = scan_vault(root)
        opened = open_workspace(root, foreign_names(index)).sound()
        store = open_store(opened.workspace, create=not offline or has_local(opened.settings))
        try:
            day = last_day(opened, store, as_of, now)
            fetch_unseen(opened, store, day, now, report, progress, offline=offline)
            not_before_data(opened, store, day)
            building = Build(
                opened,
                store,
                day,
                report,
                progress,
                index,
                read_memory(opened.workspace.memory, opened.workspace.shown(opened.workspace.memory)),
                adopting=adopting,
                intended=read_intended(opened.workspace.cache),
            )
            _write(building, wanted_ids(opened, names))
        finally:
            store.discard()
    return report


def refresh_and_build(
    root: Path,
    *,
    now: dt.datetime,
    as_of: dt.date | None,
    offline: bool,
    progress: Progress = silent,
    command: str,
) -> Report:
    """Refresh, build and check: what a scheduler calls.

    Raises:
        ThesisvaultError: As its parts do.
    """
    from thesisvault.runs.check import check_vault

    fetched = Report("refresh")
    settings, _ = read_settings(root)
    if not offline or has_local(settings):
        fetched = refresh_prices(root, now=now, as_of=as_of, offline=offline, progress=progress)
    report = build_vault(root, now=now, as_of=as_of, offline=True, progress=progress, command=command)
    report.figures = {**fetched.figures, **report.figures}
    # The build itself says which notes rest on a series that ends early, and what waits in quarantine.
    said = [each for each in fetched.findings if each.code not in ("stale", "quarantined")]
    for finding in (*said, *check_vault(workspace_of(root, settings))):
        report.add(finding)
    return report


def _write(building: Build, wanted: set[str] | None) -> None:
    building.report.as_of = building.as_of
    _compose(building)
    place_notes(building)
    changes = Changes(building.workspace.root)
    links = _links(building)
    renderer = Renderer([building.workspace.templates, packaged("templates")], building.workspace.shown)
    notes = dict(building.memory.notes)
    total = len(building.views)
    types: dict[str, str] = {}
    for done, view in enumerate(building.views, 1):
        building.progress("notes", done, total)
        types |= property_types(view.properties)
        if view.id in building.unwritten or (wanted is not None and view.id not in wanted):
            continue
        regions = renderer.render(view, links)
        for chart in view.charts:
            draw_picture(building, changes, chart)
        merge_note(building, changes, notes, view, regions)
    mark_orphans(building, changes, notes, wanted)
    declare_types(building, changes, types)
    changes.put_last(building.workspace.memory, lambda: Memory(notes).text().encode())
    _look(building)
    with intended(building, notes):
        made = changes.apply(dry=building.report.dry)
    building.report.written += [building.workspace.shown(path) for path in made.written]
    building.report.removed += [building.workspace.shown(path) for path in made.trashed]
    building.report.unchanged += made.unchanged


def _compose(building: Build) -> None:
    """Fill every note; what cannot be filled is gathered, and nothing is written if there is any."""
    library = building.opened.library
    scope = scope_of(building.opened, building.store, building.as_of)
    base = Context(scope, library, "")
    findings: list[Finding] = []
    makers: list[tuple[str, Callable[[], NoteView]]] = [
        (record.tree.shown, partial(thesis_note, record, library, base)) for record in library.definitions.values()
    ]
    known = {folded(name) for name in foreign_names(building.index)}
    for (kind, key), usage in usages(library).items():
        if kind == "entity":
            entity = library.entities[key]
            if not any(folded(name) in known for name in (entity.name, *entity.aliases)):
                makers.append(("entities.yaml", partial(entity_note, key, usage, library, base)))
        elif kind == "instrument":
            makers.append(("instruments.yaml", partial(instrument_note, key, usage, library, base)))
        else:
            makers.append((f"baskets/{key}.yaml", partial(basket_note, key, usage, library, base)))
    for done, (source, make) in enumerate(makers, 1):
        building.progress("figures", done, len(makers))
        try:
            building.views.append(make())
        except BlockError as problem:
            findings.append(_found(source, problem))
    if findings:
        raise DefinitionError(sorted(findings, key=lambda each: each.sort_key))
    building.trust = _trust(building, scope.market)
    building.views.append(home_note(building.views, building.trust, library, base))


def _trust(building: Build, market: Market) -> Trust:
    """Return what of the series in use is older than it should be, in quarantine, or gone."""
    library, trust = building.opened.library, Trust()
    for view in building.views:
        trust.add_stale(view.stale_series)
    for name in universes_used(library):
        members = library.universes[name]
        trust.late_members[name] = (len(members), market.late(members))
    for ticker in tickers_of(building.opened):
        if troubles := market.troubles(ticker):
            trust.troubled[ticker] = troubles
    return trust


def _found(source: str, problem: BlockError) -> Finding:
    """Return what a block could not be filled with, at the place where it was typed."""
    place = place_of(problem.text, problem.nth if "{{" in problem.text else None)
    if place is not None:
        return Finding(problem.problem, place, code="expression")
    return Finding(f"{problem.problem} In: {problem.text[:80]}", Place(source), code="expression")


def _links(building: Build) -> Any:
    basenames = {key: Path(path).stem for key, path in building.paths.items() if key not in building.deleted}
    # An alias that is another note's own name would make Obsidian's own search offer the wrong one.
    names = {folded(name): key for key, name in basenames.items()}
    for number, view in enumerate(building.views):
        own = folded(basenames.get(view.id, view.title))
        # The file keeps its name when the title changes, so the title becomes a name by which the note is found.
        wanted = dict.fromkeys([view.title, *view.aliases])
        kept = (alias for alias in wanted if folded(alias) != own and names.get(folded(alias), view.id) == view.id)
        building.views[number] = dataclasses.replace(view, aliases=tuple(kept))
    return book_of(building).table()


def _look(building: Build) -> None:
    """Report what the figures of the notes say that needs a look."""
    report = building.report
    # What a fetch before said of these is said better here, with what rests on them.
    report.findings = [each for each in report.findings if each.code not in ("stale", "quarantined")]
    for finding in building.trust.findings(building.as_of):
        report.add(finding)
    report.figures |= building.trust.figures
    for view in building.views:
        for verdict in inside(view.shown, Verdict):
            if verdict.outcome == "contradicted":
                said = "".join(
                    p if isinstance(p, str) else p.text
                    for p in (*verdict.label, " " if verdict.label else "", *verdict.says)
                )
                problem = (
                    f'{view.title}: "{said}" is contradicted, the data say {verdict.computed.text} on {verdict.on}.'
                )
                report.add(Finding(problem, level="warning", code="contradicted"))

"""The story of one build, in the order in which it happens: the place to begin reading.

Open, fetch what was never seen, plan, place, link, make, write, report; to make a note is to compose, draw, render and
merge it. Each step is one module of `runs/steps`. Nothing is written before everything is known: what is to be written
waits until all notes are made, and a mistake anywhere leaves the vault as it was. Pictures are written before the notes
that embed them, the memory last.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial

from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import inside
from thesisvault.definitions.library import Library
from thesisvault.runs.engine.engine import Engine
from thesisvault.runs.engine.kept import read_kept, write_kept
from thesisvault.runs.engine.leaves import Leaves
from thesisvault.runs.engine.reasons import Account
from thesisvault.runs.engine.recipe import recipe_of
from thesisvault.runs.engine.told import Told
from thesisvault.runs.executors.choice import INLINE
from thesisvault.runs.last_run import LastRun, last_run, reached_by
from thesisvault.runs.lifecycle.belonging import settle
from thesisvault.runs.lifecycle.memory import Memory, NoteMemory, read_memory
from thesisvault.runs.lifecycle.moving import finish_renames
from thesisvault.runs.report import Progress, Report, silent
from thesisvault.runs.result import recall
from thesisvault.runs.steps.accounting import account_for
from thesisvault.runs.steps.ahead import Ahead
from thesisvault.runs.steps.as_text import shown_as_text
from thesisvault.runs.steps.claimed import ClaimBook
from thesisvault.runs.steps.clock import doubts
from thesisvault.runs.steps.compose.home import HomeParts
from thesisvault.runs.steps.composing import (
    HOME,
    HOME_NOTE,
    Planned,
    composed,
    members_that_rose,
    planned_notes,
    trust_in,
)
from thesisvault.runs.steps.declaring import declare_types
from thesisvault.runs.steps.lettering import unlettered
from thesisvault.runs.steps.linking import link_table
from thesisvault.runs.steps.making import Making
from thesisvault.runs.steps.merging import MergedNote, Merger, newer
from thesisvault.runs.steps.needing import fetch_unseen, has_local, not_before_prices, tickers_used
from thesisvault.runs.steps.neighbors import find_neighbors, neighbor_findings
from thesisvault.runs.steps.orphans import Orphans, mark_orphans
from thesisvault.runs.steps.pictures import trash_unused_pictures
from thesisvault.runs.steps.placing import Placed, own_places, place_notes, wanted_ids
from thesisvault.runs.steps.rendering import rendering
from thesisvault.runs.steps.unavailable import unavailable_descriptions
from thesisvault.runs.steps.usage import usages
from thesisvault.session import Session
from thesisvault.structs import replace
from thesisvault.vault.changes import Changes, Done
from thesisvault.vault.folders import refuse_linked
from thesisvault.vault.index import VaultIndex
from thesisvault.workspace import Workspace, identities

SAID_BETTER = ("stale", "quarantined")
"""Codes of findings of a fetch that the build says better: with the notes that rest on the series."""

Look = Callable[[Library, Context, bool], None]
"""Takes the definitions, what expressions in notes see, and whether any note was made anew."""


def build_vault(
    session: Session,
    *,
    as_of: dt.date | None = None,
    names: Sequence[str] = (),
    dry: bool = False,
    offline: bool = False,
    progress: Progress = silent,
    command: str = "build",
    adopting: str | None = None,
    clean: bool = False,
    executor: str = INLINE,
    look: Look | None = None,
    is_run: bool = False,
) -> Report:
    """Write the vault of a workspace; with `dry` only find out what would be written.

    Args:
        session: The run.
        as_of: The last day of data; by default that of the settings, or the last finished session.
        names: Ids, titles or tickers of the notes to write; by default all.
        dry: Write nothing.
        offline: Fetch nothing from a network.
        progress: Is told what is going on.
        command: What the report calls the run.
        adopting: Path of a note that is to become the note of its definition.
        clean: Make everything anew, whatever is known of earlier runs.
        executor: Who makes the notes: see `executors.choice`.
        look: Looks at what the notes show once all are made.
        is_run: Whether this is part of a run whose end the home note is to tell.

    Raises:
        DefinitionError: A definition or template is wrong; nothing was written.
        UsageError: A name is unknown, or a note cannot be adopted; nothing was written.
        NoDataError: There are no prices at all, and none could be fetched; nothing was written.
        DiskError: Something cannot be read or written.
        LockedError: Another run holds the workspace.
        SchedulerError: A scheduler cannot be reached or was lost; nothing was written.
    """
    session.clean = clean
    with session.locked(command):  # first of all: see Session.locked
        report, workspace = Report(command, dry=dry), session.workspace
        there = identities((workspace.root, workspace.data, workspace.vault))

        # Open: the memory of notes, the definitions, the index of the vault.
        session.need_data()
        session.need_way_to_vault()
        memory = settle(session, read_memory(workspace, "" if clean else session.code), report, dry=dry)
        if not dry:
            memory = finish_renames(session, memory, report)
        library, index = session.sound_library(as_of), session.index
        neighbors = find_neighbors(library, index, memory, workspace.corner)
        wanted, used = wanted_ids(library, names), usages(library)

        with session.store(create=not offline or has_local(session.settings)) as store:
            # Fetch what was never seen.
            tickers = tickers_used(library, used)
            report.add(*doubts(session, store, as_of))
            day = report.as_of = session.last_day(store, as_of)
            fetched = fetch_unseen(session, store, tickers, day, progress, offline=offline)
            not_before_prices(library, store, day)

            # Plan and place: which notes there are, and where.
            scope, recipe = session.scope(store, day, clean=clean), recipe_of(session, day)
            before = read_kept(workspace.cache)
            engine = Engine(before, library, scope, Leaves(library, scope.market, used, neighbors), recipe, clean)
            is_there = partial(_is_there, memory, index)
            book = ClaimBook(library)
            planned = planned_notes(library, used, neighbors, book)
            texts = partial(_texts, engine, planned, book)
            placed = place_notes((*planned, HOME_NOTE), index, memory, workspace, texts, adopting)
            refuse_linked(workspace, (*placed.paths.values(), *own_places(workspace, memory)))

            # Make: each note composed, drawn, rendered and joined with its file.
            links = link_table(library, placed, index, neighbors)
            changes = Changes(workspace.root, workspace.follow_links, workspace.cache, there, session.lies)
            render = rendering(engine, links, workspace, trusted=session.settings.trust == "code")
            merger = Merger(placed, workspace, engine, changes, index, day, adopting)
            is_asked = partial(_is_asked, placed.unwritten, wanted)
            with Ahead(engine, planned, neighbors, is_there, is_asked, session, day, executor) as ahead:
                making = Making(
                    engine,
                    placed,
                    workspace,
                    changes,
                    render,
                    merger,
                    is_there,
                    is_asked,
                    progress,
                    ahead.wait_for,
                    book,
                )
                making.notes(planned)
            report.add(*ahead.findings())
            trust = trust_in(engine, used, making.made.stale, tickers)
            listed = [(note.id, note.title, note.folder) for note in planned]
            ran = _last_run(workspace, day, is_run=is_run)
            making.home(HomeParts(listed, making.made.briefs, trust, members_that_rose(engine, used), ran))
            described = (*unavailable_descriptions(library, Context(scope, library, "")), *unlettered(library))
            if look:
                look(library, Context(scope, library, ""), bool(engine.changed))
            engine.note_prices()

        made, merged = making.made, making.made.notes
        orphans = mark_orphans({*(note.id for note in planned), HOME}, placed, workspace, changes, day)
        if wanted is None and not placed.away:  # a note whose text is elsewhere may name any picture
            rewritten = {each.path for each in merged if not each.damaged}
            report.add(*trash_unused_pictures(made.pictures, rewritten, index, workspace, changes))
        declared = declare_types(made.types, workspace, changes)

        # Write.
        remembered = partial(_remembered, placed, orphans, merged, workspace, changes)
        changes.put_last(workspace.memory, lambda: memory.with_notes(remembered()).text().encode())
        done = changes.apply(dry=dry)
        if not dry and (done.written or done.trashed):
            session.vault_changed()
        told = Told(library, workspace.shown(workspace.data))
        account = Account(engine, told, workspace.shown(workspace.templates), session.now, day)
        report.reasons, settled = account_for(
            merged, account, engine, done, changes, workspace, index, memory, orphans.memory
        )
        after = engine.settle(settled, whole=wanted is None)
        if not dry and after != before and recipe_of(session, day) == recipe:
            write_kept(workspace.cache, after)

        # Report.
        known = {*library.instruments, *(each for names in library.universes.values() for each in names)}
        report.add(*(each for each in fetched.findings if each.code not in SAID_BETTER), stage="prices")
        if wanted is None:
            report.whole.add("vault")
        report.add(*newer(merged, day, asked=bool(as_of or session.settings.as_of)))
        written = [each for each in merged if workspace.vault / each.path not in changes.refused]
        report.add(*changes.refused.values(), *placed.findings, *(found for note in written for found in note.findings))
        report.add(
            *neighbor_findings(library, index, memory, workspace.corner),
            *orphans.findings,
            *declared,
            *trust.findings(day, known),
            *engine.said,
            *described,
        )
        report.add(*shown_as_text(library))
        report.figures |= {**fetched.figures, **trust.figures}
        _count(report, done, session)
    return report


def _last_run(workspace: Workspace, day: dt.date, *, is_run: bool) -> LastRun | None:
    """Return what the home note says of the last runs; during a run that follows no failure, that it goes well too.

    If it does not, or follows a failure, the home note is told at the end of the run; see `runs.telling`.
    """
    known = recall(workspace)
    if is_run:  # it is itself the one under way
        known = replace(known, under_way=None)
    hopes = is_run and (known.last is None or known.last.is_good)
    return reached_by(day) if hopes else last_run(known)


def _is_asked(unwritten: Collection[str], wanted: Collection[str] | None, key: str) -> bool:
    """Return whether the note of an id is to be written."""
    return key not in unwritten and (wanted is None or key in wanted)


def _texts(engine: Engine, planned: Sequence[Planned], book: ClaimBook, key: str) -> Iterator[str]:
    """Yield the texts of the note of an id, as they are shown."""
    for note in planned:
        if note.id == key and note.claims is not None:  # what it says of itself; claims are not known yet
            yield from inside(note.make(engine.library, Context(engine.scope, engine.library, "")).shown, str)
        elif note.id == key:
            yield from inside(engine.whole(composed(engine, note, book, is_there=False)).shown, str)


def _is_there(memory: Memory, index: VaultIndex, key: str) -> bool:
    """Return whether a note lies where it is remembered."""
    found = index.by_path.get(memory.notes[key].path) if key in memory.notes else None
    return found is not None and found.id == key and not found.absence


def _remembered(
    placed: Placed, orphans: Orphans, merged: Sequence[MergedNote], workspace: Workspace, changes: Changes
) -> dict[str, NoteMemory]:
    """Return what is to be remembered of every note: as before, but for what this build found, marked or wrote."""
    notes = {key: note for key, note in placed.memory.notes.items() if key not in orphans.forgotten}
    deleted = {key: notes[key].model_copy(update={"deleted": True}) for key in placed.deleted}
    found = {**deleted, **orphans.memory, **{note.id: note.memory for note in merged}}
    refused = {key for key, note in found.items() if workspace.vault / note.path in changes.refused}
    return {**notes, **{key: note for key, note in found.items() if key not in refused}}


def _count(report: Report, done: Done, session: Session) -> None:
    """Add what was written, or would be, to a report."""
    shown = session.workspace.shown
    # A note that moved into another folder was written there already.
    report.written = list(dict.fromkeys((*report.written, *map(shown, done.written))))
    report.removed += map(shown, done.trashed)
    report.unchanged += done.unchanged

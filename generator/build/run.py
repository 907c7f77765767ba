"""The story of one build: open, fetch what was never seen, fill, render, merge, write.

Nothing is written before everything is known: all notes are rendered and merged in memory first, and a mistake anywhere
leaves the vault as it was. Pictures come before the notes that embed them, the memory comes last.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from generator.blocks.claims import Verdict
from generator.blocks.context import BlockError, Context
from generator.blocks.filled import ChartRequest, inside
from generator.build import compose
from generator.build.linking import LinkBook
from generator.build.lock import held
from generator.build.memory import Memory, NoteMemory, read_memory
from generator.build.opening import (
    Opened,
    last_day,
    limits_of,
    open_store,
    open_workspace,
    provider_settings,
    scope_of,
    workspace_of,
)
from generator.build.report import Progress, Report, silent
from generator.build.trust import Trust
from generator.build.usage import fundamentals_used, universes_used, usages
from generator.definitions.finder import Finder
from generator.definitions.library import read_settings
from generator.definitions.models import Settings
from generator.errors import DefinitionError, DiskError, Finding, NoDataError, Place, UsageError, did_you_mean
from generator.language.parse import ExpressionError
from generator.market.csv_folder import folder_providers
from generator.market.currency import rates_needed
from generator.market.market import Market
from generator.market.pace import Pace
from generator.market.providers import make_providers
from generator.market.refresh import Outcome, refresh
from generator.market.snapshots import SnapshotOutcome, refresh_snapshots
from generator.market.store import Store
from generator.notes import properties
from generator.notes.names import note_name, unique_name
from generator.notes.properties import property_types
from generator.notes.regions import FreshNote, adopt, merge, orphaned
from generator.notes.render import Renderer
from generator.scalars import folded
from generator.vault.index import VaultIndex, scan
from generator.vault.obsidian import merged_types
from generator.vault.write import Changes
from generator.workspace import Workspace, packaged

ATTACHMENTS = "attachments"
_ALIKE = 5


@dataclass
class _Build:
    """One build on its way."""

    opened: Opened
    store: Store
    as_of: dt.date
    report: Report
    progress: Progress
    index: VaultIndex
    memory: Memory
    views: list[compose.NoteView] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    untouched: set[str] = field(default_factory=set)
    adopting: str | None = None
    trust: Trust = field(default_factory=Trust)

    @property
    def workspace(self) -> Workspace:
        return self.opened.workspace


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
        index = scan_vault(root)
        opened = open_workspace(root, foreign_names(index)).sound()
        report = Report(command, dry=dry)
        store = open_store(opened.workspace, create=not offline or _has_local(opened.settings))
        try:
            day = last_day(opened, store, as_of, now)
            _fetch_unseen(opened, store, day, now, report, progress, offline=offline)
            _not_before_data(opened, store, day)
            building = _Build(
                opened,
                store,
                day,
                report,
                progress,
                index,
                read_memory(opened.workspace.memory, opened.workspace.shown(opened.workspace.memory)),
                adopting=adopting,
            )
            _write(building, _wanted(opened, names))
        finally:
            store.discard()
    return report


def refresh_prices(
    root: Path,
    *,
    now: dt.datetime,
    as_of: dt.date | None = None,
    tickers: Sequence[str] = (),
    csv: Path | None = None,
    offline: bool = False,
    progress: Progress = silent,
) -> Report:
    """Fetch what is missing of all series that definitions use, or of the tickers named.

    Args:
        root: The workspace.
        now: The moment of the run, which decides the last finished session.
        as_of: No bar after this day is stored.
        tickers: Series to refresh; by default all.
        csv: A folder of price files to read in place of the providers in the settings.
        offline: Ask no provider that touches a network.
        progress: Is told what is going on.

    Raises:
        DefinitionError: A definition is wrong; nothing was fetched.
        NoDataError: No provider gave anything, and nothing is stored.
    """
    opened = open_workspace(root, foreign_names(scan_vault(root))).sound()
    with held(opened.workspace.cache, "refresh"):
        report = Report("refresh")
        store = open_store(opened.workspace, create=True)
        try:
            end = last_day(opened, store, as_of, now) if not csv or as_of else now.date()
            _fetch(opened, store, end, now, report, progress, tickers=tickers, csv=csv, offline=offline)
            _need_something(opened, store, report)
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
    from generator.build.checking import check_vault

    fetched = Report("refresh")
    settings, _ = read_settings(root)
    if not offline or _has_local(settings):
        fetched = refresh_prices(root, now=now, as_of=as_of, offline=offline, progress=progress)
    report = build_vault(root, now=now, as_of=as_of, offline=True, progress=progress, command=command)
    report.figures = {**fetched.figures, **report.figures}
    # The build itself says which notes rest on a series that ends early, and what waits in quarantine.
    said = [each for each in fetched.findings if each.code not in ("stale", "held")]
    for finding in (*said, *check_vault(workspace_of(root, settings))):
        report.add(finding)
    return report


def evaluate_expression(
    root: Path, expression: str, *, now: dt.datetime, as_of: dt.date | None = None, thesis: str | None = None
) -> dict[str, Any]:
    """Return what an expression is worth: value, date, sources, and why if it is not known.

    Raises:
        DefinitionError: The expression cannot be understood.
        NoDataError: No prices are stored.
    """
    opened = open_workspace(root, foreign_names(scan_vault(root)))
    library = opened.library
    store = open_store(opened.workspace, create=False)
    try:
        scope = scope_of(opened, store, last_day(opened, store, as_of, now))
        if thesis is not None:
            if thesis not in library.definitions:
                hint = did_you_mean(thesis, library.definitions)
                raise UsageError(f'"{thesis}" is no thesis or concept. {hint}'.rstrip())
            scope = scope.where(**library.definitions[thesis].names)
        source = expression.strip()
        if source.startswith("{{") and source.endswith("}}"):
            source = source[2:-2]
        try:
            figure = scope.figure(source)
        except ExpressionError as problem:
            raise DefinitionError(Finding(problem.problem)) from None
        number = figure.number
        return {
            "value": figure.text,
            "number": number.value if not isinstance(number.value, dt.date) else number.value.isoformat(),
            "on": number.on.isoformat() if number.on else None,
            "as_of": scope.market.as_of.isoformat(),
            "base": [f"{window} from {day}" for window, day in number.bases],
            "sources": list(number.sources),
            "notes": list(number.notes),
            "stale": [f"{name} ends {day}" for name, day in number.stale],
            "snapshot": [f"{name} of {day}" for name, day in number.dated],
            "why": number.reason,
        }
    finally:
        store.close()


# Prices ---------------------------------------------------------------------------------------------------------


def _has_local(settings: Settings) -> bool:
    """Return whether a provider of the settings can be asked without a network."""
    return any(provider not in ("yahoo", "fred") for provider in settings.providers)


def _fetch_unseen(
    opened: Opened, store: Store, day: dt.date, now: dt.datetime, report: Report, progress: Progress, *, offline: bool
) -> None:
    """Fetch series that definitions use and the store has never seen; with none at all, say so and stop."""
    stored = set(store.feeds())
    unseen = [ticker for ticker in _tickers(opened) if ticker not in stored]
    if unseen and not (offline and not _has_local(opened.settings)):
        _fetch(opened, store, day, now, report, progress, tickers=unseen, offline=offline)
    _need_something(opened, store, report)


def _need_something(opened: Opened, store: Store, report: Report) -> None:
    if opened.library.definitions and not store.feeds():
        why = report.findings[:2]
        raise NoDataError(
            [
                Finding(
                    "no prices are stored, and none could be fetched.",
                    Place(opened.workspace.shown(opened.workspace.store)),
                    "Check the network and the providers in thesisvault.yaml, or name a folder of price files: "
                    "thesisvault refresh --csv DIR",
                    code="no-data",
                ),
                *why,
            ]
        )


def _not_before_data(opened: Opened, store: Store, day: dt.date) -> None:
    """Refuse a last day before the first stored value, which would empty every note."""
    first = min((feed.first for feeds in store.feeds().values() for feed in feeds.values()), default=None)
    if opened.library.definitions and first is not None and day < first:
        raise NoDataError(f"{day} lies before the first stored prices, which begin {first}.", hint="Name a later day.")


def _tickers(opened: Opened) -> list[str]:
    """Return the tickers that definitions use, and the members of universes that they use."""
    library = opened.library
    instruments, baskets = library.records
    wanted: dict[str, None] = {library.current(opened.settings.benchmark): None}
    for kind, key in usages(library):
        if kind == "instrument":
            wanted[key] = None
        elif kind == "basket":
            wanted.update(dict.fromkeys(baskets[key].tickers))
    held = [basket for basket in baskets.values() if not wanted.keys().isdisjoint(basket.tickers)]
    wanted.update((rate.ticker, None) for rate in rates_needed(instruments, held))
    for name in universes_used(library):
        wanted.update(dict.fromkeys(library.universes[name]))
    return [ticker for ticker in wanted if ticker in instruments]


def _fetch(
    opened: Opened,
    store: Store,
    end: dt.date,
    now: dt.datetime,
    report: Report,
    progress: Progress,
    *,
    tickers: Sequence[str] = (),
    csv: Path | None = None,
    offline: bool = False,
) -> None:
    instruments, _ = opened.library.records
    for ticker in tickers:
        if ticker not in instruments:
            raise UsageError(f'"{ticker}" is not a known ticker. {did_you_mean(ticker, instruments)}'.rstrip())
    asked = [opened.library.current(ticker) for ticker in tickers] or _tickers(opened)
    wanted = [instruments[ticker] for ticker in dict.fromkeys(asked)]
    if csv is not None and not csv.is_dir():
        raise UsageError(f"--csv: {csv} is no folder.")
    providers = (
        folder_providers(csv)
        if csv
        else make_providers(
            provider_settings(opened.settings),
            opened.workspace.root,
            opened.workspace.cache,
            timeout=opened.settings.refresh.timeout,
        )
    )
    providers = [p for p in providers if not (offline and p.remote)]
    pace = Pace(limits_of(opened.settings))
    found = refresh(
        store,
        wanted,
        providers,
        end=end,
        now=now,
        insist=bool(tickers),
        pace=pace,
        progress=lambda _outcome, done, total: progress("prices", done, total),
    )
    report.figures["series"] = len(found.outcomes)
    report.figures["new_bars"] = found.added
    ended: dict[str, list[str]] = {}
    for outcome in found.outcomes:
        ended.setdefault(outcome.result, []).append(outcome.name)
    report.figures["ended"] = ended
    for each in _findings(found.outcomes):
        report.add(each)
    if not csv:
        known = {each.ticker for each in wanted}
        shown = [instruments[name] for name in fundamentals_used(opened.library) if name in known]
        for each in _snapshot_findings(refresh_snapshots(store, shown, providers, end=end, now=now, pace=pace)):
            report.add(each)


def _findings(outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    """Yield what a report says of a refresh; series that ended alike for the same reason share a line."""
    alike: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        for reason in outcome.corrected:
            yield Finding(f"{outcome.name}: stored bars were corrected: {reason}.", level="remark", code="corrected")
        for what in outcome.refused:
            yield Finding(f"{outcome.name}: {what} was refused.", level="remark", code="refused-bars")
        if outcome.result not in ("added", "up to date"):
            alike.setdefault((outcome.result, outcome.detail), []).append(outcome)
    for (result, detail), group in alike.items():
        code, hint = result.replace(" ", "-"), ""
        if len(group) > _ALIKE:
            names = ", ".join(each.name for each in group[:_ALIKE])
            yield Finding(f"{names} and {len(group) - _ALIKE} more: {detail}.", level="warning", code=code)
            continue
        for each in group:
            problem = f"{each.name}: {detail or result}"
            if each.last and result != "stale":
                problem += f"; the newest stored day is {each.last}"
            if result == "held":
                problem += ". The new bars wait in quarantine"
                hint = f"Look at them: thesisvault prices {each.name}; take or drop them with --accept or --reject."
            yield Finding(f"{problem}.", hint=hint, level="warning", code=code)


def _snapshot_findings(outcomes: Sequence[SnapshotOutcome]) -> Iterator[Finding]:
    """Yield what a report says of fundamentals that did not come; those for the same reason share a line."""
    alike: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.detail:
            alike.setdefault(outcome.detail, []).append(outcome.name)
    for detail, group in alike.items():
        more = f" and {len(group) - _ALIKE} more" if len(group) > _ALIKE else ""
        problem = f"{', '.join(group[:_ALIKE])}{more}: no new fundamentals: {detail}."
        yield Finding(problem, level="remark", code="no-fundamentals")


# The vault ------------------------------------------------------------------------------------------------------


def scan_vault(root: Path) -> VaultIndex:
    """Return what is in the vault of a workspace, before its definitions are read."""
    return scan(workspace_of(root, read_settings(root)[0]).vault)


def foreign_names(index: VaultIndex) -> list[str]:
    """Return names and aliases of the notes that are not the generator's."""
    return [name for note in index.notes if not note.id for name in (note.basename, *note.aliases)]


def _wanted(opened: Opened, names: Sequence[str]) -> set[str] | None:
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


def _write(building: _Build, wanted: set[str] | None) -> None:
    building.report.as_of = building.as_of
    _compose(building)
    _place(building)
    changes = Changes(building.workspace.root)
    links = _links(building)
    renderer = Renderer([building.workspace.templates, packaged("templates")], building.workspace.shown)
    notes = dict(building.memory.notes)
    total = len(building.views)
    types: dict[str, str] = {}
    for done, view in enumerate(building.views, 1):
        building.progress("notes", done, total)
        types |= property_types(view.properties)
        if view.id in building.deleted or (wanted is not None and view.id not in wanted):
            continue
        rendered = renderer.render(view.template, {"note": view.view}, links, view.tags)
        for chart in view.charts:
            _picture(building, changes, chart)
        notes[view.id] = _merge(building, changes, view, rendered.regions)
    _orphans(building, changes, notes, wanted)
    _types(building, changes, types)
    memory = building.workspace.memory
    changes.put(memory, Memory(notes).text().encode(), last=True)
    _finish(building, changes)


def _compose(building: _Build) -> None:
    """Fill every note; what cannot be filled is gathered, and nothing is written if there is any."""
    library = building.opened.library
    scope = scope_of(building.opened, building.store, building.as_of)
    base = Context(scope, library, "")
    findings: list[Finding] = []
    makers: list[tuple[str, Callable[[], compose.NoteView]]] = [
        (record.tree.shown, partial(compose.thesis_note, record, library, base))
        for record in library.definitions.values()
    ]
    known = {folded(name) for name in foreign_names(building.index)}
    for (kind, key), usage in usages(library).items():
        if kind == "entity":
            entity = library.entities[key]
            if not any(folded(name) in known for name in (entity.name, *entity.aliases)):
                makers.append(("entities.yaml", partial(compose.entity_note, key, entity, usage, library, base)))
        else:
            source = "instruments.yaml" if kind == "instrument" else f"baskets/{key}.yaml"
            makers.append((source, partial(compose.asset_note, kind, key, usage, library, base)))
    for done, (source, make) in enumerate(makers, 1):
        building.progress("figures", done, len(makers))
        try:
            building.views.append(make())
        except BlockError as problem:
            findings.append(_found(building, source, problem))
    if findings:
        raise DefinitionError(sorted(findings, key=lambda each: each.sort_key))
    building.trust = _trust(building, scope.market)
    building.views.append(compose.home_note(building.views, building.trust, library, base))


def _trust(building: _Build, market: Market) -> Trust:
    """Return what of the series in use is older than it should be, in quarantine, or gone."""
    library, trust = building.opened.library, Trust()
    for view in building.views:
        trust.add_stale(view.stale)
    for name in universes_used(library):
        members = library.universes[name]
        trust.late_members[name] = (len(members), market.late(members))
    for ticker in _tickers(building.opened):
        if troubles := market.troubles(ticker):
            trust.troubled[ticker] = troubles
    return trust


def _found(building: _Build, source: str, problem: BlockError) -> Finding:
    """Return what a block could not be filled with, at the place where it was typed."""
    trees = building.opened.library.trees
    for shown in sorted(trees, key=lambda name: not name.endswith(source)):
        place = Finder(trees[shown]).place(problem.text, problem.nth if "{{" in problem.text else None)
        if place.line:
            return Finding(problem.problem, place, code="expression")
    return Finding(f"{problem.problem} In: {problem.text[:80]}", Place(source), code="expression")


def _place(building: _Build) -> None:
    """Give every note its path: where its id stands now, else where it was remembered, else a new one."""
    root = building.workspace.notes.relative_to(building.workspace.vault).as_posix()
    by_id = {note.id: note.path for note in reversed(building.index.notes) if note.id}
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


def _adopt(building: _Build) -> None:
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


def _links(building: _Build) -> Any:
    basenames = {key: Path(path).stem for key, path in building.paths.items() if key not in building.deleted}
    foreign: dict[str, str] = {}
    for note in building.index.notes:
        if not note.id:
            for name in (note.basename, *note.aliases):
                foreign.setdefault(name, note.basename)
    # An alias that is another note's own name would make Obsidian's own search offer the wrong one.
    names = {folded(name): key for key, name in basenames.items()}
    for view in building.views:
        own = folded(basenames.get(view.id, view.title))
        aliases = view.properties.pop("aliases", [])
        # The file keeps its name when the title changes, so the title becomes a name by which the note is found.
        wanted = dict.fromkeys([view.title, *(aliases if isinstance(aliases, list) else [])])
        kept = [alias for alias in wanted if folded(alias) != own and names.get(folded(alias), view.id) == view.id]
        if kept:
            head: dict[str, compose.Property] = {k: view.properties[k] for k in ("id", "kind") if k in view.properties}
            view.properties = {**head, "aliases": kept, **view.properties}
    return LinkBook(building.opened.library, basenames, foreign).table()


def _merge(
    building: _Build, changes: Changes, view: compose.NoteView, regions: tuple[tuple[str, str], ...]
) -> NoteMemory:
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


def _picture(building: _Build, changes: Changes, chart: ChartRequest) -> None:
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


def _orphans(building: _Build, changes: Changes, notes: dict[str, NoteMemory], wanted: set[str] | None) -> None:
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


def _unused_pictures(building: _Build, changes: Changes) -> None:
    """Move pictures that no note embeds any more to the trash; a note that is not written again keeps its own."""
    rewritten = {building.paths[view.id] for view in building.views if view.id not in building.deleted}
    rewritten -= building.untouched
    used = {chart.file for view in building.views if view.id not in building.deleted for chart in view.charts}
    used |= set(building.index.embedded)
    for note in building.index.notes:
        if note.path not in rewritten:
            used |= set(_CHART.findall(note.text))
    folder = building.workspace.notes / ATTACHMENTS
    for path in sorted(folder.glob("chart-*.png")) if folder.is_dir() else []:
        if path.name not in used:
            changes.trash(path, building.workspace.vault)


def _types(building: _Build, changes: Changes, types: dict[str, str]) -> None:
    """Declare the properties to Obsidian, adding what is missing and touching nothing else."""
    target = building.workspace.vault / ".obsidian" / "types.json"
    text, findings = merged_types(changes.read(target), types)
    for finding in findings:
        building.report.add(finding.at(Place(building.workspace.shown(target))))
    if text is not None:
        changes.put(target, text.encode())


def _finish(building: _Build, changes: Changes) -> None:
    report, shown = building.report, building.workspace.shown
    # What a fetch before said of these is said better here, with what rests on them.
    report.findings = [each for each in report.findings if each.code not in ("stale", "held")]
    for finding in building.trust.findings(building.as_of):
        report.add(finding)
    report.figures |= building.trust.figures
    for view in building.views:
        for verdict in inside(view.view, Verdict):
            if verdict.outcome == "contradicted":
                said = "".join(
                    p if isinstance(p, str) else p.text
                    for p in (*verdict.label, " " if verdict.label else "", *verdict.says)
                )
                problem = (
                    f'{view.title}: "{said}" is contradicted, the data say {verdict.computed.text} on {verdict.on}.'
                )
                report.add(Finding(problem, level="warning", code="contradicted"))
    done = changes.apply(dry=report.dry)
    report.written += [shown(path) for path in done.written]
    report.removed += [shown(path) for path in done.trashed]
    report.unchanged += done.unchanged

"""The engine of a build: each note is taken as it was made, or made anew because something that it rests on changed."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import figures_in, inside
from thesisvault.blocks.core.judging import Verdict
from thesisvault.blocks.core.records import record_of
from thesisvault.definitions.library import Library
from thesisvault.errors import Finding
from thesisvault.language.evaluate import Scope
from thesisvault.market.reading.market import Market
from thesisvault.notes.links import LinkTable
from thesisvault.notes.views import (
    AssetView,
    BasketView,
    ConceptView,
    EntityView,
    HomeView,
    NoteView,
    SourcesView,
    ThesisView,
)
from thesisvault.runs.engine.kept import Answers, Body, Kept, KeptNote, KeptNotes, Numbered, body_of, packed_body
from thesisvault.runs.engine.leaves import Leaf, Leaves
from thesisvault.runs.engine.recipe import CODE, LIBRARIES, Recipe
from thesisvault.runs.engine.watched import Watch, WatchedLinks, led_to
from thesisvault.runs.engine.writing import KeptFigure
from thesisvault.sealed import Lying
from thesisvault.structs import replace

if TYPE_CHECKING:
    from thesisvault.runs.executors.orders import Made

T = TypeVar("T")
Make = Callable[[Library, Context], NoteView]
"""Makes the view of a note from what it may see."""
Say = Callable[[NoteView, Library, Context], Iterable[Finding]]
"""Says what is to be reported of a note that was made."""


class KeptView(NoteView, frozen=True, kw_only=True, dict=True):
    """A note that is taken as it was made.

    Attributes:
        kept: What was kept of it.
    """

    kept: KeptNote

    @property
    def pictures(self) -> tuple[str, ...]:
        """File names of the charts that the note embeds."""
        return tuple(file for file, _ in self.kept.pictures)

    @cached_property
    def stale_series(self) -> dict[str, dt.date]:
        """Stale series behind the figures of the note, each with the day on which it ends."""
        return dict(self.kept.stale)


def _kept_class(view: type[NoteView]) -> type[KeptView]:
    # Kind, folder and keys are known by class.
    return type(f"Kept{view.__name__}", (KeptView,), {"kind": view.kind, "folder": view.folder, "keys": view.keys})


def _regions_in(packed: bytes | Lying) -> tuple[tuple[str, str], ...]:
    # Whoever waits with a note to be written holds no text, and no file of a definition.
    return body_of(packed).regions


_CLASSES = {
    view.kind: _kept_class(view)
    for view in (ThesisView, ConceptView, AssetView, BasketView, EntityView, SourcesView, HomeView)
}


class Sheet(Struct, frozen=True):
    """A note that was just made.

    Attributes:
        view: Its view.
        reads: The leaves that were read while it was made.
        findings: What is said of its claims and figures.
    """

    view: NoteView
    reads: tuple[Leaf, ...]
    findings: tuple[Finding, ...]


def sheet(key: str, make: Make, say: Say, library: Library, scope: Scope, earlier: dict[dt.date, Market]) -> Sheet:
    """Make a note.

    Args:
        key: Its id.
        make: Makes its view.
        say: Says what is to be reported of it.
        library: The definitions.
        scope: What expressions are evaluated in.
        earlier: The markets of earlier days, shared by all notes.
    """
    watch = Watch(library, scope, earlier, own=key)
    view = make(watch.library, watch.base)
    findings = tuple(say(view, watch.library, watch.base))
    return Sheet(view, tuple(watch.reads), findings)


@dataclasses.dataclass
class Engine:
    """What is known of earlier runs, and what this one makes.

    Attributes:
        before: What an earlier run kept.
        library: The definitions.
        scope: What expressions are evaluated in.
        leaves: The leaves of this run.
        recipe: What every note of this run is made from.
        clean: Whether everything is made anew, whatever is known.
        after: What this run keeps.
        changed: For each note that was made anew, the leaves that had changed; none if it was not known at all.
        ahead: Notes that an executor has made before they are asked for.
        said: What is to be reported of the notes that are done.
    """

    before: Kept
    library: Library
    scope: Scope
    leaves: Leaves
    recipe: Recipe = Recipe()
    clean: bool = False
    after: Kept = dataclasses.field(init=False)
    changed: dict[str, tuple[Leaf, ...]] = dataclasses.field(default_factory=dict)
    ahead: dict[str, Made] = dataclasses.field(default_factory=dict)
    said: list[Finding] = dataclasses.field(default_factory=list)
    _makers: dict[str, tuple[Make, Say, tuple[Leaf, ...]]] = dataclasses.field(default_factory=dict)
    _decided: dict[str, bool] = dataclasses.field(default_factory=dict)
    _earlier: dict[dt.date, Market] = dataclasses.field(default_factory=dict)
    _same: dict[int, bool] = dataclasses.field(default_factory=dict)
    _leads: dict[int, bool] = dataclasses.field(default_factory=dict)
    _table: LinkTable | None = None

    def __post_init__(self) -> None:
        if self._counts(self.before.recipe):
            self.recipe = self.before.recipe  # one record for all notes, old and new
        self.after = Kept(self.recipe, KeptNotes(self.before.notes.pairs, self.before.notes.spool))

    def _counts(self, recipe: Recipe) -> bool:
        """Return whether what was made by a recipe may be taken as it is."""
        return not self.clean and self.recipe.is_clear and recipe.digest == self.recipe.digest

    # Views -------------------------------------------------------------------------------------------------------

    def view(self, key: str, make: Make, say: Say, rests_on: Iterable[Leaf] = (), *, is_there: bool = True) -> NoteView:
        """Return the view of a note: as it was made, or made anew.

        Args:
            key: Its id.
            make: Makes it.
            say: Says what is to be reported of it.
            rests_on: Leaves that it is made from, besides those that making it reads.
            is_there: Whether the note lies in the vault; what is not there yet is made anew, and so is what was never
                rendered, of which no picture was drawn either.
        """
        self._makers[key] = make, say, tuple(rests_on)
        kept = self.before.notes.get(key)
        if kept is not None and not self.must_make(key, is_there=is_there):
            kept = self.after.notes[key] = replace(kept, recipe=self.recipe)
            further = {"aliases": kept.aliases, "tags": kept.tags, "further": kept.further, "brief": kept.brief}
            return _CLASSES[kept.kind](id=key, title=kept.title, kept=kept, **further)  # type: ignore[arg-type]
        self.changed[key] = self.differ(kept.reads) if kept is not None else ()
        return self.make(key)

    def must_make(self, key: str, *, is_there: bool) -> bool:
        """Return whether a note has to be made anew; see `view`."""
        if key not in self._decided:
            known = self.before.notes.glance(key)
            if known is None:
                self._decided[key] = True
            else:
                recipe, reads, is_rendered = known
                counts = is_rendered and is_there and self._counts(recipe)
                self._decided[key] = not counts or bool(self.differ(reads))
        return self._decided[key]

    def make(self, key: str) -> NoteView:
        """Make the view of a note anew, or take it from what was made ahead of what this run sees as well."""
        make, say, rests_on = self._makers[key]
        made: Made | Sheet | None = self.ahead.get(key)
        if made is None:
            made = sheet(key, make, say, self.library, self.scope, self._earlier)
        view = made.view
        before = self.before.notes.get(key)
        self.after.notes[key] = KeptNote(
            kind=view.kind,
            title=view.title,
            aliases=tuple(view.aliases),
            tags=tuple(view.tags),
            further=dict(view.further),
            stale=dict(view.stale_series),
            pictures=(),
            reads=self.answers((*rests_on, *made.reads)),
            findings=made.findings,
            left=before.left if before and self._writes_like(before.recipe) else "",
            claims=tuple(record_of(view.title, each) for each in inside(view.shown, Verdict) if each.identity),
            recipe=self.recipe,
            brief=view.brief,
            packed_body=packed_body(
                Body(
                    figures=tuple(KeptFigure(f.label, f.shown, f.number.sources) for f in figures_in(view.shown)),
                    writing=before.body.writing if before else None,
                )
            ),
        )
        return view

    def fact(self, name: str, rests_on: Iterable[Leaf], find: Callable[[], Any]) -> Any:
        """Return what is found from some leaves and JSON can hold: as it was found, or found anew."""
        known = self.before.facts.get(name)
        reads = self.answers(rests_on)
        if known is None or known[0] != reads or not self._counts(self.before.recipe):
            known = (reads, find())
        self.after.facts[name] = known
        return known[1]

    # Rendering ---------------------------------------------------------------------------------------------------

    def regions(
        self,
        view: NoteView,
        table: LinkTable,
        render: Callable[[NoteView, LinkTable], Sequence[tuple[str, str]]],
        templates: Callable[[], Iterable[str]],
    ) -> Callable[[], tuple[tuple[str, str], ...]]:
        """Return what gives the regions of a note: as they were rendered, or rendered anew.

        Args:
            view: The view, with the aliases that lead to no other note.
            table: Where names lead.
            render: Renders a view.
            templates: Gives the templates that the last rendering used.
        """
        kept = self.after.notes[view.id]
        if isinstance(view, KeptView):
            if kept.free == view.aliases and self._lead_the_same(kept.links, table):
                return partial(_regions_in, kept.packed_body)
            view = self.whole(view)
            kept = self.after.notes[view.id]
        links = WatchedLinks(table)
        regions = tuple(render(view, links.table))
        kept.free, kept.links = tuple(view.aliases), links.looked_up
        kept.body = replace(kept.body, regions=regions, templates=tuple(templates()))
        return partial(_regions_in, kept.packed_body)

    def _lead_the_same(self, links: Answers, table: LinkTable) -> bool:
        """Return whether names lead where they led."""
        if not isinstance(links, Numbered) or links.pairs is not self.after.notes.pairs:
            return all(led_to(table, leaf) == led for leaf, led in links.items())
        if self._table is not table:
            self._table, self._leads = table, {}
        known = self._leads
        for number in links.numbers:
            if number not in known:
                leaf, led = links.pairs[number]
                known[number] = led_to(table, leaf) == led
            if not known[number]:
                return False
        return True

    def whole(self, view: NoteView) -> NoteView:
        """Return the whole view of a note, also of one that was taken as it was made."""
        if not isinstance(view, KeptView):
            return view
        self.ahead.pop(view.id, None)
        whole = replace(self.make(view.id), aliases=view.aliases)
        made = self.after.notes[view.id]  # the view is the same, and so is what was rendered from it
        made.free, made.links, made.pictures = view.kept.free, view.kept.links, view.kept.pictures
        kept = view.kept.body
        made.body = replace(made.body, regions=kept.regions, templates=kept.templates)
        return whole

    def _writes_like(self, recipe: Recipe) -> bool:
        """Return whether the code by which a note was made is that of this run, whatever it was made from."""
        if self.clean or not (recipe.is_clear and self.recipe.is_clear):
            return False
        return all(recipe.parts.get(each) == self.recipe.parts.get(each) for each in (CODE, LIBRARIES))

    def is_as_before(self, key: str) -> bool:
        """Return whether a note has the figures, the regions and the account of its writing that were kept of it."""
        return self.after.notes.has_body_of(key, self.before.notes)

    def done(self, key: str) -> None:
        """Put away what was needed while a note was made."""
        self.ahead.pop(key, None)
        self.said += self.after.notes[key].findings
        self.after.notes.put(key)
        if record := self.library.definitions.get(key):
            record.shelf.let_go(key)

    # Keeping ------------------------------------------------------------------------------------------------------

    def note_prices(self) -> None:
        """Keep what is stored of each series, so that a later run can tell whose prices have changed."""
        leaves = {leaf for changed in self.changed.values() for leaf in changed}
        is_known = self.before.prices.keys() >= self.leaves.all_tickers
        moved = any(kind in ("series", "many") for kind, _ in leaves)
        self.after.prices = self.leaves.prices() if moved or not is_known else dict(self.before.prices)

    def settle(self, settled: Collection[str], *, whole: bool) -> Kept:
        """Return what is to be kept of this run.

        Args:
            settled: Ids of the notes whose files are as this run made them.
            whole: Whether it was to write all notes. What is known of the others stays as it was.
        """
        before, after, notes = self.before, self.after, KeptNotes(self.before.notes.pairs)
        for key in after.notes if whole else dict.fromkeys((*before.notes, *settled)):
            if key in settled or key in before.notes:
                notes.take(key, after.notes if key in settled else before.notes)
        if whole:
            return Kept(self.recipe, notes, after.facts, after.prices)
        # The other notes were made from what was stored before: of what has changed since, it is not known for whom.
        prices = {ticker: each for ticker, each in before.prices.items() if after.prices.get(ticker) == each}
        return Kept(before.recipe, notes, before.facts, prices)

    # Leaves ------------------------------------------------------------------------------------------------------

    def answers(self, leaves: Iterable[Leaf]) -> dict[Leaf, str]:
        """Return leaves with their digests."""
        return {leaf: self.leaves.digest(leaf) for leaf in leaves}

    def differ(self, answers: Mapping[Leaf, str]) -> tuple[Leaf, ...]:
        """Return the leaves whose digests are others now."""
        pairs, same = self.after.notes.pairs, self._same
        if not isinstance(answers, Numbered) or answers.pairs is not pairs:
            return tuple(leaf for leaf, digest in answers.items() if self.leaves.digest(leaf) != digest)
        found = []
        for number in answers.numbers:
            is_same = same.get(number)
            if is_same is None:
                leaf, digest = pairs[number]
                is_same = self.leaves.digest(leaf) == digest
                if self.leaves.is_fixed(leaf):
                    same[number] = is_same
            if not is_same:
                found.append(pairs[number][0])
        return tuple(found)

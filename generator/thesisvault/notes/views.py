"""Views: what the template of each kind of note reads, one record per kind.

A new kind of note is one class here and one template of the same kind in `templates/`. The template sees the record as
`note`, and a field that the record does not have is an error with file and line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

from msgspec import Struct, field

from thesisvault.blocks.core.filled import ChartRequest, Filled, Table, charts_in, figures_in
from thesisvault.language.text import Text
from thesisvault.notes.brief import Brief
from thesisvault.notes.properties.values import Value


class SectionView(Struct, frozen=True):
    """A section as its author wrote it.

    Attributes:
        name: Names its region.
        heading: The heading, its figures filled in.
        fold: Whether its blocks are folded under the heading.
        blocks: Its filled blocks, in order.
    """

    name: str
    heading: str
    fold: bool
    blocks: tuple[Filled, ...]


class GroupView(Struct, frozen=True):
    """The notes of one folder, as Home lists them.

    Attributes:
        name: Names its region.
        title: Its heading.
        text: Links to its notes.
        fold: How many there are, in words.
    """

    name: str
    title: str
    text: Text
    fold: str


class CalloutView(Struct, frozen=True):
    """A warning at the top of a note."""

    title: str
    text: Text


class NoteView(Struct, frozen=True, kw_only=True, dict=True):
    """What every note has, whatever its kind.

    Attributes:
        kind: Names the kind, in the properties of a note and as its template.
        folder: Folder of a new note of this kind, in the vault; empty for the vault itself.
        keys: Properties that may belong to the generator in a note of this kind.
        id: Id of the note, which never changes.
        title: Title of the note.
        aliases: Further names of the note.
        tags: Tags of the note, which act as such in its text too.
        further: Further properties, in order.
        stale: Line that names the stale series behind the figures of the note; empty if there are none.
        brief: What the home note says of it; None where it says no more than its title.
    """

    kind: ClassVar[str]
    folder: ClassVar[str]
    # A note whose definition has left gets a status, whatever its kind.
    keys: ClassVar[frozenset[str]] = frozenset({"id", "kind", "aliases", "tags", "status"})

    id: str
    title: str
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    further: Mapping[str, Value] = field(default_factory=dict)
    stale: Text = ()
    brief: Brief | None = None

    @property
    def template(self) -> str:
        """File name of the template that renders the note."""
        return f"{self.kind}.md.j2"

    @property
    def properties(self) -> dict[str, Value]:
        """All properties that the generator writes, in order."""
        lists = {"aliases": list(self.aliases), "tags": list(self.tags)}
        return {"id": self.id, "kind": self.kind, **{key: each for key, each in lists.items() if each}, **self.further}

    @property
    def shown(self) -> tuple[object, ...]:
        """What the template shows: the title and every field that the kind adds, in order."""
        common = NoteView.__struct_fields__
        return (self.title, *(getattr(self, name) for name in self.__struct_fields__ if name not in common))

    @cached_property
    def charts(self) -> tuple[ChartRequest, ...]:
        """Charts that the note embeds."""
        return charts_in(self.shown)

    @property
    def pictures(self) -> tuple[str, ...]:
        """File names of the charts that the note embeds."""
        return tuple(chart.file for chart in self.charts)

    @cached_property
    def stale_series(self) -> dict[str, dt.date]:
        """Stale series behind the figures of the note, each with the day on which it ends."""
        return stale_in(self.shown)


def stale_in(thing: object) -> dict[str, dt.date]:
    """Return the stale series behind the figures inside a thing, each with the day on which it ends."""
    found: dict[str, dt.date] = {}
    for figure in figures_in(thing):
        for name, day in figure.number.stale:
            found[name] = min(day, found.get(name, day))
    return found


class ThesisView(NoteView, frozen=True, kw_only=True):
    """A thesis.

    Attributes:
        verdict: What the author concludes, in one sentence.
        summary: What it says, in a paragraph.
        against: What speaks against it.
        sections: Sections of the author's own.
        facts: Table of both sides with their returns, their spread and the market; None without sides.
        facts_lines: Small lines below that table; the first ends with status, conviction and dates.
        signals: The signals; like all that follow, None if the thesis has none or places them in a section itself.
        scenarios: The scenarios.
        drivers: The drivers.
        claims: The claims.
        updates: The updates.
        related: Related notes.
        sources: The sources.
        sources_title: Title of the fold around the sources.
        lines: Small lines about the figures in verdict, summary and what speaks against the thesis.
        stale_title: Title of the fold that names the stale series behind figures further down; empty if there are none.
        stale_below: Those series.
    """

    kind = "thesis"
    folder = "Theses"
    keys = NoteView.keys | {"conviction", "opened", "closed", "review_due", "exit_in_moves", "as_of"}

    verdict: Text
    summary: Text
    against: Text
    sections: tuple[SectionView, ...]
    facts: Table | None
    facts_lines: tuple[Text, ...]
    signals: Filled | None
    scenarios: Filled | None
    drivers: Filled | None
    claims: Filled | None
    updates: Filled | None
    related: Filled | None
    sources: Filled | None
    sources_title: str
    lines: tuple[Text, ...]
    stale_title: str = ""
    stale_below: Text = ()


class ConceptView(ThesisView, frozen=True, kw_only=True):
    """A concept, which has what a thesis has."""

    kind = "concept"
    folder = "Concepts"


class AssetView(NoteView, frozen=True, kw_only=True):
    """An instrument.

    Attributes:
        line: Where it stands, in one sentence.
        what: What it is, in the words of its definition.
        standing: One line: kind, ticker, sector, day of the data.
        performance: Its returns, its own and against others; of a macro series its level; None without prices.
        caption: The line below that table.
        lines: Small lines below that.
        chart: The picture of its year; None without one.
        risk: Range, worst fall, volatility and beta; None where none of them is known.
        risk_lines: Small lines below that table.
        theses: The theses that hold it, with side and status; None where none does.
        elsewhere: Lines on the baskets that hold it, and on notes that chart or mention it.
        claims: Claims about it, a line each, worst first.
        more_claims: Those that are folded away.
        unusual: The days of its largest moves; empty where none is known.
        data_title: How complete its data are.
        data: What is stored of it.
        troubles: Warnings about its prices.
        your_note: Path of the person's own note on it in the vault; empty if there is none.
    """

    kind = "asset"
    folder = "Assets"
    keys = NoteView.keys | {"ticker", "asset_kind", "as_of", "return_ytd_pct"}

    line: Text
    what: Text
    standing: Text
    performance: Table | None = None
    caption: Text = ()
    lines: tuple[Text, ...] = ()
    chart: ChartRequest | None = None
    risk: Table | None = None
    risk_lines: tuple[Text, ...] = ()
    theses: Table | None = None
    elsewhere: tuple[Text, ...] = ()
    claims: tuple[Text, ...] = ()
    more_claims: tuple[Text, ...] = ()
    unusual: Text = ()
    data_title: str = ""
    data: Text = ()
    troubles: tuple[CalloutView, ...] = ()
    your_note: str = ""


class BasketView(AssetView, frozen=True, kw_only=True):
    """A basket, which has what an instrument has, and members.

    Attributes:
        members: Its members with their weights and returns.
        hindsight: That its figures reach back to before its members were chosen; empty where they do not.
    """

    kind = "basket"

    members: Filled
    hindsight: Text = ()


class ClaimGroup(Struct, frozen=True):
    """Claims of one verdict.

    Attributes:
        name: The verdict.
        count: How many claims there are.
        lines: What is said of each that is listed.
        more: How many more there are, in words; empty if all are listed.
    """

    name: str
    count: int
    lines: tuple[Text, ...]
    more: str


class EntityView(NoteView, frozen=True, kw_only=True):
    """A person, firm, institution or idea without a price.

    Attributes:
        verdict: How its claims came out, in one sentence; like all that follows on claims, empty if it made none.
        what: What it is, in the words of its definition.
        standing: One line: its kind.
        peers: Table that compares it with others who made claims; None if there are no others.
        groups: Its claims that are not confirmed, by verdict, worst first.
        confirmed: Its confirmed claims in one sentence, if they are few.
        confirmed_list: Its confirmed claims, if they are many.
        where: The notes that cite it.
    """

    kind = "entity"
    folder = "Entities"
    keys = NoteView.keys | {"entity_kind"}

    verdict: Text = ()
    what: Text
    standing: Text
    peers: Table | None = None
    groups: tuple[ClaimGroup, ...] = ()
    confirmed: Text = ()
    confirmed_list: ClaimGroup | None = None
    where: Text


class SourcesView(NoteView, frozen=True, kw_only=True):
    """The note that ranks sources by how their claims came out.

    Attributes:
        verdict: Who has the best record, in one sentence.
        ranking: Sources with what was tested of their claims and what was confirmed, the best record first.
        more: How many more there are; empty if all are listed.
        unranked: Authors that no note is about, with their records.
        untested: Authors of whom nothing could be tested.
    """

    kind = "sources"
    folder = ""

    verdict: Text
    ranking: Table | None
    more: Text
    unranked: Text
    untested: Text


class HomeView(NoteView, frozen=True, kw_only=True):
    """The morning page, which leads to all other notes.

    Attributes:
        standing: One line: the day, what the market did, how many exit signals have fired or are near.
        failed_title: Title of the warning that the last run failed; empty if it did not.
        failed: When it did, and why.
        first: What needs a look, a line each.
        theses: The theses, the nearest exit first; None if there are none.
        lines: Small lines below that table.
        since_title: Heading over what changed since the session before; empty if there is nothing to say.
        since: What changed, a line each.
        ahead: What is coming up, by day; None if nothing is.
        stale_title: Title of the fold that says which series cannot be trusted; empty if all can.
        records: Leads to the note on who tends to be right; empty if there is none.
        groups: The other notes, by folder.
        ran: How far the last good run reached; empty if there was none.
    """

    kind = "home"
    folder = ""
    keys = NoteView.keys | {"as_of", "stale_series"}

    standing: Text
    failed_title: str = ""
    failed: Text = ()
    first: tuple[Text, ...] = ()
    theses: Table | None = None
    lines: tuple[Text, ...] = ()
    since_title: str = ""
    since: tuple[Text, ...] = ()
    ahead: Table | None = None
    stale_title: str = ""
    records: Text = ()
    groups: tuple[GroupView, ...] = ()
    ran: Text = ()

"""The theses at a glance: what the home note says of each, reviews, claims that changed, data that cannot be trusted.

The rows and the account of the data are those of the home note, from the same code. Nothing is written, nothing is
fetched, and no lock is taken; notes that an earlier build made and that still hold are not made again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from msgspec import Struct, field

from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import NOT_STATED
from thesisvault.notes.brief import Brief, BriefExit, BriefFigure
from thesisvault.runs.engine.engine import Engine
from thesisvault.runs.engine.kept import read_kept
from thesisvault.runs.engine.leaves import Leaves
from thesisvault.runs.engine.recipe import recipe_of
from thesisvault.runs.lifecycle.memory import read_memory
from thesisvault.runs.result import RunResults, recall
from thesisvault.runs.steps.claimed import ClaimBook
from thesisvault.runs.steps.compose.home import by_nearness
from thesisvault.runs.steps.composing import composed, planned_notes, trust_in
from thesisvault.runs.steps.needing import not_before_prices, tickers_used
from thesisvault.runs.steps.neighbors import find_neighbors
from thesisvault.runs.steps.trust import add_stale, home_trust
from thesisvault.runs.steps.usage import usages
from thesisvault.session import Session
from thesisvault.structs import replace
from thesisvault.vault.lock import holder
from thesisvault.workspace import Workspace

_AHEAD = dt.timedelta(days=14)
"""So long before a review is due it is told."""


class Shown(Struct, frozen=True):
    """A figure as the home note shows it.

    Attributes:
        text: As it is shown.
        value: What it was made from; None where it is not known or there is none.
    """

    text: str
    value: float | None

    @classmethod
    def of(cls, figure: BriefFigure | None, text: str = "") -> Shown:
        """Return a figure of a brief, in words of its own if there are some; a dash for none."""
        return cls("–", None) if figure is None else cls(text or figure.plain, figure.value)

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {"text": self.text, "value": self.value}


class ThesisStatus(Struct, frozen=True):
    """Where a thesis stands.

    Attributes:
        id: Its id.
        title: Its title.
        status: `idea`, `active`, `watching` or `closed`.
        since_opened: Long minus short since it was opened, as a fraction.
        ytd: Long minus short this year, as a fraction.
        spread: Long minus short over its main window, as a fraction.
        window: The main window in words.
        exit: How far it is from its nearest exit signal, in that signal's unit, and which that is.
        exit_in_moves: The same in usual daily moves.
        review: When the next review is due.
    """

    id: str
    title: str
    status: str
    since_opened: Shown
    ytd: Shown
    spread: Shown
    window: str
    exit: Shown
    exit_in_moves: Shown
    review: dt.date | None


class ChangedClaim(Struct, frozen=True):
    """A claim whose verdict is another than a session before.

    Attributes:
        thesis: The title of what makes it.
        says: The claim.
        before: The verdict a session before.
        now: The verdict.
    """

    thesis: str
    says: str
    before: str
    now: str


class Status(Struct):
    """The theses at a glance.

    Attributes:
        as_of: The last day of data.
        theses: The theses, those nearest to an exit first.
        reviews: Theses and concepts whose review is due within two weeks or overdue, by title.
        claims: Claims that changed since the session before.
        data: What cannot be trusted whole, in a line; empty where all can.
        troubled: How many series that is, by why.
        runs: How the last runs ended.
    """

    as_of: dt.date
    theses: list[ThesisStatus] = field(default_factory=list)
    reviews: dict[str, dt.date] = field(default_factory=dict)
    claims: list[ChangedClaim] = field(default_factory=list)
    data: str = ""
    troubled: Mapping[str, int] = field(default_factory=dict)
    runs: RunResults = RunResults()

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "as_of": self.as_of.isoformat(),
            "theses": [
                {
                    "id": each.id,
                    "title": each.title,
                    "status": each.status,
                    "since_opened": each.since_opened.as_json(),
                    "ytd": each.ytd.as_json(),
                    "spread": each.spread.as_json(),
                    "window": each.window,
                    "exit": each.exit.as_json(),
                    "exit_in_moves": each.exit_in_moves.as_json(),
                    "review": each.review.isoformat() if each.review else None,
                }
                for each in self.theses
            ],
            "reviews": {title: day.isoformat() for title, day in self.reviews.items()},
            "claims": [
                {"thesis": each.thesis, "says": each.says, "before": each.before, "now": each.now}
                for each in self.claims
            ],
            "data": {"text": self.data, **self.troubled},
            "runs": {
                "last": self.runs.last.as_json() if self.runs.last else None,
                "last_good": self.runs.last_good.as_json() if self.runs.last_good else None,
                "cut_off": self.runs.under_way.isoformat() if self.runs.under_way else None,
            },
        }


def status_of(session: Session, as_of: dt.date | None = None) -> Status:
    """Return the theses of a workspace at a glance.

    Args:
        session: The run.
        as_of: The last day of data; by default that of the settings, or the last finished session.

    Raises:
        DefinitionError: A definition is wrong, or something typed in one cannot be filled.
        NoDataError: No prices are stored, or none as early as that day.
    """
    library, workspace = session.sound_library(as_of), session.workspace
    with session.store(create=False) as store:
        day = session.last_day(store, as_of)
        not_before_prices(library, store, day)
        scope, used = session.scope(store, day), usages(library)
        neighbors = find_neighbors(library, session.index, read_memory(workspace), workspace.corner)
        leaves = Leaves(library, scope.market, used, neighbors)
        engine = Engine(read_kept(workspace.cache), library, scope, leaves, recipe_of(session, day))
        stale: dict[str, dt.date] = {}
        briefs: list[Brief] = []
        book = ClaimBook(library)
        for note in planned_notes(library, used, neighbors, book):
            view = composed(engine, note, book, is_there=True)
            add_stale(stale, view.stale_series)
            briefs += [view.brief] if view.brief else []
            engine.done(note.id)
        trust = trust_in(engine, used, stale, tickers_used(library, used))
        affected = [each.title for each in briefs if each.is_stale]
        title, _ = home_trust(trust, affected, Context(scope, library, "home"))
    briefs = by_nearness(briefs)
    due = sorted((each.review, each.title) for each in briefs if each.review and each.review <= day + _AHEAD)
    return Status(
        day,
        [_thesis_status(each, day) for each in briefs if each.kind == "thesis"],
        {name: when for when, name in due},
        [ChangedClaim(each.title, new.says, new.before, new.now) for each in briefs for new in each.verdicts],
        title,
        trust.figures,
        _runs(workspace),
    )


def _runs(workspace: Workspace) -> RunResults:
    """Return how the last runs ended; one that is at work is none of them."""
    known = recall(workspace)
    is_at_work = known.under_way and holder(workspace.cache) is not None
    return replace(known, under_way=None) if is_at_work else known


def _thesis_status(brief: Brief, day: dt.date) -> ThesisStatus:
    return ThesisStatus(
        brief.id,
        brief.title,
        brief.status,
        Shown.of(brief.since_opened, "new" if brief.opened == day else ""),
        Shown.of(brief.ytd),
        Shown.of(brief.spread),
        brief.window,
        Shown(_exit_in_words(brief.exit), brief.exit.room.value if brief.exit and brief.exit.room else None),
        Shown.of(brief.exit.moves if brief.exit else None),
        brief.review,
    )


def _exit_in_words(found: BriefExit | None) -> str:
    """Return how far the nearest exit signal is, in its own unit, and which that is."""
    if found is None:
        return NOT_STATED
    if found.holds is None:
        return f"unknown: {found.name}"
    if found.holds:
        return f"triggered: {found.name}"
    return f"{found.room.plain if found.room else 'clear'}: {found.name}"

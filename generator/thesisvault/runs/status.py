"""The theses at a glance: what the home note says of each, reviews, claims that changed, data that cannot be trusted.

The rows and the account of the data are those of the home note, from the same code. Nothing is written, nothing is
fetched, and no lock is taken; notes that an earlier build made and that still hold are not made again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from thesisvault.blocks.core.context import BlockError, Context
from thesisvault.blocks.core.judging import judge, judging_day
from thesisvault.definitions.theses import ThesisRecord
from thesisvault.errors import DefinitionError
from thesisvault.language.text import Text, figures, words_of
from thesisvault.market.sessions import Sessions
from thesisvault.runs.engine.engine import Engine
from thesisvault.runs.engine.kept import read_kept
from thesisvault.runs.engine.leaves import Leaves
from thesisvault.runs.engine.recipe import recipe_of
from thesisvault.runs.lifecycle.memory import read_memory
from thesisvault.runs.steps.claimed import ClaimBook
from thesisvault.runs.steps.compose.home import by_risk, thesis_row
from thesisvault.runs.steps.compose.thesis import next_review
from thesisvault.runs.steps.composing import composed, planned_notes, trust_in
from thesisvault.runs.steps.fetching import not_before_prices, tickers_used
from thesisvault.runs.steps.neighbors import find_neighbors
from thesisvault.runs.steps.trust import add_stale, home_trust
from thesisvault.runs.steps.usage import usages
from thesisvault.session import Session

_AHEAD = dt.timedelta(days=14)
"""So long before a review is due it is told."""


@dataclass(frozen=True)
class Shown:
    """A figure as the home note shows it.

    Attributes:
        text: As it is shown.
        value: What it was made from; None where it is not known or there is none.
    """

    text: str
    value: float | None

    @classmethod
    def of(cls, text: Text) -> Shown:
        """Return the figure of a cell."""
        value = next((each.number.value for each in figures(text)), None)
        return cls(words_of(text), value if isinstance(value, float) else None)

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {"text": self.text, "value": self.value}


@dataclass(frozen=True)
class ThesisStatus:
    """Where a thesis stands.

    Attributes:
        id: Its id.
        title: Its title.
        status: `idea`, `active`, `watching` or `closed`.
        since_opened: Long minus short since it was opened, as a fraction.
        spread: Long minus short over its main window, as a fraction.
        window: The main window in words.
        exit: How far it is from its nearest exit signal, and which that is.
        review: When the next review is due.
    """

    id: str
    title: str
    status: str
    since_opened: Shown
    spread: Shown
    window: str
    exit: Shown
    review: dt.date | None


@dataclass(frozen=True)
class ChangedClaim:
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


@dataclass
class Status:
    """The theses at a glance.

    Attributes:
        as_of: The last day of data.
        theses: The theses, those nearest to an exit first.
        reviews: Theses and concepts whose review is due within two weeks or overdue, by title.
        claims: Claims that changed since the session before.
        data: What cannot be trusted whole, in a line; empty where all can.
        troubled: How many series that is, by why.
    """

    as_of: dt.date
    theses: list[ThesisStatus] = field(default_factory=list)
    reviews: dict[str, dt.date] = field(default_factory=dict)
    claims: list[ChangedClaim] = field(default_factory=list)
    data: str = ""
    troubled: Mapping[str, int] = field(default_factory=dict)

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
                    "spread": each.spread.as_json(),
                    "window": each.window,
                    "exit": each.exit.as_json(),
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
        context = Context(scope, library, "home")
        benchmark = library.instruments.get(session.settings.benchmark)
        exchange = benchmark.exchange if benchmark else "XNYS"
        before = Sessions(store).last_session(exchange, day - dt.timedelta(days=1))

        found = Status(day)
        try:
            found.theses = [_thesis_status(record, context) for record in by_risk(library, context)]
            for record in library.definitions.values():
                found.claims += _changed(record, context.for_definition(record), before)
        except BlockError as problem:
            raise DefinitionError(problem.findings) from None
        due = {record.title: next_review(record, day) for record in library.definitions.values()}
        soon = [(when, title) for title, when in due.items() if when and when <= day + _AHEAD]
        found.reviews = {title: when for when, title in sorted(soon)}

        neighbors = find_neighbors(library, session.index, read_memory(workspace), workspace.corner)
        leaves = Leaves(library, scope.market, used, neighbors)
        engine = Engine(read_kept(workspace.cache), library, scope, leaves, recipe_of(session, day))
        stale: dict[str, dt.date] = {}
        book = ClaimBook(library)
        for note in planned_notes(library, used, neighbors, book):
            add_stale(stale, composed(engine, note, book, is_there=True).stale_series)
        trust = trust_in(engine, used, stale, tickers_used(library, used))
        found.data, found.troubled = home_trust(trust, context)[0], trust.figures
    return found


def _thesis_status(record: ThesisRecord, context: Context) -> ThesisStatus:
    _, status, opened, spread, window, exit_ = thesis_row(record, context)
    return ThesisStatus(
        record.id,
        record.title,
        words_of(status),
        Shown.of(opened),
        Shown.of(spread),
        words_of(window),
        Shown.of(exit_),
        next_review(record, context.as_of),
    )


def _changed(record: ThesisRecord, context: Context, before: dt.date) -> Iterator[ChangedClaim]:
    """Yield the claims whose verdict changed since a day; one that is judged at a fixed day keeps its verdict."""
    earlier = context.frozen(before)
    for claim in record.model.claims:
        if judging_day(earlier, claim.on, claim.source) == before != judging_day(context, claim.on, claim.source):
            now, then = judge(claim, context), judge(claim, earlier)
            if now.outcome != then.outcome:
                yield ChangedClaim(record.title, words_of(now.says), then.outcome, now.outcome)

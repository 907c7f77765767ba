"""The view of the home note."""

from __future__ import annotations

import math
from collections.abc import Sequence

from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Table, head, say, small_lines
from thesisvault.blocks.core.signals import kill_text, nearest_kill
from thesisvault.definitions.library import Library
from thesisvault.definitions.theses import ThesisRecord
from thesisvault.language.text import Mention, Text
from thesisvault.notes.views import AssetView, ConceptView, EntityView, GroupView, HomeView
from thesisvault.runs.steps.compose.parts import mentions
from thesisvault.runs.steps.trust import Trust, home_trust
from thesisvault.scalars import Window
from thesisvault.words import plural

_SHORT_LIST = 12
_STATUS = ("active", "watching", "idea", "closed")
_LISTED = tuple(view.folder for view in (ConceptView, AssetView, EntityView))


Listed = tuple[str, str, str]
"""Id, title and folder of a note."""


def home_note(notes: Sequence[Listed], trust: Trust, library: Library, base: Context) -> HomeView:
    """Return the view of the home note, which leads to all other notes and says which series cannot be trusted."""
    context = Context(base.scope, library, "home")
    rows = tuple(thesis_row(record, context) for record in by_risk(library, context))
    stale_title, stale = home_trust(trust, context)
    columns = head("Thesis", "Status", "Since opened", "Spread", "Window", "To the kill line", right=[2, 3])
    return HomeView(
        id="home",
        title="Home",
        further={"as_of": context.as_of, "stale_series": len(trust.early)},
        stale=stale,
        stale_title=stale_title,
        standing=say(f"As of {context.as_of}. {plural(len(notes), 'note')}.", emphasis=True),
        theses=Table(columns, rows) if rows else None,
        lines=small_lines(rows),
        groups=tuple(group for folder in _LISTED if (group := _group(folder, notes))),
    )


def _group(folder: str, notes: Sequence[Listed]) -> GroupView | None:
    titles = sorted((title for _, title, within in notes if within == folder), key=str.casefold)
    if not titles:
        return None
    fold = plural(len(titles), "note") if len(titles) > _SHORT_LIST else ""
    return GroupView(folder.lower(), folder, mentions(titles, " · "), fold)


def by_risk(library: Library, context: Context) -> list[ThesisRecord]:
    """Return the theses: those whose kill signal is on, then the active ones, each by their distance from it."""

    def risk(record: ThesisRecord) -> tuple[bool, int, float, str]:
        found = nearest_kill(record, context.for_definition(record))
        tripped = bool(found and found[1].holds)
        margin = found[1].margin.number.value if found and found[1].margin else None
        distance = margin if isinstance(margin, float) else math.inf
        return (not tripped, _STATUS.index(record.model.status), distance, record.model.title)

    return sorted((d for d in library.definitions.values() if d.model.kind == "thesis"), key=risk)


def thesis_row(record: ThesisRecord, base: Context) -> tuple[Text, ...]:
    """Return what the home note says of a thesis: title, status, spread since opened, spread, its window, nearest exit.

    Args:
        record: The thesis.
        base: What the home note may see.
    """
    context = base.for_definition(record)
    names, window, life = record.names, context.main_window, context.life
    sided = "buy" in names and "sell" in names

    def spread(over: Window | None) -> Text:
        return (context.call("spread", names["buy"], names["sell"], over.text),) if sided and over else say("–")

    shown = say(window.label if sided else "–")
    title, status = (Mention(record.model.title, title=True),), say(record.model.status)
    return (title, status, spread(life), spread(window), shown, kill_text(record, context))

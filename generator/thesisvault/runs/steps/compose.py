"""Definitions and prices in, views of notes out: what each kind of note shows, before any Markdown.

One function a kind of note. Each fills the blocks of its definition and gathers what stands around them: standing,
facts, older data, properties.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from thesisvault.blocks.constituents import ConstituentsBlock
from thesisvault.blocks.core.block import KINDS, Block, fill_all
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import (
    ChartRequest,
    Table,
    charts_in,
    dated_lines,
    figures_in,
    head,
    reason_lines,
    say,
    small_lines,
)
from thesisvault.blocks.core.sides import side_text
from thesisvault.blocks.core.signals import kill_text, nearest_kill
from thesisvault.definitions.library import Library, ThesisRecord
from thesisvault.definitions.models.instruments import Entity
from thesisvault.definitions.models.thesis import Section
from thesisvault.language.text import Figure, Mention, Plain, Text, words_of
from thesisvault.runs.steps.trust import Trust, home_trust, stale_in, stale_text, trouble_callouts
from thesisvault.runs.steps.usage import Usage

Property = str | int | float | bool | dt.date | list[str]
_STANDARD = ("signals", "scenarios", "drivers", "claims", "updates", "related", "sources")
_SHORT_LIST = 12
_ASSET_WINDOWS = ("1d", "1m", "ytd", "1y")


@dataclass
class NoteView:
    """What one note shows.

    Attributes:
        id: Its id, for ever.
        folder: The folder that a new note goes into.
        title: Its title.
        template: The template that renders it.
        properties: The generator's own properties, in order.
        view: What the template sees as `note`.
        charts: The pictures it embeds.
        stale: Series that end early, with the day they end.
        tags: Tags that may act as such in its text.
    """

    id: str
    folder: str
    title: str
    template: str
    properties: dict[str, Property]
    view: dict[str, Any]
    charts: tuple[ChartRequest, ...] = ()
    stale: dict[str, dt.date] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


# Theses and concepts ---------------------------------------------------------------------------------------------


def thesis_note(record: ThesisRecord, library: Library, base: Context) -> NoteView:
    """Return the view of a thesis or concept, all of its blocks filled.

    Raises:
        BlockError: Something typed in it cannot be filled.
    """
    thesis = record.model
    context = Context(base.scope.where(**record.names), library, record.id, record)
    placed = _placed(thesis.sections)
    view: dict[str, Any] = {
        "title": thesis.title,
        "verdict": context.text(thesis.verdict) if thesis.verdict else (),
        "summary": context.text(thesis.summary) if thesis.summary else (),
        "against": context.text(thesis.against) if thesis.against else (),
        "standing": _standing(record, context),
        "sections": [
            {"name": s.heading, "heading": _heading(s, context), "fold": s.fold, "blocks": fill_all(s.blocks, context)}
            for s in thesis.sections
        ],
    }
    view["facts"], view["facts_lines"] = _facts(record, context)
    for kind in _STANDARD:
        wanted = getattr(thesis, kind) and kind not in placed
        view[kind] = KINDS[kind]().fill(context) if wanted else None  # type: ignore[attr-defined]
    view["sources_title"] = f"{len(thesis.sources)} source{'s' if len(thesis.sources) != 1 else ''}"
    view["lines"] = reason_lines(figures_in([view["verdict"], view["summary"], view["against"]]), dated=False)
    stale = stale_in(view)
    view["stale"] = stale_text(view, context)
    return NoteView(
        id=record.id,
        folder="Theses" if thesis.kind == "thesis" else "Concepts",
        title=thesis.title,
        template=f"{thesis.kind}.md.j2",
        properties=_thesis_properties(record, context),
        view=view,
        charts=charts_in(view),
        stale=stale,
        tags=thesis.tags,
    )


def _placed(sections: Sequence[Section]) -> set[str]:
    """Return the standard parts that a section places itself."""
    found = set()
    stack: list[Block] = [block for section in sections for block in section.blocks]
    while stack:
        block = stack.pop()
        stack += getattr(block.body, "blocks", ())
        own = not any(getattr(block.body, name, None) for name in ("of", "check", "rows"))
        if block.kind in _STANDARD and own:
            found.add(block.kind)
    return found


def _heading(section: Section, context: Context) -> str:
    return words_of(context.text(section.heading))


def _standing(record: ThesisRecord, context: Context) -> Text:
    thesis = record.model
    words = [thesis.kind.capitalize(), thesis.status]
    if thesis.conviction:
        words.append(f"conviction {thesis.conviction} of 5")
    if thesis.opened:
        words.append(f"opened {thesis.opened}")
    if thesis.closed:
        words.append(f"closed {thesis.closed}")
    due = _review(record, context)
    return say(" · ".join([*words, *([due] if due else []), f"as of {context.as_of}"]), emphasis=True)


def _review(record: ThesisRecord, context: Context) -> str:
    """Return when the thesis is to be looked at again, counted from its newest update, or nothing."""
    thesis = record.model
    looked = [d for d in (thesis.opened, *(u.on for u in thesis.updates)) if d and d <= context.as_of]
    if not thesis.review_every or not looked or thesis.status == "closed":
        return ""
    due = max(looked) + dt.timedelta(days=thesis.review_every)
    return f"review {'overdue since' if due < context.as_of else 'due'} {due}"


def _facts(record: ThesisRecord, context: Context) -> tuple[Table | None, tuple[Text, ...]]:
    """Return the small table of both sides with their spread, and the line about the kill signal."""
    names, window = record.names, record.model.over
    if "buy" not in names and "sell" not in names:
        return None, ()
    rows: list[tuple[Text, ...]] = []
    for label, word in (("Buy", "buy"), ("Sell", "sell"), ("Benchmark", "benchmark")):
        if word in names and (word != "benchmark" or len(rows) > 0):
            rows.append((say(label), _holding(word, record, context), (context.call("ret", names[word], window.text),)))
    if "buy" in names and "sell" in names:
        figure = context.call("spread", names["buy"], names["sell"], window.text)
        rows.append(
            (say("Spread", strong=True), say("buy minus sell"), (Figure(figure.text, figure.number, strong=True),))
        )
    kill = nearest_kill(record, context)
    if kill:
        signal, state = kill
        away: Text = say("tripped", strong=True) if state.holds else say(state.word)
        if state.holds is False and state.margin:
            away = (state.margin, Plain(" away"))
        rows.append((say("Kill line"), say(signal.name), away))
    lines = (*small_lines(rows[:4]), *dated_lines(figures_in(rows[4:])))
    return Table(head("", "", window.label, right=[2]), tuple(rows)), lines


def _holding(word: str, record: ThesisRecord, context: Context) -> Text:
    name = record.names[word]
    return side_text(name, record.side_name(word) if word != "benchmark" else "", context)


def _thesis_properties(record: ThesisRecord, context: Context) -> dict[str, Property]:
    thesis = record.model
    found: dict[str, Property] = {"id": record.id, "kind": thesis.kind}
    if thesis.aliases:
        found["aliases"] = list(thesis.aliases)
    if thesis.tags:
        found["tags"] = list(thesis.tags)
    found["status"] = thesis.status
    if thesis.conviction:
        found["conviction"] = thesis.conviction
    if thesis.opened:
        found["opened"] = thesis.opened
    if thesis.closed:
        found["closed"] = thesis.closed
    found["as_of"] = context.as_of
    names = record.names
    if "buy" in names and "sell" in names:
        spread = context.call("spread", names["buy"], names["sell"], thesis.over.text).number
        if isinstance(spread.value, float) and not spread.stale:
            found[f"spread_{key_of(thesis.over.text)}_pp"] = tidy(spread.value * 100)
    return found


def key_of(window: str) -> str:
    """Return a window as part of a property's name.

    >>> key_of("since 2025-10-29"), key_of("90d")
    ('since_2025_10_29', '90d')
    """
    return re.sub(r"[^a-z0-9]+", "_", window.lower()).strip("_")


def tidy(value: float, digits: int = 1) -> float:
    """Return a rounded number without a negative zero."""
    return round(value, digits) + 0.0


# Assets, entities, home -------------------------------------------------------------------------------------------


def asset_note(kind: str, key: str, usage: Usage, library: Library, base: Context) -> NoteView:
    """Return the view of an instrument or a basket: what it is, its newest figures, where it stands."""
    context = Context(base.scope, library, f"{kind}-{key}")
    if kind == "basket":
        basket = library.baskets[key]
        title, aliases, what, words = (
            basket.title,
            [key, *basket.aliases],
            basket.what,
            ["Basket", f"{len(basket.newest)} members"],
        )
    else:
        instrument = library.instruments[key]
        title, aliases, what = (
            instrument.name,
            [key, *filter(None, [instrument.short]), *instrument.aliases, *library.former_names(key)],
            instrument.what,
        )
        words = [{"etf": "ETF", "macro": "Macro series"}.get(instrument.kind, instrument.kind.capitalize()), key]
        words += [instrument.sector] if instrument.sector else []
        words += [f"in {instrument.unit}"] if instrument.unit and instrument.unit != "%" else []
    members = None
    if kind == "basket":
        members = ConstituentsBlock.model_validate({"of": key}).fill(context)
    figures, lines = _asset_figures(
        key, context, macro=kind == "instrument" and library.instruments[key].kind == "macro"
    )
    view: dict[str, Any] = {
        "title": title,
        "what": context.text(what) if what else (),
        "standing": say(" · ".join([*words, f"as of {context.as_of}"]), emphasis=True),
        "figures": figures,
        "lines": lines,
        "members": members,
        "where": where_text(usage),
        "troubles": trouble_callouts(key, context) if kind == "instrument" else [],
    }
    view["stale"] = stale_text({"figures": view["figures"], "members": members}, context)
    properties: dict[str, Property] = {"id": f"{kind}/{key}", "kind": "basket" if kind == "basket" else "asset"}
    properties["aliases"] = list(dict.fromkeys(a for a in aliases if a != title))
    if kind == "instrument":
        properties |= {"ticker": key, "asset_kind": library.instruments[key].kind}
    properties["as_of"] = context.as_of
    properties |= _asset_properties(key, context)
    stale = stale_in(view)
    return NoteView(f"{kind}/{key}", "Assets", title, "asset.md.j2", properties, view, charts_in(view), stale)


def _asset_figures(key: str, context: Context, *, macro: bool) -> tuple[Table | None, tuple[Text, ...]]:
    series = context.series(key)
    if isinstance(series, str):
        return None, ()
    rows: list[tuple[Text, ...]] = []
    if macro:
        newest = context.figure(f"level('{key}'){' | share(2)' if series.unit == '%' else ''}")
        # The day that the value is of, which is earlier than the session on which it became known.
        known = series.observed is not None and newest.number.is_known
        of_day = series.observed[-1].date() if series.observed is not None and known else "–"
        rows.append((say("Newest value"), (newest,), say(str(of_day))))
        for window in ("3m", "1y"):
            change = context.figure(f"change('{key}', '{window}'){' | pp(2)' if series.unit == '%' else ''}")
            rows.append((say(f"Change over {window}"), (change,), say(str(dict(change.number.bases).get(window, "–")))))
        return Table(head("", "", "Day", right=[1]), tuple(rows)), small_lines(rows, bases=False)
    columns = [context.call("ret", key, window) for window in _ASSET_WINDOWS]
    drawdown = context.figure(f"drawdown('{key}', '1y')")
    cells: list[Text] = [(figure,) for figure in (*columns, drawdown)]
    titles = ["1 session", "1 month", "YTD", "1 year", "From 1-year peak"]
    if series.close is not None and series.basis != "value":
        cells.insert(0, (context.figure(f"close('{key}')"),))
        titles.insert(0, "Close")
    return Table(head(*titles, right=range(len(titles))), (tuple(cells),)), small_lines(cells)


def _asset_properties(key: str, context: Context) -> dict[str, Property]:
    series = context.series(key)
    if isinstance(series, str) or series.basis == "value":
        return {}
    number = context.call("ret", key, "ytd").number
    known = isinstance(number.value, float) and not number.stale
    return {"return_ytd_pct": tidy(number.value * 100)} if known and isinstance(number.value, float) else {}


_RELATIONS = (
    ("bought", "Bought in"),
    ("sold", "Sold in"),
    ("held", "Held by"),
    ("shown", "Shown in"),
    ("named", "Named in"),
)


def where_text(usage: Usage) -> Text:
    """Return where a thing stands: bought in, sold in, held by, shown in, named in; each note once, closest first."""
    parts: list[Any] = []
    said: set[str] = set()
    for relation, label in _RELATIONS:
        titles = [title for title in usage.titles(relation) if title not in said]  # type: ignore[arg-type]
        said.update(titles)
        if not titles:
            continue
        parts.append(f"{'' if not parts else chr(10)}- {label} ")
        for i, title in enumerate(titles):
            parts += [Plain(", ")] if i else []
            parts.append(Mention(title))
    return tuple(parts)


def entity_note(key: str, entity: Entity, usage: Usage, library: Library, base: Context) -> NoteView:
    """Return the view of an entity."""
    context = Context(base.scope, library, f"entity-{key}")
    view = {
        "title": entity.name,
        "what": context.text(entity.what) if entity.what else (),
        "standing": say(entity.kind.capitalize(), emphasis=True),
        "where": where_text(usage),
    }
    properties: dict[str, Property] = {"id": f"entity/{key}", "kind": "entity", "entity_kind": entity.kind}
    if entity.aliases:
        properties["aliases"] = list(entity.aliases)
    return NoteView(f"entity/{key}", "Entities", entity.name, "entity.md.j2", properties, view)


def home_note(notes: Sequence[NoteView], trust: Trust, library: Library, base: Context) -> NoteView:
    """Return the view of the home note, which leads to every other note and counts what is not to be trusted whole."""
    context = Context(base.scope, library, "home")
    rows = [_thesis_row(record, context.for_definition(record)) for record in _by_risk(library, context)]
    trust_title, stale = home_trust(trust, context)
    groups = []
    for title, folder in (("Concepts", "Concepts"), ("Assets", "Assets"), ("Entities", "Entities")):
        members = sorted((n for n in notes if n.folder == folder), key=lambda n: n.title.casefold())
        if members:
            fold = f"{len(members)} notes" if len(members) > _SHORT_LIST else ""
            groups.append({"name": folder.lower(), "title": title, "text": _list(members), "fold": fold})
    view: dict[str, Any] = {
        "title": "Home",
        "standing": say(f"As of {context.as_of}. {len(notes)} notes.", emphasis=True),
        "stale": stale,
        "stale_title": trust_title,
        "theses": Table(head("Thesis", "Status", "Spread", "Window", "To the kill line", right=[2]), tuple(rows))
        if rows
        else None,
        "lines": small_lines(rows),
        "groups": groups,
    }
    count = len(trust.early)
    properties: dict[str, Property] = {"id": "home", "kind": "home", "as_of": context.as_of, "stale_series": count}
    return NoteView("home", "", "Home", "home.md.j2", properties, view, (), {})


_STATUS = ("active", "watching", "idea", "closed")


def _by_risk(library: Library, context: Context) -> list[ThesisRecord]:
    """Return the theses, those first that need a look: kill line crossed, then active, then closest to the line."""

    def risk(record: ThesisRecord) -> tuple[bool, int, float, str]:
        found = nearest_kill(record, context.for_definition(record))
        tripped = bool(found and found[1].holds)
        margin = found[1].margin.number.value if found and found[1].margin else None
        distance = margin if isinstance(margin, float) else float("inf")
        return (not tripped, _STATUS.index(record.model.status), distance, record.model.title)

    return sorted((d for d in library.definitions.values() if d.model.kind == "thesis"), key=risk)


def _thesis_row(record: ThesisRecord, context: Context) -> tuple[Text, ...]:
    names, window = record.names, record.model.over
    sided = "buy" in names and "sell" in names
    spread: Text = (context.call("spread", names["buy"], names["sell"], window.text),) if sided else say("–")
    shown = say(window.label if sided else "–")
    return ((Mention(record.model.title),), say(record.model.status), spread, shown, kill_text(record, context))


def _list(notes: Sequence[NoteView]) -> Text:
    parts: list[Any] = []
    for i, note in enumerate(notes):
        parts += [Plain(" · ")] if i else []
        parts.append(Mention(note.title))
    return tuple(parts)

"""Who uses an asset, as its note says it: theses that hold it, baskets, charts, mentions, and claims about it."""

from __future__ import annotations

from collections.abc import Iterator

from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Table, head, say
from thesisvault.blocks.core.records import ClaimRecord
from thesisvault.language.text import Mention, Part, Plain, Text
from thesisvault.runs.steps.compose.parts import mentions
from thesisvault.runs.steps.usage import Relation, Usage
from thesisvault.words import short_day

_SIDES = {"buy": "long", "sell": "short"}
_MOST_ROWS = 15
"""How many theses are shown in a table, and how many baskets in lines."""
_MOST_LINKS = 30
"""How many notes are named in a line."""
_STATUS = {"watching": "watchlist"}
_ELSEWHERE: tuple[tuple[Relation, str], ...] = (("shown", "Charted in "), ("named", "Mentioned in "))


def theses_table(usage: Usage, context: Context) -> Table | None:
    """Return the theses that hold an asset, with side and status; None where none does."""
    through: dict[tuple[str, str], list[str]] = {}
    for each in usage.positions:
        through.setdefault((each.thesis, each.side), []).append(each.through)
    shown = list(through.items())[:_MOST_ROWS]
    rows: list[tuple[Text, ...]] = [
        (
            (Mention(_title(thesis, context), title=True),),
            _side(side, [name for name in names if name], context),
            _status(thesis, context),
        )
        for (thesis, side), names in shown
    ]
    if more := len(through) - len(shown):
        rows.append((say(f"and {more:,} more"), say("–"), say("–")))
    return Table(head("Thesis", "Side", "Status"), tuple(rows)) if rows else None


def _title(thesis: str, context: Context) -> str:
    return str(context.library.definitions[thesis].model.title)


def _side(side: str, through: list[str], context: Context) -> Text:
    parts: list[Part] = [Plain(f"{_SIDES[side]}{', through ' if through else ''}")]
    for nth, name in enumerate(through):
        parts += [Plain(" and " if nth == len(through) - 1 else ", ")] if nth else []
        parts.append(Mention(name, context.label(name)))
    return tuple(parts)


def _status(thesis: str, base: Context) -> Text:
    """Return the status of a thesis, with its spread since it was opened where it has one."""
    record = base.library.definitions[thesis]
    context = base.for_definition(record)
    status, opened = str(record.model.status), record.model.opened
    word, names = _STATUS.get(status, status), record.names
    if opened and opened >= context.as_of and status != "closed":
        return say(f"{word}, opened {short_day(opened, context.as_of)}")
    window = context.life or context.main_window
    if not {"buy", "sell"} <= names.keys():
        return say(word)
    spread = context.call("spread", names["buy"], names["sell"], window.text)
    if not spread.number.is_known:
        return say(word)
    since = window.label if context.life is None else "while open" if status == "closed" else "since opened"
    return (Plain(f"{word}, "), spread, Plain(f" {since}"))


def elsewhere(key: str, usage: Usage, context: Context) -> tuple[Text, ...]:
    """Return lines on the baskets that hold an asset, and on notes that chart or mention it and were not named yet."""
    listed = {*usage.titles("bought"), *usage.titles("sold")}
    listed |= {
        _title(thesis, context) for thesis in list(dict.fromkeys(p.thesis for p in usage.positions))[:_MOST_ROWS]
    }
    lines: list[Text] = []
    for basket in list(usage.baskets)[:_MOST_ROWS]:
        listed.add(context.library.baskets[basket].title)
        lines.append(tuple(_in_basket(key, basket, context)))
    for relation, words in _ELSEWHERE:
        titles = [title for title in usage.titles(relation) if title not in listed]
        listed.update(titles)
        if titles:
            more = len(titles) - _MOST_LINKS
            end = f" and {more:,} more." if more > 0 else "."
            lines.append((Plain(words), *mentions(titles[:_MOST_LINKS], ", "), Plain(end)))
    return tuple(lines)


def _in_basket(key: str, basket: str, context: Context) -> Iterator[Part]:
    yield from (Plain("In "), Mention(basket, context.library.baskets[basket].title))
    members = context.library.members(basket)
    if key not in members:
        # A basket in a basket counts by its members there, and a former member has no weight.
        yield Plain(".")
        return
    weight = context.figure(f"weight('{basket}', '{key}') | share(1)")
    given = context.figure(f"contribution('{basket}', '{key}', 'ytd') | pp(1)")
    whole = context.call("ret", basket, "ytd")
    if weight.number.is_known:
        yield from (Plain(": "), weight, Plain(" of the basket"))
    if given.number.is_known and whole.number.is_known:
        yield from (Plain(", " if weight.number.is_known else ": "), given, Plain(" of its "), whole)
        yield Plain(" this year")
    yield Plain(".")


def claim_line(record: ClaimRecord, context: Context) -> Text:
    """Return a claim with its verdict in one line: what was said, by whom and when, and what came out."""
    by = [record.by] if record.by else [Mention(record.note, title=True)]
    parts: list[Part] = [Plain(f"{record.mark} "), Plain(f"{record.outcome.capitalize()}.", strong=True), Plain(" ")]
    parts += [record.says, Plain(" ("), *by, Plain(f", {short_day(record.day, context.as_of)})")]
    if record.actual:
        parts.append(Plain(f": {record.actual}"))
    elif record.why:
        parts.append(Plain(f": {record.why}"))
    if record.through:
        parts += [Plain(", through "), Mention(record.through, context.label(record.through))]
    return (*parts, Plain("."))

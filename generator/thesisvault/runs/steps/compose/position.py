"""The first screen of a thesis: where its two sides stand, and one line on the thesis itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.exits import nearest_exit
from thesisvault.blocks.core.filled import Table, figures_in, head, is_reason, one_line, say, small_lines
from thesisvault.blocks.core.sides import side_text
from thesisvault.definitions.theses import ThesisRecord
from thesisvault.fields import HIGHEST_CONVICTION
from thesisvault.language.text import Plain, Text
from thesisvault.scalars import Window
from thesisvault.structs import replace
from thesisvault.words import day_in_words, short_day

_HALF_A_DIGIT = 0.0005
"""Half of the last digit in which points are shown: less is not seen."""
_SIDES = (("Long", "buy"), ("Short", "sell"))
_SHOWN_STATUS = {"watching": "watchlist"}


def position_of(record: ThesisRecord, context: Context) -> tuple[Table | None, tuple[Text, ...]]:
    """Return the table of both sides, their spread and the market, and the small lines below it; None without sides."""
    names, windows = record.names, _windows(record, context)
    if "buy" not in names and "sell" not in names:
        return None, ()
    texts = [window.text for _, window in windows]

    def row(label: str, held: Text, name: str) -> tuple[Text, ...]:
        return (Plain(f"{label}: "), *held), *((context.call("ret", name, w),) for w in texts)

    sides = [
        row(label, side_text(names[word], record.side_name(word), context), names[word])
        for label, word in _SIDES
        if word in names
    ]
    spread: list[tuple[Text, ...]] = []
    if "buy" in names and "sell" in names:
        figures = [context.call("spread", names["buy"], names["sell"], w) for w in texts]
        bold = ((replace(each, strong=True),) for each in figures)
        spread = [(say("Spread", strong=True), *bold)]
    held = {context.resolve(names[word]) for _, word in _SIDES if word in names}
    # A side that is the market itself needs no second row.
    is_apart = "benchmark" in names and context.resolve(names["benchmark"]) not in held
    market = [row("Market", _market(names, context), names["benchmark"])] if is_apart else []
    rows = (*sides, *spread, *market)
    columns = head("Side", *(label for label, _ in windows), right=range(1, len(windows) + 1))
    return Table(columns, rows), (*small_lines(rows), *_measured_apart(sides, spread, context))


def standing_of(record: ThesisRecord, context: Context, due: dt.date | None, *, dated: bool) -> Text:
    """Return one line: status, conviction, when the thesis was opened and closed, and when it is to be looked at again.

    Args:
        record: The thesis or concept.
        context: What it may see.
        due: When its next review is due.
        dated: Whether to say to which day its figures reach.
    """
    thesis, as_of = record.model, context.as_of
    status = _SHOWN_STATUS.get(thesis.status, thesis.status)
    words = [status.capitalize()] if thesis.status != "closed" or not thesis.closed else []
    if thesis.conviction:
        words.append(f"conviction {thesis.conviction}/{HIGHEST_CONVICTION}")
    shown = not dated and any(window.kind == "since" for _, window in _windows(record, context))
    if thesis.opened and not shown:
        words.append(f"{'opens' if thesis.opened > as_of else 'opened'} {short_day(thesis.opened, as_of)}")
    if thesis.closed:
        words.append(f"{'closed' if words else 'Closed'} {short_day(thesis.closed, as_of)}")
    if thesis.kind == "concept" and (nearest := nearest_exit(record, context)) and nearest.moves:
        words.append(f"exit {nearest.moves.text} usual moves away")
    if due:
        words.append(f"review {'overdue since ' if due < as_of else ''}{short_day(due, as_of)}")
    said = " · ".join(words)
    return say(f"Data to {day_in_words(as_of)}. {said}" if dated else said, emphasis=True)


def with_standing(lines: Sequence[Text], standing: Text) -> tuple[Text, ...]:
    """Return small lines with the standing of the thesis at the end of the first that says no reason for `n/a`."""
    first = lines[0] if lines and not is_reason(lines[0]) else ()
    return one_line(first, standing), *lines[bool(first) :]


def _market(names: Mapping[str, str], context: Context) -> Text:
    name = names["benchmark"]
    short = context.short(name)
    return side_text(name, "" if short == context.label(name) else short, context)


def _windows(record: ThesisRecord, context: Context) -> list[tuple[str, Window]]:
    """Return the windows of the table: since the thesis was opened, unless on the last day, and its main one."""
    life, main = context.life, context.main_window
    shown = (main.head(context.as_of), main)
    if life is None or (record.head.opened and record.head.opened >= context.as_of and life != main):
        return [shown]
    label = life.head(context.as_of) if life.kind == "since" else "While open"
    return [(label, life)] if life == main else [(label, life), shown]


def _measured_apart(
    sides: Sequence[tuple[Text, ...]], spread: Sequence[tuple[Text, ...]], context: Context
) -> tuple[Text, ...]:
    """Return the line that says of which days a spread is that is not the difference of the figures above it."""
    if not spread:
        return ()
    for buy, sell, between in zip(*(tuple(figures_in(row)) for row in (*sides, *spread)), strict=True):
        one, other, both = buy.number.value, sell.number.value, between.number
        if not isinstance(one, float) or not isinstance(other, float) or not isinstance(both.value, float):
            continue
        if abs(one - other - both.value) > _HALF_A_DIGIT and both.bases and both.on:
            begin, end = short_day(both.bases[0][1], context.as_of), short_day(both.on, context.as_of)
            return (say(f"Spread: from {begin} to {end}, sessions that both sides have.", emphasis=True),)
    return ()

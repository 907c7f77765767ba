"""The fact check of a note: its claims in words, the count and the one that matters most first.

What is confirmed needs no line of its own. Each contradicted or near claim has one; trifles share one, and so do the
untested claims of one cause.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from msgspec import Struct

from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Table, head, say
from thesisvault.blocks.core.judging import MARKS, Verdict
from thesisvault.blocks.core.records import Tally, said_of, tally
from thesisvault.language.text import Plain, Text, words_of
from thesisvault.words import in_words, plural, short_day

_ONE_CLOSE = 5
"""The most days between the close that a source saw and the day on which it appeared: a weekend and two holidays."""


class Line(Struct, frozen=True):
    """A line of a fact check.

    Attributes:
        verdicts: The claims of the line: one, or several that are told together.
        said: What was said, of each.
        where: Who said it and when, in brackets; empty of several, or where nothing is known.
        actual: What came out, of each.
        why: Why it is untested, or what the author makes of it; empty for neither.
    """

    verdicts: tuple[Verdict, ...]
    said: tuple[Text, ...]
    where: Text = ()
    actual: tuple[str, ...] = ()
    why: Text = ()


class FactCheck(Struct, frozen=True):
    """The claims of a block, in words.

    Attributes:
        headline: The count.
        lead: What is said beside it of the claim that matters most; empty where nothing needs saying.
        contradicted: What is contradicted by more than a trifle.
        trifles: What is contradicted by a trifle, in one line; None if nothing is.
        near: What is near.
        untested: What is untested, a line for each cause.
        counts: How many came out how.
    """

    headline: Text
    lead: Text
    contradicted: tuple[Line, ...]
    trifles: Line | None
    near: tuple[Line, ...]
    untested: tuple[Line, ...]
    counts: Tally


def fact_check(
    verdicts: Sequence[Verdict], context: Context, headlines: Sequence[str | None] = (), *, noun: str = "claim"
) -> FactCheck:
    """Return the claims of a block in words.

    Args:
        verdicts: The verdicts, in the order in which the claims were written.
        context: What the note sees.
        headlines: What the author would have said of each claim first of all; left out, nothing.
        noun: What a claim of the block is called.
    """
    wrong = [each for each in verdicts if each.outcome == "contradicted"]
    # A single trifle is told in full: a group of one saves nothing.
    trifles = [each for each in wrong if each.trifle]
    grouped = trifles if len(trifles) > 1 else []
    lead, words = _lead(verdicts, context, headlines)
    whole = [each for each in wrong if each not in grouped]
    whole.sort(key=lambda each: each is not lead)
    counts = tally(each.outcome for each in verdicts)
    return FactCheck(
        headline=say(counted(counts, noun), strong=True),
        lead=words,
        contradicted=tuple(_line(each, context) for each in whole),
        trifles=_together(grouped) if grouped else None,
        near=tuple(_line(each, context) for each in verdicts if each.outcome == "near"),
        untested=tuple(_untested([each for each in verdicts if each.outcome == "untested"], context)),
        counts=counts,
    )


def counted(counts: Tally, noun: str = "claim") -> str:
    """Return how many of some claims are confirmed, as a sentence.

    >>> [counted(Tally(*each)) for each in ((1,), (0, 1), (7,), (0, 0, 2, 1), (1, 0, 4), (26, 2, 7))]
    ... # doctest: +NORMALIZE_WHITESPACE
    ['The one claim is confirmed.', 'The one claim is near.', 'All seven claims are confirmed.',
     'None of the three claims is confirmed.', 'One of five claims is confirmed.', '26 of 35 claims are confirmed.']
    """
    total, confirmed = counts.total, counts.confirmed
    if total == 1:
        return f"The one {noun} is {next(each for each in MARKS if getattr(counts, each))}."
    if confirmed == total:
        return f"{'Both' if total == 2 else f'All {in_words(total)}'} {noun}s are confirmed."
    if not confirmed:
        return f"{'Neither' if total == 2 else 'None'} of the {in_words(total)} {noun}s is confirmed."
    said = f"{in_words(confirmed)} of {in_words(total)} {noun}s {'is' if confirmed == 1 else 'are'} confirmed."
    return said[0].upper() + said[1:]


def _lead(
    verdicts: Sequence[Verdict], context: Context, headlines: Sequence[str | None]
) -> tuple[Verdict | None, Text]:
    """Return the claim that matters most, and what the first line says of it; both may be missing."""
    for verdict, headline in zip(verdicts, headlines, strict=False):
        if headline and verdict.outcome == "contradicted":
            return verdict, (Plain("The best-known one is not: "), *context.text(headline))
    wrong = sorted((v for v in verdicts if v.outcome == "contradicted"), key=lambda v: bool(v.trifle))
    if not wrong or len(verdicts) == 1 or not headlines:  # cells of a grid: the first wrong one is no finding
        return (wrong[0] if wrong else None), ()
    first = Plain("Contradicted: " if len(wrong) == 1 else "Contradicted above all: ")
    return wrong[0], (first, *said_of(wrong[0]))


def _line(verdict: Verdict, context: Context) -> Line:
    return Line((verdict,), (said_of(verdict),), _where(verdict, context), (_actual(verdict, context),), verdict.note)


def _together(verdicts: Sequence[Verdict]) -> Line:
    actual = tuple(v.shown if v.trifle == "a point" else v.trifle for v in verdicts)
    return Line(tuple(verdicts), tuple(said_of(each) for each in verdicts), actual=actual)


def _untested(verdicts: Sequence[Verdict], context: Context) -> list[Line]:
    """Return a line for each cause, with all claims that are untested for it."""
    found: list[Line] = []
    for why in dict.fromkeys(each.why for each in verdicts):
        of_it = tuple(each for each in verdicts if each.why == why)
        where = _where(of_it[0], context) if len(of_it) == 1 else ()
        notes = [each.note for each in of_it if each.note]
        cause: Text = say(f"{why}.") if why else ()
        more = tuple(part for note in notes for part in (" ", *note)) if len(of_it) == 1 else ()
        found.append(Line(of_it, tuple(said_of(each) for each in of_it), where, why=(*cause, *more)))
    return found


def _where(verdict: Verdict, context: Context) -> Text:
    """Return who said it and when, in brackets."""
    source = verdict.source
    if source is None:
        return ()
    by: Text = (str(source.by),) if source.by else (Plain(source.title),)
    day: Text = (Plain(f", {short_day(source.on, context.as_of)}"),) if source.on else ()
    return (Plain("("), *by, *day, Plain(")"))


def _actual(verdict: Verdict, context: Context) -> str:
    """Return what came out; with the day where it is not that of the source, nor the close before it."""
    if verdict.outcome == "untested":
        return ""
    said = verdict.source.on if verdict.source else None
    is_of_source = said is not None and dt.timedelta(0) <= said - verdict.on <= dt.timedelta(_ONE_CLOSE)
    day = "" if is_of_source else _day_of(verdict, context)
    return f"Actual{f' on {day}' if day else ''}: {verdict.shown}."


def _day_of(verdict: Verdict, context: Context) -> str:
    """Return the day at which a claim was judged, unless it is that of the note or its words say it."""
    day, words = verdict.on, words_of((*verdict.label, *verdict.says))
    is_said = f"{day:%Y}" in words or re.search(rf"\b(?:{day:%B}|{day.day} {day:%b})\b", words)
    return "" if day == context.as_of or is_said else short_day(day, context.as_of)


def claims_table(verdicts: Sequence[Verdict], context: Context) -> Table:
    """Return the table of claims, worst first: what was said and judged at which day, what came out, the verdict."""
    order = list(MARKS)
    rows = []
    for each in sorted(verdicts, key=lambda v: order.index(v.outcome)):
        on = _day_of(each, context)
        day = say(f", {on}") if on else ()
        rows.append(((*said_of(each), *day), (each.computed,), say(f"{each.mark} {each.outcome}")))
    return Table(head("Claim", "Actual", "Verdict", right=[1]), tuple(rows))


def folded_title(count: int, noun: str = "claim") -> str:
    """Return the title of the fold around all claims."""
    return f"The {noun}" if count == 1 else f"All {plural(count, noun)}"

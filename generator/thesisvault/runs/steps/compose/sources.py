"""The view of the note that ranks sources by how their claims came out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from thesisvault.analytics.shares import wilson_lower
from thesisvault.blocks.core.filled import Table, head, say
from thesisvault.definitions.library import Library
from thesisvault.language.formats import share
from thesisvault.language.text import Mention, Part, Plain, Text
from thesisvault.notes.views import SourcesView
from thesisvault.runs.steps.claimed import Standing
from thesisvault.words import in_words, plural

SOURCES_ID, SOURCES_TITLE = "page/sources", "Sources"
_MOST = 100
"""The most sources that the note lists."""


def asks_for_sources(library: Library) -> bool:
    """Return whether there is anybody to rank: a claim of an author's."""
    return any(record.card.claimants for record in library.definitions.values())


def sources_note(standings: Sequence[Standing]) -> SourcesView:
    """Return the view of the note that ranks sources.

    Args:
        standings: How the claims of all authors came out.
    """
    ranked = by_record(each for each in standings if each.target and each.counts.tested)
    unranked = sorted((each for each in standings if not each.target), key=lambda each: -each.counts.total)
    untested = [each for each in standings if each.target and not each.counts.tested]
    rows = tuple(_row(each) for each in ranked[:_MOST])
    more = len(ranked) - _MOST
    return SourcesView(
        id=SOURCES_ID,
        title=SOURCES_TITLE,
        verdict=_verdict(ranked),
        ranking=Table(head("Source", "Confirmed", "At least", right=[1, 2]), rows) if rows else None,
        more=say(f"And {plural(more, 'source')} more.") if more > 0 else (),
        unranked=_listed("Without a note to link, so not ranked: ", unranked),
        untested=_listed("Nothing tested yet: ", untested),
    )


def by_record(standings: Iterable[Standing]) -> list[Standing]:
    """Return authors, those first that are most surely right; see `analytics.shares.wilson_lower`."""
    return sorted(
        standings, key=lambda e: (-wilson_lower(e.counts.confirmed, e.counts.tested), -e.counts.tested, e.name)
    )


def record_table(standings: Sequence[Standing], own: Standing) -> Table:
    """Return the table that compares authors by their claims; the row of the note's own stands out."""
    rows = tuple(
        (
            (Mention(each.name, title=True),) if each is not own else (Plain(each.name, strong=True),),
            (Plain(str(each.counts.total), strong=each is own),),
            (Plain(str(each.counts.confirmed), strong=each is own),),
        )
        for each in standings
    )
    return Table(head("Source", "Claims", "Confirmed", right=[1, 2]), rows)


def _row(each: Standing) -> tuple[Text, ...]:
    counts = each.counts
    lower = share(wilson_lower(counts.confirmed, counts.tested), 0)
    return (Mention(each.name, title=True),), say(f"{counts.confirmed} of {counts.tested}"), say(lower)


def _verdict(ranked: Sequence[Standing]) -> Text:
    """Return who is right most surely, as a sentence."""
    if not ranked:
        return say("No claim of a linked source could be tested yet.")
    first = ranked[0]
    of = f"{in_words(first.counts.confirmed)} of {in_words(first.counts.tested)} tested claims confirmed."
    if len(ranked) == 1:
        return Mention(first.name, title=True), Plain(f": {of}")
    return Mention(first.name, title=True), Plain(f" has the best record: {of}")


def _listed(words: str, standings: Sequence[Standing]) -> Text:
    """Return authors and their records in one line; nothing if there are none."""
    parts: list[Part] = []
    for each in standings[:_MOST]:
        counts = each.counts
        of = f"{counts.confirmed} of {counts.tested} confirmed" if counts.tested else plural(counts.total, "claim")
        parts += [Plain("; " if parts else words)]
        parts += [Mention(each.name, title=True) if each.target else Plain(each.name), Plain(f" ({of})")]
    return (*parts, Plain(".")) if parts else ()

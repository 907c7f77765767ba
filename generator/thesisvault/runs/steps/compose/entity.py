"""The view of an entity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Table, say
from thesisvault.blocks.core.records import ClaimRecord, Tally, tally
from thesisvault.definitions.library import Library
from thesisvault.language.text import Mention, Part, Plain, Text
from thesisvault.notes.views import ClaimGroup, EntityView
from thesisvault.runs.steps.claimed import NO_CLAIMS, Standing
from thesisvault.runs.steps.compose.parts import mentions, with_stale_line
from thesisvault.runs.steps.compose.sources import by_record, record_table
from thesisvault.runs.steps.usage import Usage
from thesisvault.words import in_words

_FEW = 5
"""The most claims that are told in one sentence, and the fewest tested ones by which an author is judged."""
_MOST = 30
"""The most claims of one verdict that a note lists."""
_PEERS = 3
_ORDER = ("contradicted", "near", "untested")


def entity_note(
    key: str,
    usage: Usage,
    library: Library,
    base: Context,
    claims: tuple[ClaimRecord, ...] = NO_CLAIMS,
    standings: Sequence[Standing] = (),
) -> EntityView:
    """Return the view of an entity: how its claims came out, what it is, and which notes cite it.

    Args:
        key: Its id.
        usage: Which notes use it.
        library: The definitions.
        base: What expressions are evaluated in.
        claims: Its claims, each once, worst first.
        standings: How the claims of all authors came out.

    Raises:
        BlockError: An expression in its description cannot be filled.
    """
    entity = library.entities[key]
    context = Context(base.scope, library, f"entity-{key}")
    confirmed = [each for each in claims if each.outcome == "confirmed"]
    view = EntityView(
        id=f"entity/{key}",
        title=entity.name,
        aliases=entity.aliases,
        further={"entity_kind": entity.kind},
        verdict=say(verdict_on(tally(each.outcome for each in claims)), strong=True) if claims else (),
        what=context.text(entity.what) if entity.what else (),
        standing=say(entity.kind.capitalize(), emphasis=True),
        peers=_peers(key, standings) if claims else None,
        groups=tuple(_groups(claims)),
        confirmed=_sentence(confirmed) if len(confirmed) <= _FEW else (),
        confirmed_list=_group("confirmed", confirmed) if len(confirmed) > _FEW else None,
        where=mentions(_cited_in(usage), " · "),
    )
    return with_stale_line(view, context)


def verdict_on(counts: Tally) -> str:
    """Return how the claims of an author came out, as a sentence.

    >>> verdict_on(Tally(6, 0, 6, 1))
    'Six of 13 claims confirmed, six contradicted, one untested.'
    >>> verdict_on(Tally(5, 0, 7, 1))
    'Five of 13 claims confirmed, seven contradicted, one untested: check before use.'
    >>> verdict_on(Tally(1)), verdict_on(Tally(0, 0, 0, 1)), verdict_on(Tally(4))
    ('Its one claim is confirmed.', 'Its one claim is untested.', 'All four claims confirmed.')
    >>> verdict_on(Tally(0, 1, 1)), verdict_on(Tally(12, 3))
    ('Neither of two claims confirmed, one contradicted, one near.', '12 of 15 claims confirmed, three near.')
    """
    total, confirmed = counts.total, counts.confirmed
    rest = {"contradicted": counts.contradicted, "near": counts.near, "untested": counts.untested}
    if total == 1:
        return f"Its one claim is {next((name for name, count in rest.items() if count), 'confirmed')}."
    if confirmed == total:
        first = f"{'Both' if total == 2 else f'All {in_words(total)}'} claims confirmed"
    else:
        none = "neither" if total == 2 else "none"
        first = f"{in_words(confirmed) if confirmed else none} of {in_words(total)} claims confirmed"
    parts = [first[0].upper() + first[1:], *(f"{in_words(count)} {name}" for name, count in rest.items() if count)]
    doubt = ": check before use" if counts.tested >= _FEW and 2 * confirmed < counts.tested else ""
    return f"{', '.join(parts)}{doubt}."


def _peers(key: str, standings: Sequence[Standing]) -> Table | None:
    """Return the table that compares an author with those who made the most claims; None if there is no other.

    Of authors who signed the very same claims one is shown: their rows would say the same.
    """
    own = next(each for each in standings if each.target == ("entity", key))
    others = {each.claims: each for each in reversed(standings) if each.target and each.claims != own.claims}
    peers = sorted(others.values(), key=lambda each: (-each.counts.tested, each.name))[:_PEERS]
    return record_table(by_record([own, *peers]), own) if peers else None


def _cited_in(usage: Usage) -> list[str]:
    return list(dict.fromkeys(title for titles in usage.by.values() for title in titles))


def _groups(claims: Iterable[ClaimRecord]) -> Iterable[ClaimGroup]:
    of: dict[str, list[ClaimRecord]] = {name: [] for name in _ORDER}
    for claim in claims:
        if claim.outcome in of:
            of[claim.outcome].append(claim)
    return (_group(name, found) for name, found in of.items() if found)


def _group(name: str, claims: Sequence[ClaimRecord]) -> ClaimGroup:
    more = len(claims) - _MOST
    return ClaimGroup(name, len(claims), tuple(map(_line, claims[:_MOST])), f"And {more} more." if more > 0 else "")


def _line(claim: ClaimRecord) -> Text:
    came_out = Plain(f": {claim.why if claim.outcome == 'untested' else claim.actual} (")
    return claim.says, came_out, Mention(claim.note, title=True), Plain(")")


def _sentence(claims: Sequence[ClaimRecord]) -> Text:
    parts: list[Part] = []
    for claim in claims:
        parts += [Plain("; ")] if parts else []
        parts += [claim.says, Plain(f" ({claim.actual})")]
    return tuple(parts)

"""Records of claims: what one note found of a claim, as other notes show and count it.

A thesis or concept judges its claims; the notes on their authors, on what they are about, and the ranking of sources
are made from the records of all of them. A record holds words only, so that it can be kept from one run to the next.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct, structs

from thesisvault.blocks.core.claims import Claim
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.judging import MARKS, Outcome, Verdict
from thesisvault.blocks.core.sources import Source, source_of
from thesisvault.digests import digest_of
from thesisvault.language.formats import MINUS
from thesisvault.language.parse import parse_expression
from thesisvault.language.text import Plain, Text, words_of
from thesisvault.market.records import plain_name
from thesisvault.patterns import regex
from thesisvault.structs import replace
from thesisvault.written import plain

_REF = regex(r"Ref\(name='(\w+)'\)")
_QUOTED = regex(r"Const\(value='([^']*)'\)")
_CHAIN = regex(r"[|,]")


class ClaimRecord(Struct, frozen=True):
    """A claim with its verdict, in words.

    Attributes:
        note: Title of the thesis or concept in which it stands.
        says: The claim: a person's Markdown, its figures filled in, without a full stop.
        outcome: The verdict.
        actual: What came out, in the notation of the claim; empty where it is untested.
        why: Why it is untested; empty where it is not.
        remark: What the author of the note makes of it: Markdown; empty if nothing.
        by: Author or publisher of its source, as typed; empty if it names none.
        day: The day of its source, else the day at which it was judged.
        names: Tickers and ids of baskets in its check, in order, together with other quoted words of it.
        identity: The same for one claim that stands in several notes; see `identity_of`.
        through: Id of the basket by which it is about an asset; empty if it is so directly.
    """

    note: str
    says: str
    outcome: Outcome
    actual: str
    why: str
    remark: str
    by: str
    day: dt.date
    names: tuple[str, ...]
    identity: str
    through: str = ""

    @property
    def mark(self) -> str:
        """A mark that is read without color."""
        return MARKS[self.outcome]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {**structs.asdict(self), "day": self.day.isoformat()}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> ClaimRecord:
        """Return a record that was kept as JSON.

        Raises:
            ValueError, TypeError, KeyError: It is none.
        """
        texts = {key: value for key, value in kept.items() if key not in ("day", "names")}
        if not all(isinstance(value, str) for value in (*texts.values(), *kept["names"])):
            raise TypeError(kept)
        if kept["outcome"] not in MARKS:
            raise ValueError(kept["outcome"])
        return cls(**texts, day=dt.date.fromisoformat(kept["day"]), names=tuple(kept["names"]))


def recorded(verdict: Verdict, claim: Claim, context: Context) -> Verdict:
    """Return a verdict with what its record needs: the source, the names in its check, its identity."""
    source = source_of(context, claim.source)
    check = _resolved(claim.check, context.scope.names)
    names = tuple(dict.fromkeys(name for text in _QUOTED.findall(check) for name in _split(text)))
    return replace(verdict, source=source, names=names, identity=identity_of(claim, check, source, verdict.on))


def identity_of(claim: Claim, check: str, source: Source | None, day: dt.date) -> str:
    """Return what tells one claim from another, in whatever note it stands and in whatever words.

    Two claims are one if they have the same source (its title, author and day), the same expression once `buy`, `sell`
    and the like are filled in, the same expectation with the same tolerance, and are judged at the same day.
    """
    of = (source.title, source.by, source.on) if source else ()
    expected = claim.form, str(getattr(claim, claim.form)), str(claim.within)
    return digest_of(*map(str, of), check, *expected, day.isoformat())


def _resolved(check: str, names: Mapping[str, str]) -> str:
    """Return an expression in one notation, with the names of its definition filled in."""

    def filled(found: re.Match[str]) -> str:
        name = found[1]
        return f"Const(value='{plain_name(names[name])}')" if name in names else found[0]

    return _REF.sub(filled, repr(parse_expression(check)))


def _split(text: str) -> Iterable[str]:
    return filter(None, (plain_name(each.strip()) for each in _CHAIN.split(text)))


def said_of(verdict: Verdict) -> Text:
    """Return what was said; with the figure that was claimed where the words do not hold any."""
    if verdict.label:
        return (*verdict.label, Plain(": "), *verdict.says)
    words = words_of(verdict.says)
    quantity = verdict.expected
    if not quantity or any(char.isdigit() for char in words):
        return _without_stop(verdict.says)
    return (*_without_stop(verdict.says), Plain(f" (claimed: {quantity.replace('-', MINUS)})"))


def _without_stop(text: Text) -> Text:
    last = text[-1] if text else ""
    return (*text[:-1], last.rstrip().removesuffix(".")) if isinstance(last, str) and text else text


def record_of(note: str, verdict: Verdict) -> ClaimRecord:
    """Return the record of a verdict that `recorded` has completed.

    Args:
        note: Title of the note in which the claim stands.
        verdict: The verdict.
    """
    source, is_tested = verdict.source, verdict.outcome != "untested"
    found = (
        note,
        words_of(said_of(verdict)).strip(),
        verdict.outcome,
        verdict.shown if is_tested else "",
        verdict.why,
        words_of(verdict.note).strip(),
        source.by or "" if source else "",
        source.on if source and source.on else verdict.on,
        verdict.names,
        verdict.identity,
    )
    return ClaimRecord(*plain(found))


def distinct(records: Iterable[ClaimRecord]) -> tuple[ClaimRecord, ...]:
    """Return each claim once, as the first note has it, worst first."""
    found: dict[str, ClaimRecord] = {}
    for record in records:
        found.setdefault(record.identity, record)
    order = list(MARKS)
    return tuple(sorted(found.values(), key=lambda each: order.index(each.outcome)))


def claims_by_asset(
    records: Iterable[ClaimRecord],
    members: Callable[[str], Iterable[str]],
    benchmark: str = "",
    current: Callable[[str], str] = str,
) -> dict[str, tuple[ClaimRecord, ...]]:
    """Return the claims about each ticker and basket, each once, worst first.

    A claim is about what its check names, and about the members of a basket or of a side that it names. The benchmark
    of the workspace is what most things are measured against: a claim is about it only where the check names it first.

    Args:
        records: The records of all notes.
        members: Gives the members of a basket, or of a side such as `a-thesis:buy`; nothing for anything else.
        benchmark: The benchmark of the workspace.
        current: Gives the ticker that a renamed one goes by now, and any other name as it is.
    """
    found: dict[str, dict[str, ClaimRecord]] = {}
    benchmark = current(benchmark)
    for record in distinct(records):
        named = dict.fromkeys(map(current, record.names))
        names = [each for nth, each in enumerate(named) if each != benchmark or not nth]
        for name in names:
            found.setdefault(name, {})[record.identity] = record
        for name in names:
            through = "" if ":" in name else name
            for member in map(current, members(name)):
                found.setdefault(member, {}).setdefault(record.identity, replace(record, through=through))
    return {name: tuple(each.values()) for name, each in found.items()}


class Tally(Struct, frozen=True):
    """How many claims came out how.

    Attributes:
        confirmed: How many are confirmed.
        near: How many are near.
        contradicted: How many are contradicted.
        untested: How many are untested.
    """

    confirmed: int = 0
    near: int = 0
    contradicted: int = 0
    untested: int = 0

    @property
    def total(self) -> int:
        """How many there are."""
        return self.tested + self.untested

    @property
    def tested(self) -> int:
        """How many were compared with data."""
        return self.confirmed + self.near + self.contradicted


def tally(outcomes: Iterable[Outcome]) -> Tally:
    """Return how many claims came out how."""
    found = list(outcomes)
    return Tally(**{outcome: found.count(outcome) for outcome in MARKS})

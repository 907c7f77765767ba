"""All expressions of a definition, found by one walk: in texts, as bare conditions and checks, in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from thesisvault.blocks.core.block import BlockModel, texts_of, walk
from thesisvault.blocks.episodes import EpisodeDefinition
from thesisvault.definitions.models.thesis import Thesis


@dataclass(frozen=True)
class Expressions:
    """One place where expressions stand.

    Attributes:
        source: What was typed, which knows its place.
        in_text: It is a text with expressions between `{{ }}`; else it is one bare expression.
        names: Names of the context that only it may use, such as `row` and `column`.
        rows: The series that `row` and `column` go through.
    """

    source: str
    in_text: bool
    names: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


def blocks_of(thesis: Thesis) -> Iterator[tuple[str, BlockModel]]:
    """Yield every block of a thesis with its kind, those of sections first, then those of updates."""
    for section in thesis.sections:
        yield from walk(section.blocks)
    for update in thesis.updates:
        yield from walk(update.blocks)


def expressions_of(thing: object) -> Iterator[Expressions]:
    """Yield everything in a definition that holds expressions, the bare ones first."""
    if isinstance(thing, Thesis):
        yield from (Expressions(signal.when, in_text=False) for signal in thing.signals)
        for _, block in blocks_of(thing):
            rows = tuple(block.series())
            yield from (Expressions(source, False, names, rows) for source, names in block.expressions())
    if isinstance(thing, EpisodeDefinition) and thing.chart:
        yield from (Expressions(source, False, names) for source, names in thing.chart.expressions())
    if isinstance(thing, Thesis | EpisodeDefinition):
        yield from (Expressions(claim.check, in_text=False) for claim in thing.claims)
    for text in texts_of(thing):
        if "{{" in text or "{%" in text:
            yield Expressions(text, in_text=True)

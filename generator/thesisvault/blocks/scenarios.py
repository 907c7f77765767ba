"""The kind `scenarios`: what would happen if; and the model of one scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import Field

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context, Definition
from thesisvault.blocks.core.filled import NOT_STATED, Filled, Table, head, say, small_lines
from thesisvault.blocks.core.theses import Theses, short_title
from thesisvault.errors import nearest
from thesisvault.fields import Day, Name, Prose, Word
from thesisvault.language.text import Mention, Part, Plain, Text
from thesisvault.model import Model
from thesisvault.words import short_day, unbroken

OUTCOMES = ("widens", "holds", "narrows", "reverses", "depends")
"""What the spread of a thesis with two sides may do in a scenario."""
_SAID_BEFORE = {
    "accelerates": "widens",
    "strengthens": "widens",
    "helps": "widens",
    "helps a little": "widens",
    "neutral": "holds",
    "unchanged": "holds",
    "holds at first": "holds",
    "weakens": "narrows",
    "hurts": "narrows",
    "partly reverses": "narrows",
    "reverses at first": "reverses",
    "mixed": "depends",
    "unclear": "depends",
    "tests it": "depends",
}
"""Other words for what a spread does, each with the one that is written."""
_COLUMNS = (
    ("Widens", ("widens",)),
    ("Holds or depends", ("holds", "depends", "")),
    ("Narrows or reverses", ("narrows", "reverses")),
)
_SIDE_BY_SIDE = 3
"""How many theses have a column each; the rows of more say which theses gain and lose."""


class Scenario(Model):
    """One scenario; those of several theses are joined by `id`, else by equal `if`."""

    id: Word | None = None
    """Joins scenarios of several theses into one row."""
    if_: Name = Field(alias="if")
    """What happens."""
    then: Name
    """What the spread does then: widens, holds, narrows, reverses or depends; in a concept, a few words."""
    because: Prose | None = None
    """Why."""
    by: Day | None = None
    """The day by which it is due."""

    @property
    def key(self) -> str:
        """What joins it with the scenarios of others."""
        return self.id or self.if_.casefold()

    def refused(self) -> str:
        """Return what is wrong with `then` where a thesis has two sides, with the word to write; empty if nothing."""
        if self.then in OUTCOMES:
            return ""
        known = f"{', '.join(OUTCOMES[:-1])} or {OUTCOMES[-1]}"
        meant = _SAID_BEFORE.get(self.then.casefold()) or nearest(self.then, OUTCOMES)
        problem = f'"{self.then}" is not what a spread does; with two sides, write {known}.'
        return f'{problem} Did you mean "{meant}"?' if meant else problem.removesuffix(".")


@register("scenarios")
class ScenariosBlock(BlockModel):
    """The scenarios of this definition (`{}`), or those of several theses side by side."""

    of: Theses = ()
    """Ids of theses."""

    def definitions(self) -> Iterator[str]:
        """Yield the theses that are compared."""
        yield from self.of

    def fill(self, context: Context) -> Filled:
        """Return the table of scenarios."""
        if self.of:
            return self._joined(context)
        owner = context.definition
        found = owner.model.scenarios if owner else ()
        rows = tuple((_when(s, context), _outcome(s, owner, context)) for s in found)
        table = Table(head("If", "The spread" if owner and has_spread(owner.model) else "Then"), rows)
        return Filled("scenarios", {"table": table}, lines=small_lines(rows, bases=False))

    def _joined(self, context: Context) -> Filled:
        """Return one row per scenario: with a column per thesis, or per outcome where there are many theses."""
        owners = [context.library.definitions[each] for each in self.of]
        keys: dict[str, Scenario] = {}
        for owner in owners:
            for scenario in owner.model.scenarios:
                keys.setdefault(scenario.key, scenario)
        rows: list[tuple[Text, ...]] = []
        many = len(owners) > _SIDE_BY_SIDE
        for key, first in keys.items():
            of = [(owner, next((s for s in owner.model.scenarios if s.key == key), None)) for owner in owners]
            if many:
                named = [(owner, own) for owner, own in of if own]
                rows.append((_when(first, context), *(_theses(named, words, context) for _, words in _COLUMNS)))
            else:
                cells = (_outcome(s, o, context.for_definition(o)) if s else say(NOT_STATED) for o, s in of)
                rows.append((_when(first, context), *cells))
        titles = [title for title, _ in _COLUMNS] if many else [_link(owner) for owner in owners]
        lines = small_lines(rows, bases=False)
        if many:
            lines = (say("What the spread of each thesis does; why, in its note.", emphasis=True), *lines)
        return Filled("scenarios", {"table": Table(head("If", *titles), tuple(rows))}, lines=lines)


def has_spread(model: Any) -> bool:
    """Return whether a definition has a spread of which its scenarios speak: a thesis with two sides."""
    return bool(model.kind == "thesis" and model.sell and model.buy)


def _link(owner: Definition) -> Text:
    return (Mention(owner.model.title, title=True),)


def _theses(named: Sequence[tuple[Definition, Scenario]], words: tuple[str, ...], context: Context) -> Text:
    """Return links to the theses to whose spread one of some things happens; with the thing, if there are several."""
    parts: list[Part] = []
    for owner, scenario in named:
        said = scenario.then if scenario.then in OUTCOMES else ""
        if said not in words:
            continue
        parts += [Plain(", ")] if parts else []
        parts.append(Mention(owner.model.title, short_title(owner.model), title=True))
        if not said:
            parts += [Plain(" ("), *context.for_definition(owner).text(scenario.then), Plain(")")]
    return tuple(parts)


def _when(scenario: Scenario, context: Context) -> Text:
    due: Text = ()
    if scenario.by:
        day = unbroken(short_day(scenario.by, context.as_of))
        due = (Plain(f" by {day}" if scenario.by > context.as_of else f" (was due {day})"),)
    return (*context.text(scenario.if_), *due)


def _outcome(scenario: Scenario, owner: Definition | None, context: Context) -> Text:
    said = scenario.then
    if owner is None or not has_spread(owner.model):
        said = said if said.startswith("{{") else said[0].upper() + said[1:]
    then: Text = ("**", *context.text(said), "**") if "{{" in said else say(said, strong=True)
    return (*then, Plain(": "), *context.text(scenario.because)) if scenario.because else then

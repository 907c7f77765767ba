"""The kind `scenarios`: what would happen if; and the model of one scenario."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import NOT_STATED, Filled, Table, head, say, small_lines
from thesisvault.blocks.core.theses import Theses
from thesisvault.errors import nearest
from thesisvault.fields import Day, Name, Prose, Word
from thesisvault.language.text import Mention, Plain, Text
from thesisvault.model import Model

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
    """Ids of theses, one column each."""

    def definitions(self) -> Iterator[str]:
        """Yield the theses that are compared."""
        yield from self.of

    def fill(self, context: Context) -> Filled:
        """Return the table of scenarios."""
        if self.of:
            return self._joined(context)
        found = context.definition.model.scenarios if context.definition else ()
        rows = tuple((_when(s, context), _outcome(s, context)) for s in found)
        table = Table(head("If", "Then"), rows)
        return Filled("scenarios", {"table": table}, lines=small_lines(rows, bases=False))

    def _joined(self, context: Context) -> Filled:
        owners = [context.library.definitions[each] for each in self.of]
        keys: dict[str, Scenario] = {}
        for owner in owners:
            for scenario in owner.model.scenarios:
                keys.setdefault(scenario.key, scenario)
        rows = []
        for key, first in keys.items():
            cells: list[Text] = [_when(first, context)]
            for owner in owners:
                own = next((s for s in owner.model.scenarios if s.key == key), None)
                cells.append(_outcome(own, context.for_definition(owner)) if own else say(NOT_STATED))
            rows.append(tuple(cells))
        columns = head("If", *((Mention(owner.model.title, title=True),) for owner in owners))
        return Filled("scenarios", {"table": Table(columns, tuple(rows))}, lines=small_lines(rows, bases=False))


def _when(scenario: Scenario, context: Context) -> Text:
    due: Text = ()
    if scenario.by:
        due = (Plain(f" (by {scenario.by})" if scenario.by > context.as_of else f" (was due {scenario.by})"),)
    return (*context.text(scenario.if_), *due)


def _outcome(scenario: Scenario, context: Context) -> Text:
    text = scenario.then if scenario.then.startswith("{{") else scenario.then[0].upper() + scenario.then[1:]
    then: Text = ("**", *context.text(text), "**") if "{{" in text else say(text, strong=True)
    return (*then, Plain(": "), *context.text(scenario.because)) if scenario.because else then

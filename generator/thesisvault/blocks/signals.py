"""The kind `signals`: conditions with their state, distance and history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Filled, Table, dated_lines, head, reason_lines, say
from thesisvault.blocks.core.signals import SignalState, state_of
from thesisvault.fields import Word
from thesisvault.language.text import Figure, Mention, Plain, Text
from thesisvault.offers import Offers


@register("signals")
class SignalsBlock(BlockModel):
    """The signals of this definition (`{}`), or of several."""

    of: tuple[Annotated[Word, Offers("theses")], ...] = ()
    """Ids of theses or concepts."""

    def definitions(self) -> Iterator[str]:
        """Yield the definitions whose signals are shown."""
        yield from self.of

    def fill(self, context: Context) -> Filled:
        """Return the table of signals, kill signals first."""
        owners = [context.library.definitions[each] for each in self.of] or [context.definition]
        rows: list[tuple[Text, ...]] = []
        states: list[SignalState] = []
        for owner in owners:
            own = context.for_definition(owner)
            for signal in sorted(owner.model.signals, key=lambda s: not s.kills):
                state = state_of(signal, own)
                states.append(state)
                name: Text = say(signal.name, strong=signal.kills)
                if self.of:
                    name = (Mention(owner.model.title, title=True), Plain(": "), *name)
                means = own.text(signal.means) if signal.means else say("the thesis is wrong" if signal.kills else "")
                told = (*name, Plain(": "), *means) if means else name
                rows.append((told, _state_text(state), (state.margin,) if state.margin else say("–"), _flips(state)))
        table = Table(head("Signal", "State", "Distance", "Flips in a year", right=[2, 3]), tuple(rows))
        figures = [Figure("n/a", s.number) for s in states if not s.number.is_known]
        lines = list(reason_lines(figures))
        lines += dated_lines(Figure(s.word, s.number) for s in states)
        if any(s.margin for s in states):
            lines.insert(
                0,
                say(
                    "Distance: how far the condition is from changing, in pp between returns, in % between ratios.",
                    emphasis=True,
                ),
            )
        return Filled("signals", {"table": table, "states": tuple(states)}, lines=tuple(lines))


def _state_text(state: SignalState) -> Text:
    figure = Figure(
        state.word, state.number, bool(state.signal.kills and state.holds), label=f'signal "{state.signal.name}"'
    )
    since = Plain(f" since {state.since}") if state.since and state.holds is not None else Plain("")
    return (figure, since)


def _flips(state: SignalState) -> Text:
    return say("–") if state.holds is None else say(str(state.flips))

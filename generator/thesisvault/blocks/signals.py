"""The kind `signals`: conditions with their state and the room that is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.exits import Exit, exits_of
from thesisvault.blocks.core.filled import Filled, Table, dated_lines, head, say
from thesisvault.blocks.core.signals import Signal, SignalState, state_of
from thesisvault.fields import Truth, Word
from thesisvault.language.text import Figure, Mention, Plain, Text
from thesisvault.offers import Offers
from thesisvault.words import NO_BREAK, days_in_words, short_day, unbroken


@register("signals")
class SignalsBlock(BlockModel):
    """The signals of this definition (`{}`), or of several."""

    of: tuple[Annotated[Word, Offers("theses")], ...] = ()
    """Ids of theses or concepts."""
    changes: Truth = False
    """Whether a further column says how often each changed in twelve months."""

    def definitions(self) -> Iterator[str]:
        """Yield the definitions whose signals are shown."""
        yield from self.of

    def fill(self, context: Context) -> Filled:
        """Return the table of signals, those that end a thesis first, and of these the nearest."""
        owners = [context.library.definitions[each] for each in self.of] or [context.definition]
        rows: list[tuple[Text, ...]] = []
        states: list[SignalState] = []
        exits: tuple[Exit, ...] = ()
        for owner in owners:
            own = context.for_definition(owner)
            exits = exits_of(owner, own)
            supports = (s for s in owner.model.signals if not s.kills)
            found = [(each.signal, each.state) for each in exits] + [(s, state_of(s, own)) for s in supports]
            for signal, state in found:
                states.append(state)
                of: Text = (Mention(owner.model.title, title=True), Plain(": ")) if self.of else ()
                cells = ((*of, *_name(signal, own)), _state_text(state, own), _room(state))
                rows.append((*cells, _changes(state)) if self.changes else cells)
        titles = ["Signal", "State", "Room", *([f"Changes, 12{NO_BREAK}mo"] if self.changes else [])]
        table = Table(head(*titles, right=range(2, len(titles))), tuple(rows))
        lines = _unknown(states, context)
        lines += dated_lines(Figure(s.word, s.number) for s in states)
        caption = _caption(states, {owner.model.kind for owner in owners})
        parts: dict[str, object] = {
            "table": table,
            "states": tuple(states),
            "exits": any(s.signal.kills for s in states),
            "nearest": _nearest(exits) if len(owners) == 1 else (),
        }
        return Filled("signals", parts, lines=(*([caption] if caption else []), *lines))


def _nearest(exits: Sequence[Exit]) -> Text:
    """Return which exit signal is nearest and how many usual daily moves away; nothing where one has fired."""
    if len(exits) < 2 or exits[0].has_fired or exits[0].moves is None:
        return ()
    name = Plain(exits[0].signal.name, strong=True)
    return (Plain("Nearest: "), name, Plain(", "), exits[0].moves, Plain(" usual daily moves away."))


def _name(signal: Signal, context: Context) -> Text:
    """Return what a signal is called and what it means: bold if it ends the thesis, else as a support."""
    means: Text = (Plain(": "), *context.text(signal.means)) if signal.means else ()
    if signal.kills:
        return (*say(signal.name, strong=True), *means)
    return (Plain(f"Supports: {signal.name}"), *((Plain("; "), *means[1:]) if means else ()))


def _state_text(state: SignalState, context: Context) -> Text:
    fired = bool(state.signal.kills and state.holds)
    figure = Figure(state.word, state.number, fired, label=f'signal "{state.signal.name}"')
    if state.since is None or state.holds is None:
        return (figure,)
    link = " since " if state.signal.kills else ", since "
    return (figure, Plain(f"{link}{unbroken(short_day(state.since, context.as_of))}"))


def _room(state: SignalState) -> Text:
    return (state.margin,) if state.margin else say("–")


def _changes(state: SignalState) -> Text:
    return say("–") if state.holds is None else say(str(state.flips))


def _unknown(states: Sequence[SignalState], context: Context) -> list[Text]:
    """Return a small line with the reasons for which states are unknown, each once."""
    reasons = dict.fromkeys(s.number.reason for s in states if not s.number.is_known and s.number.reason)
    said = "; ".join(days_in_words(context.named(each)) for each in reasons)
    return [say(f"Unknown: {said}.", emphasis=True)] if said else []


def _caption(states: Sequence[SignalState], kinds: set[str]) -> Text:
    """Return what bold signals do and what the last column says, as far as there are such."""
    ended = "close the trade" if kinds == {"thesis"} else "end the idea" if kinds == {"concept"} else "end it"
    said = [f"Bold signals {ended}."] if any(state.signal.kills for state in states) else []
    said += ["Room: change that flips a signal."] if any(state.margin for state in states) else []
    return say(" ".join(said), emphasis=True)

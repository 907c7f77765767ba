"""The kind `signals`: conditions with their state, distance and history; and the model of one signal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd

from thesisvault.analytics import breadth
from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context, Definition, expression
from thesisvault.blocks.core.filled import Filled, Table, dated_lines, head, reason_lines, say
from thesisvault.fields import Expr, Model, Name, Prose, Truth, Word
from thesisvault.language.formats import formatted
from thesisvault.language.parse import Binary, Compare, Const, ExpressionError
from thesisvault.language.text import Figure, Mention, Plain, Text
from thesisvault.language.values import Number

_YEAR = dt.timedelta(days=365)


class Signal(Model):
    """One condition to watch."""

    name: Name
    """What it is called."""
    when: Expr
    """The condition."""
    means: Prose | None = None
    """What it means when it holds."""
    kills: Truth = False
    """True here, and the thesis is wrong."""


@dataclass(frozen=True)
class SignalState:
    """Where a signal stands.

    Attributes:
        holds: True, False, or None where unknown.
        since: The session on which the state began, if the data reach back to it.
        flips: How often it changed within the last year.
        margin: How far the condition is from changing, in its own unit; None where it has no single line to cross.
        number: The newest value of the condition, with date and staleness.
    """

    signal: Signal
    holds: bool | None
    since: dt.date | None
    flips: int
    margin: Figure | None
    number: Number

    @property
    def word(self) -> str:
        """The state in a word."""
        if self.holds is None:
            return "unknown"
        if self.signal.kills:
            return "tripped" if self.holds else "not tripped"
        return "on" if self.holds else "off"


def state_of(signal: Signal, context: Context) -> SignalState:
    """Return where a signal stands at the context's last day."""
    value = context.condition(signal.when)
    number = context.number(signal.when)
    if number.stale:
        # A leg that has no value today leaves the condition unknown today, whatever it was before.
        name, last = number.stale[0]
        number = replace(number, value=None, reason=f"{name} ends {last}", stale=())
    holds = number.truth
    since, flips = None, 0
    if isinstance(value.data, pd.Series) and not value.data.empty:
        changed = breadth.flips(value.data)
        days = changed.index[changed.to_numpy() == 1.0]
        flips = sum(1 for day in days if day.date() > context.as_of - _YEAR)
        since = days[-1].date() if len(days) and holds is not None else None
    return SignalState(signal, holds, since, flips, margin_of(signal, context), number)


def margin_of(signal: Signal, context: Context) -> Figure | None:
    """Return how far a comparison is from changing sides: pp between returns, % of the right side between ratios.

    None where a condition has no single line to cross, as with `and`, `or` or words.
    """
    node = expression(signal.when)
    if not isinstance(node, Compare) or len(node.rest) != 1 or node.rest[0][0] in ("==", "!="):
        return None
    left, right = node.first, node.rest[0][1]
    try:
        gap = context.scope.number(Binary("-", left, right))
        if gap.kind in ("fraction", "share", "spread"):
            return _distance(gap, "points")
        if gap.kind in ("count", "day"):
            return _distance(gap, "int")
        if gap.kind == "money":
            return _distance(gap, "usd")
        if isinstance(right, Const) or isinstance(left, Const):
            # Against a plain number, as in a correlation above 0.5, a percentage of it would say nothing.
            return _distance(gap, "num")
        return _distance(context.scope.number(Binary("-", Binary("/", left, right), Const(1))), "share")
    except ExpressionError:
        return None


def _distance(number: Number, form: str) -> Figure:
    if isinstance(number.value, float):
        number = replace(number, value=abs(number.value))
    digits = {"share": (1,)}.get(form, ())
    return Figure(formatted(number, form, digits), number)


def nearest_kill(definition: Definition, context: Context) -> tuple[Signal, SignalState] | None:
    """Return the kill signal that is closest to its line, tripped ones first; None where there is none with a line."""
    states = [(s, state_of(s, context)) for s in definition.model.signals if s.kills]
    tripped = [pair for pair in states if pair[1].holds]
    if tripped:
        return tripped[0]
    measured = [p for p in states if p[1].margin is not None and isinstance(p[1].margin.number.value, float)]
    if measured:
        return min(measured, key=lambda p: abs(p[1].margin.number.value))  # type: ignore[union-attr, arg-type]
    return states[0] if states else None


def kill_text(definition: Definition, context: Context) -> Text:
    """Return how far a thesis is from its nearest kill line, and which line that is."""
    found = nearest_kill(definition, context)
    if found is None:
        return say("not stated")
    signal, state = found
    if state.holds:
        return (Plain("tripped", strong=True), Plain(f": {signal.name}"))
    if state.holds is None:
        return say(f"unknown: {signal.name}")
    return (state.margin, Plain(f": {signal.name}")) if state.margin else say(f"not tripped: {signal.name}")


def distance_text(state: SignalState) -> Text:
    """Return how far a signal is from its line, or a dash."""
    if state.margin is None:
        return say("–")
    return (state.margin,)


@register("signals")
class SignalsBlock(BlockModel):
    """The signals of this definition (`{}`), or of several."""

    of: tuple[Word, ...] = ()
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
                    name = (Mention(owner.model.title), Plain(": "), *name)
                means = own.text(signal.means) if signal.means else say("the thesis is wrong" if signal.kills else "")
                told = (*name, Plain(": "), *means) if means else name
                rows.append((told, _state_text(state), distance_text(state), _flips(state)))
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
    figure = Figure(state.word, state.number, strong=bool(state.signal.kills and state.holds))
    since = Plain(f" since {state.since}") if state.since and state.holds is not None else Plain("")
    return (figure, since)


def _flips(state: SignalState) -> Text:
    return say("–") if state.holds is None else say(str(state.flips))

"""Exits: how far a thesis is from the signal that would end it, in usual daily moves.

A room in points and one in percent cannot be ranked against each other. Divided by how far what the signal watches
moves on a usual day, both can: that is `exit in`, and it is worked out here alone.
"""

from __future__ import annotations

import math

import numpy as np
from msgspec import Struct

from thesisvault.analytics.moves import USUAL
from thesisvault.blocks.core.context import Context, Definition
from thesisvault.blocks.core.filled import NOT_STATED, say
from thesisvault.blocks.core.signals import Signal, SignalState, state_of
from thesisvault.language.formats import formatted
from thesisvault.language.parse import Binary, Call, Compare, Const, ExpressionError, Node, Unary, parse_expression
from thesisvault.language.text import Figure, Plain, Text
from thesisvault.structs import replace

_ONE_DAY = Const("1d")
_OF_PRICE = ("ret", "drawdown")
"""Functions of a window that move, on one day, as the price that they are of."""
_SLOW = ("sma", "ema", "high", "low", "median")
"""Functions of a window that one day hardly moves; a signal holds a price against them."""


class Exit(Struct, frozen=True):
    """An exit signal and how far it is.

    Attributes:
        signal: The signal.
        state: Where it stands.
        moves: The room in usual daily moves, zero where it has fired; None where that is unknown.
    """

    signal: Signal
    state: SignalState
    moves: Figure | None

    @property
    def has_fired(self) -> bool:
        """Whether it holds."""
        return bool(self.state.holds)

    @property
    def distance(self) -> float:
        """The room in usual daily moves; infinite where that is unknown."""
        value = self.moves.number.value if self.moves else None
        return value if isinstance(value, float) else math.inf


def exits_of(definition: Definition, context: Context) -> tuple[Exit, ...]:
    """Return the exit signals of a definition, the nearest first: fired ones, then by usual daily moves."""
    found = [exit_of(signal, state_of(signal, context), context) for signal in definition.model.signals if signal.kills]
    return tuple(sorted(found, key=lambda each: (not each.has_fired, each.distance, each.state.holds is None)))


def nearest_exit(definition: Definition, context: Context) -> Exit | None:
    """Return the nearest exit signal of a definition; None where it has none."""
    return next(iter(exits_of(definition, context)), None)


def exit_of(signal: Signal, state: SignalState, context: Context) -> Exit:
    """Return how far a signal is from changing, in usual daily moves; see `usual_move`."""
    label = f'usual daily moves to the signal "{signal.name}"'
    if state.holds:
        number = replace(state.number, value=0.0, kind="number")
        return Exit(signal, state, Figure(formatted(number, "num", (1,)), number, label=label))
    room = state.margin.number if state.margin else None
    usual = usual_move(signal, context) if state.holds is not None else None
    if room is None or not isinstance(room.value, float) or usual is None:
        return Exit(signal, state, None)
    number = replace(room, value=abs(room.value) / usual, kind="number", unit="")
    return Exit(signal, state, Figure(formatted(number, "num", (1,)), number, label=label))


def usual_move(signal: Signal, context: Context) -> float | None:
    """Return how far what a signal watches moves on a usual day, in the unit of the room.

    It is the sample deviation of the last 60 daily moves (`analytics.moves.USUAL`), in points where the room is in
    points, as a fraction where it is in percent. What moves is what is watched now: of a return or a fall from a high
    the price itself, of two returns the difference of both days' returns, of a ratio against its average the ratio.
    Averages and extremes of a window are held, as one day hardly moves them. Anything else, such as a yield, a
    correlation or a breadth, moves by its own daily change.

    Returns:
        None where the condition has no single line to cross, where 60 daily moves are not known, as of a monthly
        series, or where nothing moved.
    """
    node = parse_expression(signal.when)
    if not isinstance(node, Compare) or len(node.rest) != 1:
        return None
    left, right = node.first, node.rest[0][1]
    try:
        gap = context.scope.gap(left, right)
        in_its_unit = gap.kind in _OWN_UNIT or bool(gap.unit) or _is_written(left) or _is_written(right)
        step = _difference(left, right) if in_its_unit else _apart(left, right)
        return _deviation(step, context) if step is not None and gap.kind != "day" else None
    except ExpressionError:
        return None


_OWN_UNIT = ("fraction", "share", "spread", "count")
"""Kinds of a difference whose room is shown in its own unit, not in percent of the line."""


def _difference(left: Node, right: Node) -> Node | None:
    """Return the daily move of the difference of two sides, in their unit; None where nothing moves."""
    return _minus(_step(left), _step(right))


def _step(node: Node) -> Node | None:
    """Return by how much something changes from one day to the next; None where it is held."""
    match node:
        case _ if _is_held(node):
            return None
        case Call(name=name, args=(of, _, *_), named=named) if name in _OF_PRICE:
            return Call("ret", (of, _ONE_DAY), named)
        case Call(name="spread", args=(one, other, _)):
            return Call("spread", (one, other, _ONE_DAY))
        case Binary(op="+", left=left, right=right):
            found = [each for each in (_step(left), _step(right)) if each is not None]
            return Binary("+", *found) if len(found) == 2 else next(iter(found), None)
        case Binary(op="-", left=left, right=right):
            return _minus(_step(left), _step(right))
        case Unary(op="-", of=of):
            return _minus(None, _step(of))
        case _:
            return Call("change", (node, _ONE_DAY))


def _is_held(node: Node) -> bool:
    """Return whether one day moves nothing: a number that was written, an average or an extreme."""
    return _is_written(node) or (isinstance(node, Call) and node.name in _SLOW)


def _is_written(node: Node) -> bool:
    match node:
        case Const():
            return True
        case Unary(of=of):
            return _is_written(of)
        case Binary(left=left, right=right):
            return _is_written(left) and _is_written(right)
        case _:
            return False


def _apart(left: Node, right: Node) -> Node | None:
    """Return the daily move of one side over the other, as a fraction; None where nothing moves."""
    return _minus(_growth(left), _growth(right))


def _growth(node: Node) -> Node | None:
    match node:
        case _ if _is_held(node):
            return None
        case Binary(op="*" | "/", left=left, right=right) if _is_written(right):
            return _growth(left)
        case Binary(op="*", left=left, right=right) if _is_written(left):
            return _growth(right)
        case _:
            return Call("ret", (node, _ONE_DAY))


def _minus(one: Node | None, other: Node | None) -> Node | None:
    if other is None:
        return one
    return Unary("-", other) if one is None else Binary("-", one, other)


def _deviation(step: Node, context: Context) -> float | None:
    track = context.scope.track(step)
    if track.calendar is None or track.columns is not None or track.pace.period_days > 1:
        return None
    last = np.asarray(track.whole()[-USUAL:], dtype=np.float64)
    if len(last) < USUAL or not np.isfinite(last).all():
        return None
    found = float(last.std(ddof=1))
    return found if found > 0 else None


def exit_text(definition: Definition, context: Context) -> Text:
    """Return how far a thesis is from its nearest exit signal, in that signal's unit, and which one it is."""
    found = nearest_exit(definition, context)
    if found is None:
        return say(NOT_STATED)
    name, state = Plain(f": {found.signal.name}"), found.state
    if state.holds is False and state.margin:
        return (state.margin, name)
    return (Plain(state.word, strong=found.has_fired), name)

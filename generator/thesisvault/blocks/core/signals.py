"""Signals: the model of one condition, and where it stands: state, distance and history."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from thesisvault.analytics import across
from thesisvault.analytics.bounds import day_of, number_of
from thesisvault.blocks.core.context import Context
from thesisvault.fields import Expr, Name, Prose, Truth
from thesisvault.language.formats import formatted
from thesisvault.language.parse import Binary, Compare, Const, ExpressionError, parse_expression
from thesisvault.language.text import Figure
from thesisvault.language.values import Number
from thesisvault.model import Model
from thesisvault.structs import replace

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


class SignalState(Struct, frozen=True):
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
        """The state in a word, see `word_of`."""
        return word_of(self.signal, self.holds)


def word_of(signal: Signal, holds: bool | None) -> str:
    """Return a state in a word: of an exit whether it has fired, of a support whether it holds."""
    if holds is None:
        return "unknown"
    if signal.kills:
        return "triggered" if holds else "clear"
    return "yes" if holds else "no"


def holds_now(signal: Signal, context: Context) -> bool | None:
    """Return whether a signal holds at the context's last day, without its history; None where that is unknown."""
    context.condition(signal.when)
    return _newest(signal, context).truth


def _newest(signal: Signal, context: Context) -> Number:
    number = context.number(signal.when)
    if not number.stale:
        return number
    # A leg that has no value today leaves the condition unknown today, whatever it was before.
    name, last = number.stale[0]
    return replace(number, value=None, reason=f"{name} ends {last}", stale=())


def state_of(signal: Signal, context: Context) -> SignalState:
    """Return where a signal stands at the context's last day."""
    value = context.condition(signal.when)
    number = _newest(signal, context)
    holds = number.truth
    since, flips = None, 0
    if value.calendar is not None and len(value.calendar):
        changed = value.dated.days[across.flips(value.whole()) == 1.0]
        flips = int((changed > number_of(context.as_of - _YEAR)).sum())
        since = day_of(changed[-1]) if len(changed) and holds is not None else None
    return SignalState(signal, holds, since, flips, margin_of(signal, context), number)


def margin_of(signal: Signal, context: Context) -> Figure | None:
    """Return how far a comparison is from changing sides: pp between returns, % of the right side between ratios.

    None where a condition has no single line to cross, as with `and`, `or` or words.
    """
    node = parse_expression(signal.when)
    if not isinstance(node, Compare) or len(node.rest) != 1 or node.rest[0][0] in ("==", "!="):
        return None
    left, right = node.first, node.rest[0][1]
    try:
        gap = context.scope.gap(left, right)
        if gap.kind in ("fraction", "share", "spread"):
            return _distance(signal, gap, "points")
        if gap.kind in ("count", "day"):
            return _distance(signal, gap, "int")
        if gap.kind in ("money", "difference") and gap.unit:
            return _distance(signal, gap, "usd")
        if isinstance(right, Const) or isinstance(left, Const):
            # Against a plain number, as in a correlation above 0.5, a percentage of it would say nothing.
            return _distance(signal, gap, "num")
        return _distance(signal, context.scope.number(Binary("-", Binary("/", left, right), Const(1))), "share")
    except ExpressionError:
        return None


def _distance(signal: Signal, number: Number, form: str) -> Figure:
    if isinstance(number.value, float):
        number = replace(number, value=abs(number.value))
    digits = {"share": (1,)}.get(form, ())
    return Figure(formatted(number, form, digits), number, label=f'room to the signal "{signal.name}"')

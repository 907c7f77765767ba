"""What each function gives, by the kinds of its arguments; with `arguments`, the whole of its signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from thesisvault.language import kinds
from thesisvault.language.kinds import (
    ANY,
    BOTH_WAYS,
    CORRELATION,
    COUNT,
    DAY,
    FALL,
    MEASURED,
    MULTIPLE,
    NUMBER,
    NUMERIC,
    PART,
    RATIO,
    RETURN,
    SHARE,
    SPREAD,
    UNKNOWN,
    UNSIGNED,
    VOLATILITY,
    WORD,
    Kind,
    Typed,
)
from thesisvault.language.natures import Nature
from thesisvault.language.parse import ExpressionError
from thesisvault.market.fundamentals import FIELDS
from thesisvault.quantities import Quantity, parse_quantity
from thesisvault.structs import replace


class Argument(Struct, frozen=True):
    """One argument as far as it is known without prices.

    Attributes:
        text: What was written between the quotes, or the name of the context; empty for an expression.
        series: What a name of a series has; None for anything else.
        typed: The kind of an expression, and of a name that means its level.
        wide: The name is that of a universe.
    """

    text: str = ""
    series: Nature | None = None
    typed: Typed = UNKNOWN
    wide: bool = False

    @property
    def levels(self) -> Typed:
        """What it is where a bare name means the total-return level."""
        return self.typed if self.series is None else Typed(self.series.level, self.wide)

    @property
    def closes(self) -> Typed:
        """What it is where a bare name means the close; a basket and a chain mean their level."""
        if self.series is None:
            return self.typed
        close = None if "|" in self.text else self.series.close
        return Typed(close or self.series.level, self.wide)


Arguments = Mapping[str, Argument]
Bounds = tuple[float, float] | None


def _measured(function: str, of: Typed) -> Typed:
    """Return an argument of which a return or a risk can be measured."""
    if of.kind.family not in MEASURED or of.kind in (CORRELATION,):
        hint = "of rates and returns use change()" if of.kind.family == "fraction" else "it takes a series"
        raise ExpressionError(f"{function} of {of} means nothing; {hint}")
    return of


def _gives(kind: Kind, name: str, bounds: Bounds = None) -> Callable[[str, Arguments], Typed]:
    def rule(function: str, args: Arguments) -> Typed:
        return Typed(kind, _measured(function, args[name].levels).wide, bounds=bounds)

    return rule


def _always(kind: Kind, bounds: Bounds = None) -> Callable[[str, Arguments], Typed]:
    return lambda _function, _args: Typed(kind, bounds=bounds)


def _narrow(kind: Kind, bounds: Bounds = None) -> Callable[[str, Arguments], Typed]:
    def rule(function: str, args: Arguments) -> Typed:
        for name in ("a", "b"):
            if _measured(function, args[name].levels).wide:
                raise ExpressionError(f"{function} takes two series; a universe has one value per member")
        return Typed(kind, bounds=bounds)

    return rule


def _close(_function: str, args: Arguments) -> Typed:
    x = args["x"]
    if not x.text and x.typed is not UNKNOWN:
        raise ExpressionError(f"close takes a ticker in quotes, found {x.typed}")
    if x.series is not None and x.series.close is None:
        raise ExpressionError(f'"{x.text}" is a basket, which has no close; use level() or ret()')
    return x.closes


def _level(_function: str, args: Arguments) -> Typed:
    return args["x"].levels


def _change(function: str, args: Arguments) -> Typed:
    of = args["x"].levels
    if of.kind.family == "level":
        raise ExpressionError(f"{function} of {of} has no unit; use ret()")
    if of.kind.family not in NUMERIC:
        raise ExpressionError(f"{function} takes a series of numbers, found {of}")
    return Typed(kinds.moved(of.kind), of.wide)


def _ratio(function: str, args: Arguments) -> Typed:
    left, right = args["a"].levels, args["b"].levels
    if left.kind.family in ("fraction", "truth", "day", "word"):
        raise ExpressionError(f"{function} takes two series, found {left}")
    named = args["a"].series is not None and args["b"].series is not None
    if named and right.kind.family in MEASURED:
        # Both names mean the same of their series, the level, also where that of one happens to be its price.
        return Typed(RATIO, left.wide or right.wide)
    result = kinds.arithmetic("/", left, right)
    return Typed(RATIO, result.wide)


def _kept(function: str, args: Arguments) -> Typed:
    of = args["x"].closes
    if of.kind.family == "truth":
        if function in ("sma", "ema"):
            return Typed(SHARE, of.wide, bounds=PART)
        raise ExpressionError(
            f"{function} of a condition means nothing; sma() gives the share of sessions on which it held"
        )
    if of.kind.family not in NUMERIC:
        raise ExpressionError(f"{function} takes numbers over time, found {of}")
    if function in ("sma", "ema") and of.kind == COUNT:
        return Typed(NUMBER, of.wide, bounds=of.bounds)
    return Typed(of.kind, of.wide, bounds=of.bounds)


def _zscore(function: str, args: Arguments) -> Typed:
    of = args["x"].closes
    if of.kind.family not in NUMERIC:
        raise ExpressionError(f"{function} takes numbers over time, found {of}")
    return Typed(NUMBER, of.wide)


def _share_of(function: str, args: Arguments) -> Typed:
    return Typed(SHARE, _zscore(function, args).wide, bounds=PART)


def _condition(function: str, name: str, kind: Kind) -> Callable[[str, Arguments], Typed]:
    def rule(_function: str, args: Arguments) -> Typed:
        of = args[name].typed
        if of.kind.family not in ("truth", "any"):
            raise ExpressionError(f"{function} takes a condition, found {of}; compare it with something, as in x > 0")
        if of.wide:
            raise ExpressionError(f"{function} takes one condition over time, not one per member; wrap it in count()")
        return Typed(kind, bounds=UNSIGNED if kind == COUNT else None)

    return rule


def _across(kind: Kind | None) -> Callable[[str, Arguments], Typed]:
    def rule(function: str, args: Arguments) -> Typed:
        of = args["x"].typed
        if not of.wide and of.kind.family != "any":
            condition = " > 0" if function in ("count", "breadth") else ""
            example = f"{function}(ret('sp500', '1d'){condition})"
            raise ExpressionError(f"{function} works across the members of a universe; write for example {example}")
        if function in ("count", "breadth"):
            if of.kind.family not in ("truth", "any"):
                raise ExpressionError(f"{function} counts members for which a condition holds, found {of}")
        elif of.kind.family == "truth":
            return Typed(SHARE, bounds=PART)
        return Typed(kind or of.kind, bounds={COUNT: UNSIGNED, SHARE: PART}.get(kind or ANY))

    return rule


def _median(function: str, args: Arguments) -> Typed:
    if "w" in args:
        return _kept(function, args)
    if args["x"].series is not None:
        raise ExpressionError("median of one series needs a window, as in median('XLE', '1y')")
    return _across(None)(function, args)


def _day(function: str, args: Arguments) -> Typed:
    if _measured(function, args["x"].levels).wide:
        raise ExpressionError(f"{function} takes one series; a universe has one value per member")
    return Typed(DAY)


def _upside(_function: str, args: Arguments) -> Typed:
    of = _close("upside", args)
    if of.kind.family not in ("price", "points", "any"):
        raise ExpressionError(f"upside compares a target with a price, found {of}")
    said = _said(args["target"].text)
    currency = said.unit if said is not None and said.is_money else ""
    if currency and of.kind.family == "points":
        raise ExpressionError(f"the target {args['target'].text} is money, and an index is in points; write 7,000")
    if currency and of.kind.unit and currency != of.kind.unit:
        raise ExpressionError(f"the target is in {currency}, the price in {of.kind.unit}; write it in {of.kind.unit}")
    return Typed(RETURN, of.wide)


def _said(target: str) -> Quantity | None:
    """Return a target that was written in quotes; None for a plain number."""
    try:
        return parse_quantity(target)
    except ValueError:
        return None


def _inner(_function: str, args: Arguments) -> Typed:
    return args["x"].typed


def _abs(function: str, args: Arguments) -> Typed:
    of = args["x"].typed
    if of.kind.family not in NUMERIC:
        raise ExpressionError(f"{function} takes a number, found {of}")
    return replace(of, bounds=None)


def _extreme(function: str, args: Arguments) -> Typed:
    left, right = args["a"].typed, args["b"].typed
    for side in (left, right):
        if side.kind.family not in (*NUMERIC, "day"):
            raise ExpressionError(f"{function} takes two numbers, found {side}")
    if left.written and right.written:
        return Typed(NUMBER, written=True)
    kinds.compared("", left, right)
    found = right if left.written else left
    return Typed(found.kind, left.wide or right.wide)


def _fund(_function: str, args: Arguments) -> Typed:
    field = FIELDS.get(args["field"].text)
    series = args["x"].series
    currency = series.close.unit if series is not None and series.close is not None else ""
    if field is None:
        return Typed(kinds.amount(currency))  # money into a fund
    if field.shape == "money":
        is_price = args["field"].text.startswith("target")
        return Typed(kinds.price(currency) if is_price else kinds.amount(currency))
    return Typed({"multiple": MULTIPLE, "share": SHARE, "count": COUNT}[field.shape])


GIVES: Mapping[str, Callable[[str, Arguments], Typed]] = {
    "close": _close,
    "level": _level,
    "at": _inner,
    "now": _inner,
    "ret": _gives(RETURN, "x"),
    "change": _change,
    "ratio": _ratio,
    "spread": _narrow(SPREAD),
    "upside": _upside,
    "sma": _kept,
    "ema": _kept,
    "high": _kept,
    "low": _kept,
    "zscore": _zscore,
    "peak": _day,
    "trough": _day,
    "pctile": _share_of,
    "lag": _kept,
    "cagr": _gives(RETURN, "x"),
    "max_drawdown": _gives(RETURN, "x", FALL),
    "mean_corr": _always(CORRELATION, BOTH_WAYS),
    "first": _condition("first", "condition", DAY),
    "last": _condition("last", "condition", DAY),
    "sessions": _condition("sessions", "condition", COUNT),
    "vol": _gives(VOLATILITY, "x", UNSIGNED),
    "corr": _narrow(CORRELATION, BOTH_WAYS),
    "beta": _narrow(NUMBER),
    "drawdown": _gives(RETURN, "x", FALL),
    "streak": _condition("streak", "condition", COUNT),
    "count": _across(COUNT),
    "breadth": _across(SHARE),
    "mean": _across(None),
    "median": _median,
    "rank": _always(COUNT, UNSIGNED),
    "dispersion": _always(VOLATILITY, UNSIGNED),
    "session_kind": _always(WORD),
    "contribution": _always(SPREAD),
    "weight": _always(SHARE, PART),
    "abs": _abs,
    "min": _extreme,
    "max": _extreme,
    "fund": _fund,
}
"""What each function gives; a function without an entry cannot be called."""

"""What an expression is, known before any price is read: kinds in families that mix within and not across.

Two returns may be added, a return and a price may not. A kind says how a figure is read: a return carries a sign, a
spread is in percentage points, a price has a currency. The rules of operators stand here, those of functions in
`functions.signatures`; the check, the documentation and the messages all come from these tables.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct

from thesisvault.language.hints import LIKE, percent_beside, scaled
from thesisvault.language.parse import ExpressionError
from thesisvault.structs import replace

Family = Literal["fraction", "plain", "price", "points", "amount", "level", "truth", "day", "word", "any"]


class Kind(Struct, frozen=True):
    """What an expression is.

    Attributes:
        name: Its word, as messages say it.
        family: The family within which it may be added, compared and divided.
        unit: The currency of a price, the unit of an amount; empty where it has none, or where members differ.
    """

    name: str
    family: Family
    unit: str = ""

    def __str__(self) -> str:
        article = "an" if self.name[0] in "aei" else "a"
        return f"{article} {self.name}{f' in {self.unit}' if self.unit else ''}"


RETURN = Kind("return", "fraction")
SPREAD = Kind("difference in points", "fraction")
RATE = Kind("rate", "fraction")
SHARE = Kind("share", "fraction")
VOLATILITY = Kind("volatility", "fraction")
RATIO = Kind("ratio", "plain")
NUMBER = Kind("number", "plain")
MULTIPLE = Kind("multiple", "plain")
CORRELATION = Kind("correlation", "plain")
COUNT = Kind("count", "plain")
POINTS = Kind("index level in points", "points")
LEVEL = Kind("total-return level", "level")
TRUTH = Kind("condition", "truth")
DAY = Kind("day", "day")
WORD = Kind("word", "word")
ANY = Kind("value", "any")


def price(currency: str = "") -> Kind:
    """Return the kind of a price in a currency."""
    return Kind("price", "price", currency)


def difference(currency: str = "") -> Kind:
    """Return the kind of a difference of two prices in a currency."""
    return Kind("price difference", "price", currency)


def amount(unit: str = "") -> Kind:
    """Return the kind of an amount in a unit."""
    return Kind("amount", "amount", unit)


_WHOLE = {"price": price().name, "amount": amount().name, "points": POINTS.name}


def moved(kind: Kind) -> Kind:
    """Return the kind of a change of something: a difference, which is shown with its sign."""
    if kind.family == "price":
        return difference(kind.unit)
    if kind.family == "amount":
        return Kind("difference of amounts", "amount", kind.unit)
    if kind.family == "points":
        return Kind("difference of index points", "points")
    if kind.family == "fraction":
        return SPREAD
    return NUMBER if kind.family == "plain" and kind != COUNT else kind


def is_difference(kind: Kind) -> bool:
    """Return whether a kind is a difference of prices, amounts or points of an index.

    >>> is_difference(difference("USD")), is_difference(price("USD"))
    (True, False)
    """
    return "difference" in kind.name and kind != SPREAD


NUMERIC: tuple[Family, ...] = ("fraction", "plain", "price", "points", "amount", "level", "any")
MEASURED: tuple[Family, ...] = ("plain", "price", "points", "amount", "level", "any")
"""Families of which a return, a drawdown or a volatility means something; of a fraction none does."""


@dataclass(frozen=True)
class Typed:
    """The kind of one expression.

    Attributes:
        kind: What it is.
        wide: It has one value per member of a universe.
        written: It is made of written numbers only, and takes the unit of what it is compared with.
        value: The number itself, where it is one that was written.
        bounds: The least and the most that it can be, both included; None where nothing is known of it.
        whole: That number was written without a point.
        money: It is money that was written in quotes: an amount, or a price beside a price.
    """

    kind: Kind
    wide: bool = False
    written: bool = False
    value: float | None = None
    bounds: tuple[float, float] | None = field(default=None, compare=False)
    whole: bool = False
    money: bool = False

    def __str__(self) -> str:
        if self.written:
            return f"the number {self.value:g}" if self.value is not None else "a written number"
        return f"{self.kind}{' per member' if self.wide else ''}"


UNKNOWN = Typed(ANY)
FALL, PART, UNSIGNED, BOTH_WAYS = (-math.inf, 0.0), (0.0, 1.0), (0.0, math.inf), (-1.0, 1.0)
"""What a fall from a high, a share, a volatility or a count, and a correlation can be."""
_CAN_BE = {
    FALL: "a fall from a high is zero or less",
    PART: "a share lies between 0 and 1",
    UNSIGNED: "it is zero or more",
    BOTH_WAYS: "a correlation lies between -1 and 1",
}


def beyond(value: float, of: Typed) -> str:
    """Return what an expression can be, where a number that it is held against is nothing of the kind; else nothing.

    >>> beyond(0.1, Typed(RETURN, bounds=FALL)), beyond(-0.1, Typed(RETURN, bounds=FALL))
    ('a fall from a high is zero or less', '')
    """
    return "" if of.bounds is None or of.bounds[0] <= value <= of.bounds[1] else _CAN_BE[of.bounds]


def refuse(what: str, left: Typed, right: Typed, hint: str) -> ExpressionError:
    """Return the error for two kinds that do not mix."""
    return ExpressionError(f"cannot {what} {left} and {right}: {hint}")


def _hint(left: Typed, right: Typed) -> str:
    pair = frozenset({left.kind.family, right.kind.family})
    if left.kind.family == right.kind.family:
        return "convert one of them first, or compare their returns"
    return LIKE.get(pair, "only like things can be added or compared")


def _same(left: Typed, right: Typed) -> bool:
    """Return whether two kinds are of one family and, where both have one, of one unit."""
    one, other = left.kind, right.kind
    if "any" in (one.family, other.family):
        return True
    return one.family == other.family and (not one.unit or not other.unit or one.unit == other.unit)


def _wide(left: Typed, right: Typed) -> bool:
    return left.wide or right.wide


def _numeric(op: str, *sides: Typed) -> None:
    for side in sides:
        if side.kind.family == "truth":
            raise ExpressionError(f"found a condition beside `{op}` where a number was expected")
        if side.kind.family == "word":
            raise ExpressionError(
                f"found a word beside `{op}` where a number was expected; text cannot be calculated with"
            )


def _priced(side: Typed, beside: Typed) -> Typed:
    """Return money that was written beside a price as a price of its own, any other side as it is."""
    return replace(side, kind=price(side.kind.unit)) if side.money and beside.kind.family == "price" else side


def _no_percentage(left: Typed, right: Typed) -> None:
    """Refuse a number beside a fraction which one who thinks in percent would write."""
    for side, beside in ((left, right), (right, left)):
        if side.kind.family == "fraction" and beside.written and beside.value is not None:
            sure = side.kind in (RATE, SHARE)
            if said := percent_beside(str(side), beside.value, beside.whole, sure=sure):
                raise ExpressionError(said)


def arithmetic(op: str, left: Typed, right: Typed) -> Typed:
    """Return the kind of `left op right`.

    Raises:
        ExpressionError: The two do not mix; the text names both and says what to write.
    """
    _numeric(op, left, right)
    left, right = _priced(left, right), _priced(right, left)
    if left.written and right.written:
        return Typed(NUMBER, written=True)
    if op in "+-":
        return Typed(_sum(op, left, right), _wide(left, right))
    return Typed((_product if op == "*" else _quotient)(left, right), _wide(left, right))


def _sum(op: str, left: Typed, right: Typed) -> Kind:
    verb = "add" if op == "+" else "subtract"
    one, other = left.kind, right.kind
    if "any" in (one.family, other.family):
        return ANY
    if "day" in (one.family, other.family):
        if one == other == DAY and op == "-":
            return COUNT
        if one == DAY and (right.written or other == COUNT):
            return DAY
        raise refuse(verb, left, right, "two days can be subtracted, and a count of days added to a day")
    for side, beside in ((left, right), (right, left)):
        if not side.written:
            continue
        family = beside.kind.family
        if family == "fraction":
            if not (side.value == 1 and beside.kind in (RETURN, SHARE, RATE)):
                _no_percentage(side, beside)
            # One plus a return is what one has become.
            return RATIO if side.value == 1 and op == "+" and beside.kind == RETURN else beside.kind
        if family == "plain":
            is_excess = beside.kind in (RATIO, NUMBER) and side is right and side.value == 1 and op == "-"
            return RETURN if is_excess else NUMBER if beside.kind != COUNT else COUNT
        raise refuse(verb, left, right, "a written number has no unit beside it; multiply, or take a return")
    if one.family == "level" or not _same(left, right):
        if one.family == other.family == "level":
            raise refuse(verb, left, right, "only a ratio of two levels means anything")
        raise refuse(verb, left, right, _hint(left, right))
    return _sum_within(op, one, other)


def _sum_within(op: str, one: Kind, other: Kind) -> Kind:
    unit = one.unit or other.unit
    if one.family == "fraction":
        if op == "-" or SPREAD in (one, other):
            return other if op == "+" and one == SPREAD else one if op == "+" else SPREAD
        return one if one == other else SPREAD
    if one.family == "plain":
        return one if one == other and one in (COUNT, NUMBER) else NUMBER
    # Prices, amounts and points: what is left of one after a difference is one, and two of them are a difference apart.
    apart = (is_difference(one), is_difference(other))
    whole = Kind(_WHOLE[one.family], one.family, unit)
    return moved(whole) if all(apart) or (op == "-" and apart != (False, True)) else whole


def _not_scaled(left: Typed, right: Typed) -> None:
    """Refuse a fraction times or by a hundred or ten thousand: its value would be shown a hundred times too large."""
    for side, beside in ((left, right), (right, left)):
        if side.kind.family == "fraction" and beside.written and (said := scaled(str(side), beside.value or 0)):
            raise ExpressionError(said)


def _product(left: Typed, right: Typed) -> Kind:
    one, other = left.kind, right.kind
    if "day" in (one.family, other.family):
        raise refuse("multiply", left, right, "days can only be subtracted")
    if one.family == "any" or other.family == "any":
        return ANY
    _not_scaled(left, right)
    if {one.family, other.family} == {"price", "plain"} and COUNT in (one, other):
        return amount(one.unit or other.unit)
    for kind, factor in ((one, other), (other, one)):
        if factor.family == "plain":
            if kind.family == "plain":
                return NUMBER
            if kind.family == "level":
                raise refuse("multiply", left, right, "a level means nothing by itself; use ret() or a ratio")
            return kind
    if "fraction" in (one.family, other.family):
        kind = other if one.family == "fraction" else one
        if kind.family == "level":
            raise refuse("multiply", left, right, "a level means nothing by itself; use ret() or a ratio")
        return kind
    raise refuse("multiply", left, right, "one of two factors is a plain number or a fraction")


def _quotient(left: Typed, right: Typed) -> Kind:
    one, other = left.kind, right.kind
    if "day" in (one.family, other.family):
        raise refuse("divide", left, right, "days can only be subtracted")
    if other.family == "any" or one.family == "any":
        return ANY
    if left.written and other == MULTIPLE:
        return RATE
    if right.written:
        _not_scaled(left, right)
    if left.written and other.family == "fraction":
        return NUMBER
    if other.family == "plain":
        if one.family == "plain":
            return NUMBER if left.written or right.written else RATIO
        if one.family == "level":
            raise refuse("divide", left, right, "a level means nothing by itself; divide one level by another")
        return one
    if not _same(left, right):
        raise refuse("divide", left, right, _hint(left, right))
    return NUMBER if one.family == "fraction" else RATIO


def compared(op: str, left: Typed, right: Typed) -> Typed:
    """Return the kind of a comparison: a condition.

    Args:
        op: The operator; empty where the two are only held to be alike, as in `min(1, x)`.
        left: One side.
        right: The other.

    Raises:
        ExpressionError: The two are not alike.
    """
    left, right = _priced(left, right), _priced(right, left)
    families = {left.kind.family, right.kind.family}
    if "truth" in families:
        raise ExpressionError("found a condition inside a comparison; join conditions with and, or, not")
    if "word" in families and "any" not in families:
        if families != {"word"}:
            if "day" in families:
                raise refuse("compare", left, right, "write the day as YYYY-MM-DD in quotes")
            hint = LIKE.get(frozenset(families), "a word is compared with a word in quotes")
            raise refuse("compare", left, right, hint)
        if op not in ("==", "!="):
            raise ExpressionError(f"found `{op}` between words; words can only be compared with == and !=")
    elif not (left.written or right.written) and not _same(left, right):
        raise refuse("compare", left, right, _hint(left, right))
    elif op:
        _decided(left, right)
        _no_percentage(left, right)
    if "level" in families and (left.written or right.written):
        raise refuse("compare", left, right, "a total-return level has no unit; compare a return, or close()")
    if "day" in families and (left.written or right.written):
        raise refuse("compare", left, right, "a day is compared with a day, as in peak('XLE', '1y') > '2026-01-02'")
    return Typed(TRUTH, _wide(left, right))


def _decided(left: Typed, right: Typed) -> None:
    """Refuse a comparison whose answer is the same whatever the market does."""
    for side, beside in ((left, right), (right, left)):
        value = beside.value
        if not beside.written or value is None or not (said := beyond(value, side)):
            continue
        instead = -value if side.bounds == FALL else value / 100 if side.bounds == PART and 1 < value <= 100 else None
        hint = "" if instead is None else f"; write {instead:g}"
        raise ExpressionError(f"compared with {value:g} the answer is always the same, as {said}{hint}")


def logical(*sides: Typed) -> Typed:
    """Return the kind of `and`, `or` and `not`: a condition.

    Raises:
        ExpressionError: A side is not one.
    """
    for side in sides:
        if side.kind.family not in ("truth", "any"):
            raise ExpressionError(
                f"found {side} where a condition was expected; compare it with something, as in x > 0"
            )
    return Typed(TRUTH, any(side.wide for side in sides))


def either(condition: Typed, then: Typed, otherwise: Typed) -> Typed:
    """Return the kind of `then if condition else otherwise`.

    Raises:
        ExpressionError: The condition is none, or the two values are not alike.
    """
    logical(condition)
    if condition.wide:
        raise ExpressionError("found one answer per member of a universe between if and else; wrap it in count()")
    if then.written and otherwise.written:
        return Typed(NUMBER)
    if then.written or otherwise.written:
        found = otherwise if then.written else then
        if found.kind.family not in ("fraction", "plain", "any"):
            raise refuse("choose between", then, otherwise, "both sides of else are of one kind")
        return replace(found, bounds=None)
    if not _same(then, otherwise):
        raise refuse("choose between", then, otherwise, "both sides of else are of one kind")
    return Typed(otherwise.kind if then.kind == ANY else then.kind, _wide(then, otherwise))

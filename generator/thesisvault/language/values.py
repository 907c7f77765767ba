"""What an expression is worth: a series with its kind, its sources and the reason where it is unknown.

Every value is its own history: one number a session, as it could be known at that session. Operators join on common
sessions and never fill. Unknown stays unknown: comparisons are three-valued (1, 0, NaN), `and or not` follow Kleene.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from thesisvault.language.parse import ExpressionError

Kind = Literal["fraction", "share", "spread", "number", "multiple", "money", "index", "count", "truth", "day", "word"]
Data = pd.Series | pd.DataFrame | float | str

EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Value:
    """A value of the language.

    Attributes:
        data: A Series (one value a session), a DataFrame (one column a member of a universe), a constant, or a word.
            Truths are 1.0, 0.0 and NaN; days are counted from 1970-01-01.
        kind: What the numbers are, which decides how they are shown by default.
        unit: Currency or unit of `money` and `number`, where it has one.
        stale: Series it rests on that end before they should, with the day they end.
        notes: What a reader must know of it, such as where a chain was borrowed.
        reason: Why the newest value is unknown, where it is.
        settled: The day on which a value became final (fixed windows, `at`), so that it cannot grow stale.
        bases: The base day of each window in use, by the window's text.
        sources: The series it rests on.
        returns: Which kinds of return it holds: `total`, `price`.
        early: What a reader must know of windows that begin before a day: the day and the sentence.
        dated: The series whose fundamentals it rests on, with the day of the snapshot; shown wherever the number is.
        void: Why its newest value says nothing about today, though it was true of its own session.
    """

    data: Data
    kind: Kind = "number"
    unit: str = ""
    stale: tuple[tuple[str, dt.date], ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""
    settled: dt.date | None = None
    bases: tuple[tuple[str, dt.date], ...] = ()
    sources: tuple[str, ...] = ()
    returns: frozenset[str] = field(default_factory=frozenset)
    early: tuple[tuple[dt.date, str], ...] = ()
    dated: tuple[tuple[str, dt.date], ...] = ()
    void: str = ""

    @property
    def is_constant(self) -> bool:
        """Whether it is the same at every session."""
        return not isinstance(self.data, pd.Series | pd.DataFrame)

    @property
    def is_frame(self) -> bool:
        """Whether it has one column a member of a universe."""
        return isinstance(self.data, pd.DataFrame)

    def with_data(self, data: Data, kind: Kind | None = None, **changes: Any) -> Value:
        """Return the value with other data, keeping where it came from."""
        return replace(self, data=data, kind=kind or self.kind, **changes)


def missing(reason: str, kind: Kind = "number", sources: tuple[str, ...] = ()) -> Value:
    """Return a value that is unknown at every session, with the reason."""
    return Value(pd.Series(dtype="float64", index=pd.DatetimeIndex([])), kind, reason=reason, sources=sources)


def merged(left: Value, right: Value) -> dict[str, Any]:
    """Return what a result of two values inherits from both."""
    return {
        "stale": tuple(dict.fromkeys(left.stale + right.stale)),
        "notes": tuple(dict.fromkeys(left.notes + right.notes)),
        "bases": tuple(dict.fromkeys(left.bases + right.bases)),
        "sources": tuple(dict.fromkeys(left.sources + right.sources)),
        "reason": left.reason or right.reason,
        "settled": _settled(left, right),
        "returns": left.returns | right.returns,
        "early": tuple(dict.fromkeys(left.early + right.early)),
        "dated": tuple(dict.fromkeys(left.dated + right.dated)),
        "void": left.void or right.void,
    }


def _settled(left: Value, right: Value) -> dt.date | None:
    if left.is_constant and left.settled is None:
        return right.settled
    if right.is_constant and right.settled is None:
        return left.settled
    return max(left.settled, right.settled) if left.settled and right.settled else None


def aligned(left: Value, right: Value) -> tuple[pd.Series | pd.DataFrame | float, pd.Series | pd.DataFrame | float]:
    """Return the data of both on their common sessions; constants stay as they are."""
    for each in (left, right):
        if isinstance(each.data, str):
            raise ExpressionError("found a text where a number was expected; arithmetic on text is not possible")
    a, b = left.data, right.data
    if left.is_constant or right.is_constant:
        return a, b  # type: ignore[return-value]
    assert not isinstance(a, float | str) and not isinstance(b, float | str)  # noqa: S101, PT018
    if a.index.equals(b.index):
        common = a.index
    else:
        common = a.index.intersection(b.index)
        a, b = a.loc[common], b.loc[common]
    if isinstance(a, pd.DataFrame) and isinstance(b, pd.Series):
        b = pd.DataFrame(np.broadcast_to(b.to_numpy()[:, None], a.shape), a.index, a.columns)
    elif isinstance(b, pd.DataFrame) and isinstance(a, pd.Series):
        a = pd.DataFrame(np.broadcast_to(a.to_numpy()[:, None], b.shape), b.index, b.columns)
    elif isinstance(a, pd.DataFrame) and isinstance(b, pd.DataFrame):
        columns = a.columns.intersection(b.columns)
        a, b = a[columns], b[columns]
    return a, b


def arithmetic(op: str, left: Value, right: Value) -> Value:
    """Return `left op right`; a division by zero is unknown."""
    if op in "+-" and left.unit and right.unit and left.unit != right.unit:
        raise ExpressionError(f"found {left.unit} and {right.unit} in one sum; amounts of two units cannot be added")
    a, b = aligned(left, right)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if op == "+":
            data = a + b
        elif op == "-":
            data = a - b
        elif op == "*":
            data = a * b
        else:
            data = _divide(a, b)
    if isinstance(data, int | float | np.floating):
        data = float(data) if math.isfinite(data) else math.nan
    inherited = merged(left, right)
    if isinstance(data, float) and math.isnan(data) and not inherited["reason"]:
        inherited["reason"] = "a division by zero"
    kind = _kind_of(op, left, right)
    unit = (left.unit or right.unit) if kind in ("money", "index", "number") and op in "+-" else ""
    if op in "*/" and kind == "money":
        unit = left.unit if left.kind == "money" else right.unit
    return Value(data, kind, unit=unit, **inherited)


def _divide(a: Any, b: Any) -> Any:
    if isinstance(b, float | int):
        if b == 0:
            return math.nan if isinstance(a, float | int) else a * math.nan
        return a / b
    return (a / b).replace([np.inf, -np.inf], np.nan)


def _kind_of(op: str, left: Value, right: Value) -> Kind:
    kinds = (left.kind, right.kind)
    if "day" in kinds:
        return "count" if kinds == ("day", "day") and op == "-" else "day"
    if op in "+-":
        if set(kinds) <= {"fraction", "share", "spread"}:
            return "spread"
        if set(kinds) & {"fraction", "share", "spread"}:
            return "spread" if op == "-" or right.is_constant or left.is_constant else "fraction"
        for kind in ("money", "index"):
            if kind in kinds:
                return kind
        return left.kind if left.kind == right.kind else "number"
    if left.is_constant != right.is_constant and (op == "*" or right.is_constant):
        return right.kind if left.is_constant else left.kind
    if op == "*" and ("money" in kinds) and kinds != ("money", "money"):
        return "money"
    return "number"


_OPERATORS = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def compare(op: str, left: Value, right: Value) -> Value:
    """Return where `left op right` holds: 1.0, 0.0, or NaN where either side is unknown."""
    if left.kind == "word" or right.kind == "word":
        return _compare_words(op, left, right)
    a, b = aligned(left, right)
    inherited = merged(left, right)
    if isinstance(a, float | int) and isinstance(b, float | int):
        known = not (math.isnan(a) or math.isnan(b))
        return Value(float(_OPERATORS[op](a, b)) if known else math.nan, "truth", **inherited)
    holds = _OPERATORS[op](a, b).astype("float64")
    known_a = a.notna() if not isinstance(a, float | int) else not math.isnan(a)
    known_b = b.notna() if not isinstance(b, float | int) else not math.isnan(b)
    return Value(holds.where(known_a & known_b), "truth", **inherited)


def _compare_words(op: str, left: Value, right: Value) -> Value:
    for each, other in ((left, right), (right, left)):
        if each.kind != "word":
            hint = "; a day is compared with a claim's date" if each.kind == "day" else ""
            raise ExpressionError(f"found the word {other.data!r} beside a {each.kind}{hint}; words compare with words")
    if op not in ("==", "!="):
        raise ExpressionError(f"found `{op}` between words; words can only be compared with == and !=")
    inherited = merged(left, right)
    if isinstance(left.data, str) and isinstance(right.data, str):
        return Value(float((left.data == right.data) == (op == "==")), "truth", **inherited)
    series, word = (left.data, right.data) if isinstance(left.data, pd.Series) else (right.data, left.data)
    if not isinstance(series, pd.Series) or not isinstance(word, str):
        raise ExpressionError("found a word beside a number; a word can only be compared with a word")
    known = series.notna()
    holds = (series == word).astype("float64")
    return Value((holds if op == "==" else 1 - holds).where(known), "truth", **inherited)


def both(op: str, left: Value, right: Value) -> Value:
    """Return Kleene's `and` or `or`: false and unknown is false, true or unknown is true."""
    for each in (left, right):
        truth(each)
    a, b = aligned(left, right)
    inherited = merged(left, right)
    x, y = np.asarray(a, dtype="float64"), np.asarray(b, dtype="float64")
    decided = 0.0 if op == "and" else 1.0
    result = np.where(
        (x == decided) | (y == decided), decided, np.where(np.isnan(x) | np.isnan(y), np.nan, 1.0 - decided)
    )
    template = a if not isinstance(a, float | int) else b
    if isinstance(template, float | int):
        return Value(float(result), "truth", **inherited)
    return Value(_like(template, result), "truth", **inherited)


def _like(template: pd.Series | pd.DataFrame, data: np.ndarray) -> pd.Series | pd.DataFrame:
    if isinstance(template, pd.DataFrame):
        return pd.DataFrame(data, template.index, template.columns)
    return pd.Series(data, template.index)


def chosen(condition: Value, then: Value, otherwise: Value) -> Value:
    """Return, session by session, one value where a condition holds and the other where it does not.

    Unknown where the condition is. What all three rest on is carried along.

    Raises:
        ExpressionError: A word and a number stand on the two sides.
    """
    if "word" in (then.kind, otherwise.kind) and then.kind != otherwise.kind:
        raise ExpressionError("found a word on one side of else and a number on the other")
    inherited = merged(condition, merged_value(then, otherwise))
    kind = then.kind if then.kind == otherwise.kind or otherwise.is_constant else otherwise.kind
    unit = then.unit or otherwise.unit
    holds: Any = condition.data
    if isinstance(holds, float):
        if math.isnan(holds):
            return Value(math.nan, kind, **inherited)
        return Value((then if holds else otherwise).data, kind, unit=unit, **inherited)
    if isinstance(holds, pd.DataFrame):
        raise ExpressionError("found one answer a member of a universe between if and else; wrap it in count()")
    sides: list[Any] = [then.data, otherwise.data]
    index = holds.index
    for side in sides:
        index = index if isinstance(side, float | str) else index.intersection(side.index)
    a, b = (side if isinstance(side, float | str) else side.loc[index] for side in sides)
    holds = holds.loc[index]
    held = np.where(holds.to_numpy() == 1.0, a, b)
    data = pd.Series(held, index=index, dtype="object" if kind == "word" else "float64")
    return Value(data.where(holds.notna()), kind, unit=unit, **inherited)


def merged_value(left: Value, right: Value) -> Value:
    """Return an empty value that carries what two values rest on."""
    return Value(math.nan, **merged(left, right))


def negate(value: Value) -> Value:
    """Return `not value`; unknown stays unknown."""
    truth(value)
    return value.with_data(1.0 - value.data)  # type: ignore[operator]


def truth(value: Value) -> Value:
    """Return the value if it is a condition.

    Raises:
        ExpressionError: It is a number, a day or a word.
    """
    if value.kind != "truth":
        raise ExpressionError("found a number where a condition was expected; compare it with something, as in x > 0")
    return value


@dataclass(frozen=True)
class Number:
    """The newest value of an expression.

    Attributes:
        value: A float, a word or a day; None where unknown.
        kind: What it is.
        on: The session of the newest value, or the day on which it became final.
        reason: Why it is unknown, where it is.
        settled: It became final on that day and cannot grow stale.
        dated: The series whose fundamentals it rests on, with the day of the snapshot.
    """

    value: float | str | dt.date | None
    kind: Kind
    on: dt.date | None
    reason: str = ""
    unit: str = ""
    stale: tuple[tuple[str, dt.date], ...] = ()
    notes: tuple[str, ...] = ()
    bases: tuple[tuple[str, dt.date], ...] = ()
    sources: tuple[str, ...] = ()
    returns: frozenset[str] = field(default_factory=frozenset)
    settled: bool = False
    dated: tuple[tuple[str, dt.date], ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    @property
    def truth(self) -> bool | None:
        """True, False, or None where unknown; for conditions."""
        return None if self.value is None else bool(self.value)


def newest(value: Value) -> Number:
    """Return the newest value, dated by the last session at which all of its series have one.

    Raises:
        ExpressionError: The value has one column a member of a universe.
    """
    if value.is_frame:
        raise ExpressionError(
            "found one number a member of a universe; wrap it in count(), breadth(), mean() or median()"
        )
    on = value.settled
    data: Any = value.data
    if value.void:
        return _number(value, None, on, value.void)
    if isinstance(data, pd.Series):
        if data.empty:
            return _number(value, None, None, value.reason or "no common session")
        last = data.index[-1].date()
        on = on or last
        data = data.iloc[-1]
    if isinstance(data, str):
        return _number(value, data, on, "")
    if data is None or math.isnan(data):
        return _number(value, None, on, value.reason or "not known on its last session")
    if value.kind == "day":
        return _number(value, EPOCH + dt.timedelta(days=int(data)), on, "")
    return _number(value, float(data), on, "")


def _number(value: Value, shown: float | str | dt.date | None, on: dt.date | None, reason: str) -> Number:
    return Number(
        shown,
        value.kind,
        on,
        reason,
        value.unit,
        () if value.settled else value.stale,
        value.notes,
        value.bases,
        value.sources,
        value.returns,
        value.settled is not None,
        value.dated,
    )

"""What each filter shows, and that it shows nothing as what it is not."""

from __future__ import annotations

from thesisvault.language.kinds import CORRELATION, COUNT, RATE, SHARE, SPREAD, VOLATILITY, Family, Kind, Typed
from thesisvault.language.parse import Const, ExpressionError, Filter

# What each filter shows; `written` numbers are shown by those that take plain ones.
FILTERS: dict[str, tuple[tuple[Family, ...], tuple[Kind, ...], str]] = {
    "pct": (("fraction", "plain"), (SPREAD,), "a percentage with its sign"),
    "share": (("fraction", "plain"), (), "a percentage without a sign"),
    "pp": ((), (), "a difference of two fractions, in percentage points"),
    "points": ((), (), "a difference of two fractions, in points without a sign"),
    "ahead": ((), (), "a difference of two fractions, as who leads"),
    "up": (("fraction",), (SPREAD, RATE, SHARE, VOLATILITY), "a return, as up or down"),
    "rose": (("fraction",), (SPREAD, RATE, SHARE, VOLATILITY), "a return, as rose or fell"),
    "usd": (("price", "amount"), (), "money"),
    "mult": (("plain",), (COUNT, CORRELATION), "a multiple such as 29x"),
    "num": (("plain", "points", "price", "amount"), (), "a plain number"),
    "int": (("plain", "points"), (CORRELATION,), "a whole number"),
    "date": (("day",), (), "a day"),
}


DIFFERENCES = ["pp", "points", "ahead"]
"""Filters that show differences of fractions, and nothing else."""


def filtered(name: str, of: Typed) -> None:
    """Refuse a filter that would show a value as something it is not.

    Raises:
        ExpressionError: It would; the text says which filter fits.
    """
    families, without, _ = FILTERS[name]
    kind = of.kind
    if kind.family == "any":
        return
    fits = kind.family in families and kind not in without
    if name in DIFFERENCES:
        fits = kind == SPREAD
    if not fits:
        shown = [other for other, (fam, bad, _) in FILTERS.items() if kind.family in fam and kind not in bad]
        shown += DIFFERENCES if kind == SPREAD else []
        hint = f"use {' or '.join('| ' + each for each in shown)}" if shown else "show it without a filter"
        if kind.family == "level":
            hint = "a total-return level has no unit; show a return or a ratio of it, or close()"
        if kind.family == "word":
            hint = "a name is shown without a filter; show a return of it, as in ret(buy, 'ytd') | pct"
        raise ExpressionError(f"| {name} cannot show {of}: {hint}")


def digits_of(node: Filter) -> tuple[float, ...]:
    """Return the digits that a filter is given: none, or one number.

    Raises:
        ExpressionError: They are no such number, or the filter takes none.
    """
    values = [each.value if isinstance(each, Const) else None for each in node.args]
    if node.name in ("int", "date") and values:
        raise ExpressionError(f"| {node.name} takes no digits")
    digits = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool) and v in range(7)]
    if len(values) > 1 or len(digits) < len(values):
        raise ExpressionError(f"the filter {node.name} takes one number of digits from 0 to 6, as in | {node.name}(1)")
    return tuple(digits)

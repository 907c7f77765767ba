"""What to write instead of two values that do not mix, and of numbers of one who thinks in percent."""

from __future__ import annotations

LIKE = {
    frozenset({"price", "level"}): "write both as closes, as in close('XLE') / high(close('XLE'), '1y'), "
    "or both as levels, as in level('XLE') / high(level('XLE'), '1y')",
    frozenset(
        {"points", "level"}
    ): "an index has closes, a fund with dividends a total-return level; use ret() of both",
    frozenset({"fraction", "level"}): "a level means nothing by itself; use ret() or a ratio of two levels",
    frozenset({"fraction", "price"}): "use ret() of the price, or divide one price by another",
    frozenset({"fraction", "plain"}): "a ratio minus one is a return; a count over a count is a ratio",
    frozenset({"fraction", "amount"}): "use ret() of the amount, or divide it by another amount",
    frozenset({"word", "price"}): "the price of a ticker is its close, as in close('XLE')",
    frozenset({"word", "points"}): "the level of an index is its close, as in close('^SPX')",
    frozenset({"word", "level"}): "the level of a ticker is level('XLE')",
    frozenset({"points", "amount"}): "an index is in points, not in money; write its number alone",
    frozenset({"price", "amount"}): "one is per share, the other is a whole; divide each by its like first",
}
"""What to write where values of two families stand beside one another."""


def percent_beside(what: str, value: float, whole: bool, *, sure: bool) -> str:
    """Return what is wrong with a number that is added to or compared with a fraction; an empty text if nothing is.

    A return may be 5, which is five hundred percent, but one who writes 5 means five percent: 5.0 says so.

    Args:
        what: The fraction, in words.
        value: The number.
        whole: It was written without a point.
        sure: No such fraction is more than one, as of a share, or nearly never, as of a rate.

    >>> percent_beside("a rate", 4.25, False, sure=True), percent_beside("a return", 1.5, False, sure=False)
    ('found 4.25 beside a rate; it is a fraction: write 0.0425', '')
    """
    if sure:
        return f"found {value:g} beside {what}; it is a fraction: write {_hundredth(value)}" if abs(value) > 1 else ""
    if not whole or abs(value) < 1:
        return ""
    return (
        f"found {value:g} beside {what}, where 1 is 100 percent; write {_hundredth(value)} for {value:g} percent, "
        f"or {value:.1f} for {value * 100:g} percent"
    )


def scaled(what: str, value: float) -> str:
    """Return what is wrong with a factor of a fraction; an empty text if nothing is.

    >>> scaled("a return", 100)[:41], scaled("a return", 4)
    ('found 100 times or by a return; it is a f', '')
    """
    if abs(value) not in (100, 10_000):
        return ""
    return (
        f"found {value:g} times or by {what}; it is a fraction already: leave {value:g} out, "
        "and show it with | pct, | share or | pp"
    )


def _hundredth(value: float) -> str:
    shown = f"{value / 100:.10f}".rstrip("0")
    return f"{shown}0" if shown.endswith(".") else shown

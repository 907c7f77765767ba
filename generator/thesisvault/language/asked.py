"""What an expression asks for, read off its text: the windows it measures over, the levels it takes as they are."""

from __future__ import annotations

from collections.abc import Iterator

from thesisvault.language.functions.table import TABLE
from thesisvault.language.parse import Call, Compare, Const, ExpressionError, Node, Ref, children, parse_expression

_THROUGH = frozenset({"abs", "min", "max", "now"})
"""Functions whose value is of the same day as what they are given."""


def windows_in(source: str) -> tuple[str, ...]:
    """Return the windows of an expression as they are written, each once; `over` where its name stands for one.

    >>> windows_in("ret('XLE', 'ytd') > sma('SPY', 200)"), windows_in("ret(buy, over)")
    (('ytd', '200'), ('over',))
    """
    return tuple(dict.fromkeys(_windows(_parsed(source))))


def levels_in(source: str) -> tuple[str, ...]:
    """Return the series whose newest level stands in an expression as it is, outside of every window and lag.

    >>> levels_in("level('DGS10') - ret('CPIAUCSL', '1y')"), levels_in("sma('FEDFUNDS', 3)")
    (('DGS10',), ())
    """
    return tuple(dict.fromkeys(_levels(_parsed(source))))


def sides_of(source: str) -> tuple[Node, Node] | None:
    """Return the two sides of an expression that is one comparison; None where it is anything else.

    >>> sides_of("1 < 2 < 3") is None, sides_of("ret('XLE', 'ytd')") is None
    (True, True)
    """
    node = _parsed(source)
    return (node.first, node.rest[0][1]) if isinstance(node, Compare) and len(node.rest) == 1 else None


def _parsed(source: str) -> Node | None:
    try:
        return parse_expression(source)
    except ExpressionError:
        return None


def _windows(node: Node | None) -> Iterator[str]:
    if node is None:
        return
    if isinstance(node, Call) and node.name in TABLE:
        function = TABLE[node.name]
        try:
            bound = function.bind(node)
        except ExpressionError:
            return
        for param in function.params:
            given = bound.get(param.name)
            if param.takes == "window" and isinstance(given, Const):
                yield str(given.value)
            elif param.takes == "window" and isinstance(given, Ref):
                yield given.name
            else:
                yield from _windows(given)
        return
    for child in children(node):
        yield from _windows(child)


def _levels(node: Node | None) -> Iterator[str]:
    if node is None:
        return
    if isinstance(node, Call):
        if node.name == "level" and node.args and isinstance(node.args[0], Const):
            yield str(node.args[0].value)
            return
        if node.name not in _THROUGH:
            return
    for child in children(node):
        yield from _levels(child)

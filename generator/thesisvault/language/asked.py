"""What an expression asks for, read off its text: the windows it measures over, the levels it takes as they are."""

from __future__ import annotations

from collections.abc import Iterator

from thesisvault.language.functions.table import TABLE
from thesisvault.language.parse import (
    Binary,
    Call,
    Compare,
    Const,
    ExpressionError,
    Node,
    Ref,
    Unary,
    children,
    parse_expression,
)

_THROUGH = frozenset({"abs", "min", "max", "now"})
"""Functions whose value is of the same day as what they are given."""


def windows_in(source: str) -> tuple[tuple[str, str], ...]:
    """Return the windows and lags of an expression as they are written, each once, with a series it is measured on.

    `over` and `buy` stand for themselves; what is measured on nothing that has a name has an empty one.

    >>> windows_in("ret('XLE', 'ytd') > sma('SPY', 200)"), windows_in("ret(buy, over)")
    ((('ytd', 'XLE'), ('200', 'SPY')), (('over', 'buy'),))
    >>> windows_in("close('XLE') - lag(close('XLE'), 10)")
    (('10', 'XLE'),)
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


def spoken(node: Node) -> str:
    """Return what a figure is of, briefly: the words inside its first call.

    >>> spoken(parse_expression("ret('XLE', over) - 1"))
    'XLE, over - 1'
    """
    if isinstance(node, Call):
        words = [
            str(a.value) if isinstance(a, Const) else a.name if isinstance(a, Ref) else spoken(a) for a in node.args
        ]
        return ", ".join(w for w in words if w)
    if isinstance(node, Binary):
        return f"{spoken(node.left)} {node.op} {spoken(node.right)}".strip()
    if isinstance(node, Unary):
        return spoken(node.of)
    if isinstance(node, Const):
        return str(node.value)
    return ""


def _parsed(source: str) -> Node | None:
    try:
        return parse_expression(source)
    except ExpressionError:
        return None


def _windows(node: Node | None) -> Iterator[tuple[str, str]]:
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
            if param.takes in ("window", "periods") and isinstance(given, Const | Ref):
                yield _name(given), next(map(_named, bound.values()), "")
            else:
                yield from _windows(given)
        return
    for child in children(node):
        yield from _windows(child)


def _named(node: Node) -> str:
    """Return the first series that an argument names, or nothing."""
    if isinstance(node, Const | Ref):
        return _name(node)
    return next(filter(None, map(_named, children(node))), "")


def _name(node: Const | Ref) -> str:
    return str(node.value if isinstance(node, Const) else node.name)


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

"""Labels of figures: an expression in words, such as `return of XLE, 1y`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from thesisvault.language.functions.entry import Function
from thesisvault.language.functions.table import TABLE
from thesisvault.language.parse import Binary, Call, Choice, Compare, Const, ExpressionError, Filter, Logic, Node, Ref
from thesisvault.market.records import split_currency
from thesisvault.patterns import regex
from thesisvault.scalars import SINCE_OPENED

_WORDS = {
    "sma": "average of {x}",
    "ema": "exponential average of {x}",
    "zscore": "z-score of {x}",
    "peak": "day of the peak of {x}",
    "trough": "day of the trough of {x}",
    "pctile": "percentile of {x}",
    "lag": "earlier {x}",
    "contribution": "contribution of {member} to {basket}",
    "weight": "weight of {member} in {basket}",
    "first": "first day of {condition}",
    "last": "last day of {condition}",
    "sessions": "days of {condition}",
    "streak": "days in a row of {condition}",
    "fund": "{field} of {x}",
    "abs": "size of {x}",
    "min": "smaller of {a} and {b}",
    "max": "larger of {a} and {b}",
    "at": "{x} on {date}",
    "now": "{x} now",
    "cagr": "annual return of {x}",
    "ret": "return of {x}",
    "ratio": "ratio of {a} to {b}",
    "spread": "spread of {a} over {b}",
    "upside": "upside of {x} to {target}",
    "max_drawdown": "maximum drawdown of {x}",
    "mean_corr": "mean correlation of {of}",
    "vol": "volatility of {x}",
    "corr": "correlation of {a} and {b}",
    "beta": "beta of {a} to {b}",
    "count": "number of {x}",
    "rank": "rank of {x} in {universe}",
    "dispersion": "dispersion of {universe}",
    "session_kind": "kind of day of {universe} and {index}",
}
"""Functions whose figures are called otherwise than the function `of` its first argument; the rest follows commas."""
_ALIKE = ({"+", "-"}, {"*", "/"}, {"and"}, {"or"})
"""Operations that are worked out from the left, by kinds."""
_USUAL = ("basis", "total")
"""An argument that means what its absence means."""
_SIDE = regex(r"(?:episode:)?(.+):(buy|sell)")


def label_of(node: Node, names: Mapping[str, str] | None = None) -> str:
    """Return what a figure is called in words; no expression has an empty label.

    Args:
        node: The expression, without its filter.
        names: What names such as `over` and `row` stand for.

    >>> from thesisvault.language.parse import parse_expression
    >>> label_of(parse_expression("ret('XLE', over) - spread('XLE', 'SPY', 'ytd')"), {"over": "1y"})
    'return of XLE, 1y - spread of XLE over SPY, ytd'
    >>> label_of(parse_expression("2 * (vol('XLE', '60d') + 1)")), label_of(parse_expression("close('SPY')"))
    ('2 * (volatility of XLE, 60d + 1)', 'close of SPY')
    """
    return _label(node, names or {})


def _label(node: Node, names: Mapping[str, str]) -> str:
    match node:
        case Const():
            return _const(node)
        case Ref():
            return _named(names.get(node.name, node.name))
        case Call():
            return _call(node, names)
        case Binary() | Logic():
            left = _label(node.left, names) if _goes_on(node, node.left) else _inner(node.left, names)
            return f"{left} {node.op} {_inner(node.right, names)}"
        case Compare():
            rest = (f" {op} {_inner(each, names)}" for op, each in node.rest)
            return "".join((_inner(node.first, names), *rest))
        case Choice(then=Const(), otherwise=Const()):
            return f"whether {_label(node.condition, names)}"
        case Choice():
            then, condition, otherwise = (_inner(each, names) for each in (node.then, node.condition, node.otherwise))
            return f"{then} if {condition} else {otherwise}"
        case Filter():
            return _label(node.of, names)
    space = " " if node.op.isalpha() else ""
    return f"{node.op}{space}{_inner(node.of, names)}"


def _goes_on(node: Binary | Logic, left: Node) -> bool:
    """Return whether the left side of an operation is the same kind of operation, so that it needs no brackets.

    >>> from thesisvault.language.parse import parse_expression
    >>> label_of(parse_expression("1 - 2 + 3 - (4 + 5)"))
    '1 - 2 + 3 - (4 + 5)'
    """
    return isinstance(left, Binary | Logic) and any({node.op, left.op} <= kind for kind in _ALIKE)


def _inner(node: Node, names: Mapping[str, str]) -> str:
    """Return a part of an expression, in brackets where it has parts of its own."""
    words = _label(node, names)
    return f"({words})" if isinstance(node, Binary | Logic | Compare | Choice) else words


def _const(node: Const) -> str:
    return _named(node.value) if isinstance(node.value, str) else str(node.value)


def _named(name: str) -> str:
    """Return a series or a window as a person calls it.

    >>> _named("SAP.DE@USD"), _named("software-to-energy:buy")
    ('SAP.DE in USD', 'software-to-energy (buy)')
    """
    if name == SINCE_OPENED:
        return "since opened"
    base, currency = split_currency(name)
    side = _SIDE.fullmatch(base)
    base = f"{side[1]} ({side[2]})" if side else base
    return f"{base} in {currency}" if currency else base


def _call(call: Call, names: Mapping[str, str]) -> str:
    function = TABLE.get(call.name)
    bound = {name: _inner(each, names) for name, each in _bound(function, call).items()}
    given = {name: each for name, each in bound.items() if (name, each) != _USUAL}
    words = _WORDS.get(call.name, "")
    if not words or not all(name in given for name in re.findall(r"\{(\w+)\}", words)):
        first, *others = given.values() or [""]
        return ", ".join((f"{call.name.replace('_', ' ')} of {first}", *others)).removesuffix(" of ")
    others = [each for name, each in given.items() if f"{{{name}}}" not in words]
    return ", ".join((words.format_map(given), *others))


def _bound(function: Function | None, call: Call) -> Mapping[str, Node]:
    try:
        if function is not None:
            return function.bind(call)
    except ExpressionError:
        pass  # what is wrong with a call is told where it is worked out
    return {str(number): each for number, each in enumerate((*call.args, *(each for _, each in call.named)))}

"""Arguments in each other's place, and values of one day where a series was expected."""

from __future__ import annotations

from collections.abc import Mapping

from thesisvault.language.functions import arguments
from thesisvault.language.functions.entry import Function
from thesisvault.language.names import Vocabulary
from thesisvault.language.parse import Call, Const, ExpressionError, Node, Ref, children
from thesisvault.meant import window_meant


def turned(node: Call, bound: Mapping[str, Node], function: Function, vocabulary: Vocabulary) -> str:
    """Return that a name and a window stand in each other's place, or two names where one belongs; else nothing."""
    names = [each for each in bound.values() if isinstance(each, Const) and str(each.value) in vocabulary.series]
    window = bound.get("w")
    if not isinstance(window, Const) or window not in names or _is_window(window) or window_meant(str(window.value)):
        return ""
    first = node.args[0] if node.args else None
    if isinstance(first, Const) and (_is_window(first) or not isinstance(first.value, str)):
        spoken = f"'{first.value}'" if isinstance(first.value, str) else f"{first.value:g}"
        return f"the arguments of {node.name} are the other way round: write {node.name}('{window.value}', {spoken})"
    if isinstance(first, Const) and [p.name for p in function.params[:2]] == ["x", "w"]:
        both = f"'{first.value}', '{window.value}'"
        return f"{node.name} takes one series, found {first.value} and {window.value}; ratio({both}) is one of both"
    return ""


def _is_window(node: Const) -> bool:
    try:
        arguments.read_window(node.value)
    except ExpressionError:
        return False
    return True


def is_constant(node: Node) -> bool:
    """Return whether an expression is the same on every day: written values only, or the value on one day."""
    if isinstance(node, Call) and node.name not in ("abs", "min", "max", "now"):
        return node.name == "at"
    return not isinstance(node, Ref) and all(is_constant(each) for each in children(node))

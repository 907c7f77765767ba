"""Sizes and the smaller or larger of two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from thesisvault.language.functions.entry import Function, Param
from thesisvault.language.functions.scope import Scope
from thesisvault.language.parse import ExpressionError, Node
from thesisvault.language.values import Value, aligned, merged


def _abs(scope: Scope, bound: Mapping[str, Node]) -> Value:
    value = scope.value(bound["x"])
    if value.kind in ("word", "truth", "day"):
        raise ExpressionError("abs takes a number")
    return value.with_data(abs(value.data))  # type: ignore[arg-type]


def _extreme(name: str) -> Callable[[Scope, Mapping[str, Node]], Value]:
    def run(scope: Scope, bound: Mapping[str, Node]) -> Value:
        a, b = scope.value(bound["a"]), scope.value(bound["b"])
        for each in (a, b):
            if each.kind in ("word", "truth"):
                raise ExpressionError(f"{name} takes two numbers")
        left, right = aligned(a, b)
        data: Any = (np.maximum if name == "max" else np.minimum)(left, right)
        if isinstance(data, np.generic):
            data = float(data)
        kind = a.kind if a.kind == b.kind or b.is_constant else b.kind
        if a.unit and b.unit and a.unit != b.unit:
            raise ExpressionError(f"{name} of {a.unit} and {b.unit} cannot be told")
        return Value(data, kind, unit=a.unit or b.unit, **merged(a, b))

    return run


FUNCTIONS = (
    Function("abs", (Param("x", "any"),), "the size of a number", _abs),
    Function("min", (Param("a", "any"), Param("b", "any")), "the smaller of two", _extreme("min")),
    Function("max", (Param("a", "any"), Param("b", "any")), "the larger of two", _extreme("max")),
)

"""Conditions over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
import pandas as pd

from thesisvault.analytics import breadth, history
from thesisvault.language.functions.arguments import read_window
from thesisvault.language.functions.entry import Function, Param
from thesisvault.language.functions.scope import Scope
from thesisvault.language.functions.series import W, reaching
from thesisvault.language.parse import ExpressionError, Node
from thesisvault.language.values import Kind, Value, truth


def _streak(scope: Scope, bound: Mapping[str, Node]) -> Value:
    condition = truth(scope.value(bound["condition"]))
    if not isinstance(condition.data, pd.Series):
        raise ExpressionError("streak takes one condition over time, not one a member and not a constant")
    lengths = breadth.streak(condition.data)
    if not len(lengths) or np.isnan(lengths.iloc[-1]):
        return condition.with_data(lengths, "count")
    begins = lengths.index[max(len(lengths) - max(int(lengths.iloc[-1]), 1), 0)].date()
    return condition.with_data(lengths, "count", notes=reaching(condition, condition.notes, begins))


def _held(which: Literal["first", "last", "count"]) -> Callable[[Scope, Mapping[str, Node]], Value]:
    def run(scope: Scope, bound: Mapping[str, Node]) -> Value:
        condition, window = truth(scope.value(bound["condition"])), read_window(scope.plain(bound["w"]))
        kind: Kind = "count" if which == "count" else "day"
        if not isinstance(condition.data, pd.Series):
            raise ExpressionError(f"{which} takes one condition over time, not one per member and not a constant")
        if condition.data.empty:
            return condition.with_data(condition.data, kind)
        until = min((scope.market.over_until(name) for name in condition.sources), default=scope.market.as_of)
        data = history.held_on(condition.data, window, which, as_of=until)
        reason = condition.reason
        if np.isnan(data.iloc[-1]):
            reason = reason or f"it held on no session of {window.text}, or the window reaches back too far"
        return condition.with_data(data, kind, reason=reason)

    return run


_OVER = (Param("condition", "condition"), W)
FUNCTIONS = (
    Function("first", _OVER, "the first day in the window on which a condition held", _held("first")),
    Function("last", _OVER, "the last day in the window on which a condition held", _held("last")),
    Function("sessions", _OVER, "on how many sessions of the window a condition held", _held("count")),
    Function("streak", (Param("condition", "condition"),), "sessions in a row on which a condition holds", _streak),
)

"""Volatility, correlation, beta and drawdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from thesisvault.analytics import relative, risk
from thesisvault.analytics.windows import spans
from thesisvault.language.functions.arguments import (
    read_window,
)
from thesisvault.language.functions.entry import Function
from thesisvault.language.functions.scope import Scope
from thesisvault.language.functions.series import (
    A,
    B,
    W,
    X,
    index_of,
    leaf,
    reaching,
    series_in,
    windowed,
)
from thesisvault.language.parse import ExpressionError, Node
from thesisvault.language.values import Value, merged


def _pair(name: str) -> Callable[[Scope, Mapping[str, Node]], Value]:
    compute = {"corr": relative.correlation, "beta": relative.beta}[name]

    def run(scope: Scope, bound: Mapping[str, Node]) -> Value:
        a, b, window = leaf(scope, bound["a"]), leaf(scope, bound["b"]), read_window(scope.plain(bound["w"]))
        inherited = merged(a.value, b.value)
        for each in (a, b):
            if each.value.is_frame:
                raise ExpressionError(f"{name} takes two series; a universe has one column a member")
            if not len(index_of(each.value)):
                return each.value.with_data(each.value.data, "number", unit="")
        data = compute(series_in(a.value), series_in(b.value), window, as_of=scope.market.as_of)
        unknown = len(data) == 0 or bool(np.isnan(data.iloc[-1]))
        reason = inherited["reason"] or (f"too few common sessions for {window.text}" if unknown else "")
        value = Value(data, "number", **{**inherited, "reason": reason})
        if unknown:
            return value
        # The returns that are correlated begin at the window's base, among the sessions that both have.
        common = index_of(Value(relative.joined(series_in(a.value), series_in(b.value))))
        base = int(spans(common, window, max(a.period_days, b.period_days), scope.market.as_of).base[-1])
        return value.with_data(data, notes=reaching(value, value.notes, common[max(base, 0)].date()))

    return run


FUNCTIONS = (
    Function(
        "vol",
        (X, W),
        "standard deviation of daily returns, times the root of 252",
        windowed("share", risk.volatility),
    ),
    Function("corr", (A, B, W), "correlation of daily returns", _pair("corr")),
    Function("beta", (A, B, W), "beta of a to b, from daily returns", _pair("beta")),
    Function("drawdown", (X, W), "fall from the peak within the window", windowed("fraction", risk.drawdown)),
)

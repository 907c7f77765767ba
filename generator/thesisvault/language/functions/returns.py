"""Returns and differences over a window, and one series against another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from thesisvault.analytics import history, relative, returns
from thesisvault.language.functions.arguments import (
    read_target,
    read_window,
)
from thesisvault.language.functions.entry import Function, Param
from thesisvault.language.functions.prices import close
from thesisvault.language.functions.scope import Scope
from thesisvault.language.functions.series import (
    A,
    B,
    Leaf,
    W,
    X,
    begun,
    index_of,
    leaf,
    measured,
    over_until,
    series_in,
    spans_of,
    windowed,
)
from thesisvault.language.parse import ExpressionError, Node
from thesisvault.language.values import Value, arithmetic, merged


def _ratio(scope: Scope, bound: Mapping[str, Node]) -> Value:
    a, b = leaf(scope, bound["a"]), leaf(scope, bound["b"])
    value = arithmetic("/", a.value, b.value)
    return value.with_data(value.data, "number", unit="")


def _spread(scope: Scope, bound: Mapping[str, Node]) -> Value:
    a, b, window = leaf(scope, bound["a"]), leaf(scope, bound["b"]), read_window(scope.plain(bound["w"]))
    inherited = merged(a.value, b.value)
    for each in (a, b):
        if each.value.is_frame:
            raise ExpressionError("spread takes two series; a universe has one column a member")
        if not len(index_of(each.value)):
            return each.value.with_data(each.value.data, "spread", unit="")
    # Both legs are measured on the sessions they share, so that neither start nor end differs between them.
    both_levels = relative.joined(series_in(a.value), series_in(b.value))
    joint = Leaf(
        Value(both_levels, "index", **inherited), max(a.period_days, b.period_days), name=f"{a.name} and {b.name}"
    )
    moved = returns.window_return(both_levels, window, joint.period_days, over_until(scope, joint))
    found = measured(joint, window, moved, "spread", spans_of(scope, joint, window))
    return begun(scope, joint, window, found.with_data(moved.iloc[:, 0] - moved.iloc[:, 1], "spread"))


def _change(scope: Scope, bound: Mapping[str, Node]) -> Value:
    value = windowed(None, returns.window_change)(scope, bound)
    return value.with_data(value.data, "spread") if value.kind in ("share", "fraction", "spread") else value


def _upside(scope: Scope, bound: Mapping[str, Node]) -> Value:
    price = close(scope, bound)
    target = read_target(scope.plain(bound["target"]))
    ratio = arithmetic("/", Value(target), price)
    result = arithmetic("-", ratio, Value(1.0))
    return result.with_data(result.data, "fraction", unit="")


def _cagr(scope: Scope, bound: Mapping[str, Node]) -> Value:
    found = windowed("fraction", history.annual_growth)(scope, bound)
    unknown = isinstance(found.data, pd.Series) and len(found.data) and np.isnan(found.data.iloc[-1])
    reason = found.reason or ("a window of less than a year is not annualized" if unknown else "")
    return replace(found, reason=reason)


FUNCTIONS = (
    Function(
        "cagr",
        (X, W),
        "total return over a window of a year or more, as a rate per year",
        _cagr,
    ),
    Function(
        "ret",
        (X, W, Param("basis", "basis", optional=True)),
        "total return over a window; basis='price' leaves dividends out",
        windowed("fraction", returns.window_return),
    ),
    Function("change", (X, W), "the difference over a window, for rates and macro series", _change),
    Function("ratio", (A, B), "one total-return index divided by another", _ratio),
    Function("spread", (A, B, W), "ret(a, w) - ret(b, w)", _spread),
    Function(
        "upside",
        (Param("x", "single"), Param("target", "target")),
        "target price over the last close, minus one",
        _upside,
    ),
)

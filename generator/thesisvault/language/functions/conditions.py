"""Conditions over time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from thesisvault.analytics import breadth
from thesisvault.language.functions.entry import Function, Param
from thesisvault.language.functions.scope import Scope
from thesisvault.language.functions.series import (
    reaching,
)
from thesisvault.language.parse import ExpressionError, Node
from thesisvault.language.values import Value, truth


def _streak(scope: Scope, bound: Mapping[str, Node]) -> Value:
    condition = truth(scope.value(bound["condition"]))
    if not isinstance(condition.data, pd.Series):
        raise ExpressionError("streak takes one condition over time, not one a member and not a constant")
    lengths = breadth.streak(condition.data)
    if not len(lengths) or np.isnan(lengths.iloc[-1]):
        return condition.with_data(lengths, "count")
    begins = lengths.index[max(len(lengths) - max(int(lengths.iloc[-1]), 1), 0)].date()
    return condition.with_data(lengths, "count", notes=reaching(condition, condition.notes, begins))


FUNCTIONS = (
    Function("streak", (Param("condition", "condition"),), "sessions in a row on which a condition holds", _streak),
)

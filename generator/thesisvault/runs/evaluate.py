"""Evaluating one expression for the command line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from thesisvault.errors import DefinitionError, Finding, UsageError, did_you_mean
from thesisvault.language.parse import ExpressionError
from thesisvault.runs.opening import (
    last_day,
    open_store,
    open_workspace,
    scope_of,
)
from thesisvault.runs.underway import foreign_names, scan_vault


def evaluate_expression(
    root: Path, expression: str, *, now: dt.datetime, as_of: dt.date | None = None, thesis: str | None = None
) -> dict[str, Any]:
    """Return what an expression is worth: value, date, sources, and why if it is not known.

    Raises:
        DefinitionError: The expression cannot be understood.
        NoDataError: No prices are stored.
    """
    opened = open_workspace(root, foreign_names(scan_vault(root)))
    library = opened.library
    store = open_store(opened.workspace, create=False)
    try:
        scope = scope_of(opened, store, last_day(opened, store, as_of, now))
        if thesis is not None:
            if thesis not in library.definitions:
                hint = did_you_mean(thesis, library.definitions)
                raise UsageError(f'"{thesis}" is no thesis or concept. {hint}'.rstrip())
            scope = scope.where(**library.definitions[thesis].names)
        source = expression.strip()
        if source.startswith("{{") and source.endswith("}}"):
            source = source[2:-2]
        try:
            figure = scope.figure(source)
        except ExpressionError as problem:
            raise DefinitionError(Finding(problem.problem)) from None
        number = figure.number
        return {
            "value": figure.text,
            "number": number.value if not isinstance(number.value, dt.date) else number.value.isoformat(),
            "on": number.on.isoformat() if number.on else None,
            "as_of": scope.market.as_of.isoformat(),
            "base": [f"{window} from {day}" for window, day in number.bases],
            "sources": list(number.sources),
            "notes": list(number.notes),
            "stale": [f"{name} ends {day}" for name, day in number.stale],
            "snapshot": [f"{name} of {day}" for name, day in number.dated],
            "why": number.reason,
        }
    finally:
        store.close()

"""Conditions over time."""

from __future__ import annotations

from collections.abc import Callable

from thesisvault.analytics import across, kernels
from thesisvault.analytics.kernels import Kernel
from thesisvault.language.functions.averages import day_of
from thesisvault.language.functions.entry import Build, Called, Function, Param, W
from thesisvault.language.parse import ExpressionError
from thesisvault.language.tracks.results import Streak
from thesisvault.language.tracks.track import Track
from thesisvault.language.tracks.windowed import Source


def _condition(call: Called) -> Track:
    of = call.value("condition")
    if of.calendar is None:
        raise ExpressionError("expected a condition over time, found a constant")
    return of


def _held(kernel: Callable[[Source], Kernel]) -> Build:
    def build(call: Called) -> Track:
        of = _condition(call)
        never = f"it held on no session of {call.window.text}"
        return call.seen.windowed(
            of, call.window, kernel, call.typed, "inside", per_source=True, shows_base=False, otherwise=never
        )

    return build


def _streak(call: Called) -> Track:
    return Streak(_condition(call), across.streak, call.typed)


_OVER = (Param("condition", "condition"), W)


FUNCTIONS = (
    Function(
        "first", _OVER, "the first day in the window on which a condition held", _held(day_of(kernels.row_of_first))
    ),
    Function("last", _OVER, "the last day in the window on which a condition held", _held(day_of(kernels.row_of_last))),
    Function("sessions", _OVER, "on how many sessions of the window a condition held", _held(lambda _: kernels.total)),
    Function("streak", (Param("condition", "condition"),), "sessions in a row on which a condition holds", _streak),
)

"""Sizes and the smaller or larger of two."""

from __future__ import annotations

from thesisvault.language.functions.entry import Build, Called, Function, Param
from thesisvault.language.tracks.combined import ABS, EXTREMES, Combined
from thesisvault.language.tracks.track import Track


def _abs(call: Called) -> Track:
    return Combined(ABS, (call.value("x"),), call.typed, call.seen.memory.calendars)


def _extreme(name: str) -> Build:
    def build(call: Called) -> Track:
        sides = (call.value("a"), call.value("b"))
        return Combined(EXTREMES[name], sides, call.typed, call.seen.memory.calendars)

    return build


FUNCTIONS = (
    Function("abs", (Param("x", "any"),), "the size of a number", _abs),
    Function("min", (Param("a", "any"), Param("b", "any")), "the smaller of two", _extreme("min")),
    Function("max", (Param("a", "any"), Param("b", "any")), "the larger of two", _extreme("max")),
)

"""Sizes, and the smaller or larger of two."""

from __future__ import annotations

from collections.abc import Mapping

from thesisvault.language.tracks.combined import ABS, EXTREMES, Combined
from thesisvault.language.tracks.functions.call import Build, Called
from thesisvault.language.tracks.track import Track


def _abs(call: Called) -> Track:
    return Combined(ABS, (call.value("x"),), call.typed, call.seen.memory.calendars)


def _extreme(name: str) -> Build:
    def build(call: Called) -> Track:
        sides = (call.value("a"), call.value("b"))
        return Combined(EXTREMES[name], sides, call.typed, call.seen.memory.calendars)

    return build


PLAIN: Mapping[str, Build] = {"abs": _abs, "min": _extreme("min"), "max": _extreme("max")}

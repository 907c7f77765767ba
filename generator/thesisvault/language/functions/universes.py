"""Across the members of a universe."""

from __future__ import annotations

import math

import numpy as np

from thesisvault.analytics import across, kernels, single
from thesisvault.analytics.across import BROAD_SELL_OFF, HEALTHY_RALLY, MOST, NARROW_RALLY, ROTATION
from thesisvault.analytics.kernels import Floats
from thesisvault.language import kinds
from thesisvault.language.functions.arguments import read_text, read_universe
from thesisvault.language.functions.entry import Build, Called, Function, Param, W
from thesisvault.language.kinds import Typed
from thesisvault.language.parse import Call, Compare, Const
from thesisvault.language.tracks.combined import Combined, Rule
from thesisvault.language.tracks.facts import Facts
from thesisvault.language.tracks.results import Ranked, Reduced
from thesisvault.language.tracks.track import Every, Missing, Track
from thesisvault.scalars import parse_window
from thesisvault.structs import replace


def _across(name: str) -> Build:
    reduce = {
        "count": across.count_true,
        "breadth": across.share_true,
        "mean": across.mean_across,
        "median": across.median_across,
    }[name]

    def build(call: Called) -> Track:
        of = call.tracks.get("x") or call.series("x")
        if of.is_empty:
            return Missing(of.why(), call.typed, of.facts, of.name)
        return Reduced(of, reduce, call.typed)

    return build


def _median(call: Called) -> Track:
    if call.has("w"):
        of = call.series("x", "price")
        return call.seen.windowed(of, call.window, kernels.median, call.typed, "inside", one=single.median)
    return _across("median")(call)


def _universe(call: Called) -> str:
    return read_universe(call.plain("universe"), call.seen.universes)


def _moved(call: Called, name: str, window: str | None = None) -> Track:
    asked = call.window if window is None else parse_window(window)
    of = call.seen.series(name)
    typed = Typed(kinds.RETURN, of.columns is not None)
    return call.seen.windowed(of, asked, kernels.returned, typed, "span", one=single.returned)


def _rank(call: Called) -> Track:
    universe = _universe(call)
    name = call.seen.market.current(read_text(call.plain("x"), "a ticker"))
    members, own = _moved(call, universe), _moved(call, name)
    if members.is_empty or own.is_empty:
        return Missing(own.why() or members.why(), call.typed, own.facts, name)
    return Ranked(own, members, name, call.typed, call.seen.memory.calendars)


def _dispersion(call: Called) -> Track:
    members = _moved(call, _universe(call))
    return (
        Missing(members.why(), call.typed, members.facts)
        if members.is_empty
        else Reduced(members, across.dispersion, call.typed)
    )


class Kinds(Combined):
    """The kind of each session, from the return of an index and the share of members that rose."""

    @property
    def facts(self) -> Facts:  # type: ignore[override]
        """What goes with its newest value: no base day, since both are of one session."""
        return replace(self.sides[1].facts.and_(self.sides[0].facts), bases=())


def _kind_of_session(moved: float, rose: float) -> str | None:
    if math.isnan(moved) or math.isnan(rose) or moved == 0:
        return None
    if moved < 0:
        return ROTATION if rose > MOST else BROAD_SELL_OFF
    return HEALTHY_RALLY if rose > MOST else NARROW_RALLY


def _kinds_of_sessions(moved: Floats, rose: Floats) -> Every:
    found = np.full(len(moved), None, dtype=object)
    most, known = rose > MOST, ~np.isnan(rose)
    for kind, where in (
        (ROTATION, (moved < 0) & most),
        (BROAD_SELL_OFF, (moved < 0) & ~most),
        (HEALTHY_RALLY, (moved > 0) & most),
        (NARROW_RALLY, (moved > 0) & ~most),
    ):
        found[where & known] = kind
    return found


def _session_kind(call: Called) -> Track:
    rising = Compare(Call("ret", (Const(_universe(call)), Const("1d"))), ((">", Const(0)),))
    share = call.seen.track(Call("breadth", (rising,)))
    moved = _moved(call, read_text(call.plain("index"), "a ticker"), "1d")
    if share.is_empty or moved.is_empty:
        return Missing(share.why() or moved.why() or "no common session", call.typed)
    return Kinds(Rule(_kind_of_session, _kinds_of_sessions), (moved, share), call.typed, call.seen.memory.calendars)


FUNCTIONS = (
    Function(
        "count", (Param("x", "condition"),), "how many members of a universe a condition holds for", _across("count")
    ),
    Function(
        "breadth",
        (Param("x", "condition"),),
        "the share of members with data for which a condition holds",
        _across("breadth"),
    ),
    Function("mean", (Param("x", "any"),), "the mean across the members of a universe", _across("mean")),
    Function(
        "median",
        (Param("x", "series"), Param("w", "window", optional=True)),
        "the median across the members of a universe; with a window the median over time",
        _median,
    ),
    Function(
        "rank",
        (Param("x", "single"), Param("universe", "universe"), W),
        "place by return within a universe, 1 is the highest",
        _rank,
    ),
    Function(
        "dispersion",
        (Param("universe", "universe"), W),
        "standard deviation of returns across the members",
        _dispersion,
    ),
    Function(
        "session_kind",
        (Param("universe", "universe"), Param("index", "single")),
        "broad sell-off, rotation, healthy rally or narrow rally",
        _session_kind,
    ),
)

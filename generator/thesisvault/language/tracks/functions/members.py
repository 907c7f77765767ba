"""Across the members of a universe, conditions in a row, and the members of a basket."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from thesisvault.analytics import kernels
from thesisvault.analytics.bounds import Ints
from thesisvault.analytics.kernels import Floats
from thesisvault.language import kinds
from thesisvault.language.functions.arguments import no_member, read_basket, read_text, read_universe
from thesisvault.language.kinds import Typed
from thesisvault.language.parse import Call, Compare, Const, ExpressionError
from thesisvault.language.tracks.combined import Combined, Rule
from thesisvault.language.tracks.facts import Facts
from thesisvault.language.tracks.functions.call import Build, Called
from thesisvault.language.tracks.functions.windows import over_time
from thesisvault.language.tracks.results import Ranked, Reduced, Streak
from thesisvault.language.tracks.track import Every, Missing, Stored, Track
from thesisvault.scalars import parse_window

BROAD_SELL_OFF = "broad sell-off"
ROTATION = "rotation"
HEALTHY_RALLY = "healthy rally"
NARROW_RALLY = "narrow rally"
MOST = 0.5
"""More than this share of members up is most of them."""


def _streak(call: Called) -> Track:
    return Streak(call.value("condition"), kernels.streak, call.typed)


def _across(name: str) -> Build:
    reduce = {
        "count": kernels.count_true,
        "breadth": kernels.share_true,
        "mean": kernels.mean_across,
        "median": kernels.median_across,
    }[name]

    def build(call: Called) -> Track:
        of = call.tracks.get("x") or call.series("x")
        if of.is_empty:
            return Missing(of.why(), call.typed, of.facts, of.name)
        return Reduced(of, reduce, call.typed)

    return build


def _median(call: Called) -> Track:
    return over_time(call) if call.has("w") else _across("median")(call)


def _universe(call: Called) -> str:
    return read_universe(call.plain("universe"), call.seen.universes)


def _moved(call: Called, name: str, window: str | None = None) -> Track:
    asked = call.window if window is None else parse_window(window)
    of = call.seen.series(name)
    return call.seen.windowed(of, asked, kernels.returned, Typed(kinds.RETURN, of.columns is not None), "span")


def _rank(call: Called) -> Track:
    universe = _universe(call)
    name = call.seen.market.current(read_text(call.plain("x"), "a ticker"))
    members, own = _moved(call, universe), _moved(call, name)
    if members.is_empty or own.is_empty:
        return Missing(own.why() or members.why(), call.typed, own.facts, name)
    return Ranked(own, members, name, call.typed, call.seen.memory.calendars)


def _dispersion(call: Called) -> Track:
    members = _moved(call, _universe(call))
    return Missing(members.why(), call.typed, members.facts) if members.is_empty else Reduced(
        members, kernels.dispersion, call.typed
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


# Baskets ---------------------------------------------------------------------------------------------------------


def _part(call: Called) -> tuple[Track, str]:
    """Return a basket as a series, and the ticker of a member; the series is missing where nothing is known of it.

    Raises:
        ExpressionError: There is no such basket, or it has no such member.
    """
    market = call.seen.market
    name = read_basket(call.plain("basket"), market.baskets)
    member = market.current(read_text(call.plain("member"), "a member"))
    tickers = market.baskets[name].tickers
    if member not in tickers:
        raise ExpressionError(no_member(name, member, tickers))
    basket = call.seen.series(name)
    if not isinstance(basket, Missing) and member not in market.basket(name).gains.columns:
        return Missing(f"{member}: no prices are stored", call.typed, Facts(sources=(name,)), name), member
    return basket, member


def _gained(values: Floats, base: Ints, end: Ints) -> Floats:
    found: Floats = (values[end, 1] - values[base, 1]) / values[base, 0]
    return found


def _contribution(call: Called) -> Track:
    basket, member = _part(call)
    if not isinstance(basket, Stored):
        return Missing(basket.why(), call.typed, basket.facts, basket.name)
    gains = call.seen.market.basket(basket.name).gains[member].to_numpy(dtype=np.float64)
    assert basket.calendar is not None  # noqa: S101 - a series
    both = np.column_stack([basket.whole(), gains])
    of = Stored(both, basket.calendar, basket.typed, pace=basket.pace, facts=basket.facts, name=basket.name)
    return call.seen.windowed(of, call.window, _gained, call.typed, "span")


def _weight(call: Called) -> Track:
    basket, member = _part(call)
    if not isinstance(basket, Stored):
        return Missing(basket.why(), call.typed, basket.facts, basket.name)
    built = call.seen.market.basket(basket.name)
    level, gains = basket.whole(), built.gains[member].to_numpy(dtype=np.float64)
    assert basket.calendar is not None  # noqa: S101 - a series
    settings = basket.calendar.days.searchsorted(call.seen.calendar_of(built.weights.index).days)
    chosen = built.weights[member].to_numpy(dtype=np.float64)
    values = kernels.drifted(level, gains, settings, chosen)
    facts = replace(basket.facts, returns=frozenset())
    return Stored(values, basket.calendar, call.typed, pace=basket.pace, facts=facts, name=basket.name)


MEMBERS: Mapping[str, Build] = {
    "streak": _streak,
    "count": _across("count"),
    "breadth": _across("breadth"),
    "mean": _across("mean"),
    "median": _median,
    "rank": _rank,
    "dispersion": _dispersion,
    "session_kind": _session_kind,
    "contribution": _contribution,
    "weight": _weight,
}

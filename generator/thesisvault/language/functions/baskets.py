"""Members of a basket: what each gave and weighs."""

from __future__ import annotations

import numpy as np

from thesisvault.analytics import across
from thesisvault.analytics.bounds import Ints
from thesisvault.analytics.kernels import Floats
from thesisvault.language.functions.arguments import no_member, read_basket, read_text
from thesisvault.language.functions.entry import Called, Function, Param, W
from thesisvault.language.parse import ExpressionError
from thesisvault.language.tracks.facts import Facts
from thesisvault.language.tracks.track import Missing, Stored, Track
from thesisvault.structs import replace


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
    if not isinstance(basket, Missing) and member not in market.basket(name).members:
        return Missing(f"{member}: no prices are stored", call.typed, Facts(sources=(name,)), name), member
    return basket, member


def _gained(values: Floats, base: Ints, end: Ints) -> Floats:
    found: Floats = (values[end, 1] - values[base, 1]) / values[base, 0]
    return found


def _contribution(call: Called) -> Track:
    basket, member = _part(call)
    if not isinstance(basket, Stored):
        return Missing(basket.why(), call.typed, basket.facts, basket.name)
    built = call.seen.market.basket(basket.name)
    gains = built.gains[:, built.members.index(member)]
    assert basket.calendar is not None  # noqa: S101 - a series
    both = np.column_stack([basket.whole(), gains])
    of = Stored(both, basket.calendar, basket.typed, pace=basket.pace, facts=basket.facts, name=basket.name)
    return call.seen.windowed(of, call.window, _gained, call.typed, "span")


def _weight(call: Called) -> Track:
    basket, member = _part(call)
    if not isinstance(basket, Stored):
        return Missing(basket.why(), call.typed, basket.facts, basket.name)
    built = call.seen.market.basket(basket.name)
    column = built.members.index(member)
    assert basket.calendar is not None  # noqa: S101 - a series
    settings = basket.calendar.days.searchsorted(built.set_on)
    values = across.drifted(basket.whole(), built.gains[:, column], settings, built.weights[:, column])
    facts = replace(basket.facts, returns=frozenset())
    return Stored(values, basket.calendar, call.typed, pace=basket.pace, facts=facts, name=basket.name)


FUNCTIONS = (
    Function(
        "contribution",
        (Param("basket", "basket"), Param("member", "member"), W),
        "points of a basket's return that came from one member; over all members they sum to it",
        _contribution,
    ),
    Function(
        "weight",
        (Param("basket", "basket"), Param("member", "member")),
        "share of a member at the close, as prices have moved it since weights were set",
        _weight,
    ),
)

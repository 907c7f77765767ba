"""Members of a basket: what each gave and weighs."""

from __future__ import annotations

from collections.abc import Mapping

from thesisvault.analytics import baskets
from thesisvault.analytics.baskets import BasketLevel
from thesisvault.language.functions.arguments import (
    no_member,
    read_basket,
    read_text,
    read_window,
)
from thesisvault.language.functions.entry import Function, Param
from thesisvault.language.functions.scope import Scope
from thesisvault.language.functions.series import (
    Leaf,
    W,
    from_view,
    measured,
    spans_of,
    view_of,
)
from thesisvault.language.parse import ExpressionError, Node
from thesisvault.language.values import Value, missing


def _member_of(scope: Scope, bound: Mapping[str, Node]) -> tuple[Leaf, str, BasketLevel | None]:
    """Return a basket as a series, the ticker of a member, and what the basket is made of, None without data.

    Raises:
        ExpressionError: There is no such basket, or it has no such member.
    """
    name = read_basket(scope.plain(bound["basket"]), scope.market.baskets)
    member = scope.market.current(read_text(scope.plain(bound["member"]), "a member"))
    tickers = scope.market.baskets[name].tickers
    if member not in tickers:
        raise ExpressionError(no_member(name, member, tickers))
    view = view_of(scope, name)
    if isinstance(view, Value):
        return Leaf(view, name=name), member, None
    built = scope.market.basket(name)
    if member not in built.gains.columns:
        return Leaf(missing(f"{member}: no prices are stored", sources=(name,)), name=name), member, None
    return Leaf(from_view(view, view.level, "index", basis=view.basis), view.period_days, name), member, built


def _contribution(scope: Scope, bound: Mapping[str, Node]) -> Value:
    of, member, built = _member_of(scope, bound)
    window = read_window(scope.plain(bound["w"]))
    if built is None:
        return of.value.with_data(of.value.data, "spread")
    data = baskets.contributions(built, [member], window, scope.market.as_of)[member]
    return measured(of, window, data, "spread", spans_of(scope, of, window))


def _weight(scope: Scope, bound: Mapping[str, Node]) -> Value:
    of, member, built = _member_of(scope, bound)
    if built is None:
        return of.value.with_data(of.value.data, "share")
    return of.value.with_data(baskets.drifted_weights(built, [member])[member], "share", returns=frozenset())


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

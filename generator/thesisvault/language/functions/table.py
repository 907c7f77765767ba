"""The table of all functions, by name."""

from __future__ import annotations

from thesisvault.language.functions import (
    averages,
    baskets,
    conditions,
    fundamentals,
    plain,
    prices,
    returns,
    risk,
    universes,
)
from thesisvault.language.functions.entry import Function

TABLE: dict[str, Function] = {
    each.name: each
    for family in (prices, returns, averages, risk, conditions, universes, baskets, plain, fundamentals)
    for each in family.FUNCTIONS
}

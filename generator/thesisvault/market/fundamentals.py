"""The fundamentals that are kept as dated snapshots, and what each of them is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from msgspec import Struct

Shape = Literal["multiple", "money", "share", "count"]


class Field(Struct, frozen=True):
    """One fundamental: how it is called in words, and what its numbers are.

    Attributes:
        label: Its name in words.
        shape: A multiple of earnings, an amount of money, a fraction, or a count.
        largest: Anything above this, or not above 0, is taken for a fault of the source.
    """

    label: str
    shape: Shape
    largest: float


FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "forward_pe": Field("forward P/E", "multiple", 10_000),
        "trailing_pe": Field("trailing P/E", "multiple", 100_000),
        "market_cap": Field("market value", "money", 1e15),
        "dividend_yield": Field("dividend yield", "share", 1.0),
        "target_mean": Field("mean target", "money", 1e8),
        "fund_assets": Field("fund assets", "money", 1e14),
        "shares": Field("shares outstanding", "count", 1e13),
    }
)

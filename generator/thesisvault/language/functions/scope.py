"""What a function may ask of the scope that it is called in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from thesisvault.language.functions.arguments import Plain
from thesisvault.language.parse import Node
from thesisvault.language.values import Value
from thesisvault.market.reading.market import Market


class Scope(Protocol):
    """The market, the names and the memory that a call sees; `language.evaluate.Scope` is the one there is."""

    @property
    def market(self) -> Market:
        """Prices up to the last day."""

    @property
    def universes(self) -> Mapping[str, tuple[str, ...]]:
        """Tickers of each universe, by its id."""

    @property
    def labels(self) -> Mapping[str, str]:
        """How a series is called in text, by its name."""

    @property
    def memory(self) -> dict[object, Value]:
        """Results that all calls on the same market share."""

    def plain(self, node: Node) -> Plain:
        """Return a constant, or the text behind a name; None for anything else."""

    def value(self, source: str | Node) -> Value:
        """Return what an expression is worth at every session."""

    def frozen(self, market: Market) -> Scope:
        """Return the scope on an earlier market."""

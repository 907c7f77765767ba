"""A call with its arguments read, as the functions of a family take it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from thesisvault.language.functions.arguments import Plain, read_window
from thesisvault.language.kinds import Typed
from thesisvault.language.parse import ExpressionError, Node
from thesisvault.language.tracks.seen import Seen
from thesisvault.language.tracks.track import Track
from thesisvault.scalars import Window


@dataclass(frozen=True)
class Called:
    """One call.

    Attributes:
        seen: The market and the names.
        typed: The kind of the result.
        plains: Constants and names of the context, by parameter.
        tracks: Arguments that are expressions, by parameter.
        nodes: All arguments as they were written.
    """

    seen: Seen
    typed: Typed
    plains: Mapping[str, Plain]
    tracks: Mapping[str, Track] = field(default_factory=dict)
    nodes: Mapping[str, Node] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Return whether an argument was given."""
        return name in self.nodes

    def plain(self, name: str) -> Plain:
        """Return a constant argument, None for an expression."""
        return self.plains.get(name)

    @property
    def window(self) -> Window:
        """The window."""
        return read_window(self.plain("w"))

    def series(self, name: str, basis: str = "total", *, nearest: bool = True) -> Track:
        """Return a series argument; a bare name means its level, or its close for `price`."""
        found = self.tracks.get(name)
        if found is None:
            text = self.plain(name)
            if not isinstance(text, str):
                raise ExpressionError("expected a ticker, a basket or a universe in quotes, or a series")
            return self.seen.series(text, basis, nearest=nearest and basis == "price")
        if found.calendar is None:
            raise ExpressionError("expected a series, found a constant")
        return found

    def value(self, name: str) -> Track:
        """Return an argument that is any expression."""
        return self.tracks[name]


Build = Callable[[Called], Track]

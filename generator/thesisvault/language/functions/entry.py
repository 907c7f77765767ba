"""One entry of the table of functions: its name, its parameters, what it says and how its value is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct, field

from thesisvault.errors import did_you_mean
from thesisvault.language.functions.arguments import Takes, read_window
from thesisvault.language.kinds import Typed
from thesisvault.language.parse import Call, ExpressionError, Node, Plain
from thesisvault.language.tracks.seen import Seen
from thesisvault.language.tracks.track import Track
from thesisvault.scalars import Window
from thesisvault.words import plural


class Called(Struct, eq=False):
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


class Param(Struct, frozen=True):
    """One parameter: its name, what it takes, and whether it may be left out."""

    name: str
    takes: Takes
    optional: bool = False


class Function(Struct, frozen=True):
    """One entry of the table."""

    name: str
    params: tuple[Param, ...]
    says: str
    build: Build

    @property
    def signature(self) -> str:
        """How it is written, optional arguments in brackets."""
        inner = ", ".join(f"[{p.name}]" if p.optional else p.name for p in self.params)
        return f"{self.name}({inner})"

    def bind(self, call: Call) -> dict[str, Node]:
        """Return the arguments by name.

        Raises:
            ExpressionError: One is missing, unknown, or too many.
        """
        if len(call.args) > len(self.params):
            takes = plural(len(self.params), "argument")
            raise ExpressionError(f"{self.name} takes {takes}, found {len(call.args)}: write {self.signature}")
        bound: dict[str, Node] = {p.name: a for p, a in zip(self.params, call.args, strict=False)}
        for name, node in call.named:
            if name not in {p.name for p in self.params}:
                hint = did_you_mean(name, [p.name for p in self.params])
                raise ExpressionError(f"{self.name} has no argument {name}: write {self.signature}. {hint}".rstrip())
            if name in bound:
                raise ExpressionError(f"{self.name} got {name} twice")
            bound[name] = node
        absent = [p.name for p in self.params if p.name not in bound and not p.optional]
        if absent:
            raise ExpressionError(f"{self.name} lacks {' and '.join(absent)}: write {self.signature}")
        return bound


def only_argument(call: Call) -> Node:
    """Return the single argument of `now(x)`.

    Raises:
        ExpressionError: There is none, or more than one.
    """
    if len(call.args) != 1 or call.named:
        raise ExpressionError("now takes one expression: write now(ret('XLE', 'ytd'))")
    return call.args[0]


X, W = Param("x", "series"), Param("w", "window")
A, B = Param("a", "series"), Param("b", "series")

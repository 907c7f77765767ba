"""One entry of the table of functions: its name, its parameters, what it says and how it is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from thesisvault.errors import did_you_mean
from thesisvault.language.functions.arguments import Takes
from thesisvault.language.functions.scope import Scope
from thesisvault.language.parse import Call, ExpressionError, Node
from thesisvault.language.values import Value
from thesisvault.words import plural


@dataclass(frozen=True)
class Param:
    """One parameter: its name, what it takes, and whether it may be left out."""

    name: str
    takes: Takes
    optional: bool = False


@dataclass(frozen=True)
class Function:
    """One entry of the table."""

    name: str
    params: tuple[Param, ...]
    says: str
    run: Callable[[Scope, Mapping[str, Node]], Value]

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

    def call(self, scope: Scope, bound: Mapping[str, Node]) -> Value:
        """Return the value of a call."""
        return self.run(scope, bound)


def only_argument(call: Call) -> Node:
    """Return the single argument of `now(x)`.

    Raises:
        ExpressionError: There is none, or more than one.
    """
    if len(call.args) != 1 or call.named:
        raise ExpressionError("now takes one expression: write now(ret('XLE', 'ytd'))")
    return call.args[0]

"""Walks a tree and returns what it is worth as a track; every call once for a market, its names and its memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from thesisvault.language import kinds
from thesisvault.language.functions.arguments import Plain, read_amount
from thesisvault.language.functions.entry import Function, only_argument
from thesisvault.language.functions.signatures import GIVES, Argument
from thesisvault.language.kinds import Typed
from thesisvault.language.parse import (
    Binary,
    Call,
    Choice,
    Compare,
    Const,
    ExpressionError,
    Logic,
    Node,
    Ref,
    Unary,
    children,
    unknown,
)
from thesisvault.language.tracks.combined import ARITHMETIC, CHOICE, COMPARISONS, LOGIC, NOT, WORDS, Combined, Rule
from thesisvault.language.tracks.functions.call import Called
from thesisvault.language.tracks.functions.table import BUILD
from thesisvault.language.tracks.seen import Memory, Seen
from thesisvault.language.tracks.track import Constant, Track
from thesisvault.market.reading.market import Market

_NEGATE = Rule(lambda a: -a, lambda a: -a)
_OPEN = ("any", "condition", "number")


@dataclass(frozen=True, eq=False)
class Evaluator(Seen):
    """A market up to its last day, and what names stand for.

    Attributes:
        market: Prices up to the last day.
        table: The functions, by name.
        universes: Tickers of each universe, by its id.
        names: What `buy`, `sell`, `benchmark`, `over`, `row` and `column` stand for here.
        labels: How a series is called in text, by its name.
        present: The market that `now()` steps out to, inside a frozen update; else None.
        memory: What all expressions on one store share.
    """

    market: Market
    table: Mapping[str, Function]
    universes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    present: Market | None = None
    memory: Memory = field(default_factory=Memory)

    def on(self, market: Market) -> Evaluator:
        """Return the same names on an earlier market, from which `now()` steps back out to this one."""
        return replace(self, market=market, present=self.present or self.market)

    def plain(self, node: Node) -> Plain:
        """Return a constant, or the text behind a name; None for anything else."""
        if isinstance(node, Const):
            return node.value
        if isinstance(node, Ref):
            if node.name not in self.names:
                known = ", ".join(sorted(self.names)) or "none here"
                raise ExpressionError(
                    f"{unknown('name', node.name, list(self.names))} Known names: {known}. Put tickers in quotes."
                )
            return self.names[node.name]
        return None

    def track(self, node: Node) -> Track:
        """Return what an expression is worth over time.

        Raises:
            ExpressionError: It does not fit together.
        """
        if isinstance(node, Call):
            return self._call(node)
        calendars = self.memory.calendars
        if isinstance(node, Const):
            return _constant(node)
        if isinstance(node, Ref):
            return Constant(str(self.plain(node)), Typed(kinds.WORD))
        if isinstance(node, Binary):
            spread = self._as_spread(node)
            if spread is not None:
                return self._call(spread)
            left, right = self.track(node.left), self.track(node.right)
            typed = kinds.arithmetic(node.op, left.typed, right.typed)
            return Combined(ARITHMETIC[node.op], (left, right), typed, calendars)
        if isinstance(node, Compare):
            return self._comparison(node)
        if isinstance(node, Logic):
            sides = self.track(node.left), self.track(node.right)
            return Combined(LOGIC[node.op], sides, kinds.logical(*(each.typed for each in sides)), calendars)
        if isinstance(node, Unary):
            return self._unary(node)
        if isinstance(node, Choice):
            parts = self.track(node.condition), self.track(node.then), self.track(node.otherwise)
            return Combined(CHOICE, parts, kinds.either(*(each.typed for each in parts)), calendars)
        raise ExpressionError(
            f"found the filter {node.name} inside an expression; put it last, or parentheses before `| {node.name}`"
        )

    def _comparison(self, node: Compare) -> Track:
        left, found = self.track(node.first), None
        for op, each in node.rest:
            right = self.track(each)
            typed = kinds.compared(op, left.typed, right.typed)
            rules = WORDS if left.typed.kind == kinds.WORD else COMPARISONS
            step = Combined(rules[op], (left, right), typed, self.memory.calendars)
            if found is not None:
                step = Combined(LOGIC["and"], (found, step), typed, self.memory.calendars)
            found, left = step, right
        assert found is not None  # noqa: S101 - a comparison has at least two operands
        return found

    def _unary(self, node: Unary) -> Track:
        inner = self.track(node.of)
        if node.op == "not":
            return Combined(NOT, (inner,), kinds.logical(inner.typed), self.memory.calendars)
        typed = kinds.arithmetic("*", Typed(kinds.NUMBER), inner.typed)
        value = inner.typed.value
        if value is not None and node.op == "-":
            value = -value
        typed = replace(typed, written=inner.typed.written, value=value)
        return inner if node.op == "+" else Combined(_NEGATE, (inner,), typed, self.memory.calendars)

    def _as_spread(self, node: Binary) -> Call | None:
        """Return `ret(a, w) - ret(b, w)` as the spread that it is: both are measured between the same sessions."""
        left, right = node.left, node.right
        if node.op != "-" or not isinstance(left, Call) or not isinstance(right, Call):
            return None
        if left.name != "ret" or right.name != "ret" or left.named or right.named:
            return None
        if not len(left.args) == len(right.args) == 2 or left.args[1] != right.args[1]:
            return None
        names = [self.plain(each.args[0]) for each in (left, right) if isinstance(each.args[0], Const | Ref)]
        if len(names) < 2 or any(name in self.universes for name in names):
            return None
        return Call("spread", (left.args[0], right.args[0], left.args[1]))

    # Calls -------------------------------------------------------------------------------------------------------

    def _call(self, node: Call) -> Track:
        if node.name == "now":
            out = replace(self, market=self.present or self.market, present=None)
            return out.track(only_argument(node))
        key = (self.market.as_of, node, tuple(self.names.get(name) for name in refs(node)))
        known = self.memory.tracks
        if key not in known:
            known[key] = self._made(node)
        return known[key]

    def _made(self, node: Call) -> Track:
        function = self.table.get(node.name)
        if function is None:
            raise ExpressionError(unknown("function", node.name, list(self.table)))
        bound = function.bind(node)
        plains: dict[str, Plain] = {}
        tracks: dict[str, Track] = {}
        arguments: dict[str, Argument] = {}
        for each in function.params:
            if each.name not in bound:
                continue
            argument = bound[each.name]
            plain = self.plain(argument) if isinstance(argument, Const | Ref) else None
            if each.takes in ("series", "single") and isinstance(plain, str):
                plains[each.name] = plain
                wide = plain in self.universes
                if wide and each.takes == "single" and node.name != "fund":
                    raise ExpressionError(f'"{plain}" is a universe; one ticker or basket was expected')
                arguments[each.name] = Argument(plain, self.nature(plain), wide=wide)
            elif plain is not None and each.takes not in _OPEN and each.takes not in ("series", "single"):
                plains[each.name] = plain
                arguments[each.name] = Argument(str(plain))
            elif isinstance(argument, Const) and each.takes in ("series", "single"):
                raise ExpressionError("expected a ticker, a basket or a universe in quotes, or a series")
            else:
                tracks[each.name] = track = self.track(argument)
                arguments[each.name] = Argument(typed=track.typed)
        typed = GIVES[node.name](node.name, arguments)
        return BUILD[node.name](Called(self, typed, plains, tracks, bound))


def _constant(node: Const) -> Track:
    if isinstance(node.value, bool):
        return Constant(float(node.value), Typed(kinds.TRUTH))
    if isinstance(node.value, str):
        money = read_amount(node.value)
        if money is None:
            return Constant(node.value, Typed(kinds.WORD))
        return Constant(money[0], Typed(kinds.amount(money[1])))
    return Constant(float(node.value), Typed(kinds.NUMBER, written=True, value=float(node.value)))


@lru_cache(maxsize=8192)
def refs(node: Node) -> tuple[str, ...]:
    """Return the names of the context that an expression uses, each once, in the order met.

    >>> from thesisvault.language.parse import parse_expression
    >>> refs(parse_expression("ret(buy, over) - ret('XLE', over)"))
    ('buy', 'over')
    """
    found: dict[str, None] = {}
    nodes: list[Node] = [node]
    while nodes:
        each = nodes.pop(0)
        if isinstance(each, Ref):
            found[each.name] = None
        nodes += children(each)
    return tuple(found)

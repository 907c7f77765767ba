"""Evaluates expressions over a `Market`: the newest value of one, or its whole history.

A `Scope` belongs to one market at one last day and one context of names. It never looks ahead, because the market that
it reads ends on that day, and it touches nothing but that market. Calls are worked out once for all scopes of a build.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TypeVar

from msgspec import Struct

from thesisvault.analytics.bounds import number_of
from thesisvault.language import kinds
from thesisvault.language.asked import spoken
from thesisvault.language.filters import digits_of
from thesisvault.language.formats import formatted
from thesisvault.language.functions.arguments import constant_kind, read_amount, written_day
from thesisvault.language.functions.entry import Called, Function, only_argument
from thesisvault.language.functions.signatures import GIVES, Argument
from thesisvault.language.functions.table import TABLE
from thesisvault.language.kinds import Typed
from thesisvault.language.labels import label_of
from thesisvault.language.natures import Nature
from thesisvault.language.parse import (
    Binary,
    Call,
    Choice,
    Compare,
    Const,
    ExpressionError,
    Filter,
    Logic,
    Node,
    Plain,
    Ref,
    Unary,
    children,
    parse_expression,
    parse_text,
    unknown,
)
from thesisvault.language.text import Figure, Part, Text
from thesisvault.language.tracks.combined import ARITHMETIC, CHOICE, COMPARISONS, LOGIC, NEGATE, NOT, WORDS, Combined
from thesisvault.language.tracks.newest import newest
from thesisvault.language.tracks.seen import Memory, Seen
from thesisvault.language.tracks.track import Constant, Missing, Track
from thesisvault.language.values import Number
from thesisvault.market.reading.market import Market
from thesisvault.scalars import NOT_OPENED, SINCE_OPENED, parse_date
from thesisvault.structs import replace
from thesisvault.written import kept_by_text

N = TypeVar("N", bound=Node)

_OPEN = ("any", "condition", "number")
_NAMED = ("series", "single")
_PLAIN = (Const, Ref)
_BY_TEXT = ("upside", "fund")
"""Functions whose kind depends on what stands in other arguments, not only on what their series have."""


class _Bound(Struct, frozen=True):
    """The arguments of a call, by name.

    Attributes:
        nodes: As they were written.
        each: Name, what it takes, and argument, in the order of the parameters.
    """

    nodes: Mapping[str, Node]
    each: tuple[tuple[str, str, Node], ...]


@lru_cache(maxsize=256)
def _bound(node: Call) -> tuple[Function, _Bound]:
    function = TABLE.get(node.name)
    if function is None:
        raise ExpressionError(unknown("function", node.name, list(TABLE)))
    nodes = function.bind(node)
    return function, _Bound(nodes, tuple((p.name, p.takes, nodes[p.name]) for p in function.params if p.name in nodes))


@kept_by_text(256)
def _asked(source: str | Node) -> tuple[Node, str | None, tuple[float, ...], str]:
    """Return an expression without its filter, the filter's name and digits, and what the expression says."""
    node = parse_expression(source) if isinstance(source, str) else source
    name: str | None = None
    args: tuple[float, ...] = ()
    if isinstance(node, Filter):
        name, args, node = node.name, digits_of(node), node.of
        if isinstance(node, Filter):
            raise ExpressionError(f"found two filters, {node.name} and {name}; one is enough")
    return node, name, args, spoken(node)


@dataclasses.dataclass(frozen=True, eq=False)
class Scope(Seen):
    """What an expression can see.

    Attributes:
        market: Prices up to the last day.
        universes: Tickers of each universe, by its id.
        names: What `buy`, `sell`, `benchmark`, `over`, `row` and `column` stand for here.
        labels: How a series is called in text, by its name.
        present: The market that `now()` steps out to, inside a frozen update; else None.
        memory: What all scopes on one store share.
    """

    market: Market
    universes: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    names: Mapping[str, str] = dataclasses.field(default_factory=dict)
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)
    present: Market | None = None
    memory: Memory = dataclasses.field(default_factory=Memory)

    def where(self, **names: str) -> Scope:
        """Return the scope with further names."""
        return replace(self, names={**self.names, **names})

    def frozen(self, market: Market) -> Scope:
        """Return the scope on an earlier market, from which `now()` steps back out to this one."""
        return replace(self, market=market, present=self.present or self.market)

    # Expressions -----------------------------------------------------------------------------------------------

    def value(self, source: str | Node) -> Track:
        """Return what an expression is worth over time.

        Raises:
            ExpressionError: It cannot be understood, or does not fit together.
        """
        node = parse_expression(source) if isinstance(source, str) else source
        if isinstance(node, Filter):
            raise ExpressionError(f"found the filter {node.name} where a number is needed; filters belong in text")
        if isinstance(node, Call) or self.present is not None:
            return self.track(node)
        # A condition is asked for more than once: where it stands now, its history, how near it is to changing.
        return self._remembered(node, self.track)

    def number(self, source: str | Node) -> Number:
        """Return the newest value of an expression."""
        return newest(self.value(source))

    def condition(self, source: str | Node) -> Track:
        """Return a condition over time: 1.0, 0.0, NaN."""
        found = self.value(source)
        kinds.logical(found.typed)
        if found.columns is not None:
            raise ExpressionError("found one answer per member of a universe; wrap it in count() or breadth()")
        return found

    def gap(self, left: Node, right: Node) -> Number:
        """Return the newest difference of two sides of a comparison; a written number has the unit of the other."""
        sides = self.track(left), self.track(right)
        typed = [each.typed for each in sides]
        if typed[0].written != typed[1].written:
            other = typed[1] if typed[0].written else typed[0]
            typed = [replace(other, written=False)] * 2
        found = kinds.arithmetic("-", *typed)
        return newest(Combined(ARITHMETIC["-"], sides, found, self.memory.calendars))

    def figure(self, source: str | Node) -> Figure:
        """Return an expression with its filter as a formatted figure."""
        node, name, args, said = _asked(source)
        if isinstance(node, Ref) and isinstance(self.plain(node), str):
            word = self._word(str(self.plain(node)))
            return Figure(word, Number(word, "word", None), label=label_of(node, self.names))
        number = newest(self.track(node))
        if number.kind == "index" and number.is_known:
            # Only ratios of an index mean anything; its level has no unit and must not look like a price.
            number = replace(
                number,
                value=None,
                reason=f"{said}: an index level has no unit; show a return or a ratio of it, or close()",
            )
        return Figure(formatted(number, name, args), number, label=label_of(node, self.names))

    def text(self, source: str) -> Text:
        """Return a person's text with its live expressions filled in."""
        filled: list[Part] = []
        nth = 0
        for part in parse_text(source):
            if isinstance(part, str):
                filled.append(part)
                continue
            try:
                filled.append(self.figure(part))
            except ExpressionError as problem:
                raise ExpressionError(problem.problem, nth) from None
            nth += 1
        return tuple(filled)

    def _word(self, name: str) -> str:
        return self.labels.get(name, name)

    # The walk --------------------------------------------------------------------------------------------------

    def on(self, market: Market) -> Scope:
        """Return the scope on an earlier market."""
        return self.frozen(market)

    def plain(self, node: Node) -> Plain:
        """Return a constant or the text behind a name, None for anything else."""
        if isinstance(node, Const):
            return self.opened() if node.value == SINCE_OPENED else node.value
        if isinstance(node, Ref):
            if node.name not in self.names:
                known = ", ".join(sorted(filter(str.isidentifier, self.names))) or "none here"
                raise ExpressionError(
                    f"{unknown('name', node.name, list(self.names))} Known names: {known}; put tickers in quotes"
                )
            found = self.names[node.name]
            return self.opened() if found == self.names.get(SINCE_OPENED) else found
        return None

    def opened(self) -> str:
        """Return the window from the day on which the thesis was opened to that on which it was closed.

        Seen from a day before that, as in an update, it has no end yet. Empty in the column of a thesis that does not
        say when it was opened.

        Raises:
            ExpressionError: There is no thesis, or it does not say when.
        """
        if SINCE_OPENED not in self.names:
            raise ExpressionError(NOT_OPENED)
        opened, _, closed = (whole := self.names[SINCE_OPENED]).partition("..")
        return f"since {opened}" if closed and self.market.as_of < parse_date(closed) else whole

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
        return inner if node.op == "+" else Combined(NEGATE, (inner,), typed, self.memory.calendars)

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
        return self._remembered(node, self._made)

    def _remembered(self, node: N, make: Callable[[N], Track]) -> Track:
        names = self.names
        key = (self.market.as_of, node, *[names.get(name) for name in refs(node)])
        found = self.memory.tracks.get(key)
        if found is None:
            found = self.memory.tracks[key] = make(node)
        return found

    def _made(self, node: Call) -> Track:
        function, bound = _bound(node)
        plains: dict[str, Plain] = {}
        tracks: dict[str, Track] = {}
        natures: dict[str, Nature] = {}
        for name, takes, argument in bound.each:
            plain = self.plain(argument) if isinstance(argument, _PLAIN) else None
            if takes in _NAMED and isinstance(plain, str):
                plains[name] = plain
                if takes == "single" and node.name != "fund" and plain in self.universes:
                    raise ExpressionError(f'"{plain}" is a universe; one ticker or basket was expected')
                natures[name] = self.nature(plain)
            elif plain is not None and takes not in _OPEN and takes not in _NAMED:
                plains[name] = plain
            elif isinstance(argument, Const) and takes in _NAMED:
                raise ExpressionError("expected a ticker, a basket or a universe in quotes, or a series")
            else:
                tracks[name] = self.track(argument)
        typed = self._typed(node, plains, tracks, natures)
        if Const(SINCE_OPENED) in bound.nodes.values() and not self.opened():
            return Missing(NOT_OPENED, typed)
        return function.build(Called(self, typed, plains, tracks, bound.nodes))

    def _typed(
        self, node: Call, plains: Mapping[str, Plain], tracks: Mapping[str, Track], natures: Mapping[str, Nature]
    ) -> Typed:
        """Return the kind of a call; of two that differ in the tickers only it is the same."""
        key: object = None
        if not tracks and node.name not in _BY_TEXT:
            key = (
                node,
                *[
                    (id(natures[name]), text in self.universes, "|" in str(text))
                    for name, text in plains.items()
                    if name in natures
                ],
            )
            if (known := self.memory.typed.get(key)) is not None:
                return known
        arguments = {name: Argument(typed=track.typed) for name, track in tracks.items()}
        for name, plain in plains.items():
            text = str(plain)
            arguments[name] = Argument(text, natures.get(name), wide=name in natures and text in self.universes)
        typed = GIVES[node.name](node.name, arguments)
        if key is not None:
            self.memory.typed[key] = typed
        return typed


def _constant(node: Const) -> Track:
    typed = constant_kind(node.value)
    if isinstance(node.value, str):
        if (money := read_amount(node.value)) is not None:
            return Constant(money[0], typed)
        day = written_day(node.value)
        return Constant(node.value if day is None else float(number_of(day)), typed)
    return Constant(float(node.value), typed)


@lru_cache(maxsize=256)
def refs(node: Node) -> tuple[str, ...]:
    """Return the names of the context that an expression uses, each once, in the order met.

    >>> refs(parse_expression("ret(buy, over) - ret('XLE', over)"))
    ('buy', 'over')
    """
    found: dict[str, None] = {}
    nodes: list[Node] = [node]
    while nodes:
        each = nodes.pop(0)
        if isinstance(each, Ref):
            found[each.name] = None
        if isinstance(each, Const) and each.value == SINCE_OPENED:
            found[SINCE_OPENED] = None
        nodes += children(each)
    return tuple(found)

"""Walks an expression over a `Market` and returns what it is worth at every session.

An `Evaluator` belongs to one market at one last day and one context of names. It never looks ahead, because the market
it reads ends on that day, and it touches nothing but that market.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from thesisvault.language.formats import formatted
from thesisvault.language.functions.arguments import Plain, read_amount
from thesisvault.language.functions.entry import only_argument
from thesisvault.language.functions.table import TABLE
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
    Ref,
    Unary,
    children,
    parse_expression,
    parse_text,
    unknown,
)
from thesisvault.language.text import Figure, Part, Text
from thesisvault.language.values import Number, Value, arithmetic, both, chosen, compare, negate, newest, truth
from thesisvault.market.reading.market import Market


@dataclass(frozen=True)
class Scope:
    """What an expression can see.

    Attributes:
        market: Prices up to the last day.
        universes: Tickers of each universe, by its id.
        names: What `buy`, `sell`, `benchmark`, `over`, `row` and `column` stand for here.
        labels: How a series is called in text, by its name.
        present: The market that `now()` steps out to, inside a frozen update; else None.
        memory: Results of calls, shared by all scopes on the same market.
    """

    market: Market
    universes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    present: Market | None = None
    memory: dict[object, Value] = field(default_factory=dict, compare=False)

    def where(self, **names: str) -> Scope:
        """Return the scope with further names."""
        return replace(self, names={**self.names, **names})

    def frozen(self, market: Market) -> Scope:
        """Return the scope on an earlier market, from which `now()` steps back out to this one."""
        return replace(self, market=market, present=self.present or self.market)

    # Expressions -----------------------------------------------------------------------------------------------

    def value(self, source: str | Node) -> Value:
        """Return what an expression is worth at every session.

        Raises:
            ExpressionError: It cannot be understood, or does not fit together.
        """
        node = parse_expression(source) if isinstance(source, str) else source
        if isinstance(node, Filter):
            raise ExpressionError(f"found the filter {node.name} where a number is needed; filters belong into text")
        return self._value(node)

    def number(self, source: str | Node) -> Number:
        """Return the newest value of an expression."""
        return newest(self.value(source))

    def condition(self, source: str | Node) -> Value:
        """Return a condition with its whole history: 1.0, 0.0, NaN."""
        value = truth(self.value(source))
        if value.is_frame:
            raise ExpressionError("found one answer a member of a universe; wrap it in count() or breadth()")
        return value

    def figure(self, source: str | Node) -> Figure:
        """Return an expression with its filter as a formatted figure."""
        node = parse_expression(source) if isinstance(source, str) else source
        name: str | None = None
        args: tuple[float, ...] = ()
        if isinstance(node, Filter):
            name, args, node = node.name, _filter_args(node), node.of
            if isinstance(node, Filter):
                raise ExpressionError(f"found two filters, {node.name} and {name}; one is enough")
        if isinstance(node, Ref) and isinstance(self.plain(node), str):
            word = self._word(str(self.plain(node)))
            return Figure(word, Number(word, "word", None))
        number = newest(self._value(node))
        if number.kind == "index" and number.is_known:
            # Only ratios of an index mean anything; its level has no unit and must not look like a price.
            number = replace(
                number,
                value=None,
                reason=f"{_spoken(node)}: an index level has no unit; show a return or a ratio of it, or close()",
            )
        return Figure(formatted(number, name, args), number, label=_spoken(node))

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

    def plain(self, node: Node) -> Plain:
        """Return a constant or the text behind a name, None for anything else."""
        if isinstance(node, Const):
            return node.value
        if isinstance(node, Ref):
            if node.name not in self.names:
                known = ", ".join(sorted(self.names)) or "none here"
                raise ExpressionError(
                    f"{unknown('name', node.name, list(self.names))} Known names: {known}; put tickers in quotes"
                )
            return self.names[node.name]
        return None

    def _value(self, node: Node) -> Value:
        if isinstance(node, Const):
            if isinstance(node.value, str):
                money = read_amount(node.value)
                return Value(node.value, "word") if money is None else Value(money[0], "money", unit=money[1])
            return Value(float(node.value), "truth" if isinstance(node.value, bool) else "number")
        if isinstance(node, Ref):
            return Value(str(self.plain(node)), "word")
        if isinstance(node, Call):
            return self._call(node)
        if isinstance(node, Binary):
            for side in (node.left, node.right):
                if isinstance(side, Filter):
                    raise ExpressionError(f"arithmetic with formatted text: put parentheses before `| {side.name}`")
            spread = _as_spread(node)
            if spread is not None and not any(self.plain(each) in self.universes for each in spread.args[:2]):
                return self._value(spread)
            return arithmetic(node.op, self._operand(node.left), self._operand(node.right))
        if isinstance(node, Compare):
            return self._comparison(node)
        if isinstance(node, Logic):
            return both(node.op, self._value(node.left), self._value(node.right))
        if isinstance(node, Unary):
            inner = self._operand(node.of) if node.op != "not" else self._value(node.of)
            return negate(inner) if node.op == "not" else arithmetic("*", Value(-1.0 if node.op == "-" else 1.0), inner)
        if isinstance(node, Choice):
            return self._choice(node)
        raise ExpressionError(
            f"found the filter {node.name} inside an expression; put it last, or parentheses before `| {node.name}`"
        )

    def _operand(self, node: Node) -> Value:
        value = self._value(node)
        if value.kind == "word":
            what = f'"{value.data}"' if isinstance(value.data, str) else "a word"
            raise ExpressionError(f"found {what} where a number was expected; arithmetic on text is not possible")
        if value.kind == "truth":
            raise ExpressionError("found a condition where a number was expected")
        return value

    def _comparison(self, node: Compare) -> Value:
        left, result = self._value(node.first), None
        for op, each in node.rest:
            right = self._value(each)
            step = compare(op, left, right)
            result = step if result is None else both("and", result, step)
            left = right
        assert result is not None  # noqa: S101 - a comparison has at least one operand
        return result

    def _choice(self, node: Choice) -> Value:
        condition = self._value(node.condition)
        if condition.kind != "truth":
            raise ExpressionError('expected a condition between "if" and "else"')
        return chosen(condition, self._value(node.then), self._value(node.otherwise))

    def _call(self, node: Call) -> Value:
        function = TABLE.get(node.name)
        if function is None:
            raise ExpressionError(unknown("function", node.name, list(TABLE)))
        if node.name == "now":
            return replace(self, market=self.present or self.market, present=None, memory={})._value(
                only_argument(node)
            )
        key = (self.market.as_of, node, tuple((name, self.names.get(name)) for name in refs(node)))
        if key not in self.memory:
            self.memory[key] = function.call(self, function.bind(node))
        return self.memory[key]


def _as_spread(node: Binary) -> Call | None:
    """Return `ret(a, w) - ret(b, w)` as the spread that it is, so that both are measured between the same sessions."""
    left, right = node.left, node.right
    if node.op != "-" or not (isinstance(left, Call) and isinstance(right, Call)) or {left.name, right.name} != {"ret"}:
        return None
    try:
        one, other = TABLE["ret"].bind(left), TABLE["ret"].bind(right)
    except ExpressionError:
        return None
    plain = all(isinstance(each["x"], Const | Ref) and len(each) == 2 for each in (one, other))
    return Call("spread", (one["x"], other["x"], one["w"])) if plain and one["w"] == other["w"] else None


@lru_cache(maxsize=8192)
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
        nodes += children(each)
    return tuple(found)


def _filter_args(node: Filter) -> tuple[float, ...]:
    args = []
    for each in node.args:
        if not isinstance(each, Const) or isinstance(each.value, str | bool) or not 0 <= each.value <= 6:
            raise ExpressionError(f"the filter {node.name} takes a number of digits from 0 to 6")
        args.append(float(each.value))
    if len(args) > 1:
        raise ExpressionError(f"the filter {node.name} takes one number of digits, not {len(args)}")
    return tuple(args)


def _spoken(node: Node) -> str:
    """Return what a figure is of, briefly: the words inside its first call."""
    if isinstance(node, Call):
        words = [
            str(a.value) if isinstance(a, Const) else a.name if isinstance(a, Ref) else _spoken(a) for a in node.args
        ]
        return ", ".join(w for w in words if w)
    if isinstance(node, Binary):
        return f"{_spoken(node.left)} {node.op} {_spoken(node.right)}".strip()
    if isinstance(node, Unary):
        return _spoken(node.of)
    if isinstance(node, Const):
        return str(node.value)
    return ""

"""Checks expressions without prices: names, functions, arguments, windows and filters.

What is wrong in an expression is wrong whatever the market does, so it is said when definitions are read, for all
expressions at once, and before anything is fetched or written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace

from thesisvault.errors import did_you_mean
from thesisvault.language import formats
from thesisvault.language.functions import arguments
from thesisvault.language.functions.arguments import Plain, Takes
from thesisvault.language.functions.table import TABLE
from thesisvault.language.parse import (
    Binary,
    Call,
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


@dataclass(frozen=True)
class Vocabulary:
    """The names that definitions know.

    Attributes:
        series: Tickers and basket ids.
        universes: Ids of universes.
        names: Names of the context, such as `buy`; their values are not known here.
        baskets: Members of each basket by its id; none where they are not known.
    """

    series: Set[str]
    universes: Set[str]
    names: Set[str] = field(default_factory=frozenset)
    baskets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def with_names(self, *names: str) -> Vocabulary:
        """Return the vocabulary with further context names."""
        return replace(self, names=self.names | frozenset(names))


def check_text(text: str, vocabulary: Vocabulary) -> list[ExpressionError]:
    """Return what is wrong with the live expressions of a text."""
    try:
        parts = parse_text(text)
    except ExpressionError as problem:
        return [problem]
    problems = []
    for nth, part in enumerate(p for p in parts if not isinstance(p, str)):
        problems += [ExpressionError(text_of, nth) for text_of in _problems(part, vocabulary, top=True)]
    return problems


def check_expression(source: str, vocabulary: Vocabulary) -> list[ExpressionError]:
    """Return what is wrong with a bare expression, as in `check:` or `when:`."""
    if source.lstrip().startswith("{{"):
        return [ExpressionError("use a bare expression, without {{ }}")]
    try:
        node = parse_expression(source)
    except ExpressionError as problem:
        return [problem]
    if isinstance(node, Filter):
        return [
            ExpressionError(f"found the filter {node.name}; a bare expression gives a number, filters belong into text")
        ]
    return [ExpressionError(text) for text in _problems(node, vocabulary, top=True)]


def check_series(name: str, vocabulary: Vocabulary) -> str:
    """Return what is wrong with the name of a series or chain, or an empty text."""
    for link in name.split("|"):
        word = link.strip()
        if not word:
            return f'"{name}" is a chain with an empty link'
        if word not in vocabulary.series:
            hint = did_you_mean(word, vocabulary.series | vocabulary.universes)
            if word.startswith("fred:"):
                hint = f"Name it in data/instruments.yaml: {word}: {{name: ...}}."
            elif not hint and word.islower():
                hint = f"A universe of that name would be data/universes/{word}.txt."
            return f'"{word}" is not a known ticker or basket. {hint}'.rstrip()
    return ""


def _problems(node: Node, vocabulary: Vocabulary, *, top: bool = False) -> Iterator[str]:
    if isinstance(node, Const):
        return
    if isinstance(node, Ref):
        if node.name not in vocabulary.names:
            yield unknown("name", node.name, sorted(vocabulary.names)) + " Tickers stand in quotes, as in 'XLE'."
        return
    if isinstance(node, Filter):
        if node.name not in formats.FILTERS:
            yield unknown("filter", node.name, list(formats.FILTERS))
        elif not top:
            yield f"a formatted text inside an expression: put parentheses before `| {node.name}`, round all of it"
        yield from _filter_arguments(node)
        yield from _problems(node.of, vocabulary)
        return
    if isinstance(node, Call):
        yield from _call(node, vocabulary)
        return
    yield from _misfits(node)
    for child in children(node):
        yield from _problems(child, vocabulary)


def _filter_arguments(node: Filter) -> Iterator[str]:
    """Yield what is wrong with the digits of a filter."""
    values = [each.value if isinstance(each, Const) else None for each in node.args]
    if node.name in ("int", "date") and values:
        yield f"| {node.name} takes no digits"
    elif len(values) > 1 or any(
        v is None or isinstance(v, str | bool) or not 0 <= v <= 6 or v != int(v) for v in values
    ):
        yield f"the filter {node.name} takes one number of digits from 0 to 6, as in | {node.name}(1)"


def _misfits(node: Node) -> Iterator[str]:
    """Yield what does not fit together, whatever the market does: arithmetic on text, `and` between numbers."""
    if isinstance(node, Binary) or (isinstance(node, Unary) and node.op != "not"):
        for child in children(node):
            kind = _kind(child)
            if kind in ("text", "condition"):
                shown = f'the text "{child.value}"' if isinstance(child, Const) and kind == "text" else f"a {kind}"
                yield f"found {shown} where a number was expected; arithmetic works on numbers only"
    if isinstance(node, Logic) or (isinstance(node, Unary) and node.op == "not"):
        for child in children(node):
            if _kind(child) in ("text", "number"):
                yield f"found a {_kind(child)} where a condition was expected; compare it with something, as in x > 0"


def _kind(node: Node) -> str:
    """Return what a node is worth, as far as that is known without prices: number, text, condition or any."""
    if isinstance(node, Const):
        return "condition" if isinstance(node.value, bool) else "text" if isinstance(node.value, str) else "number"
    if isinstance(node, Compare | Logic) or (isinstance(node, Unary) and node.op == "not"):
        return "condition"
    if isinstance(node, Binary | Unary):
        return "number"
    if isinstance(node, Call):
        return "any" if node.name in ("at", "now", "peak") else "text" if node.name == "session_kind" else "number"
    return "any"


def _call(node: Call, vocabulary: Vocabulary) -> Iterator[str]:
    function = TABLE.get(node.name)
    if function is None:
        yield unknown("function", node.name, list(TABLE))
        return
    try:
        bound = function.bind(node)
    except ExpressionError as problem:
        yield problem.problem
        return
    yield from _no_member(bound, vocabulary)
    takes = {p.name: p.takes for p in function.params}
    for name, argument in bound.items():
        if isinstance(argument, Const):
            problem_text = _constant(argument, takes[name], vocabulary)
            if problem_text:
                yield problem_text
        else:
            yield from _problems(argument, vocabulary)


def _no_member(bound: Mapping[str, Node], vocabulary: Vocabulary) -> Iterator[str]:
    """Yield that a basket has no such member, where both are written out."""
    basket, member = bound.get("basket"), bound.get("member")
    if isinstance(basket, Const) and isinstance(member, Const):
        members = vocabulary.baskets.get(str(basket.value), ())
        if members and member.value not in members:
            yield arguments.no_member(str(basket.value), str(member.value), members)


def _constant(node: Const, takes: Takes, vocabulary: Vocabulary) -> str:
    """Return what is wrong with a constant argument, or an empty text."""
    value: Plain = node.value
    if takes in ("series", "single"):
        if not isinstance(value, str):
            return f"found {value} where a ticker, a basket or a universe in quotes was expected"
        if value in vocabulary.universes:
            return "" if takes == "series" else f'"{value}" is a universe; one ticker or basket was expected'
        return check_series(value, vocabulary)
    try:
        if takes == "universe":
            arguments.read_universe(value, vocabulary.universes)
        elif takes == "basket":
            arguments.read_basket(value, vocabulary.baskets)
        elif takes in _READERS:
            _READERS[takes](value)
    except ExpressionError as problem:
        return problem.problem
    return ""


_READERS: Mapping[Takes, Callable[[Plain], object]] = {
    "window": arguments.read_window,
    "day": arguments.read_day,
    "basis": arguments.read_basis,
    "target": arguments.read_target,
    "field": arguments.read_field,
}


def names_in(source: str, *, bare: bool = False) -> Iterator[str]:
    """Yield every text in quotes of an expression, or of all live expressions of a text; chains link by link.

    Fields of `fund` are left out: they are no names, and a note may be called like one.

    >>> list(names_in("XLE {{ ret('XLE', 'ytd') | pct }}"))
    ['XLE', 'ytd']
    """
    try:
        nodes = [parse_expression(source)] if bare else [p for p in parse_text(source) if not isinstance(p, str)]
    except ExpressionError:
        return
    while nodes:
        node = nodes.pop(0)
        if isinstance(node, Const):
            if isinstance(node.value, str):
                yield from (link.strip() for link in node.value.split("|"))
        elif isinstance(node, Call) and node.name == "fund":
            of = _of_fund(node)
            nodes = nodes if of is None else [of, *nodes]
        else:
            nodes = [*children(node), *nodes]


def funds_in(source: str, *, bare: bool = False) -> Iterator[str]:
    """Yield the first argument of every `fund(...)`: a ticker, or a name of the context such as `buy` or `row`.

    >>> list(funds_in("fund('XOM', 'forward_pe') / fund(benchmark, 'forward_pe')", bare=True))
    ['XOM', 'benchmark']
    """
    try:
        nodes = [parse_expression(source)] if bare else [p for p in parse_text(source) if not isinstance(p, str)]
    except ExpressionError:
        return
    while nodes:
        node = nodes.pop(0)
        of = _of_fund(node) if isinstance(node, Call) and node.name == "fund" else None
        if isinstance(of, Const | Ref):
            yield str(of.value if isinstance(of, Const) else of.name)
        nodes = [*children(node), *nodes]


def _of_fund(node: Call) -> Node | None:
    """Return what a call of `fund` is of."""
    try:
        return TABLE["fund"].bind(node).get("x")
    except ExpressionError:
        return None

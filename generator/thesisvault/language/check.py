"""Checks expressions without prices: names, functions, arguments, windows and filters.

What is wrong in an expression is wrong whatever the market does, so it is said when definitions are read, for all
expressions at once, and before anything is fetched or written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from thesisvault.analytics.across import SESSION_KINDS
from thesisvault.errors import did_you_mean
from thesisvault.language import filters, formats, kinds
from thesisvault.language.braces import single_braces
from thesisvault.language.functions import arguments
from thesisvault.language.functions.arguments import Takes
from thesisvault.language.functions.signatures import GIVES, Argument
from thesisvault.language.functions.table import TABLE
from thesisvault.language.habits import filter_instead, function_instead
from thesisvault.language.kinds import UNKNOWN, Typed
from thesisvault.language.misplaced import is_constant, turned
from thesisvault.language.names import CONTEXT_NAMES, Vocabulary, check_series, not_yet, quoted_name, unknown_name
from thesisvault.language.natures import ANYTHING
from thesisvault.language.parse import (
    Binary,
    Call,
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
from thesisvault.scalars import NOT_OPENED, SINCE_OPENED
from thesisvault.structs import replace

__all__ = ["Vocabulary", "check_expression", "check_series", "check_text", "funds_in", "kind_of", "names_in"]


def check_text(text: str, vocabulary: Vocabulary) -> list[ExpressionError]:
    """Return what is wrong with the live expressions of a text."""
    problems = list(single_braces(text))
    if problems:
        return problems
    try:
        parts = parse_text(text)
    except ExpressionError as problem:
        return [problem]
    for nth, part in enumerate(p for p in parts if not isinstance(p, str)):
        problems += [ExpressionError(text_of, nth) for text_of in _problems(part, vocabulary)]
    return problems


def check_expression(source: str, vocabulary: Vocabulary) -> list[ExpressionError]:
    """Return what is wrong with a bare expression, as in `check:` or `when:`."""
    if source.lstrip().startswith("{"):
        return [ExpressionError("use a bare expression, without {{ }}")]
    try:
        node = parse_expression(source)
    except ExpressionError as problem:
        return [problem]
    if isinstance(node, Filter):
        return [
            ExpressionError(f"found the filter {node.name}; a bare expression gives a number, filters belong in text")
        ]
    return [ExpressionError(text) for text in _problems(node, vocabulary)]


def _problems(node: Node, vocabulary: Vocabulary) -> list[str]:
    inference = _Inference(vocabulary)
    inference.top(node, filtered=True)
    return list(dict.fromkeys(inference.problems))


class _Inference:
    """Walks one expression: finds the kind of every part, and gathers what is wrong with it."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.problems: list[str] = []

    def top(self, node: Node, *, filtered: bool) -> Typed:
        """Return the kind of a whole expression.

        Args:
            node: The expression.
            filtered: A filter may stand at its end, as in text.
        """
        if not isinstance(node, Filter):
            found = self.of(node)
            if filtered and found.wide:
                self._say("found one value per member of a universe; wrap it in count(), breadth(), mean() or median()")
            return found
        if node.name not in formats.FILTERS:
            instead = filter_instead(node.name)
            said = f"{node.name} is not a known filter; write | {instead}" if instead else ""
            self._say(said or unknown("filter", node.name, list(formats.FILTERS)))
        try:
            filters.digits_of(node)
        except ExpressionError as problem:
            self._say(problem.problem)
        if isinstance(node.of, Filter):
            self._say(f"found two filters, {node.of.name} and {node.name}; one is enough")
            return UNKNOWN
        found = self.of(node.of)
        if node.name in filters.FILTERS:
            self._try(filters.filtered, node.name, found)
        return found

    def of(self, node: Node) -> Typed:
        """Return the kind of a part of an expression; unknown where something in it is wrong."""
        if isinstance(node, Const):
            return arguments.constant_kind(node.value)
        if isinstance(node, Ref):
            if node.name not in self.vocabulary.names:
                known = TABLE.get(node.name)
                said = f"{node.name} is a function; write {known.signature}" if known else ""
                self._say(said or unknown_name(node.name, self.vocabulary))
                return UNKNOWN
            return Typed(kinds.WORD) if node.name in self.vocabulary.stands_for else UNKNOWN
        if isinstance(node, Filter):
            self._say(
                f"a formatted text inside an expression: put parentheses before `| {node.name}`, around all of it"
            )
            return UNKNOWN
        if isinstance(node, Call):
            return self._call(node)
        if isinstance(node, Binary):
            left, right = self._operand(node.left, node.right), self._operand(node.right, node.left)
            return self._try(kinds.arithmetic, node.op, left, right)
        if isinstance(node, Compare):
            left, found = self._operand(node.first, node.rest[0][1]), Typed(kinds.TRUTH)
            before = node.first
            for op, each in node.rest:
                right = self._operand(each, before)
                found = self._try(kinds.compared, op, left, right)
                left, before = right, each
            return found
        if isinstance(node, Logic):
            return self._try(kinds.logical, self.of(node.left), self.of(node.right))
        if isinstance(node, Unary):
            inner = self.of(node.of)
            if node.op == "not":
                return self._try(kinds.logical, inner)
            value = None if inner.value is None else -inner.value if node.op == "-" else inner.value
            return replace(
                self._try(kinds.arithmetic, "*", Typed(kinds.NUMBER), inner), written=inner.written, value=value
            )
        return self._try(kinds.either, self.of(node.condition), self.of(node.then), self.of(node.otherwise))

    def _say(self, problem: str) -> None:
        self.problems.append(problem)

    def _try(self, rule: Callable[..., Typed | None], *args: object) -> Typed:
        try:
            return rule(*args) or UNKNOWN
        except ExpressionError as problem:
            self._say(problem.problem)
            return UNKNOWN

    def _operand(self, node: Node, beside: Node) -> Typed:
        """Return the kind of one side of a calculation or a comparison; a figure in quotes is none."""
        if isinstance(node, Const) and isinstance(node.value, str):
            if meant := arguments.figure_meant(node.value):
                self._say(f"found '{node.value}' in quotes; write {meant}")
                return UNKNOWN
            if isinstance(beside, Call) and beside.name == "session_kind" and node.value not in SESSION_KINDS:
                hint = did_you_mean(node.value, SESSION_KINDS) or f"They are {', '.join(SESSION_KINDS)}."
                self._say(f"'{node.value}' is not a kind of session. {hint}")
        return self.of(node)

    def _call(self, node: Call) -> Typed:
        function = TABLE.get(node.name)
        if function is None:
            instead = function_instead(node.name)
            said = f"{node.name} is not a known function; {instead}" if instead else ""
            self._say(said or unknown("function", node.name, list(TABLE)))
            return UNKNOWN
        try:
            bound = function.bind(node)
        except ExpressionError as problem:
            self._say(problem.problem)
            return UNKNOWN
        before = len(self.problems)
        if swapped := turned(node, bound, function, self.vocabulary):
            self._say(swapped)
            return UNKNOWN
        self.problems += _no_member(bound, self.vocabulary)
        takes = {p.name: p.takes for p in function.params}
        args = {name: self._argument(argument, takes[name], node.name) for name, argument in bound.items()}
        if len(self.problems) > before:
            return UNKNOWN  # what is wrong inside says more than what follows from it
        return self._try(GIVES[node.name], node.name, args)

    def _argument(self, node: Node, takes: Takes, function: str) -> Argument:
        if isinstance(node, Const):
            if takes in ("any", "condition", "number"):
                if function in _OVER_TIME and not isinstance(node.value, str):
                    self._say(f"{function} takes a condition over time, as in ret('XLE', '1d') > 0")
                if isinstance(node.value, str) and node.value in self.vocabulary.series:
                    wanted = f"ret('{node.value}', '1d') > 0" if takes == "condition" else f"close('{node.value}')"
                    self._say(f"found '{node.value}' where a value was expected; write for example {wanted}")
                return Argument(typed=arguments.constant_kind(node.value))
            problem = _constant(node, takes, self.vocabulary, function)
            if problem:
                self._say(problem)
                return Argument()
            text = str(node.value)
            if takes in ("series", "single"):
                wide = text in self.vocabulary.universes
                return Argument(text, self.vocabulary.nature(text), wide=wide)
            return Argument(text)
        if isinstance(node, Ref) and takes not in ("any", "condition", "number"):
            self.of(node)
            name = self.vocabulary.stands_for.get(node.name, "")
            return Argument(node.name, self.vocabulary.nature(name) if name else ANYTHING)
        if takes not in ("series", "any", "condition", "number", "single"):
            self._say(f"found an expression where {_EXPECTED.get(takes, takes)} was expected")
            return Argument()
        if takes == "single":
            self._say("found an expression where a ticker in quotes was expected")
            return Argument()
        typed = self.of(node)
        if is_constant(node) and (takes == "series" or function in _OVER_TIME):
            wanted = (
                "a series, as in 'XLE'" if takes == "series" else "a condition over time, as in ret('XLE', '1d') > 0"
            )
            self._say(f"{function} takes {wanted}; found what is the same on every day")
        return Argument(typed=typed)


_OVER_TIME = ("first", "last", "sessions", "streak")
"""Functions that ask on which days a condition held."""


_EXPECTED: Mapping[Takes, str] = {
    "window": "a window such as 'ytd', '90d' or 200",
    "universe": "a universe in quotes",
    "day": "a day such as '2026-02-27'",
    "basis": "'total' or 'price'",
    "target": "a target price",
    "field": "a fundamental in quotes",
    "basket": "a basket in quotes",
    "member": "a member in quotes",
    "group": "a basket, or tickers with commas between them, in quotes",
    "periods": "a number of periods",
}


def kind_of(source: str, vocabulary: Vocabulary) -> Typed:
    """Return the kind of a bare expression; unknown where it is wrong."""
    try:
        node = parse_expression(source)
    except ExpressionError:
        return UNKNOWN
    inference = _Inference(vocabulary)
    found = inference.top(node, filtered=True)
    return UNKNOWN if inference.problems else found


def _no_member(bound: Mapping[str, Node], vocabulary: Vocabulary) -> Iterator[str]:
    """Yield that a basket has no such member, where both are written out."""
    basket, member = bound.get("basket"), bound.get("member")
    if isinstance(basket, Const) and isinstance(member, Const):
        members = vocabulary.baskets.get(str(basket.value), ())
        if members and member.value not in members:
            yield arguments.no_member(str(basket.value), str(member.value), members)


def _constant(node: Const, takes: Takes, vocabulary: Vocabulary, function: str) -> str:
    """Return what is wrong with a constant argument, or an empty text."""
    value: Plain = node.value
    if takes == "window" and value in CONTEXT_NAMES:
        return quoted_name(str(value), vocabulary)
    if takes == "window" and value == SINCE_OPENED and SINCE_OPENED not in vocabulary.names:
        return NOT_OPENED
    if takes in ("series", "single"):
        if not isinstance(value, str):
            return f"found {value} where a ticker, a basket or a universe in quotes was expected"
        if value in vocabulary.universes:
            return "" if takes == "series" else f'"{value}" is a universe; one ticker or basket was expected'
        return check_series(value, vocabulary)
    try:
        if takes == "group":
            names = arguments.read_group(value)
            if len(names) == 1 and names[0] in (*vocabulary.universes, *vocabulary.baskets):
                return ""
            wrong = next(filter(None, (check_series(name, vocabulary) for name in names)), "")
            return wrong or (f"found {value}; {_EXPECTED['group']}, were expected" if len(names) == 1 else "")
        if takes == "universe":
            arguments.read_universe(value, vocabulary.universes)
        elif takes == "basket":
            arguments.read_basket(value, vocabulary.baskets)
        elif takes == "window":
            window = arguments.read_window(value)
            if function == "ema" and window.kind != "sessions":
                return arguments.NO_SESSIONS.format(window.text)
            return not_yet(window, vocabulary.day)
        elif takes == "day":
            day = arguments.read_day(value)
            if vocabulary.day and day > vocabulary.day:
                return f"{day} lies ahead of {vocabulary.day}, the last day of data; write a day that has passed"
        elif takes in _READERS:
            _READERS[takes](value)
    except ExpressionError as problem:
        return problem.problem
    return ""


_READERS: Mapping[Takes, Callable[[Plain], object]] = {
    "basis": arguments.read_basis,
    "target": arguments.read_target,
    "field": arguments.read_field,
    "periods": arguments.read_periods,
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
                yield from (link.strip() for link in re.split(r"[|,]", node.value))
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

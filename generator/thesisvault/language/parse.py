"""Text with `{{ }}` in, a small tree of our own out.

Jinja parses; what it understood is then copied node by node through a whitelist into frozen records. An expression can
say nothing that these records cannot hold: names, constants, calls by name, filters by name, arithmetic, comparisons,
`and or not` and `a if c else b`. Attributes, subscripts, statements, loops and everything else end here, with a place.
"""

from __future__ import annotations

import re
from functools import lru_cache

from jinja2 import Environment, TemplateSyntaxError, nodes
from msgspec import Struct

from thesisvault.errors import ThesisvaultError, did_you_mean
from thesisvault.language.slips import short, slip_in
from thesisvault.patterns import regex
from thesisvault.scalars import LONGEST_EXPRESSION
from thesisvault.written import kept_by_text

MOST_CALLS = 64
"""The most calls of functions in one expression."""
MOST_PARTS = 400
"""The most names, constants, calls, filters and operators in one expression."""
DEEPEST = 60
"""How deep the parts of an expression may lie in one another; of `1 + 2 + 3` the 1 lies two deep."""
MOST_IN_TEXT = 400
"""The most expressions in one text."""


class ExpressionError(ThesisvaultError):
    """An expression that cannot be used.

    Attributes:
        problem: What was found and what was expected.
        nth: Which `{{` of its text it stands in, counted from 0.
        offset: The character of its text at which it is to be shown, where it stands in no `{{`.
    """

    def __init__(self, problem: str, nth: int = 0, offset: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.nth = nth
        self.offset = offset


class Const(Struct, frozen=True):
    """A number, a text or a truth; 1, 1.0 and true are three."""

    value: float | int | str | bool

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Const) and type(other.value) is type(self.value) and other.value == self.value

    def __hash__(self) -> int:
        return hash((Const, type(self.value), self.value))


class Ref(Struct, frozen=True, cache_hash=True):
    """A name that the context gives: `buy`, `sell`, `benchmark`, `over`, `row`, `column`."""

    name: str


class Call(Struct, frozen=True, cache_hash=True):
    """A call of a function by its name; `named` holds keyword arguments in the order written."""

    name: str
    args: tuple[Node, ...]
    named: tuple[tuple[str, Node], ...] = ()


class Filter(Struct, frozen=True, cache_hash=True):
    """A filter laid on a value: `x | pct(0)`."""

    name: str
    of: Node
    args: tuple[Node, ...] = ()


class Binary(Struct, frozen=True, cache_hash=True):
    """`left op right` with op one of `+ - * /`."""

    op: str
    left: Node
    right: Node


class Compare(Struct, frozen=True, cache_hash=True):
    """A chain of comparisons: `a < b <= c`."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


class Logic(Struct, frozen=True, cache_hash=True):
    """`and` or `or` of two conditions."""

    op: str
    left: Node
    right: Node


class Unary(Struct, frozen=True, cache_hash=True):
    """`not x`, `-x` or `+x`."""

    op: str
    of: Node


class Choice(Struct, frozen=True, cache_hash=True):
    """`then if condition else otherwise`."""

    condition: Node
    then: Node
    otherwise: Node


Node = Const | Ref | Call | Filter | Binary | Compare | Logic | Unary | Choice

Plain = str | float | bool | None
"""A constant as it was written, or the text that a name of the context stands for; None for anything else."""

_BINARY = {nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/"}
_COMPARE = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_FOREIGN: tuple[tuple[type[nodes.Expr], str], ...] = (
    (nodes.Getattr, "an attribute (a dot behind a value)"),
    (nodes.Getitem, "a subscript (square brackets behind a value)"),
    (nodes.Concat, "`~`"),
    (nodes.Pow, "`**`"),
    (nodes.Mod, "`%`"),
    (nodes.FloorDiv, "`//`"),
    (nodes.List, "a list"),
    (nodes.Tuple, "a tuple"),
    (nodes.Dict, "a mapping"),
    (nodes.Test, "`is`"),
    (nodes.TemplateData, "a text"),
)
_ALLOWED = (
    "names, numbers, texts in quotes, calls of known functions, | filters, + - * /, comparisons, and, or, not, if else"
)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # Only its parser is used: no template of this environment is ever compiled or rendered.
    return Environment(autoescape=False)  # noqa: S701


@kept_by_text(256)
def parse_text(text: str) -> tuple[str | Node, ...]:
    """Return the parts of a text: literal pieces as str, what stands between `{{ }}` as trees.

    Raises:
        ExpressionError: An expression is broken or says what may not be said.

    >>> parse_text("IGV {{ ret('IGV', 'ytd') | pct }}.")[1].name
    'pct'
    """
    if "{{" not in text and "{%" not in text and "{#" not in text:
        return (text,)
    for opening, what in (("{%", "a statement"), ("{#", "a comment")):
        if opening in text:
            said = "only expressions between {{ and }} are understood here"
            raise ExpressionError(f"found {what} ({opening}); {said}")
    parts: list[str | Node] = []
    position = nth = 0
    while (start := text.find("{{", position)) >= 0 and (end := _closing(text, start + 2)) >= 0:
        if nth == MOST_IN_TEXT:
            raise ExpressionError(f"a text holds more than {MOST_IN_TEXT} expressions", nth)
        if start > position:
            parts.append(text[position:start])
        parts.append(parse_expression(text[start + 2 : end], nth))
        position, nth = end + 2, nth + 1
    if "{{" in text[position:]:
        start = text.index("{{", position) + 2
        after = text[start : start + LONGEST_EXPRESSION].split("{{")[0]
        slip = slip_in(after.split("}")[0]) if "}" in after else ""
        raise ExpressionError(slip or 'found "{{" without its "}}"; write two braces at both ends', nth)
    if position < len(text):
        parts.append(text[position:])
    return tuple(parts)


def _closing(text: str, start: int) -> int:
    """Return where the braces begin that close an expression, -1 if none do; those in its quoted strings do not count.

    Where a quotation mark has no other, the first closing braces are taken, so that the message is about the mark.
    """
    at = start
    while found := _QUOTE_OR_END.search(text, at):
        if found[0] == "}}":
            return found.start()
        close = text.find(found[0], found.end(), start + LONGEST_EXPRESSION)
        if close < 0:
            break
        at = close + 1
    return text.find("}}", start)


_QUOTE_OR_END = regex(r"['\"]|\}\}")


@kept_by_text(256)
def parse_expression(source: str, nth: int = 0) -> Node:
    """Return the tree of one expression, without braces around it.

    Raises:
        ExpressionError: It is empty, too long, broken, or says what may not be said.

    >>> parse_expression("1 - 0.1")
    Binary(op='-', left=Const(value=1), right=Const(value=0.1))
    """
    if not source.strip():
        raise ExpressionError("an expression is empty", nth)
    if len(source) > LONGEST_EXPRESSION:
        raise ExpressionError(f"an expression has {len(source)} characters; {LONGEST_EXPRESSION} are allowed", nth)
    return _by_pattern(source) or _parsed(source, nth)


_QUOTED = regex(r"'([^']*)'")
_NAME = regex(r"[A-Za-z0-9_^.=: -]+")
"""A text whose letters say nothing to the parser: a ticker, a window, a day."""


def _by_pattern(source: str) -> Node | None:
    """Return the tree of an expression that differs from others by the texts in its quotes only; None if that fails.

    Of many notes most expressions do: one of them is parsed, with numbers in place of the texts.
    """
    if '"' in source or "\\" in source:
        return None
    texts: list[str] = []

    def numbered(found: re.Match[str]) -> str:
        if not _NAME.fullmatch(found[1]):
            return found[0]
        texts.append(found[1])
        return f"'{len(texts) - 1}'"

    pattern = _QUOTED.sub(numbered, source)
    if not texts:
        return None
    try:
        tree = _pattern(pattern)
    except ExpressionError:
        return None  # the message is to show the expression as it was written
    left = {str(number): text for number, text in enumerate(texts)}
    found = _with_texts(tree, left)
    return None if left else found


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> Node:
    return _parsed(pattern, 0)


def _with_texts(node: Node, texts: dict[str, str]) -> Node:
    """Return a tree with texts in place of their numbers; each is taken out where it is put in."""
    if isinstance(node, Const):
        return Const(texts.pop(node.value)) if isinstance(node.value, str) and node.value in texts else node
    if isinstance(node, Call):
        args = tuple([_with_texts(each, texts) for each in node.args])
        return Call(node.name, args, tuple([(name, _with_texts(each, texts)) for name, each in node.named]))
    if isinstance(node, Filter):
        return Filter(node.name, _with_texts(node.of, texts), tuple([_with_texts(each, texts) for each in node.args]))
    if isinstance(node, Binary):
        return Binary(node.op, _with_texts(node.left, texts), _with_texts(node.right, texts))
    if isinstance(node, Compare):
        rest = tuple([(op, _with_texts(each, texts)) for op, each in node.rest])
        return Compare(_with_texts(node.first, texts), rest)
    if isinstance(node, Logic):
        return Logic(node.op, _with_texts(node.left, texts), _with_texts(node.right, texts))
    if isinstance(node, Unary):
        return Unary(node.op, _with_texts(node.of, texts))
    if isinstance(node, Choice):
        parts = (node.condition, node.then, node.otherwise)
        return Choice(*[_with_texts(each, texts) for each in parts])
    return node


def _parsed(source: str, nth: int) -> Node:
    if _closing(source + "}}", 0) != len(source) or "{{" in source:
        raise ExpressionError("found braces inside an expression", nth)
    if slip := slip_in(source):
        raise ExpressionError(slip, nth)
    try:
        # The blanks keep a leading minus from being read as Jinja's `{{-`, which would drop it.
        tree = _environment().parse("{{ " + source + " }}")
    except TemplateSyntaxError as problem:
        said = (problem.message or "").rstrip(".")
        if "unexpected '}'" in said or "end of print statement" in said:
            said = "unbalanced bracket"
        raise ExpressionError(f'"{short(source)}" cannot be understood: {said}.', nth) from None
    except (RecursionError, MemoryError, ValueError, OverflowError, SyntaxError):
        said = f'"{short(source)}" is nested too deeply, or holds a number that cannot be read'
        raise ExpressionError(said, nth) from None
    outputs = tree.body
    if len(outputs) != 1 or not isinstance(outputs[0], nodes.Output) or len(outputs[0].nodes) != 1:
        raise ExpressionError(f'"{short(source)}" is not one expression', nth)
    return _copy(outputs[0].nodes[0], nth, _Budget())


class _Budget(Struct):
    """What of an expression may still be copied, and how deep the copy is."""

    calls: int = MOST_CALLS
    parts: int = MOST_PARTS
    depth: int = 0

    def part(self, nth: int) -> None:
        """Take a part, or refuse one too many or too deep."""
        self.parts -= 1
        if self.parts < 0:
            raise ExpressionError(f"an expression has more than {MOST_PARTS} parts; split it", nth)
        if self.depth > DEEPEST:
            said = f"an expression has parts that lie more than {DEEPEST} deep, or joins more than so many in a row"
            raise ExpressionError(f"{said}; split it", nth)

    def call(self, nth: int) -> None:
        """Take a call, or refuse one too many."""
        self.calls -= 1
        if self.calls < 0:
            raise ExpressionError(f"an expression calls more than {MOST_CALLS} functions; split it", nth)


def _copy(node: nodes.Expr | nodes.Node, nth: int, budget: _Budget) -> Node:
    """Return our record of one node of Jinja's tree; whatever has none is an error."""
    budget.part(nth)
    budget.depth += 1
    copy = _record(node, nth, budget)
    budget.depth -= 1
    return copy


def _record(node: nodes.Expr | nodes.Node, nth: int, budget: _Budget) -> Node:
    if isinstance(node, nodes.Const):
        return _constant(node.value, nth)
    if isinstance(node, nodes.Name):
        return Ref(node.name)
    if isinstance(node, nodes.Call):
        return _call(node, nth, budget)
    if isinstance(node, nodes.Filter):
        return _filter(node, nth, budget)
    if type(node) in _BINARY:
        assert isinstance(node, nodes.BinExpr)  # noqa: S101 - for the type checker; _BINARY holds nothing else
        return Binary(_BINARY[type(node)], _copy(node.left, nth, budget), _copy(node.right, nth, budget))
    if isinstance(node, nodes.And | nodes.Or):
        op = "and" if isinstance(node, nodes.And) else "or"
        return Logic(op, _copy(node.left, nth, budget), _copy(node.right, nth, budget))
    if isinstance(node, nodes.Not | nodes.Neg | nodes.Pos):
        op = {nodes.Not: "not", nodes.Neg: "-", nodes.Pos: "+"}[type(node)]
        return Unary(op, _copy(node.node, nth, budget))
    if isinstance(node, nodes.Compare):
        return _compare(node, nth, budget)
    if isinstance(node, nodes.CondExpr):
        if node.expr2 is None:
            raise ExpressionError('found "if" without "else"', nth)
        return Choice(_copy(node.test, nth, budget), _copy(node.expr1, nth, budget), _copy(node.expr2, nth, budget))
    what = next((words for kind, words in _FOREIGN if isinstance(node, kind)), f"`{type(node).__name__.lower()}`")
    raise ExpressionError(f"found {what}; an expression may hold {_ALLOWED}", nth)


def _constant(value: object, nth: int) -> Const:
    if isinstance(value, bool | str):
        return Const(value)
    if isinstance(value, int | float) and abs(value) < 1e18:
        return Const(value)
    raise ExpressionError(f"found {str(value)[:40]}; expected a number, a text in quotes, true or false", nth)


def _call(node: nodes.Call, nth: int, budget: _Budget) -> Call:
    if not isinstance(node.node, nodes.Name):
        found = (
            "a method (a dot behind a value)"
            if isinstance(node.node, nodes.Getattr)
            else "a call of something that is not a name"
        )
        raise ExpressionError(f"found {found}; only known functions can be called, by their names", nth)
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        raise ExpressionError("found `*` before an argument; write the arguments one by one", nth)
    budget.call(nth)
    args = tuple(_copy(each, nth, budget) for each in node.args)
    named = tuple((each.key, _copy(each.value, nth, budget)) for each in node.kwargs)
    return Call(node.node.name, args, named)


def _filter(node: nodes.Filter, nth: int, budget: _Budget) -> Filter:
    if node.node is None or node.kwargs or node.dyn_args is not None or node.dyn_kwargs is not None:
        raise ExpressionError(f"the filter {node.name} takes plain arguments only, as in | pct(0)", nth)
    return Filter(node.name, _copy(node.node, nth, budget), tuple(_copy(each, nth, budget) for each in node.args))


def _compare(node: nodes.Compare, nth: int, budget: _Budget) -> Compare:
    rest = []
    for operand in node.ops:
        if operand.op not in _COMPARE:
            raise ExpressionError(f"found `{operand.op}`; comparisons are == != < <= > >=", nth)
        rest.append((_COMPARE[operand.op], _copy(operand.expr, nth, budget)))
    return Compare(_copy(node.expr, nth, budget), tuple(rest))


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below a node, in the order written."""
    if isinstance(node, Call):
        return (*node.args, *(value for _, value in node.named))
    if isinstance(node, Filter | Unary):
        return (node.of,)
    if isinstance(node, Binary | Logic):
        return (node.left, node.right)
    if isinstance(node, Compare):
        return (node.first, *(each for _, each in node.rest))
    if isinstance(node, Choice):
        return (node.condition, node.then, node.otherwise)
    return ()


def unknown(kind: str, word: str, known: list[str]) -> str:
    """Return the sentence that says a word is not known, with the nearest that is.

    >>> unknown("function", "rett", ["ret", "rank"])
    'rett is not a known function. Did you mean "ret"?'
    """
    return f"{word} is not a known {kind}. {did_you_mean(word, known)}".rstrip()

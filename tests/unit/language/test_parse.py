"""No expression reaches a file, an attribute, a module or a loop without end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from thesisvault.language.check import Vocabulary, check_expression, check_text
from thesisvault.language.parse import ExpressionError, Node, _parsed, parse_expression, parse_text

WAYS_OUT = [
    "close('X').to_csv('x')",
    "''.__class__",
    "''.__class__.__mro__[1].__subclasses__()",
    "range(10**9)",
    "'x' * 300000000",
    "().__class__.__base__",
    "config",
    "self",
    "self.__init__.__globals__",
    "lipsum.__globals__",
    "cycler.__init__.__globals__.os",
    "joiner()",
    "namespace(a=1)",
    "request.application",
    "__import__('os')",
    "open('/etc/passwd')",
    "open('/etc/passwd').read()",
    "eval('1')",
    "exec('1')",
    "getattr(close('X'), 'to_csv')",
    "close('X')['a']",
    "close('X')[0]",
    "close('X').values",
    "ret('X', 'ytd') | attr('to_csv')",
    "ret('X', 'ytd') | map('upper')",
    "'%s' % close('X')",
    "'a' ~ 'b'",
    "2 ** 99999999",
    "9 // 2",
    "[x for x in (1, 2)]",
    "[1, 2, 3]",
    "{'a': 1}",
    "(1, 2)",
    "lambda: 1",
    "1 in [1]",
    "'a' in 'abc'",
    "close('X') is defined",
    "close(*['X'])",
    "close(**{'x': 'X'})",
    "close('X')('y')",
    "1e400",
    "99999999999999999999999999999999999999",
    "(" * 900 + "1" + ")" * 900,
    "abs(" * 200 + "1" + ")" * 200,
    "caller()",
    "super()",
    "loop.index",
    "dict(a=1)",
    "none",
]


@pytest.mark.parametrize("source", WAYS_OUT)
def test_a_way_out_is_an_error_with_words(source: str) -> None:
    vocabulary = Vocabulary(frozenset({"X"}), frozenset())
    problems = check_expression(source, vocabulary)
    assert problems, source
    assert all(isinstance(each.problem, str) and len(each.problem) > 10 for each in problems)


@pytest.mark.parametrize("source", WAYS_OUT[:40])
def test_a_way_out_in_text_is_never_printed_raw(source: str) -> None:
    problems = check_text(f"before {{{{ {source} }}}} after", Vocabulary(frozenset({"X"}), frozenset()))
    assert problems
    assert problems[0].nth == 0


@pytest.mark.parametrize(
    "text", ["{% for x in y %}", "a {# b #}", "{{ 1", "{{ }}", "{{ ret('X', 'ytd' }}", "{{{{ 1 }}}}"]
)
def test_broken_text_is_an_error(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_text(text)


def test_the_nth_expression_is_named() -> None:
    problems = check_text("{{ ret('X', 'ytd') }} and {{ rett('X', 'ytd') }}", Vocabulary(frozenset({"X"}), frozenset()))
    assert [(p.nth, 'Did you mean "ret"?' in p.problem) for p in problems] == [(1, True)]


def test_braces_inside_a_quoted_text_do_not_end_an_expression() -> None:
    assert len(parse_text("a {{ ret('}}', 'ytd') }} b")) == 3


@given(st.text(alphabet="ab'\"{}%#|().,+-*/ 019<>=\n", max_size=40))
def test_any_text_parses_or_says_why(text: str) -> None:
    try:
        parts = parse_text(text)
    except ExpressionError:
        return
    assert "".join(p for p in parts if isinstance(p, str)) in text or len(parts) > 1


@given(st.text(max_size=60))
def test_text_without_braces_is_itself(text: str) -> None:
    plain = text.replace("{", "").replace("}", "")
    assert parse_text(plain) == (plain,)


def test_a_misspelt_ticker_window_and_filter_are_named() -> None:
    vocabulary = Vocabulary(frozenset({"XLU"}), frozenset({"sp500"}))
    said = [p.problem for p in check_text("{{ ret('XLUU', '9q') | pcnt }}", vocabulary)]
    assert len(said) == 3
    for expected in ('Did you mean "XLU"?', "9q", 'Did you mean "pct"?'):
        assert expected in " ".join(said)


def test_a_year_without_quotes_is_not_taken_for_sessions() -> None:
    said = check_expression("ret('XLU', 2022)", Vocabulary(frozenset({"XLU"}), frozenset()))
    assert "'2022' for the year" in said[0].problem


def test_arithmetic_with_a_formatted_text_says_where_parentheses_go() -> None:
    said = check_text("{{ ret('XLU', 'ytd') - ret('XLU', '1y') | pct }}", Vocabulary(frozenset({"XLU"}), frozenset()))
    assert "put parentheses before `| pct`" in said[0].problem


def test_nested_expressions_keep_their_shape() -> None:
    node = parse_expression("a < b <= c and not d or e")
    assert type(node).__name__ == "Logic"


WORDS = ["ret", "(", ")", ", ", " - ", " | ", "pct", "w=", "not ", " if ", " else ", " < ", "1", "buy", "{{", "}}", " "]
TEXTS = ["'0'", "'1'", "'XLE'", "'ytd'", "''", "'x y'", "'\u0661'", "'\u00e9'", "'2026\u20132027'", "'}}'"]
QUOTES = ["'", '"', "\\", '"\'"']


def outcome(parse: Callable[[str, int], Node], source: str) -> object:
    try:
        return repr(parse(source, 3))
    except ExpressionError as problem:
        return problem.problem, problem.nth, problem.offset


@example(["'' ", "'XLE'"])
@example(["'\u0661'", " - ", "'b'", " - ", "'a'"])
@example(["ret", "(", "'1'", ", ", "w=", "'0'", ")", " | ", "pct", "(", "'x y'", ")"])
@example(["'a'", " < ", "'b'", " if ", "not ", "'c'", " else ", "'d'", " | ", "pct"])
@example(['"\'"', "'XLE'", '"\'"'])
@given(st.lists(st.sampled_from([*WORDS, *TEXTS, *QUOTES]), min_size=1, max_size=14))
def test_an_expression_known_by_its_pattern_is_what_the_parser_makes_of_it(pieces: list[str]) -> None:
    source = "".join(pieces)
    if source.strip():
        assert outcome(parse_expression, source) == outcome(_parsed, source)

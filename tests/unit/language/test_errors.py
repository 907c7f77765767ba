"""What cannot be meant is an error that says what was found and what was expected."""

from __future__ import annotations

import pytest

from tests.unit.language.samples import BASKETS, INSTRUMENTS, UNIVERSES
from thesisvault.language.check import Vocabulary, check_expression, check_text
from thesisvault.language.evaluate import Scope
from thesisvault.language.parse import ExpressionError

VOCABULARY = Vocabulary(frozenset({*INSTRUMENTS, *BASKETS}), frozenset(UNIVERSES), frozenset({"benchmark", "over"}))

WRONG = [
    ("ret('UPP', 'ytd')", 'Did you mean "UP"'),
    ("ret('LATE | UPP', 'ytd')", "UPP"),
    ("rett('UP', 'ytd')", 'Did you mean "ret"'),
    ("dispersion('fivee', '1d')", 'Did you mean "five"'),
    ("rank('UP', 'duo', '1d')", "not a known universe"),
    ("ret('UP')", r"lacks w: write ret\(x, w, \[basis\]\)"),
    ("ret('UP', 'ytd', 'total', 1)", "takes 3 arguments, found 4"),
    ("ret('UP', window='ytd')", "no argument window"),
    ("ret('UP', 'ytd', x='DN')", "got x twice"),
    ("ret('UP', '9q')", '"9q" is not a window'),
    ("ret('UP', 2022)", "'2022' for the year"),
    ("ret('UP', 1.5)", "1.5"),
    ("at(ret('UP', 'ytd'), '2026-02-30')", "not in the calendar"),
    ("at(ret('UP', 'ytd'), 'yesterday')", "YYYY-MM-DD"),
    ("ret(5, 'ytd')", "ticker"),
    ("ret(UP, 'ytd')", "UP is not a known name"),
    ("'UP' + 1", "cannot be calculated with"),
    ("ret('UP', '1d') + 'x'", "cannot be calculated with"),
    ("(ret('UP', '1d') > 0) + 1", "condition where a number was expected|condition"),
    ("ret('UP', '1d') and ret('DN', '1d') > 0", "condition was expected"),
    ("not ret('UP', '1d')", "condition was expected"),
    ("now(ret('UP', '1d'), 1)", "now takes"),
]


@pytest.mark.parametrize(("source", "said"), WRONG, ids=[w[0] for w in WRONG])
def test_a_mistake_is_found_with_prices_and_without(scope: Scope, source: str, said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        scope.number(source)
    assert check_expression(source, VOCABULARY), "it passes the check of definitions"


ONLY_WITH_PRICES = [
    ("ret('five', '1d')", r"wrap it in count\(\)"),
    ("ret('five', '1d') > 0", r"wrap it in count\(\)"),
    ("spread('five', 'UP', '1d')", "one"),
    ("corr('five', 'UP', '1y')", "one"),
    ("peak('five', '1y')", "one"),
    ("count(ret('UP', '1d') > 0)", "across the members"),
    ("mean(ret('UP', '1d'))", "across the members"),
    ("streak(ret('UP', '1d'))", "takes a condition"),
    ("streak(ret('five', '1d') > 0)", "not one per member"),
    ("ret('UP', 'ytd', basis='prices')", "expected 'total' or 'price'"),
    ("ema('UP', 'ytd')", "number of sessions"),
    ("min('a', 1)", "two numbers"),
    ("max(true, 1)", "two numbers"),
    ("abs(ret('UP', '1d') > 0)", "takes a number"),
    ("upside('UP', 0)", "above zero"),
    ("upside('UP', 'high')", "not a figure"),
    ("sma(5, 20)", "in quotes, or a series"),
    ("'a' < 'b'", "only be compared with =="),
    ("1 if ret('UP', '1d') else 0", "condition was expected"),
    ("ret('UP', benchmark)", "not a window"),
]


@pytest.mark.parametrize(("source", "said"), ONLY_WITH_PRICES, ids=[w[0] for w in ONLY_WITH_PRICES])
def test_what_does_not_fit_together_is_an_error(scope: Scope, source: str, said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        scope.figure(source)


@pytest.mark.parametrize("source", ["peak('DN', 'max') == 'rotation'", "ret('UP', '1d') == 'rotation'"])
def test_a_number_or_a_day_is_not_compared_with_a_word(scope: Scope, source: str) -> None:
    with pytest.raises(ExpressionError):
        scope.number(source)


@pytest.mark.parametrize("sessions", [1850, 2150])
def test_a_bare_number_is_never_a_year(scope: Scope, sessions: int) -> None:
    assert "needed" in scope.number(f"ret('UP', {sessions})").reason


def test_an_error_says_in_which_expression_of_a_text_it_stands(scope: Scope) -> None:
    with pytest.raises(ExpressionError) as caught:
        scope.text("{{ ret('UP', '1d') }} and {{ ret('five', '1d') }}")
    assert caught.value.nth == 1


@pytest.mark.parametrize("tail", ["pct(9)", "pct('x')", "int(2)"])
def test_digits_that_are_wrong_are_found_before_there_are_prices(tail: str) -> None:
    assert check_text(f"{{{{ ret('UP', 'ytd') | {tail} }}}}", VOCABULARY)


@pytest.mark.parametrize("source", ["ret('UP', 'ytd', basis='prices')", "upside('UP', 'high')"])
def test_a_basis_or_target_that_is_none_is_found_before_there_are_prices(source: str) -> None:
    assert check_expression(source, VOCABULARY)


@pytest.mark.parametrize(
    "source",
    [
        "ret('UP', 'ytd') - ret('DN', 'ytd')",
        "breadth(ret('five', 'ytd') > ret(benchmark, over)) > 0.5",
        "session_kind('five', 'SPY') == 'rotation'",
        "1 if ret('UP', 'ytd') > 0 else 0",
        "peak('DN', '1y') - peak('UP', '1y')",
        "ratio('UP', 'DN') > sma(ratio('UP', 'DN'), 20) and not ret('UP', '1d') < -0.02",
        "0 < ret('UP', 'ytd') <= 1.0",
        "at(now(ret('UP', '1d')), '2026-01-05')",
    ],
)
def test_what_the_check_lets_pass_can_be_evaluated(scope: Scope, source: str) -> None:
    assert check_expression(source, VOCABULARY) == []
    scope.number(source)


def test_names_of_the_context_stand_for_series_and_windows(scope: Scope) -> None:
    own = scope.where(buy="UP", sell="DN", over="mtd")
    assert own.number("spread(buy, sell, over)").value == scope.number("spread('UP', 'DN', 'mtd')").value
    assert own.where(buy="SPY").number("ret(buy, over)").value == scope.number("ret('SPY', 'mtd')").value
    assert own.number("ret(buy, over)").value == scope.number("ret('UP', 'mtd')").value
    with pytest.raises(ExpressionError, match="buy is not a known name"):
        scope.number("ret(buy, 'ytd')")


def test_a_text_keeps_its_words_and_shows_its_figures(scope: Scope) -> None:
    text = scope.text("UP {{ ret('UP', 'ytd') | pct(0) }}, LATE {{ ret('LATE', 'ytd') | pct }}.")
    assert "".join(p if isinstance(p, str) else p.text for p in text) == "UP +7%, LATE n/a."

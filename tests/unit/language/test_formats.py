"""How numbers are shown: filters, kinds, money, digits and the nought that has no sign."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thesisvault.language import formats
from thesisvault.language.evaluate import Scope
from thesisvault.language.formats import formatted
from thesisvault.language.parse import ExpressionError
from thesisvault.language.values import Number


def number(value: object, kind: str = "number", unit: str = "") -> Number:
    return Number(value, kind, None, unit=unit)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "name", "digits", "shown"),
    [
        (0.251, "pct", None, "+25.1%"),
        (0.251, "pct", 0, "+25%"),
        (-0.2283, "pct", 2, "−22.83%"),
        (0.66, "share", None, "66%"),
        (0.6649, "share", 1, "66.5%"),
        (0.479, "pp", None, "+47.9pp"),
        (-0.479, "points", None, "47.9pp"),
        (29.04, "mult", None, "29x"),
        (1234.5, "num", None, "1,234.50"),
        (1234.5, "int", None, "1,234"),
        (-312.0, "int", None, "−312"),
    ],
)
def test_a_filter_shows(value: float, name: str, digits: int | None, shown: str) -> None:
    assert formatted(number(value), name, () if digits is None else (float(digits),)) == shown


@pytest.mark.parametrize("name", ["pct", "share", "pp", "points", "usd", "mult", "num", "int"])
@pytest.mark.parametrize("value", [-0.0, -0.0000001, 0.0000001])
def test_a_rounded_nought_has_no_sign(name: str, value: float) -> None:
    shown = formatted(number(value), name)
    assert "-" not in shown
    assert "+" not in shown


@given(st.floats(-2, 2), st.integers(0, 6))
def test_a_percentage_reads_back_to_what_it_was(value: float, digits: int) -> None:
    shown = formats.pct(value, digits)
    assert float(shown.rstrip("%").replace("−", "-")) == pytest.approx(value * 100, abs=0.5 * 10**-digits + 1e-9)
    assert "-" not in shown
    assert not shown.startswith("−") or value < 0


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.5, "$0.50"),
        (999.999, "$1,000.00"),
        (1_500.0, "$1,500.00"),
        (1e6, "$1.00M"),
        (38.4e6, "$38.4M"),
        (2.5e9, "$2.50B"),
        (6.54e12, "$6.54T"),
        (-1.5e9, "−$1.50B"),
        (12_345e12, "$12,345T"),
    ],
)
def test_money_is_scaled_from_a_million_up(value: float, shown: str) -> None:
    assert formats.money(value) == shown


@pytest.mark.parametrize(
    ("value", "kind", "unit", "shown"),
    [
        (0.05, "fraction", "", "+5.0%"),
        (0.05, "spread", "", "+5.0pp"),
        (5.0, "count", "", "5"),
        (5.0, "number", "", "5.00"),
        (5.0, "money", "USD", "$5.00"),
        (5.0, "money", "EUR", "€5.00"),
        (5.0, "money", "CHF", "CHF 5.00"),
        (1.0, "truth", "", "yes"),
        (0.0, "truth", "", "no"),
        (dt.date(2026, 2, 27), "day", "", "27 Feb 2026"),
        ("rotation", "word", "", "rotation"),
        (None, "fraction", "", "n/a"),
    ],
)
def test_without_a_filter_the_kind_decides(value: object, kind: str, unit: str, shown: str) -> None:
    assert formatted(number(value, kind, unit)) == shown


@pytest.mark.parametrize(
    ("value", "kind", "name", "said"),
    [
        (0.5, "number", "pctt", 'Did you mean "pct"'),
        (0.5, "number", "date", "formats days"),
        (1.0, "truth", "pct", "yes or no"),
        (dt.date(2026, 2, 27), "day", "pct", "formats numbers"),
        ("rotation", "word", "pct", "formats numbers"),
        ("rotation", "word", "date", "word"),
    ],
)
def test_a_filter_that_does_not_fit_is_an_error(value: object, kind: str, name: str, said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        formatted(number(value, kind), name)


def test_what_is_unknown_is_shown_so_by_every_filter() -> None:
    assert {formatted(number(None), name) for name in formats.FILTERS} == {"n/a"}


@pytest.mark.parametrize("digits", ["9", "-1", "'x'", "true", "1, 2", "ret('UP', '1d')"])
def test_digits_are_a_number_from_nought_to_six(scope: Scope, digits: str) -> None:
    with pytest.raises(ExpressionError, match="digits"):
        scope.figure(f"ret('UP', 'ytd') | pct({digits})")


def test_digits_for_a_filter_that_takes_none_are_an_error_with_words(scope: Scope) -> None:
    with pytest.raises(ExpressionError):
        scope.figure("count(ret('five', '1d') > 0) | int(2)")


def test_the_filter_for_dollars_never_names_euros_dollars(scope: Scope) -> None:
    try:
        shown = scope.figure("close('EUR') | usd").text
    except ExpressionError:
        return
    assert "$" not in shown


def test_money_is_scaled_after_rounding() -> None:
    assert formats.money(999_999_999_999.0) == "$1.00T"

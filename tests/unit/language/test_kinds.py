"""Kinds: what may be added, compared and divided, what each function gives, and which filter shows what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thesisvault.language import filters, kinds
from thesisvault.language.check import Vocabulary, check_expression, check_text, kind_of
from thesisvault.language.formats import FILTERS
from thesisvault.language.functions.signatures import GIVES, Nature
from thesisvault.language.functions.table import TABLE
from thesisvault.language.kinds import LEVEL, POINTS, RATE

USD, EUR, JPY = (kinds.price(currency) for currency in ("USD", "EUR", "JPY"))
NATURES = {
    **{name: Nature(USD, LEVEL) for name in ("XLE", "IGV", "SPY", "XOM", "HYG", "IEF", "GLD", "TLT", "QQQ", "RSP")},
    "SAP": Nature(EUR, LEVEL),
    "7203.T": Nature(JPY, LEVEL),
    "^GSPC": Nature(POINTS, POINTS),
    "^VIX": Nature(POINTS, POINTS),
    "BTC-USD": Nature(USD, USD),
    "DGS10": Nature(RATE, RATE),
    "DGS2": Nature(RATE, RATE),
    "CPIAUCSL": Nature(kinds.NUMBER, kinds.NUMBER),
    "WALCL": Nature(kinds.amount("USD"), kinds.amount("USD")),
    "GDP": Nature(kinds.amount("USD"), kinds.amount("USD")),
    "oil-majors": Nature(None, LEVEL),
    "sp500": Nature(USD, LEVEL),
}
WORDS = Vocabulary(
    frozenset(NATURES) - {"sp500"},
    frozenset({"sp500"}),
    frozenset({"over"}),
    {"oil-majors": ("XOM", "XLE")},
    NATURES,
).where({"buy": "XLE", "sell": "oil-majors", "benchmark": "SPY"})


def problems(source: str) -> list[str]:
    return [each.problem for each in check_expression(source, WORDS)]


SAID_BY_INVESTORS = """
close('XLE') / high('XLE', '1y')
close('XLE') / high('XLE', '1y') - 1
close('XLE') > sma('XLE', 200)
sma('XLE', 50) > sma('XLE', 200)
sma('^GSPC', 50) > sma('^GSPC', 200)
close('^VIX') > 25
level('DGS10') - ret('CPIAUCSL', '1y')
level('DGS10') < level('DGS2')
level('DGS10') - level('DGS2') < 0
fund('XOM', 'dividend_yield') > level('DGS10')
fund('XOM', 'dividend_yield') - level('DGS10') > 0.01
1 / fund('XOM', 'forward_pe') > level('DGS10')
1 / fund('XOM', 'forward_pe') - level('DGS10')
fund('XOM', 'forward_pe') < 14
fund('XOM', 'forward_pe') / fund('SPY', 'forward_pe')
ret('XLE', '1y') / vol('XLE', '1y')
beta('XLE', 'SPY', '1y') * ret('SPY', 'ytd')
ret('XLE', 'ytd') - beta('XLE', 'SPY', '1y') * ret('SPY', 'ytd')
ret('XLE', '60d') > ret('IGV', '60d') + 0.10
ret('XLE', 'ytd') - ret('SPY', 'ytd') >= 0.05
spread('XLE', 'IGV', 'ytd') > 0.05
spread(buy, sell, over)
ret(buy, 'ytd') > ret(benchmark, 'ytd')
ratio('XLE', 'IGV') > sma(ratio('XLE', 'IGV'), 200)
ratio('XLE', 'IGV') / sma(ratio('XLE', 'IGV'), 200) - 1
zscore(ratio('XLE', 'SPY'), '2y') > 2
drawdown(ratio('XLE', 'SPY'), '90d') < -0.15
drawdown('XLE', '1y') > -0.03
drawdown('oil-majors', '1y') < -0.20
sma(breadth(ret('sp500', '1d') > 0), 10) > 0.6
breadth(ret('sp500', 'ytd') > ret('SPY', 'ytd')) > 0.5
breadth(close('sp500') > sma('sp500', 200)) > 0.5
breadth(level('sp500') > sma(level('sp500'), 200))
breadth(abs(ret('sp500', 'ytd')) >= 0.20)
count(ret('sp500', '1d') > 0) >= 300
count(ret('sp500', 'ytd') >= 0.2) / count(ret('sp500', 'ytd') <= -0.2)
median(ret('sp500', 'ytd')) - ret('SPY', 'ytd')
median(vol('sp500', '60d')) > 2.5 * vol('SPY', '60d')
dispersion('sp500', 'ytd') > 0.2
vol('SPY', '60d') > 0.25
corr('XLE', 'XLK' if false else 'IGV', '90d') < 0.2
corr(ratio('XLE', 'SPY'), 'TLT', '1y') > 0.3
streak(ret('XLE', '1d') > ret('SPY', '1d')) >= 10
sma(ret('SPY', '1d') < -0.015, 'ytd')
high(streak(ret('XLE', '1d') > 0), 'max')
session_kind('sp500', '^GSPC') == 'rotation'
rank('XOM', 'sp500', 'ytd') <= 10
contribution('oil-majors', 'XOM', 'ytd') > 0.02
weight('oil-majors', 'XOM') < 0.4
upside('XOM', 150) > 0.1
change('DGS10', '3m') > 0.005
change('WALCL', '4w') > 0
change('WALCL', '1y') / level('WALCL')
level('WALCL') / level('GDP')
level('WALCL') > '$6T'
'$39.3T' / level('GDP')
close('BTC-USD') > 100000
close('XLE') - low('XLE', '1y') > 5
at(ret('XLE', 'ytd'), '2026-01-05') > 0
(1 if ret('XLE', 'ytd') > 0 else 0) + (1 if ret('IGV', 'ytd') > 0 else 0) >= 1
max(ret('XLE', '2022'), ret('XLE', '2021')) > 0.5
ret('CPIAUCSL', '1y') > at(ret('CPIAUCSL', '1y'), '2025-06-30')
1 + ret('XLE', '1y') > 2
""".strip().splitlines()


@pytest.mark.parametrize("source", [each for each in SAID_BY_INVESTORS if " if false " not in each])
def test_what_investors_write_passes(source: str) -> None:
    assert problems(source) == []


def test_there_are_sixty_of_them() -> None:
    assert len(SAID_BY_INVESTORS) > 60


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "close('XLE') / high(level('XLE'), '1y') - 1",
            "a price in USD and a total-return level: write both as closes",
        ),
        ("level('XLE') > sma('XLE', 200)", "a total-return level and a price in USD"),
        ("level('XLE') - level('IGV')", "only a ratio of two levels means anything"),
        ("level('XLE') > 100", "a total-return level has no unit"),
        ("close('SAP') > close('XLE')", "a price in EUR and a price in USD: convert one of them first"),
        ("close('SAP') - close('7203.T')", "cannot subtract a price in EUR and a price in JPY"),
        ("close('^GSPC') + close('XLE')", "cannot add an index level in points and a price in USD"),
        ("ret('XLE', 'ytd') + close('XLE')", "cannot add a return and a price in USD"),
        ("ret('XLE', 'ytd') > corr('XLE', 'SPY', '1y')", "a return and a correlation: a ratio minus one is a return"),
        ("breadth(ret('sp500', '1d') > 0) > count(ret('sp500', '1d') > 0)", "a share and a count"),
        ("level('WALCL') > level('DGS10')", "an amount in USD and a rate"),
        ("close('XLE') + 5", "a written number has no unit beside it"),
        ("ret(ret('XLE', 'ytd'), '90d')", "ret of a return means nothing; of rates and returns use change()"),
        ("drawdown(ret('XLE', '1d'), '1y')", "drawdown of a return means nothing"),
        ("vol(level('DGS10'), '1y')", "vol of a rate means nothing"),
        ("change('XLE', '90d')", "change of a total-return level has no unit; use ret()"),
        ("high(ret('XLE', '1d') > 0, '1y')", "high of a condition means nothing"),
        ("ret('XLE', 'ytd') and ret('IGV', 'ytd') > 0", "found a return where a condition was expected"),
        ("(ret('XLE', 'ytd') > 0) + 1", "found a condition beside `+`"),
        ("'XLE' * 2", "found a word beside `*`"),
        ("count(ret('XLE', '1d') > 0)", "count works across the members of a universe"),
        ("streak(ret('sp500', '1d') > 0)", "takes one condition over time, not one per member"),
        ("spread('sp500', 'SPY', 'ytd')", "spread takes two series"),
        ("ret('sp500', 'ytd') > 0", "found one value per member of a universe"),
        ("close('oil-majors')", '"oil-majors" is a basket, which has no close'),
        ("close(sell)", "is a basket, which has no close"),
        ("peak('XLE', '1y') + peak('IGV', '1y')", "two days can be subtracted"),
        ("session_kind('sp500', '^GSPC') > 'rotation'", "words can only be compared with == and !="),
        ("fund('XOM', 'forward_pe') > level('DGS10')", "a multiple and a rate"),
        ("upside('DGS10', 5)", "upside compares a target with a price, found a rate"),
        ("0.5 if ret('XLE', 'ytd') > 0 else close('XLE')", "both sides of else are of one kind"),
    ],
)
def test_unlike_things_are_refused_with_both_kinds_and_what_to_write(source: str, said: str) -> None:
    assert any(said in problem for problem in problems(source)), problems(source)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ buy | pct }}", "| pct cannot show a word: a name is shown without a filter"),
        ("{{ spread('XLE', 'IGV', 'ytd') | pct }}", "| pct cannot show a difference in points: use | share or | pp"),
        ("{{ ret('XLE', 'ytd') | pp }}", "| pp cannot show a return: use | pct or | share"),
        ("{{ level('XLE') | num }}", "a total-return level has no unit"),
        ("{{ ret('XLE', 'ytd') | usd }}", "| usd cannot show a return"),
        ("{{ close('XLE') | pct }}", "| pct cannot show a price in USD: use | usd or | num"),
        ("{{ peak('XLE', '1y') | num }}", "| num cannot show a day: use | date"),
        ("{{ (ret('XLE', 'ytd') | pct) + 1 }}", "put parentheses before `| pct`"),
    ],
)
def test_a_filter_shows_nothing_as_what_it_is_not(text: str, said: str) -> None:
    found = [each.problem for each in check_text(text, WORDS)]
    assert any(said in problem for problem in found), found


def test_every_function_and_filter_says_what_it_gives() -> None:
    assert set(GIVES) == set(TABLE)
    assert set(filters.FILTERS) == set(FILTERS)


# One expression of each kind; the first of a family is enough to see whether families mix.
ATOMS = {
    "ret('XLE', 'ytd')": "fraction",
    "spread('XLE', 'IGV', 'ytd')": "fraction",
    "level('DGS10')": "fraction",
    "breadth(ret('sp500', '1d') > 0)": "fraction",
    "vol('XLE', '60d')": "fraction",
    "ratio('XLE', 'IGV')": "plain",
    "fund('XOM', 'forward_pe')": "plain",
    "corr('XLE', 'SPY', '1y')": "plain",
    "streak(ret('XLE', '1d') > 0)": "plain",
    "close('XLE')": "price USD",
    "high('XLE', '1y')": "price USD",
    "close('SAP')": "price EUR",
    "close('^GSPC')": "points",
    "level('WALCL')": "amount USD",
    "level('XLE')": "level",
    "sma(level('XLE'), 200)": "level",
    "ret('XLE', '1d') > 0": "truth",
    "peak('XLE', '1y')": "day",
    "session_kind('sp500', '^GSPC')": "word",
}
WRAPPED = st.sampled_from(
    ["{x}", "at({x}, '2026-01-05')", "now({x})", "({x} if ret('XLE', 'ytd') > 0 else {x})", "-{x}"]
)


@given(
    st.sampled_from(sorted(ATOMS)),
    st.sampled_from(sorted(ATOMS)),
    st.sampled_from(["+", "-", "<", ">=", "=="]),
    WRAPPED,
)
def test_no_pair_of_unlike_kinds_passes(left: str, right: str, op: str, wrap: str) -> None:
    if wrap == "-{x}" and ATOMS[left] in ("truth", "day", "word"):
        wrap = "{x}"
    source = f"({wrap.format(x=f'({left})')}) {op} ({right})"
    if op in "+-" and ATOMS[left] == "day" and right.startswith("streak"):
        assert problems(source) == [], source  # so many days after a day
    elif ATOMS[left] != ATOMS[right]:
        assert problems(source), source
    elif ATOMS[left] not in ("truth", "word", "level", "day"):
        assert problems(source) == [], source


NUMBERS = ["0.05", "2", "1"]


@given(
    st.recursive(
        st.sampled_from([*ATOMS, *NUMBERS]),
        lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        max_leaves=6,
    )
)
def test_a_sum_that_passes_has_one_kind_and_a_refusal_names_what_was_found(source: str) -> None:
    found = check_expression(source, WORDS)
    kind = kind_of(source, WORDS)
    assert bool(found) == (kind.kind == kinds.ANY)
    for each in found:
        assert "cannot" in each.problem or "found" in each.problem

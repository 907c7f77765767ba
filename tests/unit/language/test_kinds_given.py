"""The kind of every sum, product, quotient and function, as an investor reads it; and what is refused beside them."""

from __future__ import annotations

import pytest

from tests.unit.language.test_kinds import WORDS, problems
from thesisvault.language.check import check_text, kind_of
from thesisvault.language.formats import FILTERS

OPERATORS = """
ret('XLE', '1y') + ret('SPY', '1y')                           -> a return
ret('XLE', '1y') - ret('SPY', '1y')                           -> a difference in points
ret('XLE', '1y') + level('DGS10')                             -> a difference in points
ret('XLE', '1y') + spread('XLE', 'SPY', '1y')                 -> a return
spread('XLE', 'SPY', '1y') + ret('XLE', '1y')                 -> a return
ret('XLE', '1y') - spread('XLE', 'SPY', '1y')                 -> a difference in points
level('DGS10') + 0.05                                         -> a rate
1 + ret('XLE', '1y')                                          -> a ratio
ret('XLE', '1y') + 1                                          -> a ratio
1 - ret('XLE', '1y')                                          -> a return
2.5 + ret('XLE', '1y')                                        -> a return
1 + level('DGS10')                                            -> a rate
ratio('XLE', 'SPY') - 1                                       -> a return
level('CPIAUCSL') - 1                                         -> a return
1 - ratio('XLE', 'SPY')                                       -> a number
ratio('XLE', 'SPY') + 1                                       -> a number
ratio('XLE', 'SPY') - 2                                       -> a number
fund('XOM', 'forward_pe') - 1                                 -> a number
fund('XOM', 'forward_pe') - fund('SPY', 'forward_pe')         -> a number
ratio('XLE', 'SPY') + ratio('XLE', 'SPY')                     -> a number
level('CPIAUCSL') + level('CPIAUCSL')                         -> a number
streak(ret('XLE', '1d') > 0) + 5                              -> a count
streak(ret('XLE', '1d') > 0) + streak(ret('SPY', '1d') > 0)   -> a count
close('XLE') + close('SPY')                                   -> a price in USD
close('XLE') - low('XLE', '1y')                               -> a price difference in USD
change(close('XLE'), '1y') + close('XLE')                     -> a price in USD
close('XLE') + change(close('XLE'), '1y')                     -> a price in USD
close('XLE') - change(close('XLE'), '1y')                     -> a price in USD
change(close('XLE'), '1y') - close('XLE')                     -> a price difference in USD
change(close('XLE'), '1y') + change(close('XLE'), '1m')       -> a price difference in USD
change(close('XLE'), '1y') - change(close('XLE'), '1m')       -> a price difference in USD
level('WALCL') + level('GDP')                                 -> an amount in USD
level('WALCL') - level('GDP')                                 -> a difference of amounts in USD
level('WALCL') - change('WALCL', '1y')                        -> an amount in USD
fund('oil-majors', 'market_cap') + level('GDP')               -> an amount in USD
level('GDP') + fund('oil-majors', 'market_cap')               -> an amount in USD
change('WALCL', '1y') + change('GDP', '1y')                   -> a difference of amounts in USD
close('^GSPC') - low('^GSPC', '1y')                           -> a difference of index points
close('^GSPC') + change('^GSPC', '1y')                        -> an index level in points
change('^GSPC', '1y') + change('^GSPC', '1m')                 -> a difference of index points
peak('XLE', '1y') - peak('IGV', '1y')                         -> a count
peak('XLE', '1y') + 5                                         -> a day
peak('XLE', '1y') + streak(ret('XLE', '1d') > 0)              -> a day
2 + 3                                                         -> a written number
2 * ret('XLE', '1y')                                          -> a return
ret('XLE', '1y') * 2                                          -> a return
close('XLE') * beta('XLE', 'SPY', '1y')                       -> a price in USD
ratio('XLE', 'SPY') * beta('XLE', 'SPY', '1y')                -> a number
ret('XLE', '1y') * close('XLE')                               -> a price in USD
close('XLE') * ret('XLE', '1y')                               -> a price in USD
level('WALCL') * ret('XLE', '1y')                             -> an amount in USD
close('XLE') / close('SPY')                                   -> a ratio
close('XLE') / 2                                              -> a price in USD
2 / ratio('XLE', 'SPY')                                       -> a number
ratio('XLE', 'SPY') / 2                                       -> a number
ratio('XLE', 'SPY') / ratio('IGV', 'SPY')                     -> a ratio
fund('XOM', 'forward_pe') / fund('SPY', 'forward_pe')         -> a ratio
1 / fund('XOM', 'forward_pe')                                 -> a rate
ret('XLE', '1y') / 2                                          -> a return
ret('XLE', '1y') / vol('XLE', '1y')                           -> a number
level('XLE') / level('SPY')                                   -> a ratio
ret('XLE', '1y') > 0 or ret('IGV', '1y') > 0                  -> a condition
1 if ret('XLE', '1y') > 0 else 2                              -> a number
1 if ret('XLE', '1y') > 0 else ret('XLE', '1y')               -> a return
ret('XLE', '1y') if ret('XLE', '1y') > 0 else 1               -> a return
ratio('XLE', 'SPY') if ret('XLE', '1y') > 0 else 1            -> a ratio
close('XLE') if ret('XLE', '1y') > 0 else close('SPY')        -> a price in USD
"""

FUNCTIONS = """
change('DGS10', '3m')                               -> a difference in points
change(ret('XLE', '1y'), '3m')                      -> a difference in points
change('WALCL', '4w')                               -> a difference of amounts in USD
change('^GSPC', '3m')                               -> a difference of index points
change(close('XLE'), '1y')                          -> a price difference in USD
change(fund('XOM', 'forward_pe'), '1y')             -> a number
change(streak(ret('XLE', '1d') > 0), '1y')          -> a count
sma(ret('XLE', '1d') > 0, 20)                       -> a share
ema(ret('XLE', '1d') > 0, 20)                       -> a share
sma(streak(ret('XLE', '1d') > 0), 20)               -> a number
ema(streak(ret('XLE', '1d') > 0), 20)               -> a number
high(streak(ret('XLE', '1d') > 0), '1y')            -> a count
lag('XLE', 5)                                       -> a price in USD
high('^VIX', '1y')                                  -> an index level in points
high('oil-majors', '1y')                            -> a total-return level
sma('XLE | SPY', 20)                                -> a total-return level
zscore('XLE', '1y')                                 -> a number
pctile('XLE', '1y')                                 -> a share
median('XLE', '1y')                                 -> a price in USD
mean(ret('sp500', '1y'))                            -> a return
mean(ret('sp500', '1y') > 0)                        -> a share
median(ret('sp500', '1y'))                          -> a return
count(ret('sp500', '1y') > 0)                       -> a count
breadth(ret('sp500', '1y') > 0)                     -> a share
min(1, 2)                                           -> a written number
max(1, ret('XLE', '1y'))                            -> a return
max(ret('XLE', '1y'), 1)                            -> a return
max(peak('XLE', '1y'), peak('SPY', '1y'))           -> a day
abs(ret('XLE', '1y'))                               -> a return
ratio('XLE', 'SPY')                                 -> a ratio
ratio('^GSPC', 'SPY')                               -> a ratio
ratio('SPY', 'WALCL')                               -> a ratio
ratio('SAP', '^GSPC')                               -> a ratio
cagr('XLE', '1y')                                   -> a return
vol('XLE', '1y')                                    -> a volatility
corr('XLE', 'SPY', '1y')                            -> a correlation
beta('XLE', 'SPY', '1y')                            -> a number
spread('XLE', 'SPY', '1y')                          -> a difference in points
peak('XLE', '1y')                                   -> a day
first(ret('XLE', '1d') > 0, '1y')                   -> a day
sessions(ret('XLE', '1d') > 0, '1y')                -> a count
upside('XOM', '$150')                               -> a return
upside('^GSPC', 7000)                               -> a return
fund('XOM', 'target_mean')                          -> a price in USD
fund('XOM', 'market_cap')                           -> an amount in USD
fund('XOM', 'flow')                                 -> an amount in USD
fund('XOM', 'shares')                               -> a count
fund('XOM', 'dividend_yield')                       -> a share
fund('XOM', 'forward_pe')                           -> a multiple
fund('oil-majors', 'market_cap')                    -> an amount
close('SAP')                                        -> a price in EUR
close('XLE | SPY')                                  -> a total-return level
level('DGS10')                                      -> a rate
level('^GSPC')                                      -> an index level in points
rank('XOM', 'sp500', 'ytd')                         -> a count
session_kind('sp500', '^GSPC')                      -> a word
"""


def rows(table: str) -> list[tuple[str, str]]:
    pairs = [line.split(" -> ") for line in table.strip().splitlines()]
    return [(source.strip(), kind) for source, kind in pairs]


@pytest.mark.parametrize(("source", "kind"), rows(OPERATORS) + rows(FUNCTIONS))
def test_each_expression_is_of_the_kind_that_a_reader_takes_it_for(source: str, kind: str) -> None:
    assert problems(source) == []
    assert str(kind_of(source, WORDS)) == kind


@pytest.mark.parametrize(
    "source",
    [
        "mean(ret('sp500', '1y') - ret('SPY', '1y'))",
        "mean(ret('SPY', '1y') - ret('sp500', '1y'))",
        "mean(2 * ret('sp500', '1y'))",
        "mean(ret('sp500', '1y') / vol('SPY', '1y'))",
        "mean(level('sp500') / level('SPY'))",
        "mean(ratio('XLE', 'sp500'))",
        "mean(abs(ret('sp500', '1y')))",
        "mean(max(ret('sp500', '1y'), 0))",
        "mean(min(ret('SPY', '1y'), ret('sp500', '1y')))",
        "mean(change(ret('sp500', '1d'), '1y'))",
        "mean(change(close('sp500'), '1y'))",
        "mean(sma('sp500', 20) / close('sp500'))",
        "mean(sma(streak(ret('XLE', '1d') > 0) * ret('sp500', '1d'), 20))",
        "mean(zscore('sp500', '1y'))",
        "mean(pctile('sp500', '1y'))",
        "mean(median('sp500', '1y') / close('sp500'))",
        "mean(cagr('sp500', '1y'))",
        "mean(sma(ret('sp500', '1d') > 0, 20))",
        "mean(ret('XLE', '1y') if ret('XLE', '1y') > 0 else ret('sp500', '1y'))",
        "mean(ret('sp500', '1y') if ret('XLE', '1y') > 0 else 0)",
        "breadth(not ret('sp500', '1d') > 0)",
        "breadth(ret('SPY', '1d') > 0 and ret('sp500', '1d') > 0)",
        "breadth(ret('SPY', '1d') < ret('sp500', '1d'))",
    ],
)
def test_one_value_per_member_stays_one_per_member(source: str) -> None:
    assert problems(source) == []
    inside = source.partition("(")[2][:-1]
    assert any("one value per member of a universe" in each for each in problems(inside)), inside


LEVEL_ALONE = "a level means nothing by itself"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("level('XLE') * 2", f"cannot multiply a total-return level and the number 2: {LEVEL_ALONE}"),
        ("2 * level('XLE')", f"cannot multiply the number 2 and a total-return level: {LEVEL_ALONE}"),
        ("ret('XLE', '1y') * level('XLE')", f"cannot multiply a return and a total-return level: {LEVEL_ALONE}"),
        ("level('XLE') * ret('XLE', '1y')", f"cannot multiply a total-return level and a return: {LEVEL_ALONE}"),
        ("level('XLE') / 2", f"cannot divide a total-return level and the number 2: {LEVEL_ALONE}"),
        ("level('XLE') + 1", "cannot add a total-return level and the number 1: a written number has no unit"),
        ("close('XLE') * close('SPY')", "cannot multiply a price in USD and a price in USD: one of two factors"),
        ("peak('XLE', '1y') * 2", "cannot multiply a day and the number 2: days can only be subtracted"),
        ("2 * peak('XLE', '1y')", "cannot multiply the number 2 and a day: days can only be subtracted"),
        ("peak('XLE', '1y') / 2", "cannot divide a day and the number 2: days can only be subtracted"),
        ("close('XLE') / ret('XLE', '1y')", "cannot divide a price in USD and a return: use ret() of the price"),
        ("2 / close('XLE')", "cannot divide the number 2 and a price in USD: only like things"),
        ("peak('XLE', '1y') > 5", "cannot compare a day and the number 5: a day is compared with a day"),
        ("'XLE' < sma('XLE', 200)", "cannot compare a word and a price in USD: the price of a ticker is its close"),
        ("'XLE' > level('XLE')", "cannot compare a word and a total-return level: the level of a ticker is level("),
        ("'^GSPC' > close('^GSPC')", "cannot compare a word and an index level in points: the level of an index is"),
        ("session_kind('sp500', '^GSPC') == ret('XLE', '1y')", "cannot compare a word and a return: a word is"),
        ("(ret('XLE', '1y') > 0) > 0", "found a condition inside a comparison"),
        ("level('XLE') if true else close('XLE')", "cannot choose between a total-return level and a price in USD"),
        ("close('XLE') if true else close('SAP')", "between a price in USD and a price in EUR: both sides of else"),
        ("close('XLE') if true else 5", "cannot choose between a price in USD and the number 5: both sides"),
        ("ret('XLE', '1y') if ret('sp500', '1y') > 0 else 1", "found one answer per member"),
        ("level('WALCL') + ret('XLE', '1y')", "cannot add an amount in USD and a return: use ret() of the amount"),
        ("close('^GSPC') > level('XLE')", "cannot compare an index level in points and a total-return level: an index"),
        ("close('XLE') + level('WALCL')", "cannot add a price in USD and an amount in USD: one is per share"),
        ("ret('XLE', '1y') > level('XLE')", f"cannot compare a return and a total-return level: {LEVEL_ALONE}"),
        ("median('XLE')", "median of one series needs a window"),
        ("count(ret('sp500', '1d'))", "count counts members for which a condition holds, found a return per member"),
        ("breadth(ret('sp500', '1d'))", "breadth counts members for which a condition holds"),
        ("count(ret('XLE', '1d') > 0)", "write for example count(ret('sp500', '1d') > 0)"),
        ("mean(ret('XLE', '1d'))", "write for example mean(ret('sp500', '1d'))"),
        ("max(close('XLE'), level('XLE'))", "cannot compare a price in USD and a total-return level"),
        ("max(ret('XLE', '1y') > 0, 1)", "max takes two numbers, found a condition"),
        ("abs(peak('XLE', '1y'))", "abs takes a number, found a day"),
        ("upside('XOM', '€150')", "the target is in EUR, the price in USD; write it in USD"),
        ("upside('^GSPC', '$7,000')", "the target $7,000 is money, and an index is in points"),
        ("close(ret('XLE', '1y'))", "close takes a ticker in quotes, found a return"),
        ("ratio(ret('XLE', '1y'), 'SPY')", "ratio takes two series, found a return"),
        ("ratio('SPY', 'DGS10')", "cannot divide a total-return level and a rate"),
        ("ratio('DGS10', 'SPY')", "ratio takes two series, found a rate"),
        ("ratio(close('XLE'), 'SPY')", "cannot divide a price in USD and a total-return level"),
        ("ratio('SPY', ret('XLE', '1y'))", "cannot divide a total-return level and a return"),
        ("change(ret('XLE', '1y') > 0, '1y')", "change takes a series of numbers, found a condition"),
        ("zscore(ret('XLE', '1y') > 0, '1y')", "zscore takes numbers over time, found a condition"),
        ("high(peak('XLE', '1y'), '1y')", "high takes numbers over time, found a day"),
        ("peak('sp500', '1y')", "peak takes one series; a universe has one value per member"),
        ("beta('XLE', 'sp500', '1y')", "beta takes two series; a universe has one value per member"),
        ("cagr(corr('XLE', 'SPY', '1y'), '1y')", "cagr of a correlation means nothing; it takes a series"),
        ("first(ret('XLE', '1d'), '1y')", "first takes a condition, found a return"),
        ("last(ret('XLE', '1d'), '1y')", "last takes a condition, found a return"),
        ("sessions(ret('sp500', '1d') > 0, '1y')", "sessions takes one condition over time, not one per member"),
    ],
)
def test_what_has_no_kind_names_both_sides_and_what_to_write(source: str, said: str) -> None:
    assert any(said in problem for problem in problems(source)), problems(source)


UNKNOWN = "ret('XLEE', '1y')"


@pytest.mark.parametrize(
    "source",
    [
        f"{UNKNOWN} + close('XLE')",
        f"close('XLE') - {UNKNOWN}",
        f"({UNKNOWN} + 1) * level('XLE')",
        f"peak('XLE', '1y') - {UNKNOWN}",
        f"{UNKNOWN} * level('XLE')",
        f"level('XLE') * {UNKNOWN}",
        f"{UNKNOWN} / level('XLE')",
        f"level('XLE') / {UNKNOWN}",
        f"level('XLE') > {UNKNOWN}",
        f"session_kind('sp500', '^GSPC') == {UNKNOWN}",
        f"not {UNKNOWN}",
        f"ret('XLE', '1d') > 0 and {UNKNOWN}",
        f"1 if {UNKNOWN} else 2",
        f"{UNKNOWN} if true else 5",
        f"5 if true else {UNKNOWN}",
        f"{UNKNOWN} if true else close('XLE')",
        f"close('XLE') if true else {UNKNOWN}",
        f"(close('XLE') if true else {UNKNOWN}) > close('XLE')",
        f"({UNKNOWN} if true else close('XLE')) > close('XLE')",
        f"count({UNKNOWN})",
        f"mean({UNKNOWN})",
        f"breadth({UNKNOWN} > 0)",
        f"max({UNKNOWN}, level('XLE'))",
        f"abs({UNKNOWN})",
        f"sma({UNKNOWN}, 20)",
        f"streak({UNKNOWN})",
        f"change({UNKNOWN}, '1y') * level('XLE')",
        "ratio('XLEE', 'XLE')",
        "upside('XLEE', 5)",
    ],
)
def test_what_one_mistake_leaves_unknown_is_not_a_second_mistake(source: str) -> None:
    (problem,) = problems(source)
    assert '"XLEE" is not a known ticker' in problem


SHOWN = {
    "ret('XLE', 'ytd')": "pct share up rose",
    "spread('XLE', 'IGV', 'ytd')": "share pp points ahead",
    "level('DGS10')": "pct share",
    "ratio('XLE', 'IGV')": "pct share mult num int",
    "fund('XOM', 'forward_pe')": "pct share mult num int",
    "corr('XLE', 'SPY', '1y')": "pct share num",
    "streak(ret('XLE', '1d') > 0)": "pct share num int",
    "close('SAP')": "usd num",
    "level('WALCL')": "usd num",
    "close('^GSPC')": "num int",
    "peak('XLE', '1y')": "date",
    "level('XLE')": "",
    "(ret('XLE', '1d') > 0)": "",
    "session_kind('sp500', '^GSPC')": "",
    UNKNOWN: " ".join(FILTERS),
}


@pytest.mark.parametrize("source", SHOWN)
def test_a_filter_shows_what_it_is_for_and_a_refusal_names_those_that_do(source: str) -> None:
    wanted = SHOWN[source].split()
    for name in FILTERS:
        found = [each.problem for each in check_text(f"{{{{ {source} | {name} }}}}", WORDS)]
        refused = [problem for problem in found if "XLEE" not in problem]
        assert (not refused) is (name in wanted), name
        if refused and wanted:
            assert refused[0].endswith("use " + " or ".join(f"| {each}" for each in wanted))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("drawdown('XLE', '1y') > 0.10", "zero or less; write -0.1"),
        ("0.2 < max_drawdown('XLE', '1y')", "a fall from a high is zero or less; write -0.2"),
        ("breadth(ret('sp500', '1d') > 0) > 60", "a share lies between 0 and 1; write 0.6"),
        ("sma(ret('XLE', '1d') > 0, 20) < -0.1", "a share lies between 0 and 1"),
        ("sma(breadth(ret('sp500', '1d') > 0), 10) > 61.5", "write 0.615"),
        ("pctile('XLE', '1y') >= 90", "write 0.9"),
        ("weight('oil-majors', 'XOM') > 40", "write 0.4"),
        ("corr('XLE', 'SPY', '1y') > 80", "a correlation lies between -1 and 1"),
        ("vol('XLE', '1y') < -0.2", "it is zero or more"),
        ("streak(ret('XLE', '1d') > 0) > -1", "it is zero or more"),
        ("at(drawdown('XLE', '1y'), '2026-02-27') > 0.10", "a fall from a high is zero or less"),
    ],
)
def test_a_comparison_that_prices_cannot_change_is_refused(source: str, words: str) -> None:
    assert [words in found for found in problems(source)] == [True]


@pytest.mark.parametrize(
    "source",
    [
        "drawdown('XLE', '1y') < -0.10",
        "drawdown('XLE', '1y') == 0",
        "abs(drawdown('XLE', '1y')) > 0.10",
        "-drawdown('XLE', '1y') > 0.10",
        "breadth(ret('sp500', '1d') > 0) - breadth(ret('sp500', '5d') > 0) < -0.2",
        "breadth(ret('sp500', '1d') > 0) >= 1",
        "corr('XLE', 'SPY', '1y') < -0.3",
        "ret('XLE', '1y') > 5.0",
        "drawdown('XLE', '1y') > ret('XLE', '1y')",
    ],
)
def test_a_comparison_that_prices_decide_is_taken(source: str) -> None:
    assert problems(source) == []

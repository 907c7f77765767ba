"""Slips and habits of other languages: each message names what was found and what to write."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thesisvault.language.check import Vocabulary, check_expression, check_text
from thesisvault.language.formats import FILTERS
from thesisvault.language.functions.table import TABLE
from thesisvault.language.habits import filter_instead, function_instead
from thesisvault.language.slips import slip_in
from thesisvault.structs import replace

VOCABULARY = Vocabulary(frozenset({"XLE", "IGV"}), frozenset({"sp500"}), frozenset({"buy", "over"}))
RET = "ret('XLE', 'ytd')"

SLIPS = [
    (f"{RET} > 0 && 1 > 0", "found &&; write and"),
    (f"{RET} > 0 || 1 > 0", "found ||; write or"),
    (f"{RET} > 0 AND 1 > 0", "found AND; write and"),
    (f"{RET} > 0 OR 1 > 0", "found OR; write or"),
    (f"NOT({RET} > 0)", "found NOT; write not"),
    (f"!({RET} > 0)", "found !; write not"),
    (f"{RET} = 0.05", "found =; write =="),
    (f"(abs({RET}) = 0.05)", "found =; write =="),
    (f"{RET} => 0.05", "found =>; write >="),
    (f"{RET} <> 0.05", "found <>; write !="),
    (f"{RET} ≥ 0.05", "found ≥; write >="),
    (f"{RET} > 5%", "found 5%; returns and shares are fractions: write 0.05"),
    (f"{RET} > 12.5 %", "write 0.125"),
    ("spread('XLE', 'IGV', 'ytd') > 5pp", "points are fractions: write 0.05"),
    ("level('XLE') > 25bp", "basis points are fractions: write 0.0025"),
    ("ret('XLE', 60d) > 0", "found 60d without quotes; write '60d'"),
    ("ret('XLE', 1Y) > 0", "write '1y'"),
    ("ret('XLE', ytd)", "ytd is not in quotes; write 'ytd'"),
    ("ret('XLE', 2018Q4)", "write '2018Q4'"),
    ("ret('XLE', 2000-03-24..2002-10-09)", "write '2000-03-24..2002-10-09'"),
    ("close('XLE') > $100", "found $100 without quotes; write '$100'"),
    ("ret(‘XLE’, 'ytd')", "found ‘ (a curly quote); write straight quotes"),
    ("ret(“XLE”, 'ytd')", "found “ (a curly quote)"),
    ("ret(`XLE`, 'ytd')", "found ` (a backtick)"),
    (f"{RET} – 0.05", "found – (an en dash); write the plain minus -"),
    (f"{RET} — 0.05", "(an em dash)"),
    (f"{RET} > −0.05", "found − (a minus sign of a word processor)"),
    ("ret('XLE', '2000–03')", "found – (an en dash) in '2000–03'; write the plain hyphen -"),
    ("ret('buy', 'ytd')", "found 'buy' in quotes; buy is a name of this definition: write buy without quotes"),
    ("ret('sell', 'ytd')", "there is no sell here; names here are buy, over"),
    ("ret('XLE', 'over')", "write over without quotes"),
    ("ret(XLE, 'ytd')", "Put tickers in quotes: 'XLE'"),
    ("pct_change('XLE', 'ytd')", "write ret('XLE', 'ytd')"),
    ("returns('XLE')", "write ret('XLE', 'ytd')"),
    ("sum(1, 2)", "write a + b"),
    ("average('XLE', 20)", "write sma('XLE', 200)"),
    ("SMA20('XLE')", "write sma('XLE', 20)"),
    ("rsi('XLE', 14)", "no oscillators; write zscore('XLE', '1y')"),
    ("stdev('XLE', 20)", "write vol('XLE', '1y')"),
    ("max_dd('XLE', '1y')", "write max_drawdown('XLE', '1y')"),
    ("price('XLE')", "write close('XLE')"),
    ("correl('XLE', 'IGV', '1y')", "write corr('XLE', 'SPY', '1y')"),
    ("close('XYZ')", "Add it: thesisvault add XYZ"),
    ("close('XLEE')", 'Did you mean "XLE"? Or add it: thesisvault add XLEE'),
    ("close('^VIX')", "Add it: thesisvault add '^VIX'"),
    ("ret('XLE, 'ytd')", "unbalanced quotation mark in"),
    ("ret('XLE, 60d)", "unbalanced quotation mark in"),
    ("ret('XLE’, 'ytd')", "found ’ (a curly quote)"),
    ("{ ret('XLE', 'ytd') }", "use a bare expression"),
]


@pytest.mark.parametrize(("source", "said"), SLIPS, ids=[slip[0] for slip in SLIPS])
def test_a_slip_is_named_with_what_to_write(source: str, said: str) -> None:
    (problem,) = check_expression(source, VOCABULARY)
    assert said in problem.problem


@pytest.mark.parametrize(
    "source",
    [
        "ret('XLE', '60d', basis='price') >= 0.05 and not 1 != 2",
        "ret(x='XLE', w='2000-03-24..2002-10-09') == 0.05",
        "close('XLE') > '$100' or ret('XLE', 'since 2024-01-02') - 0.1 <= -0.5",
        "ret(buy, over) > 0 if ret('XLE', 200) > 5 * 0.01 else ret('XLE', '2018Q4') > 0",
    ],
)
def test_what_is_right_is_no_slip(source: str) -> None:
    assert slip_in(source) == ""
    assert check_expression(source, VOCABULARY) == []


@given(st.text("'\"=&|!<>%$`‘–(),.0123456789dpy AND buy{}", max_size=40))
def test_any_text_is_looked_at_without_a_traceback(source: str) -> None:
    slip_in(source)
    check_text(source, VOCABULARY)
    check_expression(source, VOCABULARY)


BRACES = [
    (f"Up {{ {RET} | pct }} now", 3, f"write {{{{ {RET} | pct }}}}"),
    (f"Up {{{{ {RET} | pct }} now", 3, f"write {{{{ {RET} | pct }}}}"),
    (f"Up {{ {RET} | pct }}}} now", 3, f"write {{{{ {RET} | pct }}}}"),
    (f"{{{{ {RET} | pct }}}} and {{pct_change('XLE')}}", 34, "an expression has two braces at both ends"),
]


@pytest.mark.parametrize(("text", "offset", "said"), BRACES)
def test_single_braces_round_an_expression_are_found_where_they_stand(text: str, offset: int, said: str) -> None:
    (problem,) = check_text(text, VOCABULARY)
    assert said in problem.problem
    assert problem.offset == offset


@pytest.mark.parametrize("text", ["$x_{1}$ and {a}", "`{ ret('XLE', 'ytd') }`", "f(x) { see('XLE') }", "{}"])
def test_other_braces_are_text(text: str) -> None:
    assert check_text(text, VOCABULARY) == []


def test_a_filter_of_another_language_is_named_with_ours() -> None:
    (problem,) = check_text(f"{{{{ {RET} | percent }}}}", VOCABULARY)
    assert problem.problem == "percent is not a known filter; write | pct"


DAY = dt.date(2026, 2, 27)
AHEAD = [
    ("2026", "2026 is not over on 2026-02-27; write 'ytd'"),
    ("2026Q1", "2026Q1 is not over on 2026-02-27; write 'since 2025-12-31'"),
    ("2026-03", "2026-03 lies ahead of 2026-02-27"),
    ("2027", "2027 lies ahead"),
    ("since 2026-03-01", "lies ahead"),
    ("2026-01-02..2026-12-31", "is not over on 2026-02-27; write 'since 2026-01-02'"),
]


@pytest.mark.parametrize(("window", "said"), AHEAD)
def test_a_window_that_cannot_be_known_yet_is_an_error(window: str, said: str) -> None:
    source = f"ret('XLE', '{window}')"
    (problem,) = check_expression(source, replace(VOCABULARY, day=DAY))
    assert said in problem.problem
    assert check_expression(source, VOCABULARY) == [], "without a day nothing is known to be ahead"


@pytest.mark.parametrize("window", ["2025", "2025Q4", "2026-01", "2026-02", "since 2026-02-27", "ytd", "max"])
def test_a_window_that_is_over_or_runs_is_none(window: str) -> None:
    assert check_expression(f"ret('XLE', '{window}')", replace(VOCABULARY, day=DAY)) == []


def test_a_day_ahead_is_an_error() -> None:
    (problem,) = check_expression("at(close('XLE'), '2026-03-02')", replace(VOCABULARY, day=DAY))
    assert "2026-03-02 lies ahead of 2026-02-27" in problem.problem


def test_no_name_of_ours_passes_for_one_of_another_language() -> None:
    assert [name for name in TABLE if function_instead(name)] == []
    assert [name for name in FILTERS if filter_instead(name)] == []

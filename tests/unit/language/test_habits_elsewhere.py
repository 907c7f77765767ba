"""What people write elsewhere: each is named with a remedy, and the remedy works when it is written as it stands."""

from __future__ import annotations

import pytest

from thesisvault.language.check import Vocabulary, check_expression, kind_of
from thesisvault.language.natures import nature_of
from thesisvault.structs import replace

_SERIES = {
    "XLE": nature_of("etf", "", "USD"),
    "SPY": nature_of("etf", "", "USD"),
    "BRK-B": nature_of("stock", "", "USD"),
    "^GSPC": nature_of("index", "", "USD"),
    "^VIX": nature_of("index", "points", "USD"),
    "BTC-USD": nature_of("crypto", "", "USD"),
    "DGS10": nature_of("macro", "%", "USD"),
    "WALCL": nature_of("macro", "USD", "USD"),
    "MTD": nature_of("stock", "", "USD"),
}
WORDS = Vocabulary(
    frozenset(_SERIES),
    frozenset({"sp500"}),
    frozenset({"buy", "sell", "over"}),
    natures=_SERIES,
    called={"s&p 500": "SPY", "spx": "^GSPC", "energy": "XLE"},
)
RET = "ret('XLE', 'ytd')"


def said(source: str) -> list[str]:
    return [each.problem for each in check_expression(source, WORDS)]


MEANT = [
    # (what is written, what the message holds, the same with the remedy taken literally)
    ("ret('XLE', 'YTD')", "write ytd", "ret('XLE', 'ytd')"),
    ("ret('XLE', '12 months')", "write 12m", "ret('XLE', '12m')"),
    ("ret('XLE', '1 Year')", "write 1y", "ret('XLE', '1y')"),
    ("ret('XLE', 'TTM')", "write 1y", "ret('XLE', '1y')"),
    ("ret('XLE', '1.5y')", "write 18m", "ret('XLE', '18m')"),
    ("ret('XLE', 'Q4 2025')", "write 2025Q4", "ret('XLE', '2025Q4')"),
    ("ret('XLE', '4Q25')", "write 2025Q4", "ret('XLE', '2025Q4')"),
    ("ret('XLE', '2025-Q4')", "write 2025Q4", "ret('XLE', '2025Q4')"),
    ("ret('XLE', 'Jan 2025')", "write 2025-01", "ret('XLE', '2025-01')"),
    ("ret('XLE', 'since inception')", "write max", "ret('XLE', 'max')"),
    ("ret('XLE', '2026-01-02')", "write since 2026-01-02", "ret('XLE', 'since 2026-01-02')"),
    ("ret('XLE', 'since 13/2/2026')", "write since 2026-02-13", "ret('XLE', 'since 2026-02-13')"),
    ("ret('XLE', '2025-01-02 to 2025-03-03')", "write 2025-01-02..2025-03-03", "ret('XLE', '2025-01-02..2025-03-03')"),
    ("ret('XLE', '2025-03-03..2025-01-02')", "write 2025-01-02..2025-03-03", "ret('XLE', '2025-01-02..2025-03-03')"),
    ("at(close('XLE'), '2 Jan 2026')", "write 2026-01-02", "at(close('XLE'), '2026-01-02')"),
    ("at(close('XLE'), '13/2/2026')", "write 2026-02-13", "at(close('XLE'), '2026-02-13')"),
    ("ret('xle', 'ytd')", "Write 'XLE'", RET),
    ("ret('$XLE', 'ytd')", "Write 'XLE'", RET),
    ("ret('XLE US Equity', 'ytd')", "Write 'XLE'", RET),
    ("ret('NYSEARCA:XLE', 'ytd')", "Write 'XLE'", RET),
    ("ret('Energy', 'ytd')", "Write 'XLE'", RET),
    ("ret('BRK.B', 'ytd')", "Write 'BRK-B'", "ret('BRK-B', 'ytd')"),
    ("ret('SPX Index', 'ytd')", "Write '^GSPC'", "ret('^GSPC', 'ytd')"),
    ("close('VIX') > 20", "Write '^VIX'", "close('^VIX') > 20"),
    ("ret('BTC', 'ytd')", "Write 'BTC-USD'", "ret('BTC-USD', 'ytd')"),
    ("ret('XLE/SPY', 'ytd')", "Write ratio('XLE', 'SPY')", "ratio('XLE', 'SPY')"),
    ("ret('ytd', 'XLE')", "write ret('XLE', 'ytd')", RET),
    ("sma(200, 'XLE')", "write sma('XLE', 200)", "sma('XLE', 200)"),
    (f"{RET} > '5%'", "found '5%' in quotes; write 0.05", f"{RET} > 0.05"),
    (f"{RET} > 0,05", "decimals stand behind a point: write 0.05", f"{RET} > 0.05"),
    (f"{RET} > .05", "write 0.05", f"{RET} > 0.05"),
    (f"{RET} > 5", "write 0.05 for 5 percent, or 5.0", f"{RET} > 0.05"),
    (f"{RET} > 5", "write 0.05 for 5 percent, or 5.0", f"{RET} > 5.0"),
    (f"{RET} > 100", "write 1.0 for 100 percent", f"{RET} > 1.0"),
    ("level('DGS10') > 4.25", "write 0.0425", "level('DGS10') > 0.0425"),
    ("breadth(ret('sp500', 'ytd') > 0) > 50", "write 0.5", "breadth(ret('sp500', 'ytd') > 0) > 0.5"),
    (f"{RET} * 100 > 0.05", "leave 100 out", f"{RET} > 0.05"),
    ("level('DGS10') / 100 > 0.05", "leave 100 out", "level('DGS10') > 0.05"),
    ("close('^VIX') > 20%", "points of an index are plain: 20", "close('^VIX') > 20"),
    ("close('^GSPC') > 6,878.88", "no separators: write 6878.88", "close('^GSPC') > 6878.88"),
    ("close('^GSPC') > 6 878", "no separators: write 6878", "close('^GSPC') > 6878"),
    ("close('^GSPC') > 7k", "write 7000", "close('^GSPC') > 7000"),
    ("close('XLE') > $90", "write '$90'", "close('XLE') > '$90'"),
    ("close('XLE') > 90 USD", "write '90 USD'", "close('XLE') > '90 USD'"),
    ("close('XLE') > USD 90", "write 'USD 90'", "close('XLE') > 'USD 90'"),
    ("level('WALCL') > 6.5T", "write 6500000000000", "level('WALCL') > 6500000000000"),
    ("level('WALCL') > 6.5T", "'$6.5T' where it is money", "level('WALCL') > '$6.5T'"),
    ("streak(ret('XLE', '1d') > 0) > 3 days", "write 3", "streak(ret('XLE', '1d') > 0) > 3"),
    ("ret 'XLE', 'ytd'", "parentheses are missing behind ret", RET),
    ("ret['XLE', 'ytd']", "write ret(...)", RET),
    ("ret('XLE'; 'ytd')", "write a comma", RET),
    ("ret('XLE' 'ytd')", "a comma is missing", RET),
    ("ret(''XLE'', 'ytd')", "two quotation marks in a row", RET),
    ("ret('XLE', 'ytd'", "a closing parenthesis is missing", RET),
    ("ret('XLE', 'ytd'))", "an opening parenthesis is missing", RET),
    (f"={RET}", "found = at the beginning; leave it out", RET),
    (f"{RET} exceeds 0", "write x > y", f"{RET} > 0"),
    ("ta.sma('XLE', 200)", "write sma(...)", "sma('XLE', 200)"),
    ("close('XLE')[1]", "lag('XLE', 1)", "lag('XLE', 1)"),
    (f"IF({RET} > 0, 'up', 'down')", "'a' if CONDITION else 'b'", f"'up' if {RET} > 0 else 'down'"),
    (f"{RET} > 0 ? 'up' : 'down'", "'a' if CONDITION else 'b'", f"'up' if {RET} > 0 else 'down'"),
    ("close > 100", "close is a function; write close(x)", "close('XLE') > 100"),
    ("at('XLE', '2026-01-02')", "write for example close('XLE')", "at(close('XLE'), '2026-01-02')"),
    ("streak('XLE') > 3", "write for example ret('XLE', '1d') > 0", "streak(ret('XLE', '1d') > 0) > 3"),
    ("now('XLE')", "write for example close('XLE')", "now(close('XLE'))"),
    (
        "session_kind('sp500', 'SPY') == 'Rotation'",
        'Did you mean "rotation"',
        "session_kind('sp500', 'SPY') == 'rotation'",
    ),
    ("upside('XLE', '+10%')", "which is not a price", "upside('XLE', 150)"),
    ("peak('XLE', '1y') > 'soon'", "write the day as YYYY-MM-DD", "peak('XLE', '1y') > '2026-01-02'"),
    ("ret(long, over)", "write buy", "ret(buy, over)"),
    ("mean_corr('XLE', '1y')", "tickers with commas between them", "mean_corr('XLE, SPY', '1y')"),
    ("ema('XLE', '1y')", "a number of sessions such as 50", "ema('XLE', 50)"),
    ("sma(-0.1, 20)", "found what is the same on every day", "sma('XLE', 20)"),
    ("sessions(1 > 0.5, '1y')", "found what is the same on every day", "sessions(ret('XLE', '1d') > 0, '1y')"),
    ("streak(true)", "a condition over time", "streak(ret('XLE', '1d') > 0)"),
    ("ret('XLE', 1000000)", "99999 at most", "ret('XLE', 99999)"),
]


@pytest.mark.parametrize(("written", "words", "remedy"), MEANT)
def test_a_habit_from_elsewhere_is_said_once_with_a_remedy_that_works(written: str, words: str, remedy: str) -> None:
    (problem,) = said(written)
    assert words in problem
    assert said(remedy) == []


@pytest.mark.parametrize("written", ["ret('XLE', 'MTD')", "ret('XLE', 'mtd ')", "max(0, ret('XLE', 'ytd'))"])
def test_a_window_is_not_taken_for_a_ticker_of_its_name(written: str) -> None:
    assert not any("takes one series" in each for each in said(written))


@pytest.mark.parametrize(
    "written",
    [
        f"{RET} > 1.5",
        "min(1, 0.10 / vol('XLE', '3m')) > 0.5",
        "1 + ret('XLE', 'ytd') > 1.2",
        "breadth(ret('sp500', 'ytd') > 0) == 1",
        "close('XLE') > '$90' and close('XLE') - '$5' > '$80'",
        "change('WALCL', '4w') < '-$100bn'",
        "close('^GSPC') > 6878 and close('^VIX') > 20",
        "ret('XLE', 'ytd') * 4 > 0.1",
        "10000 * (1 + ret('XLE', 'ytd')) > 12000",
        "spread(buy, sell, over) > 0.05 if ret(buy, over) > 0 else ret(sell, over) < 0",
        "peak('XLE', '1y') >= '2026-01-15'",
    ],
)
def test_what_is_meant_as_it_stands_passes(written: str) -> None:
    assert said(written) == []


def test_shares_times_a_close_are_an_amount() -> None:
    assert kind_of("close('XLE') * fund('XLE', 'shares')", WORDS).kind.name == "amount"
    assert said("close('XLE') * fund('XLE', 'shares') > fund('XLE', 'market_cap')") == []


def test_the_command_that_adds_a_ticker_leaves_out_what_other_programs_write_around_it() -> None:
    (problem,) = said("ret('CL1 Comdty', 'ytd')")
    assert problem.endswith("Add it: thesisvault add CL1")


def test_without_sides_the_message_says_where_they_come_from() -> None:
    alone = replace(WORDS, names=frozenset())
    (problem,) = [each.problem for each in check_expression("ret(buy, 'ytd')", alone)]
    assert problem.startswith("there is no buy here; write buy:")

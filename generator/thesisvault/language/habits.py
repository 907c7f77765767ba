"""Names of functions and filters as they are called elsewhere, with what this language has instead."""

from __future__ import annotations

_ROWS = (
    ("pct_change returns roc perf performance total_return return change_pct", "write ret('XLE', 'ytd')"),
    (
        "price bdp googlefinance last_price px px_last quote value spot last_close adj_close prc",
        "write close('XLE')",
    ),
    ("sum total add sumproduct", "write a + b for two terms; there is no sum over time, ret() gives a whole return"),
    (
        "average avg mean_of ma rolling rolling_mean moving_average",
        "write sma('XLE', 200) over time, or mean() across a universe",
    ),
    ("wma hma vwma dema tema ewm", "there are sma('XLE', 200) and ema('XLE', 50)"),
    ("rsi stoch stochastic macd mfi cci adx bbands", "no oscillators; write zscore('XLE', '1y')"),
    ("stdev std stddev stdev_s volatility sigma hist_vol realized_vol", "write vol('XLE', '1y')"),
    ("atr true_range", "there are no highs and lows of a day; vol('XLE', '3m') gives the volatility"),
    ("var variance", "write vol('XLE', '1y'), the square root of the yearly variance"),
    ("max_dd maxdd mdd maximum_drawdown", "write max_drawdown('XLE', '1y')"),
    ("dd draw_down underwater", "write drawdown('XLE', '1y')"),
    ("correl correlation pearson", "write corr('XLE', 'SPY', '1y')"),
    ("slope regression linreg", "write beta('XLE', 'SPY', '1y')"),
    ("sharpe sharpe_ratio sortino", "write cagr('XLE', '5y') / vol('XLE', '5y')"),
    ("highest hh rolling_max high_52w week52high cummax", "write high('XLE', '1y')"),
    ("lowest ll rolling_min low_52w week52low cummin", "write low('XLE', '1y')"),
    ("percentile quantile percentrank pct_rank percent_rank percentile_rank", "write pctile('XLE', '1y')"),
    ("z z_score standardize zscores", "write zscore('XLE', '1y')"),
    ("shift ref offset prev previous delay", "write lag('XLE', 1)"),
    ("diff difference delta mom momentum", "write change('DGS10', '3m') for a rate, ret('XLE', '3m') for a return"),
    ("cross crossover crossunder crossed cross_over golden_cross", "write sma('XLE', 50) > sma('XLE', 200)"),
    ("if iff iif ifelse if_else where if_ when case", "write a if condition else b"),
    ("and_ or_ not_", "write a and b, a or b, not a"),
    ("round floor ceil int_ trunc", "a filter rounds what a text shows: | pct(0)"),
    ("log ln exp sqrt pow power", "only + - * / are calculated with; ret() gives returns"),
    ("spread_of outperformance excess relative rel alpha", "write spread('XLE', 'IGV', 'ytd')"),
    ("rs relative_strength pair", "write ratio('XLE', 'IGV')"),
    ("annualized annualised cagr_pct compound irr", "write cagr('XLE', '5y')"),
    ("countif count_if", "write sessions(ret('XLE', '1d') > 0, '1y') over time, or count() across a universe"),
    ("fundamental fundamentals pe pe_ratio eps market_cap marketcap dividend_yield", "write fund('XOM', 'forward_pe')"),
    ("yield_ rate macro fred", "write level('DGS10')"),
    (
        "nz fillna ffill coalesce isnull iferror ifna dropna",
        "leave it out: unknown stays unknown, and nothing is filled",
    ),
    ("today date datetime timestamp day dateadd", "write a day in quotes, as in at(close('XLE'), '2026-02-27')"),
    ("ytd mtd qtd", "write ret('XLE', 'ytd')"),
    ("any all some every", "write count(ret('sp500', '1d') > 0) or breadth(ret('sp500', '1d') > 0)"),
    ("consecutive run barssince", "write streak(ret('XLE', '1d') > 0)"),
)
_FUNCTIONS = {name: cure for names, cure in _ROWS for name in names.split()}
_FILTERS = {
    name: cure
    for names, cure in (
        ("percent percentage perc", "pct"),
        ("bps bp basis_points", "pp"),
        ("round float decimal number", "num(2)"),
        ("dollar dollars money currency eur gbp", "usd"),
        ("x times multiple", "mult"),
        ("day format strftime", "date"),
        ("integer whole", "int"),
    )
    for name in names.split()
}


def function_instead(name: str) -> str:
    """Return what to write for a function of pandas, spreadsheets or charting programs; an empty text if unknown.

    >>> function_instead("pct_change"), function_instead("SMA200"), function_instead("nop")
    ("write ret('XLE', 'ytd')", "write sma('XLE', 200)", '')
    """
    word = name.casefold()
    stem = word.rstrip("0123456789")
    if stem != word and stem in ("sma", "ema", "ma"):
        return f"write {'ema' if stem == 'ema' else 'sma'}('XLE', {word[len(stem) :].lstrip('0') or '200'})"
    return _FUNCTIONS.get(word) or _FUNCTIONS.get(stem, "")


def filter_instead(name: str) -> str:
    """Return the filter that another name means, or an empty text.

    >>> filter_instead("percent")
    'pct'
    """
    return _FILTERS.get(name.casefold(), "")

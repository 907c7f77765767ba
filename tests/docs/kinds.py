"""The tables of kinds, written from the rules of the language: what each kind is, says and mixes with."""

from __future__ import annotations

from itertools import combinations_with_replacement

from tests.docs.tables import code, table
from thesisvault.blocks.core.expectations import notation
from thesisvault.language import kinds
from thesisvault.language.check import Vocabulary, kind_of
from thesisvault.language.kinds import Kind, Typed
from thesisvault.language.natures import nature_of
from thesisvault.language.parse import ExpressionError

_SERIES = {
    "XLE": nature_of("etf", "", "USD"),
    "SPY": nature_of("etf", "", "USD"),
    "SAP.DE": nature_of("stock", "", "EUR"),
    "^GSPC": nature_of("index", "", "USD"),
    "DGS10": nature_of("macro", "%", "USD"),
    "WALCL": nature_of("macro", "USD", "USD"),
}
VOCABULARY = Vocabulary(frozenset(_SERIES), frozenset({"sp500"}), natures=_SERIES)
EXAMPLES: dict[Kind, tuple[str, ...]] = {
    kinds.RETURN: ("ret('XLE', 'ytd')", "cagr('XLE', '5y')", "drawdown('XLE', '1y')"),
    kinds.SPREAD: ("spread('XLE', 'SPY', 'ytd')", "change('DGS10', '1y')"),
    kinds.RATE: ("level('DGS10')",),
    kinds.SHARE: ("breadth(ret('sp500', '1d') > 0)", "sma(ret('XLE', '1d') > 0, 'ytd')"),
    kinds.VOLATILITY: ("vol('XLE', '1y')", "dispersion('sp500', 'ytd')"),
    kinds.RATIO: ("ratio('XLE', 'SPY')", "close('XLE') / high('XLE', '1y')"),
    kinds.NUMBER: ("beta('XLE', 'SPY', '1y')", "zscore('XLE', '1y')"),
    kinds.MULTIPLE: ("fund('XLE', 'forward_pe')",),
    kinds.CORRELATION: ("corr('XLE', 'SPY', '1y')",),
    kinds.COUNT: ("count(ret('sp500', '1d') > 0)", "streak(ret('XLE', '1d') > 0)"),
    kinds.price("USD"): ("close('XLE')", "high('XLE', '1y')", "sma('XLE', 200)"),
    kinds.difference("USD"): ("close('XLE') - lag('XLE', 20)",),
    kinds.POINTS: ("close('^GSPC')",),
    kinds.amount("USD"): ("level('WALCL')", "'$39.3T'"),
    kinds.moved(kinds.amount("USD")): ("change('WALCL', '4w')",),
    kinds.LEVEL: ("level('XLE')",),
    kinds.TRUTH: ("ret('XLE', 'ytd') > 0",),
    kinds.DAY: ("peak('XLE', '1y')",),
    kinds.WORD: ("session_kind('sp500', 'SPY')",),
}
_OF_OPERATORS = (
    kinds.RETURN,
    kinds.SPREAD,
    kinds.RATIO,
    kinds.MULTIPLE,
    kinds.price("USD"),
    kinds.POINTS,
    kinds.amount("USD"),
    kinds.LEVEL,
    kinds.DAY,
)


def all_kinds() -> str:
    """Return every kind with its family, examples, how a claim says it, and its filters."""
    rows = []
    for kind, written in EXAMPLES.items():
        for each in written:
            found = kind_of(each, VOCABULARY).kind
            assert found == kind, f"{each} is {found}, not {kind}"
        said = notation(kind).removeprefix("write ")
        said = said.removeprefix("it ") if "a return of it" not in said else "cannot be claimed; claim a return"
        rows.append((f"{kind.name}{f' in {kind.unit}' if kind.unit else ''}", kind.family, code(written), said))
    return table(("Kind", "Family", "For example", "A claim says it"), rows)


def operators() -> str:
    """Return what a sum, difference, product and quotient of two kinds is; a dash where it is refused."""
    rows = []
    for left, right in combinations_with_replacement(_OF_OPERATORS, 2):
        found = [_result(op, left, right) for op in "+-*/"]
        if any(each != "–" for each in found):
            rows.append((f"{_short(left)} and {_short(right)}", *found))
    return table(("Of", "`+`", "`-`", "`*`", "`/`"), rows)


def _short(kind: Kind) -> str:
    return f"{kind.name}{f' in {kind.unit}' if kind.unit else ''}"


def _result(op: str, left: Kind, right: Kind) -> str:
    try:
        return _short(kinds.arithmetic(op, Typed(left), Typed(right)).kind)
    except ExpressionError:
        return "–"

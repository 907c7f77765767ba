"""Cutting the future off changes no earlier value, whatever function or mixture of functions is asked."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.language.samples import SESSIONS, VOCABULARY, scope_on
from thesisvault.analytics.bounds import number_of
from thesisvault.language.check import check_expression
from thesisvault.language.evaluate import Scope
from thesisvault.language.functions.entry import Function
from thesisvault.language.functions.table import TABLE
from thesisvault.language.parse import ExpressionError
from thesisvault.language.tracks.seen import Memory
from thesisvault.language.tracks.track import Track
from thesisvault.market.reading.market import Market
from thesisvault.scalars import parse_window
from thesisvault.structs import replace

NAMES = ["SPY", "UP", "DN", "GAP", "STALE", "LATE", "ENDED", "^IDX", "BTC", "ADJ", "RATE", "SIZE", "duo", "LATE | UP"]
CLOSES = ["SPY", "UP", "DN", "GAP", "LATE", "EUR", "^IDX"]
WINDOWS = ["1d", "3d", 20, "14d", "2w", "1m", "1y", "ytd", "mtd", "max", "since 2025-06-16"]
FIXED = ["2025", "2025-06", "2025Q3", "2025-03-03..2025-10-06"]
DAYS = st.sampled_from(SESSIONS)

name = st.sampled_from(NAMES).map(repr)
window = st.sampled_from(WINDOWS).map(repr)
number = st.floats(-0.5, 0.5, allow_nan=False).map(lambda x: f"{x:.3f}")


def _series(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("ret({}, {})".format, name, window),
        st.builds(
            "{}({}, {})".format, st.sampled_from(["sma", "high", "low", "zscore", "vol", "drawdown"]), name, window
        ),
        st.builds("{}({}, {})".format, st.sampled_from(["sma", "high", "low", "zscore", "change"]), inner, window),
        st.builds("ema({}, 10)".format, inner),
        st.builds("{}({}, {}, {})".format, st.sampled_from(["spread", "corr", "beta"]), name, name, window),
        st.builds("ratio({}, {})".format, name, name),
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/"]), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, number),
        st.builds("abs({})".format, inner),
        st.builds("streak({} > {})".format, inner, number),
        st.builds("-{}".format, inner),
    )


BASE = st.one_of(
    st.builds("ret({}, {})".format, name, window),
    st.builds("close({})".format, st.sampled_from(CLOSES).map(repr)),
    st.builds("change({}, {})".format, name, window),
)
EXPRESSIONS = st.recursive(BASE, _series, max_leaves=4)
ONE_CALL = {
    "close": "close('UP')",
    "level": "level('duo')",
    "ret": "ret('GAP', {w})",
    "change": "change('RATE', {w})",
    "ratio": "ratio('UP', 'STALE')",
    "spread": "spread('UP', 'GAP', {w})",
    "sma": "sma('duo', {w})",
    "ema": "ema('UP', 10)",
    "high": "high('UP', {w})",
    "low": "low('UP', {w})",
    "zscore": "zscore(close('UP'), {w})",
    "vol": "vol('DN', {w})",
    "corr": "corr('UP', 'DN', {w})",
    "beta": "beta('UP', 'SPY', {w})",
    "drawdown": "drawdown('DN', {w})",
    "streak": "streak(ret('SPY', {w}) > 0)",
    "trough": "trough('UP', {w})",
    "pctile": "pctile('UP', {w})",
    "lag": "lag('GAP', 3)",
    "cagr": "cagr('UP', {w})",
    "max_drawdown": "max_drawdown('GAP', {w})",
    "mean_corr": "mean_corr('UP, DN, SPY', {w})",
    "first": "first(ret('SPY', '1d') > 0, {w})",
    "last": "last(ret('SPY', '1d') > 0, {w})",
    "sessions": "sessions(ret('GAP', '1d') > 0, {w})",
    "rank": "rank('UP', 'five', {w})",
    "contribution": "contribution('duo', 'UP', {w})",
    "weight": "weight('duo', 'DN')",
    "upside": "upside('UP', 200)",
    "peak": "peak('DN', {w})",
    "count": "count(ret('five', {w}) > 0)",
    "breadth": "breadth(ret('five', {w}) > ret('SPY', {w}))",
    "mean": "mean(ret('five', {w}))",
    "median": "median(ret('five', {w}))",
    "dispersion": "dispersion('five', {w})",
    "session_kind": "session_kind('five', '^IDX')",
    "at": "ret('UP', {w}) - at(ret('UP', {w}), '2025-02-03')",
    "now": "now(ret('UP', {w}))",
    "abs": "abs(ret('DN', {w}))",
    "min": "min(ret('DN', {w}), ret('UP', {w}))",
    "max": "max(ret('DN', {w}), ret('LATE', {w}))",
    "fund": "fund('UP', 'forward_pe') if fund('UP', 'flow') > 0 else 2 * fund('UP', 'forward_pe')",
}


def agree(full: Scope, then: Scope, source: str) -> None:
    """The newest value seen from an earlier day is what the whole history holds on the day it is dated by."""
    cut, whole = then.value(source), full.value(source)
    if cut.is_empty or cut.calendar is None:
        return
    assert whole.calendar is not None
    earlier = int(whole.calendar.days.searchsorted(number_of(then.market.as_of), side="right"))
    gone = set(whole.calendar.days[:earlier].tolist()) - set(cut.calendar.days.tolist())
    assert not gone, f"{source}: {gone} is missing seen from {then.market.as_of}"
    for row in {0, len(cut.calendar) // 2, len(cut.calendar) - 1}:
        on, later = cut.calendar.day(row), whole.calendar.row(int(cut.calendar.days[row]))
        for old in (cut.at(row), cut.whole()[row]):
            for new in (fresh(full, source).at(later), whole.whole()[later]):
                assert _same(old, new), f"{source} on {on}: {old} seen from {then.market.as_of}, {new} today"


def fresh(scope: Scope, source: str) -> Track:
    """An expression whose history was not worked out before, so that one value is asked for by itself."""
    return replace(scope, memory=Memory()).value(source)


def _same(old: object, new: object) -> bool:
    if isinstance(old, int | float) and isinstance(new, int | float):
        return (math.isnan(old) and math.isnan(new)) or math.isclose(old, new, rel_tol=1e-9, abs_tol=1e-9)
    return old == new or (old is None and new is None)


def test_every_function_of_the_table_is_tried() -> None:
    assert set(ONE_CALL) == set(TABLE)
    assert all(isinstance(each, Function) and each.says for each in TABLE.values())


@pytest.mark.parametrize("function", sorted(ONE_CALL))
@given(window=st.sampled_from([*WINDOWS, *FIXED]), on=DAYS)
def test_a_function_does_not_look_ahead(market: Market, function: str, window: str | int, on: object) -> None:
    if function == "at" and str(on) < "2025-02-03":
        return
    source = ONE_CALL[function].format(w=repr(window))
    fixed = parse_window(window)
    if fixed.is_fixed and fixed.end and not _reaches(source, market, str(on)):
        return  # the last day of a window may lie between the newest session of a leg and the day it is seen from
    agree(scope_on(market), scope_on(market, str(on)), source)


def _reaches(source: str, market: Market, on: str) -> bool:
    value = scope_on(market, on).value(source)
    return not value.is_empty and value.calendar is not None and str(value.calendar.day(-1)) == on


@given(source=EXPRESSIONS, on=DAYS)
def test_a_mixture_does_not_look_ahead(market: Market, source: str, on: object) -> None:
    unlike = check_expression(source, VOCABULARY)
    try:
        scope_on(market).value(source)
    except ExpressionError:
        assert unlike, f"{source} passes the check and cannot be evaluated"
        return
    assert not unlike, f"{source} is refused by the check and evaluated"
    agree(scope_on(market), scope_on(market, str(on)), source)

"""Ranks over the whole of history, and why a number is not known."""

from __future__ import annotations

import itertools
import math

import pytest

from tests.unit.language.samples import MISSING_DAY, PLAIN, SESSIONS, history, scope_on
from thesisvault.language.evaluate import Scope
from thesisvault.market.reading.market import Market


@pytest.mark.parametrize("name", ["UP", "DN", "SPY"])
def test_a_rank_is_right_on_each_session_for_each_member_and_an_outsider(scope: Scope, name: str) -> None:
    ranks = history(scope.value(f"rank('{name}', 'pair', '1d')"))
    assert len(ranks) == len(SESSIONS)
    assert math.isnan(ranks.iloc[0])
    for before, on in itertools.pairwise(SESSIONS):
        moves = {each: PLAIN[each][on] / PLAIN[each][before] for each in ("UP", "DN", "SPY")}
        assert ranks[str(on)] == 1 + sum(moves[each] > moves[name] for each in ("UP", "DN"))  # type: ignore[index]


def test_a_member_has_no_rank_on_a_session_that_it_lacks_and_an_outsider_keeps_its_last(market: Market) -> None:
    on = scope_on(market, str(MISSING_DAY))
    own = on.number("rank('GAP', 'five', '1d')")
    assert (own.value, own.reason) == (None, "not known on its last session")
    outside = on.number("rank('GAP', 'pair', '1d')")
    assert outside.value is not None
    assert str(outside.on) == "2026-02-24"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("ret('LATE', 'ytd')", "LATE: the first close is 2026-01-12, ytd needs one by 2025-12-31"),
        ("ret('LATE', 33)", "LATE: 34 closes are needed, there are 33"),
        ("ret(ratio('UP', 'DN'), '5y')", "the first close is 2024-12-30, 5y needs one by 2021-02-27"),
        ("corr('UP', 'LATE', '1y')", "UP and LATE: the first close is 2026-01-12, 1y needs one by 2025-02-27"),
        ("vol('NONE', '1y')", "NONE: no prices are stored"),
        # The window is there, from the very first close on; what is asked of it is not.
        ("cagr('LATE', 32)", "a window of less than a year is not annualized"),
        ("rank('NONE', 'five', '1d')", "NONE: no prices are stored"),
        ("rank('UP', 'empty', '1d')", "no member of empty has prices"),
    ],
)
def test_the_reason_names_its_series_once_and_says_what_is_lacking(scope: Scope, source: str, reason: str) -> None:
    assert scope.number(source).reason == reason


@pytest.mark.parametrize(
    "source",
    [
        "ret('UP', 'mtd')",
        "mean(ret('pair', 'mtd'))",
        "breadth(ret('pair', 'mtd') > 0)",
        "rank('UP', 'pair', 'mtd')",
        "rank('SPY', 'pair', 'mtd')",
    ],
)
def test_a_month_without_a_value_yet_gives_none_in_any_form(market: Market, source: str) -> None:
    number = scope_on(market, "2026-02-01").number(source)
    assert number.value is None
    assert "nothing of February 2026 yet, the latest value is of 2026-01-30" in number.reason

"""What a number says of the history it borrowed, and of the members it is made of."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from tests.unit.language.samples import BASKETS, INSTRUMENTS, PLAIN, SESSIONS, day, history, scope_on
from thesisvault.language.check import Vocabulary, check_expression
from thesisvault.language.evaluate import Scope
from thesisvault.language.parse import ExpressionError
from thesisvault.market.reading.market import Market
from thesisvault.market.records import Basket, Instrument
from thesisvault.structs import replace

JOIN = day("2026-01-12")
BORROWED = f"LATE | UP: before {JOIN} continued with UP"
# LATE has 34 sessions of its own up to the last day, the first of them on 12 January.
OWN = sum(1 for each in SESSIONS if each >= JOIN)


@pytest.mark.parametrize(
    "call",
    [
        "ret({x}, {w})",
        "change(ratio({x}, 'SPY'), {w})",
        "spread({x}, 'DN', {w})",
        "spread('DN', {x}, {w})",
        "sma({x}, {w})",
        "high({x}, {w})",
        "low({x}, {w})",
        "zscore({x}, {w})",
        "vol({x}, {w})",
        "corr({x}, 'DN', {w})",
        "beta('DN', {x}, {w})",
        "drawdown({x}, {w})",
        "sma(ratio({x}, 'SPY'), {w})",
        "ret({x}, {w}) - ret('SPY', {w})",
        "max(ret({x}, {w}), 0)",
        "1 if ret({x}, {w}) > 0 else 0",
    ],
)
def test_each_function_with_a_window_names_the_link_it_reaches_into(scope: Scope, call: str) -> None:
    for window in ("'ytd'", "'6m'", "'1y'", str(OWN + 10)):
        number = scope.number(call.format(x="'LATE | UP'", w=window))
        assert number.is_known, (call, window, number.reason)
        assert BORROWED in number.notes, (call, window)
    for window in ("'1d'", "20", "'mtd'"):
        number = scope.number(call.format(x="'LATE | UP'", w=window))
        assert BORROWED not in number.notes, (call, window)


def test_an_average_that_takes_in_the_very_first_session_names_the_link(scope: Scope) -> None:
    assert BORROWED not in scope.number(f"sma('LATE | UP', {OWN - 1})").notes
    assert BORROWED in scope.number(f"sma('LATE | UP', {OWN + 1})").notes
    whole = scope.number(f"sma('LATE | UP', {len(SESSIONS)})")
    assert whole.is_known
    assert BORROWED in whole.notes


def test_an_average_of_sessions_and_a_streak_name_it(scope: Scope) -> None:
    assert BORROWED in scope.number(f"ema('LATE | UP', {OWN + 5})").notes
    long = scope.number("streak(ratio('LATE | UP', 'LATE | UP') > 0)")
    assert long.value == len(SESSIONS)
    assert BORROWED in long.notes
    assert BORROWED not in scope.number("streak(ret('LATE | UP', '1d') > 100.0)").notes


def test_a_peak_that_reaches_into_borrowed_levels_names_the_link(scope: Scope) -> None:
    number = scope.number("peak('LATE | UP', '1y')")
    assert number.value is not None
    assert any("continued with UP" in note for note in number.notes)


def test_a_frozen_value_says_that_all_of_it_was_borrowed(scope: Scope) -> None:
    number = scope.number("at(ret('LATE | UP', '1m'), '2025-12-31')")
    assert any("all of it is UP" in note for note in number.notes)


def test_a_borrowed_return_is_that_of_the_link_and_never_a_jump(scope: Scope) -> None:
    data = history(scope.value("ret('LATE | UP', '1d')"))
    for before, on in itertools.pairwise(SESSIONS):
        name = "LATE" if before >= JOIN else "UP"
        if on > day("2025-06-17"):  # a dividend of UP before
            assert data[str(on)] == pytest.approx(PLAIN[name][on] / PLAIN[name][before] - 1)  # type: ignore[index]


def test_links_of_three_are_named_each_where_it_is_reached(market: Market) -> None:
    scope = scope_on(market)
    chain = "'LATE | PROXIED | UP'"  # PROXIED begins in September 2025
    two, three = scope.number(f"ret({chain}, 'ytd')").notes, scope.number(f"ret({chain}, '1y')").notes
    assert [n.rpartition(" ")[2] for n in two] == ["PROXIED"]
    assert [n.rpartition(" ")[2] for n in three] == ["PROXIED", "UP"]


def test_a_chain_of_macro_series_is_measured_on_the_days_its_values_are_of(market: Market) -> None:
    young = Instrument("YOUNG", "Y", "macro", unit="USD", scale=1e6, frequency="weekly", lag_days=1, proxies=("SIZE",))
    # Nothing is stored under YOUNG, so put the newest twenty values of SIZE there.
    store = market.store
    column = store.bars("SIZE", "value")
    assert column is not None
    newest = replace(column, days=column.days[-20:], close=column.close[-20:])
    store.merge("YOUNG", newest, source="test", fetched=dt.datetime(2026, 3, 1, tzinfo=dt.UTC), currency="USD")
    both = Market(store, {**INSTRUMENTS, "YOUNG": young}, BASKETS, last_day=market.as_of)
    got, wanted = scope_on(both).number("change('YOUNG', '1y')"), scope_on(both).number("change('SIZE', '1y')")
    assert got.value == pytest.approx(wanted.value)
    assert got.bases == wanted.bases
    assert any("continued with SIZE" in note for note in got.notes)


# Members of baskets ---------------------------------------------------------------------------------------------------


def close(name: str, on: str) -> float:
    return PLAIN[name][day(on)]


def test_a_contribution_is_what_a_member_gave_since_the_base_of_the_window(scope: Scope) -> None:
    # Half each at the end of January, so each gives half of its return of February.
    for name in ("UP", "DN"):
        number = scope.number(f"contribution('duo', '{name}', 'mtd')")
        assert number.value == pytest.approx((close(name, "2026-02-27") / close(name, "2026-01-30") - 1) / 2)
        assert (number.kind, number.on, number.returns) == ("spread", day("2026-02-27"), frozenset({"total"}))
        assert number.bases == (("mtd", day("2026-01-30")),)


@pytest.mark.parametrize("window", ["1d", "mtd", "ytd", "1y", "max", "2025", "2025-03-03..2025-10-06"])
def test_contributions_sum_to_the_return_at_every_session(scope: Scope, window: str) -> None:
    whole = history(scope.value(f"ret('duo', '{window}')"))
    parts = history(scope.value(f"contribution('duo', 'UP', '{window}') + contribution('duo', 'DN', '{window}')"))
    assert len(whole) == len(parts) == len(SESSIONS)  # type: ignore[arg-type]
    assert parts.to_numpy() == pytest.approx(whole.to_numpy(), abs=1e-12, nan_ok=True)  # type: ignore[union-attr]


def test_a_weight_drifts_with_prices_until_it_is_set_anew(scope: Scope) -> None:
    data = history(scope.value("weight('duo', 'UP')"))
    grown = {name: close(name, "2026-02-27") / close(name, "2026-01-30") for name in ("UP", "DN")}
    assert data["2026-02-27"] == pytest.approx(grown["UP"] / (grown["UP"] + grown["DN"]))  # type: ignore[index]
    assert data.iloc[0] == 0.5  # type: ignore[union-attr]
    assert scope.number("weight('duo', 'UP') + weight('duo', 'DN')").value == pytest.approx(1)


def test_a_basket_without_a_base_for_the_window_gives_no_contribution_and_says_why(scope: Scope) -> None:
    number = scope.number("contribution('duo', 'UP', '3y')")
    assert number.value is None
    assert "the first close is 2024-12-30" in number.reason


def test_a_member_without_prices_gives_no_number(scope: Scope) -> None:
    for call in ("contribution('lame', 'NONE', 'ytd')", "weight('lame', 'NONE')"):
        number = scope.number(call)
        assert (number.value, number.reason) == (None, "NONE: no prices are stored")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("weight('duo', 'UPP')", '"UPP" is not a member of duo. Did you mean "UP"?'),
        ("weight('duo', 'SPY')", '"SPY" is not a member of duo. Its members are UP, DN.'),
        ("contribution('dou', 'UP', 'ytd')", 'Did you mean "duo"?'),
        ("contribution('UP', 'UP', 'ytd')", '"UP" is not a'),
        ("contribution('duo', 'UP', 'ytdd')", "ytdd"),
        ("weight('duo')", "weight lacks member"),
    ],
)
def test_a_wrong_basket_or_member_names_the_nearest(scope: Scope, call: str, words: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        scope.number(call)
    assert words in caught.value.problem
    names = frozenset(INSTRUMENTS) | frozenset(BASKETS)
    vocabulary = Vocabulary(names, frozenset(), baskets={key: each.tickers for key, each in BASKETS.items()})
    assert any(words in problem.problem for problem in check_expression(call, vocabulary))


def test_members_of_a_broken_basket_are_not_guessed_at() -> None:
    vocabulary = Vocabulary(frozenset(["broken"]), frozenset(), baskets={"broken": ()})
    assert check_expression("weight('broken', 'XOM')", vocabulary) == []


def test_a_stale_member_is_named_with_its_own_last_day(market: Market) -> None:
    basket = Basket("old", "Old", (("UP", None), ("STALE", None)))
    scope = scope_on(Market(market.store, INSTRUMENTS, {"old": basket}, last_day=market.as_of))
    for call in ("ret('old', 'ytd')", "weight('old', 'UP')", "contribution('old', 'UP', '1m')"):
        assert scope.number(call).stale == (("STALE", day("2026-02-24")),)


def test_a_rank_of_an_old_name_is_that_of_the_new_one(market: Market) -> None:
    known = {**INSTRUMENTS, "WAS": Instrument("WAS", "W", "stock", renamed_to="UP")}
    scope = scope_on(Market(market.store, known, BASKETS, last_day=market.as_of))
    assert scope.number("rank('WAS', 'five', 'ytd')").value == scope.number("rank('UP', 'five', 'ytd')").value
    assert scope.number("ret('WAS', 'ytd')") == scope.number("ret('UP', 'ytd')")

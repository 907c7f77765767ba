"""What functions say of the little market, against plain arithmetic on its closes."""

from __future__ import annotations

import datetime as dt
import itertools
import statistics
from pathlib import Path

import pytest

from tests.unit.language.samples import (
    EVERY_DAY,
    LAST,
    MACRO,
    MISSING_DAY,
    PAID,
    PAID_ON,
    PLAIN,
    SESSIONS,
    day,
    history,
    scope_on,
)
from thesisvault.language.evaluate import Scope
from thesisvault.language.parse import ExpressionError
from thesisvault.market.reading.market import Market
from thesisvault.market.records import Instrument
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.sources.csv_folder import folder_providers
from thesisvault.market.store.store import Store


def close(name: str, on: str | dt.date = LAST) -> float:
    """The last close on or before a day."""
    until = day(on) if isinstance(on, str) else on
    return PLAIN[name][max(d for d in PLAIN[name] if d <= until)]


def moved(name: str, base: str, end: str | dt.date = LAST) -> float:
    return close(name, end) / close(name, base) - 1


@pytest.mark.parametrize(
    ("window", "base"),
    [
        ("ytd", "2025-12-31"),
        ("mtd", "2026-01-30"),
        ("1d", "2026-02-26"),
        ("5d", "2026-02-20"),
        ("90d", "2025-11-29"),
        ("1m", "2026-01-27"),
        ("1y", "2025-02-27"),
        ("2026-01", "2025-12-31"),
        ("since 2026-02-14", "2026-02-13"),
        ("max", "2024-12-30"),
    ],
)
def test_a_return_runs_from_the_last_close_on_or_before_its_base(scope: Scope, window: str, base: str) -> None:
    end = "2026-01-31" if window == "2026-01" else LAST
    number = scope.number(f"ret('SPY', '{window}')")
    assert number.value == pytest.approx(moved("SPY", base, end))
    assert not number.stale


def test_total_return_holds_the_dividend_and_price_return_does_not(scope: Scope) -> None:
    before = close("UP", PAID_ON - dt.timedelta(days=3))
    factor = before / (before - PAID)
    price = scope.number("ret('UP', '2025', basis='price')")
    total = scope.number("ret('UP', '2025')")
    assert price.value == pytest.approx(moved("UP", "2024-12-31", "2025-12-31"))
    assert total.value == pytest.approx((1 + price.value) * factor - 1)  # type: ignore[operator]
    assert (total.returns, price.returns) == ({"total"}, {"price"})


def test_a_number_is_dated_by_its_last_common_session(scope: Scope) -> None:
    number = scope.number("ratio('UP', 'STALE')")
    assert number.on == day("2026-02-24")
    assert number.stale == (("STALE", day("2026-02-24")),)


def test_a_missing_session_is_left_out_and_not_filled(scope: Scope) -> None:
    ratio = history(scope.value("close('GAP') / close('SPY')"))
    assert MISSING_DAY not in {d.date() for d in ratio.index}  # type: ignore[union-attr]
    assert len(ratio) == len(SESSIONS) - 1  # type: ignore[arg-type]
    # Both legs of the day after are measured from the last session that both have.
    spread = history(scope.value("spread('GAP', 'SPY', '1d')"))
    wanted = moved("GAP", "2026-02-24", "2026-02-26") - moved("SPY", "2026-02-24", "2026-02-26")
    assert spread[str(day("2026-02-26"))] == pytest.approx(wanted)  # type: ignore[index, union-attr]


def test_on_a_weekend_the_close_of_friday_counts(market: Market) -> None:
    friday, sunday = (scope_on(market, each).number("ret('UP', 'ytd')") for each in ("2026-02-20", "2026-02-22"))
    assert friday.value == sunday.value
    assert (sunday.on, sunday.stale) == (day("2026-02-20"), ())


def test_on_a_holiday_nothing_is_stale(market: Market) -> None:
    number = scope_on(market, "2026-02-16").number("ret('UP', 'ytd')")
    assert (number.on, number.stale) == (day("2026-02-13"), ())


def test_a_late_listing_has_no_year_to_date(scope: Scope) -> None:
    number = scope.number("ret('LATE', 'ytd')")
    assert number.value is None
    assert "LATE" in number.reason
    assert "2026-01-12" in number.reason


def test_before_its_listing_a_series_is_missing_with_the_reason(market: Market) -> None:
    number = scope_on(market, "2025-12-31").number("ret('LATE', '1d')")
    assert number.value is None
    assert "2026-01-12" in number.reason


def test_an_ended_series_is_stale_today_and_settled_for_its_years(scope: Scope) -> None:
    assert scope.number("ret('ENDED', '1d')").stale == (("ENDED", day("2025-12-31")),)
    year = scope.number("ret('ENDED', '2025')")
    assert year.value == pytest.approx(moved("ENDED", "2024-12-31", "2025-12-31"))
    assert (year.stale, year.on) == ((), day("2025-12-31"))


def test_a_difference_of_a_settled_and_a_running_window_is_not_settled(scope: Scope) -> None:
    number = scope.number("ret('STALE', '2025') - ret('STALE', 'ytd')")
    assert number.stale == (("STALE", day("2026-02-24")),)


def test_a_year_is_unknown_before_its_end_and_says_ytd(market: Market, scope: Scope) -> None:
    number = scope.number("ret('UP', '2026')")
    assert number.value is None
    assert "use ytd" in number.reason
    assert scope_on(market, "2025-12-30").number("ret('UP', '2025')").value is None
    assert scope_on(market, "2025-12-31").number("ret('UP', '2025')").value is not None


def test_what_is_not_stored_is_missing_and_what_is_not_defined_an_error(scope: Scope) -> None:
    number = scope.number("ret('NONE', 'ytd')")
    assert (number.value, number.on) == (None, None)
    assert "no prices are stored" in number.reason


def test_only_adjusted_closes_give_returns_and_no_prices(scope: Scope) -> None:
    assert scope.number("ret('ADJ', 'ytd')").value is not None
    for source in ("close('ADJ')", "ret('ADJ', 'ytd', basis='price')", "upside('ADJ', 100)", "high('ADJ', '1y')"):
        number = scope.number(source)
        assert number.value is None, source
        assert "only adjusted closes" in number.reason


def test_the_level_of_an_index_is_shown_as_not_available_with_the_reason(scope: Scope) -> None:
    for source in ("level('UP')", "high(level('UP'), '1y')", "sma(level('UP'), 20) | num"):
        figure = scope.figure(source)
        assert figure.text == "n/a"
        assert "no unit" in figure.number.reason
    assert scope.number("level('UP') > sma(level('UP'), 20)").truth is not None


def test_a_ratio_is_of_levels_and_a_number(scope: Scope) -> None:
    number = scope.number("ratio('UP', 'SPY') / (close('UP') / close('SPY'))")
    assert number.kind == "number"
    first = close("SPY", "2024-12-30") / close("UP", "2024-12-30")  # levels start at 100
    before = close("UP", PAID_ON - dt.timedelta(days=3))
    assert number.value == pytest.approx(first * before / (before - PAID))


def test_moving_average_high_low_and_deviation(scope: Scope) -> None:
    last = [PLAIN["SPY"][d] for d in SESSIONS[-20:]]
    assert scope.number("sma(close('SPY'), 20)").value == pytest.approx(statistics.fmean(last))
    assert scope.number("high(close('SPY'), 20)").value == max(last)
    assert scope.number("low(close('SPY'), 20)").value == min(last)
    score = (last[-1] - statistics.fmean(last)) / statistics.stdev(last)
    assert scope.number("zscore(close('SPY'), 20)").value == pytest.approx(score)


def test_volatility_drawdown_and_peak(scope: Scope) -> None:
    closes = [PLAIN["DN"][d] for d in SESSIONS]
    returns = [b / a - 1 for a, b in itertools.pairwise(closes)]
    assert scope.number("vol('DN', 20)").value == pytest.approx(statistics.stdev(returns[-20:]) * 252**0.5)
    assert scope.number("drawdown('DN', 'max')").value == pytest.approx(closes[-1] / max(closes) - 1)
    assert scope.number("peak('DN', 'max')").value == SESSIONS[closes.index(max(closes))]


def test_correlation_with_itself_is_one_and_beta_too(scope: Scope) -> None:
    assert scope.number("corr('UP', 'UP', '1y')").value == pytest.approx(1)
    assert scope.number("beta('UP', 'UP', '1y')").value == pytest.approx(1)


def test_beta_against_plain_arithmetic(scope: Scope) -> None:
    a, b = (
        [PLAIN[t][y] / PLAIN[t][x] - 1 for x, y in zip(SESSIONS[-61:], SESSIONS[-60:], strict=False)]
        for t in ("DN", "SPY")
    )
    assert scope.number("beta('DN', 'SPY', 60)").value == pytest.approx(statistics.linear_regression(b, a).slope)


def test_members_that_have_no_value_do_not_count(scope: Scope) -> None:
    # UP, DN and GAP have a year to date; LATE was listed after it began, ENDED had ended, NONE has no prices.
    known = [moved(t, "2025-12-31") for t in ("UP", "DN", "GAP")]
    number = scope.number("breadth(ret('five', 'ytd') > 0)")
    assert number.value == pytest.approx(sum(m > 0 for m in known) / 3)
    assert scope.number("count(ret('five', 'ytd') > 0)").value == sum(m > 0 for m in known)
    assert scope.number("median(ret('five', 'ytd'))").value == pytest.approx(statistics.median(known))
    assert scope.number("mean(ret('five', 'ytd'))").value == pytest.approx(statistics.fmean(known))
    assert scope.number("dispersion('five', 'ytd')").value == pytest.approx(statistics.stdev(known))
    assert "5 of 6 of today's members" in number.notes[0]


def test_rank_counts_from_the_highest_and_takes_outsiders(scope: Scope) -> None:
    order = sorted(("UP", "DN", "GAP", "SPY"), key=lambda t: -moved(t, "2025-12-31"))
    assert scope.number("rank('SPY', 'five', 'ytd')").value == order.index("SPY") + 1
    assert scope.number("rank('LATE', 'five', 'ytd')").value is None


def test_a_universe_without_any_prices_is_missing_with_the_reason(scope: Scope) -> None:
    for source in ("breadth(ret('empty', '1d') > 0)", "dispersion('empty', '1d')", "session_kind('empty', 'SPY')"):
        number = scope.number(source)
        assert number.value is None, source
        assert "empty" in number.reason


def test_the_kind_of_a_day_follows_index_and_members(scope: Scope) -> None:
    kinds = history(scope.value("session_kind('pair', 'SPY')"))
    for before, on in itertools.pairwise(SESSIONS):
        up = sum(PLAIN[t][on] > PLAIN[t][before] for t in ("UP", "DN"))
        fell = PLAIN["SPY"][on] < PLAIN["SPY"][before]
        wanted = (
            ("rotation" if up == 2 else "broad sell-off") if fell else ("healthy rally" if up == 2 else "narrow rally")
        )
        assert kinds[str(on)] == wanted  # type: ignore[index, union-attr]


def test_a_streak_counts_sessions_in_a_row(scope: Scope) -> None:
    counts = history(scope.value("streak(ret('SPY', '1d') > 0)"))
    run = 0
    for before, on in itertools.pairwise(SESSIONS):
        run = run + 1 if PLAIN["SPY"][on] > PLAIN["SPY"][before] else 0
        assert counts[str(on)] == run  # type: ignore[index, union-attr]


def test_upside_is_target_over_close(scope: Scope) -> None:
    for target in ("250", "'$250'"):
        assert scope.number(f"upside('UP', {target})").value == pytest.approx(250 / close("UP") - 1)


def test_a_basket_and_a_chain_are_series(scope: Scope) -> None:
    duo = scope.number("ret('duo', 'mtd')")
    assert duo.value == pytest.approx((moved("UP", "2026-01-30") + moved("DN", "2026-01-30")) / 2)
    chain = scope.number("ret('LATE | UP', 'ytd')").value
    join = moved("LATE", "2026-01-12")
    assert chain == pytest.approx((1 + moved("UP", "2025-12-31", "2026-01-12")) * (1 + join) - 1)


def test_a_basket_says_whose_prices_it_lacks(scope: Scope) -> None:
    assert any("NONE" in note for note in scope.number("ret('lame', '1d')").notes)


def test_a_number_that_reaches_into_a_borrowed_part_names_the_link(scope: Scope) -> None:
    assert any("continued with UP" in note for note in scope.number("ret('LATE | UP', 'ytd')").notes)
    assert any("continued with UP" in note for note in scope.number("spread('LATE | UP', 'DN', 'ytd')").notes)


def test_a_number_that_stays_in_its_own_part_names_no_link(scope: Scope) -> None:
    assert scope.number("ret('LATE | UP', '1d')").notes == ()


def test_a_proxy_is_named_where_it_lends(scope: Scope) -> None:
    notes = scope.number("ret('PROXIED', 'max')").notes
    assert not any(note.endswith("continued with ") for note in notes)


def test_a_spread_over_sessions_names_the_link_too(scope: Scope) -> None:
    assert any("continued with UP" in note for note in scope.number("spread('LATE | UP', 'DN', 200)").notes)


# Macro -------------------------------------------------------------------------------------------------------------


def test_a_macro_value_is_known_after_its_lag_only(market: Market) -> None:
    # The value of 1 February is out ten days later, on the 11th.
    before, after = (scope_on(market, each).number("level('RATE')") for each in ("2026-02-10", "2026-02-11"))
    assert before.value == pytest.approx(MACRO["RATE"][day("2026-01-01")] / 100)
    assert after.value == pytest.approx(MACRO["RATE"][day("2026-02-01")] / 100)
    assert (before.on, after.on) == (day("2026-01-01"), day("2026-02-01"))  # dated by the month that they are of


def test_a_macro_series_is_in_its_unit(scope: Scope) -> None:
    newest = max(MACRO["SIZE"])
    assert scope.number("level('SIZE')").value == pytest.approx(MACRO["SIZE"][newest] * 1e6)
    assert scope.figure("level('SIZE') | usd").text.startswith("$6.9")


def test_a_window_shorter_than_the_period_is_not_available(scope: Scope) -> None:
    for window in ("5d", "2w"):
        number = scope.number(f"change('RATE', '{window}')")
        assert number.value is None, window
        assert "RATE" in number.reason


def test_a_change_of_a_rate_is_a_difference(scope: Scope) -> None:
    newest = MACRO["RATE"][day("2026-02-01")] - MACRO["RATE"][day("2025-02-01")]
    assert scope.number("change('RATE', '1y')").value == pytest.approx(newest / 100)


def test_a_change_of_a_rate_is_shown_in_points(scope: Scope) -> None:
    assert scope.figure("change('RATE', '1y')").text == "+0.6pp"


def test_the_level_of_a_rate_has_no_plus_sign(scope: Scope) -> None:
    assert not scope.figure("level('RATE')").text.startswith("+")


def test_a_monthly_value_stands_until_the_next(scope: Scope) -> None:
    number = scope.number("at(level('RATE'), '2025-06-30')")
    assert number.value == pytest.approx(MACRO["RATE"][day("2025-06-01")] / 100)


# at, now, if -------------------------------------------------------------------------------------------------------


def test_at_gives_the_value_as_it_was_and_never_grows_stale(scope: Scope) -> None:
    number = scope.number("at(ret('ENDED', 'ytd'), '2025-11-30')")
    assert number.value == pytest.approx(moved("ENDED", "2024-12-31", "2025-11-30"))
    assert (number.on, number.stale) == (day("2025-11-28"), ())


def test_at_a_day_ahead_or_long_after_the_last_value_is_missing(scope: Scope) -> None:
    assert "lies after" in scope.number("at(ret('UP', 'ytd'), '2026-05-05')").reason
    assert "2026-02-01" in scope.number("at(ret('ENDED', '1d'), '2026-02-01')").reason


def test_at_takes_days_words_and_conditions(scope: Scope) -> None:
    assert isinstance(scope.number("at(peak('DN', 'max'), '2025-06-30')").value, dt.date)
    assert scope.number("at(session_kind('pair', 'SPY'), '2026-01-05')").kind == "word"
    assert scope.number("at(ret('SPY', 'ytd') > 0, '2026-01-30')").truth is True


@pytest.mark.parametrize("reckoned", ["'2026-01-05' + 1e17", "peak('SPY', 'max') - 1e6", "peak('SPY', 'max') + 1e7"])
def test_a_day_that_no_calendar_has_is_unknown_with_the_reason(scope: Scope, reckoned: str) -> None:
    number = scope.number(reckoned)
    assert number.value is None
    assert number.reason == "a day outside of the years 1 to 9999"


def test_a_fall_since_a_day_is_measured_with_at(scope: Scope) -> None:
    number = scope.number("close('SPY') / at(close('SPY'), '2026-01-30') - 1")
    assert number.value == pytest.approx(moved("SPY", "2026-01-30"))
    assert number.on == LAST


def test_now_steps_out_of_a_frozen_scope(market: Market, scope: Scope) -> None:
    frozen = scope.frozen(market.until(day("2026-01-30")))
    then, now = frozen.number("ret('UP', 'ytd')"), frozen.number("now(ret('UP', 'ytd'))")
    assert then.value == pytest.approx(moved("UP", "2025-12-31", "2026-01-30"))
    assert now.value == scope.number("ret('UP', 'ytd')").value
    assert now.on == LAST
    assert frozen.number("now(ret('UP', 'ytd')) - ret('UP', 'ytd')").value is not None
    deeper = frozen.frozen(market.until(day("2025-11-28")))
    assert deeper.number("now(ret('UP', 'ytd'))").value == now.value
    assert deeper.number("ret('UP', '1d')").on == day("2025-11-28")


def test_a_choice_takes_the_side_of_its_condition(scope: Scope) -> None:
    assert scope.figure("'up' if ret('UP', 'ytd') > 0 else 'down'").text == "up"
    assert scope.figure("'up' if ret('DN', 'ytd') > 0 else 'down'").text == "down"
    assert scope.number("1 if ret('UP', 'ytd') > 0 else 0").value == 1


@pytest.mark.parametrize("source", ["1 if ret('NONE', 'ytd') > 0 else 0", "'a' if ret('LATE', 'ytd') > 0 else 'b'"])
def test_a_choice_on_what_is_unknown_is_unknown_with_the_reason(scope: Scope, source: str) -> None:
    number = scope.number(source)
    assert number.value is None
    assert "prices are stored" in number.reason or "first close" in number.reason


def test_a_choice_on_stale_data_is_stale_and_dated(scope: Scope) -> None:
    number = scope.number("1 if ret('STALE', 'ytd') > 0 else 0")
    assert number.stale == (("STALE", day("2026-02-24")),)
    assert number.on == day("2026-02-24")


def test_the_history_of_a_choice_does_not_look_ahead(market: Market, scope: Scope) -> None:
    source = "ret('UP', 'ytd') if ret('SPY', '1d') > 0 else ret('DN', 'ytd')"
    values = history(scope.value(source))
    for on in SESSIONS[-4:]:
        assert values[str(on)] == pytest.approx(scope_on(market, str(on)).number(source).value)  # type: ignore[index, union-attr]


def test_a_leading_minus_is_not_lost(scope: Scope) -> None:
    up = scope.number("ret('UP', 'ytd')").value
    assert scope.number("-ret('UP', 'ytd')").value == pytest.approx(-up)  # type: ignore[operator]
    assert scope.text("{{-ret('UP', 'ytd')}}")[0].text.startswith("−")  # type: ignore[union-attr]
    assert scope.number("- 1").value == -1


def test_smaller_larger_and_size(scope: Scope) -> None:
    assert scope.number("min(ret('UP', 'ytd'), ret('DN', 'ytd'))").value == pytest.approx(moved("DN", "2025-12-31"))
    assert scope.number("max(ret('UP', 'ytd'), ret('DN', 'ytd'))").value == pytest.approx(moved("UP", "2025-12-31"))
    assert scope.number("max(ret('DN', 'ytd'), 0)").value == 0
    assert scope.number("max(ret('DN', 'ytd'), 0)").kind == "fraction"
    assert scope.number("abs(ret('DN', 'ytd'))").value == pytest.approx(-moved("DN", "2025-12-31"))
    assert scope.number("max(ret('UP', 'ytd'), ret('LATE', 'ytd'))").value is None


def test_the_larger_of_two_amounts_keeps_its_currency(scope: Scope) -> None:
    assert scope.figure("max(close('EUR'), 10)").text.startswith("€")


def test_amounts_in_two_currencies_are_not_added(scope: Scope) -> None:
    try:
        number = scope.number("close('EUR') + close('UP')")
    except ExpressionError:
        return
    assert number.value is None


def test_crypto_has_weekends_and_a_spread_has_not(market: Market) -> None:
    monday = scope_on(market, "2026-02-23")
    coin = {d: 90_000.0 + 10 * i for i, d in enumerate(EVERY_DAY)}
    assert monday.number("ret('BTC', '1d')").value == pytest.approx(
        coin[day("2026-02-23")] / coin[day("2026-02-22")] - 1
    )
    wanted = coin[day("2026-02-23")] / coin[day("2026-02-20")] - 1 - moved("SPY", "2026-02-20", "2026-02-23")
    assert monday.number("spread('BTC', 'SPY', '1d')").value == pytest.approx(wanted)


def test_a_universe_begins_where_half_of_its_members_have_prices(tmp_path: Path) -> None:
    days = [f"2026-01-{d:02}" for d in (5, 6, 7, 8, 9)]
    for ticker, begins in (("OLD", 0), ("MID", 2), ("NEW", 3)):
        lines = ["date,close", *(f"{day_},{100 + i}" for i, day_ in enumerate(days) if i >= begins)]
        (tmp_path / f"{ticker}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    instruments = {t: Instrument(t, t, "stock") for t in ("OLD", "MID", "NEW")}
    with Store(tmp_path / "store.sqlite") as store:
        now = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
        refresh(store, instruments, folder_providers(tmp_path), end=dt.date(2026, 1, 9), now=now)
        market = Market(store, instruments, last_day=dt.date(2026, 1, 9))
        shares = history(Scope(market, {"three": ("OLD", "MID", "NEW")}).value("breadth(ret('three', '1d') > 0)"))
    known = shares.dropna()
    assert [str(d.date()) for d in shares.index] == days[2:]  # with OLD alone there is no breadth of three
    assert known.tolist() == [1.0, 1.0]

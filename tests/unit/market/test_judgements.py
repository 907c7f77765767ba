"""What is said of new bars in each case, down to its edges: pure calls, without a store."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest

from tests.unit.market.samples import DAYS, bars, stock
from thesisvault.market.bars import Bars, day_number, number_day
from thesisvault.market.records import Instrument
from thesisvault.market.refresh.history import united
from thesisvault.market.refresh.judge import judged
from thesisvault.market.refresh.judgement import Judgement
from thesisvault.market.refresh.remembered import Remembered
from thesisvault.market.store.ledger import Rejected

A = stock("A")
MACRO = Instrument("M", "M", "macro")
N = [day_number(day) for day in DAYS]
NEW = {day: 100.0 + n for n, day in enumerate(DAYS)}
OLD = {day: NEW[day] for day in DAYS[:8]}


def judge(
    new: Bars, old: Bars | None = None, *, instrument: Instrument = A, whole: bool = False, **more: Any
) -> Judgement:
    old = bars(OLD, dividends=()) if old is None else old
    return judged(instrument, old, new, whole=whole, first=old.days[0], **more)


def closes(found: Bars | None) -> dict[dt.date, float]:
    assert found is not None
    return {number_day(day): close for day, close in zip(found.days, found.close, strict=True)}


# Nothing stored, nothing new --------------------------------------------------------------------------------------


def test_an_empty_answer_changes_nothing():
    assert judge(bars({})) == Judgement()


def test_the_first_bars_of_a_series_are_all_taken():
    found = judged(A, None, bars(NEW, dividends=()), whole=True)
    assert closes(found.bars) == NEW
    assert (found.reason, found.quarantined, found.rebased) == ("", None, False)


def test_first_bars_are_looked_at_for_jumps_and_first_values_are_not():
    wild = NEW | {DAYS[4]: 10_000.0}
    assert closes(judged(A, None, bars(wild), whole=True).quarantined) == {DAYS[4]: 10_000.0}
    assert closes(judged(MACRO, None, bars(wild, "value"), whole=True).bars) == wild


def test_a_dividend_alone_is_news_of_its_day():
    found = judge(Bars((), (), "split_adjusted", dividends=((N[3], 0.5),)))
    assert found.needs_whole


# What disagrees ---------------------------------------------------------------------------------------------------


def test_one_day_that_differs_waits_with_all_newer_ones_and_names_its_days():
    found = judge(bars(NEW | {DAYS[6]: 106.1}, dividends=()))
    assert found.wrong_days == (N[6],)
    assert closes(found.quarantined) == {DAYS[6]: 106.1, DAYS[8]: 108.0, DAYS[9]: 109.0}


def test_few_days_that_differ_in_a_whole_history_are_doubted_and_the_others_wait():
    found = judge(bars(NEW | {DAYS[5]: 106.0, DAYS[6]: 107.0}, dividends=()), whole=True)
    assert sorted(found.wrong_days) == [N[5], N[6]]
    assert sorted(closes(found.quarantined)) == [DAYS[5], DAYS[6], DAYS[8], DAYS[9]]
    assert found.why.endswith("107 now and 106 as stored, and no split explains it; 2 of 8 days differ")


@pytest.mark.parametrize(("differ", "everything"), [(4, False), (5, True)])
def test_a_whole_history_of_which_more_than_half_differs_is_doubted_as_one(differ, everything):
    new = NEW | {day: NEW[day] * 1.01 for day in DAYS[:differ]}
    found = judge(bars(new, dividends=()), whole=True)
    assert (closes(found.quarantined) == new) is everything
    assert len(found.wrong_days) == (0 if everything else differ)


@pytest.mark.parametrize(
    ("stored", "now", "agree"),
    [
        (100.0, 100.009, True),
        (100.0, 100.02, False),
        (1.0, 1.005, True),  # a cent
        (1.0, 1.006, False),
        (0.9, 0.905, False),  # below one a cent is too much
        (20.0, 19.995, True),
    ],
)
def test_closes_agree_to_a_ten_thousandth_or_to_a_cent(stored, now, agree):
    found = judge(bars({DAYS[0]: now, DAYS[1]: stored}, dividends=()), bars({DAYS[0]: stored}, dividends=()))
    assert (found.quarantined is None) is agree


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (107.53, "was restated"),
        (107.54, "was taken back: it is 107.54 now, and was 107"),
        (106.47, "was restated"),
        (106.46, "was taken back: it is 106.46 now, and was 107"),
    ],
)
def test_a_provisional_close_is_restated_by_half_a_percent_and_taken_back_by_more(now, said):
    found = judge(bars(NEW | {DAYS[7]: now}, dividends=((N[6], 0.5),)), confirmed=N[6])
    assert found.reason == f"the close of 2026-02-11 {said}; a dividend of 0.5 on 2026-02-10 was listed late"
    assert closes(found.bars) == {DAYS[7]: now, DAYS[8]: 108.0, DAYS[9]: 109.0}


def test_bars_without_a_day_in_common_say_from_when_they_are_and_where_the_stored_ones_end():
    found = judge(bars({dt.date(2026, 3, 2): 1.0}), whole=True)
    assert found.why == ("its bars from 2026-03-02 have no day in common with those stored, which end on 2026-02-11")
    assert closes(found.quarantined) == {dt.date(2026, 3, 2): 1.0}


def test_what_was_rejected_is_known_by_day_and_figure_both():
    wrong = Rejected(frozenset({(N[8], 108.0)}), frozenset({(N[6], 0.5)}))
    found = judge(bars(NEW, dividends=((N[5], 0.5), (N[6], 0.5), (N[7], 0.25))), remembered=Remembered(wrong))
    assert closes(found.bars) == {DAYS[9]: 109.0}
    assert found.bars.dividends == ((N[5], 0.5), (N[7], 0.25))
    again = judge(bars(NEW | {DAYS[8]: 108.5}, dividends=((N[6], 0.6),)), remembered=Remembered(wrong))
    assert closes(again.bars) == {DAYS[8]: 108.5, DAYS[9]: 109.0}
    assert again.bars.dividends == ((N[6], 0.6),)


# Dividends --------------------------------------------------------------------------------------------------------


def test_each_change_of_a_dividend_is_said():
    stored = bars(OLD, dividends=((N[1], 0.4), (N[3], 0.5)))
    found = judge(bars(NEW, dividends=((N[1], 0.45), (N[5], 0.5), (N[6], 0.3))), stored)
    assert found.reason == (
        "the dividend of 2026-02-03 is 0.45, and was 0.4; "
        "the dividend of 0.5 on 2026-02-05 is now of 2026-02-09; "
        "a dividend of 0.3 on 2026-02-10 was listed late"
    )
    assert found.bars.dividends == ((N[1], 0.45), (N[3], 0.0), (N[5], 0.5), (N[6], 0.3))


def test_a_dividend_that_agrees_or_is_newer_than_what_is_stored_is_no_change():
    stored = bars(OLD, dividends=((N[1], 0.4),))
    found = judge(bars(NEW, dividends=((N[1], 0.40001), (N[8], 0.4))), stored)
    assert (found.reason, closes(found.bars)) == ("", {DAYS[8]: 108.0, DAYS[9]: 109.0})


def test_a_dividend_from_before_an_answer_begins_is_not_the_same_on_another_day():
    stored = bars(OLD, dividends=((N[1], 0.4),))
    later = {day: close for day, close in NEW.items() if day >= DAYS[2]}
    assert judge(bars(later, dividends=((N[3], 0.4),)), stored).reason == (
        "a dividend of 0.4 on 2026-02-05 was listed late"
    )


@pytest.mark.parametrize(("amount", "waits"), [(27.0, False), (27.1, True)])
def test_a_dividend_of_a_quarter_of_the_close_before_is_still_taken(amount, waits):
    found = judge(bars(NEW, dividends=((N[9], amount),)))
    assert (found.quarantined is not None) is waits
    assert found.wrong_dividends == (((N[9], amount),) if waits else ())
    if waits:
        assert closes(found.bars) == {DAYS[8]: 108.0}
        assert closes(found.quarantined) == {DAYS[9]: 109.0}
        assert found.quarantined.dividends == ((N[9], amount),)


def test_a_large_dividend_of_a_stored_day_lets_the_other_actions_through():
    found = judge(bars(NEW, dividends=((N[2], 0.5), (N[5], 60.0))))
    assert found.why == "a dividend of 58% of the close before on 2026-02-09"
    assert found.bars.dividends == ((N[2], 0.5),)
    assert closes(found.quarantined) == {DAYS[5]: 105.0, DAYS[8]: 108.0, DAYS[9]: 109.0}
    assert found.quarantined.dividends == ((N[5], 60.0),)
    assert found.wrong_dividends == ((N[5], 60.0),)


def test_a_large_dividend_on_a_day_without_a_bar_waits_with_the_newest_bar():
    # The stored bars end where the answer ends, and its dividend is of a day that neither has.
    both = {day: NEW[day] for day in DAYS if day != DAYS[5]}
    found = judge(bars(both, dividends=((N[5], 60.0),)), bars(both, dividends=()))
    assert closes(found.quarantined) == {DAYS[9]: 109.0}
    assert found.wrong_dividends == ((N[5], 60.0),)


def test_a_dividend_that_is_stored_already_or_older_than_all_stored_bars_is_not_doubted():
    stored = bars({day: NEW[day] for day in DAYS[2:8]}, dividends=((N[5], 60.0),))
    found = judge(bars(NEW, dividends=((N[1], 50.0), (N[5], 60.0))), stored)
    assert (found.quarantined, found.wrong_dividends) == (None, ())


@pytest.mark.parametrize(("amount", "waits"), [(6.6, False), (6.8, True)])
def test_a_dividend_after_a_split_is_measured_on_the_new_shares(amount, waits):
    # 107 before the split of 4 for 1 are 26.75 now.
    new = bars({day: close / 4 for day, close in NEW.items()}, dividends=((N[8], amount),), splits=((N[8], 4.0),))
    found = judge(new, whole=True)
    assert bool(found.wrong_dividends) is waits
    assert found.rebased
    assert closes(found.bars) == {day: NEW[day] / 4 for day in (DAYS[:8] if waits else DAYS)}


def test_actions_after_a_doubted_dividend_wait_with_it():
    found = judge(bars(NEW, dividends=((N[2], 0.5), (N[8], 60.0), (N[9], 0.25))))
    assert found.bars.dividends == ((N[2], 0.5),)
    assert found.quarantined.dividends == ((N[8], 60.0), (N[9], 0.25))


def test_beside_a_doubted_dividend_a_close_is_restated_and_more_that_differ_are_asked_for_whole():
    doubted = ((N[9], 40.0),)
    found = judge(bars(NEW | {DAYS[7]: 107.2}, dividends=doubted), confirmed=N[6])
    assert closes(found.bars) == {DAYS[7]: 107.2, DAYS[8]: 108.0}
    assert found.wrong_dividends == doubted
    wrong = NEW | {DAYS[4]: 105.0, DAYS[5]: 106.0}
    assert judge(bars(wrong, dividends=doubted)) == Judgement(needs_whole=True)


@pytest.mark.parametrize(("place", "late"), [(0, True), (7, True), (8, False)])
def test_a_dividend_is_late_from_the_first_stored_day_to_the_last(place, late):
    found = judge(bars(NEW, dividends=((N[place], 0.5),)))
    assert found.reason == (f"a dividend of 0.5 on {DAYS[place]} was listed late" if late else "")


def test_an_answer_that_knows_no_dividends_takes_none_away():
    found = judge(bars(NEW), bars(OLD, dividends=((N[1], 0.4),)))
    assert (closes(found.bars), found.bars.dividends) == ({DAYS[8]: 108.0, DAYS[9]: 109.0}, None)


# Splits -----------------------------------------------------------------------------------------------------------


def test_splits_rescale_all_that_is_stored():
    stored = bars(
        OLD,
        open=tuple(OLD.values()),
        high=tuple(OLD.values()),
        low=tuple(OLD.values()),
        volume=(1000.0,) * 8,
        dividends=((N[2], 0.8),),
    )
    short = {day: close / 8 for day, close in NEW.items() if day >= DAYS[3]}
    splits = ((N[8], 4.0), (N[9], 2.0))
    found = judge(bars(short, dividends=(), splits=splits), stored, whole=True)
    assert found.reason == "a split of 4 for 1 on 2026-02-12 and a split of 2 for 1 on 2026-02-13"
    assert found.rebased
    assert closes(found.bars) == {day: close / 8 for day, close in NEW.items()}
    assert found.bars.volume[:3] == (8000.0,) * 3
    assert found.bars.open[:3] == found.bars.high[:3] == found.bars.low[:3] == (12.5, 12.625, 12.75)
    assert found.bars.dividends == ((N[2], 0.1),)
    assert found.bars.splits == splits


def test_a_split_that_explains_nothing_says_what_it_would_make_of_the_close():
    found = judge(bars({d: c / 3 for d, c in NEW.items()}, dividends=(), splits=((N[9], 4.0),)), whole=True)
    assert found.why == ("the close of 2026-02-11 is 35.6667 now; a split of 4 for 1 on 2026-02-13 would make it 26.75")
    assert len(found.quarantined.days) == 10


def test_a_split_within_what_is_stored_rescales_the_days_before_it_only():
    quarter = {day: close / 4 for day, close in NEW.items()}
    stored = bars({day: (OLD if day < DAYS[5] else quarter)[day] for day in DAYS[:8]}, dividends=())
    found = judge(bars(quarter, dividends=(), splits=((N[5], 4.0),)), stored, whole=True)
    assert closes(found.bars) == quarter
    assert found.quarantined is None


def test_a_split_of_the_first_stored_day_or_one_that_is_known_asks_for_nothing():
    stored = bars(OLD, dividends=(), splits=((N[4], 2.0),))
    found = judge(bars(NEW, dividends=(), splits=((N[0], 3.0), (N[4], 2.0000001))), stored)
    assert closes(found.bars) == {DAYS[8]: 108.0, DAYS[9]: 109.0}
    assert judge(bars(NEW, dividends=(), splits=((N[1], 3.0),)), stored).needs_whole
    assert judge(bars(NEW, dividends=(), splits=((N[4], 3.0),)), stored).needs_whole


# Macro series and indices of total return -------------------------------------------------------------------------


def revise(change: dict[dt.date, float], old: dict[dt.date, float] | None = None) -> Judgement:
    return judge(bars(change, "value"), bars(old or OLD, "value"), instrument=MACRO)


def test_revised_values_are_counted_and_all_taken():
    found = revise(NEW | {DAYS[2]: 103.0, DAYS[4]: 105.0, DAYS[6]: 107.0})
    assert found.reason == "the value of 2026-02-04 and 2 more was revised"
    assert len(found.bars.days) == 10
    assert revise(NEW | {DAYS[2]: 103.0, DAYS[4]: 105.0}).reason == "the value of 2026-02-04 and 1 more was revised"
    assert revise(NEW | {DAYS[2]: 103.0}).reason == "the value of 2026-02-04 was revised"
    assert revise(NEW).reason == ""


def test_noise_in_the_last_digits_revises_nothing_and_nought_may_stay_nought():
    assert revise({day: close * (1 + 1e-10) for day, close in NEW.items()}).reason == ""
    nought = dict.fromkeys(DAYS[:4], 0.0)
    assert revise(nought | {DAYS[4]: 1.0}, nought).reason == ""
    assert revise(dict.fromkeys(DAYS[:4], 1e-13), nought).reason == ""


def test_values_that_all_grew_but_not_alike_are_revised():
    grown = {day: value * (100 if n % 2 else 150) for n, (day, value) in enumerate(NEW.items())}
    assert revise(grown).reason == "the value of 2026-02-02 and 7 more was revised"


@pytest.mark.parametrize(
    ("factor", "held"), [(1000.0, True), (0.001, True), (50.0, True), (49.0, False), (0.02, True), (0.03, False)]
)
def test_values_that_are_all_so_many_times_what_is_stored_are_of_another_unit(factor, held):
    found = revise({day: value * factor for day, value in NEW.items()})
    assert (found.quarantined is not None) is held
    if held:
        assert found.why == f"every value is {factor:g} times what is stored: its unit seems to have changed"


def test_another_unit_is_seen_on_three_values_that_are_not_nought():
    old = {DAYS[0]: 0.0, DAYS[1]: 2.0, DAYS[2]: 3.0, DAYS[3]: 0.0}
    millions = {day: value * 1000 for day, value in old.items()}
    assert revise(millions, old).quarantined is None
    assert revise(millions | {DAYS[4]: 5000.0}, old | {DAYS[4]: 5.0}).quarantined is not None


def test_an_index_of_total_return_is_continued_on_its_stored_scale():
    old = bars(OLD, "adjusted")
    column = (1.0,) * 10
    new = bars(
        {day: close * 0.98 for day, close in NEW.items()},
        "adjusted",
        open=column,
        high=column,
        low=column,
        volume=column,
    )
    found = judge(new, old)
    assert closes(found.bars) == pytest.approx({DAYS[8]: 108.0, DAYS[9]: 109.0})
    assert (found.reason, found.rebased) == ("", False)
    assert {found.bars.open, found.bars.high, found.bars.low, found.bars.volume} == {None}


def test_an_index_of_total_return_that_agrees_is_not_scaled_by_noise():
    noisy = {day: close * 1.00005 for day, close in NEW.items()}
    found = judge(bars(noisy, "adjusted"), bars(OLD, "adjusted"))
    assert closes(found.bars) == {day: noisy[day] for day in DAYS[8:]}


def test_the_first_new_bar_of_an_index_of_total_return_is_held_against_the_last_stored():
    found = judge(bars(NEW | {DAYS[8]: 10_800.0}, "adjusted"), bars(OLD, "adjusted"))
    assert (closes(found.bars), closes(found.quarantined)) == ({DAYS[9]: 109.0}, {DAYS[8]: 10_800.0})


def test_an_index_of_total_return_that_differs_on_one_day_waits_scaled():
    new = {day: close * 0.5 for day, close in NEW.items()} | {DAYS[6]: 54.0}
    found = judge(bars(new, "adjusted"), bars(OLD, "adjusted"))
    assert closes(found.quarantined) == pytest.approx({DAYS[6]: 108.0, DAYS[8]: 108.0, DAYS[9]: 109.0})
    assert found.wrong_days == (N[6],)
    assert found.why.startswith("the close of 2026-02-10 is 108 now and 106 as stored")


def test_an_index_of_total_return_that_differs_on_more_days_is_asked_for_whole():
    new = bars(NEW | {DAYS[5]: 110.0, DAYS[6]: 120.0}, "adjusted")
    assert judge(new, bars(OLD, "adjusted")).needs_whole
    found = judge(new, bars(OLD, "adjusted"), whole=True)
    assert found.wrong_days == (N[5], N[6])
    assert found.why.endswith("2 of 8 days differ")


def test_only_the_newest_ten_days_in_common_are_compared_of_an_index_of_total_return():
    days = [dt.date(2026, 1, 5) + dt.timedelta(days=n) for n in range(12)]
    old = dict.fromkeys(days, 100.0)
    new = old | {days[0]: 50.0, days[1]: 50.0, dt.date(2026, 1, 20): 101.0}
    assert closes(judge(bars(new, "adjusted"), bars(old, "adjusted")).bars) == {dt.date(2026, 1, 20): 101.0}
    found = judge(bars(new | {days[2]: 50.0}, "adjusted"), bars(old, "adjusted"))
    assert found.wrong_days == (day_number(days[2]),)


# Jumps and unions -------------------------------------------------------------------------------------------------


def test_bars_that_wait_from_some_day_on_keep_their_actions_with_them():
    new = NEW | {DAYS[9]: 10_900.0}
    found = judge(bars(new, dividends=((N[6], 0.5), (N[8], 0.25), (N[9], 0.75)), splits=()))
    assert closes(found.bars) == {DAYS[8]: 108.0}
    assert found.bars.dividends == ((N[6], 0.5), (N[8], 0.25))
    assert found.why == "a jump to 101 times the close before on 2026-02-13"
    assert found.wrong_days == (N[9],)


def test_bars_that_wait_amid_others_leave_the_actions_to_them():
    new = NEW | {DAYS[8]: 10_800.0}
    found = judge(bars(new, dividends=((N[8], 0.25), (N[9], 0.75))))
    assert closes(found.bars) == {DAYS[9]: 109.0}
    assert found.bars.dividends == ((N[8], 0.25), (N[9], 0.75))


def test_a_union_has_the_new_bar_of_a_day_and_no_figure_where_one_side_has_none():
    old = bars(
        {DAYS[0]: 1.0, DAYS[2]: 3.0, DAYS[3]: 5.0},
        open=(1.5, 3.5, 5.5),
        volume=(10.0, 30.0, 50.0),
        dividends=((N[0], 0.1), (N[2], 0.3)),
        splits=((N[0], 2.0),),
    )
    new = bars(
        {DAYS[1]: 2.0, DAYS[2]: 4.0},
        open=(2.5, 4.5),
        high=(2.6, 4.6),
        low=(2.4, 4.4),
        dividends=((N[2], 0.4),),
        splits=((N[1], 3.0),),
    )
    found = united(old, new)
    assert closes(found) == {DAYS[0]: 1.0, DAYS[1]: 2.0, DAYS[2]: 4.0, DAYS[3]: 5.0}
    assert found.days == tuple(N[:4])
    nan = math.nan
    assert found.open == (1.5, 2.5, 4.5, 5.5)
    assert found.high == pytest.approx((nan, 2.6, 4.6, nan), nan_ok=True)
    assert found.low == pytest.approx((nan, 2.4, 4.4, nan), nan_ok=True)
    assert found.volume == pytest.approx((10.0, nan, nan, 50.0), nan_ok=True)
    assert found.dividends == ((N[0], 0.1), (N[2], 0.4))
    assert found.splits == ((N[0], 2.0), (N[1], 3.0))
    plain = united(old, bars({DAYS[1]: 2.0}))
    assert (plain.dividends, plain.high, plain.low) == (None, None, None)

"""What is told of a bar by itself."""

import datetime as dt
import math

import pytest

from tests.unit.market.samples import DAYS
from thesisvault.market.bars import Bars, day_number, number_day
from thesisvault.market.refresh.screen import screened

NUMBERS = [day_number(d) for d in DAYS]
DUE, TODAY = NUMBERS[-1], NUMBERS[-1] + 1


def screen(days, closes, basis="split_adjusted", is_session=lambda _: False, due=DUE, **more):
    bars, refused = screened(
        Bars(tuple(days), tuple(closes), basis, **more), due=due, today=TODAY, is_session=is_session
    )
    return dict(zip(bars.days, bars.close, strict=True)), {r.what: list(r.days) for r in refused}


def test_bars_that_are_sound_pass_as_they_are():
    assert screen(NUMBERS[:3], [1.0, 2.0, 3.0]) == (dict(zip(NUMBERS[:3], [1.0, 2.0, 3.0], strict=True)), {})


@pytest.mark.parametrize(
    ("close", "named"),
    [(math.nan, "no close"), (math.inf, "no close"), (0.0, "a close of 0"), (-2.5, "a close of -2.5")],
)
def test_a_close_that_cannot_be_one_is_refused_by_name_and_the_others_stay(close, named):
    kept, refused = screen(NUMBERS[:3], [1.0, close, 3.0])
    assert kept == {NUMBERS[0]: 1.0, NUMBERS[2]: 3.0}
    assert refused == {named: [NUMBERS[1]]}


def test_a_macro_value_may_be_zero_below_zero_and_of_a_sunday():
    sunday = day_number(dt.date(2026, 2, 8))
    assert screen([NUMBERS[0], sunday], [0.0, -1.0], "value") == ({NUMBERS[0]: 0.0, sunday: -1.0}, {})


def test_a_second_bar_of_a_day_is_refused_and_both_where_they_differ():
    assert screen([NUMBERS[0], NUMBERS[0]], [5.0, 5.0]) == ({NUMBERS[0]: 5.0}, {"a second bar": [NUMBERS[0]]})
    kept, refused = screen([NUMBERS[0], NUMBERS[1], NUMBERS[1]], [5.0, 6.0, 6.1])
    assert kept == {NUMBERS[0]: 5.0}
    assert sorted(day for days in refused.values() for day in days) == [NUMBERS[1], NUMBERS[1]]


def test_bars_out_of_order_are_refused():
    kept, refused = screen([NUMBERS[0], NUMBERS[2], NUMBERS[1], NUMBERS[3]], [1.0, 3.0, 2.0, 4.0])
    assert list(kept) == [NUMBERS[0], NUMBERS[2], NUMBERS[3]]
    assert refused == {"a bar out of order": [NUMBERS[1]]}


def test_a_bar_from_the_future_is_refused_and_does_not_put_the_others_out_of_order():
    kept, refused = screen([TODAY + 300, NUMBERS[0], NUMBERS[1]], [9.0, 1.0, 2.0])
    assert list(kept) == NUMBERS[:2]
    assert refused == {"a bar from the future": [TODAY + 300]}


def test_a_bar_of_an_open_session_is_left_out_without_a_word():
    assert screen(NUMBERS[:3], [1.0, 2.0, 3.0], due=NUMBERS[1])[0] == {NUMBERS[0]: 1.0, NUMBERS[1]: 2.0}
    assert screen(NUMBERS[:3], [1.0, 2.0, 3.0], unfinished=NUMBERS[2]) == ({NUMBERS[0]: 1.0, NUMBERS[1]: 2.0}, {})


def test_a_bar_of_a_weekend_is_refused_unless_the_exchange_opens_then():
    saturday = day_number(dt.date(2026, 2, 7))
    assert screen([NUMBERS[0], saturday], [1.0, 2.0])[1] == {"a bar of a weekend": [saturday]}
    assert screen([NUMBERS[0], saturday], [1.0, 2.0], is_session=lambda day: day == saturday)[1] == {}


def test_a_dividend_that_leaves_nothing_is_refused_and_one_to_come_is_left_out():
    bars, refused = screened(
        Bars(
            tuple(NUMBERS[:3]),
            (10.0, 10.0, 10.0),
            "split_adjusted",
            dividends=((NUMBERS[1], 0.5), (NUMBERS[2], 10.0), (DUE + 5, 0.5)),
            splits=((DUE + 5, 2.0),),
        ),
        due=DUE,
        today=TODAY,
        is_session=lambda _: False,
    )
    assert (bars.dividends, bars.splits) == (((NUMBERS[1], 0.5),), ())
    assert [(r.what, [number_day(d) for d in r.days]) for r in refused] == [
        ("a dividend as large as the close", [DAYS[2]])
    ]

"""The deepest fall with its days, and moves against those that were usual before them, by plain arithmetic."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thesisvault.analytics import kernels
from thesisvault.analytics.moves import USUAL, deepest_fall, times_usual

LEVELS = st.lists(st.integers(1, 60).map(float), min_size=1, max_size=40)


@given(LEVELS)
def test_no_pair_of_days_falls_further_than_the_deepest_fall(levels: list[float]) -> None:
    falls = [(levels[j] / levels[i] - 1, i, j) for j in range(len(levels)) for i in range(j)]
    found = deepest_fall(np.array(levels))
    if found is None:
        assert all(depth >= 0 for depth, _, _ in falls)
        return
    assert found.depth == min(falls)[0] == levels[found.low] / levels[found.high] - 1
    base, end = np.array([0]), np.array([len(levels) - 1])
    assert found.depth == kernels.worst_drawdown(np.array(levels), base, end)[0]
    # The high is the last day at it, and the low the first day at it.
    assert max(levels[found.high + 1 : found.low + 1]) < levels[found.high]
    assert min(levels[found.high : found.low], default=math.inf) > levels[found.low]


def test_nothing_has_no_fall() -> None:
    assert deepest_fall(np.array([])) is None
    assert deepest_fall(np.array([3.0])) is None


@given(st.lists(st.sampled_from([-0.02, -0.01, 0.0, 0.01, 0.03]), min_size=USUAL + 2, max_size=USUAL + 12))
def test_a_move_is_measured_by_the_sixty_before_it(steps: list[float]) -> None:
    levels = np.cumprod([1.0, *(1 + step for step in steps)])
    moves, times = times_usual(levels, 5)
    assert moves == pytest.approx(steps[-5:])
    for nth, (move, multiple) in enumerate(zip(moves.tolist(), times.tolist(), strict=True)):
        row = len(steps) - 5 + nth
        before = steps[max(row - USUAL, 0) : row]
        usual = statistics.stdev(before)
        if len(before) < USUAL or usual == 0:
            assert math.isnan(multiple)
        else:
            assert multiple == pytest.approx(move / usual)


def test_what_came_later_does_not_change_how_unusual_a_move_was() -> None:
    chance = np.random.default_rng(5)
    levels = np.cumprod(1 + chance.normal(0, 0.01, 200))
    whole = times_usual(levels, 100)[1]
    assert times_usual(levels[:150], 50)[1] == pytest.approx(whole[:50])


@pytest.mark.parametrize("length", [0, 1, 2, USUAL, USUAL + 1])
def test_of_too_short_a_history_no_move_is_called_unusual(length: int) -> None:
    moves, times = times_usual(np.linspace(1, 2, length), 10)
    assert len(moves) == len(times) == min(10, max(length - 1, 0))
    assert np.isnan(times).all()


def test_after_equal_moves_nothing_is_usual() -> None:
    levels = np.concatenate([np.full(USUAL + 5, 100.0), [105.0]])
    assert np.isnan(times_usual(levels, 3)[1]).all()

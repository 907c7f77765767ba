"""The formula for one window gives what the formula for many gives, and what its bounds are with them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thesisvault.analytics import kernels, single
from thesisvault.analytics.bounds import Mode, Pace, bound, bounds
from thesisvault.scalars import parse_window

LEVELS = st.lists(st.floats(0.01, 1e4), min_size=1, max_size=40)
ANY = st.lists(st.sampled_from([-2.0, 0.0, 0.5, 1.0, 1.0, 3.0, 1e-12]), min_size=1, max_size=20)
OF_ONE = {
    "returned": (kernels.returned, single.returned),
    "changed": (kernels.changed, single.changed),
    "before": (kernels.before, single.before),
    "mean": (kernels.mean, single.mean),
    "deviation": (kernels.deviation, single.deviation),
    "highest": (kernels.highest, single.highest),
    "lowest": (kernels.lowest, single.lowest),
    "drawdown": (kernels.drawdown, single.drawdown),
    "volatility": (kernels.volatility, single.volatility),
    "zscore": (kernels.zscore, single.zscore),
    "median": (kernels.median, single.median),
    "percentile": (kernels.percentile, single.percentile),
}
OF_TWO = {"correlation": (kernels.correlation, single.correlation), "beta": (kernels.beta, single.beta)}
WINDOWS = [1, "5d", 30, "20d", "2w", "1m", "3m", "1y", "mtd", "ytd", "max", "since 2025-06-16", "2025", "2025-06"]
WINDOWS += ["2025Q3", "2025-03-03..2025-10-06"]


@pytest.mark.parametrize("name", OF_ONE)
@given(values=LEVELS | ANY, before=st.lists(st.floats(0.5, 2), max_size=3))
def test_one_window_is_measured_as_many_are(name: str, values: list[float], before: list[float]) -> None:
    every, one = OF_ONE[name]
    whole, base, end = np.array([*before, *values]), len(before), len(before) + len(values) - 1
    # Two windows, so that the kernel takes no way of its own for one.
    many = every(whole, np.array([base, base]), np.array([end, end]))[1]
    # What is left of a sum of equal values is no deviation, however it was added up.
    slack = 1e-7 * max(1.0, max(map(abs, values))) if name in ("deviation", "zscore") else 1e-9
    found = one(np.array(values))
    assert math.isnan(found) == math.isnan(many), (found, many)
    assert math.isnan(found) or math.isclose(found, many, rel_tol=1e-6, abs_tol=slack), (found, many)


@pytest.mark.parametrize("name", OF_TWO)
@given(seed=st.integers(0, 10_000), length=st.integers(1, 60), still=st.booleans(), nought=st.booleans())
def test_two_series_in_one_window_are_measured_as_in_many(
    name: str, seed: int, length: int, still: bool, nought: bool
) -> None:
    every, one = OF_TWO[name]
    both = np.random.default_rng(seed).uniform(50, 150, (length, 2))
    if still:
        both[:, 1] = 70.0
    if nought:
        both[length // 2, 0] = 0.0
    many = every(both, np.array([0, 0]), np.array([length - 1, length - 1]))[1]
    found = one(both[:, 0], both[:, 1])
    assert math.isnan(found) == math.isnan(many)
    assert math.isnan(found) or math.isclose(found, many, rel_tol=1e-9, abs_tol=1e-9)


@given(
    gaps=st.lists(st.sampled_from([1, 1, 1, 3, 4, 9, 40]), min_size=1, max_size=120),
    window=st.sampled_from(WINDOWS),
    period=st.sampled_from([1, 1, 1, 7, 31, 92]),
    quiet=st.integers(-1, 400),
    mode=st.sampled_from(["span", "inside", "returns"]),
    data=st.data(),
)
def test_the_bounds_of_one_window_are_those_of_many(
    gaps: list[int], window: str | int, period: int, quiet: int, mode: Mode, data: st.DataObject
) -> None:
    days = 20_080 + np.cumsum(np.array(gaps, dtype=np.int64) * period)
    pace = Pace(period, int(days[-1]) + quiet)
    row = data.draw(st.integers(0, len(days) - 1))
    base, end = bounds(days, np.arange(len(days)), parse_window(window), pace, mode)
    assert bound(days, row, parse_window(window), pace, mode) == (base[row], end[row])

"""How far an exit is in usual daily moves, against plain arithmetic on the same levels."""

from __future__ import annotations

import itertools
import statistics
from typing import Any

import pytest

from tests.unit.analytics.frames import level_of
from tests.unit.blocks.conftest import World
from thesisvault.blocks.core.exits import exits_of, nearest_exit


def levels(world: World, name: str) -> dict[Any, float]:
    view = world.context().series(name)
    assert not isinstance(view, str)
    return dict(zip(level_of(view).index, level_of(view).tolist(), strict=True))


def returns(values: list[float]) -> list[float]:
    return [new / old - 1 for old, new in itertools.pairwise(values)]


def ratio(world: World, one: str, other: str) -> list[float]:
    a, b = levels(world, one), levels(world, other)
    return [a[day] / b[day] for day in sorted(a.keys() & b.keys())]


def moves(world: World, when: str) -> float | None:
    """Return how far the only exit of a thesis is, in usual daily moves."""
    changed = world.with_thesis(signals=[{"name": "It ends", "when": when, "kills": "true"}])
    (found,) = exits_of(changed.library.definitions["up-not-down"], changed.context())
    if found.moves is None:
        return None
    assert isinstance(found.moves.number.value, float)
    assert found.moves.text == f"{found.moves.number.value:.1f}"
    return found.moves.number.value


def test_a_ratio_is_measured_by_the_ratio_its_average_held(world: World) -> None:
    values = ratio(world, "UP", "SPY")
    room = values[-1] / (sum(values[-20:]) / 20) - 1
    usual = statistics.stdev(returns(values)[-60:])
    found = moves(world, "ratio('UP', 'SPY') < sma(ratio('UP', 'SPY'), 20)")
    assert found == pytest.approx(abs(room) / usual if room > 0 else 0.0)
    other = moves(world, "ratio('UP', 'SPY') > sma(ratio('UP', 'SPY'), 20)")
    assert other == pytest.approx(0.0 if room > 0 else abs(room) / usual)


def test_a_fall_from_a_high_is_measured_by_the_price(world: World) -> None:
    values = list(levels(world, "UP").values())
    usual = statistics.stdev(returns(values)[-60:])
    room = values[-1] / max(values[-90:]) - 1 + 0.9
    found = moves(world, "drawdown('UP', '90d') < -0.9")
    assert found == pytest.approx(room / usual, rel=0.05)  # sessions and days of a window end apart
    assert found is not None
    assert found > 0


def test_two_returns_are_measured_by_the_difference_of_their_days(world: World) -> None:
    up, spy = levels(world, "UP"), levels(world, "SPY")
    days = sorted(up.keys() & spy.keys())
    apart = [
        one - other for one, other in zip(returns([up[d] for d in days]), returns([spy[d] for d in days]), strict=True)
    ]
    usual = statistics.stdev(apart[-60:])
    five = (up[days[-1]] / up[days[-6]] - 1) - (spy[days[-1]] / spy[days[-6]] - 1)
    found = moves(world, "ret('UP', '5d') < ret('SPY', '5d') - 0.5")
    assert found == pytest.approx((five + 0.5) / usual)
    assert moves(world, "spread('UP', 'SPY', '5d') < -0.5") == pytest.approx(found)


def test_anything_else_is_measured_by_its_own_daily_change(world: World) -> None:
    context = world.context()
    values = context.value("vol('SPY', 20)").whole().tolist()
    steps = [new - old for old, new in itertools.pairwise(values)]
    found = moves(world, "vol('SPY', 20) > 2 * 0.45")
    assert found == pytest.approx((0.9 - values[-1]) / statistics.stdev(steps[-60:]))


@pytest.mark.parametrize(
    "when",
    [
        "ret('UP', '5d') < -0.5 and ret('SPY', '5d') < -0.5",  # no single line to cross
        "ret('NONE', '5d') < -0.5",  # no prices
    ],
)
def test_where_no_single_line_or_no_price_is_known_nothing_is_guessed(world: World, when: str) -> None:
    assert moves(world, when) is None


def test_a_fired_exit_is_nearest_and_then_the_fewest_moves_count(world: World) -> None:
    far, near = "ret('UP', '5d') < -0.9", "ret('UP', '5d') < -0.1"
    # In its own unit the price is further from its line than the return; in usual moves it is the other way round.
    signals = [
        {"name": "Far", "when": far, "kills": "true"},
        {"name": "Near", "when": near, "kills": "true"},
        {"name": "Supports", "when": "ret('UP', '5d') > -0.9"},
    ]
    changed = world.with_thesis(signals=signals)
    found = nearest_exit(changed.library.definitions["up-not-down"], changed.context())
    assert found is not None
    assert found.signal.name == "Near"
    signals.append({"name": "Fired", "when": "ret('UP', '5d') > -0.9", "kills": "true"})
    changed = world.with_thesis(signals=signals)
    exits = exits_of(changed.library.definitions["up-not-down"], changed.context())
    assert [each.signal.name for each in exits] == ["Fired", "Near", "Far"]
    assert exits[0].distance == 0.0


def test_without_an_exit_there_is_none(world: World) -> None:
    changed = world.with_thesis(signals=[{"name": "Supports", "when": "ret('UP', '5d') > -0.9"}])
    assert nearest_exit(changed.library.definitions["up-not-down"], changed.context()) is None

"""The newest value, worked out by itself, is the last of the history, whatever is asked and on whatever day.

A figure takes a short way: the bounds of one window, one formula over its values. The long way works the whole history
out first. Both must give the same number, the same reason where there is none, and the same that stands beside it.
"""

from __future__ import annotations

import math
import random

import pytest

from tests.unit.language.samples import LAST, SESSIONS, scope_on
from tests.unit.language.test_truncation import CLOSES, FIXED, NAMES, ONE_CALL, WINDOWS
from thesisvault.language.evaluate import Scope
from thesisvault.language.parse import ExpressionError
from thesisvault.language.tracks.newest import newest
from thesisvault.language.tracks.seen import Memory
from thesisvault.language.values import Number
from thesisvault.market.reading.market import Market
from thesisvault.structs import replace

DAYS_EACH = 5
ROUNDS = 200


def _random(chance: random.Random, depth: int = 2) -> str:
    """Return a random expression; it need not fit together."""
    x, y = (repr(chance.choice(NAMES)) for _ in range(2))
    w = repr(chance.choice([*WINDOWS, *FIXED]))
    inner = _random(chance, depth - 1) if depth else f"ret({x}, {w})"
    other = _random(chance, depth - 1) if depth else f"close({chance.choice(CLOSES)!r})"
    return chance.choice(
        [
            ONE_CALL[chance.choice(sorted(ONE_CALL))].format(w=w),
            f"{chance.choice(['ret', 'vol', 'drawdown', 'change', 'max_drawdown', 'cagr'])}({x}, {w})",
            f"{chance.choice(['sma', 'high', 'low', 'median', 'pctile', 'zscore'])}({inner}, {w})",
            f"{chance.choice(['spread', 'corr', 'beta'])}({x}, {y}, {w})",
            f"{chance.choice(['peak', 'trough'])}({x}, {w})",
            f"{chance.choice(['sessions', 'first', 'last'])}({inner} > {other}, {w})",
            f"ret(ratio({x}, {y}), {w})",
            f"({inner} {chance.choice('+-*/')} {other})",
            f"{chance.choice(['min', 'max'])}({inner}, {other})",
            f"({inner} {chance.choice(['<', '>=', '=='])} {other})",
            f"({inner} > 0 {chance.choice(['and', 'or'])} not {other} > 0)",
            f"({inner} if {other} > 0 else {inner})",
            f"at({inner}, '2025-02-03')",
            f"lag({inner}, {chance.randint(1, 30)})",
        ]
    )


def _short(scope: Scope, source: str) -> Number | str:
    try:
        return newest(replace(scope, memory=Memory()).value(source))
    except ExpressionError as problem:
        return str(problem)


def _long(scope: Scope, source: str) -> Number | str:
    """Return the newest value with the whole history of every part worked out before."""
    own = replace(scope, memory=Memory())
    try:
        value = own.value(source)
    except ExpressionError as problem:
        return str(problem)
    for each in (*own.memory.tracks.values(), value):
        if each.calendar is not None and not each.is_empty:
            each.whole()
    try:
        return newest(value)
    except ExpressionError as problem:
        return str(problem)


def _alike(short: Number | str, long: Number | str) -> bool:
    """Whether two are the same; a running sum over a year of steady steps keeps six digits of their correlation."""
    if isinstance(short, str) or isinstance(long, str):
        return short == long
    a, b = short.value, long.value
    if isinstance(a, float) and isinstance(b, float):
        near = math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)
        return near and replace(short, value=b) == long
    return short == long


@pytest.mark.parametrize("function", sorted(ONE_CALL))
def test_a_function_is_the_last_of_its_history(market: Market, function: str) -> None:
    chance = random.Random(function)
    for day in [LAST, *chance.sample(SESSIONS, DAYS_EACH)]:
        for window in [*WINDOWS, *FIXED]:
            source, scope = ONE_CALL[function].format(w=repr(window)), scope_on(market, str(day))
            short, long = _short(scope, source), _long(scope, source)
            assert _alike(short, long), f"{source} on {day}: {short} by itself, {long} by its history"


def test_random_expressions_are_the_last_of_their_history(market: Market) -> None:
    chance, known = random.Random(9), 0
    days = chance.sample(SESSIONS, ROUNDS)
    for day in days:
        scope, found = scope_on(market, str(day)), 0
        while found < 5:
            source = _random(chance)
            short, long = _short(scope, source), _long(scope, source)
            assert _alike(short, long), f"{source} on {day}: {short} by itself, {long} by its history"
            found += 1 if isinstance(short, Number) else 0.1
            known += isinstance(short, Number) and short.is_known
    assert known > ROUNDS, "most of what was tried must have a value"


@pytest.mark.parametrize("seed", range(4))
def test_what_was_asked_before_changes_nothing(market: Market, seed: int) -> None:
    chance = random.Random(seed)
    scope = scope_on(market, str(chance.choice(SESSIONS[60:])))
    asked = [ONE_CALL[name].format(w=repr(w)) for name in ONE_CALL for w in [*WINDOWS, *FIXED]]
    # Several functions over one series and window, which share what is known of it.
    asked += [
        f"{name}(level('UP'), {w!r})" for name in ("ret", "sma", "zscore", "vol", "drawdown", "low") for w in WINDOWS
    ]
    chance.shuffle(asked)
    for source in dict.fromkeys(asked):
        try:
            found: Number | str = newest(scope.value(source))
        except ExpressionError as problem:
            found = str(problem)
        alone = _short(scope, source)
        assert found == alone, f"{source}: {found} after others, {alone} alone"

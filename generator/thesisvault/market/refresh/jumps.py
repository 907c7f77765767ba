"""Jumps of a price that no market made: a slipped decimal point, pence for pounds, a bar of another security.

Pure functions on closes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import sub
from statistics import median

MEMORY = 60
"""So many daily returns tell what a usual day is."""
_SMALL_JUMP = math.log(1.5)
_HUGE_JUMP = math.log(50.0)
_LARGE_JUMP = math.log(2.5)
_TAKEN_BACK = 0.2
_SOON = 5


def jumps(context: Sequence[float], closes: Sequence[float]) -> tuple[list[int], str]:
    """Return the places of closes that no market made, and what is odd about them.

    A jump is odd if it is by 50 times or more; if it is ten times the usual day, by half at least, and taken back
    within five bars by one jump of the same size; or if it is fifteen times the usual day, by 2.5 times at least, and
    there is no later bar yet that could take it back. The usual day is the median of the last 60 absolute daily log
    returns over 0.6745, which the jump itself hardly moves. On 769 real histories of up to 45 years this holds back a
    handful of bars, nearly all of the smallest companies, and none of the days of 1987, 2008 or March 2020.

    Args:
        context: Closes before them, oldest first.
        closes: The closes to judge.

    >>> jumps([100, 101, 100, 99, 100], [101.0, 10100.0, 102.0])
    ([1], 'a jump to 100 times the close before')
    """
    whole = [*context, *closes]
    logs = list(map(math.log, whole))
    moves = list(map(sub, logs[1:], logs))
    begin = len(context)
    wrong: list[int] = []
    why = ""
    clean = begin - 1  # the newest bar that is not held back
    for place in range(max(begin, 1), len(whole)):
        if place <= clean or (wrong and place <= wrong[-1] + begin):
            continue
        move = logs[place] - logs[clean] if clean >= 0 else 0.0
        if abs(move) <= _SMALL_JUMP:
            clean = place
            continue
        usual = _usual(moves[max(0, place - 1 - MEMORY) : place - 1])
        end = _end_of_jump(logs, clean, place, move, usual)
        if end == place:
            clean = place
            continue
        wrong += range(place - begin, end - begin)
        why = why or f"a jump to {_times(math.exp(move))} the close before"
    return wrong, why


def _end_of_jump(logs: Sequence[float], clean: int, place: int, move: float, usual: float) -> int:
    """Return the place of the first bar after a jump that is to be believed; the jump's own if it is no glitch."""
    size = abs(move)
    huge = size >= _HUGE_JUMP
    if not huge and size <= max(10 * usual, _SMALL_JUMP):
        return place
    reach = len(logs) if huge else min(len(logs), place + 1 + _SOON)
    for later in range(place + 1, reach):
        back = abs(logs[later] - logs[later - 1]) > (1 - _TAKEN_BACK) * size
        if back and abs(logs[later] - logs[clean]) < _TAKEN_BACK * size:
            return later
    unseen = place == len(logs) - 1 and size > max(15 * usual, _LARGE_JUMP)
    return len(logs) if huge or unseen else place


def _usual(moves: Sequence[float]) -> float:
    return median(map(abs, moves)) / 0.6745 if len(moves) >= 10 else _SMALL_JUMP / 10


def _times(ratio: float) -> str:
    return f"{ratio:.3g} times" if ratio >= 1 else f"1/{1 / ratio:.3g} of"

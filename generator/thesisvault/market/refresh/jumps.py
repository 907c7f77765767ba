"""Jumps of a price that no market made: a slipped decimal point, pence for pounds, a bar of another security.

Pure functions on closes.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left
from collections.abc import Sequence
from operator import sub
from statistics import median

from msgspec import Struct

MEMORY = 60
"""So many daily returns tell what a usual day is."""
_SMALL_JUMP = math.log(1.5)
_HUGE_JUMP = math.log(50.0)
_LARGE_JUMP = math.log(2.5)
_STRANGE = 8
_NOTABLE = math.log(1.05)
_TAKEN_BACK = 0.2
_SOON = 5


class Jumps(Struct, frozen=True):
    """Bars that no market made.

    Attributes:
        places: Where they are; empty: none is odd.
        doubted: Those among them that stand at the odd level themselves; the others only wait beside them.
        why: What is odd about the first.
    """

    places: tuple[int, ...] = ()
    doubted: tuple[int, ...] = ()
    why: str = ""

    def __bool__(self) -> bool:
        return bool(self.places)


def odd_bars(
    days: Sequence[int], closes: Sequence[float], known: Sequence[int] = (), stored: Sequence[float] = (), gap: int = 14
) -> Jumps:
    """Return which new bars are odd, each judged beside the bars next to it, be they new or stored.

    New bars between which a stored one lies are no neighbours, nor are bars further apart than a gap: what happened
    meanwhile is unknown, and would pass for one day's return.

    Args:
        days: Days of the new bars, oldest first.
        closes: Their closes.
        known: Days that are stored, oldest first, none of them among `days`.
        stored: Their closes.
        gap: So many days two bars may be apart and still be neighbours.
    """
    places: list[int] = []
    doubted: list[int] = []
    why, start = "", 0
    for end in range(1, len(days) + 1):
        cut = bisect_left(known, days[start])
        if end < len(days) and days[end] - days[end - 1] <= gap and bisect_left(known, days[end], cut) == cut:
            continue
        before: Sequence[float] = ()
        if cut and days[start] - known[cut - 1] <= gap:
            before = stored[max(0, cut - 1 - MEMORY) : cut]
        following = stored[cut : cut + 1 + _SOON] if cut < len(known) and known[cut] - days[end - 1] <= gap else ()
        found = jumps(before, closes[start:end], following)
        places += [start + place for place in found.places]
        doubted += [start + place for place in found.doubted]
        why = why or found.why
        start = end
    return Jumps(tuple(places), tuple(doubted), why)


def jumps(before: Sequence[float], closes: Sequence[float], following: Sequence[float] = ()) -> Jumps:
    """Return which closes no market made.

    A jump is odd if it is by 50 times or more; if it is ten times the usual day, by half at least, and taken back
    within five bars by one jump of the same size; or if it is fifteen times the usual day, by 2.5 times at least, and
    there is no later bar yet that could take it back. The usual day is the median of the last 60 absolute daily log
    returns over 0.6745, which the jump itself hardly moves. On 769 real histories of up to 45 years this holds back a
    handful of bars, nearly all of the smallest companies, and none of the days of 1987, 2008 or March 2020.

    Of a jump by 50 times the side that is trusted already is right. Where neither is, it is the longer one, so that a
    few first bars on another scale cannot hold back all that followed.

    Args:
        before: Trusted closes before them, oldest first.
        closes: The closes to judge.
        following: Trusted closes after them.

    >>> jumps([100, 101, 100, 99, 100], [101.0, 10100.0, 102.0])
    Jumps(places=(1,), doubted=(1,), why='a jump to 100 times the close before')
    """
    start = 0 if before else _trusted_from(closes, following)
    later = _onwards(before, closes[start:], following)
    places, doubted = [start + p for p in later.places], [start + p for p in later.doubted]
    if not start:
        return later
    clean = [close for place, close in enumerate(closes) if place >= start and place not in set(places)] or following
    back = _onwards(clean[MEMORY::-1], closes[start - 1 :: -1], ())
    if not back:
        return Jumps(tuple(places), tuple(doubted), later.why)
    places = [*sorted(start - 1 - p for p in back.places), *places]
    doubted = [*sorted(start - 1 - p for p in back.doubted), *doubted]
    return Jumps(tuple(places), tuple(doubted), f"{_times(closes[places[0]] / clean[0])} the later closes")


def strange_move(closes: Sequence[float]) -> str:
    """Return the newest move in words if it is by more than eight usual days, and by 5% at least; else nothing.

    On 190 real series of five years such a day comes once in 900, and most of them are true.
    """
    if len(closes) < 2:
        return ""
    logs = list(map(math.log, closes))
    moves = list(map(sub, logs[1:], logs))
    usual = _usual(moves[-1 - MEMORY : -1])
    if abs(moves[-1]) <= max(_STRANGE * usual, _NOTABLE):
        return ""
    times = f", {abs(moves[-1]) / usual:.0f} times a usual day," if usual else ""
    return f"{math.expm1(moves[-1]) * 100:+.1f}% from the close before{times}"


def _trusted_from(closes: Sequence[float], following: Sequence[float]) -> int:
    """Return where the part begins that the others are judged by: what trusted closes follow, else the longest.

    It is their number if none of them is near the closes that follow.
    """
    whole = [*closes, *following[:1]]
    moves = [math.log(b / a) for a, b in itertools.pairwise(whole)]
    starts = [0, *(place for place, move in enumerate(moves, 1) if abs(move) >= _HUGE_JUMP)]
    if len(starts) == 1 or following:
        return starts[-1]
    lengths = [end - start for start, end in zip(starts, [*starts[1:], len(closes)], strict=True)]
    return max(zip(lengths, starts, strict=True))[1]


def _onwards(before: Sequence[float], closes: Sequence[float], following: Sequence[float]) -> Jumps:
    """Return the odd ones of closes, where the first is believed unless trusted ones lie before it."""
    whole = [*before, *closes, *following]
    logs = list(map(math.log, whole))
    moves = list(map(sub, logs[1:], logs))
    begin, stop = len(before), len(before) + len(closes)
    wrong: list[int] = []
    doubted: list[int] = []
    why = ""
    clean = begin - 1  # the newest bar that is not held back
    for place in range(max(begin, 1), stop):
        if place <= clean or (wrong and place <= wrong[-1] + begin):
            continue
        move = logs[place] - logs[clean] if clean >= 0 else 0.0
        if abs(move) <= _SMALL_JUMP:
            clean = place
            continue
        usual = _usual(moves[max(0, place - 1 - MEMORY) : place - 1])
        end = min(stop, _end_of_jump(logs, clean, place, move, usual, stop))
        if end == place:
            clean = place
            continue
        wrong += range(place - begin, end - begin)
        doubted += [p - begin for p in range(place, end) if abs(logs[p] - logs[clean]) > abs(move) / 2]
        why = why or f"a jump to {_times(math.exp(move))} the close before"
    return Jumps(tuple(wrong), tuple(doubted), why)


def _end_of_jump(logs: Sequence[float], clean: int, place: int, move: float, usual: float, stop: int) -> int:
    """Return the place of the first bar after a jump that is to be believed; the jump's own if it is no glitch.

    Bars from `stop` on are trusted.
    """
    size = abs(move)
    huge = size >= _HUGE_JUMP
    if not huge and size <= max(10 * usual, _SMALL_JUMP):
        return place
    reach = len(logs) if huge else min(len(logs), place + 1 + _SOON)
    for later in range(place + 1, reach):
        back = abs(logs[later] - logs[later - 1]) > (1 - _TAKEN_BACK) * size
        if back and abs(logs[later] - logs[clean]) < _TAKEN_BACK * size:
            return later
    if stop < len(logs):
        return place if abs(logs[stop] - logs[place]) < size / 2 or not huge else stop
    unseen = place == len(logs) - 1 and size > max(15 * usual, _LARGE_JUMP)
    return len(logs) if huge or unseen else place


def _usual(moves: Sequence[float]) -> float:
    return median(map(abs, moves)) / 0.6745 if len(moves) >= 10 else _SMALL_JUMP / 10


def _times(ratio: float) -> str:
    return f"{ratio:.3g} times" if ratio >= 1 else f"1/{1 / ratio:.3g} of"

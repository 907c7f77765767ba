"""What closes show by themselves: splits, dividends, whole cents. Pure functions on numbers, oldest first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from operator import sub
from statistics import median

from msgspec import Struct

from thesisvault.market.bars import times
from thesisvault.market.records import MarketError

SPLITS = (2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 100.0, 1.5, 2.5)
"""Ratios of new to old shares that companies choose; the inverses are reverse splits."""
LASTING = tuple(split for split in SPLITS if split >= 2 and split.is_integer())
_MEMORY = 60
_SMALLEST = 0.6


class Step(Struct, frozen=True):
    """What changes the factor from the close to the adjusted close between two rows: a split, a dividend, or both."""

    row: int
    split: float
    dividend: float


class Contradiction(MarketError):  # noqa: N818 - it says what it is
    """Two columns of a file, or a column and the settings, cannot both be true.

    Attributes:
        row: The row that shows it, None where none does.
    """

    def __init__(self, text: str, row: int | None = None) -> None:
        super().__init__(text)
        self.row = row


def off_grid(closes: Sequence[float], splits: Mapping[int, float]) -> int | None:
    """Return the first row whose close is not of whole cents, None where all are.

    Closes as traded, or adjusted for splits alone, are whole cents once splits are taken back, or 64ths as until 2001.
    Closes adjusted for dividends are neither. Numbers that a source keeps in four bytes, such as 39.0099983, count as
    the cents that they stand for.

    Args:
        closes: Closes, oldest first.
        splits: Ratio of new to old shares by row.

    >>> off_grid([10.25, 9.125], {}), off_grid([5.155, 5.16], {1: 2.0}), off_grid([9.8765, 10.25], {})
    (None, None, 0)
    """
    running, bad = 1.0, None
    for row in range(len(closes) - 1, -1, -1):
        close = closes[row]
        if not (_whole(close, 100) or _whole(close * running, 100) or _whole(close * running, 64)):
            bad = row
        running *= splits.get(row, 1.0)
    return bad


def _whole(value: float, parts: int) -> bool:
    scaled = value * parts
    return abs(scaled - round(scaled)) <= max(1e-6, scaled * 3e-7)


def steps(close: Sequence[float], adjusted: Sequence[float]) -> list[Step]:
    """Return the splits and dividends that closes and adjusted closes imply together.

    The factor adjusted / close changes on an ex-date only: by 1 - d / C of the close before for a dividend d, by the
    ratio of a split where the closes are as traded. What rounding of either column can explain is no step.

    Args:
        close: Closes, oldest first.
        adjusted: Adjusted closes of the same days.

    Raises:
        Contradiction: The factor falls where no reverse split explains it, or an adjusted close lies above its close
            without one: such columns cannot be of one share.
    """
    found: list[Step] = []
    grain = max(_grain(close), 0.0), max(_grain(adjusted), 0.0)
    for row in range(1, len(close)):
        before, now = adjusted[row - 1] / close[row - 1], adjusted[row] / close[row]
        noise = sum(
            step / 2 / value
            for step, values in zip(grain, (close, adjusted), strict=True)
            for value in (values[row - 1], values[row])
        )
        ratio = now / before
        if abs(ratio - 1) <= max(1.5 * noise, 2e-6):
            continue
        split = _split_in(ratio, close[row] / close[row - 1], adjusted[row] / adjusted[row - 1])
        left = before / now * split
        dividend = close[row - 1] / split * (1 - left)
        if dividend < -2 * noise * close[row - 1] / split:
            raise Contradiction(
                f"the adjusted close falls from {before:.4f} to {now:.4f} of the close, which neither a dividend nor "
                "a split does",
                row,
            )
        blur = max(noise, 2e-6) * close[row - 1] / split
        dividend = 0.0 if dividend <= 1.5 * noise * close[row - 1] / split else _shortest(dividend, blur)
        if split != 1.0 or dividend:
            found.append(Step(row, split, dividend))
    return found


def _shortest(value: float, blur: float) -> float:
    """Return the shortest decimal fraction in reach of a blurred number, so that a later file gives the same one.

    >>> _shortest(0.25003, 1e-4), _shortest(0.25754, 1e-4)
    (0.25, 0.2575)
    """
    found = (round(value, digits) for digits in range(2, 8))
    return next((each for each in found if each and abs(each - value) <= blur), value)


def _grain(values: Sequence[float]) -> float:
    """Return the unit that values are rounded to: 0.01 for cents; almost nothing for long fractions."""
    for digits in range(2, 8):
        scale = 10.0**digits
        if all(abs(value * scale - round(value * scale)) <= max(1e-6, abs(value) * scale * 1e-12) for value in values):
            return 1 / scale
    return 1e-7 * max(values, default=1.0)


def _split_in(ratio: float, moved: float, adjusted: float) -> float:
    """Return the split in a step of the factor, near a ratio that companies choose and in the closes; 1 without one."""
    for split in (*SPLITS, *(1 / each for each in SPLITS)):
        whole = abs(math.log(ratio / split)) <= 0.08
        in_closes = abs(math.log(moved * split)) < abs(math.log(moved))
        calm = abs(math.log(adjusted)) < abs(math.log(split))
        if whole and in_closes and calm:
            return split
    return 1.0


def splits_are_in(close: Sequence[float], splits: Mapping[int, float]) -> bool | None:
    """Return whether listed splits show as jumps of the closes, None where no split is large enough to tell.

    Args:
        close: Closes, oldest first.
        splits: Ratio of new to old shares by row.

    Raises:
        Contradiction: One split shows and another does not, or one shows the wrong way round.
    """
    seen: dict[bool, int] = {}
    for row, split in splits.items():
        if row == 0 or abs(math.log(split)) < math.log(1.4):
            continue
        moved = math.log(close[row] / close[row - 1])
        if abs(moved - math.log(split)) < abs(math.log(split)) / 4:
            raise Contradiction(
                f"closes move to {times(1 / split)} at this split, and it is written as {split:g} new shares for 1", row
            )
        seen[abs(moved + math.log(split)) < abs(moved)] = row
    if len(seen) == 2:
        raise Contradiction("one split shows as a jump of the closes and another does not", seen[False])
    return next(iter(seen), None)


class Lasting(Struct, frozen=True):
    """A row at which closes change for good by about a ratio of a split.

    Attributes:
        row: The first row after the change.
        ratio: New shares per old one, if it is a split.
        is_clear: Whether an ordinary day is left of the move without the ratio.
    """

    row: int
    ratio: float
    is_clear: bool


def lasting_factors(close: Sequence[float], listed: Sequence[int] = ()) -> list[Lasting]:
    """Return where closes change for good by about a ratio of a split.

    A ratio counts if the usual day explains what is left of the move, if the move is of more than twelve usual days,
    and if the next five closes stay there. Of 769 real histories a handful of days pass, each of them the worst or the
    best of a company's life.

    Args:
        close: Closes, oldest first.
        listed: Rows of splits that are known.

    >>> lasting_factors([100.0, 101.0, 99.0, 10.0, 10.1, 9.9, 10.0])
    [Lasting(row=3, ratio=10.0, is_clear=True)]
    """
    found: list[Lasting] = []
    logs = list(map(math.log, close))
    moves = list(map(sub, logs, logs[1:]))
    if not moves or max(max(moves), -min(moves)) < _SMALLEST:
        return found
    for row, (before, move) in enumerate(zip(logs[:-1], moves, strict=True), 1):
        if abs(move) < _SMALLEST or row in listed:
            continue
        usual = _usual(logs[max(0, row - _MEMORY) : row])
        split = min((*LASTING, *(1 / each for each in LASTING)), key=lambda each: abs(move - math.log(each)))
        left = abs(move - math.log(split))
        near = left <= min(0.1, max(0.02, 2.5 * usual))
        stays = all(abs(before - math.log(split) - value) < 0.25 for value in logs[row : row + 5])
        if near and stays and abs(move) > 12 * usual:
            found.append(Lasting(row, split, left <= 1.25 * usual))
    return found


def _usual(logs: Sequence[float]) -> float:
    """Return the usual daily move, as a robust standard deviation of log returns; 2 % where too few are known."""
    moves = [abs(now - before) for before, now in pairwise(logs)]
    return median(moves) / 0.6745 if len(moves) >= 10 else 0.02

"""Decides what the closes of a file are: as traded, adjusted for splits, or for splits and dividends.

Header and values decide, the settings may say it, and what contradicts either is an error. Pure functions on numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Literal

from thesisvault.market.sources.files.columns import Role

Closes = Literal["raw", "split_adjusted", "adjusted"]

SPLITS = (2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 100.0, 1.5, 2.5)
"""Ratios of new to old shares that companies choose; the inverses are reverse splits."""
LASTING = (2.0, 3.0, 4.0, 5.0, 10.0, 20.0)
_MEMORY = 60
_SMALLEST = 0.6


@dataclass(frozen=True)
class Step:
    """What happens between two rows to the factor from the close to the adjusted close: a split, a dividend, or both."""

    row: int
    split: float
    dividend: float


class Contradiction(Exception):  # noqa: N818 - it says what it is
    """Two columns of a file, or a column and the settings, cannot both be true.

    Attributes:
        row: The row that shows it, None where none does.
    """

    def __init__(self, text: str, row: int | None = None) -> None:
        super().__init__(text)
        self.row = row


def by_header(names: Sequence[str], roles: Mapping[Role, int]) -> Closes | None:
    """Return what the header alone proves of the column of closes, None where it leaves it open.

    yfinance's own export has dividends and splits and no adjusted close, because its closes are adjusted for both.
    Alpha Vantage and Tiingo call the closes as traded `close`, with a coefficient or factor of splits beside them; so
    does Alpha Vantage's daily file, whose days are called `timestamp`. Nasdaq, Investing.com, Google Finance and
    Portfolio Performance adjust for splits. Stooq adjusts for dividends too.

    >>> by_header(["Date", "Close", "Dividends", "Stock Splits"], {Role.DAY: 0, Role.CLOSE: 1})
    'adjusted'
    """
    plain = {name.strip().strip('"').casefold() for name in names}
    if Role.ADJUSTED in roles and Role.CLOSE in roles:
        return None  # the two columns decide
    if Role.ADJUSTED in roles:
        return "adjusted"
    if {"dividends", "stock splits"} <= plain:
        return "adjusted"
    if plain & {"split_coefficient", "splitfactor", "dividend_amount", "divcash"}:
        return "raw"
    if "<close>" in plain or "zamkniecie" in plain:
        return "adjusted"
    if plain == {"timestamp", "open", "high", "low", "close", "volume"} or "window_start" in plain:
        return "raw"
    if plain & {"close/last", "change %", "quote"} or {"o", "h", "l", "c", "t"} <= plain:
        return "split_adjusted"
    return None


def on_grid(closes: Sequence[float]) -> bool:
    """Return whether all closes are whole cents, which closes adjusted for dividends are not.

    Numbers that a source keeps in four bytes, such as 39.0099983, count as the cents that they stand for.
    """
    return all(abs(close * 100 - round(close * 100)) <= max(1e-6, close * 100 * 3e-7) for close in closes)


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
        if dividend <= 1.5 * noise * close[row - 1] / split:
            dividend = 0.0
        if split != 1.0 or dividend:
            found.append(Step(row, split, dividend))
    return found


def _grain(values: Sequence[float]) -> float:
    """Return the unit that values are rounded to: 0.01 for cents; almost nothing for long fractions."""
    for digits in range(2, 8):
        scale = 10.0**digits
        if all(abs(value * scale - round(value * scale)) <= max(1e-6, abs(value) * scale * 1e-12) for value in values):
            return 1 / scale
    return 1e-7 * max(values, default=1.0)


def _split_in(ratio: float, moved: float, adjusted: float) -> float:
    """Return the split in a step of the factor, 1 without one: near a ratio that companies choose, and in the closes."""
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
        Contradiction: One split shows and another does not.
    """
    seen: dict[bool, int] = {}
    for row, split in splits.items():
        if row == 0 or abs(math.log(split)) < math.log(1.4):
            continue
        moved = math.log(close[row] / close[row - 1])
        seen[abs(moved + math.log(split)) < abs(moved)] = row
    if len(seen) == 2:
        raise Contradiction("one split shows as a jump of the closes and another does not", seen[False])
    return next(iter(seen), None)


def lasting_factors(close: Sequence[float], listed: Sequence[int] = ()) -> list[tuple[int, float]]:
    """Return rows at which closes change for good by about a ratio of a split, and that ratio.

    A ratio counts if the usual day explains what is left of the move, if the move is of more than twelve usual days,
    and if the next five closes stay there. Of 769 real histories a handful of days pass, each of them the worst or the
    best of a company's life.

    Args:
        close: Closes, oldest first.
        listed: Rows of splits that are known.

    >>> lasting_factors([100.0, 101.0, 99.0, 10.0, 10.1, 9.9, 10.0])
    [(3, 10.0)]
    """
    found = []
    logs = list(map(math.log, close))
    for row, (before, now) in enumerate(pairwise(logs), 1):
        move = before - now
        if abs(move) < _SMALLEST or row in listed:
            continue
        usual = _usual(logs[max(0, row - _MEMORY) : row])
        for split in (*LASTING, *(1 / each for each in LASTING)):
            near = abs(move - math.log(split)) <= min(0.1, max(0.02, 2.5 * usual))
            stays = all(abs(before - math.log(split) - value) < 0.25 for value in logs[row : row + 5])
            if near and stays and abs(move) > 12 * usual:
                found.append((row, split))
                break
    return found


def _usual(logs: Sequence[float]) -> float:
    """Return the usual daily move, as a robust standard deviation of log returns; 2 % where too few are known."""
    moves = [abs(now - before) for before, now in pairwise(logs)]
    return median(moves) / 0.6745 if len(moves) >= 10 else 0.02


def raw_to_split_adjusted(
    close: Sequence[float], splits: Mapping[int, float]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return closes on the basis of the newest shares, and the factor of each row.

    The factor of a row is the product of 1 / ratio over all later splits; dividends take the factor of their row.
    """
    factors = [1.0] * len(close)
    running = 1.0
    for row in range(len(close) - 1, -1, -1):
        factors[row] = running
        if row in splits:
            running /= splits[row]
    return tuple(value * factor for value, factor in zip(close, factors, strict=True)), tuple(factors)

"""Bars as they lie in the store: a year of one series as packed little-endian columns.

Pure functions between `Bars` and blobs. What a primary key would have ensured, ascending days without a repetition, is
checked here on every write.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import ge

from msgspec import Struct

from thesisvault.market.bars import Bars, day_number, number_day
from thesisvault.words import plural

_WIDTH = 5  # close, open, high, low, volume


class Pack(Struct):
    """Bars of one series on one basis: days, and close, open, high, low and volume by day; NaN where there is none."""

    days: array[int]
    columns: tuple[array[float], ...]

    @property
    def close(self) -> array[float]:
        """The closes, one a day."""
        return self.columns[0]

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits of days and closes; closes count to ten significant digits."""
        return digest(self.days, self.close)

    def blobs(self) -> tuple[bytes | None, ...]:
        """Return what is stored: days, close, and of the other columns None where a whole year has none."""
        plain = [blob(self.days), blob(self.columns[0])]
        return (*plain, *(None if all(map(math.isnan, c)) else blob(c) for c in self.columns[1:]))

    def row(self, place: int) -> tuple[float, ...]:
        """Return one bar without its day."""
        return tuple(column[place] for column in self.columns)

    def rows(self) -> dict[int, tuple[float, ...]]:
        """Return all bars by day."""
        return dict(zip(self.days, zip(*self.columns, strict=True), strict=True))

    @classmethod
    def of_rows(cls, rows: dict[int, tuple[float, ...]]) -> Pack:
        """Return bars by day as a pack."""
        days = sorted(rows)
        columns = tuple(array("d", column) for column in zip(*(rows[d] for d in days), strict=True))
        return cls(array("i", days), columns or tuple(array("d") for _ in range(_WIDTH)))

    @classmethod
    def of_blobs(cls, days: bytes, *columns: bytes | None) -> Pack:
        """Return what was stored."""
        read = ints(days)
        return cls(read, tuple(array("d", [math.nan]) * len(read) if c is None else floats(c) for c in columns))

    @classmethod
    def of_bars(cls, bars: Bars) -> Pack:
        """Return bars that ascend as a pack."""
        nothing = (math.nan,) * len(bars.days)
        given = (bars.close, *(c if c is not None else nothing for c in (bars.open, bars.high, bars.low, bars.volume)))
        return cls(array("i", bars.days), tuple(array("d", c) for c in given))


def joined(packs: Sequence[Pack]) -> Pack:
    """Return the bars of several years, in the order given, as one pack."""
    days = array("i")
    columns = tuple(array("d") for _ in range(_WIDTH))
    for pack in packs:
        days.extend(pack.days)
        for whole, part in zip(columns, pack.columns, strict=True):
            whole.extend(part)
    return Pack(days, columns)


def by_year(pack: Pack) -> Iterator[tuple[int, Pack]]:
    """Yield the bars of each year that has some."""
    start = 0
    while start < len(pack.days):
        year = number_day(pack.days[start]).year
        end = bisect_right(pack.days, day_number(dt.date(year, 12, 31)), start)
        yield year, Pack(pack.days[start:end], tuple(column[start:end] for column in pack.columns))
        start = end


def merged(old: Pack, new: Pack) -> tuple[Pack, Pack]:
    """Return the union of two packs, of a day in both the new bar, and those old bars that the new ones change.

    A cell that was NaN and is filled is no change; a cell that is NaN now, or differs by float noise alone, keeps what
    it was.
    """
    if not old.days or not new.days or new.days[0] > old.days[-1]:
        return joined([old, new]), Pack.of_rows({})
    rows, changed = old.rows(), {}
    for day, fresh in new.rows().items():
        before = rows.get(day)
        if before is None:
            rows[day] = fresh
            continue
        row = tuple(b if math.isnan(f) or math.isclose(b, f) else f for b, f in zip(before, fresh, strict=True))
        if any(b != r and not math.isnan(b) for b, r in zip(before, row, strict=True)):
            changed[day] = before
        rows[day] = row
    return Pack.of_rows(rows), Pack.of_rows(changed)


def checked(name: str, bars: Bars) -> None:
    """Refuse bars that no store may hold.

    Raises:
        ValueError: The days do not ascend, or a close cannot be one.
    """
    if len(bars.days) != len(bars.close):
        raise ValueError(f"{name}: {plural(len(bars.days), 'day')}, but {plural(len(bars.close), 'close')}")
    if any(map(ge, bars.days, bars.days[1:])):
        after = next(b for a, b in zip(bars.days, bars.days[1:], strict=False) if a >= b)
        raise ValueError(f"{name}: the day {number_day(after)} does not come after the one before it")
    if not all(map(math.isfinite, bars.close)) or (bars.basis != "value" and bars.close and min(bars.close) <= 0):
        for day, close in zip(bars.days, bars.close, strict=True):
            if not math.isfinite(close) or close <= 0:
                raise ValueError(f"{name}: {close} on {number_day(day)} is no close")


def blob(values: array[int] | array[float]) -> bytes:
    """Return numbers as little-endian bytes."""
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values.tobytes()


def ints(stored: bytes) -> array[int]:
    """Return stored days."""
    values = array("i")
    values.frombytes(stored)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def floats(stored: bytes) -> array[float]:
    """Return a stored column of numbers."""
    values = array("d")
    values.frombytes(stored)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def digest(days: Sequence[int], closes: Sequence[float]) -> str:
    """Return sixteen hexadecimal digits of days and closes.

    Sources send float32 noise in the last digits; ten significant digits are the same on every machine.
    """
    text = "\n".join(map("%d %.10g".__mod__, zip(days, closes, strict=True)))
    return hashlib.sha256(text.encode()).hexdigest()[:16]

"""Bars of one series as records: days, closes and what stands beside them, with the numbering of days.

Days are counted from 1970-01-01. Lowest layer of the market: no file, no clock, no source.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Literal

from msgspec import Struct

from thesisvault.market.records import Basis
from thesisvault.structs import replace

_EPOCH = dt.date(1970, 1, 1)


Scaling = Callable[[float, int], float]
"""Given a value and its day number, what it becomes."""


def day_number(day: dt.date) -> int:
    """Return the days since 1970-01-01.

    >>> day_number(dt.date(1970, 1, 11))
    10
    """
    return (day - _EPOCH).days


def number_day(number: int) -> dt.date:
    """Return the date of a number of days since 1970-01-01.

    >>> number_day(10)
    datetime.date(1970, 1, 11)
    """
    return _EPOCH + dt.timedelta(days=number)


def times(ratio: float) -> str:
    """Return what a split of a ratio of new to old shares makes of a close, in words.

    >>> times(10.0), times(0.25)
    ('1/10', '4 times')
    """
    return f"1/{ratio:.3g}" if ratio >= 1 else f"{1 / ratio:.3g} times"


class Remark(Struct, frozen=True):
    """What a source has to say of an answer besides its numbers.

    Attributes:
        text: A clause without a full stop at its end.
        code: What it is about: `read-as` is how closes were understood.
        level: How much it matters.
    """

    text: str
    code: Literal[
        "read-as",
        "refused-row",
        "unknown-column",
        "unlisted-splits",
        "unusable-file",
        "other-symbol",
        "other-dividends",
    ]
    level: Literal["info", "warning"] = "info"


class Bars(Struct, frozen=True):
    """What a provider has of one series, as its source gave it.

    A provider may return what no store keeps: a close that is not a number, a day twice, days out of order; judging
    them is not its task. The days of stored bars ascend, no day is duplicated, and every close is a number.

    Attributes:
        days: Days since 1970-01-01.
        close: Closes or values, one a day; NaN where the source has a row and no close.
        basis: `split_adjusted` closes, `adjusted` for splits and dividends, or `value` for macro.
        open, high, low, volume: As `close`; NaN where a day has none; None where the source has none at all.
        dividends: Day and cash per share, on the basis of `close`; None: the source does not know them.
        splits: Day and new shares per old one.
        currency: ISO code of the closes, if the source says.
        quoted_in: What the source calls its own unit, where closes were converted from it: `GBp` for pence.
        exchange: What the source calls the exchange, if it says.
        unfinished: The day whose session was still open when the source answered, if it says.
        doubted: Day and ratio of each lasting change of the closes that looks like a split and is not listed.
        remarks: What the source has to say of the answer besides.
    """

    days: tuple[int, ...]
    close: tuple[float, ...]
    basis: Basis
    open: tuple[float, ...] | None = None
    high: tuple[float, ...] | None = None
    low: tuple[float, ...] | None = None
    volume: tuple[float, ...] | None = None
    dividends: tuple[tuple[int, float], ...] | None = None
    splits: tuple[tuple[int, float], ...] = ()
    currency: str | None = None
    quoted_in: str | None = None
    exchange: str | None = None
    unfinished: int | None = None
    doubted: tuple[tuple[int, float], ...] = ()
    remarks: tuple[Remark, ...] = ()

    def between(self, start: int | None, end: int) -> Bars:
        """Return the bars and actions from `start` to `end`, both included; days have to ascend."""
        low = -(10**9) if start is None else start
        if not self.days or (self.days[0] >= low and self.days[-1] <= end):
            keep: slice | None = None
        else:
            first = next((i for i, d in enumerate(self.days) if d >= low), len(self.days))
            last = len(self.days) - next((i for i, d in enumerate(reversed(self.days)) if d <= end), len(self.days))
            keep = slice(first, max(first, last))

        def cut(column: tuple[float, ...] | None) -> tuple[float, ...] | None:
            return column if column is None or keep is None else column[keep]

        return replace(
            self,
            days=self.days if keep is None else self.days[keep],
            close=self.close if keep is None else self.close[keep],
            open=cut(self.open),
            high=cut(self.high),
            low=cut(self.low),
            volume=cut(self.volume),
            dividends=None if self.dividends is None else tuple(a for a in self.dividends if low <= a[0] <= end),
            splits=tuple(a for a in self.splits if low <= a[0] <= end),
        )


def scaled(bars: Bars, price: Scaling, volume: Scaling | None = None) -> Bars:
    """Return bars with every price and dividend changed by a rule of its value and day, and volumes by another."""

    def column(values: tuple[float, ...] | None, by: Scaling | None) -> tuple[float, ...] | None:
        if values is None or by is None:
            return values
        return tuple(by(value, day) for value, day in zip(values, bars.days, strict=True))

    paid = bars.dividends
    return replace(
        bars,
        close=column(bars.close, price) or (),
        open=column(bars.open, price),
        high=column(bars.high, price),
        low=column(bars.low, price),
        volume=column(bars.volume, volume),
        dividends=None if paid is None else tuple((day, price(amount, day)) for day, amount in paid),
    )


def split_factor(splits: Iterable[tuple[int, float]], day: int) -> float:
    """Return what a close of a day is multiplied by to be on the basis after some splits, given as day and ratio.

    >>> split_factor([(20, 4.0), (30, 0.5)], 19), split_factor([(20, 4.0), (30, 0.5)], 20)
    (0.5, 2.0)
    """
    return math.prod(1 / ratio for ex, ratio in splits if ex > day)


def rescaled(bars: Bars, splits: Collection[tuple[int, float]]) -> Bars:
    """Return bars on the basis after some splits."""
    factors = {day: split_factor(splits, day) for day in {*bars.days, *(day for day, _ in bars.dividends or ())}}
    return scaled(bars, lambda value, day: value * factors[day], lambda value, day: value / factors[day])


class Snapshot(Struct, frozen=True):
    """Fundamentals of one instrument at one moment.

    Attributes:
        values: By the names in `fundamentals.FIELDS`; what the source does not have is left out. Shares are fractions.
        currency: ISO code of the amounts of money among them, if the source says.
    """

    values: Mapping[str, float]
    currency: str | None = None

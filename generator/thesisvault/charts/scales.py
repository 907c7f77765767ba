"""Levels, dates and numbers as they stand beside a plot; pure arithmetic, no drawing."""

from __future__ import annotations

import datetime as dt
import math
import sys
from collections.abc import Callable

from thesisvault.charts.series import day, number

MINUS = "\N{MINUS SIGN}"
_LOG_FROM = 3.0
"""Highest over lowest from which a scale is logarithmic."""
_LOG_LEVELS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _signed(value: float, decimals: int, sign: bool) -> str:
    text = f"{abs(value):,.{decimals}f}"
    if not any(digit in text for digit in "123456789"):
        return text
    return f"{MINUS}{text}" if value < 0 else f"+{text}" if sign else text


def percent(fraction: float, decimals: int | None = None, sign: bool = True) -> str:
    """Return a fraction as a percentage; one decimal below 1,000 %, else none.

    >>> percent(0.2468), percent(12.5), percent(-0.0001), percent(0.5, 0, sign=False)
    ('+24.7%', '+1,250%', '0.0%', '50%')
    """
    if decimals is None:
        decimals = 1 if abs(fraction) < 9.9995 else 0
    return _signed(fraction * 100, decimals, sign) + "%"


def points_text(fraction: float) -> str:
    """Return a difference of fractions in percentage points.

    >>> points_text(0.4631)
    '+46.3pp'
    """
    return _signed(fraction * 100, 1 if abs(fraction) < 9.9995 else 0, True) + "pp"


def plain(value: float, sign: bool = False) -> str:
    """Return a number with about three digits that count.

    >>> plain(0.60712), plain(38), plain(-1234.5), plain(2.5, sign=True)
    ('0.607', '38', '−1,234', '+2.5')
    """
    size = abs(value)
    decimals = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 3 if size >= 0.01 else 5
    text = _signed(value, decimals, sign)
    return text.rstrip("0").rstrip(".") if "." in text else text


def step_of(low: float, high: float, most: int = 5) -> float:
    """Return the smallest round step with at most `most` multiples from low to high.

    >>> step_of(-0.25, 0.26), step_of(0, 20)
    (0.1, 5.0)
    """
    span = max(high - low, most * sys.float_info.min)  # the parts of less are nothing
    power = math.floor(math.log10(span / most)) - 1
    while True:
        for factor in (1.0, 2.0, 2.5, 5.0):
            step = float(f"{factor}e{power}")
            if math.floor(high / step + 1e-9) - math.ceil(low / step - 1e-9) + 1 <= most:
                return step
        power += 1


def levels(low: float, high: float, most: int = 5) -> tuple[list[float], float]:
    """Return the round levels from low to high, and their step.

    >>> levels(0, 1)
    ([0.0, 0.25, 0.5, 0.75, 1.0], 0.25)
    """
    step = step_of(low, high, most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [0.0 + k * step for k in range(first, last + 1)], step


def is_wide(low: float, high: float) -> bool:
    """Return whether levels above zero span so much that equal distances should mean equal ratios."""
    return high / low > _LOG_FROM


def log_levels(low: float, high: float, most: int = 7) -> list[float]:
    """Return round levels about as far apart on a log scale, one of them 1: halves and wholes, else powers of two.

    >>> log_levels(0.7, 4.2), log_levels(1, 1000)
    ([0.75, 1.0, 1.5, 2.0, 3.0, 4.0], [1.0, 4.0, 16.0, 64.0, 256.0])
    """
    inside = [level for level in _LOG_LEVELS if low <= level <= high]
    if len(inside) <= most and _LOG_LEVELS[0] <= low and high <= _LOG_LEVELS[-1]:
        return inside
    power = 1
    while True:
        first = math.ceil(math.log2(low) / power - 1e-9)
        last = math.floor(math.log2(high) / power + 1e-9)
        if last - first + 1 <= most:
            return [2.0 ** (power * k) for k in range(first, last + 1)]
        power += 1


def day_words(when: dt.date, year: int) -> str:
    """Return a day as it is said beside other days of a year.

    >>> day_words(dt.date(2026, 2, 5), 2026), day_words(dt.date(2025, 4, 2), 2026)
    ('5 Feb', '2 Apr 2025')
    """
    words = f"{when.day} {_MONTHS[when.month - 1]}"
    return words if when.year == year else f"{words} {when.year}"


def month_words(when: dt.date) -> str:
    """Return month and year of a day.

    >>> month_words(dt.date(2018, 12, 24))
    'Dec 2018'
    """
    return f"{_MONTHS[when.month - 1]} {when.year}"


def _decimals(step: float) -> int:
    text = f"{step:.10f}".rstrip("0")
    return len(text.partition(".")[2])


def percent_levels(step: float, sign: bool = True) -> Callable[[float], str]:
    """Return what writes a level of such a step in per cent, without the unit, which the subtitle says; zero is `0`."""
    decimals = _decimals(step * 100)
    return lambda level: "0" if abs(level) < step / 2 else _signed(level * 100, decimals, sign)


def plain_levels(step: float) -> Callable[[float], str]:
    """Return what writes a level of such a step as a plain number."""
    decimals = _decimals(step)
    return lambda level: _signed(level, decimals, False)


def _month_days(first: dt.date, last: dt.date, every: int) -> list[dt.date]:
    found = []
    for months in range(first.year * 12, (last.year + 1) * 12, every):
        when = dt.date(months // 12, months % 12 + 1, 1)
        if first <= when <= last:
            found.append(when)
    return found


def _year_days(first: dt.date, last: dt.date, every: int) -> list[dt.date]:
    start = math.ceil(first.year / every) * every
    return [d for y in range(start, last.year + 1, every) if first <= (d := dt.date(y, 1, 1)) <= last]


def _plain_days(first: dt.date, last: dt.date, every: int) -> list[dt.date]:
    return [dt.date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1, every)]


def dates(first: float, last: float, most: int = 5) -> list[tuple[float, str]]:
    """Return day numbers and their words: the finest round dates of which at most `most` lie in the window.

    A January is written as its year; if none is shown, the first date carries the year.

    >>> [word for _, word in dates(number(dt.date(2025, 11, 28)), number(dt.date(2026, 2, 27)))]
    ['Dec', '2026', 'Feb']
    >>> [word for _, word in dates(number(dt.date(2026, 2, 26)), number(dt.date(2026, 2, 27)))]
    ['26 Feb', '27 Feb']
    """
    start, end = day(first), day(last)
    span = last - first
    if span < 70:
        every = next(n for n in (1, 2, 7, 14) if span / n < most)
        days = _plain_days(start, end, every)
        return [(number(d), f"{d.day} {_MONTHS[d.month - 1]}") for d in days]
    for every in (1, 2, 3, 6):
        days = _month_days(start, end, every)
        if 2 <= len(days) <= most:
            words = [str(d.year) if d.month == 1 else _MONTHS[d.month - 1] for d in days]
            if all(d.month != 1 for d in days):
                words[0] += f" {days[0].year}"
            return [(number(d), word) for d, word in zip(days, words, strict=True)]
    every = next(n for n in (1, 2, 5, 10, 20, 50, 100) if len(_year_days(start, end, n)) <= most)
    return [(number(d), str(d.year)) for d in _year_days(start, end, every)]

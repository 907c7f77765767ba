"""Reads days in the notation that a whole file proves, with stamps of time brought to the exchange's day."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct

from thesisvault.market.records import MarketError
from thesisvault.patterns import regex

EARLIEST = dt.date(1900, 1, 1)
_ISO = regex(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?:[T ]+(.*))?\Z")
_BASIC = regex(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:[T ]+(.*))?\Z")
_SHORT = regex(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})(?:[T ,]+(.*))?\Z")
_NAMED = regex(r"(?:([A-Za-z]{3,9})\.? ([0-9]{1,2}),? ([0-9]{4})|([0-9]{1,2})[- ]([A-Za-z]{3,9})\.?[- ]([0-9]{4}))\Z")
_EPOCH = regex(r"[0-9]{9,10}\Z|[0-9]{12,13}\Z|[0-9]{16}\Z|[0-9]{19}\Z")
_CLOCK = regex(
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)? ?(am|pm)?\s*(z|utc|gmt|[+-][0-9]{2}:?[0-9]{2})?\Z", re.I
)
_MONTHS = {month.lower(): number for number, month in enumerate(calendar.month_abbr) if number}
FORMATS = {"YYYY-MM-DD": "ymd", "DD/MM/YYYY": "dmy", "MM/DD/YYYY": "mdy"}


class Stamp(Struct, frozen=True):
    """One cell as far as it can be read by itself.

    Attributes:
        ymd: Year, month, day, where their order is certain.
        pair: The first two numbers and the year of a day such as 01/02/2026, whose order is not.
        dotted: Whether points stand between them, as in 01.02.2026, which is always day, month, year.
        moment: The moment, of a stamp in UTC or of seconds since 1970; midnight in UTC stands for the day.
    """

    ymd: tuple[int, int, int] | None = None
    pair: tuple[int, int, int] | None = None
    dotted: bool = False
    moment: dt.datetime | None = None


def stamp_of(cell: str) -> Stamp | None:
    """Return what a cell says of a day, None where it says none.

    >>> stamp_of("2026-02-27 00:00:00-05:00").ymd, stamp_of("02/27/2026").pair, stamp_of("soon")
    ((2026, 2, 27), (2, 27, 2026), None)
    """
    text = cell.strip()
    if not text.isascii():
        return None
    if _EPOCH.match(text):
        # A day without separators is shorter; this is seconds, or thousandths and so on of them.
        seconds = int(text) / 10 ** (len(text) - 10 if len(text) > 10 else 0)
        try:
            moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
        except (ValueError, OSError, OverflowError):
            return None
        midnight = moment.timetz() == dt.time(tzinfo=dt.UTC)
        return Stamp((moment.year, moment.month, moment.day)) if midnight else Stamp(moment=moment)
    if found := _ISO.match(text):
        return _with_clock((int(found[1]), int(found[3]), int(found[4])), found[5])
    if found := _BASIC.match(text):
        return _with_clock((int(found[1]), int(found[2]), int(found[3])), found[4])
    if found := _SHORT.match(text):
        year = int(found[4])
        year += 0 if year > 99 else 2000 if year < 69 else 1900
        if found[5] and not _CLOCK.match(found[5].strip()):
            return None
        return Stamp(pair=(int(found[1]), int(found[3]), year), dotted=found[2] == ".")
    if found := _NAMED.match(text):
        month = _MONTHS.get((found[1] or found[5])[:3].lower())
        return Stamp((int(found[3] or found[6]), month, int(found[2] or found[4]))) if month else None
    return None


def _with_clock(ymd: tuple[int, int, int], clock: str | None) -> Stamp | None:
    if not clock:
        return Stamp(ymd)
    found = _CLOCK.match(clock.strip())
    if found is None:
        return None
    hour, minute, zone = int(found[1]), int(found[2]), (found[5] or "").lower()
    if zone in ("z", "utc", "gmt", "+00:00", "+0000") and (hour, minute) != (0, 0):
        try:
            return Stamp(moment=dt.datetime(*ymd, hour, minute, tzinfo=dt.UTC))
        except ValueError:
            return None
    return Stamp(ymd)  # a stamp with the exchange's own offset is of the exchange's day


class DaysOpen(MarketError):  # noqa: N818 - it is a question, not an error
    """What the days of a file leave open; the text is the question."""


def day_in(stamp: Stamp, order: str, zone: ZoneInfo | None) -> dt.date | None:
    """Return the day of a stamp, None where the calendar has no such day or it lies before 1900.

    Args:
        stamp: What a cell says.
        order: `dmy` or `mdy`, for days whose order is not certain; `ymd`: there may be no such days.
        zone: The zone of the exchange, for moments.
    """
    if stamp.moment is not None:
        return None if zone is None else stamp.moment.astimezone(zone).date()
    if stamp.ymd is not None:
        year, month, day = stamp.ymd
    elif stamp.pair is not None and order != "ymd":
        first, second, year = stamp.pair
        day, month = (first, second) if stamp.dotted or order == "dmy" else (second, first)
    else:
        return None
    try:
        found = dt.date(year, month, day)
    except ValueError:
        return None
    return found if found >= EARLIEST else None


def proven_order(stamps: Sequence[Stamp], *, weekends: bool) -> str:
    """Return the order of day and month that a file proves: `dmy` or `mdy`.

    A 13th month rules an order out, and so do days that run neither up nor down, and weekends in a market that keeps
    them, unless the other order has them too.

    Args:
        stamps: The days of all rows.
        weekends: Whether the market trades on Saturdays and Sundays.

    Raises:
        DaysOpen: Both orders fit.
    """
    pairs = [stamp for stamp in stamps if stamp.pair is not None and not stamp.dotted]
    if not pairs:
        return "dmy"
    bad: dict[str, int] = {}
    disorder: dict[str, bool] = {}
    resting: dict[str, int] = {}
    for order in ("dmy", "mdy"):
        found = [day_in(stamp, order, None) for stamp in pairs]
        days = [day for day in found if day is not None]
        bad[order] = len(found) - len(days)
        disorder[order] = days not in (sorted(days), sorted(days, reverse=True))
        resting[order] = sum(day.weekday() > 4 for day in days)
    evidence: list[Mapping[str, int]] = [bad, disorder] if weekends else [bad, disorder, resting]
    for each in evidence:
        if bool(each["dmy"]) != bool(each["mdy"]):
            order = "mdy" if each["dmy"] else "dmy"
            if disorder[order]:
                _not_mixed(pairs, order)
            return order
    if bad["dmy"] != bad["mdy"]:
        # A handful of broken rows in one order, a third of all rows in the other.
        return "dmy" if bad["dmy"] < bad["mdy"] else "mdy"
    if len({stamp.pair for stamp in pairs}) and all(stamp.pair and stamp.pair[0] == stamp.pair[1] for stamp in pairs):
        return "dmy"
    raise DaysOpen(
        "found days that fit day/month/year and month/day/year alike; expected one that fits only one of them. "
        "Say `date_format: DD/MM/YYYY` or `date_format: MM/DD/YYYY` in the settings"
    )


def _not_mixed(pairs: Sequence[Stamp], order: str) -> None:
    """Raise DaysOpen where days run in order only if those that fit both orders are read in the other one.

    A spreadsheet that reads days in the wrong order turns those round that it can, and leaves the others.
    """
    other = "mdy" if order == "dmy" else "dmy"
    plain = [day for stamp in pairs if (day := day_in(stamp, order, None))]
    days = [day for stamp in pairs if (day := day_in(stamp, other, None) or day_in(stamp, order, None))]
    if days in (sorted(days), sorted(days, reverse=True)) and max(days) - min(days) < max(plain) - min(plain):
        raise DaysOpen(
            "found days written in two orders, day/month/year and month/day/year, as a spreadsheet leaves them; "
            "expected one. Export the file again, with days such as 2026-02-27"
        )


def shifted(days: Sequence[dt.date]) -> str:
    """Return in words that a whole file is a day off, or an empty text.

    Five days a week without a single Friday, and with Sundays instead, are stamps of another zone.

    >>> shifted([dt.date(2026, 2, 22) + dt.timedelta(days=d) for d in range(5)] * 3)
    'every day is one day early: there are Sundays and no Fridays'
    """
    seen = Counter(day.weekday() for day in days)
    if len(days) < 10:
        return ""
    if seen[6] * 10 > len(days) and not seen[4] and not seen[5]:
        return "every day is one day early: there are Sundays and no Fridays"
    if seen[5] * 10 > len(days) and not seen[0] and not seen[6]:
        return "every day is one day late: there are Saturdays and no Mondays"
    return ""

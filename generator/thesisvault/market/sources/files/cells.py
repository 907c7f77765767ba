"""Reads the cells of a table: the rows that have a day and a close, oldest first, and why others have none."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from operator import lt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from thesisvault.market.bars import day_number, number_day
from thesisvault.market.sources.files.columns import Role
from thesisvault.market.sources.files.days import (
    FORMATS,
    DaysOpen,
    Stamp,
    day_in,
    proven_order,
    shifted,
    stamp_of,
)
from thesisvault.market.sources.files.form import Form, Market
from thesisvault.market.sources.files.numbers import MISSING, Decimal, Notation, proven_decimal
from thesisvault.market.sources.files.table import Table
from thesisvault.market.sources.files.units import number_and_unit, unit_in, unit_of
from thesisvault.market.sources.provider import ProviderFault
from thesisvault.words import plural

_MANY = 0.2
"""If so large a share of the rows is refused, the file was misunderstood, and none of it is used."""
LEAST, MOST = 1e-12, 1e15
"""Beyond them nothing is a price, and products of prices cannot be reckoned with."""
_WEEKEND = {2, 3}  # of a number of days since 1970-01-01, a Thursday, over 7
_KNOWN_DAYS: dict[str, int] = {}  # the same days stand in every file of a folder


class Cells:
    """The rows of a table that have a day and a close, oldest first.

    Attributes:
        days: Their days, ascending.
        close: Their closes.
        lines: Their lines in the file.
        unit: The unit in a row of units below the header, None without one.

    Args:
        table: The table.
        form: What the settings say.
        market: What is known of the market.
        role: What is read as the close; None: the column of closes.
        positive: Whether a close has to be above zero.
    """

    def __init__(
        self, table: Table, form: Form, market: Market, *, role: Role | None = None, positive: bool = True
    ) -> None:
        self.table, self._form, self._market, self._positive = table, form, market, positive
        self._role = table.price if role is None else role
        self.unit: str | None = None
        self._bad: list[tuple[int, str]] = []
        self._repeated = 0
        dates, closes = table.column(Role.DAY), table.column(self._role)
        plain = (
            None
            if form.decimal == "," or table.cut
            else _plain(dates, closes, table.separator, form, positive=positive)
        )
        if plain is not None:
            self._notation = Notation()
            self.days, self.close, self._places = plain
            self._stamped: list[int | None] | None = None
        else:
            self._notation = Notation(form.decimal or self._decimal())
            self._stamped = self._stamps(dates)
            self._places = self._rows(self._stamped, closes)
            self.days = tuple(self._stamped[place] or 0 for place in self._places)
            self.close = tuple(self._notation.read(closes[place]) for place in self._places)
        if (
            not market.weekends
            and self._role is not Role.DIVIDEND
            and not _WEEKEND.isdisjoint({day % 7 for day in self.days})
        ):
            self._on_time()

    @property
    def is_plain(self) -> bool:
        """Whether every cell is a plain number, without a sign of a currency."""
        return self._stamped is None

    @property
    def lines(self) -> list[int]:
        """The line of each row."""
        return [self.table.lines[place] for place in self._places]

    @property
    def units(self) -> set[str]:
        """The units that stand beside the closes, or in a row below the header."""
        found = {self.unit}
        if not self.is_plain:
            column = self.table.column(self._role)
            found |= {number_and_unit(column[place])[1] for place in self._places}
        return {each for each in found if each}

    @property
    def refused(self) -> list[tuple[int, str]]:
        """The lines of rows or cells that cannot be used, and why."""
        return sorted(set(self._bad))

    @property
    def paid_in(self) -> str | None:
        """The unit of dividends, by the name of their column or by what stands beside them; None: nothing says it.

        Raises:
            ProviderFault: There are several.
        """
        if Role.DIVIDEND not in self.table.roles:
            return None
        named = unit_in(self.table.names[self.table.roles[Role.DIVIDEND]])
        said = {unit for cell in self.table.column(Role.DIVIDEND) if (unit := number_and_unit(cell)[1])}
        said |= {named} if named else set()
        if len(said) > 1:
            raise self.table.fault(self.table.header, f"dividends in {' and '.join(sorted(said))}", "one currency")
        return next(iter(said), None)

    def written(self, role: Role) -> list[str]:
        """Return the cells of a role as they are written, one for each row; none without such a column."""
        if role not in self.table.roles:
            return []
        column = self.table.column(role)
        return [column[place] for place in self._places]

    def numbers(self, role: Role, *, scaled: bool = False) -> tuple[float, ...] | None:
        """Return a column of numbers of 0 or more, NaN where a cell has none; None without such a column."""
        if role not in self.table.roles:
            return None
        cells = [self.table.column(role)[place] for place in self._places]
        if self._notation.decimal == "." and (values := _floats(cells)) is not None and min(values, default=0.0) >= 0:
            return values
        return tuple(
            self._number(cell.strip(), place, role, scaled) for cell, place in zip(cells, self._places, strict=True)
        )

    def amounts(self, role: Role) -> dict[int, float] | None:
        """Return dividends or splits by day, of all rows that have one; None without a column that holds anything.

        Raises:
            ProviderFault: One is below zero or no number.
        """
        if role not in self.table.roles:
            return None
        if all(cell.strip().casefold() in MISSING for cell in self.table.column(role)):
            return None
        found: dict[int, float] = {}
        dates = self.table.column(Role.DAY)
        for place, written in enumerate(self.table.column(role)):
            cell = written.strip()
            if cell in ("0", "0.0", "") or cell.casefold() in MISSING:
                continue
            value = _split(cell, self._notation) if role is Role.SPLIT else self._notation.read(cell)
            if not math.isfinite(value) or value < 0 or (role is Role.SPLIT and not 1e-6 <= (value or 1.0) <= 1e6):
                raise self.table.fault(self.table.lines[place], f'"{cell[:40]}"', "an amount of 0 or more")
            day = self._day(place, dates)
            if value and day is not None:
                if role is Role.DIVIDEND and found.get(day, value) != value:
                    was = f"dividends of {found[day]:g} and {value:g} on {number_day(day)}"
                    raise self.table.fault(self.table.lines[place], was, "one a day, the sum if both were paid")
                found[day] = value
        return found

    def _day(self, place: int, dates: Sequence[str]) -> int | None:
        return _KNOWN_DAYS.get(dates[place]) if self._stamped is None else self._stamped[place]

    def _number(self, cell: str, place: int, role: Role, scaled: bool) -> float:
        if cell.casefold() in MISSING:
            return math.nan
        value = self._notation.read(cell, scaled=scaled)
        if math.isfinite(value) and value >= 0:
            return value
        line = self.table.lines[place]
        self._bad.append((line, f'found the {role.value} "{cell[:40]}"; the row was used without it'))
        return math.nan

    def _decimal(self) -> Decimal:
        wanted = dict.fromkeys((self._role, Role.CLOSE, Role.ADJUSTED, Role.OPEN, Role.HIGH, Role.LOW))
        cells = [cell.strip() for role in wanted if role in self.table.roles for cell in self.table.column(role)]
        filled = [cell for cell in cells if cell.casefold() not in MISSING]
        found = proven_decimal(filled, self.table.separator)
        if found is None:
            shown = next((cell for cell in filled if set(cell) & set(".,")), "")
            raise self.table.fault(
                next(iter(self.table.lines), self.table.header),
                f'"{shown}", which may be a fraction or thousands, and no number of the file shows which',
                'a number that does. Say `decimal: "."` or `decimal: ","` in the settings',
            )
        return found

    def _stamps(self, dates: Sequence[str]) -> list[int | None]:
        """Return the day of each row; None where its cell is no day."""
        table = self.table
        stamps = [stamp_of(cell) for cell in dates]
        read = [stamp for stamp in stamps if stamp is not None]
        order = FORMATS.get(self._form.date_format or "", "")
        try:
            order = order or proven_order(read, weekends=self._market.weekends)
        except DaysOpen as question:
            line = next(line for line, stamp in zip(table.lines, stamps, strict=True) if stamp and stamp.pair)
            raise ProviderFault(f"{table.label}:{line}: {question}") from None
        zone = self._zone_of_moments(any(stamp.moment is not None for stamp in read))
        return [_number_of(stamp, order, zone) for stamp in stamps]

    def _rows(self, days: Sequence[int | None], closes: Sequence[str]) -> list[int]:
        """Return the places of rows with a day and a close, oldest first."""
        wanted = f"a price above 0 and below {MOST:.0e}" if self._positive else "a number"
        lines, dates = self.table.lines, self.table.column(Role.DAY)
        found: dict[int, int] = {}
        again: dict[int, list[int]] = {}
        for place, (day, written) in enumerate(zip(days, closes, strict=True)):
            cell = written.strip()
            if cell.casefold() in MISSING:
                continue
            value = self._notation.read(cell)
            if day is None and not dates[place].strip() and (unit := unit_of(cell)):
                self.unit = unit
            elif lines[place] == self.table.cut:
                self._bad.append((lines[place], "the file breaks off in this row"))
            elif day is None:
                what = f'found the day "{dates[place].strip()[:40]}"; expected a day of the calendar since 1900'
                self._bad.append((lines[place], what))
            elif not math.isfinite(value) or (self._positive and not LEAST <= value <= MOST):
                self._bad.append((lines[place], f'found the close "{cell[:40]}"; expected {wanted}'))
            elif day in found:
                again.setdefault(day, []).append(place)
            else:
                found[day] = place
        self._doubled(found, again, closes)
        self._enough(len(found))
        return [found[day] for day in sorted(found)]

    def _doubled(self, found: dict[int, int], again: Mapping[int, Sequence[int]], closes: Sequence[str]) -> None:
        """Leave out rows of a day that comes twice, both where their closes differ.

        Raises:
            ProviderFault: Several days in a row have different closes: the rows are not of one file of daily closes.
        """
        lines, differing = self.table.lines, []
        places_of = {day: place for place, day in enumerate(sorted(found))}
        twice = sorted(places_of[day] for day in again)
        is_one_stretch = bool(twice) and twice[-1] - twice[0] + 1 == len(twice)
        for day, places in again.items():
            first = found[day]
            if len({self._notation.read(closes[place]) for place in (first, *places)}) == 1:
                what = f"found {number_day(day)} again, which is in line {lines[first]} too"
                self._bad += [(lines[place], what) for place in places]
                self._repeated += len(places)  # as where downloads are joined: nothing is wrong with them
            else:
                # Which of two rows is right cannot be told.
                del found[day]
                both = f"here and in line {lines[first]}; neither was used"
                what = f"found two different closes of {number_day(day)}, {both}"
                self._bad.append((lines[places[0]], what))
                differing.append((lines[places[0]], number_day(day), len(places)))
        if len(differing) > 1 and is_one_stretch:  # single days here and there are slips
            line, shown, times = min(differing)
            what = f"different closes of {shown} and {plural(len(differing) - 1, 'more day')}"
            expected = "one close a day, such as a daily export"
            if times == 1:
                expected = "one close a day. Where downloads of different days were joined, keep the newest one alone"
            raise self.table.fault(line, what, expected)

    def _enough(self, kept: int) -> None:
        table = self.table
        if not kept:
            line, why = self._bad[0] if self._bad else (table.header, "found no row with a day and a close")
            raise ProviderFault(f"{table.label}:{line}: {why}")
        bad = len(self._bad) - self._repeated
        if bad > max(_MANY * (kept + bad), 1):
            line, why = self._bad[0]
            raise ProviderFault(
                f"{table.label}:{line}: {why}; {bad} of {len(table.lines)} rows cannot be used, and none "
                "was. The settings can say `date_format`, `decimal` and `columns`"
            )

    def _on_time(self) -> None:
        if what := shifted([number_day(day) for day in self.days]):
            raise ProviderFault(
                f"{self.table.label}:{self.lines[0]}: {what}. The stamps are of another time zone; say `timezone` in "
                "the settings, such as `timezone: Europe/Paris`"
            )

    def _zone_of_moments(self, wanted: bool) -> ZoneInfo | None:
        if not wanted:
            return None
        name = self._form.timezone
        if not name:
            raise ProviderFault(
                f"{self.table.label}:{self.table.header + 1}: found moments of time, and a moment is another day in "
                "another place; expected days. Say `timezone` in the settings, such as `timezone: America/New_York`"
            )
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ProviderFault(
                f'found the time zone "{name}"; expected a name such as America/New_York or Europe/Paris'
            ) from None


def _plain(
    dates: Sequence[str], closes: Sequence[str], separator: str, form: Form, *, positive: bool
) -> tuple[tuple[int, ...], tuple[float, ...], Sequence[int]] | None:
    """Return days, closes and places of a table that is as plain as nearly all are; None for any other.

    That is a day as YYYY-MM-DD and a number with a decimal point in each row, no day twice. Read one cell at a time a
    file takes ten times as long.
    """
    if form.decimal is None and separator != ",":
        return None
    values = _floats(closes)
    days = tuple(map(_KNOWN_DAYS.get, dates))
    if None in days:
        _learn(cell for cell, day in zip(dates, days, strict=True) if day is None)
        days = tuple(map(_KNOWN_DAYS.get, dates))
    if values is None or not values or (positive and not LEAST <= min(values) <= max(values) <= MOST):
        return None
    known = tuple(day for day in days if day is not None)
    if len(known) < len(days):
        return None
    if all(map(lt, known, known[1:])):
        return known, values, range(len(known))
    places = sorted(range(len(known)), key=known.__getitem__)
    known = tuple(map(known.__getitem__, places))
    if not all(map(lt, known, known[1:])):
        return None
    return known, tuple(map(values.__getitem__, places)), places


def _learn(cells: Iterable[str]) -> None:
    """Add days as YYYY-MM-DD to those that are known."""
    for cell in cells:
        if len(cell) == 10 and cell[4] == cell[7] == "-" and cell.isascii():
            try:
                day = dt.date.fromisoformat(cell)
            except ValueError:
                return
            if day >= dt.date(1900, 1, 1):
                _KNOWN_DAYS[cell] = day_number(day)


def _floats(cells: Sequence[str]) -> tuple[float, ...] | None:
    """Return numbers with a decimal point; None where a cell is no such number."""
    try:
        values = tuple(map(float, cells))
    except ValueError:
        return None
    # float() takes more than a file may say.
    whole = "".join(cells)
    return values if all(map(math.isfinite, values)) and "_" not in whole and whole.isascii() else None


def _number_of(stamp: Stamp | None, order: str, zone: ZoneInfo | None) -> int | None:
    day = None if stamp is None else day_in(stamp, order, zone)
    return None if day is None else day_number(day)


def _split(cell: str, notation: Notation) -> float:
    """Return the ratio of new to old shares: `2`, `2:1`, `2/1`, `2 for 1`, `2-for-1`."""
    for mark in (":", "/", "for"):
        if mark in cell:
            new, _, old = cell.replace("-", " ").partition(mark)
            top, bottom = notation.read(new), notation.read(old)
            return top / bottom if bottom else math.nan
    return notation.read(cell)

"""Reads a file of prices: what stands in it, what it proves of itself, and what it leaves open."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from thesisvault.market.sources.files import closes as basis
from thesisvault.market.sources.files.closes import Closes, Contradiction
from thesisvault.market.sources.files.columns import Role
from thesisvault.market.sources.files.days import FORMATS, DaysOpen, day_in, proven_order, shifted, stamp_of
from thesisvault.market.sources.files.numbers import MISSING, SIGNS, Decimal, Notation, proven_decimal
from thesisvault.market.sources.files.table import Row, Table, table_of
from thesisvault.market.sources.providers import Bars, ProviderFault, day_number

_SHOWN = 3
_MANY = 0.2
"""If so large a share of the rows is refused, the file was misunderstood, and none of it is used."""


@dataclass(frozen=True)
class Format:
    """What the settings say of files; what they leave out the file has to prove.

    Attributes:
        closes: What closes are adjusted for.
        separator: What stands between two cells.
        decimal: The decimal sign.
        date_format: `YYYY-MM-DD`, `DD/MM/YYYY` or `MM/DD/YYYY`.
        columns: The name of a column by its role.
        timezone: The zone whose days stamps in UTC are of, such as `Europe/Paris`.
    """

    closes: Closes | None = None
    separator: str | None = None
    decimal: Decimal | None = None
    date_format: str | None = None
    columns: Mapping[Role, str] = field(default_factory=dict)
    timezone: str | None = None


@dataclass(frozen=True)
class Content:
    """What a file of prices holds.

    Attributes:
        bars: Closes with what stands beside them, oldest first.
        total_return: Fully adjusted closes of the same days, where the file has them beside closes.
        understood: What was understood, in words: the basis and what showed it.
        refused: Rows that cannot be used, each with its line and why.
        unknown: Names of columns that nobody understands.
        doubted: Days on which closes change for good by a ratio of a split that nobody lists, with the ratio.
    """

    bars: Bars
    total_return: Bars | None = None
    understood: str = ""
    refused: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    doubted: tuple[tuple[int, float], ...] = ()


def read_prices(
    text: str, label: str, form: Format | None = None, *, zone: str = "", weekends: bool = False
) -> Content:
    """Return what a file of prices holds.

    Args:
        text: The whole file.
        label: What messages call it.
        form: What the settings say.
        zone: The zone of the exchange, for stamps in UTC.
        weekends: Whether it trades on Saturdays and Sundays.

    Raises:
        ProviderFault: It is no such file, contradicts itself or the settings, or leaves open what must be known.
    """
    form = form or Format()
    table = table_of(text, label, separator=form.separator, columns=form.columns)
    _one_symbol(table)
    cells = _Cells(table, form, zone, weekends)
    try:
        return _content(table, cells, form)
    except Contradiction as problem:
        line = cells.line(problem.row) if problem.row is not None else table.header
        raise ProviderFault(
            f"{label}:{line}: {problem}. Say what the closes are under closes: in the settings."
        ) from None


def _content(table: Table, cells: _Cells, form: Format) -> Content:
    close = cells.prices(Role.CLOSE) if Role.CLOSE in table.roles else cells.prices(Role.ADJUSTED)
    adjusted = cells.prices(Role.ADJUSTED) if {Role.CLOSE, Role.ADJUSTED} <= table.roles.keys() else None
    if adjusted is not None and any(map(math.isnan, adjusted)):
        row = next(place for place, value in enumerate(adjusted) if math.isnan(value))
        raise Contradiction("found a close without an adjusted close", row)
    splits = {row: ratio for row, ratio in cells.amounts(Role.SPLIT).items() if ratio != 1.0}
    paid = cells.amounts(Role.DIVIDEND) if Role.DIVIDEND in table.roles else None
    kind, why = _decided(table, close, adjusted, splits, form)
    shows = basis.splits_are_in(close, splits) if splits else None
    if kind == "raw" and shows is False:
        raise Contradiction(
            "the closes are said to be as traded, and a split listed here does not show in them", _first(splits)
        )
    if kind != "raw" and shows:
        kind, why = _raw_after_all(form, splits)
    if adjusted is not None:
        implied = basis.steps(close, adjusted)
        listed = set(splits)
        ratios = {step.row: step.split for step in implied if step.split != 1.0}
        if ratios and form.closes == "split_adjusted":
            raise Contradiction(
                f"the settings say closes: split_adjusted, and a split of {_ratio(ratios[_first(ratios)])} shows in them",
                _first(ratios),
            )
        if kind != "adjusted" and not listed and ratios:
            splits, kind, why = ratios, "raw", "the closes jump at splits and the adjusted closes do not"
        if paid is None:
            paid = {step.row: step.dividend for step in implied if step.dividend}
            why += "; dividends worked out from the adjusted closes"
    if kind == "adjusted":
        used = adjusted if adjusted is not None else close
        bars = cells.bars(used, "adjusted", None, splits, beside=adjusted is None)
        return Content(bars, None, why, cells.refused, table.unknown, ())
    doubted = basis.lasting_factors(close, tuple(splits))
    factors: Sequence[float] = (1.0,) * len(close)
    if kind == "raw" and splits:
        close, factors = basis.raw_to_split_adjusted(close, splits)
    bars = cells.bars(close, "split_adjusted", paid, splits, factors=factors)
    total = None if adjusted is None else cells.bars(adjusted, "adjusted", None, {}, beside=False)
    days = bars.days
    return Content(bars, total, why, cells.refused, table.unknown, tuple((days[row], ratio) for row, ratio in doubted))


def _decided(
    table: Table,
    close: Sequence[float],
    adjusted: Sequence[float] | None,
    splits: Mapping[int, float],
    form: Format,
) -> tuple[Closes, str]:
    """Return what the closes are and what showed it."""
    by_header = basis.by_header(table.names, table.roles)
    if form.closes is not None:
        if by_header is not None and by_header != form.closes and not (by_header == "raw" and not splits):
            raise Contradiction(
                f"the settings say closes: {form.closes}, and a header with {_telling(table)} is of {by_header} closes"
            )
        return form.closes, "the settings say so"
    if by_header is not None:
        return by_header, f"the header has {_telling(table)}"
    if adjusted is not None:
        return "split_adjusted", "adjusted closes stand beside them"
    if basis.on_grid(close):
        return "split_adjusted", "all closes are whole cents, which closes adjusted for dividends are not"
    raise ProviderFault(
        f"{table.label}:{table.header}: nothing in the file shows whether its closes include dividends. "
        "Say closes: adjusted (as Stooq's for US shares), split_adjusted or raw in the settings."
    )


def _raw_after_all(form: Format, splits: Mapping[int, float]) -> tuple[Closes, str]:
    if form.closes is not None:
        raise Contradiction(
            f"the settings say closes: {form.closes}, and a split listed here shows as a jump of the closes",
            _first(splits),
        )
    return "raw", "the closes jump at the splits that are listed"


def _telling(table: Table) -> str:
    telling = ("dividends", "stock splits", "split_coefficient", "splitfactor", "divcash", "dividend_amount")
    special = ("close/last", "change %", "quote", "timestamp", "window_start", "<close>", "zamkniecie")
    names = [name.strip() for name in table.names]
    shown = [name for name in names if name.casefold() in telling] or [n for n in names if n.casefold() in special]
    return " and ".join(shown or names[:_SHOWN])


def _first(rows: Mapping[int, float]) -> int:
    return min(rows)


def _ratio(split: float) -> str:
    return f"{split:g} for 1" if split >= 1 else f"1 for {1 / split:g}"


def _one_symbol(table: Table) -> None:
    place = table.roles.get(Role.SYMBOL)
    if place is None:
        return
    seen = Counter(row.cell(place) for row in table.rows)
    seen.pop("", None)
    if len(seen) > 1:
        names = ", ".join(list(seen)[:_SHOWN])
        raise ProviderFault(
            f"{table.label}: found rows of {len(seen)} symbols ({names}); expected one file for each ticker"
        )


class _Cells:
    """The rows of a table that have a day and a close, oldest first, and why others have none."""

    def __init__(self, table: Table, form: Format, zone: str, weekends: bool) -> None:
        self.table = table
        self._bad: list[tuple[int, str]] = []
        self._notation = Notation(form.decimal or self._decimal())
        self._kept = self._rows(form, zone, weekends)
        if not self._kept:
            why = self._bad[0][1] if self._bad else "there is no row with a day and a close"
            line = self._bad[0][0] if self._bad else table.header
            raise ProviderFault(f"{table.label}:{line}: {why}")
        if len(self._bad) > max(_MANY * (len(self._kept) + len(self._bad)), 1):
            line, why = self._bad[0]
            raise ProviderFault(
                f"{table.label}:{line}: {why}, and {len(self._bad) - 1} more of {len(table.rows)} rows cannot be used; "
                "none was read. The settings can say date_format, decimal and columns."
            )

    @property
    def refused(self) -> tuple[str, ...]:
        """Rows that cannot be used, each with its line."""
        return tuple(f"{self.table.label}:{line}: {why}" for line, why in sorted(set(self._bad)))

    def line(self, place: int) -> int:
        """Return the line of a row."""
        return self._kept[place][1].line

    def prices(self, role: Role) -> tuple[float, ...]:
        """Return a column of prices."""
        return tuple(self._notation.read(row.cell(self.table.roles[role])) for _, row in self._kept)

    def amounts(self, role: Role) -> dict[int, float]:
        """Return dividends or splits by row; an empty cell and a zero are none."""
        place = self.table.roles.get(role)
        found: dict[int, float] = {}
        for number, (_, row) in enumerate(self._kept):
            cell = row.cell(place)
            if place is None or cell.casefold() in MISSING:
                continue
            value = _split(cell, self._notation) if role is Role.SPLIT else self._notation.read(cell)
            if not math.isfinite(value) or value < 0:
                raise self.table.fault(row.line, f'"{cell}"', "an amount of 0 or more")
            if value:
                found[number] = value
        return found

    def bars(
        self,
        close: Sequence[float],
        kind: str,
        paid: Mapping[int, float] | None,
        splits: Mapping[int, float],
        *,
        factors: Sequence[float] | None = None,
        beside: bool = True,
    ) -> Bars:
        """Return bars of closes, with open, high, low and volume on the same basis."""
        days = tuple(day for day, _ in self._kept)
        scale = factors or (1.0,) * len(days)

        def column(role: Role) -> tuple[float, ...] | None:
            if role not in self.table.roles or not beside:
                return None
            values = self.prices(role)
            return tuple(v * f for v, f in zip(values, scale, strict=True))

        return Bars(
            days,
            tuple(close),
            "adjusted" if kind == "adjusted" else "split_adjusted",
            column(Role.OPEN),
            column(Role.HIGH),
            column(Role.LOW),
            self._volumes(scale) if beside else None,
            None if paid is None else tuple((days[row], amount * scale[row]) for row, amount in paid.items()),
            tuple((days[row], ratio) for row, ratio in sorted(splits.items())),
            self._currency(),
        )

    def _volumes(self, scale: Sequence[float]) -> tuple[float, ...] | None:
        place = self.table.roles.get(Role.VOLUME)
        if place is None:
            return None
        found = []
        for (_, row), factor in zip(self._kept, scale, strict=True):
            cell = row.cell(place)
            value = math.nan if cell.casefold() in MISSING else self._notation.read(cell, scaled=True)
            if cell.casefold() not in MISSING and not (math.isfinite(value) and value >= 0):
                self._bad.append((row.line, f'found the volume "{cell}"; the row is used without it'))
                value = math.nan
            found.append(value / factor)
        return tuple(found)

    def _currency(self) -> str | None:
        place = self.table.roles.get(Role.CURRENCY)
        if place is not None:
            codes = {row.cell(place).upper() for _, row in self._kept} - {""}
            if len(codes) > 1:
                raise ProviderFault(
                    f"{self.table.label}: found closes in {' and '.join(sorted(codes))}; expected one currency"
                )
            return next(iter(codes), None)
        role = Role.CLOSE if Role.CLOSE in self.table.roles else Role.ADJUSTED
        signs = {sign for _, row in self._kept for sign in SIGNS if sign in row.cell(self.table.roles[role])}
        return (SIGNS[next(iter(signs))] or None) if len(signs) == 1 else None

    def _decimal(self) -> Decimal:
        wanted = (Role.CLOSE, Role.ADJUSTED, Role.OPEN, Role.HIGH, Role.LOW)
        places = [self.table.roles[role] for role in wanted if role in self.table.roles]
        cells = [row.cell(place) for row in self.table.rows for place in places]
        found = proven_decimal((cell for cell in cells if cell.casefold() not in MISSING), self.table.separator)
        if found is None:
            raise self.table.fault(
                self.table.rows[0].line if self.table.rows else self.table.header,
                f'"{next((cell for cell in cells if set(cell) & set(".,")), "")}", which may be a fraction or thousands',
                "a file that shows which; say decimal: . or decimal: , in the settings",
            )
        return found

    def _rows(self, form: Format, zone: str, weekends: bool) -> list[tuple[int, Row]]:
        table = self.table
        role = Role.CLOSE if Role.CLOSE in table.roles else Role.ADJUSTED
        stamps = [(row, stamp_of(row.cell(table.roles[Role.DAY]))) for row in table.rows]
        order = FORMATS.get(form.date_format or "", "")
        try:
            order = order or proven_order([stamp for _, stamp in stamps if stamp is not None], weekends=weekends)
        except DaysOpen as question:
            line = next(row.line for row, stamp in stamps if stamp is not None and stamp.pair)
            raise ProviderFault(f"{table.label}:{line}: {question}") from None
        where = self._zone(form.timezone or zone, any(stamp is not None and stamp.moment for _, stamp in stamps))
        found: dict[int, tuple[int, Row]] = {}
        doubled: set[int] = set()
        real: list[dt.date] = []
        for row, stamp in stamps:
            cell, text = row.cell(table.roles[role]), row.cell(table.roles[Role.DAY])
            if cell.casefold() in MISSING:
                continue
            day = None if stamp is None else day_in(stamp, order, where)
            value = self._notation.read(cell)
            if day is None:
                self._bad.append((row.line, f'found the day "{text[:40]}"; expected a day of the calendar since 1900'))
            elif not math.isfinite(value) or value <= 0:
                self._bad.append((row.line, f'found the close "{cell[:40]}"; expected a price above 0'))
            elif (number := day_number(day)) in found:
                doubled.add(number)
                self._bad.append((row.line, f"found {day} again, which is in line {found[number][1].line} too"))
            else:
                found[number] = (number, row)
                real.append(day)
        if not weekends and (what := shifted(real)):
            raise ProviderFault(
                f"{table.label}: {what}. The stamps are of another time zone; say timezone: in the settings, such as "
                "timezone: Europe/Paris."
            )
        for number in doubled:
            # Which of two rows is right cannot be told unless they agree.
            same = {
                row.cell(table.roles[role]) for row, s in stamps if s is not None and _number(s, order, where) == number
            }
            if len(same) > 1:
                _, row = found.pop(number)
                self._bad.append((row.line, "found two different closes of one day; neither is used"))
        return sorted(found.values(), key=lambda each: each[0])

    def _zone(self, name: str, wanted: bool) -> ZoneInfo | None:
        if not wanted:
            return None
        if not name:
            raise ProviderFault(
                f"{self.table.label}: its stamps are moments of time, and a moment is another day in another place. "
                "Say timezone: in the settings, such as timezone: America/New_York."
            )
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ProviderFault(
                f'found the time zone "{name}"; expected a name such as America/New_York or Europe/Paris'
            ) from None


def _number(stamp: object, order: str, zone: ZoneInfo | None) -> int | None:
    day = day_in(stamp, order, zone)  # type: ignore[arg-type]
    return None if day is None else day_number(day)


def _split(cell: str, notation: Notation) -> float:
    """Return the ratio of new to old shares: `2`, `2:1`, `2/1`, `2 for 1`, `2-for-1`."""
    for mark in (":", "/", "for"):
        if mark in cell:
            new, _, old = cell.replace("-", " ").partition(mark)
            top, bottom = notation.read(new), notation.read(old)
            return top / bottom if bottom else math.nan
    return notation.read(cell)

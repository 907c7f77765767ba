"""Providers that read a folder of CSV files, one a ticker, as Yahoo, Stooq, FRED and people write them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from thesisvault.market.bars import Bars, day_number
from thesisvault.market.records import Basis, Instrument
from thesisvault.market.sources.fred_series import series_of_key
from thesisvault.market.sources.provider import NothingNew, Provider, ProviderFault, UnknownSymbol

Closes = Literal["raw", "split_adjusted", "adjusted"]
Layout = Literal["prices", "fred"]
Actions = tuple[tuple[int, float], ...]

_DATES = ("date", "observation_date", "day", "timestamp", "time", "datetime")
_CLOSES = ("close", "close/last", "last", "price", "value")
_ADJUSTED = ("adj close", "adj_close", "adjclose", "adjusted close", "adjusted_close", *_CLOSES)
_DIVIDENDS = ("dividends", "dividend", "amount", "cash")
_SPLITS = ("stock splits", "splits", "split", "split ratio")
_VOLUMES = ("volume", "vol")
_MISSING = frozenset({"", ".", "null"})
_DAYS: dict[str, int] = {}  # the same days stand in every file of a folder


class CsvFolder:
    """A provider that reads TICKER.csv from a folder; `^` of a ticker may be `_` in the name.

    Args:
        folder: Where the files are.
        closes: What their closes are: `raw` as traded (a column of splits makes them comparable), `split_adjusted`, or
            `adjusted` for splits and dividends.
        dividends: A folder of TICKER.csv with cash per share by ex-date; a ticker without a file there has unknown
            dividends. A column of dividends beside the closes will do instead.
        layout: `prices`, or `fred` for values of macro series.
    """

    name = "csv"
    remote = False

    def __init__(
        self,
        folder: Path,
        closes: Closes = "split_adjusted",
        dividends: Path | None = None,
        layout: Layout = "prices",
    ) -> None:
        self.folder, self.closes, self.dividends, self.layout = folder, closes, dividends, layout

    @property
    def label(self) -> str:
        """The folder's name, so that several folders can be told apart."""
        return f"csv:{self.folder.name}"

    @property
    def basis(self) -> Basis:
        """What is served: `value` in FRED's layout."""
        if self.layout == "fred":
            return "value"
        return "adjusted" if self.closes == "adjusted" else "split_adjusted"

    def fetch(self, instrument: Instrument, start: dt.date | None, end: dt.date) -> Bars:
        """Return the bars of TICKER.csv from `start` to `end`, both included.

        Raises:
            UnknownSymbol: There is no such file.
            NothingNew: It has no bar in those days.
            ProviderFault: The folder or a cell of the file cannot be used.
        """
        symbol = instrument.symbol(self.name)
        if self.layout == "fred":
            symbol = series_of_key(symbol) or symbol
        path = _find(self.folder, symbol)
        if path is None:
            raise UnknownSymbol(f"{self.folder} has no file {symbol}.csv")
        table = Table.of(_text(path), str(path))
        bars = parse_values(table, symbol) if self.layout == "fred" else self._prices(table, symbol)
        kept = bars.between(None if start is None else day_number(start), day_number(end))
        if not kept.days:
            raise NothingNew(f"{path.name} has no bar from {start or 'the first day'} to {end}")
        return kept

    def _prices(self, table: Table, symbol: str) -> Bars:
        close = table.column(_ADJUSTED if self.closes == "adjusted" else _CLOSES, "Close")
        rows = table.rows(close, price=True)
        dividends = self._dividends(table, symbol)
        splits = table.actions(_SPLITS) or ()
        days = tuple(day for day, _, _ in rows)
        bars = Bars(
            days,
            tuple(value for _, value, _ in rows),
            self.basis,
            open=table.optional(("open",), rows),
            high=table.optional(("high",), rows),
            low=table.optional(("low",), rows),
            volume=table.optional(_VOLUMES, rows),
            dividends=None if self.closes == "adjusted" else dividends,
            splits=tuple((d, s) for d, s in splits if s != 1.0),
        )
        return _split_adjusted(bars) if self.closes == "raw" else bars

    def _dividends(self, table: Table, symbol: str) -> Actions | None:
        if self.dividends is None:
            return table.actions(_DIVIDENDS)
        path = _find(self.dividends, symbol)
        if path is None:
            return None
        paid = Table.of(_text(path), str(path))
        paid.column(_DIVIDENDS, "Dividends")
        return paid.actions(_DIVIDENDS)


def folder_providers(path: Path) -> list[Provider]:
    """Return the providers of a folder of prices.

    Sub-folders `unadjusted`, `dividends`, `prices` (adjusted closes) and `fred` are taken for what their names say; a
    folder without them is one provider of split-adjusted closes.
    """
    found: list[Provider] = []
    # Adjusted closes first: closes with dividends complete a series, and may not reach back as far.
    if (path / "prices").is_dir():
        found.append(CsvFolder(path / "prices", "adjusted"))
    if (path / "unadjusted").is_dir():
        dividends = path / "dividends"
        found.append(CsvFolder(path / "unadjusted", "split_adjusted", dividends if dividends.is_dir() else None))
    if (path / "fred").is_dir():
        found.append(CsvFolder(path / "fred", layout="fred"))
    return found or [CsvFolder(path)]


@dataclass(frozen=True)
class Table:
    """The cells of a CSV file.

    Attributes:
        label: What messages call it.
        names: The names of its columns, in lower case.
        cells: Line number and cells of each row.
        date: The column of dates.
    """

    label: str
    names: tuple[str, ...]
    cells: tuple[tuple[int, list[str]], ...]
    date: int

    @classmethod
    def of(cls, text: str, label: str) -> Table:
        """Return the table in a text.

        Raises:
            ProviderFault: Its first line does not name a column of dates.
        """
        text = text.removeprefix("\ufeff")
        head = text.split("\n", 1)[0]
        reader = csv.reader(io.StringIO(text), delimiter=";" if ";" in head and "," not in head else ",")
        try:
            names = tuple(cell.strip().lower() for cell in next(reader, []))
            cells = tuple((reader.line_num, row) for row in reader if any(map(str.strip, row)))
        except csv.Error as error:
            raise ProviderFault(f"{label}:{reader.line_num}: this is no CSV: {error}") from error
        for name in _DATES:
            if name in names:
                return cls(label, names, cells, names.index(name))
        raise ProviderFault(f'{label}:1: found "{head.strip()[:60]}"; expected names of columns such as Date,Close')

    def column(self, known: tuple[str, ...], wanted: str) -> int:
        """Return the place of the first of some names.

        Raises:
            ProviderFault: None of them is there.
        """
        for name in known:
            if name in self.names:
                return self.names.index(name)
        raise ProviderFault(f"{self.label}:1: found the columns {', '.join(self.names)}; expected one named {wanted}")

    def rows(self, column: int, *, price: bool) -> list[tuple[int, float, int]]:
        """Return day, value and row of each filled cell, oldest first.

        Raises:
            ProviderFault: A day or value cannot be one, or a day stands twice.
        """
        found = sorted(self._read(column, price))
        for (before, _, _), (day, _, row) in itertools.pairwise(found):
            if day == before:
                raise self._fault(row, f"the day {self.cells[row][1][self.date].strip()} stands twice", "each day once")
        return found

    def optional(self, known: tuple[str, ...], rows: list[tuple[int, float, int]]) -> tuple[float, ...] | None:
        """Return a column beside others, NaN where a cell is empty; None without such a column."""
        place = next((self.names.index(name) for name in known if name in self.names), None)
        if place is None:
            return None
        values: list[float] = []
        for _, _, row in rows:
            cell = self._cell(row, place)
            values.append(math.nan if cell.lower() in _MISSING | {"nan"} else self._number(row, cell))
        return tuple(values)

    def actions(self, known: tuple[str, ...]) -> Actions | None:
        """Return day and amount of each dividend or split; None without such a column."""
        place = next((self.names.index(name) for name in known if name in self.names), None)
        if place is None:
            return None
        found: list[tuple[int, float]] = []
        for row in range(len(self.cells)):
            cell = self._cell(row, place)
            if cell.lower() in _MISSING | {"nan"}:
                continue
            amount = self._number(row, cell)
            if amount < 0:
                raise self._fault(row, f'found "{cell}"', "an amount of 0 or more")
            if amount:
                found.append((self._day(row), amount))
        return tuple(sorted(found))

    def _read(self, column: int, price: bool) -> Iterator[tuple[int, float, int]]:
        days = _DAYS
        for row, (_, cells) in enumerate(self.cells):
            cell = cells[column].strip() if column < len(cells) else ""
            if cell.lower() in _MISSING:
                continue
            try:
                value = float(cell)
            except ValueError:
                value = math.nan
            # float() takes more than a file may say, and anything that is no plain number ends up here.
            if not math.isfinite(value) or "_" in cell or (price and value <= 0):
                raise self._fault(row, f'found "{cell}"', "a close above 0" if price else "a number, or nothing")
            day = days.get(cells[self.date])
            yield self._day(row) if day is None else day, value, row

    def _cell(self, row: int, column: int) -> str:
        cells = self.cells[row][1]
        return cells[column].strip() if column < len(cells) else ""

    def _number(self, row: int, cell: str) -> float:
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or "_" in cell:
            raise self._fault(row, f'found "{cell}"', "a number, or nothing")
        return value

    def _day(self, row: int) -> int:
        cell = self._cell(row, self.date)
        # Libraries write midnight after the day.
        text = cell[:10] if len(cell) > 10 and cell[10] in " T" else cell
        try:
            if len(text) not in (8, 10):
                raise ValueError
            day = day_number(dt.date.fromisoformat(text))
        except ValueError:
            raise self._fault(row, f'found the date "{cell}"', "a day of the calendar as YYYY-MM-DD") from None
        _DAYS[self.cells[row][1][self.date]] = day
        return day

    def _fault(self, row: int, found: str, expected: str) -> ProviderFault:
        return ProviderFault(f"{self.label}:{self.cells[row][0]}: {found}; expected {expected}")


def parse_values(table: Table, series: str) -> Bars:
    """Return the observations of a macro series; an empty cell or a point is none."""
    names: tuple[str, ...] = (series.lower(), "value", "close")
    if len(table.names) == 2 and not set(names) & set(table.names):
        names = (table.names[1 - table.date],)
    rows = table.rows(table.column(names, series), price=False)
    return Bars(tuple(day for day, _, _ in rows), tuple(value for _, value, _ in rows), "value")


def _split_adjusted(bars: Bars) -> Bars:
    """Return raw bars on the basis of today's shares, by the splits beside them."""
    if not bars.splits:
        return bars
    splits = list(bars.splits)

    def factor(day: int) -> float:
        return math.prod(1 / ratio for ex, ratio in splits if ex > day)

    factors = [factor(day) for day in bars.days]

    def scaled(column: tuple[float, ...] | None, *, up: bool = False) -> tuple[float, ...] | None:
        if column is None:
            return None
        return tuple(v / f if up else v * f for v, f in zip(column, factors, strict=True))

    paid = None if bars.dividends is None else tuple((d, amount * factor(d)) for d, amount in bars.dividends)
    close = scaled(bars.close) or ()
    return Bars(
        bars.days,
        close,
        bars.basis,
        scaled(bars.open),
        scaled(bars.high),
        scaled(bars.low),
        scaled(bars.volume, up=True),
        paid,
        bars.splits,
        bars.currency,
    )


def _find(folder: Path, symbol: str) -> Path | None:
    if not folder.is_dir():
        raise ProviderFault(f"{folder} is no folder; expected one with {symbol}.csv in it")
    if not symbol or set(symbol) & set("/\\\0"):
        return None
    for stem in dict.fromkeys((symbol, symbol.replace("^", "_"))):
        path = folder / f"{stem}.csv"
        if path.is_file():
            return path
    return None


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProviderFault(f"{path} is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise ProviderFault(f"{path} cannot be read: {error.strerror}") from error

"""Finds the table in a file: its text, its separator, its header, its columns with the line of each row."""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from thesisvault.errors import did_you_mean
from thesisvault.market.sources.files.columns import Role, roles_of
from thesisvault.market.sources.files.days import stamp_of
from thesisvault.market.sources.files.units import unit_in
from thesisvault.market.sources.provider import ProviderFault

SEPARATORS = (",", ";", "\t", "|")
_PREAMBLE = 40
"""A header stands in one of the first so many filled lines; brokers write an account and a period above it."""
_LONGEST_FIELD = 10_000
_MOST_ROWS = 100_000
"""Twice the days since 1900: a row is a day, and downloads may be joined."""
_MOST_NAMES = 10_000
"""The most cells that are looked through for a header; a column each for a few thousand symbols is fewer."""
_AT_ONCE = 200
_SHOWN = 60


class Table(Struct, frozen=True):
    """The table in a file.

    Attributes:
        label: What messages call the file.
        separator: What stands between two cells.
        header: The line of the header, counted from 1.
        names: The names of the columns as they are written.
        roles: The place of each column that is understood.
        columns: The cells of each column with a role as they are written, one a row; an empty text where a row is too
            short.
        lines: The line of each row in the file, counted from 1.
        stacked: The symbol in a header of three lines, as `yf.download(...).to_csv()` writes it; empty: there is none.
        cut: The line of a last row that is shorter than the others and has no line feed, as where a file breaks off.
    """

    label: str
    separator: str
    header: int
    names: tuple[str, ...]
    roles: Mapping[Role, int]
    columns: Mapping[Role, tuple[str, ...]]
    lines: Sequence[int]
    stacked: str = ""
    cut: int | None = None

    @property
    def unknown(self) -> tuple[str, ...]:
        """The names of the columns that nobody understands."""
        return tuple(
            name.strip()
            for place, name in enumerate(self.names)
            if name.strip() and place not in self.roles.values() and roles_of(name) is None
        )

    @property
    def price(self) -> Role:
        """The role of the column of closes; of adjusted ones where there are no others."""
        return Role.CLOSE if Role.CLOSE in self.roles else Role.ADJUSTED

    def column(self, role: Role) -> tuple[str, ...]:
        """Return the cells of a role, which has to be there."""
        return self.columns[role]

    def fault(self, line: int, found: str, expected: str) -> ProviderFault:
        """Return an error at a line of the file."""
        return ProviderFault(f"{self.label}:{line}: found {found}; expected {expected}")


def text_of(content: bytes, label: str) -> str:
    """Return the text of a file: UTF-8, UTF-16 with its mark, or the Western code page that older programs write.

    Raises:
        ProviderFault: It is not text.
    """
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise ProviderFault(f"{label} is not text; expected a CSV file with columns such as Date and Close")


def table_of(
    text: str,
    label: str,
    *,
    needed: tuple[Role, ...] = (Role.CLOSE, Role.ADJUSTED),
    series: str = "",
    lone: bool = False,
    separator: str | None = None,
    columns: Mapping[Role, str] | None = None,
    tickers: tuple[str, ...] = (),
) -> Table:
    """Return the table in a text.

    Args:
        text: The whole file, its lines ending in a line feed.
        label: What messages call it.
        needed: Beside days there has to be a column of one of these roles.
        series: The name of a series; a column called so holds its closes.
        lone: Of two columns the one that is not of days holds the closes, whatever its name.
        separator: What stands between cells; None: the file shows it.
        columns: Names of columns that the settings give a meaning.
        tickers: What the series is called; of the columns of several symbols those of one of them are taken, and a
            column called so holds the closes of a file that names no other.

    Raises:
        ProviderFault: No line names a column of days and a needed one, a column stands there twice, or one that the
            settings name is not there.
    """
    named = columns or {}
    lines = text.split("\n", 2 * _PREAMBLE)
    filled = [(number, line) for number, line in enumerate(lines, 1) if line.strip()][:_PREAMBLE]
    looked_through = 0
    for number, line in filled:
        for mark in (separator,) if separator else _by_frequency(line):
            looked_through += line.count(mark) + 1
            if looked_through > _MOST_NAMES:
                raise ProviderFault(
                    f"{label}:{number}: found more than {_MOST_NAMES} cells and no end of the header; expected a line "
                    "with a few names of columns, such as Date,Close"
                )
            names = _cells(line, mark, label, number)
            symbol, above = _stacked_above(names, lines[: number - 1], mark, label, tickers)
            names = above or names
            if number == filled[0][0] and _is_stacked_below(names, lines[number : number + 2], mark):
                continue
            roles = _placed(names, named, series, label, number)
            if Role.DAY not in roles and names and not names[0].strip() and _has_day_below(lines[number:], mark):
                roles[Role.DAY] = 0  # as pandas writes an index without a name
            if lone and len(names) == 2 and len(roles) == 1 and Role.DAY in roles:
                roles[Role.CLOSE] = 1 - roles[Role.DAY]
            if Role.DAY in roles and not any(role in roles for role in needed) and Role.CLOSE in needed:
                own = [place for place, name in enumerate(names) if name.strip() and name.strip() in tickers]
                roles |= {Role.CLOSE: own[0]} if len(own) == 1 else {}
            if Role.DAY in roles and any(role in roles for role in needed):
                _all_there(named, names, label, number)
                body, rows, cut = _rows(text, number, mark, len(names), roles, label)
                return Table(label, mark, number, names, roles, body, rows, symbol, cut)
    for number, line in filled[:1] if named else []:
        _all_there(named, _cells(line, separator or _by_frequency(line)[0], label, number), label, number)
    first = filled[0][1].strip() if filled else ""
    shown = first[:_SHOWN] + ("…" if len(first) > _SHOWN else "")
    wanted = "one of dividends, such as Date,Dividends" if needed == (Role.DIVIDEND,) else "one of closes: Date,Close"
    raise ProviderFault(
        f'{label}:1: found "{shown}"; expected a header that names a column of days and {wanted}. '
        f"Columns of other names are told by `columns` in the settings"
    )


def _stacked_above(
    names: tuple[str, ...], lines: Sequence[str], separator: str, label: str, tickers: tuple[str, ...]
) -> tuple[str, tuple[str, ...]]:
    """Return symbol and names of a header of three lines: names and symbols, either first, and `Date` alone.

    Raises:
        ProviderFault: It is of several symbols, none of them one of the tickers.
    """
    if len(lines) < 2 or names[0].strip().casefold() != "date" or any(name.strip() for name in names[1:]):
        return "", ()
    rows = {row[0].strip(): row for row in (_cells(line, separator, label, len(lines)) for line in lines[-2:]) if row}
    if rows.keys() != {"Price", "Ticker"} or len({len(names), *map(len, rows.values())}) > 1:
        return "", ()
    symbols = [symbol.strip() for symbol in rows["Ticker"][1:]]
    seen = sorted(set(symbols))
    symbol = seen[0] if len(seen) == 1 else next((each for each in seen if each in tickers), "")
    if not symbol:
        shown = ", ".join(seen[:3])
        raise ProviderFault(f"{label}:{len(lines)}: found closes of {len(seen)} symbols ({shown}); expected one")
    kept = (name if each == symbol else "" for each, name in zip(symbols, rows["Price"][1:], strict=True))
    return symbol, (names[0], *kept)


def _is_stacked_below(names: tuple[str, ...], lines: Sequence[str], separator: str) -> bool:
    """Return whether a line begins a header of three."""
    first = [line.partition(separator)[0].strip() for line in lines]
    return (
        len(lines) == 2 and {names[0].strip() if names else "", first[0]} == {"Price", "Ticker"} and first[1] == "Date"
    )


def _has_day_below(lines: Sequence[str], separator: str) -> bool:
    below = next((line for line in lines if line.strip()), "")
    return stamp_of(below.partition(separator)[0].strip().strip('"')) is not None


def _by_frequency(line: str) -> list[str]:
    counts = Counter({mark: line.count(mark) for mark in SEPARATORS})
    return [mark for mark, count in counts.most_common() if count] or [","]


def _cells(line: str, separator: str, label: str, number: int) -> tuple[str, ...]:
    try:
        return tuple(next(csv.reader(io.StringIO(line), delimiter=separator), []))
    except csv.Error as error:
        raise ProviderFault(f"{label}:{number}: this is not CSV: {error}") from error


def _rows(
    text: str, header: int, separator: str, width: int, roles: Mapping[Role, int], label: str
) -> tuple[dict[Role, tuple[str, ...]], Sequence[int], int | None]:
    """Return the columns of roles below a header, the line of each of their rows, and that of a row that breaks off.

    Raises:
        ProviderFault: It is not CSV, has more rows than there are days, or a cell that is no day and no number.
    """
    file = io.StringIO(text)
    for _ in range(header):
        file.readline()
    reader = csv.reader(file, delimiter=separator)
    columns: dict[Role, list[str]] = {role: [] for role in roles}
    is_quoted, has_gaps = '"' in text, '"' in text or "\n\n" in text
    numbers: list[int] = []
    count, first, last = 0, 0, 0
    try:
        # Some rows at once: a file's cells are never all in memory, and hardly a step is made for each of them.
        while some := [(header + reader.line_num, row) for row in itertools.islice(reader, _AT_ONCE)]:
            filled = [(line, row) for line, row in some if row] if has_gaps else some
            rows = [row for _, row in filled]
            if is_quoted:
                _no_long_cell(filled, label)
            if has_gaps:
                numbers += [line for line, _ in filled]
            if rows:
                first, last = first or len(rows[0]), len(rows[-1])
            by_place = tuple(itertools.zip_longest(*rows, fillvalue=""))
            for role, place in roles.items():
                columns[role] += by_place[place] if place < len(by_place) else ("",) * len(rows)
            count += len(rows)
            if count > _MOST_ROWS:
                raise ProviderFault(
                    f"{label}:{some[-1][0]}: found more than {_MOST_ROWS} rows; expected one a day, such as a "
                    "daily export"
                )
    except csv.Error as error:
        raise ProviderFault(f"{label}:{header + reader.line_num}: this is not CSV: {error}") from error
    lines = numbers if has_gaps else range(header + 1, header + 1 + count)
    is_cut = count > 1 and not text.endswith("\n") and last < min(first, width)
    return {role: tuple(cells) for role, cells in columns.items()}, lines, lines[-1] if is_cut else None


def _no_long_cell(rows: Sequence[tuple[int, Sequence[str]]], label: str) -> None:
    """Refuse a cell that is longer than any day or number, as where a quotation mark is not closed.

    Raises:
        ProviderFault: There is one.
    """
    for line, row in rows:
        if max(map(len, row)) > _LONGEST_FIELD:
            raise ProviderFault(
                f"{label}:{line}: found a cell of more than {_LONGEST_FIELD} characters; expected a day or a "
                "number. A quotation mark may not be closed"
            )


def _placed(names: tuple[str, ...], named: Mapping[Role, str], series: str, label: str, line: int) -> dict[Role, int]:
    """Return the place of each role; of several names of one role the first in the table of names wins."""
    placed: dict[Role, tuple[int, int]] = {}
    seen: dict[str, int] = {}
    meant = {name.strip().casefold() for name in (series, *named.values())}
    for place, name in enumerate(names):
        plain = name.strip().casefold()
        known = roles_of(name)
        is_read = plain in meant or (known is not None and known[0] is not Role.IGNORED)
        if plain and plain in seen and is_read:
            raise ProviderFault(f'{label}:{line}: found two columns called "{name.strip()}"; expected one')
        seen[plain] = place
        if known is not None:
            role, rank = known
            other = names[placed[role][0]] if role in placed and placed[role][1] == rank else name
            if role not in named and unit_in(other) != unit_in(name):
                both = f'"{other.strip()}" and "{name.strip()}"'
                raise ProviderFault(
                    f"{label}:{line}: found the columns {both}; expected one of them. Name it for {role.value} under "
                    "`columns` in the settings"
                )
            if role not in placed or rank < placed[role][1]:
                placed[role] = (place, rank)
    found = {role: place for role, (place, _) in placed.items()}
    # A ticker may be called as a column is: T, V, LOW, OPEN.
    own = {Role.CLOSE: series} if series and roles_of(series) is None else {}
    for role, name in {**own, **named}.items():
        place = seen.get(name.strip().casefold(), -1)
        if place >= 0:
            found = {other: taken for other, taken in found.items() if taken != place}
            found[role] = place
    return found


def _all_there(named: Mapping[Role, str], names: tuple[str, ...], label: str, line: int) -> None:
    known = {name.strip().casefold() for name in names}
    for role, name in named.items():
        if name.strip().casefold() not in known:
            shown = ", ".join(each.strip() for each in names)
            hint = did_you_mean(name, [each.strip() for each in names])
            raise ProviderFault(
                f'{label}:{line}: found the columns {shown}; expected one called "{name}", which the settings name '
                f"for {role.value}" + (f". {hint.rstrip('.')}" if hint else "")
            )

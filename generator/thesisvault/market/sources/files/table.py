"""Finds the table in a file: its text, its separator, its header, its rows with their lines."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from thesisvault.market.sources.files.columns import Role, roles_of
from thesisvault.market.sources.providers import ProviderFault

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_PREAMBLE = 40
"""A header stands in one of the first so many filled lines; brokers write an account and a period above it."""
_LONGEST_FIELD = 10_000


@dataclass(frozen=True)
class Row:
    """One row: its line in the file, counted from 1, and its cells."""

    line: int
    cells: tuple[str, ...]

    def cell(self, place: int | None) -> str:
        """Return a cell without the blanks around it; an empty text where the row is too short."""
        return self.cells[place].strip() if place is not None and place < len(self.cells) else ""


@dataclass(frozen=True)
class Table:
    """The table in a file.

    Attributes:
        label: What messages call the file.
        separator: What stands between two cells.
        header: The line of the header, counted from 1.
        names: The names of the columns as they are written.
        roles: The place of each column that is understood.
        rows: The rows below the header that hold anything.
    """

    label: str
    separator: str
    header: int
    names: tuple[str, ...]
    roles: Mapping[Role, int]
    rows: tuple[Row, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """The names of the columns that nobody understands."""
        return tuple(
            name
            for place, name in enumerate(self.names)
            if name.strip() and place not in self.roles.values() and roles_of(name) is None
        )

    def fault(self, line: int, found: str, expected: str) -> ProviderFault:
        """Return an error at a line of the file."""
        return ProviderFault(f"{self.label}:{line}: found {found}; expected {expected}")


def text_of(content: bytes, label: str) -> str:
    """Return the text of a file: UTF-8, UTF-16 with its mark, or the Western code page that older programs write.

    Raises:
        ProviderFault: It is not text.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            break
    else:
        encoding = "utf-8"
    for name in dict.fromkeys((encoding, "cp1252")):
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ProviderFault(f"{label} is not text; expected a CSV file with columns such as Date and Close")


def table_of(
    text: str, label: str, *, separator: str | None = None, columns: Mapping[Role, str] | None = None
) -> Table:
    """Return the table in a text.

    Args:
        text: The whole file.
        label: What messages call it.
        separator: What stands between cells; None: the file shows it.
        columns: Names of columns that the settings give a meaning.

    Raises:
        ProviderFault: No line names a column of days and one of closes, or a column stands there twice.
    """
    named = columns or {}
    lines = text.splitlines()
    tried = 0
    for place, line in enumerate(lines):
        if not line.strip():
            continue
        tried += 1
        if tried > _PREAMBLE:
            break
        for mark in (separator,) if separator else _by_frequency(line):
            names = _cells(line, mark, label, place + 1)
            roles = _placed(names, named, label, place + 1)
            if Role.DAY in roles and (Role.CLOSE in roles or Role.ADJUSTED in roles or Role.DIVIDEND in roles):
                return Table(label, mark, place + 1, names, roles, _rows(lines, place, mark, label))
            if Role.DAY in roles and len([name for name in names if name.strip()]) == 2:
                # FRED names its one column after the series.
                other = 1 - roles[Role.DAY]
                return Table(
                    label, mark, place + 1, names, {**roles, Role.CLOSE: other}, _rows(lines, place, mark, label)
                )
    first = next((line.strip() for line in lines if line.strip()), "")
    shown = first[:60] + ("…" if len(first) > 60 else "")
    missing = [f'"{name}"' for name in named.values() if name not in text[:100_000]]
    hint = f" The settings name the column {missing[0]}, which is not there." if missing else ""
    raise ProviderFault(
        f'{label}:1: found "{shown}"; expected a header that names a column of days and one of closes, '
        f"such as Date,Close. Name them under columns: in the settings if they are called otherwise.{hint}"
    )


def _by_frequency(line: str) -> list[str]:
    counts = Counter({mark: line.count(mark) for mark in SEPARATORS})
    return [mark for mark, count in counts.most_common() if count] or [","]


def _cells(line: str, separator: str, label: str, number: int) -> tuple[str, ...]:
    try:
        return tuple(next(csv.reader(io.StringIO(line), delimiter=separator), []))
    except csv.Error as error:
        raise ProviderFault(f"{label}:{number}: this is not CSV: {error}") from error


def _rows(lines: list[str], header: int, separator: str, label: str) -> tuple[Row, ...]:
    reader = csv.reader(io.StringIO("\n".join(lines[header + 1 :])), delimiter=separator)
    rows: list[Row] = []
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                if max(map(len, cells)) > _LONGEST_FIELD:
                    raise ProviderFault(
                        f"{label}:{header + 1 + reader.line_num}: found a cell of more than {_LONGEST_FIELD} "
                        "characters; expected a day or a number. A quotation mark may not be closed."
                    )
                rows.append(Row(header + 1 + reader.line_num, tuple(cells)))
    except csv.Error as error:
        raise ProviderFault(f"{label}:{header + 1 + reader.line_num}: this is not CSV: {error}") from error
    return tuple(rows)


def _placed(names: tuple[str, ...], named: Mapping[Role, str], label: str, line: int) -> dict[Role, int]:
    """Return the place of each role; of several names of one role the first in the table of names wins."""
    placed: dict[Role, tuple[int, int]] = {}
    seen: dict[str, int] = {}
    for place, name in enumerate(names):
        plain = name.strip().casefold()
        if plain and plain in seen and roles_of(name) is not None:
            raise ProviderFault(f'{label}:{line}: found two columns called "{name.strip()}"; expected one')
        seen[plain] = place
        known = roles_of(name)
        if known is not None:
            role, rank = known
            if role not in placed or rank < placed[role][1]:
                placed[role] = (place, rank)
    found = {role: place for role, (place, _) in placed.items()}
    for role, name in named.items():
        if name.strip().casefold() in seen:
            found = {other: place for other, place in found.items() if place != seen[name.strip().casefold()]}
            found[role] = seen[name.strip().casefold()]
    return found

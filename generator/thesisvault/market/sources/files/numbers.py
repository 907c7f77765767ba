"""Reads numbers in the notation that a whole file proves: decimal point or comma, signs of thousands and currency."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from thesisvault.market.sources.files.units import number_and_unit
from thesisvault.patterns import regex

Decimal = Literal[".", ","]

MISSING = frozenset(
    {
        "",
        ".",
        "-",
        "--",
        "–",
        "—",
        "null",
        "none",
        "nan",
        "n/a",
        "n.a.",
        "na",
        "nd",
        "n/d",
        "#n/a",
        "#nv",
        "k.a.",
        "\\n",
    }
)
_BLANKS = str.maketrans("", "", "\u00a0\u202f\u2009'’ ")
_THOUSANDS = {
    "k": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "mio": 1e6,
    "mln": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "mrd": 1e9,
    "t": 1e12,
}
_SHAPE = regex(r"[+-]?[0-9][0-9.,]*(?:[eE][+-]?[0-9]{1,3})?\Z|[+-]?[.,][0-9]+(?:[eE][+-]?[0-9]{1,3})?\Z")


class Notation(Struct, frozen=True):
    """How numbers of a file are written."""

    decimal: Decimal = "."

    def read(self, cell: str, *, scaled: bool = False) -> float:
        """Return the number in a cell; NaN where it is not one.

        Args:
            cell: The text, as the file has it.
            scaled: Whether `1.2M` may stand for 1,200,000.

        >>> Notation().read("$1,234.50"), Notation(",").read("1.234,50"), Notation().read("1.2M", scaled=True)
        (1234.5, 1234.5, 1200000.0)
        """
        plain = bare(cell)
        factor = 1.0
        if scaled and (found := re.fullmatch(r"(.*[0-9.,])([A-Za-z]{1,3})\.?", plain)):
            factor = _THOUSANDS.get(found[2].lower(), math.nan)
            plain = found[1]
        if not _SHAPE.match(plain):
            return math.nan
        whole, mark, part = plain.partition(self.decimal)
        other = "," if self.decimal == "." else "."
        if self.decimal in part or other in part or not _grouped(whole, other):
            return math.nan
        try:
            return float(whole.replace(other, "") + ("." + part if mark else "")) * factor
        except ValueError:
            return math.nan


def bare(cell: str) -> str:
    """Return a cell without blanks, apostrophes and the unit beside its number."""
    return number_and_unit(cell)[0].translate(_BLANKS).replace("\u2212", "-")


def _grouped(whole: str, mark: str) -> bool:
    """Return whether marks of thousands stand where they belong."""
    if mark not in whole:
        return True
    first, *groups = whole.lstrip("+-").split(mark)
    if not 1 <= len(first) <= 3 or not all(map(str.isdigit, groups)) or len(groups[-1]) != 3:
        return False
    # Groups of three, or in India of two above the thousands: 12,34,567.
    return all(len(group) == 3 for group in groups) or (
        len(first) < 3 and all(len(group) == 2 for group in groups[:-1])
    )


def proven_decimal(cells: Iterable[str], separator: str) -> Decimal | None:
    """Return the decimal sign that the numbers of a file prove, None where they leave it open.

    A sign that stands twice in a number, or before the other one, is of thousands. One that is followed by anything but
    three digits, that follows a leading zero or more than three digits, is of decimals. In a file whose cells are
    separated by commas, and whose numbers hold none, points are decimal.

    >>> proven_decimal(["1.234", "12,5"], ";"), proven_decimal(["1.234"], ";"), proven_decimal(["39.00"], ",")
    (',', None, '.')
    """
    seen: set[str] = set()
    opens: set[str] = set()
    for cell in cells:
        plain = bare(cell).lstrip("+-")
        points, commas = plain.count("."), plain.count(",")
        if not points and not commas:
            continue
        if points and commas:
            seen.add("." if plain.rfind(".") > plain.rfind(",") else ",")
            continue
        mark, other, count = (".", ",", points) if points else (",", ".", commas)
        if count > 1:
            seen.add(other)
            continue
        whole, _, part = plain.partition(mark)
        digits = re.match(r"[0-9]*", part)
        decimal = digits is None or len(digits[0]) != 3 or len(whole) > 3 or whole in ("", "0")
        (seen if decimal else opens).add(mark)
    if len(seen) == 1:
        return "." if seen == {"."} else ","
    if seen:
        return None
    if not opens or (separator == "," and opens == {"."}):
        return "."
    return None

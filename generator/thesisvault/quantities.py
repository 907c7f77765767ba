"""Figures as people write them: `+18%`, `43pp`, `29x`, `$1,234.56`, `€1.2bn`, `350p`, `CHF 80`, `12`.

Beside `scalars`, at the bottom: nothing here knows prices or notes. A figure keeps the notation that it was written in,
so that what the data say can be shown in the same one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from thesisvault.errors import ThesisvaultError
from thesisvault.patterns import regex
from thesisvault.written import like

SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
"""The currencies that are shown by a sign; all others by their code."""
_PREFIXES = {
    "$": "USD",
    "US$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "JP¥": "JPY",
    "CN¥": "CNY",
    "HK$": "HKD",
    "A$": "AUD",
    "AU$": "AUD",
    "C$": "CAD",
    "CA$": "CAD",
    "NZ$": "NZD",
    "S$": "SGD",
    "NT$": "TWD",
    "R$": "BRL",
    "₹": "INR",
    "₩": "KRW",
    "₪": "ILS",
    "₺": "TRY",
    "Fr.": "CHF",
}
_WORDS = {"thousand": "K", "k": "K", "million": "M", "mn": "M", "m": "M", "billion": "B", "bn": "B", "b": "B"}
_WORDS |= {"trillion": "T", "tn": "T", "trn": "T", "t": "T"}
_POWERS = {"": 0, "K": 3, "M": 6, "B": 9, "T": 12}
_UNITS = {"%": ("%", 2), "pp": ("pp", 2), "bp": ("pp", 4), "bps": ("pp", 4), "x": ("x", 0), "×": ("x", 0)}
_SCALE = "|".join(sorted(_WORDS, key=len, reverse=True))
_FIGURE = regex(
    r"(?P<about>about |around |roughly |some |~ ?|≈ ?)?"
    r"(?P<sign>[+\-\u2212])?"
    rf"(?P<before>{'|'.join(re.escape(p) for p in sorted(_PREFIXES, key=len, reverse=True))}|[A-Z]{{3}} ?)?"
    r"(?P<sign2>[+\-\u2212])?"
    r"(?P<body>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<frac>[0-9]+))?"
    rf"(?:\s?(?P<scale>(?i:{_SCALE}))(?!p))?"
    r"(?:\s?(?P<after>%|pp|bps?|x|×|p|[€£¥$]|[A-Z]{3}))?"
)
_COMMA = regex(r"\d,\d{1,2}(?!\d)|\d\.\d{3},\d")
_MOST_DIGITS = 40
_EXAMPLES = "write for example +18%, 43pp, 29x, $530B, €12.50, 350p, CHF 80 or 12"


def is_currency(unit: str) -> bool:
    """Return whether a unit is the code of a currency.

    >>> is_currency("USD"), is_currency("jobs")
    (True, False)
    """
    return len(unit) == 3 and unit.isupper()


@dataclass(frozen=True)
class Quantity:
    """A figure as somebody said it.

    Attributes:
        text: As it was typed.
        value: Fractions for `%` and `pp`, pounds for pence, else the number itself with its scale multiplied out.
        unit: `%`, `pp`, `x` (a multiple), the code of a currency such as `USD`, or nothing.
        step: What the last digit is worth, in the unit of `value`.
        about: It was said to be approximate ("about", "~").
        scale: `K`, `M`, `B` or `T` where one was written.
        pence: It was written in pence, as in `350p`.
        basis_points: It was written in hundredths of a point, as in `25bp`.
    """

    text: str
    value: float
    unit: str
    step: float
    about: bool = False
    scale: str = ""
    pence: bool = False
    basis_points: bool = False

    @property
    def tolerance(self) -> float:
        """Half the last digit, or a tenth of a figure that was said to be approximate."""
        return abs(self.value) / 10 if self.about else self.step / 2

    @property
    def is_money(self) -> bool:
        """Whether it is in a currency."""
        return is_currency(self.unit)

    @property
    def is_fraction(self) -> bool:
        """Whether it is written in per cent or in points."""
        return self.unit in ("%", "pp")

    @property
    def size(self) -> float:
        """What its scale stands for: 1e9 for `B`, 1 where none was written."""
        return 10.0 ** _POWERS[self.scale]

    @property
    def decimals(self) -> int:
        """How many decimals were written."""
        written = re.search(r"\.(\d+)", self.text)
        return len(written[1]) if written else 0


class TooManyDigitsError(ThesisvaultError, ValueError):
    """A figure that is one in its form, and beyond what anything can be."""


def parse_quantity(text: str) -> Quantity:
    """Return a figure such as `+18%`, `about 43pp`, `25bp`, `29x`, `$530B`, `€1.2bn`, `350p`, `CHF 80` or `6,878.88`.

    Raises:
        ValueError: It is not such a figure.

    >>> q = parse_quantity("+18%"); q.value, q.unit, q.tolerance
    (0.18, '%', 0.005)
    >>> q = parse_quantity("about 43pp"); q.value, q.about, round(q.tolerance, 6)
    (0.43, True, 0.043)
    >>> [(q.value, q.unit) for q in map(parse_quantity, ("$1.5T", "350p", "CHF 80", "¥3,000", "-€1.2bn"))]
    [(1500000000000.0, 'USD'), (3.5, 'GBP'), (80.0, 'CHF'), (3000.0, 'JPY'), (-1200000000.0, 'EUR')]
    """
    words = text.strip()
    found = _FIGURE.fullmatch(words)
    before, after = (found["before"] or "").strip() if found else "", (found["after"] or "") if found else ""
    if not found or (found["sign"] and found["sign2"]) or (before and after):
        if _COMMA.search(words):
            raise ValueError(f'"{words}": decimals take a point and thousands a comma, as in 1,234.56')
        raise ValueError(f'"{words}" is not a figure; {_EXAMPLES}')
    unit, down = _UNITS.get(after, ("", 0))
    if before or (after and not unit):
        unit = "GBP" if after == "p" else _PREFIXES.get(before or after, before or after)
        down = 2 if after == "p" else 0
    scale = _WORDS[found["scale"].lower()] if found["scale"] else ""
    if len(found["body"]) + len(found["frac"] or "") > _MOST_DIGITS:
        raise TooManyDigitsError(f"found a figure of more than {_MOST_DIGITS} digits; {_EXAMPLES}")
    power = _POWERS[scale] - down
    sign = "-" if (found["sign"] or found["sign2"] or "") in ("-", "\u2212") else ""
    digits = found["body"].replace(",", "")
    return Quantity(
        text=like(text, words),
        value=float(f"{sign}{digits}.{found['frac'] or '0'}e{power}") + 0.0,  # no negative zero
        unit=unit,
        step=float(f"1e{power - len(found['frac'] or '')}"),
        about=found["about"] is not None,
        scale=scale,
        pence=after == "p",
        basis_points=after in ("bp", "bps"),
    )

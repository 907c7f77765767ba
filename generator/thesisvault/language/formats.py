"""Numbers in words: the filters of the language, and how a value is shown where no filter says so.

Fractions become per cent here and nowhere earlier. A rounded figure never shows a negative zero. A minus is the true
one (U+2212), as wide as a plus: what is read by programs takes the number, not its words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from thesisvault.language.parse import ExpressionError, unknown
from thesisvault.language.values import Number
from thesisvault.quantities import SIGNS
from thesisvault.words import day_in_words

NOT_AVAILABLE = "n/a"
MINUS = "\N{MINUS SIGN}"


def _fixed(value: float, digits: int, *, sign: bool = False, group: bool = False) -> str:
    text = f"{value:{'+' if sign else ''}{',' if group else ''}.{digits}f}"
    return text.lstrip("+-") if float(text.replace(",", "")) == 0 else text.replace("-", MINUS)


def pct(value: float, digits: int = 1) -> str:
    """Return a fraction as a signed percentage.

    >>> pct(0.2512), pct(-0.2283, 0), pct(-0.0001)
    ('+25.1%', '−23%', '0.0%')
    """
    return _fixed(value * 100, digits, sign=True) + "%"


def share(value: float, digits: int = 0) -> str:
    """Return a fraction as a percentage without a sign.

    >>> share(0.66)
    '66%'
    """
    return _fixed(value * 100, digits) + "%"


def pp(value: float, digits: int = 1) -> str:
    """Return a difference of fractions in percentage points.

    >>> pp(0.479)
    '+47.9pp'
    """
    return _fixed(value * 100, digits, sign=True) + "pp"


def bp(value: float, digits: int = 0) -> str:
    """Return a difference in hundredths of a point, with its sign.

    >>> bp(-0.0044), bp(0.24483, 1)
    ('−44bp', '+2448.3bp')
    """
    return _fixed(value * 10_000, digits, sign=True) + "bp"


def points(value: float, digits: int = 1) -> str:
    """Return a difference of fractions in percentage points without a sign, for sentences that say who leads.

    >>> points(0.479), points(-0.479)
    ('47.9pp', '47.9pp')
    """
    return _fixed(abs(value) * 100, digits) + "pp"


def ahead(value: float, digits: int = 1) -> str:
    """Return who leads, for a sentence: "Energy is … software".

    >>> ahead(0.047), ahead(-0.047), ahead(0.0004)
    ('4.7pp ahead of', '4.7pp behind', 'level with')
    """
    if _flat(value, digits):
        return "level with"
    return f"{points(value, digits)} {'ahead of' if value > 0 else 'behind'}"


def up(value: float, digits: int = 1) -> str:
    """Return a return as a state, for a sentence: "Gold is … this year".

    >>> up(0.245), up(-0.032), up(0.0004)
    ('up 24.5%', 'down 3.2%', 'flat')
    """
    return "flat" if _flat(value, digits) else f"{'up' if value > 0 else 'down'} {share(abs(value), digits)}"


def rose(value: float, digits: int = 1) -> str:
    """Return a return as an event, for a sentence: "Banks … on Friday".

    >>> rose(0.245), rose(-0.051), rose(-0.0004)
    ('rose 24.5%', 'fell 5.1%', 'was flat')
    """
    return "was flat" if _flat(value, digits) else f"{'rose' if value > 0 else 'fell'} {share(abs(value), digits)}"


def _flat(value: float, digits: int) -> bool:
    """Return whether a fraction shows as zero percent in so many digits."""
    return float(f"{value * 100:.{digits}f}") == 0


def money(value: float, digits: int | None = None, symbol: str = "$") -> str:
    """Return an amount with M, B or T from a million up, else with cents.

    Left to itself, what has a letter shows three digits.

    >>> money(6.54e12), money(38e6, 0), money(23.4), money(-1.5e9), money(1500)
    ('$6.54T', '$38M', '$23.40', '−$1.50B', '$1,500.00')
    >>> money(308.1e9), money(28.81e9), money(999.7e6)
    ('$308B', '$28.8B', '$1.00B')
    """
    size, places = abs(value), 0 if digits is None else digits
    # The scale is chosen by the rounded amount, so that a hair below a billion is $1.00B and not $1,000.00M.
    scales = ((1e12, "T"), (1e9, "B"), (1e6, "M"))
    scale, letter = next(((s, c) for s, c in scales if size >= s or round(size / s * 1000, places) >= 1000), (1.0, ""))
    if digits is None:
        scaled = size / scale
        digits = 2 if not letter or round(scaled, 2) < 10 else 1 if round(scaled, 1) < 100 else 0
    body = _fixed(size / scale, digits, group=True) + letter
    return f"{MINUS if value < 0 and float(body.rstrip('TBM').replace(',', '')) else ''}{symbol}{body}"


def amount_of(value: float, currency: str, digits: int | None = None) -> str:
    """Return an amount in a currency, by its sign or its code.

    >>> amount_of(12.5, "EUR"), amount_of(80, "CHF", 0)
    ('€12.50', 'CHF 80')
    """
    return money(value, digits, _symbol(currency))


def signed(text: str, value: float) -> str:
    """Return a formatted amount with the plus of a rise; a fall carries its minus already.

    >>> signed("$1.20B", 1.2e9), signed("−$1.20B", -1.2e9)
    ('+$1.20B', '−$1.20B')
    """
    return f"+{text}" if value > 0 and any(c in "123456789" for c in text) else text


def mult(value: float, digits: int = 0) -> str:
    """Return a multiple.

    >>> mult(29.04), mult(1.5, 1)
    ('29x', '1.5x')
    """
    return _fixed(value, digits) + "x"


def num(value: float, digits: int = 2) -> str:
    """Return a plain number with its thousands grouped.

    >>> num(6878.88), num(0.5, 1)
    ('6,878.88', '0.5')
    """
    return _fixed(value, digits, group=True)


def integer(value: float) -> str:
    """Return a whole number.

    >>> integer(312.0)
    '312'
    """
    return _fixed(round(value), 0, group=True)


_NUMERIC: dict[str, Callable[..., str]] = {
    "pct": pct,
    "share": share,
    "pp": pp,
    "points": points,
    "ahead": ahead,
    "up": up,
    "rose": rose,
    "usd": money,
    "mult": mult,
    "num": num,
    "int": integer,
}
FILTERS = (*_NUMERIC, "date")


def formatted(number: Number, name: str | None = None, args: tuple[float, ...] = ()) -> str:
    """Return a number as a filter shows it, or as its kind asks for where no filter is named; `n/a` where unknown.

    Raises:
        ExpressionError: There is no such filter, or it does not fit what is shown.
    """
    if name is not None and name not in FILTERS:
        raise ExpressionError(unknown("filter", name, list(FILTERS)))
    value = number.value
    if value is None:
        return NOT_AVAILABLE
    if isinstance(value, str | dt.date):
        if name not in (None, "date") or (name == "date" and isinstance(value, str)):
            raise ExpressionError(
                f"| {name} was laid on a {'word' if isinstance(value, str) else 'day'}; it formats numbers"
            )
        return value if isinstance(value, str) else day_in_words(value)
    if name == "date":
        raise ExpressionError("| date was laid on a number; it formats days, as from peak()")
    if name is None:
        return by_kind(number, value)
    if number.kind == "truth":
        raise ExpressionError(f"| {name} was laid on a condition; a condition shows as yes or no without a filter")
    if name == "usd":
        return money(value, int(args[0]) if args else None, _symbol(number.unit))
    if name == "int" and args:
        raise ExpressionError("| int shows whole numbers and takes no digits; use | num(2)")
    return _NUMERIC[name](value, *(int(a) for a in args))


def _symbol(currency: str) -> str:
    return SIGNS.get(currency, f"{currency} " if currency else "$")


def by_kind(number: Number, value: float) -> str:
    """Return a number as its kind is usually shown."""
    kind = number.kind
    if kind == "fraction":
        return pct(value)
    if kind == "share":
        return share(value, 1)
    if kind == "spread":
        return pp(value)
    if kind == "multiple":
        return mult(value, 1)
    if kind == "money":
        return money(value, symbol=_symbol(number.unit))
    if kind == "difference":
        return signed(money(value, symbol=_symbol(number.unit)) if number.unit else num(value), value)
    if kind == "count":
        return integer(value)
    if kind == "truth":
        return "yes" if value else "no"
    return num(value)

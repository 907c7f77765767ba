"""Finds the unit that names of columns and cells say: a currency, or hundredths of one."""

from __future__ import annotations

import re
from collections.abc import Mapping

from thesisvault.market.records import HUNDREDTHS
from thesisvault.patterns import regex

MINOR: Mapping[str, str] = {**HUNDREDTHS, "GBx": "GBP", "ZAC": "ZAR"}
"""Units of quotes in hundredths of a currency, as files write them, with the currency."""
SIGNS = {"$": "", "€": "EUR", "£": "GBP", "¥": ""}
"""Signs of a currency, with its code where only one currency has the sign."""
_CODES = frozenset(
    re.findall(
        "...",
        "AEDARSAUDBGNBRLCADCHFCLPCNHCNYCOPCZKDKKEGPEURGBPHKDHUFIDRILSINRISKJPYKESKRWKWDKZTMAD"
        "MXNMYRNGNNOKNZDPENPHPPKRPLNQARRONRSDRUBSARSEKSGDTHBTRYTWDUAHUSDUYUVNDXOFZAR",
    )
)
_DOLLAR = {
    "US": "USD",
    "HK": "HKD",
    "A": "AUD",
    "AU": "AUD",
    "C": "CAD",
    "CA": "CAD",
    "NZ": "NZD",
    "S": "SGD",
    "NT": "TWD",
}
_DOLLARS = regex(r"\b(US|HK|AU?|CA?|NZ|S|NT)\$")
_WORDS = {"pence": "GBX", "pounds": "GBP", "euro": "EUR", "euros": "EUR", "dollars": ""}
_BESIDE = regex(r"([A-Za-z]{3})?\s*([-+0-9.,].*?)\s*([A-Za-z]{3}|p)?\Z")


def unit_of(word: str) -> str | None:
    """Return the code of a unit, None where a word is none. `GBp` are pence, `GBP` and `gbp` are pounds.

    >>> unit_of("GBp"), unit_of("gbp"), unit_of("gbx"), unit_of("Pence"), unit_of("max")
    ('GBp', 'GBP', 'GBX', 'GBX', None)
    """
    if word in MINOR or word in _CODES:
        return word
    if word.upper() in MINOR or word.upper() in _CODES:
        return word.upper()
    return _WORDS.get(word.casefold()) or None


def unit_in(name: str) -> str | None:
    """Return the unit at the end of the name of a column or in parentheses there, None without one.

    >>> unit_in("Close (GBX)"), unit_in("Kurs in EUR"), unit_in("close_usd"), unit_in("Close"), unit_in("EUR")
    ('GBX', 'EUR', 'USD', None, None)
    """
    if found := _DOLLARS.search(name):
        return _DOLLAR[found[1]]
    words = re.findall(r"[^\W\d_]+", name)
    return unit_of(words[-1]) if len(words) > 1 else None


def without_unit(name: str) -> str:
    """Return the name of a column without the unit at its end.

    >>> without_unit("Kurs in EUR"), without_unit("Close [GBX]"), without_unit("Sector")
    ('Kurs', 'Close', 'Sector')
    """
    if unit_in(name) is None:
        return name
    if _DOLLARS.search(name):
        return re.sub(r"[\W_]*[A-Z]+\$[\W_]*\Z", "", name)
    return re.sub(r"(?:[\s_]+in)?[\W_]*[^\W\d_]+[\W_]*\Z", "", name)


def number_and_unit(cell: str) -> tuple[str, str | None]:
    """Return the number in a cell, and the unit that stands before or after it.

    >>> number_and_unit("EUR 1,5"), number_and_unit("100.25p"), number_and_unit("1.2M"), number_and_unit("£12")
    (('1,5', 'EUR'), ('100.25', 'GBX'), ('1.2M', None), ('12', 'GBP'))
    """
    plain = cell.strip()
    signs = [sign for sign in SIGNS if sign in plain]
    for sign in signs:
        plain = plain.replace(sign, "", 1)
    if not plain[:1].isalpha() and not plain[-1:].isalpha():
        return plain.strip(), (SIGNS[signs[0]] or None) if signs else None
    found = _BESIDE.match(plain)
    if found is None or (found[1] and found[3]):
        return plain, None
    unit = "GBX" if found[3] == "p" else unit_of(found[1] or found[3] or "")
    return (found[2], unit) if unit else (plain, None)

"""What a series has, which decides what its name may be used for."""

from __future__ import annotations

from msgspec import Struct

from thesisvault.language import kinds
from thesisvault.language.kinds import Kind
from thesisvault.market.records import PAYS_NOTHING, major
from thesisvault.quantities import is_currency


class Nature(Struct, frozen=True):
    """What a series has: the kind of its closes, None where it has none, and the kind of its level."""

    close: Kind | None
    level: Kind


ANYTHING = Nature(kinds.ANY, kinds.ANY)
OF_BASKET = Nature(None, kinds.LEVEL)


def nature_of(kind: str, unit: str, currency: str) -> Nature:
    """Return what a series has, by the kind of its instrument, its unit and its currency.

    What is quoted in hundredths, such as pence, is stored in the currency itself, and spoken of so.

    >>> nature_of("macro", "%", "USD").level.name, nature_of("etf", "", "GBp").close.unit
    ('rate', 'GBP')
    """
    if kind == "macro":
        value = kinds.RATE if unit == "%" else kinds.amount(unit) if is_currency(unit) else kinds.NUMBER
        return Nature(value, value)
    if kind == "basket":
        return OF_BASKET
    if kind == "index":
        return Nature(kinds.POINTS, kinds.POINTS)
    price = kinds.price(major(currency))
    return Nature(price, price if kind in PAYS_NOTHING else kinds.LEVEL)


def converted_nature(nature: Nature, currency: str) -> Nature:
    """Return what a series has in another currency: prices in that one, and so are points of an index.

    >>> converted_nature(nature_of("stock", "", "EUR"), "USD").close.unit
    'USD'
    """

    def one(kind: Kind) -> Kind:
        return kinds.price(currency) if kind.family in ("price", "points") else kind

    return Nature(None if nature.close is None else one(nature.close), one(nature.level))

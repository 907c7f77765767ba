"""What is known of a file before it is read: what the settings say, and what the market of the series does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

from thesisvault.market.sources.files.columns import Role
from thesisvault.market.sources.files.numbers import Decimal

Closes = Literal["raw", "split_adjusted", "adjusted"]
"""What closes are: as traded, adjusted for splits, or for splits and dividends."""


class Form(Struct, frozen=True):
    """What the settings say of files; what they leave out the file has to prove.

    Attributes:
        closes: What closes are adjusted for.
        separator: What stands between two cells.
        decimal: The decimal sign.
        date_format: `YYYY-MM-DD`, `DD/MM/YYYY` or `MM/DD/YYYY`.
        columns: The name of a column by its role.
        timezone: The zone whose days moments are of, such as `Europe/Paris`.
        folder: The folder of the files as it stands there; empty where the settings do not name it.
    """

    closes: Closes | None = None
    separator: str | None = None
    decimal: Decimal | None = None
    date_format: str | None = None
    columns: Mapping[Role, str] = field(default_factory=dict)
    timezone: str | None = None
    folder: str = ""


class Market(Struct, frozen=True):
    """What is known of the market of a series.

    Attributes:
        weekends: Whether there may be bars on Saturdays or Sundays.
        pays: Whether what is traded there can pay a dividend.
        hundredths: The unit of quotation that its definition names where that is a hundredth of a currency, such as
            `GBp`; it counts if the file does not say in which money it is.
        names: The ticker of the series and the symbols that it has elsewhere; empty: nobody knows.
    """

    weekends: bool = False
    pays: bool = True
    hundredths: str = ""
    names: tuple[str, ...] = ()

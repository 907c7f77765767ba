"""Well-known series of FRED: unit, scale, how often there is a value, and how long after its day it is published.

A definition `fred:WALCL` that leaves these out takes them from here; whatever it says itself wins. Lags are days after
the date that FRED gives a value, on which monthly figures stand at the first of their month.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from thesisvault.market.records import Frequency

PREFIX = "fred:"


class WellKnown(Struct, frozen=True):
    """What is known of a series.

    Attributes:
        unit: The unit of its values once they are scaled; empty: FRED has changed it, so that a person must say it.
        scale: What a value of FRED is multiplied by to be in that unit.
        frequency: How often there is a value.
        lag_days: Days from the date of a value until it is published.
    """

    unit: str
    scale: float
    frequency: Frequency
    lag_days: int


_THOUSAND, _MILLION, _BILLION = 1e3, 1e6, 1e9


def _rates(*names: str) -> dict[str, WellKnown]:
    return {name: WellKnown("%", 1.0, "daily", 1) for name in names}


SERIES: Mapping[str, WellKnown] = MappingProxyType(
    {
        # The Federal Reserve, the Treasury and money. FRED has shown WTREGEN in billions and in millions.
        "WALCL": WellKnown("USD", _MILLION, "weekly", 1),
        "WTREGEN": WellKnown("", 1.0, "weekly", 1),
        "WDTGAL": WellKnown("USD", _MILLION, "weekly", 1),
        "RRPONTSYD": WellKnown("USD", _BILLION, "daily", 1),
        "GFDEBTN": WellKnown("USD", _MILLION, "quarterly", 160),
        "M2SL": WellKnown("USD", _BILLION, "monthly", 55),
        "WM2NS": WellKnown("USD", _BILLION, "weekly", 23),
        "BUSLOANS": WellKnown("USD", _BILLION, "monthly", 45),
        # Rates, spreads and stress
        **_rates("DFF", "DFEDTARU", "DFEDTARL", "SOFR"),
        **_rates("DGS1MO", "DGS3MO", "DGS6MO", "DGS1", "DGS2", "DGS3", "DGS5", "DGS7", "DGS10", "DGS20", "DGS30"),
        **_rates("T10Y2Y", "T10Y3M", "T5YIE", "T10YIE", "T5YIFR", "DFII5", "DFII10"),
        **_rates("BAMLH0A0HYM2", "BAMLC0A0CM", "BAMLH0A0HYM2EY", "BAMLC0A0CMEY"),
        "FEDFUNDS": WellKnown("%", 1.0, "monthly", 32),
        "MORTGAGE30US": WellKnown("%", 1.0, "weekly", 1),
        "STLFSI4": WellKnown("index", 1.0, "weekly", 6),
        "NFCI": WellKnown("index", 1.0, "weekly", 5),
        "ANFCI": WellKnown("index", 1.0, "weekly", 5),
        "VIXCLS": WellKnown("points", 1.0, "daily", 1),
        # Growth, work and prices
        "GDP": WellKnown("USD", _BILLION, "quarterly", 120),
        "GDPC1": WellKnown("USD", _BILLION, "quarterly", 120),
        "INDPRO": WellKnown("index", 1.0, "monthly", 47),
        "PAYEMS": WellKnown("jobs", _THOUSAND, "monthly", 36),
        "UNRATE": WellKnown("%", 1.0, "monthly", 36),
        "ICSA": WellKnown("claims", 1.0, "weekly", 5),
        "CPIAUCSL": WellKnown("index", 1.0, "monthly", 43),
        "CPILFESL": WellKnown("index", 1.0, "monthly", 43),
        "PCEPI": WellKnown("index", 1.0, "monthly", 60),
        "PCEPILFE": WellKnown("index", 1.0, "monthly", 60),
        "UMCSENT": WellKnown("index", 1.0, "monthly", 28),
        "HOUST": WellKnown("homes", _THOUSAND, "monthly", 50),
        "RSXFS": WellKnown("USD", _MILLION, "monthly", 47),
        "DGORDER": WellKnown("USD", _MILLION, "monthly", 57),
        # The dollar and raw materials
        "DTWEXBGS": WellKnown("index", 1.0, "daily", 4),
        "DCOILWTICO": WellKnown("USD", 1.0, "daily", 6),
        "DCOILBRENTEU": WellKnown("USD", 1.0, "daily", 6),
        "GASREGW": WellKnown("USD", 1.0, "weekly", 1),
        "PCOPPUSDM": WellKnown("USD", 1.0, "monthly", 45),
        "PALLFNFINDEXM": WellKnown("index", 1.0, "monthly", 45),
    }
)


def series_of_key(key: str) -> str:
    """Return what FRED calls a series that is keyed `fred:...`, or an empty text for any other key.

    >>> series_of_key("fred:WALCL"), series_of_key("XLE")
    ('WALCL', '')
    """
    return key.removeprefix(PREFIX) if key.startswith(PREFIX) else ""

"""What yfinance returns, as our records: rows as they came, in major units, and each event on its own day."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from thesisvault.market.bars import Bars
from thesisvault.market.fundamentals import FIELDS
from thesisvault.market.records import HUNDREDTHS, major
from thesisvault.market.sources.provider import Listed

if TYPE_CHECKING:
    import pandas as pd

# What yfinance calls each field, the better name first. Never `dividendYield`, which is a fraction in one answer and
# percent in another.
_INFO = {
    "forward_pe": ("forwardPE",),
    "trailing_pe": ("trailingPE",),
    "market_cap": ("marketCap",),
    "target_mean": ("targetMeanPrice",),
    "fund_assets": ("totalAssets",),
    "shares": ("sharesOutstanding", "impliedSharesOutstanding"),
}


def bars_of(frame: pd.DataFrame, about: Mapping[str, Any], history: object) -> Bars:
    """Return the bars of a frame, row by row, and its events.

    Args:
        frame: What `Ticker.history` returned, with actions and without adjustment.
        about: The metadata beside it. Single keys alone are read: all of them would send another request.
        history: What yfinance keeps of the answer behind the frame.
    """
    import pandas as pd

    days = _days(pd.DatetimeIndex(frame.index))
    currency = str(about.get("currency") or "")
    exchange = about.get("exchangeName")
    scale = _scale(currency)

    def column(name: str, factor: float = 1.0) -> tuple[float, ...]:
        return tuple(float(v) * factor for v in frame[name]) if name in frame else (math.nan,) * len(days)

    splits: dict[int, float] = {}
    for day, ratio, _ in _events(frame, history, "_splits", "Stock Splits"):
        splits[day] = splits.get(day, 1.0) * ratio
    return Bars(
        days,
        column("Close", scale),
        "split_adjusted",
        column("Open", scale),
        column("High", scale),
        column("Low", scale),
        column("Volume"),
        _distributions(
            _events(frame, history, "_dividends", "Dividends"),
            _events(frame, history, "_capital_gains", "Capital Gains"),
            currency,
        ),
        tuple(sorted(splits.items())),
        major(currency) or None,
        currency if currency in HUNDREDTHS else None,
        str(exchange) if exchange else None,
        _unfinished(about),
    )


_KINDS = {
    "EQUITY": "stock",
    "ETF": "etf",
    "INDEX": "index",
    "MUTUALFUND": "fund",
    "CRYPTOCURRENCY": "crypto",
    "CURRENCY": "currency",
    "FUTURE": "commodity",
}
_EXCHANGES = {
    # All of the United States keep the sessions of New York.
    **dict.fromkeys(("NYQ", "NMS", "NGM", "NCM", "PCX", "ASE", "BTS", "NYS", "NAS", "PNK", "OQB", "OQX"), "XNYS"),
    **dict.fromkeys(("SNP", "DJI", "NIM", "WCB", "CXI", "CBO", "NYB"), "XNYS"),
    "TOR": "XTSE",
    "VAN": "XTSE",
    "NEO": "XTSE",
    "LSE": "XLON",
    "IOB": "XLON",
    "GER": "XETR",
    "FRA": "XFRA",
    "PAR": "XPAR",
    "AMS": "XAMS",
    "BRU": "XBRU",
    "LIS": "XLIS",
    "MIL": "XMIL",
    "MCE": "XMAD",
    "EBS": "XSWX",
    "VIE": "XWBO",
    "STO": "XSTO",
    "CPH": "XCSE",
    "HEL": "XHEL",
    "OSL": "XOSL",
    "ISE": "XDUB",
    "WSE": "XWAR",
    "JPX": "XTKS",
    "HKG": "XHKG",
    "SHH": "XSHG",
    "SHZ": "XSHG",
    "KSC": "XKRX",
    "KOE": "XKRX",
    "TAI": "XTAI",
    "ASX": "XASX",
    "NZE": "XNZE",
    "SES": "XSES",
    "NSI": "XBOM",
    "BSE": "XBOM",
    "SAO": "BVMF",
    "MEX": "XMEX",
    "JNB": "XJSE",
    "TLV": "XTAE",
    "CCC": "24/7",
    **dict.fromkeys(("CMX", "NYM", "CBT", "CME"), "CMES"),
    "CCY": "24/5",
}
_CURRENCIES = {"GBX": "GBp", "ILA": "ILS"}


def listed_of(about: Mapping[str, Any]) -> Listed:
    """Return what the metadata of an answer say of a symbol, in our words."""
    kind, exchange, currency = (str(about.get(key) or "") for key in ("instrumentType", "exchangeName", "currency"))
    name = " ".join(str(about.get("longName") or about.get("shortName") or "").split())
    ours = _KINDS.get(kind, ""), _EXCHANGES.get(exchange, ""), _CURRENCIES.get(currency, currency)
    return Listed(name, *ours, said=(kind, exchange, currency))


def values_of(info: Mapping[str, Any], *, is_fund: bool) -> dict[str, float]:
    """Return what can be used among yfinance's `info`, by our names; yields are fractions."""
    currency = str(info.get("currency") or "")
    names = dict(_INFO)
    if is_fund:
        names["dividend_yield"] = ("yield",)
    elif info.get("financialCurrency") in (None, currency):
        # Else Yahoo divides dividends in the money of the accounts by a price in another, or in hundredths.
        names["dividend_yield"] = ("trailingAnnualDividendYield",)
    found: dict[str, float] = {}
    for field, keys in names.items():
        for key in keys:
            value = info.get(key)
            # Yahoo writes "Infinity" for a multiple of nothing.
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
                continue
            number = float(value) * (_scale(currency) if field == "target_mean" else 1.0)
            if 0 < number <= FIELDS[field].largest:
                found[field] = number
                break
    return found


def _events(frame: pd.DataFrame, history: object, kept: str, name: str) -> list[tuple[int, float, str]]:
    """Return day, amount and currency (empty: not said) of each event.

    In the frame an event whose day has no bar stands at the bar before, and nothing says in which money a dividend is;
    yfinance keeps both apart.
    """
    import pandas as pd

    found: Any = getattr(history, kept, None)
    if found is None:
        found = frame[name] if name in frame else frame.iloc[:0, 0]
    if not len(found):
        return []
    amounts = found if found.ndim == 1 else found[name]
    moneys = found["currency"] if found.ndim > 1 and "currency" in found else [""] * len(found)
    rows = zip(_days(pd.DatetimeIndex(found.index)), amounts, moneys, strict=True)
    return [(day, float(amount), money if isinstance(money, str) else "") for day, amount, money in rows if amount > 0]


def _distributions(
    dividends: list[tuple[int, float, str]], gains: list[tuple[int, float, str]], currency: str
) -> tuple[tuple[int, float], ...] | None:
    """Return what was paid on each day, in the major unit of the closes; None if something was paid in another money.

    A fund's capital gain is added to the dividend of the day, unless that is at least as large: then it holds the gain.
    """
    paid: dict[int, float] = {}
    for day, amount, money in dividends:
        own = money or currency
        if major(own) != major(currency):
            return None
        paid[day] = paid.get(day, 0.0) + amount * _scale(own)
    gained: dict[int, float] = {}
    for day, amount, _ in gains:
        gained[day] = gained.get(day, 0.0) + amount * _scale(currency)
    for day, amount in gained.items():
        if paid.get(day, 0.0) < amount:
            paid[day] = paid.get(day, 0.0) + amount
    return tuple(sorted(paid.items()))


def _scale(currency: str) -> float:
    return 0.01 if currency in HUNDREDTHS else 1.0


def _days(index: pd.DatetimeIndex) -> tuple[int, ...]:
    # The date of a bar is the exchange's, which the zone-aware index shows as wall time.
    return tuple(int(n) for n in index.tz_localize(None).to_numpy().astype("datetime64[D]").astype("int64"))


def _unfinished(about: Mapping[str, Any]) -> int | None:
    """Return the day of the newest trade if its session was not over then."""
    traded = _seconds(about.get("regularMarketTime"))
    try:
        regular = about["currentTradingPeriod"]["regular"]
        start, end = _seconds(regular["start"]), _seconds(regular["end"])
    except (LookupError, TypeError):
        return None
    # Once a session is over the period may be that of the next one: the last trade then lies before its start.
    if traded is None or start is None or end is None or not start <= traded < end:
        return None
    offset = about.get("gmtoffset")
    return int((traded + (offset if isinstance(offset, (int, float)) else 0)) // 86_400)


def _seconds(moment: Any) -> float | None:
    """Return seconds since 1970 of a number or of a moment with a zone."""
    if isinstance(moment, dt.datetime):
        return moment.timestamp()
    return float(moment) if isinstance(moment, (int, float)) else None

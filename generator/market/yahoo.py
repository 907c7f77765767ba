"""Yahoo Finance through `yfinance`, the only module that imports it.

One request a symbol, with yfinance's exceptions unhidden so that each cause keeps its own name. Closes are asked for
without adjustment for dividends, which come beside them. When to ask, and what of an answer to keep, is decided
elsewhere.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.errors import DiskError
from generator.market.fundamentals import FIELDS
from generator.market.providers import (
    Bars,
    NothingNew,
    ProviderError,
    ProviderFault,
    RateLimited,
    Snapshot,
    UnknownSymbol,
)
from generator.market.records import Basis, Instrument

if TYPE_CHECKING:
    import pandas as pd

# Quotes in hundredths, by Yahoo's code: pence, agorot, cents.
_HUNDREDTHS = {"GBp": "GBP", "GBX": "GBP", "ILA": "ILS", "ZAc": "ZAR"}
_ABOUT = ("currency", "exchangeName", "exchangeTimezoneName", "regularMarketTime", "currentTradingPeriod", "gmtoffset")
_GONE = ("delisted", "not found", "no data found")
_NO_DAYS = ("data doesn't exist", "start date")
_NO_FUNDAMENTALS = "no fundamentals data"
_FUNDS = frozenset({"etf", "fund"})
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


class Yahoo:
    """A provider of split-adjusted closes, dividends, splits and fundamentals from Yahoo Finance.

    Args:
        cache: A folder for yfinance's own cache; it may be deleted at any time.
        timeout: Seconds to wait for an answer. Before the first bars of a symbol yfinance looks up its time zone, and
            once a run a cookie and a crumb; for these it waits as long as it says itself (10 and 30 s).
    """

    name = "yahoo"
    remote = True
    label = "yahoo"
    basis: Basis = "split_adjusted"

    def __init__(self, cache: Path, timeout: float = 20.0) -> None:
        self._cache, self._timeout = cache, timeout
        self._library: Any = None

    def fetch(self, instrument: Instrument, start: dt.date | None, end: dt.date) -> Bars:  # noqa: ARG002 - see below
        """Return the bars from `start` on as Yahoo gave them, unfinished, strange and later ones included.

        `end` is not passed on: with an end in the past yfinance would keep the answer, and a failure just as well, for
        as long as the process lives.

        Raises:
            UnknownSymbol, NothingNew, RateLimited, ProviderFault: There are none to return.
        """
        symbol, library = instrument.symbol(self.name), self._loaded()
        asked: dict[str, Any] = {"start": start.isoformat()} if start else {"period": "max"}
        try:
            ticker = library.Ticker(symbol)
            frame, about, paid_in = self._history(ticker, asked)
        except library.exceptions.YFTzMissingError:
            # Any refusal looks like this while the time zone is not known; this question needs none, and tells why.
            try:
                frame, about, paid_in = self._history(library.Ticker(symbol), {"period": "5d"})
            except _failures(library) as error:
                raise self._classified(error, symbol) from error
            raise ProviderFault(f"Yahoo gave no time zone for {symbol}, and bars all the same") from None
        except _failures(library) as error:
            raise self._classified(error, symbol) from error
        if frame.empty:
            raise NothingNew(f"Yahoo has no bar of {symbol} from {start or 'the first day'} on")
        return _bars(frame, about, paid_in)

    def snapshot(self, instrument: Instrument) -> Snapshot:
        """Return the fundamentals that Yahoo shows now; what is missing or cannot be is left out.

        Raises:
            UnknownSymbol, NothingNew, RateLimited, ProviderFault: There are none to return.
        """
        symbol, library = instrument.symbol(self.name), self._loaded()
        ticker = None
        try:
            ticker = library.Ticker(symbol)
            info = ticker.info
        except library.exceptions.YFRateLimitError as error:
            raise self._classified(error, symbol) from error
        except _failures(library) as error:
            # What it asks for last is not among the fields. When only that fails, all else is there already, and
            # looking again sends no request.
            info = getattr(ticker, "info", None)
            if not info:
                raise self._classified(error, symbol) from error
        values = _values(info, is_fund=instrument.kind in _FUNDS)
        if not values:
            raise NothingNew(f"Yahoo has no fundamentals of {symbol}")
        return Snapshot(values, _major(info.get("currency")))

    def _history(
        self, ticker: Any, asked: Mapping[str, Any]
    ) -> tuple[pd.DataFrame, dict[str, Any], pd.Series[str] | None]:
        try:
            frame = ticker.history(interval="1d", auto_adjust=False, actions=True, timeout=self._timeout, **asked)
        except self._loaded().exceptions.YFPricesMissingError as error:
            if error.yahoo_reason is None and "exchangeTimezoneName" not in ticker.history_metadata:
                # An answer without bars says at least what it is of.
                raise ProviderFault(f"Yahoo's answer holds nothing about {error.ticker}") from error
            raise
        # Taking the whole mapping, and not key by key, would send another request.
        metadata = ticker.history_metadata
        about = {key: metadata[key] for key in _ABOUT if key in metadata}
        # The frame leaves out in which currency dividends are, where Yahoo says so.
        paid: Any = getattr(getattr(ticker, "_price_history", None), "_dividends", None)
        return frame, about, paid["currency"] if getattr(paid, "ndim", 0) == 2 and "currency" in paid else None

    def _classified(self, error: Exception, symbol: str) -> ProviderError:
        """Return what happened, in the order in which yfinance's exceptions tell causes apart."""
        library = self._loaded()
        response = getattr(error, "response", None)
        status = getattr(response, "status_code", None)
        reason = str(getattr(error, "yahoo_reason", None) or "")
        if status == 429 or isinstance(error, library.exceptions.YFRateLimitError):
            return RateLimited("Yahoo refuses for now: too many requests")
        if status == 404 and _NO_FUNDAMENTALS in str(getattr(response, "text", "")).lower():
            return NothingNew(f"Yahoo has no fundamentals of {symbol}")
        if status == 404 or any(word in reason.lower() for word in _GONE):
            return UnknownSymbol(f"Yahoo does not know {symbol}" + (f": {reason}" if reason else ""))
        if isinstance(error, library.exceptions.YFPricesMissingError) and (
            not reason or any(words in reason.lower() for words in _NO_DAYS)
        ):
            return NothingNew(f"Yahoo has no new bar of {symbol}" + (f": {reason}" if reason else ""))
        # Look-ups of time zones are kept in memory, failed ones too; the next attempt has to ask again.
        library.data.YfData.cache_get.cache_clear()
        return ProviderFault(f"Yahoo could not be read for {symbol}: {type(error).__name__}: {str(error)[:200]}")

    def _loaded(self) -> Any:
        if self._library is None:
            import yfinance

            try:
                # Made beforehand: threads that race to make it would leave yfinance without a cache.
                self._cache.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise DiskError(f"the folder {self._cache} cannot be made: {error.strerror}") from error
            yfinance.set_tz_cache_location(str(self._cache))
            yfinance.config.debug.hide_exceptions = False
            warnings.filterwarnings("ignore", category=DeprecationWarning, module="^yfinance")
            # What it logs is in the errors already.
            logging.getLogger("yfinance").setLevel(logging.CRITICAL)
            self._library = yfinance
        return self._library


def _failures(library: Any) -> tuple[type[Exception], ...]:
    # The last four are how yfinance takes an answer that is cut short or not what it expects.
    return (library.exceptions.YFException, OSError, LookupError, ValueError, TypeError, AttributeError)


def _bars(frame: pd.DataFrame, about: Mapping[str, Any], paid_in: pd.Series[str] | None) -> Bars:
    """Return the bars of a frame of yfinance, row by row, in major units."""
    import pandas as pd

    days = _days(pd.DatetimeIndex(frame.index))
    currency = str(about.get("currency") or "")
    scale = _scale(currency)

    def column(name: str, factor: float = 1.0) -> tuple[float, ...]:
        return tuple(float(v) * factor for v in frame[name]) if name in frame else (math.nan,) * len(days)

    named = {} if paid_in is None else dict(zip(_days(pd.DatetimeIndex(paid_in.index)), paid_in, strict=True))
    exchange = about.get("exchangeName")
    return Bars(
        days,
        column("Close", scale),
        "split_adjusted",
        column("Open", scale),
        column("High", scale),
        column("Low", scale),
        column("Volume"),
        _distributions(days, column("Dividends"), column("Capital Gains"), currency, named),
        tuple((d, r) for d, r in zip(days, column("Stock Splits"), strict=True) if r > 0),
        _major(currency),
        currency if currency in _HUNDREDTHS else None,
        str(exchange) if exchange else None,
        _unfinished(about),
    )


def _distributions(
    days: tuple[int, ...],
    dividends: tuple[float, ...],
    gains: tuple[float, ...],
    currency: str,
    named: Mapping[int, str],
) -> tuple[tuple[int, float], ...] | None:
    """Return what was paid on each day, in the major unit of the closes; None if something was paid in another money.

    A fund's capital gain is added to the dividend of the day, unless that is at least as large: then it holds the gain.
    """
    found: list[tuple[int, float]] = []
    for day, dividend, gain in zip(days, dividends, gains, strict=True):
        own = named.get(day) or currency
        if dividend > 0 and _major(own) != _major(currency):
            return None
        paid = (dividend if dividend > 0 else 0.0) * _scale(own)
        gained = (gain if gain > 0 else 0.0) * _scale(currency)
        if paid or gained:
            found.append((day, paid if paid >= gained else paid + gained))
    return tuple(found)


def _values(info: Mapping[str, Any], *, is_fund: bool) -> dict[str, float]:
    """Return what can be used among yfinance's `info`, by our names."""
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


def _major(currency: object) -> str | None:
    return _HUNDREDTHS.get(str(currency), str(currency)) if currency else None


def _scale(currency: str) -> float:
    return 0.01 if currency in _HUNDREDTHS else 1.0


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

"""Yahoo Finance through `yfinance`, the only module that imports it.

One request a symbol, at a polite pace, with yfinance's exceptions unhidden so that each cause keeps its own name.
Closes are asked for without adjustment for dividends, which come beside them.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.errors import DiskError
from generator.market.providers import (
    Bars,
    NothingNew,
    ProviderError,
    ProviderFault,
    RateLimited,
    UnknownSymbol,
    day_number,
)
from generator.market.records import Basis, Instrument

if TYPE_CHECKING:
    import pandas as pd

# Quotes in hundredths, by Yahoo's code: pence, agorot, cents.
_HUNDREDTHS = {"GBp": "GBP", "GBX": "GBP", "ILA": "ILS", "ZAc": "ZAR"}
_ABOUT = ("currency", "regularMarketTime", "currentTradingPeriod", "gmtoffset")
_GONE = ("delisted", "not found", "no data found")


class Yahoo:
    """A provider of split-adjusted closes, dividends and splits from Yahoo Finance.

    Args:
        cache: A folder for yfinance's own cache; it may be deleted at any time.
        pause: Seconds between the starts of two requests.
        timeout: Seconds to wait for an answer.
        wait: What sleeps.
    """

    name = "yahoo"
    remote = True
    label = "yahoo"
    basis: Basis = "split_adjusted"

    def __init__(
        self, cache: Path, pause: float = 1.0, timeout: float = 20.0, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._cache, self._pause, self._timeout, self._wait = cache, pause, timeout, wait
        self._library: Any = None
        self._next = 0.0

    def fetch(self, instrument: Instrument, start: dt.date | None, end: dt.date) -> Bars:
        """Return the bars from `start` to `end`, both included, without a bar of a session that is not over.

        Raises:
            UnknownSymbol, NothingNew, RateLimited, ProviderFault: There are none to return.
        """
        symbol = instrument.symbol(self.name)
        library = self._loaded()
        now = time.monotonic()
        if now < self._next:
            self._wait(self._next - now)
        self._next = max(now, self._next) + self._pause
        # Without `end` the answer is not kept in yfinance's memory, where a failure would stay for the whole run.
        asked: dict[str, Any] = {"start": start.isoformat()} if start else {"period": "max"}
        ticker = library.Ticker(symbol)
        try:
            frame = ticker.history(interval="1d", auto_adjust=False, actions=True, timeout=self._timeout, **asked)
            # Taking the whole mapping, and not key by key, would send another request.
            metadata = ticker.history_metadata
            about = {key: metadata[key] for key in _ABOUT if key in metadata}
        except (library.exceptions.YFException, OSError, LookupError, ValueError, TypeError, AttributeError) as error:
            # The last four are how yfinance takes an answer that is cut short or not what it expects.
            raise _classified(error, symbol, library) from error
        bars = _bars(frame, about).between(None if start is None else day_number(start), day_number(end))
        if not bars.days:
            raise NothingNew(f"Yahoo has no bar of {symbol} from {start or 'the first day'} to {end}")
        return bars

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


def _classified(error: Exception, symbol: str, library: Any) -> ProviderError:
    """Return what happened, in the order in which yfinance's exceptions tell causes apart."""
    known = library.exceptions
    if isinstance(error, known.YFRateLimitError):
        return RateLimited("Yahoo refuses for now: too many requests")
    status = getattr(getattr(error, "response", None), "status_code", None)
    reason = str(getattr(error, "yahoo_reason", None) or "")
    if status == 429:
        return RateLimited("Yahoo refuses for now: too many requests")
    if status == 404 or isinstance(error, known.YFTzMissingError) or any(word in reason.lower() for word in _GONE):
        return UnknownSymbol(f"Yahoo does not know {symbol}" + (f": {reason}" if reason else ""))
    if isinstance(error, known.YFPricesMissingError):
        return NothingNew(f"Yahoo has no new bar of {symbol}" + (f": {reason}" if reason else ""))
    return ProviderFault(f"Yahoo could not be read for {symbol}: {type(error).__name__}: {str(error)[:200]}")


def _bars(frame: pd.DataFrame, about: dict[str, Any]) -> Bars:
    """Return the bars of a frame of yfinance; a row without a close is no bar yet."""
    import pandas as pd

    if frame.empty:
        return Bars((), (), "split_adjusted")
    # The date of a bar is the exchange's, which the zone-aware index shows as wall time.
    dates = pd.DatetimeIndex(frame.index).tz_localize(None).to_numpy().astype("datetime64[D]")
    days = [int(n) for n in dates.astype("int64")]
    currency = about.get("currency")
    scale = 0.01 if currency in _HUNDREDTHS else 1.0
    unfinished = _unfinished(about)

    def column(name: str, factor: float = 1.0) -> list[float]:
        return [float(v) * factor for v in frame[name]] if name in frame else [math.nan] * len(days)

    close = column("Close", scale)
    rows = {d: i for i, d in enumerate(days) if math.isfinite(close[i]) and close[i] > 0 and d != unfinished}
    kept = sorted(rows)

    def cut(values: list[float]) -> tuple[float, ...]:
        return tuple(values[rows[d]] for d in kept)

    def events(name: str, factor: float) -> tuple[tuple[int, float], ...]:
        amounts = column(name, factor)
        return tuple(sorted({d: a for d, a in zip(days, amounts, strict=True) if a > 0 and d != unfinished}.items()))

    return Bars(
        tuple(kept),
        cut(close),
        "split_adjusted",
        cut(column("Open", scale)),
        cut(column("High", scale)),
        cut(column("Low", scale)),
        cut(column("Volume")),
        events("Dividends", scale),
        events("Stock Splits", 1.0),
        _HUNDREDTHS.get(str(currency), str(currency)) if currency else None,
    )


def _unfinished(about: dict[str, Any]) -> int | None:
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

"""Yahoo Finance through `yfinance`, the only module that imports it.

One request a symbol, with yfinance's exceptions unhidden so that each cause keeps its own name. Closes are asked for
without adjustment for dividends, which come beside them. When to ask, and what of an answer to keep, is decided
elsewhere.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import traceback
import warnings
from pathlib import Path
from typing import Any

from thesisvault.errors import DiskError
from thesisvault.market.bars import Bars, Snapshot
from thesisvault.market.records import Basis, Instrument, major
from thesisvault.market.sources.provider import (
    Listed,
    NothingNew,
    ProviderError,
    ProviderFault,
    RateLimited,
    UnknownSymbol,
)
from thesisvault.market.sources.yahoo_answers import bars_of, listed_of, values_of
from thesisvault.workspace import make_folder

_GONE = ("delisted", "not found", "no data found")
_NO_DAYS = ("data doesn't exist", "start date")
_NO_FUNDAMENTALS = "no fundamentals data"
_PROBE = "^GSPC"
_FIRST_ZONE = "Pacific/Auckland"
_FUNDS = frozenset({"etf", "fund"})


class Yahoo:
    """A provider of split-adjusted closes, dividends, splits and fundamentals from Yahoo Finance.

    Args:
        cache: A folder for yfinance's own cache; it may be deleted at any time.
        timeout: Seconds to wait for an answer. Once a run yfinance asks for a cookie and a crumb; for these it waits
            as long as it says itself (30 s).
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
            ticker = self._ticker(symbol)
            frame = self._history(ticker, asked)
        except _failures(library) as error:
            raise self._classified(error, symbol) from error
        if start:  # where the zone was not known yet, the day before may have come along
            frame = frame[frame.index.tz_localize(None) >= dt.datetime.combine(start, dt.time())]
        if frame.empty:
            raise NothingNew(f"Yahoo has no bar of {symbol} from {start or 'the first day'} on")
        # Beside the frame yfinance keeps when and in which money things were paid; it has no other name for it.
        return bars_of(frame, ticker.history_metadata, getattr(ticker, "_price_history", None))

    def probe(self) -> None:
        """Ask for the last days of an index that Yahoo has had for as long as it has any.

        Raises:
            UnknownSymbol, NothingNew, RateLimited, ProviderFault: As `fetch`.
        """
        library = self._loaded()
        try:
            self._history(self._ticker(_PROBE), {"period": "5d"})
        except _failures(library) as error:
            raise self._classified(error, _PROBE) from error

    def describe(self, symbol: str) -> Listed:
        """Return what the answer with the last few bars says of a symbol.

        Raises:
            UnknownSymbol, NothingNew, RateLimited, ProviderFault: As `fetch`.
        """
        library = self._loaded()
        try:
            ticker = self._ticker(symbol)
            self._history(ticker, {"period": "5d"})
            return listed_of(ticker.history_metadata)
        except _failures(library) as error:
            raise self._classified(error, symbol) from error

    def snapshot(self, instrument: Instrument) -> Snapshot:
        """Return the fundamentals that Yahoo shows now; what is missing or cannot be is left out.

        Raises:
            UnknownSymbol, NothingNew, RateLimited, ProviderFault: There are none to return.
        """
        symbol, library = instrument.symbol(self.name), self._loaded()
        ticker, info = None, None
        try:
            ticker = library.Ticker(symbol)
            info = ticker.info
        except library.exceptions.YFRateLimitError as error:
            raise self._classified(error, symbol) from error
        except _failures(library) as error:
            # What it asks for last is not among the fields. When only that fails, all else is there already, and
            # looking again sends no request.
            if ticker is not None:
                with contextlib.suppress(*_failures(library)):
                    info = ticker.info
            if not info:
                raise self._classified(error, symbol) from error
        values = values_of(info, is_fund=instrument.kind in _FUNDS)
        if not values:
            raise NothingNew(f"Yahoo has no fundamentals of {symbol}")
        return Snapshot(values, major(str(info.get("currency") or "")) or None)

    def _ticker(self, symbol: str) -> Any:
        """Return what yfinance asks for a symbol with, so that bars are the first thing it asks for.

        Before the first bars it would look up the time zone, which those bars tell as well. It needs one only to know
        when the first day begins; until then one serves in which days begin earlier than wherever anything is traded.
        """
        ticker, zones = self._loaded().Ticker(symbol), self._loaded().cache.get_tz_cache()
        if zones.lookup(ticker.ticker) is None:
            zones.store(ticker.ticker, _FIRST_ZONE)
        return ticker

    def _history(self, ticker: Any, asked: dict[str, Any]) -> Any:
        try:
            frame = ticker.history(interval="1d", auto_adjust=False, actions=True, timeout=self._timeout, **asked)
            zones, zone = self._loaded().cache.get_tz_cache(), ticker.history_metadata["exchangeTimezoneName"]
            if zones.lookup(ticker.ticker) != zone:
                zones.store(ticker.ticker, zone)
            return frame
        except self._loaded().exceptions.YFPricesMissingError as error:
            if error.yahoo_reason is None and "exchangeTimezoneName" not in ticker.history_metadata:
                # An answer without bars says at least what it is of.
                raise ProviderFault("an answer from Yahoo that is empty") from error
            raise

    def _classified(self, error: Exception, symbol: str) -> ProviderError:
        """Return what happened, in the order in which yfinance's exceptions tell causes apart."""
        library = self._loaded()
        response = getattr(error, "response", None)
        status = getattr(response, "status_code", None) or _status_behind(error)
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
        # Some answers are kept in memory, failed ones too; the next attempt has to ask again.
        library.data.YfData.cache_get.cache_clear()
        return ProviderFault(_in_words(error, status))

    def _loaded(self) -> Any:
        if self._library is None:
            import yfinance

            try:
                # Made beforehand: threads that race to make it would leave yfinance without a cache.
                make_folder(self._cache, self._cache.parent.parent)
            except OSError as error:
                raise DiskError(f"the folder {self._cache} cannot be made: {error.strerror}") from error
            yfinance.set_tz_cache_location(str(self._cache))
            yfinance.config.debug.hide_exceptions = False
            warnings.filterwarnings("ignore", category=DeprecationWarning, module="^yfinance")
            # What it logs is in the errors already.
            logging.getLogger("yfinance").setLevel(logging.CRITICAL)
            self._library = yfinance
        return self._library


def _status_behind(error: Exception) -> int | None:
    """Return the status of the answer that an error is about.

    An answer is taken for JSON before anybody looks at its status, and the error that comes of that does not carry it;
    the place where it was raised does.
    """
    found = None
    for frame, _ in traceback.walk_tb(error.__traceback__):
        status = getattr(frame.f_locals.get("data"), "status_code", None)
        found = status if isinstance(status, int) else found
    return found


def _in_words(error: Exception, status: int | None) -> str:
    """Return what went wrong between here and Yahoo, in the words of a person and not of a client."""
    if status is not None and status >= 400:
        return f"{status} from Yahoo"
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if kinds & {"Timeout", "TimeoutError"}:
        return "Yahoo did not answer in time"
    if kinds & {"SSLError", "CertificateVerifyError"}:
        return "no secure connection to Yahoo"
    if kinds & {"IncompleteRead", "ChunkedEncodingError", "ContentDecodingError"}:
        return "an answer from Yahoo that breaks off"
    if isinstance(error, OSError):
        return "Yahoo cannot be reached"
    return "an answer from Yahoo that cannot be read"


def _failures(library: Any) -> tuple[type[Exception], ...]:
    # The last four are how yfinance takes an answer that is cut short or not what it expects.
    return (library.exceptions.YFException, OSError, LookupError, ValueError, TypeError, AttributeError)

"""The macro series of FRED, by its CSV download, which needs no key."""

from __future__ import annotations

import datetime as dt
import http.client
import ssl
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from thesisvault.market.bars import Bars
from thesisvault.market.records import Basis, Instrument
from thesisvault.market.sources.files.reader import read_values
from thesisvault.market.sources.provider import NothingNew, ProviderError, ProviderFault, RateLimited, UnknownSymbol

ADDRESS = "https://fred.stlouisfed.org/graph/fredgraph.csv"
_PROBE = Instrument("DGS10", "Ten-year yield", "macro")
_LARGEST = 50_000_000
_CHUNK = 65_536


class Fred:
    """A provider of macro values from FRED.

    Args:
        address: Where the CSV download is.
        timeout: Seconds that a download may take from the first step to the last byte.
    """

    name = "fred"
    remote = True
    label = "fred"
    basis: Basis = "value"

    def __init__(self, address: str = ADDRESS, timeout: float = 20.0) -> None:
        if not address.startswith(("https://", "http://")):
            raise ValueError(f"{address} is no web address")
        self._address, self._timeout = address, timeout

    def fetch(self, instrument: Instrument, start: dt.date | None, end: dt.date) -> Bars:
        """Return the observations from `start` to `end`, both included, as FRED gave them.

        Raises:
            UnknownSymbol, NothingNew, RateLimited, ProviderFault: There are none to return.
        """
        series = instrument.symbol(self.name)
        asked = {"id": series, "coed": end.isoformat()} | ({"cosd": start.isoformat()} if start else {})
        text = self._download(f"{self._address}?{urllib.parse.urlencode(asked)}", series)
        values = read_values(text.replace("\r\n", "\n"), f"FRED's answer for {series}", series)
        if values.remarks:
            raise ProviderFault(values.remarks[0].text)
        if not values.days:
            raise NothingNew(f"FRED has no observation of {series} from {start or 'the first day'} to {end}")
        return values

    def probe(self) -> Bars:
        """Ask for a month of a series that FRED has had for decades.

        Raises:
            UnknownSymbol, NothingNew, RateLimited, ProviderFault: As `fetch`.
        """
        return self.fetch(_PROBE, dt.date(2020, 1, 1), dt.date(2020, 1, 31))

    def _download(self, url: str, series: str) -> str:
        download = _Download(url, series, self._timeout)
        download.start()
        # Every wait for a socket has a limit of its own; a server that sends a byte now and then keeps to each of them.
        download.join(self._timeout)
        if download.is_alive():
            raise ProviderFault("FRED did not answer in time")
        if download.error is not None:
            raise download.error
        return download.body.decode("utf-8", errors="replace")


class _UnusableError(OSError):
    """What came cannot be used; the text says why."""


def _in_words(reason: object) -> str:
    """Return what went wrong between here and FRED, in the words of a person and not of a library."""
    if isinstance(reason, _UnusableError):
        return str(reason)
    if isinstance(reason, TimeoutError):
        return "FRED did not answer in time"
    if isinstance(reason, ssl.SSLError):
        return "no secure connection to FRED"
    if isinstance(reason, http.client.IncompleteRead):
        return "an answer from FRED that breaks off"
    if isinstance(reason, http.client.HTTPException):
        return "an answer from FRED that cannot be read"
    return "FRED cannot be reached"


class _Download(threading.Thread):
    """A download that can be left alone when it takes too long; it ends by itself soon after."""

    def __init__(self, url: str, series: str, timeout: float) -> None:
        super().__init__(name=f"FRED {series}", daemon=True)
        self._url, self._series, self._timeout = url, series, timeout
        self._deadline = time.monotonic() + timeout
        self.body = b""
        self.error: ProviderError | None = None

    def run(self) -> None:
        """Fill in the body or the error."""
        try:
            self.body = self._read()
        except urllib.error.HTTPError as error:
            error.close()
            self.error = self._refused(error.code)
        except (OSError, http.client.HTTPException) as error:
            self.error = ProviderFault(_in_words(getattr(error, "reason", None) or error))

    def _read(self) -> bytes:
        headers = {"User-Agent": "thesisvault", "Accept": "text/csv"}
        request = urllib.request.Request(self._url, headers=headers)  # noqa: S310 - the scheme was checked
        chunks: list[bytes] = []
        size = 0
        with urllib.request.build_opener().open(request, timeout=self._timeout) as answer:
            announced = answer.headers.get("Content-Length")
            while chunk := answer.read1(_CHUNK):
                chunks.append(chunk)
                size += len(chunk)
                if time.monotonic() > self._deadline:
                    raise TimeoutError
                if size > _LARGEST:
                    raise _UnusableError("an answer from FRED that is too large")
        if announced is not None and announced.isdigit() and size < int(announced):
            raise _UnusableError("an answer from FRED that breaks off")
        return b"".join(chunks)

    def _refused(self, status: int) -> ProviderError:
        if status in (400, 404):
            return UnknownSymbol(f"FRED has no series {self._series}")
        if status in (403, 429):
            return RateLimited(f"FRED refuses for now ({status})")
        return ProviderFault(f"{status} from FRED")
